#include "air/features_time.h"

#include <math.h>
#include <stdio.h>

#include "air/cell.h"
#include "air/features_plan.h"
#include "air/mapping.h"
#include "air/time.h"
#include "air/time_pattern.h"
#include "record/batch.h"
#include "record/layout.h"

/* Whole numbers in a range, or the row is refused. */
static enum aqi_status
read_part(const struct aqi_features_plan *self, struct aqi_batch *batch,
	  size_t row, enum aqi_time_part part, int *value)
{
	static const struct {
		const char *name;
		int from, to;
	} specs[AQI_N_PARTS] = {
		{"a year of four digits", 1000, 9999}, {"a month", 1, 12},
		{"a day of the month", 1, 31}, {"an hour", 0, 23},
	};
	size_t input = self->time_inputs[part];
	char quoted[AQI_QUOTED_SIZE];
	enum aqi_status status;
	double x;

	status = aqi_cell_number(&self->options.mapping->form, batch, row,
				 input, &x);
	if (status != AQI_OK)
		return status;
	if (x >= specs[part].from && x <= specs[part].to && x == floor(x)) {
		*value = (int)x;
		return AQI_OK;
	}
	aqi_error_quote(quoted, aqi_field_text(
					aqi_batch_field(batch, row, input)));
	aqi_batch_refuse(batch, row, input, AQI_E_RANGE,
			 "%s is not %s (%d to %d)", quoted, specs[part].name,
			 specs[part].from, specs[part].to);
	return AQI_REJECT;
}

/* Parts of a time have few digits, for which a call would be long. */
static inline bool
is_same(struct aqi_field a, struct aqi_field b)
{
	const size_t n = a.size;

	if (a.kind != b.kind || n != b.size || n == 0)
		return false;
	if (n > 3)
		return memcmp(a.data, b.data, 4) == 0 &&
		       (n == 4 || memcmp(a.data, b.data, n) == 0);
	return a.data[0] == b.data[0] && a.data[n / 2] == b.data[n / 2] &&
	       a.data[n - 1] == b.data[n - 1];
}

/* Of the last row's day by its bytes? */
static bool
is_known_day(const struct aqi_features_plan *self,
	     const struct aqi_batch *batch, size_t row,
	     const struct aqi_features_parts *parts)
{
	/* The last part first: it changes most often. */
	for (size_t i = AQI_PART_DAY + 1; i > 0; i--)
		if (!is_same(aqi_batch_field(batch, row,
					     self->time_inputs[i - 1]),
			     parts->day[i - 1]))
			return false;
	return true;
}

/* Where an hour of one or two digits is remembered; NULL: it is none. */
static unsigned char *
find_hour(struct aqi_features_parts *parts, struct aqi_field field)
{
	const unsigned char *p = (const unsigned char *)field.data;
	unsigned x = 0;

	if (field.kind != AQI_TEXT || field.size < 1 || field.size > 2)
		return NULL;
	for (size_t i = 0; i < field.size; i++) {
		if (p[i] < '0' || p[i] > '9')
			return NULL;
		x = x * 10 + (p[i] - '0');
	}
	return &parts->hours[field.size - 1][x];
}

static enum aqi_status
read_hour(const struct aqi_features_plan *self, struct aqi_batch *batch,
	  size_t row, struct aqi_features_parts *parts, int *hour)
{
	unsigned char *known = find_hour(parts, aqi_batch_field(batch, row,
				self->time_inputs[AQI_PART_HOUR]));
	enum aqi_status status;

	if (known && *known) {
		*hour = *known - 1;
		return AQI_OK;
	}
	status = read_part(self, batch, row, AQI_PART_HOUR, hour);
	if (known && status == AQI_OK)
		*known = (unsigned char)(*hour + 1);
	return status;
}

static void
remember_day(const struct aqi_features_plan *self,
	     const struct aqi_batch *batch, size_t row,
	     const struct aqi_time *time, struct aqi_features_parts *parts)
{
	for (size_t i = 0; i <= AQI_PART_DAY; i++)
		parts->day[i] = aqi_batch_field(batch, row,
						self->time_inputs[i]);
	parts->of_day = *time;
}

static enum aqi_status
read_parts(const struct aqi_features_plan *self, struct aqi_batch *batch,
	   size_t row, struct aqi_features_parts *parts, size_t *input,
	   struct aqi_time *time)
{
	const bool is_known = is_known_day(self, batch, row, parts);
	int values[AQI_N_PARTS];
	enum aqi_status status;

	for (size_t i = 0; i < AQI_PART_HOUR && !is_known; i++) {
		status = read_part(self, batch, row, (enum aqi_time_part)i,
				   &values[i]);
		*input = self->time_inputs[i];
		if (status != AQI_OK)
			return status;
	}
	*input = self->time_inputs[AQI_PART_HOUR];
	status = read_hour(self, batch, row, parts, &values[AQI_PART_HOUR]);
	if (status != AQI_OK)
		return status;
	*time = is_known ? parts->of_day :
		(struct aqi_time){.year = values[AQI_PART_YEAR],
				  .month = values[AQI_PART_MONTH],
				  .day = values[AQI_PART_DAY]};
	time->hour = values[AQI_PART_HOUR];
	if (is_known)
		return AQI_OK;
	if (aqi_time_is_valid(time)) {
		remember_day(self, batch, row, time, parts);
		return AQI_OK;
	}
	aqi_batch_refuse(batch, row, self->time_inputs[AQI_PART_DAY],
			 AQI_E_RANGE, "%04d-%02d has no day %d", time->year,
			 time->month, time->day);
	return AQI_REJECT;
}

/* "A or B", for a message. */
static const char *
list_patterns(char *out, size_t size, const struct aqi_names *patterns)
{
	size_t used = 0;

	if (patterns->n == 0)
		return "YYYY-MM-DDThh:mm";
	for (size_t i = 0; i < patterns->n && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%.*s",
					 i ? " or " : "",
					 (int)patterns->items[i].size,
					 patterns->items[i].data);
	return out;
}

/* By the first pattern that fits; parts that it has not stay as they are. */
static bool
read_text(const struct aqi_mapping_time *spec, const struct aqi_names *patterns,
	  struct aqi_slice text, struct aqi_time *time)
{
	struct aqi_time before = *time;

	if (patterns->n == 0)
		return aqi_time_read(text, time);
	for (size_t i = 0; i < patterns->n; i++) {
		*time = before;
		if (aqi_time_pattern_read(patterns->items[i], text, time) &&
		    (!spec->has_midnight_24 || aqi_time_pass_midnight(time)) &&
		    aqi_time_is_valid(time))
			return true;
	}
	return false;
}

/* Column k of the time, or of its halves. AQI_END: it is missing. */
static enum aqi_status
read_column(const struct aqi_features_plan *self, struct aqi_batch *batch,
	    size_t row, size_t k, struct aqi_time *time)
{
	const struct aqi_mapping *mapping = self->options.mapping;
	const struct aqi_names *patterns = &mapping->time.formats[k];
	bool is_date = k == 0 && (mapping->time.n_columns == 2 ||
				  mapping->time.is_daily);
	size_t input = self->time_inputs[k];
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_slice text = aqi_field_text(field);
	char quoted[AQI_QUOTED_SIZE], list[160];

	if (aqi_cell_is_missing(&mapping->form, batch, field))
		return AQI_END;
	if (read_text(&mapping->time, patterns, text, time))
		return AQI_OK;
	aqi_batch_refuse(batch, row, input, AQI_E_TYPE,
			 "%s is not a %s as in %s",
			 aqi_error_quote(quoted, text),
			 is_date ? "date" : "time",
			 list_patterns(list, sizeof list, patterns));
	return AQI_REJECT;
}

/* The date, and then the time of day. */
static enum aqi_status
read_halves(const struct aqi_features_plan *self, struct aqi_batch *batch,
	    size_t row, size_t *input, struct aqi_time *time, bool *is_day)
{
	enum aqi_status status = read_column(self, batch, row, 0, time);

	*input = self->time_inputs[0];
	if (status != AQI_OK)
		return status;
	*input = self->time_inputs[1];
	status = read_column(self, batch, row, 1, time);
	*is_day = status == AQI_END &&
		  self->options.mapping->time.has_day_rows;
	return *is_day ? AQI_OK : status;
}

/* Local time's offset, in minutes: fixed, or the row's. AQI_END: unknown. */
static enum aqi_status
read_offset(const struct aqi_features_plan *self, struct aqi_batch *batch,
	    size_t row, int *offset)
{
	const struct aqi_mapping *mapping = self->options.mapping;
	size_t input = self->offset_input;
	char quoted[AQI_QUOTED_SIZE];
	enum aqi_status status;
	double hours;

	*offset = mapping->time.offset;
	if (mapping->time.has_offset)
		return AQI_OK;
	if (input == AQI_NO_COLUMN)
		return AQI_END;
	status = aqi_cell_number(&mapping->form, batch, row, input, &hours);
	if (status != AQI_OK)
		return status;
	if (hours >= -14 && hours <= 14 && hours * 60 == floor(hours * 60)) {
		*offset = (int)(hours * 60);
		return AQI_OK;
	}
	aqi_error_quote(quoted, aqi_field_text(
					aqi_batch_field(batch, row, input)));
	aqi_batch_refuse(batch, row, input, AQI_E_RANGE,
			 "%s is not an offset from UTC in hours (-14 to 14)",
			 quoted);
	return AQI_REJECT;
}

/*
 * From what the source stamps to the hour's begin in local time. A day is one
 * of local time already, and begins where it is stamped. *is_moved, out: it may
 * be another time now than the valid one that was read.
 */
static enum aqi_status
settle(const struct aqi_features_plan *self, struct aqi_batch *batch,
       size_t row, bool is_day, struct aqi_time *time, bool *is_moved)
{
	const struct aqi_mapping_time *spec = &self->options.mapping->time;
	enum aqi_status status;
	int offset;

	if (spec->stamps_utc && !is_day && !time->has_offset) {
		time->has_offset = true;
		time->offset = 0;
	}
	status = read_offset(self, batch, row, &offset);
	if (status == AQI_REJECT)
		return status;
	*is_moved = spec->stamps_end && !is_day;
	if (status == AQI_OK && time->has_offset && time->offset != offset) {
		aqi_time_set_offset(time, offset);
		*is_moved = true;
	}
	if (status == AQI_OK) {
		time->has_offset = true;
		time->offset = offset;
	}
	if (spec->stamps_end && !is_day)
		aqi_time_shift(time, -60);
	return AQI_OK;
}

enum aqi_status
aqi_features_time_read(const struct aqi_features_plan *self,
		       struct aqi_batch *batch, size_t row,
		       struct aqi_features_parts *parts,
		       struct aqi_time *time, bool *is_day)
{
	const struct aqi_mapping_time *spec = &self->options.mapping->time;
	size_t input = self->time_inputs[0];
	enum aqi_status status;
	bool is_moved = false;

	*time = (struct aqi_time){0};
	*is_day = spec->is_daily;
	if (spec->n_columns == 1)
		status = read_column(self, batch, row, 0, time);
	else if (spec->n_columns == 2)
		status = read_halves(self, batch, row, &input, time, is_day);
	else
		status = read_parts(self, batch, row, parts, &input, time);
	if (status == AQI_END && !spec->is_optional) {
		aqi_batch_refuse(batch, row, input, AQI_E_MISSING,
				 "the time is missing");
		return AQI_REJECT;
	}
	if (status == AQI_OK)
		status = settle(self, batch, row, *is_day, time, &is_moved);
	if (status != AQI_OK)
		return status;
	if (!is_moved || aqi_time_is_valid(time))
		return AQI_OK;
	aqi_batch_refuse(batch, row, input, AQI_E_RANGE,
			 "the hour begins outside the years 1 to 9999");
	return AQI_REJECT;
}
