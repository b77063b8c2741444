/* What aqi-loadgen needs for a load test, and what it does at each event. */
#include "loadgen_test.h"

#include <math.h>

#include "api/load_report.h"
#include "api/recording.h"
#include "api/records.h"
#include "api/verify.h"
#include "base/duration.h"
#include "base/file.h"
#include "model/bundle.h"
#include "net/load.h"
#include "record/sink.h"

#define BODY_LIMIT ((size_t)64 * 1024 * 1024)

static enum aqi_status
write_line(struct loadgen_test *test, struct aqi_sink *sink)
{
	enum aqi_status status = test->line.failed ?
		aqi_error_memory(&test->err) :
		aqi_sink_write(sink, test->line.data, test->line.size,
			       &test->line.size, 1, NULL, &test->err);

	aqi_buffer_clear(&test->line);
	test->has_failed = test->has_failed || status != AQI_OK;
	return status;
}

static enum aqi_status
next_request(void *self, struct aqi_load_request *request,
	     struct aqi_error *err)
{
	struct loadgen_test *test = self;
	enum aqi_status status = test->recording ?
		aqi_recording_next(test->recording, request) :
		aqi_tasks_next(test->tasks, request);

	if (status != AQI_OK || !test->record)
		return status;
	if (request->bytes->failed)
		return aqi_error_memory(err);
	status = aqi_recording_write(&test->line, test->names[request->task],
				     request->due_ns, (struct aqi_slice){
					     request->bytes->data,
					     request->bytes->size}, err);
	if (status == AQI_OK && write_line(test, test->record) != AQI_OK) {
		*err = test->err;
		status = AQI_FATAL;
	}
	return status;
}

static bool
next_due(void *self, uint64_t *due_ns)
{
	struct loadgen_test *test = self;

	return test->recording ? aqi_recording_due(test->recording, due_ns) :
	       aqi_schedule_next(&test->o->schedule, due_ns);
}

static enum aqi_outcome
look_at(void *self, const struct aqi_load_answer *answer)
{
	const struct loadgen_test *test = self;

	if (answer->outcome != AQI_OUTCOME_OK)
		return answer->outcome;
	if (!aqi_tasks_is_wanted(answer->tag, answer->status))
		return AQI_OUTCOME_STATUS;
	if (test->model && answer->status == 200 &&
	    !aqi_verify_answer(test->model, answer->request, answer->body))
		return AQI_OUTCOME_CHECK;
	return AQI_OUTCOME_OK;
}

static void
tell_second(void *self, const struct aqi_load_second *second)
{
	struct loadgen_test *test = self;
	struct aqi_cli *cli = test->o->cli;

	if (test->csv && !test->has_failed) {
		aqi_load_report_csv(second, &test->line);
		if (write_line(test, test->csv) != AQI_OK)
			aqi_load_interrupt(test->load);
	}
	if (!cli->report.shows_progress)
		return;
	aqi_load_report_live(second, &test->line);
	aqi_report_live(&cli->report, (struct aqi_slice){test->line.data,
							 test->line.size});
	aqi_buffer_clear(&test->line);
}

/* The body of --body, as it stands or from a file. */
static enum aqi_status
load_body(struct loadgen_test *test, struct aqi_slice *body)
{
	const char *text = test->o->body;

	*body = (struct aqi_slice){NULL, 0};
	if (!text)
		return AQI_OK;
	if (text[0] != '@') {
		*body = aqi_slice_of(text);
		return AQI_OK;
	}
	if (aqi_file_load(text + 1, BODY_LIMIT, AQI_E_IO, &test->body,
			  &test->err) != AQI_OK)
		return AQI_FATAL;
	*body = (struct aqi_slice){test->body.size ? test->body.data : "",
				   test->body.size};
	return AQI_OK;
}

static enum aqi_status
make_records(struct loadgen_test *test)
{
	const struct loadgen_target *o = test->o;

	test->records = o->records ?
		aqi_records_load(o->records, o->n_requests || o->duration_ns,
				 &test->err) :
		aqi_records_new(o->synth, &test->err);
	return test->records ? AQI_OK : AQI_FATAL;
}

static enum aqi_status
make_tasks(struct loadgen_test *test)
{
	const struct loadgen_target *o = test->o;
	struct aqi_task_options options = {
		.url = &o->url,
		.weights = o->weights,
		.n_weights = o->n_weights,
		.method = o->method,
		.fields = {o->fields.data, o->fields.size},
		.has_type = o->has_type,
		.closes = o->closes,
		.batch_size = o->batch_size,
		.seed = o->synth->seed,
	};

	if (load_body(test, &options.body) != AQI_OK ||
	    make_records(test) != AQI_OK)
		return AQI_FATAL;
	test->tasks = aqi_tasks_new(&options, test->records, &test->err);
	if (!test->tasks)
		return AQI_FATAL;
	test->n_names = aqi_tasks_size(test->tasks);
	for (size_t i = 0; i < test->n_names; i++)
		test->names[i] = aqi_tasks_name(test->tasks, i);
	if (o->records && !aqi_tasks_take_records(test->tasks))
		return aqi_error_set(&test->err, AQI_E_USAGE, "--records is "
				     "for requests that take records, and none "
				     "of these does");
	return AQI_OK;
}

static enum aqi_status
make_replay(struct loadgen_test *test)
{
	const struct loadgen_target *o = test->o;
	const char *const *names;

	test->recording = aqi_recording_load(o->replay, o->url.authority,
					     o->closes, &test->err);
	if (!test->recording)
		return AQI_FATAL;
	names = aqi_recording_tasks(test->recording, &test->n_names);
	for (size_t i = 0; i < test->n_names; i++)
		test->names[i] = names[i];
	return AQI_OK;
}

static enum aqi_status
read_thresholds(struct loadgen_test *test)
{
	const struct loadgen_target *o = test->o;

	for (size_t i = 0; i < o->n_thresholds; i++) {
		struct aqi_threshold *t = &test->thresholds[i];

		if (aqi_threshold_read(aqi_slice_of(o->thresholds[i]),
				       test->names, test->n_names, t,
				       &test->err) != AQI_OK) {
			aqi_error_name(&test->err, aqi_slice_of("--fail-if"));
			return AQI_FATAL;
		}
		test->has_errors = test->has_errors ||
				   t->metric == AQI_METRIC_ERRORS;
	}
	return AQI_OK;
}

static enum aqi_status
open_files(struct loadgen_test *test)
{
	const struct loadgen_target *o = test->o;

	if (o->record && !(test->record = aqi_cli_open(o->record, &test->err)))
		return AQI_FATAL;
	if (!o->csv)
		return AQI_OK;
	test->csv = aqi_cli_open(o->csv, &test->err);
	if (!test->csv)
		return AQI_FATAL;
	aqi_load_report_csv_header(&test->line);
	return write_line(test, test->csv);
}

/* Users that no request is left for would open connections for nothing. */
static size_t
usual_connections(const struct loadgen_target *o)
{
	size_t n = loadgen_is_open(o) ? 50 : 10;

	return o->n_requests > 0 && o->n_requests < n ?
		       (size_t)o->n_requests : n;
}

static enum aqi_status
make_load(struct loadgen_test *test)
{
	struct loadgen_target *o = test->o;
	double planned = o->rate ? aqi_schedule_seconds(&o->schedule) :
			 INFINITY;
	struct aqi_load_options options = {
		.addresses = test->addresses,
		.n_addresses = test->n_addresses,
		.source = {
			.self = test, .next = next_request,
			.due = loadgen_is_open(o) ? next_due : NULL,
			.answered = look_at, .second = tell_second,
		},
		.n_tasks = test->n_names,
		.n_connections = loadgen_is_open(o) ? o->n_connections :
				 o->n_users,
		.wait_least_ns = o->wait_least_ns,
		.wait_most_ns = o->wait_most_ns,
		.timeout_ns = o->timeout_ns,
		.duration_ns = o->duration_ns,
		.n_requests = o->n_requests,
		.seed = o->synth->seed,
		.closes = o->closes,
		.keeps_bodies = test->model != NULL,
	};

	if (!options.n_connections)
		options.n_connections = usual_connections(o);
	if (isfinite(planned) && (!o->duration_ns ||
				  planned * 1e9 < (double)o->duration_ns))
		options.duration_ns = (uint64_t)(planned * 1e9);
	/* Something must come to an end. */
	if (!options.duration_ns && !o->n_requests && !o->replay && !o->records)
		options.duration_ns = 10 * AQI_SECOND_NS;
	o->schedule.is_random = o->is_random;
	o->schedule.random = aqi_random_new(o->synth->seed, 1);
	test->load = aqi_load_new(&options, &test->err);
	return test->load ? AQI_OK : AQI_FATAL;
}

enum aqi_status
loadgen_test_prepare(struct loadgen_test *test)
{
	const struct loadgen_target *o = test->o;
	const struct aqi_model_options model = {.name = o->verify};

	if ((o->replay ? make_replay(test) : make_tasks(test)) != AQI_OK ||
	    read_thresholds(test) != AQI_OK)
		return AQI_FATAL;
	if (o->verify && !(test->model = aqi_model_load(&model, &test->err)))
		return AQI_FATAL;
	if (aqi_url_find(&o->url, test->addresses, &test->n_addresses,
			 &test->err) != AQI_OK ||
	    open_files(test) != AQI_OK)
		return AQI_FATAL;
	return make_load(test);
}

enum aqi_status
loadgen_test_close(struct loadgen_test *test)
{
	struct aqi_sink *csv = test->csv, *record = test->record;
	enum aqi_status status;

	test->csv = test->record = NULL;
	status = aqi_cli_close(csv, true, &test->err);
	if (aqi_cli_close(record, status == AQI_OK, &test->err) != AQI_OK)
		status = AQI_FATAL;
	return status;
}

void
loadgen_test_free(struct loadgen_test *test)
{
	aqi_load_free(test->load);
	aqi_sink_discard(test->csv);
	aqi_sink_discard(test->record);
	aqi_model_free(test->model);
	aqi_recording_free(test->recording);
	aqi_tasks_free(test->tasks);
	aqi_records_free(test->records);
	aqi_buffer_free(&test->body);
	aqi_buffer_free(&test->line);
}
