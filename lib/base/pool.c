#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/signals.h"

struct aqi_pool {
	pthread_mutex_t mutex;
	pthread_cond_t added, done;
	struct aqi_job *first, **last;	/* that have not begun */
	bool ends;
	size_t n_threads;
	pthread_t threads[];
};

/* The next job, for a thread that holds the mutex; NULL at the end. */
static struct aqi_job *
take(struct aqi_pool *pool)
{
	struct aqi_job *job;

	while (!pool->first && !pool->ends)
		pthread_cond_wait(&pool->added, &pool->mutex);
	if (pool->ends)
		return NULL;
	job = pool->first;
	pool->first = job->next;
	if (!pool->first)
		pool->last = &pool->first;
	return job;
}

static void *
work(void *self)
{
	struct aqi_pool *pool = self;
	struct aqi_job *job;

	pthread_mutex_lock(&pool->mutex);
	while ((job = take(pool))) {
		pthread_mutex_unlock(&pool->mutex);
		job->run(job->self);
		pthread_mutex_lock(&pool->mutex);
		job->is_done = true;
		pthread_cond_signal(&pool->done);
	}
	pthread_mutex_unlock(&pool->mutex);
	return NULL;
}

/* A thread has the mask of who starts it. */
static void
start(struct aqi_pool *pool, size_t n_threads)
{
	sigset_t before;

	aqi_signals_hold(&before);
	while (pool->n_threads < n_threads &&
	       pthread_create(&pool->threads[pool->n_threads], NULL, work,
			      pool) == 0)
		pool->n_threads++;
	aqi_signals_release(&before);
}

struct aqi_pool *
aqi_pool_new(size_t n_threads)
{
	struct aqi_pool *pool =
		calloc(1, sizeof *pool + n_threads * sizeof *pool->threads);

	if (!pool)
		return NULL;
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->added, NULL);
	pthread_cond_init(&pool->done, NULL);
	pool->last = &pool->first;
	start(pool, n_threads);
	if (pool->n_threads > 0)
		return pool;
	aqi_pool_free(pool);
	return NULL;
}

void
aqi_pool_add(struct aqi_pool *pool, struct aqi_job *job)
{
	job->next = NULL;
	job->is_done = false;
	pthread_mutex_lock(&pool->mutex);
	*pool->last = job;
	pool->last = &job->next;
	pthread_cond_signal(&pool->added);
	pthread_mutex_unlock(&pool->mutex);
}

void
aqi_pool_wait(struct aqi_pool *pool, const struct aqi_job *job)
{
	pthread_mutex_lock(&pool->mutex);
	while (!job->is_done)
		pthread_cond_wait(&pool->done, &pool->mutex);
	pthread_mutex_unlock(&pool->mutex);
}

void
aqi_pool_free(struct aqi_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->mutex);
	pool->ends = true;
	pthread_cond_broadcast(&pool->added);
	pthread_mutex_unlock(&pool->mutex);
	for (size_t i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->done);
	pthread_cond_destroy(&pool->added);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}

void
aqi_pool_share(struct aqi_job *jobs, size_t n)
{
	struct aqi_pool *pool = n > 1 ? aqi_pool_new(n - 1) : NULL;

	for (size_t i = 1; pool && i < n; i++)
		aqi_pool_add(pool, &jobs[i]);
	jobs[0].run(jobs[0].self);
	for (size_t i = 1; i < n; i++) {
		if (pool)
			aqi_pool_wait(pool, &jobs[i]);
		else
			jobs[i].run(jobs[i].self);
	}
	aqi_pool_free(pool);
}

size_t
aqi_pool_processors(void)
{
	cpu_set_t set;
	int n = 0;

	/* It fails where the system counts more than the set holds. */
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	else
		n = (int)sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (size_t)n : 1;
}
