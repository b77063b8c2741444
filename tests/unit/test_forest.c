#include "model/forest.h"

#include <stdlib.h>

#include "small_forest.h"

static void
test_small(void)
{
	struct aqi_forest *f = make_small();
	const double x[] = {1, 0, 0, 2, 0, 8};
	uint32_t leaves[2];
	double y[2];

	/* 0.5 + 100 + leaf; every sum here is exact. */
	ok(predict(f, 1, 0, 0) == 110.75, "below the threshold goes left");
	ok(predict(f, 1.5, 0, 7) == 104.5, "the threshold itself goes right");
	ok(predict(f, 2, 0, 6) == 97, "the children may stand in any order");
	ok(predict(f, missing, 0, 8) == 104.5, "missing goes right by default");
	ok(predict(f, missing, 0, missing) == 97, "missing goes left where told");
	ok(predict(f, -infinite, 0, 0) == 110.75 &&
	   predict(f, infinite, missing, infinite) == 104.5,
	   "infinite inputs are ordered like any");
	aqi_forest_predict(f, x, 2, y);
	ok(y[0] == 110.75 && y[1] == 104.5, "rows are predicted one by one");
	aqi_forest_leaves(f, x + 3, leaves);
	ok(leaves[0] == 0 && leaves[1] == 3, "leaves have the file's numbers");
	ok(aqi_forest_trees(f) == 2 && aqi_forest_nodes(f) == 6 &&
	   aqi_forest_shape(f).n_inputs == 3 &&
	   aqi_forest_shape(f).n_margins == 1 &&
	   aqi_forest_shape(f).bases[0] == 0.5,
	   "a forest tells its shape");
	aqi_forest_free(f);
}

/*
 * Floats near 1e8 are 8 apart: adding 3 twice changes nothing, adding 6 once
 * would round up to 8.
 */
static void
test_order_of_sum(void)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 1, .n_margins = 1, .bases = &(double){1e8},
		.link = AQI_LINK_PLAIN,
	};
	const struct aqi_tree_node three = {.is_leaf = true, .value = 3};
	const struct aqi_tree tree = {.nodes = &three, .n_nodes = 1};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *f;
	double x = 0, y = 0;
	bool added = true;

	for (int i = 0; i < 2; i++)
		added = added && !aqi_forest_builder_add(b, &tree, &err);
	f = aqi_forest_builder_finish(b, &err);
	if (f)
		aqi_forest_predict(f, &x, 1, &y);
	ok(added && y == 1e8, "leaves are added one by one in 32 bits");
	aqi_forest_free(f);
	aqi_forest_builder_free(b);
}

static void
test_no_trees(void)
{
	struct aqi_error err = {0};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&plain, &err);
	struct aqi_forest *f = aqi_forest_builder_finish(b, &err);

	ok(f && aqi_forest_nodes(f) == 0 && predict(f, 1, 2, 3) == 0.5,
	   "a forest without a tree predicts its base score");
	aqi_forest_free(f);
	aqi_forest_builder_free(b);
}

/* One leaf for each tree, and the margin that it is for. */
static struct aqi_forest *
make_leaves(const struct aqi_forest_shape *shape, const double *leaves,
	    const size_t *targets, size_t n, struct aqi_error *err)
{
	struct aqi_forest_builder *b = aqi_forest_builder_new(shape, err);
	struct aqi_forest *forest = NULL;
	bool added = b != NULL;

	for (size_t t = 0; added && t < n; t++)
		added = aqi_forest_builder_add(b, &(struct aqi_tree){
			.nodes = &(struct aqi_tree_node){
				.is_leaf = true, .value = leaves[t],
			}, .n_nodes = 1, .target = targets[t],
		}, err) == AQI_OK;
	if (added)
		forest = aqi_forest_builder_finish(b, err);
	aqi_forest_builder_free(b);
	return forest;
}

static const double bases[] = {0.5, -0.0, 4};

static const struct aqi_forest_shape three = {
	.n_inputs = 1, .n_margins = 3, .bases = bases,
	.link = {.kind = AQI_LINK_IDENTITY, .slope = 1, .divisor = 1},
};

static void
test_margins(void)
{
	static const double leaves[] = {1, 2, 4, 8, 16};
	static const size_t targets[] = {0, 2, 0, 2, 2};
	const double x[] = {0, 7};
	struct aqi_error err;
	struct aqi_forest *f = make_leaves(&three, leaves, targets, 5, &err);
	double y[6] = {0};

	aqi_forest_predict(f, x, 2, y);
	ok(y[0] == 5.5 && y[2] == 30, "a tree adds to its margin");
	ok(y[1] == 0 && signbit(y[1]), "a margin of no tree is its base");
	ok(memcmp(y, y + 3, 3 * sizeof *y) == 0, "margins stand row by row");
	ok(aqi_forest_shape(f).n_margins == 3 &&
	   memcmp(aqi_forest_shape(f).bases, bases, sizeof bases) == 0,
	   "a forest tells their number and bases");
	aqi_forest_free(f);
}

/* 2^53 + 1 + 1 in 64 bits; 1e300 is no float. */
static void
test_wide(void)
{
	static const double leaves[] = {0x1p53, 1, 1, 1e300};
	static const size_t targets[] = {0, 0, 0, 2};
	struct aqi_forest_shape shape = three;
	struct aqi_error err;
	struct aqi_forest *f;
	const double x = 0;
	double y[3] = {0};

	shape.bases = NULL;
	f = make_leaves(&shape, leaves, targets, 4, &err);
	ok(says(f, &err, "tree 3 node 0: the leaf's value is not finite"),
	   "what no float holds is no leaf of a narrow forest");
	shape.is_wide = true;
	f = make_leaves(&shape, leaves, targets, 4, &err);
	aqi_forest_predict(f, &x, 1, y);
	ok(y[0] == 0x1p53 && y[2] == 1e300,
	   "wide margins are added one by one in 64 bits");
	ok(y[1] == 0 && aqi_forest_shape(f).is_wide, "without bases from 0");
	aqi_forest_free(f);
	f = make_leaves(&shape, (double[]){1e308, 1e308}, targets, 2, &err);
	ok(says(f, &err, "the leaves are too large: their sum can exceed a "
		"64-bit float"), "their sum has a bound too");
}

static void
test_aggregates(void)
{
	static const double leaves[] = {3, -2, 8};
	static const size_t targets[] = {0, 0, 2};
	struct aqi_forest_shape shape = three;
	struct aqi_error err;
	struct aqi_forest *f;
	const double x = 0;
	double y[3] = {0};

	shape.bases = (const double[]){1, 6, 7};
	shape.aggregate = AQI_AGGREGATE_MIN;
	f = make_leaves(&shape, leaves, targets, 3, &err);
	aqi_forest_predict(f, &x, 1, y);
	ok(y[0] == -2 && y[1] == 6 && y[2] == 7 &&
	   aqi_forest_shape(f).aggregate == AQI_AGGREGATE_MIN,
	   "the least of the leaves and the base");
	aqi_forest_free(f);
	shape.aggregate = AQI_AGGREGATE_MAX;
	f = make_leaves(&shape, leaves, targets, 3, &err);
	aqi_forest_predict(f, &x, 1, y);
	ok(y[0] == 3 && y[1] == 6 && y[2] == 8, "or the greatest");
	aqi_forest_free(f);
}

/* x0 < 5 ? 2 + 3 * x0 - x1 : 1 */
static struct aqi_forest *
make_linear(bool is_wide, double constant)
{
	static const struct aqi_tree_term terms[] = {{3, 0}, {-1, 1}};
	const struct aqi_tree_node nodes[] = {
		{.value = 5, .left = 1, .right = 2, .default_left = true},
		{.is_leaf = true, .value = -7, .is_linear = true,
		 .constant = constant, .terms = terms, .n_terms = 2},
		{.is_leaf = true, .value = 1},
	};
	struct aqi_forest_shape shape = plain;
	struct aqi_error err;

	shape.is_wide = is_wide;
	return make(&shape, nodes, 3, 0, &err);
}

static void
test_linear(void)
{
	struct aqi_forest *f = make_linear(true, 2);

	ok(predict(f, 4, 1.5, 0) == 100.5 + 12.5,
	   "a leaf can be a function of the inputs");
	ok(predict(f, 6, 1.5, 0) == 101.5, "beside one that is none");
	ok(predict(f, 4, missing, 0) == 93.5 && predict(f, missing, 1, 1) == 93.5,
	   "with an input missing it has its value");
	ok(predict(f, 4, 1.5, missing) == 113, "unless it is not asked");
	aqi_forest_free(f);
	f = make_linear(false, 2);
	ok(predict(f, 4, 1 + 1e-12, 0) == 113.5,
	   "a narrow forest cuts the inputs of a function to 32 bits");
	aqi_forest_free(f);
	f = make_linear(true, 0x1p-20);
	ok(predict(f, 0, 0, 0) == 100.5 + 0x1p-20, "the constant comes first");
	aqi_forest_free(f);
}

/* As LightGBM's files, where leaves are numbered by themselves, and two trees
 * that decide alike for two margins. */
static void
test_ids(void)
{
	static const uint32_t ids[] = {7, 5, 6, 9, 8};
	struct aqi_forest_shape shape = three;
	struct aqi_tree tree = {.nodes = small_tree, .n_nodes = 5, .ids = ids};
	struct aqi_forest_builder *b;
	struct aqi_error err;
	struct aqi_forest *f;
	const double x[] = {2, 0, 6};
	uint32_t leaves[2] = {0, 0};
	double y[3];

	shape.n_inputs = 3;
	b = aqi_forest_builder_new(&shape, &err);
	if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
		note("%s", err.reason);
	tree.repeats = true;
	tree.target = 1;
	if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK ||
	    aqi_forest_builder_add(b, &leaf_tree, &err) != AQI_OK)
		note("%s", err.reason);
	f = aqi_forest_builder_finish(b, &err);
	if (!ok(f != NULL, "a tree may repeat the one before it"))
		return;
	ok(aqi_forest_trees(f) == 3 && aqi_forest_source_trees(f) == 2,
	   "which the file has once");
	aqi_forest_leaves(f, x, leaves);
	ok(leaves[0] == 8 && leaves[1] == 0,
	   "leaves have the numbers that the file gives them");
	aqi_forest_predict(f, x, 1, y);
	ok(y[0] == 97 && y[1] == -3.5 && y[2] == 4, "both margins are told");
	aqi_forest_free(f);
	aqi_forest_builder_free(b);
}

/* A chain of inner nodes, each with a leaf to its right. */
static void
test_deep(void)
{
	const int64_t depth = 100000;
	struct aqi_tree_node *nodes =
		calloc((size_t)depth * 2 + 1, sizeof *nodes);
	struct aqi_error err;
	struct aqi_forest *f;

	for (int64_t i = 0; i < depth; i++) {
		nodes[2 * i] = (struct aqi_tree_node){
			.value = (double)-i, .left = 2 * i + 2,
			.right = 2 * i + 1,
		};
		nodes[2 * i + 1] = (struct aqi_tree_node){
			.is_leaf = true, .value = (double)i
		};
	}
	nodes[2 * depth] = (struct aqi_tree_node){.is_leaf = true, .value = 7};
	f = make(&plain, nodes, (size_t)depth * 2 + 1, 0, &err);
	ok(f && predict(f, -1e9, 0, 0) == 107.5 &&
	   predict(f, -500.5, 0, 0) == 601.5,
	   "a tree of 100000 levels needs no stack");
	aqi_forest_free(f);
	free(nodes);
}

/* Random trees, shuffled, against a walk that is as plain as can be. */

static uint64_t state;

static unsigned
draw(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(state >> 33) % n;
}

#define MAX_NODES 64

struct random_tree {
	struct aqi_tree_node nodes[MAX_NODES];
	size_t n_nodes, n_unused;
};

/* A float, and all sums of some of them are. */
static double
draw_number(void)
{
	return ((double)draw(20001) - 10000) / 64;
}

static struct aqi_tree_node
draw_leaf(void)
{
	return (struct aqi_tree_node){.is_leaf = true, .value = draw_number()};
}

/* Split leaves at random; how many nodes there are then. */
static size_t
split(struct aqi_tree_node *nodes, unsigned n_inputs)
{
	size_t n = 1, n_splits = draw(20);

	nodes[0] = draw_leaf();
	for (size_t i = 0; i < n_splits; i++) {
		size_t at = draw((unsigned)n);

		if (!nodes[at].is_leaf)
			continue;
		nodes[at] = (struct aqi_tree_node){
			.value = draw_number(), .input = draw(n_inputs),
			.left = (int64_t)n, .right = (int64_t)n + 1,
			.default_left = draw(2),
		};
		nodes[n++] = draw_leaf();
		nodes[n++] = draw_leaf();
	}
	return n;
}

/* Every number once, at random; the root keeps its own. */
static void
shuffle(int64_t *places, size_t n)
{
	for (size_t i = 0; i < n; i++)
		places[i] = (int64_t)i;
	for (size_t i = n - 1; n > 1 && i > 1; i--) {
		size_t k = 1 + draw((unsigned)i);
		int64_t place = places[i];

		places[i] = places[k];
		places[k] = place;
	}
}

/* A tree whose nodes stand anywhere, unused ones among them. */
static void
grow(struct random_tree *tree, unsigned n_inputs)
{
	const struct aqi_tree_node unused = {
		.value = (double)NAN, .input = -9, .left = 0, .right = 1 << 30
	};
	int64_t places[MAX_NODES];
	struct aqi_tree_node made[MAX_NODES];
	size_t n_used = split(made, n_inputs);

	tree->n_unused = draw(3);
	tree->n_nodes = n_used + tree->n_unused;
	shuffle(places, tree->n_nodes);
	for (size_t i = 0; i < tree->n_nodes; i++) {
		struct aqi_tree_node *to = &tree->nodes[places[i]];

		*to = i < n_used ? made[i] : unused;
		if (i < n_used && !to->is_leaf) {
			to->left = places[to->left];
			to->right = places[to->right];
		}
	}
}

static size_t
naive_leaf(const struct aqi_tree_node *nodes, size_t at, const double *x)
{
	const struct aqi_tree_node *node = &nodes[at];
	double v;

	if (node->is_leaf)
		return at;
	v = x[node->input];
	if (isnan(v) ? node->default_left : v < node->value)
		return naive_leaf(nodes, (size_t)node->left, x);
	return naive_leaf(nodes, (size_t)node->right, x);
}

#define N_TREES 20
#define N_INPUTS 5

static bool
agrees(const struct aqi_forest *f, const struct random_tree *trees, double base)
{
	uint32_t leaves[N_TREES];
	double x[N_INPUTS], y, want = base;

	for (int k = 0; k < N_INPUTS; k++)
		x[k] = draw(8) == 0 ? missing : draw_number();
	aqi_forest_predict(f, x, 1, &y);
	aqi_forest_leaves(f, x, leaves);
	for (int t = 0; t < N_TREES; t++) {
		size_t at = naive_leaf(trees[t].nodes, 0, x);

		want = (double)((float)want +
				(float)trees[t].nodes[at].value);
		if (leaves[t] != at)
			return false;
	}
	return memcmp(&y, &want, sizeof y) == 0;
}

static bool
test_random_forest(void)
{
	static struct random_tree trees[N_TREES];
	const double base = draw_number();
	const struct aqi_forest_shape shape = {
		.n_inputs = N_INPUTS, .n_margins = 1, .bases = &base,
		.link = AQI_LINK_PLAIN,
	};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *f;
	bool right = true;

	for (int t = 0; t < N_TREES; t++) {
		grow(&trees[t], N_INPUTS);
		right = right && !aqi_forest_builder_add(
			b, &(struct aqi_tree){
				.nodes = trees[t].nodes,
				.n_nodes = trees[t].n_nodes,
				.n_unused = trees[t].n_unused,
			}, &err);
	}
	f = right ? aqi_forest_builder_finish(b, &err) : NULL;
	for (int i = 0; f && i < 100; i++)
		right = right && agrees(f, trees, base);
	aqi_forest_free(f);
	aqi_forest_builder_free(b);
	return right && f;
}

static void
test_random(void)
{
	const char *seed = getenv("SEED");
	int n_right = 0;

	state = seed ? strtoull(seed, NULL, 10) : 20240613;
	note("SEED=%llu", (unsigned long long)state);
	for (int i = 0; i < 300; i++)
		n_right += test_random_forest();
	ok(n_right == 300, "300 random forests equal a naive walk to the bit");
}

int
main(void)
{
	test_small();
	test_order_of_sum();
	test_no_trees();
	test_margins();
	test_wide();
	test_aggregates();
	test_linear();
	test_ids();
	test_deep();
	test_random();
	return done();
}
