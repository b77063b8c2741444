#include "api/service.h"

#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "air/schema.h"
#include "api/cors.h"
#include "api/docs.h"
#include "api/echo.h"
#include "api/lax.h"
#include "api/media.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/reply.h"
#include "api/served.h"
#include "base/clock.h"
#include "model/predictor.h"
#include "net/http.h"

#define JSON "application/json"

/* Records that are predicted together (see model/predictor.c). */
#define BLOCK_ROWS AQI_SERVED_BLOCK

struct worker {
	/* Odd while the worker is in a request: see `settle`. */
	_Alignas(64) _Atomic uint64_t turn;
	struct aqi_metrics metrics;

	struct aqi_lax *lax;
	double *x;	/* (BLOCK_ROWS, n_fields): inputs that are not fields */
	double y[BLOCK_ROWS];
	struct aqi_prediction predictions[BLOCK_ROWS];
};

struct aqi_service {
	struct aqi_schema *schema;
	enum aqi_dialect dialect;
	unsigned open;

	struct aqi_served *_Atomic served;	/* NULL: no model */
	const struct aqi_service_keys *_Atomic keys;
	atomic_bool drains;
	_Atomic uint64_t loads, failed_loads;
	double started;

	struct aqi_buffer openapi, docs;
	struct worker *workers;
	const struct aqi_metrics **metrics;	/* (n_workers,) theirs */
	double *x;	/* (n_workers, BLOCK_ROWS, n_fields) theirs */
	unsigned n_workers;
};

/* One request on its way to its answer. */
struct exchange {
	struct aqi_service *service;
	struct worker *worker;
	const struct aqi_served *served;	/* or NULL */
	const struct aqi_request *request;
	struct aqi_answer *answer;
	uint64_t start_ns;
};

/*
 * A worker that has begun a request behind our change of a pointer has the new
 * one; so wait for those that were in one, until they leave it.
 */
static void
settle(const struct aqi_service *service)
{
	for (unsigned i = 0; i < service->n_workers; i++) {
		const struct worker *w = &service->workers[i];
		uint64_t turn = atomic_load(&w->turn);

		while (turn % 2 == 1 && atomic_load(&w->turn) == turn)
			sched_yield();
	}
}

static double
unix_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum aqi_status
start_workers(struct aqi_service *service, struct aqi_error *err)
{
	const size_t n = service->n_workers;
	const size_t room = BLOCK_ROWS * service->schema->n_fields;

	service->workers = aligned_alloc(64, n * sizeof *service->workers);
	if (service->workers)
		memset(service->workers, 0, n * sizeof *service->workers);
	service->metrics = calloc(n, sizeof *service->metrics);
	service->x = calloc(n * room, sizeof *service->x);
	if (!service->workers || !service->metrics || !service->x)
		return aqi_error_memory(err);
	for (unsigned i = 0; i < n; i++) {
		struct worker *w = &service->workers[i];

		service->metrics[i] = &w->metrics;
		w->x = service->x + i * room;
		w->lax = aqi_lax_new(service->schema, service->dialect, err);
		if (!w->lax)
			return AQI_FATAL;
	}
	return AQI_OK;
}

struct aqi_service *
aqi_service_new(const struct aqi_service_options *options,
		struct aqi_error *err)
{
	static const struct aqi_service_options none = {0};
	struct aqi_service *service = calloc(1, sizeof *service);

	if (!service) {
		aqi_error_memory(err);
		return NULL;
	}
	if (!options)
		options = &none;
	service->n_workers = options->n_workers ? options->n_workers : 1;
	service->dialect = options->dialect;
	service->open = options->open;
	service->started = unix_seconds();
	service->schema = aqi_schema_load("api", err);
	if (!service->schema || start_workers(service, err) != AQI_OK)
		goto free_service;
	aqi_openapi_write(&service->openapi, service->schema);
	aqi_docs_write(&service->docs, service->schema);
	if (service->openapi.failed || service->docs.failed) {
		aqi_error_memory(err);
		goto free_service;
	}
	return service;

free_service:
	aqi_service_free(service);
	return NULL;
}

enum aqi_status
aqi_service_load(struct aqi_service *service,
		 const struct aqi_model_options *options,
		 struct aqi_error *err)
{
	struct aqi_served *served = aqi_served_load(options, service->schema,
						    err);

	if (!served) {
		aqi_metrics_add(&service->failed_loads, 1);
		return AQI_FATAL;
	}
	aqi_metrics_add(&service->loads, 1);
	served = atomic_exchange(&service->served, served);
	settle(service);
	aqi_served_free(served);
	return AQI_OK;
}

const char *
aqi_service_model(const struct aqi_service *service)
{
	const struct aqi_served *served = atomic_load(&service->served);

	return served ? served->name.data : "";
}

void
aqi_service_set_keys(struct aqi_service *service,
		     const struct aqi_service_keys *keys)
{
	atomic_store(&service->keys, keys);
	settle(service);
}

void
aqi_service_drain(struct aqi_service *service)
{
	atomic_store(&service->drains, true);
}

static void
add(const struct exchange *e, const char *text)
{
	aqi_buffer_add_text(&e->answer->body, text);
}

static void
set_detail(const struct exchange *e, unsigned status, const char *text)
{
	e->answer->status = status;
	e->answer->type = JSON;
	add(e, "{\"detail\":\"");
	add(e, text);
	add(e, "\"}");
}

static void
set_unavailable(const struct exchange *e, const char *text)
{
	set_detail(e, 503, text);
	aqi_buffer_add_text(&e->answer->fields, "retry-after: 1\r\n");
}

/* As few digits as Python's client would see: microseconds are enough. */
static void
answer_health(const struct exchange *e)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	e->answer->type = JSON;
	add(e, "{\"status\":\"healthy\",\"model_loaded\":");
	add(e, e->served ? "true" : "false");
	add(e, ",\"timestamp\":");
	aqi_reply_add_decimal(&e->answer->body, (int64_t)now.tv_sec * 1000000 +
			      now.tv_nsec / 1000, 6);
	add(e, "}");
}

static void
answer_ready(const struct exchange *e)
{
	e->answer->type = JSON;
	if (!e->served)
		set_unavailable(e, "Model not loaded");
	else if (atomic_load_explicit(&e->service->drains,
				      memory_order_relaxed))
		set_unavailable(e, "Shutting down");
	else
		add(e, "{\"status\":\"ready\"}");
}

static void
answer_errors(const struct exchange *e, const struct aqi_lax_result *read)
{
	if (read->n_errors == 0) {
		set_detail(e, 400, "There was an error parsing the body");
		return;
	}
	e->answer->status = 422;
	e->answer->type = JSON;
	if (read->n_errors > read->n_details)
		aqi_buffer_add_format(&e->answer->fields,
				      "x-aqi-errors: %zu\r\n", read->n_errors);
	aqi_detail_write(&e->answer->body, e->service->dialect, read->details,
			 read->n_details);
}

/* false: the answer says why. */
static bool
read_body(const struct exchange *e, enum aqi_lax_shape shape,
	  struct aqi_lax_result *read)
{
	struct aqi_slice type = aqi_http_find(e->request->head, "content-type");

	if (!e->served) {
		set_unavailable(e, "Model not loaded");
		return false;
	}
	switch (aqi_lax_read(e->worker->lax, e->request->body,
			     aqi_media_is_json(type), shape, read)) {
	case AQI_OK:
		return true;
	case AQI_REJECT:
		answer_errors(e, read);
		return false;
	default:
		e->answer->body.failed = true;
		return false;
	}
}

/* Up to BLOCK_ROWS records; false: the answer says why. */
static bool
predict(const struct exchange *e, const double *x, size_t n)
{
	struct worker *w = e->worker;

	x = aqi_served_inputs(e->served, e->service->schema->n_fields, x, n,
			      w->x);
	aqi_predictor_rows(e->served->model, x, n, w->y, w->predictions);
	for (size_t i = 0; i < n; i++) {
		if (w->predictions[i].is_one)
			continue;
		aqi_metrics_add(&w->metrics.errors, 1);
		aqi_buffer_clear(&e->answer->body);
		set_detail(e, 500, "the prediction is not a finite number");
		return false;
	}
	return true;
}

static void
answer_predict(const struct exchange *e)
{
	struct aqi_buffer *body = &e->answer->body;
	struct aqi_lax_result read;
	uint64_t took_ns;

	if (!read_body(e, AQI_LAX_RECORD, &read) || !predict(e, read.x, 1))
		return;
	took_ns = aqi_clock_ns() - e->start_ns;
	e->answer->type = JSON;
	aqi_reply_add_prediction(body, &e->worker->predictions[0]);
	aqi_reply_add_ms(body, took_ns);
	aqi_buffer_add_byte(body, '}');
	aqi_metrics_add(&e->worker->metrics.predictions, 1);
	aqi_metrics_observe(&e->worker->metrics.prediction_times, took_ns);
}

static void
answer_batch(const struct exchange *e)
{
	const size_t n_fields = e->service->schema->n_fields;
	struct aqi_buffer *body = &e->answer->body;
	struct aqi_lax_result read;
	size_t n;

	if (!read_body(e, AQI_LAX_BATCH, &read))
		return;
	add(e, "{\"predictions\":[");
	for (size_t row = 0; row < read.n_rows; row += n) {
		n = read.n_rows - row < BLOCK_ROWS ? read.n_rows - row :
						     BLOCK_ROWS;
		if (!predict(e, read.x + row * n_fields, n))
			return;
		for (size_t i = 0; i < n; i++) {
			if (row + i > 0)
				aqi_buffer_add_byte(body, ',');
			aqi_reply_add_prediction(body,
						 &e->worker->predictions[i]);
			add(e, "0.0}");
		}
	}
	e->answer->type = JSON;
	add(e, "],\"total_processing_time_ms\":");
	aqi_reply_add_ms(body, aqi_clock_ns() - e->start_ns);
	add(e, "}");
	aqi_metrics_add(&e->worker->metrics.predictions, read.n_rows);
}

static void
answer_metrics(const struct exchange *e)
{
	struct aqi_slice accept = aqi_http_find(e->request->head, "accept");
	const struct aqi_service *service = e->service;
	struct aqi_metrics_state state = {
		.started = service->started,
		.reloads = atomic_load(&service->loads),
		.failed_reloads = atomic_load(&service->failed_loads),
		.is_loaded = e->served != NULL,
	};
	bool is_open = accept.data && aqi_metrics_wants_open(accept);

	if (e->served) {
		state.model = e->served->model->name;
		state.version = e->served->model->version;
		state.sha256 = e->served->model->trees_sha256;
		state.loaded = e->served->loaded;
	}
	for (unsigned i = 0; i < service->n_workers; i++)
		state.in_flight += atomic_load(&service->workers[i].turn) % 2;
	e->answer->type = is_open ? AQI_METRICS_OPEN : AQI_METRICS_TEXT;
	aqi_metrics_write(&e->answer->body, service->metrics,
			  service->n_workers, &state, is_open);
}

static void
answer_model(const struct exchange *e)
{
	e->answer->type = JSON;
	if (e->served)
		aqi_reply_add_model(&e->answer->body, e->served);
	else
		set_unavailable(e, "Model not loaded");
}

static void
answer_openapi(const struct exchange *e)
{
	const struct aqi_buffer *text = &e->service->openapi;

	e->answer->type = JSON;
	aqi_buffer_add(&e->answer->body, text->data, text->size);
}

static void
answer_docs(const struct exchange *e)
{
	const struct aqi_buffer *text = &e->service->docs;

	e->answer->type = "text/html; charset=utf-8";
	aqi_buffer_add_text(&e->answer->fields, AQI_DOCS_POLICY);
	aqi_buffer_add(&e->answer->body, text->data, text->size);
}

typedef void answer_fn(const struct exchange *e);

static answer_fn *const answers[AQI_N_ROUTES] = {
	[AQI_ROUTE_PREDICT] = answer_predict,
	[AQI_ROUTE_BATCH] = answer_batch,
	[AQI_ROUTE_HEALTH] = answer_health,
	[AQI_ROUTE_READY] = answer_ready,
	[AQI_ROUTE_METRICS] = answer_metrics,
	[AQI_ROUTE_MODEL] = answer_model,
	[AQI_ROUTE_OPENAPI] = answer_openapi,
	[AQI_ROUTE_DOCS] = answer_docs,
};

/* Has the request a key, or needs it none? false: the answer says so. */
static bool
is_let_in(const struct exchange *e, enum aqi_route route)
{
	/* In order with the worker's turn: see `settle`. */
	const struct aqi_service_keys *keys = atomic_load(&e->service->keys);
	struct aqi_slice key;

	if (!keys || (e->service->open & AQI_SERVICE_OPEN(route)))
		return true;
	key = aqi_http_find(e->request->head, "x-api-key");
	if (key.size > 0) {
		e->answer->key = keys->find(keys->self, key);
		if (e->answer->key)
			return true;
	}
	set_detail(e, 401, key.size > 0 ? "Invalid API key" :
					  "Not authenticated");
	aqi_buffer_add_text(&e->answer->fields,
			    "www-authenticate: APIKey\r\n");
	return false;
}

static void
answer_route(const struct exchange *e, enum aqi_route route)
{
	e->answer->route = aqi_route_path(route);
	if (!aqi_route_takes(route, e->request->head->method)) {
		set_detail(e, 405, "Method Not Allowed");
		aqi_buffer_add_text(&e->answer->fields, "allow: ");
		aqi_buffer_add_text(&e->answer->fields,
				    aqi_route_methods(route));
		aqi_buffer_add_text(&e->answer->fields, "\r\n");
		return;
	}
	if (is_let_in(e, route))
		answers[route](e);
}

static void
answer(const struct exchange *e)
{
	enum aqi_route route = aqi_route_find(e->request->path);

	if (e->served)
		aqi_buffer_add(&e->answer->fields, e->served->field.data,
			       e->served->field.size);
	if (aqi_cors_preflight(e->request->head, e->answer))
		return;
	if (route != AQI_N_ROUTES) {
		answer_route(e, route);
	} else if ((route = aqi_route_near(e->request->path)) !=
		   AQI_N_ROUTES) {
		e->answer->status = 307;
		aqi_reply_add_location(&e->answer->fields, e->request,
				       aqi_route_path(route));
	} else {
		set_detail(e, 404, "Not Found");
	}
	aqi_cors_allow(e->request->head, e->answer);
}

void
aqi_service_answer(void *self, unsigned worker,
		   const struct aqi_request *request,
		   struct aqi_answer *reply)
{
	struct aqi_service *service = self;
	struct worker *w = &service->workers[worker];
	struct exchange e = {
		.service = service, .worker = w, .request = request,
		.answer = reply, .start_ns = aqi_clock_ns(),
	};

	atomic_fetch_add(&w->turn, 1);
	e.served = atomic_load(&service->served);
	reply->status = 200;
	answer(&e);
	atomic_fetch_add_explicit(&w->turn, 1, memory_order_release);
}

void
aqi_service_answered(void *self, unsigned worker,
		     const struct aqi_request *request,
		     const struct aqi_answer *reply, uint64_t sent,
		     uint64_t took_ns)
{
	struct aqi_service *service = self;
	struct aqi_metrics *metrics = &service->workers[worker].metrics;
	struct aqi_slice method = {"", 0};
	enum aqi_route route = 0;

	while (route < AQI_N_ROUTES && aqi_route_path(route) != reply->route)
		route++;
	if (request->head)
		method = request->head->method;
	aqi_metrics_request(metrics, route, method, reply->status);
	aqi_metrics_observe(&metrics->request_times, took_ns);
	aqi_metrics_add(&metrics->sent, sent);
}

void
aqi_service_free(struct aqi_service *service)
{
	if (!service)
		return;
	for (unsigned i = 0; service->workers && i < service->n_workers; i++)
		aqi_lax_free(service->workers[i].lax);
	aqi_served_free(atomic_load(&service->served));
	aqi_schema_free(service->schema);
	aqi_buffer_free(&service->openapi);
	aqi_buffer_free(&service->docs);
	free(service->x);
	free(service->metrics);
	free(service->workers);
	free(service);
}
