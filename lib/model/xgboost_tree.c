#include "model/xgboost_tree.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/forest_builder.h"
#include "model/member.h"

/* XGBoost takes larger ones for none, since a float does not hold them. */
#define N_CATEGORIES (1 << 24)

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

static enum aqi_status
fail_size(struct aqi_reading *r, const char *key, size_t n, size_t n_needed,
	  const char *of)
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
			return fail_size(r, columns[i].key, columns[i].n,
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

/* The arrays are as long as num_nodes says, so the file pays for the room. */
static enum aqi_status
make_room(struct aqi_reading *r, struct aqi_xgboost_tree *tree)
{
	struct aqi_tree_node *nodes;
	double *sets;

	if (tree->n_nodes > tree->n_room) {
		nodes = reallocarray(tree->nodes, tree->n_nodes, sizeof *nodes);
		if (!nodes)
			return aqi_error_memory(r->err);
		tree->nodes = nodes;
		tree->n_room = tree->n_nodes;
	}
	if (tree->categories.n > tree->n_sets_room) {
		sets = reallocarray(tree->sets, tree->categories.n,
				    sizeof *sets);
		if (!sets)
			return aqi_error_memory(r->err);
		tree->sets = sets;
		tree->n_sets_room = tree->categories.n;
	}
	return AQI_OK;
}

/*
 * What is wrong with a node, or NULL. Its leaf's value, which may be one of
 * several, comes later, and so does a set. The node is zeros: to clear all of a
 * tree at once takes a tenth less time than each by itself.
 */
static const char *
lay_node(const struct aqi_xgboost_tree *tree, size_t i,
	 struct aqi_tree_node *node)
{
	const int64_t flag = tree->default_left.data[i];

	if (flag != 0 && flag != 1)
		return "default_left is neither 0 nor 1";
	if (tree->type.n > 0 && tree->type.data[i] != 0 &&
	    tree->type.data[i] != 1)
		return "split_type is neither 0 nor 1";
	node->is_leaf = tree->left.data[i] == -1;
	node->default_left = flag;
	node->value = (double)tree->value.data[i];
	node->input = tree->input.data[i];
	node->left = tree->left.data[i];
	node->right = tree->right.data[i];
	if (node->is_leaf && node->right != -1 && tree->n_values <= 1)
		return "a child to the right, none to the left";
	return NULL;
}

static enum aqi_status
lay_nodes(struct aqi_reading *r, struct aqi_xgboost_tree *tree)
{
	const bool has_covers = are_useful(&tree->cover, tree->n_nodes, 0);
	const bool has_gains = are_useful(&tree->gain, tree->n_nodes, -FLT_MAX);
	const char *fault;

	tree->bad_covers |= !has_covers;
	tree->bad_gains |= !has_gains;
	if (tree->n_nodes > 0)
		memset(tree->nodes, 0, tree->n_nodes * sizeof *tree->nodes);
	for (size_t i = 0; i < tree->n_nodes; i++) {
		fault = lay_node(tree, i, &tree->nodes[i]);
		if (fault)
			return fail_node(r, i, fault);
		if (has_covers)
			tree->nodes[i].cover = tree->cover.data[i];
		if (has_gains)
			tree->nodes[i].gain = tree->gain.data[i];
	}
	return AQI_OK;
}

/* Categories. */

/* A set holds what goes left, but XGBoost lists what goes right. */
static void
turn(struct aqi_tree_node *node)
{
	const int64_t left = node->left;

	node->left = node->right;
	node->right = left;
	node->default_left = !node->default_left;
}

/* One split's categories, which begin where those of the one before end. */
static enum aqi_status
lay_set(struct aqi_reading *r, struct aqi_xgboost_tree *tree, size_t i,
	size_t *end)
{
	const int64_t at = tree->category_nodes.data[i];
	const int64_t size = tree->category_sizes.data[i];
	struct aqi_tree_node *node;

	if (at < 0 || (uint64_t)at >= tree->n_nodes ||
	    tree->type.data[at] != 1 || tree->nodes[at].is_leaf ||
	    tree->nodes[at].has_set)
		return aqi_error_set(r->err, AQI_E_MODEL,
				     "tree %zu: categories_nodes: %lld is not "
				     "a split by categories, or twice",
				     r->tree, (long long)at);
	if (tree->category_starts.data[i] != (int64_t)*end || size < 0 ||
	    (uint64_t)size > tree->categories.n - *end)
		return fail_node(r, (size_t)at, "its categories are not those "
				 "behind the last split's");
	node = &tree->nodes[at];
	node->has_set = true;
	node->rule = AQI_VIEW_CATEGORY;
	node->value = 0;
	node->set = tree->sets + *end;
	node->n_set = (size_t)size;
	*end += (size_t)size;
	turn(node);
	return AQI_OK;
}

static enum aqi_status
lay_categories(struct aqi_reading *r, struct aqi_xgboost_tree *tree)
{
	for (size_t i = 0; i < tree->categories.n; i++) {
		const int64_t category = tree->categories.data[i];

		if (category < 0 || category >= N_CATEGORIES)
			return aqi_error_set(r->err, AQI_E_MODEL,
					     "tree %zu: categories: %lld is "
					     "not from 0 to %d", r->tree,
					     (long long)category,
					     N_CATEGORIES - 1);
		tree->sets[i] = (double)category;
	}
	return AQI_OK;
}

static enum aqi_status
lay_sets(struct aqi_reading *r, struct aqi_xgboost_tree *tree)
{
	const size_t n = tree->category_nodes.n;
	size_t end = 0;

	if (tree->category_starts.n != n)
		return fail_size(r, "categories_segments",
				 tree->category_starts.n, n, "splits");
	if (tree->category_sizes.n != n)
		return fail_size(r, "categories_sizes",
				 tree->category_sizes.n, n, "splits");
	if (n > 0 && tree->type.n == 0)
		return aqi_member_fail(r, "split_type",
				       "no such key in the model");
	if (lay_categories(r, tree) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < n; i++)
		if (lay_set(r, tree, i, &end) != AQI_OK)
			return AQI_FATAL;
	if (end != tree->categories.n)
		return fail_size(r, "categories", tree->categories.n, end,
				 "in the splits");
	for (size_t i = 0; i < tree->type.n; i++)
		if (tree->type.data[i] == 1 && !tree->nodes[i].is_leaf &&
		    !tree->nodes[i].has_set)
			return fail_node(r, i, "a split by categories, without "
					 "any");
	return AQI_OK;
}

/* Leaves. */

/* From 3.2 on, the child to the right of a leaf is its place among the leaves;
 * before, the values of all nodes were there. NULL: out of range. */
static const float *
find_vector(const struct aqi_xgboost_tree *tree, size_t i)
{
	const size_t n = tree->n_values;
	const int64_t leaf = tree->nodes[i].right;

	if (tree->leaves.n == 0)
		return tree->weights.data + i * n;
	if (leaf < 0 || (uint64_t)leaf >= tree->leaves.n / n)
		return NULL;
	return tree->leaves.data + (size_t)leaf * n;
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
		return tree->leaves.n % n_margins == 0 ? AQI_OK :
		       aqi_member_fail(r, "leaf_weights", "the last leaf has "
				       "too few");
	if (!tree->weights_at.spelling)
		return aqi_member_fail(r, "base_weights",
				       "no such key in the model");
	back.document = tree->weights_at;
	if (aqi_member_floats(&back, "base_weights", &tree->weights) != AQI_OK)
		return AQI_FATAL;
	if (tree->weights.n / n_margins != tree->n_nodes ||
	    tree->weights.n % n_margins != 0)
		return fail_size(r, "base_weights", tree->weights.n,
				 tree->n_nodes, "nodes with a vector each");
	return AQI_OK;
}

static enum aqi_status
lay_vector(struct aqi_reading *r, struct aqi_xgboost_tree *tree, size_t k,
	   float weight)
{
	for (size_t i = 0; i < tree->n_nodes; i++) {
		const float *vector;

		if (!tree->nodes[i].is_leaf)
			continue;
		vector = find_vector(tree, i);
		if (!vector)
			return fail_node(r, i, "right_children: there is no "
					 "such leaf");
		tree->nodes[i].value = (double)(vector[k] * weight);
	}
	return AQI_OK;
}

static enum aqi_status
add(struct aqi_reading *r, struct aqi_xgboost_tree *tree, size_t target,
    bool repeats, struct aqi_forest_builder *builder)
{
	return aqi_forest_builder_add(builder, &(struct aqi_tree){
		.nodes = tree->nodes,
		.n_nodes = tree->n_nodes,
		.n_unused = tree->n_deleted,
		.target = target,
		.repeats = repeats,
	}, r->err);
}

static enum aqi_status
add_vectors(struct aqi_reading *r, struct aqi_xgboost_tree *tree,
	    size_t n_margins, float weight, struct aqi_forest_builder *builder)
{
	if (read_vectors(r, tree, n_margins) != AQI_OK)
		return AQI_FATAL;
	for (size_t k = 0; k < n_margins; k++)
		if (lay_vector(r, tree, k, weight) != AQI_OK ||
		    add(r, tree, k, k > 0, builder) != AQI_OK)
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
	    check_sizes(r, tree) != AQI_OK || make_room(r, tree) != AQI_OK ||
	    lay_nodes(r, tree) != AQI_OK || lay_sets(r, tree) != AQI_OK)
		return AQI_FATAL;
	if (tree->n_values > 1)
		return add_vectors(r, tree, n_margins, weight, builder);
	for (size_t i = 0; weight != 1 && i < tree->n_nodes; i++)
		if (tree->nodes[i].is_leaf)
			tree->nodes[i].value =
				(double)((float)tree->nodes[i].value * weight);
	return add(r, tree, target, false, builder);
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
	free(tree->nodes);
	free(tree->sets);
}
