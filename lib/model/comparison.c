#include "model/comparison.h"

#include <math.h>
#include <stdlib.h>

#include "air/category.h"
#include "air/inputs.h"
#include "model/bundle.h"
#include "model/forest.h"
#include "record/batch.h"
#include "record/layout.h"

struct aqi_comparison {
	const struct aqi_model *models[2];
	size_t n_outputs;
	struct aqi_distance distance;
	size_t *columns;	/* (n_inputs,) of the stream */
	double *x;		/* (n_inputs,) */
	double *margin;		/* (margins,) */
	double *out[2];		/* (n_outputs,) */
	struct aqi_arena arena;
};

struct aqi_comparison *
aqi_comparison_new(const struct aqi_model *model, const struct aqi_model *other,
		   struct aqi_error *err)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(model->forest);
	struct aqi_comparison *c = calloc(1, sizeof *c);
	struct aqi_arena *arena;

	if (!c) {
		aqi_error_memory(err);
		return NULL;
	}
	arena = &c->arena;
	c->models[0] = model;
	c->models[1] = other;
	c->n_outputs = aqi_model_outputs(model);
	c->columns = aqi_arena_array(arena, model->n_inputs,
				     sizeof *c->columns);
	c->x = aqi_arena_array(arena, model->n_inputs, sizeof *c->x);
	c->margin = aqi_arena_array(arena, shape.n_margins, sizeof *c->margin);
	for (int k = 0; k < 2; k++)
		c->out[k] = aqi_arena_array(arena, c->n_outputs,
					    sizeof *c->out[k]);
	if (!arena->failed)
		return c;
	aqi_error_memory(err);
	aqi_comparison_free(c);
	return NULL;
}

static enum aqi_status
bind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	struct aqi_comparison *c = self;
	const struct aqi_model *model = c->models[0];

	if (model->has_names)
		return aqi_inputs_bind(layout, model->inputs, model->n_inputs,
				       c->columns, err);
	if (layout->n_named != model->n_inputs) {
		aqi_error_set(err, AQI_E_USAGE, "%zu columns, but the model "
			      "has %zu inputs, which it does not name: name "
			      "them with aqi-model compile --inputs",
			      layout->n_named, model->n_inputs);
		return aqi_error_at(err, layout->file, layout->line, 0);
	}
	for (size_t i = 0; i < model->n_inputs; i++) {
		c->columns[i] = i;
		layout->is_number[i] = true;
	}
	return AQI_OK;
}

/* Values that are no numbers refuse their row. */
static enum aqi_status
run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_comparison *c = self;
	double *x = aqi_batch_alloc(batch, batch->n_rows, sizeof *x);

	if (!x)
		return aqi_error_memory(err);
	for (size_t k = 0; k < c->models[0]->n_inputs; k++)
		aqi_batch_doubles(batch, c->columns[k], 0, batch->n_rows, x,
				  1);
	return AQI_OK;
}

static void
read_row(struct aqi_comparison *c, struct aqi_batch *batch, size_t row)
{
	struct aqi_error unused;

	for (size_t k = 0; k < c->models[0]->n_inputs; k++) {
		c->x[k] = (double)NAN;
		if (c->columns[k] != AQI_NO_COLUMN &&
		    aqi_batch_number(batch, aqi_batch_field(batch, row,
							    c->columns[k]),
				     &c->x[k], &unused) != AQI_OK)
			c->x[k] = (double)NAN;
	}
}

static void
add_row(struct aqi_comparison *c)
{
	struct aqi_distance *d = &c->distance;

	for (size_t i = 0; i < c->n_outputs; i++)
		if (!isfinite(c->out[0][i]) || !isfinite(c->out[1][i]))
			return;
	d->n_rows++;
	for (size_t i = 0; i < c->n_outputs; i++) {
		const double error = fabs(c->out[0][i] - c->out[1][i]);

		d->sum += error;
		d->largest = fmax(d->largest, error);
	}
	if (c->n_outputs == 1)
		d->n_moved += aqi_category_of(c->out[0][0]) !=
			      aqi_category_of(c->out[1][0]);
}

/* In order, so that the sum has the same bits however many threads read. */
static enum aqi_status
compare(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	struct aqi_comparison *c = self;

	(void)err;
	for (size_t row = 0; row < batch->n_final; row++) {
		if (batch->refused[row])
			continue;
		read_row(c, batch, row);
		for (int k = 0; k < 2; k++)
			aqi_model_evaluate(c->models[k], c->x, 1, c->margin,
					   c->out[k]);
		add_row(c);
	}
	return AQI_OK;
}

struct aqi_step
aqi_comparison_step(struct aqi_comparison *comparison)
{
	return (struct aqi_step){
		.self = comparison,
		.bind = bind,
		.run = run,
		.in_order = compare,
	};
}

struct aqi_distance
aqi_comparison_distance(const struct aqi_comparison *comparison)
{
	return comparison->distance;
}

void
aqi_comparison_free(struct aqi_comparison *comparison)
{
	if (!comparison)
		return;
	aqi_arena_free(&comparison->arena);
	free(comparison);
}
