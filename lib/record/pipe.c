#include "record/pipe.h"

#include "record/pipe_run.h"

void
aqi_run_note_chunk(struct aqi_run *run, struct aqi_lane *lane)
{
	uint64_t total;

	lane->bytes_read = aqi_reader_progress(run->pipe->reader, &total);
	run->n_read += lane->reading.chunk.n_records -
		       lane->reading.first_record;
	run->has_unkept = true;
}

static void
tell_progress(const struct aqi_run *run, const struct aqi_lane *lane)
{
	const struct aqi_pipe *pipe = run->pipe;

	if (pipe->watcher.progress)
		pipe->watcher.progress(pipe->watcher.self, &pipe->counts,
				       lane->bytes_read, run->bytes_total);
}

/* A chunk, in as many batches as it takes. */
static enum aqi_status
run_chunk(struct aqi_run *run, struct aqi_lane *lane, struct aqi_error *err)
{
	size_t n = lane->reading.chunk.n_records;
	size_t from = lane->reading.first_record, to;

	for (; from < n && !run->pipe->is_stopped; from = to) {
		to = aqi_reader_part(&lane->reading, from);
		if (aqi_run_work(run, lane, from, to, err) != AQI_OK ||
		    aqi_run_emit(run, &lane->batch, err) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}

enum aqi_status
aqi_run_keep(struct aqi_run *run, struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;

	if (!pipe->keeper.keep || pipe->is_stopped)
		return AQI_OK;
	return pipe->keeper.keep(pipe->keeper.self, pipe, &run->latest->reading,
				 err);
}

/* Is a chunk one batch, which any thread may work on? */
static bool
is_whole(const struct aqi_lane *lane)
{
	const struct aqi_reading *reading = &lane->reading;

	return aqi_reader_part(reading, reading->first_record) ==
	       reading->chunk.n_records;
}

static enum aqi_status
work_whole(const void *self, struct aqi_lane *lane, struct aqi_error *err)
{
	const struct aqi_reading *reading = &lane->reading;

	return is_whole(lane) ?
	       aqi_run_work(self, lane, reading->first_record,
			    reading->chunk.n_records, err) : AQI_OK;
}

enum aqi_status
aqi_run_leave(struct aqi_run *run, struct aqi_lane *lane,
	      struct aqi_error *err)
{
	if ((is_whole(lane) ? aqi_run_emit(run, &lane->batch, err) :
			      run_chunk(run, lane, err)) != AQI_OK)
		return AQI_FATAL;
	tell_progress(run, lane);
	return AQI_OK;
}

/* A chunk that has been read, by this thread alone. */
static enum aqi_status
run_alone(struct aqi_run *run, struct aqi_lane *lane, struct aqi_error *err)
{
	run->latest = lane;
	aqi_run_note_chunk(run, lane);
	if (aqi_run_check_rejects(run, err) != AQI_OK ||
	    aqi_run_bind(run, err) != AQI_OK ||
	    run_chunk(run, lane, err) != AQI_OK)
		return AQI_FATAL;
	tell_progress(run, lane);
	return aqi_run_keep(run, err);
}

static enum aqi_status
run_chunks(struct aqi_run *run, struct aqi_error *err)
{
	struct aqi_pipe *pipe = run->pipe;
	struct aqi_lane *lane = aqi_team_lane(run->team);
	enum aqi_status status;

	while (!pipe->is_stopped) {
		status = aqi_reader_next(pipe->reader, &lane->reading, err);
		if (status != AQI_OK)
			return status;
		if (run_alone(run, lane, err) != AQI_OK)
			return AQI_FATAL;
		if (aqi_run_start_threads(run))
			return aqi_run_together(run, err);
	}
	return AQI_END;
}

/* No row comes any more: what was gathered is complete as it is. */
static enum aqi_status
end_gathering(struct aqi_run *run, struct aqi_error *err)
{
	if (!run->gathering || !run->is_bound || run->pipe->is_stopped)
		return AQI_OK;
	run->gathering->end(run->gathering->self);
	return aqi_run_drain(run, err);
}

static const struct aqi_step *
find_gathering(const struct aqi_pipe *pipe)
{
	for (size_t i = 0; i < pipe->n_steps; i++)
		if (pipe->steps[i].take)
			return &pipe->steps[i];
	return NULL;
}

enum aqi_status
aqi_pipe_run(struct aqi_pipe *pipe, struct aqi_error *err)
{
	struct aqi_run run = {.pipe = pipe, .gathering = find_gathering(pipe)};
	enum aqi_status status;

	aqi_reader_progress(pipe->reader, &run.bytes_total);
	run.team = aqi_team_new((struct aqi_duties){
		&run, aqi_run_read_on, work_whole});
	if (!run.team)
		return aqi_error_memory(err);
	status = run_chunks(&run, err);
	if (status == AQI_END)
		status = end_gathering(&run, err);
	if (status == AQI_OK && !pipe->is_stopped &&
	    aqi_run_write_header(&run, err) != AQI_OK)
		status = AQI_FATAL;
	aqi_team_free(run.team);
	aqi_arena_free(&run.rejects_layout.arena);
	aqi_batch_free(&run.gathered);
	return status;
}
