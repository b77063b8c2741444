/* duration.h: spans of time as people write them. */
#ifndef AQI_BASE_DURATION_H
#define AQI_BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define AQI_SECOND_NS UINT64_C(1000000000)

/* The longest span that is read: four weeks. */
#define AQI_DURATION_MAX_NS (UINT64_C(28) * 86400 * AQI_SECOND_NS)

/*
 * Read a span: digits, perhaps with a point among them, and a unit, us, ms, s,
 * m or h. Without a unit it is of seconds. Beyond nine decimals nothing counts.
 * false: it is none, or longer than the longest.
 */
bool aqi_duration_read(struct aqi_slice text, uint64_t *ns);

/* Enough for every span that is written, with its NUL. */
#define AQI_DURATION_SIZE 32

/*
 * Write a span as people read it, three digits of it or more: "64 us",
 * "1.25 ms", "950 ms", "12.3 s". Returns out.
 */
const char *aqi_duration_write(char out[AQI_DURATION_SIZE], double ns);

#endif
