/*
 * metrics.h: what the API counts, for Prometheus. Private to the library.
 *
 * Each worker counts for itself and never waits; a scrape reads the counts of
 * all and adds them up. A count that is read while it grows is the one before
 * or behind.
 */
#ifndef AQI_API_METRICS_H
#define AQI_API_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/route.h"
#include "base/slice.h"

struct aqi_buffer;

/* Upper bounds of the buckets, in seconds, are in metrics.c: those of the
 * Python client, which start at 5 ms, and finer ones below. */
#define AQI_METRICS_BUCKETS 24

/* The last bucket has no bound. Not cumulative. */
struct aqi_metrics_times {
	_Atomic uint64_t buckets[AQI_METRICS_BUCKETS + 1];
	_Atomic uint64_t sum_ns;
};

/* Methods and statuses that are told apart; the last of each: any other. */
#define AQI_METRICS_METHODS 5
#define AQI_METRICS_CODES 20

/* Of one worker, which alone changes it. Zero at the start. */
struct aqi_metrics {
	_Atomic uint64_t predictions;
	_Atomic uint64_t errors;	/* predictions that failed */
	struct aqi_metrics_times prediction_times;	/* of /predict */
	struct aqi_metrics_times request_times;
	_Atomic uint64_t requests[AQI_N_ROUTES + 1][AQI_METRICS_METHODS]
				 [AQI_METRICS_CODES];
	_Atomic uint64_t sent;	/* bytes of bodies */
};

static inline void
aqi_metrics_add(_Atomic uint64_t *count, uint64_t n)
{
	/* There is one writer: no bus lock is needed. */
	atomic_store_explicit(count, atomic_load_explicit(
		count, memory_order_relaxed) + n, memory_order_relaxed);
}

void aqi_metrics_observe(struct aqi_metrics_times *times, uint64_t ns);

/* method: empty where the request could not be read. */
void aqi_metrics_request(struct aqi_metrics *metrics, enum aqi_route route,
			 struct aqi_slice method, unsigned status);

/* What is told besides the counts. */
struct aqi_metrics_state {
	bool is_loaded;
	struct aqi_slice model, version, sha256;
	double loaded;		/* Unix seconds */
	double started;		/* of the process */
	uint64_t reloads, failed_reloads;
	uint64_t in_flight;
};

/*
 * Write the counts of n workers; open_metrics: in OpenMetrics 1.0, else in the
 * text format 0.0.4.
 */
void aqi_metrics_write(struct aqi_buffer *out,
		       const struct aqi_metrics *const *workers, size_t n,
		       const struct aqi_metrics_state *state,
		       bool open_metrics);

/* Does the Accept of a scrape prefer OpenMetrics 1.0? */
bool aqi_metrics_wants_open(struct aqi_slice accept);

/* Content types of the two. */
#define AQI_METRICS_TEXT "text/plain; version=0.0.4; charset=utf-8"
#define AQI_METRICS_OPEN                                                      \
	"application/openmetrics-text; version=1.0.0; charset=utf-8"

#endif
