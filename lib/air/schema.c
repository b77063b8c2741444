#include "air/schema.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/builtin.h"
#include "base/file.h"
#include "record/json.h"
#include "record/layout.h"
#include "record/number.h"

/* A schema is a page of text; a megabyte is none, nor are so many fields. */
#define MAX_SCHEMA ((size_t)1024 * 1024)
#define MAX_FIELDS 832

/* What is loaded, from where, and the error it may give. */
struct load {
	struct aqi_schema *schema;
	const char *file;
	struct aqi_error *err;
};

static bool fail(const struct load *load, const char *field,
		 const char *format, ...) AQI_PRINTF(3, 4);

static bool
fail(const struct load *load, const char *field, const char *format, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof reason, format, ap);
	va_end(ap);
	aqi_error_set(load->err, AQI_E_MODEL, "%s", reason);
	aqi_error_at(load->err, load->file, 0, 0);
	if (field)
		aqi_error_name(load->err, aqi_slice_of(field));
	return false;
}

/* A rule that is passed over would be worse than none. */
static bool
fail_word(const struct load *load, const char *field, const char *word)
{
	return fail(load, field, "the word \"%.40s\" is not supported here "
		    "(aqi-schema(5) lists those that are)", word);
}

static bool
out_of_memory(const struct load *load)
{
	aqi_error_memory(load->err);
	return false;
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static const char *const annotations[] = {
	"$schema", "$id", "$comment", "title", "description", "examples",
	"default", "deprecated", "unit", "averaging", NULL
};

static bool
copy(const struct load *load, const json_t *text, struct aqi_slice *out)
{
	*out = aqi_arena_copy(&load->schema->arena, (struct aqi_slice){
		json_string_value(text), json_string_length(text)});
	return out->data || out_of_memory(load);
}

/* One type's name; null in a list says that the value may be missing. */
static bool
read_type_name(const struct load *load, const char *field, const json_t *name,
	       struct aqi_schema_field *f, bool *nullable)
{
	static const struct {
		const char *name;
		enum aqi_type type;
	} types[] = {
		{"number", AQI_TYPE_NUMBER},
		{"integer", AQI_TYPE_INTEGER},
		{"string", AQI_TYPE_STRING},
	};
	const char *word = json_string_value(name);

	for (size_t i = 0; word && i < sizeof types / sizeof *types; i++) {
		if (strcmp(word, types[i].name) == 0) {
			f->type = types[i].type;
			return true;
		}
	}
	if (word && strcmp(word, "null") == 0) {
		*nullable = true;
		return true;
	}
	return fail(load, field, "type must be number, integer or string, or "
		    "a list of one of them and null");
}

static bool
read_type(const struct load *load, const char *field, const json_t *type,
	  struct aqi_schema_field *f)
{
	bool *nullable = &f->is_nullable;
	size_t i, n_types = 0;
	json_t *item;

	if (!json_is_array(type))
		return read_type_name(load, field, type, f, nullable) &&
		       (!*nullable || fail(load, field, "a field of type null "
					   "holds nothing"));
	if (json_array_size(type) > 2)
		return read_type_name(load, field, NULL, f, nullable);
	json_array_foreach(type, i, item) {
		bool is_null = false;

		if (!read_type_name(load, field, item, f, &is_null))
			return false;
		n_types += !is_null;
		*nullable |= is_null;
	}
	if (n_types != 1)
		return read_type_name(load, field, NULL, f, nullable);
	return true;
}

static bool
read_enum(const struct load *load, const char *field, const json_t *list,
	  struct aqi_schema_field *f)
{
	size_t i;
	json_t *item;

	if (!json_is_array(list) || json_array_size(list) == 0)
		return fail(load, field, "enum must be a list of strings");
	f->n_values = json_array_size(list);
	f->values = aqi_arena_array(&load->schema->arena, f->n_values,
				    sizeof *f->values);
	if (!f->values)
		return out_of_memory(load);
	json_array_foreach(list, i, item) {
		if (!json_is_string(item))
			return fail(load, field,
				    "enum must be a list of strings");
		if (!copy(load, item, &f->values[i]))
			return false;
	}
	return true;
}

struct bound {
	const char *word;
	bool is_min, is_open;
};

/* The bound of that word, or NULL. */
static const struct bound *
find_bound(const char *word)
{
	static const struct bound bounds[] = {
		{"minimum", true, false},
		{"maximum", false, false},
		{"exclusiveMinimum", true, true},
		{"exclusiveMaximum", false, true},
	};

	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
		if (strcmp(word, bounds[i].word) == 0)
			return &bounds[i];
	return NULL;
}

static bool
read_bound(const struct load *load, const char *field,
	   const struct bound *bound, const json_t *value,
	   struct aqi_schema_field *f)
{
	double x = aqi_json_number(value);

	if (isnan(x))
		return fail(load, field, "%s must be a number", bound->word);
	/* Of two bounds of one value, the open one is the narrower. */
	if (bound->is_min &&
	    (x > f->min || (x == f->min && bound->is_open))) {
		f->min = x;
		f->open_min = bound->is_open;
	}
	if (!bound->is_min &&
	    (x < f->max || (x == f->max && bound->is_open))) {
		f->max = x;
		f->open_max = bound->is_open;
	}
	return true;
}

/* "0..500 ug/m3", or with one bound "0 or more" and the like. */
static void
describe_range(struct aqi_schema_field *f)
{
	char min[AQI_NUMBER_SIZE] = "", max[AQI_NUMBER_SIZE] = "";
	bool has_unit = f->unit.size > 0;
	const char *between = "..", *behind = "";

	f->has_both = isfinite(f->min) && isfinite(f->max);
	if (isfinite(f->min))
		aqi_number_shortest(min, f->min);
	if (isfinite(f->max))
		aqi_number_shortest(max, f->max);
	if (!f->has_both) {
		between = "";
		if (isfinite(f->min) && !f->open_min)
			behind = " or more";
		else if (isfinite(f->max) && !f->open_max)
			behind = " or less";
	}
	snprintf(f->range, sizeof f->range, "%s%.20s%s%s%.20s%s%s%.*s",
		 f->open_min ? ">" : "", min, between,
		 f->open_max ? "<" : "", max, behind, has_unit ? " " : "",
		 has_unit ? (int)f->unit.size : 0,
		 has_unit ? f->unit.data : "");
}

static bool
read_field(const struct load *load, const char *name, const json_t *property,
	   struct aqi_schema_field *f)
{
	const json_t *unit = json_object_get(property, "unit"), *value;
	const char *word;

	if (!json_is_object(property))
		return fail(load, name, "the property must be an object");
	f->min = -INFINITY;
	f->max = INFINITY;
	if (!read_type(load, name, json_object_get(property, "type"), f))
		return false;
	json_object_foreach((json_t *)property, word, value) {
		const struct bound *bound = find_bound(word);

		if (strcmp(word, "type") == 0 || is_one_of(word, annotations))
			continue;
		if (bound && f->type != AQI_TYPE_STRING) {
			if (!read_bound(load, name, bound, value, f))
				return false;
		} else if (strcmp(word, "enum") == 0 &&
			   f->type == AQI_TYPE_STRING) {
			if (!read_enum(load, name, value, f))
				return false;
		} else {
			return fail_word(load, name, word);
		}
	}
	if (f->min > f->max)
		return fail(load, name, "the minimum is above the maximum");
	if (f->min == f->max && (f->open_min || f->open_max))
		return fail(load, name, "no value lies between the bounds; "
			    "leave one of them closed, or move it");
	if (unit && !json_is_string(unit))
		return fail(load, name, "unit must be a string");
	/* "1" is the unit of what has none. */
	if (unit && strcmp(json_string_value(unit), "1") != 0 &&
	    !copy(load, unit, &f->unit))
		return false;
	f->name = aqi_arena_copy(&load->schema->arena, aqi_slice_of(name));
	return f->name.data || out_of_memory(load);
}

static bool
read_properties(const struct load *load, const json_t *properties)
{
	struct aqi_schema *schema = load->schema;
	size_t n = json_object_size(properties), i = 0;
	const char *name;
	json_t *property;

	if (!json_is_object(properties) || n == 0)
		return fail(load, NULL, "a schema needs properties, an object "
			    "with a member for each field");
	if (n > MAX_FIELDS)
		return fail(load, NULL, "%zu properties are too many; "
			    "the limit is %d", n, MAX_FIELDS);
	schema->fields = aqi_arena_array(&schema->arena, n,
					 sizeof *schema->fields);
	schema->names = aqi_arena_array(&schema->arena, n,
					sizeof *schema->names);
	if (!schema->fields || !schema->names)
		return out_of_memory(load);
	memset(schema->fields, 0, n * sizeof *schema->fields);
	schema->n_fields = n;
	json_object_foreach((json_t *)properties, name, property) {
		if (!read_field(load, name, property, &schema->fields[i]))
			return false;
		describe_range(&schema->fields[i]);
		schema->names[i] = schema->fields[i].name;
		i++;
	}
	return true;
}

static bool
read_required(const struct load *load, const json_t *root)
{
	const json_t *list = json_object_get(root, "required"), *item;
	struct aqi_schema *schema = load->schema;
	size_t i, k;

	if (!list)
		return true;
	if (!json_is_array(list))
		return fail(load, NULL, "required must be a list of names");
	json_array_foreach(list, i, item) {
		const char *name = json_string_value(item);

		for (k = 0; name && k < schema->n_fields; k++)
			if (aqi_slice_is(schema->names[k], name))
				break;
		if (!name || k == schema->n_fields)
			return fail(load, name, "required names a field that "
				    "is no property");
		if (schema->fields[k].is_nullable)
			return fail(load, name, "required, and of a type with "
				    "null: choose one");
		schema->fields[k].required = true;
	}
	return true;
}

static bool
read_root(const struct load *load, const json_t *root)
{
	static const char *const words[] = {
		"type", "properties", "required", NULL
	};
	const char *word;
	json_t *value;

	if (!json_is_object(root))
		return fail(load, NULL, "a schema is a JSON object");
	json_object_foreach((json_t *)root, word, value) {
		if (is_one_of(word, words) || is_one_of(word, annotations))
			continue;
		if (strcmp(word, "additionalProperties") != 0)
			return fail_word(load, NULL, word);
		if (!json_is_true(value))
			return fail(load, NULL, "additionalProperties can only "
				    "be true: other columns pass unchecked");
	}
	value = json_object_get(root, "type");
	if (value && (!json_is_string(value) ||
		      strcmp(json_string_value(value), "object") != 0))
		return fail(load, NULL, "the type of a record is object");
	return read_properties(load, json_object_get(root, "properties")) &&
	       read_required(load, root);
}

static bool
read_text(const struct load *load, const char *name)
{
	struct aqi_schema *schema = load->schema;
	struct aqi_buffer bytes;
	char path[128];

	if (!aqi_file_is_path(name, ".json")) {
		snprintf(path, sizeof path, "schemas/%.100s.json", name);
		schema->text = aqi_builtin_find(path);
		return schema->text.data ||
		       fail(load, NULL, "no such schema; there are api and "
			    "observed, or give a file with a / in its name");
	}
	if (aqi_file_load(name, MAX_SCHEMA, AQI_E_MODEL, &bytes, load->err) !=
	    AQI_OK)
		return false;
	schema->text = aqi_arena_copy(&schema->arena, (struct aqi_slice){
		bytes.data, bytes.size});
	aqi_buffer_free(&bytes);
	return schema->text.data || out_of_memory(load);
}

struct aqi_schema *
aqi_schema_load(const char *name, struct aqi_error *err)
{
	struct aqi_schema *schema = calloc(1, sizeof *schema);
	const struct load load = {schema, name, err};
	json_t *root;
	bool good;

	if (!schema) {
		aqi_error_memory(err);
		return NULL;
	}
	if (!read_text(&load, name))
		goto free_schema;
	root = aqi_json_read(schema->text, err);
	if (!root) {
		if (err->code != AQI_E_MEMORY)
			err->code = AQI_E_MODEL;
		err->file = name;
		goto free_schema;
	}
	good = read_root(&load, root);
	json_decref(root);
	if (good)
		return schema;
free_schema:
	aqi_schema_free(schema);
	return NULL;
}

void
aqi_schema_free(struct aqi_schema *schema)
{
	if (!schema)
		return;
	aqi_arena_free(&schema->arena);
	free(schema);
}
