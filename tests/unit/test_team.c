/* Chunks that threads read and work on: in which lanes, who reads them, and in
 * which order they end. */
#include "record/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

#define N_CHUNKS 100

/* A source of numbered chunks, and how it ends. */
struct numbers {
	size_t next, n;		/* read so far, and there are */
	size_t bad_read, bad_work;	/* numbers that fail */
	_Atomic size_t n_helped;	/* read by others than the owner */
	bool awaits_help;	/* the first chunk takes until then */
	size_t n_readers, most_readers;	/* at once */
	pthread_t owner;
};

static struct numbers
make_numbers(void)
{
	return (struct numbers){.n = N_CHUNKS, .bad_read = SIZE_MAX,
				.bad_work = SIZE_MAX, .owner = pthread_self()};
}

static enum aqi_status
take_number(struct numbers *numbers, struct aqi_lane *lane,
	    struct aqi_error *err)
{
	const size_t number = numbers->next;

	if (number == numbers->n)
		return AQI_END;
	if (number == numbers->bad_read)
		return aqi_error_set(err, AQI_E_IO, "read %zu", number);
	lane->reading.first_record = number;
	numbers->next++;
	numbers->n_helped += !pthread_equal(pthread_self(), numbers->owner);
	return AQI_OK;
}

static enum aqi_status
read_number(void *self, struct aqi_lane *lane, struct aqi_error *err)
{
	struct numbers *numbers = self;
	enum aqi_status status;

	if (++numbers->n_readers > numbers->most_readers)
		numbers->most_readers = numbers->n_readers;
	usleep(10);
	status = take_number(numbers, lane, err);
	numbers->n_readers--;
	return status;
}

/* For ten seconds at most. */
static void
await_help(const struct numbers *numbers)
{
	for (size_t i = 0; numbers->n_helped == 0 && i < 10000; i++)
		usleep(1000);
}

/* The later of two chunks is often done first. What comes of one is its number
 * and one more. */
static enum aqi_status
work(const void *self, struct aqi_lane *lane, struct aqi_error *err)
{
	const struct numbers *numbers = self;
	const size_t number = lane->reading.first_record;

	usleep(number % 2 ? 10 : 500);
	if (number == 0 && numbers->awaits_help)
		await_help(numbers);
	lane->batch.n_rows = number + 1;
	return number == numbers->bad_work ?
	       aqi_error_set(err, AQI_E_DATA, "work %zu", number) : AQI_OK;
}

static struct aqi_team *
make_team(struct numbers *numbers, size_t n_threads)
{
	struct aqi_team *team = aqi_team_new((struct aqi_duties){
		numbers, read_number, work});

	if (!team || (n_threads && !aqi_team_start(team, n_threads)))
		abort();
	return team;
}

/*
 * The owner's turns, up to the last chunk or the first failure. Returns how
 * many ended in order with what should come of them.
 */
static size_t
run_all(struct aqi_team *team, struct numbers *numbers, struct aqi_error *err)
{
	size_t n_right = 0;
	struct aqi_lane *lane;

	for (;;) {
		lane = aqi_team_done(team);
		if (lane) {
			if (lane->status != AQI_OK) {
				*err = lane->err;
				return n_right;
			}
			n_right += lane->batch.n_rows == n_right + 1;
			aqi_team_end(team);
		} else if (!(lane = aqi_team_claim(team))) {
			aqi_team_wait(team);
		} else if (read_number(numbers, lane, err) == AQI_OK) {
			aqi_team_begin(team, true);
		} else {
			aqi_team_close(team);
			if (aqi_team_in_flight(team) == 0)
				return n_right;
			aqi_team_wait_done(team);
		}
	}
}

static void
test_alone(void)
{
	struct numbers numbers = make_numbers();
	struct aqi_team *team = make_team(&numbers, 0);

	ok(aqi_team_in_flight(team) == 0 && !aqi_team_done(team),
	   "at first nothing is in flight");
	aqi_team_lane(team)->reading.first_record = 5;
	ok(!aqi_team_start(team, 1) &&
	   aqi_team_lane(team)->reading.first_record == 5,
	   "one thread needs no helper");
	ok(aqi_team_start(team, 2) &&
	   aqi_team_claim(team)->reading.first_record == 5,
	   "with helpers the lane there was is the next one");
	ok(!aqi_team_claim(team), "only one reads at a time");
	aqi_team_close(team);
	ok(aqi_team_claim(team) != NULL, "who has read nothing gives it up");
	aqi_team_free(team);
	aqi_team_free(NULL);
}

/* The owner reads a chunk and works on it, in the lane that is returned. */
static const struct aqi_lane *
fly(struct aqi_team *team, struct numbers *numbers)
{
	struct aqi_lane *lane = aqi_team_claim(team);
	struct aqi_error err;

	if (!lane || read_number(numbers, lane, &err) != AQI_OK)
		return NULL;
	aqi_team_begin(team, false);
	return lane;
}

static void
test_lanes(void)
{
	struct numbers numbers = make_numbers();
	struct aqi_team *team = make_team(&numbers, 2);
	const struct aqi_lane *lanes[4];

	lanes[0] = fly(team, &numbers);
	aqi_team_end(team);
	ok(lanes[0] && fly(team, &numbers) == lanes[0],
	   "a thread uses the lane again that it has used last");
	for (size_t i = 1; i < 4; i++)
		lanes[i] = fly(team, &numbers);
	ok(lanes[1] && lanes[2] && lanes[3] && lanes[1] != lanes[0] &&
	   lanes[2] != lanes[0] && lanes[2] != lanes[1] &&
	   lanes[3] != lanes[0] && lanes[3] != lanes[1] &&
	   lanes[3] != lanes[2] && aqi_team_last(team) == lanes[3],
	   "and any other while that is in flight");
	ok(!aqi_team_claim(team), "but none when all are");
	for (size_t i = 0; i < 4; i++) {
		if (aqi_team_done(team) != lanes[i])
			break;
		aqi_team_end(team);
	}
	ok(aqi_team_in_flight(team) == 0 && fly(team, &numbers) == lanes[3],
	   "they end in their order, and the last one is the next");
	aqi_team_free(team);
}

static void
test_order(void)
{
	for (size_t n_threads = 2; n_threads <= 5; n_threads++) {
		struct numbers numbers = make_numbers();
		struct aqi_team *team = make_team(&numbers, n_threads);
		struct aqi_error err;

		numbers.awaits_help = true;
		ok(run_all(team, &numbers, &err) == N_CHUNKS,
		   "chunks end in the order in which they were read, with %zu "
		   "threads", n_threads);
		ok(numbers.most_readers == 1 && numbers.n_helped > 0 &&
		   numbers.n_helped < N_CHUNKS,
		   "all read, one at a time");
		aqi_team_free(team);
	}
}

/* Helpers read nothing while reading is closed, however long that is. */
static void
test_closed(void)
{
	struct numbers numbers = make_numbers();
	struct aqi_team *team = make_team(&numbers, 3);
	struct aqi_error err;
	size_t n_read;

	for (size_t i = 0; i < 3; i++) {
		struct aqi_lane *lane = aqi_team_claim(team);

		if (!lane || read_number(&numbers, lane, &err) != AQI_OK)
			abort();
		aqi_team_begin(team, false);
	}
	usleep(2000);
	ok(numbers.n_helped == 0, "helpers read only what is open to them");
	while (aqi_team_done(team))
		aqi_team_end(team);
	if (read_number(&numbers, aqi_team_claim(team), &err) != AQI_OK)
		abort();
	aqi_team_begin(team, true);
	aqi_team_close(team);
	n_read = numbers.next;
	usleep(2000);
	ok(numbers.next == n_read &&
	   aqi_team_last(team)->reading.first_record == n_read - 1,
	   "and none when it is closed again: the last lane is the last read");
	aqi_team_free(team);
}

static void
test_failures(void)
{
	struct numbers numbers = make_numbers();
	struct aqi_team *team;
	struct aqi_error err = {0};

	numbers.bad_work = 77;
	team = make_team(&numbers, 3);
	ok(run_all(team, &numbers, &err) == 77 &&
	   strcmp(err.reason, "work 77") == 0,
	   "a chunk that fails says so in its turn");
	aqi_team_free(team);
	ok(true, "what is in flight need not be waited for");

	numbers = make_numbers();
	numbers.bad_read = 41;
	team = make_team(&numbers, 3);
	ok(run_all(team, &numbers, &err) == 41 &&
	   strcmp(err.reason, "read 41") == 0,
	   "so does one that cannot be read, whoever reads it");
	aqi_team_free(team);
}

int
main(void)
{
	test_alone();
	test_lanes();
	test_order();
	test_closed();
	test_failures();
	return done();
}
