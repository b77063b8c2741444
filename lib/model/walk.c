#include "model/walk.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/forest.h"
#include "model/forest_block.h"

/*
 * So many trees are a group. More of them than the processor has registers for
 * their places gain nothing; fewer leave it waiting.
 */
#define TREES 8

struct node {
	float cut;
	uint32_t input;		/* of the row laid out twice */
};

/*
 * Place k of all trees of a group stands together, so that the first steps,
 * where they are still close to each other, share their cache lines: nodes is
 * (2^depth, TREES), of which the first row is not used; leaves the same.
 */
struct group {
	unsigned depth;
	const struct node *nodes;
	const float *leaves;
};

struct aqi_walk {
	float base;
	size_t n_inputs, n_groups;
	struct group *groups;	/* (n_groups,) */
	void *block;		/* of all nodes, then all leaves */
};

/*
 * The places of a tree's nodes, by their order in the forest; a parent stands
 * before its children. Returns the depth, or more than AQI_WALK_DEPTH.
 */
static unsigned
find_places(const struct aqi_forest *f, size_t tree, uint32_t *places)
{
	const uint32_t root = f->roots[tree];
	uint32_t last = 1;

	places[0] = 1;
	for (uint32_t i = root; i < f->roots[tree + 1]; i++) {
		const uint32_t place = places[i - root];
		const uint32_t left = f->nodes[i].left;

		if (left == 0)
			continue;
		last = 2 * place + 1;
		if (last >> (AQI_WALK_DEPTH + 1))
			return AQI_WALK_DEPTH + 1;
		places[left - root] = 2 * place;
		places[left - root + 1] = last;
	}
	/* The last inner node's children are the deepest. */
	return 31 - (unsigned)__builtin_clz(last);
}

/* A tree as number k of its group; a leaf stands for all places below it. */
static void
lay_tree(const struct aqi_forest *f, size_t tree, const uint32_t *places,
	 unsigned depth, struct node *nodes, float *leaves)
{
	const uint32_t root = f->roots[tree];
	const uint32_t n_inputs = (uint32_t)f->header->n_inputs;

	for (uint32_t i = root; i < f->roots[tree + 1]; i++) {
		const struct aqi_forest_node *from = &f->nodes[i];
		const uint32_t place = places[i - root];
		unsigned below = depth - (31 - (unsigned)__builtin_clz(place));
		uint32_t first = (place << below) - (1u << depth);

		if (from->left != 0) {
			nodes[place * TREES] = (struct node){
				(float)from->value,
				f->views[from->test & AQI_FOREST_VIEW].input +
				(from->test & AQI_FOREST_DEFAULT_LEFT ?
				 0 : n_inputs)};
			continue;
		}
		for (uint32_t k = 0; k < 1u << below; k++)
			leaves[(first + k) * TREES] = (float)from->value;
	}
}

/*
 * A layout of more than so many places for each node is mostly padding: it
 * takes more memory and cache than the steps are worth.
 */
#define PLACES_PER_NODE 4

/* The depth of each group, and their sum of places; 0: it is not worth it. */
static size_t
measure(const struct aqi_forest *f, struct group *groups, uint32_t *places)
{
	size_t n_places = 0;

	for (size_t t = 0; t < f->header->n_trees; t++) {
		struct group *group = &groups[t / TREES];
		unsigned depth = find_places(f, t, places);

		if (depth > AQI_WALK_DEPTH)
			return 0;
		if (depth > group->depth)
			group->depth = depth;
		if (t % TREES == TREES - 1 || t + 1 == f->header->n_trees)
			n_places += (size_t)1 << group->depth;
	}
	if (n_places * TREES > PLACES_PER_NODE * f->header->n_nodes + 4096)
		return 0;
	return n_places;
}

/* Zeros are nodes too: of places that no walk sees apart. The trees that the
 * last group lacks add -0, which changes no sum, be it -0 itself. */
static enum aqi_status
lay_out(const struct aqi_forest *f, struct aqi_walk *walk, size_t n_places,
	uint32_t *places)
{
	struct node *nodes;
	float *leaves;

	walk->block = calloc(n_places * TREES, sizeof *nodes + sizeof *leaves);
	if (!walk->block)
		return AQI_FATAL;
	nodes = walk->block;
	leaves = (void *)(nodes + n_places * TREES);
	for (size_t g = 0; g < walk->n_groups; g++) {
		struct group *group = &walk->groups[g];

		group->nodes = nodes;
		group->leaves = leaves;
		for (size_t k = 0, t = g * TREES; k < TREES; k++, t++) {
			if (t < f->header->n_trees) {
				find_places(f, t, places);
				lay_tree(f, t, places, group->depth, nodes + k,
					 leaves + k);
				continue;
			}
			for (size_t j = 0; j < (size_t)1 << group->depth; j++)
				leaves[j * TREES + k] = -0.0f;
		}
		nodes += (size_t)TREES << group->depth;
		leaves += (size_t)TREES << group->depth;
	}
	return AQI_OK;
}

static size_t
largest_tree(const struct aqi_forest *f)
{
	size_t largest = 1;

	for (size_t t = 0; t < f->header->n_trees; t++)
		if (f->roots[t + 1] - f->roots[t] > largest)
			largest = f->roots[t + 1] - f->roots[t];
	return largest;
}

enum aqi_status
aqi_walk_new(const struct aqi_forest *forest, struct aqi_walk **out,
	     struct aqi_error *err)
{
	const struct aqi_forest_header *h = forest->header;
	struct aqi_walk *walk;
	uint32_t *places;
	size_t n_places = 0;
	bool failed;

	*out = NULL;
	if (h->n_trees == 0 || h->n_inputs > AQI_WALK_INPUTS ||
	    !aqi_forest_is_simple(forest))
		return AQI_OK;
	walk = calloc(1, sizeof *walk);
	places = calloc(largest_tree(forest), sizeof *places);
	failed = !walk || !places;
	if (!failed) {
		walk->base = (float)forest->bases[0];
		walk->n_inputs = h->n_inputs;
		walk->n_groups = (h->n_trees + TREES - 1) / TREES;
		walk->groups = calloc(walk->n_groups, sizeof *walk->groups);
		failed = !walk->groups;
	}
	if (!failed) {
		n_places = measure(forest, walk->groups, places);
		failed = n_places > 0 &&
			 lay_out(forest, walk, n_places, places) != AQI_OK;
	}
	free(places);
	if (!failed && n_places > 0) {
		*out = walk;
		return AQI_OK;
	}
	aqi_walk_free(walk);
	return failed ? aqi_error_memory(err) : AQI_OK;
}

void
aqi_walk_free(struct aqi_walk *walk)
{
	if (!walk)
		return;
	free(walk->block);
	free(walk->groups);
	free(walk);
}

/* Walk the trees of a group down to their leaves, and add these in order. */
static inline float
add_group(const struct group *group, const float *x, float sum)
{
	size_t at[TREES];	/* the place, times TREES */

	for (int k = 0; k < TREES; k++)
		at[k] = TREES;
	for (unsigned d = 0; d < group->depth; d++) {
#pragma GCC unroll 8
		for (int k = 0; k < TREES; k++) {
			const struct node *node = &group->nodes[at[k] +
								(size_t)k];
			size_t right = !(x[node->input] < node->cut);

			at[k] = 2 * at[k] + right * TREES;
		}
	}
#pragma GCC unroll 8
	for (int k = 0; k < TREES; k++)
		sum += group->leaves[at[k] + (size_t)k -
				     ((size_t)TREES << group->depth)];
	return sum;
}

void
aqi_walk_predict(const struct aqi_walk *walk, const double *x, size_t n_rows,
		 double *margin)
{
	const size_t n_inputs = walk->n_inputs;
	float twice[2 * AQI_WALK_INPUTS];

	for (size_t i = 0; i < n_rows; i++, x += n_inputs) {
		float sum = walk->base;

		for (size_t k = 0; k < n_inputs; k++) {
			const float value = (float)x[k];

			twice[k] = isnan(value) ? -INFINITY : value;
			twice[n_inputs + k] = isnan(value) ? INFINITY : value;
		}
		for (size_t g = 0; g < walk->n_groups; g++)
			sum = add_group(&walk->groups[g], twice, sum);
		margin[i] = (double)sum;
	}
}
