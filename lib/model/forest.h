/*
 * forest.h: a tree ensemble of any of the libraries that train them, as one
 * block of memory.
 *
 * margin k(x) = base k + leaf of the first tree for k + leaf of the next ...,
 * in this order and in the width in which the library that trained it adds, 32
 * bits or 64: so the margins are its own, to the last bit.
 *
 * A tree does not look at an input itself but at a view of it, which settles
 * what a library makes of missing values, zeros and categories before any
 * split is asked. What is left is the same for all: a missing value (NaN) goes
 * where the node says; any other goes left where it is below the threshold, or,
 * at a node with a set, where it is one of its members; else right.
 *
 * The block is position-independent (model/block.h). In it the nodes of a tree
 * stand in breadth-first order, trees one after the other, and the children of
 * a node are neighbours. That order is checked at the door in one pass and is
 * the whole proof that every tree is one and ends.
 *
 * A forest is made tree by tree (model/forest_builder.h) or upon a block. It is
 * immutable from then on; many threads may use it at once.
 */
#ifndef AQI_MODEL_FOREST_H
#define AQI_MODEL_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/link.h"

struct aqi_forest;

/* How a tree sees an input; in a narrow forest it is cut to 32 bits first. */
enum aqi_view_rule {
	AQI_VIEW_PLAIN,			/* as it is; NaN is missing */
	AQI_VIEW_MISSING_IS_ZERO,	/* nothing is missing */
	AQI_VIEW_ZERO_IS_MISSING,	/* -1e-35 to 1e-35, and NaN */
	AQI_VIEW_WHOLE,			/* its whole part, towards zero */
	AQI_VIEW_CATEGORY,		/* the same; below 0 is no category */
	AQI_VIEW_LAST = AQI_VIEW_CATEGORY
};

/* What becomes of the leaves of a sample. */
enum aqi_aggregate {
	AQI_AGGREGATE_SUM,
	AQI_AGGREGATE_MIN,
	AQI_AGGREGATE_MAX,
	AQI_AGGREGATE_LAST = AQI_AGGREGATE_MAX
};

#define AQI_FOREST_MAX_INPUTS 65535
#define AQI_FOREST_MAX_MARGINS 1024
#define AQI_FOREST_MAX_TREES 1000000
#define AQI_FOREST_MAX_NODES ((size_t)1 << 28)

/* What holds for all trees. */
struct aqi_forest_shape {
	bool is_wide;		/* inputs, thresholds and sums in 64 bits */
	bool has_covers;	/* nodes tell how many samples trained them */
	bool has_gains;		/* splits tell what they gained in training */
	enum aqi_aggregate aggregate;
	size_t n_inputs;
	size_t n_margins;
	const double *bases;	/* (n_margins,) the margins of no trees; NULL:
				 * zeros */
	struct aqi_link link;
};

/*
 * A forest upon a block, which must outlive it and not change. The block is
 * checked, seal and contents; one that passes can be trusted whoever wrote it.
 * AQI_E_MODEL.
 */
struct aqi_forest *aqi_forest_adopt(struct aqi_slice block,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* The same upon a copy, aligned as it must be. */
struct aqi_forest *aqi_forest_copy(struct aqi_slice block,
				   struct aqi_error *err) AQI_MUST_CHECK;

/* Does it begin as a block does? */
bool aqi_forest_is_block(struct aqi_slice bytes);

/* The block, borrowed. The same model gives the same bytes. */
struct aqi_slice aqi_forest_bytes(const struct aqi_forest *forest);

/* bases is borrowed from the forest. */
struct aqi_forest_shape aqi_forest_shape(const struct aqi_forest *forest);

/* The trees there are, and those of the model's file: one that decides for
 * several margins at once is there once for each. */
size_t aqi_forest_trees(const struct aqi_forest *forest);
size_t aqi_forest_source_trees(const struct aqi_forest *forest);
size_t aqi_forest_nodes(const struct aqi_forest *forest);

/*
 * The margins of n_rows samples.
 *
 * x       (n_rows, n_inputs) row-major, NaN where missing
 * margin  (n_rows, n_margins), out; of a narrow forest, 32-bit floats
 *
 * Cannot fail and does not allocate: whatever loads can predict. The margins
 * are finite where no leaf is a linear function: the largest sum was bounded at
 * the door. This is the reference that any faster kernel must equal bit for
 * bit.
 */
void aqi_forest_predict(const struct aqi_forest *forest, const double *x,
			size_t n_rows, double *margin);

/*
 * The leaf of one sample in each tree of the file, as it numbers its nodes, or
 * its leaves.
 *
 * x     (n_inputs,)
 * leaf  (aqi_forest_source_trees,), out
 */
void aqi_forest_leaves(const struct aqi_forest *forest, const double *x,
		       uint32_t *leaf);

void aqi_forest_free(struct aqi_forest *forest);

#endif
