#include "air/mapping.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "air/base_record.h"
#include "air/mapping_reader.h"
#include "base/builtin.h"
#include "base/file.h"
#include "record/format.h"
#include "record/layout.h"

#define MAX_FILE ((size_t)1024 * 1024)

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

_Static_assert(AQI_TARGET_DEW_POINT == AQI_N_BASE,
	       "the base record comes first");

bool
aqi_mapping_convert(const struct aqi_mapping *mapping, enum aqi_target target,
		    struct aqi_slice unit,
		    struct aqi_mapping_conversion *conversion)
{
	const struct aqi_target_spec *spec = &aqi_mapping_targets[target];
	const struct aqi_unit *from = aqi_units_find(unit), *to;

	if (!from || !spec->unit)
		return false;
	to = aqi_units_find(aqi_slice_of(spec->unit));
	for (size_t i = 0; i < AQI_MAX_REFERENCES; i++) {
		double c = i < mapping->n_references ?
			   mapping->references[i].c : NAN;

		if (i > 0 && i >= mapping->n_references)
			conversion->in[i] = conversion->in[i - 1];
		else if (!aqi_units_convert(from, to, spec->molar_mass, c,
					    &conversion->in[i]))
			return false;
	}
	return true;
}

struct aqi_mapping *
aqi_mapping_new(struct aqi_slice text, const char *file, struct aqi_error *err)
{
	struct aqi_mapping *mapping = calloc(1, sizeof *mapping);

	if (!mapping) {
		aqi_error_memory(err);
		return NULL;
	}
	if (aqi_mapping_reader_read(mapping, text, file, err) == AQI_OK)
		return mapping;
	aqi_mapping_free(mapping);
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

void
aqi_mapping_set_format(const struct aqi_mapping *mapping,
		       struct aqi_format *format)
{
	const struct aqi_mapping_input *input = &mapping->input;

	if (!format->in_delimiter)
		format->in_delimiter = input->delimiter;
	if (!format->in_decimal_mark)
		format->in_decimal_mark = input->decimal_mark;
	if (!format->has_encoding)
		format->encoding = input->encoding;
	format->skip_lines = input->skip_lines;
	format->header_start = input->header_start;
	format->header = input->header.items;
	format->n_header = input->header.n;
	format->unit_lines = input->unit_lines;
	format->trailer = input->trailer;
	format->allow_repeated_names = input->repeated_names;
	format->drop_blank_rows = input->drop_blank_rows;
}

bool
aqi_mapping_is_pattern(struct aqi_slice name)
{
	static const char any[] = " (*)";
	size_t ending = sizeof any - 1;

	return name.size >= ending &&
	       memcmp(name.data + name.size - ending, any, ending) == 0;
}

bool
aqi_mapping_matches(struct aqi_slice name, struct aqi_slice column)
{
	size_t stem;

	if (!aqi_mapping_is_pattern(name))
		return aqi_slice_equal(column, name);
	stem = name.size - 2;
	return column.size > stem &&
	       memcmp(column.data, name.data, stem) == 0 &&
	       column.data[column.size - 1] == ')';
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
	struct aqi_slice names[AQI_KEYS_MAX];
	const struct aqi_slice *near;
	char quoted[AQI_QUOTED_SIZE], hint[80] = "";
	size_t n;

	aqi_mapping_names(names, AQI_KEYS_MAX, &n);
	near = aqi_layout_near(names, n, aqi_slice_of(name));
	if (near)
		snprintf(hint, sizeof hint, "; did you mean %.*s?",
			 (int)near->size, near->data);
	aqi_error_set(err, AQI_E_MODEL, "%s is not a source (--list-sources "
		      "lists them)%s",
		      aqi_error_quote(quoted, aqi_slice_of(name)), hint);
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

struct aqi_mapping *
aqi_mapping_load(const char *argument, struct aqi_error *err)
{
	size_t n;
	const struct aqi_builtin *all = aqi_builtin_all(&n);

	if (aqi_file_is_path(argument, ".json"))
		return load_file(argument, err);
	for (size_t i = 0; i < n; i++) {
		struct aqi_slice name = name_of(all[i].path);

		if (name.size > 0 && aqi_slice_is(name, argument))
			return aqi_mapping_new(all[i].bytes, all[i].path, err);
	}
	return refuse_name(argument, err);
}
