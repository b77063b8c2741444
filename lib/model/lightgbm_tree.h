/*
 * lightgbm_tree.h: a tree of a LightGBM text model, from the line `Tree=N` to
 * the next empty one.
 *
 * It has num_leaves leaves and one split fewer, each an array of its own:
 * leaf_value and others for leaves, split_feature, threshold and others for
 * splits. Of left_child and right_child a value from 0 is a split, ~n a leaf.
 *
 * A split sends left what is not above the threshold. decision_type tells the
 * rest, in bits: 1, the split has a set of categories (lightgbm_set.h), and the
 * threshold is its number; 2, a missing value goes left; 4 and 8, what is
 * missing: 0, nothing, a NaN counts as 0; 4, zeros and NaN; 8, NaN.
 *
 * Private to the reader of such models, and its tests.
 *
 * Source: LightGBM 4.6, src/io/tree.cpp and include/LightGBM/tree.h.
 */
#ifndef AQI_MODEL_LIGHTGBM_TREE_H
#define AQI_MODEL_LIGHTGBM_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/lightgbm_plain.h"

struct aqi_forest_builder;
struct aqi_lightgbm_lines;
struct aqi_tree_node;
struct aqi_tree_term;

/* LightGBM's own limit. It bounds what a tree needs while it is read. */
#define AQI_LIGHTGBM_MAX_LEAVES 131072

/* A set of categories: members[first] and so on. */
struct aqi_lightgbm_set {
	size_t first, n;
	bool is_used;
};

/* The keys of a tree's lines. */
enum aqi_lightgbm_tree_key {
	AQI_LIGHTGBM_NUM_LEAVES,
	AQI_LIGHTGBM_NUM_CAT,
	AQI_LIGHTGBM_SPLIT_FEATURE,
	AQI_LIGHTGBM_SPLIT_GAIN,
	AQI_LIGHTGBM_THRESHOLD,
	AQI_LIGHTGBM_DECISION_TYPE,
	AQI_LIGHTGBM_LEFT_CHILD,
	AQI_LIGHTGBM_RIGHT_CHILD,
	AQI_LIGHTGBM_LEAF_VALUE,
	AQI_LIGHTGBM_LEAF_WEIGHT,
	AQI_LIGHTGBM_LEAF_COUNT,
	AQI_LIGHTGBM_INTERNAL_VALUE,
	AQI_LIGHTGBM_INTERNAL_WEIGHT,
	AQI_LIGHTGBM_INTERNAL_COUNT,
	AQI_LIGHTGBM_CAT_BOUNDARIES,
	AQI_LIGHTGBM_CAT_THRESHOLD,
	AQI_LIGHTGBM_IS_LINEAR,
	AQI_LIGHTGBM_LEAF_CONST,
	AQI_LIGHTGBM_NUM_FEATURES,
	AQI_LIGHTGBM_LEAF_FEATURES,
	AQI_LIGHTGBM_LEAF_COEFF,
	AQI_LIGHTGBM_N_KEYS
};

extern const char *const aqi_lightgbm_tree_keys[AQI_LIGHTGBM_N_KEYS];

/* A tree while it is read; its memory serves for the next. One thread. */
struct aqi_lightgbm_tree {
	size_t number;			/* of the tree, from 0 */
	size_t n_inputs;
	size_t n_targets;		/* tree t adds to t % n_targets */
	bool skips_statistics;		/* they are counted only */
	bool has_covers, has_gains;	/* of all trees */
	bool has_odd;			/* some tree was not plain */
	struct aqi_slice texts[AQI_LIGHTGBM_N_KEYS];
	size_t n_leaves;
	size_t n_splits;
	struct aqi_tree_node *nodes;	/* splits, and behind them leaves */
	uint32_t *ids;			/* of these, as the file has them */
	bool *seen;			/* which of them are a child */
	size_t n_room;			/* leaves for which there is memory */
	struct aqi_lightgbm_set *sets;	/* (n_sets,) */
	size_t n_sets, n_sets_room;
	double *members;		/* of all sets */
	size_t n_members_room;
	size_t n_members_left;		/* how many may still come */
	struct aqi_tree_term *terms;	/* of all leaves */
	size_t n_terms_room;
	struct aqi_lightgbm_plain plain;
};

/* Memory for trees; n_members_left is what the caller allows. */
void aqi_lightgbm_tree_free(struct aqi_lightgbm_tree *tree);

/*
 * Read the tree whose first line is at hand and add it; lines are then at the
 * line behind it. Fails with AQI_E_MODEL and "tree T: reason" or "tree T node
 * N: reason" or "tree T leaf N: reason", AQI_E_LIMIT, AQI_E_MEMORY.
 */
enum aqi_status aqi_lightgbm_tree_read(struct aqi_lightgbm_tree *tree,
				       struct aqi_lightgbm_lines *lines,
				       struct aqi_forest_builder *builder,
				       struct aqi_error *err) AQI_MUST_CHECK;

/* "tree T: KEY: reason" and AQI_E_MODEL. */
enum aqi_status aqi_lightgbm_tree_fail(const struct aqi_lightgbm_tree *tree,
				       enum aqi_lightgbm_tree_key key,
				       struct aqi_error *err,
				       const char *format, ...)
	AQI_PRINTF(4, 5);

/* Room for n elements where there is some for *n_room; NULL without memory,
 * and the old one stays. */
void *aqi_lightgbm_tree_room(void *old, size_t n, size_t size, size_t *n_room);

#endif
