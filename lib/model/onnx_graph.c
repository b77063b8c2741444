#include "model/onnx_graph.h"

#include <assert.h>
#include <stdlib.h>

#include "model/onnx_input.h"

/* Fields of ModelProto. */
enum {
	IR_VERSION = 1,
	PRODUCER_NAME = 2,
	PRODUCER_VERSION = 3,
	GRAPH = 7,
	OPSET_IMPORT = 8,
	FUNCTIONS = 25
};

/* Fields of GraphProto. */
enum {
	NODE = 1,
	INITIALIZER = 5,
	INPUT = 11,
	OUTPUT = 12,
	SPARSE_INITIALIZER = 15
};

static enum aqi_status
fail(struct aqi_error *err, const char *what, struct aqi_slice name,
     const char *reason)
{
	char quoted[AQI_QUOTED_SIZE];

	return aqi_error_set(err, AQI_E_MODEL, "%s %s: %s", what,
			     aqi_error_quote(quoted, name), reason);
}

static enum aqi_status
too_many(struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_LIMIT, "a graph of more than %d nodes, "
			     "inputs, outputs and tensors",
			     AQI_ONNX_MAX_VALUES);
}

/* The set of operators that a model imports. */
static enum aqi_status
read_import(struct aqi_protobuf message, struct aqi_onnx_graph *graph,
	    struct aqi_error *err)
{
	struct aqi_slice domain = {"", 0};
	int64_t number = 0, *version;
	enum aqi_status status;

	while ((status = aqi_protobuf_next(&message, err)) == AQI_OK) {
		if (message.field == 1)
			domain = message.bytes;
		else if (message.field == 2)
			number = (int64_t)message.number;
	}
	if (status != AQI_END)
		return AQI_FATAL;
	if (domain.size == 0 || aqi_slice_is(domain, "ai.onnx"))
		version = &graph->version;
	else if (aqi_slice_is(domain, "ai.onnx.ml"))
		version = &graph->ml_version;
	else
		return AQI_OK;	/* a node of it is refused */
	if (number < 1 || (*version != 0 && *version != number))
		return fail(err, "domain", domain, "no version of it, or two");
	*version = number;
	return AQI_OK;
}

/* The model around the graph, which is where the reader then stands. */
static enum aqi_status
read_model(struct aqi_protobuf *at, struct aqi_onnx_graph *graph,
	   struct aqi_protobuf *inner, struct aqi_error *err)
{
	size_t n_graphs = 0;
	uint64_t ir_version = 0;
	enum aqi_status status;

	while ((status = aqi_protobuf_next(at, err)) == AQI_OK) {
		if (at->field == IR_VERSION)
			ir_version = at->number;
		else if (at->field == PRODUCER_NAME)
			graph->producer = at->bytes;
		else if (at->field == PRODUCER_VERSION)
			graph->producer_version = at->bytes;
		else if (at->field == OPSET_IMPORT &&
			 read_import(aqi_protobuf_enter(at), graph, err))
			return AQI_FATAL;
		else if (at->field == FUNCTIONS)
			return aqi_error_set(err, AQI_E_MODEL, "functions of "
					     "the model's own are not "
					     "supported");
		else if (at->field == GRAPH && n_graphs++ == 0)
			*inner = aqi_protobuf_enter(at);
	}
	if (status != AQI_END)
		return AQI_FATAL;
	if (ir_version == 0 || n_graphs != 1)
		return aqi_error_set(err, AQI_E_MODEL, "not an ONNX model: it "
				     "has %s", ir_version == 0 ?
				     "no ir_version" : n_graphs == 0 ?
				     "no graph" : "two graphs");
	if (graph->version == 0 && graph->ml_version == 0)
		return aqi_error_set(err, AQI_E_MODEL, "opset_import: no "
				     "version of any operators");
	return AQI_OK;
}

/* Room for all that there is of each kind. */
static enum aqi_status
make_room(struct aqi_protobuf at, struct aqi_arena *arena,
	  struct aqi_onnx_graph *graph, struct aqi_error *err)
{
	size_t n_nodes = 0, n_inputs = 0, n_outputs = 0, n_tensors = 0;
	enum aqi_status status;

	while ((status = aqi_protobuf_next(&at, err)) == AQI_OK) {
		n_nodes += at.field == NODE;
		n_inputs += at.field == INPUT;
		n_outputs += at.field == OUTPUT;
		n_tensors += at.field == INITIALIZER;
		if (at.field == SPARSE_INITIALIZER)
			return aqi_error_set(err, AQI_E_MODEL, "sparse tensors "
					     "are not supported");
	}
	if (status != AQI_END)
		return AQI_FATAL;
	if (n_nodes == 0 || n_outputs == 0)
		return aqi_error_set(err, AQI_E_MODEL, "the graph has no %s",
				     n_nodes == 0 ? "nodes" : "outputs");
	if (n_nodes + n_inputs + n_outputs + n_tensors > AQI_ONNX_MAX_VALUES)
		return too_many(err);
	graph->nodes = aqi_arena_array(arena, n_nodes, sizeof *graph->nodes);
	graph->inputs = aqi_arena_array(arena, n_inputs,
					sizeof *graph->inputs);
	graph->outputs = aqi_arena_array(arena, n_outputs,
					 sizeof *graph->outputs);
	graph->initializers = aqi_arena_array(arena, n_tensors,
					      sizeof *graph->initializers);
	if (!graph->nodes || !graph->inputs || !graph->outputs ||
	    !graph->initializers)
		return aqi_error_memory(err);
	return AQI_OK;
}

static struct aqi_protobuf
enter(const struct aqi_onnx_graph *graph, struct aqi_slice part)
{
	return (struct aqi_protobuf){.file = graph->file.data, .rest = part};
}

static int64_t
find_version(const struct aqi_onnx_graph *graph,
	     const struct aqi_onnx_node *node)
{
	if (node->domain.size == 0)
		return graph->version;
	return aqi_slice_is(node->domain, "ai.onnx.ml") ? graph->ml_version : 0;
}

/* Parts are read again where they are asked for: kept as they are read, many
 * of them would take many times the file. */
struct aqi_onnx_node
aqi_onnx_graph_node(const struct aqi_onnx_graph *graph, size_t i)
{
	struct aqi_onnx_node node;
	const enum aqi_status status = aqi_onnx_node_read(
		enter(graph, graph->nodes[i]), &node, NULL);

	assert(status == AQI_OK);
	(void)status;
	node.version = find_version(graph, &node);
	return node;
}

struct aqi_onnx_tensor
aqi_onnx_graph_tensor(const struct aqi_onnx_graph *graph, size_t i)
{
	struct aqi_onnx_tensor tensor;
	const enum aqi_status status = aqi_onnx_tensor_read(
		enter(graph, graph->initializers[i]), &tensor, NULL);

	assert(status == AQI_OK);
	(void)status;
	return tensor;
}

static enum aqi_status
check_node(struct aqi_protobuf message, const struct aqi_onnx_graph *graph,
	   struct aqi_error *err)
{
	struct aqi_onnx_node node;

	if (aqi_onnx_node_read(message, &node, err) != AQI_OK)
		return AQI_FATAL;
	node.version = find_version(graph, &node);
	return node.version > 0 ? AQI_OK :
	       aqi_onnx_node_refuse(&node, ": no such operators are imported",
				    err);
}

static enum aqi_status
add_part(const struct aqi_protobuf *at, struct aqi_onnx_graph *graph,
	 struct aqi_error *err)
{
	const struct aqi_protobuf part = aqi_protobuf_enter(at);
	struct aqi_onnx_tensor tensor;
	struct aqi_onnx_input output;

	switch (at->field) {
	case NODE:
		graph->nodes[graph->n_nodes++] = part.rest;
		return check_node(part, graph, err);
	case INPUT:
		return aqi_onnx_input_read(
			part, &graph->inputs[graph->n_inputs++], err);
	case OUTPUT:
		if (aqi_onnx_input_read(part, &output, err) != AQI_OK)
			return AQI_FATAL;
		graph->outputs[graph->n_outputs++] = output.name;
		return AQI_OK;
	case INITIALIZER:
		graph->initializers[graph->n_initializers++] = part.rest;
		return aqi_onnx_tensor_read(part, &tensor, err);
	default:
		return AQI_OK;
	}
}

/* Names. */

static int
compare_names(struct aqi_slice a, struct aqi_slice b)
{
	const size_t n = a.size < b.size ? a.size : b.size;
	const int order = n > 0 ? memcmp(a.data, b.data, n) : 0;

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* Tensors before inputs of the same name: those are no inputs. */
static int
compare_values(const void *a, const void *b)
{
	const struct aqi_onnx_value *x = a, *y = b;
	const int order = compare_names(x->name, y->name);

	return order ? order : (x->maker < y->maker) - (x->maker > y->maker);
}

const struct aqi_onnx_value *
aqi_onnx_graph_find(const struct aqi_onnx_graph *graph, struct aqi_slice name)
{
	size_t low = 0, high = graph->n_values;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (compare_names(graph->values[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < graph->n_values &&
	       aqi_slice_equal(graph->values[low].name, name) ?
	       &graph->values[low] : NULL;
}

static void
add_value(struct aqi_onnx_graph *graph, struct aqi_slice name,
	  enum aqi_onnx_maker maker, size_t index, size_t output)
{
	if (name.size > 0)
		graph->values[graph->n_values++] = (struct aqi_onnx_value){
			.name = name,
			.maker = maker,
			.index = (uint32_t)index,
			.output = (uint32_t)output,
		};
}

static size_t
count_values(const struct aqi_onnx_graph *graph)
{
	size_t n = graph->n_inputs + graph->n_initializers;

	for (size_t i = 0; i < graph->n_nodes; i++)
		n += aqi_onnx_graph_node(graph, i).outputs.n;
	return n;
}

static void
list_values(struct aqi_onnx_graph *graph)
{
	for (size_t i = 0; i < graph->n_inputs; i++)
		add_value(graph, graph->inputs[i].name, AQI_ONNX_BY_INPUT, i,
			  0);
	for (size_t i = 0; i < graph->n_initializers; i++)
		add_value(graph, aqi_onnx_graph_tensor(graph, i).name,
			  AQI_ONNX_BY_INITIALIZER, i, 0);
	for (size_t i = 0; i < graph->n_nodes; i++) {
		struct aqi_onnx_column names =
			aqi_onnx_graph_node(graph, i).outputs;

		for (size_t k = 0; names.n > 0; k++)
			add_value(graph, aqi_onnx_column_text(&names),
				  AQI_ONNX_BY_NODE, i, k);
	}
}

/* Each name once. What a file before IR version 4 has as an input and as a
 * tensor is a tensor. */
static enum aqi_status
check_twice(struct aqi_onnx_graph *graph, struct aqi_error *err)
{
	struct aqi_onnx_value *values = graph->values;
	size_t n = 0;

	for (size_t i = 0; i < graph->n_values; i++) {
		if (n == 0 ||
		    !aqi_slice_equal(values[n - 1].name, values[i].name)) {
			values[n++] = values[i];
			continue;
		}
		if (values[n - 1].maker != AQI_ONNX_BY_INITIALIZER ||
		    values[i].maker != AQI_ONNX_BY_INPUT)
			return fail(err, "value", values[i].name, "made twice");
		graph->inputs[values[i].index].name.size = 0;
	}
	graph->n_values = n;
	return AQI_OK;
}

/* Nodes take only what is made before them. */
static enum aqi_status
check_order(const struct aqi_onnx_graph *graph, struct aqi_error *err)
{
	for (size_t i = 0; i < graph->n_nodes; i++) {
		struct aqi_onnx_column names =
			aqi_onnx_graph_node(graph, i).inputs;

		while (names.n > 0) {
			const struct aqi_slice name =
				aqi_onnx_column_text(&names);
			const struct aqi_onnx_value *value =
				aqi_onnx_graph_find(graph, name);

			if (name.size > 0 &&
			    (!value || (value->maker == AQI_ONNX_BY_NODE &&
					value->index >= i)))
				return fail(err, "value", name, "taken by a "
					    "node, but not made before it");
		}
	}
	for (size_t i = 0; i < graph->n_outputs; i++)
		if (!aqi_onnx_graph_find(graph, graph->outputs[i]))
			return fail(err, "output", graph->outputs[i],
				    "no node makes it");
	return AQI_OK;
}

static enum aqi_status
name_values(struct aqi_onnx_graph *graph, struct aqi_arena *arena,
	    struct aqi_error *err)
{
	const size_t n = count_values(graph);

	if (n > AQI_ONNX_MAX_VALUES)
		return too_many(err);
	graph->values = aqi_arena_array(arena, n, sizeof *graph->values);
	if (!graph->values)
		return aqi_error_memory(err);
	list_values(graph);
	if (graph->n_values > 0)
		qsort(graph->values, graph->n_values, sizeof *graph->values,
		      compare_values);
	if (check_twice(graph, err) != AQI_OK)
		return AQI_FATAL;
	return check_order(graph, err);
}

enum aqi_status
aqi_onnx_graph_read(struct aqi_slice file, struct aqi_arena *arena,
		    struct aqi_onnx_graph *graph, struct aqi_error *err)
{
	struct aqi_protobuf at = aqi_protobuf_open(file), inner;
	enum aqi_status status;

	*graph = (struct aqi_onnx_graph){.file = file, .producer = {"", 0},
					 .producer_version = {"", 0}};
	if (read_model(&at, graph, &inner, err) != AQI_OK ||
	    make_room(inner, arena, graph, err) != AQI_OK)
		return AQI_FATAL;
	while ((status = aqi_protobuf_next(&inner, err)) == AQI_OK)
		if (add_part(&inner, graph, err) != AQI_OK)
			return AQI_FATAL;
	return status == AQI_END ? name_values(graph, arena, err) : AQI_FATAL;
}
