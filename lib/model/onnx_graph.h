/*
 * onnx_graph.h: the graph of an ONNX model: what goes in, what comes out, and
 * the nodes between.
 *
 * The graph is checked as one: every name is made once, and before it is taken,
 * so that whoever follows names from one node to the next comes to an end.
 * What has no place in a model of trees is refused by its name: functions of
 * the model's own, sparse tensors, tensors in other files.
 *
 * Texts are borrowed from the file.
 */
#ifndef AQI_MODEL_ONNX_GRAPH_H
#define AQI_MODEL_ONNX_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "model/onnx_node.h"
#include "model/onnx_tensor.h"

/* Of nodes, inputs, outputs and tensors together, and of values; a model of
 * trees has few. */
#define AQI_ONNX_MAX_VALUES 131072

/* What the graph is given, a column of it or several. */
struct aqi_onnx_input {
	struct aqi_slice name;
	uint64_t type;		/* of its elements: enum aqi_onnx_type */
	size_t width;		/* columns; 0: not told */
};

enum aqi_onnx_maker {
	AQI_ONNX_BY_INPUT,
	AQI_ONNX_BY_INITIALIZER,
	AQI_ONNX_BY_NODE
};

/* A value by its name, and where it comes from. */
struct aqi_onnx_value {
	struct aqi_slice name;
	enum aqi_onnx_maker maker;
	uint32_t index;		/* of the input, initializer or node */
	uint32_t output;	/* which of the node's outputs */
};

struct aqi_onnx_graph {
	struct aqi_slice producer, producer_version;
	int64_t version, ml_version;	/* of operators; 0: not imported */

	struct aqi_slice file;
	struct aqi_slice *nodes;
	size_t n_nodes;
	struct aqi_onnx_input *inputs;	/* without those that are tensors */
	size_t n_inputs;
	struct aqi_slice *outputs;	/* their names */
	size_t n_outputs;
	struct aqi_slice *initializers;
	size_t n_initializers;
	struct aqi_onnx_value *values;	/* sorted by name */
	size_t n_values;
};

/* AQI_E_MODEL: "byte B: reason", or the part that is wrong; AQI_E_LIMIT;
 * AQI_E_MEMORY. */
enum aqi_status aqi_onnx_graph_read(struct aqi_slice file,
				    struct aqi_arena *arena,
				    struct aqi_onnx_graph *graph,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* A node, and a tensor of the graph's own, by its number. */
struct aqi_onnx_node aqi_onnx_graph_node(const struct aqi_onnx_graph *graph,
					 size_t i);
struct aqi_onnx_tensor
aqi_onnx_graph_tensor(const struct aqi_onnx_graph *graph, size_t i);

/* NULL where nothing makes it. */
const struct aqi_onnx_value *
aqi_onnx_graph_find(const struct aqi_onnx_graph *graph, struct aqi_slice name);

#endif
