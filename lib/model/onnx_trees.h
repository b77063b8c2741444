/*
 * onnx_trees.h: the operators TreeEnsembleRegressor and TreeEnsembleClassifier
 * of the domain ai.onnx.ml, versions 1 to 5.
 *
 * Both hold their trees as columns over the nodes of all trees. A tree is a run
 * of nodes with the same number; the first is its root, whatever it is called.
 */
#ifndef AQI_MODEL_ONNX_TREES_H
#define AQI_MODEL_ONNX_TREES_H

#include "base/arena.h"
#include "base/error.h"
#include "model/onnx_ensemble.h"

struct aqi_onnx_node;
struct aqi_onnx_steps;
struct aqi_trees;

/*
 * Read the trees of a node, whose inputs the steps lead to. The forest and the
 * labels of a classifier are filled in, which are put in arena.
 *
 * ensemble  zeros but for max_nodes
 *
 * AQI_E_MODEL: "tree T node N: reason", or the attribute that is wrong;
 * AQI_E_LIMIT; AQI_E_MEMORY.
 */
enum aqi_status aqi_onnx_trees_read(const struct aqi_onnx_node *node,
				    struct aqi_onnx_steps *steps,
				    struct aqi_onnx_ensemble *ensemble,
				    struct aqi_arena *arena,
				    struct aqi_trees *trees,
				    struct aqi_error *err) AQI_MUST_CHECK;

#endif
