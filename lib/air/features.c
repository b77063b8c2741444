#include "air/features.h"

#include <math.h>
#include <stdlib.h>

#include "air/base_record.h"
#include "air/cell.h"
#include "air/features_plan.h"
#include "air/features_time.h"
#include "air/time.h"
#include "record/batch.h"
#include "record/layout.h"
#include "record/ndjson.h"

struct aqi_features {
	struct aqi_features_plan plan;
};

struct aqi_features *
aqi_features_new(const struct aqi_features_options *options)
{
	struct aqi_features *features = calloc(1, sizeof *features);

	if (features)
		features->plan.options = *options;
	return features;
}

void
aqi_features_free(struct aqi_features *features)
{
	free(features);
}

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

static void
set_station(const struct aqi_features_plan *self, struct aqi_batch *batch)
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

static enum aqi_status
set_time(const struct aqi_features_plan *self, struct aqi_batch *batch,
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
convert(const struct aqi_features_plan *self, enum aqi_target target, double x)
{
	const struct aqi_mapping_field *field =
		&self->options.mapping->fields[target];
	struct aqi_conversion conversion = self->columns[target].conversion;

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

/*
 * A number is written by JSON's grammar; a source's text that is of it keeps
 * its bytes, and one such as ".5" or "1,5" is written anew.
 */
static void
set_unchanged(struct aqi_batch *batch, size_t added, size_t row,
	      struct aqi_field field, double x)
{
	struct aqi_slice text = aqi_slice_trim(aqi_field_text(field));

	if (aqi_ndjson_is_number(text))
		aqi_batch_set(batch, added, row,
			      (struct aqi_field){text.data,
						 (uint32_t)text.size,
						 AQI_NUMBER});
	else
		aqi_batch_set_number(batch, added, row, x, AQI_SHORTEST);
}

/* Does the row have it already: a part of its time, or its own humidity? */
static bool
is_given(const struct aqi_features_plan *self, const struct aqi_batch *batch,
	 enum aqi_target target, size_t row)
{
	size_t added = self->columns[target].added;

	return target < AQI_N_BASE &&
	       batch->added[added * batch->n_rows + row].kind != AQI_MISSING;
}

/* values (n_rows,), out: in the record's unit, NaN where missing; or NULL. */
static void
set_field(const struct aqi_features_plan *self, struct aqi_batch *batch,
	  enum aqi_target target, double *values)
{
	const struct aqi_features_column *column = &self->columns[target];
	double x, y;

	for (size_t i = 0; i < batch->n_rows; i++) {
		if (values)
			values[i] = NAN;
		if (column->input == AQI_NO_COLUMN || batch->refused[i] ||
		    is_given(self, batch, target, i) ||
		    aqi_cell_number(self->options.mapping, batch, i,
				    column->input, &x) != AQI_OK)
			continue;
		y = convert(self, target, x);
		if (values)
			values[i] = y;
		if (target >= AQI_N_BASE || !isfinite(y))
			continue;
		if (y == x)
			set_unchanged(batch, column->added, i,
				      aqi_batch_field(batch, i, column->input),
				      x);
		else
			aqi_batch_set_rounded(batch, column->added, i, y,
					      self->options.decimals);
	}
}

static enum aqi_status
set_humidity(const struct aqi_features_plan *self, struct aqi_batch *batch,
	     struct aqi_error *err)
{
	size_t n = batch->n_rows;
	double *temperature = aqi_batch_alloc(batch, n, sizeof *temperature);
	double *dew_point = aqi_batch_alloc(batch, n, sizeof *dew_point);

	if (n > 0 && (!temperature || !dew_point))
		return aqi_error_memory(err);
	set_field(self, batch, AQI_TARGET_TEMPERATURE, temperature);
	set_field(self, batch, AQI_TARGET_DEW_POINT, dew_point);
	for (size_t i = 0; i < n; i++) {
		double x = aqi_units_humidity(temperature[i], dew_point[i]);

		if (!batch->refused[i] && isfinite(x) &&
		    !is_given(self, batch, AQI_TARGET_HUMIDITY, i))
			aqi_batch_set_rounded(
				batch, self->columns[AQI_TARGET_HUMIDITY].added,
				i, x, self->options.decimals);
	}
	return AQI_OK;
}

static enum aqi_status
run(void *plan, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_features_plan *self = plan;

	set_station(self, batch);
	if (set_time(self, batch, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < AQI_N_BASE; i++)
		if (!(self->makes_humidity && i == AQI_TARGET_TEMPERATURE))
			set_field(self, batch, (enum aqi_target)i, NULL);
	return self->makes_humidity ? set_humidity(self, batch, err) : AQI_OK;
}

static enum aqi_status
bind(void *plan, struct aqi_layout *layout, struct aqi_error *err)
{
	return aqi_features_plan_bind(plan, layout, err);
}

struct aqi_step
aqi_features_step(struct aqi_features *features)
{
	return (struct aqi_step){.self = &features->plan, .bind = bind,
				 .run = run};
}
