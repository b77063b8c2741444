#include "model/contribution.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/bundle.h"
#include "model/explain.h"
#include "model/forest.h"
#include "record/batch.h"
#include "record/layout.h"

/* Values of rows that are explained together: more rows share what is the same
 * for all, until their results leave the cache. */
#define BLOCK_VALUES 8192

struct aqi_contributions {
	const struct aqi_model *model;
	struct aqi_explain *explain;
	bool is_wide;
	int decimals;
	size_t n_rows;		/* explained together */
	size_t n_named;
	size_t base, rest;	/* added columns */
	struct { size_t name, value; } columns[];	/* (n_named,) */
};

struct aqi_contributions *
aqi_contributions_new(const struct aqi_model *model, size_t most, int decimals,
		      struct aqi_error *err)
{
	const size_t n = most < model->n_inputs ? most : model->n_inputs;
	const size_t n_rows = BLOCK_VALUES / (model->n_inputs + 1);
	struct aqi_contributions *c =
		calloc(1, sizeof *c + n * sizeof c->columns[0]);

	if (!c) {
		aqi_error_memory(err);
		return NULL;
	}
	c->model = model;
	c->is_wide = aqi_forest_shape(model->forest).is_wide;
	c->decimals = decimals;
	c->n_rows = n_rows ? n_rows : 1;
	c->n_named = n;
	c->explain = aqi_explain_new(model->forest, err);
	if (c->explain)
		return c;
	aqi_contributions_free(c);
	return NULL;
}

void
aqi_contributions_free(struct aqi_contributions *c)
{
	if (!c)
		return;
	aqi_explain_free(c->explain);
	free(c);
}

enum aqi_status
aqi_contributions_bind(struct aqi_contributions *c, struct aqi_layout *layout,
		       struct aqi_error *err)
{
	char name[64];

	if (aqi_layout_add(layout, aqi_slice_of("explain_base"), &c->base, err))
		return AQI_FATAL;
	for (size_t i = 0; i < c->n_named; i++) {
		snprintf(name, sizeof name, "explain_%zu", i + 1);
		if (aqi_layout_add(layout, aqi_slice_of(name),
				   &c->columns[i].name, err) != AQI_OK)
			return AQI_FATAL;
		snprintf(name, sizeof name, "explain_%zu_value", i + 1);
		if (aqi_layout_add(layout, aqi_slice_of(name),
				   &c->columns[i].value, err) != AQI_OK)
			return AQI_FATAL;
	}
	return aqi_layout_add(layout, aqi_slice_of("explain_rest"), &c->rest,
			      err);
}

/* The room: what explaining needs, the values of some rows, and the inputs that
 * are named of one. */
struct room {
	double *values;		/* (n_rows, n_inputs + 1) */
	size_t *named;		/* (n_named,) */
	void *explain;
};

static size_t
count_values(const struct aqi_contributions *c)
{
	return c->n_rows * (c->model->n_inputs + 1);
}

size_t
aqi_contributions_room(const struct aqi_contributions *c)
{
	return (count_values(c) + c->n_named) * sizeof(double) +
	       aqi_explain_room(c->explain);
}

/* A place of a double holds a number of an input. */
_Static_assert(sizeof(size_t) <= sizeof(double), "doubles stay aligned");

static struct room
lay_out(const struct aqi_contributions *c, void *room)
{
	double *values = room, *named = values + count_values(c);

	return (struct room){
		.values = values,
		.named = (void *)named,
		.explain = named + c->n_named,
	};
}

/* The n_named inputs whose values are largest, in order. */
static void
find_largest(const struct aqi_contributions *c, const double *values,
	     size_t *named)
{
	size_t n = 0, at;

	for (size_t i = 0; i < c->model->n_inputs; i++) {
		for (at = n; at > 0 && fabs(values[named[at - 1]]) <
				       fabs(values[i]); at--)
			if (at < c->n_named)
				named[at] = named[at - 1];
		if (at < c->n_named)
			named[at] = i;
		n += n < c->n_named;
	}
}

static void
set_value(const struct aqi_contributions *c, struct aqi_batch *batch,
	  size_t column, size_t row, double value)
{
	if (c->decimals == AQI_SHORTEST && !c->is_wide)
		aqi_batch_set_float(batch, column, row, (float)value);
	else
		aqi_batch_set_number(batch, column, row, value, c->decimals);
}

/* values, (n_inputs + 1,), are lost. */
static void
set_row(const struct aqi_contributions *c, struct aqi_batch *batch, size_t row,
	double *values, size_t *named)
{
	const size_t n = c->model->n_inputs;
	double rest = 0;

	find_largest(c, values, named);
	set_value(c, batch, c->base, row, values[n]);
	for (size_t i = 0; i < c->n_named; i++) {
		aqi_batch_set_text(batch, c->columns[i].name, row,
				   c->model->inputs[named[i]]);
		set_value(c, batch, c->columns[i].value, row,
			  values[named[i]]);
		values[named[i]] = 0;
	}
	for (size_t i = 0; i < n; i++)
		rest += values[i];
	set_value(c, batch, c->rest, row, rest);
}

void
aqi_contributions_set(const struct aqi_contributions *c,
		      struct aqi_batch *batch, const double *x,
		      const size_t *rows, size_t n_rows, void *room)
{
	const size_t n = c->model->n_inputs;
	const struct room r = lay_out(c, room);

	for (size_t start = 0; start < n_rows; start += c->n_rows) {
		const size_t n_left = n_rows - start;
		const size_t n_some = n_left < c->n_rows ? n_left : c->n_rows;

		aqi_explain_rows(c->explain, x + start * n, n_some, r.values,
				 r.explain);
		for (size_t i = 0; i < n_some; i++)
			set_row(c, batch, rows[start + i],
				r.values + i * (n + 1), r.named);
	}
}
