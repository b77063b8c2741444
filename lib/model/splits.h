/*
 * splits.h: the distinct splits of a forest, in order. Private.
 *
 * A boosted forest has tens of thousands of splits, but only some thousands of
 * distinct ones: histogram training cuts an input at a few hundred places.
 */
#ifndef AQI_MODEL_SPLITS_H
#define AQI_MODEL_SPLITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct aqi_forest;

struct aqi_split {
	double value;		/* threshold, or number of the set */
	uint32_t test;		/* as in struct aqi_forest_node */
};

/*
 * By view, those with thresholds before those with sets, by value, and then
 * those that send missing values right before those that send them left. 0 and
 * -0 are one threshold: no value lies between them.
 */
struct aqi_splits {
	size_t n;
	struct aqi_split *splits;	/* (n,) */
	uint32_t *of_node;	/* (n_nodes,) which one an inner node has */
};

/*
 * Fails without memory (AQI_FATAL, err is filled), or where there are more than
 * `most` (AQI_END, err is not). Needs no free then.
 */
enum aqi_status aqi_splits_find(const struct aqi_forest *forest, size_t most,
				struct aqi_splits *splits,
				struct aqi_error *err) AQI_MUST_CHECK;

void aqi_splits_free(struct aqi_splits *splits);

#endif
