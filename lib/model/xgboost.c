#include "model/xgboost.h"

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/foreign.h"
#include "model/forest.h"
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
	enum aqi_link link;
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

static enum aqi_status
fail(struct aqi_error *err, const char *key, const char *reason)
{
	return aqi_error_set(err, AQI_E_MODEL, "%s: %s", key, reason);
}

static struct aqi_slice
text_of(const json_t *value)
{
	if (!json_is_string(value))
		return (struct aqi_slice){"", 0};
	return (struct aqi_slice){json_string_value(value),
				  json_string_length(value)};
}

/*
 * Getters of an object's parts: the key, and what it must be. Each names the
 * key in its message.
 */
static const json_t *
get_object(const json_t *object, const char *key, struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_object(value))
		return value;
	fail(err, key, value ? "not an object" : "no such key in the model");
	return NULL;
}

static const json_t *
get_array(const json_t *object, const char *key, struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_array(value))
		return value;
	fail(err, key, value ? "not an array" : "no such key in the model");
	return NULL;
}

/* Counts are digits in a string, "19". */
static enum aqi_status
get_count(const json_t *object, const char *key, size_t *count,
	  struct aqi_error *err)
{
	const json_t *value = json_object_get(object, key);
	struct aqi_slice text = text_of(value);
	char quoted[AQI_QUOTED_SIZE];

	if (!value)
		return fail(err, key, "no such key in the model");
	*count = 0;
	for (size_t i = 0; i < text.size; i++) {
		unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';

		if (digit > 9 || text.size > 15)
			text.size = 0;
		else
			*count = *count * 10 + digit;
	}
	if (text.size > 0)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "%s: %s is not a count", key,
			     aqi_error_quote(quoted, text_of(value)));
}

/* A count that older versions do not write. */
static enum aqi_status
get_later_count(const json_t *object, const char *key, size_t *count,
		struct aqi_error *err)
{
	*count = 0;
	if (!json_object_get(object, key))
		return AQI_OK;
	return get_count(object, key, count, err);
}

/* A count that says how many outputs there are: 0 and 1 are one. */
static enum aqi_status
check_single(const json_t *object, const char *key, struct aqi_error *err)
{
	size_t n;

	if (get_later_count(object, key, &n, err) != AQI_OK)
		return AQI_FATAL;
	if (n <= 1)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "%s: a model with %zu outputs; only those with "
			     "one are supported", key, n);
}

static bool
to_index(const json_t *value, int64_t *index)
{
	double x = json_number_value(value);

	if (!json_is_number(value) || x != floor(x) || fabs(x) > 0x1p53)
		return false;
	*index = (int64_t)x;
	return true;
}

/*
 * A float as XGBoost writes it, in the shortest decimal text that names it (9
 * digits at most), which has come to us as the double nearest to that text.
 * Rounding twice can go wrong in one case: the double lies halfway between
 * two floats and the text beside it. A text of up to 15 digits can be had back
 * from its double, so in that case it is, and is rounded once. For longer
 * texts, which XGBoost never writes, a tie goes to even.
 */
static bool
to_float(const json_t *value, float *x)
{
	char text[AQI_NUMBER_SIZE];
	double wide = json_number_value(value);
	uint64_t bits;
	size_t n;

	if (!json_is_number(value) || !isfinite(wide))
		return false;
	memcpy(&bits, &wide, sizeof bits);
	*x = (float)wide;
	if ((bits & 0x1fffffff) != 0x10000000 &&
	    (fabs(wide) >= 0x1p-126 || wide == 0))
		return isfinite(*x);
	n = aqi_number_shortest(text, wide);
	return aqi_number_to_float((struct aqi_slice){text, n}, '.', x) ==
	       AQI_NUMBER_OK;
}

/* One tree: the arrays, n_nodes long each, that predicting needs. */
struct columns {
	const json_t *left, *right, *input, *value, *default_left;
	const json_t *type;	/* NULL before categories were invented */
	size_t n_nodes, n_unused;
};

static const json_t *
get_column(const json_t *tree, const char *key, size_t n_nodes,
	   struct aqi_error *err)
{
	const json_t *column = get_array(tree, key, err);

	if (!column || json_array_size(column) == n_nodes)
		return column;
	aqi_error_set(err, AQI_E_MODEL, "%s: %zu values for %zu nodes", key,
		      json_array_size(column), n_nodes);
	return NULL;
}

static enum aqi_status
find_columns(const json_t *tree, struct columns *c, struct aqi_error *err)
{
	const json_t *param = get_object(tree, "tree_param", err);

	*c = (struct columns){0};
	if (!param ||
	    get_count(param, "num_nodes", &c->n_nodes, err) != AQI_OK ||
	    get_later_count(param, "num_deleted", &c->n_unused, err) ||
	    check_single(param, "size_leaf_vector", err) != AQI_OK)
		return AQI_FATAL;
	if (!(c->left = get_column(tree, "left_children", c->n_nodes, err)) ||
	    !(c->right = get_column(tree, "right_children", c->n_nodes, err)) ||
	    !(c->input = get_column(tree, "split_indices", c->n_nodes, err)) ||
	    !(c->value = get_column(tree, "split_conditions", c->n_nodes,
				    err)) ||
	    !(c->default_left = get_column(tree, "default_left", c->n_nodes,
					   err)))
		return AQI_FATAL;
	if (!json_object_get(tree, "split_type"))
		return AQI_OK;
	c->type = get_column(tree, "split_type", c->n_nodes, err);
	return c->type ? AQI_OK : AQI_FATAL;
}

static bool
to_flag(const json_t *value, bool *flag)
{
	double x = json_number_value(value);

	*flag = json_is_true(value) || x == 1;
	return json_is_boolean(value) ||
	       (json_is_number(value) && (x == 0 || x == 1));
}

/* What is wrong with a node, or NULL. */
static const char *
read_node(const struct columns *c, size_t i, struct aqi_tree_node *node)
{
	if (!to_index(json_array_get(c->left, i), &node->left) ||
	    !to_index(json_array_get(c->right, i), &node->right))
		return "a child is not a whole number";
	if (c->type && json_number_value(json_array_get(c->type, i)) != 0)
		return "a categorical split, which is not supported: train "
		       "with numbers";
	if (!to_float(json_array_get(c->value, i), &node->value))
		return "the split condition is not a finite 32-bit number";
	if (!to_flag(json_array_get(c->default_left, i), &node->default_left))
		return "default_left is neither 0 nor 1";
	node->is_leaf = node->left == -1;
	if (node->is_leaf)
		return node->right == -1 ? NULL :
		       "a child to the right, none to the left";
	if (!to_index(json_array_get(c->input, i), &node->input))
		return "the split index is not a whole number";
	return NULL;
}

/* Nodes of one tree at a time; grows to the largest. */
struct nodes {
	struct aqi_tree_node *data;
	size_t room;
};

/* The columns are as long as num_nodes says, so the file pays for the room. */
static enum aqi_status
make_room(struct nodes *nodes, size_t n, struct aqi_error *err)
{
	struct aqi_tree_node *grown;

	if (n <= nodes->room)
		return AQI_OK;
	grown = reallocarray(nodes->data, n, sizeof *grown);
	if (!grown)
		return aqi_error_memory(err);
	nodes->data = grown;
	nodes->room = n;
	return AQI_OK;
}

/* Put "tree T: " before the reason. */
static enum aqi_status
in_tree(struct aqi_error *err, size_t t)
{
	struct aqi_error inner;

	if (!err || err->code != AQI_E_MODEL)
		return AQI_FATAL;
	inner = *err;
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu: %.280s", t,
			     inner.reason);
}

static enum aqi_status
read_tree(const json_t *tree, size_t t, struct nodes *nodes,
	  struct aqi_forest_builder *builder, struct aqi_error *err)
{
	struct columns c;
	const char *fault;

	if (find_columns(tree, &c, err) != AQI_OK)
		return in_tree(err, t);
	if (make_room(nodes, c.n_nodes, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < c.n_nodes; i++) {
		nodes->data[i] = (struct aqi_tree_node){0};
		fault = read_node(&c, i, &nodes->data[i]);
		if (fault)
			return aqi_error_set(err, AQI_E_MODEL,
					     "tree %zu node %zu: %s", t, i,
					     fault);
	}
	return aqi_forest_builder_add(builder, nodes->data, c.n_nodes,
				      c.n_unused, err);
}

/* tree_info says which output a tree belongs to. */
static enum aqi_status
check_info(const json_t *model, size_t n_trees, struct aqi_error *err)
{
	const json_t *info = get_array(model, "tree_info", err);
	const json_t *value;

	if (!info)
		return AQI_FATAL;
	if (json_array_size(info) != n_trees)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree_info: %zu values for %zu trees",
				     json_array_size(info), n_trees);
	for (size_t t = 0; t < n_trees; t++) {
		value = json_array_get(info, t);
		if (!json_is_number(value) || json_number_value(value) != 0)
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
	const json_t *param = get_object(model, "gbtree_model_param", err);
	const json_t *trees = param ? get_array(model, "trees", err) : NULL;
	struct nodes nodes = {0};
	size_t n_trees;
	enum aqi_status status = AQI_OK;

	if (!trees || get_count(param, "num_trees", &n_trees, err) != AQI_OK ||
	    check_single(param, "size_leaf_vector", err) != AQI_OK)
		return AQI_FATAL;
	if (json_array_size(trees) != n_trees)
		return aqi_error_set(err, AQI_E_MODEL,
				     "num_trees: %zu, but %zu trees are there",
				     n_trees, json_array_size(trees));
	if (check_info(model, n_trees, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t t = 0; t < n_trees && status == AQI_OK; t++)
		status = read_tree(json_array_get(trees, t), t, &nodes,
				   builder, err);
	free(nodes.data);
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
	const json_t *object = get_object(learner, "objective", err);
	struct aqi_slice name;

	if (!object)
		return NULL;
	name = text_of(json_object_get(object, "name"));
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
	struct aqi_slice text = text_of(json_object_get(param, "base_score"));
	char quoted[AQI_QUOTED_SIZE];
	float score;

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
		return fail(err, "feature_names", "not an array");
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
			return fail(err, "feature_names",
				    "a name is empty, or not a string");
		trees->names[i] = aqi_arena_copy(arena, text_of(name));
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
	const json_t *booster = get_object(learner, "gradient_booster", err);
	const json_t *model;
	struct aqi_slice name;
	char quoted[AQI_QUOTED_SIZE];

	if (!booster)
		return NULL;
	name = text_of(json_object_get(booster, "name"));
	model = json_object_get(booster, "model");
	if (json_array_size(json_object_get(booster, "weight_drop")) > 0 ||
	    json_array_size(json_object_get(model, "weight_drop")) > 0)
		name = aqi_slice_of("dart");
	if (aqi_slice_is(name, "gbtree"))
		return get_object(booster, "model", err);
	aqi_error_set(err, AQI_E_MODEL,
		      "booster %s is not supported; gbtree is",
		      aqi_error_quote(quoted, name));
	return NULL;
}

static enum aqi_status
read_shape(const json_t *learner, struct aqi_forest_shape *shape,
	   struct aqi_error *err)
{
	const json_t *param = get_object(learner, "learner_model_param", err);
	const struct objective *objective;

	if (!param || !(objective = find_objective(learner, err)) ||
	    check_single(param, "num_class", err) != AQI_OK ||
	    check_single(param, "num_target", err) != AQI_OK ||
	    get_count(param, "num_feature", &shape->n_inputs, err) != AQI_OK)
		return AQI_FATAL;
	shape->link = objective->link;
	return read_base(param, objective->scale, &shape->base, err);
}

static enum aqi_status
read_model(const json_t *root, struct aqi_arena *arena,
	   struct aqi_trees *trees, struct aqi_error *err)
{
	const json_t *learner = json_object_get(root, "learner"), *model;
	struct aqi_forest_shape shape;
	struct aqi_forest_builder *builder;

	if (!json_is_object(learner))
		return aqi_foreign_json(root, err);
	if (check_version(root, err) != AQI_OK ||
	    !(model = find_model(learner, err)) ||
	    read_shape(learner, &shape, err) != AQI_OK ||
	    read_names(learner, shape.n_inputs, arena, trees, err) != AQI_OK ||
	    !(builder = aqi_forest_builder_new(&shape, err)))
		return AQI_FATAL;
	if (read_trees(model, builder, err) == AQI_OK)
		trees->forest = aqi_forest_new(builder, err);
	aqi_forest_builder_free(builder);
	return trees->forest ? AQI_OK : AQI_FATAL;
}

/*
 * XGBoost writes NaN and Infinity bare where a statistic is so, which is not
 * JSON. Each becomes a string of the same length: it is then no number, which
 * matters only where one is needed, and the bytes keep their places.
 */
static bool
quote_specials(char *text, size_t size)
{
	static const char *const specials[] = {"NaN", "-Infinity", "Infinity"};
	bool in_string = false, found = false;

	for (size_t i = 0; i < size; i++) {
		if (in_string && text[i] == '\\') {
			i++;
			continue;
		}
		if (text[i] == '"')
			in_string = !in_string;
		for (size_t k = 0; k < 3 && !in_string; k++) {
			size_t n = strlen(specials[k]);

			if (n > size - i || memcmp(text + i, specials[k], n))
				continue;
			text[i] = text[i + n - 1] = '"';
			i += n - 1;
			found = true;
			break;
		}
	}
	return found;
}

static json_t *
read_again(struct aqi_slice bytes, struct aqi_error *err)
{
	struct aqi_error second;
	json_t *root = NULL;
	char *copy = malloc(bytes.size + 1);

	if (!copy) {
		aqi_error_memory(err);
		return NULL;
	}
	memcpy(copy, bytes.data, bytes.size);
	if (quote_specials(copy, bytes.size)) {
		root = aqi_json_read((struct aqi_slice){copy, bytes.size},
				     &second);
		if (!root && err)
			*err = second;
	}
	free(copy);
	return root;
}

/* "byte B: reason", from a line and a column. */
static enum aqi_status
at_byte(struct aqi_slice bytes, struct aqi_error *err)
{
	struct aqi_error inner = *err;
	size_t at = 0;

	if (err->code == AQI_E_MEMORY)
		return AQI_FATAL;
	for (uint64_t line = 1; line < inner.line && at < bytes.size; at++)
		line += bytes.data[at] == '\n';
	at += inner.column - 1;
	return aqi_error_set(err, AQI_E_MODEL, "byte %zu: %.280s", at,
			     inner.reason);
}

enum aqi_status
aqi_xgboost_read(struct aqi_slice bytes, struct aqi_arena *arena,
		 struct aqi_trees *trees, struct aqi_error *err)
{
	struct aqi_error why;
	enum aqi_status status;
	json_t *root;

	*trees = (struct aqi_trees){0};
	if (aqi_foreign_check(bytes, err) != AQI_OK)
		return AQI_FATAL;
	root = aqi_json_read(bytes, &why);
	if (!root && why.code == AQI_E_SYNTAX)
		root = read_again(bytes, &why);
	if (!root) {
		at_byte(bytes, &why);
		if (err)
			*err = why;
		return AQI_FATAL;
	}
	status = read_model(root, arena, trees, err);
	json_decref(root);
	return status;
}
