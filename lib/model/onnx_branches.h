/*
 * onnx_branches.h: the operator TreeEnsemble of the domain ai.onnx.ml, version
 * 5.
 *
 * It holds branches and leaves apart, as columns over those of all trees, and
 * says which branches are roots. A root whose children are one leaf is how it
 * writes a tree of a single leaf.
 */
#ifndef AQI_MODEL_ONNX_BRANCHES_H
#define AQI_MODEL_ONNX_BRANCHES_H

#include "base/arena.h"
#include "base/error.h"
#include "model/onnx_ensemble.h"

struct aqi_onnx_node;
struct aqi_onnx_steps;
struct aqi_trees;

/* As aqi_onnx_trees_read; nodes in messages are branches. */
enum aqi_status aqi_onnx_branches_read(const struct aqi_onnx_node *node,
				       struct aqi_onnx_steps *steps,
				       struct aqi_onnx_ensemble *ensemble,
				       struct aqi_arena *arena,
				       struct aqi_trees *trees,
				       struct aqi_error *err) AQI_MUST_CHECK;

#endif
