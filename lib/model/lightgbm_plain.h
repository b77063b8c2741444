/*
 * lightgbm_plain.h: a tree of a LightGBM text model as LightGBM itself writes
 * it, read at once. Private: for lightgbm_tree.c, and tests.
 *
 * Nearly all trees are of this kind: their lines are in LightGBM's order, end
 * with LF, and have one space between values; there are no sets and no leaves
 * that are functions; and nobody asked for the statistics of training. Of such
 * a tree, 64 bytes at once tell where values end (lightgbm_plain.inc), each is
 * converted from its end, and what is not needed is counted and passed over.
 *
 * What this reads means what lightgbm_tree.c says, to the bit. All the rest,
 * and whatever is wrong, is left to that: a tree that is refused here has
 * changed nothing.
 */
#ifndef AQI_MODEL_LIGHTGBM_PLAIN_H
#define AQI_MODEL_LIGHTGBM_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aqi_forest_builder;
struct aqi_lightgbm_lines;

/* A tree while it is read, in columns as of struct aqi_tree_columns. Zeros mean
 * empty; its memory serves for the next one. One thread. */
struct aqi_lightgbm_plain {
	size_t n_splits;
	double *values;
	int32_t *inputs, *lefts, *rights, *rules;
	uint32_t *children;	/* made of both */
	size_t n_room;		/* leaves for which there is memory */
	/* Of the values of a line, while it is read: */
	uint32_t *ends, *odd;
	uint8_t *scales;
};

void aqi_lightgbm_plain_free(struct aqi_lightgbm_plain *tree);

/*
 * Read and add the tree whose first line is at hand, if it is plain and right;
 * lines are then at the empty line behind it.
 *
 * number  of the tree
 * target  the margin it adds to
 */
bool aqi_lightgbm_plain_take(struct aqi_lightgbm_plain *tree,
			     struct aqi_lightgbm_lines *lines, size_t number,
			     size_t target,
			     struct aqi_forest_builder *builder);

/*
 * Read the columns of the tree at p: of each line as many values as there are
 * to be, each of its kind. From 64 bytes behind `limit` on there may be nothing
 * to read, and none before p.
 *
 * Returns its empty line, or NULL.
 */
typedef const char *aqi_lightgbm_plain_fn(struct aqi_lightgbm_plain *tree,
					  size_t number, const char *p,
					  const char *limit);

/* Each way, for tests to compare: by the levels of base/processor.h. */
aqi_lightgbm_plain_fn aqi_lightgbm_plain_portable;
aqi_lightgbm_plain_fn aqi_lightgbm_plain_avx2;

/* What the ways have in common: memory for a tree of so many leaves. */
bool aqi_lightgbm_plain_reserve(struct aqi_lightgbm_plain *tree,
				size_t n_leaves);

#endif
