#include "api/smoke.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/json_text.h"
#include "api/junit.h"
#include "api/openapi_schema.h"
#include "base/arena.h"
#include "net/http_write.h"
#include "net/load.h"
#include "net/url.h"
#include "record/json.h"

#define CASES 10000
#define DEPTH 8

struct check {
	const char *name;		/* "POST /predict, pm25 below ..." */
	struct aqi_slice request;
	const json_t *operation;	/* NULL: the status is `wanted` */
	bool is_good;			/* to be taken, else refused */
	unsigned wanted;
	bool is_done, has_passed;
	unsigned status;
	const char *reason;		/* why it has not */
};

struct aqi_smoke {
	json_t *document;
	const struct aqi_url *url;
	struct aqi_slice fields;
	struct check *checks;		/* (n,) */
	size_t n, capacity, at;
	size_t n_endpoints, n_left_out;
	struct aqi_arena arena;
	struct aqi_buffer text;		/* of a request, a name, a reason */
	/* The endpoint whose checks are made: */
	const char *method, *path;
	const json_t *operation;
	json_t *body;			/* a good one, changed in one place */
};

static char *
keep_text(struct aqi_smoke *smoke)
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

static const char *
say(struct aqi_smoke *smoke, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static const char *
say(struct aqi_smoke *smoke, const char *format, ...)
{
	char words[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(words, sizeof words, format, ap);
	va_end(ap);
	aqi_buffer_clear(&smoke->text);
	aqi_buffer_add_text(&smoke->text, words);
	return keep_text(smoke);
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
	copy = keep_text(smoke);
	return (struct aqi_slice){copy, copy ? size : 0};
}

static struct check *
add_check(struct aqi_smoke *smoke, const char *what, const char *body)
{
	size_t capacity = smoke->capacity ? 2 * smoke->capacity : 256;
	struct check *grown, *check;

	if (smoke->n == CASES)
		return NULL;
	if (smoke->n == smoke->capacity) {
		grown = reallocarray(smoke->checks, capacity, sizeof *grown);
		if (!grown) {
			smoke->arena.failed = true;
			return NULL;
		}
		smoke->checks = grown;
		smoke->capacity = capacity;
	}
	check = &smoke->checks[smoke->n];
	*check = (struct check){
		.name = say(smoke, "%s %s%s%s", smoke->method, smoke->path,
			    what[0] ? ", " : "", what),
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
	struct check *check = NULL;

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
			       say(smoke, "%s%s %s", where, name, how));
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
	add_body_check(smoke, false, say(smoke, "%s%s absent", where, name));
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
		const char *inner = say(smoke, "%s%s.", where, name);

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

static const json_t *
json_schema_of(const json_t *object)
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
	struct check *check;

	if (strchr(smoke->path, '{') ||
	    has_required_parameters(smoke->operation) ||
	    (request && !json_schema_of(request))) {
		smoke->n_left_out++;
		return;
	}
	smoke->n_endpoints++;
	if (request) {
		try_bodies(smoke, json_schema_of(request));
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
	struct check *check;

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

struct aqi_smoke *
aqi_smoke_new(struct aqi_slice document, const struct aqi_url *url,
	      struct aqi_slice fields, struct aqi_error *err)
{
	struct aqi_smoke *smoke = calloc(1, sizeof *smoke);
	json_t *item;
	const char *path;

	if (!smoke) {
		aqi_error_memory(err);
		return NULL;
	}
	smoke->url = url;
	smoke->fields = fields;
	smoke->document = aqi_json_read(document, err);
	if (!smoke->document)
		goto fail;
	json_object_foreach(json_object_get(smoke->document, "paths"), path,
			    item) {
		try_path(smoke, path, item);
	}
	if (smoke->n_endpoints == 0 && !smoke->arena.failed) {
		aqi_error_set(err, AQI_E_DATA, "no OpenAPI document with an "
			      "endpoint that can be tried");
		goto fail;
	}
	try_status(smoke, "GET", "/no-such-path-of-aqi-loadgen", 404);
	if (!smoke->arena.failed && !smoke->text.failed)
		return smoke;
	aqi_error_memory(err);
fail:
	aqi_smoke_free(smoke);
	return NULL;
}

bool
aqi_smoke_lacks_memory(const struct aqi_smoke *smoke)
{
	return smoke->arena.failed;
}

size_t
aqi_smoke_size(const struct aqi_smoke *smoke)
{
	return smoke->n;
}

enum aqi_status
aqi_smoke_next(struct aqi_smoke *smoke, struct aqi_load_request *request)
{
	const struct check *check = &smoke->checks[smoke->at];

	if (smoke->at == smoke->n)
		return AQI_END;
	aqi_buffer_add_slice(request->bytes, check->request);
	request->is_head = strncmp(check->name, "HEAD ", 5) == 0;
	request->tag = smoke->at++;
	return AQI_OK;
}

/* Is a status among those that the document has for this outcome? */
static bool
is_documented(const json_t *operation, unsigned status, bool *has_any,
	      unsigned hundreds)
{
	json_t *response;
	const char *key;

	*has_any = false;
	json_object_foreach(json_object_get(operation, "responses"), key,
			    response) {
		if (key[0] != (char)('0' + hundreds))
			continue;
		*has_any = true;
		if (toupper((unsigned char)key[1]) == 'X' ||
		    strtoul(key, NULL, 10) == status)
			return true;
	}
	return false;
}

static const json_t *
answer_schema(const json_t *operation, unsigned status)
{
	char key[8];

	snprintf(key, sizeof key, "%u", status);
	return json_schema_of(json_object_get(
		json_object_get(operation, "responses"), key));
}

/* Why the body of an answer is not what the document says; NULL: it is. */
static const char *
look_at_body(struct aqi_smoke *smoke, const struct check *check,
	     struct aqi_slice body)
{
	const json_t *schema = answer_schema(check->operation, check->status);
	struct aqi_error err;
	json_t *value;
	bool is_good;

	if (!schema || json_object_size(schema) == 0)
		return NULL;
	value = aqi_json_read(body, &err);
	if (!value && err.code == AQI_E_MEMORY)
		smoke->arena.failed = true;
	if (!value)
		return say(smoke, "the answer is no JSON: %s", err.reason);
	aqi_buffer_clear(&smoke->text);
	is_good = aqi_openapi_check(smoke->document, schema, value,
				    &smoke->text);
	json_decref(value);
	return is_good ? NULL : keep_text(smoke);
}

static const char *
look_at(struct aqi_smoke *smoke, const struct check *check,
	const struct aqi_load_answer *answer)
{
	unsigned hundreds = check->is_good ? 2 : 4;
	bool has_any;

	if (answer->outcome == AQI_OUTCOME_TIMED_OUT)
		return "no answer in time";
	if (answer->outcome != AQI_OUTCOME_OK)
		return "no whole answer";
	if (!check->operation)
		return answer->status == check->wanted ? NULL :
		       say(smoke, "answered with %u, not %u", answer->status,
			   check->wanted);
	if (!is_documented(check->operation, answer->status, &has_any,
			   hundreds) &&
	    (has_any || answer->status / 100 != hundreds))
		return say(smoke, "answered with %u, which is no %uxx of the "
			   "document", answer->status, hundreds);
	return look_at_body(smoke, check, answer->body);
}

enum aqi_outcome
aqi_smoke_answered(struct aqi_smoke *smoke,
		   const struct aqi_load_answer *answer)
{
	struct check *check = &smoke->checks[answer->tag];

	check->is_done = true;
	check->status = answer->status;
	check->reason = look_at(smoke, check, answer);
	check->has_passed = !check->reason;
	if (answer->outcome != AQI_OUTCOME_OK)
		return answer->outcome;
	return check->has_passed ? AQI_OUTCOME_OK : AQI_OUTCOME_CHECK;
}

static size_t
n_failed(const struct aqi_smoke *smoke)
{
	size_t n = 0;

	for (size_t i = 0; i < smoke->n; i++)
		n += !smoke->checks[i].has_passed;
	return n;
}

bool
aqi_smoke_is_good(const struct aqi_smoke *smoke)
{
	return n_failed(smoke) == 0;
}

static const char *
reason_of(const struct check *check)
{
	return check->is_done ? check->reason : "it was not tried";
}

/* Names are those of a server's document: no byte of them drives a terminal. */
static void
add_plain(struct aqi_buffer *out, const char *text)
{
	for (; *text; text++)
		aqi_buffer_add_byte(out, (unsigned char)*text < 0x20 ||
				    (unsigned char)*text > 0x7e ? '?' : *text);
}

void
aqi_smoke_text(const struct aqi_smoke *smoke, const char *target,
	       struct aqi_buffer *out)
{
	aqi_buffer_add_text(out, target);
	aqi_buffer_add_text(out, "\n");
	for (size_t i = 0; i < smoke->n; i++) {
		if (smoke->checks[i].has_passed)
			continue;
		aqi_buffer_add_text(out, "  failed: ");
		add_plain(out, smoke->checks[i].name);
		aqi_buffer_add_text(out, ": ");
		add_plain(out, reason_of(&smoke->checks[i]));
		aqi_buffer_add_text(out, "\n");
	}
	aqi_buffer_add_format(out, "%zu checks of %zu endpoints, %zu failed",
			      smoke->n, smoke->n_endpoints, n_failed(smoke));
	if (smoke->n_left_out)
		aqi_buffer_add_format(out, "; %zu with parameters were left "
				      "out", smoke->n_left_out);
	aqi_buffer_add_text(out, "\n");
}

void
aqi_smoke_json(const struct aqi_smoke *smoke, const char *target,
	       struct aqi_buffer *out)
{
	aqi_buffer_add_byte(out, '{');
	aqi_json_add_string(out, "target", target);
	aqi_json_add_count(out, "endpoints", smoke->n_endpoints);
	aqi_json_add_count(out, "checks", smoke->n);
	aqi_json_add_count(out, "failed", n_failed(smoke));
	aqi_json_add_bool(out, "passed", aqi_smoke_is_good(smoke));
	aqi_json_add_key(out, "cases");
	for (size_t i = 0; i < smoke->n; i++) {
		const struct check *check = &smoke->checks[i];

		aqi_buffer_add_text(out, i > 0 ? ",{" : "[{");
		aqi_json_add_string(out, "name", check->name);
		aqi_json_add_count(out, "status", check->status);
		aqi_json_add_bool(out, "passed", check->has_passed);
		if (!check->has_passed)
			aqi_json_add_string(out, "reason", reason_of(check));
		aqi_buffer_add_byte(out, '}');
	}
	aqi_buffer_add_text(out, "]}\n");
}

void
aqi_smoke_junit(const struct aqi_smoke *smoke, struct aqi_buffer *out)
{
	aqi_junit_begin(out, "aqi-loadgen --smoke", smoke->n, n_failed(smoke),
			-1);
	for (size_t i = 0; i < smoke->n; i++) {
		const struct check *check = &smoke->checks[i];

		aqi_junit_add(out, check->name, check->has_passed ?
			      NULL : reason_of(check));
	}
	aqi_junit_end(out);
}

void
aqi_smoke_free(struct aqi_smoke *smoke)
{
	if (!smoke)
		return;
	json_decref(smoke->document);
	json_decref(smoke->body);
	free(smoke->checks);
	aqi_buffer_free(&smoke->text);
	aqi_arena_free(&smoke->arena);
	free(smoke);
}
