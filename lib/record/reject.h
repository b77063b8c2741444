/*
 * reject.h: the refused rows, to be written beside the good ones.
 *
 * They are records too: all columns that came in, and one more, `reason`, which
 * takes the place of a column of that name unless there is no other. A layout
 * of its own says so, and the writer of good rows writes them as well.
 */
#ifndef AQI_RECORD_REJECT_H
#define AQI_RECORD_REJECT_H

#include "base/buffer.h"
#include "record/batch.h"
#include "record/layout.h"

struct aqi_writer;

/*
 * Make the layout of refused rows from that of a file before its steps bind; it
 * borrows from it, and owns its outputs (aqi_arena_free of its arena). They are
 * the inputs of `first`, that of the first file: what the file has not of these
 * is missing.
 */
enum aqi_status aqi_reject_layout(struct aqi_layout *layout,
				  const struct aqi_layout *first,
				  struct aqi_layout *rejects,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* Add the column of reasons to both, when the steps are bound. */
enum aqi_status aqi_reject_add_reason(struct aqi_layout *layout,
				      struct aqi_layout *rejects,
				      size_t *reason, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Set the reasons of all refused rows: "field: reason; field: reason". */
void aqi_reject_set_reasons(struct aqi_batch *batch, size_t reason);

/* Could the row be taken apart? Then what is wrong is in a field. */
bool aqi_reject_is_readable(const struct aqi_refusal *refusal);

/*
 * Write a row that could not be: in CSV its bytes, quoted, in the first field
 * that is not the reason's; in JSON as the member `record`, what is not UTF-8
 * replaced by U+FFFD.
 */
void aqi_reject_add_unreadable(struct aqi_buffer *out,
			       const struct aqi_writer *writer,
			       const struct aqi_batch *batch,
			       const struct aqi_refusal *refusal);

#endif
