#include "record/pipe.h"

#include "record/reject.h"
#include "record/team.h"
#include "record/writer.h"

/* What one run carries from chunk to chunk. */
struct run {
	struct aqi_pipe *pipe;
	struct aqi_team *team;
	const struct aqi_lane *latest;	/* whose chunk was read last */
	struct aqi_writer writer, rejects;
	struct aqi_layout rejects_layout;
	bool is_bound;
	const struct aqi_layout *layout;	/* the steps are bound to it */
	bool lacks_header;	/* it is not yet written to the output */
	/* Of a step that gathers, if there is one: */
	const struct aqi_step *gathering;
	struct aqi_batch gathered;	/* what it hands out */
	struct aqi_writer gathered_writer;
};

static enum aqi_status
write_header(const struct aqi_writer *writer, struct aqi_sink *sink,
	     struct aqi_error *err)
{
	struct aqi_buffer header = {0};
	enum aqi_status status;

	if (!sink)
		return AQI_OK;
	aqi_writer_header(writer, &header);
	status = header.failed ? aqi_error_memory(err) :
		 aqi_sink_write(sink, header.data, header.size, &header.size, 1,
				NULL, err);
	aqi_buffer_free(&header);
	return status;
}

static enum aqi_status
bind_steps(const struct aqi_pipe *pipe, struct aqi_layout *layout,
	   struct aqi_error *err)
{
	for (size_t i = 0; i < pipe->n_steps; i++)
		if (pipe->steps[i].bind(pipe->steps[i].self, layout, err) !=
		    AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

/*
 * The header of the output, if it is still to come. That of NDJSON's columns
 * waits for the first record, or for the end of the input: whether a run that
 * stops before comes to know them depends on how its input is cut.
 */
static enum aqi_status
write_due_header(struct run *run, struct aqi_error *err)
{
	bool is_due = run->lacks_header;

	run->lacks_header = false;
	return is_due ? write_header(&run->writer, run->pipe->out, err) :
			AQI_OK;
}

/*
 * The columns that refused records are written with: in CSV, below the header
 * that stands there, those of the first file.
 */
static enum aqi_status
bind_rejects(struct run *run, struct aqi_layout *layout, struct aqi_error *err)
{
	const struct aqi_layout *first = layout;

	if (run->pipe->format->out != AQI_SYNTAX_NDJSON)
		first = aqi_reader_first_layout(run->pipe->reader);
	aqi_arena_free(&run->rejects_layout.arena);
	return aqi_reject_layout(layout, first, &run->rejects_layout, err);
}

/* The columns of a file are known: bind the steps to them. */
static enum aqi_status
bind(struct run *run, struct aqi_layout *layout, struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;
	enum aqi_syntax in = aqi_reader_syntax(pipe->reader);
	size_t reason = 0;

	if (bind_rejects(run, layout, err) != AQI_OK ||
	    bind_steps(pipe, layout, err) != AQI_OK)
		return AQI_FATAL;
	if (pipe->rejects &&
	    aqi_reject_add_reason(layout, &run->rejects_layout, &reason,
				  err) != AQI_OK)
		return AQI_FATAL;
	run->writer = aqi_writer_new(pipe->format, layout, in);
	run->rejects = aqi_writer_new(pipe->format, &run->rejects_layout, in);
	run->rejects.of_refused = true;
	run->rejects.reason = reason;
	/* Gathered records have added values only, of no syntax. */
	run->gathered_writer = run->writer;
	run->gathered_writer.in = AQI_SYNTAX_CSV;
	run->layout = layout;
	return AQI_OK;
}

/* The same for the first file, with the headers that are to be written. */
static enum aqi_status
bind_first(struct run *run, struct aqi_layout *layout, struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;
	enum aqi_syntax in = aqi_reader_syntax(pipe->reader);

	if (bind(run, layout, err) != AQI_OK)
		return AQI_FATAL;
	run->is_bound = true;
	run->lacks_header = !pipe->has_header;
	if (in == AQI_SYNTAX_CSV && write_due_header(run, err) != AQI_OK)
		return AQI_FATAL;
	return pipe->has_rejects_header ? AQI_OK :
	       write_header(&run->rejects, pipe->rejects, err);
}

/*
 * Bind to the columns of the file at hand, if they are known and others than
 * before. A run that goes on in a later file begins with the first one's too.
 */
static enum aqi_status
bind_due(struct run *run, struct aqi_error *err)
{
	struct aqi_reader *reader = run->pipe->reader;
	struct aqi_layout *layout = aqi_reader_layout(reader);

	if (layout && !run->is_bound &&
	    bind_first(run, aqi_reader_first_layout(reader), err) != AQI_OK)
		return AQI_FATAL;
	return layout == run->layout ? AQI_OK : bind(run, layout, err);
}

/*
 * Refused records that came before any column was known have no header to
 * stand under in CSV. It does not matter whether a good one has come since:
 * that would depend on how the input happened to be cut.
 */
static enum aqi_status
check_rejects(struct run *run, struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;

	if (!pipe->rejects || pipe->format->out != AQI_SYNTAX_CSV ||
	    !aqi_reader_lacks_names(pipe->reader))
		return AQI_OK;
	aqi_error_set(err, AQI_E_DATA, "the first record cannot be read, so "
		      "that refused ones have no columns in CSV; choose them "
		      "with --columns");
	return aqi_error_at(err, run->latest->reading.chunk.file, 0, 0);
}

/* In JSON they can be written all the same. */
static void
work_unbound(const struct run *run, struct aqi_batch *batch)
{
	struct aqi_writer rejects;

	if (!run->pipe->rejects)
		return;
	rejects = aqi_writer_new(run->pipe->format, batch->layout,
				 batch->syntax);
	rejects.of_refused = true;
	aqi_writer_format(&rejects, batch, &batch->rejects, batch->reject_ends);
}

static enum aqi_status
run_steps(const struct aqi_step *step, const struct aqi_step *end,
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

static void
format_rejects(const struct run *run, struct aqi_batch *batch)
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
work_bound(const struct run *run, struct aqi_batch *batch,
	   struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;

	if (run->gathering)
		return run_steps(pipe->steps, run->gathering + 1, batch, err);
	if (run_steps(pipe->steps, pipe->steps + pipe->n_steps, batch, err) !=
	    AQI_OK)
		return AQI_FATAL;
	if (pipe->out)
		aqi_writer_format(&run->writer, batch, &batch->text,
				  batch->ends);
	format_rejects(run, batch);
	return AQI_OK;
}

/* The part of a batch's way that depends on its records alone. */
static enum aqi_status
work(const struct run *run, struct aqi_lane *lane, size_t from, size_t to,
     struct aqi_error *err)
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
sum_up(struct run *run, const struct aqi_step *step, const struct aqi_step *end,
       struct aqi_batch *batch, size_t n_final, struct aqi_error *err)
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
emit(struct run *run, struct aqi_batch *batch, struct aqi_error *err)
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
	    write_due_header(run, err) != AQI_OK)
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
take_rows(struct run *run, struct aqi_batch *batch, size_t *n_taken,
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
emit_gathered(struct run *run, struct aqi_error *err)
{
	struct aqi_pipe *pipe = run->pipe;
	struct aqi_batch *batch = &run->gathered;
	const struct aqi_step *end = pipe->steps + pipe->n_steps;
	enum aqi_status status;
	struct aqi_error of_sum;
	size_t n_ended;

	if (run_steps(run->gathering + 1, end, batch, err) != AQI_OK)
		return AQI_FATAL;
	aqi_writer_format(&run->gathered_writer, batch, &batch->text,
			  batch->ends);
	if (batch->arena.failed || batch->text.failed)
		return aqi_error_memory(err);
	if (batch->n_rows > 0 && write_due_header(run, err) != AQI_OK)
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

/* Write all records that are complete. */
static enum aqi_status
drain(struct run *run, struct aqi_error *err)
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
gather(struct run *run, struct aqi_batch *batch, struct aqi_error *err)
{
	struct aqi_pipe *pipe = run->pipe;
	struct aqi_error of_take;
	size_t n_rows, n_ended;
	enum aqi_status taken = take_rows(run, batch, &n_rows, &of_take);

	if (batch->arena.failed)
		return aqi_error_memory(err);
	format_rejects(run, batch);
	if (batch->arena.failed || batch->rejects.failed)
		return aqi_error_memory(err);
	report(pipe, batch, n_rows);
	if (write_rows(pipe->rejects, &batch->rejects, batch->reject_ends,
		       n_rows, &n_ended, err) != AQI_OK ||
	    sum_up(run, pipe->steps, run->gathering + 1, batch, n_rows, err) !=
		    AQI_OK ||
	    drain(run, err) != AQI_OK)
		return AQI_FATAL;
	if (taken != AQI_OK)
		*err = of_take;
	return taken;
}

static void
tell_progress(struct aqi_pipe *pipe)
{
	uint64_t total, done = aqi_reader_progress(pipe->reader, &total);

	if (pipe->watcher.progress)
		pipe->watcher.progress(pipe->watcher.self, &pipe->counts, done,
				       total);
}

/* The serial part of a batch's way. */
static enum aqi_status
finish(struct run *run, struct aqi_batch *batch, struct aqi_error *err)
{
	return run->gathering && run->is_bound ? gather(run, batch, err) :
						 emit(run, batch, err);
}

/* A chunk, in as many batches as it takes. */
static enum aqi_status
run_chunk(struct run *run, struct aqi_lane *lane, struct aqi_error *err)
{
	size_t n = lane->reading.chunk.n_records;
	size_t from = lane->reading.first_record, to;

	for (; from < n && !run->pipe->is_stopped; from = to) {
		to = aqi_reader_part(&lane->reading, from);
		if (work(run, lane, from, to, err) != AQI_OK ||
		    finish(run, &lane->batch, err) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}

/* All records of the chunk that was read last, and before, have left. */
static enum aqi_status
keep(struct run *run, struct aqi_error *err)
{
	const struct aqi_pipe *pipe = run->pipe;

	if (!pipe->keeper.keep || pipe->is_stopped)
		return AQI_OK;
	return pipe->keeper.keep(pipe->keeper.self, pipe, &run->latest->reading,
				 err);
}

/* A chunk that has been read, by this thread alone. */
static enum aqi_status
run_alone(struct run *run, struct aqi_lane *lane, struct aqi_error *err)
{
	run->latest = lane;
	if (check_rejects(run, err) != AQI_OK || bind_due(run, err) != AQI_OK ||
	    run_chunk(run, lane, err) != AQI_OK)
		return AQI_FATAL;
	tell_progress(run->pipe);
	return keep(run, err);
}

/*
 * The same with threads. This one reads and writes, in order, so that signals
 * and messages find all of that in one place; the threads do the rest, each
 * with a lane of its own.
 */

static enum aqi_status
work_whole(const void *self, struct aqi_lane *lane, struct aqi_error *err)
{
	return work(self, lane, lane->reading.first_record,
		    lane->reading.chunk.n_records, err);
}

static size_t
in_flight(const struct run *run)
{
	return aqi_team_in_flight(run->team);
}

/* Wait for the chunk that was begun first, and write it. */
static enum aqi_status
end_first(struct run *run, struct aqi_error *err)
{
	struct aqi_lane *lane;

	if (aqi_team_end(run->team, &lane, err) != AQI_OK ||
	    finish(run, &lane->batch, err) != AQI_OK)
		return AQI_FATAL;
	tell_progress(run->pipe);
	return AQI_OK;
}

static enum aqi_status
end_all(struct run *run, struct aqi_error *err)
{
	while (in_flight(run) > 0 && !run->pipe->is_stopped)
		if (end_first(run, err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

/* Is it one that threads cannot have: in parts, or of other columns? */
static bool
is_for_one(const struct run *run, const struct aqi_lane *lane)
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
read_next(struct run *run, struct aqi_lane *lane, struct aqi_error *err)
{
	return in_flight(run) > 0 ?
	       aqi_reader_try(run->pipe->reader, &lane->reading, err) :
	       aqi_reader_next(run->pipe->reader, &lane->reading, err);
}

static bool
is_keep_due(const struct run *run)
{
	const struct aqi_keeper *keeper = &run->pipe->keeper;

	return keeper->keep && keeper->is_due(keeper->self, run->pipe);
}

/* Nothing has come: write what is in flight meanwhile. */
static enum aqi_status
catch_up(struct run *run, struct aqi_error *err)
{
	if (end_first(run, err) != AQI_OK)
		return AQI_FATAL;
	return in_flight(run) == 0 && is_keep_due(run) ? keep(run, err) :
							 AQI_OK;
}

/* What has been read, or is to be told behind those in flight. */
static enum aqi_status
take_reading(struct run *run, struct aqi_lane *lane, enum aqi_status status,
	     const struct aqi_error *why, struct aqi_error *err)
{
	if (status == AQI_REJECT)
		return catch_up(run, err);
	if (status == AQI_OK && !is_for_one(run, lane)) {
		run->latest = lane;
		aqi_team_begin(run->team);
		return AQI_OK;
	}
	if (end_all(run, err) != AQI_OK)
		return AQI_FATAL;
	if (run->pipe->is_stopped)
		return AQI_END;
	if (status == AQI_OK)
		return run_alone(run, lane, err);
	if (status == AQI_FATAL)
		*err = *why;
	return status;
}

static enum aqi_status
run_together(struct run *run, struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;
	struct aqi_lane *lane;
	struct aqi_error why;

	while (status == AQI_OK && !run->pipe->is_stopped) {
		lane = aqi_team_next(run->team);
		if (in_flight(run) > 0 && is_keep_due(run)) {
			status = end_all(run, err);
			if (status == AQI_OK)
				status = keep(run, err);
		} else if (!lane) {
			status = end_first(run, err);
		} else {
			status = read_next(run, lane, &why);
			status = take_reading(run, lane, status, &why, err);
		}
	}
	return status == AQI_OK ? AQI_END : status;
}

/*
 * Threads begin when a whole chunk has come: a few records never pay for one.
 * Where they cannot be had, or memory for their lanes, one does all.
 */
static bool
start_threads(struct run *run)
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

static enum aqi_status
run_chunks(struct run *run, struct aqi_error *err)
{
	struct aqi_pipe *pipe = run->pipe;
	struct aqi_lane *lane = aqi_team_next(run->team);
	enum aqi_status status;

	while (!pipe->is_stopped) {
		status = aqi_reader_next(pipe->reader, &lane->reading, err);
		if (status != AQI_OK)
			return status;
		if (run_alone(run, lane, err) != AQI_OK)
			return AQI_FATAL;
		if (start_threads(run))
			return run_together(run, err);
	}
	return AQI_END;
}

/* No row comes any more: what was gathered is complete as it is. */
static enum aqi_status
end_gathering(struct run *run, struct aqi_error *err)
{
	if (!run->gathering || !run->is_bound || run->pipe->is_stopped)
		return AQI_OK;
	run->gathering->end(run->gathering->self);
	return drain(run, err);
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
	struct run run = {.pipe = pipe, .gathering = find_gathering(pipe)};
	enum aqi_status status;

	run.team = aqi_team_new(work_whole, &run);
	if (!run.team)
		return aqi_error_memory(err);
	status = run_chunks(&run, err);
	if (status == AQI_END)
		status = end_gathering(&run, err);
	if (status == AQI_OK && !pipe->is_stopped &&
	    write_due_header(&run, err) != AQI_OK)
		status = AQI_FATAL;
	aqi_team_free(run.team);
	aqi_arena_free(&run.rejects_layout.arena);
	aqi_batch_free(&run.gathered);
	return status;
}
