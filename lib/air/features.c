#include "air/features.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "air/mapping.h"
#include "air/time.h"
#include "record/batch.h"
#include "record/layout.h"
#include "record/ndjson.h"

/* Where a field comes from, and goes to. */
struct plan {
	size_t input, added;
	struct aqi_conversion conversion;
};

struct aqi_features {
	struct aqi_features_options options;
	struct plan plans[AQI_N_TARGETS];
	struct plan station, time;
	size_t time_parts[AQI_N_PARTS];	/* inputs */
	bool has_time;
	bool makes_humidity;		/* of temperature and dew point */
};

struct aqi_features *
aqi_features_new(const struct aqi_features_options *options)
{
	struct aqi_features *features = calloc(1, sizeof *features);

	if (features)
		features->options = *options;
	return features;
}

void
aqi_features_free(struct aqi_features *features)
{
	free(features);
}

/* Binding: what the header has of what the mapping wants. */

#define ANY_UNIT " (*)"

/* Is it the pattern with any text between the parentheses? */
static bool
matches(struct aqi_slice column, struct aqi_slice pattern)
{
	size_t ending = sizeof ANY_UNIT - 1, stem;

	if (pattern.size < ending ||
	    memcmp(pattern.data + pattern.size - ending, ANY_UNIT, ending))
		return aqi_slice_equal(column, pattern);
	stem = pattern.size - 2;
	return column.size > stem &&
	       memcmp(column.data, pattern.data, stem) == 0 &&
	       column.data[column.size - 1] == ')';
}

static size_t
find_column(const struct aqi_layout *layout, struct aqi_slice pattern)
{
	for (size_t i = 0; i < layout->n_inputs; i++)
		if (matches(layout->inputs[i], pattern))
			return i;
	return AQI_NO_COLUMN;
}

static size_t
find_first(const struct aqi_layout *layout, const struct aqi_names *columns)
{
	size_t input = AQI_NO_COLUMN;

	for (size_t i = 0; i < columns->n && input == AQI_NO_COLUMN; i++)
		input = find_column(layout, columns->items[i]);
	return input;
}

/* An error of the header, whose field is what was wanted of it. */
static enum aqi_status
refuse_header(const struct aqi_layout *layout, const char *field,
	      const char *reason, struct aqi_error *err)
{
	aqi_error_set(err, AQI_E_USAGE, "%s", reason);
	if (field)
		aqi_error_name(err, aqi_slice_of(field));
	return aqi_error_at(err, layout->file, 1, 0);
}

/* "; did you mean "X"?", or nothing. */
static const char *
hint(char *out, size_t size, const struct aqi_layout *layout,
     struct aqi_slice wanted)
{
	const struct aqi_slice *near =
		aqi_layout_near(layout->inputs, layout->n_inputs, wanted);
	char quoted[AQI_QUOTED_SIZE];

	*out = '\0';
	if (near)
		snprintf(out, size, "; did you mean %s?",
			 aqi_error_quote(quoted, *near));
	return out;
}
#define HINT_SIZE (AQI_QUOTED_SIZE + 20)

static enum aqi_status
refuse_absent(const struct aqi_features *self, const struct aqi_layout *layout,
	      const char *field, struct aqi_slice wanted, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE], near[HINT_SIZE], reason[320];

	snprintf(reason, sizeof reason,
		 "there is no column %s, as the source \"%.*s\" has%s",
		 aqi_error_quote(quoted, wanted),
		 (int)self->options.mapping->name.size,
		 self->options.mapping->name.data,
		 hint(near, sizeof near, layout, wanted));
	return refuse_header(layout, field, reason, err);
}

/* The text in the parentheses at the end of a column's name. */
static struct aqi_slice
unit_in(struct aqi_slice column)
{
	size_t n = column.size;

	if (n == 0 || column.data[n - 1] != ')')
		return (struct aqi_slice){0};
	while (n > 0 && column.data[n - 1] != '(')
		n--;
	return aqi_slice_trim((struct aqi_slice){column.data + n,
						 column.size - 1 - n});
}

/* The conversion by the unit that is stated; ranges have their own. */
static enum aqi_status
bind_unit(struct aqi_features *self, const struct aqi_layout *layout,
	  enum aqi_target target, struct aqi_error *err)
{
	const struct aqi_mapping *mapping = self->options.mapping;
	const struct aqi_mapping_field *field = &mapping->fields[target];
	const struct aqi_target_spec *spec = &aqi_mapping_targets[target];
	struct plan *plan = &self->plans[target];
	struct aqi_slice unit = field->unit;
	char quoted[AQI_QUOTED_SIZE], reason[320];

	plan->conversion = (struct aqi_conversion){1, 0, true};
	if (!spec->unit || field->n_ranges > 0)
		return AQI_OK;
	if (aqi_slice_is(unit, "auto")) {
		unit = unit_in(layout->inputs[plan->input]);
		if (unit.size == 0)
			unit = field->otherwise;
	}
	if (aqi_mapping_convert(mapping, target, unit, &plan->conversion))
		return AQI_OK;
	aqi_error_quote(quoted, layout->inputs[plan->input]);
	snprintf(reason, sizeof reason,
		 "the column %s has no unit in its name that converts into %s",
		 quoted, spec->unit);
	return refuse_header(layout, spec->name, reason, err);
}

static enum aqi_status
bind_fields(struct aqi_features *self, struct aqi_layout *layout,
	    struct aqi_error *err)
{
	for (size_t i = 0; i < AQI_N_TARGETS; i++) {
		struct plan *plan = &self->plans[i];

		plan->input = find_first(
			layout, &self->options.mapping->fields[i].columns);
		if (plan->input == AQI_NO_COLUMN)
			continue;
		layout->is_number[plan->input] = true;
		if (bind_unit(self, layout, (enum aqi_target)i, err) != AQI_OK)
			return AQI_FATAL;
	}
	self->makes_humidity =
		self->plans[AQI_TARGET_HUMIDITY].input == AQI_NO_COLUMN &&
		self->plans[AQI_TARGET_DEW_POINT].input != AQI_NO_COLUMN &&
		self->plans[AQI_TARGET_TEMPERATURE].input != AQI_NO_COLUMN;
	return AQI_OK;
}

/* All columns of the time, or none where that is allowed. */
static enum aqi_status
bind_time(struct aqi_features *self, const struct aqi_layout *layout,
	  struct aqi_error *err)
{
	const struct aqi_mapping_time *time = &self->options.mapping->time;
	bool in_parts = time->column.size == 0;
	const struct aqi_slice *wanted = in_parts ? time->parts : &time->column;
	size_t *inputs = in_parts ? self->time_parts : &self->time.input;

	self->has_time = true;
	for (size_t i = 0; i < (in_parts ? AQI_N_PARTS : 1); i++) {
		inputs[i] = aqi_layout_find(layout, wanted[i]);
		if (inputs[i] != AQI_NO_COLUMN)
			continue;
		self->has_time = false;
		if (!time->is_optional)
			return refuse_absent(self, layout, "time", wanted[i],
					     err);
	}
	return AQI_OK;
}

/* Is a field made of something else than a column of its own? */
static bool
is_made(const struct aqi_features *self, size_t target)
{
	if (target == AQI_TARGET_HUMIDITY)
		return self->makes_humidity;
	return !aqi_mapping_targets[target].unit && self->has_time;
}

static enum aqi_status
refuse_pollutants(const struct aqi_features *self,
		  const struct aqi_layout *layout, struct aqi_error *err)
{
	const struct aqi_mapping *mapping = self->options.mapping;
	char quoted[AQI_QUOTED_SIZE], near[HINT_SIZE] = "", reason[320];
	size_t used;

	used = (size_t)snprintf(reason, sizeof reason,
				"there is no pollutant of the source \"%.*s\", "
				"no", (int)mapping->name.size,
				mapping->name.data);
	for (size_t i = 0; i < AQI_N_POLLUTANTS; i++) {
		const struct aqi_names *columns = &mapping->fields[i].columns;

		if (columns->n == 0 || used >= sizeof reason)
			continue;
		used += (size_t)snprintf(reason + used, sizeof reason - used,
					 " %s", aqi_error_quote(
							quoted,
							columns->items[0]));
		if (!*near)
			hint(near, sizeof near, layout, columns->items[0]);
	}
	if (used < sizeof reason)
		snprintf(reason + used, sizeof reason - used, "%s", near);
	return refuse_header(layout, NULL, reason, err);
}

static enum aqi_status
check_found(const struct aqi_features *self, const struct aqi_layout *layout,
	    struct aqi_error *err)
{
	const struct aqi_mapping_field *fields = self->options.mapping->fields;
	size_t n_pollutants = 0;

	for (size_t i = 0; i < AQI_N_POLLUTANTS; i++)
		n_pollutants += self->plans[i].input != AQI_NO_COLUMN;
	if (n_pollutants == 0)
		return refuse_pollutants(self, layout, err);
	if (layout->allows_absent)
		return AQI_OK;
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		if (fields[i].columns.n > 0 && !fields[i].is_optional &&
		    self->plans[i].input == AQI_NO_COLUMN && !is_made(self, i))
			return refuse_absent(self, layout,
					     aqi_mapping_targets[i].name,
					     fields[i].columns.items[0], err);
	return AQI_OK;
}

static enum aqi_status
add_outputs(struct aqi_features *self, struct aqi_layout *layout,
	    struct aqi_error *err)
{
	aqi_layout_drop_all(layout);
	if (aqi_layout_add(layout, aqi_slice_of("station"),
			   &self->station.added, err) != AQI_OK ||
	    aqi_layout_add(layout, aqi_slice_of("time"), &self->time.added,
			   err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < AQI_N_BASE; i++)
		if (aqi_layout_add(layout,
				   aqi_slice_of(aqi_mapping_targets[i].name),
				   &self->plans[i].added, err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

static bool
is_output(const struct aqi_layout *layout, struct aqi_slice name)
{
	for (size_t i = 0; i < layout->n_outputs; i++)
		if (aqi_slice_equal(layout->outputs[i].name, name))
			return true;
	return false;
}

static enum aqi_status
keep_one(struct aqi_layout *layout, struct aqi_slice name,
	 struct aqi_error *err)
{
	size_t input = aqi_layout_find(layout, name);
	char quoted[AQI_QUOTED_SIZE], near[HINT_SIZE], reason[320];

	aqi_error_quote(quoted, name);
	if (input != AQI_NO_COLUMN && !is_output(layout, name))
		return aqi_layout_keep(layout, input, err);
	if (input != AQI_NO_COLUMN)
		snprintf(reason, sizeof reason, "cannot keep %s: an output has "
			 "that name", quoted);
	else
		snprintf(reason, sizeof reason, "cannot keep %s: there is no "
			 "such column%s", quoted,
			 hint(near, sizeof near, layout, name));
	return refuse_header(layout, NULL, reason, err);
}

static enum aqi_status
keep_columns(const struct aqi_features *self, struct aqi_layout *layout,
	     struct aqi_error *err)
{
	const struct aqi_features_options *options = &self->options;
	enum aqi_status status = AQI_OK;

	if (options->keeps_all) {
		for (size_t i = 0; i < layout->n_inputs && !status; i++)
			if (!is_output(layout, layout->inputs[i]))
				status = aqi_layout_keep(layout, i, err);
		return status;
	}
	for (size_t i = 0; i < options->n_keep && !status; i++)
		status = keep_one(layout, options->keep[i], err);
	return status;
}

static enum aqi_status
bind(void *features, struct aqi_layout *layout, struct aqi_error *err)
{
	struct aqi_features *self = features;
	struct aqi_slice station = self->options.mapping->station;

	self->station.input = station.size > 0 ?
				      aqi_layout_find(layout, station) :
				      AQI_NO_COLUMN;
	if (bind_fields(self, layout, err) != AQI_OK ||
	    bind_time(self, layout, err) != AQI_OK ||
	    check_found(self, layout, err) != AQI_OK ||
	    add_outputs(self, layout, err) != AQI_OK)
		return AQI_FATAL;
	return keep_columns(self, layout, err);
}

/* Running: the values. */

static bool
is_missing(const struct aqi_features *self, const struct aqi_batch *batch,
	   struct aqi_field field)
{
	const struct aqi_names *tokens = &self->options.mapping->missing;
	struct aqi_slice text;

	if (aqi_batch_is_missing(batch, field))
		return true;
	text = aqi_slice_trim(aqi_field_text(field));
	for (size_t i = 0; i < tokens->n; i++)
		if (aqi_slice_equal(text, tokens->items[i]))
			return true;
	return false;
}

/* AQI_END when missing; a row that holds no number is refused. */
static enum aqi_status
read_number(const struct aqi_features *self, struct aqi_batch *batch,
	    size_t row, size_t input, double *x)
{
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_error err;
	enum aqi_status status;

	if (is_missing(self, batch, field))
		return AQI_END;
	status = aqi_batch_number(batch, field, x, &err);
	if (status == AQI_REJECT)
		aqi_batch_refuse(batch, row, input, err.code, "%s", err.reason);
	return status;
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
set_station(const struct aqi_features *self, struct aqi_batch *batch)
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
		if (!is_missing(self, batch, field))
			aqi_batch_set(batch, self->station.added, i, field);
		else if (name.size > 0)
			aqi_batch_set_text(batch, self->station.added, i, name);
	}
}

/* Whole numbers in a range, or the row is refused. */
static enum aqi_status
read_part(const struct aqi_features *self, struct aqi_batch *batch, size_t row,
	  enum aqi_time_part part, int *value)
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

	status = read_number(self, batch, row, input, &x);
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
read_parts(const struct aqi_features *self, struct aqi_batch *batch, size_t row,
	   size_t *input, struct aqi_time *time)
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
read_whole(const struct aqi_features *self, struct aqi_batch *batch, size_t row,
	   struct aqi_time *time)
{
	size_t input = self->time.input;
	struct aqi_slice format = self->options.mapping->time.format;
	struct aqi_field field = aqi_batch_field(batch, row, input);
	struct aqi_slice text = aqi_field_text(field);
	char quoted[AQI_QUOTED_SIZE];

	if (is_missing(self, batch, field))
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

/* AQI_OK only with a time; otherwise the row is refused, or has none. */
static enum aqi_status
read_time(const struct aqi_features *self, struct aqi_batch *batch, size_t row,
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
set_time(const struct aqi_features *self, struct aqi_batch *batch,
	 struct aqi_error *err)
{
	const struct plan *plans = self->plans;
	char (*texts)[AQI_TIME_SIZE];
	struct aqi_time time;

	if (!self->has_time || batch->n_rows == 0)
		return AQI_OK;
	texts = aqi_batch_alloc(batch, batch->n_rows, sizeof *texts);
	if (!texts)
		return aqi_error_memory(err);
	for (size_t i = 0; i < batch->n_rows; i++) {
		if (batch->refused[i] ||
		    read_time(self, batch, i, &time) != AQI_OK)
			continue;
		aqi_batch_set_text(batch, self->time.added, i,
				   (struct aqi_slice){
					   texts[i],
					   aqi_time_write(texts[i], &time)});
		set_small(batch, plans[AQI_TARGET_HOUR].added, i, time.hour);
		set_small(batch, plans[AQI_TARGET_DAY_OF_WEEK].added, i,
			  aqi_time_weekday(&time));
		set_small(batch, plans[AQI_TARGET_MONTH].added, i, time.month);
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
convert(const struct aqi_features *self, enum aqi_target target, double x)
{
	const struct aqi_mapping_field *field =
		&self->options.mapping->fields[target];
	struct aqi_conversion conversion = self->plans[target].conversion;

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

/* values (n_rows,), out: in the record's unit, NaN where missing; or NULL. */
static void
set_field(const struct aqi_features *self, struct aqi_batch *batch,
	  enum aqi_target target, double *values)
{
	const struct plan *plan = &self->plans[target];
	double x, y;

	for (size_t i = 0; i < batch->n_rows; i++) {
		if (values)
			values[i] = NAN;
		if (plan->input == AQI_NO_COLUMN || batch->refused[i] ||
		    read_number(self, batch, i, plan->input, &x) != AQI_OK)
			continue;
		y = convert(self, target, x);
		if (values)
			values[i] = y;
		if (target >= AQI_N_BASE || !isfinite(y))
			continue;
		if (y == x)
			set_unchanged(batch, plan->added, i,
				      aqi_batch_field(batch, i, plan->input),
				      x);
		else
			aqi_batch_set_rounded(batch, plan->added, i, y,
					      self->options.decimals);
	}
}

static enum aqi_status
set_humidity(const struct aqi_features *self, struct aqi_batch *batch,
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

		if (!batch->refused[i] && isfinite(x))
			aqi_batch_set_rounded(
				batch, self->plans[AQI_TARGET_HUMIDITY].added,
				i, x, self->options.decimals);
	}
	return AQI_OK;
}

static enum aqi_status
run(void *features, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_features *self = features;

	set_station(self, batch);
	if (set_time(self, batch, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < AQI_N_BASE; i++)
		if (!(self->makes_humidity && i == AQI_TARGET_TEMPERATURE))
			set_field(self, batch, (enum aqi_target)i, NULL);
	return self->makes_humidity ? set_humidity(self, batch, err) : AQI_OK;
}

struct aqi_step
aqi_features_step(struct aqi_features *features)
{
	return (struct aqi_step){.self = features, .bind = bind, .run = run};
}
