/* onnx_labels.h: what the classes of an ONNX classifier are called. */
#ifndef AQI_MODEL_ONNX_LABELS_H
#define AQI_MODEL_ONNX_LABELS_H

#include "base/arena.h"
#include "base/error.h"

struct aqi_onnx_column;
struct aqi_onnx_node;
struct aqi_trees;

/*
 * The labels of a classifier, whole numbers or texts, as texts in arena. One of
 * the columns is empty. AQI_E_MODEL where both are, or neither, or a label is
 * not UTF-8; AQI_E_MEMORY.
 */
enum aqi_status aqi_onnx_labels_read(const struct aqi_onnx_node *node,
				     const struct aqi_onnx_column *integers,
				     const struct aqi_onnx_column *texts,
				     struct aqi_arena *arena,
				     struct aqi_trees *trees,
				     struct aqi_error *err) AQI_MUST_CHECK;

#endif
