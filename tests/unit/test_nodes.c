#include "model/nodes.h"

#include "model/nodes_kernel.h"
#include "plant.h"
#include "tap.h"

/* The kernel for AVX-512 once more, its instructions written out. */
#define AQI_TWINS
#define aqi_nodes_avx512 aqi_nodes_twin
aqi_nodes_fn aqi_nodes_twin;
#include "model/nodes_avx512.c"

#define N_ROWS 20

static struct aqi_nodes *
make_nodes(const struct aqi_forest *forest)
{
	struct aqi_nodes *nodes;
	struct aqi_error err;

	if (aqi_nodes_new(forest, "portable", &nodes, &err) != AQI_OK)
		abort();
	return nodes;
}

static const struct {
	const char *name;
	aqi_nodes_fn *predict;
	const char *needs;	/* a kernel that the processor must have */
} kernels[] = {
	{"portable", aqi_nodes_portable, "portable"},
	{"avx2", aqi_nodes_avx2, "avx2"},
	{"avx512", aqi_nodes_avx512, "avx512"},
	{"avx512, written out", aqi_nodes_twin, "portable"},
};

#define N_KERNELS (sizeof kernels / sizeof *kernels)

/* Margins in which each kernel differs from the forest. */
static void
check_kernels(const struct aqi_forest *forest, const struct aqi_nodes *nodes,
	      size_t n_different[N_KERNELS])
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	const size_t n = N_ROWS * shape.n_margins;
	double *x = make_samples(N_ROWS, shape.n_inputs);
	double right[N_ROWS * MAX_PLAN_MARGINS];
	double ours[N_ROWS * MAX_PLAN_MARGINS + 1];

	aqi_forest_predict(forest, x, N_ROWS, right);
	for (size_t k = 0; k < N_KERNELS; k++) {
		if (!aqi_nodes_has_kernel(kernels[k].needs))
			continue;
		ours[n] = 12345;
		kernels[k].predict(nodes, x, N_ROWS, ours);
		n_different[k] += count_different(right, ours, n);
		n_different[k] += ours[n] < 12345 || ours[n] > 12345;
	}
	free(x);
}

/* Of all that there can be; one of many inputs each so often. */
static struct plan
some_plan(size_t i)
{
	return (struct plan){
		.n_trees = 1 + aqi_random_below(&rng, 40),
		.depth = (unsigned)i % (AQI_NODES_DEPTH + 1),
		.n_inputs = 1 + aqi_random_below(&rng, i % 4 == 0 ? 40 : 7),
		.rare = 4 + (unsigned)i % 20,
		.is_vine = i % 11 == 0,
		.n_margins = i % 3 == 0 ? 1 + aqi_random_below(&rng, 4) : 1,
		.repeats = i % 6 == 0,
		.is_mixed = i % 9 == 0,
		.is_wide = i % 2,
		.has_rules = i % 5 == 0,
	};
}

static void
test_equal(void)
{
	size_t n_different[N_KERNELS] = {0}, n_nodes = 0, n_large = 0;

	for (size_t i = 0; i < 300; i++) {
		const struct plan plan = some_plan(i);
		struct aqi_forest *forest;
		struct aqi_nodes *nodes;

		n_values = i % 3 == 0 ? 200 : 16;
		forest = plant_as(&plan);
		nodes = make_nodes(forest);
		if (nodes) {
			n_nodes++;
			check_kernels(forest, nodes, n_different);
		}
		aqi_nodes_free(nodes);
		aqi_forest_free(forest);
	}
	/* So many groups that one is added while the next is decided, of each
	 * form that pairs have, and of bushes. */
	for (size_t i = 0; i < 4 * 8; i++) {
		const struct plan plan = {
			.n_trees = 100 + i, .depth = 5 + i % 4,
			.n_inputs = i / 4 % 2 ? 7 : 30, .rare = 6,
			.is_wide = i / 8 % 2, .n_margins = i / 16 ? 3 : 1,
			.is_mixed = i >= 24,
		};
		struct aqi_forest *forest;
		struct aqi_nodes *nodes;

		n_values = 16;
		forest = plant_as(&plan);
		nodes = make_nodes(forest);
		n_large += nodes != NULL;
		if (nodes)
			check_kernels(forest, nodes, n_different);
		aqi_nodes_free(nodes);
		aqi_forest_free(forest);
	}
	ok(n_large == 32, "so can large ones, of few inputs and of many");
	ok(n_nodes > 200, "most forests can be laid out");
	for (size_t k = 0; k < N_KERNELS; k++) {
		if (!aqi_nodes_has_kernel(kernels[k].needs))
			skip("the margins are the forest's, bit for bit",
			     kernels[k].name);
		else
			ok(n_different[k] == 0, "%s: the margins are the "
			   "forest's, bit for bit", kernels[k].name);
	}
}

/* Trees of one split each: of input i % n_inputs, at cut i / n_inputs. */
static struct aqi_forest *
plant_stumps(size_t n, size_t n_inputs, bool goes_both_ways)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = n_inputs, .n_margins = 1, .link = AQI_LINK_PLAIN,
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

	for (size_t t = 0; t < n; t++) {
		nodes[0].value = (double)(t / n_inputs);
		nodes[0].input = (int64_t)(t % n_inputs);
		nodes[0].default_left = goes_both_ways && t / n_inputs % 2;
		add_tree(b, &tree);
	}
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

static bool
has_nodes(struct aqi_forest *forest)
{
	struct aqi_nodes *nodes = make_nodes(forest);
	bool has = nodes != NULL;

	aqi_nodes_free(nodes);
	aqi_forest_free(forest);
	return has;
}

static void
test_limits(void)
{
	const size_t most = AQI_NODES_COLUMNS;

	n_values = 16;
	ok(has_nodes(plant_stumps(AQI_NODES_CUTS, 1, false)),
	   "an input may have AQI_NODES_CUTS cuts");
	ok(!has_nodes(plant_stumps(AQI_NODES_CUTS + 1, 1, false)),
	   "and no more");
	ok(has_nodes(plant_stumps(most, most, false)),
	   "there may be AQI_NODES_COLUMNS inputs that are looked at");
	ok(!has_nodes(plant_stumps(most + 1, most + 1, false)),
	   "and no more");
	ok(has_nodes(plant_stumps(most, most / 2, true)),
	   "or half of them, if missing values go both ways");
	ok(!has_nodes(plant_stumps(most + 2, most / 2 + 1, true)),
	   "and no more");
	ok(!has_nodes(plant_as(&(struct plan){
		.n_trees = 1, .depth = AQI_NODES_DEPTH + 1, .n_inputs = 2,
		.rare = 10000})), "a level more than AQI_NODES_DEPTH is left "
	   "to others");
	ok(!has_nodes(plant(0, 1, 1, 5)), "so is a forest without trees");
}

/* Each cut has its own rank, and so have the values between them. */
static void
test_ranks(bool is_wide)
{
	static const double around[] = {-0.5, 0, 0.5};
	const struct plan plan = {
		.n_trees = 600, .depth = 1, .n_inputs = 1, .rare = 1000,
		.is_wide = is_wide
	};
	double x[3 * 240], right[3 * 240], ours[3 * 240];
	struct aqi_forest *forest;
	struct aqi_nodes *nodes;

	/* Beside a value in 64 bits there are two more. */
	n_values = is_wide ? 80 : 240;
	forest = plant_as(&plan);
	nodes = make_nodes(forest);
	for (size_t i = 0; i < 3 * 240; i++)
		x[i] = (double)(i / 3) - 8 + around[i % 3];
	aqi_forest_predict(forest, x, 3 * 240, right);
	for (size_t k = 0; nodes && k < N_KERNELS; k++) {
		if (!aqi_nodes_has_kernel(kernels[k].needs))
			continue;
		kernels[k].predict(nodes, x, 3 * 240, ours);
		ok(count_different(right, ours, 3 * 240) == 0,
		   "%s, %s: every one of many cuts is met", kernels[k].name,
		   is_wide ? "wide" : "narrow");
	}
	ok(nodes != NULL, "there can be that many");
	aqi_nodes_free(nodes);
	aqi_forest_free(forest);
}

/* What no table has is no kernel, and who asks for it gets the plain one. */
static void
test_names(void)
{
	struct aqi_forest *forest = plant(5, 4, 3, 9);
	struct aqi_nodes *nodes = NULL;
	struct aqi_error err;

	ok(aqi_nodes_has_kernel("portable") && !aqi_nodes_has_kernel("sse2"),
	   "kernels have names");
	ok(aqi_nodes_new(forest, "sse2", &nodes, &err) == AQI_OK && nodes &&
	   nodes->predict == aqi_nodes_portable,
	   "by a name that none has, it is the portable one");
	aqi_nodes_free(nodes);
	aqi_forest_free(forest);
}

int
main(void)
{
	start_random();
	test_equal();
	test_limits();
	test_ranks(false);
	test_ranks(true);
	test_names();
	return done();
}
