/*
 * step.h: what a program does with records, as a part that can be chained.
 *
 * A run binds its steps in order when the first header is known: a step finds
 * its input columns by name and adds its output columns there. Where each file
 * is bound by itself (record/format.h) it binds them again, to the layout of a
 * file with other columns, between two batches; the names of the outputs must
 * then be the same. In between a step gets batch after batch. It passes refused
 * rows over and may refuse more. While `run` works a step does not change, so
 * that batches may be worked on at the same time. What goes over all records,
 * such as a sum, has its place in `in_order`: it sees each batch once more, in
 * the order of the input, one at a time and when all verdicts are known.
 *
 * One step of a run may gather: make records of its own, of several rows each.
 * Its `run` prepares the rows of a batch; `take` then takes them, in the order
 * of the input, and `drain` hands out the records that are complete, as batches
 * of added columns alone. Those, not the rows, go on to the steps behind it and
 * to the writer.
 */
#ifndef AQI_RECORD_STEP_H
#define AQI_RECORD_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct aqi_batch;
struct aqi_layout;

typedef enum aqi_status aqi_bind_fn(void *self, struct aqi_layout *layout,
				    struct aqi_error *err);
typedef enum aqi_status aqi_step_fn(void *self, struct aqi_batch *batch,
				    struct aqi_error *err);

/* What a row counts as: mostly as one record, refused or not. */
struct aqi_parts {
	uint64_t n, n_refused;
};

/*
 * Take a row, or refuse it. It is called for refused rows too, with *parts as
 * those of one record; a step that finds several in a row says how many, and
 * how many of them it refuses.
 */
typedef enum aqi_status aqi_take_fn(void *self, struct aqi_batch *batch,
				    size_t row, struct aqi_parts *parts,
				    struct aqi_error *err);

struct aqi_step {
	void *self;		/* borrowed for the run */
	aqi_bind_fn *bind;
	aqi_step_fn *run;	/* AQI_OK or AQI_FATAL */
	aqi_step_fn *in_order;	/* the same; may be NULL */
	/* Of a step that gathers, all three; else NULL. */
	aqi_take_fn *take;	/* AQI_OK or AQI_FATAL */
	aqi_step_fn *drain;	/* the same; AQI_END: nothing is complete */
	void (*end)(void *self);	/* no row comes any more */
	bool has_history;	/* what it makes of a record depends on earlier
				 * ones, so that no other run can go on */
};

#endif
