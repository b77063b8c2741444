#include <math.h>

#include "model/forest_parts.h"

_Static_assert(AQI_TREE_DEFAULT_LEFT == AQI_FOREST_DEFAULT_LEFT,
	       "a rule has the bit of a test");

/* Compared side by side, as there are many and nearly none is refused. */
typedef uint64_t wide_lanes __attribute__((vector_size(16)));
typedef uint32_t lanes __attribute__((vector_size(16)));

/* One added to an exponent of all ones carries into the sign. */
static bool
are_finite(const double *x, size_t n)
{
	const uint64_t exponent = UINT64_C(0x7ff) << 52;
	const uint64_t last = UINT64_C(1) << 52;
	wide_lanes all = {0}, pair;
	uint64_t bits;
	size_t i = 0;

	for (; i + 2 <= n; i += 2) {
		memcpy(&pair, x + i, sizeof pair);
		all |= (pair & exponent) + last;
	}
	for (; i < n; i++) {
		memcpy(&bits, x + i, sizeof bits);
		all[0] |= (bits & exponent) + last;
	}
	return (all[0] | all[1]) >> 63 == 0;
}

static bool
are_below(const uint32_t *x, size_t n, uint32_t limit)
{
	lanes others = {0}, four;
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		memcpy(&four, x + i, sizeof four);
		others |= (lanes)(four >= limit);
	}
	for (; i < n; i++)
		others[0] |= x[i] >= limit;
	return (others[0] | others[1] | others[2] | others[3]) == 0;
}

/*
 * Breadth first: `ids` ahead of the node at hand are the queue. Whether that is
 * a split is hard to foretell, so that the children of leaves are written, too,
 * where the next ones follow.
 *
 * tests  (n_nodes,) of splits; zeros of leaves
 * seen   (n_nodes,)
 *
 * false: some node is not the child of one. There are as many children as nodes
 * but for the root, so that none is left out only if none is reached twice.
 */
static bool
put_in_order(const struct aqi_tree_columns *tree, size_t start,
	     const uint32_t *tests, bool *seen, uint32_t *ids,
	     struct aqi_forest_node *out)
{
	const uint32_t n = (uint32_t)tree->n_splits;
	const size_t n_nodes = 2 * tree->n_splits + 1;
	const uint32_t *children = tree->children;
	const double *values = tree->values;
	size_t n_reached = 1;

	memset(seen, 0, n_nodes * sizeof *seen);
	ids[0] = 0;
	for (size_t i = 0; i < n_reached; i++) {
		const uint32_t at = ids[i];
		const uint32_t split = 0 - (uint32_t)(at < n);

		out[i] = (struct aqi_forest_node){
			.value = values[at],
			.left = (uint32_t)(start + n_reached) & split,
			.test = tests[at],
		};
		memcpy(ids + n_reached, children + 2 * (size_t)at,
		       2 * sizeof *ids);
		ids[i] = at - (n & ~split);
		seen[at] = true;
		n_reached += 2 & split;
		if (n_reached > n_nodes)
			return false;
	}
	return n_reached == n_nodes && !memchr(seen, 0, n_nodes);
}

/* What nodes ask for; false: some view has no number yet. */
static bool
make_tests(const struct aqi_forest_builder *b,
	   const struct aqi_tree_columns *tree, uint32_t *tests)
{
	bool are_known = true;

	for (size_t i = 0; i < tree->n_splits; i++) {
		const uint32_t left = tree->rules[i] & AQI_TREE_DEFAULT_LEFT;
		const uint32_t view =
			b->view_of[tree->inputs[i] * AQI_FOREST_RULES +
				   (tree->rules[i] ^ left)];

		are_known &= view != 0;
		tests[i] = (view - 1) | left;
	}
	memset(tests + tree->n_splits, 0,
	       (tree->n_splits + 1) * sizeof *tests);
	return are_known;
}

/* Number the views, as nodes that are in order have their places. */
static bool
number_views(struct aqi_forest_builder *b, const struct aqi_tree_columns *tree,
	     const uint32_t *ids, const struct aqi_forest_node *nodes)
{
	uint32_t view;

	for (size_t i = 0; i < 2 * tree->n_splits + 1; i++)
		if (nodes[i].left != 0 &&
		    aqi_forest_find_view(b, tree->inputs[ids[i]],
			    tree->rules[ids[i]] & ~AQI_TREE_DEFAULT_LEFT,
			    &view, NULL) != AQI_OK)
			return false;
	return true;
}

/* The nodes and their ids, where the next ones are to be. */
static bool
put(struct aqi_forest_builder *b, const struct aqi_tree_columns *tree)
{
	struct aqi_forest_node *out =
		(struct aqi_forest_node *)b->nodes.data + b->nodes.n;
	uint32_t *ids = (uint32_t *)b->ids.data + b->ids.n;
	uint32_t *tests = b->tests.data;
	const bool are_known = make_tests(b, tree, tests);

	if (!put_in_order(tree, b->nodes.n, tests, b->seen.data, ids, out))
		return false;
	if (are_known)
		return true;
	return number_views(b, tree, ids, out) && make_tests(b, tree, tests) &&
	       put_in_order(tree, b->nodes.n, tests, b->seen.data, ids, out);
}

static double
largest_of(const double *leaves, size_t n)
{
	double most[4] = {0};
	size_t i = 0;

	/* Four that do not wait for one another. */
	for (; i + 4 <= n; i += 4)
#pragma GCC unroll 4
		for (size_t k = 0; k < 4; k++)
			most[k] = fabs(leaves[i + k]) > most[k] ?
				  fabs(leaves[i + k]) : most[k];
	for (; i < n; i++)
		most[0] = fmax(fabs(leaves[i]), most[0]);
	return fmax(fmax(most[0], most[1]), fmax(most[2], most[3]));
}

static void
count(struct aqi_forest_builder *b, const struct aqi_tree_columns *tree)
{
	const size_t n = tree->n_splits;

	((uint32_t *)b->roots.data)[b->roots.n++] = (uint32_t)b->nodes.n;
	((uint32_t *)b->targets.data)[b->targets.n++] = (uint32_t)tree->target;
	((double *)b->largest.data)[b->largest.n++] =
		largest_of(tree->values + n, n + 1);
	b->nodes.n += 2 * n + 1;
	b->ids.n += 2 * n + 1;
	b->n_files++;
	b->last = NULL;
}

bool
aqi_forest_builder_add_columns(struct aqi_forest_builder *b,
			       const struct aqi_tree_columns *tree)
{
	const size_t n_nodes = 2 * tree->n_splits + 1;

	if (!b->shape.is_wide || b->shape.has_covers || b->shape.has_gains ||
	    tree->target >= b->shape.n_margins ||
	    b->targets.n >= AQI_FOREST_MAX_TREES ||
	    n_nodes > AQI_FOREST_MAX_NODES - b->nodes.n ||
	    aqi_forest_check_tree(b, n_nodes, NULL) != AQI_OK ||
	    aqi_forest_make_room(b, n_nodes, NULL) != AQI_OK ||
	    aqi_list_reserve(&b->tests, n_nodes, sizeof(uint32_t), NULL) ||
	    !are_below(tree->children, 2 * tree->n_splits, (uint32_t)n_nodes) ||
	    !are_below(tree->inputs, tree->n_splits,
		       (uint32_t)b->shape.n_inputs) ||
	    !are_finite(tree->values, n_nodes) || !put(b, tree))
		return false;
	/* What a tree that was refused has left. */
	if (b->linears.n > b->nodes.n)
		b->linears.n = b->nodes.n;
	count(b, tree);
	return true;
}
