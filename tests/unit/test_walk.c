#include "model/walk.h"

#include "model/walk_kernel.h"
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
	return done();
}
