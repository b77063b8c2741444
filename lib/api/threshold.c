#include "api/threshold.h"

#include <math.h>
#include <stdio.h>

#include "base/duration.h"
#include "net/load_result.h"
#include "record/number.h"

static const struct {
	const char *name;
	enum aqi_metric metric;
} metrics[] = {
	{"mean", AQI_METRIC_MEAN},
	{"min", AQI_METRIC_MIN},
	{"max", AQI_METRIC_MAX},
	{"errors", AQI_METRIC_ERRORS},
	{"timeouts", AQI_METRIC_TIMEOUTS},
	{"rate", AQI_METRIC_RATE},
	{"sent", AQI_METRIC_SENT},
};

static bool
is_latency(enum aqi_metric metric)
{
	return metric <= AQI_METRIC_MAX;
}

static bool
is_count(enum aqi_metric metric)
{
	return metric == AQI_METRIC_ERRORS || metric == AQI_METRIC_TIMEOUTS;
}

/* A plain number, which neither blanks nor a sign belong to. */
static bool
read_number(struct aqi_slice text, double *x)
{
	return text.size > 0 && text.data[0] >= '0' && text.data[0] <= '9' &&
	       aqi_slice_trim(text).size == text.size &&
	       aqi_number_to_double(text, '.', x) == AQI_NUMBER_OK;
}

static bool
read_metric(struct aqi_slice text, struct aqi_threshold *t)
{
	struct aqi_slice digits = {text.data + 1, text.size - 1};

	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
		if (aqi_slice_is(text, metrics[i].name)) {
			t->metric = metrics[i].metric;
			return !t->is_service || is_latency(t->metric);
		}
	}
	t->metric = AQI_METRIC_QUANTILE;
	if (text.size < 2 || text.data[0] != 'p' ||
	    !read_number(digits, &t->share) || t->share > 100)
		return false;
	t->share /= 100;
	return true;
}

static bool
read_value(struct aqi_slice text, struct aqi_threshold *t)
{
	uint64_t ns;

	if (is_latency(t->metric)) {
		if (text.size == 0 || text.data[text.size - 1] != 's' ||
		    !aqi_duration_read(text, &ns))
			return false;
		t->value = (double)ns;
		return true;
	}
	if (is_count(t->metric) && text.size > 0 &&
	    text.data[text.size - 1] == '%') {
		t->is_percent = true;
		text.size--;
	}
	return read_number(text, &t->value) &&
	       (!t->is_percent || t->value <= 100);
}

/* The part of a text before a byte; the text goes on behind it. */
static bool
cut(struct aqi_slice *text, char mark, struct aqi_slice *before)
{
	const char *at = memchr(text->data, mark, text->size);

	if (!at)
		return false;
	*before = (struct aqi_slice){text->data, (size_t)(at - text->data)};
	text->size -= before->size + 1;
	text->data = at + 1;
	return true;
}

/* TASK. and service. before the metric, whose own point has digits before. */
static enum aqi_status
read_prefixes(struct aqi_slice *text, const char *const *names, size_t n_names,
	      struct aqi_threshold *t, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_slice rest = *text, word;

	t->task = AQI_ALL_TASKS;
	while (cut(&rest, '.', &word)) {
		size_t i = 0;

		if (aqi_slice_is(word, "service") && !t->is_service) {
			t->is_service = true;
			*text = rest;
			continue;
		}
		if (word.size > 1 && word.data[0] == 'p' &&
		    word.data[1] >= '0' && word.data[1] <= '9')
			break;
		while (i < n_names && !aqi_slice_is(word, names[i]))
			i++;
		if (i == n_names || t->task != AQI_ALL_TASKS || t->is_service)
			return aqi_error_set(err, AQI_E_USAGE,
					     "this test has no task %s",
					     aqi_error_quote(quoted, word));
		t->task = i;
		*text = rest;
	}
	return AQI_OK;
}

enum aqi_status
aqi_threshold_read(struct aqi_slice text, const char *const *names,
		   size_t n_names, struct aqi_threshold *t,
		   struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_slice left, right = text;

	*t = (struct aqi_threshold){.text = text};
	t->is_above = memchr(text.data, '>', text.size) != NULL;
	if (!cut(&right, t->is_above ? '>' : '<', &left))
		left = right;
	if (right.size > 0 && right.data[0] == '=' && left.data != right.data) {
		t->is_equal = true;
		right.data++;
		right.size--;
	}
	left = aqi_slice_trim(left);
	if (read_prefixes(&left, names, n_names, t, err) != AQI_OK)
		return AQI_FATAL;
	if (left.data == right.data || !read_metric(left, t) ||
	    !read_value(aqi_slice_trim(right), t))
		return aqi_error_set(err, AQI_E_USAGE, "a threshold is one "
				     "such as p99>50ms, service.p99.9>1s, "
				     "mean>5ms, errors>1%%, predict.errors>0, "
				     "timeouts>3 or rate<1000, not %s",
				     aqi_error_quote(quoted, text));
	return AQI_OK;
}

static const struct aqi_load_task *
measured(const struct aqi_threshold *t, const struct aqi_load_result *result)
{
	return t->task == AQI_ALL_TASKS ? &result->all :
	       &result->tasks[t->task];
}

static double
measure_latency(const struct aqi_threshold *t,
		const struct aqi_histogram *h)
{
	if (h->count == 0)
		return NAN;
	switch (t->metric) {
	case AQI_METRIC_MEAN:
		return aqi_histogram_mean(h);
	case AQI_METRIC_MIN:
		return (double)h->least_ns;
	case AQI_METRIC_MAX:
		return (double)h->most_ns;
	default:
		return aqi_histogram_at(h, t->share);
	}
}

double
aqi_threshold_measure(const struct aqi_threshold *t,
		      const struct aqi_load_result *result)
{
	const struct aqi_load_task *task = measured(t, result);
	double sent = (double)aqi_load_sent(&task->counts), n;

	if (is_latency(t->metric))
		return measure_latency(t, t->is_service ? &task->service :
				       &task->latency);
	if (t->metric == AQI_METRIC_SENT)
		return sent;
	if (sent == 0)
		return NAN;
	if (t->metric == AQI_METRIC_RATE)
		return sent / result->sending_seconds;
	n = (double)task->counts.of[AQI_OUTCOME_TIMED_OUT];
	if (t->metric == AQI_METRIC_ERRORS)
		n += (double)aqi_load_failed(&task->counts);
	return t->is_percent ? 100 * n / sent : n;
}

bool
aqi_threshold_is_missed(const struct aqi_threshold *t,
			const struct aqi_load_result *result)
{
	double x = aqi_threshold_measure(t, result);

	if (isnan(x) || (t->is_equal && x == t->value))
		return true;
	return t->is_above ? x > t->value : x < t->value;
}

const char *
aqi_threshold_measured(char out[AQI_MEASURED_SIZE],
		       const struct aqi_threshold *t,
		       const struct aqi_load_result *result)
{
	char text[AQI_NUMBER_SIZE];
	double x = aqi_threshold_measure(t, result);

	if (isnan(x)) {
		snprintf(out, AQI_MEASURED_SIZE, "nothing");
	} else if (is_latency(t->metric)) {
		aqi_duration_write(text, x);
		snprintf(out, AQI_MEASURED_SIZE, "%.31s", text);
	} else {
		aqi_number_rounded(text, x, t->is_percent ? 3 : 1);
		snprintf(out, AQI_MEASURED_SIZE, "%.31s%s", text,
			 t->is_percent ? " %" : "");
	}
	return out;
}
