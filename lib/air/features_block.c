/*
 * Of a batch, the places of values, the values that are added and the text
 * take more room than the nearest caches have, so that a column at a time would
 * fetch all of it again for each of them. Some rows of all columns stay there.
 */
#include "air/features_block.h"

#include <math.h>

#include "air/base_record.h"
#include "air/cell.h"
#include "air/features_field.h"
#include "air/features_plan.h"
#include "air/units.h"
#include "record/batch.h"
#include "record/layout.h"

/* Fewer do not pay for what is done once a block, more leave the cache. */
#define BLOCK_ROWS ((size_t)64)

/*
 * Gases come as whole numbers of ug/m3 that repeat; what one of them is in the
 * record's unit is kept, which costs less than to write its digits again. More
 * places would find more of them, and take longer to make empty.
 */
#define N_CONVERTED 512

struct converted {
	double x, y;
	struct aqi_field text;	/* in the batch; no data: nothing is here */
};

/* How all numbers of a column are settled. */
enum way {
	EACH_ROW,	/* by its unit, range or time */
	CONVERTED,	/* by one conversion */
	AS_THEY_ARE
};

struct column {
	enum aqi_target target;
	enum way way;
	bool may_be_set;	/* already, of the time */
	const struct aqi_features_source *source;	/* the first */
	double *tokens;		/* (n_tokens,) missing ones that are numbers */
	size_t n_tokens;
	struct converted *known;	/* (N_CONVERTED,), if CONVERTED */
	struct aqi_features_unit memo;
	struct aqi_field *added;	/* (n_rows,); NULL: dew point */
	double *values;		/* (BLOCK_ROWS,) of the record; NULL: nobody
				 * asks */
};

/* A batch at work. */
struct block {
	const struct aqi_features_rows *rows;
	struct aqi_batch *batch;
	struct column columns[AQI_N_TARGETS];
	size_t inputs[AQI_N_TARGETS];	/* (n_columns,) */
	size_t n_columns;
	char mark;		/* of the numbers in the chunk */
	size_t start, n_rows;	/* of the rows in hand */
	double numbers[BLOCK_ROWS * AQI_N_TARGETS];	/* (n_rows, n_columns),
							 * NaN: to be read */
	double temperature[BLOCK_ROWS], dew_point[BLOCK_ROWS];
};

static enum way
find_way(const struct aqi_features_rows *rows, enum aqi_target target)
{
	const struct aqi_mapping_field *field =
		&rows->plan->options.mapping->fields[target];
	const struct aqi_features_column *column =
		&rows->plan->columns[target];

	if (target == AQI_TARGET_HUMIDITY || rows->periods ||
	    column->n_sources != 1 || field->n_ranges > 0 ||
	    field->unit_columns.n > 0)
		return EACH_ROW;
	if (column->sources[0].conversion.in[0].is_identity)
		return AS_THEY_ARE;
	/* Of few rows, none may repeat a number. */
	return target < AQI_N_BASE && rows->batch->n_rows >= BLOCK_ROWS ?
		       CONVERTED : EACH_ROW;
}

static void
set_values(struct block *b, struct column *column)
{
	if (!b->rows->plan->makes_humidity)
		return;
	if (column->target == AQI_TARGET_TEMPERATURE)
		column->values = b->temperature;
	if (column->target == AQI_TARGET_DEW_POINT)
		column->values = b->dew_point;
}

/* Without memory, what is not there is not used, and the arena says so. */
static void
add_column(struct block *b, enum aqi_target target)
{
	const struct aqi_features_plan *plan = b->rows->plan;
	const struct aqi_features_column *from = &plan->columns[target];
	const struct aqi_cell_form *form =
		&plan->options.mapping->fields[target].form;
	struct column *column = &b->columns[b->n_columns];

	if (from->n_sources == 0)
		return;
	*column = (struct column){
		.target = target, .way = find_way(b->rows, target),
		.may_be_set = target >= AQI_TARGET_HOUR && target < AQI_N_BASE,
		.source = from->sources,
		.tokens = aqi_batch_alloc(b->batch, form->missing.n,
					  sizeof *column->tokens),
		.added = target < AQI_N_BASE ?
				 aqi_batch_added(b->batch, from->added) : NULL,
	};
	if (column->tokens)
		column->n_tokens = aqi_cell_tokens(form, b->batch,
						   column->tokens);
	if (column->way == CONVERTED)
		column->known = aqi_batch_alloc(b->batch, N_CONVERTED,
						sizeof *column->known);
	if (column->known)
		memset(column->known, 0, N_CONVERTED * sizeof *column->known);
	set_values(b, column);
	b->inputs[b->n_columns++] = from->sources[0].input;
}

/* In the order in which a row is refused for them: temperature and dew point
 * last where humidity is made of them. */
static enum aqi_status
add_columns(struct block *b, struct aqi_error *err)
{
	const bool makes_humidity = b->rows->plan->makes_humidity;

	for (size_t i = 0; i < AQI_N_BASE; i++)
		if (!(makes_humidity && i == AQI_TARGET_TEMPERATURE))
			add_column(b, (enum aqi_target)i);
	if (makes_humidity) {
		add_column(b, AQI_TARGET_TEMPERATURE);
		add_column(b, AQI_TARGET_DEW_POINT);
	}
	return b->batch->arena.failed ? aqi_error_memory(err) : AQI_OK;
}

/* The numbers of the rows in hand; what may be a token is to be read. */
static void
look(struct block *b)
{
	const size_t n = b->n_columns;

	for (size_t i = 0; i < b->n_rows; i++)
		b->temperature[i] = b->dew_point[i] = NAN;
	aqi_batch_look_at_doubles(b->batch, b->inputs, n, b->start, b->n_rows,
				  b->numbers);
	for (size_t k = 0; k < n; k++) {
		const struct column *column = &b->columns[k];
		double *x = b->numbers + k;

		for (size_t t = 0; t < column->n_tokens; t++)
			for (size_t i = 0; i < b->n_rows; i++)
				if (x[i * n] == column->tokens[t])
					x[i * n] = NAN;
	}
}

/* A value in the way that takes them all. */
static enum aqi_status
set_value(const struct block *b, struct column *column, size_t i, double x,
	  double *y, struct aqi_field *text)
{
	const struct aqi_features_rows *rows = b->rows;
	const struct aqi_features_source *source = column->source;
	const size_t row = b->start + i;
	enum aqi_status status = AQI_END;

	if (b->batch->refused[row] ||
	    (column->may_be_set &&
	     aqi_features_field_is_set(rows, column->target, row)))
		return AQI_END;
	if (isnan(x))
		source = aqi_features_field_find(rows, column->target, row, &x);
	if (source)
		status = aqi_features_field_settle(rows, column->target, source,
						   row, &column->memo, x, y,
						   text);
	if (status != AQI_OK)
		return status;
	if (column->values)
		column->values[i] = *y;
	if (column->added)
		column->added[row] = *text;
	return AQI_OK;
}

static void
set_each(struct block *b, size_t k)
{
	struct column *column = &b->columns[k];
	struct aqi_field text;
	double y;

	for (size_t i = 0; i < b->n_rows; i++)
		(void)set_value(b, column, i, b->numbers[i * b->n_columns + k],
				&y, &text);
}

static inline struct converted *
find_converted(struct converted *known, double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return &known[bits * UINT64_C(0x9e3779b97f4a7c15) >> (64 - 9)];
}

/* With what was made of the same number before. */
static void
set_converted(struct block *b, size_t k)
{
	struct column *column = &b->columns[k];
	struct aqi_field text;
	double y;

	for (size_t i = 0; i < b->n_rows; i++) {
		const double x = b->numbers[i * b->n_columns + k];
		struct converted *here = find_converted(column->known, x);

		if (here->x == x && here->text.data) {
			column->added[b->start + i] = here->text;
			if (column->values)
				column->values[i] = here->y;
		} else if (set_value(b, column, i, x, &y, &text) == AQI_OK &&
			   y != x) {
			/* Where it is itself, the text is the row's. */
			*here = (struct converted){x, y, text};
		}
	}
}

/* Is the text of a plain number one of JSON, too? Nothing decides a branch that
 * differs from number to number. */
static inline bool
is_of_json(const char *text, size_t size)
{
	const bool is_negative = *text == '-';
	const char *first = text + is_negative;
	const bool is_alone = size - is_negative == 1;
	const bool is_zero = (*first == '0') &
			     (is_alone | (first[!is_alone] == '.'));

	return ((unsigned char)(*first - '1') < 9 || is_zero) &&
	       text[size - 1] != '.';
}

/* Member by member: as a whole it would be made elsewhere and read back before
 * it is all there. */
static inline bool
keep(struct aqi_field *to, struct aqi_field text)
{
	if (!is_of_json(text.data, text.size))
		return false;
	to->data = text.data;
	to->size = text.size;
	to->kind = AQI_NUMBER;
	return true;
}

/* By their own bytes. */
static void
set_as_they_are(struct block *b, size_t k)
{
	const struct aqi_batch *batch = b->batch;
	const struct aqi_extent *extents =
		batch->extents + b->start * batch->n_columns + b->inputs[k];
	struct column *column = &b->columns[k];
	struct aqi_field *added = column->added + b->start;
	struct aqi_field text;
	double y;

	for (size_t i = 0; i < b->n_rows; i++) {
		const double x = b->numbers[i * b->n_columns + k];

		if (isnan(x) || !keep(&added[i], aqi_extent_field(
					extents[i * batch->n_columns],
					batch->base)))
			(void)set_value(b, column, i, x, &y, &text);
		else if (column->values)
			column->values[i] = x;
	}
}

/* The same of those that nobody writes. */
static void
take_as_they_are(struct block *b, size_t k)
{
	struct column *column = &b->columns[k];
	struct aqi_field text;
	double y;

	for (size_t i = 0; i < b->n_rows; i++) {
		const double x = b->numbers[i * b->n_columns + k];

		if (!isnan(x))
			column->values[i] = x;
		else
			(void)set_value(b, column, i, NAN, &y, &text);
	}
}

static void
set_column(struct block *b, size_t k)
{
	const struct column *column = &b->columns[k];

	if (column->way == CONVERTED)
		set_converted(b, k);
	else if (column->way == AS_THEY_ARE && !column->added)
		take_as_they_are(b, k);
	else if (column->way == AS_THEY_ARE && b->mark == '.' &&
		 !column->may_be_set)
		set_as_they_are(b, k);
	else
		set_each(b, k);
}

/* Made of temperature and dew point, where a row has none of its own. */
static void
set_humidity(const struct block *b)
{
	const struct aqi_features_plan *plan = b->rows->plan;
	const size_t added = plan->columns[AQI_TARGET_HUMIDITY].added;
	const struct aqi_field *own = aqi_batch_added(b->batch, added);
	size_t rows[BLOCK_ROWS], n = 0;
	double x[BLOCK_ROWS];

	for (size_t i = 0; i < b->n_rows; i++) {
		const size_t row = b->start + i;

		if (b->batch->refused[row] || isnan(b->temperature[i]) ||
		    isnan(b->dew_point[i]) || own[row].kind != AQI_MISSING)
			continue;
		x[n] = aqi_units_humidity(b->temperature[i], b->dew_point[i]);
		rows[n] = row;
		if (isfinite(x[n]))
			n++;
		else
			aqi_batch_blank(b->batch, row);
	}
	aqi_batch_set_all_rounded(b->batch, added, rows, n, x,
				  plan->options.decimals);
}

enum aqi_status
aqi_features_block_set(const struct aqi_features_rows *rows,
		       struct aqi_error *err)
{
	struct aqi_batch *batch = rows->batch;
	struct block *b = aqi_batch_alloc(batch, 1, sizeof *b);

	if (!b)
		return aqi_error_memory(err);
	b->rows = rows;
	b->batch = batch;
	b->n_columns = 0;
	b->mark = batch->syntax == AQI_SYNTAX_CSV ?
			  aqi_format_in_decimal_mark(batch->format) : '.';
	if (add_columns(b, err) != AQI_OK)
		return AQI_FATAL;
	for (b->start = 0; b->start < batch->n_rows; b->start += b->n_rows) {
		b->n_rows = batch->n_rows - b->start < BLOCK_ROWS ?
				    batch->n_rows - b->start : BLOCK_ROWS;
		look(b);
		for (size_t k = 0; k < b->n_columns; k++)
			set_column(b, k);
		if (rows->plan->makes_humidity)
			set_humidity(b);
	}
	return AQI_OK;
}
