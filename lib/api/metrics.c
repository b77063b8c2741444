#include "api/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/echo.h"
#include "base/buffer.h"
#include "base/version.h"
#include "net/http.h"
#include "record/number.h"

/* In nanoseconds, and as they are printed, in seconds. */
static const struct {
	uint64_t ns;
	const char *le;
} bounds[AQI_METRICS_BUCKETS] = {
	{1000, "1e-06"}, {2500, "2.5e-06"}, {5000, "5e-06"},
	{10000, "1e-05"}, {25000, "2.5e-05"}, {50000, "5e-05"},
	{100000, "0.0001"}, {250000, "0.00025"}, {500000, "0.0005"},
	{1000000, "0.001"}, {5000000, "0.005"},
	{10000000, "0.01"}, {25000000, "0.025"}, {50000000, "0.05"},
	{75000000, "0.075"}, {100000000, "0.1"}, {250000000, "0.25"},
	{500000000, "0.5"}, {750000000, "0.75"}, {1000000000, "1.0"},
	{2500000000, "2.5"}, {5000000000, "5.0"}, {7500000000, "7.5"},
	{10000000000, "10.0"},
};

static const char *const methods[AQI_METRICS_METHODS] = {
	"POST", "GET", "HEAD", "OPTIONS", "other"
};

static const unsigned codes[AQI_METRICS_CODES] = {
	200, 307, 400, 401, 403, 404, 405, 408, 411, 413, 414, 417, 422, 429,
	431, 500, 501, 503, 505, 0
};

void
aqi_metrics_observe(struct aqi_metrics_times *times, uint64_t ns)
{
	size_t i = 0;

	while (i < AQI_METRICS_BUCKETS && ns > bounds[i].ns)
		i++;
	aqi_metrics_add(&times->buckets[i], 1);
	aqi_metrics_add(&times->sum_ns, ns);
}

void
aqi_metrics_request(struct aqi_metrics *metrics, enum aqi_route route,
		    struct aqi_slice method, unsigned status)
{
	size_t m = 0, c = 0;

	while (m < AQI_METRICS_METHODS - 1 && !aqi_slice_is(method, methods[m]))
		m++;
	while (c < AQI_METRICS_CODES - 1 && codes[c] != status)
		c++;
	aqi_metrics_add(&metrics->requests[route][m][c], 1);
}

/* One scrape. */
struct scrape {
	struct aqi_buffer *out;
	const struct aqi_metrics *const *workers;
	size_t n;
	bool is_open;
};

/* The sum over all workers of a count that is at `offset` in each. */
static uint64_t
sum(const struct scrape *s, size_t offset)
{
	uint64_t total = 0;

	for (size_t i = 0; i < s->n; i++) {
		const char *worker = (const char *)s->workers[i];
		const void *count = worker + offset;

		total += atomic_load_explicit((const _Atomic uint64_t *)count,
					      memory_order_relaxed);
	}
	return total;
}

/* OpenMetrics names a family of counters without the _total of its samples. */
static void
add_family(const struct scrape *s, const char *name, const char *type,
	   const char *help)
{
	bool cuts = s->is_open && strcmp(type, "counter") == 0;
	int n = (int)strlen(name) - (cuts ? (int)strlen("_total") : 0);

	aqi_buffer_add_format(s->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", n,
			      name, help, n, name, type);
}

static void
add_count(const struct scrape *s, const char *name, uint64_t count)
{
	aqi_buffer_add_format(s->out, "%s %" PRIu64 "\n", name, count);
}

static void
add_gauge(const struct scrape *s, const char *name, double value)
{
	char digits[AQI_NUMBER_SIZE];

	aqi_number_shortest(digits, value);
	aqi_buffer_add_format(s->out, "%s %s\n", name, digits);
}

static void
add_counter(const struct scrape *s, const char *name, const char *help,
	    uint64_t count)
{
	add_family(s, name, "counter", help);
	add_count(s, name, count);
}

static void
add_times(const struct scrape *s, const char *name, const char *help,
	  size_t offset)
{
	uint64_t count = 0;
	char digits[AQI_NUMBER_SIZE];

	add_family(s, name, "histogram", help);
	for (size_t i = 0; i <= AQI_METRICS_BUCKETS; i++) {
		count += sum(s, offset + i * sizeof(uint64_t));
		aqi_buffer_add_format(s->out, "%s_bucket{le=\"%s\"} %" PRIu64
				      "\n", name, i < AQI_METRICS_BUCKETS ?
				      bounds[i].le : "+Inf", count);
	}
	aqi_number_shortest(digits, (double)sum(
		s, offset + offsetof(struct aqi_metrics_times, sum_ns)) / 1e9);
	aqi_buffer_add_format(s->out, "%s_sum %s\n%s_count %" PRIu64 "\n",
			      name, digits, name, count);
}

static void
add_requests(const struct scrape *s)
{
	const char *name = "aqi_http_requests_total";

	add_family(s, name, "counter", "Requests answered, by route");
	for (size_t r = 0; r <= AQI_N_ROUTES; r++)
		for (size_t m = 0; m < AQI_METRICS_METHODS; m++)
			for (size_t c = 0; c < AQI_METRICS_CODES; c++) {
				size_t at = offsetof(struct aqi_metrics,
						     requests[r][m][c]);
				uint64_t count = sum(s, at);
				char code[16] = "other";

				if (count == 0)
					continue;
				if (codes[c])
					snprintf(code, sizeof code, "%u",
						 codes[c]);
				aqi_buffer_add_format(
					s->out, "%s{route=\"%s\",method=\"%s\","
					"code=\"%s\"} %" PRIu64 "\n", name,
					r < AQI_N_ROUTES ?
					aqi_route_path((enum aqi_route)r) :
					"other", methods[m], code, count);
			}
}

/* In quotes, which escape what the format wants escaped. */
static void
add_label(const struct scrape *s, const char *name, struct aqi_slice value)
{
	aqi_buffer_add_text(s->out, name);
	aqi_buffer_add_text(s->out, "=\"");
	for (size_t i = 0; i < value.size; i++) {
		char c = value.data[i];

		if (c == '\n')
			aqi_buffer_add_text(s->out, "\\n");
		else if (c == '"' || c == '\\')
			aqi_buffer_add(s->out, (char[]){'\\', c}, 2);
		else
			aqi_buffer_add_byte(s->out, c);
	}
	aqi_buffer_add_byte(s->out, '"');
}

static void
add_info(const struct scrape *s, const struct aqi_metrics_state *state)
{
	add_family(s, "aqi_build_info", "gauge", "The version that runs");
	aqi_buffer_add_text(s->out, "aqi_build_info{version=\"" AQI_VERSION
			    "\"} 1\n");
	add_family(s, "aqi_model_loaded", "gauge", "Is there a model?");
	add_count(s, "aqi_model_loaded", state->is_loaded);
	if (!state->is_loaded)
		return;
	add_family(s, "aqi_model_info", "gauge", "The model that predicts");
	aqi_buffer_add_text(s->out, "aqi_model_info{");
	add_label(s, "name", state->model);
	aqi_buffer_add_byte(s->out, ',');
	add_label(s, "version", state->version);
	aqi_buffer_add_byte(s->out, ',');
	add_label(s, "sha256", state->sha256);
	aqi_buffer_add_text(s->out, "} 1\n");
	add_family(s, "aqi_model_loaded_timestamp_seconds", "gauge",
		   "When it was loaded");
	add_gauge(s, "aqi_model_loaded_timestamp_seconds", state->loaded);
}

static void
add_reloads(const struct scrape *s, const struct aqi_metrics_state *state)
{
	const char *name = "aqi_model_loads_total";

	add_family(s, name, "counter", "Models loaded, and refused");
	aqi_buffer_add_format(s->out, "%s{result=\"ok\"} %" PRIu64 "\n"
			      "%s{result=\"failed\"} %" PRIu64 "\n", name,
			      state->reloads, name, state->failed_reloads);
}

/* The first two numbers of /proc/self/statm: what is mapped, and what of that
 * is in memory, in pages. */
static bool
read_pages(unsigned long *virtual, unsigned long *resident)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[200], *end;
	bool fine;

	if (!file)
		return false;
	fine = fgets(line, sizeof line, file) != NULL;
	fclose(file);
	if (!fine)
		return false;
	*virtual = strtoul(line, &end, 10);
	*resident = strtoul(end, &end, 10);
	return true;
}

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

/* As the Python client has them. */
static void
add_process(const struct scrape *s, const struct aqi_metrics_state *state)
{
	unsigned long virtual, resident;
	const double page = (double)sysconf(_SC_PAGESIZE);
	struct rusage used;

	if (read_pages(&virtual, &resident)) {
		add_family(s, "process_virtual_memory_bytes", "gauge",
			   "Virtual memory size in bytes.");
		add_gauge(s, "process_virtual_memory_bytes",
			  (double)virtual * page);
		add_family(s, "process_resident_memory_bytes", "gauge",
			   "Resident memory size in bytes.");
		add_gauge(s, "process_resident_memory_bytes",
			  (double)resident * page);
	}
	add_family(s, "process_start_time_seconds", "gauge",
		   "Start time of the process since unix epoch in seconds.");
	add_gauge(s, "process_start_time_seconds", state->started);
	if (getrusage(RUSAGE_SELF, &used) != 0)
		return;
	add_family(s, "process_cpu_seconds_total", "counter",
		   "Total user and system CPU time spent in seconds.");
	add_gauge(s, "process_cpu_seconds_total",
		  seconds(&used.ru_utime) + seconds(&used.ru_stime));
}

void
aqi_metrics_write(struct aqi_buffer *out,
		  const struct aqi_metrics *const *workers, size_t n,
		  const struct aqi_metrics_state *state, bool open_metrics)
{
	const struct scrape s = {out, workers, n, open_metrics};

	add_counter(&s, "predictions_total", "Total predictions made",
		    sum(&s, offsetof(struct aqi_metrics, predictions)));
	add_times(&s, "prediction_duration_seconds", "Prediction latency",
		  offsetof(struct aqi_metrics, prediction_times));
	add_counter(&s, "prediction_errors_total", "Total prediction errors",
		    sum(&s, offsetof(struct aqi_metrics, errors)));
	add_requests(&s);
	add_times(&s, "aqi_http_request_duration_seconds",
		  "From a request's first byte to its answer",
		  offsetof(struct aqi_metrics, request_times));
	add_counter(&s, "aqi_http_response_bytes_total", "Bytes of bodies sent",
		    sum(&s, offsetof(struct aqi_metrics, sent)));
	add_family(&s, "aqi_http_in_flight_requests", "gauge",
		   "Requests being answered, this one among them");
	add_count(&s, "aqi_http_in_flight_requests", state->in_flight);
	add_info(&s, state);
	add_reloads(&s, state);
	add_process(&s, state);
	if (open_metrics)
		aqi_buffer_add_text(out, "# EOF\n");
}

/* A media type's weight among what is accepted: 1 unless told, in 1/1000. */
static long
weight(struct aqi_slice element)
{
	const char *end = element.data + element.size, *p = element.data;
	struct aqi_slice rest;
	double q;

	while ((p = memchr(p, ';', (size_t)(end - p)))) {
		rest = aqi_slice_trim((struct aqi_slice){
			p + 1, (size_t)(end - p - 1)});
		p++;
		if (rest.size < 3 || (rest.data[0] != 'q' &&
		    rest.data[0] != 'Q') || rest.data[1] != '=')
			continue;
		rest.data += 2;
		rest.size -= 2;
		p = memchr(rest.data, ';', rest.size);
		if (p)
			rest.size = (size_t)(p - rest.data);
		if (aqi_number_to_double(rest, '.', &q) != AQI_NUMBER_OK)
			return 0;
		return q >= 0 && q <= 1 ? (long)(q * 1000) : 0;
	}
	return 1000;
}

static bool
is_type(struct aqi_slice element, const char *type)
{
	const char *semicolon = memchr(element.data, ';', element.size);

	if (semicolon)
		element.size = (size_t)(semicolon - element.data);
	return aqi_http_is(aqi_slice_trim(element), type);
}

bool
aqi_metrics_wants_open(struct aqi_slice accept)
{
	long open = 0, text = 0, w;
	struct aqi_slice element;

	while ((element = aqi_http_next_element(&accept)).data) {
		w = weight(element);
		if (is_type(element, "application/openmetrics-text"))
			open = w > open ? w : open;
		else if (is_type(element, "text/plain"))
			text = w > text ? w : text;
	}
	return open > 0 && open >= text;
}
