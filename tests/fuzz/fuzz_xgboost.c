/*
 * Models in JSON: whatever loads predicts finite margins, and those of a naive
 * walk over what jansson reads; whatever is read or not as JSON is so for
 * jansson, too. What begins as a block of ours is one, with its size and
 * checksum put right.
 */
#include <jansson.h>

#include "../unit/oracle.h"
#include "../unit/quick.h"
#include "forest.h"
#include "model/trees.h"
#include "model/xgboost.h"

static const json_t *
get(const json_t *tree, const char *key, size_t i)
{
	return json_array_get(json_object_get(tree, key), i);
}

static size_t
get_index(const json_t *tree, const char *key, size_t i)
{
	return (size_t)json_number_value(get(tree, key, i));
}

/* The leaf of a row in a tree of the file, by its number. */
static size_t
walk_json(const json_t *tree, size_t i, const double *x)
{
	const json_t *flag = get(tree, "default_left", i);
	float value, split;
	bool left;

	if (json_number_value(get(tree, "left_children", i)) < 0)
		return i;
	value = (float)x[get_index(tree, "split_indices", i)];
	split = (float)json_number_value(get(tree, "split_conditions", i));
	left = value < split;
	if (isnan(value))
		left = json_is_true(flag) || json_number_value(flag) > 0;
	return walk_json(tree, get_index(tree, left ? "left_children" :
						      "right_children", i), x);
}

/* Does a double that is no float lie where it matters how it is rounded? */
static bool
has_ties(const json_t *trees)
{
	const json_t *tree, *value;
	size_t i, k;

	json_array_foreach(trees, i, tree) {
		json_array_foreach(json_object_get(tree, "split_conditions"), k,
				   value) {
			double x = json_number_value(value);
			uint64_t bits;

			memcpy(&bits, &x, sizeof bits);
			if ((bits & 0x1fffffff) == 0x10000000 ||
			    (x != 0 && fabs(x) < 0x1p-126))
				return true;
		}
	}
	return false;
}

/* Is it a model whose margin is a plain sum? Else the trees are NULL. */
static const json_t *
find_trees(const json_t *root, const struct aqi_forest *forest)
{
	const json_t *booster = json_object_get(json_object_get(root,
		"learner"), "gradient_booster");
	const json_t *model = json_object_get(booster, "model");
	const json_t *trees = json_object_get(model, "trees");

	if (!aqi_forest_is_simple(forest) || has_ties(trees) ||
	    json_object_get(booster, "weight_drop") ||
	    json_object_get(booster, "gbtree") ||
	    json_object_get(model, "weight_drop"))
		return NULL;
	return trees;
}

static void
check_sum(const void *file, const struct aqi_forest *forest, const double *x,
	  const double *margin, const uint32_t *leaves)
{
	const json_t *trees = file, *tree;
	float sum = (float)aqi_forest_shape(forest).bases[0];
	size_t t;

	CHECK(json_array_size(trees) == aqi_forest_trees(forest));
	json_array_foreach(trees, t, tree) {
		size_t leaf = walk_json(tree, 0, x);

		CHECK(leaf == leaves[t]);
		sum += (float)json_number_value(get(tree, "split_conditions",
						    leaf));
	}
	CHECK((double)sum == *margin);
}

static void
try_json(const uint8_t *data, size_t size)
{
	static struct aqi_arena arena;
	struct aqi_trees trees;
	struct aqi_error err = {0};
	const struct aqi_slice bytes = input_slice(data, size);
	json_t *root = oracle_read(bytes);

	CHECK(oracle_agrees(bytes, root));
	if (aqi_xgboost_is_ubjson(bytes)) {
		json_decref(root);
		return;
	}
	if (aqi_xgboost_read(bytes, NULL, &arena, &trees, &err) == AQI_OK) {
		const json_t *plain;

		CHECK(root);
		CHECK(is_quick_same(aqi_xgboost_read, bytes, trees.forest));
		plain = find_trees(root, trees.forest);
		check_forest(trees.forest, data, size,
			     plain ? check_sum : NULL, plain);
		aqi_forest_free(trees.forest);
	} else {
		CHECK(err.code == AQI_E_MODEL && err.reason[0]);
	}
	json_decref(root);
	aqi_arena_clear(&arena);
}

static void
try_block(const uint8_t *data, size_t size)
{
	struct aqi_error err = {0};
	struct aqi_forest *forest;
	uint64_t size64 = size;
	char *block = aqi_block_alloc(size);

	CHECK(block);
	memcpy(block, data, size);
	if (size >= sizeof(struct aqi_forest_header) &&
	    size % AQI_BLOCK_ALIGN == 0) {
		memcpy(block + offsetof(struct aqi_block_seal, size), &size64,
		       sizeof size64);
		aqi_block_finish(block);
	}
	forest = aqi_forest_copy((struct aqi_slice){block, size}, &err);
	if (forest) {
		CHECK(aqi_slice_equal(aqi_forest_bytes(forest),
				      (struct aqi_slice){block, size}));
		check_forest(forest, data, size, NULL, NULL);
	} else {
		CHECK(err.code == AQI_E_MODEL && err.reason[0]);
	}
	aqi_forest_free(forest);
	free(block);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (aqi_forest_is_block(input_slice(data, size)))
		try_block(data, size);
	else
		try_json(data, size);
	return 0;
}
