/* load_result.h: what a load test has measured. */
#ifndef AQI_NET_LOAD_RESULT_H
#define AQI_NET_LOAD_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/histogram.h"
#include "net/outcome.h"

/*
 * Requests by what came of them. Each that was sent is counted once, when that
 * is known: sent = ok + failed + timed out.
 */
struct aqi_load_counts {
	uint64_t of[AQI_OUTCOMES];
};

uint64_t aqi_load_sent(const struct aqi_load_counts *counts);

/* All that are neither ok nor timed out. */
uint64_t aqi_load_failed(const struct aqi_load_counts *counts);

/*
 * Both histograms hold the requests that got a whole answer, good or bad, and
 * those that timed out, as long as they were waited for; the others took no
 * time that means anything.
 */
struct aqi_load_task {
	struct aqi_load_counts counts;
	struct aqi_histogram latency;	/* from the moment it was due */
	struct aqi_histogram service;	/* from the moment it was sent */
};

#define AQI_LOAD_STATUSES 1000

struct aqi_load_result {
	struct aqi_load_task all;
	struct aqi_load_task *tasks;	/* (n_tasks,) */
	size_t n_tasks;
	uint64_t statuses[AQI_LOAD_STATUSES];	/* whole answers by status */
	/*
	 * From when a request was due to when it was sent, of those that a
	 * connection was free for: what the client itself added.
	 */
	struct aqi_histogram lateness;
	uint64_t n_waited;	/* the others: all connections were busy */
	uint64_t n_unsent;	/* were due, but the test was over */
	uint64_t n_cut_off;	/* under way when it was interrupted */
	size_t n_connections;	/* asked for */
	size_t n_opened;	/* of these, before the clock started */
	uint64_t n_reopened;	/* later, for a request */
	int error;		/* errno of a connection refused; 0: none */
	double seconds;		/* from the start to the last answer */
	double sending_seconds;	/* what rates are of: of the closed plan, the
				 * same; of the open one, how long requests were
				 * due, or took to be sent when that was more */
	double busy_seconds;	/* of a processor, for all of it */
	bool is_interrupted;
};

/* NULL without memory. */
struct aqi_load_result *aqi_load_result_new(size_t n_tasks);

/* Make `all` what its tasks come to. */
void aqi_load_result_sum(struct aqi_load_result *result);

void aqi_load_result_free(struct aqi_load_result *result);

#endif
