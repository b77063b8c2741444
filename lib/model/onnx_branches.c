#include "model/onnx_branches.h"

#include <math.h>
#include <stdlib.h>

#include "base/large.h"
#include "model/forest.h"
#include "model/forest_builder.h"
#include "model/onnx_node.h"
#include "model/onnx_split.h"
#include "model/onnx_steps.h"
#include "model/trees.h"

enum {
	AGGREGATE, LEAF_TARGETS, LEAF_WEIGHTS, MEMBERS, N_TARGETS, FALSE_LEAFS,
	FALSE_NODES, FEATURES, HITRATES, TRACKS, MODES, SPLITS, TRUE_LEAFS,
	TRUE_NODES, POST, ROOTS, N_ATTRIBUTES
};

static const struct aqi_onnx_known known[N_ATTRIBUTES] = {
	[AGGREGATE] = {"aggregate_function", AQI_ONNX_KIND_INT},
	[LEAF_TARGETS] = {"leaf_targetids", AQI_ONNX_KIND_INTS},
	[LEAF_WEIGHTS] = {"leaf_weights", AQI_ONNX_KIND_TENSOR},
	[MEMBERS] = {"membership_values", AQI_ONNX_KIND_TENSOR},
	[N_TARGETS] = {"n_targets", AQI_ONNX_KIND_INT},
	[FALSE_LEAFS] = {"nodes_falseleafs", AQI_ONNX_KIND_INTS},
	[FALSE_NODES] = {"nodes_falsenodeids", AQI_ONNX_KIND_INTS},
	[FEATURES] = {"nodes_featureids", AQI_ONNX_KIND_INTS},
	[HITRATES] = {"nodes_hitrates", AQI_ONNX_KIND_TENSOR},
	[TRACKS] = {"nodes_missing_value_tracks_true", AQI_ONNX_KIND_INTS},
	[MODES] = {"nodes_modes", AQI_ONNX_KIND_TENSOR},
	[SPLITS] = {"nodes_splits", AQI_ONNX_KIND_TENSOR},
	[TRUE_LEAFS] = {"nodes_trueleafs", AQI_ONNX_KIND_INTS},
	[TRUE_NODES] = {"nodes_truenodeids", AQI_ONNX_KIND_INTS},
	[POST] = {"post_transform", AQI_ONNX_KIND_INT},
	[ROOTS] = {"tree_roots", AQI_ONNX_KIND_INTS},
};

struct branch {
	struct aqi_onnx_split split;	/* its children are those of the
					 * file, then places in the tree */
	bool yes_is_leaf, no_is_leaf;
	bool is_reached;
};

struct leaf {
	uint32_t target;
	double weight;
};

struct reader {
	const struct aqi_onnx_node *node;
	const struct aqi_onnx_steps *steps;
	struct aqi_onnx_ensemble *ensemble;
	struct aqi_onnx_attribute found[N_ATTRIBUTES];
	struct branch *branches;	/* (n_branches,) */
	size_t n_branches, n_reached;
	struct leaf *leaves;		/* (n_leaves,) */
	size_t n_leaves;
	double *members;		/* of all sets, NaN between them */

	/* The tree that is being read. */
	struct aqi_tree_node *nodes;	/* (room,) */
	uint32_t *ids;			/* of branches and of leaves */
	struct aqi_onnx_weight *weights;
	size_t n_nodes, n_weights, room;
	size_t nodes_room, ids_room, weights_room;	/* of each */
};

static struct aqi_onnx_column *
column(struct reader *r, int which)
{
	return &r->found[which].column;
}

static enum aqi_status
check_length(struct reader *r, int which, size_t wanted, const char *of,
	     struct aqi_error *err)
{
	const size_t n = column(r, which)->n;

	if (n == wanted)
		return AQI_OK;
	return aqi_onnx_node_fail(r->node, err, "%s: %zu values for %zu %s",
				  known[which].name, n, wanted, of);
}

static enum aqi_status
check_type(struct reader *r, int which, uint64_t type, struct aqi_error *err)
{
	if (!r->found[which].is_there || r->found[which].tensor.type == type)
		return AQI_OK;
	return aqi_onnx_node_fail(r->node, err, "%s: not of type %s",
				  known[which].name, aqi_onnx_type_name(type));
}

static enum aqi_status
check_columns(struct reader *r, struct aqi_error *err)
{
	static const int of_branches[] = {
		FALSE_LEAFS, FALSE_NODES, MODES, SPLITS, TRUE_LEAFS, TRUE_NODES
	};
	const uint64_t type = r->steps->is_wide ? AQI_ONNX_TYPE_DOUBLE :
			      AQI_ONNX_TYPE_FLOAT;

	if (check_type(r, LEAF_WEIGHTS, type, err) != AQI_OK ||
	    check_type(r, MEMBERS, type, err) != AQI_OK ||
	    check_type(r, SPLITS, type, err) != AQI_OK ||
	    check_type(r, MODES, AQI_ONNX_TYPE_UINT8, err) != AQI_OK)
		return AQI_FATAL;
	r->n_branches = column(r, FEATURES)->n;
	r->n_leaves = column(r, LEAF_TARGETS)->n;
	for (size_t i = 0; i < sizeof of_branches / sizeof of_branches[0]; i++)
		if (check_length(r, of_branches[i], r->n_branches, "nodes",
				 err) != AQI_OK)
			return AQI_FATAL;
	if (column(r, TRACKS)->n > 0 &&
	    check_length(r, TRACKS, r->n_branches, "nodes", err) != AQI_OK)
		return AQI_FATAL;
	if (column(r, ROOTS)->n == 0 || r->n_branches > UINT32_MAX ||
	    r->n_leaves > UINT32_MAX)
		return aqi_onnx_node_fail(r->node, err, "no tree_roots, or too "
					  "many nodes");
	return check_length(r, LEAF_WEIGHTS, r->n_leaves, "leaves", err);
}

/*
 * The numbers of aggregate_function and post_transform. Those for SOFTMAX and
 * LOGISTIC are the other way round in ONNX Runtime than in the standard, and
 * SOFTMAX_ZERO is half in 32 bits and half in 64.
 */
static enum aqi_status
read_scalars(struct reader *r, struct aqi_error *err)
{
	struct aqi_onnx_ensemble *e = r->ensemble;
	const int64_t n = aqi_onnx_attribute_integer(&r->found[N_TARGETS], 0);
	const int64_t aggregate =
		aqi_onnx_attribute_integer(&r->found[AGGREGATE], AQI_ONNX_SUM);
	const int64_t post =
		aqi_onnx_attribute_integer(&r->found[POST], AQI_ONNX_NONE);

	if (n < 1 || n > AQI_FOREST_MAX_MARGINS)
		return aqi_onnx_node_fail(r->node, err, "n_targets: %lld; 1 to "
					  "%d are supported", (long long)n,
					  AQI_FOREST_MAX_MARGINS);
	if (aggregate < AQI_ONNX_AVERAGE || aggregate > AQI_ONNX_MAX)
		return aqi_onnx_node_fail(r->node, err, "aggregate_function: "
					  "%lld is not known",
					  (long long)aggregate);
	if (post < AQI_ONNX_NONE || post > AQI_ONNX_PROBIT ||
	    (n > 1 && (post == AQI_ONNX_SOFTMAX || post == AQI_ONNX_LOGISTIC ||
		       (post == AQI_ONNX_SOFTMAX_ZERO && r->steps->is_wide))))
		return aqi_onnx_node_fail(r->node, err, "post_transform: %lld "
					  "is not supported: what it means "
					  "differs among implementations",
					  (long long)post);
	e->n_targets = (size_t)n;
	e->aggregate = (enum aqi_onnx_aggregate)aggregate;
	e->post = (enum aqi_onnx_post)post;
	return AQI_OK;
}

static enum aqi_status
read_leaves(struct reader *r, struct aqi_error *err)
{
	r->leaves = reallocarray(NULL, r->n_leaves + 1, sizeof *r->leaves);
	if (!r->leaves)
		return aqi_error_memory(err);
	for (size_t i = 0; i < r->n_leaves; i++) {
		const int64_t target =
			aqi_onnx_column_integer(column(r, LEAF_TARGETS));

		if (target < 0 || (size_t)target >= r->ensemble->n_targets)
			return aqi_onnx_node_fail(r->node, err, "leaf %zu: no "
						  "target %lld", i,
						  (long long)target);
		r->leaves[i] = (struct leaf){
			.target = (uint32_t)target,
			.weight = aqi_onnx_column_number(
				column(r, LEAF_WEIGHTS)),
		};
	}
	return AQI_OK;
}

static enum aqi_status
read_members(struct reader *r, struct aqi_error *err)
{
	struct aqi_onnx_column *members = column(r, MEMBERS);
	const size_t n = members->n;

	r->members = reallocarray(NULL, n + 1, sizeof *r->members);
	if (!r->members)
		return aqi_error_memory(err);
	for (size_t i = 0; i < n; i++)
		r->members[i] = aqi_onnx_column_number(members);
	r->members[n] = (double)NAN;
	return AQI_OK;
}

static enum aqi_status
fail_branch(size_t i, const char *reason, struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "node %zu: %s", i, reason);
}

/* Each set ends before the next NaN. */
static enum aqi_status
take_members(const struct reader *r, size_t n_members, size_t *next, size_t i,
	     struct aqi_onnx_split *split, struct aqi_error *err)
{
	const size_t first = *next;
	size_t end = first;

	while (end < n_members && !isnan(r->members[end]))
		end++;
	if (end == first || first > n_members)
		return fail_branch(i, "no members", err);
	split->members = r->members + first;
	split->n_members = end - first;
	*next = end + 1;
	return AQI_OK;
}

/* Does a number name one of n, and is its flag 0 or 1? */
static bool
is_child(int64_t child, int64_t is_leaf, size_t n_branches, size_t n_leaves)
{
	return (is_leaf == 0 || is_leaf == 1) && child >= 0 &&
	       (uint64_t)child < (is_leaf ? n_leaves : n_branches);
}

static enum aqi_status
read_branch(struct reader *r, size_t i, struct aqi_error *err)
{
	struct branch *b = &r->branches[i];
	const int64_t mode = aqi_onnx_column_integer(column(r, MODES));
	const int64_t yes_is_leaf =
		aqi_onnx_column_integer(column(r, TRUE_LEAFS));
	const int64_t no_is_leaf =
		aqi_onnx_column_integer(column(r, FALSE_LEAFS));
	const int64_t tracks = column(r, TRACKS)->n > 0 ?
		aqi_onnx_column_integer(column(r, TRACKS)) : 0;

	*b = (struct branch){.split = {
		.mode = (enum aqi_onnx_mode)mode,
		.tracks_true = tracks == 1,
		.threshold = aqi_onnx_column_number(column(r, SPLITS)),
		.input = aqi_onnx_column_integer(column(r, FEATURES)),
		.yes = aqi_onnx_column_integer(column(r, TRUE_NODES)),
		.no = aqi_onnx_column_integer(column(r, FALSE_NODES)),
	}, .yes_is_leaf = yes_is_leaf, .no_is_leaf = no_is_leaf};
	if (b->split.input < 0 ||
	    (uint64_t)b->split.input >= r->steps->n_inputs)
		return aqi_error_set(err, AQI_E_MODEL, "node %zu: no input "
				     "%lld among %zu", i,
				     (long long)b->split.input,
				     r->steps->n_inputs);
	if (mode < AQI_ONNX_LEQ || mode > AQI_ONNX_MEMBER)
		return fail_branch(i, "its mode is not known", err);
	if (tracks != 0 && tracks != 1)
		return fail_branch(i, "missing_value_tracks_true is neither 0 "
				   "nor 1", err);
	if (!is_child(b->split.yes, yes_is_leaf, r->n_branches, r->n_leaves) ||
	    !is_child(b->split.no, no_is_leaf, r->n_branches, r->n_leaves))
		return fail_branch(i, "no such child", err);
	return AQI_OK;
}

static enum aqi_status
read_branches(struct reader *r, struct aqi_error *err)
{
	const size_t n_members = column(r, MEMBERS)->n;
	size_t next = 0;

	r->branches = reallocarray(NULL, r->n_branches + 1,
				   sizeof *r->branches);
	if (!r->branches)
		return aqi_error_memory(err);
	if (read_members(r, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < r->n_branches; i++) {
		if (read_branch(r, i, err) != AQI_OK)
			return AQI_FATAL;
		if (r->branches[i].split.mode == AQI_ONNX_MEMBER &&
		    take_members(r, n_members, &next, i, &r->branches[i].split,
				 err) != AQI_OK)
			return AQI_FATAL;
	}
	return AQI_OK;
}

static enum aqi_status
grow(void **array, size_t *room, size_t n, size_t size, struct aqi_error *err)
{
	void *grown = aqi_large_grow(*array, *room * size, n * size);

	if (!grown)
		return aqi_error_memory(err);
	*array = grown;
	*room = n;
	return AQI_OK;
}

/* Bytes of the arrays, with room for n nodes. Weights may be sorted, which
 * takes as much again. */
static size_t
size_of(struct reader *r, size_t n)
{
	return r->n_branches * sizeof *r->branches +
	       r->n_leaves * sizeof *r->leaves +
	       column(r, MEMBERS)->n * sizeof *r->members +
	       n * (sizeof *r->nodes + sizeof *r->ids +
		    2 * sizeof *r->weights);
}

/*
 * Room for a branch's children. It grows by a quarter: what is not used is held
 * against the model.
 */
static enum aqi_status
make_room(struct reader *r, struct aqi_error *err)
{
	const size_t n = r->n_nodes + r->n_nodes / 4 + 16;
	void *nodes = r->nodes, *ids = r->ids, *weights = r->weights;
	enum aqi_status status;

	if (r->n_nodes + 2 <= r->room)
		return AQI_OK;
	status = aqi_onnx_ensemble_hold(r->ensemble, size_of(r, n), err);
	if (status == AQI_OK)
		status = grow(&nodes, &r->nodes_room, n, sizeof *r->nodes, err);
	if (status == AQI_OK)
		status = grow(&ids, &r->ids_room, n, sizeof *r->ids, err);
	if (status == AQI_OK)
		status = grow(&weights, &r->weights_room, n,
			      sizeof *r->weights, err);
	r->nodes = nodes;
	r->ids = ids;
	r->weights = weights;
	r->room = status == AQI_OK ? n : r->room;
	return status;
}

/* A child takes the next place of the tree. */
static int64_t
add_child(struct reader *r, int64_t id, bool is_leaf)
{
	const size_t place = r->n_nodes++;

	r->ids[place] = (uint32_t)id;
	r->nodes[place] = (struct aqi_tree_node){.is_leaf = is_leaf};
	if (is_leaf)
		r->weights[r->n_weights++] = (struct aqi_onnx_weight){
			.node = (uint32_t)place,
			.target = r->leaves[id].target,
			.value = r->leaves[id].weight,
		};
	return (int64_t)place;
}

static enum aqi_status
fail_node(size_t t, uint32_t id, const char *reason, struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %u: %s", t, id,
			     reason);
}

/* The branch at a place, whose children go to the next places. */
static enum aqi_status
lay_branch(struct reader *r, size_t t, size_t place, struct aqi_error *err)
{
	const uint32_t id = r->ids[place];
	struct branch *b = &r->branches[id];
	const char *fault;

	if (b->is_reached)
		return fail_node(t, id, "it has a parent already, or is a root",
				 err);
	b->is_reached = true;
	r->n_reached++;
	if (make_room(r, err) != AQI_OK)
		return AQI_FATAL;
	b->split.yes = add_child(r, b->split.yes, b->yes_is_leaf);
	b->split.no = add_child(r, b->split.no, b->no_is_leaf);
	fault = aqi_onnx_split_lay(&b->split, r->steps, &r->nodes[place]);
	return fault ? fail_node(t, id, fault, err) : AQI_OK;
}

static enum aqi_status
read_tree(struct reader *r, size_t t, int64_t root, struct aqi_error *err)
{
	r->n_nodes = r->n_weights = 0;
	if (root < 0 || (uint64_t)root >= r->n_branches)
		return aqi_error_set(err, AQI_E_MODEL, "tree %zu: no root %lld "
				     "among %zu nodes", t, (long long)root,
				     r->n_branches);
	if (make_room(r, err) != AQI_OK)
		return AQI_FATAL;
	add_child(r, root, false);
	for (size_t i = 0; i < r->n_nodes; i++)
		if (!r->nodes[i].is_leaf && lay_branch(r, t, i, err) != AQI_OK)
			return AQI_FATAL;
	return aqi_onnx_ensemble_add(r->ensemble, t, r->nodes, r->ids,
				     r->n_nodes, r->weights, r->n_weights,
				     err);
}

static size_t
count_inputs(struct reader *r)
{
	struct aqi_onnx_column features = *column(r, FEATURES);
	size_t n = 1;

	while (features.n > 0) {
		const int64_t input = aqi_onnx_column_integer(&features);

		if (input >= 0 && input < AQI_FOREST_MAX_INPUTS &&
		    (size_t)input >= n)
			n = (size_t)input + 1;
	}
	return n;
}

static enum aqi_status
read_trees(struct reader *r, struct aqi_error *err)
{
	struct aqi_onnx_column *roots = column(r, ROOTS);

	for (size_t t = 0; roots->n > 0; t++)
		if (read_tree(r, t, aqi_onnx_column_integer(roots), err))
			return AQI_FATAL;
	if (r->n_reached == r->n_branches)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "%zu nodes are of no tree",
			     r->n_branches - r->n_reached);
}

static enum aqi_status
read_all(struct reader *r, struct aqi_onnx_steps *steps,
	 struct aqi_arena *arena, struct aqi_trees *trees,
	 struct aqi_error *err)
{
	struct aqi_onnx_ensemble *e = r->ensemble;

	if (aqi_onnx_node_attributes(r->node, known, N_ATTRIBUTES, r->found,
				     err) != AQI_OK ||
	    check_columns(r, err) != AQI_OK || read_scalars(r, err) != AQI_OK ||
	    aqi_onnx_steps_widen(steps, count_inputs(r), arena, err) ||
	    read_leaves(r, err) != AQI_OK || read_branches(r, err) != AQI_OK)
		return AQI_FATAL;
	e->is_wide = steps->is_wide;
	e->keeps_width = true;
	e->n_inputs = steps->n_inputs;
	e->n_trees = column(r, ROOTS)->n;
	if (aqi_onnx_ensemble_begin(e, err) != AQI_OK ||
	    read_trees(r, err) != AQI_OK)
		return AQI_FATAL;
	trees->forest = aqi_onnx_ensemble_finish(e, err);
	return trees->forest ? AQI_OK : AQI_FATAL;
}

enum aqi_status
aqi_onnx_branches_read(const struct aqi_onnx_node *node,
		       struct aqi_onnx_steps *steps,
		       struct aqi_onnx_ensemble *ensemble,
		       struct aqi_arena *arena, struct aqi_trees *trees,
		       struct aqi_error *err)
{
	struct reader r = {
		.node = node, .steps = steps, .ensemble = ensemble
	};
	const enum aqi_status status = read_all(&r, steps, arena, trees, err);

	aqi_onnx_ensemble_free(ensemble);
	free(r.branches);
	free(r.leaves);
	free(r.members);
	aqi_large_free(r.nodes, r.nodes_room * sizeof *r.nodes);
	aqi_large_free(r.ids, r.ids_room * sizeof *r.ids);
	aqi_large_free(r.weights, r.weights_room * sizeof *r.weights);
	return status;
}
