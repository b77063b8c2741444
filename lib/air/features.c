#include "air/features.h"

#include <stdlib.h>

#include "air/features_block.h"
#include "air/features_field.h"
#include "air/features_plan.h"
#include "air/features_row.h"
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

static enum aqi_status
run(void *plan, struct aqi_batch *batch, struct aqi_error *err)
{
	struct aqi_features_rows rows = {.plan = plan, .batch = batch};

	aqi_features_row_stations(&rows);
	if (aqi_features_row_times(&rows, NULL, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_features_block_set(&rows, err);
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
