/*
 * features_field.h: a field of the record, read from a row's columns and units.
 * Private to features.
 */
#ifndef AQI_AIR_FEATURES_FIELD_H
#define AQI_AIR_FEATURES_FIELD_H

#include "air/features_plan.h"
#include "base/error.h"
#include "record/field.h"

struct aqi_batch;

/* The rows of a batch at work. */
struct aqi_features_rows {
	const struct aqi_features_plan *plan;
	struct aqi_batch *batch;
	/* (n_rows,) of aqi_mapping_period; NULL: there is one only */
	unsigned char *periods;
};

/*
 * The unit of the last row that named one. Most columns name one and the same
 * in every row, so that a look at the text spares the search. Zero-initialised,
 * and for one field and batch.
 */
struct aqi_features_unit {
	struct aqi_slice text;
	struct aqi_mapping_conversion conversion;
	bool converts;
};

/*
 * Read a field of a row from one of its sources: *y, out, in the record's unit,
 * and *text, out, as it is written, borrowed from the batch. The dew point has
 * no text.
 *
 * AQI_END when it is missing, or cannot be and is counted in the batch.
 * AQI_REJECT when its number or unit cannot be read, and the row is refused.
 */
enum aqi_status aqi_features_field_read(
	const struct aqi_features_rows *rows, enum aqi_target target,
	const struct aqi_features_source *source, size_t row,
	struct aqi_features_unit *memo, double *y, struct aqi_field *text)
	AQI_MUST_CHECK;

/* Does the row have it already: a part of its time, or its own humidity? */
bool aqi_features_field_is_set(const struct aqi_features_rows *rows,
			       enum aqi_target target, size_t row);

/* The number, *x, out, of the first of a field's sources that has one in a row;
 * NULL: there is none, or none that can be read, and the row is refused. */
const struct aqi_features_source *
aqi_features_field_find(const struct aqi_features_rows *rows,
			enum aqi_target target, size_t row, double *x);

/* What aqi_features_field_read does with the number x that it has read. */
enum aqi_status aqi_features_field_settle(
	const struct aqi_features_rows *rows, enum aqi_target target,
	const struct aqi_features_source *source, size_t row,
	struct aqi_features_unit *memo, double x, double *y,
	struct aqi_field *text) AQI_MUST_CHECK;

#endif
