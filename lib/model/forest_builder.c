#include "model/forest_builder.h"

#include <math.h>
#include <stdlib.h>

#include "model/forest_block.h"

struct aqi_forest_builder {
	struct aqi_forest_shape shape;
	uint32_t *roots;	/* (n_trees + 1,) of roots_room */
	struct aqi_forest_node *nodes;	/* (n_nodes,) of nodes_room */
	uint32_t *ids;		/* (n_nodes,) of nodes_room */
	bool *seen;		/* (nodes_room,) by number in the file */
	size_t n_trees, n_nodes;
	size_t roots_room, nodes_room;
	double largest;		/* the largest sum there can be */
};

static bool
fits(const struct aqi_forest_shape *shape, struct aqi_error *err)
{
	if (!isfinite(shape->base))
		aqi_error_set(err, AQI_E_MODEL,
			      "the base margin is not finite");
	else if (shape->n_inputs < 1 ||
		 shape->n_inputs > AQI_FOREST_MAX_INPUTS)
		aqi_error_set(err, AQI_E_MODEL,
			      "%zu inputs; 1 to %d are supported",
			      shape->n_inputs, AQI_FOREST_MAX_INPUTS);
	else
		return true;
	return false;
}

struct aqi_forest_builder *
aqi_forest_builder_new(const struct aqi_forest_shape *shape,
		       struct aqi_error *err)
{
	struct aqi_forest_builder *b;

	if (!fits(shape, err))
		return NULL;
	b = calloc(1, sizeof *b);
	if (!b) {
		aqi_error_memory(err);
		return NULL;
	}
	b->shape = *shape;
	b->largest = fabs((double)shape->base);
	return b;
}

static bool
grow(void *array, size_t n, size_t size)
{
	void *old, *grown;

	memcpy(&old, array, sizeof old);
	grown = reallocarray(old, n, size);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof grown);
	return true;
}

/* Room for one more tree of n nodes. */
static enum aqi_status
make_room(struct aqi_forest_builder *b, size_t n, struct aqi_error *err)
{
	size_t trees = b->n_trees + 2, nodes = b->n_nodes + n;

	if (trees > b->roots_room) {
		if (!grow(&b->roots, trees * 2, sizeof *b->roots))
			return aqi_error_memory(err);
		b->roots_room = trees * 2;
	}
	if (nodes > b->nodes_room) {
		if (!grow(&b->nodes, nodes * 2, sizeof *b->nodes) ||
		    !grow(&b->ids, nodes * 2, sizeof *b->ids) ||
		    !grow(&b->seen, nodes * 2, sizeof *b->seen))
			return aqi_error_memory(err);
		b->nodes_room = nodes * 2;
	}
	return AQI_OK;
}

static enum aqi_status
fail_node(const struct aqi_forest_builder *b, size_t node, const char *reason,
	  struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %zu: %s",
			     b->n_trees, node, reason);
}

/* Give the next place to a child; where in the file it is. */
static enum aqi_status
reach(struct aqi_forest_builder *b, size_t parent, int64_t child,
      size_t n_nodes, size_t *n_reached, struct aqi_error *err)
{
	if (child < 0 || (uint64_t)child >= n_nodes)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: no child %lld "
				     "among %zu nodes", b->n_trees, parent,
				     (long long)child, n_nodes);
	if (b->seen[child])
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: child %lld has a "
				     "parent already, or is the root",
				     b->n_trees, parent, (long long)child);
	b->seen[child] = true;
	b->ids[b->n_nodes + (*n_reached)++] = (uint32_t)child;
	return AQI_OK;
}

static enum aqi_status
check_node(const struct aqi_forest_builder *b, size_t at,
	   const struct aqi_tree_node *node, struct aqi_error *err)
{
	if (!isfinite(node->value))
		return fail_node(b, at, node->is_leaf ?
				 "the leaf's value is not finite" :
				 "the threshold is not finite", err);
	if (!node->is_leaf &&
	    (node->input < 0 || (uint64_t)node->input >= b->shape.n_inputs))
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: no input %lld "
				     "among %zu", b->n_trees, at,
				     (long long)node->input,
				     b->shape.n_inputs);
	return AQI_OK;
}

/*
 * Breadth first: ids, as far as they are filled, are the queue. Nothing is
 * visited twice, so this ends whatever the file says, and needs no stack.
 */
static enum aqi_status
walk(struct aqi_forest_builder *b, const struct aqi_tree_node *nodes,
     size_t n_nodes, size_t *n_reached, struct aqi_error *err)
{
	double largest = 0;

	memset(b->seen, 0, n_nodes * sizeof *b->seen);
	b->seen[0] = true;
	b->ids[b->n_nodes] = 0;
	*n_reached = 1;
	for (size_t i = 0; i < *n_reached; i++) {
		size_t at = b->ids[b->n_nodes + i];
		const struct aqi_tree_node *node = &nodes[at];
		struct aqi_forest_node *out = &b->nodes[b->n_nodes + i];

		if (check_node(b, at, node, err) != AQI_OK)
			return AQI_FATAL;
		*out = (struct aqi_forest_node){.value = node->value};
		if (node->is_leaf) {
			largest = fmax(largest, fabs((double)node->value));
			continue;
		}
		out->left = (uint32_t)(b->n_nodes + *n_reached);
		out->input = (uint32_t)node->input |
			     (node->default_left ? AQI_FOREST_DEFAULT_LEFT : 0);
		if (reach(b, at, node->left, n_nodes, n_reached, err) ||
		    reach(b, at, node->right, n_nodes, n_reached, err))
			return AQI_FATAL;
	}
	b->largest += largest;
	return AQI_OK;
}

enum aqi_status
aqi_forest_builder_add(struct aqi_forest_builder *b,
		       const struct aqi_tree_node *nodes, size_t n_nodes,
		       size_t n_unused, struct aqi_error *err)
{
	size_t n_reached;

	if (n_nodes == 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu: no nodes", b->n_trees);
	if (b->n_trees >= AQI_FOREST_MAX_TREES ||
	    n_nodes > AQI_FOREST_MAX_NODES - b->n_nodes)
		return aqi_error_set(err, AQI_E_LIMIT,
				     "tree %zu: above the limit of %d trees "
				     "or %zu nodes", b->n_trees,
				     AQI_FOREST_MAX_TREES,
				     AQI_FOREST_MAX_NODES);
	if (make_room(b, n_nodes, err) != AQI_OK ||
	    walk(b, nodes, n_nodes, &n_reached, err) != AQI_OK)
		return AQI_FATAL;
	if (n_nodes - n_reached != n_unused)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu: %zu nodes are not reached "
				     "from the root, %zu are said to be unused",
				     b->n_trees, n_nodes - n_reached,
				     n_unused);
	b->roots[b->n_trees++] = (uint32_t)b->n_nodes;
	b->n_nodes += n_reached;
	return AQI_OK;
}

static char *
make_block(const struct aqi_forest_builder *b)
{
	const struct aqi_forest_header counts = {
		.link = (uint32_t)b->shape.link,
		.base = b->shape.base,
		.n_inputs = b->shape.n_inputs,
		.n_trees = b->n_trees,
		.n_nodes = b->n_nodes,
	};
	const struct aqi_forest_header *h;
	uint32_t end = (uint32_t)b->n_nodes;
	char *block = aqi_forest_block_new(&counts);

	if (!block)
		return NULL;
	h = (const void *)block;
	if (b->n_trees > 0) {
		memcpy(block + h->roots, b->roots,
		       b->n_trees * sizeof *b->roots);
		memcpy(block + h->nodes, b->nodes,
		       b->n_nodes * sizeof *b->nodes);
		memcpy(block + h->ids, b->ids, b->n_nodes * sizeof *b->ids);
	}
	memcpy(block + h->roots + b->n_trees * sizeof end, &end, sizeof end);
	aqi_forest_block_seal(block);
	return block;
}

struct aqi_forest *
aqi_forest_builder_finish(struct aqi_forest_builder *b, struct aqi_error *err)
{
	struct aqi_forest *forest;
	char *block;

	if (!aqi_forest_block_is_bounded(b->largest)) {
		aqi_error_set(err, AQI_E_MODEL,
			      "the leaves are too large: their sum can "
			      "exceed a 32-bit float");
		return NULL;
	}
	block = make_block(b);
	if (!block) {
		aqi_error_memory(err);
		return NULL;
	}
	forest = aqi_forest_block_view(block, block, err);
	if (!forest)
		free(block);
	return forest;
}

void
aqi_forest_builder_free(struct aqi_forest_builder *b)
{
	if (!b)
		return;
	free(b->roots);
	free(b->nodes);
	free(b->ids);
	free(b->seen);
	free(b);
}
