#include "model/shrink.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "model/forest.h"
#include "model/forest_block.h"
#include "model/forest_builder.h"
#include "model/shrink_cuts.h"

/* So many splits above a node are looked at; with more, a split that decides
 * nothing may stay. Fewer save time in trees that are chains. */
#define LOOK_UP 64

/* The forest as it is while it is made smaller; arrays are (n_nodes,), with
 * nodes numbered as in the block. */
struct shrinker {
	const struct aqi_forest *forest;
	const struct aqi_shrink_options *options;
	struct aqi_arena arena;
	double *values;		/* thresholds and leaves as they become */
	double *least, *most;	/* of the leaves below */
	double *sum, *weight;	/* of the leaves below, by cover */
	uint32_t *parent;	/* itself: a root */
	uint32_t *instead;	/* the node that takes the place of this one */
	bool *is_leaf;		/* as it becomes */
	bool *varies;		/* a function is below */
	struct aqi_tree_node *nodes;	/* of the tree that is made */
	uint32_t *ids;
};

static bool
allocate(struct shrinker *s)
{
	const size_t n = s->forest->header->n_nodes;
	struct aqi_arena *arena = &s->arena;

	s->values = aqi_arena_array(arena, n, sizeof *s->values);
	s->least = aqi_arena_array(arena, n, sizeof *s->least);
	s->most = aqi_arena_array(arena, n, sizeof *s->most);
	s->sum = aqi_arena_array(arena, n, sizeof *s->sum);
	s->weight = aqi_arena_array(arena, n, sizeof *s->weight);
	s->parent = aqi_arena_array(arena, n, sizeof *s->parent);
	s->instead = aqi_arena_array(arena, n, sizeof *s->instead);
	s->is_leaf = aqi_arena_array(arena, n, sizeof *s->is_leaf);
	s->varies = aqi_arena_array(arena, n, sizeof *s->varies);
	s->nodes = aqi_arena_array(arena, n, sizeof *s->nodes);
	s->ids = aqi_arena_array(arena, n, sizeof *s->ids);
	return !arena->failed;
}

/* A leaf as the forest's width holds it. */
static double
fit(const struct shrinker *s, double value)
{
	return s->forest->header->flags & AQI_FOREST_WIDE ? value :
	       (double)(float)value;
}

static void
set_values(struct shrinker *s)
{
	const struct aqi_forest *f = s->forest;
	const double step = s->options->leaf_step;

	for (uint32_t i = 0; i < f->header->n_nodes; i++) {
		s->values[i] = f->nodes[i].value;
		s->is_leaf[i] = f->nodes[i].left == 0;
		s->instead[i] = i;
		if (s->is_leaf[i] && step > 0)
			s->values[i] = fit(s, round(s->values[i] / step) *
					      step);
	}
	for (uint64_t t = 0; t < f->header->n_trees; t++)
		s->parent[f->roots[t]] = f->roots[t];
	for (uint32_t i = 0; i < f->header->n_nodes; i++)
		if (f->nodes[i].left != 0)
			s->parent[f->nodes[i].left] =
				s->parent[f->nodes[i].left + 1] = i;
}

/* What can still come to a node, of the view of its split. */
struct reach {
	double low, high;	/* low <= x < high */
	bool missing;
};

/* From the node upwards: the bounds that the splits of its view draw. */
static struct reach
find_reach(const struct shrinker *s, uint32_t node)
{
	const struct aqi_forest_node *nodes = s->forest->nodes;
	const uint32_t view = nodes[node].test & AQI_FOREST_VIEW;
	struct reach reach = {-INFINITY, INFINITY, true};

	for (int i = 0; i < LOOK_UP && s->parent[node] != node; i++) {
		const uint32_t above = s->parent[node];
		const bool is_left = nodes[above].left == node;
		const uint32_t test = nodes[above].test;

		node = above;
		if ((test & AQI_FOREST_VIEW) != view)
			continue;
		reach.missing = reach.missing &&
			is_left == !!(test & AQI_FOREST_DEFAULT_LEFT);
		if (test & AQI_FOREST_HAS_SET)
			continue;
		if (is_left)
			reach.high = fmin(reach.high, s->values[node]);
		else
			reach.low = fmax(reach.low, s->values[node]);
	}
	return reach;
}

/* The only side of a split that anything reaches, or the split itself. */
static uint32_t
only_side(const struct shrinker *s, uint32_t i)
{
	const struct aqi_forest_node *node = &s->forest->nodes[i];
	const bool default_left = node->test & AQI_FOREST_DEFAULT_LEFT;
	struct reach reach;

	if (node->test & AQI_FOREST_HAS_SET)
		return i;
	reach = find_reach(s, i);
	if (reach.high <= s->values[i] && (default_left || !reach.missing))
		return node->left;
	if (reach.low >= s->values[i] && (!default_left || !reach.missing))
		return node->left + 1;
	return i;
}

static void
start_leaf(struct shrinker *s, uint32_t i)
{
	const struct aqi_forest *f = s->forest;

	s->least[i] = s->most[i] = s->values[i];
	s->weight[i] = f->covers ? (double)f->covers[i] : 0;
	s->sum[i] = s->weight[i] * s->values[i];
	s->varies[i] = f->linears && f->linears[i] > 0;
}

/* -0 is less than 0 here: added to a sum of -0, they differ. */
static bool
is_less(double a, double b)
{
	return a < b || (a <= b && signbit(a) && !signbit(b));
}

static void
join(struct shrinker *s, uint32_t i, uint32_t left, uint32_t right)
{
	const double *least = s->least, *most = s->most;

	s->least[i] = is_less(least[left], least[right]) ? least[left] :
							   least[right];
	s->most[i] = is_less(most[left], most[right]) ? most[right] :
							most[left];
	s->sum[i] = s->sum[left] + s->sum[right];
	s->weight[i] = s->weight[left] + s->weight[right];
	s->varies[i] = s->varies[left] || s->varies[right];
}

/* Are all leaves below one, as far as it was asked for? */
static bool
is_alike(const struct shrinker *s, uint32_t i)
{
	if (s->varies[i])
		return false;
	if (s->options->tolerance > 0)
		return s->most[i] - s->least[i] <= s->options->tolerance;
	return !is_less(s->least[i], s->most[i]);
}

static double
mean(const struct shrinker *s, uint32_t i)
{
	if (s->least[i] >= s->most[i])
		return s->least[i];
	if (s->weight[i] > 0)
		return fit(s, s->sum[i] / s->weight[i]);
	return fit(s, s->least[i] + (s->most[i] - s->least[i]) / 2);
}

static void
copy_below(struct shrinker *s, uint32_t i, uint32_t from)
{
	s->instead[i] = from;
	s->least[i] = s->least[from];
	s->most[i] = s->most[from];
	s->sum[i] = s->sum[from];
	s->weight[i] = s->weight[from];
	s->varies[i] = s->varies[from];
}

/*
 * Children stand behind their parents, so that from the last node to the first
 * what is below is known. The trees of a group that decide alike (REPEATS)
 * must go on doing so: only what can be reached is common to them.
 */
static void
shrink_tree(struct shrinker *s, uint64_t tree, bool merges)
{
	const struct aqi_forest *f = s->forest;
	const uint32_t first = f->roots[tree];

	for (uint32_t i = f->roots[tree + 1]; i-- > first;) {
		const uint32_t left = f->nodes[i].left;
		uint32_t side;

		if (left == 0) {
			start_leaf(s, i);
			continue;
		}
		side = only_side(s, i);
		if (side != i) {
			copy_below(s, i, s->instead[side]);
			continue;
		}
		join(s, i, left, left + 1);
		if (merges && is_alike(s, i)) {
			s->values[i] = mean(s, i);
			s->is_leaf[i] = true;
		}
	}
}

static enum aqi_status
set_function(struct shrinker *s, uint32_t i, struct aqi_tree_node *node,
	     struct aqi_error *err)
{
	const struct aqi_forest *f = s->forest;
	struct aqi_tree_term *terms;
	uint32_t k;

	if (!f->linears || f->linears[i] == 0)
		return AQI_OK;
	k = f->linears[i] - 1;
	node->is_linear = true;
	node->constant = f->constants[k];
	node->n_terms = f->firsts[k + 1] - f->firsts[k];
	terms = aqi_arena_array(&s->arena, node->n_terms, sizeof *terms);
	if (!terms)
		return aqi_error_memory(err);
	for (size_t t = 0; t < node->n_terms; t++)
		terms[t] = (struct aqi_tree_term){
			f->terms[f->firsts[k] + t].coefficient,
			(int64_t)f->terms[f->firsts[k] + t].input};
	node->terms = terms;
	return AQI_OK;
}

/* Node i as a builder takes it, its children by their places in the tree. */
static enum aqi_status
set_node(struct shrinker *s, uint32_t i, uint32_t left, uint32_t right,
	 struct aqi_tree_node *node, struct aqi_error *err)
{
	const struct aqi_forest *f = s->forest;
	const struct aqi_forest_node *from = &f->nodes[i];
	const struct aqi_forest_view *view =
		&f->views[from->test & AQI_FOREST_VIEW];

	*node = (struct aqi_tree_node){.is_leaf = s->is_leaf[i],
				       .value = s->values[i]};
	if (f->covers)
		node->cover = f->covers[i];
	if (node->is_leaf)
		return from->left == 0 ? set_function(s, i, node, err) : AQI_OK;
	if (f->gains)
		node->gain = f->gains[i];
	node->default_left = from->test & AQI_FOREST_DEFAULT_LEFT;
	node->rule = (enum aqi_view_rule)view->rule;
	node->input = view->input;
	node->left = left;
	node->right = right;
	if (from->test & AQI_FOREST_HAS_SET) {
		const uint32_t set = (uint32_t)from->value;

		node->has_set = true;
		node->set = f->members + f->sets[set];
		node->n_set = f->sets[set + 1] - f->sets[set];
	}
	return AQI_OK;
}

/*
 * The nodes that are left, breadth-first: ids, which the tree needs in the end
 * as the file has them, hold the nodes' own numbers meanwhile.
 */
static enum aqi_status
add_tree(struct shrinker *s, struct aqi_forest_builder *builder, uint64_t tree,
	 struct aqi_error *err)
{
	const struct aqi_forest *f = s->forest;
	uint32_t n = 1;

	s->ids[0] = s->instead[f->roots[tree]];
	for (uint32_t at = 0; at < n; at++) {
		const uint32_t i = s->ids[at];

		if (set_node(s, i, n, n + 1, &s->nodes[at], err) != AQI_OK)
			return AQI_FATAL;
		if (!s->is_leaf[i]) {
			s->ids[n++] = s->instead[f->nodes[i].left];
			s->ids[n++] = s->instead[f->nodes[i].left + 1];
		}
		s->ids[at] = f->ids[i];
	}
	return aqi_forest_builder_add(builder, &(struct aqi_tree){
		.nodes = s->nodes, .n_nodes = n, .ids = s->ids,
		.target = aqi_forest_target(f, tree),
		.repeats = aqi_forest_is_repeat(f, tree)}, err);
}

static bool
is_repeated(const struct aqi_forest *f, uint64_t tree)
{
	return aqi_forest_is_repeat(f, tree) ||
	       (tree + 1 < f->header->n_trees &&
		aqi_forest_is_repeat(f, tree + 1));
}

/* As many trees as the file's first ones are. */
static enum aqi_status
count_trees(const struct shrinker *s, uint64_t *n, struct aqi_error *err)
{
	const struct aqi_forest *f = s->forest;
	const size_t wanted = s->options->n_trees;
	const size_t there = aqi_forest_source_trees(f);
	size_t n_source = 0;

	*n = f->header->n_trees;
	if (wanted == 0)
		return AQI_OK;
	if (wanted > there)
		return aqi_error_set(err, AQI_E_USAGE, "the model has %zu "
				     "trees, fewer than %zu", there, wanted);
	if (wanted < there && (f->header->link.divisor < 1 ||
			       f->header->link.divisor > 1))
		return aqi_error_set(err, AQI_E_USAGE, "the model takes the "
				     "mean of its trees: each of them counts");
	for (*n = 0; *n < f->header->n_trees; ++*n) {
		n_source += !aqi_forest_is_repeat(f, *n);
		if (n_source > wanted)
			break;
	}
	return AQI_OK;
}

static struct aqi_forest *
build(struct shrinker *s, uint64_t n_trees, struct aqi_error *err)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(s->forest);
	struct aqi_forest_builder *builder =
		aqi_forest_builder_new(&shape, err);
	struct aqi_forest *made = NULL;
	enum aqi_status status = builder ? AQI_OK : AQI_FATAL;

	for (uint64_t t = 0; t < n_trees && status == AQI_OK; t++) {
		shrink_tree(s, t, !is_repeated(s->forest, t));
		status = add_tree(s, builder, t, err);
	}
	if (status == AQI_OK)
		made = aqi_forest_builder_finish(builder, err);
	aqi_forest_builder_free(builder);
	return made;
}

struct aqi_forest *
aqi_shrink(const struct aqi_forest *forest,
	   const struct aqi_shrink_options *options, struct aqi_error *err)
{
	struct shrinker s = {.forest = forest, .options = options};
	struct aqi_forest *made = NULL;
	uint64_t n_trees;

	if (count_trees(&s, &n_trees, err) != AQI_OK)
		return NULL;
	if (!allocate(&s)) {
		aqi_error_memory(err);
	} else {
		set_values(&s);
		if (options->n_cuts == 0 ||
		    aqi_shrink_cuts(forest, n_trees, options->n_cuts, &s.arena,
				    s.values, err) == AQI_OK)
			made = build(&s, n_trees, err);
	}
	aqi_arena_free(&s.arena);
	return made;
}
