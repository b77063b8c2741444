/*
 * gather.h: the step that makes base records of rows that hold parts of them.
 *
 * For sources with a layout: a row has one value, or one quantity at many
 * stations. A record has the station and time of its rows and the values that
 * they give; each row is read as aqi_features_step reads one, with the same
 * outputs. Records come in the order in which they begin in the input, and do
 * not depend on how it is cut into chunks.
 *
 * Of a row with a value, the value counts; of a row with columns of stations,
 * each station's, if its time can be read and its parameter is there: then a
 * bad value is refused alone, while in any other case the row is, as one. A
 * record is written when it has any value. So read = written + refused +
 * merged.
 *
 * Rows of a parameter that the mapping does not name are merged: they add
 * nothing. So are missing values, and those that yield to another of the same
 * station, time and field: one by a name that the mapping has further behind,
 * or a later one where it lets the first stand. Otherwise a value that is
 * there already is refused.
 */
#ifndef AQI_AIR_GATHER_H
#define AQI_AIR_GATHER_H

#include <stdint.h>

#include "air/features.h"
#include "record/step.h"

struct aqi_format;
struct aqi_gather;

struct aqi_gather_options {
	struct aqi_features_options features;	/* its mapping has a layout */
	const struct aqi_format *format;	/* of the run */
	/*
	 * So many records may wait for rows: those of an hour where the layout
	 * says that rows come in order of time, else those of all files, since
	 * several may have parts of one record.
	 */
	uint64_t max_held;
};

/* What options point to is borrowed; NULL without memory. One run each. */
struct aqi_gather *aqi_gather_new(const struct aqi_gather_options *options);

void aqi_gather_free(struct aqi_gather *gather);

/*
 * The step, borrowed from gather. Binding fails with AQI_E_USAGE where
 * aqi_features_step says so of stations, times and units, where the header
 * lacks a column of the layout, where there is no column of a station, and
 * where columns of stations are to be kept, or all columns. What is kept of a
 * record is from the row that it begins with. Taking a row fails with
 * AQI_E_LIMIT at the record above max_held.
 */
struct aqi_step aqi_gather_step(struct aqi_gather *gather);

#endif
