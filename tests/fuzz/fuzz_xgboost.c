/*
 * Models: whatever loads predicts finite margins, and those of a naive walk.
 * What begins as a block of ours is one, with its size and checksum put right;
 * anything else is a text for the reader of XGBoost's files.
 */
#include <jansson.h>
#include <math.h>

#include "fuzz.h"
#include "model/forest.h"
#include "model/forest_block.h"
#include "model/trees.h"
#include "model/xgboost.h"
#include "model/xgboost_json.h"

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

static void
check_json(const json_t *trees, const struct aqi_forest *forest, const double *x,
	   double margin, const uint32_t *leaves)
{
	float sum = (float)aqi_forest_shape(forest).bases[0];
	const json_t *tree;
	size_t t;

	CHECK(json_array_size(trees) == aqi_forest_trees(forest));
	json_array_foreach(trees, t, tree) {
		size_t leaf = walk_json(tree, 0, x);

		CHECK(leaf == leaves[t]);
		sum += (float)json_number_value(get(tree, "split_conditions",
						    leaf));
	}
	CHECK((double)sum == margin);
}

/* Forests of these files are narrow and have one margin; blocks have what they
 * say. */
static uint32_t
walk_block(const struct aqi_forest *f, uint32_t i, const double *x)
{
	const struct aqi_forest_node *node = &f->nodes[i];

	if (node->left == 0)
		return i;
	return walk_block(f, node->left + !aqi_forest_goes_left(f, node,
			  aqi_forest_look(f, node->test & AQI_FOREST_VIEW, x)),
			  x);
}

static void
check_block(const struct aqi_forest *f, const double *x, const uint32_t *leaves)
{
	for (size_t t = 0; t < aqi_forest_trees(f); t++)
		if (!(f->targets[t] & AQI_FOREST_REPEATS))
			CHECK(f->ids[walk_block(f, f->roots[t], x)] ==
			      *leaves++);
}

/* Row k: three that are fixed, then floats of the input's own bytes. */
static void
fill(double *x, size_t n, int k, const uint8_t *data, size_t size)
{
	static const double fixed[] = {0, (double)NAN, (double)-INFINITY};
	float value;

	for (size_t i = 0; i < n; i++) {
		size_t at = size < 4 ? 0 : (i * 4 + (size_t)k) % (size - 3);

		x[i] = k < 3 ? fixed[k] : (double)i;
		if (k >= 3 && size >= 4) {
			memcpy(&value, data + at, sizeof value);
			x[i] = (double)value;
		}
	}
}

/* Finite, unless a leaf is a function of the inputs. */
static void
check_margins(const struct aqi_forest *forest, const double *margin,
	      const double *again)
{
	struct aqi_forest_shape shape = aqi_forest_shape(forest);
	size_t n_outputs = aqi_link_outputs(&shape.link, shape.n_margins);
	double *out = calloc(shape.n_margins, sizeof *out);

	CHECK(out && n_outputs >= 1 && n_outputs <= shape.n_margins);
	for (size_t k = 0; k < shape.n_margins; k++)
		CHECK(forest->linears || isfinite(margin[k]));
	CHECK(memcmp(margin, again, shape.n_margins * sizeof *margin) == 0);
	aqi_link_apply(&shape.link, margin, shape.n_margins, 1, out);
	if (shape.n_margins == 1 && !forest->linears)
		CHECK(!isnan(out[0]));
	free(out);
}

static void
check_forest(const struct aqi_forest *forest, const json_t *trees,
	     const uint8_t *data, size_t size)
{
	struct aqi_forest_shape shape = aqi_forest_shape(forest);
	double *x = calloc(shape.n_inputs, sizeof *x);
	double *margin = calloc(shape.n_margins, 2 * sizeof *margin);
	double *again = margin + shape.n_margins;
	uint32_t *leaves = calloc(aqi_forest_trees(forest) + 1, sizeof *leaves);
	struct aqi_error err;
	struct aqi_forest *copy = aqi_forest_copy(aqi_forest_bytes(forest),
						  &err);

	CHECK(x && margin && leaves && copy);
	for (int k = 0; k < 6; k++) {
		fill(x, shape.n_inputs, k, data, size);
		aqi_forest_predict(forest, x, 1, margin);
		aqi_forest_predict(copy, x, 1, again);
		aqi_forest_leaves(forest, x, leaves);
		check_margins(forest, margin, again);
		check_block(forest, x, leaves);
		if (trees && !has_ties(trees))
			check_json(trees, forest, x, *margin, leaves);
	}
	aqi_forest_free(copy);
	free(leaves);
	free(margin);
	free(x);
}

static void
try_json(const uint8_t *data, size_t size)
{
	static struct aqi_arena arena;
	struct aqi_trees trees;
	struct aqi_error err = {0};
	json_t *root;

	if (aqi_xgboost_read(input_slice(data, size), &arena, &trees, &err) ==
	    AQI_OK) {
		root = aqi_xgboost_json_read(input_slice(data, size), &err);
		CHECK(root);
		check_forest(trees.forest, json_object_get(json_object_get(
			json_object_get(json_object_get(root, "learner"),
			"gradient_booster"), "model"), "trees"), data, size);
		json_decref(root);
		aqi_forest_free(trees.forest);
	} else {
		CHECK(err.code == AQI_E_MODEL && err.reason[0]);
	}
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
		check_forest(forest, NULL, data, size);
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
