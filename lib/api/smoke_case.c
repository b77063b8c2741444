#include "api/smoke_case.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/openapi_schema.h"
#include "net/http_write.h"
#include "net/url.h"

/* What a document asks for beyond these is left out. */
#define CASES 10000
#define DEPTH 8

char *
aqi_smoke_keep(struct aqi_smoke *smoke)
{
	char *copy = aqi_arena_alloc(&smoke->arena, smoke->text.size + 1);

	if (smoke->text.failed)
		smoke->arena.failed = true;
	if (copy) {
		memcpy(copy, smoke->text.data, smoke->text.size);
		copy[smoke->text.size] = '\0';
	}
	aqi_buffer_clear(&smoke->text);
	return copy;
}

const char *
aqi_smoke_say(struct aqi_smoke *smoke, const char *format, ...)
{
	char words[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(words, sizeof words, format, ap);
	va_end(ap);
	aqi_buffer_clear(&smoke->text);
	aqi_buffer_add_text(&smoke->text, words);
	return aqi_smoke_keep(smoke);
}

/* The request of the endpoint with that body; NULL: without one. */
static struct aqi_slice
make_request(struct aqi_smoke *smoke, const char *body)
{
	struct aqi_buffer target = {0};
	char *copy;
	size_t size;
	bool made;

	aqi_url_add_below(smoke->url, smoke->path, &target);
	aqi_buffer_clear(&smoke->text);
	made = !target.failed &&
	       aqi_http_add_request(&smoke->text, aqi_slice_of(smoke->method),
				    (struct aqi_slice){target.data,
						       target.size},
				    smoke->url->authority);
	smoke->arena.failed = smoke->arena.failed || target.failed;
	aqi_buffer_free(&target);
	if (!made)
		return (struct aqi_slice){NULL, 0};
	aqi_buffer_add_slice(&smoke->text, smoke->fields);
	if (body) {
		aqi_buffer_add_text(&smoke->text,
				    "content-type: application/json\r\n");
		aqi_http_add_length(&smoke->text, strlen(body));
	}
	aqi_http_add_end(&smoke->text);
	if (body)
		aqi_buffer_add_text(&smoke->text, body);
	size = smoke->text.size;
	copy = aqi_smoke_keep(smoke);
	return (struct aqi_slice){copy, copy ? size : 0};
}

static struct aqi_smoke_case *
add_check(struct aqi_smoke *smoke, const char *what, const char *body)
{
	size_t capacity = smoke->capacity ? 2 * smoke->capacity : 256;
	struct aqi_smoke_case *grown, *check;

	/* No words for it: memory ran out, as is noted. */
	if (!what || smoke->n == CASES)
		return NULL;
	if (smoke->n == smoke->capacity) {
		grown = reallocarray(smoke->cases, capacity, sizeof *grown);
		if (!grown) {
			smoke->arena.failed = true;
			return NULL;
		}
		smoke->cases = grown;
		smoke->capacity = capacity;
	}
	check = &smoke->cases[smoke->n];
	*check = (struct aqi_smoke_case){
		.name = aqi_smoke_say(smoke, "%s %s%s%s", smoke->method,
				      smoke->path, what[0] ? ", " : "", what),
		.request = make_request(smoke, body),
		.operation = smoke->operation,
	};
	if (!check->request.data)
		return NULL;
	smoke->n++;
	return check;
}

/* A check with the body as it is now. */
static void
add_body_check(struct aqi_smoke *smoke, bool is_good, const char *what)
{
	struct aqi_buffer body = {0};
	struct aqi_smoke_case *check = NULL;

	aqi_openapi_write_value(smoke->body, &body);
	aqi_buffer_add_byte(&body, '\0');
	if (body.failed)
		smoke->arena.failed = true;
	else
		check = add_check(smoke, what, body.data);
	if (check)
		check->is_good = is_good;
	aqi_buffer_free(&body);
}

/* The same with another value for a member, which then is what it was. */
static void
try_value(struct aqi_smoke *smoke, json_t *object, const char *name,
	  json_t *value, bool is_good, const char *where, const char *how)
{
	json_t *old = json_incref(json_object_get(object, name));

	if (!value || json_object_set_new(object, name, value) < 0)
		smoke->arena.failed = true;
	else
		add_body_check(smoke, is_good,
			       aqi_smoke_say(smoke, "%s%s %s", where, name,
					     how));
	if (json_object_set_new(object, name, old) < 0)
		smoke->arena.failed = true;
}

static void
try_number(struct aqi_smoke *smoke, json_t *object, const char *name,
	   const json_t *schema, const char *where)
{
	bool is_integer = aqi_openapi_is(schema, "integer");
	double least, most;

	aqi_openapi_bounds(schema, &least, &most);
	if (isfinite(least)) {
		try_value(smoke, object, name,
			  aqi_openapi_number(schema, least), true, where,
			  "at its least");
		try_value(smoke, object, name,
			  aqi_openapi_number(schema, least - 1), false, where,
			  "below its least");
	}
	if (isfinite(most)) {
		try_value(smoke, object, name, aqi_openapi_number(schema, most),
			  true, where, "at its most");
		try_value(smoke, object, name,
			  aqi_openapi_number(schema, most + 1), false, where,
			  "above its most");
	}
	if (is_integer)
		try_value(smoke, object, name, json_real(
				json_number_value(json_object_get(
					object, name)) + 0.5),
			  false, where, "with a fraction");
	try_value(smoke, object, name, json_string("text"), false, where,
		  "as a text");
	try_value(smoke, object, name, json_array(), false, where, "as a list");
}

static bool
is_required(const json_t *schema, const char *name)
{
	size_t i;
	json_t *one;

	json_array_foreach(json_object_get(schema, "required"), i, one)
		if (json_is_string(one) &&
		    strcmp(json_string_value(one), name) == 0)
			return true;
	return false;
}

static void
try_absent(struct aqi_smoke *smoke, json_t *object, const char *name,
	   const char *where)
{
	json_t *old = json_incref(json_object_get(object, name));

	json_object_del(object, name);
	add_body_check(smoke, false, aqi_smoke_say(smoke, "%s%s absent", where,
						   name));
	if (json_object_set_new(object, name, old) < 0)
		smoke->arena.failed = true;
}

static void
try_object(struct aqi_smoke *smoke, json_t *object, const json_t *schema,
	   const char *where, int depth)
{
	json_t *property;
	const char *name;

	if (depth == DEPTH || smoke->arena.failed)
		return;
	json_object_foreach(json_object_get(schema, "properties"), name,
			    property) {
		const json_t *of = aqi_openapi_resolve(smoke->document,
						       property);
		json_t *value = json_object_get(object, name);
		const char *inner = aqi_smoke_say(smoke, "%s%s.", where, name);

		if (!inner)
			return;
		if (is_required(schema, name))
			try_absent(smoke, object, name, where);
		if (!aqi_openapi_allows_null(property))
			try_value(smoke, object, name, json_null(), false,
				  where, "null");
		if (aqi_openapi_is(of, "number") ||
		    aqi_openapi_is(of, "integer"))
			try_number(smoke, object, name, of, where);
		/* The value is gone where it could not be put back. */
		if (smoke->arena.failed)
			return;
		if (json_is_object(value))
			try_object(smoke, value, of, inner, depth + 1);
		if (!json_is_array(value))
			continue;
		try_value(smoke, object, name, json_object(), false, where,
			  "as an object");
		if (!json_object_get(of, "minItems"))
			try_value(smoke, object, name, json_array(), true,
				  where, "as an empty list");
		if (json_is_object(json_array_get(value, 0)))
			try_object(smoke, json_array_get(value, 0),
				   aqi_openapi_resolve(
					   smoke->document,
					   json_object_get(of, "items")),
				   inner, depth + 1);
	}
}

static void
try_bodies(struct aqi_smoke *smoke, const json_t *schema)
{
	const json_t *of = aqi_openapi_resolve(smoke->document, schema);

	smoke->body = aqi_openapi_example(smoke->document, schema);
	if (!smoke->body) {
		smoke->arena.failed = true;
		return;
	}
	add_body_check(smoke, true, "with a good body");
	if (json_is_object(smoke->body)) {
		try_object(smoke, smoke->body, of, "", 0);
		add_check(smoke, "with a list for an object", "[]");
	}
	add_check(smoke, "with an empty body", "");
	add_check(smoke, "with half a body", "{\"pm25\":");
	json_decref(smoke->body);
	smoke->body = NULL;
}

const json_t *
aqi_smoke_schema_of(const json_t *object)
{
	return json_object_get(
		json_object_get(json_object_get(object, "content"),
				"application/json"), "schema");
}

static bool
has_required_parameters(const json_t *operation)
{
	size_t i;
	json_t *one;

	json_array_foreach(json_object_get(operation, "parameters"), i, one)
		if (json_is_true(json_object_get(one, "required")))
			return true;
	return false;
}

static void
try_operation(struct aqi_smoke *smoke)
{
	const json_t *request = json_object_get(smoke->operation,
						"requestBody");
	struct aqi_smoke_case *check;

	if (strchr(smoke->path, '{') ||
	    has_required_parameters(smoke->operation) ||
	    (request && !aqi_smoke_schema_of(request))) {
		smoke->n_left_out++;
		return;
	}
	smoke->n_endpoints++;
	if (request) {
		try_bodies(smoke, aqi_smoke_schema_of(request));
		return;
	}
	check = add_check(smoke, "", NULL);
	if (check)
		check->is_good = true;
}

/* What the document says nothing of, for which HTTP has a status. */
static void
try_status(struct aqi_smoke *smoke, const char *method, const char *path,
	   unsigned wanted)
{
	struct aqi_smoke_case *check;

	smoke->method = method;
	smoke->path = path;
	smoke->operation = NULL;
	check = add_check(smoke, wanted == 404 ? "which is no path" :
			  "which is no method of it", NULL);
	if (check)
		check->wanted = wanted;
}

static void
try_path(struct aqi_smoke *smoke, const char *path, const json_t *item)
{
	static const char *const methods[][2] = {
		{"get", "GET"}, {"post", "POST"}, {"put", "PUT"},
		{"delete", "DELETE"}, {"patch", "PATCH"}, {"head", "HEAD"},
	};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		smoke->operation = json_object_get(item, methods[i][0]);
		smoke->method = methods[i][1];
		smoke->path = path;
		if (smoke->operation)
			try_operation(smoke);
	}
	if (!strchr(path, '{') && !json_object_get(item, "delete"))
		try_status(smoke, "DELETE", path, 405);
}

void
aqi_smoke_add_cases(struct aqi_smoke *smoke)
{
	json_t *item;
	const char *path;

	json_object_foreach(json_object_get(smoke->document, "paths"), path,
			    item) {
		try_path(smoke, path, item);
	}
	try_status(smoke, "GET", "/no-such-path-of-aqi-loadgen", 404);
}
