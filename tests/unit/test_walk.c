#include "model/walk.h"

#include "plant.h"
#include "tap.h"

/* Rows of which the two differ in any bit. */
static size_t
compare(const struct aqi_forest *forest, const struct aqi_walk *walk,
	size_t n_rows, size_t n_inputs)
{
	double *x = make_samples(n_rows, n_inputs);
	double *y = malloc(2 * n_rows * sizeof *y);
	size_t n;

	aqi_forest_predict(forest, x, n_rows, y);
	aqi_walk_predict(walk, x, n_rows, y + n_rows);
	n = count_different(y, y + n_rows, n_rows);
	free(x);
	free(y);
	return n;
}

static void
test_equal(void)
{
	size_t n_different = 0, n_walks = 0;
	struct aqi_error err;

	for (int i = 0; i < 300; i++) {
		size_t n_trees = 1 + aqi_random_below(&rng, 30);
		size_t n_inputs = i % 50 == 0 ? AQI_WALK_INPUTS :
				  1 + aqi_random_below(&rng, 20);
		unsigned depth = (unsigned)aqi_random_below(&rng,
							AQI_WALK_DEPTH + 1);
		struct aqi_forest *forest = plant(n_trees, depth, n_inputs,
						  5 + (unsigned)i % 20);
		struct aqi_walk *walk;

		if (aqi_walk_new(forest, &walk, &err) != AQI_OK)
			abort();
		if (walk) {
			n_walks++;
			n_different += compare(forest, walk, 50, n_inputs);
		}
		aqi_walk_free(walk);
		aqi_forest_free(forest);
	}
	ok(n_walks > 200, "most forests can be laid out");
	ok(n_different == 0, "the margins are the forest's, bit for bit");
}

/* A sum of -0 alone stays -0, though the group has trees that are none. */
static void
test_zero(void)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 1, .n_margins = 1, .bases = &(double){-0.0},
		.link = AQI_LINK_PLAIN,
	};
	const struct aqi_tree_node leaf = {.is_leaf = true, .value = -0.0};
	const struct aqi_tree tree = {.nodes = &leaf, .n_nodes = 1};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest = NULL;
	struct aqi_walk *walk = NULL;
	double x = 1, y = 1;

	if (aqi_forest_builder_add(b, &tree, &err) == AQI_OK)
		forest = aqi_forest_builder_finish(b, &err);
	ok(forest && aqi_walk_new(forest, &walk, &err) == AQI_OK && walk,
	   "a tree of one leaf can be laid out");
	if (walk)
		aqi_walk_predict(walk, &x, 1, &y);
	ok(y == 0 && signbit(y), "a sum of -0 stays so");
	aqi_walk_free(walk);
	aqi_forest_free(forest);
	aqi_forest_builder_free(b);
}

/* Is there no layout, and no error? */
static bool
is_left(struct aqi_forest *forest)
{
	struct aqi_walk *walk;
	struct aqi_error err;
	bool is_none = aqi_walk_new(forest, &walk, &err) == AQI_OK && !walk;

	aqi_walk_free(walk);
	aqi_forest_free(forest);
	return is_none;
}

/* One long branch: nearly all places of a perfect tree would be padding. */
static struct aqi_forest *
plant_vines(size_t n_trees, unsigned depth)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 1, .n_margins = 1, .link = AQI_LINK_PLAIN,
	};
	struct aqi_tree_node nodes[2 * AQI_WALK_DEPTH + 3] = {0};
	struct aqi_tree tree = {.nodes = nodes};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest = NULL;
	size_t n = 1;

	for (unsigned d = 0; d < depth; d++, n += 2) {
		nodes[n == 1 ? 0 : n - 1] = (struct aqi_tree_node){
			.left = (int64_t)n, .right = (int64_t)n + 1};
		nodes[n].is_leaf = nodes[n + 1].is_leaf = true;
	}
	tree.n_nodes = n;
	for (size_t t = 0; t < n_trees; t++)
		if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
			abort();
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

static void
test_unsuited(void)
{
	ok(is_left(plant_vines(8, AQI_WALK_DEPTH + 1)),
	   "trees deeper than AQI_WALK_DEPTH are left to the forest");
	ok(is_left(plant_vines(500, AQI_WALK_DEPTH)),
	   "so are many that would be mostly padding");
	ok(!is_left(plant_vines(8, AQI_WALK_DEPTH)),
	   "a few of these do no harm");
	ok(is_left(plant(1, 1, AQI_WALK_INPUTS + 1, 5)),
	   "so is a row of more than AQI_WALK_INPUTS");
	ok(is_left(plant(0, 1, 1, 5)), "so is a forest without trees");
}

int
main(void)
{
	start_random();
	test_equal();
	test_zero();
	test_unsuited();
	return done();
}
