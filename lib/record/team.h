/*
 * team.h: chunks that are worked on, one after the other or by threads.
 *
 * A lane holds a chunk that was read and all that comes of it. At first there
 * is one lane, whose user works on the chunk. When the team has threads, there
 * are several lanes, used in turn: a chunk is read into the next one and begun,
 * and some thread works on it, while others are read and begun. They end in the
 * order in which they were begun, whichever was done first.
 *
 * One thread uses a team; the team's own only run the work.
 */
#ifndef AQI_RECORD_TEAM_H
#define AQI_RECORD_TEAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/pool.h"
#include "record/batch.h"
#include "record/reader.h"

struct aqi_team;

struct aqi_lane {
	struct aqi_reading reading;
	struct aqi_parsing parsing;
	struct aqi_batch batch;
	/* The team's: */
	const struct aqi_team *team;
	struct aqi_job job;
	enum aqi_status status;		/* of the work, when the job is done */
	struct aqi_error err;
};

/* Work on the chunk of a lane: several threads at once, with a lane each. */
typedef enum aqi_status aqi_team_fn(const void *self, struct aqi_lane *lane,
				    struct aqi_error *err);

/* A team of one lane, without threads. NULL: memory. */
struct aqi_team *aqi_team_new(aqi_team_fn *work, const void *self);

/*
 * Have n_threads, or as many as can be had and as there is address space for,
 * from now on. The lane there was is the next one, with all that is in it, but
 * at another place in memory. false: there are none, or no memory for their
 * lanes; all is as it was.
 */
bool aqi_team_start(struct aqi_team *team, size_t n_threads);

/* The lane for the next chunk; NULL: all are in flight, and one must end. */
struct aqi_lane *aqi_team_next(const struct aqi_team *team);

/* Have the chunk of that lane worked on. The team must have threads. */
void aqi_team_begin(struct aqi_team *team);

/* How many chunks were begun and have not ended. */
size_t aqi_team_in_flight(const struct aqi_team *team);

/*
 * Wait for the chunk that was begun first of those in flight. *lane, out: its
 * lane, borrowed until it comes to be the next again. Fails as the work did.
 */
enum aqi_status aqi_team_end(struct aqi_team *team, struct aqi_lane **lane,
			     struct aqi_error *err) AQI_MUST_CHECK;

/* Work that has begun comes to an end first; what is in flight besides is never
 * worked on. NULL does nothing. */
void aqi_team_free(struct aqi_team *team);

#endif
