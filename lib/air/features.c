#include "air/features.h"

#include <math.h>
#include <stdlib.h>

#include "air/base_record.h"
#include "air/features_plan.h"
#include "air/features_row.h"
#include "air/units.h"
#include "record/batch.h"
#include "record/layout.h"

struct aqi_features {
	struct aqi_features_plan plan;
};

struct aqi_features *
aqi_features_new(const struct aqi_features_options *options)
{
	struct aqi_features *features = calloc(1, sizeof *features);

	if (features)
		features->plan.options = *options;
	return features;
}

void
aqi_features_free(struct aqi_features *features)
{
	free(features);
}

/* Does the row have it already: a part of its time, or its own humidity? */
static bool
is_given(const struct aqi_features_plan *self, const struct aqi_batch *batch,
	 enum aqi_target target, size_t row)
{
	size_t added = self->columns[target].added;

	return target < AQI_N_BASE &&
	       batch->added[added * batch->n_rows + row].kind != AQI_MISSING;
}

/* values (n_rows,), out: in the record's unit, NaN where missing; or NULL. */
static void
set_field(const struct aqi_features_plan *self, struct aqi_batch *batch,
	  enum aqi_target target, double *values)
{
	const struct aqi_features_column *column = &self->columns[target];
	struct aqi_field text, *out = target < AQI_N_BASE ? &text : NULL;
	double x;

	for (size_t i = 0; i < batch->n_rows; i++) {
		if (values)
			values[i] = NAN;
		if (column->input == AQI_NO_COLUMN || batch->refused[i] ||
		    is_given(self, batch, target, i) ||
		    aqi_features_row_value(self, batch, i, target,
					   column->input, column->conversion,
					   &x, out) != AQI_OK)
			continue;
		if (values)
			values[i] = x;
		if (out)
			aqi_batch_set(batch, column->added, i, text);
	}
}

static enum aqi_status
set_humidity(const struct aqi_features_plan *self, struct aqi_batch *batch,
	     struct aqi_error *err)
{
	size_t n = batch->n_rows;
	double *temperature = aqi_batch_alloc(batch, n, sizeof *temperature);
	double *dew_point = aqi_batch_alloc(batch, n, sizeof *dew_point);

	if (n > 0 && (!temperature || !dew_point))
		return aqi_error_memory(err);
	set_field(self, batch, AQI_TARGET_TEMPERATURE, temperature);
	set_field(self, batch, AQI_TARGET_DEW_POINT, dew_point);
	for (size_t i = 0; i < n; i++) {
		double x = aqi_units_humidity(temperature[i], dew_point[i]);

		if (!batch->refused[i] && isfinite(x) &&
		    !is_given(self, batch, AQI_TARGET_HUMIDITY, i))
			aqi_batch_set_rounded(
				batch, self->columns[AQI_TARGET_HUMIDITY].added,
				i, x, self->options.decimals);
	}
	return AQI_OK;
}

static enum aqi_status
run(void *plan, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_features_plan *self = plan;

	aqi_features_row_stations(self, batch);
	if (aqi_features_row_times(self, batch, NULL, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < AQI_N_BASE; i++)
		if (!(self->makes_humidity && i == AQI_TARGET_TEMPERATURE))
			set_field(self, batch, (enum aqi_target)i, NULL);
	return self->makes_humidity ? set_humidity(self, batch, err) : AQI_OK;
}

static enum aqi_status
bind(void *plan, struct aqi_layout *layout, struct aqi_error *err)
{
	return aqi_features_plan_bind(plan, layout, err);
}

struct aqi_step
aqi_features_step(struct aqi_features *features)
{
	return (struct aqi_step){.self = &features->plan, .bind = bind,
				 .run = run};
}
