#include "model/onnx_trees.h"

#include <stdlib.h>

#include "model/forest_builder.h"
#include "model/onnx_labels.h"
#include "model/onnx_node.h"
#include "model/onnx_split.h"
#include "model/onnx_steps.h"
#include "model/trees.h"

/* Attributes of both operators; what stands at the leaves is called target in
 * one and class in the other. */
enum {
	AGGREGATE, BASES, BASES_TENSOR, FALSE_NODES, FEATURES, HITRATES,
	HITRATES_TENSOR, TRACKS, MODES, NODE_IDS, TREE_IDS, TRUE_NODES, VALUES,
	VALUES_TENSOR, POST, LEAF_IDS, LEAF_NODES, LEAF_TREES, WEIGHTS,
	WEIGHTS_TENSOR, N_TARGETS, LABELS, LABEL_TEXTS, N_ATTRIBUTES
};

#define BOTH                                                                  \
	[AGGREGATE] = {"aggregate_function", AQI_ONNX_KIND_STRING},           \
	[BASES] = {"base_values", AQI_ONNX_KIND_FLOATS},                      \
	[BASES_TENSOR] = {"base_values_as_tensor", AQI_ONNX_KIND_TENSOR},     \
	[FALSE_NODES] = {"nodes_falsenodeids", AQI_ONNX_KIND_INTS},           \
	[FEATURES] = {"nodes_featureids", AQI_ONNX_KIND_INTS},                \
	[HITRATES] = {"nodes_hitrates", AQI_ONNX_KIND_FLOATS},                \
	[HITRATES_TENSOR] = {"nodes_hitrates_as_tensor",                      \
			     AQI_ONNX_KIND_TENSOR},                           \
	[TRACKS] = {"nodes_missing_value_tracks_true", AQI_ONNX_KIND_INTS},   \
	[MODES] = {"nodes_modes", AQI_ONNX_KIND_STRINGS},                     \
	[NODE_IDS] = {"nodes_nodeids", AQI_ONNX_KIND_INTS},                   \
	[TREE_IDS] = {"nodes_treeids", AQI_ONNX_KIND_INTS},                   \
	[TRUE_NODES] = {"nodes_truenodeids", AQI_ONNX_KIND_INTS},             \
	[VALUES] = {"nodes_values", AQI_ONNX_KIND_FLOATS},                    \
	[VALUES_TENSOR] = {"nodes_values_as_tensor", AQI_ONNX_KIND_TENSOR},   \
	[POST] = {"post_transform", AQI_ONNX_KIND_STRING}

static const struct aqi_onnx_known regressor[N_ATTRIBUTES] = {
	BOTH,
	[LEAF_IDS] = {"target_ids", AQI_ONNX_KIND_INTS},
	[LEAF_NODES] = {"target_nodeids", AQI_ONNX_KIND_INTS},
	[LEAF_TREES] = {"target_treeids", AQI_ONNX_KIND_INTS},
	[WEIGHTS] = {"target_weights", AQI_ONNX_KIND_FLOATS},
	[WEIGHTS_TENSOR] = {"target_weights_as_tensor", AQI_ONNX_KIND_TENSOR},
	[N_TARGETS] = {"n_targets", AQI_ONNX_KIND_INT},
	[LABELS] = {"", AQI_ONNX_KIND_INTS},
	[LABEL_TEXTS] = {"", AQI_ONNX_KIND_STRINGS},
};

static const struct aqi_onnx_known classifier[N_ATTRIBUTES] = {
	BOTH,
	[LEAF_IDS] = {"class_ids", AQI_ONNX_KIND_INTS},
	[LEAF_NODES] = {"class_nodeids", AQI_ONNX_KIND_INTS},
	[LEAF_TREES] = {"class_treeids", AQI_ONNX_KIND_INTS},
	[WEIGHTS] = {"class_weights", AQI_ONNX_KIND_FLOATS},
	[WEIGHTS_TENSOR] = {"class_weights_as_tensor", AQI_ONNX_KIND_TENSOR},
	[N_TARGETS] = {"", AQI_ONNX_KIND_INT},
	[LABELS] = {"classlabels_int64s", AQI_ONNX_KIND_INTS},
	[LABEL_TEXTS] = {"classlabels_strings", AQI_ONNX_KIND_STRINGS},
};

/* Where in a tree a node is. */
struct place {
	uint32_t id, index;
};

struct reader {
	const struct aqi_onnx_node *node;
	const struct aqi_onnx_steps *steps;
	const struct aqi_onnx_known *known;	/* (N_ATTRIBUTES,) */
	struct aqi_onnx_ensemble *ensemble;
	struct aqi_onnx_attribute found[N_ATTRIBUTES];
	struct aqi_onnx_weight *weights;	/* by tree, then by node */
	size_t n_weights;
	uint32_t *tree_ids;			/* (n_trees,) */
	size_t n_trees;
	struct aqi_tree_node *nodes;		/* of one tree */
	struct place *places;			/* the same, by id */
	uint32_t *ids;				/* the same, in order */
	size_t n_nodes, room;
};

static struct aqi_onnx_column *
column(struct reader *r, int which)
{
	return &r->found[which].column;
}

/* Numbers that are floats, or a tensor of what the input is; never both. */
static enum aqi_status
pick(struct reader *r, int floats, int tensor, struct aqi_error *err)
{
	const uint64_t type = r->steps->is_wide ? AQI_ONNX_TYPE_DOUBLE :
			      AQI_ONNX_TYPE_FLOAT;

	if (!r->found[tensor].is_there)
		return AQI_OK;
	if (r->found[floats].column.n > 0)
		return aqi_onnx_node_fail(r->node, err, "both %s and %s",
					  r->known[floats].name,
					  r->known[tensor].name);
	if (r->found[tensor].tensor.type != type)
		return aqi_onnx_node_fail(r->node, err, "%s: not of the type "
					  "of the input",
					  r->known[tensor].name);
	r->found[floats] = r->found[tensor];
	return AQI_OK;
}

static enum aqi_status
check_length(struct reader *r, int which, int like, const char *of,
	     struct aqi_error *err)
{
	const size_t n = column(r, which)->n, wanted = column(r, like)->n;

	if (n == wanted)
		return AQI_OK;
	return aqi_onnx_node_fail(r->node, err, "%s: %zu values for %zu %s",
				  r->known[which].name, n, wanted, of);
}

static enum aqi_status
check_lengths(struct reader *r, struct aqi_error *err)
{
	static const int of_nodes[] = {
		FALSE_NODES, FEATURES, MODES, NODE_IDS, TRUE_NODES, VALUES
	};
	static const int of_leaves[] = {LEAF_NODES, LEAF_TREES, WEIGHTS};

	for (size_t i = 0; i < sizeof of_nodes / sizeof of_nodes[0]; i++)
		if (check_length(r, of_nodes[i], TREE_IDS, "nodes", err))
			return AQI_FATAL;
	for (size_t i = 0; i < sizeof of_leaves / sizeof of_leaves[0]; i++)
		if (check_length(r, of_leaves[i], LEAF_IDS, "weights", err))
			return AQI_FATAL;
	if (column(r, TRACKS)->n > 0 &&
	    check_length(r, TRACKS, TREE_IDS, "nodes", err) != AQI_OK)
		return AQI_FATAL;
	if (column(r, TREE_IDS)->n == 0)
		return aqi_onnx_node_fail(r->node, err, "no nodes");
	return AQI_OK;
}

static enum aqi_status
read_attributes(struct reader *r, struct aqi_error *err)
{
	struct aqi_slice name;
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_onnx_node_attributes(r->node, r->known, N_ATTRIBUTES, r->found,
				     err) != AQI_OK ||
	    pick(r, BASES, BASES_TENSOR, err) != AQI_OK ||
	    pick(r, VALUES, VALUES_TENSOR, err) != AQI_OK ||
	    pick(r, WEIGHTS, WEIGHTS_TENSOR, err) != AQI_OK ||
	    check_lengths(r, err) != AQI_OK)
		return AQI_FATAL;
	name = aqi_onnx_attribute_text(&r->found[POST], "NONE");
	if (!aqi_onnx_post_find(name, &r->ensemble->post))
		return aqi_onnx_node_fail(r->node, err, "post_transform: %s is "
					  "not known",
					  aqi_error_quote(quoted, name));
	name = aqi_onnx_attribute_text(&r->found[AGGREGATE], "SUM");
	if (!aqi_onnx_aggregate_find(name, &r->ensemble->aggregate) ||
	    (r->ensemble->is_classifier &&
	     r->ensemble->aggregate != AQI_ONNX_SUM))
		return aqi_onnx_node_fail(r->node, err, "aggregate_function: "
					  "%s is not supported",
					  aqi_error_quote(quoted, name));
	return AQI_OK;
}

static bool
to_index(int64_t value, uint32_t *index)
{
	*index = (uint32_t)value;
	return value >= 0 && value <= UINT32_MAX;
}

/* The weights, as far as they are known without the trees. */
static enum aqi_status
read_weight(struct reader *r, struct aqi_onnx_weight *w, struct aqi_error *err)
{
	const int64_t tree = aqi_onnx_column_integer(column(r, LEAF_TREES));
	const int64_t node = aqi_onnx_column_integer(column(r, LEAF_NODES));
	const int64_t target = aqi_onnx_column_integer(column(r, LEAF_IDS));

	w->value = aqi_onnx_column_number(column(r, WEIGHTS));
	if (!to_index(tree, &w->tree) || !to_index(node, &w->node) ||
	    !to_index(target, &w->target))
		return aqi_error_set(err, AQI_E_MODEL, "tree %lld node %lld: "
				     "a weight for target or class %lld, "
				     "which is none", (long long)tree,
				     (long long)node, (long long)target);
	if (w->target < 2)
		r->ensemble->has_class[w->target] = true;
	if (w->value < 0)
		r->ensemble->is_positive = false;
	return AQI_OK;
}

static int
compare_weights(const void *a, const void *b)
{
	const struct aqi_onnx_weight *x = a, *y = b;

	if (x->tree != y->tree)
		return x->tree < y->tree ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

static enum aqi_status
read_weights(struct reader *r, struct aqi_error *err)
{
	bool is_sorted = true;

	r->n_weights = column(r, LEAF_IDS)->n;
	r->weights = reallocarray(NULL, r->n_weights + 1, sizeof *r->weights);
	if (!r->weights)
		return aqi_error_memory(err);
	r->ensemble->is_positive = true;
	for (size_t i = 0; i < r->n_weights; i++) {
		if (read_weight(r, &r->weights[i], err) != AQI_OK)
			return AQI_FATAL;
		is_sorted = is_sorted &&
			    (i == 0 || compare_weights(&r->weights[i - 1],
						       &r->weights[i]) <= 0);
	}
	if (!is_sorted)
		qsort(r->weights, r->n_weights, sizeof *r->weights,
		      compare_weights);
	return AQI_OK;
}

/* The run of a tree's weights. */
static struct aqi_onnx_weight *
find_weights(const struct reader *r, uint32_t tree, size_t *n)
{
	size_t low = 0, high = r->n_weights, end;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (r->weights[middle].tree < tree)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < r->n_weights && r->weights[end].tree == tree;)
		end++;
	*n = end - low;
	return r->weights + low;
}

static int
compare_ids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A tree whose nodes do not stand together would be two to ONNX Runtime. */
static enum aqi_status
check_tree_ids(struct reader *r, struct aqi_error *err)
{
	uint32_t *sorted = r->tree_ids;

	qsort(sorted, r->n_trees, sizeof *sorted, compare_ids);
	for (size_t i = 1; i < r->n_trees; i++)
		if (sorted[i - 1] == sorted[i])
			return aqi_error_set(err, AQI_E_MODEL, "tree %u: its "
					     "nodes do not stand together",
					     sorted[i]);
	for (size_t i = 0, t = 0; i < r->n_weights; i++) {
		while (t < r->n_trees && sorted[t] < r->weights[i].tree)
			t++;
		if (t == r->n_trees || sorted[t] != r->weights[i].tree)
			return aqi_error_set(err, AQI_E_MODEL, "tree %u node "
					     "%u: a weight, but no such tree",
					     r->weights[i].tree,
					     r->weights[i].node);
	}
	return AQI_OK;
}

/* What trees there are, and how large the largest is. */
static enum aqi_status
count_trees(struct reader *r, struct aqi_error *err)
{
	struct aqi_onnx_column ids = *column(r, TREE_IDS);
	size_t n = 0, room = 0;

	for (int64_t last = -1; ids.n > 0;) {
		const int64_t id = aqi_onnx_column_integer(&ids);
		uint32_t index;

		if (!to_index(id, &index))
			return aqi_error_set(err, AQI_E_MODEL, "tree %lld: no "
					     "such number", (long long)id);
		n = id == last ? n + 1 : 1;
		last = id;
		r->room = n > r->room ? n : r->room;
		if (n > 1)
			continue;
		if (r->n_trees == room) {
			uint32_t *grown = reallocarray(
				r->tree_ids, 2 * room + 8, sizeof *grown);

			if (!grown)
				return aqi_error_memory(err);
			r->tree_ids = grown;
			room = 2 * room + 8;
		}
		r->tree_ids[r->n_trees++] = index;
	}
	return check_tree_ids(r, err);
}

static enum aqi_status
make_room(struct reader *r, struct aqi_error *err)
{
	r->nodes = reallocarray(NULL, r->room, sizeof *r->nodes);
	r->places = reallocarray(NULL, r->room, sizeof *r->places);
	r->ids = reallocarray(NULL, r->room, sizeof *r->ids);
	return r->nodes && r->places && r->ids ? AQI_OK :
	       aqi_error_memory(err);
}

static enum aqi_status
fail_node(size_t t, int64_t id, const char *reason, struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %lld: %s", t,
			     (long long)id, reason);
}

/* The numbers of the nodes of the tree that is next. */
static enum aqi_status
read_ids(struct reader *r, size_t t, struct aqi_error *err)
{
	struct aqi_onnx_column trees = *column(r, TREE_IDS);
	struct aqi_onnx_column ids = *column(r, NODE_IDS);
	const int64_t tree = aqi_onnx_column_integer(&trees);
	bool is_sorted = true;
	size_t n = 0;

	do {
		const int64_t id = aqi_onnx_column_integer(&ids);

		if (!to_index(id, &r->ids[n]))
			return fail_node(t, id, "no such number", err);
		r->places[n] = (struct place){r->ids[n], (uint32_t)n};
		is_sorted = is_sorted && (n == 0 || r->ids[n - 1] < r->ids[n]);
		n++;
	} while (trees.n > 0 && aqi_onnx_column_integer(&trees) == tree);
	r->n_nodes = n;
	if (is_sorted)
		return AQI_OK;
	qsort(r->places, n, sizeof *r->places, compare_ids);
	for (size_t i = 1; i < n; i++)
		if (r->places[i - 1].id == r->places[i].id)
			return fail_node(t, r->places[i].id, "the node is "
					 "there twice", err);
	return AQI_OK;
}

/* The place of a node of the tree; -1 where there is none. */
static int64_t
find_place(const struct reader *r, int64_t id)
{
	size_t low = 0, high = r->n_nodes;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (r->places[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->n_nodes && r->places[low].id == id ?
	       (int64_t)r->places[low].index : -1;
}

static enum aqi_status
find_child(const struct reader *r, size_t t, uint32_t id, int64_t *child,
	   struct aqi_error *err)
{
	const int64_t place = find_place(r, *child);

	if (place < 0)
		return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %u: no "
				     "child %lld among %zu nodes", t, id,
				     (long long)*child, r->n_nodes);
	*child = place;
	return AQI_OK;
}

/* The next node of all columns, which is the i-th of its tree. */
static enum aqi_status
read_node(struct reader *r, size_t t, size_t i, struct aqi_error *err)
{
	const struct aqi_slice mode = aqi_onnx_column_text(column(r, MODES));
	struct aqi_onnx_split split = {
		.threshold = aqi_onnx_column_number(column(r, VALUES)),
		.input = aqi_onnx_column_integer(column(r, FEATURES)),
		.yes = aqi_onnx_column_integer(column(r, TRUE_NODES)),
		.no = aqi_onnx_column_integer(column(r, FALSE_NODES)),
	};
	const int64_t tracks = column(r, TRACKS)->n > 0 ?
		aqi_onnx_column_integer(column(r, TRACKS)) : 0;
	const char *fault;
	char quoted[AQI_QUOTED_SIZE];

	if (!aqi_onnx_mode_find(mode, &split.mode) ||
	    split.mode == AQI_ONNX_MEMBER)
		return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %u: mode "
				     "%s is not known", t, r->ids[i],
				     aqi_error_quote(quoted, mode));
	if (split.mode == AQI_ONNX_LEAF) {
		r->nodes[i] = (struct aqi_tree_node){.is_leaf = true};
		return AQI_OK;
	}
	if (tracks != 0 && tracks != 1)
		return fail_node(t, r->ids[i], "missing_value_tracks_true is "
				 "neither 0 nor 1", err);
	split.tracks_true = tracks == 1;
	if (split.input < 0 || (uint64_t)split.input >= r->steps->n_inputs)
		return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %u: no "
				     "input %lld among %zu", t, r->ids[i],
				     (long long)split.input,
				     r->steps->n_inputs);
	if (find_child(r, t, r->ids[i], &split.yes, err) != AQI_OK ||
	    find_child(r, t, r->ids[i], &split.no, err) != AQI_OK)
		return AQI_FATAL;
	fault = aqi_onnx_split_lay(&split, r->steps, &r->nodes[i]);
	if (r->nodes[i].set == &split.threshold)
		r->nodes[i].set = &r->nodes[i].value;
	return fault ? fail_node(t, r->ids[i], fault, err) : AQI_OK;
}

/* From what the file calls the nodes of a tree's weights to their places. */
static enum aqi_status
place_weights(const struct reader *r, size_t t, struct aqi_onnx_weight *weights,
	      size_t n, struct aqi_error *err)
{
	for (size_t i = 0; i < n; i++) {
		const int64_t place = find_place(r, weights[i].node);

		if (place < 0)
			return fail_node(t, weights[i].node, "a weight, but no "
					 "such node", err);
		weights[i].node = (uint32_t)place;
	}
	return AQI_OK;
}

static enum aqi_status
read_tree(struct reader *r, size_t t, struct aqi_error *err)
{
	struct aqi_onnx_weight *weights;
	uint32_t tree = 0;
	size_t n;

	if (read_ids(r, t, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < r->n_nodes; i++) {
		tree = (uint32_t)aqi_onnx_column_integer(column(r, TREE_IDS));
		(void)aqi_onnx_column_integer(column(r, NODE_IDS));
		if (read_node(r, t, i, err) != AQI_OK)
			return AQI_FATAL;
	}
	weights = find_weights(r, tree, &n);
	if (place_weights(r, t, weights, n, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_onnx_ensemble_add(r->ensemble, t, r->nodes, r->ids,
				     r->n_nodes, weights, n, err);
}

/* Bytes of the arrays. Weights may be sorted, which takes as much again. */
static size_t
size_of(const struct reader *r)
{
	return 2 * r->n_weights * sizeof *r->weights +
	       r->n_trees * sizeof *r->tree_ids +
	       r->room * (sizeof *r->nodes + sizeof *r->places +
			  sizeof *r->ids);
}

/* One more than the greatest input of a branch. */
static size_t
count_inputs(struct reader *r)
{
	struct aqi_onnx_column features = *column(r, FEATURES);
	struct aqi_onnx_column modes = *column(r, MODES);
	size_t n = 1;

	while (features.n > 0) {
		const int64_t input = aqi_onnx_column_integer(&features);

		if (!aqi_slice_is(aqi_onnx_column_text(&modes), "LEAF") &&
		    input >= 0 && input < AQI_FOREST_MAX_INPUTS &&
		    (size_t)input >= n)
			n = (size_t)input + 1;
	}
	return n;
}

static enum aqi_status
read_bases(struct reader *r, struct aqi_arena *arena, struct aqi_error *err)
{
	struct aqi_onnx_column *bases = column(r, BASES);
	double *numbers = aqi_arena_array(arena, bases->n, sizeof *numbers);

	if (!numbers)
		return aqi_error_memory(err);
	r->ensemble->bases = numbers;
	r->ensemble->n_bases = bases->n;
	while (bases->n > 0)
		*numbers++ = aqi_onnx_column_number(bases);
	return AQI_OK;
}

/* How many targets, or classes, and what they are called. */
static enum aqi_status
read_targets(struct reader *r, struct aqi_arena *arena,
	     struct aqi_trees *trees, struct aqi_error *err)
{
	int64_t n;

	if (r->ensemble->is_classifier) {
		if (aqi_onnx_labels_read(r->node, column(r, LABELS),
					 column(r, LABEL_TEXTS), arena, trees,
					 err) != AQI_OK)
			return AQI_FATAL;
		r->ensemble->n_targets = trees->n_labels;
		return AQI_OK;
	}
	n = aqi_onnx_attribute_integer(&r->found[N_TARGETS], 1);
	if (n < 1 || n > AQI_FOREST_MAX_MARGINS)
		return aqi_onnx_node_fail(r->node, err, "n_targets: %lld; 1 to "
					  "%d are supported", (long long)n,
					  AQI_FOREST_MAX_MARGINS);
	r->ensemble->n_targets = (size_t)n;
	return AQI_OK;
}

static enum aqi_status
read_all(struct reader *r, struct aqi_onnx_steps *steps,
	 struct aqi_arena *arena, struct aqi_trees *trees,
	 struct aqi_error *err)
{
	struct aqi_onnx_ensemble *e = r->ensemble;

	if (read_attributes(r, err) != AQI_OK ||
	    read_targets(r, arena, trees, err) != AQI_OK ||
	    aqi_onnx_steps_widen(steps, count_inputs(r), arena, err) ||
	    read_bases(r, arena, err) != AQI_OK ||
	    read_weights(r, err) != AQI_OK || count_trees(r, err) != AQI_OK ||
	    make_room(r, err) != AQI_OK)
		return AQI_FATAL;
	e->is_wide = steps->is_wide;
	e->n_inputs = steps->n_inputs;
	e->n_trees = r->n_trees;
	if (aqi_onnx_ensemble_begin(e, err) != AQI_OK ||
	    aqi_onnx_ensemble_hold(e, size_of(r), err) != AQI_OK)
		return AQI_FATAL;
	for (size_t t = 0; t < r->n_trees; t++)
		if (read_tree(r, t, err) != AQI_OK)
			return AQI_FATAL;
	trees->forest = aqi_onnx_ensemble_finish(e, err);
	return trees->forest ? AQI_OK : AQI_FATAL;
}

enum aqi_status
aqi_onnx_trees_read(const struct aqi_onnx_node *node,
		    struct aqi_onnx_steps *steps,
		    struct aqi_onnx_ensemble *ensemble,
		    struct aqi_arena *arena, struct aqi_trees *trees,
		    struct aqi_error *err)
{
	struct reader r = {
		.node = node, .steps = steps, .ensemble = ensemble
	};
	enum aqi_status status;

	ensemble->is_classifier = aqi_slice_is(node->op,
					       "TreeEnsembleClassifier");
	r.known = ensemble->is_classifier ? classifier : regressor;
	status = read_all(&r, steps, arena, trees, err);
	aqi_onnx_ensemble_free(ensemble);
	free(r.weights);
	free(r.tree_ids);
	free(r.nodes);
	free(r.places);
	free(r.ids);
	return status;
}
