#include "air/features.h"

#include <math.h>
#include <stdlib.h>

#include "air/base_record.h"
#include "air/features_field.h"
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

/* Made of temperature and dew point, where a row has none of its own. */
static enum aqi_status
set_humidity(const struct aqi_features_rows *rows, struct aqi_error *err)
{
	struct aqi_batch *batch = rows->batch;
	size_t n = batch->n_rows;
	double *temperature = aqi_batch_alloc(batch, n, sizeof *temperature);
	double *dew_point = aqi_batch_alloc(batch, n, sizeof *dew_point);

	if (n > 0 && (!temperature || !dew_point))
		return aqi_error_memory(err);
	aqi_features_field_set(rows, AQI_TARGET_TEMPERATURE, temperature);
	aqi_features_field_set(rows, AQI_TARGET_DEW_POINT, dew_point);
	for (size_t i = 0; i < n; i++) {
		double x = aqi_units_humidity(temperature[i], dew_point[i]);

		if (batch->refused[i] || isnan(temperature[i]) ||
		    isnan(dew_point[i]) ||
		    aqi_features_field_is_set(rows, AQI_TARGET_HUMIDITY, i))
			continue;
		if (isfinite(x))
			aqi_batch_set_rounded(
				batch,
				rows->plan->columns[AQI_TARGET_HUMIDITY].added,
				i, x, rows->plan->options.decimals);
		else
			aqi_batch_blank(batch, i);
	}
	return AQI_OK;
}

static enum aqi_status
run(void *plan, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_features_plan *self = plan;
	struct aqi_features_rows rows = {
		.plan = self, .batch = batch,
		.numbers = aqi_batch_alloc(batch, batch->n_rows,
					   sizeof *rows.numbers),
	};

	if (!rows.numbers)
		return aqi_error_memory(err);
	aqi_features_row_stations(&rows);
	if (aqi_features_row_times(&rows, NULL, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < AQI_N_BASE; i++)
		if (!(self->makes_humidity && i == AQI_TARGET_TEMPERATURE))
			aqi_features_field_set(&rows, (enum aqi_target)i, NULL);
	return self->makes_humidity ? set_humidity(&rows, err) : AQI_OK;
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
