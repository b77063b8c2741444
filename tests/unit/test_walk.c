#include "model/walk.h"

#include <string.h>

#include "model/block.h"
#include "model/measure.h"
#include "model/walk_kernel.h"
#include "model/ways.h"
#include "plant.h"
#include "tap.h"

#define MOST_ROWS 40

static struct aqi_walk *
make_walk(const struct aqi_forest *forest, const char *kernel)
{
	struct aqi_walk *walk;
	struct aqi_error err;

	if (aqi_walk_new(forest, kernel, &walk, &err) != AQI_OK)
		abort();
	return walk;
}

/* Margins in which a walk differs from the forest, for numbers of rows around
 * those that are walked at once. */
static size_t
compare(const struct aqi_forest *forest, const char *kernel, const double *x)
{
	static const size_t some_rows[] = {1, 2, 15, 16, 17, 32, MOST_ROWS};
	const size_t n_margins = aqi_forest_shape(forest).n_margins;
	double right[MOST_ROWS * MAX_PLAN_MARGINS];
	double ours[MOST_ROWS * MAX_PLAN_MARGINS + 1];
	struct aqi_walk *walk = make_walk(forest, kernel);
	size_t n_different = 0;

	if (!walk)
		return SIZE_MAX / 1000;
	aqi_forest_predict(forest, x, MOST_ROWS, right);
	for (size_t k = 0; k < sizeof some_rows / sizeof *some_rows; k++) {
		const size_t n = some_rows[k] * n_margins;

		ours[n] = 12345;
		aqi_walk_predict(walk, x, some_rows[k], ours);
		n_different += count_different(right, ours, n);
		/* And nothing behind them is touched. */
		n_different += ours[n] < 12345 || ours[n] > 12345;
	}
	aqi_walk_free(walk);
	return n_different;
}

static struct plan
some_plan(size_t i)
{
	return (struct plan){
		.n_trees = 1 + aqi_random_below(&rng, 30),
		.depth = i % 8 == 0 ? 5 : i % 7 == 0 ? 30 : (unsigned)i % 11,
		.n_inputs = 1 + aqi_random_below(&rng, i % 5 == 0 ? 300 : 9),
		.rare = 4 + (unsigned)i % 20,
		.is_vine = i % 7 == 0,
		.n_margins = i % 3 == 0 ? 1 + aqi_random_below(&rng, 4) : 1,
		.repeats = i % 6 == 0,
		.is_mixed = i % 9 == 0,
		.is_wide = i % 2,
		.has_rules = i % 4 == 0,
		.has_sets = i % 8 == 0,
	};
}

static void
test_equal(void)
{
	size_t n_trees = 0, n_rows = 0;

	for (size_t i = 0; i < 300; i++) {
		const struct plan plan = some_plan(i);
		struct aqi_forest *forest = plant_as(&plan);
		double *x = make_samples(MOST_ROWS, plan.n_inputs);

		n_trees += compare(forest, "trees", x);
		n_rows += compare(forest, "rows", x);
		free(x);
		aqi_forest_free(forest);
	}
	ok(n_trees == 0, "margins of trees walked at once are the forest's, "
	   "bit for bit");
	ok(n_rows == 0, "so are those of rows walked at once");
}

/* So many rows that they are laid out in several blocks. */
static void
test_blocks(void)
{
	enum { N = 1024 + 17 };
	struct aqi_forest *forest = plant(20, 6, 3, 9);
	struct aqi_walk *walk = make_walk(forest, "rows");
	double *x = make_samples(N, 3), right[N], ours[N];

	aqi_forest_predict(forest, x, N, right);
	if (walk)
		aqi_walk_predict(walk, x, N, ours);
	ok(walk && count_different(right, ours, N) == 0,
	   "more rows than a block has are predicted too");
	aqi_walk_free(walk);
	aqi_forest_free(forest);
	free(x);
}

/* A tree for each of n inputs. */
static struct aqi_forest *
plant_stumps(size_t n, enum aqi_aggregate aggregate)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = n, .n_margins = 1, .link = AQI_LINK_PLAIN,
		.aggregate = aggregate,
	};
	struct aqi_tree_node nodes[] = {
		{.left = 1, .right = 2},
		{.is_leaf = true, .value = 1},
		{.is_leaf = true, .value = 2},
	};
	const struct aqi_tree tree = {.nodes = nodes, .n_nodes = 3};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest;

	for (size_t i = 0; i < n; i++) {
		nodes[0].input = (int64_t)i;
		add_tree(b, &tree);
	}
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

static bool
has_walk(struct aqi_forest *forest)
{
	struct aqi_walk *walk = make_walk(forest, "trees");
	bool has = walk != NULL;

	aqi_walk_free(walk);
	aqi_forest_free(forest);
	return has;
}

/* A tree of so many splits, each of its own set or of one threshold, as a heap:
 * behind each node stand those below it. */
struct heap {
	size_t n_splits;
	bool has_sets;
	double members[1];
};

static void
make_node(const void *self, size_t i, struct aqi_tree_node *node)
{
	const struct heap *heap = self;

	*node = (struct aqi_tree_node){.is_leaf = i >= heap->n_splits,
				       .value = 1};
	if (i >= heap->n_splits)
		return;
	node->left = 2 * (int64_t)i + 1;
	node->right = node->left + 1;
	node->has_set = heap->has_sets;
	node->set = heap->members;
	node->n_set = heap->has_sets;
}

static struct aqi_forest *
plant_heap(size_t n_splits, bool has_sets)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 1, .n_margins = 1, .link = AQI_LINK_PLAIN,
	};
	const struct heap heap = {.n_splits = n_splits, .has_sets = has_sets,
				  .members = {1}};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, NULL);
	struct aqi_forest *forest;

	add_tree(b, &(struct aqi_tree){.node = make_node, .self = &heap,
				       .n_nodes = 2 * n_splits + 1});
	forest = aqi_forest_builder_finish(b, NULL);
	aqi_forest_builder_free(b);
	return forest;
}

/* Why a walk has no such forest, as it is told before one is made. */
static bool
is_unfit(const struct aqi_forest *forest, const char *why)
{
	struct aqi_measure measure;
	const char *said = NULL;

	if (aqi_measure_take(forest, &measure, NULL) != AQI_OK)
		abort();
	for (size_t i = 0; i < AQI_WAYS; i++)
		if (strcmp(aqi_ways[i].name, "walk") == 0)
			said = aqi_ways[i].method->unfit(&measure);
	return said && strcmp(said, why) == 0;
}

static void
test_large(void)
{
	struct aqi_forest *large = plant_heap(AQI_WALK_LARGEST / 2, false);

	ok(aqi_forest_nodes(large) == AQI_WALK_LARGEST + 1 &&
	   is_unfit(large, "too large a tree") && !has_walk(large),
	   "a tree of more nodes than AQI_WALK_LARGEST is left to the forest");
	ok(has_walk(plant_heap(AQI_WALK_LARGEST / 2 - 1, false)),
	   "and no smaller one");
	large = plant_heap(AQI_WALK_COLUMNS + 1, true);
	ok(is_unfit(large, "too many inputs and sets") && !has_walk(large),
	   "so is a forest of more sets than AQI_WALK_COLUMNS");
}

/* A layout whose sets are not in order, or whose base is no number, under a
 * seal that holds. */
static void
test_door(void)
{
	struct aqi_forest *forest = plant_as(&(struct plan){
		.n_trees = 9, .depth = 4, .n_inputs = 3, .rare = 9,
		.has_sets = true});
	struct aqi_walk *walk = make_walk(forest, "trees"), *taken;
	const struct aqi_slice block = aqi_walk_bytes(walk);
	const size_t sets = (size_t)((const char *)walk->sets - block.data);
	const size_t bases = (size_t)((const char *)walk->bases - block.data);
	const struct {
		size_t at;
		uint32_t word;
	} changes[] = {{sets, UINT32_MAX}, {bases + 4, 0x7ff00000}};
	char *bytes = aqi_block_alloc(block.size);
	struct aqi_error err;

	memcpy(bytes, block.data, block.size);
	taken = aqi_walk_adopt((struct aqi_slice){bytes, block.size}, forest,
			       "trees", &err);
	ok(walk->header->n_sets > 1 && taken, "a layout with sets is adopted");
	aqi_walk_free(taken);
	for (size_t i = 0; i < 2; i++) {
		memcpy(bytes, block.data, block.size);
		memcpy(bytes + changes[i].at, &changes[i].word, 4);
		aqi_block_finish(bytes);
		taken = aqi_walk_adopt((struct aqi_slice){bytes, block.size},
				       forest, "trees", &err);
		ok(!taken && err.code == AQI_E_MODEL &&
		   strcmp(err.reason, "the compiled layout of walks is "
			  "damaged: an index is out of range") == 0,
		   "but not with %s", i == 0 ? "sets out of order" :
		   "an infinite base");
		aqi_walk_free(taken);
	}
	free(bytes);
	aqi_walk_free(walk);
	aqi_forest_free(forest);
}

static void
test_limits(void)
{
	const size_t most = AQI_WALK_COLUMNS;

	ok(has_walk(plant_stumps(most - 1, AQI_AGGREGATE_SUM)),
	   "AQI_WALK_COLUMNS are one for leaves, and the inputs");
	ok(!has_walk(plant_stumps(most, AQI_AGGREGATE_SUM)), "and no more");
	ok(!has_walk(plant_stumps(1, AQI_AGGREGATE_MAX)),
	   "the largest leaf is left to the forest");
	ok(!has_walk(plant_as(&(struct plan){
		.n_trees = 9, .depth = 3, .n_inputs = 2, .rare = 99,
		.has_functions = true})), "so are leaves that are functions");
	ok(!has_walk(plant(0, 1, 1, 5)), "so is a forest without trees");
}

int
main(void)
{
	start_random();
	test_equal();
	test_blocks();
	test_limits();
	test_large();
	test_door();
	return done();
}
