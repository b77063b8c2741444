/* What the values of a batch are: missing, or numbers. */
#include "record/batch.h"

#include <math.h>

#include "record/layout.h"
#include "record/number.h"
#include "record/numbers.h"

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
	bool only_looks;	/* at plain numbers: all others are NaN */
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
	if (status == AQI_REJECT)
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

/* Values that may be such a token. Of those left there may be nothing in x. */
static uint64_t
suspect(const struct suspects *s, const struct aqi_numbers *numbers,
	uint64_t left)
{
	uint64_t found = 0;

	if (s->are_too_many)
		return UINT64_MAX >> (64 - numbers->n);
	for (size_t k = 0; k < s->n; k++)
		for (size_t i = 0; i < numbers->n; i++)
			if (!(left >> i & 1))
				found |= (uint64_t)(s->x[k] ==
					numbers->x[i * numbers->stride]) << i;
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

/* Some rows, all columns that are wanted, or one of them. */
struct group {
	size_t row, n_rows;
	const size_t *columns;	/* (n,) */
	size_t n;
	double *x;
	size_t stride;		/* from value to value */
	bool is_flat;		/* the columns are all there are, in order */
};

/* The bits of the values of some of a group's rows, a bit each. */
static uint64_t
values_of(uint64_t rows, size_t n)
{
	const uint64_t of_row = UINT64_MAX >> (64 - n);
	uint64_t values = 0;

	for (; rows; rows &= rows - 1)
		values |= of_row << (size_t)__builtin_ctzll(rows) * n;
	return values;
}

/* The values that are no plain numbers go one by one; where a row comes to be
 * refused, so do those behind. */
static void
read_rest(const struct wanted *w, const struct group *g, uint64_t rest)
{
	for (; rest; rest &= rest - 1) {
		const size_t i = (size_t)__builtin_ctzll(rest);
		const size_t row = i / g->n;

		if (w->only_looks) {
			g->x[i * g->stride] = NAN;
			continue;
		}
		read_value(w, g->row + row, g->columns[i % g->n],
			   g->x + i * g->stride);
		if (w->batch->refused[g->row + row])
			rest |= values_of(UINT64_C(1) << row, g->n) &
				~UINT64_C(0) << i;
	}
}

/* Returns whether all are plain numbers, of rows that are not refused. */
static bool
read_group(const struct wanted *w, const struct suspects *suspects,
	   struct aqi_numbers *numbers, aqi_numbers_fn *read,
	   const struct group *g)
{
	const struct aqi_batch *batch = w->batch;
	const uint64_t refused = find_refused(batch, g->row, g->n_rows);
	uint64_t rest;

	numbers->n = g->n_rows * g->n;
	/* Of no chunk, all values are apart. */
	if (g->columns[0] == AQI_NO_COLUMN || !batch->base) {
		rest = UINT64_MAX >> (64 - numbers->n);
	} else {
		numbers->extents = batch->extents + g->row * batch->n_columns;
		numbers->columns = g->is_flat ? NULL : g->columns;
		numbers->n_columns = g->n;
		numbers->x = g->x;
		numbers->stride = g->stride;
		rest = read(numbers);
		rest |= suspect(suspects, numbers, rest);
		if (refused)
			rest |= values_of(refused, g->n);
	}
	read_rest(w, g, rest);
	return rest == 0;
}

/* Can rows be read as a whole? */
static bool
can_read_rows(const struct wanted *w)
{
	for (size_t k = 0; k < w->n; k++)
		if (w->columns[k] == AQI_NO_COLUMN)
			return false;
	return w->n > 1 && w->n <= AQI_NUMBERS_AT_ONCE && w->stride == w->n;
}

static bool
are_all(const struct wanted *w)
{
	for (size_t k = 0; k < w->n; k++)
		if (w->columns[k] != k)
			return false;
	return w->n == w->batch->n_columns;
}

/*
 * Most values are numbers that can be read many at a time: a few rows with all
 * that is wanted of them, or where that is not side by side, a column of some
 * more rows after the other. They stay in the nearest cache. Returns whether
 * all are plain numbers, of rows that are not refused.
 */
static bool
read_rows(const struct wanted *w, size_t start, size_t n_rows)
{
	const struct aqi_batch *batch = w->batch;
	const bool is_csv = batch->syntax == AQI_SYNTAX_CSV;
	struct aqi_numbers numbers = {
		.base = batch->base, .step = batch->n_columns,
		.kind = is_csv ? AQI_TEXT : AQI_NUMBER,
		.mark = is_csv ? aqi_format_in_decimal_mark(batch->format) :
				 '.',
		.is_narrow = w->is_narrow,
	};
	const struct suspects suspects = find_suspects(w, numbers.mark);
	aqi_numbers_fn *const read = aqi_numbers_reader();
	const size_t at_once = can_read_rows(w) ? w->n : 1;
	struct group g = {.n = at_once,
			  .stride = at_once > 1 ? 1 : w->stride,
			  .is_flat = at_once == w->n && are_all(w)};
	bool is_plain = true;

	for (size_t i = 0; i < n_rows; i += g.n_rows) {
		const size_t most = AQI_NUMBERS_AT_ONCE / at_once;

		g.row = start + i;
		g.n_rows = n_rows - i < most ? n_rows - i : most;
		for (size_t k = 0; k < w->n; k += at_once) {
			g.columns = w->columns + k;
			g.x = w->x + i * w->stride + k;
			is_plain &= read_group(w, &suspects, &numbers, read,
					       &g);
		}
	}
	return is_plain;
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

bool
aqi_batch_rows_of_doubles(struct aqi_batch *batch, const size_t *columns,
			  size_t n, size_t start, size_t n_rows, double *x)
{
	return read_rows(&(struct wanted){batch, columns, n, false, x, n,
					  false}, start, n_rows);
}

bool
aqi_batch_rows_of_floats(struct aqi_batch *batch, const size_t *columns,
			 size_t n, size_t start, size_t n_rows, double *x)
{
	return read_rows(&(struct wanted){batch, columns, n, true, x, n,
					  false}, start, n_rows);
}

void
aqi_batch_look_at_doubles(struct aqi_batch *batch, const size_t *columns,
			  size_t n, size_t start, size_t n_rows, double *x)
{
	read_rows(&(struct wanted){batch, columns, n, false, x, n, true},
		  start, n_rows);
}
