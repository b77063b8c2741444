#include "model/predictor.h"

#include <math.h>
#include <stdlib.h>

#include "air/category.h"
#include "air/inputs.h"
#include "model/bundle.h"
#include "model/contribution.h"
#include "model/engine.h"
#include "model/forest.h"
#include "record/batch.h"
#include "record/layout.h"

/* Rows that are predicted together: with fewer the forest's blocks are not
 * filled, with more the inputs of a wide model leave the cache. */
#define BLOCK_ROWS ((size_t)512)

struct aqi_predictor {
	const struct aqi_model *model;
	bool is_wide;		/* the model's inputs and outputs, in 64 bits */
	int decimals;
	struct aqi_contributions *contributions;	/* NULL: not wanted */
	size_t aqi, category, confidence;	/* added columns */
	size_t columns[];	/* (n_inputs,) of the stream */
};

/* The rule of the prediction API, for a model without a calibration. */
enum { HIGH = 85, LOW = 60 };

static inline bool
is_in_range(double aqi)
{
	return (aqi >= 0) & (aqi <= 500);
}

static struct aqi_prediction
prediction_of(double aqi)
{
	if (!isfinite(aqi))
		return (struct aqi_prediction){.aqi = aqi};
	return (struct aqi_prediction){
		.aqi = aqi,
		.is_one = true,
		.confidence = is_in_range(aqi) ? HIGH : LOW,
		.category = aqi_category_name(aqi),
	};
}

void
aqi_predictor_rows(const struct aqi_model *model, const double *x,
		   size_t n_rows, double *y, struct aqi_prediction *out)
{
	aqi_model_predict(model, x, n_rows, y);
	for (size_t i = 0; i < n_rows; i++)
		out[i] = prediction_of(y[i]);
}

struct aqi_predictor *
aqi_predictor_new(const struct aqi_model *model,
		  const struct aqi_predictor_options *options,
		  struct aqi_error *err)
{
	struct aqi_predictor *p =
		malloc(sizeof *p + model->n_inputs * sizeof p->columns[0]);

	if (!p) {
		aqi_error_memory(err);
		return NULL;
	}
	*p = (struct aqi_predictor){
		.model = model,
		.is_wide = aqi_forest_shape(model->forest).is_wide,
		.decimals = options ? options->decimals : 2,
	};
	if (!options || options->n_explained == 0)
		return p;
	p->contributions = aqi_contributions_new(model, options->n_explained,
						 options->decimals, err);
	if (p->contributions)
		return p;
	free(p);
	return NULL;
}

static enum aqi_status
bind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	struct aqi_predictor *p = self;
	const struct aqi_model *model = p->model;

	if (aqi_inputs_bind(layout, model->inputs, model->n_inputs, p->columns,
			    err) != AQI_OK ||
	    aqi_layout_add(layout, aqi_slice_of("aqi"), &p->aqi, err) ||
	    aqi_layout_add(layout, aqi_slice_of("category"), &p->category,
			   err) ||
	    aqi_layout_add(layout, aqi_slice_of("confidence"), &p->confidence,
			   err))
		return AQI_FATAL;
	return p->contributions ?
	       aqi_contributions_bind(p->contributions, layout, err) : AQI_OK;
}

/* How many of a row's inputs are there; *first_missing is one that is not. */
static size_t
count_present(const double *x, size_t n, size_t *first_missing)
{
	size_t present = 0;
	double sum = 0;

	/* Mostly all: none of the numbers that are read is infinite, so that a
	 * sum that is no NaN has none in it. */
	for (size_t k = 0; k < n; k++)
		sum += x[k];
	if (!isnan(sum))
		return n;
	for (size_t k = n; k-- > 0; ) {
		if (isnan(x[k]))
			*first_missing = k;
		else
			present++;
	}
	return present;
}

static void
refuse_missing(const struct aqi_predictor *p, struct aqi_batch *batch,
	       size_t row, size_t input)
{
	struct aqi_slice name = p->model->inputs[input];
	bool has_column = p->columns[input] != AQI_NO_COLUMN;

	aqi_batch_refuse(batch, row, p->columns[input], AQI_E_MISSING,
			 "%.*s%smissing; the model needs every input",
			 has_column ? 0 : (int)name.size, name.data,
			 has_column ? "" : ": ");
}

/* Some rows of a batch, and room for what the model is given of them. */
struct block {
	size_t start, n_rows;
	double *x;	/* (BLOCK_ROWS, n_inputs) */
	double *y;	/* (BLOCK_ROWS,) */
	size_t *rows;	/* (BLOCK_ROWS,) where in the batch each row of x is */
	void *room;	/* of contributions, where they are wanted */
};

/* The inputs of a block's rows, row by row. Returns true where every row has
 * all of them. */
static bool
read_block(const struct aqi_predictor *p, struct aqi_batch *batch,
	   struct block *block)
{
	return (p->is_wide ? aqi_batch_rows_of_doubles :
			     aqi_batch_rows_of_floats)(
		batch, p->columns, p->model->n_inputs, block->start,
		block->n_rows, block->x);
}

static size_t
select_all(const struct block *block)
{
	for (size_t i = 0; i < block->n_rows; i++)
		block->rows[i] = block->start + i;
	return block->n_rows;
}

/*
 * Move the rows that can be predicted together, at the front of x. Returns how
 * many they are.
 */
static size_t
select_rows(const struct aqi_predictor *p, struct aqi_batch *batch,
	    struct block *block)
{
	const size_t n = p->model->n_inputs;
	size_t n_kept = 0, present, missing = 0;

	for (size_t i = 0; i < block->n_rows; i++) {
		const size_t row = block->start + i;
		const double *x = block->x + i * n;

		if (batch->refused[row])
			continue;
		present = count_present(x, n, &missing);
		if (present < n && !p->model->allows_missing) {
			refuse_missing(p, batch, row, missing);
		} else if (present >= p->model->min_inputs) {
			if (n_kept < i)
				memcpy(block->x + n_kept * n, x, n * sizeof *x);
			block->rows[n_kept++] = row;
		}
	}
	return n_kept;
}

/* Leave out the rows whose prediction is not finite: they are not explained
 * either. Returns how many are left. */
static size_t
select_predicted(const struct aqi_predictor *p, struct block *block,
		 size_t n_rows)
{
	const size_t n = p->model->n_inputs;
	size_t n_kept = 0;

	for (size_t i = 0; i < n_rows; i++) {
		if (!isfinite(block->y[i]))
			continue;
		if (n_kept < i && p->contributions)
			memcpy(block->x + n_kept * n, block->x + i * n,
			       n * sizeof *block->x);
		block->y[n_kept] = block->y[i];
		block->rows[n_kept++] = block->rows[i];
	}
	return n_kept;
}

/* The number itself in its shortest form; else the double that it is. */
static void
set_aqi(const struct aqi_predictor *p, struct aqi_batch *batch,
	const struct block *block, size_t n)
{
	if (p->decimals != AQI_SHORTEST || p->is_wide)
		aqi_batch_set_numbers(batch, p->aqi, block->rows, n, block->y,
				      p->decimals);
	else
		for (size_t i = 0; i < n; i++)
			aqi_batch_set_float(batch, p->aqi, block->rows[i],
					    (float)block->y[i]);
}

static void
set_rows(const struct aqi_predictor *p, struct aqi_batch *batch,
	 const struct block *block, size_t n)
{
	static const struct aqi_field confidences[] = {
		{"0.60", 4, AQI_NUMBER}, {"0.85", 4, AQI_NUMBER},
	};

	set_aqi(p, batch, block, n);
	for (size_t i = 0; i < n; i++) {
		const double aqi = block->y[i];

		aqi_batch_set_text(batch, p->category, block->rows[i],
				   aqi_category_of(aqi)->name);
		aqi_batch_set(batch, p->confidence, block->rows[i],
			      confidences[is_in_range(aqi)]);
	}
}

static void
predict_block(const struct aqi_predictor *p, struct aqi_batch *batch,
	      struct block *block)
{
	size_t n;

	n = read_block(p, batch, block) ? select_all(block) :
					  select_rows(p, batch, block);
	aqi_model_predict(p->model, block->x, n, block->y);
	n = select_predicted(p, block, n);
	set_rows(p, batch, block, n);
	if (p->contributions)
		aqi_contributions_set(p->contributions, batch, block->x,
				      block->rows, n, block->room);
}

static enum aqi_status
run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	struct aqi_predictor *p = self;
	const size_t n_rows = batch->n_rows;
	const size_t most = n_rows < BLOCK_ROWS ? n_rows : BLOCK_ROWS;
	struct block block = {
		.x = aqi_batch_alloc(batch, most,
				     p->model->n_inputs * sizeof *block.x),
		.y = aqi_batch_alloc(batch, most, sizeof *block.y),
		.rows = aqi_batch_alloc(batch, most, sizeof *block.rows),
	};

	if (p->contributions)
		block.room = aqi_batch_alloc(
			batch, aqi_contributions_room(p->contributions), 1);
	if (!block.x || !block.y || !block.rows ||
	    (p->contributions && !block.room))
		return aqi_error_memory(err);
	if (aqi_engine_expect(p->model->engine, n_rows, err) != AQI_OK)
		return AQI_FATAL;
	for (; block.start < n_rows; block.start += most) {
		block.n_rows = n_rows - block.start < most ?
				       n_rows - block.start : most;
		predict_block(p, batch, &block);
	}
	return AQI_OK;
}

static enum aqi_status
count_unpredicted(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_predictor *p = self;
	const struct aqi_field *aqi = aqi_batch_added(batch, p->aqi);

	(void)err;
	for (size_t i = 0; i < batch->n_final; i++)
		batch->n_unpredicted += !batch->refused[i] &&
					aqi[i].kind == AQI_MISSING;
	return AQI_OK;
}

struct aqi_step
aqi_predictor_step(struct aqi_predictor *predictor)
{
	return (struct aqi_step){
		.self = predictor,
		.bind = bind,
		.run = run,
		.in_order = count_unpredicted,
	};
}

void
aqi_predictor_free(struct aqi_predictor *predictor)
{
	if (!predictor)
		return;
	aqi_contributions_free(predictor->contributions);
	free(predictor);
}
