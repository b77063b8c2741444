#include "model/predictor.h"

#include <math.h>
#include <stdlib.h>

#include "air/category.h"
#include "air/inputs.h"
#include "model/bundle.h"
#include "record/batch.h"
#include "record/layout.h"
#include "record/number.h"

struct aqi_predictor {
	const struct aqi_model *model;
	int decimals;
	size_t aqi, category, confidence;	/* added columns */
	size_t columns[];	/* (n_inputs,) of the stream */
};

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
		.decimals = options ? options->decimals : 2,
	};
	return p;
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
	return AQI_OK;
}

/* How many of a row's inputs are there; *first_missing is one that is not. */
static size_t
count_present(const float *x, size_t n, size_t *first_missing)
{
	size_t present = 0;

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

/*
 * Move the rows that can be predicted together, at the front of x; rows tells
 * where they are in the batch. Returns how many they are.
 */
static size_t
select_rows(const struct aqi_predictor *p, struct aqi_batch *batch, float *x,
	    size_t *rows)
{
	const size_t n = p->model->n_inputs;
	size_t n_kept = 0, present, missing = 0;

	for (size_t i = 0; i < batch->n_rows; i++) {
		if (batch->refused[i])
			continue;
		present = count_present(x + i * n, n, &missing);
		if (present < n && !p->model->allows_missing) {
			refuse_missing(p, batch, i, missing);
		} else if (present >= p->model->min_inputs) {
			if (n_kept < i)
				memcpy(x + n_kept * n, x + i * n,
				       n * sizeof *x);
			rows[n_kept++] = i;
		}
	}
	return n_kept;
}

/* The number itself in its shortest form; else the double that it is. */
static void
set_aqi(const struct aqi_predictor *p, struct aqi_batch *batch, size_t row,
	float aqi)
{
	char digits[AQI_NUMBER_SIZE], *text;
	size_t n;

	if (p->decimals != AQI_SHORTEST) {
		aqi_batch_set_number(batch, p->aqi, row, (double)aqi,
				     p->decimals);
		return;
	}
	n = aqi_number_shortest_float(digits, aqi);
	text = aqi_batch_alloc(batch, n, 1);
	if (!text)
		return;
	memcpy(text, digits, n);
	aqi_batch_set(batch, p->aqi, row,
		      (struct aqi_field){text, (uint32_t)n, AQI_NUMBER});
}

/* The rule of the prediction API, for a model without a calibration. */
static struct aqi_field
confidence(float aqi)
{
	if (aqi >= 0 && aqi <= 500)
		return (struct aqi_field){"0.85", 4, AQI_NUMBER};
	return (struct aqi_field){"0.60", 4, AQI_NUMBER};
}

static void
set_row(const struct aqi_predictor *p, struct aqi_batch *batch, size_t row,
	float aqi)
{
	if (!isfinite(aqi))
		return;
	set_aqi(p, batch, row, aqi);
	aqi_batch_set_text(batch, p->category, row,
			   aqi_category_name((double)aqi));
	aqi_batch_set(batch, p->confidence, row, confidence(aqi));
}

static enum aqi_status
run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_predictor *p = self;
	const size_t n = p->model->n_inputs, n_rows = batch->n_rows;
	float *x = aqi_batch_alloc(batch, n_rows, n * sizeof *x);
	float *y = aqi_batch_alloc(batch, n_rows, sizeof *y);
	size_t *rows = aqi_batch_alloc(batch, n_rows, sizeof *rows);
	size_t n_kept;

	if (n_rows == 0)
		return AQI_OK;
	if (!x || !y || !rows)
		return aqi_error_memory(err);
	for (size_t k = 0; k < n; k++)
		aqi_batch_floats(batch, p->columns[k], x + k, n);
	n_kept = select_rows(p, batch, x, rows);
	aqi_model_predict(p->model, x, n_kept, y);
	for (size_t i = 0; i < n_kept; i++)
		set_row(p, batch, rows[i], y[i]);
	return AQI_OK;
}

static enum aqi_status
count_unpredicted(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_predictor *p = self;
	const struct aqi_field *aqi = batch->added + p->aqi * batch->n_rows;

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
	free(predictor);
}
