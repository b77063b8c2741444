#include "model/shrink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest_block.h"
#include "plant.h"
#include "tap.h"

#define N_ROWS 2000

static struct aqi_forest *
shrink(const struct aqi_forest *forest, struct aqi_shrink_options options)
{
	struct aqi_error err = {0};
	struct aqi_forest *made = aqi_shrink(forest, &options, &err);

	if (!made)
		note("%s", err.reason);
	return made;
}

/* The largest difference of two forests on random samples, NaN for NaN. */
static double
largest_error(const struct aqi_forest *a, const struct aqi_forest *b)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(a);
	const size_t n = N_ROWS * shape.n_margins;
	double *x = make_samples(N_ROWS, shape.n_inputs);
	double *right = malloc(n * sizeof *right);
	double *ours = malloc(n * sizeof *ours);
	double largest = 0;

	aqi_forest_predict(a, x, N_ROWS, right);
	aqi_forest_predict(b, x, N_ROWS, ours);
	for (size_t i = 0; i < n; i++)
		if (!isnan(right[i]) || !isnan(ours[i]))
			largest = fmax(largest, fabs(right[i] - ours[i]));
	if (count_different(right, ours, n) == 0)
		largest = -1;
	free(ours);
	free(right);
	free(x);
	return largest;
}

static bool
is_same(const struct aqi_forest *a, const struct aqi_forest *b)
{
	return largest_error(a, b) < 0;
}

/* Nothing asked for: fewer nodes, and the same to the last bit. */
static void
test_same(void)
{
	static const struct plan plans[] = {
		{.n_trees = 20, .depth = 7, .n_inputs = 2, .rare = 9},
		{.n_trees = 20, .depth = 6, .n_inputs = 3, .rare = 9,
		 .is_wide = true, .has_rules = true, .has_sets = true,
		 .has_covers = true, .has_gains = true},
		{.n_trees = 9, .depth = 6, .n_inputs = 2, .rare = 9,
		 .n_margins = 3, .repeats = true, .has_rules = true},
		{.n_trees = 9, .depth = 5, .n_inputs = 2, .rare = 9,
		 .n_margins = 4, .is_mixed = true, .has_functions = true,
		 .is_wide = true},
		{.n_trees = 9, .depth = 8, .n_inputs = 2, .rare = 9,
		 .is_vine = true, .aggregate = AQI_AGGREGATE_MAX},
	};
	size_t n_before = 0, n_after = 0, n_same = 0, n = 0;

	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		for (int k = 0; k < 10; k++, n++) {
			struct aqi_forest *from = plant_as(&plans[i]), *to, *o;

			to = shrink(from, (struct aqi_shrink_options){0});
			o = shrink(to, (struct aqi_shrink_options){0});
			n_same += to && o && is_same(from, to) &&
				  aqi_slice_equal(aqi_forest_bytes(to),
						  aqi_forest_bytes(o));
			n_before += aqi_forest_nodes(from);
			n_after += to ? aqi_forest_nodes(to) : 0;
			aqi_forest_free(o);
			aqi_forest_free(to);
			aqi_forest_free(from);
		}
	}
	ok(n_same == n, "what decides nothing is dropped, and not a bit "
	   "changes; then there is no more of it");
	ok(n_after > 0 && n_after < n_before, "%zu nodes of %zu are left",
	   n_after, n_before);
}

/* x0 < 5, below it x0 < 7 and x0 < 3, which is of one leaf's value. */
static struct aqi_forest *
make_small(bool missing_left, bool has_covers)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 1, .n_margins = 1, .has_covers = has_covers,
		.link = AQI_LINK_PLAIN,
	};
	const struct aqi_tree_node nodes[] = {
		{.value = 5, .left = 1, .right = 2, .default_left = true,
		 .cover = 10},
		{.value = 7, .left = 3, .right = 4, .cover = 8,
		 .default_left = missing_left},
		{.is_leaf = true, .value = 4, .cover = 2},
		{.value = 3, .left = 5, .right = 6, .cover = 8},
		{.is_leaf = true, .value = 100, .cover = 0},
		{.is_leaf = true, .value = 1, .cover = 6},
		{.is_leaf = true, .value = 1.5, .cover = 2},
	};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest = NULL;

	if (aqi_forest_builder_add(b, &(struct aqi_tree){
			.nodes = nodes, .n_nodes = 7}, &err) == AQI_OK)
		forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

static double
predict(const struct aqi_forest *forest, double x)
{
	double margin;

	aqi_forest_predict(forest, &x, 1, &margin);
	return margin;
}

static void
test_small(void)
{
	struct aqi_forest *from = make_small(true, true), *to;
	uint32_t leaf;

	to = shrink(from, (struct aqi_shrink_options){0});
	ok(aqi_forest_nodes(to) == 5 && is_same(from, to),
	   "a side that nothing reaches is dropped");
	aqi_forest_leaves(to, &(double){4}, &leaf);
	ok(leaf == 6, "leaves keep their numbers in the file");
	aqi_forest_free(to);
	to = shrink(from, (struct aqi_shrink_options){.tolerance = 0.5});
	ok(aqi_forest_nodes(to) == 3 && predict(to, 0) == 1.125,
	   "leaves that are near each other become their mean by cover");
	aqi_forest_leaves(to, &(double){4}, &leaf);
	ok(leaf == 3, "which has the number of their split");
	aqi_forest_free(to);
	to = shrink(from, (struct aqi_shrink_options){.tolerance = 0.49});
	ok(aqi_forest_nodes(to) == 5, "those that are not near stay");
	aqi_forest_free(to);
	aqi_forest_free(from);
	from = make_small(true, false);
	to = shrink(from, (struct aqi_shrink_options){.tolerance = 0.5});
	ok(aqi_forest_nodes(to) == 3 && predict(to, 0) == 1.25,
	   "or their middle, where covers are not known");
	aqi_forest_free(to);
	aqi_forest_free(from);
	from = make_small(false, true);
	to = shrink(from, (struct aqi_shrink_options){0});
	ok(aqi_forest_nodes(to) == 7 && predict(to, (double)NAN) == 100,
	   "a side that only missing values reach stays");
	aqi_forest_free(to);
	aqi_forest_free(from);
}

static void
test_tolerance(void)
{
	const struct plan plan = {.n_trees = 30, .depth = 6, .n_inputs = 4,
				  .rare = 9, .is_wide = true,
				  .has_covers = true};
	struct aqi_forest *from = plant_as(&plan);
	struct aqi_forest *to =
		shrink(from, (struct aqi_shrink_options){.tolerance = 8});
	double error = largest_error(from, to);

	ok(aqi_forest_nodes(to) < aqi_forest_nodes(from) && error > 0 &&
	   error <= 30 * 8, "no tree errs by more than the tolerance");
	aqi_forest_free(to);
	aqi_forest_free(from);
}

static void
test_leaf_step(void)
{
	struct aqi_forest *from = plant(10, 5, 4, 9);
	struct aqi_forest *to =
		shrink(from, (struct aqi_shrink_options){.leaf_step = 0.25});
	double error = largest_error(from, to);
	bool right = true;

	for (uint64_t i = 0; i < to->header->n_nodes; i++)
		right = right && (to->nodes[i].left != 0 ||
				  fmod(to->nodes[i].value, 0.25) == 0);
	ok(right && error > 0, "leaves become multiples of the step");
	ok(error <= 10 * 0.125 + 1e-3, "none moves by more than its half");
	aqi_forest_free(to);
	aqi_forest_free(from);
}

/* Of the view that has most of them. */
static size_t
most_cuts(const struct aqi_forest *f)
{
	size_t most = 0;

	for (uint64_t v = 0; v < f->header->n_views; v++) {
		double cuts[64];
		size_t n = 0, k;

		for (uint64_t i = 0; i < f->header->n_nodes; i++) {
			const struct aqi_forest_node *node = &f->nodes[i];

			if (node->left == 0 || node->test & AQI_FOREST_HAS_SET ||
			    (node->test & AQI_FOREST_VIEW) != v)
				continue;
			for (k = 0; k < n && cuts[k] != node->value; k++)
				continue;
			if (k == n && n < 64)
				cuts[n++] = node->value;
		}
		most = n > most ? n : most;
	}
	return most;
}

static void
test_cuts(void)
{
	const struct plan plan = {.n_trees = 30, .depth = 6, .n_inputs = 2,
				  .rare = 9, .has_sets = true,
				  .has_covers = true};
	struct aqi_forest *from = plant_as(&plan), *to;
	const size_t all = most_cuts(from);
	size_t n_right = 0;

	for (size_t n = 1; n <= all; n++) {
		to = shrink(from, (struct aqi_shrink_options){.n_cuts = n});
		n_right += to && most_cuts(to) <= n &&
			   (n < all || is_same(from, to));
		aqi_forest_free(to);
	}
	ok(all > 10 && n_right == all,
	   "at most so many thresholds are left, and all where they are as "
	   "many");
	aqi_forest_free(from);
}

static bool
says(const struct aqi_forest *forest, struct aqi_shrink_options options,
     const char *reason)
{
	struct aqi_error err = {0};
	struct aqi_forest *made = aqi_shrink(forest, &options, &err);
	bool right = !made && strcmp(err.reason, reason) == 0;

	if (!right)
		note("%s", err.reason);
	aqi_forest_free(made);
	return right;
}

static void
test_trees(void)
{
	const struct plan plan = {.n_trees = 5, .depth = 4, .n_inputs = 2,
				  .rare = 9, .n_margins = 3, .repeats = true};
	struct aqi_forest *from = plant_as(&plan), *to;

	to = shrink(from, (struct aqi_shrink_options){.n_trees = 2});
	ok(aqi_forest_source_trees(to) == 2 && aqi_forest_trees(to) == 6,
	   "the first trees of the file are kept, for all margins");
	aqi_forest_free(to);
	to = shrink(from, (struct aqi_shrink_options){.n_trees = 5});
	ok(is_same(from, to), "as many as there are change nothing");
	aqi_forest_free(to);
	ok(says(from, (struct aqi_shrink_options){.n_trees = 6},
		"the model has 5 trees, fewer than 6"), "no more than those");
	aqi_forest_free(from);
}

/* A forest that divides its sum by the number of its trees. */
static void
test_mean(void)
{
	const struct aqi_tree_node leaf = {.is_leaf = true, .value = 7};
	struct aqi_forest_shape shape = {.n_inputs = 1, .n_margins = 1,
					 .link = AQI_LINK_PLAIN};
	struct aqi_error err;
	struct aqi_forest_builder *b;
	struct aqi_forest *from, *to;

	shape.link.divisor = 2;
	b = aqi_forest_builder_new(&shape, &err);
	for (int i = 0; i < 2; i++)
		if (aqi_forest_builder_add(b, &(struct aqi_tree){
				.nodes = &leaf, .n_nodes = 1}, &err) != AQI_OK)
			note("%s", err.reason);
	from = aqi_forest_builder_finish(b, &err);
	ok(says(from, (struct aqi_shrink_options){.n_trees = 1}, "the model "
		"takes the mean of its trees: each of them counts"),
	   "no tree is dropped of a mean");
	to = shrink(from, (struct aqi_shrink_options){.leaf_step = 2});
	ok(predict(to, 0) == 16, "its leaves can be made coarser");
	aqi_forest_free(to);
	ok(says(from, (struct aqi_shrink_options){.leaf_step = 1e-320},
		"tree 0 node 0: the leaf's value is not finite"),
	   "a step that leaves are too large for");
	aqi_forest_free(from);
	aqi_forest_builder_free(b);
}

int
main(void)
{
	start_random();
	test_same();
	test_small();
	test_tolerance();
	test_leaf_step();
	test_cuts();
	test_trees();
	test_mean();
	return done();
}
