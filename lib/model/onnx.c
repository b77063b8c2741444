#include "model/onnx.h"

#include "model/forest.h"
#include "model/onnx_branches.h"
#include "model/onnx_graph.h"
#include "model/onnx_steps.h"
#include "model/onnx_tail.h"
#include "model/onnx_trees.h"
#include "model/trees.h"
#include "record/utf8.h"

/* What may stand in a graph; where, whoever reads that part knows. */
static const struct {
	const char *domain, *op;
	bool has_trees;
} operators[] = {
	{"", "Identity", false},
	{"", "Cast", false},
	{"", "Concat", false},
	{"", "Add", false},
	{"", "Sub", false},
	{"", "Mul", false},
	{"", "Div", false},
	{"", "Reshape", false},
	{"", "Flatten", false},
	{"ai.onnx.ml", "Imputer", false},
	{"ai.onnx.ml", "Scaler", false},
	{"ai.onnx.ml", "ZipMap", false},
	{"ai.onnx.ml", "TreeEnsembleRegressor", true},
	{"ai.onnx.ml", "TreeEnsembleClassifier", true},
	{"ai.onnx.ml", "TreeEnsemble", true},
};

#define N_OPERATORS (sizeof operators / sizeof operators[0])

/* The newest operators of the domain ai.onnx.ml that are known here. */
#define NEWEST_ML 5

/* Protocol buffers: ir_version, then another field of the model. */
bool
aqi_onnx_is(struct aqi_slice bytes)
{
	const unsigned char *b = (const unsigned char *)bytes.data;

	return bytes.size >= 3 && b[0] == 0x08 && b[1] > 0 && b[1] < 0x40 &&
	       b[2] >= 0x12 && b[2] <= 0x72;
}

static enum aqi_status
check_operator(const struct aqi_onnx_node *node, bool *has_trees,
	       struct aqi_error *err)
{
	for (size_t i = 0; i < N_OPERATORS; i++)
		if (aqi_onnx_node_is(node, operators[i].domain,
				     operators[i].op)) {
			*has_trees = operators[i].has_trees;
			if (*operators[i].domain && node->version > NEWEST_ML)
				break;
			return AQI_OK;
		}
	return aqi_onnx_node_refuse(node, "", err);
}

/* The one node of trees. */
static enum aqi_status
find_trees(const struct aqi_onnx_graph *graph, struct aqi_onnx_node *trees,
	   size_t *at, struct aqi_error *err)
{
	size_t n = 0;

	for (size_t i = 0; i < graph->n_nodes; i++) {
		const struct aqi_onnx_node node =
			aqi_onnx_graph_node(graph, i);
		bool has_trees = false;

		if (check_operator(&node, &has_trees, err) != AQI_OK)
			return AQI_FATAL;
		if (!has_trees)
			continue;
		if (n++ > 0)
			return aqi_onnx_node_refuse(&node, " a second time: "
						    "one forest is read", err);
		*trees = node;
		*at = i;
	}
	return n > 0 ? AQI_OK :
	       aqi_error_set(err, AQI_E_MODEL, "the graph has no trees");
}

static struct aqi_slice
copy_text(struct aqi_slice text, struct aqi_arena *arena)
{
	return aqi_utf8_check(text) == text.size ? aqi_arena_copy(arena, text) :
	       (struct aqi_slice){"", 0};
}

/* Who wrote it: "skl2onnx 1.20.0". */
static enum aqi_status
name_writer(const struct aqi_onnx_graph *graph, struct aqi_arena *arena,
	    struct aqi_trees *trees, struct aqi_error *err)
{
	const struct aqi_slice name = copy_text(graph->producer, arena);
	const struct aqi_slice version = copy_text(graph->producer_version,
						   arena);
	const bool has_both = name.size > 0 && version.size > 0;
	char *text = aqi_arena_alloc(arena, name.size + version.size + 1);

	if (!text || !name.data || !version.data)
		return aqi_error_memory(err);
	if (name.size > 0)
		memcpy(text, name.data, name.size);
	text[name.size] = ' ';
	if (version.size > 0)
		memcpy(text + name.size + has_both, version.data,
		       version.size);
	trees->writer = (struct aqi_slice){
		text, name.size + has_both + version.size
	};
	return AQI_OK;
}

/* Names, where every input is a column of its own. */
static enum aqi_status
name_inputs(const struct aqi_onnx_steps *steps, struct aqi_arena *arena,
	    struct aqi_trees *trees, struct aqi_error *err)
{
	struct aqi_slice *names;

	for (size_t i = 0; i < steps->n_inputs; i++)
		if (steps->n_inputs < 2 || steps->sources[i].name.size == 0)
			return AQI_OK;
	names = aqi_arena_array(arena, steps->n_inputs, sizeof *names);
	if (!names)
		return aqi_error_memory(err);
	for (size_t i = 0; i < steps->n_inputs; i++) {
		const struct aqi_slice name = steps->sources[i].name;

		if (aqi_utf8_check(name) != name.size)
			return aqi_error_set(err, AQI_E_MODEL, "input %zu: "
					     "its name is not UTF-8", i);
		names[i] = aqi_arena_copy(arena, name);
		if (!names[i].data)
			return aqi_error_memory(err);
	}
	trees->names = names;
	trees->n_names = steps->n_inputs;
	return AQI_OK;
}

static enum aqi_status
read_trees(const struct aqi_onnx_node *node, struct aqi_onnx_steps *steps,
	   struct aqi_onnx_ensemble *ensemble, struct aqi_arena *arena,
	   struct aqi_trees *trees, struct aqi_error *err)
{
	if (aqi_slice_is(node->op, "TreeEnsemble"))
		return aqi_onnx_branches_read(node, steps, ensemble, arena,
					      trees, err);
	return aqi_onnx_trees_read(node, steps, ensemble, arena, trees, err);
}

static enum aqi_status
read_graph(struct aqi_slice bytes, struct aqi_arena *work,
	   struct aqi_arena *arena, struct aqi_trees *trees,
	   struct aqi_error *err)
{
	struct aqi_onnx_graph graph;
	struct aqi_onnx_node node;
	struct aqi_onnx_steps steps;
	struct aqi_onnx_ensemble ensemble = {
		.most = aqi_trees_memory(bytes.size)
	};
	struct aqi_onnx_output output = {0};

	if (aqi_onnx_graph_read(bytes, work, &graph, err) != AQI_OK ||
	    find_trees(&graph, &node, &output.tree_node, err) != AQI_OK ||
	    aqi_onnx_steps_read(&graph, &node, work, &steps, err) != AQI_OK ||
	    read_trees(&node, &steps, &ensemble, arena, trees, err) != AQI_OK)
		return AQI_FATAL;
	output.is_classifier = ensemble.is_classifier;
	output.is_wide = ensemble.is_wide && ensemble.keeps_width;
	output.n = ensemble.n_targets;
	trees->format = "onnx";
	trees->objective = aqi_arena_copy(arena, node.op);
	if (!trees->objective.data)
		return aqi_error_memory(err);
	if (aqi_onnx_tail_check(&graph, &output, work, err) != AQI_OK ||
	    name_writer(&graph, arena, trees, err) != AQI_OK)
		return AQI_FATAL;
	return name_inputs(&steps, arena, trees, err);
}

enum aqi_status
aqi_onnx_read(struct aqi_slice bytes, struct aqi_arena *arena,
	      struct aqi_trees *trees, struct aqi_error *err)
{
	struct aqi_arena work = {0};
	enum aqi_status status;

	*trees = (struct aqi_trees){0};
	status = read_graph(bytes, &work, arena, trees, err);
	aqi_arena_free(&work);
	if (status != AQI_OK) {
		aqi_forest_free(trees->forest);
		trees->forest = NULL;
	}
	return status;
}
