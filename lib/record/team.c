#include "record/team.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/pool.h"

/* Lanes for each thread: the one it works on, and others that wait for their
 * turn to end. More would only take memory. */
#define LANES_PER_THREAD 2

/*
 * Address space that a thread takes: 8 MiB of stack, 64 MiB that the C library
 * sets apart for what a thread allocates, and a few for each lane. Most of it
 * is never touched, but counts where address space is limited. Larger, there
 * would be fewer threads than could be; smaller, a run could be left without
 * memory by its own threads.
 */
#define SPACE_PER_THREAD ((size_t)96 * 1024 * 1024)

/* A thread that is not the owner. */
struct helper {
	struct aqi_team *team;
	size_t thread;		/* from 1; the owner is 0 */
	struct aqi_job job;
};

/* The mutex guards what changes hands: who reads, and which lanes are in whose.
 * A lane's content belongs to who reads into it or works on it, and to the
 * owner from when it is done. */
struct aqi_team {
	struct aqi_duties duties;
	struct aqi_lane *lanes;		/* (n_lanes,) */
	struct aqi_lane **flight;	/* (n_lanes,) of those begun and not
					 * ended, by their numbers */
	size_t n_lanes;
	struct aqi_lane *claimed;	/* for the next chunk; by the reader */
	struct aqi_pool *pool;	/* NULL: no helpers */
	struct helper *helpers;	/* one a thread of the pool */
	pthread_mutex_t mutex;
	pthread_cond_t for_owner, for_helpers;
	enum { NOBODY, OWNER, HELPER } reader;
	bool is_open;		/* helpers may read */
	bool ends;
	size_t n_begun, n_ended;
};

struct aqi_team *
aqi_team_new(struct aqi_duties duties)
{
	struct aqi_team *team = calloc(1, sizeof *team);

	if (!team)
		return NULL;
	team->duties = duties;
	team->lanes = calloc(1, sizeof *team->lanes);
	team->flight = calloc(1, sizeof(struct aqi_lane *));
	team->n_lanes = 1;
	pthread_mutex_init(&team->mutex, NULL);
	pthread_cond_init(&team->for_owner, NULL);
	pthread_cond_init(&team->for_helpers, NULL);
	if (team->lanes && team->flight)
		return team;
	aqi_team_free(team);
	return NULL;
}

/* Is there space for so many threads? Nothing is taken of it. */
static bool
fit(size_t n_threads)
{
	const size_t size = n_threads * SPACE_PER_THREAD;
	void *space;

	if (size / SPACE_PER_THREAD != n_threads)
		return false;
	space = mmap(NULL, size, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (space == MAP_FAILED)
		return false;
	munmap(space, size);
	return true;
}

/* Is x rather to be used than y? What a thread has used last is in its cache;
 * what others have used is in theirs. */
static bool
is_better(const struct aqi_lane *x, const struct aqi_lane *y, size_t thread)
{
	if (x->is_in_flight || y->is_in_flight)
		return y->is_in_flight && !x->is_in_flight;
	if ((x->thread == thread) != (y->thread == thread))
		return x->thread == thread;
	return x->thread == thread ? x->used > y->used : x->used < y->used;
}

/* For a thread that is going to read: there is a lane that is not in flight. */
static struct aqi_lane *
claim_lane(struct aqi_team *team, size_t thread)
{
	struct aqi_lane *best = team->lanes;

	for (size_t i = 1; i < team->n_lanes; i++)
		if (is_better(&team->lanes[i], best, thread))
			best = &team->lanes[i];
	best->thread = thread;
	team->claimed = best;
	return best;
}

/* Number n of those begun. */
static struct aqi_lane **
place_of(const struct aqi_team *team, size_t n)
{
	return &team->flight[n % team->n_lanes];
}

static struct aqi_lane *
first_lane(const struct aqi_team *team)
{
	return *place_of(team, team->n_ended);
}

/* With the mutex, as all up to help. */
static bool
can_read(const struct aqi_team *team)
{
	return team->reader == NOBODY &&
	       team->n_begun - team->n_ended < team->n_lanes;
}

static bool
has_done(const struct aqi_team *team)
{
	return team->n_ended < team->n_begun && first_lane(team)->is_done;
}

/* The claimed lane has its chunk, or is what reading failed with. */
static struct aqi_lane *
begin(struct aqi_team *team, bool more)
{
	struct aqi_lane *lane = team->claimed;

	lane->is_done = false;
	lane->is_in_flight = true;
	*place_of(team, team->n_begun++) = lane;
	lane->used = team->n_begun;
	team->reader = NOBODY;
	team->is_open = more;
	if (more)
		pthread_cond_signal(&team->for_helpers);
	return lane;
}

static void
finish(struct aqi_team *team, struct aqi_lane *lane)
{
	lane->is_done = true;
	if (lane == first_lane(team))
		pthread_cond_signal(&team->for_owner);
}

/* Read the next chunk, and work on it while others read on. */
static void
take_chunk(struct aqi_team *team, size_t thread)
{
	const struct aqi_duties *duties = &team->duties;
	struct aqi_lane *lane;
	enum aqi_status status;

	team->reader = HELPER;
	lane = claim_lane(team, thread);
	pthread_mutex_unlock(&team->mutex);
	status = duties->read(duties->self, lane, &lane->err);
	pthread_mutex_lock(&team->mutex);
	/* The owner may wait to read. */
	pthread_cond_signal(&team->for_owner);
	if (status == AQI_REJECT || status == AQI_END) {
		team->reader = NOBODY;
		team->is_open = false;
		return;
	}
	lane->status = status;
	begin(team, status == AQI_OK && team->is_open);
	if (status == AQI_OK) {
		pthread_mutex_unlock(&team->mutex);
		lane->status = duties->work(duties->self, lane, &lane->err);
		pthread_mutex_lock(&team->mutex);
	}
	finish(team, lane);
}

static void
help(void *self)
{
	const struct helper *helper = self;
	struct aqi_team *team = helper->team;

	pthread_mutex_lock(&team->mutex);
	while (!team->ends) {
		if (team->is_open && can_read(team))
			take_chunk(team, helper->thread);
		else
			pthread_cond_wait(&team->for_helpers, &team->mutex);
	}
	pthread_mutex_unlock(&team->mutex);
}

static bool
start_helpers(struct aqi_team *team, size_t n)
{
	team->helpers = calloc(n, sizeof *team->helpers);
	team->pool = team->helpers ? aqi_pool_new(n) : NULL;
	for (size_t i = 0; team->pool && i < n; i++) {
		struct helper *helper = &team->helpers[i];

		*helper = (struct helper){
			.team = team, .thread = i + 1,
			.job = {.run = help, .self = helper},
		};
		aqi_pool_add(team->pool, &helper->job);
	}
	if (!team->pool) {
		free(team->helpers);
		team->helpers = NULL;
	}
	return team->pool != NULL;
}

/* Other lanes, the first of which is the one there was. */
static void
set_lanes(struct aqi_team *team, struct aqi_lane *lanes,
	  struct aqi_lane **flight, size_t n)
{
	lanes[0] = team->lanes[0];
	for (size_t i = 0; i < n; i++)
		lanes[i].thread = i / LANES_PER_THREAD;
	free(team->lanes);
	free(team->flight);
	team->lanes = lanes;
	team->flight = flight;
	team->n_lanes = n;
}

bool
aqi_team_start(struct aqi_team *team, size_t n_threads)
{
	struct aqi_lane *lanes, **flight;
	size_t n;

	while (n_threads > 1 && !fit(n_threads - 1))
		n_threads /= 2;
	if (n_threads < 2)
		return false;
	n = n_threads * LANES_PER_THREAD;
	lanes = calloc(n, sizeof *lanes);
	flight = calloc(n, sizeof(struct aqi_lane *));
	/* Helpers look at no lane before reading is open to them. */
	if (lanes && flight && start_helpers(team, n_threads - 1)) {
		set_lanes(team, lanes, flight, n);
		return true;
	}
	free(lanes);
	free(flight);
	return false;
}

struct aqi_lane *
aqi_team_lane(const struct aqi_team *team)
{
	return team->lanes;
}

struct aqi_lane *
aqi_team_claim(struct aqi_team *team)
{
	struct aqi_lane *lane = NULL;

	pthread_mutex_lock(&team->mutex);
	if (can_read(team)) {
		team->reader = OWNER;
		lane = claim_lane(team, 0);
	}
	pthread_mutex_unlock(&team->mutex);
	return lane;
}

void
aqi_team_begin(struct aqi_team *team, bool more)
{
	const struct aqi_duties *duties = &team->duties;
	struct aqi_lane *lane;

	pthread_mutex_lock(&team->mutex);
	lane = begin(team, more);
	pthread_mutex_unlock(&team->mutex);
	lane->status = duties->work(duties->self, lane, &lane->err);
	pthread_mutex_lock(&team->mutex);
	lane->is_done = true;
	pthread_mutex_unlock(&team->mutex);
}

void
aqi_team_close(struct aqi_team *team)
{
	pthread_mutex_lock(&team->mutex);
	team->is_open = false;
	if (team->reader == OWNER)
		team->reader = NOBODY;
	while (team->reader == HELPER)
		pthread_cond_wait(&team->for_owner, &team->mutex);
	pthread_mutex_unlock(&team->mutex);
}

size_t
aqi_team_in_flight(struct aqi_team *team)
{
	size_t n;

	pthread_mutex_lock(&team->mutex);
	n = team->n_begun - team->n_ended;
	pthread_mutex_unlock(&team->mutex);
	return n;
}

const struct aqi_lane *
aqi_team_last(const struct aqi_team *team)
{
	return team->n_begun > 0 ? *place_of(team, team->n_begun - 1) :
				   team->lanes;
}

struct aqi_lane *
aqi_team_done(struct aqi_team *team)
{
	struct aqi_lane *lane;

	pthread_mutex_lock(&team->mutex);
	lane = has_done(team) ? first_lane(team) : NULL;
	pthread_mutex_unlock(&team->mutex);
	return lane;
}

void
aqi_team_end(struct aqi_team *team)
{
	pthread_mutex_lock(&team->mutex);
	first_lane(team)->is_in_flight = false;
	team->n_ended++;
	if (team->is_open)
		pthread_cond_signal(&team->for_helpers);
	pthread_mutex_unlock(&team->mutex);
}

void
aqi_team_wait_done(struct aqi_team *team)
{
	pthread_mutex_lock(&team->mutex);
	while (team->n_ended < team->n_begun && !has_done(team))
		pthread_cond_wait(&team->for_owner, &team->mutex);
	pthread_mutex_unlock(&team->mutex);
}

void
aqi_team_wait(struct aqi_team *team)
{
	pthread_mutex_lock(&team->mutex);
	while (!has_done(team) && !can_read(team))
		pthread_cond_wait(&team->for_owner, &team->mutex);
	pthread_mutex_unlock(&team->mutex);
}

/* The helpers' work that has begun is done when it returns. */
static void
end_helpers(struct aqi_team *team)
{
	pthread_mutex_lock(&team->mutex);
	team->ends = true;
	pthread_cond_broadcast(&team->for_helpers);
	pthread_mutex_unlock(&team->mutex);
	aqi_pool_free(team->pool);
}

void
aqi_team_free(struct aqi_team *team)
{
	if (!team)
		return;
	end_helpers(team);
	for (size_t i = 0; team->lanes && i < team->n_lanes; i++) {
		aqi_batch_free(&team->lanes[i].batch);
		aqi_parsing_free(&team->lanes[i].parsing);
		aqi_reading_free(&team->lanes[i].reading);
	}
	pthread_cond_destroy(&team->for_helpers);
	pthread_cond_destroy(&team->for_owner);
	pthread_mutex_destroy(&team->mutex);
	free(team->helpers);
	free(team->flight);
	free(team->lanes);
	free(team);
}
