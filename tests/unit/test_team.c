/* Chunks that threads work on: in which lanes, and in which order they end. */
#include "record/team.h"

#include <unistd.h>

#include "tap.h"

#define N_CHUNKS 100
#define BAD_CHUNK 77

/* The later of two chunks is often done first. What comes of one is its number
 * and one more. */
static enum aqi_status
work(const void *self, struct aqi_lane *lane, struct aqi_error *err)
{
	const size_t number = lane->reading.first_record;

	usleep(number % 2 ? 10 : 500);
	lane->batch.n_rows = number + 1;
	return number == *(const size_t *)self ?
	       aqi_error_set(err, AQI_E_DATA, "chunk %zu", number) : AQI_OK;
}

static void
begin(struct aqi_team *team, size_t number)
{
	aqi_team_next(team)->reading.first_record = number;
	aqi_team_begin(team);
}

static void
test_alone(void)
{
	const size_t none = N_CHUNKS;
	struct aqi_team *team = aqi_team_new(work, &none);

	ok(aqi_team_next(team) && aqi_team_next(team) == aqi_team_next(team) &&
	   aqi_team_in_flight(team) == 0,
	   "without threads there is one lane, and nothing in flight");
	aqi_team_next(team)->reading.first_record = 5;
	ok(aqi_team_start(team, 2) &&
	   aqi_team_next(team)->reading.first_record == 5,
	   "with threads the lane there was is the next one");
	aqi_team_free(team);
	aqi_team_free(NULL);
}

/* Begin all chunks, and end those that must. Returns how many ended in order
 * with what should come of them. */
static size_t
run_all(struct aqi_team *team, size_t *most_in_flight)
{
	struct aqi_lane *lane;
	struct aqi_error err;
	size_t n_begun = 0, n_right = 0;

	*most_in_flight = 0;
	for (size_t n = 0; n < N_CHUNKS; n++) {
		for (; n_begun < N_CHUNKS && aqi_team_next(team); n_begun++)
			begin(team, n_begun);
		if (aqi_team_in_flight(team) > *most_in_flight)
			*most_in_flight = aqi_team_in_flight(team);
		n_right += aqi_team_end(team, &lane, &err) == AQI_OK &&
			   lane->batch.n_rows == n + 1;
	}
	return n_right;
}

static void
test_order(void)
{
	const size_t none = N_CHUNKS;

	for (size_t n_threads = 1; n_threads <= 4; n_threads++) {
		struct aqi_team *team = aqi_team_new(work, &none);
		size_t most = 0;

		ok(aqi_team_start(team, n_threads) &&
		   run_all(team, &most) == N_CHUNKS && most > n_threads &&
		   aqi_team_in_flight(team) == 0,
		   "chunks end in the order in which they began, with %zu "
		   "thread%s", n_threads, n_threads == 1 ? "" : "s");
		aqi_team_free(team);
	}
}

static void
test_failure(void)
{
	const size_t bad = BAD_CHUNK;
	struct aqi_team *team = aqi_team_new(work, &bad);
	struct aqi_lane *lane;
	struct aqi_error err = {0};
	bool before, at, behind;

	ok(aqi_team_start(team, 2), "a team has threads");
	begin(team, BAD_CHUNK - 1);
	begin(team, BAD_CHUNK);
	begin(team, BAD_CHUNK + 1);
	before = aqi_team_end(team, &lane, &err) == AQI_OK &&
		 err.code == AQI_E_NONE;
	at = aqi_team_end(team, &lane, &err) == AQI_FATAL &&
	     strcmp(err.reason, "chunk 77") == 0;
	behind = aqi_team_end(team, &lane, &err) == AQI_OK;
	ok(before && at && behind, "a chunk that fails says so in its turn");
	begin(team, 1);
	begin(team, 2);
	aqi_team_free(team);
	ok(true, "what is in flight need not be waited for");
}

int
main(void)
{
	test_alone();
	test_order();
	test_failure();
	return done();
}
