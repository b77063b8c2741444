/*
 * planes.h: kernels of planes beside the forest itself, over forests of all
 * kinds.
 */
#ifndef AQI_TESTS_PLANES_H
#define AQI_TESTS_PLANES_H

#include "model/planes.h"

#include "model/planes_block.h"
#include "model/planes_kernel.h"
#include "plant.h"
#include "tap.h"

/* Numbers of rows around the blocks of 64 to 512 and the groups in them. */
static const size_t some_rows[] = {
	1, 7, 8, 9, 31, 33, 63, 64, 65, 97, 127, 129, 256, 257, 511, 513, 700
};

#define N_SIZES (sizeof some_rows / sizeof *some_rows)
#define MOST_ROWS 700

/* Depths around those of tables and of perfect trees, and of every kind. */
static const struct plan plans[] = {
	{.n_trees = 9, .depth = 0},
	{.n_trees = 9, .depth = 1},
	{.n_trees = 9, .depth = 4},
	{.n_trees = 9, .depth = 5},
	{.n_trees = 30, .depth = 6},
	{.n_trees = 9, .depth = 6, .has_rules = true},
	{.n_trees = 9, .depth = 6, .has_rules = true, .has_sets = true},
	{.n_trees = 9, .depth = 7},
	{.n_trees = 9, .depth = 8},
	{.n_trees = 5, .depth = 9},
	{.n_trees = 3, .depth = 10, .has_sets = true},
	{.n_trees = 9, .depth = 17, .is_vine = true},
	{.n_trees = 2, .depth = 300, .is_vine = true},
	{.n_trees = 9, .depth = 30},
	{.n_trees = 9, .depth = 6, .is_wide = true},
	{.n_trees = 9, .depth = 8, .is_wide = true, .has_rules = true},
	{.n_trees = 5, .depth = 10, .is_wide = true, .has_sets = true,
	 .has_rules = true},
	{.n_trees = 9, .depth = 17, .is_wide = true, .is_vine = true},
	{.n_trees = 5, .depth = 5, .n_margins = 3},
	{.n_trees = 7, .depth = 6, .n_margins = 5, .is_mixed = true},
	{.n_trees = 3, .depth = 7, .n_margins = 2, .is_wide = true,
	 .repeats = true},
	{.n_trees = 2, .depth = 3, .n_margins = 16, .is_mixed = true},
	{.n_trees = 40, .depth = 8, .varies = true},
	{.n_trees = 20, .depth = 10, .varies = true, .is_wide = true},
};

#define N_PLANS (sizeof plans / sizeof *plans)

static struct aqi_planes *
make_planes(const struct aqi_forest *forest, const char *kernel)
{
	struct aqi_planes *planes;
	struct aqi_error err;

	if (aqi_planes_new(forest, kernel, &planes, &err) != AQI_OK)
		abort();
	return planes;
}

/* Margins of a kernel that are not the forest's, over all sizes. */
static size_t
compare(const struct aqi_forest *forest, const struct aqi_planes *planes,
	aqi_planes_fn *predict)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	const size_t n_margins = shape.n_margins;
	double *x = make_samples(MOST_ROWS, shape.n_inputs);
	double *right = calloc(MOST_ROWS * n_margins, sizeof *right);
	double *ours = calloc(MOST_ROWS * n_margins + 1, sizeof *ours);
	size_t n_different = 0;

	aqi_forest_predict(forest, x, MOST_ROWS, right);
	for (size_t k = 0; k < N_SIZES; k++) {
		const size_t n = some_rows[k] * n_margins;

		ours[n] = 12345;
		predict(planes, x, some_rows[k], ours);
		n_different += count_different(right, ours, n);
		/* And nothing behind them is touched. */
		n_different += ours[n] != 12345;
	}
	free(x);
	free(right);
	free(ours);
	return n_different;
}

/* A forest of plan k, one of several: with few inputs, or with many; and with
 * few cuts of each, or with so many that they are searched in more steps. */
static struct aqi_forest *
plant_plan(size_t k, unsigned variant)
{
	struct plan plan = plans[k];

	n_values = variant % 2 ? 16 : 6000;
	plan.n_inputs = variant % 3 == 0 ? 1 : variant % 3 == 1 ?
			2 + aqi_random_below(&rng, 20) : 200;
	plan.rare = 3 + variant * 4 % 30;
	plan.n_trees += aqi_random_below(&rng, 5);
	return plant_as(&plan);
}

#define N_VARIANTS 6

/* The same over all plans. */
__attribute__((unused))
static size_t
compare_plans(aqi_planes_fn *predict)
{
	size_t n_different = 0;

	for (size_t k = 0; k < N_PLANS; k++)
		for (unsigned v = 0; v < N_VARIANTS; v++) {
			struct aqi_forest *forest = plant_plan(k, v);
			struct aqi_planes *planes = make_planes(forest, NULL);
			size_t n = planes ? compare(forest, planes, predict) :
				   1;

			if (n > 0)
				printf("# plan %zu, variant %u: %zu\n", k, v,
				       n);
			n_different += n;
			aqi_planes_free(planes);
			aqi_forest_free(forest);
		}
	return n_different;
}

/* A tree of one split for each of n cuts of one input, which are the odd numbers
 * from 1 on. */
static struct aqi_forest *
plant_cuts(size_t n, bool is_wide)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 1, .n_margins = 1, .link = AQI_LINK_PLAIN,
		.is_wide = is_wide,
	};
	struct aqi_tree_node nodes[] = {
		{.left = 1, .right = 2},
		{.is_leaf = true, .value = 0},
		{.is_leaf = true, .value = 1},
	};
	const struct aqi_tree tree = {.nodes = nodes, .n_nodes = 3};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest;

	for (size_t i = 0; i < n; i++) {
		nodes[0].value = (double)(2 * i + 1);
		nodes[0].default_left = i & 1;
		if (!b || aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
			abort();
	}
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

/* At, between and beyond so many cuts; NaN and infinities. */
static size_t
compare_cuts(aqi_planes_fn *predict, size_t n_cuts, bool is_wide)
{
	struct aqi_forest *forest = plant_cuts(n_cuts, is_wide);
	struct aqi_planes *planes = make_planes(forest, NULL);
	const size_t n = 2 * n_cuts + 6;
	double *x = calloc(n, sizeof *x), *right = calloc(n, sizeof *right);
	double *ours = calloc(n, sizeof *ours);
	size_t n_different = n;

	if (!planes || !x || !right || !ours)
		abort();
	for (size_t i = 0; i < n; i++)
		x[i] = (double)i - 1;
	x[n - 3] = (double)NAN;
	x[n - 2] = (double)INFINITY;
	x[n - 1] = -(double)INFINITY;
	aqi_forest_predict(forest, x, n, right);
	predict(planes, x, n, ours);
	n_different = count_different(right, ours, n);
	free(x);
	free(right);
	free(ours);
	aqi_planes_free(planes);
	aqi_forest_free(forest);
	return n_different;
}

/* Around the counts of keys from which on a search takes another way. */
__attribute__((unused))
static size_t
compare_searches(aqi_planes_fn *predict)
{
	static const size_t counts[] = {
		1, 15, 16, 17, 31, 32, 33, 96, 239, 240, 241, 255, 256, 257,
		272, 4095, 4096, 4097,
	};
	size_t n_different = 0;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		n_different += compare_cuts(predict, counts[i], false) +
			       compare_cuts(predict, counts[i], true);
	return n_different;
}

#endif
