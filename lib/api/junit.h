/*
 * junit.h: what was tested, as the XML that CI systems read. Private to the
 * library.
 */
#ifndef AQI_API_JUNIT_H
#define AQI_API_JUNIT_H

#include <stddef.h>

struct aqi_buffer;

/* seconds: how long it took; below 0 where that is not told. */
void aqi_junit_begin(struct aqi_buffer *out, const char *suite,
		     size_t n_cases, size_t n_failed, double seconds);

/* One of its cases; reason: why it has failed, NULL where it has not. */
void aqi_junit_add(struct aqi_buffer *out, const char *name,
		   const char *reason);

void aqi_junit_end(struct aqi_buffer *out);

#endif
