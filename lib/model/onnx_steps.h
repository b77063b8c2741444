/*
 * onnx_steps.h: what an ONNX graph does to its inputs before its trees see
 * them, taken into the trees.
 *
 * Imputing, scaling and casting are steps of one number each, and every step
 * either rises or falls with its number, roundings included. So whether a tree
 * goes left still turns at one point of the untouched input, which is found by
 * trying: the model reads as one without steps, and answers with the same bits.
 *
 * Read are Identity, Cast between floating-point types, Imputer (of NaN),
 * Scaler and Add, Sub, Mul, Div with a constant, before them Concat of several
 * inputs.
 */
#ifndef AQI_MODEL_ONNX_STEPS_H
#define AQI_MODEL_ONNX_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "model/forest.h"

struct aqi_onnx_graph;
struct aqi_onnx_node;

/* More would be more than any pipeline has, and are paid for at each node. */
#define AQI_ONNX_MAX_STEPS 16

enum aqi_onnx_step_kind {
	AQI_ONNX_STEP_ROUND,	/* to 32 bits */
	AQI_ONNX_STEP_IMPUTE,	/* NaN becomes the number */
	AQI_ONNX_STEP_ADD,
	AQI_ONNX_STEP_SUBTRACT,
	AQI_ONNX_STEP_MULTIPLY,
	AQI_ONNX_STEP_DIVIDE
};

struct aqi_onnx_step {
	enum aqi_onnx_step_kind kind;
	bool is_wide;		/* computed in 64 bits */
	const double *numbers;	/* (n,) of the columns, or one for all */
	size_t n;
};

/* A column that the trees see, in the order in which they do. */
struct aqi_onnx_source {
	struct aqi_slice name;	/* the input's; empty: it has others too */
	bool is_rounded;	/* to 32 bits, before the steps */
	enum aqi_view_rule rule;
};

struct aqi_onnx_steps {
	bool is_wide;		/* what the trees see has 64 bits */
	struct aqi_onnx_source *sources;	/* (n_inputs,) */
	size_t n_inputs;	/* 0: not told */
	struct aqi_onnx_source untold;	/* each of them then */
	struct aqi_onnx_step steps[AQI_ONNX_MAX_STEPS];
	size_t n;
};

/*
 * The steps that lead to the first input of a node. AQI_E_MODEL where there is
 * an operator that is none of them, by its name.
 */
enum aqi_status aqi_onnx_steps_read(const struct aqi_onnx_graph *graph,
				    const struct aqi_onnx_node *node,
				    struct aqi_arena *arena,
				    struct aqi_onnx_steps *steps,
				    struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Settle how many columns there are, where the graph does not tell: n.
 * AQI_E_MODEL where the steps have numbers for another count; AQI_E_MEMORY.
 */
enum aqi_status aqi_onnx_steps_widen(struct aqi_onnx_steps *steps, size_t n,
				     struct aqi_arena *arena,
				     struct aqi_error *err) AQI_MUST_CHECK;

/* What the trees see in a column where the input is x. */
double aqi_onnx_steps_apply(const struct aqi_onnx_steps *steps, size_t column,
			    double x);

/* Do the steps leave a column's numbers as they are, but for NaN? */
bool aqi_onnx_steps_keep(const struct aqi_onnx_steps *steps, size_t column);

/* How the column is to be viewed. */
enum aqi_view_rule aqi_onnx_steps_rule(const struct aqi_onnx_steps *steps,
				       size_t column);

#endif
