/*
 * onnx_split.h: the question that a node of an ONNX tree asks, as a forest asks
 * it: is the input below a number, or one of a set?
 */
#ifndef AQI_MODEL_ONNX_SPLIT_H
#define AQI_MODEL_ONNX_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct aqi_onnx_steps;
struct aqi_tree_node;

/* In the order of the numbers that TreeEnsemble gives them. */
enum aqi_onnx_mode {
	AQI_ONNX_LEQ,
	AQI_ONNX_LT,
	AQI_ONNX_GTE,
	AQI_ONNX_GT,
	AQI_ONNX_EQ,
	AQI_ONNX_NEQ,
	AQI_ONNX_MEMBER,
	AQI_ONNX_LEAF
};

struct aqi_onnx_split {
	enum aqi_onnx_mode mode;
	bool tracks_true;	/* NaN is answered with yes */
	double threshold;
	const double *members;	/* (n_members,) of AQI_ONNX_MEMBER */
	size_t n_members;
	int64_t input;
	int64_t yes, no;	/* the children */
};

/* "BRANCH_LEQ", ...: whether there is one of this name. */
bool aqi_onnx_mode_find(struct aqi_slice name, enum aqi_onnx_mode *mode);

/*
 * Fill in the node that asks it of the input, which is one of those there are,
 * before the steps. What cannot be
 * asked so, or NULL. The node's set, if it has one, is borrowed from the split:
 * its members, or its threshold.
 */
const char *aqi_onnx_split_lay(const struct aqi_onnx_split *split,
			       const struct aqi_onnx_steps *steps,
			       struct aqi_tree_node *node);

#endif
