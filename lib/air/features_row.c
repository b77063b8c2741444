#include "air/features_row.h"

#include <math.h>

#include "air/base_record.h"
#include "air/cell.h"
#include "air/features_plan.h"
#include "air/features_time.h"
#include "air/time.h"
#include "record/batch.h"
#include "record/layout.h"
#include "record/ndjson.h"
#include "record/number.h"

/* The file's name without folders and the endings of what it is kept in. */
static struct aqi_slice
stem(const char *file)
{
	static const char *const endings[] = {
		".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl",
		".gz", ".xz", ".bz2", ".zst",
	};
	const char *slash = file ? strrchr(file, '/') : NULL;
	struct aqi_slice name;

	if (!file || strcmp(file, "-") == 0)
		return (struct aqi_slice){0};
	name = aqi_slice_of(slash ? slash + 1 : file);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t n = strlen(endings[i]);

		if (name.size <= n ||
		    memcmp(name.data + name.size - n, endings[i], n) != 0)
			continue;
		name.size -= n;
		i = (size_t)-1;
	}
	return name;
}

void
aqi_features_row_stations(const struct aqi_features_plan *self,
			  struct aqi_batch *batch)
{
	struct aqi_slice name = self->options.station_name;
	size_t input = self->station.input;

	if (name.size == 0)
		name = stem(batch->file);
	for (size_t i = 0; i < batch->n_rows; i++) {
		struct aqi_field field = {0};

		if (batch->refused[i])
			continue;
		if (input != AQI_NO_COLUMN)
			field = aqi_batch_field(batch, i, input);
		if (!aqi_cell_is_missing(self->options.mapping, batch, field))
			aqi_batch_set(batch, self->station.added, i, field);
		else if (name.size > 0)
			aqi_batch_set_text(batch, self->station.added, i, name);
	}
}

/* A number from 0 to 23 as a text for ever. */
static void
set_small(struct aqi_batch *batch, size_t added, size_t row, int x)
{
	static const char digits[] = "0123456789101112131415161718192021"
				     "2223";
	size_t at = x < 10 ? (size_t)x : (size_t)x * 2 - 10;

	aqi_batch_set(batch, added, row,
		      (struct aqi_field){digits + at, x < 10 ? 1 : 2,
					 AQI_NUMBER});
}

enum aqi_status
aqi_features_row_times(const struct aqi_features_plan *self,
		       struct aqi_batch *batch, int64_t *seconds,
		       struct aqi_error *err)
{
	const struct aqi_features_column *columns = self->columns;
	char (*texts)[AQI_TIME_SIZE];
	struct aqi_time time;

	if (!self->has_time || batch->n_rows == 0)
		return AQI_OK;
	texts = aqi_batch_alloc(batch, batch->n_rows, sizeof *texts);
	if (!texts)
		return aqi_error_memory(err);
	for (size_t i = 0; i < batch->n_rows; i++) {
		if (batch->refused[i] ||
		    aqi_features_time_read(self, batch, i, &time) != AQI_OK)
			continue;
		if (seconds)
			seconds[i] = aqi_time_seconds(&time);
		aqi_batch_set_text(batch, self->time.added, i,
				   (struct aqi_slice){
					   texts[i],
					   aqi_time_write(texts[i], &time)});
		set_small(batch, columns[AQI_TARGET_HOUR].added, i, time.hour);
		set_small(batch, columns[AQI_TARGET_DAY_OF_WEEK].added, i,
			  aqi_time_weekday(&time));
		set_small(batch, columns[AQI_TARGET_MONTH].added, i,
			  time.month);
	}
	return AQI_OK;
}

/* In which of the ranges it is; NULL: in none. */
static const struct aqi_mapping_range *
find_range(const struct aqi_mapping_field *field, double x)
{
	for (size_t i = 0; i < field->n_ranges; i++)
		if (x >= field->ranges[i].from && x <= field->ranges[i].to)
			return &field->ranges[i];
	return NULL;
}

/* In the record's unit; NaN when there is no such value. */
static double
convert(const struct aqi_features_plan *self, enum aqi_target target,
	struct aqi_conversion conversion, double x)
{
	const struct aqi_mapping_field *field =
		&self->options.mapping->fields[target];

	if (field->n_ranges > 0) {
		const struct aqi_mapping_range *range = find_range(field, x);

		if (!range)
			return NAN;
		conversion = range->conversion;
	}
	if (!conversion.is_identity)
		x = aqi_units_apply(conversion, x);
	return target == AQI_TARGET_HUMIDITY ? aqi_units_humidity_limit(x) : x;
}

/* A number as a step writes it, in the batch's memory; missing without it. */
static struct aqi_field
write_number(struct aqi_batch *batch, double x, int decimals)
{
	char digits[AQI_NUMBER_SIZE];
	size_t n = decimals == AQI_SHORTEST ?
			   aqi_number_shortest(digits, x) :
			   aqi_number_rounded(digits, x, decimals);
	struct aqi_slice text =
		aqi_arena_copy(&batch->arena, (struct aqi_slice){digits, n});

	return (struct aqi_field){text.data, (uint32_t)text.size,
				  text.data ? AQI_NUMBER : AQI_MISSING};
}

/*
 * A number is written by JSON's grammar; a source's text that is of it keeps
 * its bytes, and one such as ".5" or "1,5" is written anew.
 */
static struct aqi_field
keep_number(struct aqi_batch *batch, struct aqi_field field, double x)
{
	struct aqi_slice text = aqi_slice_trim(aqi_field_text(field));

	if (!aqi_ndjson_is_number(text))
		return write_number(batch, x, AQI_SHORTEST);
	return (struct aqi_field){text.data, (uint32_t)text.size, AQI_NUMBER};
}

enum aqi_status
aqi_features_row_value(const struct aqi_features_plan *self,
		       struct aqi_batch *batch, size_t row,
		       enum aqi_target target, size_t input,
		       struct aqi_conversion conversion, double *x,
		       struct aqi_field *text)
{
	double raw;
	enum aqi_status status = aqi_cell_number(self->options.mapping, batch,
						 row, input, &raw);

	if (status != AQI_OK)
		return status;
	*x = convert(self, target, conversion, raw);
	if (!isfinite(*x))
		return AQI_END;
	if (!text)
		return AQI_OK;
	*text = *x == raw ? keep_number(batch,
					aqi_batch_field(batch, row, input),
					raw) :
			    write_number(batch, *x, self->options.decimals);
	return AQI_OK;
}
