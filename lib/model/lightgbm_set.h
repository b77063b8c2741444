/*
 * lightgbm_set.h: the categories of a LightGBM tree's splits.
 *
 * A set is a list of 32-bit words, bit b of word w standing for the category
 * 32 w + b. cat_threshold holds the words of all sets of a tree, cat_boundaries
 * the first word of each, and the end. The members go left; what is missing,
 * below 0 or not in the set goes right, and of a number the whole part counts.
 */
#ifndef AQI_MODEL_LIGHTGBM_SET_H
#define AQI_MODEL_LIGHTGBM_SET_H

#include <stddef.h>

#include "base/error.h"

struct aqi_lightgbm_tree;
struct aqi_tree_node;

/* Read the n_sets sets of a tree whose lines are taken. */
enum aqi_status aqi_lightgbm_sets_read(struct aqi_lightgbm_tree *tree,
				       size_t n_sets,
				       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Give a node the set whose number its value is; it is borrowed until the next
 * tree is read. Returns why it cannot be, or NULL.
 */
const char *aqi_lightgbm_set_use(const struct aqi_lightgbm_tree *tree,
				 struct aqi_tree_node *node);

#endif
