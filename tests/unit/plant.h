/*
 * plant.h: forests and samples made at random, for tests that compare two ways
 * to predict them.
 *
 * plant(n_trees, depth, n_inputs, rare) is a forest as XGBoost's of numbers.
 * plant_as(&(struct plan){...}) is one with whatever the plan asks for: sums of
 * 64 bits, several margins, trees that repeat, every rule of a view, sets,
 * leaves that are functions, other aggregates, covers and gains, deep vines.
 *
 *	start_random();
 *	forest = plant_as(&(struct plan){.n_trees = 20, .depth = 6,
 *		.n_inputs = 5, .rare = 9, .is_wide = true, .has_sets = true});
 *	x = make_samples(n_rows, n_inputs);
 *	aqi_forest_predict(forest, x, n_rows, right);
 *	n = count_different(right, ours, n_rows * n_margins);
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
#define MAX_PLAN_MARGINS 16
#define SET_ROOM 12

static struct aqi_random rng;

/* Of so many whole numbers are cuts and inputs chosen, beside odd values. */
static size_t n_values = 16;

/* What a forest shall be like; zeros are what plant() makes. */
struct plan {
	size_t n_trees;		/* for each margin as many */
	unsigned depth;		/* at most; above 10 few nodes are inner ones */
	bool varies;		/* each tree has a depth of its own, up to it */
	size_t n_inputs;
	unsigned rare;		/* a node is a leaf once in so many */
	bool is_vine;		/* one side of each split is a leaf */
	size_t n_margins;	/* 0 means 1; MAX_PLAN_MARGINS at most */
	bool repeats;		/* a tree decides for all margins at once */
	bool is_mixed;		/* each tree is for any margin */
	bool is_wide;
	bool has_rules;		/* views of every rule, not the plain alone */
	bool has_sets;		/* of categories, at some nodes */
	bool has_functions;	/* as leaves, at some nodes */
	bool has_covers;	/* each the sum of those of its children */
	bool has_gains;
	enum aqi_aggregate aggregate;
};

/* SEED, or 1. */
__attribute__((unused))
static void
start_random(void)
{
	const char *seed = getenv("SEED");

	printf("# SEED=%s\n", seed ? seed : "1");
	rng = aqi_random_new(seed ? strtoull(seed, NULL, 10) : 1, 0);
}

/* Values that meet each other: inputs are often a cut itself. */
static double
some_value(void)
{
	static const float odd[] = {
		0.0f, -0.0f, 1e-45f, 3e38f, -3e38f, 1.5f, 1e-35f, -1e-35f,
		-0.5f, 16777216.0f
	};

	if (aqi_random_below(&rng, 4) == 0)
		return (double)odd[aqi_random_below(&rng,
						    sizeof odd / sizeof *odd)];
	return (double)aqi_random_below(&rng, n_values) - 8;
}

/* A value's neighbours in 64 bits; in 32 they are the value. */
static double
beside(double value)
{
	return nextafter(value, aqi_random_below(&rng, 2) ?
			 (double)INFINITY : (double)-INFINITY);
}

/* Most are floats; of the rest, some become a cut when they are cut to one. */
static double
some_input(void)
{
	switch (aqi_random_below(&rng, 14)) {
	case 0:
		return (double)NAN;
	case 1:
		return (double)INFINITY;
	case 2:
		return (double)-INFINITY;
	case 3:
		return aqi_random_below(&rng, 2) ? 1e300 : -1e300;
	case 4:
	case 5:
		return beside(some_value());
	case 6:
		return some_value() + 0.75;
	default:
		return some_value();
	}
}

/* A cut, in 64 bits also one that 32 do not hold. */
static double
some_cut(const struct plan *plan)
{
	const double value = some_value();

	return plan->is_wide && aqi_random_below(&rng, 4) == 0 ?
	       beside(value) : value;
}

/* Of many sizes, so that the order of a sum shows in its last bits. */
static double
some_leaf(const struct plan *plan)
{
	const double leaf = (double)ldexpf(
		(float)aqi_random_below(&rng, 2000) - 1000,
		(int)aqi_random_below(&rng, 30) - 20);

	if (aqi_random_below(&rng, 20) == 0)
		return -0.0;
	return plan->is_wide ? leaf * (1 + 1e-9 * leaf) : leaf;
}

/* What the nodes of a tree point to. */
struct plant_room {
	struct aqi_tree_node nodes[MAX_NODES];
	double sets[MAX_NODES][SET_ROOM];
	struct aqi_tree_term terms[MAX_NODES][2];
};

static void
make_leaf(struct plant_room *room, size_t at, const struct plan *plan)
{
	struct aqi_tree_node *node = &room->nodes[at];

	*node = (struct aqi_tree_node){
		.value = some_leaf(plan),
		.is_leaf = true,
		.cover = (float)(1 + aqi_random_below(&rng, 100)),
	};
	node->is_linear = plan->has_functions && aqi_random_below(&rng, 2);
	if (!node->is_linear)
		return;
	node->constant = some_leaf(plan);
	node->terms = room->terms[at];
	node->n_terms = aqi_random_below(&rng, 3);
	for (size_t i = 0; i < node->n_terms; i++) {
		room->terms[at][i].coefficient = some_leaf(plan);
		room->terms[at][i].input =
			(int64_t)aqi_random_below(&rng, plan->n_inputs);
	}
}

static void
make_split(struct plant_room *room, size_t at, const struct plan *plan)
{
	struct aqi_tree_node *node = &room->nodes[at];

	*node = (struct aqi_tree_node){
		.value = some_cut(plan),
		.input = (int64_t)aqi_random_below(&rng, plan->n_inputs),
		.default_left = aqi_random_below(&rng, 2),
		.gain = (float)aqi_random_below(&rng, 1000) / 8,
	};
	if (plan->has_rules)
		node->rule = (enum aqi_view_rule)aqi_random_below(
			&rng, AQI_VIEW_LAST + 1);
	node->has_set = plan->has_sets && aqi_random_below(&rng, 2);
	if (!node->has_set)
		return;
	node->set = room->sets[at];
	node->n_set = aqi_random_below(&rng, SET_ROOM + 1);
	for (size_t i = 0; i < node->n_set; i++)
		room->sets[at][i] = some_cut(plan);
}

/* Breadth first; in the end children stand behind their parents. */
static size_t
grow(struct plant_room *room, const struct plan *plan)
{
	const unsigned depth = plan->varies ?
		(unsigned)aqi_random_below(&rng, plan->depth + 1) : plan->depth;
	struct aqi_tree_node *nodes = room->nodes;
	size_t n = 1, level = 0, end = 1, bare = 0;

	for (unsigned d = 0; d <= depth; d++) {
		for (; level < end; level++) {
			if (d == depth || n + 2 > MAX_NODES ||
			    (level > 0 && level == bare) ||
			    aqi_random_below(&rng, plan->rare) == 0) {
				make_leaf(room, level, plan);
				continue;
			}
			make_split(room, level, plan);
			nodes[level].left = (int64_t)n++;
			nodes[level].right = (int64_t)n++;
			if (plan->is_vine)
				bare = n - 1 - aqi_random_below(&rng, 2);
		}
		end = n;
	}
	for (size_t i = n; i-- > 0;)
		if (!nodes[i].is_leaf)
			nodes[i].cover = nodes[nodes[i].left].cover +
					 nodes[nodes[i].right].cover;
	return n;
}

static void
add_tree(struct aqi_forest_builder *b, const struct aqi_tree *tree)
{
	struct aqi_error err;

	if (aqi_forest_builder_add(b, tree, &err) == AQI_OK)
		return;
	printf("# %s\n", err.reason);
	abort();
}

/* The same splits for all margins, with other leaves. */
static void
add_repeats(struct aqi_forest_builder *b, struct plant_room *room,
	    struct aqi_tree *tree, const struct plan *plan)
{
	tree->repeats = true;
	for (tree->target = 1; tree->target < plan->n_margins; tree->target++) {
		for (size_t i = 0; i < tree->n_nodes; i++)
			if (room->nodes[i].is_leaf)
				room->nodes[i].value = some_leaf(plan);
		add_tree(b, tree);
	}
	tree->repeats = false;
}

static void
add_trees(struct aqi_forest_builder *b, const struct plan *plan)
{
	static struct plant_room room;
	struct aqi_tree tree = {.nodes = room.nodes};

	for (size_t t = 0; t < plan->n_trees; t++) {
		for (size_t k = 0; k < plan->n_margins; k++) {
			tree.n_nodes = grow(&room, plan);
			tree.target = plan->is_mixed ?
				aqi_random_below(&rng, plan->n_margins) : k;
			add_tree(b, &tree);
			if (plan->repeats) {
				add_repeats(b, &room, &tree, plan);
				break;
			}
		}
	}
}

__attribute__((unused))
static struct aqi_forest *
plant_as(const struct plan *wanted)
{
	struct plan plan = *wanted;
	double bases[MAX_PLAN_MARGINS];
	struct aqi_forest_shape shape = {
		.is_wide = plan.is_wide,
		.has_covers = plan.has_covers,
		.has_gains = plan.has_gains,
		.aggregate = plan.aggregate,
		.n_inputs = plan.n_inputs,
		.n_margins = plan.n_margins ? plan.n_margins : 1,
		.bases = bases,
		.link = AQI_LINK_PLAIN,
	};
	struct aqi_error err;
	struct aqi_forest_builder *b;
	struct aqi_forest *forest;

	plan.n_margins = shape.n_margins;
	for (size_t k = 0; k < plan.n_margins; k++)
		bases[k] = k == 0 ? -0.0 : some_leaf(&plan);
	b = aqi_forest_builder_new(&shape, &err);
	if (!b)
		abort();
	add_trees(b, &plan);
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	if (!forest)
		abort();
	return forest;
}

/* Narrow, of one margin, of plain numbers. */
__attribute__((unused))
static struct aqi_forest *
plant(size_t n_trees, unsigned depth, size_t n_inputs, unsigned rare)
{
	return plant_as(&(struct plan){.n_trees = n_trees, .depth = depth,
				       .n_inputs = n_inputs, .rare = rare});
}

/* (n_rows, n_inputs), to be freed. */
__attribute__((unused))
static double *
make_samples(size_t n_rows, size_t n_inputs)
{
	double *x = malloc(n_rows * n_inputs * sizeof *x);

	for (size_t i = 0; i < n_rows * n_inputs; i++)
		x[i] = some_input();
	return x;
}

/* Of how many do two margins differ in any bit? Any NaN equals any other. */
__attribute__((unused))
static size_t
count_different(const double *a, const double *b, size_t n)
{
	size_t n_different = 0;

	for (size_t i = 0; i < n; i++)
		n_different += memcmp(&a[i], &b[i], sizeof *a) != 0 &&
			       !(isnan(a[i]) && isnan(b[i]));
	return n_different;
}

#endif
