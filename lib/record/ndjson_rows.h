/*
 * ndjson_rows.h: lines of NDJSON to rows of a batch. Private to the reader.
 *
 * A line is tried by the shapes of lines before it in the batch
 * (record/shape.h), then by the plain lane, then by jansson. Shapes live as
 * long as the batch: a row depends on nothing but its line and the layout.
 */
#ifndef AQI_RECORD_NDJSON_ROWS_H
#define AQI_RECORD_NDJSON_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/batch.h"
#include "record/shape.h"

/* So many are known at once. More would help where records of many kinds take
 * turns, and cost each line that is of none. */
#define AQI_NDJSON_SHAPES 4

/* A shape, and where its values go. */
struct aqi_ndjson_shape {
	struct aqi_shape shape;
	const size_t *columns;	/* (n,) of the layout; AQI_NO_COLUMN: none.
				 * NULL: the first n, in order */
	struct aqi_extent *extents;	/* (n,) of a line, on the way there */
	bool in_order;		/* as in struct aqi_members */
	size_t next;		/* the one that came behind it last: records
				 * of several kinds often take turns */
};

/* One thread each. */
struct aqi_ndjson_rows {
	struct aqi_batch *batch;
	aqi_shape_fn *take;	/* where enough may be read behind a line */
	const char *readable;	/* where that ends */
	struct aqi_ndjson_shape shapes[AQI_NDJSON_SHAPES];
	size_t n_shapes;
	size_t last;		/* the one that was right last */
	unsigned credit;	/* how many lines of no shape may still come
				 * before it is no longer tried */
};

/* Begin a batch; `readable` is the end of the chunk that its lines are in. */
struct aqi_ndjson_rows aqi_ndjson_rows_begin(struct aqi_batch *batch,
					     const char *readable);

/*
 * Take batch->rows[row], whole and of any bytes, by a shape: no member of it is
 * refused then, and its items are not listed. false: nothing is said of it.
 */
bool aqi_ndjson_rows_take(struct aqi_ndjson_rows *rows, size_t row);

/*
 * Take batch->rows[row], which is UTF-8 without a NUL, whatever it is; `more`
 * lines follow. AQI_REJECT: it cannot be read, or has a key that it must not;
 * err->column is the byte of the line where that is, from 1. AQI_FATAL: memory.
 */
enum aqi_status aqi_ndjson_rows_parse(struct aqi_ndjson_rows *rows, size_t row,
				      size_t more,
				      struct aqi_error *err) AQI_MUST_CHECK;

#endif
