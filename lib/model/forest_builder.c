#include "model/forest_builder.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "model/forest_block.h"

/* An array that grows by doubling. */
struct list {
	void *data;
	size_t n, room;
};

struct aqi_forest_builder {
	struct aqi_forest_shape shape;
	double *bases;		/* (n_margins,) */
	struct list roots;	/* uint32_t */
	struct list targets;	/* uint32_t */
	struct list nodes;	/* struct aqi_forest_node */
	struct list ids;	/* uint32_t: while a tree is added, its queue */
	struct list covers, gains;	/* float; empty: it has none */
	struct list linears;	/* uint32_t: up to the last that is not 0 */
	struct list views;	/* struct aqi_forest_view */
	uint32_t *view_of;	/* (n_inputs, rules) number from 1; 0: none */
	struct list sets;	/* uint32_t: the end of each */
	struct list members;	/* double */
	struct list constants;	/* double */
	struct list firsts;	/* uint32_t: the end of each */
	struct list terms;	/* struct aqi_forest_term */
	struct list seen;	/* bool, of the nodes of a tree in the file */
	double largest;		/* the largest sum there can be */
	size_t n_files;		/* trees of the file so far, and now */
	const struct aqi_tree_node *last;	/* nodes of the tree before */
	bool shares;		/* the tree has the sets of that */
};

/* Room for n more elements. */
static enum aqi_status
reserve(struct list *list, size_t n, size_t size, struct aqi_error *err)
{
	void *grown;
	size_t room;

	if (n <= list->room - list->n)
		return AQI_OK;
	room = 2 * (list->n + n);
	grown = reallocarray(list->data, room, size);
	if (!grown)
		return aqi_error_memory(err);
	list->data = grown;
	list->room = room;
	return AQI_OK;
}

static enum aqi_status
append(struct list *list, const void *element, size_t size,
       struct aqi_error *err)
{
	if (reserve(list, 1, size, err) != AQI_OK)
		return AQI_FATAL;
	memcpy((char *)list->data + list->n++ * size, element, size);
	return AQI_OK;
}

static enum aqi_status
append_index(struct list *list, size_t index, struct aqi_error *err)
{
	const uint32_t value = (uint32_t)index;

	return append(list, &value, sizeof value, err);
}

/* A number that the forest's width holds. */
static bool
is_number(const struct aqi_forest_builder *b, double x)
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

#define N_RULES (AQI_VIEW_LAST + 1)

static enum aqi_status
take_bases(struct aqi_forest_builder *b, struct aqi_error *err)
{
	const size_t n = b->shape.n_margins;

	b->bases = calloc(n, sizeof *b->bases);
	b->view_of = calloc(b->shape.n_inputs, N_RULES * sizeof *b->view_of);
	if (!b->bases || !b->view_of)
		return aqi_error_memory(err);
	for (size_t k = 0; b->shape.bases && k < n; k++) {
		b->bases[k] = b->shape.bases[k];
		if (!is_number(b, b->bases[k]))
			return aqi_error_set(err, AQI_E_MODEL, "the base "
					     "margin is not finite");
		if (b->shape.aggregate == AQI_AGGREGATE_SUM)
			b->largest = fmax(b->largest, fabs(b->bases[k]));
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
	if (take_bases(b, err) == AQI_OK)
		return b;
	aqi_forest_builder_free(b);
	return NULL;
}

/* Room for one more tree. */
static enum aqi_status
make_room(struct aqi_forest_builder *b, size_t n, struct aqi_error *err)
{
	if (reserve(&b->roots, 1, sizeof(uint32_t), err) ||
	    reserve(&b->targets, 1, sizeof(uint32_t), err) ||
	    reserve(&b->nodes, n, sizeof(struct aqi_forest_node), err) ||
	    reserve(&b->ids, n, sizeof(uint32_t), err) ||
	    (b->shape.has_covers &&
	     reserve(&b->covers, n, sizeof(float), err)) ||
	    (b->shape.has_gains &&
	     reserve(&b->gains, n, sizeof(float), err)) ||
	    reserve(&b->seen, n, sizeof(bool), err))
		return AQI_FATAL;
	return AQI_OK;
}

/* What the file calls the tree that is added. */
static size_t
tree_number(const struct aqi_forest_builder *b)
{
	return b->n_files > 0 ? b->n_files - 1 : 0;
}

static enum aqi_status
fail_node(const struct aqi_forest_builder *b, size_t node, const char *reason,
	  struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %zu: %s",
			     tree_number(b), node, reason);
}

/* Give the next place to a child; where in the file it is. */
static enum aqi_status
reach(struct aqi_forest_builder *b, size_t parent, int64_t child,
      size_t n_nodes, size_t *n_reached, struct aqi_error *err)
{
	uint32_t *queue = (uint32_t *)b->ids.data + b->ids.n;
	bool *seen = b->seen.data;

	if (child < 0 || (uint64_t)child >= n_nodes)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: no child %lld "
				     "among %zu nodes", tree_number(b), parent,
				     (long long)child, n_nodes);
	if (seen[child])
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: child %lld has a "
				     "parent already, or is the root",
				     tree_number(b), parent, (long long)child);
	seen[child] = true;
	queue[(*n_reached)++] = (uint32_t)child;
	return AQI_OK;
}

static enum aqi_status
check_input(const struct aqi_forest_builder *b, size_t at, int64_t input,
	    struct aqi_error *err)
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
	if (!is_number(b, node->value))
		return fail_node(b, at, node->is_leaf ?
				 "the leaf's value is not finite" :
				 "the threshold is not finite", err);
	if (!isfinite(node->cover) || node->cover < 0)
		return fail_node(b, at, "the number of its samples is not "
				 "finite, or below 0", err);
	if (!isfinite(node->gain))
		return fail_node(b, at, "the gain is not finite", err);
	return node->is_leaf ? AQI_OK : check_input(b, at, node->input, err);
}

/* The view of an input under a rule. */
static enum aqi_status
find_view(struct aqi_forest_builder *b, const struct aqi_tree_node *node,
	  uint32_t *view, struct aqi_error *err)
{
	const struct aqi_forest_view wanted = {
		.input = (uint32_t)node->input, .rule = node->rule
	};
	uint32_t *number = &b->view_of[(size_t)node->input * N_RULES +
				       node->rule];

	if (*number == 0) {
		if (append(&b->views, &wanted, sizeof wanted, err) != AQI_OK)
			return AQI_FATAL;
		*number = (uint32_t)b->views.n;
	}
	*view = *number - 1;
	return AQI_OK;
}

static int
compare_members(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
are_ascending(const double *members, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!(members[i - 1] < members[i]))
			return false;
	return true;
}

/* The set's members in order, each once; *number, out: the set's. */
static enum aqi_status
add_set(struct aqi_forest_builder *b, size_t at,
	const struct aqi_tree_node *node, double *number,
	struct aqi_error *err)
{
	const size_t first = b->members.n;
	double *members;
	size_t n = 0;

	if (b->sets.n >= AQI_FOREST_MAX_NODES ||
	    node->n_set > AQI_FOREST_MAX_NODES - b->members.n)
		return fail_node(b, at, "too many categories", err);
	/* One more, so that there are some even for an empty set. */
	if (reserve(&b->members, node->n_set + 1, sizeof *members, err))
		return AQI_FATAL;
	members = (double *)b->members.data + first;
	for (size_t i = 0; i < node->n_set; i++) {
		if (!is_number(b, node->set[i]))
			return fail_node(b, at, "a category is not finite",
					 err);
		members[i] = node->set[i];
	}
	if (!are_ascending(members, node->n_set))
		qsort(members, node->n_set, sizeof *members, compare_members);
	for (size_t i = 0; i < node->n_set; i++)
		if (n == 0 || members[n - 1] < members[i])
			members[n++] = members[i];
	b->members.n += n;
	*number = (double)b->sets.n;
	return append_index(&b->sets, b->members.n, err);
}

/* The node at a place has the function that comes next; those before it, as
 * far as nothing was said of them, have none. */
static enum aqi_status
number_function(struct aqi_forest_builder *b, size_t place,
		struct aqi_error *err)
{
	const size_t n = place + 1 - b->linears.n;
	uint32_t *linears;

	if (reserve(&b->linears, n, sizeof *linears, err) != AQI_OK)
		return AQI_FATAL;
	linears = b->linears.data;
	memset(linears + b->linears.n, 0, n * sizeof *linears);
	linears[place] = (uint32_t)b->constants.n + 1;
	b->linears.n = place + 1;
	return AQI_OK;
}

static enum aqi_status
add_function(struct aqi_forest_builder *b, size_t at, size_t place,
	     const struct aqi_tree_node *node, struct aqi_error *err)
{
	if (node->n_terms > AQI_FOREST_MAX_NODES - b->terms.n)
		return fail_node(b, at, "too many coefficients", err);
	if (!isfinite(node->constant))
		return fail_node(b, at, "the constant is not finite", err);
	for (size_t i = 0; i < node->n_terms; i++) {
		const struct aqi_forest_term term = {
			.coefficient = node->terms[i].coefficient,
			.input = (uint64_t)node->terms[i].input,
		};

		if (!isfinite(term.coefficient))
			return fail_node(b, at, "a coefficient is not finite",
					 err);
		if (check_input(b, at, node->terms[i].input, err) != AQI_OK ||
		    append(&b->terms, &term, sizeof term, err) != AQI_OK)
			return AQI_FATAL;
	}
	if (number_function(b, place, err) != AQI_OK ||
	    append(&b->constants, &node->constant, sizeof node->constant, err))
		return AQI_FATAL;
	return append_index(&b->firsts, b->terms.n, err);
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
		return add_set(b, at, node, number, err);
	*number = nodes[place - b->nodes.n + roots[b->roots.n - 1]].value;
	return AQI_OK;
}

/* What a node is in the block, its children aside. */
static enum aqi_status
lay_node(struct aqi_forest_builder *b, size_t at, size_t place,
	 const struct aqi_tree_node *node, struct aqi_error *err)
{
	struct aqi_forest_node *out =
		(struct aqi_forest_node *)b->nodes.data + place;
	uint32_t view;

	*out = (struct aqi_forest_node){.value = node->value};
	if (b->shape.has_covers)
		((float *)b->covers.data)[place] = node->cover;
	if (b->shape.has_gains)
		((float *)b->gains.data)[place] = node->is_leaf ? 0 :
						  node->gain;
	if (node->is_leaf)
		return node->is_linear ?
		       add_function(b, at, place, node, err) : AQI_OK;
	if (find_view(b, node, &view, err) != AQI_OK ||
	    (node->has_set && lay_set(b, at, place, node, &out->value, err)))
		return AQI_FATAL;
	out->test = view | (node->has_set ? AQI_FOREST_HAS_SET : 0) |
		    (node->default_left ? AQI_FOREST_DEFAULT_LEFT : 0);
	return AQI_OK;
}

/*
 * Breadth first: ids, as far as they are filled, are the queue. Nothing is
 * visited twice, so this ends whatever the file says, and needs no stack.
 */
static enum aqi_status
walk(struct aqi_forest_builder *b, const struct aqi_tree *tree,
     size_t *n_reached, struct aqi_error *err)
{
	const size_t start = b->nodes.n;
	double largest = 0;

	memset(b->seen.data, 0, tree->n_nodes * sizeof(bool));
	*(bool *)b->seen.data = true;
	((uint32_t *)b->ids.data)[start] = 0;
	*n_reached = 1;
	for (size_t i = 0; i < *n_reached; i++) {
		const size_t at = ((uint32_t *)b->ids.data)[start + i];
		const struct aqi_tree_node *node = &tree->nodes[at];

		if (check_node(b, at, node, err) != AQI_OK ||
		    lay_node(b, at, start + i, node, err) != AQI_OK)
			return AQI_FATAL;
		if (node->is_leaf) {
			largest = fmax(largest, fabs(node->value));
			continue;
		}
		((struct aqi_forest_node *)b->nodes.data)[start + i].left =
			(uint32_t)(start + *n_reached);
		if (reach(b, at, node->left, tree->n_nodes, n_reached, err) ||
		    reach(b, at, node->right, tree->n_nodes, n_reached, err))
			return AQI_FATAL;
	}
	b->largest += largest;
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
	size_t n_reached, t;

	/* What a tree that was refused has left. */
	if (b->linears.n > b->nodes.n)
		b->linears.n = b->nodes.n;
	b->n_files += !tree->repeats;
	b->shares = tree->repeats && b->roots.n > 0 && tree->nodes == b->last;
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
	if (make_room(b, tree->n_nodes, err) != AQI_OK ||
	    walk(b, tree, &n_reached, err) != AQI_OK)
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
	b->nodes.n += n_reached;
	b->ids.n += n_reached;
	b->covers.n += b->shape.has_covers ? n_reached : 0;
	b->gains.n += b->shape.has_gains ? n_reached : 0;
	b->last = tree->nodes;
	return AQI_OK;
}

/* Copy a list to its place in the block. */
static void
put(const void *place, const struct list *list, size_t size)
{
	if (list->n > 0)
		memcpy((void *)(uintptr_t)place, list->data, list->n * size);
}

static char *
make_block(const struct aqi_forest_builder *b)
{
	const struct aqi_forest_header counts = {
		.flags = (b->shape.is_wide ? AQI_FOREST_WIDE : 0) |
			 (b->shape.has_covers ? AQI_FOREST_COVERS : 0) |
			 (b->shape.has_gains ? AQI_FOREST_GAINS : 0),
		.aggregate = b->shape.aggregate,
		.link = b->shape.link,
		.n_inputs = b->shape.n_inputs,
		.n_margins = b->shape.n_margins,
		.n_views = b->views.n,
		.n_trees = b->targets.n,
		.n_nodes = b->nodes.n,
		.n_sets = b->sets.n,
		.n_members = b->members.n,
		.n_linear = b->constants.n,
		.n_terms = b->terms.n,
	};
	const uint32_t end = (uint32_t)b->nodes.n;
	struct aqi_forest f;
	char *block = aqi_forest_block_new(&counts, &f);

	if (!block)
		return NULL;
	put(f.bases, &(struct list){b->bases, b->shape.n_margins, 0},
	    sizeof(double));
	put(f.views, &b->views, sizeof(struct aqi_forest_view));
	put(f.targets, &b->targets, sizeof(uint32_t));
	put(f.roots, &b->roots, sizeof(uint32_t));
	put(f.roots + b->roots.n, &(struct list){(void *)(uintptr_t)&end, 1, 0},
	    sizeof end);
	put(f.nodes, &b->nodes, sizeof(struct aqi_forest_node));
	put(f.ids, &b->ids, sizeof(uint32_t));
	if (f.covers)
		put(f.covers, &b->covers, sizeof(float));
	if (f.gains)
		put(f.gains, &b->gains, sizeof(float));
	put(f.sets + 1, &b->sets, sizeof(uint32_t));
	put(f.members, &b->members, sizeof(double));
	put(f.constants, &b->constants, sizeof(double));
	put(f.firsts + 1, &b->firsts, sizeof(uint32_t));
	put(f.terms, &b->terms, sizeof(struct aqi_forest_term));
	if (f.linears)
		put(f.linears, &b->linears, sizeof(uint32_t));
	aqi_block_finish(block);
	return block;
}

/* Kernels decide once for trees that repeat: they must. */
static enum aqi_status
check_repeats(const struct aqi_forest *f, struct aqi_error *err)
{
	for (uint64_t t = 0; t < f->header->n_trees; t++)
		if (aqi_forest_is_repeat(f, t) &&
		    !aqi_forest_block_repeats(f, t))
			return aqi_error_set(err, AQI_E_MODEL,
					     "tree %zu: does not decide as the "
					     "tree before it", (size_t)t);
	return AQI_OK;
}

struct aqi_forest *
aqi_forest_builder_finish(struct aqi_forest_builder *b, struct aqi_error *err)
{
	struct aqi_forest *forest;
	char *block;

	if (!aqi_forest_block_is_bounded(b->shape.is_wide, b->largest)) {
		aqi_error_set(err, AQI_E_MODEL,
			      "the leaves are too large: their sum can "
			      "exceed a %d-bit float",
			      b->shape.is_wide ? 64 : 32);
		return NULL;
	}
	block = make_block(b);
	if (!block) {
		aqi_error_memory(err);
		return NULL;
	}
	forest = aqi_forest_block_view(block, block, err);
	if (!forest) {
		free(block);
		return NULL;
	}
	if (check_repeats(forest, err) == AQI_OK)
		return forest;
	aqi_forest_free(forest);
	return NULL;
}

void
aqi_forest_builder_free(struct aqi_forest_builder *b)
{
	if (!b)
		return;
	free(b->bases);
	free(b->view_of);
	free(b->roots.data);
	free(b->targets.data);
	free(b->nodes.data);
	free(b->ids.data);
	free(b->covers.data);
	free(b->gains.data);
	free(b->linears.data);
	free(b->views.data);
	free(b->sets.data);
	free(b->members.data);
	free(b->constants.data);
	free(b->firsts.data);
	free(b->terms.data);
	free(b->seen.data);
	free(b);
}
