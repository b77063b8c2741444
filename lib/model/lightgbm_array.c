#include "model/lightgbm_array.h"

#include <float.h>
#include <math.h>

#include "model/forest_builder.h"
#include "model/lightgbm_set.h"
#include "model/lightgbm_tree.h"
#include "model/lightgbm_value.h"

/* Take the next value of a text into its node. Returns why it cannot be, or
 * NULL. */
typedef const char *take_fn(const struct aqi_lightgbm_tree *tree,
			    struct aqi_tree_node *node, struct aqi_slice *text);

static const char *
take_number(struct aqi_slice *text, double *x)
{
	switch (aqi_lightgbm_number(text, x)) {
	case AQI_NUMBER_OK:
		return NULL;
	case AQI_NUMBER_OVERFLOW:
		return "is too large";
	default:
		return "is not a number";
	}
}

static const char *
take_feature(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	     struct aqi_slice *text)
{
	(void)tree;
	return aqi_lightgbm_integer(text, &node->input) ? NULL :
	       "is not a whole number";
}

static const char *
take_leaf(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	  struct aqi_slice *text)
{
	(void)tree;
	return take_number(text, &node->value);
}

/* A word instead of a number. */
static bool
take_word(struct aqi_slice *text, const char *word)
{
	struct aqi_slice rest = *text, value;

	aqi_lightgbm_value(&rest, &value);
	if (!aqi_slice_is(value, word))
		return false;
	*text = rest;
	return true;
}

/*
 * Infinite is what LightGBM calls the bound of an input's last bin: the split
 * is between what is missing and all the rest.
 */
static const char *
take_threshold(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	       struct aqi_slice *text)
{
	const char *fault = take_number(text, &node->value);

	(void)tree;
	if (!fault || !take_word(text, "inf"))
		return fault;
	node->value = (double)INFINITY;
	return NULL;
}

/* A split that was forced may have no gain that is a number. */
static const char *
take_gain(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	  struct aqi_slice *text)
{
	double gain = 0;
	const char *fault = take_number(text, &gain);

	(void)tree;
	if (fault && (take_word(text, "inf") || take_word(text, "-inf") ||
		      take_word(text, "nan") || take_word(text, "-nan")))
		return NULL;
	if (!fault && fabs(gain) > (double)FLT_MAX)
		return "is too large";
	node->gain = (float)gain;
	return fault;
}

static const char *
take_count(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	   struct aqi_slice *text)
{
	int64_t n = 0;

	(void)tree;
	if (!aqi_lightgbm_integer(text, &n) || n < 0)
		return "is not a number of samples";
	node->cover = (float)n;
	return NULL;
}

/* A child by its place among the nodes. */
static const char *
take_child(const struct aqi_lightgbm_tree *tree, struct aqi_slice *text,
	   int64_t *child)
{
	int64_t n = 0;

	if (!aqi_lightgbm_integer(text, &n))
		return "is not a whole number";
	if (n >= (int64_t)tree->n_splits)
		return "is past the last node";
	if (n < -(int64_t)tree->n_leaves)
		return "is past the last leaf";
	if (n == 0)
		return "is the root";
	*child = n > 0 ? n : (int64_t)tree->n_splits - 1 - n;
	if (tree->seen[*child])
		return "is a child already";
	tree->seen[*child] = true;
	return NULL;
}

static const char *
take_left(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	  struct aqi_slice *text)
{
	return take_child(tree, text, &node->left);
}

static const char *
take_right(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	   struct aqi_slice *text)
{
	return take_child(tree, text, &node->right);
}

#define HAS_SET 1
#define DEFAULT_LEFT 2
#define MISSING 12

/* The least number above x, which is finite or infinite. */
static double
next_above(double x)
{
	int64_t bits;

	if (x == 0)
		return 0x1p-1074;
	memcpy(&bits, &x, sizeof bits);
	bits += x > 0 ? 1 : -1;
	memcpy(&x, &bits, sizeof x);
	return x;
}

/*
 * What is not above a number is below the next one. The largest, or an infinite
 * threshold, has no next: all numbers go left of it, which is said as the other
 * way round, right of a set that has no members.
 */
static void
turn_threshold(struct aqi_tree_node *node)
{
	const double next = next_above(node->value);
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
take_decision(const struct aqi_lightgbm_tree *tree, struct aqi_tree_node *node,
	      struct aqi_slice *text)
{
	static const enum aqi_view_rule rules[] = {
		AQI_VIEW_MISSING_IS_ZERO, AQI_VIEW_ZERO_IS_MISSING,
		AQI_VIEW_PLAIN,
	};
	int64_t bits = 0;

	if (!aqi_lightgbm_integer(text, &bits) || bits < 0 || bits >= 16)
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
	take_fn *take;		/* NULL: counted only */
} arrays[] = {
	{AQI_LIGHTGBM_LEAF_VALUE, true, NEEDED, take_leaf},
	{AQI_LIGHTGBM_SPLIT_FEATURE, false, NEEDED, take_feature},
	{AQI_LIGHTGBM_SPLIT_GAIN, false, NEEDED_FOR_GAINS, take_gain},
	{AQI_LIGHTGBM_THRESHOLD, false, NEEDED, take_threshold},
	{AQI_LIGHTGBM_LEFT_CHILD, false, NEEDED, take_left},
	{AQI_LIGHTGBM_RIGHT_CHILD, false, NEEDED, take_right},
	{AQI_LIGHTGBM_DECISION_TYPE, false, NEEDED, take_decision},
	{AQI_LIGHTGBM_LEAF_WEIGHT, true, NOT_NEEDED, NULL},
	{AQI_LIGHTGBM_LEAF_COUNT, true, NEEDED_FOR_COVERS, take_count},
	{AQI_LIGHTGBM_INTERNAL_VALUE, false, NOT_NEEDED, NULL},
	{AQI_LIGHTGBM_INTERNAL_WEIGHT, false, NOT_NEEDED, NULL},
	{AQI_LIGHTGBM_INTERNAL_COUNT, false, NEEDED_FOR_COVERS, take_count},
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
	   size_t i, struct aqi_slice text, const char *reason,
	   struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_slice value;

	aqi_lightgbm_value(&text, &value);
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu %s %zu: %s: %s %s",
			     tree->number, array->of_leaves ? "leaf" : "node",
			     i, aqi_lightgbm_tree_keys[array->key],
			     aqi_error_quote(quoted, value), reason);
}

static enum aqi_status
check_count(const struct aqi_lightgbm_tree *tree, const struct array *array,
	    struct aqi_error *err)
{
	const size_t n = array->of_leaves ? tree->n_leaves : tree->n_splits;
	const size_t i = aqi_lightgbm_count(tree->texts[array->key]);

	if (i == n || (i == 0 && !is_needed(tree, array)))
		return AQI_OK;
	return aqi_lightgbm_tree_fail(tree, array->key, err,
				      "%zu values for %zu %s", i, n,
				      array->of_leaves ? "leaves" : "splits");
}

static enum aqi_status
read_array(const struct aqi_lightgbm_tree *tree, const struct array *array,
	   struct aqi_error *err)
{
	const size_t n = array->of_leaves ? tree->n_leaves : tree->n_splits;
	struct aqi_tree_node *node =
		tree->nodes + (array->of_leaves ? tree->n_splits : 0);
	struct aqi_slice text = tree->texts[array->key];

	if (!array->take)
		return check_count(tree, array, err);
	for (size_t i = 0; i < n; i++, node++) {
		const struct aqi_slice rest = text;
		const char *reason = array->take(tree, node, &text);

		/* That there are too few is what is wrong first. */
		if (reason && check_count(tree, array, err) != AQI_OK)
			return AQI_FATAL;
		if (reason && aqi_lightgbm_count(rest) == 0)
			return AQI_OK;
		if (reason)
			return fail_value(tree, array, i, rest, reason, err);
	}
	aqi_lightgbm_skip(&text);
	return text.size == 0 ? AQI_OK : check_count(tree, array, err);
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
