#include "air/sieve.h"

#include <math.h>

#include "air/schema.h"
#include "air/verdict.h"
#include "record/batch.h"
#include "record/layout.h"

/* With more rows the numbers of a wide schema leave the cache, with fewer each
 * call reads few of them. */
#define BLOCK_ROWS ((size_t)256)

/* Numbers of a schema with their bounds as closed ones; its texts apart. */
struct sieve {
	const struct aqi_schema *schema;
	const size_t *columns;	/* (n_fields,) of the batch */
	struct aqi_batch *batch;
	size_t n, n_whole, n_texts;
	size_t *fields;		/* (n,) of the schema, whole numbers first */
	size_t *inputs;		/* (n,) of the batch */
	double *least, *most;	/* (n,) */
	size_t *texts;		/* (n_texts,) of the schema */
	double *x;		/* (BLOCK_ROWS, n) */
	bool *found;		/* (n_rows,) */
};

static bool
make_room(struct sieve *s)
{
	const size_t n = s->schema->n_fields;
	const size_t n_rows = s->batch->n_rows;

	s->fields = aqi_batch_alloc(s->batch, n, sizeof *s->fields);
	s->inputs = aqi_batch_alloc(s->batch, n, sizeof *s->inputs);
	s->least = aqi_batch_alloc(s->batch, n, sizeof *s->least);
	s->most = aqi_batch_alloc(s->batch, n, sizeof *s->most);
	s->texts = aqi_batch_alloc(s->batch, n, sizeof *s->texts);
	s->x = aqi_batch_alloc(s->batch, n_rows < BLOCK_ROWS ? n_rows :
						  BLOCK_ROWS, n * sizeof *s->x);
	s->found = aqi_batch_alloc(s->batch, n_rows, sizeof *s->found);
	return s->fields && s->inputs && s->least && s->most && s->texts &&
	       s->x && s->found;
}

static void
add_number(struct sieve *s, size_t i)
{
	const struct aqi_schema_field *f = &s->schema->fields[i];

	s->fields[s->n] = i;
	s->inputs[s->n] = s->columns[i];
	s->least[s->n] = f->open_min ? nextafter(f->min, INFINITY) : f->min;
	s->most[s->n] = f->open_max ? nextafter(f->max, -INFINITY) : f->max;
	s->n++;
}

static void
sort_fields(struct sieve *s)
{
	const struct aqi_schema_field *fields = s->schema->fields;

	for (size_t i = 0; i < s->schema->n_fields; i++)
		if (fields[i].type == AQI_TYPE_INTEGER)
			add_number(s, i);
		else if (fields[i].type == AQI_TYPE_STRING)
			s->texts[s->n_texts++] = i;
	s->n_whole = s->n;
	for (size_t i = 0; i < s->schema->n_fields; i++)
		if (fields[i].type == AQI_TYPE_NUMBER)
			add_number(s, i);
}

/* Are all there and within their bounds? A NaN is not. */
static bool
are_within(const struct sieve *s, const double *x)
{
	/* Adding it leaves no room for a fraction, nor for large numbers: they
	 * are looked at one by one. */
	const double rounder = 0x1.8p52;
	bool is_out = false;

	for (size_t k = 0; k < s->n; k++)
		is_out |= !(x[k] >= s->least[k]) | !(x[k] <= s->most[k]);
	for (size_t k = 0; k < s->n_whole; k++)
		is_out |= (x[k] + rounder) - rounder != x[k];
	return !is_out;
}

static bool
is_right(const struct sieve *s, size_t row, size_t i)
{
	struct aqi_field field = {.kind = AQI_MISSING};
	struct aqi_error err;
	double x;

	if (s->columns[i] != AQI_NO_COLUMN)
		field = aqi_batch_field(s->batch, row, s->columns[i]);
	return aqi_verdict_of(s->batch, &s->schema->fields[i], field, &x,
			      &err) != AQI_REJECT;
}

/* What is missing may be so; then all others are to be within their bounds. */
static bool
are_right(const struct sieve *s, size_t row, const double *x)
{
	for (size_t k = 0; k < s->n; k++)
		if (!(x[k] >= s->least[k] && x[k] <= s->most[k] &&
		      k >= s->n_whole) && !is_right(s, row, s->fields[k]))
			return false;
	return true;
}

static void
sift(const struct sieve *s, size_t start, size_t n_rows)
{
	aqi_batch_look_at_doubles(s->batch, s->inputs, s->n, start, n_rows,
				  s->x);
	for (size_t i = 0; i < n_rows; i++) {
		const size_t row = start + i;
		const double *x = s->x + i * s->n;
		bool all_right = are_within(s, x) || s->batch->refused[row] ||
				 are_right(s, row, x);

		if (!s->batch->refused[row])
			for (size_t k = 0; k < s->n_texts; k++)
				all_right = all_right &&
					    is_right(s, row, s->texts[k]);
		s->found[row] = !all_right;
	}
}

const bool *
aqi_sieve_rows(const struct aqi_schema *schema, const size_t *columns,
	       struct aqi_batch *batch)
{
	struct sieve s = {
		.schema = schema, .columns = columns, .batch = batch,
	};
	size_t n;

	if (!make_room(&s))
		return NULL;
	sort_fields(&s);
	for (size_t start = 0; start < batch->n_rows; start += n) {
		n = batch->n_rows - start < BLOCK_ROWS ?
			    batch->n_rows - start : BLOCK_ROWS;
		sift(&s, start, n);
	}
	return s.found;
}
