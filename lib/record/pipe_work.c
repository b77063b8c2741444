#include "record/pipe_run.h"

#include "record/reject.h"

/* Refused records before any column is known: JSON needs none. */
static void
work_unbound(const struct aqi_run *run, struct aqi_batch *batch)
{
	struct aqi_writer rejects;

	if (!run->pipe->rejects)
		return;
	rejects = aqi_writer_new(run->pipe->format, batch->layout,
				 batch->syntax);
	rejects.of_refused = true;
	aqi_writer_format(&rejects, batch, &batch->rejects, batch->reject_ends);
}

enum aqi_status
aqi_run_steps(const struct aqi_step *step, const struct aqi_step *end,
	      struct aqi_batch *batch, struct aqi_error *err)
{
	for (; step < end; step++) {
		if (step->run(step->self, batch, err) != AQI_OK)
			return AQI_FATAL;
		if (batch->arena.failed)
			return aqi_error_memory(err);
	}
	return AQI_OK;
}

void
aqi_run_format_rejects(const struct aqi_run *run, struct aqi_batch *batch)
{
	if (!run->pipe->rejects || !run->is_bound)
		return;
	aqi_reject_set_reasons(batch, run->rejects.reason);
	aqi_writer_format(&run->rejects, batch, &batch->rejects,
			  batch->reject_ends);
}

/* Rows that are gathered go no further; which of them are refused is known
 * when they have been taken. */
static enum aqi_status
work_bound(const struct aqi_run *run, struct aqi_batch *batch,
	   struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;

	if (run->gathering)
		return aqi_run_steps(pipe->steps, run->gathering + 1, batch,
				     err);
	if (aqi_run_steps(pipe->steps, pipe->steps + pipe->n_steps, batch,
			  err) != AQI_OK)
		return AQI_FATAL;
	if (pipe->out)
		aqi_writer_format(&run->writer, batch, &batch->text,
				  batch->ends);
	aqi_run_format_rejects(run, batch);
	return AQI_OK;
}

enum aqi_status
aqi_run_work(const struct aqi_run *run, struct aqi_lane *lane, size_t from,
	     size_t to, struct aqi_error *err)
{
	struct aqi_batch *batch = &lane->batch;

	if (aqi_reader_parse(run->pipe->reader, &lane->reading, from, to,
			     &lane->parsing, batch, err) != AQI_OK)
		return AQI_FATAL;
	if (!run->is_bound)
		work_unbound(run, batch);
	else if (work_bound(run, batch, err) != AQI_OK)
		return AQI_FATAL;
	if (batch->arena.failed || batch->text.failed || batch->rejects.failed)
		return aqi_error_memory(err);
	return AQI_OK;
}
