/*
 * append.h: rows as they came, with the values that steps added behind them.
 *
 * The lane on which nearly all rows go out. What it writes is what writer.c and
 * splice.c would write, which take the rows that are not for it. Private to
 * writer.c.
 */
#ifndef AQI_RECORD_APPEND_H
#define AQI_RECORD_APPEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "record/batch.h"
#include "record/writer.h"

struct aqi_append;

/*
 * For the rows of a batch as it is now, to be written into out; its memory is
 * the batch's. NULL: this writer's rows are not for it, or there is no memory,
 * which the run then reports.
 */
struct aqi_append *aqi_append_new(const struct aqi_writer *writer,
				  struct aqi_batch *batch,
				  struct aqi_buffer *out);

/*
 * Write the rows from one on that are not refused, each with a line end, up to
 * the first that is not for this. ends, (n_rows,), out: of each the size that
 * the text has then. Returns that row, or n_rows where there is none, or no
 * memory: then the buffer has failed.
 */
size_t aqi_append_rows(struct aqi_append *append, size_t row,
		       struct aqi_buffer *out, size_t *ends);

#endif
