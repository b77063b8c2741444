#include "record/pipe_run.h"

/*
 * The thread of the pipe reads and writes, in order, so that signals and
 * messages find all of that in one place; the others do the rest, each with a
 * lane of its own.
 */

static size_t
in_flight(const struct aqi_run *run)
{
	return aqi_team_in_flight(run->team);
}

static size_t
count_records(const struct aqi_lane *lane)
{
	return lane->reading.chunk.n_records - lane->reading.first_record;
}

/* Wait for the chunk that was begun first, and write it. */
static enum aqi_status
end_first(struct aqi_run *run, struct aqi_error *err)
{
	struct aqi_lane *lane;

	if (aqi_team_end(run->team, &lane, err) != AQI_OK ||
	    aqi_run_emit(run, &lane->batch, err) != AQI_OK)
		return AQI_FATAL;
	run->n_in_flight -= count_records(lane);
	aqi_run_tell_progress(run->pipe);
	return AQI_OK;
}

static enum aqi_status
end_all(struct aqi_run *run, struct aqi_error *err)
{
	while (in_flight(run) > 0 && !run->pipe->is_stopped)
		if (end_first(run, err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

/* Is it one that threads cannot have: in parts, or of other columns? */
static bool
is_for_one(const struct aqi_run *run, const struct aqi_lane *lane)
{
	const struct aqi_reading *reading = &lane->reading;

	return aqi_reader_layout(run->pipe->reader) != run->layout ||
	       aqi_reader_part(reading, reading->first_record) <
		       reading->chunk.n_records;
}

/*
 * The next chunk, into a lane. It is waited for only when all before it are
 * written: the answer to what has come does not wait for what has not.
 */
static enum aqi_status
read_next(struct aqi_run *run, struct aqi_lane *lane, struct aqi_error *err)
{
	return in_flight(run) > 0 ?
	       aqi_reader_try(run->pipe->reader, &lane->reading, err) :
	       aqi_reader_next(run->pipe->reader, &lane->reading, err);
}

static bool
is_keep_due(const struct aqi_run *run)
{
	const struct aqi_keeper *keeper = &run->pipe->keeper;

	return keeper->keep && keeper->is_due(keeper->self, run->pipe,
					      run->n_in_flight);
}

/* Nothing has come: write what is in flight meanwhile. */
static enum aqi_status
catch_up(struct aqi_run *run, struct aqi_error *err)
{
	if (end_first(run, err) != AQI_OK)
		return AQI_FATAL;
	return in_flight(run) == 0 && is_keep_due(run) ?
	       aqi_run_keep(run, err) : AQI_OK;
}

/* What has been read, or is to be told behind those in flight. */
static enum aqi_status
take_reading(struct aqi_run *run, struct aqi_lane *lane, enum aqi_status status,
	     const struct aqi_error *why, struct aqi_error *err)
{
	if (status == AQI_REJECT)
		return catch_up(run, err);
	if (status == AQI_OK && !is_for_one(run, lane)) {
		run->latest = lane;
		run->n_in_flight += count_records(lane);
		aqi_team_begin(run->team);
		return AQI_OK;
	}
	if (end_all(run, err) != AQI_OK)
		return AQI_FATAL;
	if (run->pipe->is_stopped)
		return AQI_END;
	if (status == AQI_OK)
		return aqi_run_alone(run, lane, err);
	if (status == AQI_FATAL)
		*err = *why;
	return status;
}

enum aqi_status
aqi_run_together(struct aqi_run *run, struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;
	struct aqi_lane *lane;
	struct aqi_error why;

	while (status == AQI_OK && !run->pipe->is_stopped) {
		lane = aqi_team_next(run->team);
		if (in_flight(run) > 0 && is_keep_due(run)) {
			status = end_all(run, err);
			if (status == AQI_OK)
				status = aqi_run_keep(run, err);
		} else if (!lane) {
			status = end_first(run, err);
		} else {
			status = read_next(run, lane, &why);
			status = take_reading(run, lane, status, &why, err);
		}
	}
	return status == AQI_OK ? AQI_END : status;
}

bool
aqi_run_start_threads(struct aqi_run *run)
{
	const size_t n = run->pipe->n_threads;

	if (n < 2 || !run->is_bound || run->pipe->format->binds_files ||
	    !(run->pipe->is_eager ||
	      aqi_chunk_is_full(&run->latest->reading.chunk)) ||
	    !aqi_team_start(run->team, n))
		return false;
	run->latest = aqi_team_next(run->team);
	return true;
}
