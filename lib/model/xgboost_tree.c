#include "model/xgboost_tree.h"

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/forest_builder.h"
#include "model/member.h"
#include "record/json.h"
#include "record/number.h"

static bool
to_index(const json_t *value, int64_t *index)
{
	double x = aqi_json_number(value);

	if (x != floor(x) || fabs(x) > 0x1p53)
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
	double wide = aqi_json_number(value);
	uint64_t bits;
	size_t n;

	if (isnan(wide))
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
	const json_t *column = aqi_member_array(tree, key, err);

	if (!column || json_array_size(column) == n_nodes)
		return column;
	aqi_error_set(err, AQI_E_MODEL, "%s: %zu values for %zu nodes", key,
		      json_array_size(column), n_nodes);
	return NULL;
}

static enum aqi_status
find_columns(const json_t *tree, struct columns *c, struct aqi_error *err)
{
	const json_t *param = aqi_member_object(tree, "tree_param", err);

	*c = (struct columns){0};
	if (!param ||
	    aqi_member_count(param, "num_nodes", &c->n_nodes, err) != AQI_OK ||
	    aqi_member_later_count(param, "num_deleted", &c->n_unused, err) ||
	    aqi_member_single(param, "size_leaf_vector", err) != AQI_OK)
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
	double x = json_is_boolean(value) ? json_is_true(value) :
					    aqi_json_number(value);

	*flag = x == 1;
	return x == 0 || x == 1;
}

/* What is wrong with a node, or NULL. */
static const char *
read_node(const struct columns *c, size_t i, struct aqi_tree_node *node)
{
	float value;

	if (!to_index(json_array_get(c->left, i), &node->left) ||
	    !to_index(json_array_get(c->right, i), &node->right))
		return "a child is not a whole number";
	if (c->type && json_number_value(json_array_get(c->type, i)) != 0)
		return "a categorical split, which is not supported: train "
		       "with numbers";
	if (!to_float(json_array_get(c->value, i), &value))
		return "the split condition is not a finite 32-bit number";
	if (!to_flag(json_array_get(c->default_left, i), &node->default_left))
		return "default_left is neither 0 nor 1";
	node->value = (double)value;
	node->is_leaf = node->left == -1;
	if (node->is_leaf)
		return node->right == -1 ? NULL :
		       "a child to the right, none to the left";
	if (!to_index(json_array_get(c->input, i), &node->input))
		return "the split index is not a whole number";
	return NULL;
}

/* The columns are as long as num_nodes says, so the file pays for the room. */
static enum aqi_status
make_room(struct aqi_xgboost_nodes *nodes, size_t n, struct aqi_error *err)
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

enum aqi_status
aqi_xgboost_tree_read(const json_t *tree, size_t t,
		      struct aqi_xgboost_nodes *nodes,
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
	return aqi_forest_builder_add(builder, &(struct aqi_tree){
		.nodes = nodes->data,
		.n_nodes = c.n_nodes,
		.n_unused = c.n_unused,
	}, err);
}

void
aqi_xgboost_nodes_free(struct aqi_xgboost_nodes *nodes)
{
	free(nodes->data);
}
