/*
 * nodes_kernel.h: the block of nodes.h, and the kernels that use it. Private.
 *
 * The block is the header, then these arrays in this order; where the forest
 * is narrow, cuts and leaves are floats, else doubles:
 *
 *   bases    (n_margins,)     double
 *   views    (n_views,)       view
 *   coarse   (n_views, 16)    the last of each 16 of the next
 *   fine     (n_views, 256)   the cuts, ascending; NaN behind them
 *   targets  (n_groups, 16)   uint32  the margin of each tree
 *   depths   (n_groups,)      uint32  of all 16 trees, padded to it
 *   nodes    (n_words, 16, 64)  bytes of nodes, see below
 *   leaves   (n_leaves,)      see below
 *
 * A group is 16 trees. The nodes of a tree by their places, from the root at 1
 * on, are words of 32: for each tree, the columns of all its places, then the
 * cuts of all, less 128. One word holds five levels and two hold six; of trees
 * that are deeper, one word holds the upper five. The leaves of a tree of depth
 * 6 or less stand in the order of their places.
 *
 * A deeper tree has 32 bushes of three levels instead, each with its eight
 * leaves, so that a row takes one cache line of them, or two: 8 columns and 8
 * cuts by their places, then the leaves, to BUSH bytes a number's width.
 */
#ifndef AQI_MODEL_NODES_KERNEL_H
#define AQI_MODEL_NODES_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/block.h"
#include "model/nodes.h"

/* The trees of a group: as many as the widest vectors have words. */
#define TREES 16

/* Groups of which all masks are made before they are walked: what is stored in
 * parts and loaded as a whole is waited for, unless it was stored long ago. */
#define GROUPS 4

/* No column of any register: for the side that no node of a view has. */
#define SPARE AQI_NODES_COLUMNS

struct aqi_nodes_header {
	struct aqi_block_seal seal;
	uint32_t is_wide;
	uint32_t n_columns;
	uint64_t n_inputs, n_margins, n_views, n_groups;
	uint64_t n_words;	/* of one tree of each group */
	uint64_t n_leaves;	/* and what is laid out as such, in numbers */
	char reserved[40];	/* zeros */
};

_Static_assert(sizeof(struct aqi_nodes_header) == 128,
	       "the header is two lines");

/* The columns in which missing values have the rank 255, and 0. */
struct aqi_nodes_view {
	uint32_t input;
	uint32_t rule;		/* enum aqi_view_rule */
	uint32_t right, left;	/* SPARE: none */
};

struct aqi_nodes_group {
	size_t depth;
	size_t n_words;		/* of each tree */
	const unsigned char *nodes;
	const void *leaves;
	const uint32_t *targets;
};

typedef void aqi_nodes_fn(const struct aqi_nodes *nodes, const double *x,
			  size_t n_rows, double *margin);

/* A view of the block, and the block itself when it is ours. */
struct aqi_nodes {
	const struct aqi_nodes_header *header;
	const double *bases;
	const struct aqi_nodes_view *views;
	const void *coarse, *fine;
	struct aqi_nodes_group *groups;	/* (n_groups,) */
	aqi_nodes_fn *predict;
	void *owned;
};

/* Numbers in a bush: of 16 for the nodes, 8 leaves, and no more than keep it on
 * as few cache lines as can be. */
#define BUSH 16
#define BUSHES 32
#define CROWN 5		/* levels above the bushes */

/* Where the leaves of a bush begin, in numbers. */
#define BUSH_LEAVES(width) (16 / (width))

/* Words of a tree whose group has such a depth. */
static inline size_t
aqi_nodes_words(size_t depth)
{
	return depth == 6 ? 2 : 1;
}

/* Numbers of a tree's leaves, or bushes. */
static inline size_t
aqi_nodes_leaves(size_t depth)
{
	return depth <= 6 ? (size_t)1 << depth : BUSHES * BUSH;
}

/* Leaves that were found and are still to be added. */
struct found {
	const struct aqi_nodes_group *groups;
	size_t n;
	uint32_t at[GROUPS][TREES];
};

/* Add the leaves of a group to one margin, in the order of the trees. */
static inline __attribute__((always_inline)) double
add_leaves(const struct aqi_nodes_group *group, const uint32_t *at, double sum,
	   bool is_wide)
{
	float narrow = (float)sum;

	if (is_wide) {
#pragma GCC unroll 16
		for (size_t k = 0; k < TREES; k++)
			sum += ((const double *)group->leaves)[at[k]];
		return sum;
	}
#pragma GCC unroll 16
	for (size_t k = 0; k < TREES; k++)
		narrow += ((const float *)group->leaves)[at[k]];
	return (double)narrow;
}

aqi_nodes_fn aqi_nodes_portable;
aqi_nodes_fn aqi_nodes_avx2;
aqi_nodes_fn aqi_nodes_avx512;

#endif
