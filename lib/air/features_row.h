/*
 * features_row.h: which station and time the rows of a source are of.
 *
 * For aqi_features_step and for gather, whose records are made of several rows.
 * Private to them.
 */
#ifndef AQI_AIR_FEATURES_ROW_H
#define AQI_AIR_FEATURES_ROW_H

#include <stdint.h>

#include "base/error.h"

struct aqi_features_rows;

/* Set the output `station` of all rows. */
void aqi_features_row_stations(const struct aqi_features_rows *rows);

/*
 * Set `time`, `hour`, `day_of_week` and `month` of all rows that have a time,
 * if the plan has one, and the rows' periods; a row whose time is none is
 * refused.
 *
 * seconds  (n_rows,), out: aqi_time_seconds of the rows that have a time; or
 *          NULL
 *
 * Fails without memory only.
 */
enum aqi_status aqi_features_row_times(struct aqi_features_rows *rows,
				       int64_t *seconds,
				       struct aqi_error *err) AQI_MUST_CHECK;

#endif
