/*
 * forest_block.h: the inner layout of a forest's block. Private: for forest.c,
 * the kernels, which use blocks, and forest_builder.c, which makes them.
 *
 * The block is the header, then these arrays in this order:
 *
 *   bases      (n_margins,)   double
 *   views      (n_views,)     view
 *   targets    (n_trees,)     uint32  the tree's margin, and the flag
 *                                     AQI_FOREST_REPEATS
 *   roots      (n_trees + 1,) uint32  first node of each tree, and the end
 *   nodes      (n_nodes,)     node
 *   ids        (n_nodes,)     uint32  the node's number in the file
 *   covers     (n_nodes,)     float   where it has them
 *   gains      (n_nodes,)     float   where it has them
 *   sets       (n_sets + 1,)  uint32  first member of each set, and the end
 *   members    (n_members,)   double  of each set from least to greatest
 *   constants  (n_linear,)    double  of leaves that are linear functions
 *   firsts     (n_linear + 1,) uint32 first term of each, and the end
 *   terms      (n_terms,)     term
 *   linears    (n_nodes,)     uint32  where n_linear > 0: number of a leaf's
 *                                     function from 1, else 0
 */
#ifndef AQI_MODEL_FOREST_BLOCK_H
#define AQI_MODEL_FOREST_BLOCK_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/block.h"
#include "model/forest.h"

struct aqi_forest_header {
	struct aqi_block_seal seal;
	uint32_t flags;
	uint32_t aggregate;
	struct aqi_link link;
	uint64_t n_inputs, n_margins, n_views, n_trees, n_nodes;
	uint64_t n_sets, n_members, n_linear, n_terms;
	char reserved[48];		/* zeros */
};

#define AQI_FOREST_WIDE 1u
#define AQI_FOREST_COVERS 2u
#define AQI_FOREST_GAINS 4u

struct aqi_forest_view {
	uint32_t input;
	uint32_t rule;		/* enum aqi_view_rule */
};

/*
 * The child to the right stands at left + 1; 0 marks a leaf, for no node has
 * the root as its child.
 */
struct aqi_forest_node {
	double value;		/* threshold, number of the set, or leaf */
	uint32_t left;
	uint32_t test;		/* the view, and the flags below */
};

#define AQI_FOREST_DEFAULT_LEFT UINT32_C(0x80000000)
#define AQI_FOREST_HAS_SET UINT32_C(0x40000000)
#define AQI_FOREST_VIEW UINT32_C(0x3fffffff)

/* The tree decides as the one before it, for another margin. */
#define AQI_FOREST_REPEATS UINT32_C(0x80000000)

/* A part of a leaf's linear function; a missing input gives the leaf's value
 * instead. */
struct aqi_forest_term {
	double coefficient;
	uint64_t input;
};

_Static_assert(sizeof(struct aqi_forest_header) == 192,
	       "the header is three lines");
_Static_assert(sizeof(struct aqi_forest_node) == 16, "nodes are packed");

/* A view of the block, and the block itself when it is ours. */
struct aqi_forest {
	const struct aqi_forest_header *header;
	const double *bases;
	const struct aqi_forest_view *views;
	const uint32_t *targets;
	const uint32_t *roots;
	const struct aqi_forest_node *nodes;
	const uint32_t *ids;
	const float *covers;	/* NULL: it has none */
	const float *gains;
	const uint32_t *sets;
	const double *members;
	const double *constants;
	const uint32_t *firsts;
	const struct aqi_forest_term *terms;
	const uint32_t *linears;	/* NULL: no leaf is a function */
	void *owned;
	bool is_open;		/* the checksum is still to be filled in */
};

/* The margin that a tree adds to. */
static inline size_t
aqi_forest_target(const struct aqi_forest *f, uint64_t tree)
{
	return f->targets[tree] & ~AQI_FOREST_REPEATS;
}

/* Is it marked as one that decides as the tree before it? That it does, the
 * door has checked, by aqi_forest_block_repeats. */
static inline bool
aqi_forest_is_repeat(const struct aqi_forest *f, uint64_t tree)
{
	return f->targets[tree] & AQI_FOREST_REPEATS;
}

/* Is a value that is not missing a member of a set? */
static inline bool
aqi_forest_has(const struct aqi_forest *f, uint32_t set, double x)
{
	uint32_t low = f->sets[set], high = f->sets[set + 1];

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (f->members[middle] < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->sets[set + 1] && f->members[low] == x;
}

/* What a view makes of an input. */
static inline double
aqi_view_apply(uint32_t rule, double value)
{
	switch ((enum aqi_view_rule)rule) {
	case AQI_VIEW_PLAIN:
		break;
	case AQI_VIEW_MISSING_IS_ZERO:
		return isnan(value) ? 0 : value;
	case AQI_VIEW_ZERO_IS_MISSING:
		/* LightGBM's kZeroThreshold, a float: 1e-35f. */
		return fabs(value) <= (double)1e-35f ? (double)NAN : value;
	case AQI_VIEW_WHOLE:
		return trunc(value);
	case AQI_VIEW_CATEGORY:
		return value < 0 ? -1 : trunc(value);
	}
	return value;
}

/* A sample's value as a view shows it. */
static inline double
aqi_forest_look(const struct aqi_forest *f, uint32_t view, const double *x)
{
	const struct aqi_forest_view *v = &f->views[view];
	double value = x[v->input];

	if (!(f->header->flags & AQI_FOREST_WIDE))
		value = (double)(float)value;
	return aqi_view_apply(v->rule, value);
}

/* The least float that is not below a threshold: a float is below the one just
 * where it is below the other. */
static inline float
aqi_forest_cut(double threshold)
{
	const float cut = (float)threshold;

	return (double)cut < threshold ? nextafterf(cut, INFINITY) : cut;
}

/* Does a value that a view shows go left? */
static inline bool
aqi_forest_goes_left(const struct aqi_forest *f,
		     const struct aqi_forest_node *node, double value)
{
	if (isnan(value))
		return node->test & AQI_FOREST_DEFAULT_LEFT;
	if (node->test & AQI_FOREST_HAS_SET)
		return aqi_forest_has(f, (uint32_t)node->value, value);
	return value < node->value;
}

/*
 * Is it what XGBoost makes of plain numbers: narrow sums for one margin, inputs
 * seen as they are, no sets, no functions?
 */
bool aqi_forest_is_simple(const struct aqi_forest *forest);

/*
 * A block with its header, its arrays still to be filled in, all of them: sizes
 * follow from the counts of `counts`, which are within limits. *view, out:
 * where the arrays are. NULL without memory; freed with free.
 */
char *aqi_forest_block_new(const struct aqi_forest_header *counts,
			   struct aqi_forest *view);

/*
 * The same of a block that there is, with its view, whose targets, roots, nodes
 * and ids are filled in and kept, if they are where these counts have them; of
 * fewer nodes than it was made for, the ids are moved. There are no sets, nor
 * functions, nor what training has left.
 */
bool aqi_forest_block_renew(char *block, const struct aqi_forest_header *counts,
			    struct aqi_forest *view);

extern const struct aqi_block_kind aqi_forest_block_kind;

/* Is it a whole block of ours, contents aside? What is wrong, or NULL. */
const char *aqi_forest_block_check(struct aqi_slice block);

/* Is no sum of this absolute value too large on the way? */
bool aqi_forest_block_is_bounded(bool is_wide, double largest);

/* Does a tree that is one decide as the one before it? */
bool aqi_forest_block_repeats(const struct aqi_forest *forest, uint64_t tree);

/* A forest upon a block, which is freed with it when owned. NULL: memory. */
struct aqi_forest *aqi_forest_block_view(const void *block, void *owned,
					 struct aqi_error *err);

#endif
