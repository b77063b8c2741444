#include "api/load_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/json_text.h"
#include "api/junit.h"
#include "api/threshold.h"
#include "base/duration.h"
#include "net/load.h"
#include "record/number.h"

/*
 * From this share of a processor on, the client's own work decides how fast the
 * server seems; and from this lateness on, it is not there when it should be.
 */
#define BUSY 0.9
#define LATE_NS 1e6
/* A shorter run is mostly its own start, which tells nothing of the client. */
#define TOLD_SECONDS 0.1

static const char *const outcomes[] = {
	[AQI_OUTCOME_OK] = "ok",
	[AQI_OUTCOME_STATUS] = "status",
	[AQI_OUTCOME_CHECK] = "check",
	[AQI_OUTCOME_FRAMING] = "framing",
	[AQI_OUTCOME_CUT] = "cut",
	[AQI_OUTCOME_RESET] = "reset",
	[AQI_OUTCOME_REFUSED] = "refused",
	[AQI_OUTCOME_TIMED_OUT] = "timed_out",
};

static const char *const words[] = {
	[AQI_OUTCOME_STATUS] = "with a status other than 2xx",
	[AQI_OUTCOME_CHECK] = "with a wrong answer",
	[AQI_OUTCOME_FRAMING] = "not answered in HTTP",
	[AQI_OUTCOME_CUT] = "with an answer cut short",
	[AQI_OUTCOME_RESET] = "reset",
	[AQI_OUTCOME_REFUSED] = "without a connection",
	[AQI_OUTCOME_TIMED_OUT] = "timed out",
};

static double
busy_share(const struct aqi_load_result *result)
{
	return result->seconds > 0 ? result->busy_seconds / result->seconds : 0;
}

static bool
is_bottleneck(const struct aqi_load_result *result)
{
	return result->seconds >= TOLD_SECONDS &&
	       (busy_share(result) >= BUSY ||
		aqi_histogram_at(&result->lateness, 0.99) > LATE_NS);
}

static uint64_t
n_errors(const struct aqi_load_report *report)
{
	const struct aqi_load_counts *counts = &report->result->all.counts;

	return aqi_load_sent(counts) - counts->of[AQI_OUTCOME_OK];
}

static bool
has_failed(const struct aqi_load_report *report)
{
	return n_errors(report) > 0;
}

static bool
is_measured(const struct aqi_load_report *report)
{
	return aqi_load_sent(&report->result->all.counts) >
	       report->result->all.counts.of[AQI_OUTCOME_REFUSED];
}

bool
aqi_load_report_is_good(const struct aqi_load_report *report)
{
	if (!is_measured(report) || (report->has_default && has_failed(report)))
		return false;
	for (size_t i = 0; i < report->n_thresholds; i++)
		if (aqi_threshold_is_missed(&report->thresholds[i],
					    report->result))
			return false;
	return true;
}

static void
add_times(struct aqi_buffer *out, const char *name,
	  const struct aqi_histogram *h)
{
	static const double shares[] = {0.5, 0.9, 0.99, 0.999, 1};
	char text[AQI_DURATION_SIZE];

	aqi_buffer_add_format(out, "  %-22s", name);
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
		aqi_buffer_add_format(out, " %8s", h->count == 0 ? "-" :
				      aqi_duration_write(text, aqi_histogram_at(
						      h, shares[i])));
	aqi_buffer_add_format(out, " %8s\n", h->count == 0 ? "-" :
			      aqi_duration_write(text, aqi_histogram_mean(h)));
}

static void
add_counts(struct aqi_buffer *out, const char *name,
	   const struct aqi_load_counts *counts, double seconds)
{
	uint64_t sent = aqi_load_sent(counts);

	aqi_buffer_add_format(
		out, "  %-22.99s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8"
		PRIu64 " %8.*f\n", name, sent, counts->of[AQI_OUTCOME_OK],
		aqi_load_failed(counts), counts->of[AQI_OUTCOME_TIMED_OUT],
		seconds > 0 && (double)sent / seconds >= 1000 ? 0 : 1,
		seconds > 0 ? (double)sent / seconds : 0);
}

static void
add_tables(struct aqi_buffer *out, const struct aqi_load_report *report)
{
	const struct aqi_load_result *result = report->result;
	char name[32];

	aqi_buffer_add_format(out, "\n  %-22s %8s %8s %8s %8s %8s\n",
			      "requests", "sent", "ok", "failed", "timeouts",
			      "a second");
	for (size_t i = 0; result->n_tasks > 1 && i < result->n_tasks; i++)
		add_counts(out, report->names[i], &result->tasks[i].counts,
			   result->sending_seconds);
	add_counts(out, "all", &result->all.counts, result->sending_seconds);
	aqi_buffer_add_format(out, "\n  %-22s %8s %8s %8s %8s %8s %8s\n",
			      "latency", "p50", "p90", "p99", "p99.9", "max",
			      "mean");
	for (size_t i = 0; result->n_tasks > 1 && i < result->n_tasks; i++) {
		snprintf(name, sizeof name, "%s, when due", report->names[i]);
		add_times(out, name, &result->tasks[i].latency);
	}
	add_times(out, "from when due", &result->all.latency);
	add_times(out, "from when sent", &result->all.service);
	add_times(out, "sent late by", &result->lateness);
}

static void
add_errors(struct aqi_buffer *out, const struct aqi_load_result *result)
{
	const char *comma = "\n  not ok: ";

	for (size_t i = 1; i < AQI_OUTCOMES; i++) {
		if (result->all.counts.of[i] == 0)
			continue;
		aqi_buffer_add_format(out, "%s%" PRIu64 " %s", comma,
				      result->all.counts.of[i], words[i]);
		comma = ", ";
	}
	if (result->all.counts.of[AQI_OUTCOME_REFUSED])
		aqi_buffer_add_format(out, " (%s)", strerror(result->error));
	if (comma[0] == ',')
		aqi_buffer_add_text(out, "\n");
	comma = "\n  answers by status: ";
	for (size_t i = 0; i < AQI_LOAD_STATUSES; i++) {
		if (result->statuses[i] == 0)
			continue;
		aqi_buffer_add_format(out, "%s%zu %" PRIu64, comma, i,
				      result->statuses[i]);
		comma = ", ";
	}
	if (comma[0] == ',')
		aqi_buffer_add_text(out, "\n");
}

static void
add_client(struct aqi_buffer *out, const struct aqi_load_result *result)
{
	aqi_buffer_add_format(out, "\n  connections: %zu of %zu opened at the "
			      "start, %" PRIu64 " reopened later\n",
			      result->n_opened, result->n_connections,
			      result->n_reopened);
	if (result->n_waited)
		aqi_buffer_add_format(out, "  %" PRIu64 " requests waited for "
				      "a free connection\n", result->n_waited);
	if (result->n_unsent)
		aqi_buffer_add_format(out, "  %" PRIu64 " requests were due "
				      "and never sent\n", result->n_unsent);
	if (result->n_cut_off)
		aqi_buffer_add_format(out, "  %" PRIu64 " requests were under "
				      "way at the interrupt and are not "
				      "counted\n", result->n_cut_off);
	aqi_buffer_add_format(out, "  this client used %.0f %% of a "
			      "processor\n", 100 * busy_share(result));
	if (is_bottleneck(result))
		aqi_buffer_add_format(out, "  the client was the bottleneck: "
				      "%s\n", busy_share(result) >= BUSY ?
				      "the server may be faster than this" :
				      "it had to wait for a processor");
}

static void
add_threshold(struct aqi_buffer *out, int width, struct aqi_slice text,
	      const char *measured, bool is_missed)
{
	aqi_buffer_add_format(out, "  %-*.*s %8s %8s\n", width,
			      text.size < (size_t)width ? (int)text.size :
			      width, text.data, measured,
			      is_missed ? "failed" : "passed");
}

/* Longer thresholds are cut; their numbers have digits that nobody needs. */
#define WIDEST 200

static void
add_verdict(struct aqi_buffer *out, const struct aqi_load_report *report)
{
	char text[AQI_MEASURED_SIZE];
	int width = 22;

	aqi_buffer_add_text(out, "\n");
	if (!is_measured(report)) {
		aqi_buffer_add_text(out, "  failed: nothing was measured\n");
		return;
	}
	for (size_t i = 0; i < report->n_thresholds; i++)
		if (report->thresholds[i].text.size > (size_t)width)
			width = report->thresholds[i].text.size < WIDEST ?
				(int)report->thresholds[i].text.size : WIDEST;
	aqi_buffer_add_format(out, "  %-*s %8s\n", width, "fails if",
			      "measured");
	if (report->has_default) {
		snprintf(text, sizeof text, "%" PRIu64, n_errors(report));
		add_threshold(out, width, aqi_slice_of("errors>0"), text,
			      has_failed(report));
	}
	for (size_t i = 0; i < report->n_thresholds; i++) {
		const struct aqi_threshold *t = &report->thresholds[i];

		add_threshold(out, width, t->text, aqi_threshold_measured(
				text, t, report->result),
			      aqi_threshold_is_missed(t, report->result));
	}
}

/* NULL: there was one, or nobody asked for it. */
static const char *
why_no_connection(const struct aqi_load_report *report)
{
	const struct aqi_load_result *result = report->result;

	return result->n_opened == 0 && result->error ?
	       strerror(result->error) : NULL;
}

void
aqi_load_report_text(const struct aqi_load_report *report,
		     struct aqi_buffer *out)
{
	char text[AQI_DURATION_SIZE];

	aqi_buffer_add_text(out, report->target);
	aqi_buffer_add_byte(out, '\n');
	aqi_buffer_add_text(out, report->plan);
	if (report->result->n_opened > 0)
		aqi_buffer_add_format(out, ", %s", aqi_duration_write(
				text, report->result->seconds * 1e9));
	aqi_buffer_add_text(out, report->result->is_interrupted ?
			    ", interrupted\n" : "\n");
	if (why_no_connection(report))
		aqi_buffer_add_format(out, "\n  no connection: %s\n",
				      why_no_connection(report));
	if (report->result->n_opened > 0) {
		add_tables(out, report);
		add_errors(out, report->result);
		add_client(out, report->result);
	}
	add_verdict(out, report);
}

static void
json_times(struct aqi_buffer *out, const char *name,
	   const struct aqi_histogram *h)
{
	aqi_json_add_key(out, name);
	aqi_buffer_add_byte(out, '{');
	aqi_json_add_real(out, "p50_ms", aqi_histogram_at(h, 0.5) / 1e6);
	aqi_json_add_real(out, "p90_ms", aqi_histogram_at(h, 0.9) / 1e6);
	aqi_json_add_real(out, "p99_ms", aqi_histogram_at(h, 0.99) / 1e6);
	aqi_json_add_real(out, "p999_ms", aqi_histogram_at(h, 0.999) / 1e6);
	aqi_json_add_real(out, "min_ms", (double)h->least_ns / 1e6);
	aqi_json_add_real(out, "max_ms", (double)h->most_ns / 1e6);
	aqi_json_add_real(out, "mean_ms", aqi_histogram_mean(h) / 1e6);
	aqi_json_add_count(out, "count", h->count);
	aqi_buffer_add_byte(out, '}');
}

/* What is the same for a task and for all: members of an open object. */
static void
json_task(struct aqi_buffer *out, const struct aqi_load_task *t, double seconds)
{
	const struct aqi_load_counts *counts = &t->counts;
	uint64_t sent = aqi_load_sent(counts);

	aqi_json_add_count(out, "sent", sent);
	aqi_json_add_count(out, "ok", counts->of[AQI_OUTCOME_OK]);
	aqi_json_add_count(out, "failed", aqi_load_failed(counts));
	aqi_json_add_count(out, "timed_out",
			   counts->of[AQI_OUTCOME_TIMED_OUT]);
	aqi_json_add_real(out, "rate",
			  seconds > 0 ? (double)sent / seconds : 0);
	json_times(out, "latency", &t->latency);
	json_times(out, "service_time", &t->service);
	aqi_json_add_key(out, "errors");
	aqi_buffer_add_byte(out, '{');
	for (size_t i = 1; i < AQI_OUTCOMES; i++)
		aqi_json_add_count(out, outcomes[i], counts->of[i]);
	aqi_buffer_add_byte(out, '}');
}

static void
json_statuses(struct aqi_buffer *out, const struct aqi_load_result *result)
{
	char name[24];

	aqi_json_add_key(out, "statuses");
	aqi_buffer_add_byte(out, '{');
	for (size_t i = 0; i < AQI_LOAD_STATUSES; i++) {
		if (result->statuses[i] == 0)
			continue;
		snprintf(name, sizeof name, "%zu", i);
		aqi_json_add_count(out, name, result->statuses[i]);
	}
	aqi_buffer_add_byte(out, '}');
}

static void
json_tasks(struct aqi_buffer *out, const struct aqi_load_report *report)
{
	aqi_json_add_key(out, "tasks");
	aqi_buffer_add_byte(out, '{');
	for (size_t i = 0; i < report->result->n_tasks; i++) {
		/* A recording names its tasks, whatever that may be. */
		if (i > 0)
			aqi_buffer_add_byte(out, ',');
		aqi_json_add_text(out, aqi_slice_of(report->names[i]));
		aqi_buffer_add_text(out, ":{");
		json_task(out, &report->result->tasks[i],
			  report->result->sending_seconds);
		aqi_buffer_add_byte(out, '}');
	}
	aqi_buffer_add_byte(out, '}');
}

static void
json_threshold(struct aqi_buffer *out, struct aqi_slice text,
	       const char *measured, bool is_missed)
{
	if (out->size > 0 && out->data[out->size - 1] == '}')
		aqi_buffer_add_byte(out, ',');
	aqi_buffer_add_byte(out, '{');
	aqi_json_add_key(out, "threshold");
	aqi_json_add_text(out, text);
	aqi_json_add_string(out, "measured", measured);
	aqi_json_add_bool(out, "missed", is_missed);
	aqi_buffer_add_byte(out, '}');
}

static void
json_thresholds(struct aqi_buffer *out, const struct aqi_load_report *report)
{
	char text[AQI_MEASURED_SIZE];

	aqi_json_add_key(out, "thresholds");
	aqi_buffer_add_byte(out, '[');
	if (report->has_default) {
		snprintf(text, sizeof text, "%" PRIu64, n_errors(report));
		json_threshold(out, aqi_slice_of("errors>0"), text,
			       has_failed(report));
	}
	for (size_t i = 0; i < report->n_thresholds; i++) {
		const struct aqi_threshold *t = &report->thresholds[i];

		json_threshold(out, t->text, aqi_threshold_measured(
				text, t, report->result),
			       aqi_threshold_is_missed(t, report->result));
	}
	aqi_buffer_add_byte(out, ']');
}

static void
json_client(struct aqi_buffer *out, const struct aqi_load_result *result)
{
	aqi_json_add_key(out, "client");
	aqi_buffer_add_byte(out, '{');
	aqi_json_add_real(out, "cpu_share", busy_share(result));
	aqi_json_add_bool(out, "bottleneck", is_bottleneck(result));
	aqi_json_add_count(out, "connections", result->n_connections);
	aqi_json_add_count(out, "opened", result->n_opened);
	aqi_json_add_count(out, "reopened", result->n_reopened);
	json_times(out, "lateness", &result->lateness);
	aqi_json_add_count(out, "waited", result->n_waited);
	aqi_json_add_count(out, "unsent", result->n_unsent);
	aqi_json_add_count(out, "cut_off", result->n_cut_off);
	aqi_buffer_add_byte(out, '}');
}

void
aqi_load_report_json(const struct aqi_load_report *report,
		     struct aqi_buffer *out)
{
	const struct aqi_load_result *result = report->result;
	const char *why = why_no_connection(report);

	aqi_buffer_add_byte(out, '{');
	aqi_json_add_string(out, "target", report->target);
	aqi_json_add_string(out, "plan", report->plan);
	aqi_json_add_real(out, "duration_s", result->seconds);
	aqi_json_add_bool(out, "interrupted", result->is_interrupted);
	aqi_json_add_bool(out, "passed", aqi_load_report_is_good(report));
	aqi_json_add_key(out, "no_connection");
	if (why)
		aqi_json_add_text(out, aqi_slice_of(why));
	else
		aqi_buffer_add_text(out, "null");
	json_task(out, &result->all, result->sending_seconds);
	json_statuses(out, result);
	json_client(out, result);
	json_tasks(out, report);
	json_thresholds(out, report);
	aqi_buffer_add_text(out, "}\n");
}

void
aqi_load_report_junit(const struct aqi_load_report *report,
		      struct aqi_buffer *out)
{
	size_t n = 1u + report->has_default + report->n_thresholds, bad = 0;
	char text[AQI_MEASURED_SIZE], measured[64], name[256];
	char nothing[128] = "nothing was measured";
	const char *why = why_no_connection(report);

	if (why)
		snprintf(nothing, sizeof nothing,
			 "nothing was measured, no connection: %s", why);
	bad += !is_measured(report);
	bad += report->has_default && has_failed(report);
	for (size_t i = 0; i < report->n_thresholds; i++)
		bad += aqi_threshold_is_missed(&report->thresholds[i],
					       report->result);
	aqi_junit_begin(out, "aqi-loadgen", n, bad, report->result->seconds);
	aqi_junit_add(out, "something was measured", is_measured(report) ?
		      NULL : nothing);
	if (report->has_default) {
		snprintf(measured, sizeof measured, "%" PRIu64 " errors",
			 n_errors(report));
		aqi_junit_add(out, "errors>0", has_failed(report) ?
			      measured : NULL);
	}
	for (size_t i = 0; i < report->n_thresholds; i++) {
		const struct aqi_threshold *t = &report->thresholds[i];

		snprintf(name, sizeof name, "%.*s", (int)t->text.size,
			 t->text.data);
		snprintf(measured, sizeof measured, "%s measured",
			 aqi_threshold_measured(text, t, report->result));
		aqi_junit_add(out, name, aqi_threshold_is_missed(
				t, report->result) ? measured : NULL);
	}
	aqi_junit_end(out);
}

void
aqi_load_report_csv_header(struct aqi_buffer *out)
{
	aqi_buffer_add_text(out, "second,sent,ok,failed,timed_out,p50_ms,"
			    "p90_ms,p99_ms,max_ms,mean_ms\n");
}

static void
add_ms(struct aqi_buffer *out, const struct aqi_histogram *h, double ns)
{
	char text[AQI_NUMBER_SIZE];

	aqi_buffer_add_byte(out, ',');
	if (h->count == 0)
		return;
	aqi_number_rounded(text, ns / 1e6, 6);
	aqi_buffer_add_text(out, text);
}

void
aqi_load_report_csv(const struct aqi_load_second *second,
		    struct aqi_buffer *out)
{
	const struct aqi_histogram *h = second->latency;

	aqi_buffer_add_format(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%"
			      PRIu64 ",%" PRIu64, second->number,
			      aqi_load_sent(&second->counts),
			      second->counts.of[AQI_OUTCOME_OK],
			      aqi_load_failed(&second->counts),
			      second->counts.of[AQI_OUTCOME_TIMED_OUT]);
	add_ms(out, h, aqi_histogram_at(h, 0.5));
	add_ms(out, h, aqi_histogram_at(h, 0.9));
	add_ms(out, h, aqi_histogram_at(h, 0.99));
	add_ms(out, h, (double)h->most_ns);
	add_ms(out, h, aqi_histogram_mean(h));
	aqi_buffer_add_byte(out, '\n');
}

void
aqi_load_report_live(const struct aqi_load_second *second,
		     struct aqi_buffer *out)
{
	uint64_t sent = aqi_load_sent(&second->total);
	char p50[AQI_DURATION_SIZE], p99[AQI_DURATION_SIZE];

	aqi_buffer_add_format(out, "%.0f s, %" PRIu64 " requests, %" PRIu64
			      " not ok; now %" PRIu64 "/s, p50 %s, p99 %s",
			      second->seconds, sent,
			      sent - second->total.of[AQI_OUTCOME_OK],
			      aqi_load_sent(&second->counts),
			      aqi_duration_write(p50, aqi_histogram_at(
					      second->latency, 0.5)),
			      aqi_duration_write(p99, aqi_histogram_at(
					      second->latency, 0.99)));
}
