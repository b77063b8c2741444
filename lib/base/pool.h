/*
 * pool.h: some threads that work on jobs.
 *
 * Jobs begin in the order in which they are added and end in any. What a job
 * has done is seen by who has waited for it. The threads take no signals: these
 * go to the threads that were there before.
 */
#ifndef AQI_BASE_POOL_H
#define AQI_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct aqi_pool;	/* aqi_pool_add and _wait: one thread */

/* Lives with who adds it, until it is waited for. Zero-initialised. */
struct aqi_job {
	void (*run)(void *self);
	void *self;
	struct aqi_job *next;	/* the pool's, as is_done is */
	bool is_done;
};

/* At least one thread and at most n_threads; NULL where none can be had. */
struct aqi_pool *aqi_pool_new(size_t n_threads);

void aqi_pool_add(struct aqi_pool *pool, struct aqi_job *job);

/* Until the job, which was added, is done. */
void aqi_pool_wait(struct aqi_pool *pool, const struct aqi_job *job);

/*
 * Run n jobs, this thread among those that do, and return when all are done.
 * Where no other thread can be had, this one does all.
 */
void aqi_pool_share(struct aqi_job *jobs, size_t n);

/* Jobs that have not begun never do; those that have are done when it returns.
 * NULL does nothing. */
void aqi_pool_free(struct aqi_pool *pool);

/* How many threads this process may have working at once: its processors. */
size_t aqi_pool_processors(void);

#endif
