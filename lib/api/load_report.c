#include "api/load_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
	[AQI_OUTCOME_STATUS] = "of another status",
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
	return busy_share(result) >= BUSY ||
	       aqi_histogram_at(&result->lateness, 0.99) > LATE_NS;
}

static bool
has_failed(const struct aqi_load_report *report)
{
	const struct aqi_load_counts *counts = &report->result->all.counts;

	return aqi_load_sent(counts) != counts->of[AQI_OUTCOME_OK];
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
		out, "  %-22s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64
		" %8.*f\n", name, sent, counts->of[AQI_OUTCOME_OK],
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
	const char *comma = "\n  ";

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
	aqi_buffer_add_format(out, "\n  connections: %zu, %zu opened at the "
			      "start, %" PRIu64 " again later\n",
			      result->n_connections, result->n_opened,
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
	if (busy_share(result) >= BUSY)
		aqi_buffer_add_text(out, "  the client was the bottleneck: the "
				    "server may be faster than this\n");
	else if (is_bottleneck(result))
		aqi_buffer_add_text(out, "  the client was the bottleneck: it "
				    "had to wait for a processor\n");
}

static void
add_verdict(struct aqi_buffer *out, const struct aqi_load_report *report)
{
	char text[AQI_MEASURED_SIZE];

	aqi_buffer_add_text(out, "\n");
	if (!is_measured(report))
		aqi_buffer_add_text(out, "  missed: nothing was measured\n");
	else if (report->has_default)
		aqi_buffer_add_format(out, "  %s: errors>0\n",
				      has_failed(report) ? "missed" : "kept");
	for (size_t i = 0; i < report->n_thresholds; i++) {
		const struct aqi_threshold *t = &report->thresholds[i];

		aqi_buffer_add_format(
			out, "  %s: %.*s (%s)\n",
			aqi_threshold_is_missed(t, report->result) ?
			"missed" : "kept", (int)t->text.size, t->text.data,
			aqi_threshold_measured(text, t, report->result));
	}
}

void
aqi_load_report_text(const struct aqi_load_report *report,
		     struct aqi_buffer *out)
{
	aqi_buffer_add_text(out, report->target);
	aqi_buffer_add_byte(out, '\n');
	aqi_buffer_add_text(out, report->plan);
	aqi_buffer_add_format(out, ", %.1f s%s\n",
			      report->result->seconds,
			      report->result->is_interrupted ?
			      ", interrupted" : "");
	if (report->result->n_opened == 0 && report->result->error)
		aqi_buffer_add_format(out, "\n  no connection: %s\n",
				      strerror(report->result->error));
	if (report->result->n_opened > 0) {
		add_tables(out, report);
		add_errors(out, report->result);
		add_client(out, report->result);
	}
	add_verdict(out, report);
}

/* ns as ms, to the nearest whole ns. */
static json_t *
ms(double ns)
{
	return json_real(round(ns) / 1e6);
}

static json_t *
times(const struct aqi_histogram *h)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I}",
			 "p50_ms", ms(aqi_histogram_at(h, 0.5)),
			 "p90_ms", ms(aqi_histogram_at(h, 0.9)),
			 "p99_ms", ms(aqi_histogram_at(h, 0.99)),
			 "p999_ms", ms(aqi_histogram_at(h, 0.999)),
			 "min_ms", ms((double)h->least_ns),
			 "max_ms", ms((double)h->most_ns),
			 "mean_ms", ms(aqi_histogram_mean(h)),
			 "count", (json_int_t)h->count);
}

static json_t *
errors(const struct aqi_load_counts *counts)
{
	json_t *object = json_object();

	for (size_t i = 1; i < AQI_OUTCOMES; i++)
		if (json_object_set_new(object, outcomes[i], json_integer(
				(json_int_t)counts->of[i])) < 0)
			return NULL;
	return object;
}

static json_t *
statuses(const struct aqi_load_result *result)
{
	json_t *object = json_object();
	char name[8];

	for (size_t i = 0; i < AQI_LOAD_STATUSES; i++) {
		if (result->statuses[i] == 0)
			continue;
		snprintf(name, sizeof name, "%zu", i);
		if (json_object_set_new(object, name, json_integer(
				(json_int_t)result->statuses[i])) < 0)
			return NULL;
	}
	return object;
}

/* What is the same for a task and for all. */
static json_t *
task(const struct aqi_load_task *t, double seconds)
{
	uint64_t sent = aqi_load_sent(&t->counts);

	return json_pack("{s:I,s:I,s:I,s:I,s:f,s:o,s:o,s:o}",
			 "sent", (json_int_t)sent,
			 "ok", (json_int_t)t->counts.of[AQI_OUTCOME_OK],
			 "failed", (json_int_t)aqi_load_failed(&t->counts),
			 "timed_out",
			 (json_int_t)t->counts.of[AQI_OUTCOME_TIMED_OUT],
			 "rate", seconds > 0 ? (double)sent / seconds : 0.0,
			 "latency", times(&t->latency),
			 "service_time", times(&t->service),
			 "errors", errors(&t->counts));
}

static json_t *
tasks(const struct aqi_load_report *report)
{
	json_t *object = json_object();

	for (size_t i = 0; i < report->result->n_tasks; i++)
		if (json_object_set_new(object, report->names[i],
					task(&report->result->tasks[i],
					     report->result->sending_seconds)
				) < 0)
			return NULL;
	return object;
}

static json_t *
thresholds(const struct aqi_load_report *report)
{
	json_t *array = json_array();
	char text[AQI_MEASURED_SIZE];

	if (report->has_default &&
	    json_array_append_new(array, json_pack(
			"{s:s,s:I,s:b}", "threshold", "errors>0",
			"measured", (json_int_t)(
				aqi_load_sent(&report->result->all.counts) -
				report->result->all.counts.of[AQI_OUTCOME_OK]),
			"missed", has_failed(report))) < 0)
		return NULL;
	for (size_t i = 0; i < report->n_thresholds; i++) {
		const struct aqi_threshold *t = &report->thresholds[i];

		if (json_array_append_new(array, json_pack(
				"{s:s%,s:s,s:b}", "threshold", t->text.data,
				t->text.size, "measured",
				aqi_threshold_measured(text, t, report->result),
				"missed", aqi_threshold_is_missed(
						t, report->result))) < 0)
			return NULL;
	}
	return array;
}

static json_t *
client(const struct aqi_load_result *result)
{
	return json_pack("{s:f,s:b,s:I,s:I,s:I,s:o,s:I,s:I,s:I}",
			 "cpu_share", busy_share(result),
			 "bottleneck", is_bottleneck(result),
			 "connections", (json_int_t)result->n_connections,
			 "opened", (json_int_t)result->n_opened,
			 "reopened", (json_int_t)result->n_reopened,
			 "lateness", times(&result->lateness),
			 "waited", (json_int_t)result->n_waited,
			 "unsent", (json_int_t)result->n_unsent,
			 "cut_off", (json_int_t)result->n_cut_off);
}

void
aqi_load_report_json(const struct aqi_load_report *report,
		     struct aqi_buffer *out)
{
	const struct aqi_load_result *result = report->result;
	json_t *document, *all = task(&result->all, result->sending_seconds);
	char *text = NULL;

	document = json_pack("{s:s,s:s,s:f,s:b,s:b}",
			     "target", report->target,
			     "plan", report->plan,
			     "duration_s", result->seconds,
			     "interrupted", result->is_interrupted,
			     "passed", aqi_load_report_is_good(report));
	if (document && all && json_object_update(document, all) == 0 &&
	    json_object_set_new(document, "statuses", statuses(result)) == 0 &&
	    json_object_set_new(document, "client", client(result)) == 0 &&
	    json_object_set_new(document, "tasks", tasks(report)) == 0 &&
	    json_object_set_new(document, "thresholds",
				thresholds(report)) == 0)
		text = json_dumps(document, JSON_INDENT(2) |
				  JSON_REAL_PRECISION(12));
	if (text) {
		aqi_buffer_add_text(out, text);
		aqi_buffer_add_byte(out, '\n');
	} else {
		out->failed = true;
	}
	free(text);
	json_decref(all);
	json_decref(document);
}

/* Text of an attribute. */
static void
add_xml(struct aqi_buffer *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		switch (c) {
		case '<':
			aqi_buffer_add_text(out, "&lt;");
			break;
		case '>':
			aqi_buffer_add_text(out, "&gt;");
			break;
		case '&':
			aqi_buffer_add_text(out, "&amp;");
			break;
		case '"':
			aqi_buffer_add_text(out, "&quot;");
			break;
		default:
			/* Most controls cannot stand in XML at all. */
			aqi_buffer_add_byte(out, c < 0x20 || c >= 0x7f ? '?' :
					    (char)c);
		}
	}
}

void
aqi_load_report_case(struct aqi_buffer *out, const char *name,
		     const char *reason)
{
	aqi_buffer_add_text(out, "  <testcase classname=\"aqi-loadgen\" "
			    "name=\"");
	add_xml(out, name);
	if (!reason) {
		aqi_buffer_add_text(out, "\"/>\n");
		return;
	}
	aqi_buffer_add_text(out, "\">\n    <failure message=\"");
	add_xml(out, reason);
	aqi_buffer_add_text(out, "\"/>\n  </testcase>\n");
}

void
aqi_load_report_junit(const struct aqi_load_report *report,
		      struct aqi_buffer *out)
{
	size_t n = 1u + report->has_default + report->n_thresholds, bad = 0;
	char measured[AQI_MEASURED_SIZE], name[256];

	bad += !is_measured(report);
	bad += report->has_default && has_failed(report);
	for (size_t i = 0; i < report->n_thresholds; i++)
		bad += aqi_threshold_is_missed(&report->thresholds[i],
					       report->result);
	aqi_buffer_add_format(out, "<?xml version=\"1.0\" "
			      "encoding=\"UTF-8\"?>\n<testsuite "
			      "name=\"aqi-loadgen\" tests=\"%zu\" "
			      "failures=\"%zu\" time=\"%.3f\">\n", n, bad,
			      report->result->seconds);
	aqi_load_report_case(out, "something was measured",
			     is_measured(report) ? NULL :
			     "nothing was measured");
	if (report->has_default) {
		snprintf(measured, sizeof measured, "%" PRIu64 " errors",
			 aqi_load_sent(&report->result->all.counts) -
			 report->result->all.counts.of[AQI_OUTCOME_OK]);
		aqi_load_report_case(out, "errors>0", has_failed(report) ?
				     measured : NULL);
	}
	for (size_t i = 0; i < report->n_thresholds; i++) {
		const struct aqi_threshold *t = &report->thresholds[i];

		snprintf(name, sizeof name, "%.*s", (int)t->text.size,
			 t->text.data);
		aqi_threshold_measured(measured, t, report->result);
		aqi_load_report_case(out, name, aqi_threshold_is_missed(
				t, report->result) ? measured : NULL);
	}
	aqi_buffer_add_text(out, "</testsuite>\n");
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
