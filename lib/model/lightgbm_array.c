#include "model/lightgbm_array.h"

#include <math.h>

#include "model/forest_builder.h"
#include "model/lightgbm_line.h"
#include "model/lightgbm_set.h"
#include "model/lightgbm_tree.h"
#include "record/number.h"

/* Why a value cannot be, or NULL once it is in its node. */
typedef const char *put_fn(const struct aqi_lightgbm_tree *tree,
			   struct aqi_tree_node *node, struct aqi_slice text);

static const char *
put_number(struct aqi_slice text, double *x)
{
	switch (aqi_number_to_double(text, '.', x)) {
	case AQI_NUMBER_OK:
		return NULL;
	case AQI_NUMBER_OVERFLOW:
		return "is too large";
	default:
		return "is not a number";
	}
}

static const char *
put_whole(struct aqi_slice text, int64_t *n)
{
	return aqi_lightgbm_whole(text, n) ? NULL : "is not a whole number";
}

static const char *
put_feature(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	    struct aqi_slice text)
{
	(void)tree;
	return put_whole(text, &node->input);
}

static const char *
put_value(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	  struct aqi_slice text)
{
	(void)tree;
	return put_number(text, &node->value);
}

/*
 * Infinite is what LightGBM calls the bound of an input's last bin: the split
 * is between what is missing and all the rest.
 */
static const char *
put_threshold(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	      struct aqi_slice text)
{
	(void)tree;
	if (!aqi_slice_is(text, "inf"))
		return put_number(text, &node->value);
	node->value = (double)INFINITY;
	return NULL;
}

/* A split that was forced may have no gain that is a number. */
static const char *
put_gain(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	 struct aqi_slice text)
{
	static const char *const none[] = {"inf", "-inf", "nan", "-nan"};
	const char *fault;
	double gain = 0;

	(void)tree;
	fault = put_number(text, &gain);
	for (size_t i = 0; fault && i < sizeof none / sizeof none[0]; i++)
		if (aqi_slice_is(text, none[i]))
			fault = NULL;
	node->gain = (float)gain;
	return fault || isfinite(node->gain) ? fault : "is too large";
}

static const char *
put_count(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	  struct aqi_slice text)
{
	int64_t n = 0;

	(void)tree;
	if (!aqi_lightgbm_whole(text, &n) || n < 0)
		return "is not a number of samples";
	node->cover = (float)n;
	return NULL;
}

/* A child by its place among the nodes. */
static const char *
put_child(const struct aqi_lightgbm_tree *tree, struct aqi_slice text,
	  int64_t *child)
{
	int64_t n = 0;

	if (!aqi_lightgbm_whole(text, &n))
		return "is not a whole number";
	if (n >= (int64_t)tree->n_splits)
		return "is past the last node";
	if (n < -(int64_t)tree->n_leaves)
		return "is past the last leaf";
	*child = n >= 0 ? n : (int64_t)tree->n_splits - 1 - n;
	if (n == 0)
		return "is the root";
	if (tree->seen[*child])
		return "is a child already";
	tree->seen[*child] = true;
	return NULL;
}

static const char *
put_left(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	 struct aqi_slice text)
{
	return put_child(tree, text, &node->left);
}

static const char *
put_right(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	  struct aqi_slice text)
{
	return put_child(tree, text, &node->right);
}

#define HAS_SET 1
#define DEFAULT_LEFT 2
#define MISSING 12

/*
 * What is not above a number is below the next one. The largest, or an infinite
 * threshold, has no next: all numbers go left of it, which is said as the other
 * way round, right of a set that has no members.
 */
static void
turn_threshold(struct aqi_tree_node *node)
{
	const double next = nextafter(node->value, (double)INFINITY);
	const int64_t left = node->left;

	if (isfinite(next)) {
		node->value = next;
		return;
	}
	node->value = 0;
	node->has_set = true;
	node->left = node->right;
	node->right = left;
	node->default_left = !node->default_left;
}

/* Behind threshold and children, upon which it depends. */
static const char *
put_decision(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	     struct aqi_slice text)
{
	static const enum aqi_view_rule rules[] = {
		AQI_VIEW_MISSING_IS_ZERO, AQI_VIEW_ZERO_IS_MISSING,
		AQI_VIEW_PLAIN,
	};
	int64_t bits = 0;

	if (!aqi_lightgbm_whole(text, &bits) || bits < 0 || bits >= 16)
		return "is none from 0 to 11";
	if ((bits & MISSING) == MISSING)
		return "has a missing type that does not exist";
	if (bits & HAS_SET)
		return aqi_lightgbm_set_use(tree, node);
	node->rule = rules[bits / 4];
	node->default_left = bits & DEFAULT_LEFT;
	turn_threshold(node);
	return NULL;
}

/* Statistics that one tree has all must have that have splits. */
enum need { NEEDED, NEEDED_FOR_GAINS, NEEDED_FOR_COVERS, NOT_NEEDED };

/* The arrays in the order in which they are read. */
static const struct array {
	enum aqi_lightgbm_tree_key key;
	bool of_leaves;		/* else of splits */
	enum need need;
	put_fn *put;		/* NULL: counted only */
} arrays[] = {
	{AQI_LIGHTGBM_SPLIT_FEATURE, false, NEEDED, put_feature},
	{AQI_LIGHTGBM_SPLIT_GAIN, false, NEEDED_FOR_GAINS, put_gain},
	{AQI_LIGHTGBM_THRESHOLD, false, NEEDED, put_threshold},
	{AQI_LIGHTGBM_LEFT_CHILD, false, NEEDED, put_left},
	{AQI_LIGHTGBM_RIGHT_CHILD, false, NEEDED, put_right},
	{AQI_LIGHTGBM_DECISION_TYPE, false, NEEDED, put_decision},
	{AQI_LIGHTGBM_LEAF_VALUE, true, NEEDED, put_value},
	{AQI_LIGHTGBM_LEAF_WEIGHT, true, NOT_NEEDED, NULL},
	{AQI_LIGHTGBM_LEAF_COUNT, true, NEEDED_FOR_COVERS, put_count},
	{AQI_LIGHTGBM_INTERNAL_VALUE, false, NOT_NEEDED, NULL},
	{AQI_LIGHTGBM_INTERNAL_WEIGHT, false, NOT_NEEDED, NULL},
	{AQI_LIGHTGBM_INTERNAL_COUNT, false, NEEDED_FOR_COVERS, put_count},
};

static bool
is_needed(const struct aqi_lightgbm_tree *tree, const struct array *array)
{
	switch (array->need) {
	case NEEDED:
		return true;
	case NEEDED_FOR_GAINS:
		return tree->has_gains && tree->n_splits > 0;
	case NEEDED_FOR_COVERS:
		return tree->has_covers && tree->n_splits > 0;
	case NOT_NEEDED:
		break;
	}
	return false;
}

static enum aqi_status
fail_value(const struct aqi_lightgbm_tree *tree, const struct array *array,
	   size_t i, struct aqi_slice value, const char *reason,
	   struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	return aqi_error_set(err, AQI_E_MODEL, "tree %zu %s %zu: %s: %s %s",
			     tree->number, array->of_leaves ? "leaf" : "node",
			     i, aqi_lightgbm_tree_keys[array->key],
			     aqi_error_quote(quoted, value), reason);
}

static enum aqi_status
read_array(const struct aqi_lightgbm_tree *tree, const struct array *array,
	   struct aqi_error *err)
{
	const size_t n = array->of_leaves ? tree->n_leaves : tree->n_splits;
	struct aqi_tree_node *node =
		tree->nodes + (array->of_leaves ? tree->n_splits : 0);
	struct aqi_slice text = tree->texts[array->key], value;
	size_t i = 0;

	if (!array->put)
		i = aqi_lightgbm_count(text);
	else for (; i < n && aqi_lightgbm_value(&text, &value); i++) {
		const char *reason = array->put(tree, node++, value);

		if (reason)
			return fail_value(tree, array, i, value, reason, err);
	}
	if (array->put)
		i += aqi_lightgbm_count(text);
	if (i == n || (i == 0 && !is_needed(tree, array)))
		return AQI_OK;
	return aqi_lightgbm_tree_fail(tree, array->key, err,
				      "%zu values for %zu %s", i, n,
				      array->of_leaves ? "leaves" : "splits");
}

enum aqi_status
aqi_lightgbm_arrays_read(struct aqi_lightgbm_tree *tree, struct aqi_error *err)
{
	const size_t n_nodes = tree->n_splits + tree->n_leaves;

	memset(tree->nodes, 0, n_nodes * sizeof *tree->nodes);
	memset(tree->seen, 0, n_nodes * sizeof *tree->seen);
	for (size_t i = 0; i < n_nodes; i++) {
		tree->nodes[i].is_leaf = i >= tree->n_splits;
		tree->ids[i] = (uint32_t)(i < tree->n_splits ? i :
					  i - tree->n_splits);
	}
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
		if (is_needed(tree, &arrays[i]) &&
		    !tree->texts[arrays[i].key].data)
			return aqi_error_set(err, AQI_E_MODEL,
				"tree %zu: no line %s", tree->number,
				aqi_lightgbm_tree_keys[arrays[i].key]);
		if (read_array(tree, &arrays[i], err) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}
