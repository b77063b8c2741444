/* aqi-loadgen --smoke: fetch the document, try what it says, report. */
#include "loadgen_smoke.h"

#include "api/smoke.h"
#include "base/buffer.h"
#include "loadgen_target.h"
#include "net/address.h"
#include "net/http_write.h"
#include "net/load.h"

/* A run has one request for the document, then one a check. */
struct smoke {
	struct loadgen_target *o;
	struct aqi_address addresses[AQI_ADDRESS_MAX];
	size_t n_addresses;
	struct aqi_buffer document;
	unsigned status;
	bool is_whole;
	struct aqi_smoke *smoke;
};

static enum aqi_status
ask_for_document(void *self, struct aqi_load_request *request,
		 struct aqi_error *err)
{
	struct smoke *s = self;
	struct aqi_buffer target = {0};
	bool made;

	aqi_url_add_below(&s->o->url, "/openapi.json", &target);
	made = !target.failed &&
	       aqi_http_add_request(request->bytes, aqi_slice_of("GET"),
				    (struct aqi_slice){target.data,
						       target.size},
				    s->o->url.authority);
	aqi_buffer_free(&target);
	aqi_buffer_add(request->bytes, s->o->fields.data, s->o->fields.size);
	aqi_http_add_end(request->bytes);
	return made ? AQI_OK : aqi_error_memory(err);
}

static enum aqi_outcome
keep_document(void *self, const struct aqi_load_answer *answer)
{
	struct smoke *s = self;

	/* A head that came tells nothing where the rest did not. */
	s->is_whole = answer->outcome == AQI_OUTCOME_OK;
	s->status = answer->status;
	if (s->is_whole)
		aqi_buffer_add_slice(&s->document, answer->body);
	return answer->outcome;
}

static enum aqi_status
next_check(void *self, struct aqi_load_request *request, struct aqi_error *err)
{
	struct smoke *s = self;

	(void)err;
	return aqi_smoke_next(s->smoke, request);
}

static enum aqi_outcome
take_answer(void *self, const struct aqi_load_answer *answer)
{
	struct smoke *s = self;

	return aqi_smoke_answered(s->smoke, answer);
}

/* One user sends so many requests. */
static enum aqi_status
ask(struct smoke *s, const struct aqi_load_source *source, size_t n,
    struct aqi_error *err)
{
	const struct aqi_load_options options = {
		.addresses = s->addresses,
		.n_addresses = s->n_addresses,
		.source = *source,
		.n_tasks = 1,
		.n_connections = 1,
		.timeout_ns = s->o->timeout_ns,
		.n_requests = n,
		.closes = s->o->closes,
		.keeps_bodies = true,
	};
	struct aqi_load *load = aqi_load_new(&options, err);
	enum aqi_status status;

	if (!load)
		return AQI_FATAL;
	status = aqi_load_run(load, err);
	if (status == AQI_OK && aqi_load_result(load)->n_opened == 0)
		status = aqi_error_system(err, aqi_load_result(load)->error,
					  "cannot connect");
	aqi_load_free(load);
	return status;
}

static enum aqi_status
fetch(struct smoke *s, struct aqi_error *err)
{
	const struct aqi_load_source source = {
		.self = s, .next = ask_for_document, .answered = keep_document,
	};

	if (aqi_url_find(&s->o->url, s->addresses, &s->n_addresses, err) !=
		    AQI_OK ||
	    ask(s, &source, 1, err) != AQI_OK)
		return AQI_FATAL;
	if (s->document.failed)
		return aqi_error_memory(err);
	if (s->status != 200)
		return aqi_error_set(err, AQI_E_DATA, s->status ?
				     "/openapi.json is answered with %u, and "
				     "nothing can be tried" :
				     "/openapi.json is not answered",
				     s->status);
	if (!s->is_whole)
		return aqi_error_set(err, AQI_E_DATA, "/openapi.json is "
				     "answered with what is cut, or no HTTP");
	return AQI_OK;
}

static enum aqi_status
try_all(struct smoke *s, struct aqi_error *err)
{
	const struct aqi_load_source source = {
		.self = s, .next = next_check, .answered = take_answer,
	};
	const struct aqi_slice fields = {s->o->fields.data, s->o->fields.size};

	if (fetch(s, err) != AQI_OK)
		return AQI_FATAL;
	s->smoke = aqi_smoke_new((struct aqi_slice){s->document.data,
						    s->document.size},
				 &s->o->url, fields, err);
	if (!s->smoke)
		return AQI_FATAL;
	if (ask(s, &source, aqi_smoke_size(s->smoke), err) != AQI_OK)
		return AQI_FATAL;
	return aqi_smoke_lacks_memory(s->smoke) ? aqi_error_memory(err) :
	       AQI_OK;
}

static int
report(struct smoke *s)
{
	struct aqi_buffer text = {0}, junit = {0};
	int status;

	if (s->o->as_json)
		aqi_smoke_json(s->smoke, s->o->target, &text);
	else
		aqi_smoke_text(s->smoke, s->o->target, &text);
	aqi_smoke_junit(s->smoke, &junit);
	status = loadgen_write(s->o, &text, &junit);
	if (status == 0 && !aqi_smoke_is_good(s->smoke))
		status = 1;
	aqi_buffer_free(&text);
	aqi_buffer_free(&junit);
	return status;
}

/* Who reads the file alone must not find that of a test before. */
static void
report_failure(struct smoke *s, const struct aqi_error *failure)
{
	struct loadgen_target *o = s->o;
	struct aqi_buffer junit = {0};
	struct aqi_error err;

	if (!o->junit)
		return;
	aqi_smoke_junit_failure(failure->reason, &junit);
	if (loadgen_write_junit(o, &junit, &err) != AQI_OK)
		(void)aqi_cli_fail(o->cli, &err);
	aqi_buffer_free(&junit);
}

int
loadgen_smoke_run(struct loadgen_target *o)
{
	struct smoke s = {.o = o};
	struct aqi_error err;
	int status;

	if (try_all(&s, &err) == AQI_OK) {
		status = report(&s);
	} else {
		/* A server that cannot be asked has failed the test. */
		aqi_error_at(&err, o->target, 0, 0);
		status = aqi_cli_fail(o->cli, &err);
		report_failure(&s, &err);
		if (err.code == AQI_E_IO || err.code == AQI_E_DATA)
			status = 1;
	}
	aqi_smoke_free(s.smoke);
	aqi_buffer_free(&s.document);
	return status;
}
