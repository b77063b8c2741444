#include "model/xgboost.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "model/foreign.h"
#include "model/forest_builder.h"
#include "model/member.h"
#include "model/trees.h"
#include "model/xgboost_json.h"
#include "model/xgboost_tree.h"
#include "record/json.h"
#include "record/number.h"

/* How the base score, which the file has on the output's scale, is undone. */
enum scale {
	ANY,		/* any number, the margin itself */
	POSITIVE,	/* its logarithm */
	PROBABILITY	/* its log odds */
};

static const struct objective {
	const char *name;
	enum aqi_link_kind link;
	enum scale scale;
} objectives[] = {
	{"reg:squarederror", AQI_LINK_IDENTITY, ANY},
	{"reg:linear", AQI_LINK_IDENTITY, ANY},
	{"reg:squaredlogerror", AQI_LINK_IDENTITY, ANY},
	{"reg:pseudohubererror", AQI_LINK_IDENTITY, ANY},
	{"reg:absoluteerror", AQI_LINK_IDENTITY, ANY},
	{"reg:quantileerror", AQI_LINK_IDENTITY, ANY},
	{"reg:gamma", AQI_LINK_EXP, POSITIVE},
	{"reg:tweedie", AQI_LINK_EXP, POSITIVE},
	{"count:poisson", AQI_LINK_EXP, POSITIVE},
	{"reg:logistic", AQI_LINK_LOGISTIC, PROBABILITY},
	{"binary:logistic", AQI_LINK_LOGISTIC, PROBABILITY},
};

#define N_OBJECTIVES (sizeof objectives / sizeof objectives[0])

/* tree_info says which output a tree belongs to. */
static enum aqi_status
check_info(const json_t *model, size_t n_trees, struct aqi_error *err)
{
	const json_t *info = aqi_member_array(model, "tree_info", err);

	if (!info)
		return AQI_FATAL;
	if (json_array_size(info) != n_trees)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree_info: %zu values for %zu trees",
				     json_array_size(info), n_trees);
	for (size_t t = 0; t < n_trees; t++) {
		if (aqi_json_number(json_array_get(info, t)) != 0)
			return aqi_error_set(err, AQI_E_MODEL,
					     "tree_info: tree %zu is not for "
					     "output 0, the only one", t);
	}
	return AQI_OK;
}

static enum aqi_status
read_trees(const json_t *model, struct aqi_forest_builder *builder,
	   struct aqi_error *err)
{
	const json_t *param =
		aqi_member_object(model, "gbtree_model_param", err);
	const json_t *trees =
		param ? aqi_member_array(model, "trees", err) : NULL;
	struct aqi_xgboost_nodes nodes = {0};
	size_t n_trees;
	enum aqi_status status = AQI_OK;

	if (!trees ||
	    aqi_member_count(param, "num_trees", &n_trees, err) != AQI_OK ||
	    aqi_member_single(param, "size_leaf_vector", err) != AQI_OK)
		return AQI_FATAL;
	if (json_array_size(trees) != n_trees)
		return aqi_error_set(err, AQI_E_MODEL,
				     "num_trees: %zu, but %zu trees are there",
				     n_trees, json_array_size(trees));
	if (check_info(model, n_trees, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t t = 0; t < n_trees && status == AQI_OK; t++)
		status = aqi_xgboost_tree_read(json_array_get(trees, t), t,
					       &nodes, builder, err);
	aqi_xgboost_nodes_free(&nodes);
	return status;
}

static enum aqi_status
refuse_objective(struct aqi_slice name, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE], known[256] = "", *end = known;

	for (size_t i = 0; i < N_OBJECTIVES; i++) {
		*end++ = ' ';
		end = stpcpy(end, objectives[i].name);
	}
	return aqi_error_set(err, AQI_E_MODEL,
			     "objective %s is not supported; these are:%s",
			     aqi_error_quote(quoted, name), known);
}

static const struct objective *
find_objective(const json_t *learner, struct aqi_error *err)
{
	const json_t *object = aqi_member_object(learner, "objective", err);
	struct aqi_slice name;

	if (!object)
		return NULL;
	name = aqi_member_text(json_object_get(object, "name"));
	for (size_t i = 0; i < N_OBJECTIVES; i++)
		if (aqi_slice_is(name, objectives[i].name))
			return &objectives[i];
	refuse_objective(name, err);
	return NULL;
}

/* "5E-1" in versions 1 and 2, "[7.8E1]" in version 3. */
static bool
read_score(struct aqi_slice text, float *score)
{
	if (text.size >= 2 && text.data[0] == '[' &&
	    text.data[text.size - 1] == ']')
		text = (struct aqi_slice){text.data + 1, text.size - 2};
	return aqi_number_to_float(text, '.', score) == AQI_NUMBER_OK;
}

/* The base margin: XGBoost's own formulas, in its 32 bits. */
static enum aqi_status
read_base(const json_t *param, enum scale scale, float *base,
	  struct aqi_error *err)
{
	struct aqi_slice text =
		aqi_member_text(json_object_get(param, "base_score"));
	char quoted[AQI_QUOTED_SIZE];
	float score = 0;

	aqi_error_quote(quoted, text);
	if (!read_score(text, &score))
		return aqi_error_set(err, AQI_E_MODEL,
				     "base_score: %s is not a number for the "
				     "one output", quoted);
	if (scale != ANY && score <= 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "base_score: %s is not above 0, as the "
				     "objective needs it", quoted);
	if (scale == PROBABILITY && score >= 1)
		return aqi_error_set(err, AQI_E_MODEL,
				     "base_score: %s is not below 1, as the "
				     "objective needs it", quoted);
	*base = scale == POSITIVE ? logf(score) :
		scale == PROBABILITY ? -logf(1.0f / score - 1.0f) : score;
	return AQI_OK;
}

static int
compare(const void *a, const void *b)
{
	const struct aqi_slice *x = a, *y = b;
	size_t n = x->size < y->size ? x->size : y->size;
	int order = n > 0 ? memcmp(x->data, y->data, n) : 0;

	return order ? order : (x->size > y->size) - (x->size < y->size);
}

static enum aqi_status
check_twice(struct aqi_arena *arena, const struct aqi_slice *names, size_t n,
	    struct aqi_error *err)
{
	struct aqi_slice *sorted = aqi_arena_array(arena, n, sizeof *sorted);
	char quoted[AQI_QUOTED_SIZE];

	if (!sorted)
		return aqi_error_memory(err);
	memcpy(sorted, names, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, compare);
	for (size_t i = 1; i < n; i++)
		if (aqi_slice_equal(sorted[i - 1], sorted[i]))
			return aqi_error_set(err, AQI_E_MODEL,
					     "feature_names: %s twice",
					     aqi_error_quote(quoted,
							     sorted[i]));
	return AQI_OK;
}

static enum aqi_status
read_names(const json_t *learner, size_t n_inputs, struct aqi_arena *arena,
	   struct aqi_trees *trees, struct aqi_error *err)
{
	const json_t *names = json_object_get(learner, "feature_names");
	size_t n = json_array_size(names);

	if (names && !json_is_array(names))
		return aqi_member_fail(err, "feature_names", "not an array");
	if (n == 0)
		return AQI_OK;
	if (n != n_inputs)
		return aqi_error_set(err, AQI_E_MODEL,
				     "feature_names: %zu names for %zu "
				     "features", n, n_inputs);
	trees->names = aqi_arena_array(arena, n, sizeof *trees->names);
	if (!trees->names)
		return aqi_error_memory(err);
	for (size_t i = 0; i < n; i++) {
		const json_t *name = json_array_get(names, i);

		if (json_string_length(name) == 0)
			return aqi_member_fail(err, "feature_names",
				    "a name is empty, or not a string");
		trees->names[i] = aqi_arena_copy(arena, aqi_member_text(name));
		if (!trees->names[i].data)
			return aqi_error_memory(err);
	}
	trees->n_names = n;
	return check_twice(arena, trees->names, n, err);
}

/* Files that a later version writes may mean something else by the same. */
static enum aqi_status
check_version(const json_t *root, struct aqi_error *err)
{
	const json_t *version = json_object_get(root, "version");
	double major = json_number_value(json_array_get(version, 0));

	if (!version || (major >= 0 && major <= 3))
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "written by XGBoost %.0f; versions 1 to 3 can be "
			     "read", major);
}

/*
 * The weights of dart's trees stand beside a nested gbtree, or, as some
 * versions write it, within the model of what calls itself gbtree.
 */
static const json_t *
find_model(const json_t *learner, struct aqi_error *err)
{
	const json_t *booster =
		aqi_member_object(learner, "gradient_booster", err);
	const json_t *model;
	struct aqi_slice name;
	char quoted[AQI_QUOTED_SIZE];

	if (!booster)
		return NULL;
	name = aqi_member_text(json_object_get(booster, "name"));
	model = json_object_get(booster, "model");
	if (json_array_size(json_object_get(booster, "weight_drop")) > 0 ||
	    json_array_size(json_object_get(model, "weight_drop")) > 0)
		name = aqi_slice_of("dart");
	if (aqi_slice_is(name, "gbtree"))
		return aqi_member_object(booster, "model", err);
	aqi_error_set(err, AQI_E_MODEL,
		      "booster %s is not supported; gbtree is",
		      aqi_error_quote(quoted, name));
	return NULL;
}

static enum aqi_status
read_shape(const json_t *learner, struct aqi_forest_shape *shape,
	   double *base, struct aqi_error *err)
{
	float score = 0;

	const json_t *param =
		aqi_member_object(learner, "learner_model_param", err);
	const struct objective *objective;

	if (!param || !(objective = find_objective(learner, err)) ||
	    aqi_member_single(param, "num_class", err) != AQI_OK ||
	    aqi_member_single(param, "num_target", err) != AQI_OK ||
	    aqi_member_count(param, "num_feature", &shape->n_inputs, err))
		return AQI_FATAL;
	if (read_base(param, objective->scale, &score, err) != AQI_OK)
		return AQI_FATAL;
	*base = (double)score;
	shape->bases = base;
	shape->n_margins = 1;
	shape->link = AQI_LINK_PLAIN;
	shape->link.kind = objective->link;
	return AQI_OK;
}

static enum aqi_status
read_model(const json_t *root, struct aqi_arena *arena,
	   struct aqi_trees *trees, struct aqi_error *err)
{
	const json_t *learner = json_object_get(root, "learner"), *model;
	struct aqi_forest_shape shape = {0};
	struct aqi_forest_builder *builder;
	double base;

	if (!json_is_object(learner))
		return aqi_foreign_json(root, err);
	if (check_version(root, err) != AQI_OK ||
	    !(model = find_model(learner, err)) ||
	    read_shape(learner, &shape, &base, err) != AQI_OK ||
	    read_names(learner, shape.n_inputs, arena, trees, err) != AQI_OK ||
	    !(builder = aqi_forest_builder_new(&shape, err)))
		return AQI_FATAL;
	if (read_trees(model, builder, err) == AQI_OK)
		trees->forest = aqi_forest_builder_finish(builder, err);
	aqi_forest_builder_free(builder);
	return trees->forest ? AQI_OK : AQI_FATAL;
}

enum aqi_status
aqi_xgboost_read(struct aqi_slice bytes, struct aqi_arena *arena,
		 struct aqi_trees *trees, struct aqi_error *err)
{
	enum aqi_status status;
	json_t *root;

	*trees = (struct aqi_trees){.format = "xgboost-json"};
	if (aqi_foreign_check(bytes, err) != AQI_OK)
		return AQI_FATAL;
	root = aqi_xgboost_json_read(bytes, err);
	if (!root)
		return AQI_FATAL;
	status = read_model(root, arena, trees, err);
	json_decref(root);
	return status;
}
