/*
 * predictor.h: the step that predicts.
 *
 * Binding finds the model's inputs among the columns (air/inputs.h) and adds
 * aqi, category and confidence. Each row then gets
 *
 *   aqi         the prediction, with the decimals asked for
 *   category    of the unrounded prediction
 *   confidence  0.85 when 0 <= aqi <= 500, else 0.60
 *
 * A row with a missing input is refused where the model's manifest says so
 * (AQI_E_MISSING). A row with fewer than min_inputs inputs, or with a
 * prediction that is not finite (aqi_model_predict), is kept with all three
 * missing, and counted in n_unpredicted of the batch.
 *
 * Batches may be worked on at the same time: all that changes during a run is
 * that the first large one makes the planes of the forest. One run each.
 */
#ifndef AQI_MODEL_PREDICTOR_H
#define AQI_MODEL_PREDICTOR_H

#include <stdbool.h>

#include "record/step.h"

struct aqi_model;
struct aqi_predictor;

/* What is said of one sample. */
struct aqi_prediction {
	double aqi;		/* not rounded; 32 bits of a narrow model */
	bool is_one;		/* false: aqi is not finite, the rest empty */
	unsigned confidence;	/* in hundredths: 85 or 60 */
	struct aqi_slice category;
};

/*
 * Predict n_rows samples, as the step does with those that it keeps and the
 * server with those of a request.
 *
 * x    (n_rows, n_inputs) row-major; NaN means missing
 * y    (n_rows,), out: the bare predictions
 * out  (n_rows,), out
 *
 * Cannot fail and does not allocate; any thread.
 */
void aqi_predictor_rows(const struct aqi_model *model, const double *x,
			size_t n_rows, double *y, struct aqi_prediction *out);

struct aqi_predictor_options {
	int decimals;		/* of aqi; AQI_SHORTEST: the shortest text that
				 * reads back to the same bits */
	size_t n_explained;	/* inputs named that contribute most
				 * (model/contribution.h); 0: none */
};

/*
 * The model must outlive the predictor. options NULL: 2 decimals. NULL
 * without memory, or where contributions are asked for and the model has none:
 * AQI_E_MODEL.
 */
struct aqi_predictor *
aqi_predictor_new(const struct aqi_model *model,
		  const struct aqi_predictor_options *options,
		  struct aqi_error *err) AQI_MUST_CHECK;

struct aqi_step aqi_predictor_step(struct aqi_predictor *predictor);

void aqi_predictor_free(struct aqi_predictor *predictor);

#endif
