/*
 * walk_kernel.h: the block of walk.h, and the kernels that use it. Private.
 *
 * The block is the header, then these arrays in this order:
 *
 *   bases    (n_margins,)    double
 *   columns  (n_columns,)    column, the first of them AQI_WALK_NONE
 *   targets  (n_trees,)      uint32  the margin of each tree
 *   depths   (n_trees,)      uint32
 *   roots    (n_trees + 1,)  uint32  first node of each tree, and the end
 *   sets     (n_sets + 1,)   uint32  first member of each set, and the end
 *   members  (n_members,)    double  of each set from least to greatest
 *   nodes    (n_nodes,)      narrow or wide node, in the order of the forest
 */
#ifndef AQI_MODEL_WALK_KERNEL_H
#define AQI_MODEL_WALK_KERNEL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/block.h"
#include "model/forest_block.h"
#include "model/walk.h"

struct aqi_walk_header {
	struct aqi_block_seal seal;
	uint64_t is_wide;
	uint64_t n_inputs, n_margins, n_columns, n_trees, n_nodes;
	uint64_t n_sets, n_members;
	char reserved[32];	/* zeros */
};

_Static_assert(sizeof(struct aqi_walk_header) == 128,
	       "the header is two lines");

enum aqi_walk_side {
	AQI_WALK_NONE,		/* always -infinity: what leaves look at */
	AQI_WALK_RIGHT,		/* missing values as infinity */
	AQI_WALK_LEFT		/* as -infinity */
};

struct aqi_walk_column {
	uint32_t input;
	uint32_t rule;		/* enum aqi_view_rule */
	uint32_t side;		/* enum aqi_walk_side */
	uint32_t set;		/* from 1; members go left. 0: none */
};

/*
 * A value below `value` goes on to the node `offset` places behind, any other
 * to the one behind that. At a leaf, value is the leaf's, the column the first,
 * and the offset 0.
 */
struct aqi_walk_narrow {
	float value;
	uint32_t link;		/* offset, and the column in the lower bits */
};

struct aqi_walk_wide {
	double value;
	uint32_t column, offset;
};

#define AQI_WALK_OFFSET_SHIFT 12

_Static_assert(1 << AQI_WALK_OFFSET_SHIFT == AQI_WALK_COLUMNS,
	       "a link has room for each column");

typedef void aqi_walk_fn(const struct aqi_walk *walk, const double *x,
			 size_t n_rows, double *margin);

/* A view of the block, and the block itself when it is ours. */
struct aqi_walk {
	const struct aqi_walk_header *header;
	const double *bases;
	const struct aqi_walk_column *columns;
	const uint32_t *targets;
	const uint32_t *depths;
	const uint32_t *roots;
	const uint32_t *sets;
	const double *members;
	const void *nodes;
	aqi_walk_fn *predict;
	void *owned;
};

aqi_walk_fn aqi_walk_narrow_trees;
aqi_walk_fn aqi_walk_narrow_rows;
aqi_walk_fn aqi_walk_wide_trees;
aqi_walk_fn aqi_walk_wide_rows;

/* Is a value in a set? */
static inline bool
aqi_walk_has(const struct aqi_walk *w, uint32_t set, double x)
{
	uint32_t low = w->sets[set], high = w->sets[set + 1];

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (w->members[middle] < x)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->sets[set + 1] && w->members[low] == x;
}

/* What a column holds of a row. Members of a set are below any threshold. */
static inline double
aqi_walk_look(const struct aqi_walk *w, const struct aqi_walk_column *column,
	      const double *x)
{
	const double least = -(double)INFINITY;
	double value = x[column->input];

	if (column->side == AQI_WALK_NONE)
		return least;
	if (!w->header->is_wide)
		value = (double)(float)value;
	if (column->rule != AQI_VIEW_PLAIN)
		value = aqi_view_apply(column->rule, value);
	if (isnan(value))
		return column->side == AQI_WALK_LEFT ? least : -least;
	if (column->set == 0)
		return value;
	return aqi_walk_has(w, column->set - 1, value) ? least : -least;
}

#endif
