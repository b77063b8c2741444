/*
 * comparison.h: the step that tells how far two models are apart on records.
 *
 * Columns are the inputs by their names, or by their places where the model
 * names none. Only rows in which both models say something finite count.
 */
#ifndef AQI_MODEL_COMPARISON_H
#define AQI_MODEL_COMPARISON_H

#include <stddef.h>
#include <stdint.h>

#include "record/step.h"

struct aqi_buffer;
struct aqi_comparison;	/* one run each */
struct aqi_model;

struct aqi_distance {
	uint64_t n_rows;
	double sum, largest;	/* of the differences of outputs, absolute */
	uint64_t n_moved;	/* rows that come to another category of the
				 * index, of models with one output */
};

/*
 * Both models must outlive it, and have the same inputs and outputs. NULL
 * without memory.
 */
struct aqi_comparison *
aqi_comparison_new(const struct aqi_model *model, const struct aqi_model *other,
		   struct aqi_error *err) AQI_MUST_CHECK;

struct aqi_step aqi_comparison_step(struct aqi_comparison *comparison);

/* Of the rows so far. */
struct aqi_distance
aqi_comparison_distance(const struct aqi_comparison *comparison);

void aqi_comparison_free(struct aqi_comparison *comparison);

#endif
