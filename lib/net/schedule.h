/*
 * schedule.h: when each request of an open load is due.
 *
 * A schedule is a row of stages, each with a rate that stays or goes in a
 * straight line from one to another. Request k is due when the integral of the
 * rate reaches k (the first one at once), or, for random arrivals, when it
 * reaches the sum of k exponential gaps of mean 1: a Poisson process of that
 * rate. Nothing adds up but the count: the billionth is due when it should.
 */
#ifndef AQI_NET_SCHEDULE_H
#define AQI_NET_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"

#define AQI_STAGES 64

struct aqi_stage {
	double from, to;	/* requests a second, at its ends */
	double seconds;		/* INFINITY: without end, and last */
};

/* Plain data. One thread each. */
struct aqi_schedule {
	struct aqi_stage stages[AQI_STAGES];	/* (n_stages,) */
	size_t n_stages;
	bool is_random;
	struct aqi_random random;
	/* Where it stands; all zero at the start: */
	size_t stage;
	double begun_s, begun_count;	/* of the stage at hand */
	double next_count;		/* of the request to come */
};

/*
 * Read stages from a text: RATE[:DURATION] or FROM..TO:DURATION, with commas
 * between; only the last may have no duration. The schedule is then at its
 * start, and not random. Fails with AQI_E_USAGE.
 */
enum aqi_status aqi_schedule_read(struct aqi_schedule *schedule,
				  struct aqi_slice text,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* How long all stages take, in seconds; INFINITY without end. */
double aqi_schedule_seconds(const struct aqi_schedule *schedule);

/* How many requests the rate comes to in so many seconds. */
double aqi_schedule_count(const struct aqi_schedule *schedule, double seconds);

/*
 * When the next request is due, in ns from the start; false behind the last.
 * A schedule does not go back.
 */
bool aqi_schedule_next(struct aqi_schedule *schedule, uint64_t *due_ns);

#endif
