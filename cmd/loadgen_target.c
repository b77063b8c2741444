/* aqi-loadgen with --target: wire a load test, run it, report. */
#include "loadgen_target.h"

#include <signal.h>

#include "api/load_report.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/duration.h"
#include "cli/claims.h"
#include "cli/daemon.h"
#include "loadgen_smoke.h"
#include "loadgen_test.h"
#include "net/load.h"
#include "record/sink.h"

/*
 * The test under way, and what the signals did before, for their handler: a
 * second one of the kind ends the program as it would have.
 */
static struct aqi_load *volatile under_way;
static const int numbers[] = {SIGINT, SIGTERM};
static struct sigaction former[2];
static volatile uint64_t interrupted_ns;

static void
interrupt(int number)
{
	static volatile sig_atomic_t last;

	/* The same again at once is not meant as a second one: daemon.h */
	if (number == last &&
	    aqi_clock_ns() - interrupted_ns < AQI_DAEMON_ECHO_NS)
		return;
	if (last || !under_way) {
		sigaction(number, &former[number == SIGTERM], NULL);
		raise(number);
		return;
	}
	last = number;
	interrupted_ns = aqi_clock_ns();
	aqi_load_interrupt(under_way);
}

static void
watch_interrupts(struct aqi_load *load)
{
	const struct sigaction act = {
		.sa_handler = interrupt, .sa_flags = SA_RESTART,
	};

	under_way = load;
	/* A second signal removes the report that is being written. */
	aqi_cli_watch_signals();
	for (size_t i = 0; i < 2; i++) {
		sigaction(numbers[i], NULL, &former[i]);
		if (former[i].sa_handler != SIG_IGN)
			sigaction(numbers[i], &act, NULL);
	}
}

/* The handler stays: the same signal may come again while we report. */
static void
forget_interrupts(void)
{
	under_way = NULL;
}

static void
describe_plan(const struct loadgen_target *o, const struct aqi_load_result *r,
	      struct aqi_buffer *out)
{
	char least[AQI_DURATION_SIZE], most[AQI_DURATION_SIZE];

	if (o->replay)
		aqi_buffer_add_text(out, "a recording");
	else if (o->rate)
		aqi_buffer_add_format(out, "%.300s requests a second%s",
				      o->rate, o->is_random ?
				      " at random moments" : "");
	else
		aqi_buffer_add_format(out, "%zu user%s", r->n_connections,
				      r->n_connections == 1 ? "" : "s");
	if (loadgen_is_open(o))
		aqi_buffer_add_format(out, " on %zu connections",
				      r->n_connections);
	if (o->wait)
		aqi_buffer_add_format(out, " who wait%s %s to %s",
				      r->n_connections == 1 ? "s" : "",
				      aqi_duration_write(least,
						(double)o->wait_least_ns),
				      aqi_duration_write(most,
						(double)o->wait_most_ns));
	aqi_buffer_add_byte(out, '\0');
}

/* The report, and the files that tell the same. Returns the exit status. */
static int
report(struct loadgen_test *test)
{
	struct loadgen_target *o = test->o;
	struct aqi_buffer plan = {0}, text = {0}, junit = {0};
	struct aqi_load_report report = {
		.target = o->target,
		.result = aqi_load_result(test->load),
		.names = test->names,
		.thresholds = test->thresholds,
		.n_thresholds = o->n_thresholds,
		.has_default = !test->has_errors,
	};
	int status;

	describe_plan(o, report.result, &plan);
	report.plan = plan.failed ? "" : plan.data;
	if (o->as_json)
		aqi_load_report_json(&report, &text);
	else
		aqi_load_report_text(&report, &text);
	aqi_load_report_junit(&report, &junit);
	status = loadgen_write(o, &text, &junit);
	if (status == 0 && !aqi_load_report_is_good(&report))
		status = 1;
	aqi_buffer_free(&plan);
	aqi_buffer_free(&text);
	aqi_buffer_free(&junit);
	return status;
}

enum aqi_status
loadgen_write_junit(const struct loadgen_target *o,
		    const struct aqi_buffer *junit, struct aqi_error *err)
{
	struct aqi_sink *sink;
	enum aqi_status status;

	if (junit->failed)
		return aqi_error_memory(err);
	sink = aqi_cli_open(o->junit, err);
	if (!sink)
		return AQI_FATAL;
	status = aqi_sink_write(sink, junit->data, junit->size, NULL, 0, NULL,
				err);
	if (aqi_cli_close(sink, status == AQI_OK, err) != AQI_OK)
		return AQI_FATAL;
	return status;
}

int
loadgen_write(struct loadgen_target *o, const struct aqi_buffer *text,
	      const struct aqi_buffer *junit)
{
	struct aqi_error err;

	if (text->failed || junit->failed) {
		aqi_error_memory(&err);
		return aqi_cli_fail(o->cli, &err);
	}
	if (o->junit && loadgen_write_junit(o, junit, &err) != AQI_OK)
		return aqi_cli_fail(o->cli, &err);
	return aqi_cli_write(o->cli, text->data, text->size);
}

/* Is each file that is written another one, and none of those that are read? */
static enum aqi_status
check_files(const struct loadgen_target *o, struct aqi_arena *arena,
	    struct aqi_error *err)
{
	const struct aqi_claim outputs[] = {
		{"--output", o->cli->output}, {"--csv", o->csv},
		{"--junit", o->junit}, {"--record", o->record},
	};
	const struct aqi_claim inputs[] = {
		{"--records", o->records}, {"--replay", o->replay},
	};

	return aqi_claims_compare(outputs, sizeof outputs / sizeof *outputs,
				  inputs, sizeof inputs / sizeof *inputs,
				  arena, err);
}

static int
run(struct loadgen_test *test)
{
	enum aqi_status status;

	if (loadgen_test_prepare(test) != AQI_OK)
		return aqi_cli_fail(test->o->cli, &test->err);
	watch_interrupts(test->load);
	status = aqi_load_run(test->load, &test->err);
	forget_interrupts();
	aqi_report_clear(&test->o->cli->report);
	if (status != AQI_OK || test->has_failed)
		return aqi_cli_fail(test->o->cli, &test->err);
	if (loadgen_test_close(test) != AQI_OK)
		return aqi_cli_fail(test->o->cli, &test->err);
	return report(test);
}

int
loadgen_target_run(struct loadgen_target *o)
{
	struct loadgen_test test = {.o = o};
	struct aqi_arena arena = {0};
	struct aqi_error err;
	int status;

	if (check_files(o, &arena, &err) != AQI_OK)
		status = aqi_cli_fail(o->cli, &err);
	else
		status = o->is_smoke ? loadgen_smoke_run(o) : run(&test);
	aqi_arena_free(&arena);
	loadgen_test_free(&test);
	aqi_buffer_free(&o->fields);
	return status;
}
