#include "model/lightgbm_linear.h"

#include "model/forest_builder.h"
#include "model/lightgbm_tree.h"
#include "model/lightgbm_value.h"
#include "record/number.h"

static enum aqi_status
fail_value(const struct aqi_lightgbm_tree *tree, enum aqi_lightgbm_tree_key key,
	   struct aqi_slice value, const char *reason, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	return aqi_lightgbm_tree_fail(tree, key, err, "%s is not %s",
				      aqi_error_quote(quoted, value), reason);
}

static enum aqi_status
check_count(const struct aqi_lightgbm_tree *tree,
	    enum aqi_lightgbm_tree_key key, size_t n_wanted, const char *of,
	    struct aqi_error *err)
{
	const size_t n = aqi_lightgbm_count(tree->texts[key]);

	if (n == n_wanted)
		return AQI_OK;
	return aqi_lightgbm_tree_fail(tree, key, err, "%zu values for %zu %s",
				      n, n_wanted, of);
}

/* Constants, and how many terms follow; *n_terms, out: in all. */
static enum aqi_status
read_leaves(struct aqi_lightgbm_tree *tree, size_t *n_terms,
	    struct aqi_error *err)
{
	struct aqi_tree_node *leaf = tree->nodes + tree->n_splits;
	struct aqi_slice constants = tree->texts[AQI_LIGHTGBM_LEAF_CONST];
	struct aqi_slice counts = tree->texts[AQI_LIGHTGBM_NUM_FEATURES];
	const size_t most = tree->texts[AQI_LIGHTGBM_LEAF_FEATURES].size;
	struct aqi_slice value;
	int64_t n = 0;

	*n_terms = 0;
	for (size_t i = 0; i < tree->n_leaves; i++, leaf++) {
		leaf->is_linear = true;
		aqi_lightgbm_value(&constants, &value);
		if (aqi_number_to_double(value, '.', &leaf->constant))
			return fail_value(tree, AQI_LIGHTGBM_LEAF_CONST, value,
					  "a number", err);
		aqi_lightgbm_value(&counts, &value);
		if (!aqi_lightgbm_whole(value, &n) || n < 0 ||
		    (uint64_t)n > most - *n_terms)
			return fail_value(tree, AQI_LIGHTGBM_NUM_FEATURES,
					  value, "a number of features", err);
		leaf->n_terms = (size_t)n;
		*n_terms += leaf->n_terms;
	}
	return AQI_OK;
}

static enum aqi_status
read_terms(struct aqi_lightgbm_tree *tree, size_t n_terms,
	   struct aqi_error *err)
{
	struct aqi_slice inputs = tree->texts[AQI_LIGHTGBM_LEAF_FEATURES];
	struct aqi_slice numbers = tree->texts[AQI_LIGHTGBM_LEAF_COEFF];
	struct aqi_slice value;

	for (size_t i = 0; i < n_terms; i++) {
		struct aqi_tree_term *term = &tree->terms[i];

		aqi_lightgbm_value(&inputs, &value);
		if (!aqi_lightgbm_whole(value, &term->input) ||
		    term->input < 0 ||
		    (uint64_t)term->input >= tree->n_inputs)
			return fail_value(tree, AQI_LIGHTGBM_LEAF_FEATURES,
					  value, "a feature", err);
		aqi_lightgbm_value(&numbers, &value);
		if (aqi_number_to_double(value, '.', &term->coefficient))
			return fail_value(tree, AQI_LIGHTGBM_LEAF_COEFF,
					  value, "a number", err);
	}
	return AQI_OK;
}

enum aqi_status
aqi_lightgbm_linear_read(struct aqi_lightgbm_tree *tree, struct aqi_error *err)
{
	struct aqi_tree_term *room;
	size_t n_terms, first = 0;

	if (check_count(tree, AQI_LIGHTGBM_LEAF_CONST, tree->n_leaves, "leaves",
			err) ||
	    check_count(tree, AQI_LIGHTGBM_NUM_FEATURES, tree->n_leaves,
			"leaves", err) ||
	    read_leaves(tree, &n_terms, err) != AQI_OK ||
	    check_count(tree, AQI_LIGHTGBM_LEAF_FEATURES, n_terms, "terms",
			err) ||
	    check_count(tree, AQI_LIGHTGBM_LEAF_COEFF, n_terms, "terms", err))
		return AQI_FATAL;
	if (n_terms == 0)
		return AQI_OK;
	room = aqi_lightgbm_tree_room(tree->terms, n_terms, sizeof *room,
				      &tree->n_terms_room);
	if (!room)
		return aqi_error_memory(err);
	tree->terms = room;
	for (size_t i = 0; i < tree->n_leaves; i++) {
		tree->nodes[tree->n_splits + i].terms = room + first;
		first += tree->nodes[tree->n_splits + i].n_terms;
	}
	return read_terms(tree, n_terms, err);
}
