#include "model/xgboost_sets.h"

#include <stdbool.h>
#include <stdlib.h>

#include "model/forest_builder.h"
#include "model/member.h"
#include "model/xgboost_tree.h"

/* XGBoost takes larger ones for none, since a float does not hold them. */
#define N_CATEGORIES (1 << 24)

static enum aqi_status
fail_node(struct aqi_reading *r, size_t node, const char *reason)
{
	return aqi_error_set(r->err, AQI_E_MODEL, "tree %zu node %zu: %s",
			     r->tree, node, reason);
}

/* One split's categories, which begin where those of the one before end. */
static enum aqi_status
check_set(struct aqi_reading *r, struct aqi_xgboost_tree *tree, size_t i,
	  size_t *end)
{
	const int32_t at = tree->category_nodes.data[i];
	const int32_t start = tree->category_starts.data[i];
	const int32_t size = tree->category_sizes.data[i];

	if (at < 0 || (uint32_t)at >= tree->n_nodes ||
	    tree->type.data[at] != 1 || tree->left.data[at] == -1)
		return aqi_error_set(r->err, AQI_E_MODEL,
				     "tree %zu: categories_nodes: %d is not "
				     "a split by categories, or twice",
				     r->tree, at);
	if (start < 0 || (uint32_t)start != *end || size < 0 ||
	    (uint32_t)size > tree->categories.n - *end)
		return fail_node(r, (size_t)at, "its categories are not those "
				 "behind the last split's");
	tree->type.data[at] = AQI_XGBOOST_SET + (int32_t)i;
	*end += (size_t)size;
	return AQI_OK;
}

static enum aqi_status
check_categories(struct aqi_reading *r, const struct aqi_xgboost_tree *tree)
{
	for (size_t i = 0; i < tree->categories.n; i++) {
		const int32_t category = tree->categories.data[i];

		if (category < 0 || category >= N_CATEGORIES)
			return aqi_error_set(r->err, AQI_E_MODEL,
					     "tree %zu: categories: %d is "
					     "not from 0 to %d", r->tree,
					     category, N_CATEGORIES - 1);
	}
	return AQI_OK;
}

/* Room for the largest set. */
static enum aqi_status
make_room(struct aqi_reading *r, struct aqi_xgboost_tree *tree)
{
	size_t n = 0;
	double *set;

	for (size_t i = 0; i < tree->category_sizes.n; i++)
		if ((size_t)tree->category_sizes.data[i] > n)
			n = (size_t)tree->category_sizes.data[i];
	if (n <= tree->n_set_room)
		return AQI_OK;
	set = reallocarray(tree->set, n, sizeof *set);
	if (!set)
		return aqi_error_memory(r->err);
	tree->set = set;
	tree->n_set_room = n;
	return AQI_OK;
}

static enum aqi_status
check_counts(struct aqi_reading *r, const struct aqi_xgboost_tree *tree)
{
	const size_t n = tree->category_nodes.n;

	if (tree->category_starts.n != n)
		return aqi_xgboost_tree_fail(r, "categories_segments",
					     tree->category_starts.n, n,
					     "splits");
	if (tree->category_sizes.n != n)
		return aqi_xgboost_tree_fail(r, "categories_sizes",
					     tree->category_sizes.n, n,
					     "splits");
	if (n > 0 && tree->type.n == 0)
		return aqi_member_fail(r, "split_type",
				       "no such key in the model");
	return AQI_OK;
}

enum aqi_status
aqi_xgboost_sets_check(struct aqi_reading *r, struct aqi_xgboost_tree *tree)
{
	size_t end = 0;

	if (check_counts(r, tree) != AQI_OK ||
	    check_categories(r, tree) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < tree->category_nodes.n; i++)
		if (check_set(r, tree, i, &end) != AQI_OK)
			return AQI_FATAL;
	if (end != tree->categories.n)
		return aqi_xgboost_tree_fail(r, "categories",
					     tree->categories.n, end,
					     "in the splits");
	for (size_t i = 0; i < tree->type.n; i++)
		if (tree->type.data[i] == 1 && tree->left.data[i] != -1)
			return fail_node(r, i, "a split by categories, without "
					 "any");
	return make_room(r, tree);
}

/* A set holds what goes left, but XGBoost lists what goes right. */
static void
turn(struct aqi_tree_node *node)
{
	const int64_t left = node->left;

	node->left = node->right;
	node->right = left;
	node->default_left = !node->default_left;
}

void
aqi_xgboost_sets_lay(const struct aqi_xgboost_tree *tree, int32_t number,
		     struct aqi_tree_node *node)
{
	const int32_t *categories = tree->categories.data +
				    tree->category_starts.data[number];
	const size_t n = (size_t)tree->category_sizes.data[number];

	for (size_t i = 0; i < n; i++)
		tree->set[i] = (double)categories[i];
	node->has_set = true;
	node->rule = AQI_VIEW_CATEGORY;
	node->value = 0;
	node->set = tree->set;
	node->n_set = n;
	turn(node);
}
