#include "model/planes.h"

#include "model/planes_kernel.h"
#include "plant.h"
#include "tap.h"

/* Numbers of rows around the blocks of 128 and 256 and the groups in them. */
static const size_t some_rows[] = {
	1, 7, 8, 9, 31, 32, 33, 127, 128, 129, 255, 256, 257, 600
};

#define N_SIZES (sizeof some_rows / sizeof *some_rows)
#define MOST_ROWS 600

static bool
has_avx2(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx2");
#else
	return false;
#endif
}

static struct aqi_planes *
make_planes(const struct aqi_forest *forest)
{
	struct aqi_planes *planes;
	struct aqi_error err;

	if (aqi_planes_new(forest, NULL, &planes, &err) != AQI_OK)
		abort();
	return planes;
}

/* Rows of which a kernel's margins differ from the forest's, over all sizes. */
static size_t
compare(const struct aqi_forest *forest, const struct aqi_planes *planes,
	aqi_planes_fn *predict, size_t n_inputs)
{
	double *x = make_samples(MOST_ROWS, n_inputs);
	double right[MOST_ROWS], ours[MOST_ROWS + 1];
	size_t n_different = 0;

	aqi_forest_predict(forest, x, MOST_ROWS, right);
	for (size_t k = 0; k < N_SIZES; k++) {
		ours[some_rows[k]] = 12345;
		predict(planes, x, some_rows[k], ours);
		n_different += count_different(right, ours, some_rows[k]);
		/* And nothing behind them is touched. */
		n_different += ours[some_rows[k]] != 12345;
	}
	free(x);
	return n_different;
}

static void
test_equal(void)
{
	size_t n_portable = 0, n_avx2 = 0, n_planes = 0;

	for (int i = 0; i < 60; i++) {
		size_t n_inputs = i % 10 == 0 ? AQI_PLANES_INPUTS :
				  1 + aqi_random_below(&rng, 20);
		unsigned depth = (unsigned)i % (AQI_PLANES_DEPTH + 1);
		struct aqi_forest *forest;
		struct aqi_planes *planes;

		/* With few inputs one has more cuts than two steps find. */
		n_values = i % 3 == 0 ? 2000 : 16;
		forest = plant(1 + aqi_random_below(&rng, 30), depth,
			       i % 6 == 0 ? 1 : n_inputs,
			       3 + (unsigned)i % 20);
		n_inputs = aqi_forest_shape(forest).n_inputs;
		planes = make_planes(forest);
		if (planes) {
			n_planes++;
			n_portable += compare(forest, planes,
					      aqi_planes_portable, n_inputs);
			if (has_avx2())
				n_avx2 += compare(forest, planes,
						  aqi_planes_avx2, n_inputs);
		}
		aqi_planes_free(planes);
		aqi_forest_free(forest);
	}
	ok(n_planes > 50, "most forests have planes");
	ok(n_portable == 0, "margins in words are the forest's, bit for bit");
	if (has_avx2())
		ok(n_avx2 == 0, "so are margins in vectors of AVX2");
	else
		skip("so are margins in vectors of AVX2",
		     "this processor has none");
}

/* A forest of so many trees, of one split each, all distinct. */
static struct aqi_forest *
plant_stumps(size_t n)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 2, .n_margins = 1, .link = AQI_LINK_PLAIN,
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
		nodes[0].value = (double)(t / 4);
		nodes[0].input = t & 1;
		nodes[0].default_left = t & 2;
		if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
			abort();
	}
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

static bool
has_planes(struct aqi_forest *forest)
{
	struct aqi_planes *planes = make_planes(forest);
	bool has = planes != NULL;

	aqi_planes_free(planes);
	aqi_forest_free(forest);
	return has;
}

static void
test_limits(void)
{
	n_values = 16;
	ok(has_planes(plant_stumps(AQI_PLANES_SPLITS)),
	   "a forest may have AQI_PLANES_SPLITS distinct splits");
	ok(!has_planes(plant_stumps(AQI_PLANES_SPLITS + 1)),
	   "one more is left to the walk");
	ok(!has_planes(plant(1, 1, AQI_PLANES_INPUTS + 1, 100)),
	   "so is one input more than AQI_PLANES_INPUTS");
	ok(!has_planes(plant(1, AQI_PLANES_DEPTH + 1, 2, 1000)),
	   "so is a level more than AQI_PLANES_DEPTH");
	ok(!has_planes(plant(0, 1, 1, 100)), "so is a forest without trees");
}

static void
test_choice(void)
{
	struct aqi_forest *forest = plant(8, 4, 3, 100);
	struct aqi_planes *planes = make_planes(forest);
	const char *name = has_avx2() ? "avx2" : "portable";

	ok(planes && strcmp(aqi_planes_kernel(planes), name) == 0,
	   "the kernel is the best that the processor has");
	ok(planes && aqi_planes_least(planes) > 1,
	   "a single row is left to the walk");
	ok(planes && compare(forest, planes, aqi_planes_predict, 3) == 0,
	   "and it predicts the same");
	aqi_planes_free(planes);
	aqi_forest_free(forest);
}

int
main(void)
{
	start_random();
	test_equal();
	test_limits();
	test_choice();
	return done();
}
