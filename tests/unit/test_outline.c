#include "model/outline.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "model/bundle.h"
#include "model/forest.h"
#include "model/forest_builder.h"
#include "tap.h"

/* A tree with a split of each kind, and leaves with and without functions. */
static const double set[] = {3, 1, 7};
static const struct aqi_tree_term terms[] = {{2.5, 0}, {-1, 1}};
static const struct aqi_tree_node nodes[] = {
	{.value = 0.1, .input = 0, .left = 1, .right = 2, .default_left = true,
	 .gain = 12.5f, .cover = 60},
	{.has_set = true, .set = set, .n_set = 3, .input = 1, .left = 3,
	 .right = 4, .rule = AQI_VIEW_CATEGORY, .gain = 1, .cover = 40},
	{.value = 1, .input = 0, .left = 5, .right = 6, .gain = 2,
	 .rule = AQI_VIEW_MISSING_IS_ZERO, .cover = 20},
	{.is_leaf = true, .value = 0.1, .cover = 30},
	{.is_leaf = true, .value = -2, .cover = 10},
	{.value = 4, .input = 0, .left = 7, .right = 8, .gain = 3,
	 .rule = AQI_VIEW_ZERO_IS_MISSING, .cover = 15},
	{.is_leaf = true, .value = 5, .is_linear = true, .constant = 0.5,
	 .terms = terms, .n_terms = 2, .cover = 5},
	{.is_leaf = true, .value = 8, .cover = 10},
	{.is_leaf = true, .value = 9, .cover = 5},
};

static const char text[] =
	"tree 0 node 0: a\\x1b < 0.1 ? node 1 : node 2, missing: node 1, "
	"gain 12.5, cover 60\n"
	"tree 0   node 1: b in {1,3,7} ? leaf 3 : leaf 4, missing: leaf 4, "
	"gain 1, cover 40\n"
	"tree 0     leaf 3: 0.1, cover 30\n"
	"tree 0     leaf 4: -2, cover 10\n"
	"tree 0   node 2: a\\x1b < 1 ? node 5 : leaf 6, missing: node 5, "
	"gain 2, cover 20\n"
	"tree 0     node 5: a\\x1b < 4 ? leaf 7 : leaf 8, "
	"missing or 0: leaf 8, gain 3, cover 15\n"
	"tree 0       leaf 7: 8, cover 10\n"
	"tree 0       leaf 8: 9, cover 5\n"
	"tree 0     leaf 6: 0.5 + 2.5 * a\\x1b + -1 * b, where one is missing "
	"5, cover 5\n";

static const char json[] =
	"{\"tree\":0,\"sum\":0,\"id\":\"node 0\",\"depth\":0,"
	"\"input\":\"a\\u001b\",\"below\":0.1,\"left\":\"node 1\","
	"\"right\":\"node 2\",\"missing\":\"node 1\",\"gain\":12.5,"
	"\"cover\":60}\n"
	"{\"tree\":0,\"sum\":0,\"id\":\"node 1\",\"depth\":1,\"input\":\"b\","
	"\"in\":[1,3,7],\"left\":\"leaf 3\",\"right\":\"leaf 4\","
	"\"missing\":\"leaf 4\",\"gain\":1,\"cover\":40}\n"
	"{\"tree\":0,\"sum\":0,\"id\":\"leaf 3\",\"depth\":2,\"value\":0.1,"
	"\"cover\":30}\n";

static const char last_json[] =
	"{\"tree\":0,\"sum\":0,\"id\":\"leaf 6\",\"depth\":2,\"value\":5,"
	"\"constant\":0.5,\"terms\":[{\"input\":\"a\\u001b\","
	"\"coefficient\":2.5},{\"input\":\"b\",\"coefficient\":-1}],"
	"\"cover\":5}\n";

static struct aqi_slice names[] = {{"a\033", 2}, {"b", 1}};

/* Two sums of 64 bits; the second tree decides as the first. */
static struct aqi_forest *
make_forest(size_t n_margins, bool is_wide)
{
	const struct aqi_forest_shape shape = {
		.is_wide = is_wide, .n_inputs = 2, .n_margins = n_margins,
		.has_gains = true, .has_covers = true, .link = AQI_LINK_PLAIN,
	};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_tree tree = {.nodes = nodes, .n_nodes = 9};
	struct aqi_forest *forest;

	for (; tree.target < n_margins; tree.target++) {
		tree.repeats = tree.target > 0;
		if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
			note("%s", err.reason);
	}
	tree.target = 0;
	tree.repeats = false;
	if (n_margins > 1 && aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
		note("%s", err.reason);
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

static bool
begins(const struct aqi_buffer *out, const char *wanted)
{
	const size_t n = strlen(wanted);

	if (out->size >= n && memcmp(out->data, wanted, n) == 0)
		return true;
	note("%.*s", (int)out->size, out->data);
	return false;
}

static bool
ends(const struct aqi_buffer *out, const char *wanted)
{
	const size_t n = strlen(wanted);

	return out->size >= n &&
	       memcmp(out->data + out->size - n, wanted, n) == 0;
}

static void
test_one(void)
{
	struct aqi_model model = {.format = "onnx", .inputs = names};
	struct aqi_outline outline = {.model = &model};
	struct aqi_buffer out = {0};
	struct aqi_error err;

	model.forest = make_forest(1, false);
	ok(aqi_outline_next(&outline, &out, &err) == AQI_OK &&
		   out.size == strlen(text) && begins(&out, text),
	   "a line for each node, each before those below it");
	ok(aqi_outline_next(&outline, &out, &err) == AQI_END &&
		   out.size == strlen(text), "behind the last tree is none");
	outline = (struct aqi_outline){.model = &model, .as_json = true};
	aqi_buffer_clear(&out);
	ok(aqi_outline_next(&outline, &out, &err) == AQI_OK &&
		   begins(&out, json) && ends(&out, last_json),
	   "an object for each node");
	aqi_forest_free((struct aqi_forest *)model.forest);
	aqi_buffer_free(&out);
}

static void
test_many(void)
{
	struct aqi_model model = {.format = "lightgbm-text", .inputs = names};
	struct aqi_outline outline = {.model = &model};
	struct aqi_buffer out = {0};
	struct aqi_error err;

	model.forest = make_forest(2, true);
	/* The double below 0.1. */
	ok(aqi_outline_next(&outline, &out, &err) == AQI_OK &&
		   begins(&out, "tree 0 node 0: a\\x1b <= 0.09999999999999999 "
			  "? node 1"),
	   "a threshold of LightGBM belongs to the left side");
	aqi_buffer_clear(&out);
	ok(aqi_outline_next(&outline, &out, &err) == AQI_OK &&
		   begins(&out, "tree 0 node 0: ") &&
		   strstr(out.data, "leaf 8: 9 to sum 1, cover 5\n"),
	   "a tree for several sums keeps its number");
	aqi_buffer_clear(&out);
	ok(aqi_outline_next(&outline, &out, &err) == AQI_OK &&
		   begins(&out, "tree 1 node 0: ") &&
		   strstr(out.data, "leaf 8: 9 to sum 0, cover 5\n"),
	   "and the next tree has the next");
	aqi_forest_free((struct aqi_forest *)model.forest);
	aqi_buffer_free(&out);
}

/* No loader takes such a name, but JSON must not break by it. */
static void
test_odd_name(void)
{
	static struct aqi_slice odd[] = {
		{"a\xff", 2}, {"b", 1}, {"c", 1}
	};
	struct aqi_model model = {.format = "onnx", .inputs = odd};
	struct aqi_outline outline = {.model = &model, .as_json = true};
	struct aqi_buffer out = {0};
	struct aqi_error err;

	model.forest = make_forest(1, false);
	ok(aqi_outline_next(&outline, &out, &err) == AQI_OK &&
	   memmem(out.data, out.size, "\"a\\\\xff\"", 8),
	   "a name that is not UTF-8 is shown in JSON as in a message");
	aqi_forest_free((struct aqi_forest *)model.forest);
	aqi_buffer_free(&out);
}

/* A vine so deep that moving each line to the right would make a square. */
static void
test_deep(void)
{
	enum { DEPTH = 20000 };
	struct aqi_tree_node *deep = calloc(2 * DEPTH + 1, sizeof *deep);
	const struct aqi_tree tree = {.nodes = deep, .n_nodes = 2 * DEPTH + 1};
	const struct aqi_forest_shape shape = {
		.n_inputs = 1, .n_margins = 1, .link = AQI_LINK_PLAIN
	};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_model model = {.format = "", .inputs = names};
	struct aqi_outline outline = {.model = &model};
	struct aqi_buffer out = {0};
	struct aqi_forest *forest = NULL;

	for (int i = 0; i < DEPTH; i++) {
		deep[2 * i] = (struct aqi_tree_node){
			.value = i, .left = 2 * i + 1, .right = 2 * i + 2
		};
		deep[2 * i + 1] = (struct aqi_tree_node){.is_leaf = true};
	}
	deep[2 * DEPTH] = (struct aqi_tree_node){.is_leaf = true};
	if (aqi_forest_builder_add(b, &tree, &err) == AQI_OK)
		forest = aqi_forest_builder_finish(b, &err);
	model.forest = forest;
	ok(forest && aqi_outline_next(&outline, &out, &err) == AQI_OK &&
		   ends(&out, "leaf 40000 (depth 20000): 0\n") &&
		   out.size < 200 * (2 * DEPTH + 1),
	   "a deep tree has lines of bounded length");
	aqi_forest_builder_free(b);
	aqi_forest_free(forest);
	aqi_buffer_free(&out);
	free(deep);
}

int
main(void)
{
	test_one();
	test_many();
	test_odd_name();
	test_deep();
	return done();
}
