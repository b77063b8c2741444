#include "air/features_plan.h"

#include <stdio.h>

#include "air/base_record.h"
#include "air/inputs.h"
#include "air/mapping.h"
#include "record/layout.h"

static size_t
find_column(const struct aqi_layout *layout, struct aqi_slice pattern)
{
	for (size_t i = 0; i < layout->n_inputs; i++)
		if (aqi_mapping_matches(pattern, layout->inputs[i]))
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
	return aqi_error_at(err, layout->file, layout->line, 0);
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
refuse_absent(const struct aqi_features_plan *self,
	      const struct aqi_layout *layout, const char *field,
	      struct aqi_slice wanted, struct aqi_error *err)
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
bind_unit(struct aqi_features_plan *self, const struct aqi_layout *layout,
	  enum aqi_target target, struct aqi_error *err)
{
	const struct aqi_mapping *mapping = self->options.mapping;
	const struct aqi_mapping_field *field = &mapping->fields[target];
	const struct aqi_target_spec *spec = &aqi_mapping_targets[target];
	struct aqi_features_column *column = &self->columns[target];
	struct aqi_slice unit = field->unit;
	char quoted[AQI_QUOTED_SIZE], reason[320];

	column->conversion = (struct aqi_conversion){1, 0, true};
	if (!spec->unit || field->n_ranges > 0)
		return AQI_OK;
	if (aqi_slice_is(unit, "auto")) {
		unit = unit_in(layout->inputs[column->input]);
		if (unit.size == 0)
			unit = field->otherwise;
	}
	if (aqi_mapping_convert(mapping, target, unit, &column->conversion))
		return AQI_OK;
	aqi_error_quote(quoted, layout->inputs[column->input]);
	snprintf(reason, sizeof reason,
		 "the column %s has no unit in its name that converts into %s",
		 quoted, spec->unit);
	return refuse_header(layout, spec->name, reason, err);
}

static enum aqi_status
bind_fields(struct aqi_features_plan *self, struct aqi_layout *layout,
	    struct aqi_error *err)
{
	for (size_t i = 0; i < AQI_N_TARGETS; i++) {
		struct aqi_features_column *column = &self->columns[i];

		column->input = find_first(
			layout, &self->options.mapping->fields[i].columns);
		if (column->input == AQI_NO_COLUMN)
			continue;
		layout->is_number[column->input] = true;
		if (bind_unit(self, layout, (enum aqi_target)i, err) != AQI_OK)
			return AQI_FATAL;
	}
	self->makes_humidity =
		self->columns[AQI_TARGET_HUMIDITY].input == AQI_NO_COLUMN &&
		self->columns[AQI_TARGET_DEW_POINT].input != AQI_NO_COLUMN &&
		self->columns[AQI_TARGET_TEMPERATURE].input != AQI_NO_COLUMN;
	return AQI_OK;
}

/* The columns of the time: names (n,), and where their inputs go. */
struct time_columns {
	const struct aqi_slice *names;
	size_t *inputs;
	size_t n;
};

static struct time_columns
time_columns(struct aqi_features_plan *self)
{
	const struct aqi_mapping_time *time = &self->options.mapping->time;

	if (time->column.size > 0)
		return (struct time_columns){&time->column, &self->time.input,
					     1};
	return (struct time_columns){time->parts, self->time_parts,
				     AQI_N_PARTS};
}

/*
 * Without all columns of the time there is none in CSV. NDJSON may have more
 * of them in later records, if absent ones are allowed.
 */
static enum aqi_status
bind_time(struct aqi_features_plan *self, const struct aqi_layout *layout,
	  struct aqi_error *err)
{
	const struct time_columns time = time_columns(self);
	struct aqi_slice absent = {0};
	size_t n_found = 0;

	for (size_t i = 0; i < time.n; i++) {
		time.inputs[i] = aqi_layout_find(layout, time.names[i]);
		if (time.inputs[i] != AQI_NO_COLUMN)
			n_found++;
		else if (!absent.data)
			absent = time.names[i];
	}
	self->has_time = n_found == time.n;
	if (self->has_time || self->options.mapping->time.is_optional ||
	    (n_found > 0 && layout->is_json && layout->allows_absent))
		return AQI_OK;
	return refuse_absent(self, layout, "time", absent, err);
}

/* Is a field made of something else than a column of its own? */
static bool
is_made(const struct aqi_features_plan *self, size_t target)
{
	if (target == AQI_TARGET_HUMIDITY)
		return self->makes_humidity;
	return !aqi_mapping_targets[target].unit && self->has_time;
}

static enum aqi_status
refuse_pollutants(const struct aqi_features_plan *self,
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
check_found(const struct aqi_features_plan *self,
	    const struct aqi_layout *layout, struct aqi_error *err)
{
	const struct aqi_mapping_field *fields = self->options.mapping->fields;
	size_t n_pollutants = 0;

	for (size_t i = 0; i < AQI_N_POLLUTANTS; i++)
		n_pollutants += self->columns[i].input != AQI_NO_COLUMN;
	if (n_pollutants == 0)
		return refuse_pollutants(self, layout, err);
	if (layout->allows_absent)
		return AQI_OK;
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		if (fields[i].columns.n > 0 && !fields[i].is_optional &&
		    self->columns[i].input == AQI_NO_COLUMN &&
		    !is_made(self, i))
			return refuse_absent(self, layout,
					     aqi_mapping_targets[i].name,
					     fields[i].columns.items[0], err);
	return AQI_OK;
}

/* The first of a field's names that is no pattern; or NULL. */
static const struct aqi_slice *
plain_name(const struct aqi_names *columns)
{
	for (size_t i = 0; i < columns->n; i++)
		if (!aqi_mapping_is_pattern(columns->items[i]))
			return &columns->items[i];
	return NULL;
}

/* A field of later records, unless its unit cannot be known of its name. */
static enum aqi_status
expect_field(struct aqi_features_plan *self, struct aqi_layout *layout,
	     enum aqi_target target, struct aqi_error *err)
{
	struct aqi_features_column *column = &self->columns[target];
	const struct aqi_slice *name =
		plain_name(&self->options.mapping->fields[target].columns);

	if (column->input != AQI_NO_COLUMN || !name)
		return AQI_OK;
	if (aqi_inputs_expect(layout, *name, &column->input, err) != AQI_OK)
		return AQI_FATAL;
	if (column->input == AQI_NO_COLUMN)
		return AQI_OK;
	layout->is_number[column->input] = true;
	if (bind_unit(self, layout, target, NULL) != AQI_OK)
		column->input = AQI_NO_COLUMN;
	return AQI_OK;
}

/*
 * What the first NDJSON record lacks and may lack, a later one can have: the
 * order of the records must not matter. All that is needed is there by now.
 */
static enum aqi_status
expect_rest(struct aqi_features_plan *self, struct aqi_layout *layout,
	    struct aqi_error *err)
{
	const struct time_columns time = time_columns(self);
	struct aqi_slice station = self->options.mapping->station;

	if (!layout->is_json)
		return AQI_OK;
	if (station.size > 0 &&
	    aqi_inputs_expect(layout, station, &self->station.input, err) !=
		    AQI_OK)
		return AQI_FATAL;
	self->has_time = true;
	for (size_t i = 0; i < time.n; i++) {
		if (aqi_inputs_expect(layout, time.names[i], &time.inputs[i],
				      err) != AQI_OK)
			return AQI_FATAL;
		self->has_time &= time.inputs[i] != AQI_NO_COLUMN;
	}
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		if (expect_field(self, layout, (enum aqi_target)i, err) !=
		    AQI_OK)
			return AQI_FATAL;
	self->makes_humidity =
		self->columns[AQI_TARGET_DEW_POINT].input != AQI_NO_COLUMN &&
		self->columns[AQI_TARGET_TEMPERATURE].input != AQI_NO_COLUMN;
	return AQI_OK;
}

static enum aqi_status
add_outputs(struct aqi_features_plan *self, struct aqi_layout *layout,
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
				   &self->columns[i].added, err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

static enum aqi_status
keep_one(struct aqi_layout *layout, struct aqi_slice name,
	 struct aqi_error *err)
{
	size_t input = aqi_layout_find(layout, name);
	char quoted[AQI_QUOTED_SIZE], near[HINT_SIZE], reason[320];

	aqi_error_quote(quoted, name);
	if (input != AQI_NO_COLUMN && !aqi_layout_has_output(layout, name))
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
keep_columns(const struct aqi_features_plan *self, struct aqi_layout *layout,
	     struct aqi_error *err)
{
	const struct aqi_features_options *options = &self->options;
	enum aqi_status status = AQI_OK;

	if (options->keeps_all) {
		for (size_t i = 0; i < layout->n_named && !status; i++)
			if (!aqi_layout_has_output(layout, layout->inputs[i]))
				status = aqi_layout_keep(layout, i, err);
		return status;
	}
	for (size_t i = 0; i < options->n_keep && !status; i++)
		status = keep_one(layout, options->keep[i], err);
	return status;
}

enum aqi_status
aqi_features_plan_bind(struct aqi_features_plan *self,
		       struct aqi_layout *layout, struct aqi_error *err)
{
	struct aqi_slice station = self->options.mapping->station;

	self->station.input = station.size > 0 ?
				      aqi_layout_find(layout, station) :
				      AQI_NO_COLUMN;
	if (bind_fields(self, layout, err) != AQI_OK ||
	    bind_time(self, layout, err) != AQI_OK ||
	    check_found(self, layout, err) != AQI_OK ||
	    expect_rest(self, layout, err) != AQI_OK ||
	    add_outputs(self, layout, err) != AQI_OK)
		return AQI_FATAL;
	return keep_columns(self, layout, err);
}
