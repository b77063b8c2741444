/*
 * onnx_tail.h: what an ONNX graph does with the outputs of its trees: nothing
 * that changes them, or it is refused.
 */
#ifndef AQI_MODEL_ONNX_TAIL_H
#define AQI_MODEL_ONNX_TAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

struct aqi_onnx_graph;

/* What the trees put out. */
struct aqi_onnx_output {
	size_t tree_node;	/* the number of their node in the graph */
	bool is_classifier;	/* labels first, then a number for each class */
	bool is_wide;		/* numbers of 64 bits */
	size_t n;		/* numbers for a sample */
};

/*
 * Is every output of the graph one of the trees, as they put it out?
 * AQI_E_MODEL where not, with the operator; AQI_E_MEMORY.
 */
enum aqi_status aqi_onnx_tail_check(const struct aqi_onnx_graph *graph,
				    const struct aqi_onnx_output *output,
				    struct aqi_arena *arena,
				    struct aqi_error *err) AQI_MUST_CHECK;

#endif
