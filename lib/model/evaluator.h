/*
 * evaluator.h: the step that says all that a model says of a sample.
 *
 * Each row gives the numbers that the library that trained the model has for
 * it, as the shortest texts that read back to the same bits:
 *
 *   margin_0..  the sums of the trees (raw_0.. of a LightGBM model),
 *   out_0..     what the model's link makes of them, and its bundle;
 *
 * of an ONNX model its outputs alone: variable_0.., or label and
 * probabilities_0... A number that is not finite is "inf", "-inf" or "nan" in
 * CSV and missing in NDJSON; the row of such an output is counted in
 * n_unpredicted of the batch.
 *
 * Or each row gives the leaf that it comes to in each tree: one value that is
 * the numbers with delimiters between them, or in NDJSON the array "leaf".
 *
 * Inputs are bound by name, or by their places: then the columns must be as
 * many, and none may bear the name of another input of the model.
 *
 * Batches may be worked on at the same time. One run each.
 */
#ifndef AQI_MODEL_EVALUATOR_H
#define AQI_MODEL_EVALUATOR_H

#include <stdbool.h>

#include "record/step.h"

struct aqi_evaluator;
struct aqi_model;

struct aqi_evaluator_options {
	bool by_name;
	bool leaves;
	bool keeps;	/* the columns that come in are passed through */
};

/* The model must outlive the evaluator. NULL without memory. */
struct aqi_evaluator *
aqi_evaluator_new(const struct aqi_model *model,
		  const struct aqi_evaluator_options *options,
		  struct aqi_error *err) AQI_MUST_CHECK;

struct aqi_step aqi_evaluator_step(struct aqi_evaluator *evaluator);

void aqi_evaluator_free(struct aqi_evaluator *evaluator);

#endif
