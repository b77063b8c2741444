#include "air/mapping_reader.h"

#include <limits.h>

#include <jansson.h>

#include "air/base_record.h"
#include "air/keys.h"
#include "air/mapping.h"
#include "air/mapping_input.h"
#include "air/mapping_time.h"
#include "base/sum.h"
#include "record/json.h"

static enum aqi_status
read_station(struct aqi_keys *keys, json_t *value, void *into)
{
	static const struct aqi_key table[] = {
		{"column", aqi_keys_text, 0, true},
		{"note", aqi_keys_note, 0, false},
	};

	return AQI_KEYS_OBJECT(keys, value, table, into);
}

/* A range as it is read; its unit is looked up when all is known. */
struct raw_range {
	struct aqi_slice unit;
	double from, to;
};

static enum aqi_status
read_range(struct aqi_keys *keys, json_t *value, struct raw_range *raw)
{
#define AT(member) offsetof(struct raw_range, member)
	static const struct aqi_key table[] = {
		{"unit", aqi_keys_text, AT(unit), true},
		{"from", aqi_keys_number, AT(from), true},
		{"to", aqi_keys_number, AT(to), true},
		{"note", aqi_keys_note, 0, false},
	};
#undef AT

	*raw = (struct raw_range){0};
	return AQI_KEYS_OBJECT(keys, value, table, raw);
}

/* A field as it is read. */
struct raw_field {
	struct aqi_mapping_field field;
	struct aqi_names units;	/* (field.n_ranges,) of the ranges */
};

static enum aqi_status
read_ranges(struct aqi_keys *keys, json_t *value, void *into)
{
	struct raw_field *self = into;
	struct aqi_arena *arena = keys->arena;
	struct aqi_mapping_range *ranges;
	size_t n = json_array_size(value);
	struct raw_range raw;

	if (n == 0)
		return aqi_keys_refuse(keys,
				       "an array of ranges is wanted here");
	ranges = aqi_arena_array(arena, n, sizeof *ranges);
	self->units.items = aqi_arena_array(arena, n, sizeof raw.unit);
	if (!ranges || !self->units.items)
		return aqi_error_memory(keys->err);
	for (size_t i = 0; i < n; i++) {
		if (read_range(keys, json_array_get(value, i), &raw))
			return AQI_FATAL;
		ranges[i] = (struct aqi_mapping_range){.from = raw.from,
						       .to = raw.to};
		self->units.items[i] = raw.unit;
		if (raw.from > raw.to ||
		    (i > 0 && raw.from <= ranges[i - 1].to))
			return aqi_keys_refuse(keys,
					       "ranges are wanted in "
					       "ascending order, apart from "
					       "each other");
	}
	self->field.ranges = ranges;
	self->field.n_ranges = n;
	self->units.n = n;
	return AQI_OK;
}

struct reader {
	struct aqi_keys keys;
	struct aqi_mapping *mapping;
};

static enum aqi_status
check_unit(struct reader *reader, enum aqi_target target, const char *key,
	   struct aqi_slice unit, struct aqi_mapping_conversion *conversion)
{
	const struct aqi_target_spec *spec = &aqi_mapping_targets[target];
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_mapping_convert(reader->mapping, target, unit, conversion))
		return AQI_OK;
	aqi_keys_enter(&reader->keys, key);
	aqi_error_quote(quoted, unit);
	if (!aqi_units_find(unit))
		return aqi_keys_refuse(&reader->keys,
				       "%s is not a unit (aqi-source(5) lists "
				       "them)", quoted);
	if (spec->molar_mass > 0 && reader->mapping->n_references == 0)
		return aqi_keys_refuse(&reader->keys,
				       "%s needs the key \"gas_reference_c\"",
				       quoted);
	return aqi_keys_refuse(&reader->keys,
			       "%s does not convert into %s",
			       quoted, spec->unit);
}

/* Which keys of a field go together. */
static enum aqi_status
check_keys(struct reader *reader, const struct aqi_mapping_field *field)
{
	bool is_auto = aqi_slice_is(field->unit, "auto");

	if (field->columns.n > AQI_MAX_SOURCES)
		return aqi_keys_refuse(&reader->keys,
				       "up to %d columns are wanted here",
				       AQI_MAX_SOURCES);
	if ((field->unit.size > 0 || field->unit_columns.n > 0) ==
	    (field->n_ranges > 0))
		return aqi_keys_refuse(&reader->keys,
				       "either \"unit\", \"unit_column\" or "
				       "\"units_by_range\" is wanted here");
	if (field->otherwise.size > 0 && !is_auto)
		return aqi_keys_refuse(&reader->keys,
				       "\"unit_otherwise\" goes with the "
				       "unit \"auto\" only");
	if (field->unit_columns.n > 0 && is_auto)
		return aqi_keys_refuse(&reader->keys,
				       "\"unit_column\" does not go with the "
				       "unit \"auto\"");
	return AQI_OK;
}

/* Only units that convert. */
static enum aqi_status
check_units(struct reader *reader, enum aqi_target target,
	    struct raw_field *self)
{
	struct aqi_mapping_field *field = &self->field;
	struct aqi_mapping_conversion any;

	if (!aqi_mapping_targets[target].unit) {
		if (field->unit.size > 0 || field->n_ranges > 0 ||
		    field->unit_columns.n > 0)
			return aqi_keys_refuse(&reader->keys,
					       "a part of time has no unit");
		return AQI_OK;
	}
	if (check_keys(reader, field) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < field->n_ranges; i++)
		if (check_unit(reader, target, "units_by_range",
			       self->units.items[i],
			       &field->ranges[i].conversion) != AQI_OK)
			return AQI_FATAL;
	if (field->otherwise.size > 0)
		return check_unit(reader, target, "unit_otherwise",
				  field->otherwise, &any);
	if (field->unit.size > 0 && !aqi_slice_is(field->unit, "auto"))
		return check_unit(reader, target, "unit", field->unit, &any);
	return AQI_OK;
}

/* A field's own tokens of what is missing, and behind them the mapping's. */
static enum aqi_status
set_form(struct reader *reader, struct aqi_mapping_field *field)
{
	const struct aqi_cell_form *all = &reader->mapping->form;
	struct aqi_names own = field->form.missing, *both;
	size_t n = own.n + all->missing.n;

	field->form.has_text_numbers = all->has_text_numbers;
	if (own.n == 0) {
		field->form.missing = all->missing;
		return AQI_OK;
	}
	both = &field->form.missing;
	both->items = aqi_arena_array(reader->keys.arena, n,
				      sizeof *both->items);
	if (!both->items)
		return aqi_error_memory(reader->keys.err);
	for (size_t i = 0; i < n; i++)
		both->items[i] = i < own.n ? own.items[i] :
					     all->missing.items[i - own.n];
	both->n = n;
	return AQI_OK;
}

static enum aqi_status
read_field(struct reader *reader, json_t *value, enum aqi_target target)
{
#define AT(member) offsetof(struct raw_field, field.member)
	static const struct aqi_key table[] = {
		{"columns", aqi_keys_names, AT(columns), true},
		{"optional", aqi_keys_flag, AT(is_optional), false},
		{"unit", aqi_keys_text, AT(unit), false},
		{"unit_otherwise", aqi_keys_text, AT(otherwise), false},
		{"unit_column", aqi_keys_names, AT(unit_columns), false},
		{"units_by_range", read_ranges, 0, false},
		{"missing", aqi_keys_names, AT(form.missing), false},
		{"note", aqi_keys_note, 0, false},
	};
#undef AT
	struct raw_field self = {0};

	if (AQI_KEYS_OBJECT(&reader->keys, value, table, &self) != AQI_OK ||
	    check_units(reader, target, &self) != AQI_OK ||
	    set_form(reader, &self.field) != AQI_OK)
		return AQI_FATAL;
	reader->mapping->fields[target] = self.field;
	return AQI_OK;
}

static enum aqi_target
find_target(const char *name)
{
	enum aqi_target target = 0;

	while (target < AQI_N_TARGETS &&
	       strcmp(aqi_mapping_targets[target].name, name) != 0)
		target++;
	return target;
}

static enum aqi_status
refuse_target(struct aqi_keys *keys, const char *name)
{
	struct aqi_slice names[AQI_N_TARGETS];
	char quoted[AQI_QUOTED_SIZE], known[200];

	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		names[i] = aqi_slice_of(aqi_mapping_targets[i].name);
	return aqi_keys_refuse(keys,
			       "%s is not a field; there are %s",
			       aqi_error_quote(quoted, aqi_slice_of(name)),
			       aqi_keys_list(known, sizeof known, names,
					     AQI_N_TARGETS));
}

/* Read last of all, since units need the gas reference. */
static enum aqi_status
read_fields(struct reader *reader, json_t *fields)
{
	const char *name;
	json_t *value;
	size_t n_pollutants = 0;

	json_object_foreach(fields, name, value) {
		enum aqi_target target = find_target(name);
		size_t mark;

		if (target == AQI_N_TARGETS)
			return refuse_target(&reader->keys, name);
		mark = aqi_keys_enter(&reader->keys, name);
		if (read_field(reader, value, target) != AQI_OK)
			return AQI_FATAL;
		aqi_keys_leave(&reader->keys, mark);
		n_pollutants += target < AQI_N_POLLUTANTS;
	}
	if (n_pollutants == 0)
		return aqi_keys_refuse(&reader->keys,
				       "no pollutant is among the fields");
	return AQI_OK;
}

/* Only what it is; read_fields follows. */
static enum aqi_status
check_fields(struct aqi_keys *keys, json_t *value, void *into)
{
	(void)into;
	if (!json_is_object(value))
		return aqi_keys_refuse(keys, "an object is wanted here");
	return AQI_OK;
}

static enum aqi_status
read_period(struct aqi_keys *keys, json_t *value,
	    struct aqi_mapping_reference *period)
{
#define AT(member) offsetof(struct aqi_mapping_reference, member)
	static const struct aqi_key table[] = {
		{"before", aqi_mapping_time_read_day, AT(before), false},
		{"c", aqi_keys_number, AT(c), true},
		{"note", aqi_keys_note, 0, false},
	};
#undef AT

	period->before = INT_MAX;
	if (AQI_KEYS_OBJECT(keys, value, table, period) != AQI_OK)
		return AQI_FATAL;
	if (period->c > -273.15)
		return AQI_OK;
	return aqi_keys_refuse(keys, "a temperature in C is wanted here");
}

/* A temperature, or one for each of some periods. */
static enum aqi_status
read_references(struct aqi_keys *keys, json_t *value, void *into)
{
	struct aqi_mapping *mapping = into;
	struct aqi_mapping_reference *periods = mapping->references;
	double c = aqi_json_number(value);
	size_t n = json_array_size(value);

	if (c > -273.15) {
		periods[0] = (struct aqi_mapping_reference){INT_MAX, c};
		mapping->n_references = 1;
		return AQI_OK;
	}
	if (n == 0 || n > AQI_MAX_REFERENCES)
		return aqi_keys_refuse(keys, "a temperature in C is wanted "
				       "here, or up to %d of them with dates",
				       AQI_MAX_REFERENCES);
	for (size_t i = 0; i < n; i++) {
		if (read_period(keys, json_array_get(value, i), &periods[i]))
			return AQI_FATAL;
		if ((periods[i].before == INT_MAX) != (i + 1 == n) ||
		    (i > 0 && periods[i].before <= periods[i - 1].before))
			return aqi_keys_refuse(keys, "ascending dates are "
					       "wanted in \"before\", and "
					       "none in the last");
	}
	mapping->n_references = n;
	return AQI_OK;
}

static enum aqi_status
read_mapping(struct reader *reader, json_t *root)
{
#define AT(member) offsetof(struct aqi_mapping, member)
	static const struct aqi_key table[] = {
		{"name", aqi_keys_text, AT(name), true},
		{"title", aqi_keys_text, AT(title), false},
		{"source", aqi_keys_text, AT(source), false},
		{"licence", aqi_keys_text, AT(licence), false},
		{"note", aqi_keys_note, 0, false},
		{"station", read_station, AT(station), false},
		{"time", aqi_mapping_time_read, AT(time), true},
		{"input", aqi_mapping_input_read, AT(input), false},
		{"layout", aqi_mapping_layout_read, AT(layout), false},
		{"missing", aqi_keys_names, AT(form.missing), false},
		{"text_numbers", aqi_keys_flag, AT(form.has_text_numbers),
		 false},
		{"gas_reference_c", read_references, 0, false},
		{"fields", check_fields, 0, true},
	};
#undef AT
	size_t mark;

	if (AQI_KEYS_OBJECT(&reader->keys, root, table, reader->mapping))
		return AQI_FATAL;
	if (reader->mapping->n_references > 1 &&
	    reader->mapping->time.is_optional) {
		aqi_keys_enter(&reader->keys, "gas_reference_c");
		return aqi_keys_refuse(&reader->keys, "dates need a time that "
				       "is not optional");
	}
	mark = aqi_keys_enter(&reader->keys, "fields");
	if (read_fields(reader, json_object_get(root, "fields")) != AQI_OK)
		return AQI_FATAL;
	aqi_keys_leave(&reader->keys, mark);
	return aqi_mapping_layout_check(&reader->keys, reader->mapping);
}

enum aqi_status
aqi_mapping_reader_read(struct aqi_mapping *mapping, struct aqi_slice text,
			const char *file, struct aqi_error *err)
{
	struct aqi_error ignored = {0};
	struct reader reader = {
		.keys = {.arena = &mapping->arena, .file = file,
			 .err = err ? err : &ignored},
		.mapping = mapping,
	};
	json_t *root = aqi_json_read(text, reader.keys.err);
	enum aqi_status status;

	mapping->sum = aqi_sum(AQI_SUM_START, text);
	if (!root) {
		reader.keys.err->file = file;
		if (reader.keys.err->code != AQI_E_MEMORY)
			reader.keys.err->code = AQI_E_MODEL;
		return AQI_FATAL;
	}
	status = read_mapping(&reader, root);
	json_decref(root);
	return status;
}
