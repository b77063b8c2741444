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

#endif
