/*
 * LightGBM's text models: whatever loads comes to the leaves to which a naive
 * walk over the text comes, as LightGBM decides, and to their sums. Read in
 * haste, it is the same as with CRLF at the ends of lines, for which there is
 * one way to read it only.
 */
#include <math.h>

#include "../unit/quick.h"
#include "base/buffer.h"
#include "fuzz.h"
#include "model/forest.h"
#include "model/lightgbm.h"
#include "model/trees.h"

/* A tree's text, which begins at its first line; ends with a NUL. */
struct tree {
	const char *text, *end;
};

/* What stands behind "key=" in a tree, or NULL. */
static const char *
find(struct tree tree, const char *key)
{
	const size_t n = strlen(key);

	for (const char *p = tree.text; p && p < tree.end;
	     p = memchr(p, '\n', (size_t)(tree.end - p)), p = p ? p + 1 : p)
		if ((size_t)(tree.end - p) > n && memcmp(p, key, n) == 0 &&
		    p[n] == '=')
			return p + n + 1;
	return NULL;
}

/* Value i of a line; there are as many, as the file was read. */
static double
value(struct tree tree, const char *key, size_t i)
{
	const char *p = find(tree, key);

	if (!p)
		return 0;
	for (;;) {
		p += strspn(p, " ");
		if (i-- == 0)
			return strtod(p, NULL);
		p += strcspn(p, " \r\n");
	}
}

/* Source: LightGBM, include/LightGBM/tree.h, CategoricalDecision. */
static bool
is_member(struct tree tree, size_t node, double x)
{
	const size_t set = (size_t)value(tree, "threshold", node);
	const double first = value(tree, "cat_boundaries", set);
	const double end = value(tree, "cat_boundaries", set + 1);
	size_t category;

	if (!(x > -1 && x < 32 * (end - first)))
		return false;
	category = x < 0 ? 0 : (size_t)x;
	return (uint32_t)value(tree, "cat_threshold",
			       (size_t)first + category / 32) >>
	       category % 32 & 1;
}

/* The same, NumericalDecision. */
static bool
goes_left(struct tree tree, size_t node, double x)
{
	const int bits = (int)value(tree, "decision_type", node);

	if (bits & 1)
		return is_member(tree, node, x);
	if (isnan(x) && bits / 4 != 2)
		x = 0;
	if ((bits / 4 == 1 && fabs(x) <= (double)1e-35f) ||
	    (bits / 4 == 2 && isnan(x)))
		return bits & 2;
	return x <= value(tree, "threshold", node);
}

static size_t
walk(struct tree tree, const double *x)
{
	int64_t node = value(tree, "num_leaves", 0) > 1 ? 0 : -1;

	while (node >= 0) {
		const size_t at = (size_t)node;
		const double input = x[(size_t)value(tree, "split_feature",
						     at)];

		node = (int64_t)value(tree, goes_left(tree, at, input) ?
				      "left_child" : "right_child", at);
	}
	return (size_t)(-1 - node);
}

static double
leaf_value(struct tree tree, size_t leaf, const double *x)
{
	double y = value(tree, "leaf_const", leaf);
	size_t n, first = 0;

	if (value(tree, "is_linear", 0) == 0)
		return value(tree, "leaf_value", leaf);
	n = (size_t)value(tree, "num_features", leaf);
	for (size_t i = 0; i < leaf; i++)
		first += (size_t)value(tree, "num_features", i);
	for (size_t i = 0; i < n; i++) {
		const double input = x[(size_t)value(tree, "leaf_features",
						     first + i)];

		if (isnan(input))
			return value(tree, "leaf_value", leaf);
		y += value(tree, "leaf_coeff", first + i) * input;
	}
	return y;
}

/* The tree behind another, up to an empty line; text NULL: none. */
static struct tree
next_tree(const char *text)
{
	const char *start = strstr(text, "\nTree="), *end;

	if (!start)
		return (struct tree){NULL, NULL};
	for (end = start + 1; *end; end++)
		if (*end == '\n' && end[1 + (end[1] == '\r')] == '\n')
			break;
	return (struct tree){start + 1, end};
}

static void
check_row(const char *text, const struct aqi_forest *forest, const double *x)
{
	static double sums[AQI_FOREST_MAX_MARGINS], y[AQI_FOREST_MAX_MARGINS];
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	const size_t n_trees = aqi_forest_trees(forest);
	uint32_t *leaves = calloc(n_trees, sizeof *leaves);
	struct tree tree = next_tree(text);

	CHECK(leaves);
	memset(sums, 0, sizeof sums);
	aqi_forest_leaves(forest, x, leaves);
	aqi_forest_predict(forest, x, 1, y);
	for (size_t t = 0; t < n_trees; t++, tree = next_tree(tree.end)) {
		size_t leaf;

		CHECK(tree.text);
		leaf = walk(tree, x);
		CHECK(leaf == leaves[t]);
		sums[t % shape.n_margins] += leaf_value(tree, leaf, x);
	}
	for (size_t k = 0; k < shape.n_margins; k++)
		CHECK(sums[k] == y[k] || (isnan(sums[k]) && isnan(y[k])));
	free(leaves);
}

/* Row k: some that are fixed, then numbers of the input's own bytes. */
static void
fill(double *x, size_t n, int k, const uint8_t *data, size_t size)
{
	static const double fixed[] = {0, NAN, -INFINITY, 1e-36, -0.5, 33};

	for (size_t i = 0; i < n; i++) {
		x[i] = k < 6 ? fixed[k] :
		       (double)data[(i * 7 + (size_t)k) % size] - 64;
		if (k == 9)
			x[i] = fixed[i % 6];
	}
}

static enum aqi_status
read_quickly(struct aqi_slice text, struct aqi_trees *trees,
	     struct aqi_error *err)
{
	const struct aqi_trees_options quick = {.skips_statistics = true};
	static struct aqi_arena arena;

	aqi_arena_clear(&arena);
	return aqi_lightgbm_read(text, &quick, &arena, trees, err);
}

/* With CRLF and without. Reasons may count bytes. */
static void
check_lines(struct aqi_slice text)
{
	struct aqi_buffer crlf = {0};
	struct aqi_trees a, b;
	struct aqi_error err = {0}, crlf_err = {0};

	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\n')
			aqi_buffer_add_byte(&crlf, '\r');
		aqi_buffer_add_byte(&crlf, text.data[i]);
	}
	CHECK(!crlf.failed);
	CHECK(read_quickly(text, &a, &err) ==
	      read_quickly(aqi_buffer_slice(&crlf), &b, &crlf_err));
	CHECK(err.code == crlf_err.code);
	if (a.forest)
		CHECK(differ_in_statistics(a.forest, b.forest));
	else if (strncmp(err.reason, "byte ", 5) != 0)
		CHECK(strcmp(err.reason, crlf_err.reason) == 0);
	aqi_forest_free(a.forest);
	aqi_forest_free(b.forest);
	aqi_buffer_free(&crlf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct aqi_arena arena;
	struct aqi_trees trees;
	struct aqi_error err = {0};

	if (aqi_lightgbm_read(input_slice(data, size), NULL, &arena, &trees, &err) ==
	    AQI_OK) {
		const size_t n = aqi_forest_shape(trees.forest).n_inputs;
		double *x = calloc(n, sizeof *x);
		char *text = strndup((const char *)data, size);

		CHECK(x && text);
		for (int k = 0; k < 10; k++) {
			fill(x, n, k, data, size);
			check_row(text, trees.forest, x);
		}
		CHECK(is_quick_same(aqi_lightgbm_read, input_slice(data, size),
				    trees.forest));
		free(text);
		free(x);
		aqi_forest_free(trees.forest);
	} else {
		CHECK((err.code == AQI_E_MODEL || err.code == AQI_E_LIMIT) &&
		      err.reason[0]);
	}
	if (size > 0 && !memchr(data, '\r', size))
		check_lines(input_slice(data, size));
	aqi_arena_clear(&arena);
	return 0;
}
