/*
 * features_plan.h: where the outputs of aqi_features_step come from.
 *
 * A plan is made once, of the header's names and the mapping; the rows are then
 * worked on by it without another look at a name. Private to features.
 */
#ifndef AQI_AIR_FEATURES_PLAN_H
#define AQI_AIR_FEATURES_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "air/features.h"
#include "air/mapping.h"
#include "base/error.h"

struct aqi_layout;

/* Where a field comes from, and goes to. */
struct aqi_features_column {
	size_t input;		/* AQI_NO_COLUMN: the header has none */
	size_t added;		/* of all but the dew point */
	struct aqi_conversion conversion;	/* unless it has ranges */
};

/* The same for all rows: many threads may use it once it is bound. */
struct aqi_features_plan {
	struct aqi_features_options options;	/* set before binding */
	struct aqi_features_column columns[AQI_N_TARGETS];
	struct aqi_features_column station, time;
	size_t time_parts[AQI_N_PARTS];	/* inputs */
	bool has_time;			/* all of its columns are there */
	bool makes_humidity;		/* where a row has none, of temperature
					 * and dew point */
};

/*
 * Find the columns, mark the numbers among them and declare the outputs. Fails
 * with AQI_E_USAGE where aqi_features_step says, and with AQI_E_MEMORY.
 */
enum aqi_status aqi_features_plan_bind(struct aqi_features_plan *plan,
				       struct aqi_layout *layout,
				       struct aqi_error *err) AQI_MUST_CHECK;

#endif
