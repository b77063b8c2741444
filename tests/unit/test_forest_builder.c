#include "model/forest_builder.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "small_forest.h"

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

static void
test_faults(void)
{
	struct aqi_tree_node nodes[5];
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&plain, &err);
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
	ok(aqi_forest_builder_add(b, &(struct aqi_tree){
		.nodes = &leaf, .n_nodes = 1, .target = 1}, &err) != AQI_OK &&
	   strcmp(err.reason, "tree 0: no output 1 among 1") == 0,
	   "a tree for a margin that is none");
	aqi_forest_builder_free(b);
	memcpy(nodes, small_tree, sizeof nodes);
	nodes[2] = faults[10].to;
	f = make(&plain, nodes, 5, 2, &err);
	ok(f && aqi_forest_nodes(f) == 4 && predict(f, 2, 0, 0) == 107.5,
	   "nodes that pruning left behind are passed over");
	aqi_forest_free(f);
}

static const struct aqi_tree_term odd_terms[] = {
	{(double)NAN, 0}, {1, 3}, {1, -1}, {(double)INFINITY, 1}
};

/* What else a node can have, and what is said of it. */
static const struct fault more_faults[] = {
	{4, {.is_leaf = true, .cover = -1},
	 "tree 1 node 4: the number of its samples is not finite, or below 0"},
	{2, {.value = 7, .input = 2, .left = 4, .right = 3, .cover = NAN},
	 "tree 1 node 2: the number of its samples is not finite, or below 0"},
	{2, {.value = 7, .input = 2, .left = 4, .right = 3, .gain = INFINITY},
	 "tree 1 node 2: the gain is not finite"},
	{2, {.has_set = true, .set = (const double[]){1, (double)NAN},
	     .n_set = 2, .input = 2, .left = 4, .right = 3},
	 "tree 1 node 2: a category is not finite"},
	{2, {.has_set = true, .set = (const double[]){1e39}, .n_set = 1,
	     .input = 2, .left = 4, .right = 3},
	 "tree 1 node 2: a category is not finite"},
	{2, {.has_set = true, .n_set = AQI_FOREST_MAX_NODES + 1, .input = 2,
	     .left = 4, .right = 3}, "tree 1 node 2: too many categories"},
	{4, {.is_leaf = true, .is_linear = true, .constant = (double)NAN},
	 "tree 1 node 4: the constant is not finite"},
	{4, {.is_leaf = true, .is_linear = true, .terms = &odd_terms[0],
	     .n_terms = 1}, "tree 1 node 4: a coefficient is not finite"},
	{4, {.is_leaf = true, .is_linear = true, .terms = &odd_terms[3],
	     .n_terms = 1}, "tree 1 node 4: a coefficient is not finite"},
	{4, {.is_leaf = true, .is_linear = true, .terms = &odd_terms[1],
	     .n_terms = 1}, "tree 1 node 4: no input 3 among 3"},
	{4, {.is_leaf = true, .is_linear = true, .terms = &odd_terms[2],
	     .n_terms = 1}, "tree 1 node 4: no input -1 among 3"},
	{4, {.is_leaf = true, .is_linear = true, .terms = &odd_terms[2],
	     .n_terms = AQI_FOREST_MAX_NODES + 1},
	 "tree 1 node 4: too many coefficients"},
	{2, {.value = 1e39, .input = 2, .left = 4, .right = 3},
	 "tree 1 node 2: the threshold is not finite"},
	{4, {.is_leaf = true, .value = -1e39},
	 "tree 1 node 4: the leaf's value is not finite"},
};

static void
test_more_faults(void)
{
	struct aqi_tree_node nodes[5];
	struct aqi_forest_shape shape = plain;
	struct aqi_error err;
	struct aqi_forest *f;

	shape.has_covers = shape.has_gains = true;
	for (size_t i = 0; i < sizeof more_faults / sizeof *more_faults; i++) {
		memcpy(nodes, small_tree, sizeof nodes);
		nodes[more_faults[i].node] = more_faults[i].to;
		f = make(&shape, nodes, 5, 0, &err);
		ok(says(f, &err, more_faults[i].reason), "refused: %s",
		   more_faults[i].reason);
	}
	shape.is_wide = true;
	memcpy(nodes, small_tree, sizeof nodes);
	nodes[2].value = 1e39;
	f = make(&shape, nodes, 5, 0, &err);
	ok(f && predict(f, 2, 0, 1e38) == 97 && predict(f, 2, 0, 1e40) == 104.5,
	   "a wide forest has room for what is no float");
	aqi_forest_free(f);
}

/* Two trees: the second is said to repeat the first. */
static struct aqi_forest *
repeat(const struct aqi_tree_node *first, const struct aqi_tree_node *second,
       struct aqi_error *err)
{
	struct aqi_forest_shape shape = plain;
	struct aqi_tree tree = {.nodes = first, .n_nodes = 5};
	struct aqi_forest_builder *b;
	struct aqi_forest *forest = NULL;

	shape.n_margins = 2;
	shape.bases = NULL;
	b = aqi_forest_builder_new(&shape, err);
	if (aqi_forest_builder_add(b, &tree, err) == AQI_OK) {
		tree.nodes = second;
		tree.n_nodes = second == &leaf ? 1 : 5;
		tree.target = 1;
		tree.repeats = true;
		if (aqi_forest_builder_add(b, &tree, err) == AQI_OK)
			forest = aqi_forest_builder_finish(b, err);
	}
	aqi_forest_builder_free(b);
	return forest;
}

static void
test_repeats(void)
{
	static const char reason[] =
		"tree 1: does not decide as the tree before it";
	static const double few[] = {1, 2}, same[] = {2, 1}, other[] = {1, 3};
	const struct aqi_tree_node changes[] = {
		{.value = 7.5, .input = 2, .left = 4, .right = 3,
		 .default_left = true},
		{.value = 7, .input = 1, .left = 4, .right = 3,
		 .default_left = true},
		{.value = 7, .input = 2, .left = 4, .right = 3},
		{.value = 7, .input = 2, .left = 4, .right = 3,
		 .default_left = true, .rule = AQI_VIEW_WHOLE},
		{.has_set = true, .set = few, .n_set = 2, .input = 2,
		 .left = 4, .right = 3, .default_left = true},
	};
	struct aqi_tree_node nodes[5], set_nodes[5];
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		memcpy(nodes, small_tree, sizeof nodes);
		nodes[2] = changes[i];
		ok(says(repeat(small_tree, nodes, &err), &err, reason),
		   "a tree with another split is no repetition");
	}
	ok(says(repeat(small_tree, &leaf, &err), &err, reason),
	   "nor is one of another size");
	memcpy(nodes, small_tree, sizeof nodes);
	nodes[1] = small_tree[2];
	nodes[2] = small_tree[1];
	ok(says(repeat(small_tree, nodes, &err), &err, reason),
	   "nor one of another shape");
	memcpy(set_nodes, nodes, sizeof nodes);
	memcpy(nodes, small_tree, sizeof nodes);
	memcpy(set_nodes, small_tree, sizeof nodes);
	nodes[2] = set_nodes[2] = changes[4];
	set_nodes[2].set = other;
	ok(says(repeat(nodes, set_nodes, &err), &err, reason),
	   "nor one with another set");
	set_nodes[2].set = same;
	set_nodes[4].value = 9;
	f = repeat(nodes, set_nodes, &err);
	ok(f && aqi_forest_source_trees(f) == 1,
	   "one with the same sets and other leaves is");
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
	shape.n_margins = 0;
	ok(!aqi_forest_builder_new(&shape, &err) &&
	   strcmp(err.reason, "0 outputs; 1 to 1024 are supported") == 0,
	   "and margins");
	shape.n_margins = 1025;
	ok(!aqi_forest_builder_new(&shape, &err) &&
	   strcmp(err.reason, "1025 outputs; 1 to 1024 are supported") == 0,
	   "which have a limit too");
	shape = plain;
	shape.bases = &(double){1e39};
	ok(!aqi_forest_builder_new(&shape, &err) &&
	   strcmp(err.reason, "the base margin is not finite") == 0,
	   "the base margin of a narrow forest is a float");
	shape.bases = &(double){infinite};
	ok(!aqi_forest_builder_new(&shape, &err) &&
	   strcmp(err.reason, "the base margin is not finite") == 0,
	   "the base margin is finite");
}

static void
test_limit(void)
{
	struct aqi_error err = {0};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&plain, &err);
	struct aqi_forest_builder *both[2];
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
	both[0] = b;
	both[1] = aqi_forest_builder_new(&plain, &err);
	err = (struct aqi_error){0};
	ok(aqi_forest_builder_add(both[1], &leaf_tree, &err) == AQI_OK &&
	   !aqi_forest_builder_join(both, 2, &err) &&
	   err.code == AQI_E_LIMIT &&
	   strcmp(err.reason, "above the limit of 1000000 trees or 268435456 "
			      "nodes") == 0,
	   "so have those of two builders together");
	aqi_forest_builder_free(both[1]);
	aqi_forest_builder_free(b);
	b = aqi_forest_builder_new(&plain, &err);
	ok(aqi_forest_builder_add(b, &huge, &err) == AQI_FATAL &&
	   err.code == AQI_E_LIMIT &&
	   strcmp(err.reason, "tree 0: above the limit of 1000000 trees or "
			      "268435456 nodes") == 0,
	   "the nodes have one too, told before they are looked at");
	aqi_forest_builder_free(b);
}

#define MOST_SPLITS 20
#define MOST_INPUTS 5

/* A tree with a bit of everything. */
static void
draw_tree(struct aqi_random *random, struct aqi_tree_node *nodes,
	  struct aqi_tree *tree)
{
	static const double set[] = {4, 1, 7, 1};
	static const struct aqi_tree_term terms[] = {{1.5, 0}, {-2, 4}};
	const size_t n_splits = aqi_random_below(random, MOST_SPLITS);

	*tree = (struct aqi_tree){
		.nodes = nodes, .n_nodes = 2 * n_splits + 1,
		.target = aqi_random_below(random, 2),
	};
	for (size_t i = 0; i < tree->n_nodes; i++) {
		const bool is_leaf = i >= n_splits;
		const bool is_odd = aqi_random_below(random, 4) == 0;

		nodes[i] = (struct aqi_tree_node){
			.is_leaf = is_leaf,
			.value = aqi_random_uniform(random, -1, 1),
			.rule = (enum aqi_view_rule)aqi_random_below(
				random, AQI_VIEW_LAST + 1),
			.left = 2 * (int64_t)i + 1,
			.right = 2 * (int64_t)i + 2,
			.cover = (float)i,
			.has_set = !is_leaf && is_odd,
			.is_linear = is_leaf && is_odd,
		};
		if (is_leaf) {
			nodes[i].terms = terms;
			nodes[i].n_terms = aqi_random_below(random, 3);
		} else {
			nodes[i].input = (int64_t)aqi_random_below(random,
								MOST_INPUTS);
			nodes[i].set = set;
			nodes[i].n_set = aqi_random_below(random, 5);
		}
	}
}

/* Trees by one builder, and the same by several. */
static void
test_join(void)
{
	enum { N_TREES = 100, MOST = 7 };
	struct aqi_random random = aqi_random_new(1, 0);
	const struct aqi_forest_shape shape = {
		.is_wide = true, .has_covers = true, .n_inputs = MOST_INPUTS,
		.n_margins = 2,
	};
	struct aqi_tree_node nodes[2 * MOST_SPLITS + 1];
	size_t n_same = 0;

	for (size_t n = 1; n <= MOST; n++) {
		struct aqi_forest_builder *whole, *parts[MOST];
		struct aqi_forest *one, *many;
		struct aqi_tree tree;
		bool added = true;

		whole = aqi_forest_builder_new(&shape, NULL);
		for (size_t i = 0; i < n; i++)
			parts[i] = aqi_forest_builder_new(&shape, NULL);
		for (size_t t = 0; t < N_TREES; t++) {
			draw_tree(&random, nodes, &tree);
			added &= !aqi_forest_builder_add(whole, &tree, NULL);
			added &= !aqi_forest_builder_add(
				parts[t * n / N_TREES], &tree, NULL);
		}
		one = aqi_forest_builder_finish(whole, NULL);
		many = aqi_forest_builder_join(parts, n, NULL);
		n_same += added && one && many &&
			  aqi_slice_equal(aqi_forest_bytes(one),
					  aqi_forest_bytes(many));
		aqi_forest_free(one);
		aqi_forest_free(many);
		aqi_forest_builder_free(whole);
		for (size_t i = 0; i < n; i++)
			aqi_forest_builder_free(parts[i]);
	}
	ok(n_same == MOST, "a forest that 1 to %d builders have made is the "
	   "same to the byte", MOST);
}

/* A forest of 6 small trees that see their inputs in so many ways. */
static struct aqi_forest *
make_expected(size_t n_trees, size_t n_nodes, size_t n_views, bool has_set)
{
	static const double set[] = {1, 2};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&plain, NULL);
	struct aqi_forest *f = NULL;
	bool added = true;

	if (n_trees > 0)
		aqi_forest_builder_expect(b, n_trees, n_nodes);
	for (size_t t = 0; t < 6; t++) {
		const struct aqi_tree tree = {
			.nodes = (const struct aqi_tree_node[]){
				{.value = (double)t, .left = 1, .right = 2,
				 .input = (int64_t)(2 * t % n_views % 3),
				 .rule = (enum aqi_view_rule)
					 (2 * t % n_views / 3)},
				{.is_leaf = true, .value = 1},
				{.value = 7, .left = 3, .right = 4,
				 .input = (int64_t)((2 * t + 1) % n_views % 3),
				 .rule = (enum aqi_view_rule)
					 ((2 * t + 1) % n_views / 3),
				 .has_set = has_set && t == 4, .set = set,
				 .n_set = 2},
				{.is_leaf = true, .value = 2},
				{.is_leaf = true, .value = (double)t},
			}, .n_nodes = 5,
		};

		added &= aqi_forest_builder_add(b, &tree, NULL) == AQI_OK;
	}
	if (added)
		f = aqi_forest_builder_finish(b, NULL);
	aqi_forest_builder_free(b);
	return f;
}

static void
test_expected(void)
{
	static const struct {
		size_t n_trees, n_nodes;
	} numbers[] = {{6, 30}, {5, 25}, {7, 30}, {6, 29}, {6, 31}, {1, 1}};
	static const size_t views[] = {2, 3, 8, 9, 12};
	const size_t n_numbers = sizeof numbers / sizeof *numbers;

	for (size_t v = 0; v < 2 * sizeof views / sizeof *views; v++) {
		const bool has_set = v % 2;
		struct aqi_forest *wanted = make_expected(0, 0, views[v / 2],
							  has_set);
		size_t n_same = 0;

		for (size_t i = 0; i < n_numbers; i++) {
			struct aqi_forest *f = make_expected(
				numbers[i].n_trees, numbers[i].n_nodes,
				views[v / 2], has_set);

			n_same += wanted && f &&
				  aqi_slice_equal(aqi_forest_bytes(wanted),
						  aqi_forest_bytes(f));
			aqi_forest_free(f);
		}
		ok(n_same == n_numbers, "a forest of %zu views, %s a set, is "
		   "the same whatever was expected", views[v / 2],
		   has_set ? "with" : "without");
		aqi_forest_free(wanted);
	}
}

/* A tree that is refused at its last node, behind a leaf with a function. */
static bool
refuse(struct aqi_forest_builder *b)
{
	static const struct aqi_tree_term term = {.coefficient = 2, .input = 1};
	struct aqi_tree_node nodes[5];

	memcpy(nodes, small_tree, sizeof nodes);
	nodes[1].is_linear = true;
	nodes[1].constant = 3;
	nodes[1].terms = &term;
	nodes[1].n_terms = 1;
	nodes[4].value = (double)NAN;
	return aqi_forest_builder_add(b, &(struct aqi_tree){
		.nodes = nodes, .n_nodes = 5}, NULL) != AQI_OK;
}

/* x1 < 7 ? 1 : 2. */
static const struct aqi_tree_columns stump = {
	.n_splits = 1,
	.values = (const double[]){7, 1, 2},
	.inputs = (const uint32_t[]){1},
	.rules = (const uint32_t[]){AQI_VIEW_PLAIN},
	.children = (const uint32_t[]){1, 2, 0, 0, 0, 0},
};

/* What a refused tree has left is not the next one's, whichever way that is
 * added, nor the forest's where none comes. */
static void
test_refused(void)
{
	struct aqi_forest_shape shape = plain;
	struct aqi_forest *f[3] = {NULL};

	shape.is_wide = true;
	for (size_t i = 0; i < 3; i++) {
		struct aqi_forest_builder *b =
			aqi_forest_builder_new(&shape, NULL);
		bool is_added = aqi_forest_builder_add_columns(b, &stump) &&
				refuse(b);

		if (i == 1)
			is_added = is_added && aqi_forest_builder_add(
				b, &leaf_tree, NULL) == AQI_OK;
		else if (i == 2)
			is_added = is_added &&
				   aqi_forest_builder_add_columns(b, &stump);
		f[i] = is_added ? aqi_forest_builder_finish(b, NULL) : NULL;
		aqi_forest_builder_free(b);
	}
	ok(f[0] && aqi_forest_nodes(f[0]) == 3 && predict(f[0], 0, 5, 0) == 1.5,
	   "a tree that was refused leaves nothing behind");
	ok(f[1] && aqi_forest_nodes(f[1]) == 4 &&
	   predict(f[1], 0, 5, 0) == 101.5, "nor to the tree that follows");
	ok(f[2] && aqi_forest_nodes(f[2]) == 6 && predict(f[2], 0, 8, 0) == 4.5,
	   "nor to one in columns");
	for (size_t i = 0; i < 3; i++)
		aqi_forest_free(f[i]);
}

static void
test_halves(void)
{
	struct aqi_forest_shape shape = plain;
	struct aqi_forest_builder *b, *second;
	struct aqi_forest *f = NULL;
	struct aqi_error err = {.reason = "untouched"};

	shape.is_wide = true;
	b = aqi_forest_builder_new(&shape, NULL);
	ok(!aqi_forest_builder_halve(b, 1, 3),
	   "a builder that expects nothing is not halved");
	/* Two nodes more than there are, as halves want. */
	aqi_forest_builder_expect(b, 2, 8);
	ok(!aqi_forest_builder_halve(b, 3, 3) &&
	   !aqi_forest_builder_halve(b, 1, 7), "nor by more than it expects");
	second = aqi_forest_builder_halve(b, 1, 3);
	ok(second &&
	   aqi_forest_builder_add(second, &leaf_tree, &err) != AQI_OK &&
	   strcmp(err.reason, "untouched") == 0,
	   "a half takes no tree by its nodes");
	ok(aqi_forest_builder_add_columns(b, &stump) &&
	   !aqi_forest_builder_add_columns(b, &stump) &&
	   aqi_forest_builder_add_columns(second, &stump) &&
	   !aqi_forest_builder_add_columns(second, &stump),
	   "nor more trees than are its own");
	if (aqi_forest_builder_unite(b, second))
		f = aqi_forest_builder_finish(b, NULL);
	ok(f && predict(f, 0, 8, 0) == 4.5, "both together have all trees");
	aqi_forest_free(f);
	aqi_forest_builder_free(second);
	aqi_forest_builder_free(b);

	for (size_t i = 0; i < 2; i++) {
		b = aqi_forest_builder_new(&shape, NULL);
		aqi_forest_builder_expect(b, 2, 8);
		second = aqi_forest_builder_halve(b, 1, 3);
		ok(second && aqi_forest_builder_add_columns(
			   i == 0 ? b : second, &stump) &&
		   !aqi_forest_builder_unite(b, second),
		   "without a tree of the %s they have not", i == 0 ?
		   "second" : "first");
		aqi_forest_builder_free(second);
		aqi_forest_builder_free(b);
	}
}

int
main(void)
{
	test_join();
	test_expected();
	test_refused();
	test_halves();
	test_faults();
	test_more_faults();
	test_repeats();
	test_shapes();
	test_limit();
	return done();
}
