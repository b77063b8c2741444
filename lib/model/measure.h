/*
 * measure.h: the numbers of a forest that tell which way evaluates it best.
 * Private.
 */
#ifndef AQI_MODEL_MEASURE_H
#define AQI_MODEL_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct aqi_forest;

struct aqi_measure {
	bool is_wide;
	bool is_sum;		/* leaves are added */
	size_t n_inputs, n_margins, n_views, n_trees, n_nodes;
	size_t n_sets, n_linear;
	unsigned depth;		/* of the deepest tree */
	size_t largest;		/* nodes of the largest tree */
	double steps;		/* from the roots to leaves, of all trees, if
				 * each leaf is as likely as its depth has it */
	double levels;		/* depths of all trees, summed */
	double places;		/* of all trees, made perfect: 2^depth each */
	size_t n_splits;	/* inner nodes */
	size_t n_distinct;	/* of them, by view, test, and default side */
	size_t n_cuts;		/* thresholds of the view that has most */
	size_t n_columns;	/* views, and those again whose missing values
				 * go both ways; and sets */
};

/* Fails without memory only. */
enum aqi_status aqi_measure_take(const struct aqi_forest *forest,
				 struct aqi_measure *measure,
				 struct aqi_error *err) AQI_MUST_CHECK;

#endif
