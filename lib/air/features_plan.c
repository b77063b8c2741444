#include "air/features_plan.h"

#include <stdio.h>

#include "air/base_record.h"
#include "air/features_source.h"
#include "air/guess.h"
#include "air/inputs.h"
#include "air/mapping.h"
#include "record/layout.h"

enum aqi_status
aqi_features_plan_refuse(const struct aqi_layout *layout, const char *field,
			 const char *reason, struct aqi_error *err)
{
	aqi_error_set(err, AQI_E_USAGE, "%s", reason);
	if (field)
		aqi_error_name(err, aqi_slice_of(field));
	return aqi_error_at(err, layout->file, layout->line, 0);
}

/* "; did you mean "X"?", or what else may be wrong, or nothing. */
static const char *
hint(char *out, size_t size, const struct aqi_layout *layout,
     struct aqi_slice wanted)
{
	const char delimiter = aqi_inputs_other_delimiter(layout);
	const struct aqi_slice *near =
		aqi_layout_near(layout->inputs, layout->n_inputs, wanted);
	char quoted[AQI_QUOTED_SIZE];

	*out = '\0';
	if (delimiter == '\t')
		snprintf(out, size, "; the header is one column with tabs in "
			 "it: try -d tab");
	else if (delimiter)
		snprintf(out, size, "; the header is one column with '%c' in "
			 "it: try -d '%c'", delimiter, delimiter);
	else if (near)
		snprintf(out, size, "; did you mean %s?",
			 aqi_error_quote(quoted, *near));
	return out;
}
#define HINT_SIZE (AQI_QUOTED_SIZE + 20)

enum aqi_status
aqi_features_plan_refuse_absent(const struct aqi_features_plan *self,
				const struct aqi_layout *layout,
				const char *field, struct aqi_slice wanted,
				struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE], near[HINT_SIZE], reason[320];

	snprintf(reason, sizeof reason,
		 "there is no column %s, as the source \"%.*s\" has%s",
		 aqi_error_quote(quoted, wanted),
		 (int)self->options.mapping->name.size,
		 self->options.mapping->name.data,
		 hint(near, sizeof near, layout, wanted));
	return aqi_features_plan_refuse(layout, field, reason, err);
}

/* May humidity be made of the others? */
static bool
has_dew_point(const struct aqi_features_plan *self)
{
	return self->columns[AQI_TARGET_DEW_POINT].n_sources > 0 &&
	       self->columns[AQI_TARGET_TEMPERATURE].n_sources > 0;
}

static enum aqi_status
bind_fields(struct aqi_features_plan *self, struct aqi_layout *layout,
	    struct aqi_error *err)
{
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		if (aqi_features_source_bind(self, layout, (enum aqi_target)i,
					     err) != AQI_OK)
			return AQI_FATAL;
	self->makes_humidity = has_dew_point(self);
	return AQI_OK;
}

/* A column of the time, by the first of its names that the header has. */
static enum aqi_status
find_time(const struct aqi_mapping_time *time, struct aqi_layout *layout,
	  size_t i, size_t *input, struct aqi_error *err)
{
	if (time->n_columns > 1) {
		*input = aqi_layout_find(layout, time->columns[i]);
		return AQI_OK;
	}
	for (size_t k = 0; k < time->names.n; k++) {
		if (aqi_layout_reach(layout, time->names.items[k], input,
				     err) != AQI_OK)
			return AQI_FATAL;
		if (*input != AQI_NO_COLUMN)
			break;
	}
	return AQI_OK;
}

/*
 * Without all columns of the time there is none in CSV. NDJSON may have more
 * of them in later records, if absent ones are allowed.
 */
static enum aqi_status
bind_time(struct aqi_features_plan *self, struct aqi_layout *layout,
	  struct aqi_error *err)
{
	const struct aqi_mapping_time *time = &self->options.mapping->time;
	struct aqi_slice absent = {0};
	size_t n_found = 0;

	for (size_t i = 0; i < time->n_columns; i++) {
		if (find_time(time, layout, i, &self->time_inputs[i], err) !=
		    AQI_OK)
			return AQI_FATAL;
		if (self->time_inputs[i] == AQI_NO_COLUMN) {
			if (!absent.data)
				absent = time->columns[i];
			continue;
		}
		n_found++;
		/* Parts are whole numbers, in records that are refused, too. */
		if (time->n_columns == AQI_N_PARTS)
			layout->is_number[self->time_inputs[i]] = true;
	}
	self->has_time = n_found == time->n_columns;
	self->offset_input = time->offset_column.size > 0 ?
			     aqi_layout_find(layout, time->offset_column) :
			     AQI_NO_COLUMN;
	if (self->has_time || time->is_optional ||
	    (n_found > 0 && layout->is_json && layout->allows_absent))
		return AQI_OK;
	return aqi_features_plan_refuse_absent(self, layout, "time", absent,
					       err);
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
	struct aqi_slice source;
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
	source = aqi_guess_source(layout);
	if (used < sizeof reason && source.size > 0)
		snprintf(reason + used, sizeof reason - used,
			 "; the header is like that of %.*s: try --from %.*s",
			 (int)source.size, source.data, (int)source.size,
			 source.data);
	else if (used < sizeof reason)
		snprintf(reason + used, sizeof reason - used, "%s",
			 *near ? near : "; try --guess");
	return aqi_features_plan_refuse(layout, NULL, reason, err);
}

static enum aqi_status
check_found(const struct aqi_features_plan *self,
	    const struct aqi_layout *layout, struct aqi_error *err)
{
	const struct aqi_mapping_field *fields = self->options.mapping->fields;
	size_t n_pollutants = 0;

	for (size_t i = 0; i < AQI_N_POLLUTANTS; i++)
		n_pollutants += self->columns[i].n_sources > 0;
	if (n_pollutants == 0)
		return refuse_pollutants(self, layout, err);
	if (layout->allows_absent)
		return AQI_OK;
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		if (fields[i].columns.n > 0 && !fields[i].is_optional &&
		    self->columns[i].n_sources == 0 && !is_made(self, i))
			return aqi_features_plan_refuse_absent(
				self, layout, aqi_mapping_targets[i].name,
				fields[i].columns.items[0], err);
	return AQI_OK;
}

/* A column that a source may have; no name: none. */
static enum aqi_status
expect(struct aqi_layout *layout, struct aqi_slice name, size_t *input,
       struct aqi_error *err)
{
	if (name.size == 0)
		return AQI_OK;
	return aqi_inputs_expect(layout, name, input, err);
}

/*
 * What the first NDJSON record lacks and may lack, a later one can have: the
 * order of the records must not matter. All that is needed is there by now.
 */
static enum aqi_status
expect_place(struct aqi_features_plan *self, struct aqi_layout *layout,
	     struct aqi_error *err)
{
	const struct aqi_mapping *mapping = self->options.mapping;
	const struct aqi_mapping_time *time = &mapping->time;

	if (!layout->is_json)
		return AQI_OK;
	if (expect(layout, mapping->station, &self->station_input, err) !=
	    AQI_OK ||
	    expect(layout, time->offset_column, &self->offset_input, err) !=
	    AQI_OK)
		return AQI_FATAL;
	self->has_time = true;
	for (size_t i = 0; i < time->n_columns; i++) {
		if (self->time_inputs[i] == AQI_NO_COLUMN &&
		    expect(layout, time->columns[i], &self->time_inputs[i],
			   err) != AQI_OK)
			return AQI_FATAL;
		if (self->time_inputs[i] != AQI_NO_COLUMN)
			continue;
		self->has_time = false;
		/* What a mass of gas is depends on the time. */
		if (mapping->n_references > 1)
			return aqi_features_plan_refuse_absent(
				self, layout, "time", time->columns[i], err);
	}
	return AQI_OK;
}

static enum aqi_status
expect_fields(struct aqi_features_plan *self, struct aqi_layout *layout,
	      struct aqi_error *err)
{
	if (!layout->is_json)
		return AQI_OK;
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		if (aqi_features_source_expect(self, layout, (enum aqi_target)i,
					       err) != AQI_OK)
			return AQI_FATAL;
	self->makes_humidity = has_dew_point(self);
	return AQI_OK;
}

static enum aqi_status
add_outputs(struct aqi_features_plan *self, struct aqi_layout *layout,
	    struct aqi_error *err)
{
	aqi_layout_drop_all(layout);
	if (aqi_layout_add(layout, aqi_slice_of("station"),
			   &self->station_added, err) != AQI_OK ||
	    aqi_layout_add(layout, aqi_slice_of("time"), &self->time_added,
			   err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < AQI_N_BASE; i++)
		if (aqi_layout_add(layout,
				   aqi_slice_of(aqi_mapping_targets[i].name),
				   &self->columns[i].added, err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

/* A column to keep, which the first file must have, *input. */
static enum aqi_status
find_kept(const struct aqi_layout *layout, struct aqi_slice name,
	  size_t *input, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE], near[HINT_SIZE], reason[320];

	*input = aqi_layout_find(layout, name);
	aqi_error_quote(quoted, name);
	if (*input != AQI_NO_COLUMN && !aqi_layout_has_output(layout, name))
		return AQI_OK;
	if (*input != AQI_NO_COLUMN)
		snprintf(reason, sizeof reason, "cannot keep %s: an output has "
			 "that name", quoted);
	else
		snprintf(reason, sizeof reason, "cannot keep %s: there is no "
			 "such column%s", quoted,
			 hint(near, sizeof near, layout, name));
	return aqi_features_plan_refuse(layout, NULL, reason, err);
}

/* What the first file has to keep. */
static enum aqi_status
keep_first(struct aqi_features_plan *self, struct aqi_layout *layout,
	   struct aqi_error *err)
{
	const struct aqi_features_options *options = &self->options;
	const struct aqi_slice *names = options->keep;
	size_t n = options->n_keep;
	enum aqi_status status = AQI_OK;
	size_t input;

	if (options->keeps_all) {
		names = layout->inputs;
		n = layout->n_named;
	}
	for (size_t i = 0; i < n && status == AQI_OK; i++) {
		if (options->keeps_all &&
		    aqi_layout_has_output(layout, names[i]))
			continue;
		status = find_kept(layout, names[i], &input, err);
		if (status == AQI_OK)
			status = aqi_layout_keep(layout, input, err);
	}
	return status;
}

/* The same outputs of a later file, which may lack some. */
static enum aqi_status
keep_again(const struct aqi_layout *first, struct aqi_layout *layout,
	   struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;
	size_t blank;

	for (size_t i = layout->n_outputs; i < first->n_outputs && !status;
	     i++) {
		struct aqi_slice name = first->outputs[i].name;
		size_t input = aqi_layout_find(layout, name);

		if (input != AQI_NO_COLUMN)
			status = aqi_layout_keep(layout, input, err);
		else
			status = aqi_layout_add(layout, name, &blank, err);
	}
	return status;
}

static enum aqi_status
keep_columns(struct aqi_features_plan *self, struct aqi_layout *layout,
	     struct aqi_error *err)
{
	if (self->first)
		return keep_again(self->first, layout, err);
	self->first = layout;
	return keep_first(self, layout, err);
}

static void
find_station(struct aqi_features_plan *self, const struct aqi_layout *layout)
{
	struct aqi_slice station = self->options.mapping->station;

	self->station_input = station.size > 0 ?
			      aqi_layout_find(layout, station) : AQI_NO_COLUMN;
}

enum aqi_status
aqi_features_plan_bind(struct aqi_features_plan *self,
		       struct aqi_layout *layout, struct aqi_error *err)
{
	find_station(self, layout);
	if (bind_fields(self, layout, err) != AQI_OK ||
	    bind_time(self, layout, err) != AQI_OK ||
	    check_found(self, layout, err) != AQI_OK ||
	    expect_place(self, layout, err) != AQI_OK ||
	    expect_fields(self, layout, err) != AQI_OK ||
	    add_outputs(self, layout, err) != AQI_OK)
		return AQI_FATAL;
	return keep_columns(self, layout, err);
}

enum aqi_status
aqi_features_plan_bind_values(struct aqi_features_plan *self,
			      struct aqi_layout *layout, size_t input,
			      struct aqi_error *err)
{
	find_station(self, layout);
	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		if (aqi_features_source_bind_value(self, layout,
						   (enum aqi_target)i, input,
						   err) != AQI_OK)
			return AQI_FATAL;
	self->makes_humidity = has_dew_point(self);
	if (bind_time(self, layout, err) != AQI_OK ||
	    expect_place(self, layout, err) != AQI_OK)
		return AQI_FATAL;
	return add_outputs(self, layout, err);
}

enum aqi_status
aqi_features_plan_keep_values(struct aqi_features_plan *self,
			      struct aqi_layout *layout, size_t *inputs,
			      size_t *added, struct aqi_error *err)
{
	const struct aqi_features_options *options = &self->options;

	for (size_t i = 0; i < options->n_keep; i++) {
		inputs[i] = aqi_layout_find(layout, options->keep[i]);
		if ((!self->first && find_kept(layout, options->keep[i],
					       &inputs[i], err) != AQI_OK) ||
		    aqi_layout_add(layout, options->keep[i], &added[i], err) !=
			    AQI_OK)
			return AQI_FATAL;
	}
	self->first = layout;
	return AQI_OK;
}
