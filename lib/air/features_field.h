/*
 * features_field.h: a field of the record, from a source's columns and units.
 * Private to features.
 */
#ifndef AQI_AIR_FEATURES_FIELD_H
#define AQI_AIR_FEATURES_FIELD_H

#include "air/features_plan.h"
#include "base/error.h"

struct aqi_batch;
struct aqi_layout;

/*
 * Find the columns that a field may come from, and of its unit. Fails with
 * AQI_E_USAGE where a unit does not convert or its column is not there.
 */
enum aqi_status aqi_features_field_bind(struct aqi_features_plan *plan,
					struct aqi_layout *layout,
					enum aqi_target target,
					struct aqi_error *err) AQI_MUST_CHECK;

/* The same for what later NDJSON records may have besides. */
enum aqi_status aqi_features_field_expect(struct aqi_features_plan *plan,
					  struct aqi_layout *layout,
					  enum aqi_target target,
					  struct aqi_error *err) AQI_MUST_CHECK;

/* The rows of a batch at work. */
struct aqi_features_rows {
	const struct aqi_features_plan *plan;
	struct aqi_batch *batch;
	/* (n_rows,) of aqi_mapping_period; NULL: there is one only */
	unsigned char *periods;
};

/* Does the row have it already: a part of its time, or its own humidity? */
bool aqi_features_field_is_set(const struct aqi_features_rows *rows,
			       enum aqi_target target, size_t row);

/*
 * Set a field in all rows, in the record's unit.
 *
 * values  (n_rows,), out: NaN where missing; NULL: not wanted
 *
 * A row whose number or unit cannot be read is refused; a value that there
 * cannot be is missing and counted in the batch.
 */
void aqi_features_field_set(const struct aqi_features_rows *rows,
			    enum aqi_target target, double *values);

#endif
