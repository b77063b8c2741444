/* worker.h: one thread of a server: it accepts and serves. Private to net. */
#ifndef AQI_NET_WORKER_H
#define AQI_NET_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/address.h"
#include "net/connection.h"
#include "net/exchange.h"
#include "net/loop.h"
#include "net/tally.h"

/*
 * So much of a body is read at once, and of what begins with a head. More of a
 * body takes fewer calls; more of heads does, too, for clients that send many
 * at once, but is kept for those of them that do not read.
 */
#define AQI_WORKER_READ (64 * 1024)
#define AQI_WORKER_READ_HEAD (8 * 1024)

struct aqi_listener {
	struct aqi_worker *worker;
	struct aqi_watch watch;		/* fd -1: closed */
	bool is_shared;			/* with the other workers: a path */
};

/* What workers have in common. */
struct aqi_server_state {
	struct aqi_server_options options;
	struct aqi_tally *tally;	/* NULL: no limit for a peer */
	atomic_uint_fast64_t n_accepted, n_refused;
	atomic_uint_fast64_t n_open, n_leaving;	/* let in, or refused */
	atomic_bool is_draining, is_stopping;
	atomic_uint_fast64_t limit_ns;	/* of draining, by aqi_clock_ns */
};

struct aqi_worker {
	struct aqi_server_state *state;
	struct aqi_loop *loop;
	struct aqi_answerer answerer;
	struct aqi_connection *connections;
	size_t n_connections;
	struct aqi_listener *listeners;		/* (n_listeners,) */
	size_t n_listeners;
	struct aqi_timer pause;		/* out of descriptors */
	struct aqi_timer farewell;	/* draining: listeners close */
	struct aqi_timer limit;		/* of draining */
	bool is_paused, is_draining;
	bool is_deaf;			/* no connection is to come */
	char read[AQI_WORKER_READ];
};

/*
 * Make a worker for listeners whose descriptors it takes over, but for those
 * that are shared. NULL: AQI_E_IO, AQI_E_MEMORY.
 */
struct aqi_worker *aqi_worker_new(struct aqi_server_state *state,
				  unsigned number, const int *fds,
				  const bool *is_shared, size_t n_fds,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* Serve until it has drained, or is stopped. */
enum aqi_status aqi_worker_run(struct aqi_worker *worker,
			       struct aqi_error *err) AQI_MUST_CHECK;

/* Look at the state; called in the worker's thread. */
void aqi_worker_look(struct aqi_worker *worker);

/* A connection closes: it is one less of those that are counted. */
void aqi_worker_count_out(struct aqi_worker *worker,
			  const struct aqi_connection *connection);

/* It has gone: there is a descriptor, and maybe nothing to do. */
void aqi_worker_on_close(struct aqi_worker *worker);

void aqi_worker_free(struct aqi_worker *worker);

#endif
