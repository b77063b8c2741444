/* clock.h: time that only goes forward, to measure with. */
#ifndef AQI_BASE_CLOCK_H
#define AQI_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Since some moment that stays the same while the system runs. */
static inline uint64_t
aqi_clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

#endif
