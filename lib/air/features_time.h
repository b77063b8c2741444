/* features_time.h: the time of a source's row. Private to features. */
#ifndef AQI_AIR_FEATURES_TIME_H
#define AQI_AIR_FEATURES_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include "air/time.h"
#include "base/error.h"
#include "record/field.h"

struct aqi_batch;
struct aqi_features_plan;

/*
 * What the parts of a time were in rows before. Most rows are of the last one's
 * day, and a source writes the same 24 hours: their bytes spare reading them.
 * Zero-initialised, and for one batch.
 */
struct aqi_features_parts {
	struct aqi_field day[3];	/* of the last row: year, month, day */
	struct aqi_time of_day;
	/* By size and number of their digits, one more than the hour. */
	unsigned char hours[2][100];
};

/*
 * The begin of a row's hour, or of its day, in the time that is written: of one
 * column or of its parts, and moved as the mapping's stamp and offset say.
 * *is_day, out, tells which. The plan has a time. parts: those of the batch.
 *
 * AQI_REJECT when there is no such time, and the row is refused then; AQI_END
 * when it is missing and may be.
 */
enum aqi_status aqi_features_time_read(const struct aqi_features_plan *plan,
				       struct aqi_batch *batch, size_t row,
				       struct aqi_features_parts *parts,
				       struct aqi_time *time, bool *is_day)
	AQI_MUST_CHECK;

#endif
