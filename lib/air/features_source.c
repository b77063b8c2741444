#include "air/features_source.h"

#include <stdio.h>

#include "air/features_plan.h"
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

/* The conversion by the unit that is stated; ranges and rows have their own. */
static enum aqi_status
bind_unit(const struct aqi_features_plan *self, const struct aqi_layout *layout,
	  enum aqi_target target, struct aqi_slice name,
	  struct aqi_features_source *source, struct aqi_error *err)
{
	const struct aqi_mapping *mapping = self->options.mapping;
	const struct aqi_mapping_field *field = &mapping->fields[target];
	const struct aqi_target_spec *spec = &aqi_mapping_targets[target];
	struct aqi_slice unit = field->unit;
	char quoted[AQI_QUOTED_SIZE], reason[320];

	if (!spec->unit || field->n_ranges > 0 ||
	    (field->unit_columns.n > 0 && unit.size == 0)) {
		for (size_t i = 0; i < AQI_MAX_REFERENCES; i++)
			source->conversion.in[i] =
				(struct aqi_conversion){1, 0, true};
		return AQI_OK;
	}
	if (aqi_slice_is(unit, "auto")) {
		unit = unit_in(name);
		if (unit.size == 0)
			unit = field->otherwise;
	}
	if (aqi_mapping_convert(mapping, target, unit, &source->conversion))
		return AQI_OK;
	aqi_error_quote(quoted, name);
	snprintf(reason, sizeof reason,
		 "the column %s has no unit in its name that converts into %s",
		 quoted, spec->unit);
	return aqi_features_plan_refuse(layout, spec->name, reason, err);
}

/* One more column that the field may come from, unless there is none. */
static enum aqi_status
add_source(struct aqi_features_plan *self, struct aqi_layout *layout,
	   enum aqi_target target, size_t input, struct aqi_error *err)
{
	struct aqi_features_column *column = &self->columns[target];
	struct aqi_features_source *source =
		&column->sources[column->n_sources];

	if (input == AQI_NO_COLUMN)
		return AQI_OK;
	for (size_t i = 0; i < column->n_sources; i++)
		if (column->sources[i].input == input)
			return AQI_OK;
	source->input = input;
	if (bind_unit(self, layout, target, layout->inputs[input], source,
		      err) != AQI_OK)
		return AQI_FATAL;
	layout->is_number[input] = true;
	column->n_sources++;
	return AQI_OK;
}

static size_t
find_first(const struct aqi_layout *layout, const struct aqi_names *names)
{
	size_t input = AQI_NO_COLUMN;

	for (size_t i = 0; i < names->n && input == AQI_NO_COLUMN; i++)
		input = aqi_layout_find(layout, names->items[i]);
	return input;
}

/* The column of the rows' units, if the mapping names one. */
static enum aqi_status
bind_unit_column(struct aqi_features_plan *self,
		 const struct aqi_layout *layout, enum aqi_target target,
		 struct aqi_error *err)
{
	const struct aqi_mapping_field *field =
		&self->options.mapping->fields[target];
	struct aqi_features_column *column = &self->columns[target];

	column->unit_input = find_first(layout, &field->unit_columns);
	if (column->n_sources == 0 || field->unit_columns.n == 0 ||
	    column->unit_input != AQI_NO_COLUMN || field->unit.size > 0 ||
	    layout->allows_absent)
		return AQI_OK;
	return aqi_features_plan_refuse_absent(
		self, layout, aqi_mapping_targets[target].name,
		field->unit_columns.items[0], err);
}

enum aqi_status
aqi_features_source_bind_value(struct aqi_features_plan *self,
			       struct aqi_layout *layout,
			       enum aqi_target target, size_t input,
			       struct aqi_error *err)
{
	const struct aqi_names *names =
		&self->options.mapping->fields[target].columns;
	struct aqi_features_column *column = &self->columns[target];

	for (size_t i = 0; i < names->n; i++) {
		column->sources[i].input = input;
		if (bind_unit(self, layout, target, names->items[i],
			      &column->sources[i], err) != AQI_OK)
			return AQI_FATAL;
	}
	column->n_sources = names->n;
	return bind_unit_column(self, layout, target, err);
}

/*
 * All columns that the field may come from, in order. One that is not there yet
 * may be expected, by a name that is no pattern.
 */
static enum aqi_status
list_sources(struct aqi_features_plan *self, struct aqi_layout *layout,
	     enum aqi_target target, bool expects, struct aqi_error *err)
{
	const struct aqi_names *names =
		&self->options.mapping->fields[target].columns;

	self->columns[target].n_sources = 0;
	for (size_t i = 0; i < names->n; i++) {
		struct aqi_slice name = names->items[i];
		size_t input = find_column(layout, name);

		if (expects && input == AQI_NO_COLUMN &&
		    !aqi_mapping_is_pattern(name) &&
		    aqi_inputs_expect(layout, name, &input, err) != AQI_OK)
			return AQI_FATAL;
		/* Where its unit cannot be known of the name, what is expected
		 * is left out; what is there had one. */
		if (add_source(self, layout, target, input,
			       expects ? NULL : err) != AQI_OK && !expects)
			return AQI_FATAL;
	}
	return AQI_OK;
}

enum aqi_status
aqi_features_source_bind(struct aqi_features_plan *self,
			 struct aqi_layout *layout, enum aqi_target target,
			 struct aqi_error *err)
{
	if (list_sources(self, layout, target, false, err) != AQI_OK)
		return AQI_FATAL;
	return bind_unit_column(self, layout, target, err);
}

enum aqi_status
aqi_features_source_expect(struct aqi_features_plan *self,
			   struct aqi_layout *layout, enum aqi_target target,
			   struct aqi_error *err)
{
	const struct aqi_names *names =
		&self->options.mapping->fields[target].unit_columns;
	size_t *unit_input = &self->columns[target].unit_input;

	if (list_sources(self, layout, target, true, err) != AQI_OK)
		return AQI_FATAL;
	if (names->n == 0 || *unit_input != AQI_NO_COLUMN)
		return AQI_OK;
	return aqi_inputs_expect(layout, names->items[0], unit_input, err);
}
