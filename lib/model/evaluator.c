#include "model/evaluator.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "air/inputs.h"
#include "model/bundle.h"
#include "model/engine.h"
#include "model/forest.h"
#include "record/batch.h"
#include "record/layout.h"
#include "record/number.h"

/* Rows that are evaluated together; of a wide model fewer, for the memory. */
#define BLOCK_ROWS ((size_t)256)
#define FEW_ROWS ((size_t)16)
#define WIDE_MODEL 4096

struct aqi_evaluator {
	const struct aqi_model *model;
	struct aqi_evaluator_options options;
	struct aqi_forest_shape shape;
	size_t n_outputs, n_trees;
	bool shows_margins;
	bool has_label;
	size_t label;		/* added columns; of leaves this one alone */
	size_t *margins;	/* (n_margins,) */
	size_t *outs;		/* (n_outputs,) */
	size_t *columns;	/* (n_inputs,) of the stream */
	struct aqi_arena arena;
};

struct aqi_evaluator *
aqi_evaluator_new(const struct aqi_model *model,
		  const struct aqi_evaluator_options *options,
		  struct aqi_error *err)
{
	struct aqi_evaluator *e = calloc(1, sizeof *e);
	struct aqi_arena *arena;

	if (!e) {
		aqi_error_memory(err);
		return NULL;
	}
	arena = &e->arena;
	e->model = model;
	e->options = *options;
	e->shape = aqi_forest_shape(model->forest);
	e->n_outputs = aqi_model_outputs(model);
	e->n_trees = aqi_forest_source_trees(model->forest);
	e->shows_margins = strcmp(model->format, "onnx") != 0;
	e->has_label = !e->shows_margins && model->n_labels > 0;
	e->margins = aqi_arena_array(arena, e->shape.n_margins,
				     sizeof *e->margins);
	e->outs = aqi_arena_array(arena, e->n_outputs, sizeof *e->outs);
	e->columns = aqi_arena_array(arena, model->n_inputs,
				     sizeof *e->columns);
	if (e->margins && e->outs && e->columns)
		return e;
	aqi_error_memory(err);
	aqi_evaluator_free(e);
	return NULL;
}

/* A column that bears the name of another input is there by mistake. */
static enum aqi_status
check_name(const struct aqi_evaluator *e, const struct aqi_layout *layout,
	   size_t column, struct aqi_error *err)
{
	const struct aqi_model *model = e->model;

	if (!model->has_names ||
	    aqi_slice_equal(layout->inputs[column], model->inputs[column]))
		return AQI_OK;
	for (size_t i = 0; i < model->n_inputs; i++) {
		if (!aqi_slice_equal(layout->inputs[column], model->inputs[i]))
			continue;
		aqi_error_set(err, AQI_E_USAGE, "column %zu has the name of "
			      "input %zu of the model: --by-name binds columns "
			      "by name", column + 1, i + 1);
		aqi_error_name(err, model->inputs[i]);
		return aqi_error_at(err, layout->file, layout->line, 0);
	}
	return AQI_OK;
}

static enum aqi_status
bind_by_place(const struct aqi_evaluator *e, struct aqi_layout *layout,
	      struct aqi_error *err)
{
	const size_t n = e->model->n_inputs;

	if (layout->n_named != n) {
		aqi_error_set(err, AQI_E_USAGE, "%zu columns, but the model "
			      "has %zu inputs%s", layout->n_named, n,
			      e->model->has_names ?
			      ": --by-name binds them by name" :
			      ", which it does not name: choose columns for "
			      "them with --columns");
		return aqi_error_at(err, layout->file, layout->line, 0);
	}
	for (size_t i = 0; i < n; i++) {
		if (check_name(e, layout, i, err) != AQI_OK)
			return AQI_FATAL;
		e->columns[i] = i;
		layout->is_number[i] = true;
	}
	return AQI_OK;
}

/* Columns called prefix0, prefix1, ... */
static enum aqi_status
add_columns(struct aqi_evaluator *e, struct aqi_layout *layout,
	    const char *prefix, size_t n, size_t *columns,
	    struct aqi_error *err)
{
	struct aqi_slice name;
	char text[48];

	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof text, "%s%zu", prefix, i);
		name = aqi_arena_copy(&e->arena, aqi_slice_of(text));
		if (!name.data)
			return aqi_error_memory(err);
		if (aqi_layout_add(layout, name, &columns[i], err) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}

static enum aqi_status
add_outputs(struct aqi_evaluator *e, struct aqi_layout *layout,
	    struct aqi_error *err)
{
	const char *margin = strcmp(e->model->format, "lightgbm-text") == 0 ?
			     "raw_" : "margin_";
	const char *out = e->has_label ? "probabilities_" : "variable_";

	if (e->options.leaves)
		return aqi_layout_add(layout, aqi_slice_of("leaf"), &e->label,
				      err);
	if (e->has_label &&
	    aqi_layout_add(layout, aqi_slice_of("label"), &e->label, err))
		return AQI_FATAL;
	if (!e->shows_margins)
		return add_columns(e, layout, out, e->n_outputs, e->outs, err);
	if (add_columns(e, layout, margin, e->shape.n_margins, e->margins, err))
		return AQI_FATAL;
	return add_columns(e, layout, "out_", e->n_outputs, e->outs, err);
}

static enum aqi_status
bind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	struct aqi_evaluator *e = self;
	const struct aqi_model *model = e->model;
	enum aqi_status status = e->options.by_name ?
		aqi_inputs_bind(layout, model->inputs, model->n_inputs,
				e->columns, err) :
		bind_by_place(e, layout, err);

	if (status != AQI_OK)
		return status;
	if (!e->options.keeps)
		aqi_layout_drop_all(layout);
	return add_outputs(e, layout, err);
}

/* Some rows of a batch, and room for what is computed of them. */
struct block {
	size_t start, n_rows;
	double *x;		/* (most, n_inputs) */
	double *margin;		/* (most, n_margins) */
	double *out;		/* (most, n_outputs) */
	uint32_t *leaf;		/* (n_trees,) */
	char *text;		/* leaves_room: of those */
};

/* Is the output NDJSON? */
static bool
writes_json(const struct aqi_batch *batch)
{
	const enum aqi_syntax out = batch->format->out;

	return (out == AQI_SYNTAX_AUTO ? batch->syntax : out) ==
	       AQI_SYNTAX_NDJSON;
}

/* What is no number for JSON is a word in CSV, as C and Python read it. */
static void
set_word(struct aqi_batch *batch, size_t added, size_t row, double x)
{
	const char *word = isnan(x) ? "nan" : x < 0 ? "-inf" : "inf";

	if (!writes_json(batch))
		aqi_batch_set_text(batch, added, row, aqi_slice_of(word));
}

/* A number in its shortest form. */
static void
set_number(struct aqi_batch *batch, size_t added, size_t row, bool is_wide,
	   double x)
{
	char digits[AQI_NUMBER_SIZE], *text;
	size_t n;

	if (!isfinite(x)) {
		set_word(batch, added, row, x);
		return;
	}
	n = is_wide ? aqi_number_shortest(digits, x) :
	    aqi_number_shortest_float(digits, (float)x);
	text = aqi_batch_alloc(batch, n, 1);
	if (!text)
		return;
	memcpy(text, digits, n);
	aqi_batch_set(batch, added, row,
		      (struct aqi_field){text, (uint32_t)n, AQI_NUMBER});
}

/* A whole number as JSON has it? Then the class is one in NDJSON, too. */
static bool
is_whole(struct aqi_slice text)
{
	size_t i = text.size > 1 && text.data[0] == '-';
	const bool leads_zero = text.size > i + 1 && text.data[i] == '0';

	if (text.size == i || leads_zero)
		return false;
	for (; i < text.size; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return true;
}

/* The class of the largest output, the first of several. */
static void
set_label(const struct aqi_evaluator *e, struct aqi_batch *batch, size_t row,
	  const double *out)
{
	struct aqi_slice label;
	size_t best = 0;

	for (size_t k = 1; k < e->n_outputs; k++)
		best = out[k] > out[best] ? k : best;
	if (best >= e->model->n_labels)
		return;
	label = e->model->labels[best];
	aqi_batch_set(batch, e->label, row,
		      (struct aqi_field){label.data, (uint32_t)label.size,
					 is_whole(label) ? AQI_NUMBER :
							   AQI_TEXT});
}

static void
set_row(const struct aqi_evaluator *e, struct aqi_batch *batch, size_t row,
	const double *margin, const double *out)
{
	for (size_t k = 0; e->shows_margins && k < e->shape.n_margins; k++)
		set_number(batch, e->margins[k], row, e->shape.is_wide,
			   margin[k]);
	for (size_t k = 0; k < e->n_outputs; k++)
		set_number(batch, e->outs[k], row,
			   aqi_link_is_wide(&e->shape.link), out[k]);
	if (e->has_label)
		set_label(e, batch, row, out);
}

/* A whole number as text; where it ends. */
static char *
put_whole(char *p, uint32_t n)
{
	char digits[10], *d = digits + sizeof digits;
	size_t size;

	do
		*--d = (char)('0' + n % 10);
	while (n /= 10);
	size = (size_t)(digits + sizeof digits - d);
	memcpy(p, d, size);
	return p + size;
}

/* Room for the leaves of a row as text: digits, delimiters, brackets. */
static size_t
leaves_room(size_t n_trees)
{
	return n_trees * (10 + 1) + 2;
}

/* One value for all trees: as many as a model may have would be too many
 * columns. */
static void
set_leaves(const struct aqi_evaluator *e, struct aqi_batch *batch, size_t row,
	   const struct block *b)
{
	const bool is_json = writes_json(batch);
	char *p = b->text, *kept;
	size_t n;

	if (is_json)
		*p++ = '[';
	for (size_t t = 0; t < e->n_trees; t++) {
		if (t > 0)
			*p++ = is_json ? ',' : batch->format->delimiter;
		p = put_whole(p, b->leaf[t]);
	}
	if (is_json)
		*p++ = ']';
	n = (size_t)(p - b->text);
	kept = aqi_batch_alloc(batch, n, 1);
	if (!kept)
		return;
	memcpy(kept, b->text, n);
	aqi_batch_set(batch, e->label, row, (struct aqi_field){
		kept, (uint32_t)n, is_json ? AQI_NESTED : AQI_NUMBER});
}

static void
evaluate_block(const struct aqi_evaluator *e, struct aqi_batch *batch,
	       struct block *b)
{
	const size_t n = e->model->n_inputs;

	for (size_t k = 0; k < n; k++)
		(e->shape.is_wide ? aqi_batch_doubles : aqi_batch_floats)(
			batch, e->columns[k], b->start, b->n_rows, b->x + k,
			n);
	if (!e->options.leaves)
		aqi_model_evaluate(e->model, b->x, b->n_rows, b->margin,
				   b->out);
	for (size_t i = 0; i < b->n_rows; i++) {
		if (batch->refused[b->start + i])
			continue;
		if (e->options.leaves) {
			aqi_forest_leaves(e->model->forest, b->x + i * n,
					  b->leaf);
			set_leaves(e, batch, b->start + i, b);
		} else {
			set_row(e, batch, b->start + i,
				b->margin + i * e->shape.n_margins,
				b->out + i * e->n_outputs);
		}
	}
}

static enum aqi_status
run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	struct aqi_evaluator *e = self;
	const size_t few = e->model->n_inputs > WIDE_MODEL ? FEW_ROWS :
			   BLOCK_ROWS;
	const size_t most = batch->n_rows < few ? batch->n_rows : few;
	struct block b = {
		.x = aqi_batch_alloc(batch, most,
				     e->model->n_inputs * sizeof *b.x),
		.margin = aqi_batch_alloc(batch, most, e->shape.n_margins *
					  sizeof *b.margin),
		.out = aqi_batch_alloc(batch, most,
				       e->n_outputs * sizeof *b.out),
		.leaf = aqi_batch_alloc(batch, e->n_trees, sizeof *b.leaf),
		.text = aqi_batch_alloc(batch, leaves_room(e->n_trees), 1),
	};

	if (!b.x || !b.margin || !b.out || !b.leaf || !b.text)
		return aqi_error_memory(err);
	if (!e->options.leaves &&
	    aqi_engine_expect(e->model->engine, batch->n_rows, err) != AQI_OK)
		return AQI_FATAL;
	for (; b.start < batch->n_rows; b.start += most) {
		b.n_rows = batch->n_rows - b.start < most ?
			   batch->n_rows - b.start : most;
		evaluate_block(e, batch, &b);
	}
	return AQI_OK;
}

/* Is an output of the row no number? */
static bool
is_unpredicted(const struct aqi_evaluator *e, const struct aqi_batch *batch,
	       size_t row)
{
	for (size_t k = 0; k < e->n_outputs; k++)
		if (aqi_batch_added(batch, e->outs[k])[row].kind !=
		    AQI_NUMBER)
			return true;
	return false;
}

static enum aqi_status
count_unpredicted(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_evaluator *e = self;

	(void)err;
	for (size_t i = 0; !e->options.leaves && i < batch->n_final; i++)
		batch->n_unpredicted += !batch->refused[i] &&
					is_unpredicted(e, batch, i);
	return AQI_OK;
}

struct aqi_step
aqi_evaluator_step(struct aqi_evaluator *evaluator)
{
	return (struct aqi_step){
		.self = evaluator,
		.bind = bind,
		.run = run,
		.in_order = count_unpredicted,
	};
}

void
aqi_evaluator_free(struct aqi_evaluator *evaluator)
{
	if (!evaluator)
		return;
	aqi_arena_free(&evaluator->arena);
	free(evaluator);
}
