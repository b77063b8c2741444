#include "api/recording.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "api/json_text.h"
#include "base/arena.h"
#include "base/file.h"
#include "net/http.h"
#include "net/http_write.h"
#include "net/load.h"
#include "record/json.h"
#include "record/utf8.h"

#define LIMIT ((size_t)1024 * 1024 * 1024)

struct request {
	uint64_t at_ns;
	size_t task;
	bool is_head;
	size_t begin, size;		/* in bytes */
};

struct aqi_recording {
	struct request *requests;	/* (n,) */
	size_t n, capacity;
	struct aqi_buffer bytes;
	const char *tasks[AQI_RECORDING_TASKS];	/* (n_tasks,) */
	size_t n_tasks;
	size_t at, due;			/* the next to be sent, to be due */
	struct aqi_arena arena;
};

static bool
is_made_anew(struct aqi_slice name)
{
	return aqi_http_is(name, "host") || aqi_http_is(name, "connection") ||
	       aqi_http_is(name, "content-length") ||
	       aqi_http_is(name, "transfer-encoding");
}

static void
write_fields(struct aqi_buffer *out, const struct aqi_http_head *head)
{
	bool is_first = true;

	aqi_json_add_key(out, "fields");
	aqi_buffer_add_byte(out, '{');
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct aqi_http_field *f = &head->fields[i];

		if (is_made_anew(f->name))
			continue;
		if (!is_first)
			aqi_buffer_add_byte(out, ',');
		is_first = false;
		aqi_json_add_text(out, f->name);
		aqi_buffer_add_byte(out, ':');
		aqi_json_add_text(out, f->value);
	}
	aqi_buffer_add_byte(out, '}');
}

static void
write_text(struct aqi_buffer *out, const char *name, struct aqi_slice text)
{
	aqi_json_add_key(out, name);
	aqi_json_add_text(out, text);
}

static bool
is_text(struct aqi_slice s)
{
	return aqi_utf8_check(s) == s.size;
}

enum aqi_status
aqi_recording_write(struct aqi_buffer *out, const char *task, uint64_t at_ns,
		    struct aqi_slice request, struct aqi_error *err)
{
	struct aqi_http_limits limits = {1 << 20, 1 << 20, AQI_HTTP_FIELDS};
	struct aqi_http_progress progress = {0};
	struct aqi_http_fault fault = {0, "its head is too long"};
	struct aqi_http_head head;
	struct aqi_slice body;

	if (aqi_http_read_request(request, &progress, &limits, &head,
				  &fault) != AQI_OK)
		return aqi_error_set(err, AQI_E_USAGE, "this request cannot "
				     "be recorded: %s", fault.reason);
	body = (struct aqi_slice){request.data + head.size,
				  request.size - head.size};
	request.size = head.size;
	/* What is sent may have any bytes; what is read again may not. */
	if (!is_text(request) || !is_text(body))
		return aqi_error_set(err, AQI_E_ENCODING, "a %s that is no "
				     "UTF-8, or has a NUL, cannot be recorded",
				     is_text(request) ? "body" : "head");
	aqi_buffer_add_format(out, "{\"at\":%" PRIu64 ".%09" PRIu64,
			      at_ns / 1000000000, at_ns % 1000000000);
	aqi_json_add_string(out, "task", task);
	write_text(out, "method", head.method);
	write_text(out, "target", head.target);
	write_fields(out, &head);
	if (body.size > 0)
		write_text(out, "body", body);
	aqi_buffer_add_text(out, "}\n");
	return out->failed ? aqi_error_memory(err) : AQI_OK;
}

static enum aqi_status
bad(struct aqi_error *err, const char *member, const char *reason)
{
	aqi_error_set(err, AQI_E_DATA, "%s", reason);
	aqi_error_name(err, aqi_slice_of(member));
	return AQI_FATAL;
}

static struct aqi_slice
text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return (struct aqi_slice){json_string_value(value),
				  json_string_length(value)};
}

static enum aqi_status
find_task(struct aqi_recording *r, struct aqi_slice name, size_t *task,
	  struct aqi_error *err)
{
	char *copy;

	if (!name.data)
		name = aqi_slice_of("request");
	for (*task = 0; *task < r->n_tasks; ++*task)
		if (aqi_slice_is(name, r->tasks[*task]))
			return AQI_OK;
	if (r->n_tasks == AQI_RECORDING_TASKS)
		return bad(err, "task", "a recording has at most 16 tasks");
	copy = aqi_arena_alloc(&r->arena, name.size + 1);
	if (!copy)
		return aqi_error_memory(err);
	memcpy(copy, name.data, name.size);
	copy[name.size] = '\0';
	r->tasks[r->n_tasks++] = copy;
	return AQI_OK;
}

static enum aqi_status
add_fields(struct aqi_buffer *out, json_t *fields, struct aqi_error *err)
{
	const char *name;
	json_t *value;

	if (fields && !json_is_object(fields))
		return bad(err, "fields", "it is an object of texts");
	json_object_foreach(fields, name, value) {
		const struct aqi_slice text = {json_string_value(value),
					       json_string_length(value)};

		if (is_made_anew(aqi_slice_of(name)))
			continue;
		if (!text.data || !aqi_http_add_field(out, name, text))
			return bad(err, "fields", "a name or a value can be "
				   "no line of a head");
	}
	return AQI_OK;
}

static enum aqi_status
add_request(struct aqi_recording *r, const json_t *line, struct aqi_slice host,
	    bool closes, struct aqi_error *err)
{
	struct request *request = &r->requests[r->n];
	json_t *fields = json_object_get(line, "fields");
	json_t *body = json_object_get(line, "body");
	double at = aqi_json_number(json_object_get(line, "at"));
	double last = r->n ? (double)request[-1].at_ns / 1e9 : 0;
	struct aqi_slice method = text_of(line, "method");

	if (!(at >= last && at <= 1e7))
		return bad(err, "at", "it is a number of seconds, and not "
			   "before that of the line above");
	if (body && !json_is_string(body))
		return bad(err, "body", "it is a text");
	request->at_ns = (uint64_t)llround(at * 1e9);
	request->begin = r->bytes.size;
	request->is_head = aqi_slice_is(method, "HEAD");
	if (find_task(r, text_of(line, "task"), &request->task, err) != AQI_OK)
		return AQI_FATAL;
	if (!method.data || !text_of(line, "target").data ||
	    !aqi_http_add_request(&r->bytes, method, text_of(line, "target"),
				  host))
		return bad(err, "target", "no request can be made of it and "
			   "the method");
	if (add_fields(&r->bytes, fields, err) != AQI_OK)
		return AQI_FATAL;
	if (closes)
		aqi_buffer_add_text(&r->bytes, "connection: close\r\n");
	if (body)
		aqi_http_add_length(&r->bytes, json_string_length(body));
	aqi_http_add_end(&r->bytes);
	if (body)
		aqi_buffer_add(&r->bytes, json_string_value(body),
			       json_string_length(body));
	request->size = r->bytes.size - request->begin;
	r->n++;
	return r->bytes.failed ? aqi_error_memory(err) : AQI_OK;
}

static bool
has_room(struct aqi_recording *r)
{
	size_t capacity = r->capacity ? 2 * r->capacity : 256;
	struct request *grown;

	if (r->n < r->capacity)
		return true;
	grown = reallocarray(r->requests, capacity, sizeof *grown);
	if (!grown)
		return false;
	r->requests = grown;
	r->capacity = capacity;
	return true;
}

static enum aqi_status
read_line(struct aqi_recording *r, struct aqi_slice text, struct aqi_slice host,
	  bool closes, struct aqi_error *err)
{
	json_t *line;
	enum aqi_status status;

	if (!has_room(r))
		return aqi_error_memory(err);
	line = aqi_json_read(text, err);
	if (!line)
		return AQI_FATAL;
	status = json_is_object(line) ?
		 add_request(r, line, host, closes, err) :
		 bad(err, "", "a line of a recording is a JSON object");
	json_decref(line);
	return status;
}

static enum aqi_status
read_lines(struct aqi_recording *r, const char *path, struct aqi_slice text,
	   struct aqi_slice host, bool closes, struct aqi_error *err)
{
	for (uint64_t n = 1; text.size > 0; n++) {
		const char *end = memchr(text.data, '\n', text.size);
		struct aqi_slice line = {text.data, end ?
			(size_t)(end - text.data) : text.size};

		if (aqi_slice_trim(line).size > 0 &&
		    read_line(r, line, host, closes, err) != AQI_OK)
			return aqi_error_at(err, path, n, err->column);
		text.data += line.size + (end != NULL);
		text.size -= line.size + (end != NULL);
	}
	if (r->n == 0) {
		aqi_error_set(err, AQI_E_DATA, "there is no request to send");
		return aqi_error_at(err, path, 0, 0);
	}
	return AQI_OK;
}

struct aqi_recording *
aqi_recording_load(const char *path, struct aqi_slice host, bool closes,
		   struct aqi_error *err)
{
	struct aqi_recording *r = calloc(1, sizeof *r);
	struct aqi_buffer text = {0};
	enum aqi_status status;

	if (!r) {
		aqi_error_memory(err);
		return NULL;
	}
	status = aqi_file_load(path, LIMIT, AQI_E_IO, &text, err);
	if (status == AQI_OK)
		status = read_lines(r, path,
				    (struct aqi_slice){text.data, text.size},
				    host, closes, err);
	aqi_buffer_free(&text);
	if (status == AQI_OK)
		return r;
	aqi_recording_free(r);
	return NULL;
}

size_t
aqi_recording_size(const struct aqi_recording *recording)
{
	return recording->n;
}

const char *const *
aqi_recording_tasks(const struct aqi_recording *recording, size_t *n)
{
	*n = recording->n_tasks;
	return recording->tasks;
}

bool
aqi_recording_due(struct aqi_recording *r, uint64_t *due_ns)
{
	if (r->due == r->n)
		return false;
	*due_ns = r->requests[r->due++].at_ns;
	return true;
}

enum aqi_status
aqi_recording_next(struct aqi_recording *r, struct aqi_load_request *request)
{
	const struct request *next = &r->requests[r->at];

	if (r->at == r->n)
		return AQI_END;
	aqi_buffer_add(request->bytes, r->bytes.data + next->begin,
		       next->size);
	request->task = next->task;
	request->is_head = next->is_head;
	request->tag = 1;
	r->at++;
	return AQI_OK;
}

void
aqi_recording_free(struct aqi_recording *r)
{
	if (!r)
		return;
	free(r->requests);
	aqi_buffer_free(&r->bytes);
	aqi_arena_free(&r->arena);
	free(r);
}
