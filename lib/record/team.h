/*
 * team.h: chunks that several threads read and work on, in turn.
 *
 * A lane holds a chunk and all that comes of it. Whoever is free reads the next
 * chunk and works on it, in the lane that this thread has used last of those
 * that are free: so a chunk's bytes, and all memory of a lane, stay in the
 * cache of one processor. Chunks end in the order in which they were read,
 * whichever was done first, and only their owner ends them.
 *
 * One thread owns a team: it works as the helpers do, and what must happen in
 * one place is its own. Of the functions below all are for the owner. Helpers
 * read only while reading is open to them, and never wait for bytes.
 *
 * At first there is one lane and no helper.
 */
#ifndef AQI_RECORD_TEAM_H
#define AQI_RECORD_TEAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/batch.h"
#include "record/reader.h"

struct aqi_team;

struct aqi_lane {
	struct aqi_reading reading;
	struct aqi_parsing parsing;
	struct aqi_batch batch;
	uint64_t bytes_read;	/* of all input, behind this chunk */
	/* The team's: */
	bool is_in_flight, is_done;
	size_t thread;		/* which has used it last, or is to use it */
	size_t used;		/* the number of that chunk, from 1 */
	enum aqi_status status;	/* of the reading or the work */
	struct aqi_error err;
};

/* What the threads of a team do. */
struct aqi_duties {
	void *self;
	/* The next chunk, without waiting: one thread at a time, and none while
	 * the owner reads. AQI_REJECT, AQI_END: it is left to the owner. */
	enum aqi_status (*read)(void *self, struct aqi_lane *lane,
				struct aqi_error *err);
	/* Work on a chunk: several threads at once, with a lane each. */
	enum aqi_status (*work)(const void *self, struct aqi_lane *lane,
				struct aqi_error *err);
};

/* A team of one lane, without helpers. NULL: memory. */
struct aqi_team *aqi_team_new(struct aqi_duties duties);

/*
 * Have n_threads from now on, the owner among them, or as many as can be had
 * and as there is address space for. The lane there was is the next one, with
 * all that is in it, but at another place in memory. false: there are no
 * helpers, or no memory for their lanes; all is as it was.
 */
bool aqi_team_start(struct aqi_team *team, size_t n_threads);

/* The lane there is while there are no helpers. */
struct aqi_lane *aqi_team_lane(const struct aqi_team *team);

/*
 * Claim reading, which no helper does meanwhile: the lane for the next chunk.
 * NULL: a helper reads, or all lanes are in flight. aqi_team_begin or _close
 * gives it up.
 */
struct aqi_lane *aqi_team_claim(struct aqi_team *team);

/*
 * The claimed lane has a chunk, which is in flight from now on. `more`: helpers
 * may read those behind it. The owner works on this one before it returns.
 */
void aqi_team_begin(struct aqi_team *team, bool more);

/* Nothing is claimed, and no helper reads, until the next aqi_team_begin. */
void aqi_team_close(struct aqi_team *team);

/* How many chunks were read and have not ended. */
size_t aqi_team_in_flight(struct aqi_team *team);

/* The lane that was read last, if any was; behind aqi_team_close. */
const struct aqi_lane *aqi_team_last(const struct aqi_team *team);

/*
 * The lane that was read first of those in flight, if it is done; else NULL.
 * It is borrowed until it is ended; lane->status and err say how it went.
 */
struct aqi_lane *aqi_team_done(struct aqi_team *team);

/* That lane is free for another chunk. */
void aqi_team_end(struct aqi_team *team);

/* Until aqi_team_done has one, or there is none in flight. */
void aqi_team_wait_done(struct aqi_team *team);

/* Until aqi_team_done or aqi_team_claim has one. */
void aqi_team_wait(struct aqi_team *team);

/* Work that has begun comes to an end first. NULL does nothing. */
void aqi_team_free(struct aqi_team *team);

#endif
