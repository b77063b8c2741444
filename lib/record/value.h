/* value.h: one value written as a CSV field or a JSON value. */
#ifndef AQI_RECORD_VALUE_H
#define AQI_RECORD_VALUE_H

#include "base/buffer.h"
#include "record/batch.h"
#include "record/field.h"

/*
 * Where the format asks for safe CSV, put ' before the text of the CSV field
 * that begins at `start` and ends with the buffer, if a spreadsheet would take
 * it for a formula: it begins with = + - @, one of these in full width, a tab
 * or CR, and is no number.
 */
void aqi_value_guard(struct aqi_buffer *out, size_t start,
		     const struct aqi_format *format);

/* Write a text as a CSV field, guarded like this. */
void aqi_value_add_csv_text(struct aqi_buffer *out, struct aqi_slice text,
			    const struct aqi_format *format);

/*
 * Write a value that a step has added, or one that came in JSON, as a CSV
 * field: numbers with the format's decimal mark, nothing where missing.
 */
void aqi_value_add_csv(struct aqi_buffer *out, struct aqi_field field,
		       const struct aqi_format *format);

/*
 * Write an input's value as a CSV field. Where numbers are written with another
 * decimal mark than they are read, that of a number changes, in a column known
 * to hold numbers, or where the format says to guess.
 */
void aqi_value_add_csv_cell(struct aqi_buffer *out,
			    const struct aqi_batch *batch, size_t row,
			    size_t input);

/* A value as in aqi_value_add_csv, as a JSON value. */
void aqi_value_add_json(struct aqi_buffer *out, struct aqi_field field);

/*
 * Write a CSV cell as a JSON value: a number or null in a column known to hold
 * numbers, or where the format says to guess; else a string. A number keeps
 * its bytes where JSON's grammar allows them; what should be a number and is
 * none is a string, so that it is not lost.
 */
void aqi_value_add_json_cell(struct aqi_buffer *out,
			     const struct aqi_batch *batch, size_t row,
			     size_t input);

#endif
