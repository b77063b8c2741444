/*
 * features_row.h: what the rows of a source say: station, time and values.
 *
 * By a plan, as aqi_features_step has it; for that step, and for gather, whose
 * records are made of several rows. Private to them.
 */
#ifndef AQI_AIR_FEATURES_ROW_H
#define AQI_AIR_FEATURES_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "air/mapping.h"
#include "air/units.h"
#include "base/error.h"
#include "record/field.h"

struct aqi_batch;
struct aqi_features_plan;

/* Set the output `station` of all rows. */
void aqi_features_row_stations(const struct aqi_features_plan *plan,
			       struct aqi_batch *batch);

/*
 * Set `time`, `hour`, `day_of_week` and `month` of all rows that have a time,
 * if the plan has one; a row whose time is none is refused.
 *
 * seconds  (n_rows,), out: aqi_time_seconds of the rows that have a time; or
 *          NULL
 *
 * Fails without memory only.
 */
enum aqi_status aqi_features_row_times(const struct aqi_features_plan *plan,
				       struct aqi_batch *batch,
				       int64_t *seconds,
				       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The value of a field, in a column of a row: *x, out, in the record's unit,
 * and *text, unless NULL, as it is written, borrowed from the batch. The
 * conversion counts for a field without ranges.
 *
 * AQI_END when it is missing, or is such that it counts as missing. AQI_REJECT
 * when it is no number, and the row is refused then.
 */
enum aqi_status aqi_features_row_value(const struct aqi_features_plan *plan,
				       struct aqi_batch *batch, size_t row,
				       enum aqi_target target, size_t input,
				       struct aqi_conversion conversion,
				       double *x, struct aqi_field *text)
	AQI_MUST_CHECK;

#endif
