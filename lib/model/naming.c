#include "model/naming.h"

#include <stdio.h>

#include "air/base_record.h"
#include "model/bundle.h"
#include "model/forest.h"
#include "model/names.h"
#include "model/trees.h"

enum aqi_status
aqi_naming_check(const struct aqi_model *model, const struct aqi_trees *trees,
		 struct aqi_error *err)
{
	size_t n = aqi_forest_shape(model->forest).n_inputs;
	char ours[AQI_QUOTED_SIZE], theirs[AQI_QUOTED_SIZE];

	if (n != model->n_inputs)
		return aqi_error_set(err, AQI_E_MODEL,
				     "%zu inputs, but the manifest names %zu",
				     n, model->n_inputs);
	for (size_t i = 0; i < trees->n_names; i++)
		if (!aqi_slice_equal(trees->names[i], model->inputs[i]))
			return aqi_error_set(err, AQI_E_MODEL,
					     "input %zu is %s, but %s in the "
					     "manifest", i + 1,
					     aqi_error_quote(theirs,
							     trees->names[i]),
					     aqi_error_quote(ours,
							     model->inputs[i]));
	return AQI_OK;
}

/* Names given on the command line. */
static enum aqi_status
take_given(struct aqi_model *model, const struct aqi_model_options *options,
	   struct aqi_error *err)
{
	const struct aqi_slice *given = options->inputs;
	struct aqi_slice twice;
	char quoted[AQI_QUOTED_SIZE];

	if (options->n_inputs != model->n_inputs)
		return aqi_error_set(err, AQI_E_USAGE,
				     "--inputs has %zu names, the model %zu "
				     "inputs", options->n_inputs,
				     model->n_inputs);
	if (aqi_names_find_twice(given, model->n_inputs, &twice, err) != AQI_OK)
		return AQI_FATAL;
	if (twice.size > 0)
		return aqi_error_set(err, AQI_E_USAGE, "--inputs has %s twice",
				     aqi_error_quote(quoted, twice));
	for (size_t i = 0; i < model->n_inputs; i++) {
		if (given[i].size == 0)
			return aqi_error_set(err, AQI_E_USAGE,
					     "--inputs has an empty name");
		model->inputs[i] = aqi_arena_copy(&model->arena, given[i]);
		if (!model->inputs[i].data)
			return aqi_error_memory(err);
	}
	return AQI_OK;
}

/* Inputs that nobody names, by their places. */
static enum aqi_status
number_inputs(struct aqi_model *model, struct aqi_error *err)
{
	char digits[24];

	for (size_t i = 0; i < model->n_inputs; i++) {
		snprintf(digits, sizeof digits, "f%zu", i);
		model->inputs[i] = aqi_arena_copy(&model->arena,
						  aqi_slice_of(digits));
		if (!model->inputs[i].data)
			return aqi_error_memory(err);
	}
	return AQI_OK;
}

/* Room for the names of as many inputs as the forest has, and no units. */
static enum aqi_status
make_inputs(struct aqi_model *model, struct aqi_error *err)
{
	const size_t n = aqi_forest_shape(model->forest).n_inputs;

	model->n_inputs = n;
	model->inputs = aqi_arena_array(&model->arena, n,
					sizeof *model->inputs);
	model->units = aqi_arena_array(&model->arena, n, sizeof *model->units);
	if (!model->inputs || !model->units)
		return aqi_error_memory(err);
	for (size_t i = 0; i < n; i++)
		model->units[i] = aqi_slice_of("");
	return AQI_OK;
}

enum aqi_status
aqi_naming_take(struct aqi_model *model, const struct aqi_trees *trees,
		const struct aqi_model_options *options, struct aqi_error *err)
{
	if (make_inputs(model, err) != AQI_OK)
		return AQI_FATAL;
	model->has_names = options->inputs || trees->n_names > 0;
	if (options->inputs)
		return take_given(model, options, err);
	if (!model->has_names && options->takes_any)
		return number_inputs(model, err);
	if (trees->n_names == 0 && model->n_inputs != AQI_N_BASE)
		return aqi_error_set(err, AQI_E_USAGE,
				     "the model does not name its %zu inputs "
				     "(the base record has %d): name them "
				     "with --inputs a,b,... of aqi-predict or "
				     "aqi-model compile", model->n_inputs,
				     AQI_N_BASE);
	for (size_t i = 0; i < model->n_inputs; i++)
		model->inputs[i] = trees->n_names > 0 ? trees->names[i] :
				   aqi_base_record[i];
	return AQI_OK;
}
