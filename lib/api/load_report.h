/*
 * load_report.h: a load test for people, for machines, and as it goes on.
 *
 * All functions add text to a buffer, whose `failed` tells when memory has run
 * out.
 */
#ifndef AQI_API_LOAD_REPORT_H
#define AQI_API_LOAD_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

struct aqi_load_result;
struct aqi_load_second;
struct aqi_threshold;

/* A test that is over. Plain data; all is borrowed. */
struct aqi_load_report {
	const char *target;		/* its URL */
	const char *plan;		/* "50 users who wait 1..3 s" */
	const struct aqi_load_result *result;
	const char *const *names;	/* of its tasks */
	const struct aqi_threshold *thresholds;	/* (n_thresholds,) */
	size_t n_thresholds;
	bool has_default;	/* without a failed request, too */
};

/* Something was measured, no threshold is missed, and no request has failed
 * where that is the default. */
bool aqi_load_report_is_good(const struct aqi_load_report *report);

/* A page of text. */
void aqi_load_report_text(const struct aqi_load_report *report,
			  struct aqi_buffer *out);

/* One JSON document. */
void aqi_load_report_json(const struct aqi_load_report *report,
			  struct aqi_buffer *out);

/* A JUnit document: a case for each threshold, and one for the test. */
void aqi_load_report_junit(const struct aqi_load_report *report,
			   struct aqi_buffer *out);

/* CSV, a line a second: its header, and a line. */
void aqi_load_report_csv_header(struct aqi_buffer *out);
void aqi_load_report_csv(const struct aqi_load_second *second,
			 struct aqi_buffer *out);

/* A second in a few words, without an end of line. */
void aqi_load_report_live(const struct aqi_load_second *second,
			  struct aqi_buffer *out);

#endif
