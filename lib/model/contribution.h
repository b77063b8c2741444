/*
 * contribution.h: columns that say what a prediction comes of.
 *
 * Behind the predictor's own they are
 *
 *   explain_base         the expected margin, with no input known
 *   explain_1            the name of the input that contributes most,
 *   explain_1_value      and its contribution; as many of these as asked for,
 *   ...                  but no more than the model has inputs
 *   explain_rest         the sum of all other contributions
 *
 * They add up to the margin: to the prediction itself where the model has no
 * link and its bundle no transform. Most is by the absolute value; of equals,
 * the first among the inputs comes first. See model/explain.h.
 */
#ifndef AQI_MODEL_CONTRIBUTION_H
#define AQI_MODEL_CONTRIBUTION_H

#include <stddef.h>

#include "base/error.h"

struct aqi_batch;
struct aqi_contributions;	/* immutable once bound; any thread */
struct aqi_layout;
struct aqi_model;

/*
 * most      inputs to be named, 1 and more
 * decimals  of the contributions, or AQI_SHORTEST
 *
 * The model, of one margin, must outlive this. Fails as aqi_explain_new does.
 */
struct aqi_contributions *
aqi_contributions_new(const struct aqi_model *model, size_t most, int decimals,
		      struct aqi_error *err) AQI_MUST_CHECK;

/* Add the columns. Fails without memory only. */
enum aqi_status aqi_contributions_bind(struct aqi_contributions *contributions,
				       struct aqi_layout *layout,
				       struct aqi_error *err) AQI_MUST_CHECK;

/* The bytes that aqi_contributions_set works in, aligned for double. */
size_t aqi_contributions_room(const struct aqi_contributions *contributions);

/*
 * Set the columns of some rows of a batch.
 *
 * x     (n_rows, n_inputs) row-major; NaN means missing
 * rows  (n_rows,) which rows of the batch these are
 */
void aqi_contributions_set(const struct aqi_contributions *contributions,
			   struct aqi_batch *batch, const double *x,
			   const size_t *rows, size_t n_rows, void *room);

void aqi_contributions_free(struct aqi_contributions *contributions);

#endif
