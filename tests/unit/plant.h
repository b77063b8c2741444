/*
 * plant.h: forests and samples made at random, for tests that compare two ways
 * to predict them.
 */
#ifndef AQI_TESTS_PLANT_H
#define AQI_TESTS_PLANT_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "model/forest.h"
#include "model/forest_builder.h"

#define MAX_NODES 2048

static struct aqi_random rng;

/* Of so many whole numbers are cuts and inputs chosen, beside odd values. */
static size_t n_values = 16;

/* SEED, or 1. */
static void
start_random(void)
{
	const char *seed = getenv("SEED");

	printf("# SEED=%s\n", seed ? seed : "1");
	rng = aqi_random_new(seed ? strtoull(seed, NULL, 10) : 1, 0);
}

/* Values that meet each other: inputs are often a cut itself. */
static float
some_value(void)
{
	static const float odd[] = {0.0f, -0.0f, 1e-45f, 3e38f, -3e38f, 1.5f};

	if (aqi_random_below(&rng, 4) == 0)
		return odd[aqi_random_below(&rng, sizeof odd / sizeof *odd)];
	return (float)aqi_random_below(&rng, n_values) - 8;
}

/* Of many sizes, so that the order of a sum shows in its last bits. */
static float
some_leaf(void)
{
	if (aqi_random_below(&rng, 20) == 0)
		return -0.0f;
	return ldexpf((float)aqi_random_below(&rng, 2000) - 1000,
		      (int)aqi_random_below(&rng, 30) - 20);
}

/* Most are floats; of the rest, some become a cut when they are cut to one. */
static double
some_input(void)
{
	const double value = (double)some_value();

	switch (aqi_random_below(&rng, 12)) {
	case 0:
		return (double)NAN;
	case 1:
		return (double)INFINITY;
	case 2:
		return (double)-INFINITY;
	case 3:
		return nextafter(value, (double)INFINITY);
	case 4:
		return nextafter(value, (double)-INFINITY);
	default:
		return value;
	}
}

/* A tree whose nodes are leaves with a chance of one in `rare`. */
static size_t
grow(struct aqi_tree_node *nodes, unsigned depth, size_t n_inputs,
     unsigned rare)
{
	size_t n = 1, level = 0, end = 1;

	for (unsigned d = 0; d <= depth; d++) {
		for (; level < end; level++) {
			struct aqi_tree_node *node = &nodes[level];

			*node = (struct aqi_tree_node){
				.value = (double)some_leaf(),
				.is_leaf = d == depth ||
					   aqi_random_below(&rng, rare) == 0};
			if (node->is_leaf)
				continue;
			node->value = (double)some_value();
			node->input = (int64_t)aqi_random_below(&rng, n_inputs);
			node->default_left = aqi_random_below(&rng, 2);
			node->left = (int64_t)n++;
			node->right = (int64_t)n++;
		}
		end = n;
	}
	return n;
}

static struct aqi_forest *
plant(size_t n_trees, unsigned depth, size_t n_inputs, unsigned rare)
{
	static struct aqi_tree_node nodes[MAX_NODES];
	const struct aqi_forest_shape shape = {
		.n_inputs = n_inputs, .n_margins = 1, .bases = &(double){-0.0},
		.link = AQI_LINK_PLAIN,
	};
	struct aqi_tree tree = {.nodes = nodes};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest;

	for (size_t t = 0; t < n_trees; t++) {
		tree.n_nodes = grow(nodes, depth, n_inputs, rare);
		if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
			abort();
	}
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	if (!forest)
		abort();
	return forest;
}

/* (n_rows, n_inputs), to be freed. */
static double *
make_samples(size_t n_rows, size_t n_inputs)
{
	double *x = malloc(n_rows * n_inputs * sizeof *x);

	for (size_t i = 0; i < n_rows * n_inputs; i++)
		x[i] = some_input();
	return x;
}

/* Of how many rows do two margins differ in any bit? */
static size_t
count_different(const double *a, const double *b, size_t n)
{
	size_t n_different = 0;

	for (size_t i = 0; i < n; i++)
		n_different += memcmp(&a[i], &b[i], sizeof *a) != 0;
	return n_different;
}

#endif
