#include "api/openapi_schema.h"

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "api/json_text.h"
#include "record/number.h"

/* References and values lie at most so deep in each other. */
#define DEPTH 16

/* Of an example; a few nested lists, each of many items, would fill memory. */
#define VALUES 100000

/* What an example is made with. */
struct maker {
	const json_t *document;
	size_t n_left;		/* values that it may still have */
};

/* What "#/components/schemas/X" leads to. */
static const json_t *
find(const json_t *document, const char *reference)
{
	const json_t *at = document;
	const char *name;

	if (reference[0] != '#')
		return NULL;
	for (reference++; at && *reference == '/'; ) {
		name = reference + 1;
		reference = strchrnul(name, '/');
		at = json_object_getn(at, name, (size_t)(reference - name));
	}
	return *reference ? NULL : at;
}

static const json_t *
first_alternative(const json_t *schema)
{
	static const char *const words[] = {"anyOf", "oneOf", "allOf"};
	const char *type;
	size_t i;
	json_t *one;

	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		json_array_foreach(json_object_get(schema, words[k]), i, one) {
			type = json_string_value(json_object_get(one, "type"));
			if (!type || strcmp(type, "null") != 0)
				return one;
		}
	}
	return NULL;
}

const json_t *
aqi_openapi_resolve(const json_t *document, const json_t *schema)
{
	const json_t *reference, *alternative;

	for (int i = 0; i < DEPTH; i++) {
		reference = json_object_get(schema, "$ref");
		alternative = first_alternative(schema);
		if (json_is_string(reference))
			schema = find(document, json_string_value(reference));
		else if (alternative)
			schema = alternative;
		else
			return schema;
	}
	return NULL;
}

bool
aqi_openapi_is(const json_t *schema, const char *type)
{
	const json_t *types = json_object_get(schema, "type");
	size_t i;
	json_t *one;

	if (json_is_string(types))
		return strcmp(json_string_value(types), type) == 0;
	json_array_foreach(types, i, one)
		if (json_is_string(one) &&
		    strcmp(json_string_value(one), type) == 0)
			return true;
	return false;
}

bool
aqi_openapi_allows_null(const json_t *schema)
{
	const json_t *alternatives = json_object_get(schema, "anyOf");
	size_t i;
	json_t *one;

	if (aqi_openapi_is(schema, "null") ||
	    json_is_true(json_object_get(schema, "nullable")))
		return true;
	json_array_foreach(alternatives, i, one)
		if (aqi_openapi_is(one, "null"))
			return true;
	return false;
}

static double
number_at(const json_t *schema, const char *key, double otherwise)
{
	const json_t *value = json_object_get(schema, key);

	return json_is_number(value) ? json_number_value(value) : otherwise;
}

void
aqi_openapi_bounds(const json_t *schema, double *least, double *most)
{
	double step = aqi_openapi_is(schema, "integer") ? 1 : 0x1p-20;

	*least = fmax(number_at(schema, "minimum", -INFINITY),
		      number_at(schema, "exclusiveMinimum", -INFINITY) + step);
	*most = fmin(number_at(schema, "maximum", INFINITY),
		     number_at(schema, "exclusiveMaximum", INFINITY) - step);
}

json_t *
aqi_openapi_number(const json_t *schema, double x)
{
	if (aqi_openapi_is(schema, "integer") && x == floor(x) &&
	    fabs(x) < 0x1p53)
		return json_integer((json_int_t)x);
	return json_real(x);
}

static json_t *
example_number(const json_t *schema)
{
	double least, most, x = 1;

	aqi_openapi_bounds(schema, &least, &most);
	if (isfinite(least) && isfinite(most))
		x = (least + most) / 2;
	else if (isfinite(least))
		x = least + 1;
	else if (isfinite(most))
		x = most - 1;
	if (aqi_openapi_is(schema, "integer"))
		x = floor(x);
	return aqi_openapi_number(schema, x);
}

static json_t *example(struct maker *maker, const json_t *schema, int depth);

static json_t *
example_object(struct maker *maker, const json_t *schema, int depth)
{
	json_t *object = json_object(), *property;
	const char *name;

	json_object_foreach(json_object_get(schema, "properties"), name,
			    property) {
		if (json_object_set_new(object, name,
					example(maker, property, depth)) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *
example_array(struct maker *maker, const json_t *schema, int depth)
{
	double least = fmin(fmax(number_at(schema, "minItems", 1), 1), 1000);
	size_t n = (size_t)ceil(least);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		if (json_array_append_new(array, example(
				maker, json_object_get(schema, "items"),
				depth)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *
example(struct maker *maker, const json_t *schema, int depth)
{
	const json_t *values;

	schema = aqi_openapi_resolve(maker->document, schema);
	if (depth == DEPTH || maker->n_left == 0)
		return NULL;
	maker->n_left--;
	values = json_object_get(schema, "enum");
	if (json_array_size(values) > 0)
		return json_deep_copy(json_array_get(values, 0));
	if (aqi_openapi_is(schema, "object"))
		return example_object(maker, schema, depth + 1);
	if (aqi_openapi_is(schema, "array"))
		return example_array(maker, schema, depth + 1);
	if (aqi_openapi_is(schema, "number") ||
	    aqi_openapi_is(schema, "integer"))
		return example_number(schema);
	if (aqi_openapi_is(schema, "boolean"))
		return json_true();
	return aqi_openapi_is(schema, "null") ? json_null() :
	       json_string("text");
}

json_t *
aqi_openapi_example(const json_t *document, const json_t *schema)
{
	struct maker maker = {document, VALUES};

	return example(&maker, schema, 0);
}

static void
write_members(const json_t *value, struct aqi_buffer *out)
{
	const char *name;
	json_t *one;
	size_t i;

	aqi_buffer_add_byte(out, json_is_object(value) ? '{' : '[');
	json_object_foreach((json_t *)value, name, one) {
		aqi_json_add_key(out, name);
		aqi_openapi_write_value(one, out);
	}
	json_array_foreach(value, i, one) {
		if (i > 0)
			aqi_buffer_add_byte(out, ',');
		aqi_openapi_write_value(one, out);
	}
	aqi_buffer_add_byte(out, json_is_object(value) ? '}' : ']');
}

void
aqi_openapi_write_value(const json_t *value, struct aqi_buffer *out)
{
	char text[AQI_NUMBER_SIZE];

	if (json_is_object(value) || json_is_array(value))
		write_members(value, out);
	else if (json_is_string(value))
		aqi_json_add_text(out, (struct aqi_slice){
			json_string_value(value), json_string_length(value)});
	else if (json_is_number(value))
		aqi_buffer_add(out, text, aqi_number_shortest(
				text, json_number_value(value)));
	else
		aqi_buffer_add_text(out, json_is_true(value) ? "true" :
				    json_is_false(value) ? "false" : "null");
}

/* Where in a value a check is, for its reason. */
struct place {
	const struct place *outer;
	const char *name;
};

static bool
fail(const struct place *place, struct aqi_buffer *why, const char *reason)
{
	if (!place->outer) {
		aqi_buffer_add_text(why, place->name);
	} else {
		const struct place *p = place;
		const char *names[DEPTH + 1];
		size_t n = 0;

		for (; p->outer && n <= DEPTH; p = p->outer)
			names[n++] = p->name;
		while (n-- > 0) {
			aqi_buffer_add_text(why, names[n]);
			if (n > 0)
				aqi_buffer_add_byte(why, '.');
		}
	}
	aqi_buffer_add_byte(why, ' ');
	aqi_buffer_add_text(why, reason);
	return false;
}

static bool
is_of_type(const json_t *schema, const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "object", [JSON_ARRAY] = "array",
		[JSON_STRING] = "string", [JSON_INTEGER] = "integer",
		[JSON_REAL] = "number", [JSON_TRUE] = "boolean",
		[JSON_FALSE] = "boolean", [JSON_NULL] = "null",
	};

	return !json_object_get(schema, "type") ||
	       aqi_openapi_is(schema, names[json_typeof(value)]) ||
	       (json_is_integer(value) && aqi_openapi_is(schema, "number")) ||
	       (json_is_real(value) && aqi_openapi_is(schema, "integer") &&
		json_real_value(value) == floor(json_real_value(value)));
}

static bool check(const json_t *document, const json_t *schema,
		  const json_t *value, const struct place *place, int depth,
		  struct aqi_buffer *why);

static bool
check_object(const json_t *document, const json_t *schema,
	     const json_t *value, const struct place *place, int depth,
	     struct aqi_buffer *why)
{
	json_t *one;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(schema, "required"), i, one) {
		const struct place inner = {place, json_string_value(one)};

		if (inner.name && !json_object_get(value, inner.name))
			return fail(&inner, why, "is missing");
	}
	json_object_foreach(json_object_get(schema, "properties"), name, one) {
		const struct place inner = {place, name};
		const json_t *member = json_object_get(value, name);

		if (member && !check(document, one, member, &inner, depth,
				     why))
			return false;
	}
	return true;
}

/* One of several alternatives is enough; the reasons of the others are not. */
static bool
fits_any(const json_t *document, const json_t *alternatives,
	 const json_t *value, const struct place *place, int depth,
	 struct aqi_buffer *why)
{
	size_t i, size = why->size;
	json_t *one;

	json_array_foreach(alternatives, i, one) {
		if (check(document, one, value, place, depth + 1, why))
			return true;
		why->size = size;
	}
	return false;
}

static bool
check(const json_t *document, const json_t *schema, const json_t *value,
      const struct place *place, int depth, struct aqi_buffer *why)
{
	double least, most, x;
	size_t i;
	json_t *one;

	if (depth == DEPTH ||
	    (json_is_null(value) && aqi_openapi_allows_null(schema)) ||
	    fits_any(document, json_object_get(schema, "anyOf"), value, place,
		     depth, why) ||
	    fits_any(document, json_object_get(schema, "oneOf"), value, place,
		     depth, why))
		return true;
	schema = aqi_openapi_resolve(document, schema);
	if (!is_of_type(schema, value))
		return fail(place, why, "is of another type");
	if (json_is_object(value))
		return check_object(document, schema, value, place, depth + 1,
				    why);
	json_array_foreach(value, i, one)
		if (!check(document, json_object_get(schema, "items"), one,
			   place, depth + 1, why))
			return false;
	if (!json_is_number(value))
		return true;
	x = json_number_value(value);
	aqi_openapi_bounds(schema, &least, &most);
	return (x >= least && x <= most) ||
	       fail(place, why, "is out of its bounds");
}

bool
aqi_openapi_check(const json_t *document, const json_t *schema,
		  const json_t *value, struct aqi_buffer *why)
{
	const struct place whole = {NULL, "the answer"};

	return check(document, schema, value, &whole, 0, why);
}
