#include "model/xgboost_tree.h"

#include <float.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/forest_builder.h"
#include "model/member.h"
#include "model/xgboost_sets.h"

/* Which array the values of leaves are in is known at the end of the tree. */
static enum aqi_status
note_place(struct aqi_reading *r, const char *key, void *to)
{
	(void)key;
	*(struct aqi_document *)to = r->document;
	return aqi_member_skip(r);
}

static enum aqi_status
take_param(struct aqi_reading *r, const char *key, void *to)
{
#define FIELD(name) offsetof(struct aqi_xgboost_tree, name)
	static const struct aqi_member members[] = {
		{"num_nodes", aqi_member_count, FIELD(n_nodes), true},
		{"num_deleted", aqi_member_count, FIELD(n_deleted), false},
		{"size_leaf_vector", aqi_member_count, FIELD(n_values), false},
	};

	return aqi_member_object(r, key, members,
				 sizeof members / sizeof members[0], to);
}

/* In XGBoost's order, but for the statistics, which are the last. */
#define N_STATISTICS 2
static const struct aqi_member members[] = {
	{"base_weights", note_place, FIELD(weights_at), false},
	{"categories", aqi_member_integers, FIELD(categories), false},
	{"categories_nodes", aqi_member_integers, FIELD(category_nodes), false},
	{"categories_segments", aqi_member_integers, FIELD(category_starts),
	 false},
	{"categories_sizes", aqi_member_integers, FIELD(category_sizes), false},
	{"default_left", aqi_member_integers, FIELD(default_left), true},
	{"leaf_weights", aqi_member_floats, FIELD(leaves), false},
	{"left_children", aqi_member_integers, FIELD(left), true},
	{"right_children", aqi_member_integers, FIELD(right), true},
	{"split_conditions", aqi_member_floats, FIELD(value), true},
	{"split_indices", aqi_member_integers, FIELD(input), true},
	{"split_type", aqi_member_integers, FIELD(type), false},
	{"tree_param", take_param, 0, true},
	{"loss_changes", aqi_member_floats, FIELD(gain), false},
	{"sum_hessian", aqi_member_floats, FIELD(cover), false},
};
#undef FIELD
#define N_MEMBERS (sizeof members / sizeof members[0])

enum aqi_status
aqi_xgboost_tree_fail(struct aqi_reading *r, const char *key, size_t n,
		      size_t n_needed, const char *of)
{
	return aqi_error_set(r->err, AQI_E_MODEL, "tree %zu: %s: %zu values "
			     "for %zu %s", r->tree, key, n, n_needed, of);
}

static enum aqi_status
fail_node(struct aqi_reading *r, size_t node, const char *reason)
{
	return aqi_error_set(r->err, AQI_E_MODEL, "tree %zu node %zu: %s",
			     r->tree, node, reason);
}

/* Are all arrays as long as the tree has nodes? */
static enum aqi_status
check_sizes(struct aqi_reading *r, const struct aqi_xgboost_tree *tree)
{
	const struct {
		const char *key;
		size_t n;
		bool may_lack;
	} columns[] = {
		{"default_left", tree->default_left.n, false},
		{"left_children", tree->left.n, false},
		{"right_children", tree->right.n, false},
		{"split_conditions", tree->value.n, false},
		{"split_indices", tree->input.n, false},
		{"split_type", tree->type.n, true},
		{"loss_changes", tree->gain.n, true},
		{"sum_hessian", tree->cover.n, true},
	};

	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
		if (columns[i].n != tree->n_nodes &&
		    !(columns[i].n == 0 && columns[i].may_lack))
			return aqi_xgboost_tree_fail(r, columns[i].key,
						     columns[i].n,
						     tree->n_nodes, "nodes");
	return AQI_OK;
}

/* Are there as many statistics as nodes, and all of use? */
static bool
are_useful(const struct aqi_floats *numbers, size_t n, float least)
{
	bool useful = numbers->n == n;

	for (size_t i = 0; i < numbers->n; i++)
		useful &= numbers->data[i] >= least &&
			  numbers->data[i] <= FLT_MAX;
	return useful;
}

/* What is wrong with a node, or NULL. Its leaf's value, which may be one of
 * several, comes later, and so does a set. */
static const char *
find_fault(const struct aqi_xgboost_tree *tree, size_t i)
{
	/* Below 0 is above 1. */
	if ((uint32_t)tree->default_left.data[i] > 1)
		return "default_left is neither 0 nor 1";
	if (tree->type.n > 0 && (uint32_t)tree->type.data[i] > 1)
		return "split_type is neither 0 nor 1";
	if (tree->left.data[i] == -1 && tree->right.data[i] != -1 &&
	    tree->n_values <= 1)
		return "a child to the right, none to the left";
	return NULL;
}

static enum aqi_status
check_nodes(struct aqi_reading *r, struct aqi_xgboost_tree *tree)
{
	const char *fault;

	tree->has_covers = are_useful(&tree->cover, tree->n_nodes, 0);
	tree->has_gains = are_useful(&tree->gain, tree->n_nodes, -FLT_MAX);
	tree->bad_covers |= !tree->has_covers;
	tree->bad_gains |= !tree->has_gains;
	for (size_t i = 0; i < tree->n_nodes; i++) {
		fault = find_fault(tree, i);
		if (fault)
			return fail_node(r, i, fault);
	}
	return AQI_OK;
}

/* Leaves. */

/* From 3.2 on, the child to the right of a leaf is its place among the leaves;
 * before, the values of all nodes were there. */
static float
leaf_value(const struct aqi_xgboost_tree *tree, size_t i)
{
	const size_t n = tree->n_values;

	if (n <= 1)
		return tree->value.data[i];
	if (tree->leaves.n == 0)
		return tree->weights.data[i * n + tree->target];
	return tree->leaves.data[(size_t)tree->right.data[i] * n +
				 tree->target];
}

static enum aqi_status
check_leaves(struct aqi_reading *r, const struct aqi_xgboost_tree *tree)
{
	const size_t n = tree->leaves.n / tree->n_values;

	if (tree->leaves.n % tree->n_values != 0)
		return aqi_member_fail(r, "leaf_weights",
				       "the last leaf has too few");
	for (size_t i = 0; i < tree->n_nodes; i++)
		if (tree->left.data[i] == -1 &&
		    (tree->right.data[i] < 0 ||
		     (uint32_t)tree->right.data[i] >= n))
			return fail_node(r, i, "right_children: there is no "
					 "such leaf");
	return AQI_OK;
}

static enum aqi_status
read_vectors(struct aqi_reading *r, struct aqi_xgboost_tree *tree,
	     size_t n_margins)
{
	struct aqi_reading back = *r;

	if (tree->n_values != n_margins)
		return aqi_error_set(r->err, AQI_E_MODEL,
				     "tree %zu: size_leaf_vector: %zu values "
				     "in a leaf for %zu outputs", r->tree,
				     tree->n_values, n_margins);
	if (tree->leaves.n > 0)
		return check_leaves(r, tree);
	if (!tree->weights_at.spelling)
		return aqi_member_fail(r, "base_weights",
				       "no such key in the model");
	back.document = tree->weights_at;
	if (aqi_member_floats(&back, "base_weights", &tree->weights) != AQI_OK)
		return AQI_FATAL;
	if (tree->weights.n / n_margins != tree->n_nodes ||
	    tree->weights.n % n_margins != 0)
		return aqi_xgboost_tree_fail(r, "base_weights",
					     tree->weights.n, tree->n_nodes,
					     "nodes with a vector each");
	return AQI_OK;
}

/* The tree. */

static void
make_node(const void *self, size_t i, struct aqi_tree_node *node)
{
	const struct aqi_xgboost_tree *tree = self;

	node->is_leaf = tree->left.data[i] == -1;
	if (tree->has_covers)
		node->cover = tree->cover.data[i];
	if (tree->has_gains)
		node->gain = tree->gain.data[i];
	if (node->is_leaf) {
		node->value = (double)(leaf_value(tree, i) * tree->weight);
		return;
	}
	node->default_left = tree->default_left.data[i];
	node->value = (double)tree->value.data[i];
	node->input = tree->input.data[i];
	node->left = tree->left.data[i];
	node->right = tree->right.data[i];
	if (tree->type.n > 0 && tree->type.data[i] >= AQI_XGBOOST_SET)
		aqi_xgboost_sets_lay(tree, tree->type.data[i] -
				     AQI_XGBOOST_SET, node);
}

/* Bytes of the arrays, as far as they are filled. */
static size_t
size_of(const struct aqi_xgboost_tree *tree)
{
	return (tree->left.n + tree->right.n + tree->input.n +
		tree->default_left.n + tree->type.n + tree->categories.n +
		tree->category_nodes.n + tree->category_starts.n +
		tree->category_sizes.n) * sizeof(int32_t) +
	       (tree->value.n + tree->cover.n + tree->gain.n + tree->leaves.n +
		tree->weights.n) * sizeof(float) +
	       tree->n_set_room * sizeof(double);
}

static enum aqi_status
add(struct aqi_reading *r, const struct aqi_xgboost_tree *tree, size_t target,
    bool repeats, struct aqi_forest_builder *builder)
{
	if (aqi_forest_builder_bound(builder, tree->most, size_of(tree),
				     r->err) != AQI_OK)
		return AQI_FATAL;
	return aqi_forest_builder_add(builder, &(struct aqi_tree){
		.node = make_node,
		.self = tree,
		.n_nodes = tree->n_nodes,
		.n_unused = tree->n_deleted,
		.target = target,
		.repeats = repeats,
	}, r->err);
}

static enum aqi_status
add_vectors(struct aqi_reading *r, struct aqi_xgboost_tree *tree,
	    size_t n_margins, struct aqi_forest_builder *builder)
{
	if (read_vectors(r, tree, n_margins) != AQI_OK)
		return AQI_FATAL;
	for (tree->target = 0; tree->target < n_margins; tree->target++)
		if (add(r, tree, tree->target, tree->target > 0, builder))
			return AQI_FATAL;
	return AQI_OK;
}

static void
clear(struct aqi_xgboost_tree *tree)
{
	tree->n_nodes = tree->n_deleted = tree->n_values = 0;
	tree->left.n = tree->right.n = tree->input.n = 0;
	tree->default_left.n = tree->type.n = 0;
	tree->categories.n = tree->category_nodes.n = 0;
	tree->category_starts.n = tree->category_sizes.n = 0;
	tree->value.n = tree->cover.n = tree->gain.n = tree->leaves.n = 0;
	tree->weights.n = 0;
	tree->weights_at.spelling = NULL;
}

enum aqi_status
aqi_xgboost_tree_read(struct aqi_reading *r, struct aqi_xgboost_tree *tree,
		      size_t target, size_t n_margins, float weight,
		      struct aqi_forest_builder *builder)
{
	const size_t n_members =
		N_MEMBERS - (tree->skips_statistics ? N_STATISTICS : 0);

	clear(tree);
	if (aqi_member_object(r, "tree", members, n_members, tree) ||
	    check_sizes(r, tree) != AQI_OK ||
	    check_nodes(r, tree) != AQI_OK ||
	    aqi_xgboost_sets_check(r, tree) != AQI_OK)
		return AQI_FATAL;
	if ((tree->needs_covers && !tree->has_covers) ||
	    (tree->needs_gains && !tree->has_gains))
		return AQI_END;
	tree->weight = weight;
	return tree->n_values > 1 ?
	       add_vectors(r, tree, n_margins, builder) :
	       add(r, tree, target, false, builder);
}

void
aqi_xgboost_tree_free(struct aqi_xgboost_tree *tree)
{
	struct aqi_integers *const integers[] = {
		&tree->left, &tree->right, &tree->input, &tree->default_left,
		&tree->type, &tree->categories, &tree->category_nodes,
		&tree->category_starts, &tree->category_sizes,
	};
	struct aqi_floats *const floats[] = {
		&tree->value, &tree->cover, &tree->gain, &tree->leaves,
		&tree->weights,
	};

	for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++)
		aqi_integers_free(integers[i]);
	for (size_t i = 0; i < sizeof floats / sizeof floats[0]; i++)
		aqi_floats_free(floats[i]);
	free(tree->set);
}
