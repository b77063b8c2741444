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

/* A column that a field may come from. */
struct aqi_features_source {
	size_t input;
	struct aqi_mapping_conversion conversion;	/* unless the field has
							 * ranges, or a row its
							 * own unit */
};

/* Where a field comes from, and goes to. */
struct aqi_features_column {
	/* (n_sources,) a row's value is in the first that is not missing */
	struct aqi_features_source sources[AQI_MAX_SOURCES];
	size_t n_sources;
	size_t unit_input;	/* of the rows' units; AQI_NO_COLUMN: none */
	size_t added;		/* of all but the dew point */
};

/* The same for all rows: many threads may use it once it is bound. */
struct aqi_features_plan {
	struct aqi_features_options options;	/* set before binding */
	struct aqi_features_column columns[AQI_N_TARGETS];
	size_t station_input, station_added;
	size_t time_inputs[AQI_N_PARTS], time_added;
	size_t offset_input;		/* AQI_NO_COLUMN: none */
	bool has_time;			/* all of its columns are there */
	const struct aqi_layout *first;	/* bound to, of which columns are kept;
					 * NULL: none yet */
	bool makes_humidity;		/* where a row has none, of temperature
					 * and dew point */
};

/*
 * Find the columns, mark the numbers among them and declare the outputs. Fails
 * with AQI_E_USAGE where aqi_features_step says, and with AQI_E_MEMORY. It may
 * be bound again, to the layout of a file with other columns.
 */
enum aqi_status aqi_features_plan_bind(struct aqi_features_plan *plan,
				       struct aqi_layout *layout,
				       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The same where the names of fields are texts of a parameter, and all values
 * stand in the column `input`, or in columns that the caller knows
 * (AQI_NO_COLUMN). Nothing is kept.
 */
enum aqi_status aqi_features_plan_bind_values(struct aqi_features_plan *plan,
					      struct aqi_layout *layout,
					      size_t input,
					      struct aqi_error *err)
	AQI_MUST_CHECK;

/*
 * What is then kept of a row, as outputs to be set.
 *
 * inputs  (options.n_keep,), out; AQI_NO_COLUMN where a later file has none
 * added   (options.n_keep,), out
 */
enum aqi_status aqi_features_plan_keep_values(struct aqi_features_plan *plan,
					      struct aqi_layout *layout,
					      size_t *inputs, size_t *added,
					      struct aqi_error *err)
	AQI_MUST_CHECK;

/*
 * Errors of the header, for those who bind: AQI_E_USAGE with a reason, for the
 * field that was wanted of it (NULL: none); a column that the source has is not
 * there.
 */
enum aqi_status aqi_features_plan_refuse(const struct aqi_layout *layout,
					 const char *field, const char *reason,
					 struct aqi_error *err);
enum aqi_status aqi_features_plan_refuse_absent(
	const struct aqi_features_plan *plan, const struct aqi_layout *layout,
	const char *field, struct aqi_slice wanted, struct aqi_error *err);

#endif
