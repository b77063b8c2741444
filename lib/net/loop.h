/*
 * loop.h: one thread that waits for many descriptors and moments.
 *
 * A watch or a timer is part of the struct of whoever waits, who gets called
 * when its time has come; nothing is allocated for either. Callbacks run one
 * after the other in the thread of aqi_loop_run and must not block. Each may
 * add, change and remove any watch or timer, its own too, and free what it is
 * part of.
 *
 * One thread each, but for aqi_loop_wake and aqi_loop_stop, which any thread
 * may call.
 */
#ifndef AQI_NET_LOOP_H
#define AQI_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct aqi_loop;

/*
 * What a descriptor is ready for. One that has failed, or whose other end has
 * gone, is ready for both: the call that follows tells.
 */
enum { AQI_READY_NOT = 0, AQI_READY_IN = 1, AQI_READY_OUT = 2 };

typedef void aqi_ready_fn(void *self, unsigned ready);

/* Filled by the caller but for `wanted`. */
struct aqi_watch {
	int fd;
	unsigned wanted;	/* what for; kept by the loop */
	aqi_ready_fn *ready;
	void *self;
};

typedef void aqi_due_fn(void *self);

/* The caller fills due and self and leaves the rest zero. */
struct aqi_timer {
	aqi_due_fn *due;
	void *self;
	uint64_t due_ns;	/* by aqi_clock_ns; while it is set */
	struct aqi_timer *child, *next, *prev;	/* of the loop's heap */
	bool is_set;
};

/* NULL without memory or descriptors. */
struct aqi_loop *aqi_loop_new(struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Wait for a descriptor to become ready for any of `wanted`. It is told again
 * as long as it is ready. Fails with AQI_E_IO, such as for a regular file.
 */
enum aqi_status aqi_loop_watch(struct aqi_loop *loop, struct aqi_watch *watch,
			       unsigned wanted,
			       struct aqi_error *err) AQI_MUST_CHECK;

/* The same for one that several loops watch: a connection wakes one of them. */
enum aqi_status aqi_loop_watch_shared(struct aqi_loop *loop,
				      struct aqi_watch *watch, unsigned wanted,
				      struct aqi_error *err) AQI_MUST_CHECK;

/* Wait for something else from now on. Without a change it costs nothing. */
void aqi_loop_want(struct aqi_loop *loop, struct aqi_watch *watch,
		   unsigned wanted);

/* Forget a watch, before its descriptor is closed. */
void aqi_loop_unwatch(struct aqi_loop *loop, struct aqi_watch *watch);

/* Call at due_ns, once; a timer that is set already is moved. */
void aqi_loop_set(struct aqi_loop *loop, struct aqi_timer *timer,
		  uint64_t due_ns);

/* Does nothing for one that is not set. */
void aqi_loop_unset(struct aqi_loop *loop, struct aqi_timer *timer);

/* The time as aqi_clock_ns gave it when the loop last woke up. */
uint64_t aqi_loop_now(const struct aqi_loop *loop);

/* Read the clock anew. */
uint64_t aqi_loop_look(struct aqi_loop *loop);

/* What aqi_loop_wake has the loop's thread call. Set before the loop runs. */
void aqi_loop_on_wake(struct aqi_loop *loop, aqi_due_fn *woken, void *self);

/* From any thread, or a signal handler. */
void aqi_loop_wake(struct aqi_loop *loop);

/* Call until aqi_loop_stop; fails with AQI_E_IO when waiting does. */
enum aqi_status aqi_loop_run(struct aqi_loop *loop,
			     struct aqi_error *err) AQI_MUST_CHECK;

/* From any thread: aqi_loop_run returns behind the callback it is in. */
void aqi_loop_stop(struct aqi_loop *loop);

/* Closes no descriptor of the watches. */
void aqi_loop_free(struct aqi_loop *loop);

#endif
