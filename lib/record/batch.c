#include "record/batch.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/csv.h"
#include "record/digits.h"
#include "record/layout.h"
#include "record/ndjson.h"
#include "record/number.h"
#include "record/numbers.h"

static void *
zeros(struct aqi_batch *batch, size_t n, size_t size)
{
	void *bytes = aqi_arena_array(&batch->arena, n, size);

	return bytes ? memset(bytes, 0, n * size) : NULL;
}

enum aqi_status
aqi_batch_begin(struct aqi_batch *batch, const struct aqi_format *format,
		const struct aqi_layout *layout, size_t n_rows,
		struct aqi_error *err)
{
	struct aqi_arena arena = batch->arena;
	struct aqi_buffer text = batch->text, rejects = batch->rejects;

	aqi_arena_clear(&arena);
	aqi_buffer_clear(&text);
	aqi_buffer_clear(&rejects);
	*batch = (struct aqi_batch){
		.format = format, .syntax = AQI_SYNTAX_CSV, .layout = layout,
		.n_rows = n_rows, .arena = arena, .text = text,
		.rejects = rejects,
	};
	batch->rows = zeros(batch, n_rows, sizeof *batch->rows);
	batch->lines = zeros(batch, n_rows, sizeof *batch->lines);
	batch->refused = zeros(batch, n_rows, sizeof *batch->refused);
	batch->ends = zeros(batch, n_rows, sizeof *batch->ends);
	batch->reject_ends = zeros(batch, n_rows, sizeof *batch->reject_ends);
	batch->added = zeros(batch, n_rows * layout->n_added,
			     sizeof *batch->added);
	return batch->arena.failed ? aqi_error_memory(err) : AQI_OK;
}

void *
aqi_batch_alloc(struct aqi_batch *batch, size_t n, size_t size)
{
	return aqi_arena_array(&batch->arena, n, size);
}

struct aqi_field *
aqi_batch_set_apart(struct aqi_batch *batch, size_t row)
{
	const size_t n = batch->n_columns;
	struct aqi_extent *extents = batch->extents + row * n;
	struct aqi_field *fields = zeros(batch, n, sizeof *fields);

	if (!fields)
		return NULL;
	for (size_t i = 0; i < n; i++)
		extents[i] = (struct aqi_extent){0, AQI_EXTENT_APART};
	batch->apart[row] = fields;
	return fields;
}

struct aqi_members
aqi_batch_members(struct aqi_batch *batch, size_t row)
{
	const struct aqi_layout *layout = batch->layout;
	struct aqi_members *members = &batch->members[row];
	struct aqi_member *items = NULL;
	struct aqi_error err;

	if (members->items || members->n == 0)
		return *members;
	if (aqi_ndjson_read(batch->rows[row], layout->inputs, layout->n_inputs,
			    &batch->arena, &items, &members->n, &err) !=
	    AQI_OK) {
		batch->arena.failed = true;
		*members = (struct aqi_members){0};
	}
	members->items = items;
	return *members;
}

bool
aqi_batch_is_missing(const struct aqi_batch *batch, struct aqi_field field)
{
	struct aqi_slice text;

	if (field.kind != AQI_TEXT && field.kind != AQI_NUMBER)
		return field.kind == AQI_MISSING;
	text = aqi_slice_trim(aqi_field_text(field));
	if (text.size == 0)
		return true;
	for (size_t i = 0; i < batch->format->n_missing; i++)
		if (aqi_slice_equal(text, batch->format->missing[i]))
			return true;
	return false;
}

/*
 * Keep the list in order of rows. They come in that order from a reader, and
 * again for each column that a step looks at: the search begins at the last
 * one put in.
 */
static void
insert(struct aqi_batch *batch, struct aqi_refusal *refusal)
{
	struct aqi_refusal **link = &batch->refusals;

	if (batch->last_refusal && batch->last_refusal->row <= refusal->row)
		link = &batch->last_refusal->next;
	else if (batch->new_refusal && batch->new_refusal->row <= refusal->row)
		link = &batch->new_refusal->next;
	while (*link && (*link)->row <= refusal->row)
		link = &(*link)->next;
	refusal->next = *link;
	*link = refusal;
	batch->new_refusal = refusal;
	if (!refusal->next)
		batch->last_refusal = refusal;
}

static void
refuse(struct aqi_batch *batch, struct aqi_refusal place, const char *reason)
{
	struct aqi_refusal *refusal =
		aqi_arena_alloc(&batch->arena, sizeof *refusal);

	batch->refused[place.row] = true;
	if (!refusal)
		return;
	/* The text is copied with its terminator. */
	place.reason = aqi_arena_copy(&batch->arena, (struct aqi_slice){
					      reason, strlen(reason) + 1}).data;
	*refusal = place;
	if (refusal->reason)
		insert(batch, refusal);
}

void
aqi_batch_refuse(struct aqi_batch *batch, size_t row, size_t column,
		 enum aqi_code code, const char *format, ...)
{
	char reason[sizeof ((struct aqi_error *)0)->reason];
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof reason, format, ap);
	va_end(ap);
	refuse(batch, (struct aqi_refusal){.row = row, .column = column,
					   .at = AQI_AT_UNKNOWN, .code = code},
	       reason);
}

void
aqi_batch_refuse_at(struct aqi_batch *batch, size_t row, size_t at,
		    enum aqi_code code, const char *reason)
{
	refuse(batch, (struct aqi_refusal){.row = row, .column = AQI_NO_COLUMN,
					   .at = at, .code = code}, reason);
}

static enum aqi_status
not_a_number(struct aqi_field field, enum aqi_number why, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_slice text = aqi_field_text(field);

	if (why == AQI_NUMBER_OVERFLOW)
		aqi_error_set(err, AQI_E_TYPE, "%s is too large for a number",
			      aqi_error_quote(quoted, text));
	else
		aqi_error_set(err, AQI_E_TYPE, "%s is not a number",
			      aqi_error_quote(quoted, text));
	return AQI_REJECT;
}

/* The mark of a value: JSON always has the point. */
static char
mark_of(const struct aqi_batch *batch, struct aqi_field field)
{
	if (field.kind == AQI_TEXT && batch->syntax == AQI_SYNTAX_CSV)
		return aqi_format_in_decimal_mark(batch->format);
	return '.';
}

/* A JSON string is text even when it looks like a number. */
static bool
may_be_number(const struct aqi_batch *batch, struct aqi_field field)
{
	return field.kind == AQI_NUMBER ||
	       (field.kind == AQI_TEXT && batch->syntax == AQI_SYNTAX_CSV);
}

enum aqi_status
aqi_batch_number(const struct aqi_batch *batch, struct aqi_field field,
		 double *x, struct aqi_error *err)
{
	enum aqi_number why = AQI_NUMBER_NOT;

	*x = NAN;
	if (aqi_batch_is_missing(batch, field))
		return AQI_END;
	if (may_be_number(batch, field))
		why = aqi_number_to_double(aqi_field_text(field),
					   mark_of(batch, field), x);
	if (why == AQI_NUMBER_OK)
		return AQI_OK;
	return not_a_number(field, why, err);
}

static enum aqi_status
read_float(const struct aqi_batch *batch, struct aqi_field field, float *x,
	   struct aqi_error *err)
{
	enum aqi_number why = AQI_NUMBER_NOT;

	*x = NAN;
	if (aqi_batch_is_missing(batch, field))
		return AQI_END;
	if (may_be_number(batch, field))
		why = aqi_number_to_float(aqi_field_text(field),
					  mark_of(batch, field), x);
	if (why == AQI_NUMBER_OK)
		return AQI_OK;
	return not_a_number(field, why, err);
}

/* Numbers of a batch that are wanted: row by row, some columns of each. */
struct wanted {
	struct aqi_batch *batch;
	const size_t *columns;	/* (n,) */
	size_t n;
	bool is_narrow;
	double *x;		/* of the first row and column */
	size_t stride;		/* from row to row */
	bool only_looks;	/* no row is refused */
};

/* One value, in the way that takes them all. */
static void
read_value(const struct wanted *w, size_t row, size_t column, double *x)
{
	struct aqi_batch *batch = w->batch;
	struct aqi_error err;
	enum aqi_status status;
	float narrow;

	*x = NAN;
	if (column == AQI_NO_COLUMN || batch->refused[row])
		return;
	if (w->is_narrow) {
		status = read_float(batch, aqi_batch_field(batch, row, column),
				    &narrow, &err);
		*x = (double)narrow;
	} else {
		status = aqi_batch_number(batch, aqi_batch_field(batch, row,
					  column), x, &err);
	}
	if (status == AQI_REJECT && !w->only_looks)
		aqi_batch_refuse(batch, row, column, err.code, "%s",
				 err.reason);
}

/* The missing tokens that look like numbers: -999. */
#define MOST_SUSPECTS 8
struct suspects {
	double x[MOST_SUSPECTS];
	size_t n;
	bool are_too_many;
};

static struct suspects
find_suspects(const struct wanted *w, char mark)
{
	const struct aqi_format *format = w->batch->format;
	struct suspects s = {.n = 0};
	double x;

	for (size_t i = 0; i < format->n_missing; i++) {
		if (aqi_number_to_double(format->missing[i], mark, &x) !=
		    AQI_NUMBER_OK)
			continue;
		s.are_too_many = s.n == MOST_SUSPECTS;
		if (s.are_too_many)
			break;
		s.x[s.n++] = w->is_narrow ? (double)(float)x : x;
	}
	return s;
}

/* Values that may be such a token. */
static uint64_t
suspect(const struct suspects *s, const struct aqi_numbers *numbers)
{
	uint64_t found = 0;

	if (s->are_too_many)
		return UINT64_MAX;
	for (size_t k = 0; k < s->n; k++)
		for (size_t i = 0; i < numbers->n; i++)
			found |= (uint64_t)(numbers->x[i * numbers->stride] ==
					    s->x[k]) << i;
	return found;
}

/* The refused ones of some rows, a bit each. */
static uint64_t
find_refused(const struct aqi_batch *batch, size_t start, size_t n)
{
	uint64_t found = 0;

	for (size_t i = 0; i < n; i++)
		found |= (uint64_t)batch->refused[start + i] << i;
	return found;
}

/*
 * A column of some rows, of which those with a bit in *refused are; it is set
 * for those that come to be. Values that are no plain numbers go one by one.
 */
static void
read_column(const struct wanted *w, const struct suspects *suspects,
	    const struct aqi_numbers *numbers, aqi_numbers_fn *read, size_t row,
	    size_t column, uint64_t *refused)
{
	const size_t n = numbers->n;
	uint64_t rest = UINT64_MAX >> (64 - n);

	if (column != AQI_NO_COLUMN)
		rest &= read(numbers) | suspect(suspects, numbers) | *refused;
	for (; rest; rest &= rest - 1) {
		const size_t i = (size_t)__builtin_ctzll(rest);

		read_value(w, row + i, column,
			   numbers->x + i * numbers->stride);
		*refused |= (uint64_t)w->batch->refused[row + i] << i;
	}
}

/*
 * Most values are numbers that can be read many at a time, those of a few rows
 * in one column after the other: they stay in the nearest cache.
 */
static void
read_rows(const struct wanted *w, size_t start, size_t n_rows)
{
	const struct aqi_batch *batch = w->batch;
	const bool is_csv = batch->syntax == AQI_SYNTAX_CSV;
	struct aqi_numbers numbers = {
		.base = batch->base, .step = batch->n_columns,
		.kind = is_csv ? AQI_TEXT : AQI_NUMBER,
		.mark = is_csv ? aqi_format_in_decimal_mark(batch->format) :
				 '.',
		.is_narrow = w->is_narrow, .stride = w->stride,
	};
	const struct suspects suspects = find_suspects(w, numbers.mark);
	aqi_numbers_fn *const read = aqi_numbers_reader();

	for (size_t i = 0; i < n_rows; i += numbers.n) {
		const size_t row = start + i, left = n_rows - i;
		uint64_t refused;

		numbers.n = left < AQI_NUMBERS_AT_ONCE ? left :
							 AQI_NUMBERS_AT_ONCE;
		refused = find_refused(batch, row, numbers.n);
		for (size_t k = 0; k < w->n; k++) {
			const size_t column = w->columns[k];

			numbers.x = w->x + i * w->stride + k;
			if (column != AQI_NO_COLUMN)
				numbers.extents = batch->extents +
					row * batch->n_columns + column;
			read_column(w, &suspects, &numbers, read, row, column,
				    &refused);
		}
	}
}

void
aqi_batch_doubles(struct aqi_batch *batch, size_t column, size_t start,
		  size_t n_rows, double *x, size_t stride)
{
	read_rows(&(struct wanted){batch, &column, 1, false, x, stride, false},
		  start, n_rows);
}

void
aqi_batch_floats(struct aqi_batch *batch, size_t column, size_t start,
		 size_t n_rows, double *x, size_t stride)
{
	read_rows(&(struct wanted){batch, &column, 1, true, x, stride, false},
		  start, n_rows);
}

void
aqi_batch_rows_of_doubles(struct aqi_batch *batch, const size_t *columns,
			  size_t n, size_t start, size_t n_rows, double *x)
{
	read_rows(&(struct wanted){batch, columns, n, false, x, n, false},
		  start, n_rows);
}

void
aqi_batch_rows_of_floats(struct aqi_batch *batch, const size_t *columns,
			 size_t n, size_t start, size_t n_rows, double *x)
{
	read_rows(&(struct wanted){batch, columns, n, true, x, n, false},
		  start, n_rows);
}

void
aqi_batch_look_at_doubles(struct aqi_batch *batch, const size_t *columns,
			  size_t n, size_t start, size_t n_rows, double *x)
{
	read_rows(&(struct wanted){batch, columns, n, false, x, n, true},
		  start, n_rows);
}

static void
set_digits(struct aqi_batch *batch, size_t added, size_t row,
	   const char *digits, size_t n)
{
	struct aqi_slice text =
		aqi_arena_copy(&batch->arena, (struct aqi_slice){digits, n});

	if (text.data)
		aqi_batch_set(batch, added, row,
			      (struct aqi_field){text.data, (uint32_t)n,
						 AQI_NUMBER});
}

void
aqi_batch_set_number(struct aqi_batch *batch, size_t added, size_t row,
		     double x, int decimals)
{
	char digits[AQI_NUMBER_SIZE];
	size_t n = decimals == AQI_SHORTEST ?
			   aqi_number_shortest(digits, x) :
			   aqi_number_fixed(digits, x, decimals);

	set_digits(batch, added, row, digits, n);
}

void
aqi_batch_set_numbers(struct aqi_batch *batch, size_t added, const size_t *rows,
		      size_t n, const double *x, int decimals)
{
	struct aqi_field *values = batch->added + added * batch->n_rows;
	char *text = NULL;
	size_t size;

	if (decimals != AQI_SHORTEST)
		text = aqi_batch_alloc(batch, n, AQI_DIGITS_ROOM);
	for (size_t i = 0; i < n; i++) {
		size = text ? aqi_digits_fixed(text, x[i], decimals) : 0;
		if (size == 0) {
			aqi_batch_set_number(batch, added, rows[i], x[i],
					     decimals);
			continue;
		}
		values[rows[i]] = (struct aqi_field){text, (uint32_t)size,
						     AQI_NUMBER};
		text += size;
	}
}

void
aqi_batch_set_float(struct aqi_batch *batch, size_t added, size_t row, float x)
{
	char digits[AQI_NUMBER_SIZE];

	set_digits(batch, added, row, digits,
		   aqi_number_shortest_float(digits, x));
}

void
aqi_batch_set_rounded(struct aqi_batch *batch, size_t added, size_t row,
		      double x, int decimals)
{
	char digits[AQI_NUMBER_SIZE];
	size_t n = decimals == AQI_SHORTEST ?
			   aqi_number_shortest(digits, x) :
			   aqi_number_rounded(digits, x, decimals);

	set_digits(batch, added, row, digits, n);
}

void
aqi_batch_blank(struct aqi_batch *batch, size_t row)
{
	if (!batch->blanked) {
		batch->blanked = aqi_batch_alloc(batch, batch->n_rows,
						 sizeof *batch->blanked);
		if (!batch->blanked)
			return;
		memset(batch->blanked, 0,
		       batch->n_rows * sizeof *batch->blanked);
	}
	batch->blanked[row]++;
}

/* Where an input column's value begins in the row's bytes; AQI_AT_UNKNOWN
 * where the row has none. */
static size_t
find_value(const struct aqi_batch *batch, size_t row, size_t column)
{
	const struct aqi_slice text = batch->rows[row];
	size_t at = batch->map ? batch->map[column] : column;

	if (batch->syntax == AQI_SYNTAX_CSV)
		return at == AQI_NO_COLUMN ? AQI_AT_UNKNOWN : aqi_csv_find(
			text, aqi_format_in_delimiter(batch->format), at);
	return aqi_ndjson_find(text, batch->layout->inputs[column]);
}

void
aqi_batch_explain(const struct aqi_batch *batch,
		  const struct aqi_refusal *refusal, struct aqi_error *err)
{
	struct aqi_slice text = batch->rows[refusal->row];
	size_t at = refusal->at, start = 0;
	uint64_t line = batch->lines[refusal->row];

	aqi_error_set(err, refusal->code, "%s", refusal->reason);
	if (refusal->column != AQI_NO_COLUMN) {
		aqi_error_name(err, batch->layout->inputs[refusal->column]);
		at = find_value(batch, refusal->row, refusal->column);
	}
	if (at == AQI_AT_UNKNOWN) {
		aqi_error_at(err, batch->file, line, 0);
		return;
	}
	for (size_t i = 0; i < at && i < text.size; i++) {
		if (text.data[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	aqi_error_at(err, batch->file, line, at - start + 1);
}

void
aqi_batch_free(struct aqi_batch *batch)
{
	aqi_buffer_free(&batch->text);
	aqi_buffer_free(&batch->rejects);
	aqi_arena_free(&batch->arena);
	*batch = (struct aqi_batch){0};
}
