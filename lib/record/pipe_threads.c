#include "record/pipe_run.h"

/*
 * Each thread reads chunks and works on them; see team.h. The thread of the
 * pipe does so too. Besides, it alone opens files, waits for bytes, and writes,
 * counts and says what came of the chunks, in the order of the input: signals
 * and messages find all of that in one place.
 */

static size_t
in_flight(const struct aqi_run *run)
{
	return aqi_team_in_flight(run->team);
}

/* Will the keeper want to be told when all that was read has left? Not before
 * more has come than he was told of. */
static bool
is_keep_due(const struct aqi_run *run)
{
	const struct aqi_keeper *keeper = &run->pipe->keeper;

	return run->has_unkept && keeper->keep &&
	       keeper->is_due(keeper->self, run->n_read);
}

enum aqi_status
aqi_run_read_on(void *self, struct aqi_lane *lane, struct aqi_error *err)
{
	struct aqi_run *run = self;
	enum aqi_status status;

	if (is_keep_due(run))
		return AQI_REJECT;
	status = aqi_reader_try(run->pipe->reader, &lane->reading, err);
	if (status == AQI_OK)
		aqi_run_note_chunk(run, lane);
	return status;
}

/* Write the chunk that was read first, which is done. */
static enum aqi_status
end_first(struct aqi_run *run, struct aqi_error *err)
{
	struct aqi_lane *lane = aqi_team_done(run->team);
	enum aqi_status status = lane->status;

	if (status != AQI_OK)
		*err = lane->err;
	else
		status = aqi_run_leave(run, lane, err);
	aqi_team_end(run->team);
	return status == AQI_OK ? AQI_OK : AQI_FATAL;
}

/* All that are in flight; no more are read meanwhile. */
static enum aqi_status
end_all(struct aqi_run *run, struct aqi_error *err)
{
	aqi_team_close(run->team);
	while (in_flight(run) > 0 && !run->pipe->is_stopped) {
		aqi_team_wait_done(run->team);
		if (end_first(run, err) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}

static enum aqi_status
keep(struct aqi_run *run, struct aqi_error *err)
{
	if (end_all(run, err) != AQI_OK)
		return AQI_FATAL;
	run->latest = aqi_team_last(run->team);
	/* Blank lines were counted, too. */
	run->n_read = run->pipe->counts.read;
	run->has_unkept = false;
	return aqi_run_keep(run, err);
}

/*
 * The next chunk, which may open a file: only when all before it are written,
 * since it is waited for, and the answer to what has come does not wait for
 * what has not.
 */
static enum aqi_status
read_first(struct aqi_run *run, struct aqi_lane *lane, struct aqi_error *err)
{
	enum aqi_status status =
		aqi_reader_next(run->pipe->reader, &lane->reading, err);

	if (status == AQI_OK) {
		aqi_run_note_chunk(run, lane);
		status = aqi_run_bind(run, err);
	}
	return status;
}

/* Threads have more to do where a chunk is full: more has likely come. */
static void
work_on(struct aqi_run *run, const struct aqi_lane *lane)
{
	aqi_team_begin(run->team, run->pipe->is_eager ||
		       aqi_chunk_is_full(&lane->reading.chunk));
}

/* A turn to read: a chunk, or what is to be done where none has come. */
static enum aqi_status
read_next(struct aqi_run *run, struct aqi_lane *lane, struct aqi_error *err)
{
	struct aqi_error why;
	enum aqi_status status;

	if (is_keep_due(run))
		return keep(run, err);
	status = in_flight(run) > 0 ? aqi_run_read_on(run, lane, &why) :
				      read_first(run, lane, &why);
	if (status == AQI_OK) {
		work_on(run, lane);
		return AQI_OK;
	}
	aqi_team_close(run->team);
	if (status == AQI_REJECT) {
		aqi_team_wait_done(run->team);
		return end_first(run, err);
	}
	if (end_all(run, err) != AQI_OK)
		return AQI_FATAL;
	if (status == AQI_FATAL)
		*err = why;
	return status;
}

enum aqi_status
aqi_run_together(struct aqi_run *run, struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;
	struct aqi_lane *lane;

	while (status == AQI_OK && !run->pipe->is_stopped) {
		if (aqi_team_done(run->team))
			status = end_first(run, err);
		else if ((lane = aqi_team_claim(run->team)))
			status = read_next(run, lane, err);
		else
			aqi_team_wait(run->team);
	}
	return status == AQI_OK ? AQI_END : status;
}

bool
aqi_run_start_threads(struct aqi_run *run)
{
	const struct aqi_pipe *pipe = run->pipe;

	if (pipe->n_threads < 2 || !run->is_bound ||
	    !(pipe->is_eager ||
	      aqi_chunk_is_full(&run->latest->reading.chunk)) ||
	    !aqi_team_start(run->team, pipe->n_threads))
		return false;
	/* The lane that ran alone is gone. */
	run->latest = aqi_team_lane(run->team);
	run->n_read = pipe->counts.read;
	return true;
}
