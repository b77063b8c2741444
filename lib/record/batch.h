/*
 * batch.h: the rows of one chunk, all at once.
 *
 * A batch is filled by the reader, goes through the steps, and is written.
 * Everything in it is borrowed from it and lives until the next chunk is read
 * into it. One thread each.
 */
#ifndef AQI_RECORD_BATCH_H
#define AQI_RECORD_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "record/field.h"
#include "record/format.h"

struct aqi_layout;
struct aqi_member;

/* The members of a JSON object, in order: see record/ndjson.h. */
struct aqi_members {
	const struct aqi_member *items;	/* (n,) */
	size_t n;
	bool in_order;	/* the keys are the layout's first n named inputs, in
			 * its order: no other is among them */
};

/* Why a row is refused; a row may have several. */
struct aqi_refusal {
	struct aqi_refusal *next;	/* by row, then as they were found */
	size_t row;
	size_t column;		/* input, or AQI_NO_COLUMN: the whole row */
	size_t at;		/* byte of the row where it begins, if known */
	enum aqi_code code;
	const char *reason;	/* of the batch */
};

#define AQI_AT_UNKNOWN ((size_t)-1)

struct aqi_batch {
	const struct aqi_format *format;
	enum aqi_syntax syntax;		/* of the rows as they came */
	const struct aqi_layout *layout;
	const char *file;
	size_t n_rows, n_columns;	/* n_columns: the layout's inputs */
	size_t n_final;		/* set for in_order: the rows that count,
				 * fewer than n_rows where a run stops */
	const char *base;		/* the chunk, that extents are of */
	struct aqi_extent *extents;	/* (n_rows, n_columns) row-major: all of
					 * a row apart, or none */
	struct aqi_field **apart;	/* (n_rows,) of those that are apart:
					 * (n_columns,); else not set */
	struct aqi_slice *rows;		/* (n_rows,) without the line end */
	uint64_t *lines;		/* (n_rows,) in the file, from 1 */
	struct aqi_members *members;	/* (n_rows,) of NDJSON; else NULL. The
					 * items may be NULL, see below */
	bool *refused;			/* (n_rows,) the verdicts */
	struct aqi_field *added;	/* (n_added, added_step) column-major */
	size_t added_step;		/* n_rows, or some more */
	const size_t *map;		/* (n_columns,) input to column of this
					 * file; NULL: they are the same */
	struct aqi_refusal *refusals;	/* in order of rows */
	struct aqi_refusal *last_refusal;
	struct aqi_refusal *new_refusal;	/* the next mostly goes here */
	uint64_t n_unpredicted;		/* rows kept without a prediction */
	void *prepared;			/* of a gathering step: run to take */
	uint32_t *blanked;	/* (n_rows,) see aqi_batch_blank; NULL:
					 * there are none */

	struct aqi_buffer text;		/* the rows as they go out */
	size_t *ends;			/* (n_rows,) of each row in text */
	struct aqi_buffer rejects;	/* the refused ones, if wanted */
	size_t *reject_ends;		/* (n_rows,) */
	struct aqi_arena arena;
};

/*
 * Begin a batch of n_rows rows that no reader has read, for a step that
 * gathers: without inputs, nothing added yet, none refused. What was in the
 * batch is forgotten. Fails without memory only.
 */
enum aqi_status aqi_batch_begin(struct aqi_batch *batch,
				const struct aqi_format *format,
				const struct aqi_layout *layout, size_t n_rows,
				struct aqi_error *err) AQI_MUST_CHECK;

/* Make room for what steps add to the rows, all of it missing; for those who
 * begin a batch. Without memory the arena has failed. */
void aqi_batch_make_added(struct aqi_batch *batch);

/* n bytes, uninitialised; NULL without memory, which the run then reports. */
void *aqi_batch_alloc(struct aqi_batch *batch, size_t n, size_t size);

static inline struct aqi_field
aqi_batch_field(const struct aqi_batch *batch, size_t row, size_t column)
{
	const struct aqi_extent extent =
		batch->extents[row * batch->n_columns + column];

	if (extent.size_kind == AQI_EXTENT_APART)
		return batch->apart[row][column];
	return aqi_extent_field(extent, batch->base);
}

/*
 * The members of a row of NDJSON, with their items, which a row whose keys are
 * known may have been read without. None without memory, which the run then
 * reports. Where in_order or n is enough, batch->members has them.
 */
struct aqi_members aqi_batch_members(struct aqi_batch *batch, size_t row);

/*
 * For the readers, of a row whose values are not all bytes of the chunk: keep
 * them apart. Returns its fields, (n_columns,), all missing; NULL without
 * memory, which the run then reports.
 */
struct aqi_field *aqi_batch_set_apart(struct aqi_batch *batch, size_t row);

/* Is the value missing: absent, null, empty, blank, or a missing token? */
bool aqi_batch_is_missing(const struct aqi_batch *batch,
			  struct aqi_field field);

/*
 * Refuse a row for an input column, or AQI_NO_COLUMN. It stays in the batch;
 * steps pass it over. The clause says what is wrong and what would be right.
 */
void aqi_batch_refuse(struct aqi_batch *batch, size_t row, size_t column,
		      enum aqi_code code, const char *format, ...)
	AQI_PRINTF(5, 6);

/* The same for the readers, who know the byte of the row where it begins. */
void aqi_batch_refuse_at(struct aqi_batch *batch, size_t row, size_t at,
			 enum aqi_code code, const char *reason);

/*
 * Read a value as a number: AQI_OK, AQI_END when it is missing (*x is NaN
 * then), AQI_REJECT when it is neither, with the reason in err. For one value;
 * the two below are for a column of them.
 */
enum aqi_status aqi_batch_number(const struct aqi_batch *batch,
				 struct aqi_field field, double *x,
				 struct aqi_error *err);

/*
 * Read a column as numbers, in the n_rows rows from `start` on: NaN where
 * missing; a row that holds anything else is refused. x is (n_rows,), element i
 * at x[i * stride]. A column of AQI_NO_COLUMN is missing in every row. The
 * second gives the 32-bit floats nearest to the texts, rounded once.
 */
void aqi_batch_doubles(struct aqi_batch *batch, size_t column, size_t start,
		       size_t n_rows, double *x, size_t stride);
void aqi_batch_floats(struct aqi_batch *batch, size_t column, size_t start,
		      size_t n_rows, double *x, size_t stride);

/*
 * The same for n columns at once, which costs less: x is (n_rows, n),
 * row-major. A row is refused for the first of them that is no number. Returns
 * true where all are plain numbers: then none is missing and no row refused;
 * false tells nothing.
 */
bool aqi_batch_rows_of_doubles(struct aqi_batch *batch, const size_t *columns,
			       size_t n, size_t start, size_t n_rows,
			       double *x);
bool aqi_batch_rows_of_floats(struct aqi_batch *batch, const size_t *columns,
			      size_t n, size_t start, size_t n_rows,
			      double *x);

/*
 * The same of plain numbers alone, which are nearly all: digits, a mark among
 * them or none, behind a minus or none. NaN where a value is anything else:
 * missing, no number, or one that takes a closer look. No row is refused.
 */
void aqi_batch_look_at_doubles(struct aqi_batch *batch, const size_t *columns,
			       size_t n, size_t start, size_t n_rows,
			       double *x);

/*
 * Set an added column's value in a row; unset ones are missing. The number
 * is finite; decimals as in aqi_number_fixed, or AQI_SHORTEST; of a float it is
 * the shortest text that reads back to the same float. The text must
 * live as long as the batch (a constant, or from aqi_batch_alloc).
 */
#define AQI_SHORTEST (-1)
void aqi_batch_set_number(struct aqi_batch *batch, size_t added, size_t row,
			  double x, int decimals);
void aqi_batch_set_float(struct aqi_batch *batch, size_t added, size_t row,
			 float x);
void aqi_batch_set_rounded(struct aqi_batch *batch, size_t added, size_t row,
			   double x, int decimals);
static inline struct aqi_field *
aqi_batch_added(const struct aqi_batch *batch, size_t added)
{
	return batch->added + added * batch->added_step;
}

static inline void
aqi_batch_set(struct aqi_batch *batch, size_t added, size_t row,
	      struct aqi_field field)
{
	aqi_batch_added(batch, added)[row] = field;
}

/* The first and the third of these for n rows at once: x[i] in rows[i]. */
void aqi_batch_set_numbers(struct aqi_batch *batch, size_t added,
			   const size_t *rows, size_t n, const double *x,
			   int decimals);
void aqi_batch_set_all_rounded(struct aqi_batch *batch, size_t added,
			       const size_t *rows, size_t n, const double *x,
			       int decimals);

static inline void
aqi_batch_set_text(struct aqi_batch *batch, size_t added, size_t row,
		   struct aqi_slice text)
{
	aqi_batch_set(batch, added, row,
		      (struct aqi_field){text.data, (uint32_t)text.size,
					 AQI_TEXT});
}

/*
 * Count one more value of a row that cannot be and is missing from here on: it
 * was there, so that nothing is lost in silence.
 */
void aqi_batch_blank(struct aqi_batch *batch, size_t row);

/*
 * What a message says of a refusal: file, line, column in bytes, field,
 * reason. The place is looked for only here, since few rows are refused.
 */
void aqi_batch_explain(const struct aqi_batch *batch,
		       const struct aqi_refusal *refusal,
		       struct aqi_error *err);

void aqi_batch_free(struct aqi_batch *batch);

#endif
