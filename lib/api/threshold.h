/*
 * threshold.h: what a load test must keep to, as text.
 *
 *   [TASK.][service.]METRIC OPERATOR VALUE
 *
 *   p50, p99, p99.9, ...  the latency that this percentage does not exceed
 *   mean, min, max        of the latency
 *   errors, timeouts      requests, as a count or as a percentage of those
 *                         sent; errors are all that were not ok
 *   rate                  requests a second
 *   sent                  requests
 *
 * The operator, >, >=, < or <=, says when it is missed. Latencies need a unit,
 * us, ms or s, and count from when a request was due; with `service.` before,
 * from when it was sent. What nothing was measured of is missed.
 */
#ifndef AQI_API_THRESHOLD_H
#define AQI_API_THRESHOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_load_result;

enum aqi_metric {
	AQI_METRIC_QUANTILE,
	AQI_METRIC_MEAN,
	AQI_METRIC_MIN,
	AQI_METRIC_MAX,
	AQI_METRIC_ERRORS,
	AQI_METRIC_TIMEOUTS,
	AQI_METRIC_RATE,
	AQI_METRIC_SENT
};

#define AQI_ALL_TASKS SIZE_MAX

/* Plain data. */
struct aqi_threshold {
	struct aqi_slice text;		/* as it was read; borrowed */
	size_t task;			/* or AQI_ALL_TASKS */
	bool is_service;
	enum aqi_metric metric;
	double share;			/* of a quantile */
	bool is_above, is_equal;	/* the operator */
	bool is_percent;
	double value;			/* latencies in ns */
};

/*
 * Read one, for a test whose tasks have these names (n_names,). Fails with
 * AQI_E_USAGE.
 */
enum aqi_status aqi_threshold_read(struct aqi_slice text,
				   const char *const *names, size_t n_names,
				   struct aqi_threshold *threshold,
				   struct aqi_error *err) AQI_MUST_CHECK;

/* What was measured, in the unit of the value; NAN: nothing. */
double aqi_threshold_measure(const struct aqi_threshold *threshold,
			     const struct aqi_load_result *result);

bool aqi_threshold_is_missed(const struct aqi_threshold *threshold,
			     const struct aqi_load_result *result);

/* What was measured, for people: "12.3 ms", "0.5 %", "nothing". */
#define AQI_MEASURED_SIZE 40
const char *aqi_threshold_measured(char out[AQI_MEASURED_SIZE],
				   const struct aqi_threshold *threshold,
				   const struct aqi_load_result *result);

#endif
