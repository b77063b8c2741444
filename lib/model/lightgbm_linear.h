/*
 * lightgbm_linear.h: the leaves of a LightGBM tree that are linear functions.
 *
 * leaf_const holds the constant of each leaf, num_features how many features it
 * uses, leaf_features which, and leaf_coeff by what they are multiplied. Where
 * one of them is missing, leaf_value is the leaf's value.
 */
#ifndef AQI_MODEL_LIGHTGBM_LINEAR_H
#define AQI_MODEL_LIGHTGBM_LINEAR_H

#include "base/error.h"

struct aqi_lightgbm_tree;

/* Make the leaves of a tree, which are read, the functions that they are. */
enum aqi_status aqi_lightgbm_linear_read(struct aqi_lightgbm_tree *tree,
					 struct aqi_error *err) AQI_MUST_CHECK;

#endif
