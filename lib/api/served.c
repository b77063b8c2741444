#include "api/served.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "air/schema.h"
#include "base/random.h"
#include "base/sum.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/predictor.h"

static enum aqi_status
bind(struct aqi_served *served, const struct aqi_schema *schema,
     struct aqi_error *err)
{
	const struct aqi_model *model = served->model;
	size_t k;

	served->is_same = model->n_inputs == schema->n_fields;
	served->fields = calloc(model->n_inputs + 1, sizeof *served->fields);
	if (!served->fields)
		return aqi_error_memory(err);
	for (size_t i = 0; i < model->n_inputs; i++) {
		for (k = 0; k < schema->n_fields; k++)
			if (aqi_slice_equal(schema->names[k], model->inputs[i]))
				break;
		if (k == schema->n_fields) {
			aqi_error_set(err, AQI_E_MODEL, "this input of the "
				      "model is no field of a request; they "
				      "are those of the schema \"api\"");
			aqi_error_name(err, model->inputs[i]);
			return AQI_FATAL;
		}
		served->fields[i] = k;
		served->is_same &= k == i;
	}
	return AQI_OK;
}

/* No request is to wait for what can be made before. */
static enum aqi_status
prepare(struct aqi_engine *engine, struct aqi_error *err)
{
	if (aqi_engine_prepare(engine, 1, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_engine_prepare(engine, AQI_SERVED_BLOCK, err);
}

/* Records within the bounds: the two corners, the middle, and at random. */
static void
make_record(const struct aqi_schema *schema, size_t i,
	    struct aqi_random *random, double *x)
{
	for (size_t k = 0; k < schema->n_fields; k++) {
		const struct aqi_schema_field *f = &schema->fields[k];
		double share = i < 3 ? (double)i / 2 : aqi_random_unit(random);
		double value = f->min + (f->max - f->min) * share;

		x[k] = (f->type == AQI_TYPE_INTEGER ? trunc(value) :
							     value);
	}
}

static enum aqi_status
try(const struct aqi_served *served, const struct aqi_schema *schema,
    struct aqi_error *err)
{
	struct aqi_random random = aqi_random_new(1, 1);
	const size_t n = served->model->n_inputs;
	double *x = calloc(schema->n_fields + n, sizeof *x), y;
	struct aqi_prediction p = {.is_one = true};

	if (!x)
		return aqi_error_memory(err);
	for (size_t i = 0; i < 100 && p.is_one; i++) {
		make_record(schema, i, &random, x);
		aqi_predictor_rows(served->model,
				   aqi_served_inputs(served, schema->n_fields,
						     x, 1,
						     x + schema->n_fields),
				   1, &y, &p);
	}
	free(x);
	if (p.is_one)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "it predicts a number that is "
			     "not finite for a record within all bounds");
}

/* Which trees these are: the manifest's hash of their file, else our own sum
 * of the block, which is one of 64 bits. */
static void
add_hash(struct aqi_buffer *out, const struct aqi_model *model)
{
	uint64_t sum;

	if (model->trees_sha256.size >= 8) {
		aqi_buffer_add(out, model->trees_sha256.data, 8);
		return;
	}
	sum = aqi_sum(AQI_SUM_START, aqi_forest_bytes(model->forest));
	aqi_buffer_add_format(out, "%08x", (unsigned)(sum >> 32));
}

/* A name from a manifest may hold anything; a field of a head may not. */
static void
add_token(struct aqi_buffer *out, struct aqi_slice text)
{
	for (size_t i = 0; i < text.size && i < 100; i++) {
		char c = text.data[i];

		aqi_buffer_add_byte(out, c > ' ' && c < 0x7f ? c : '_');
	}
}

static enum aqi_status
set_name(struct aqi_served *served, struct aqi_error *err)
{
	const struct aqi_model *model = served->model;

	add_token(&served->name, model->name);
	aqi_buffer_add_byte(&served->name, '/');
	add_token(&served->name, model->version);
	aqi_buffer_add_byte(&served->name, '+');
	add_hash(&served->name, model);
	aqi_buffer_add_text(&served->field, "x-aqi-model: ");
	aqi_buffer_add(&served->field, served->name.data, served->name.size);
	aqi_buffer_add_text(&served->field, "\r\n");
	aqi_buffer_add_byte(&served->name, '\0');
	if (served->name.failed || served->field.failed)
		return aqi_error_memory(err);
	return AQI_OK;
}

struct aqi_served *
aqi_served_load(const struct aqi_model_options *options,
		const struct aqi_schema *schema, struct aqi_error *err)
{
	struct aqi_served *served = calloc(1, sizeof *served);
	const char *name = options ? options->name : NULL;
	struct timespec now;

	if (!served) {
		aqi_error_memory(err);
		return NULL;
	}
	served->model = aqi_model_load(options, err);
	if (!served->model)
		goto free_served;
	if (bind(served, schema, err) != AQI_OK ||
	    prepare(served->model->engine, err) != AQI_OK ||
	    try(served, schema, err) != AQI_OK ||
	    set_name(served, err) != AQI_OK) {
		aqi_error_at(err, name, 0, 0);
		goto free_served;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	served->loaded = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	return served;

free_served:
	aqi_served_free(served);
	return NULL;
}

const double *
aqi_served_inputs(const struct aqi_served *served, size_t n_fields,
		  const double *x, size_t n_rows, double *room)
{
	const size_t n = served->model->n_inputs;

	if (served->is_same)
		return x;
	for (size_t i = 0; i < n_rows; i++)
		for (size_t k = 0; k < n; k++)
			room[i * n + k] = x[i * n_fields + served->fields[k]];
	return room;
}

void
aqi_served_free(struct aqi_served *served)
{
	if (!served)
		return;
	aqi_model_free(served->model);
	free(served->fields);
	aqi_buffer_free(&served->field);
	aqi_buffer_free(&served->name);
	free(served);
}
