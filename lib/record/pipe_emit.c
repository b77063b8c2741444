#include "record/pipe_run.h"

/* How many rows may still come, up to the last that may be refused. */
static size_t
rows_allowed(struct aqi_pipe *pipe, const struct aqi_batch *batch)
{
	uint64_t refused = pipe->counts.refused;

	for (size_t i = 0; i < batch->n_rows; i++) {
		refused += batch->refused[i];
		if (pipe->max_refused && refused == pipe->max_refused) {
			pipe->is_stopped = true;
			return i + 1;
		}
	}
	return batch->n_rows;
}

static void
report(struct aqi_pipe *pipe, const struct aqi_batch *batch, size_t n_rows)
{
	const struct aqi_refusal *refusal = batch->refusals;
	struct aqi_error why;

	for (; refusal && refusal->row < n_rows; refusal = refusal->next) {
		aqi_batch_explain(batch, refusal, &why);
		if (pipe->watcher.refused)
			pipe->watcher.refused(pipe->watcher.self, &why);
	}
}

/* The rows' ends in a text, counted without the rows that are not in it. */
static size_t
count_rows(const struct aqi_batch *batch, bool refused, size_t n_rows)
{
	size_t n = 0;

	for (size_t i = 0; i < n_rows; i++)
		n += batch->refused[i] == refused;
	return n;
}

/* Write the first n_rows of a text; *n_ended, out, of them are done with. */
static enum aqi_status
write_rows(struct aqi_sink *sink, const struct aqi_buffer *text,
	   const size_t *ends, size_t n_rows, size_t *n_ended,
	   struct aqi_error *err)
{
	*n_ended = n_rows;
	if (!sink || n_rows == 0)
		return AQI_OK;
	return aqi_sink_write(sink, text->data, ends[n_rows - 1], ends, n_rows,
			      n_ended, err);
}

static void
count(struct aqi_counts *counts, const struct aqi_batch *batch, bool refused,
      size_t n_rows)
{
	size_t n = count_rows(batch, refused, n_rows);

	counts->read += n;
	*(refused ? &counts->refused : &counts->written) += n;
}

/* What these steps sum up over the rows that have left them. */
static enum aqi_status
sum_up(struct aqi_run *run, const struct aqi_step *step,
       const struct aqi_step *end, struct aqi_batch *batch, size_t n_final,
       struct aqi_error *err)
{
	batch->n_final = n_final;
	for (; step < end; step++)
		if (step->in_order &&
		    step->in_order(step->self, batch, err) != AQI_OK)
			return AQI_FATAL;
	run->pipe->counts.unpredicted += batch->n_unpredicted;
	for (size_t i = 0; batch->blanked && i < n_final; i++)
		if (!batch->refused[i])
			run->pipe->counts.blanked += batch->blanked[i];
	return AQI_OK;
}

/* The serial part: messages, text, sums, in the order of the input. */
static enum aqi_status
emit(struct aqi_run *run, struct aqi_batch *batch, struct aqi_error *err)
{
	struct aqi_pipe *pipe = run->pipe;
	struct aqi_error of_sum;
	size_t n_rows = rows_allowed(pipe, batch), n_ended;
	enum aqi_status status;

	report(pipe, batch, n_rows);
	status = write_rows(pipe->rejects, &batch->rejects, batch->reject_ends,
			    n_rows, &n_ended, err);
	count(&pipe->counts, batch, true, n_ended);
	if (status != AQI_OK || !run->is_bound)
		return status;
	if (count_rows(batch, false, n_rows) > 0 &&
	    aqi_run_write_header(run, err) != AQI_OK)
		return AQI_FATAL;
	status = write_rows(pipe->out, &batch->text, batch->ends, n_rows,
			    &n_ended, err);
	count(&pipe->counts, batch, false, n_ended);
	if (sum_up(run, pipe->steps, pipe->steps + pipe->n_steps, batch,
		   n_ended, &of_sum) == AQI_OK || status != AQI_OK)
		return status;
	*err = of_sum;
	return AQI_FATAL;
}

/*
 * Have the rows of a batch taken, one by one, up to the last that may be
 * refused; *n_taken, out, of them are done with.
 */
static enum aqi_status
take_rows(struct aqi_run *run, struct aqi_batch *batch, size_t *n_taken,
	  struct aqi_error *err)
{
	struct aqi_counts *counts = &run->pipe->counts;
	const uint64_t most = run->pipe->max_refused;

	for (size_t i = 0; i < batch->n_rows; i++) {
		struct aqi_parts parts = {1, batch->refused[i]};

		*n_taken = i;
		if (run->gathering->take(run->gathering->self, batch, i, &parts,
					 err) != AQI_OK)
			return AQI_FATAL;
		counts->read += parts.n;
		counts->refused += parts.n_refused;
		counts->merged += parts.n - parts.n_refused;
		if (most && counts->refused >= most) {
			run->pipe->is_stopped = true;
			*n_taken = i + 1;
			return AQI_OK;
		}
	}
	*n_taken = batch->n_rows;
	return AQI_OK;
}

/* Write a batch of gathered records, whose rows count as merged by now. */
static enum aqi_status
emit_gathered(struct aqi_run *run, struct aqi_error *err)
{
	struct aqi_pipe *pipe = run->pipe;
	struct aqi_batch *batch = &run->gathered;
	const struct aqi_step *end = pipe->steps + pipe->n_steps;
	enum aqi_status status;
	struct aqi_error of_sum;
	size_t n_ended;

	if (aqi_run_steps(run->gathering + 1, end, batch, err) != AQI_OK)
		return AQI_FATAL;
	aqi_writer_format(&run->gathered_writer, batch, &batch->text,
			  batch->ends);
	if (batch->arena.failed || batch->text.failed)
		return aqi_error_memory(err);
	if (batch->n_rows > 0 && aqi_run_write_header(run, err) != AQI_OK)
		return AQI_FATAL;
	status = write_rows(pipe->out, &batch->text, batch->ends, batch->n_rows,
			    &n_ended, err);
	pipe->counts.written += n_ended;
	pipe->counts.merged -= n_ended;
	if (sum_up(run, run->gathering + 1, end, batch, n_ended, &of_sum) ==
	    AQI_OK || status != AQI_OK)
		return status;
	*err = of_sum;
	return AQI_FATAL;
}

enum aqi_status
aqi_run_drain(struct aqi_run *run, struct aqi_error *err)
{
	const struct aqi_step *step = run->gathering;
	enum aqi_status status;

	while ((status = step->drain(step->self, &run->gathered, err)) ==
	       AQI_OK)
		if (emit_gathered(run, err) != AQI_OK)
			return AQI_FATAL;
	return status == AQI_END ? AQI_OK : AQI_FATAL;
}

/*
 * The serial part where rows are gathered. What is complete is written even if
 * the run ends here, since it would have been if the input were cut before.
 */
static enum aqi_status
gather(struct aqi_run *run, struct aqi_batch *batch, struct aqi_error *err)
{
	struct aqi_pipe *pipe = run->pipe;
	struct aqi_error of_take;
	size_t n_rows, n_ended;
	enum aqi_status taken = take_rows(run, batch, &n_rows, &of_take);

	if (batch->arena.failed)
		return aqi_error_memory(err);
	aqi_run_format_rejects(run, batch);
	if (batch->arena.failed || batch->rejects.failed)
		return aqi_error_memory(err);
	report(pipe, batch, n_rows);
	if (write_rows(pipe->rejects, &batch->rejects, batch->reject_ends,
		       n_rows, &n_ended, err) != AQI_OK ||
	    sum_up(run, pipe->steps, run->gathering + 1, batch, n_rows, err) !=
		    AQI_OK ||
	    aqi_run_drain(run, err) != AQI_OK)
		return AQI_FATAL;
	if (taken != AQI_OK)
		*err = of_take;
	return taken;
}

enum aqi_status
aqi_run_emit(struct aqi_run *run, struct aqi_batch *batch,
	     struct aqi_error *err)
{
	return run->gathering && run->is_bound ? gather(run, batch, err) :
						 emit(run, batch, err);
}
