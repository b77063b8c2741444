#include "model/onnx_steps.h"

#include <math.h>

#include "model/onnx_graph.h"

/* Nodes from an input to the trees, or to Concat: steps, and what is none. */
#define CHAIN_SIZE (2 * AQI_ONNX_MAX_STEPS)

/* What is on the way to a value, from its end to its beginning. */
struct chain {
	struct aqi_onnx_node nodes[CHAIN_SIZE];
	size_t n;
	const struct aqi_onnx_value *start;	/* an input, or of Concat */
};

/* What is known of a value while the steps are read. */
struct state {
	uint64_t type;
	bool is_rounded;	/* it has gone through 32 bits */
};

static bool
is_arithmetic(const struct aqi_onnx_node *node,
	      enum aqi_onnx_step_kind *kind)
{
	static const char *const ops[] = {
		[AQI_ONNX_STEP_ADD] = "Add",
		[AQI_ONNX_STEP_SUBTRACT] = "Sub",
		[AQI_ONNX_STEP_MULTIPLY] = "Mul",
		[AQI_ONNX_STEP_DIVIDE] = "Div",
	};

	for (size_t i = AQI_ONNX_STEP_ADD; i <= AQI_ONNX_STEP_DIVIDE; i++)
		if (aqi_onnx_node_is(node, "", ops[i])) {
			*kind = (enum aqi_onnx_step_kind)i;
			return true;
		}
	return false;
}

/* The value that a node changes, and the one that it changes it by, if any. */
static enum aqi_status
find_operands(const struct aqi_onnx_graph *graph,
	      const struct aqi_onnx_node *node,
	      const struct aqi_onnx_value **changed,
	      const struct aqi_onnx_value **by, struct aqi_error *err)
{
	struct aqi_onnx_column names = node->inputs;
	const struct aqi_onnx_value *values[2] = {NULL, NULL};
	enum aqi_onnx_step_kind kind = AQI_ONNX_STEP_ADD;
	const bool has_two = is_arithmetic(node, &kind);

	if (names.n != (has_two ? 2 : 1))
		return aqi_onnx_node_fail(node, err, "%zu inputs", names.n);
	for (size_t i = 0; names.n > 0; i++)
		values[i] = aqi_onnx_graph_find(graph,
						aqi_onnx_column_text(&names));
	*changed = values[0];
	*by = values[1];
	if (has_two && values[0] &&
	    values[0]->maker == AQI_ONNX_BY_INITIALIZER &&
	    (kind == AQI_ONNX_STEP_ADD || kind == AQI_ONNX_STEP_MULTIPLY)) {
		*changed = values[1];
		*by = values[0];
	}
	if (!*changed || (has_two && !*by) ||
	    (*changed)->maker == AQI_ONNX_BY_INITIALIZER ||
	    (*by && (*by)->maker != AQI_ONNX_BY_INITIALIZER))
		return aqi_onnx_node_refuse(node, " but of an input and a "
					    "constant", err);
	return AQI_OK;
}

/* Go back from a value to an input, or to Concat. */
static enum aqi_status
trace(const struct aqi_onnx_graph *graph, const struct aqi_onnx_value *value,
      struct chain *chain, struct aqi_error *err)
{
	const struct aqi_onnx_value *by;

	chain->n = 0;
	while (value->maker == AQI_ONNX_BY_NODE) {
		struct aqi_onnx_node *node = &chain->nodes[chain->n];

		if (chain->n == CHAIN_SIZE)
			return aqi_error_set(err, AQI_E_LIMIT, "more than %d "
					     "operators before the trees",
					     CHAIN_SIZE);
		*node = aqi_onnx_graph_node(graph, value->index);
		if (aqi_onnx_node_is(node, "", "Concat"))
			break;
		if (find_operands(graph, node, &value, &by, err) != AQI_OK)
			return AQI_FATAL;
		chain->n++;
	}
	chain->start = value;
	return AQI_OK;
}

/* The numbers of an attribute or a tensor. */
static enum aqi_status
copy_numbers(const struct aqi_onnx_node *node, struct aqi_onnx_column column,
	     struct aqi_arena *arena, struct aqi_onnx_step *step,
	     struct aqi_error *err)
{
	const bool is_factor = step->kind == AQI_ONNX_STEP_MULTIPLY ||
			       step->kind == AQI_ONNX_STEP_DIVIDE;
	double *numbers = aqi_arena_array(arena, column.n, sizeof *numbers);

	if (!numbers)
		return aqi_error_memory(err);
	step->numbers = numbers;
	step->n = column.n;
	if (column.n == 0)
		return aqi_onnx_node_fail(node, err, "no numbers");
	for (size_t i = 0; column.n > 0; i++) {
		numbers[i] = aqi_onnx_column_number(&column);
		if (!isfinite(numbers[i]) || (is_factor && numbers[i] == 0))
			return aqi_onnx_node_fail(node, err, "a number that is "
						  "not finite, or a factor "
						  "of 0");
	}
	return AQI_OK;
}

static struct aqi_onnx_step *
add_step(const struct aqi_onnx_node *node, struct aqi_onnx_steps *steps,
	 enum aqi_onnx_step_kind kind, const struct state *state,
	 struct aqi_error *err)
{
	struct aqi_onnx_step *step = &steps->steps[steps->n];

	if (steps->n == AQI_ONNX_MAX_STEPS) {
		aqi_onnx_node_fail(node, err, "more than %d steps before the "
				   "trees", AQI_ONNX_MAX_STEPS);
		return NULL;
	}
	steps->n++;
	*step = (struct aqi_onnx_step){
		.kind = kind, .is_wide = state->type == AQI_ONNX_TYPE_DOUBLE
	};
	return step;
}

/* To 32 bits: at the beginning, that is how the input is seen. */
static enum aqi_status
round_to_float(const struct aqi_onnx_node *node, struct aqi_onnx_steps *steps,
	       struct state *state, struct aqi_error *err)
{
	if (steps->n == 0)
		state->is_rounded = true;
	else if (state->type == AQI_ONNX_TYPE_DOUBLE &&
		 !add_step(node, steps, AQI_ONNX_STEP_ROUND, state, err))
		return AQI_FATAL;
	state->type = AQI_ONNX_TYPE_FLOAT;
	return AQI_OK;
}

static enum aqi_status
read_cast(const struct aqi_onnx_node *node, struct aqi_onnx_steps *steps,
	  struct state *state, struct aqi_error *err)
{
	static const struct aqi_onnx_known known[] = {
		{"to", AQI_ONNX_KIND_INT}, {"saturate", AQI_ONNX_KIND_INT}
	};
	struct aqi_onnx_attribute found[2];
	int64_t to;

	if (aqi_onnx_node_attributes(node, known, 2, found, err) != AQI_OK)
		return AQI_FATAL;
	to = aqi_onnx_attribute_integer(&found[0], 0);
	if (to == AQI_ONNX_TYPE_FLOAT)
		return round_to_float(node, steps, state, err);
	if (to != AQI_ONNX_TYPE_DOUBLE)
		return aqi_onnx_node_refuse(node, " to what is no float or "
					    "double", err);
	state->type = AQI_ONNX_TYPE_DOUBLE;
	return AQI_OK;
}

static enum aqi_status
read_imputer(const struct aqi_onnx_node *node, struct aqi_arena *arena,
	     struct aqi_onnx_steps *steps, const struct state *state,
	     struct aqi_error *err)
{
	static const struct aqi_onnx_known known[] = {
		{"imputed_value_floats", AQI_ONNX_KIND_FLOATS},
		{"replaced_value_float", AQI_ONNX_KIND_FLOAT},
	};
	struct aqi_onnx_attribute found[2];
	struct aqi_onnx_step *step;

	if (aqi_onnx_node_attributes(node, known, 2, found, err) != AQI_OK)
		return AQI_FATAL;
	if (!found[1].is_there ||
	    !isnan(aqi_onnx_column_number(&found[1].column)))
		return aqi_onnx_node_refuse(node, " where it replaces another "
					    "value than NaN", err);
	step = add_step(node, steps, AQI_ONNX_STEP_IMPUTE, state, err);
	return step ? copy_numbers(node, found[0].column, arena, step, err) :
	       AQI_FATAL;
}

static enum aqi_status
read_scaler(const struct aqi_onnx_node *node, struct aqi_arena *arena,
	    struct aqi_onnx_steps *steps, struct state *state,
	    struct aqi_error *err)
{
	static const struct aqi_onnx_known known[] = {
		{"offset", AQI_ONNX_KIND_FLOATS},
		{"scale", AQI_ONNX_KIND_FLOATS},
	};
	struct aqi_onnx_attribute found[2];
	struct aqi_onnx_step *step;

	if (aqi_onnx_node_attributes(node, known, 2, found, err) != AQI_OK)
		return AQI_FATAL;
	if (found[0].column.n != found[1].column.n)
		return aqi_onnx_node_fail(node, err, "%zu offsets and %zu "
					  "scales", found[0].column.n,
					  found[1].column.n);
	step = add_step(node, steps, AQI_ONNX_STEP_SUBTRACT, state, err);
	if (!step ||
	    copy_numbers(node, found[0].column, arena, step, err) != AQI_OK)
		return AQI_FATAL;
	step = add_step(node, steps, AQI_ONNX_STEP_MULTIPLY, state, err);
	if (!step ||
	    copy_numbers(node, found[1].column, arena, step, err) != AQI_OK)
		return AQI_FATAL;
	return round_to_float(node, steps, state, err);
}

static enum aqi_status
read_arithmetic(const struct aqi_onnx_graph *graph,
		const struct aqi_onnx_node *node,
		enum aqi_onnx_step_kind kind, struct aqi_arena *arena,
		struct aqi_onnx_steps *steps, const struct state *state,
		struct aqi_error *err)
{
	const struct aqi_onnx_value *changed, *by;
	struct aqi_onnx_attribute none;
	struct aqi_onnx_tensor tensor;
	struct aqi_onnx_column numbers;
	struct aqi_onnx_step *step;

	if (aqi_onnx_node_attributes(node, NULL, 0, &none, err) != AQI_OK ||
	    find_operands(graph, node, &changed, &by, err) != AQI_OK)
		return AQI_FATAL;
	tensor = aqi_onnx_graph_tensor(graph, by->index);
	if (tensor.type != state->type || tensor.n_dims > 2 ||
	    tensor.n != tensor.last)
		return aqi_onnx_node_refuse(node, " but with one number for "
					    "each column", err);
	step = add_step(node, steps, kind, state, err);
	if (!step || aqi_onnx_tensor_open(&tensor, &numbers, err) != AQI_OK)
		return AQI_FATAL;
	return copy_numbers(node, numbers, arena, step, err);
}

static enum aqi_status
read_step(const struct aqi_onnx_graph *graph, const struct aqi_onnx_node *node,
	  struct aqi_arena *arena, struct aqi_onnx_steps *steps,
	  struct state *state, struct aqi_error *err)
{
	struct aqi_onnx_attribute none;
	enum aqi_onnx_step_kind kind = AQI_ONNX_STEP_ROUND;

	if (aqi_onnx_node_is(node, "", "Identity"))
		return aqi_onnx_node_attributes(node, NULL, 0, &none, err);
	if (aqi_onnx_node_is(node, "", "Cast"))
		return read_cast(node, steps, state, err);
	if (state->type != AQI_ONNX_TYPE_FLOAT &&
	    state->type != AQI_ONNX_TYPE_DOUBLE)
		return aqi_onnx_node_refuse(node, " of whole numbers", err);
	if (aqi_onnx_node_is(node, "ai.onnx.ml", "Imputer"))
		return read_imputer(node, arena, steps, state, err);
	if (aqi_onnx_node_is(node, "ai.onnx.ml", "Scaler"))
		return read_scaler(node, arena, steps, state, err);
	if (is_arithmetic(node, &kind))
		return read_arithmetic(graph, node, kind, arena, steps, state,
				       err);
	return aqi_onnx_node_refuse(node, " before the trees", err);
}

/* The columns of an input, as the casts of its chain leave them. */
static enum aqi_status
read_source(const struct aqi_onnx_graph *graph, const struct chain *chain,
	    struct aqi_onnx_steps *steps, struct aqi_arena *arena,
	    struct state *state, struct aqi_onnx_source *source, size_t *width,
	    struct aqi_error *err)
{
	const struct aqi_onnx_input *input =
		&graph->inputs[chain->start->index];
	char quoted[AQI_QUOTED_SIZE];

	*source = (struct aqi_onnx_source){.name = {"", 0}};
	*width = input->width;
	*state = (struct state){.type = input->type};
	switch (input->type) {
	case AQI_ONNX_TYPE_FLOAT:
		state->is_rounded = true;
		break;
	case AQI_ONNX_TYPE_DOUBLE:
		break;
	case AQI_ONNX_TYPE_INT32:
	case AQI_ONNX_TYPE_INT64:
		source->rule = AQI_VIEW_WHOLE;
		break;
	default:
		return aqi_error_set(err, AQI_E_MODEL, "input %s: of type %s, "
				     "which is not supported",
				     aqi_error_quote(quoted, input->name),
				     aqi_onnx_type_name(input->type));
	}
	if (*width > AQI_FOREST_MAX_INPUTS)
		return aqi_error_set(err, AQI_E_MODEL, "input %s: %zu columns; "
				     "up to %d are supported",
				     aqi_error_quote(quoted, input->name),
				     *width, AQI_FOREST_MAX_INPUTS);
	if (*width == 1)
		source->name = input->name;
	for (size_t i = chain->n; i-- > 0;)
		if (read_step(graph, &chain->nodes[i], arena, steps, state,
			      err) != AQI_OK)
			return AQI_FATAL;
	source->is_rounded = state->is_rounded;
	return AQI_OK;
}

/* Put columns of an input behind those there are. */
static enum aqi_status
add_sources(struct aqi_onnx_steps *steps, const struct aqi_onnx_source *source,
	    size_t width, const struct aqi_onnx_node *node,
	    struct aqi_error *err)
{
	if (width == 0 || width > AQI_FOREST_MAX_INPUTS - steps->n_inputs)
		return aqi_onnx_node_fail(node, err, "inputs of unknown width, "
					  "or more than %d columns",
					  AQI_FOREST_MAX_INPUTS);
	for (size_t i = 0; i < width; i++)
		steps->sources[steps->n_inputs++] = *source;
	return AQI_OK;
}

static enum aqi_status
check_axis(const struct aqi_onnx_node *node, struct aqi_error *err)
{
	static const struct aqi_onnx_known known = {"axis", AQI_ONNX_KIND_INT};
	struct aqi_onnx_attribute found;
	int64_t axis;

	if (aqi_onnx_node_attributes(node, &known, 1, &found, err) != AQI_OK)
		return AQI_FATAL;
	axis = aqi_onnx_attribute_integer(&found, 0);
	return axis == 1 || axis == -1 ? AQI_OK :
	       aqi_onnx_node_refuse(node, " but side by side", err);
}

/* The inputs that Concat puts side by side, each once. */
static enum aqi_status
read_concat(const struct aqi_onnx_graph *graph,
	    const struct aqi_onnx_node *node, struct aqi_arena *arena,
	    struct aqi_onnx_steps *steps, struct state *state,
	    struct aqi_error *err)
{
	bool *is_taken = aqi_arena_array(arena, graph->n_inputs, 1);
	struct chain *chain = aqi_arena_alloc(arena, sizeof *chain);
	struct aqi_onnx_column names = node->inputs;
	struct aqi_onnx_source source;
	size_t width;

	steps->sources = aqi_arena_array(arena, AQI_FOREST_MAX_INPUTS,
					 sizeof *steps->sources);
	if (!is_taken || !chain || !steps->sources)
		return aqi_error_memory(err);
	memset(is_taken, 0, graph->n_inputs);
	if (check_axis(node, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; names.n > 0; i++) {
		const struct aqi_onnx_value *value = aqi_onnx_graph_find(
			graph, aqi_onnx_column_text(&names));
		struct state at;

		if (!value)
			return aqi_onnx_node_fail(node, err, "an input "
						  "without a name");
		if (trace(graph, value, chain, err) != AQI_OK)
			return AQI_FATAL;
		if (chain->start->maker != AQI_ONNX_BY_INPUT ||
		    is_taken[chain->start->index])
			return aqi_onnx_node_refuse(node, " but of inputs, "
						    "each once", err);
		is_taken[chain->start->index] = true;
		if (read_source(graph, chain, steps, arena, &at, &source,
				&width, err) != AQI_OK ||
		    add_sources(steps, &source, width, node, err) != AQI_OK)
			return AQI_FATAL;
		if (steps->n > 0 || (i > 0 && at.type != state->type))
			return aqi_onnx_node_refuse(node, " behind operators "
						    "that change its inputs, "
						    "or of several types",
						    err);
		*state = at;
	}
	return AQI_OK;
}

/* Where the chain begins. */
static enum aqi_status
read_start(const struct aqi_onnx_graph *graph, const struct chain *chain,
	   struct aqi_arena *arena, struct aqi_onnx_steps *steps,
	   struct state *state, struct aqi_error *err)
{
	size_t width;

	if (chain->start->maker == AQI_ONNX_BY_INPUT) {
		if (read_source(graph, chain, steps, arena, state,
				&steps->untold, &width, err) != AQI_OK)
			return AQI_FATAL;
		steps->n_inputs = width;
		return AQI_OK;
	}
	if (read_concat(graph, &chain->nodes[chain->n], arena, steps, state,
			err) != AQI_OK)
		return AQI_FATAL;
	state->is_rounded = false;
	for (size_t i = chain->n; i-- > 0;)
		if (read_step(graph, &chain->nodes[i], arena, steps, state,
			      err) != AQI_OK)
			return AQI_FATAL;
	for (size_t k = 0; state->is_rounded && k < steps->n_inputs; k++)
		steps->sources[k].is_rounded = true;
	return AQI_OK;
}

/* What a narrow forest sees of an input is rounded before anything else. */
static enum aqi_status
settle_source(const struct aqi_onnx_steps *steps,
	      struct aqi_onnx_source *source, struct aqi_error *err)
{
	if (steps->is_wide)
		return AQI_OK;
	if (!source->is_rounded &&
	    (source->rule != AQI_VIEW_WHOLE || steps->n > 0))
		return aqi_error_set(err, AQI_E_MODEL, "inputs of 64 bits are "
				     "changed before they are cut to the 32 "
				     "of the trees, which is not supported");
	source->is_rounded = false;
	return AQI_OK;
}

static enum aqi_status
settle_width(const struct state *state, struct aqi_onnx_steps *steps,
	     struct aqi_error *err)
{
	steps->is_wide = state->type == AQI_ONNX_TYPE_DOUBLE;
	if (!steps->sources)
		return settle_source(steps, &steps->untold, err);
	for (size_t k = 0; k < steps->n_inputs; k++)
		if (settle_source(steps, &steps->sources[k], err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

enum aqi_status
aqi_onnx_steps_read(const struct aqi_onnx_graph *graph,
		    const struct aqi_onnx_node *node, struct aqi_arena *arena,
		    struct aqi_onnx_steps *steps, struct aqi_error *err)
{
	struct chain *chain = aqi_arena_alloc(arena, sizeof *chain);
	struct aqi_onnx_column names = node->inputs;
	const struct aqi_onnx_value *value;
	struct state state = {0};

	*steps = (struct aqi_onnx_steps){.untold = {.name = {"", 0}}};
	if (!chain)
		return aqi_error_memory(err);
	if (names.n != 1)
		return aqi_onnx_node_fail(node, err, "%zu inputs", names.n);
	value = aqi_onnx_graph_find(graph, aqi_onnx_column_text(&names));
	if (!value || value->maker == AQI_ONNX_BY_INITIALIZER)
		return aqi_onnx_node_refuse(node, " of a constant", err);
	if (trace(graph, value, chain, err) != AQI_OK ||
	    read_start(graph, chain, arena, steps, &state, err) != AQI_OK)
		return AQI_FATAL;
	return settle_width(&state, steps, err);
}

enum aqi_status
aqi_onnx_steps_widen(struct aqi_onnx_steps *steps, size_t n,
		     struct aqi_arena *arena, struct aqi_error *err)
{
	if (steps->n_inputs == 0)
		steps->n_inputs = n;
	for (size_t i = 0; i < steps->n; i++)
		if (steps->steps[i].n > 1 &&
		    steps->steps[i].n != steps->n_inputs)
			return aqi_error_set(err, AQI_E_MODEL,
					     "an operator before the trees has "
					     "%zu numbers for %zu inputs",
					     steps->steps[i].n,
					     steps->n_inputs);
	if (steps->sources)
		return AQI_OK;
	steps->sources = aqi_arena_array(arena, steps->n_inputs,
					 sizeof *steps->sources);
	if (!steps->sources)
		return aqi_error_memory(err);
	for (size_t i = 0; i < steps->n_inputs; i++)
		steps->sources[i] = steps->untold;
	return AQI_OK;
}

/* One step, in its width. */
static double
apply(const struct aqi_onnx_step *step, double number, double y)
{
	const float narrow = (float)y, by = (float)number;

	switch (step->kind) {
	case AQI_ONNX_STEP_IMPUTE:
		return isnan(y) ? number : y;
	case AQI_ONNX_STEP_ADD:
		return step->is_wide ? y + number : (double)(narrow + by);
	case AQI_ONNX_STEP_SUBTRACT:
		return step->is_wide ? y - number : (double)(narrow - by);
	case AQI_ONNX_STEP_MULTIPLY:
		return step->is_wide ? y * number : (double)(narrow * by);
	case AQI_ONNX_STEP_DIVIDE:
		return step->is_wide ? y / number : (double)(narrow / by);
	case AQI_ONNX_STEP_ROUND:
		break;
	}
	return (double)narrow;
}

double
aqi_onnx_steps_apply(const struct aqi_onnx_steps *steps, size_t column,
		     double x)
{
	double y = steps->sources[column].is_rounded ? (double)(float)x : x;

	for (size_t i = 0; i < steps->n; i++) {
		const struct aqi_onnx_step *step = &steps->steps[i];

		y = apply(step, step->n == 0 ? 0 :
			  step->numbers[step->n == 1 ? 0 : column], y);
	}
	return y;
}

bool
aqi_onnx_steps_keep(const struct aqi_onnx_steps *steps, size_t column)
{
	if (steps->sources[column].is_rounded)
		return false;
	for (size_t i = 0; i < steps->n; i++)
		if (steps->steps[i].kind != AQI_ONNX_STEP_IMPUTE)
			return false;
	return true;
}

enum aqi_view_rule
aqi_onnx_steps_rule(const struct aqi_onnx_steps *steps, size_t column)
{
	return steps->sources[column].rule;
}
