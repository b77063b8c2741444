/*
 * load.h: requests sent to a server by a plan, and what came of them.
 *
 * There are two plans. In the closed one there are users, each with a
 * connection of its own, who send a request, wait for the answer, wait a while,
 * and send the next: a slow server is asked less. In the open one requests are
 * due at moments that do not depend on the server, and take whatever connection
 * is free: where none is, the request stays due, and that is part of its
 * latency.
 *
 * Connections are opened before the clock starts. When time is over nothing new
 * becomes due; what is due or under way is still waited for, until the time
 * limit of one request at the most.
 */
#ifndef AQI_NET_LOAD_H
#define AQI_NET_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "net/client.h"
#include "net/load_result.h"

struct aqi_load;		/* one thread, but for aqi_load_interrupt */

/* The next request, for the source to fill. */
struct aqi_load_request {
	struct aqi_buffer *bytes;	/* empty; the whole request */
	size_t task;			/* whose it is, below n_tasks */
	bool is_head;			/* its method is HEAD */
	uint64_t tag;			/* comes back with the answer */
	uint64_t number;		/* in: how many came before it */
	uint64_t due_ns;		/* in: from the start */
};

/* What came of one; borrowed. */
struct aqi_load_answer {
	size_t task;
	uint64_t tag, number;	/* of the request */
	struct aqi_slice request;
	unsigned status;	/* 0: none came */
	struct aqi_slice body;	/* where bodies are kept */
	enum aqi_outcome outcome;	/* as far as the connection tells */
};

/* A second of the test, or what is left of one at its end. */
struct aqi_load_second {
	uint64_t number;		/* from 1 */
	double seconds;			/* since the start */
	struct aqi_load_counts counts;	/* of what came to its end in it */
	struct aqi_load_counts total;	/* and since the start */
	const struct aqi_histogram *latency;	/* of it; borrowed */
	size_t n_busy;			/* requests under way */
};

/* Who makes the requests and looks at the answers. */
struct aqi_load_source {
	void *self;
	/* AQI_OK; AQI_END: there are no more; AQI_FATAL: the test is over. */
	enum aqi_status (*next)(void *self, struct aqi_load_request *request,
				struct aqi_error *err);
	/* The open plan; NULL for the closed one. False behind the last. */
	bool (*due)(void *self, uint64_t *due_ns);
	/* What to count it as; NULL: as any status from 200 to 299 is good. */
	enum aqi_outcome (*answered)(void *self,
				     const struct aqi_load_answer *answer);
	/* NULL: nobody asks. */
	void (*second)(void *self, const struct aqi_load_second *second);
};

struct aqi_load_options {
	/* (n_addresses,) borrowed; the first that can be connected to counts */
	const struct aqi_address *addresses;
	size_t n_addresses;
	struct aqi_load_source source;
	size_t n_tasks;
	size_t n_connections;	/* or users, of the closed plan */
	uint64_t wait_least_ns, wait_most_ns;	/* of users */
	uint64_t timeout_ns;	/* of a request, and of opening */
	uint64_t duration_ns;	/* 0: no limit */
	uint64_t n_requests;	/* 0: no limit */
	uint64_t seed;		/* of the users' waits */
	bool closes;		/* have a new connection for each request */
	bool keeps_bodies;	/* the source looks at them */
};

/* Fails with AQI_E_MEMORY or AQI_E_IO; NULL then. */
struct aqi_load *aqi_load_new(const struct aqi_load_options *options,
			      struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Run the test, once. Where not one connection could be opened it is over
 * before it starts, with n_opened 0. AQI_FATAL: the source failed, or waiting.
 */
enum aqi_status aqi_load_run(struct aqi_load *load,
			     struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Send nothing more, wait a second at the most for what is under way, and let
 * aqi_load_run return. From any thread, or a signal handler.
 */
void aqi_load_interrupt(struct aqi_load *load);

/* Borrowed; whole when aqi_load_run has returned. */
const struct aqi_load_result *aqi_load_result(const struct aqi_load *load);

void aqi_load_free(struct aqi_load *load);

#endif
