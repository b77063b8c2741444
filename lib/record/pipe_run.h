/*
 * pipe_run.h: what one run carries from chunk to chunk, and its parts.
 *
 * A chunk that was read goes this way: the steps are bound to its columns
 * (pipe_bind.c), it is parsed, worked on and written as text (pipe_work.c), and
 * what came of it leaves in the order of the input (pipe_emit.c). pipe.c does
 * that with one thread, pipe_threads.c with several. Private to the pipe.
 *
 * All but aqi_run_work and what reading calls is for the thread that runs the
 * pipe. Where a function fails, err says why and the run ends.
 */
#ifndef AQI_RECORD_PIPE_RUN_H
#define AQI_RECORD_PIPE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/pipe.h"
#include "record/team.h"
#include "record/writer.h"

struct aqi_run {
	struct aqi_pipe *pipe;
	struct aqi_team *team;
	const struct aqi_lane *latest;	/* whose chunk was read last */
	uint64_t bytes_total;		/* of the input, where known */
	struct aqi_writer writer, rejects;
	struct aqi_layout rejects_layout;
	bool is_bound;
	const struct aqi_layout *layout;	/* the steps are bound to it */
	bool lacks_header;	/* it is not yet written to the output */
	/* Of a step that gathers, if there is one: */
	const struct aqi_step *gathering;
	struct aqi_batch gathered;	/* what it hands out */
	struct aqi_writer gathered_writer;
	/* With threads, of who reads: */
	uint64_t n_read;	/* records, in flight or written */
	bool has_unkept;	/* some since the keeper was told */
};

/* Of pipe_bind.c. */

/*
 * Bind to the columns of the file at hand, if they are known and others than
 * before. A run that goes on in a later file begins with the first one's too.
 */
enum aqi_status aqi_run_bind(struct aqi_run *run, struct aqi_error *err)
	AQI_MUST_CHECK;

/*
 * Refused records that came before any column was known have no header to
 * stand under in CSV. It does not matter whether a good one has come since:
 * that would depend on how the input happened to be cut.
 */
enum aqi_status aqi_run_check_rejects(struct aqi_run *run,
				      struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The header of the output, if it is still to come. That of NDJSON's columns
 * waits for the first record, or for the end of the input: whether a run that
 * stops before comes to know them depends on how its input is cut.
 */
enum aqi_status aqi_run_write_header(struct aqi_run *run,
				     struct aqi_error *err) AQI_MUST_CHECK;

/* Of pipe_work.c. */

/* Have a batch go through the steps from `step` to before `end`. */
enum aqi_status aqi_run_steps(const struct aqi_step *step,
			      const struct aqi_step *end,
			      struct aqi_batch *batch, struct aqi_error *err)
	AQI_MUST_CHECK;

/* The text of the refused records, if they are wanted. */
void aqi_run_format_rejects(const struct aqi_run *run, struct aqi_batch *batch);

/*
 * The part of a batch's way that depends on its records alone: those of the
 * lane's chunk from `from` to before `to`. Several threads at once, with a lane
 * each.
 */
enum aqi_status aqi_run_work(const struct aqi_run *run, struct aqi_lane *lane,
			     size_t from, size_t to, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Of pipe_emit.c. */

/* The serial part of a batch's way: messages, text, sums. */
enum aqi_status aqi_run_emit(struct aqi_run *run, struct aqi_batch *batch,
			     struct aqi_error *err) AQI_MUST_CHECK;

/* Write all gathered records that are complete. */
enum aqi_status aqi_run_drain(struct aqi_run *run, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Of pipe.c. */

/* A chunk was read into the lane, behind all others. */
void aqi_run_note_chunk(struct aqi_run *run, struct aqi_lane *lane);

/* What has come of the lane's chunk leaves; work that is still to be done is
 * done here. */
enum aqi_status aqi_run_leave(struct aqi_run *run, struct aqi_lane *lane,
			      struct aqi_error *err) AQI_MUST_CHECK;

/* Tell the keeper: all records of the latest chunk, and before, have left. */
enum aqi_status aqi_run_keep(struct aqi_run *run, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Of pipe_threads.c. */

/* Of a struct aqi_run: what the threads of its team read by. */
enum aqi_status aqi_run_read_on(void *self, struct aqi_lane *lane,
				struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Threads begin when a whole chunk has come: a few records never pay for one.
 * false: not yet, or they cannot be had, or no memory for their lanes; then
 * one does all.
 */
bool aqi_run_start_threads(struct aqi_run *run);

/* All chunks that are left. AQI_END: there are none, or the run is stopped. */
enum aqi_status aqi_run_together(struct aqi_run *run, struct aqi_error *err)
	AQI_MUST_CHECK;

#endif
