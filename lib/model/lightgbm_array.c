#include "model/lightgbm_array.h"

#include <float.h>
#include <math.h>

#include "model/forest_builder.h"
#include "model/lightgbm_set.h"
#include "model/lightgbm_tree.h"
#include "model/lightgbm_value.h"

/* A line of values while they are taken. */
struct line {
	const struct aqi_lightgbm_tree *tree;
	const char *end;
	const char *fault;	/* what is wrong with the value; NULL: it is
				 * not of its kind */
};

/* Take the next value at p into its node; where it ends, or NULL. */
typedef const char *take_fn(struct line *line, struct aqi_tree_node *node,
			    const char *p);

static const char *
take_feature(struct line *line, struct aqi_tree_node *node, const char *p)
{
	return aqi_lightgbm_integer(p, line->end, &node->input);
}

static const char *
take_leaf(struct line *line, struct aqi_tree_node *node, const char *p)
{
	return aqi_lightgbm_number(p, line->end, &node->value);
}

/* Behind a word instead of a number, or NULL. */
static const char *
take_word(const struct line *line, const char *p, const char *word)
{
	struct aqi_slice value, text = {p, (size_t)(line->end - p)};

	aqi_lightgbm_value(&text, &value);
	return aqi_slice_is(value, word) ? text.data : NULL;
}

/*
 * Infinite is what LightGBM calls the bound of an input's last bin: the split
 * is between what is missing and all the rest.
 */
static const char *
take_threshold(struct line *line, struct aqi_tree_node *node, const char *p)
{
	const char *behind = aqi_lightgbm_number(p, line->end, &node->value);

	if (behind)
		return behind;
	node->value = (double)INFINITY;
	return take_word(line, p, "inf");
}

/* A split that was forced may have no gain that is a number. */
static const char *
take_gain(struct line *line, struct aqi_tree_node *node, const char *p)
{
	static const char *const words[] = {"-inf", "inf", "nan", "-nan"};
	double gain;
	const char *behind = aqi_lightgbm_number(p, line->end, &gain);

	if (behind && fabs(gain) > (double)FLT_MAX) {
		line->fault = "is too large";
		return NULL;
	}
	if (behind)
		node->gain = (float)gain;
	for (size_t i = 0; !behind && i < 4; i++)
		behind = take_word(line, p, words[i]);
	return behind;
}

static const char *
take_count(struct line *line, struct aqi_tree_node *node, const char *p)
{
	int64_t n = 0;

	p = aqi_lightgbm_integer(p, line->end, &n);
	if (n < 0) {
		line->fault = "is below 0";
		return NULL;
	}
	node->cover = (float)n;
	return p;
}

/* A child by its place among the nodes. */
static const char *
take_child(struct line *line, int64_t *child, const char *p)
{
	const struct aqi_lightgbm_tree *tree = line->tree;
	int64_t n;

	p = aqi_lightgbm_integer(p, line->end, &n);
	if (!p)
		return NULL;
	if (n >= (int64_t)tree->n_splits)
		line->fault = "is past the last node";
	else if (n < -(int64_t)tree->n_leaves)
		line->fault = "is past the last leaf";
	else if (n == 0)
		line->fault = "is the root";
	if (line->fault)
		return NULL;
	*child = n > 0 ? n : (int64_t)tree->n_splits - 1 - n;
	if (tree->seen[*child]) {
		line->fault = "is a child already";
		return NULL;
	}
	tree->seen[*child] = true;
	return p;
}

static const char *
take_left(struct line *line, struct aqi_tree_node *node, const char *p)
{
	return take_child(line, &node->left, p);
}

static const char *
take_right(struct line *line, struct aqi_tree_node *node, const char *p)
{
	return take_child(line, &node->right, p);
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
take_decision(struct line *line, struct aqi_tree_node *node, const char *p)
{
	static const enum aqi_view_rule rules[] = {
		AQI_VIEW_MISSING_IS_ZERO, AQI_VIEW_ZERO_IS_MISSING,
		AQI_VIEW_PLAIN,
	};
	int64_t bits;

	p = aqi_lightgbm_integer(p, line->end, &bits);
	if (!p)
		return NULL;
	if (bits < 0 || bits >= 16)
		line->fault = "is none from 0 to 11";
	else if ((bits & MISSING) == MISSING)
		line->fault = "has a missing type that does not exist";
	else if (bits & HAS_SET)
		line->fault = aqi_lightgbm_set_use(line->tree, node);
	if (line->fault)
		return NULL;
	if (bits & HAS_SET)
		return p;
	node->rule = rules[bits / 4];
	node->default_left = bits & DEFAULT_LEFT;
	turn_threshold(node);
	return p;
}

/* Statistics that one tree has all must have that have splits. */
enum need { NEEDED, NEEDED_FOR_GAINS, NEEDED_FOR_COVERS, NOT_NEEDED };

/* The arrays in the order in which they are read. */
static const struct array {
	enum aqi_lightgbm_tree_key key;
	bool of_leaves;		/* else of splits */
	enum need need;
	take_fn *take;		/* NULL: counted only */
	const char *kind;	/* what each value is */
} arrays[] = {
	{AQI_LIGHTGBM_LEAF_VALUE, true, NEEDED, take_leaf, "number"},
	{AQI_LIGHTGBM_SPLIT_FEATURE, false, NEEDED, take_feature,
	 "whole number"},
	{AQI_LIGHTGBM_SPLIT_GAIN, false, NEEDED_FOR_GAINS, take_gain,
	 "number"},
	{AQI_LIGHTGBM_THRESHOLD, false, NEEDED, take_threshold, "number"},
	{AQI_LIGHTGBM_LEFT_CHILD, false, NEEDED, take_left, "whole number"},
	{AQI_LIGHTGBM_RIGHT_CHILD, false, NEEDED, take_right, "whole number"},
	{AQI_LIGHTGBM_DECISION_TYPE, false, NEEDED, take_decision,
	 "whole number"},
	{AQI_LIGHTGBM_LEAF_WEIGHT, true, NOT_NEEDED, NULL, NULL},
	{AQI_LIGHTGBM_LEAF_COUNT, true, NEEDED_FOR_COVERS, take_count,
	 "whole number"},
	{AQI_LIGHTGBM_INTERNAL_VALUE, false, NOT_NEEDED, NULL, NULL},
	{AQI_LIGHTGBM_INTERNAL_WEIGHT, false, NOT_NEEDED, NULL, NULL},
	{AQI_LIGHTGBM_INTERNAL_COUNT, false, NEEDED_FOR_COVERS, take_count,
	 "whole number"},
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

/* Why value i, with which the text begins, cannot be; or that there is none. */
static enum aqi_status
fail_value(const struct line *line, const struct array *array, size_t i,
	   struct aqi_slice text, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_slice value;

	if (check_count(line->tree, array, err) != AQI_OK)
		return AQI_FATAL;
	if (!aqi_lightgbm_value(&text, &value))
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu %s %zu: %s: %s %s%s",
			     line->tree->number,
			     array->of_leaves ? "leaf" : "node", i,
			     aqi_lightgbm_tree_keys[array->key],
			     aqi_error_quote(quoted, value),
			     line->fault ? line->fault : "is not a ",
			     line->fault ? "" : array->kind);
}

static enum aqi_status
read_array(const struct aqi_lightgbm_tree *tree, const struct array *array,
	   struct aqi_error *err)
{
	const size_t n = array->of_leaves ? tree->n_leaves : tree->n_splits;
	const struct aqi_slice text = tree->texts[array->key];
	struct aqi_tree_node *node =
		tree->nodes + (array->of_leaves ? tree->n_splits : 0);
	struct line line = {.tree = tree};
	const char *p = text.data;

	if (!array->take || text.size == 0 ||
	    (array->need != NEEDED && tree->skips_statistics))
		return check_count(tree, array, err);
	line.end = p + text.size;
	for (size_t i = 0; i < n; i++, node++) {
		const char *behind = array->take(&line, node, p);

		if (!behind)
			return fail_value(&line, array, i, (struct aqi_slice){
				p, (size_t)(line.end - p)}, err);
		p = behind;
	}
	return aqi_lightgbm_skip(p, line.end) == line.end ? AQI_OK :
	       check_count(tree, array, err);
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
