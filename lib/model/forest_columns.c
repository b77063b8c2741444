#include <math.h>

#include "model/forest_parts.h"

_Static_assert(AQI_TREE_DEFAULT_LEFT == AQI_FOREST_DEFAULT_LEFT,
	       "a rule has the bit of a test");

/* Is each node but the root the child of one? There are as many children as
 * such nodes, so that none is left out only if none is there twice. */
static bool
are_children(const struct aqi_tree_columns *tree, bool *seen)
{
	const size_t n_nodes = 2 * tree->n_splits + 1;

	memset(seen, 0, n_nodes * sizeof *seen);
	for (size_t i = 0; i < tree->n_splits; i++) {
		const uint32_t left = tree->lefts[i], right = tree->rights[i];

		if (left >= n_nodes || right >= n_nodes)
			return false;
		seen[left] = seen[right] = true;
	}
	return !memchr(seen + 1, 0, n_nodes - 1);
}

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
are_inputs(const struct aqi_forest_builder *b,
	   const struct aqi_tree_columns *tree)
{
	const uint32_t n_inputs = (uint32_t)b->shape.n_inputs;
	lanes others = {0}, four;
	size_t i = 0;

	for (; i + 4 <= tree->n_splits; i += 4) {
		memcpy(&four, tree->inputs + i, sizeof four);
		others |= (lanes)(four >= n_inputs);
	}
	for (; i < tree->n_splits; i++)
		others[0] |= tree->inputs[i] >= n_inputs;
	return (others[0] | others[1] | others[2] | others[3]) == 0;
}

/*
 * Breadth first: `queue` holds the nodes in the order of their places. Whether
 * a node is a split is hard to foretell, so that the children of leaves are
 * written, too, where the next ones follow. Returns how many are reached; of
 * nodes that are the child of one each is reached once.
 */
static size_t
put_in_order(const struct aqi_tree_columns *tree, size_t start,
	     uint32_t *queue, uint32_t *places, struct aqi_forest_node *out)
{
	size_t n_reached = 1;

	queue[0] = 0;
	for (size_t i = 0; i < n_reached; i++) {
		const uint32_t at = queue[i];
		const uint32_t is_split = at < tree->n_splits;

		places[at] = (uint32_t)i;
		out[i].left = (uint32_t)(start + n_reached) & (0 - is_split);
		queue[n_reached] = tree->lefts[at];
		queue[n_reached + 1] = tree->rights[at];
		n_reached += 2 * is_split;
	}
	return n_reached;
}

static inline const uint32_t *
view_of(const struct aqi_forest_builder *b, const struct aqi_tree_columns *tree,
	size_t split)
{
	return &b->view_of[tree->inputs[split] * AQI_FOREST_RULES +
			   (tree->rules[split] & ~AQI_TREE_DEFAULT_LEFT)];
}

/* Number the views, as nodes have their places, where there are new ones. */
static bool
find_views(struct aqi_forest_builder *b, const struct aqi_tree_columns *tree,
	   const uint32_t *queue)
{
	bool has_new = false;
	uint32_t view;

	for (size_t i = 0; i < tree->n_splits; i++)
		has_new |= *view_of(b, tree, i) == 0;
	for (size_t i = 0; has_new && i < 2 * tree->n_splits + 1; i++) {
		const uint32_t at = queue[i];

		if (at < tree->n_splits &&
		    aqi_forest_find_view(b, tree->inputs[at],
			    tree->rules[at] & ~AQI_TREE_DEFAULT_LEFT, &view,
			    NULL) != AQI_OK)
			return false;
	}
	return true;
}

/* All but the children. */
static void
fill(const struct aqi_forest_builder *b, const struct aqi_tree_columns *tree,
     const uint32_t *places, struct aqi_forest_node *out, uint32_t *ids)
{
	const size_t n = tree->n_splits;

	for (size_t i = 0; i < n; i++) {
		struct aqi_forest_node *node = &out[places[i]];

		node->value = tree->values[i];
		node->test = (*view_of(b, tree, i) - 1) |
			     (tree->rules[i] & AQI_TREE_DEFAULT_LEFT);
		ids[places[i]] = (uint32_t)i;
	}
	for (size_t i = 0; i <= n; i++) {
		out[places[n + i]].value = tree->values[n + i];
		out[places[n + i]].test = 0;
		ids[places[n + i]] = (uint32_t)i;
	}
}

static double
largest_of(const double *leaves, size_t n)
{
	double largest = 0;

	for (size_t i = 0; i < n; i++)
		largest = fabs(leaves[i]) > largest ? fabs(leaves[i]) :
						      largest;
	return largest;
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
	struct aqi_forest_node *out;
	uint32_t *ids;

	if (!b->shape.is_wide || b->shape.has_covers || b->shape.has_gains ||
	    tree->target >= b->shape.n_margins ||
	    b->targets.n >= AQI_FOREST_MAX_TREES ||
	    n_nodes > AQI_FOREST_MAX_NODES - b->nodes.n ||
	    aqi_forest_check_tree(b, n_nodes, NULL) != AQI_OK ||
	    aqi_forest_make_room(b, n_nodes, NULL) != AQI_OK ||
	    aqi_list_reserve(&b->places, n_nodes, sizeof(uint32_t), NULL) ||
	    !are_children(tree, b->seen.data) ||
	    !are_inputs(b, tree) || !are_finite(tree->values, n_nodes))
		return false;
	out = (struct aqi_forest_node *)b->nodes.data + b->nodes.n;
	ids = (uint32_t *)b->ids.data + b->ids.n;
	if (put_in_order(tree, b->nodes.n, ids, b->places.data, out) !=
		    n_nodes ||
	    !find_views(b, tree, ids))
		return false;
	/* What a tree that was refused has left. */
	if (b->linears.n > b->nodes.n)
		b->linears.n = b->nodes.n;
	fill(b, tree, b->places.data, out, ids);
	count(b, tree);
	return true;
}
