#include "air/mapping.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "air/time.h"
#include "base/builtin.h"
#include "base/file.h"
#include "record/json.h"
#include "record/layout.h"

#define MAX_FILE ((size_t)1024 * 1024)
#define MAX_NAMES 64

const struct aqi_target_spec aqi_mapping_targets[AQI_N_TARGETS] = {
	{"pm25", "ug/m3", 0},
	{"pm10", "ug/m3", 0},
	{"no2", "ppb", AQI_MOLAR_MASS_NO2},
	{"so2", "ppb", AQI_MOLAR_MASS_SO2},
	{"co", "ppm", AQI_MOLAR_MASS_CO},
	{"o3", "ppb", AQI_MOLAR_MASS_O3},
	{"temperature", "C", 0},
	{"humidity", "%", 0},
	{"wind_speed", "m/s", 0},
	{"pressure", "hPa", 0},
	{"hour", NULL, 0},
	{"day_of_week", NULL, 0},
	{"month", NULL, 0},
	{"dew_point", "C", 0},
};

bool
aqi_mapping_convert(const struct aqi_mapping *mapping, enum aqi_target target,
		    struct aqi_slice unit, struct aqi_conversion *conversion)
{
	const struct aqi_target_spec *spec = &aqi_mapping_targets[target];
	const struct aqi_unit *from = aqi_units_find(unit);

	return from && spec->unit &&
	       aqi_units_convert(from, aqi_units_find(aqi_slice_of(spec->unit)),
				 spec->molar_mass, mapping->gas_reference_c,
				 conversion);
}

/* What is read, into what, and the dotted path of the key it is at. */
struct reader {
	struct aqi_mapping *mapping;
	const char *file;
	struct aqi_error *err;
	char path[sizeof ((struct aqi_error *)0)->field];
};

static enum aqi_status refuse(struct reader *reader, const char *format, ...)
	AQI_PRINTF(2, 3);

static enum aqi_status
refuse(struct reader *reader, const char *format, ...)
{
	char reason[sizeof reader->err->reason];
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof reason, format, ap);
	va_end(ap);
	aqi_error_set(reader->err, AQI_E_MODEL, "%s", reason);
	aqi_error_at(reader->err, reader->file, 0, 0);
	aqi_error_name(reader->err, aqi_slice_of(reader->path));
	return AQI_FATAL;
}

/* Go down to a key; returns the length to give to leave. */
static size_t
enter(struct reader *reader, const char *key)
{
	size_t n = strlen(reader->path);

	snprintf(reader->path + n, sizeof reader->path - n, "%s%s",
		 n ? "." : "", key);
	return n;
}

static void
leave(struct reader *reader, size_t n)
{
	reader->path[n] = '\0';
}

/* A key of an object: how its value is read, and where it goes. */
struct key {
	const char *name;
	enum aqi_status (*read)(struct reader *reader, json_t *value,
				void *into);
	size_t at;		/* offset in what the object is read into */
	bool is_needed;
};

static const struct key *
find_key(const struct key *keys, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* "a, b, c" of at most MAX_NAMES names, cut where it does not fit. */
static const char *
list(char *out, size_t size, const struct aqi_slice *names, size_t n)
{
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < n && used + names[i].size + 3 < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%.*s",
					 i ? ", " : "", (int)names[i].size,
					 names[i].data);
	return out;
}

static enum aqi_status
refuse_key(struct reader *reader, const struct key *keys, size_t n,
	   const char *name)
{
	struct aqi_slice names[MAX_NAMES];
	char quoted[AQI_QUOTED_SIZE], known[200];

	for (size_t i = 0; i < n; i++)
		names[i] = aqi_slice_of(keys[i].name);
	return refuse(reader, "%s is not a key here; there are %s",
		      aqi_error_quote(quoted, aqi_slice_of(name)),
		      list(known, sizeof known, names, n));
}

static enum aqi_status
read_object(struct reader *reader, json_t *object, const struct key *keys,
	    size_t n, void *into)
{
	enum aqi_status status = AQI_OK;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return refuse(reader, "an object is wanted here");
	json_object_foreach(object, name, value) {
		const struct key *key = find_key(keys, n, name);
		size_t mark;

		if (!key)
			return refuse_key(reader, keys, n, name);
		mark = enter(reader, name);
		status = key->read(reader, value, (char *)into + key->at);
		if (status != AQI_OK)
			return status;
		leave(reader, mark);
	}
	for (size_t i = 0; i < n; i++)
		if (keys[i].is_needed && !json_object_get(object, keys[i].name))
			return refuse(reader, "the key \"%s\" is missing",
				      keys[i].name);
	return AQI_OK;
}
#define READ_OBJECT(reader, object, keys, into)                               \
	read_object(reader, object, keys, sizeof(keys) / sizeof *(keys), into)

/* Words for the reader of the file. */
static enum aqi_status
read_note(struct reader *reader, json_t *value, void *into)
{
	(void)into;
	if (!json_is_string(value))
		return refuse(reader, "a text is wanted here");
	return AQI_OK;
}

static enum aqi_status
read_text(struct reader *reader, json_t *value, void *into)
{
	struct aqi_slice *text = into;

	if (!json_is_string(value) || json_string_length(value) == 0)
		return refuse(reader, "a text is wanted here");
	*text = aqi_arena_copy(&reader->mapping->arena,
			       (struct aqi_slice){json_string_value(value),
						  json_string_length(value)});
	return text->data ? AQI_OK : aqi_error_memory(reader->err);
}

static enum aqi_status
read_flag(struct reader *reader, json_t *value, void *into)
{
	bool *flag = into;

	if (!json_is_boolean(value))
		return refuse(reader, "true or false is wanted here");
	*flag = json_is_true(value);
	return AQI_OK;
}

static enum aqi_status
read_number(struct reader *reader, json_t *value, void *into)
{
	double *x = into;

	if (!json_is_number(value))
		return refuse(reader, "a number is wanted here");
	*x = json_number_value(value);
	return AQI_OK;
}

/* One text, or an array of some. */
static enum aqi_status
read_names(struct reader *reader, json_t *value, void *into)
{
	struct aqi_names *names = into;
	bool is_array = json_is_array(value);

	names->n = is_array ? json_array_size(value) : 1;
	if (names->n == 0)
		return refuse(reader, "the array is empty");
	names->items = aqi_arena_array(&reader->mapping->arena, names->n,
				       sizeof *names->items);
	if (!names->items)
		return aqi_error_memory(reader->err);
	for (size_t i = 0; i < names->n; i++) {
		json_t *item = is_array ? json_array_get(value, i) : value;

		if (read_text(reader, item, &names->items[i]) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}

static enum aqi_status
read_station(struct reader *reader, json_t *value, void *into)
{
	static const struct key keys[] = {
		{"column", read_text, 0, true},
		{"note", read_note, 0, false},
	};

	return READ_OBJECT(reader, value, keys, into);
}

static enum aqi_status
read_parts(struct reader *reader, json_t *value, void *into)
{
#define PART(i) ((i) * sizeof(struct aqi_slice))
	static const struct key keys[] = {
		{"year", read_text, PART(AQI_PART_YEAR), true},
		{"month", read_text, PART(AQI_PART_MONTH), true},
		{"day", read_text, PART(AQI_PART_DAY), true},
		{"hour", read_text, PART(AQI_PART_HOUR), true},
	};
#undef PART

	return READ_OBJECT(reader, value, keys, into);
}

static enum aqi_status
read_format(struct reader *reader, json_t *value, void *into)
{
	struct aqi_slice *format = into;

	if (read_text(reader, value, format) != AQI_OK)
		return AQI_FATAL;
	if (!aqi_time_is_pattern(*format))
		return refuse(reader, "a pattern with YYYY, MM, DD and hh is "
			      "wanted, such as \"YYYY-MM-DD hh:mm\"");
	return AQI_OK;
}

static enum aqi_status
read_stamp(struct reader *reader, json_t *value, void *into)
{
	bool *stamps_end = into;
	const char *word = json_string_value(value);

	*stamps_end = word && strcmp(word, "end") == 0;
	if (!*stamps_end && !(word && strcmp(word, "begin") == 0))
		return refuse(reader, "\"begin\" or \"end\" is wanted here");
	return AQI_OK;
}

static enum aqi_status
read_offset(struct reader *reader, json_t *value, void *into)
{
	struct aqi_mapping_time *time = into;
	const char *text = json_string_value(value);

	time->has_offset = true;
	if (!text || !aqi_time_read_offset(aqi_slice_of(text), &time->offset))
		return refuse(reader, "an offset such as \"+05:30\" is wanted "
			      "here");
	return AQI_OK;
}

static enum aqi_status
read_time(struct reader *reader, json_t *value, void *into)
{
#define AT(member) offsetof(struct aqi_mapping_time, member)
	static const struct key keys[] = {
		{"columns", read_parts, AT(parts), false},
		{"column", read_text, AT(column), false},
		{"format", read_format, AT(format), false},
		{"stamp", read_stamp, AT(stamps_end), true},
		{"utc_offset", read_offset, 0, false},
		{"optional", read_flag, AT(is_optional), false},
		{"note", read_note, 0, false},
	};
#undef AT
	struct aqi_mapping_time *time = into;
	bool has_parts;

	if (READ_OBJECT(reader, value, keys, time) != AQI_OK)
		return AQI_FATAL;
	has_parts = time->parts[0].size > 0;
	if (has_parts == (time->column.size > 0))
		return refuse(reader, "either \"column\" or \"columns\" is "
			      "wanted here");
	if (has_parts && time->format.size > 0)
		return refuse(reader, "\"format\" goes with \"column\" only");
	return AQI_OK;
}

/* A range as it is read; its unit is looked up when all is known. */
struct raw_range {
	struct aqi_slice unit;
	double from, to;
};

static enum aqi_status
read_range(struct reader *reader, json_t *value, struct raw_range *raw)
{
#define AT(member) offsetof(struct raw_range, member)
	static const struct key keys[] = {
		{"unit", read_text, AT(unit), true},
		{"from", read_number, AT(from), true},
		{"to", read_number, AT(to), true},
		{"note", read_note, 0, false},
	};
#undef AT

	*raw = (struct raw_range){0};
	return READ_OBJECT(reader, value, keys, raw);
}

/* The field being read, and which it is. */
struct field_reader {
	struct aqi_mapping_field field;
	struct aqi_names units;		/* (field.n_ranges,) of the ranges */
};

static enum aqi_status
read_ranges(struct reader *reader, json_t *value, void *into)
{
	struct field_reader *self = into;
	struct aqi_arena *arena = &reader->mapping->arena;
	struct aqi_mapping_range *ranges;
	size_t n = json_array_size(value);
	struct raw_range raw;

	if (n == 0)
		return refuse(reader, "an array of ranges is wanted here");
	ranges = aqi_arena_array(arena, n, sizeof *ranges);
	self->units.items = aqi_arena_array(arena, n, sizeof raw.unit);
	if (!ranges || !self->units.items)
		return aqi_error_memory(reader->err);
	for (size_t i = 0; i < n; i++) {
		if (read_range(reader, json_array_get(value, i), &raw))
			return AQI_FATAL;
		ranges[i] = (struct aqi_mapping_range){.from = raw.from,
						       .to = raw.to};
		self->units.items[i] = raw.unit;
		if (raw.from > raw.to ||
		    (i > 0 && raw.from <= ranges[i - 1].to))
			return refuse(reader, "ranges are wanted in ascending "
				      "order, apart from each other");
	}
	self->field.ranges = ranges;
	self->field.n_ranges = n;
	self->units.n = n;
	return AQI_OK;
}

static enum aqi_status
check_unit(struct reader *reader, enum aqi_target target, const char *key,
	   struct aqi_slice unit, struct aqi_conversion *conversion)
{
	const struct aqi_target_spec *spec = &aqi_mapping_targets[target];
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_mapping_convert(reader->mapping, target, unit, conversion))
		return AQI_OK;
	enter(reader, key);
	aqi_error_quote(quoted, unit);
	if (!aqi_units_find(unit))
		return refuse(reader, "%s is not a unit", quoted);
	if (spec->molar_mass > 0 && isnan(reader->mapping->gas_reference_c))
		return refuse(reader, "%s needs the key \"gas_reference_c\"",
			      quoted);
	return refuse(reader, "%s does not convert into %s", quoted,
		      spec->unit);
}

/* One of "unit" and "units_by_range", and only units that convert. */
static enum aqi_status
check_units(struct reader *reader, enum aqi_target target,
	    struct field_reader *self)
{
	struct aqi_mapping_field *field = &self->field;
	bool is_auto = aqi_slice_is(field->unit, "auto");
	struct aqi_conversion any;

	if (!aqi_mapping_targets[target].unit) {
		if (field->unit.size > 0 || field->n_ranges > 0)
			return refuse(reader, "a part of time has no unit");
		return AQI_OK;
	}
	if ((field->unit.size > 0) == (field->n_ranges > 0))
		return refuse(reader, "either \"unit\" or \"units_by_range\" "
			      "is wanted here");
	if (field->otherwise.size > 0 && !is_auto)
		return refuse(reader, "\"unit_otherwise\" goes with the unit "
			      "\"auto\" only");
	for (size_t i = 0; i < field->n_ranges; i++)
		if (check_unit(reader, target, "units_by_range",
			       self->units.items[i],
			       &field->ranges[i].conversion) != AQI_OK)
			return AQI_FATAL;
	if (field->otherwise.size > 0)
		return check_unit(reader, target, "unit_otherwise",
				  field->otherwise, &any);
	if (field->unit.size > 0 && !is_auto)
		return check_unit(reader, target, "unit", field->unit, &any);
	return AQI_OK;
}

static enum aqi_status
read_field(struct reader *reader, json_t *value, enum aqi_target target)
{
#define AT(member) offsetof(struct field_reader, field.member)
	static const struct key keys[] = {
		{"columns", read_names, AT(columns), true},
		{"optional", read_flag, AT(is_optional), false},
		{"unit", read_text, AT(unit), false},
		{"unit_otherwise", read_text, AT(otherwise), false},
		{"units_by_range", read_ranges, 0, false},
		{"note", read_note, 0, false},
	};
#undef AT
	struct field_reader self = {0};

	if (READ_OBJECT(reader, value, keys, &self) != AQI_OK ||
	    check_units(reader, target, &self) != AQI_OK)
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
refuse_target(struct reader *reader, const char *name)
{
	struct aqi_slice names[AQI_N_TARGETS];
	char quoted[AQI_QUOTED_SIZE], known[200];

	for (size_t i = 0; i < AQI_N_TARGETS; i++)
		names[i] = aqi_slice_of(aqi_mapping_targets[i].name);
	return refuse(reader, "%s is not a field; there are %s",
		      aqi_error_quote(quoted, aqi_slice_of(name)),
		      list(known, sizeof known, names, AQI_N_TARGETS));
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
			return refuse_target(reader, name);
		mark = enter(reader, name);
		if (read_field(reader, value, target) != AQI_OK)
			return AQI_FATAL;
		leave(reader, mark);
		n_pollutants += target < AQI_N_POLLUTANTS;
	}
	if (n_pollutants == 0)
		return refuse(reader, "no pollutant is among the fields");
	return AQI_OK;
}

/* Only what it is; read_fields follows. */
static enum aqi_status
check_fields(struct reader *reader, json_t *value, void *into)
{
	(void)into;
	if (!json_is_object(value))
		return refuse(reader, "an object is wanted here");
	return AQI_OK;
}

static enum aqi_status
read_mapping(struct reader *reader, json_t *root)
{
#define AT(member) offsetof(struct aqi_mapping, member)
	static const struct key keys[] = {
		{"name", read_text, AT(name), true},
		{"title", read_text, AT(title), false},
		{"source", read_text, AT(source), false},
		{"licence", read_text, AT(licence), false},
		{"note", read_note, 0, false},
		{"station", read_station, AT(station), false},
		{"time", read_time, AT(time), true},
		{"missing", read_names, AT(missing), false},
		{"gas_reference_c", read_number, AT(gas_reference_c), false},
		{"fields", check_fields, 0, true},
	};
#undef AT

	reader->mapping->gas_reference_c = NAN;
	if (READ_OBJECT(reader, root, keys, reader->mapping) != AQI_OK)
		return AQI_FATAL;
	if (reader->mapping->gas_reference_c <= -273.15) {
		enter(reader, "gas_reference_c");
		return refuse(reader, "a temperature in C is wanted here");
	}
	enter(reader, "fields");
	return read_fields(reader, json_object_get(root, "fields"));
}

struct aqi_mapping *
aqi_mapping_new(struct aqi_slice text, const char *file, struct aqi_error *err)
{
	struct aqi_error ignored = {0};
	struct reader reader = {.file = file, .err = err ? err : &ignored};
	enum aqi_status status;
	json_t *root = aqi_json_read(text, reader.err);

	if (!root) {
		reader.err->file = file;
		if (reader.err->code != AQI_E_MEMORY)
			reader.err->code = AQI_E_MODEL;
		return NULL;
	}
	reader.mapping = calloc(1, sizeof *reader.mapping);
	status = reader.mapping ? read_mapping(&reader, root) :
				  aqi_error_memory(reader.err);
	json_decref(root);
	if (status == AQI_OK)
		return reader.mapping;
	aqi_mapping_free(reader.mapping);
	return NULL;
}

void
aqi_mapping_free(struct aqi_mapping *mapping)
{
	if (!mapping)
		return;
	aqi_arena_free(&mapping->arena);
	free(mapping);
}

/* The NAME of "sources/NAME.json"; empty when the path is none. */
static struct aqi_slice
name_of(const char *path)
{
	static const char folder[] = "sources/", ending[] = ".json";
	size_t before = sizeof folder - 1, after = sizeof ending - 1;
	size_t n = strlen(path);

	if (n <= before + after || strncmp(path, folder, before) != 0 ||
	    strcmp(path + n - after, ending) != 0)
		return (struct aqi_slice){0};
	return (struct aqi_slice){path + before, n - before - after};
}

void
aqi_mapping_names(struct aqi_slice *names, size_t size, size_t *n)
{
	size_t n_all;
	const struct aqi_builtin *all = aqi_builtin_all(&n_all);

	*n = 0;
	for (size_t i = 0; i < n_all && *n < size; i++) {
		struct aqi_slice name = name_of(all[i].path);

		if (name.size > 0)
			names[(*n)++] = name;
	}
}

enum aqi_status
aqi_mapping_list(struct aqi_buffer *out, struct aqi_error *err)
{
	size_t n;
	const struct aqi_builtin *all = aqi_builtin_all(&n);

	for (size_t i = 0; i < n; i++) {
		struct aqi_slice name = name_of(all[i].path);
		struct aqi_mapping *mapping;

		if (name.size == 0)
			continue;
		mapping = aqi_mapping_new(all[i].bytes, all[i].path, err);
		if (!mapping)
			return AQI_FATAL;
		aqi_buffer_add_slice(out, name);
		aqi_buffer_add_byte(out, '\t');
		aqi_buffer_add_slice(out, mapping->title);
		aqi_buffer_add_byte(out, '\n');
		aqi_mapping_free(mapping);
	}
	return out->failed ? aqi_error_memory(err) : AQI_OK;
}

static struct aqi_mapping *
refuse_name(const char *name, struct aqi_error *err)
{
	struct aqi_slice names[MAX_NAMES];
	const struct aqi_slice *near;
	char quoted[AQI_QUOTED_SIZE], known[200], hint[80] = "";
	size_t n;

	aqi_mapping_names(names, MAX_NAMES, &n);
	near = aqi_layout_near(names, n, aqi_slice_of(name));
	if (near)
		snprintf(hint, sizeof hint, "; did you mean %.*s?",
			 (int)near->size, near->data);
	aqi_error_set(err, AQI_E_MODEL, "%s is not a source; there are %s%s",
		      aqi_error_quote(quoted, aqi_slice_of(name)),
		      list(known, sizeof known, names, n), hint);
	return NULL;
}

static struct aqi_mapping *
load_file(const char *path, struct aqi_error *err)
{
	struct aqi_buffer bytes = {0};
	struct aqi_mapping *mapping = NULL;

	if (aqi_file_load(path, MAX_FILE, AQI_E_MODEL, &bytes, err) == AQI_OK)
		mapping = aqi_mapping_new((struct aqi_slice){bytes.data,
							     bytes.size},
					  path, err);
	aqi_buffer_free(&bytes);
	return mapping;
}

static bool
is_path(const char *argument)
{
	size_t n = strlen(argument);

	return strchr(argument, '/') ||
	       (n > 5 && strcmp(argument + n - 5, ".json") == 0);
}

struct aqi_mapping *
aqi_mapping_load(const char *argument, struct aqi_error *err)
{
	size_t n;
	const struct aqi_builtin *all = aqi_builtin_all(&n);

	if (is_path(argument))
		return load_file(argument, err);
	for (size_t i = 0; i < n; i++)
		if (aqi_slice_is(name_of(all[i].path), argument))
			return aqi_mapping_new(all[i].bytes, all[i].path, err);
	return refuse_name(argument, err);
}
