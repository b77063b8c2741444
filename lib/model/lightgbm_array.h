/*
 * lightgbm_array.h: the values of a LightGBM tree's nodes, each line of the
 * file one of them for all splits or all leaves.
 */
#ifndef AQI_MODEL_LIGHTGBM_ARRAY_H
#define AQI_MODEL_LIGHTGBM_ARRAY_H

#include "base/error.h"

struct aqi_lightgbm_tree;

/*
 * Fill the nodes of a tree whose lines are taken, whose sets are read and which
 * has room for them. Fails with AQI_E_MODEL.
 */
enum aqi_status aqi_lightgbm_arrays_read(struct aqi_lightgbm_tree *tree,
					 struct aqi_error *err) AQI_MUST_CHECK;

#endif
