#include "model/forest_builder.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "model/forest_parts.h"

bool
aqi_forest_holds(const struct aqi_forest_builder *b, double x)
{
	return isfinite(x) && (b->shape.is_wide || fabs(x) <= (double)FLT_MAX);
}

static bool
fits(const struct aqi_forest_shape *shape, struct aqi_error *err)
{
	if (shape->n_inputs < 1 || shape->n_inputs > AQI_FOREST_MAX_INPUTS)
		aqi_error_set(err, AQI_E_MODEL,
			      "%zu inputs; 1 to %d are supported",
			      shape->n_inputs, AQI_FOREST_MAX_INPUTS);
	else if (shape->n_margins < 1 ||
		 shape->n_margins > AQI_FOREST_MAX_MARGINS)
		aqi_error_set(err, AQI_E_MODEL,
			      "%zu outputs; 1 to %d are supported",
			      shape->n_margins, AQI_FOREST_MAX_MARGINS);
	else
		return true;
	return false;
}

static enum aqi_status
take_bases(struct aqi_forest_builder *b, struct aqi_error *err)
{
	const size_t n = b->shape.n_margins;

	b->bases = calloc(n, sizeof *b->bases);
	b->view_of = calloc(b->shape.n_inputs,
			    AQI_FOREST_RULES * sizeof *b->view_of);
	if (!b->bases || !b->view_of)
		return aqi_error_memory(err);
	for (size_t k = 0; b->shape.bases && k < n; k++) {
		b->bases[k] = b->shape.bases[k];
		if (!aqi_forest_holds(b, b->bases[k]))
			return aqi_error_set(err, AQI_E_MODEL, "the base "
					     "margin is not finite");
	}
	return AQI_OK;
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
	b->most = SIZE_MAX;
	if (take_bases(b, err) == AQI_OK)
		return b;
	aqi_forest_builder_free(b);
	return NULL;
}

/* What the file calls the tree that is added. */
static size_t
tree_number(const struct aqi_forest_builder *b)
{
	return b->n_files > 0 ? b->n_files - 1 : 0;
}

/* Bytes of all lists, as far as they are filled. */
static size_t
size_of(const struct aqi_forest_builder *b)
{
	return b->roots.n * (2 * sizeof(uint32_t) + sizeof(double)) +
	       b->nodes.n * (sizeof(struct aqi_forest_node) +
			     sizeof(uint32_t)) +
	       (b->covers.n + b->gains.n) * sizeof(float) +
	       (b->linears.n + b->sets.n + b->firsts.n) * sizeof(uint32_t) +
	       (b->members.n + b->constants.n) * sizeof(double) +
	       b->terms.n * sizeof(struct aqi_forest_term);
}

static enum aqi_status
check_size(const struct aqi_forest_builder *b, size_t size, size_t tree,
	   struct aqi_error *err)
{
	if (size <= b->most && size_of(b) <= b->most - size)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_LIMIT, "tree %zu: above the limit of "
			     "memory: ten times the file, and 32 MB", tree);
}

enum aqi_status
aqi_forest_check_size(const struct aqi_forest_builder *b, size_t more,
		      struct aqi_error *err)
{
	return check_size(b, b->adding + more, tree_number(b), err);
}

enum aqi_status
aqi_forest_builder_bound(struct aqi_forest_builder *b, size_t most, size_t held,
			 struct aqi_error *err)
{
	b->most = held < most ? most - held : 0;
	return check_size(b, 0, b->n_files, err);
}

/* Nodes that are not reached take no place in the end, but do meanwhile. */
enum aqi_status
aqi_forest_check_tree(struct aqi_forest_builder *b, size_t n,
		      struct aqi_error *err)
{
	b->adding = n * (sizeof(struct aqi_forest_node) + sizeof(uint32_t) +
			 (b->shape.has_covers ? sizeof(float) : 0) +
			 (b->shape.has_gains ? sizeof(float) : 0) +
			 sizeof(bool));
	return aqi_forest_check_size(b, 0, err);
}

enum aqi_status
aqi_forest_make_room(struct aqi_forest_builder *b, size_t n,
		     struct aqi_error *err)
{
	if ((b->is_half && !aqi_forest_is_expected(b, n)) ||
	    (b->expected && !aqi_forest_is_expected(b, n) &&
	     aqi_forest_expect_none(b, err) != AQI_OK) ||
	    aqi_list_reserve(&b->roots, 1, sizeof(uint32_t), err) ||
	    aqi_list_reserve(&b->targets, 1, sizeof(uint32_t), err) ||
	    aqi_list_reserve(&b->largest, 1, sizeof(double), err) ||
	    aqi_list_reserve(&b->nodes, n, sizeof(struct aqi_forest_node),
			     err) ||
	    /* The queue may end with children of the last, which are none. */
	    aqi_list_reserve(&b->ids, n + 2, sizeof(uint32_t), err) ||
	    (b->shape.has_covers &&
	     aqi_list_reserve(&b->covers, n, sizeof(float), err)) ||
	    (b->shape.has_gains &&
	     aqi_list_reserve(&b->gains, n, sizeof(float), err)) ||
	    aqi_list_reserve(&b->seen, n, sizeof(bool), err))
		return AQI_FATAL;
	return AQI_OK;
}

enum aqi_status
aqi_forest_fail_node(const struct aqi_forest_builder *b, size_t node,
		     const char *reason, struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %zu: %s",
			     tree_number(b), node, reason);
}

enum aqi_status
aqi_forest_check_input(const struct aqi_forest_builder *b, size_t at,
		       int64_t input, struct aqi_error *err)
{
	if (input >= 0 && (uint64_t)input < b->shape.n_inputs)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "tree %zu node %zu: no input %lld among %zu",
			     tree_number(b), at, (long long)input,
			     b->shape.n_inputs);
}

static enum aqi_status
check_node(const struct aqi_forest_builder *b, size_t at,
	   const struct aqi_tree_node *node, struct aqi_error *err)
{
	if (!aqi_forest_holds(b, node->value))
		return aqi_forest_fail_node(b, at, node->is_leaf ?
					    "the leaf's value is not finite" :
					    "the threshold is not finite", err);
	if (!isfinite(node->cover) || node->cover < 0)
		return aqi_forest_fail_node(b, at, "the number of its samples "
					    "is not finite, or below 0", err);
	if (!isfinite(node->gain))
		return aqi_forest_fail_node(b, at, "the gain is not finite",
					    err);
	return node->is_leaf ? AQI_OK :
	       aqi_forest_check_input(b, at, node->input, err);
}

enum aqi_status
aqi_forest_find_view(struct aqi_forest_builder *b, size_t input,
		     enum aqi_view_rule rule, uint32_t *view,
		     struct aqi_error *err)
{
	const struct aqi_forest_view wanted = {
		.input = (uint32_t)input, .rule = rule
	};
	uint32_t *number = &b->view_of[input * AQI_FOREST_RULES + rule];

	if (*number == 0) {
		if (aqi_list_append(&b->views, &wanted, sizeof wanted, err))
			return AQI_FATAL;
		*number = (uint32_t)b->views.n;
	}
	*view = *number - 1;
	return AQI_OK;
}

/* The number of a node's set, which may be that of the tree before. */
static enum aqi_status
lay_set(struct aqi_forest_builder *b, size_t at, size_t place,
	const struct aqi_tree_node *node, double *number,
	struct aqi_error *err)
{
	const struct aqi_forest_node *nodes = b->nodes.data;
	const uint32_t *roots = b->roots.data;

	if (!b->shares)
		return aqi_forest_add_set(b, at, node, number, err);
	*number = nodes[place - b->nodes.n + roots[b->roots.n - 1]].value;
	return AQI_OK;
}

/* What a node is in the block, its children aside. */
static enum aqi_status
lay_node(struct aqi_forest_builder *b, size_t at, size_t place,
	 const struct aqi_tree_node *node, struct aqi_forest_node *out,
	 struct aqi_error *err)
{
	uint32_t view;

	*out = (struct aqi_forest_node){.value = node->value};
	if (b->shape.has_covers)
		((float *)b->covers.data)[place] = node->cover;
	if (b->shape.has_gains)
		((float *)b->gains.data)[place] = node->is_leaf ? 0 :
						  node->gain;
	if (node->is_leaf)
		return !node->is_linear ? AQI_OK :
		       aqi_forest_add_function(b, at, place, node, err);
	if (aqi_forest_find_view(b, (size_t)node->input, node->rule, &view,
				 err) != AQI_OK ||
	    (node->has_set && lay_set(b, at, place, node, &out->value, err)))
		return AQI_FATAL;
	out->test = view | (node->has_set ? AQI_FOREST_HAS_SET : 0) |
		    (node->default_left ? AQI_FOREST_DEFAULT_LEFT : 0);
	return AQI_OK;
}

/* The queue of nodes that are reached, each once. */
struct walk {
	uint32_t *queue;	/* (n_nodes,) in the file */
	bool *seen;		/* (n_nodes,) */
	size_t n_reached, n_nodes;
};

/* Give the next place to a child. */
static inline bool
reach(struct walk *walk, int64_t child)
{
	if ((uint64_t)child >= walk->n_nodes || walk->seen[child])
		return false;
	walk->seen[child] = true;
	walk->queue[walk->n_reached++] = (uint32_t)child;
	return true;
}

/* Why a child cannot be reached. */
static enum aqi_status
fail_child(const struct aqi_forest_builder *b, const struct walk *walk,
	   size_t at, int64_t child, struct aqi_error *err)
{
	if ((uint64_t)child >= walk->n_nodes)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: no child %lld "
				     "among %zu nodes", tree_number(b), at,
				     (long long)child, walk->n_nodes);
	return aqi_error_set(err, AQI_E_MODEL,
			     "tree %zu node %zu: child %lld has a "
			     "parent already, or is the root",
			     tree_number(b), at, (long long)child);
}

/* A node of a tree that has no array of them. */
static inline const struct aqi_tree_node *
make_node(const struct aqi_tree *tree, size_t i, struct aqi_tree_node *node)
{
	*node = (struct aqi_tree_node){0};
	tree->node(tree->self, i, node);
	return node;
}

/*
 * Breadth first: ids, as far as they are filled, are the queue. Nothing is
 * visited twice, so this ends whatever the file says, and needs no stack.
 */
static enum aqi_status
walk_tree(struct aqi_forest_builder *b, const struct aqi_tree *tree,
	  size_t *n_reached, struct aqi_error *err)
{
	const size_t start = b->nodes.n;
	struct aqi_forest_node *out =
		(struct aqi_forest_node *)b->nodes.data + start;
	struct walk walk = {
		.queue = (uint32_t *)b->ids.data + start,
		.seen = b->seen.data, .n_reached = 1, .n_nodes = tree->n_nodes,
	};
	struct aqi_tree_node made;
	double largest = 0;

	memset(walk.seen, 0, tree->n_nodes * sizeof *walk.seen);
	walk.seen[0] = true;
	walk.queue[0] = 0;
	for (size_t i = 0; i < walk.n_reached; i++) {
		const size_t at = walk.queue[i];
		const struct aqi_tree_node *node = tree->nodes ?
			&tree->nodes[at] : make_node(tree, at, &made);

		if (check_node(b, at, node, err) != AQI_OK ||
		    lay_node(b, at, start + i, node, &out[i], err) != AQI_OK)
			return AQI_FATAL;
		if (node->is_leaf) {
			if (fabs(node->value) > largest)
				largest = fabs(node->value);
			continue;
		}
		out[i].left = (uint32_t)(start + walk.n_reached);
		if (!reach(&walk, node->left))
			return fail_child(b, &walk, at, node->left, err);
		if (!reach(&walk, node->right))
			return fail_child(b, &walk, at, node->right, err);
	}
	((double *)b->largest.data)[b->largest.n] = largest;
	*n_reached = walk.n_reached;
	return AQI_OK;
}

/* From the places of nodes to what the file calls them. */
static void
name_nodes(struct aqi_forest_builder *b, const struct aqi_tree *tree,
	   size_t n_reached)
{
	uint32_t *ids = (uint32_t *)b->ids.data + b->ids.n;

	for (size_t i = 0; tree->ids && i < n_reached; i++)
		ids[i] = tree->ids[ids[i]];
}

enum aqi_status
aqi_forest_builder_add(struct aqi_forest_builder *b,
		       const struct aqi_tree *tree, struct aqi_error *err)
{
	const uint32_t target = (uint32_t)tree->target |
				(tree->repeats ? AQI_FOREST_REPEATS : 0);
	const void *source = tree->nodes ? tree->nodes : tree->self;
	size_t n_reached = 0, t;

	if (b->is_half)
		return AQI_FATAL;
	/* What a tree that was refused has left. */
	if (b->linears.n > b->nodes.n)
		b->linears.n = b->nodes.n;
	b->n_files += !tree->repeats;
	b->shares = tree->repeats && b->roots.n > 0 && source == b->last;
	t = tree_number(b);

	if (tree->n_nodes == 0)
		return aqi_error_set(err, AQI_E_MODEL, "tree %zu: no nodes", t);
	if (tree->target >= b->shape.n_margins)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu: no output %zu among %zu", t,
				     tree->target, b->shape.n_margins);
	if (b->targets.n >= AQI_FOREST_MAX_TREES ||
	    tree->n_nodes > AQI_FOREST_MAX_NODES - b->nodes.n)
		return aqi_error_set(err, AQI_E_LIMIT,
				     "tree %zu: above the limit of %d trees "
				     "or %zu nodes", t, AQI_FOREST_MAX_TREES,
				     AQI_FOREST_MAX_NODES);
	if (aqi_forest_check_tree(b, tree->n_nodes, err) != AQI_OK ||
	    aqi_forest_make_room(b, tree->n_nodes, err) != AQI_OK ||
	    walk_tree(b, tree, &n_reached, err) != AQI_OK)
		return AQI_FATAL;
	if (tree->n_nodes - n_reached != tree->n_unused)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu: %zu nodes are not reached "
				     "from the root, %zu are said to be unused",
				     t, tree->n_nodes - n_reached,
				     tree->n_unused);
	name_nodes(b, tree, n_reached);
	((uint32_t *)b->roots.data)[b->roots.n++] = (uint32_t)b->nodes.n;
	((uint32_t *)b->targets.data)[b->targets.n++] = target;
	b->largest.n++;
	b->nodes.n += n_reached;
	b->ids.n += n_reached;
	b->covers.n += b->shape.has_covers ? n_reached : 0;
	b->gains.n += b->shape.has_gains ? n_reached : 0;
	b->last = source;
	return AQI_OK;
}

void
aqi_forest_builder_free(struct aqi_forest_builder *b)
{
	if (!b)
		return;
	if (b->is_second)
		aqi_forest_half_return(b);
	aqi_forest_expected_free(b);
	free(b->bases);
	free(b->view_of);
	aqi_list_free(&b->roots, sizeof(uint32_t));
	aqi_list_free(&b->targets, sizeof(uint32_t));
	aqi_list_free(&b->largest, sizeof(double));
	aqi_list_free(&b->nodes, sizeof(struct aqi_forest_node));
	aqi_list_free(&b->ids, sizeof(uint32_t));
	aqi_list_free(&b->covers, sizeof(float));
	aqi_list_free(&b->gains, sizeof(float));
	aqi_list_free(&b->linears, sizeof(uint32_t));
	aqi_list_free(&b->views, sizeof(struct aqi_forest_view));
	aqi_list_free(&b->sets, sizeof(uint32_t));
	aqi_list_free(&b->members, sizeof(double));
	aqi_list_free(&b->constants, sizeof(double));
	aqi_list_free(&b->firsts, sizeof(uint32_t));
	aqi_list_free(&b->terms, sizeof(struct aqi_forest_term));
	aqi_list_free(&b->seen, sizeof(bool));
	aqi_list_free(&b->tests, sizeof(uint32_t));
	free(b);
}
