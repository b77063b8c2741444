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
 *   nodes    of each group (8, its lines, 64)  bytes, n_lines * 8 in all
 *   leaves   (n_leaves,)      see below
 *
 * A group is 16 trees, in pairs. A node is a column and a cut, less 128, of a
 * byte each, and stands by its place in the tree, from the root at 1 on. Five
 * levels have 32 places and six have 64; of trees that are deeper, the upper
 * five levels are here. A pair is so many lines of 64 bytes:
 *
 *   2, five levels or less: the columns of one tree and of the other, their
 *      cuts
 *   3, six levels and no more than 16 columns: the columns of both, two in a
 *      byte, of the first tree in the lower four bits; the cuts of the first;
 *      of the other
 *   4, six levels: the columns of one tree, its cuts; those of the other
 *
 * Three lines are less to do than four, and what 300 trees have of them is in
 * the cache's first level. The leaves of a tree of depth 6 or less stand in the
 * order of their places.
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

/* No column of any register: for the side that no node of a view has. */
#define SPARE AQI_NODES_COLUMNS

struct aqi_nodes_header {
	struct aqi_block_seal seal;
	uint32_t is_wide;
	uint32_t n_columns;
	uint64_t n_inputs, n_margins, n_views, n_groups;
	uint64_t n_lines;	/* of one pair of each group */
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
	size_t n_lines;		/* of each pair */
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

/* Lines of a pair whose group has such a depth. */
static inline size_t
aqi_nodes_lines(size_t depth, size_t n_columns)
{
	return depth != 6 ? 2 : n_columns <= 16 ? 3 : 4;
}

/* Words of 32 places that a tree has in a pair of so many lines. */
static inline size_t
aqi_nodes_words(size_t n_lines)
{
	return n_lines == 2 ? 1 : 2;
}

/* Where in a pair a tree is. */
struct aqi_nodes_tree {
	size_t columns, cuts;	/* in bytes, of place 0 */
	unsigned shift, mask;	/* what of a byte is its column */
};

/* k  0 or 1, the tree of the pair */
static inline struct aqi_nodes_tree
aqi_nodes_tree(size_t n_lines, size_t k)
{
	if (n_lines == 2)
		return (struct aqi_nodes_tree){32 * k, 64 + 32 * k, 0, 255};
	if (n_lines == 3)
		return (struct aqi_nodes_tree){0, 64 + 64 * k,
					       4 * (unsigned)k, 15};
	return (struct aqi_nodes_tree){128 * k, 128 * k + 64, 0, 255};
}

/* Numbers of a tree's leaves, or bushes. */
static inline size_t
aqi_nodes_leaves(size_t depth)
{
	return depth <= 6 ? (size_t)1 << depth : BUSHES * BUSH;
}

/* The margin of a row so far, in the one width or the other: to turn it from
 * group to group would cost as much as three trees. */
struct sum {
	double wide;
	float narrow;
};

static inline __attribute__((always_inline)) struct sum
add_leaf(struct sum sum, const void *leaves, uint32_t at, bool is_wide)
{
	if (is_wide)
		sum.wide += ((const double *)leaves)[at];
	else
		sum.narrow += ((const float *)leaves)[at];
	return sum;
}

/* Add the leaves of a group, in the order of the trees. */
static inline __attribute__((always_inline)) struct sum
add_leaves(struct sum sum, const struct aqi_nodes_group *group,
	   const uint32_t *at, bool is_wide)
{
#pragma GCC unroll 16
	for (size_t k = 0; k < TREES; k++)
		sum = add_leaf(sum, group->leaves, at[k], is_wide);
	return sum;
}

/* The same, each to the margin that is its tree's. */
static inline void
add_to_targets(const struct aqi_nodes_group *group, const uint32_t *at,
	       double *margin, bool is_wide)
{
	for (size_t k = 0; k < TREES; k++) {
		double *sum = &margin[group->targets[k]];

		if (is_wide)
			*sum += ((const double *)group->leaves)[at[k]];
		else
			*sum = (double)((float)*sum + ((const float *)
						       group->leaves)[at[k]]);
	}
}

aqi_nodes_fn aqi_nodes_portable;
aqi_nodes_fn aqi_nodes_avx2;
aqi_nodes_fn aqi_nodes_avx512;

#endif
