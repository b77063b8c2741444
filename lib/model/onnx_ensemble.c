#include "model/onnx_ensemble.h"

#include <float.h>
#include <stdlib.h>

#include "model/forest.h"
#include "model/forest_builder.h"

static const char *const aggregates[] = {
	[AQI_ONNX_AVERAGE] = "AVERAGE",
	[AQI_ONNX_SUM] = "SUM",
	[AQI_ONNX_MIN] = "MIN",
	[AQI_ONNX_MAX] = "MAX",
};

static const char *const posts[] = {
	[AQI_ONNX_NONE] = "NONE",
	[AQI_ONNX_SOFTMAX] = "SOFTMAX",
	[AQI_ONNX_LOGISTIC] = "LOGISTIC",
	[AQI_ONNX_SOFTMAX_ZERO] = "SOFTMAX_ZERO",
	[AQI_ONNX_PROBIT] = "PROBIT",
};

bool
aqi_onnx_aggregate_find(struct aqi_slice name,
			enum aqi_onnx_aggregate *aggregate)
{
	for (size_t i = 0; i < sizeof aggregates / sizeof aggregates[0]; i++)
		if (aqi_slice_is(name, aggregates[i])) {
			*aggregate = (enum aqi_onnx_aggregate)i;
			return true;
		}
	return false;
}

bool
aqi_onnx_post_find(struct aqi_slice name, enum aqi_onnx_post *post)
{
	for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++)
		if (aqi_slice_is(name, posts[i])) {
			*post = (enum aqi_onnx_post)i;
			return true;
		}
	return false;
}

static enum aqi_status
fail(struct aqi_error *err, const char *reason)
{
	return aqi_error_set(err, AQI_E_MODEL, "%s", reason);
}

/* Do two columns come of one sum? So where all weights are for the first class
 * of two. */
static bool
is_pair(const struct aqi_onnx_ensemble *e)
{
	return e->is_classifier && e->n_targets == 2 && !e->has_class[1];
}

/* What ONNX Runtime makes of it otherwise is not what the standard says. */
static enum aqi_status
check_classes(const struct aqi_onnx_ensemble *e, struct aqi_error *err)
{
	if (e->n_targets < 2)
		return fail(err, "a classifier of one class");
	if (e->n_targets > 2 && e->n_bases != 0 && e->n_bases != e->n_targets)
		return fail(err, "base_values: not one for each class");
	if (e->n_targets > 2)
		return AQI_OK;
	if (e->n_bases > 1 || (e->has_class[1] && e->n_bases > 0))
		return fail(err, "base_values of two classes are not "
			    "supported, but for one value where all weights "
			    "are for the first");
	if (is_pair(e) && e->post == AQI_ONNX_PROBIT)
		return fail(err, "PROBIT of two classes that have one sum is "
			    "not supported");
	return AQI_OK;
}

static bool
have_same_bases(const struct aqi_onnx_ensemble *e)
{
	for (size_t k = 1; k < e->n_bases; k++)
		if (e->bases[k] != e->bases[0])
			return false;
	return true;
}

static enum aqi_status
check_targets(const struct aqi_onnx_ensemble *e, struct aqi_error *err)
{
	if (e->n_bases != 0 && e->n_bases != e->n_targets)
		return fail(err, "base_values: not one for each target");
	if (e->aggregate != AQI_ONNX_SUM && !have_same_bases(e))
		return aqi_error_set(err, AQI_E_MODEL, "base_values that "
				     "differ, of targets that are put together "
				     "by %s, are not supported",
				     aggregates[e->aggregate]);
	return AQI_OK;
}

/* Of one sum for two classes: if no weight is below 0, it is a probability
 * already. */
static enum aqi_link_kind
find_pair(const struct aqi_onnx_ensemble *e)
{
	if (e->post == AQI_ONNX_LOGISTIC)
		return AQI_LINK_PAIR_LOGISTIC;
	return e->is_positive ? AQI_LINK_PAIR : AQI_LINK_PAIR_SIGNED;
}

/* Of one target, ONNX Runtime asks for nothing but PROBIT. */
static enum aqi_link_kind
find_link(const struct aqi_onnx_ensemble *e)
{
	const bool cuts = e->is_wide && !e->keeps_width;

	if (is_pair(e))
		return find_pair(e);
	if (e->post == AQI_ONNX_PROBIT)
		return AQI_LINK_ONNX_PROBIT;
	if (e->n_targets == 1 || e->post == AQI_ONNX_NONE)
		return cuts ? AQI_LINK_ROUND : AQI_LINK_IDENTITY;
	switch (e->post) {
	case AQI_ONNX_SOFTMAX:
		return AQI_LINK_ONNX_SOFTMAX;
	case AQI_ONNX_SOFTMAX_ZERO:
		return AQI_LINK_ONNX_SOFTMAX_ZERO;
	default:
		return AQI_LINK_ONNX_LOGISTIC;
	}
}

/* The base value that all targets have, where it is not added as a tree. */
static double
find_offset(const struct aqi_onnx_ensemble *e)
{
	return e->aggregate != AQI_ONNX_SUM && e->n_bases > 0 ? e->bases[0] : 0;
}

/* What a margin is before the first tree: what loses to any leaf. */
static enum aqi_status
make_builder(struct aqi_onnx_ensemble *e, struct aqi_forest_shape *shape,
	     struct aqi_error *err)
{
	const double most = e->is_wide ? DBL_MAX : (double)FLT_MAX;
	double *bases = calloc(e->n_margins + 1, sizeof *bases);

	e->is_certain = calloc(e->n_margins + 1, sizeof *e->is_certain);
	if (!bases || !e->is_certain) {
		free(bases);
		return aqi_error_memory(err);
	}
	for (size_t k = 0; k < e->n_margins; k++)
		if (e->aggregate == AQI_ONNX_MIN)
			bases[k] = most;
		else if (e->aggregate == AQI_ONNX_MAX)
			bases[k] = -most;
	shape->bases = bases;
	e->builder = aqi_forest_builder_new(shape, err);
	free(bases);
	return e->builder ? AQI_OK : AQI_FATAL;
}

enum aqi_status
aqi_onnx_ensemble_begin(struct aqi_onnx_ensemble *e, struct aqi_error *err)
{
	struct aqi_forest_shape shape = {
		.is_wide = e->is_wide,
		.aggregate = e->aggregate == AQI_ONNX_MIN ? AQI_AGGREGATE_MIN :
			     e->aggregate == AQI_ONNX_MAX ? AQI_AGGREGATE_MAX :
			     AQI_AGGREGATE_SUM,
		.n_inputs = e->n_inputs,
		.link = AQI_LINK_PLAIN,
	};
	enum aqi_status status = e->is_classifier ? check_classes(e, err) :
				 check_targets(e, err);

	if (status != AQI_OK)
		return AQI_FATAL;
	e->n_margins = is_pair(e) ? 1 : e->n_targets;
	shape.n_margins = e->n_margins;
	shape.link.kind = find_link(e);
	shape.link.is_wide = e->is_wide;
	shape.link.offset = find_offset(e);
	if (e->aggregate == AQI_ONNX_AVERAGE && e->n_trees > 0)
		shape.link.divisor = (double)e->n_trees;
	return make_builder(e, &shape, err);
}

enum aqi_status
aqi_onnx_ensemble_hold(struct aqi_onnx_ensemble *e, size_t held,
		       struct aqi_error *err)
{
	return aqi_forest_builder_bound(e->builder, e->most, held, err);
}

/* Weights by target, then by node. */
static int
compare_weights(const void *a, const void *b)
{
	const struct aqi_onnx_weight *x = a, *y = b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

static void
sort_weights(struct aqi_onnx_weight *weights, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (compare_weights(&weights[i - 1], &weights[i]) > 0) {
			qsort(weights, n, sizeof *weights, compare_weights);
			return;
		}
}

static enum aqi_status
fail_node(size_t t, uint32_t id, const char *reason, struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %u: %s", t, id,
			     reason);
}

/* Weights stand at leaves, one for each target, and every leaf has one. */
static enum aqi_status
check_weights(const struct aqi_onnx_ensemble *e, size_t t,
	      struct aqi_tree_node *nodes, const uint32_t *ids, size_t n_nodes,
	      const struct aqi_onnx_weight *weights, size_t n,
	      struct aqi_error *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct aqi_onnx_weight *w = &weights[i];

		if (!nodes[w->node].is_leaf)
			return fail_node(t, ids[w->node], "a weight, but no "
					 "leaf", err);
		if (w->target >= e->n_targets)
			return fail_node(t, ids[w->node], "a weight for a "
					 "target or class that is none", err);
		if (i > 0 && w->target == weights[i - 1].target &&
		    w->node == weights[i - 1].node)
			return fail_node(t, ids[w->node], "two weights for the "
					 "same target or class", err);
		nodes[w->node].cover = 1;	/* seen */
	}
	for (size_t i = 0; i < n_nodes; i++) {
		if (nodes[i].is_leaf && nodes[i].cover == 0)
			return fail_node(t, ids[i], "a leaf without a weight",
					 err);
		nodes[i].cover = 0;
	}
	return AQI_OK;
}

static size_t
count_leaves(const struct aqi_tree_node *nodes, size_t n_nodes)
{
	size_t n = 0;

	for (size_t i = 0; i < n_nodes; i++)
		n += nodes[i].is_leaf;
	return n;
}

/* The tree as it is for one target: a leaf without a weight for it adds 0. */
static enum aqi_status
add_target(struct aqi_onnx_ensemble *e, size_t t, struct aqi_tree_node *nodes,
	   const uint32_t *ids, size_t n_nodes,
	   const struct aqi_onnx_weight *weights, size_t n, bool repeats,
	   struct aqi_error *err)
{
	const size_t target = weights[0].target;
	const bool is_whole = n == count_leaves(nodes, n_nodes);

	if (!is_whole && (e->aggregate == AQI_ONNX_MIN ||
			  e->aggregate == AQI_ONNX_MAX))
		return aqi_error_set(err, AQI_E_MODEL, "tree %zu: leaves "
				     "without a weight for target %zu, under "
				     "%s, are not supported", t, target,
				     aggregates[e->aggregate]);
	e->is_certain[target] |= is_whole;
	for (size_t i = 0; i < n_nodes; i++)
		if (nodes[i].is_leaf)
			nodes[i].value = 0;
	for (size_t i = 0; i < n; i++)
		nodes[weights[i].node].value = weights[i].value;
	return aqi_forest_builder_add(e->builder, &(struct aqi_tree){
		.nodes = nodes,
		.n_nodes = n_nodes,
		.target = target,
		.repeats = repeats,
		.ids = ids,
	}, err);
}

enum aqi_status
aqi_onnx_ensemble_add(struct aqi_onnx_ensemble *e, size_t t,
		      struct aqi_tree_node *nodes, const uint32_t *ids,
		      size_t n_nodes, struct aqi_onnx_weight *weights,
		      size_t n_weights, struct aqi_error *err)
{
	sort_weights(weights, n_weights);
	if (check_weights(e, t, nodes, ids, n_nodes, weights, n_weights, err))
		return AQI_FATAL;
	for (size_t i = 0, end; i < n_weights; i = end) {
		for (end = i + 1; end < n_weights &&
				  weights[end].target == weights[i].target;)
			end++;
		if (add_target(e, t, nodes, ids, n_nodes, weights + i, end - i,
			       i > 0, err) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}

/* A tree of one leaf, behind all others: what is added last. */
static enum aqi_status
add_base(struct aqi_onnx_ensemble *e, size_t target, struct aqi_error *err)
{
	const struct aqi_tree_node leaf = {
		.is_leaf = true, .value = e->bases[target]
	};

	if (leaf.value == 0)
		return AQI_OK;
	return aqi_forest_builder_add(e->builder, &(struct aqi_tree){
		.nodes = &leaf, .n_nodes = 1, .target = target
	}, err);
}

/*
 * Where no leaf that a sample meets has a weight for a target, ONNX Runtime
 * forgets its base value, or answers for the second of two classes with what
 * it has for the first. So some tree must have one at every leaf.
 */
static enum aqi_status
check_certain(const struct aqi_onnx_ensemble *e, size_t k,
	      struct aqi_error *err)
{
	const bool is_sum = e->aggregate == AQI_ONNX_SUM ||
			    e->aggregate == AQI_ONNX_AVERAGE;
	const double base = e->n_bases == 0 ? 0 : e->bases[k];

	if (e->is_certain[k])
		return AQI_OK;
	if (e->is_classifier ? e->n_targets == 2 && k == 1 :
	    !is_sum || base != 0)
		return aqi_error_set(err, AQI_E_MODEL, "no tree has a weight "
				     "for target or class %zu at each of its "
				     "leaves, which is not supported", k);
	return AQI_OK;
}

struct aqi_forest *
aqi_onnx_ensemble_finish(struct aqi_onnx_ensemble *e, struct aqi_error *err)
{
	for (size_t k = 0; k < e->n_margins; k++)
		if (check_certain(e, k, err) != AQI_OK)
			return NULL;
	for (size_t k = 0; e->aggregate == AQI_ONNX_SUM && k < e->n_bases; k++)
		if (add_base(e, k, err) != AQI_OK)
			return NULL;
	return aqi_forest_builder_finish(e->builder, err);
}

void
aqi_onnx_ensemble_free(struct aqi_onnx_ensemble *e)
{
	aqi_forest_builder_free(e->builder);
	free(e->is_certain);
}
