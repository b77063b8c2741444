#include "model/lightgbm_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/forest_builder.h"
#include "model/lightgbm_array.h"
#include "model/lightgbm_line.h"
#include "model/lightgbm_linear.h"
#include "model/lightgbm_set.h"
#include "model/lightgbm_value.h"

const char *const aqi_lightgbm_tree_keys[AQI_LIGHTGBM_N_KEYS] = {
	[AQI_LIGHTGBM_NUM_LEAVES] = "num_leaves",
	[AQI_LIGHTGBM_NUM_CAT] = "num_cat",
	[AQI_LIGHTGBM_SPLIT_FEATURE] = "split_feature",
	[AQI_LIGHTGBM_SPLIT_GAIN] = "split_gain",
	[AQI_LIGHTGBM_THRESHOLD] = "threshold",
	[AQI_LIGHTGBM_DECISION_TYPE] = "decision_type",
	[AQI_LIGHTGBM_LEFT_CHILD] = "left_child",
	[AQI_LIGHTGBM_RIGHT_CHILD] = "right_child",
	[AQI_LIGHTGBM_LEAF_VALUE] = "leaf_value",
	[AQI_LIGHTGBM_LEAF_WEIGHT] = "leaf_weight",
	[AQI_LIGHTGBM_LEAF_COUNT] = "leaf_count",
	[AQI_LIGHTGBM_INTERNAL_VALUE] = "internal_value",
	[AQI_LIGHTGBM_INTERNAL_WEIGHT] = "internal_weight",
	[AQI_LIGHTGBM_INTERNAL_COUNT] = "internal_count",
	[AQI_LIGHTGBM_CAT_BOUNDARIES] = "cat_boundaries",
	[AQI_LIGHTGBM_CAT_THRESHOLD] = "cat_threshold",
	[AQI_LIGHTGBM_IS_LINEAR] = "is_linear",
	[AQI_LIGHTGBM_LEAF_CONST] = "leaf_const",
	[AQI_LIGHTGBM_NUM_FEATURES] = "num_features",
	[AQI_LIGHTGBM_LEAF_FEATURES] = "leaf_features",
	[AQI_LIGHTGBM_LEAF_COEFF] = "leaf_coeff",
};

enum aqi_status
aqi_lightgbm_tree_fail(const struct aqi_lightgbm_tree *tree,
		       enum aqi_lightgbm_tree_key key, struct aqi_error *err,
		       const char *format, ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof reason, format, ap);
	va_end(ap);
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu: %s: %s",
			     tree->number, aqi_lightgbm_tree_keys[key],
			     reason);
}

void *
aqi_lightgbm_tree_room(void *old, size_t n, size_t size, size_t *n_room)
{
	void *room;

	if (n <= *n_room)
		return old;
	room = reallocarray(old, 2 * n, size);
	if (room)
		*n_room = 2 * n;
	return room;
}

void
aqi_lightgbm_tree_free(struct aqi_lightgbm_tree *tree)
{
	free(tree->nodes);
	free(tree->ids);
	free(tree->seen);
	free(tree->sets);
	free(tree->members);
	free(tree->terms);
	aqi_lightgbm_plain_free(&tree->plain);
}

/* The lines of the tree, up to an empty one or the end. */
static enum aqi_status
take_lines(struct aqi_lightgbm_tree *tree, struct aqi_lightgbm_lines *lines,
	   struct aqi_error *err)
{
	struct aqi_lightgbm_keys found = {
		aqi_lightgbm_tree_keys, AQI_LIGHTGBM_N_KEYS, tree->texts, 0
	};
	const char *twice;

	memset(tree->texts, 0, sizeof tree->texts);
	for (;;) {
		aqi_lightgbm_lines_next(lines);
		if (lines->line.size == 0)
			return AQI_OK;
		twice = aqi_lightgbm_keys_take(&found, lines->line);
		if (twice)
			return aqi_error_set(err, AQI_E_MODEL,
					     "tree %zu: %s is there twice",
					     tree->number, twice);
	}
}

/* A line such as is_linear=1; *n stays where there is none. */
static enum aqi_status
read_whole(const struct aqi_lightgbm_tree *tree, enum aqi_lightgbm_tree_key key,
	   int64_t least, int64_t most, int64_t *n, struct aqi_error *err)
{
	const struct aqi_slice text = tree->texts[key];
	char quoted[AQI_QUOTED_SIZE];

	if (!text.data ||
	    (aqi_lightgbm_whole(text, n) && *n >= least && *n <= most))
		return AQI_OK;
	return aqi_lightgbm_tree_fail(tree, key, err, "%s is not a whole "
				      "number from %lld to %lld",
				      aqi_error_quote(quoted, text),
				      (long long)least, (long long)most);
}

/* Memory for the nodes, where the file is long enough for them. */
static enum aqi_status
make_nodes(struct aqi_lightgbm_tree *tree, struct aqi_error *err)
{
	const size_t n = tree->n_leaves;
	const struct aqi_slice leaves = tree->texts[AQI_LIGHTGBM_LEAF_VALUE];

	if (n > leaves.size / 2 + 1)
		return aqi_lightgbm_tree_fail(tree, AQI_LIGHTGBM_LEAF_VALUE,
					      err, "%zu values for %zu leaves",
					      aqi_lightgbm_count(leaves), n);
	if (n > tree->n_room) {
		free(tree->nodes);
		free(tree->ids);
		free(tree->seen);
		tree->nodes = calloc(2 * n, sizeof *tree->nodes);
		tree->ids = calloc(2 * n, sizeof *tree->ids);
		tree->seen = calloc(2 * n, sizeof *tree->seen);
		tree->n_room = n;
	}
	if (tree->nodes && tree->ids && tree->seen)
		return AQI_OK;
	tree->n_room = 0;
	return aqi_error_memory(err);
}

static enum aqi_status
read_counts(struct aqi_lightgbm_tree *tree, struct aqi_error *err)
{
	int64_t n = 0;

	if (!tree->texts[AQI_LIGHTGBM_NUM_LEAVES].data ||
	    !tree->texts[AQI_LIGHTGBM_LEAF_VALUE].data)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu: no line %s", tree->number,
				     tree->texts[AQI_LIGHTGBM_NUM_LEAVES].data ?
				     "leaf_value" : "num_leaves");
	if (read_whole(tree, AQI_LIGHTGBM_NUM_LEAVES, 1,
		       AQI_LIGHTGBM_MAX_LEAVES, &n, err) != AQI_OK)
		return AQI_FATAL;
	tree->n_leaves = (size_t)n;
	tree->n_splits = (size_t)n - 1;
	return make_nodes(tree, err);
}

/* `Tree=N`: a number that is not the next one tells of trees that are lost. */
static enum aqi_status
check_number(const struct aqi_lightgbm_tree *tree, struct aqi_slice line,
	     struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	int64_t n = 0;

	line = (struct aqi_slice){line.data + 5, line.size - 5};
	if (aqi_lightgbm_whole(line, &n) && n >= 0 &&
	    (uint64_t)n == tree->number)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "tree %zu: the file calls it %s", tree->number,
			     aqi_error_quote(quoted, line));
}

enum aqi_status
aqi_lightgbm_tree_read(struct aqi_lightgbm_tree *tree,
		       struct aqi_lightgbm_lines *lines,
		       struct aqi_forest_builder *builder,
		       struct aqi_error *err)
{
	struct aqi_tree out = {
		.target = tree->number % tree->n_targets,
	};
	int64_t n_sets = 0, is_linear = 0;

	if (tree->skips_statistics &&
	    aqi_lightgbm_plain_take(&tree->plain, lines, tree->number,
				    out.target, builder)) {
		tree->number++;
		return AQI_OK;
	}
	tree->has_odd = true;
	if (check_number(tree, lines->line, err) != AQI_OK ||
	    take_lines(tree, lines, err) != AQI_OK ||
	    read_counts(tree, err) != AQI_OK ||
	    read_whole(tree, AQI_LIGHTGBM_NUM_CAT, 0,
		       (int64_t)tree->n_splits, &n_sets, err) != AQI_OK ||
	    read_whole(tree, AQI_LIGHTGBM_IS_LINEAR, 0, 1, &is_linear, err))
		return AQI_FATAL;
	if (aqi_lightgbm_sets_read(tree, (size_t)n_sets, err) != AQI_OK ||
	    aqi_lightgbm_arrays_read(tree, err) != AQI_OK ||
	    (is_linear && aqi_lightgbm_linear_read(tree, err) != AQI_OK))
		return AQI_FATAL;
	out.nodes = tree->nodes;
	out.n_nodes = tree->n_splits + tree->n_leaves;
	out.ids = tree->ids;
	tree->number++;
	return aqi_forest_builder_add(builder, &out, err);
}
