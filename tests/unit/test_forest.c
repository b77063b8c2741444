#include "model/forest.h"

#include <math.h>
#include <stdlib.h>

#include "model/forest_block.h"
#include "model/forest_builder.h"
#include "tap.h"

static const double missing = (double)NAN, infinite = (double)INFINITY;

static const double half = 0.5;

static const struct aqi_forest_shape plain = {
	.n_inputs = 3, .n_margins = 1, .bases = &half,
	.link = {.kind = AQI_LINK_IDENTITY, .slope = 1, .divisor = 1},
};

/* x0 < 1.5 ? 10.25 : x2 < 7 ? -3.5 : 4; missing x0 right, missing x2 left. */
static const struct aqi_tree_node small_tree[] = {
	{.value = 1.5, .input = 0, .left = 1, .right = 2},
	{.is_leaf = true, .value = 10.25},
	{.value = 7, .input = 2, .left = 4, .right = 3, .default_left = true},
	{.is_leaf = true, .value = 4},
	{.is_leaf = true, .value = -3.5},
};

static const struct aqi_tree_node leaf = {.is_leaf = true, .value = 100};

static const struct aqi_tree leaf_tree = {.nodes = &leaf, .n_nodes = 1};

static struct aqi_forest *
make(const struct aqi_forest_shape *shape, const struct aqi_tree_node *nodes,
     size_t n_nodes, size_t n_unused, struct aqi_error *err)
{
	const struct aqi_tree tree = {
		.nodes = nodes, .n_nodes = n_nodes, .n_unused = n_unused
	};
	struct aqi_forest_builder *b = aqi_forest_builder_new(shape, err);
	struct aqi_forest *forest = NULL;

	if (b && aqi_forest_builder_add(b, &leaf_tree, err) == AQI_OK &&
	    aqi_forest_builder_add(b, &tree, err) == AQI_OK)
		forest = aqi_forest_builder_finish(b, err);
	aqi_forest_builder_free(b);
	return forest;
}

static struct aqi_forest *
make_small(void)
{
	struct aqi_error err;

	return make(&plain, small_tree, 5, 0, &err);
}

static double
predict(const struct aqi_forest *forest, double a, double b, double c)
{
	const double x[3] = {a, b, c};
	double y;

	aqi_forest_predict(forest, x, 1, &y);
	return y;
}

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

/* One change to the small tree, and what is said of it. */
static const struct fault {
	size_t node;
	struct aqi_tree_node to;
	const char *reason;
} faults[] = {
	{2, {.value = 7, .input = 2, .left = 4, .right = 5},
	 "tree 1 node 2: no child 5 among 5 nodes"},
	{2, {.value = 7, .input = 2, .left = -1, .right = 3},
	 "tree 1 node 2: no child -1 among 5 nodes"},
	{2, {.value = 7, .input = 2, .left = INT64_C(4294967297), .right = 3},
	 "tree 1 node 2: no child 4294967297 among 5 nodes"},
	{2, {.value = 7, .input = 2, .left = 0, .right = 3},
	 "tree 1 node 2: child 0 has a parent already, or is the root"},
	{2, {.value = 7, .input = 2, .left = 3, .right = 3},
	 "tree 1 node 2: child 3 has a parent already, or is the root"},
	{2, {.value = 7, .input = 2, .left = 1, .right = 3},
	 "tree 1 node 2: child 1 has a parent already, or is the root"},
	{2, {.value = 7, .input = 3, .left = 4, .right = 3},
	 "tree 1 node 2: no input 3 among 3"},
	{2, {.value = 7, .input = -1, .left = 4, .right = 3},
	 "tree 1 node 2: no input -1 among 3"},
	{2, {.value = (double)INFINITY, .input = 2, .left = 4, .right = 3},
	 "tree 1 node 2: the threshold is not finite"},
	{4, {.is_leaf = true, .value = (double)NAN},
	 "tree 1 node 4: the leaf's value is not finite"},
	{2, {.is_leaf = true, .value = 7},
	 "tree 1: 2 nodes are not reached from the root, 0 are said to be "
	 "unused"},
	{4, {.is_leaf = true, .value = 3e38},
	 "the leaves are too large: their sum can exceed a 32-bit float"},
};

static bool
says(struct aqi_forest *forest, const struct aqi_error *err, const char *reason)
{
	bool right = !forest && err->code == AQI_E_MODEL &&
		     strcmp(err->reason, reason) == 0;

	if (!right)
		note("%s", forest ? "no error" : err->reason);
	aqi_forest_free(forest);
	return right;
}

static void
test_faults(void)
{
	struct aqi_tree_node nodes[5];
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		memcpy(nodes, small_tree, sizeof nodes);
		nodes[faults[i].node] = faults[i].to;
		f = make(&plain, nodes, 5, 0, &err);
		ok(says(f, &err, faults[i].reason), "refused: %s",
		   faults[i].reason);
	}
	f = make(&plain, small_tree, 0, 0, &err);
	ok(says(f, &err, "tree 1: no nodes"), "a tree without nodes");
	memcpy(nodes, small_tree, sizeof nodes);
	nodes[2] = faults[10].to;
	f = make(&plain, nodes, 5, 2, &err);
	ok(f && aqi_forest_nodes(f) == 4 && predict(f, 2, 0, 0) == 107.5,
	   "nodes that pruning left behind are passed over");
	aqi_forest_free(f);
}

static void
test_shapes(void)
{
	struct aqi_forest_shape shape = plain;
	struct aqi_error err;

	shape.n_inputs = 0;
	ok(!aqi_forest_builder_new(&shape, &err) &&
	   strcmp(err.reason, "0 inputs; 1 to 65535 are supported") == 0,
	   "a forest needs inputs");
	shape.n_inputs = 65536;
	ok(!aqi_forest_builder_new(&shape, &err) &&
	   strcmp(err.reason, "65536 inputs; 1 to 65535 are supported") == 0,
	   "the inputs have a limit");
	shape = plain;
	shape.bases = &infinite;
	ok(!aqi_forest_builder_new(&shape, &err) &&
	   strcmp(err.reason, "the base margin is not finite") == 0,
	   "the base margin is finite");
}

static void
test_limit(void)
{
	struct aqi_error err = {0};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&plain, &err);
	const struct aqi_tree huge = {
		.nodes = &leaf, .n_nodes = AQI_FOREST_MAX_NODES + 1
	};
	size_t n = 0;

	while (n <= AQI_FOREST_MAX_TREES &&
	       aqi_forest_builder_add(b, &leaf_tree, &err) == AQI_OK)
		n++;
	ok(n == AQI_FOREST_MAX_TREES && err.code == AQI_E_LIMIT &&
	   strcmp(err.reason, "tree 1000000: above the limit of 1000000 trees "
			      "or 268435456 nodes") == 0,
	   "the trees have a limit");
	aqi_forest_builder_free(b);
	b = aqi_forest_builder_new(&plain, &err);
	ok(aqi_forest_builder_add(b, &huge, &err) == AQI_FATAL &&
	   err.code == AQI_E_LIMIT &&
	   strcmp(err.reason, "tree 0: above the limit of 1000000 trees or "
			      "268435456 nodes") == 0,
	   "the nodes have one too, told before they are looked at");
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

/* The block. */

/* As the source has it, written a second time. */
static void
seal(char *block, size_t size)
{
	const size_t start = sizeof(struct aqi_block_seal);
	uint64_t sum[4] = {1, 2, 3, 4}, word;

	for (size_t i = start; i + 8 <= size; i += 8) {
		uint64_t *s = &sum[(i - start) / 8 % 4];

		memcpy(&word, block + i, 8);
		*s = (*s ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		*s ^= *s >> 32;
	}
	for (int k = 1; k < 4; k++)
		sum[0] = (sum[0] ^ sum[k]) * UINT64_C(0x9e3779b97f4a7c15);
	sum[0] ^= sum[0] >> 32;
	memcpy(block + offsetof(struct aqi_block_seal, checksum), sum, 8);
}

/* Set a 32-bit word of a copy, seal it, and adopt it. */
static struct aqi_forest *
tamper(struct aqi_slice block, size_t at, uint32_t word, struct aqi_error *err)
{
	char *copy = malloc(block.size);
	struct aqi_forest *f;

	memcpy(copy, block.data, block.size);
	memcpy(copy + at, &word, sizeof word);
	seal(copy, block.size);
	f = aqi_forest_copy((struct aqi_slice){copy, block.size}, err);
	free(copy);
	return f;
}

static void
test_block(void)
{
	struct aqi_forest *f = make_small(), *again = make_small(), *copy;
	struct aqi_slice block = aqi_forest_bytes(f);
	struct aqi_error err;

	ok(aqi_slice_equal(block, aqi_forest_bytes(again)) &&
	   (uintptr_t)block.data % AQI_BLOCK_ALIGN == 0 &&
	   aqi_forest_is_block(block), "the same model gives the same bytes");
	aqi_forest_free(again);
	again = aqi_forest_adopt(block, &err);
	ok(again && aqi_forest_bytes(again).data == block.data &&
	   predict(again, 2, 0, 6) == 97, "a block is used in place");
	aqi_forest_free(again);
	copy = aqi_forest_copy(block, &err);
	ok(copy && aqi_forest_bytes(copy).data != block.data &&
	   aqi_slice_equal(aqi_forest_bytes(copy), block), "or copied");
	aqi_forest_free(f);
	ok(copy && predict(copy, 2, 0, 6) == 97, "and then owes it nothing");
	aqi_forest_free(copy);
	ok(!aqi_forest_is_block((struct aqi_slice){"AQITREE", 7}),
	   "seven bytes are no block");
	aqi_forest_free(NULL);
	aqi_forest_builder_free(NULL);
}

static void
test_cuts(const struct aqi_slice block)
{
	struct aqi_error err;
	struct aqi_forest *f;
	size_t n_refused = 0;
	char *longer = calloc(1, block.size + 64);

	for (size_t n = 0; n < block.size; n++) {
		f = aqi_forest_copy((struct aqi_slice){block.data, n}, &err);
		n_refused += !f && err.code == AQI_E_MODEL;
		aqi_forest_free(f);
	}
	ok(n_refused == block.size, "a block cut at any byte is refused");
	memcpy(longer, block.data, block.size);
	f = aqi_forest_copy((struct aqi_slice){longer, block.size + 64}, &err);
	ok(says(f, &err, "the compiled forest is cut short, or has bytes "
		"behind it"),
	   "a block with bytes behind it is refused");
	free(longer);
}

/* Refused, or else as good as any: it predicts finite numbers. */
static bool
is_harmless(struct aqi_forest *f)
{
	bool finite = true;

	for (int i = 0; f && i < 8; i++) {
		double x[3] = {i & 1 ? 1 : 2, missing, i & 2 ? 6 : 8};

		x[2] = i & 4 ? missing : x[2];
		if (aqi_forest_shape(f).n_inputs <= 3)
			finite = finite &&
				 isfinite(predict(f, x[0], x[1], x[2]));
	}
	aqi_forest_free(f);
	return finite;
}

static void
test_flips(const struct aqi_slice block)
{
	char *copy = malloc(block.size);
	const struct aqi_slice changed = {copy, block.size};
	size_t n_refused = 0, n_harmless = 0, n = 0;
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < block.size; i++) {
		for (int bit = 0; bit <= 8; bit++, n++) {
			memcpy(copy, block.data, block.size);
			copy[i] ^= (char)(bit < 8 ? 1 << bit : 0xff);
			f = aqi_forest_copy(changed, &err);
			n_refused += !f;
			aqi_forest_free(f);
			seal(copy, block.size);
			n_harmless +=
				is_harmless(aqi_forest_copy(changed, &err));
		}
	}
	ok(n_refused == n, "any bit flipped is found by the checksum");
	ok(n_harmless == n, "with a checksum to match, it can do no harm");
	free(copy);
}

#define HEAD(field) offsetof(struct aqi_forest_header, field)

static void
test_door(void)
{
	struct aqi_forest *f = make_small();
	const struct aqi_slice block = aqi_forest_bytes(f);
	char *odd = aligned_alloc(AQI_BLOCK_ALIGN,
				  block.size + AQI_BLOCK_ALIGN);
	/* Where the arrays are, for 3 inputs, 2 trees, 2 views, 6 nodes. */
	const size_t bases = 192, views = 256, targets = 320, roots = 384,
		     nodes = 448, node = sizeof(struct aqi_forest_node);
	const char *no_count = "is damaged: a count is out of range";
	const char *no_fit = "is damaged: its parts do not fill it";
	const char *no_header = "is damaged: the header";
	const char *no_tree = "is damaged: a tree is not one";
	const struct {
		size_t at;
		uint32_t word;
		const char *reason;
	} changes[] = {
		{0, 0, "is not there"},
		{8, 1, "is of another version: compile it again"},
		{12, 0x04030201, "is for the other byte order: compile it "
				 "again here"},
		{16, 64, "is cut short, or has bytes behind it"},
		{HEAD(flags), 8, no_header},
		{HEAD(aggregate), 3, no_header},
		{HEAD(link.kind), AQI_LINK_LAST + 1, no_header},
		{HEAD(link.is_wide), 2, no_header},
		{HEAD(link.slope) + 4, 0x7ff00000, no_header},
		{HEAD(link.divisor) + 4, 0x80000000, no_header},
		{HEAD(n_inputs), 0, no_count},
		{HEAD(n_inputs), 65536, no_count},
		{HEAD(n_inputs) + 4, 1, no_count},
		{HEAD(n_margins), 0, no_count},
		{HEAD(n_margins), 1025, no_count},
		{HEAD(n_trees), 2000000, no_count},
		{HEAD(n_nodes) + 4, 1, no_count},
		{HEAD(n_views), 7, no_count},
		{HEAD(n_nodes), 6 + 64, no_fit},
		{HEAD(n_trees), 1, no_tree},
		{HEAD(reserved), 1, no_header},
		{bases + 4, 0x7ff80000, no_tree},
		{bases + 4, 0x47e00000, no_tree},
		{views, 3, no_tree},
		{views + 4, AQI_VIEW_LAST + 1, no_tree},
		{targets, 1, no_tree},
		{roots, 1, no_tree},
		{roots + 4, 0, no_tree},
		{roots + 4, 7, no_tree},
		{roots + 8, 5, no_tree},
		{nodes + 4, 0x7ff80000, no_tree},
		{nodes + 4, 0x47e00000, no_tree},
		{nodes + node + 8, 1, no_tree},
		{nodes + node + 8, 0, no_tree},
		{nodes + node + 12, 2, no_tree},
		{nodes + node + 12, AQI_FOREST_HAS_SET, no_tree},
		{nodes + 5 * node + 8, 6, no_tree},
	};
	char reason[100];
	struct aqi_error err;

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		snprintf(reason, sizeof reason, "the compiled forest %s",
			 changes[i].reason);
		ok(says(tamper(block, changes[i].at, changes[i].word, &err),
			&err, reason), "word at %zu: %s", changes[i].at,
		   changes[i].reason);
	}
	memcpy(odd + 8, block.data, block.size);
	ok(says(aqi_forest_adopt((struct aqi_slice){odd + 8, block.size}, &err),
		&err, "the compiled forest is at an odd place in memory"),
	   "a block must be aligned");
	ok(says(aqi_forest_copy((struct aqi_slice){block.data, 100}, &err),
		&err, "the compiled forest is cut short, or has bytes behind "
		"it"), "a header cut short");
	memcpy(odd, block.data, block.size);
	odd[block.size - 1] = 1;
	ok(says(aqi_forest_adopt((struct aqi_slice){odd, block.size}, &err),
		&err, "the compiled forest is damaged: the checksum is wrong"),
	   "a wrong checksum");
	test_cuts(block);
	test_flips(block);
	free(odd);
	aqi_forest_free(f);
}

int
main(void)
{
	test_small();
	test_order_of_sum();
	test_faults();
	test_shapes();
	test_limit();
	test_no_trees();
	test_deep();
	test_random();
	test_block();
	test_door();
	return done();
}
