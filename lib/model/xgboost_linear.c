#include "model/xgboost_linear.h"

#include "model/forest_builder.h"

/* What is w times the input, and nothing where that is missing. */
static enum aqi_status
add_weight(struct aqi_forest_builder *builder, float weight, size_t input,
	   size_t target, struct aqi_error *err)
{
	const struct aqi_tree_term term = {
		.coefficient = (double)weight,
		.input = (int64_t)input,
	};
	const struct aqi_tree_node leaf = {
		.is_leaf = true,
		.is_linear = true,
		.terms = &term,
		.n_terms = 1,
	};

	return aqi_forest_builder_add(builder, &(struct aqi_tree){
		.nodes = &leaf,
		.n_nodes = 1,
		.target = target,
	}, err);
}

static enum aqi_status
add_weights(const struct aqi_xgboost_linear *linear, size_t n,
	    struct aqi_forest_builder *builder, struct aqi_error *err)
{
	const float *weights = linear->weights->data;

	if (linear->weights->n == 0)
		return AQI_OK;
	for (size_t i = 0; i < linear->n_inputs * n; i++)
		if (weights[i] != 0 && add_weight(builder, weights[i], i / n,
						  i % n, err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

static enum aqi_status
check_count(const struct aqi_xgboost_linear *linear, size_t n,
	    struct aqi_error *err)
{
	const size_t n_weights = linear->weights->n;

	if (n_weights == 0)
		return linear->is_settled ? AQI_OK :
		       aqi_error_set(err, AQI_E_MODEL, "weights: none, and of "
				     "the base score alone versions of XGBoost "
				     "make different margins");
	if (n_weights % n != 0 || n_weights / n != linear->n_inputs + 1)
		return aqi_error_set(err, AQI_E_MODEL, "weights: %zu values "
				     "for %zu features and %zu outputs",
				     n_weights, linear->n_inputs, n);
	return AQI_OK;
}

/*
 * XGBoost adds the biases to the base margin first: to that of the first output
 * for all of them, as version 3.2 does where they differ.
 */
static void
add_biases(const struct aqi_xgboost_linear *linear, size_t n, double *bases)
{
	const float *weights = linear->weights->data;
	const float first = (float)bases[0];

	for (size_t k = 0; k < n; k++)
		bases[k] = linear->weights->n == 0 ? (double)first :
			   (double)(weights[linear->n_inputs * n + k] + first);
}

struct aqi_forest *
aqi_xgboost_linear_read(const struct aqi_xgboost_linear *linear,
			const struct aqi_forest_shape *shape, double *bases,
			struct aqi_error *err)
{
	const size_t held = linear->weights->n * sizeof *linear->weights->data;
	struct aqi_forest_builder *builder;
	struct aqi_forest *forest = NULL;

	if (check_count(linear, shape->n_margins, err) != AQI_OK)
		return NULL;
	add_biases(linear, shape->n_margins, bases);
	builder = aqi_forest_builder_new(shape, err);
	if (!builder)
		return NULL;
	if (aqi_forest_builder_bound(builder, linear->most, held, err) ==
		AQI_OK &&
	    add_weights(linear, shape->n_margins, builder, err) == AQI_OK)
		forest = aqi_forest_builder_finish(builder, err);
	aqi_forest_builder_free(builder);
	return forest;
}
