#include "api/smoke.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/json_text.h"
#include "api/junit.h"
#include "api/openapi_schema.h"
#include "api/smoke_case.h"
#include "net/load.h"
#include "record/json.h"

struct aqi_smoke *
aqi_smoke_new(struct aqi_slice document, const struct aqi_url *url,
	      struct aqi_slice fields, struct aqi_error *err)
{
	struct aqi_smoke *smoke = calloc(1, sizeof *smoke);

	if (!smoke) {
		aqi_error_memory(err);
		return NULL;
	}
	smoke->url = url;
	smoke->fields = fields;
	smoke->document = aqi_json_read(document, err);
	if (!smoke->document)
		goto free_smoke;
	aqi_smoke_add_cases(smoke);
	if (smoke->n_endpoints == 0 && !smoke->arena.failed) {
		aqi_error_set(err, AQI_E_DATA, "no OpenAPI document with an "
			      "endpoint that can be tried");
		goto free_smoke;
	}
	if (!smoke->arena.failed && !smoke->text.failed)
		return smoke;
	aqi_error_memory(err);
free_smoke:
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
	const struct aqi_smoke_case *check = &smoke->cases[smoke->at];

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
	return aqi_smoke_schema_of(json_object_get(
		json_object_get(operation, "responses"), key));
}

/* Why the body of an answer is not what the document says; NULL: it is. */
static const char *
look_at_body(struct aqi_smoke *smoke, const struct aqi_smoke_case *check,
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
		return aqi_smoke_say(smoke, "the answer is no JSON: %s",
				     err.reason);
	aqi_buffer_clear(&smoke->text);
	is_good = aqi_openapi_check(smoke->document, schema, value,
				    &smoke->text);
	json_decref(value);
	return is_good ? NULL : aqi_smoke_keep(smoke);
}

static const char *
look_at(struct aqi_smoke *smoke, const struct aqi_smoke_case *check,
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
		       aqi_smoke_say(smoke, "answered with %u, not %u",
				     answer->status, check->wanted);
	if (!is_documented(check->operation, answer->status, &has_any,
			   hundreds) &&
	    (has_any || answer->status / 100 != hundreds))
		return aqi_smoke_say(smoke, "answered with %u, which is no "
				     "%uxx of the document", answer->status,
				     hundreds);
	return look_at_body(smoke, check, answer->body);
}

enum aqi_outcome
aqi_smoke_answered(struct aqi_smoke *smoke,
		   const struct aqi_load_answer *answer)
{
	struct aqi_smoke_case *check = &smoke->cases[answer->tag];

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
		n += !smoke->cases[i].has_passed;
	return n;
}

bool
aqi_smoke_is_good(const struct aqi_smoke *smoke)
{
	return n_failed(smoke) == 0;
}

static const char *
reason_of(const struct aqi_smoke_case *check)
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

/* As many as messages of a kind: a key forgotten fails all of hundreds. */
#define SHOWN 20

void
aqi_smoke_text(const struct aqi_smoke *smoke, const char *target,
	       struct aqi_buffer *out)
{
	size_t n_shown = 0, n_barred = 0;

	aqi_buffer_add_text(out, target);
	aqi_buffer_add_text(out, "\n");
	for (size_t i = 0; i < smoke->n; i++) {
		n_barred += smoke->cases[i].status == 401 ||
			    smoke->cases[i].status == 403;
		if (smoke->cases[i].has_passed || n_shown++ >= SHOWN)
			continue;
		aqi_buffer_add_text(out, "  failed: ");
		add_plain(out, smoke->cases[i].name);
		aqi_buffer_add_text(out, ": ");
		add_plain(out, reason_of(&smoke->cases[i]));
		aqi_buffer_add_text(out, "\n");
	}
	if (n_shown > SHOWN)
		aqi_buffer_add_format(out, "  and %zu more, which --json and "
				      "--junit list\n", n_shown - SHOWN);
	if (n_barred > 0)
		aqi_buffer_add_format(out, "  %zu were answered with 401 or "
				      "403: --header gives a key\n", n_barred);
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
		const struct aqi_smoke_case *check = &smoke->cases[i];

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
		const struct aqi_smoke_case *check = &smoke->cases[i];

		aqi_junit_add(out, check->name, check->has_passed ?
			      NULL : reason_of(check));
	}
	aqi_junit_end(out);
}

void
aqi_smoke_junit_failure(const char *reason, struct aqi_buffer *out)
{
	aqi_junit_begin(out, "aqi-loadgen --smoke", 1, 1, -1);
	aqi_junit_add(out, "GET /openapi.json", reason);
	aqi_junit_end(out);
}

void
aqi_smoke_free(struct aqi_smoke *smoke)
{
	if (!smoke)
		return;
	json_decref(smoke->document);
	json_decref(smoke->body);
	free(smoke->cases);
	aqi_buffer_free(&smoke->text);
	aqi_arena_free(&smoke->arena);
	free(smoke);
}
