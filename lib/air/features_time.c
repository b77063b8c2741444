#include "air/features_time.h"

#include <math.h>

#include "air/cell.h"
#include "air/features_plan.h"
#include "air/time.h"
#include "record/batch.h"

/* Whole numbers in a range, or the row is refused. */
static enum aqi_status
read_part(const struct aqi_features_plan *self, struct aqi_batch *batch,
	  size_t row, enum aqi_time_part part, int *value)
{
	static const struct {
		const char *name;
		int from, to;
	} specs[AQI_N_PARTS] = {
		{"a year", 1, 9999}, {"a month", 1, 12},
		{"a day of the month", 1, 31}, {"an hour", 0, 23},
	};
	size_t input = self->time_parts[part];
	char quoted[AQI_QUOTED_SIZE];
	enum aqi_status status;
	double x;

	status = aqi_cell_number(self->options.mapping, batch, row, input, &x);
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

static enum aqi_status
read_parts(const struct aqi_features_plan *self, struct aqi_batch *batch,
	   size_t row, size_t *input, struct aqi_time *time)
{
	int values[AQI_N_PARTS];

	for (size_t i = 0; i < AQI_N_PARTS; i++) {
		enum aqi_status status = read_part(
			self, batch, row, (enum aqi_time_part)i, &values[i]);

		*input = self->time_parts[i];
		if (status != AQI_OK)
			return status;
	}
	*time = (struct aqi_time){.year = values[AQI_PART_YEAR],
				  .month = values[AQI_PART_MONTH],
				  .day = values[AQI_PART_DAY],
				  .hour = values[AQI_PART_HOUR]};
	if (aqi_time_is_valid(time))
		return AQI_OK;
	aqi_batch_refuse(batch, row, self->time_parts[AQI_PART_DAY],
			 AQI_E_RANGE, "%04d-%02d has no day %d", time->year,
			 time->month, time->day);
	return AQI_REJECT;
}

static enum aqi_status
read_whole(const struct aqi_features_plan *self, struct aqi_batch *batch,
	   size_t row, struct aqi_time *time)
{
	size_t input = self->time.input;
	struct aqi_slice format = self->options.mapping->time.format;
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_slice text = aqi_field_text(field);
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_cell_is_missing(self->options.mapping, batch, field))
		return AQI_END;
	if (format.size > 0 ? aqi_time_read_as(text, format, time) :
			      aqi_time_read(text, time))
		return AQI_OK;
	if (format.size == 0)
		format = aqi_slice_of("YYYY-MM-DDThh:mm");
	aqi_batch_refuse(batch, row, input, AQI_E_TYPE,
			 "%s is not a time as in %.*s",
			 aqi_error_quote(quoted, text), (int)format.size,
			 format.data);
	return AQI_REJECT;
}

/* From what the source stamps to the hour's begin in local time. */
static void
settle(const struct aqi_mapping_time *spec, struct aqi_time *time)
{
	if (spec->has_offset && time->has_offset)
		aqi_time_set_offset(time, spec->offset);
	if (spec->has_offset) {
		time->has_offset = true;
		time->offset = spec->offset;
	}
	if (spec->stamps_end)
		aqi_time_shift(time, -60);
}

enum aqi_status
aqi_features_time_read(const struct aqi_features_plan *self,
		       struct aqi_batch *batch, size_t row,
		       struct aqi_time *time)
{
	const struct aqi_mapping_time *spec = &self->options.mapping->time;
	size_t input = self->time.input;
	enum aqi_status status =
		spec->column.size > 0 ?
			read_whole(self, batch, row, time) :
			read_parts(self, batch, row, &input, time);

	if (status == AQI_END && !spec->is_optional) {
		aqi_batch_refuse(batch, row, input, AQI_E_MISSING,
				 "the time is missing");
		return AQI_REJECT;
	}
	if (status != AQI_OK)
		return status;
	settle(spec, time);
	if (aqi_time_is_valid(time))
		return AQI_OK;
	aqi_batch_refuse(batch, row, input, AQI_E_RANGE,
			 "the hour begins outside the years 1 to 9999");
	return AQI_REJECT;
}
