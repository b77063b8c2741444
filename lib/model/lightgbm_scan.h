/*
 * lightgbm_scan.h: what must be known of the trees of a LightGBM text model
 * before the first of them is read.
 */
#ifndef AQI_MODEL_LIGHTGBM_SCAN_H
#define AQI_MODEL_LIGHTGBM_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* Is there a line `KEY=` with values behind it, anywhere? */
bool aqi_lightgbm_scan_has(struct aqi_slice bytes, const char *key);

/* How many lines begin a tree. */
size_t aqi_lightgbm_scan_trees(struct aqi_slice bytes);

/* Are the values of all leaves probabilities, from 0 to 1? */
bool aqi_lightgbm_scan_is_probable(struct aqi_slice bytes);

#endif
