/*
 * pipe.h: a whole run, from the source through the steps to the sink.
 *
 * The unit of work is a chunk: read, parsed, worked on and written as text as
 * a whole, on one core and in its cache. Chunks are read one at a time, and
 * what comes of them leaves in that order; all between depends on the chunk
 * alone, so that threads can do it for several chunks at once. What is written,
 * counted and said is the same for any number of threads.
 */
#ifndef AQI_RECORD_PIPE_H
#define AQI_RECORD_PIPE_H

#include <stdint.h>

#include "base/error.h"
#include "record/batch.h"
#include "record/reader.h"
#include "record/sink.h"
#include "record/step.h"

/*
 * read = written + refused + merged, at every moment. A row that is gathered is
 * merged; when its record is written, one of the record's rows is so instead.
 * So a run that fails, or stops, has merged rows of records that never come.
 */
struct aqi_counts {
	uint64_t read, written, refused, merged;
	uint64_t unpredicted;	/* of the written ones: no prediction */
	uint64_t blanked;	/* values of theirs: see aqi_batch_blank */
};

/* Who is told of what happens; any of them may be NULL. */
struct aqi_watcher {
	void *self;
	void (*refused)(void *self, const struct aqi_error *why);
	void (*progress)(void *self, const struct aqi_counts *counts,
			 uint64_t bytes_read, uint64_t bytes_total);
};

struct aqi_pipe;

/* Who is told between two chunks, when all records so far have left. */
struct aqi_keeper {
	void *self;
	/* AQI_OK or AQI_FATAL; NULL: nobody. */
	enum aqi_status (*keep)(void *self, const struct aqi_pipe *pipe,
				const struct aqi_reading *reading,
				struct aqi_error *err);
	/* Will `keep` want to be told when so many records in all, as
	 * counts.read says, have left? Asked by any thread, one at a time. */
	bool (*is_due)(void *self, uint64_t n_read);
};

struct aqi_pipe {
	struct aqi_reader *reader;
	const struct aqi_format *format;
	const struct aqi_step *steps;	/* (n_steps,) */
	size_t n_steps;
	struct aqi_sink *out;		/* NULL: records go nowhere */
	struct aqi_sink *rejects;	/* NULL: not wanted */
	struct aqi_watcher watcher;
	struct aqi_keeper keeper;
	uint64_t max_refused;		/* stop at this one; 0: never */
	size_t n_threads;		/* that work, once a whole chunk has
					 * come: this one, and others */
	bool is_eager;			/* threads start at any chunk: tests */
	bool has_header, has_rejects_header;	/* written by an earlier run */
	struct aqi_counts counts;	/* in: of earlier runs; out: of all */
	bool is_stopped;		/* out: max_refused was reached */
};

/*
 * Run to the end of the input. All parts are borrowed. AQI_FATAL: err says why
 * the run ended; what was written before stays, counted.
 */
enum aqi_status aqi_pipe_run(struct aqi_pipe *pipe, struct aqi_error *err)
	AQI_MUST_CHECK;

#endif
