#include "model/onnx_tail.h"

#include "model/onnx_graph.h"

/* What a value is. */
enum role {
	OTHER,
	LABELS,
	NUMBERS,
	MAPS		/* numbers, with a name each */
};

struct tail {
	const struct aqi_onnx_graph *graph;
	const struct aqi_onnx_output *output;
	unsigned char *roles;	/* (n_nodes,) enum role of the first output */
};

static enum role
find_role(const struct tail *tail, struct aqi_slice name)
{
	const struct aqi_onnx_value *value =
		aqi_onnx_graph_find(tail->graph, name);

	if (!value || value->maker != AQI_ONNX_BY_NODE)
		return OTHER;
	if (value->index != tail->output->tree_node)
		return value->output == 0 ?
		       (enum role)tail->roles[value->index] : OTHER;
	if (tail->output->is_classifier)
		return value->output == 0 ? LABELS :
		       value->output == 1 ? NUMBERS : OTHER;
	return value->output == 0 ? NUMBERS : OTHER;
}

/* Numbers stay what they are; labels are texts to us. */
static enum aqi_status
check_cast(const struct tail *tail, const struct aqi_onnx_node *node,
	   enum role role, struct aqi_error *err)
{
	static const struct aqi_onnx_known known[] = {
		{"to", AQI_ONNX_KIND_INT}, {"saturate", AQI_ONNX_KIND_INT}
	};
	struct aqi_onnx_attribute found[2];
	int64_t to;

	if (aqi_onnx_node_attributes(node, known, 2, found, err) != AQI_OK)
		return AQI_FATAL;
	to = aqi_onnx_attribute_integer(&found[0], 0);
	if (role == LABELS ? to == AQI_ONNX_TYPE_INT64 ||
			     to == AQI_ONNX_TYPE_INT32 ||
			     to == AQI_ONNX_TYPE_STRING :
	    to == AQI_ONNX_TYPE_DOUBLE ||
	    (to == AQI_ONNX_TYPE_FLOAT && !tail->output->is_wide))
		return AQI_OK;
	return aqi_onnx_node_refuse(node, " behind the trees, but where it "
				    "changes nothing", err);
}

/* The shape asked for, if it is a constant: (-1,), (-1, n) and the like. */
static bool
keeps_shape(struct aqi_onnx_column shape, size_t n)
{
	int64_t first, second;

	if (shape.n < 1 || shape.n > 2)
		return false;
	first = aqi_onnx_column_integer(&shape);
	if (shape.n == 0)
		return first == -1 && n == 1;
	second = aqi_onnx_column_integer(&shape);
	return (first == 0 && second == -1) ||
	       ((first == 0 || first == -1) && second == (int64_t)n);
}

static enum aqi_status
check_reshape(const struct tail *tail, const struct aqi_onnx_node *node,
	      enum role role, struct aqi_error *err)
{
	static const struct aqi_onnx_known known = {"allowzero",
						    AQI_ONNX_KIND_INT};
	struct aqi_onnx_attribute found;
	struct aqi_onnx_column names = node->inputs, shape = {0};
	const struct aqi_onnx_value *value = NULL;
	struct aqi_onnx_tensor tensor;

	if (aqi_onnx_node_attributes(node, &known, 1, &found, err) != AQI_OK)
		return AQI_FATAL;
	if (names.n == 2) {
		(void)aqi_onnx_column_text(&names);
		value = aqi_onnx_graph_find(tail->graph,
					    aqi_onnx_column_text(&names));
	}
	if (value && value->maker == AQI_ONNX_BY_INITIALIZER) {
		tensor = aqi_onnx_graph_tensor(tail->graph, value->index);
		if (tensor.type == AQI_ONNX_TYPE_INT64 &&
		    aqi_onnx_tensor_open(&tensor, &shape, err) != AQI_OK)
			return AQI_FATAL;
	}
	if (aqi_onnx_attribute_integer(&found, 0) == 0 &&
	    keeps_shape(shape, role == LABELS ? 1 : tail->output->n))
		return AQI_OK;
	return aqi_onnx_node_refuse(node, " but where it changes nothing",
				    err);
}

static enum aqi_status
check_flatten(const struct aqi_onnx_node *node, struct aqi_error *err)
{
	static const struct aqi_onnx_known known = {"axis", AQI_ONNX_KIND_INT};
	struct aqi_onnx_attribute found;

	if (aqi_onnx_node_attributes(node, &known, 1, &found, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_onnx_attribute_integer(&found, 1) == 1 ? AQI_OK :
	       aqi_onnx_node_refuse(node, " but along the first axis", err);
}

static enum aqi_status
check_zipmap(const struct tail *tail, const struct aqi_onnx_node *node,
	     struct aqi_error *err)
{
	static const struct aqi_onnx_known known[] = {
		{"classlabels_int64s", AQI_ONNX_KIND_INTS},
		{"classlabels_strings", AQI_ONNX_KIND_STRINGS},
	};
	struct aqi_onnx_attribute found[2];

	if (aqi_onnx_node_attributes(node, known, 2, found, err) != AQI_OK)
		return AQI_FATAL;
	return found[0].column.n + found[1].column.n == tail->output->n ?
	       AQI_OK : aqi_onnx_node_fail(node, err, "%zu labels for %zu "
					   "classes", found[0].column.n +
					   found[1].column.n, tail->output->n);
}

static enum aqi_status
check_pass(const struct tail *tail, const struct aqi_onnx_node *node,
	   enum role *role, struct aqi_error *err)
{
	struct aqi_onnx_attribute none;

	if (aqi_onnx_node_is(node, "", "Identity"))
		return aqi_onnx_node_attributes(node, NULL, 0, &none, err);
	if (*role != MAPS && aqi_onnx_node_is(node, "", "Cast"))
		return check_cast(tail, node, *role, err);
	if (*role != MAPS && aqi_onnx_node_is(node, "", "Reshape"))
		return check_reshape(tail, node, *role, err);
	if (*role == NUMBERS && aqi_onnx_node_is(node, "", "Flatten"))
		return check_flatten(node, err);
	if (*role == NUMBERS && tail->output->is_classifier &&
	    aqi_onnx_node_is(node, "ai.onnx.ml", "ZipMap")) {
		*role = MAPS;
		return check_zipmap(tail, node, err);
	}
	return aqi_onnx_node_refuse(node, " behind the trees", err);
}

/* A node that takes what the trees put out, at its first place or another. */
static enum aqi_status
check_node(const struct tail *tail, size_t i, struct aqi_error *err)
{
	const struct aqi_onnx_node node = aqi_onnx_graph_node(tail->graph, i);
	struct aqi_onnx_column names = node.inputs;
	enum role role = OTHER;
	bool is_other = false;

	for (size_t k = 0; names.n > 0; k++) {
		const enum role next =
			find_role(tail, aqi_onnx_column_text(&names));

		if (k == 0)
			role = next;
		else
			is_other |= next != OTHER;
	}
	if (is_other)
		return aqi_onnx_node_refuse(&node, " behind the trees", err);
	if (role == OTHER)
		return AQI_OK;
	if (check_pass(tail, &node, &role, err) != AQI_OK)
		return AQI_FATAL;
	tail->roles[i] = (unsigned char)role;
	return AQI_OK;
}

enum aqi_status
aqi_onnx_tail_check(const struct aqi_onnx_graph *graph,
		    const struct aqi_onnx_output *output,
		    struct aqi_arena *arena, struct aqi_error *err)
{
	struct tail tail = {
		.graph = graph,
		.output = output,
		.roles = aqi_arena_alloc(arena, graph->n_nodes),
	};
	char quoted[AQI_QUOTED_SIZE];

	if (!tail.roles)
		return aqi_error_memory(err);
	memset(tail.roles, OTHER, graph->n_nodes);
	for (size_t i = output->tree_node + 1; i < graph->n_nodes; i++)
		if (check_node(&tail, i, err) != AQI_OK)
			return AQI_FATAL;
	for (size_t i = 0; i < graph->n_outputs; i++)
		if (find_role(&tail, graph->outputs[i]) == OTHER)
			return aqi_error_set(err, AQI_E_MODEL, "output %s: "
					     "not of the trees",
					     aqi_error_quote(
						     quoted,
						     graph->outputs[i]));
	return AQI_OK;
}
