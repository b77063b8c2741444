/* shrink_cuts.h: fewer distinct thresholds. Private: for shrink.c. */
#ifndef AQI_MODEL_SHRINK_CUTS_H
#define AQI_MODEL_SHRINK_CUTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct aqi_arena;
struct aqi_forest;

/*
 * Leave at most `most` thresholds to each view in the first n_trees: those of a
 * view are cut, from the least to the greatest, into so many groups of about
 * the same weight, and each becomes the one in the middle of its group. The
 * weight of a threshold is that of its splits: how many samples trained them,
 * or 1 each. Of one that stays not a bit changes.
 *
 * values  (n_nodes,) in and out
 *
 * Fails without memory only.
 */
enum aqi_status aqi_shrink_cuts(const struct aqi_forest *forest,
				uint64_t n_trees, size_t most,
				struct aqi_arena *arena, double *values,
				struct aqi_error *err) AQI_MUST_CHECK;

#endif
