/* small_forest.h: a forest of two trees, made by hand, and what it predicts. */
#ifndef AQI_TESTS_SMALL_FOREST_H
#define AQI_TESTS_SMALL_FOREST_H

#include <math.h>
#include <string.h>

#include "model/forest.h"
#include "model/forest_builder.h"
#include "tap.h"

#define missing ((double)NAN)
#define infinite ((double)INFINITY)

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

__attribute__((unused))
static struct aqi_forest *
make_small(void)
{
	struct aqi_error err;

	return make(&plain, small_tree, 5, 0, &err);
}

__attribute__((unused))
static double
predict(const struct aqi_forest *forest, double a, double b, double c)
{
	const double x[3] = {a, b, c};
	double y;

	aqi_forest_predict(forest, x, 1, &y);
	return y;
}

/* Is there no forest, and is this the reason? */
__attribute__((unused))
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

#endif
