#include "record/team.h"

#include <stdlib.h>
#include <sys/mman.h>

/* Lanes for each thread: the one it works on, and others that wait for it, or
 * for their turn to be written. More would only take memory. */
#define LANES_PER_THREAD 2

/*
 * Address space that a thread takes: 8 MiB of stack, 64 MiB that the C library
 * sets apart for what a thread allocates, and a few for each lane. Most of it
 * is never touched, but counts where address space is limited. Larger, there
 * would be fewer threads than could be; smaller, a run could be left without
 * memory by its own threads.
 */
#define SPACE_PER_THREAD ((size_t)96 * 1024 * 1024)

struct aqi_team {
	aqi_team_fn *work;
	const void *self;
	struct aqi_lane *lanes;	/* (n_lanes,) used in turn */
	size_t n_lanes;
	struct aqi_pool *pool;	/* NULL: no threads work */
	size_t n_begun, n_ended;
};

struct aqi_team *
aqi_team_new(aqi_team_fn *work, const void *self)
{
	struct aqi_team *team = calloc(1, sizeof *team);

	if (!team)
		return NULL;
	*team = (struct aqi_team){
		.work = work, .self = self,
		.lanes = calloc(1, sizeof *team->lanes), .n_lanes = 1};
	if (team->lanes)
		return team;
	free(team);
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

bool
aqi_team_start(struct aqi_team *team, size_t n_threads)
{
	struct aqi_lane *lanes;

	while (n_threads > 0 && !fit(n_threads))
		n_threads /= 2;
	if (n_threads == 0)
		return false;
	lanes = calloc(n_threads, LANES_PER_THREAD * sizeof *lanes);
	if (!lanes)
		return false;
	team->pool = aqi_pool_new(n_threads);
	if (!team->pool) {
		free(lanes);
		return false;
	}
	lanes[0] = team->lanes[0];
	free(team->lanes);
	team->lanes = lanes;
	team->n_lanes = n_threads * LANES_PER_THREAD;
	return true;
}

struct aqi_lane *
aqi_team_next(const struct aqi_team *team)
{
	return aqi_team_in_flight(team) == team->n_lanes ? NULL :
	       &team->lanes[team->n_begun % team->n_lanes];
}

static void
work(void *self)
{
	struct aqi_lane *lane = self;

	lane->status = lane->team->work(lane->team->self, lane, &lane->err);
}

void
aqi_team_begin(struct aqi_team *team)
{
	struct aqi_lane *lane =
		&team->lanes[team->n_begun % team->n_lanes];

	lane->team = team;
	lane->job = (struct aqi_job){.run = work, .self = lane};
	team->n_begun++;
	aqi_pool_add(team->pool, &lane->job);
}

size_t
aqi_team_in_flight(const struct aqi_team *team)
{
	return team->n_begun - team->n_ended;
}

enum aqi_status
aqi_team_end(struct aqi_team *team, struct aqi_lane **lane,
	     struct aqi_error *err)
{
	struct aqi_lane *first = &team->lanes[team->n_ended % team->n_lanes];

	aqi_pool_wait(team->pool, &first->job);
	team->n_ended++;
	*lane = first;
	if (first->status != AQI_OK)
		*err = first->err;
	return first->status;
}

void
aqi_team_free(struct aqi_team *team)
{
	if (!team)
		return;
	aqi_pool_free(team->pool);
	for (size_t i = 0; i < team->n_lanes; i++) {
		aqi_batch_free(&team->lanes[i].batch);
		aqi_parsing_free(&team->lanes[i].parsing);
		aqi_reading_free(&team->lanes[i].reading);
	}
	free(team->lanes);
	free(team);
}
