/* onnx_input.h: what an ONNX graph declares that it is given, or gives. */
#ifndef AQI_MODEL_ONNX_INPUT_H
#define AQI_MODEL_ONNX_INPUT_H

#include "base/error.h"
#include "model/protobuf.h"

struct aqi_onnx_input;

/*
 * A value's name, type and width, of the second of two dimensions. What is no
 * tensor has type 0. AQI_E_MODEL.
 */
enum aqi_status aqi_onnx_input_read(struct aqi_protobuf message,
				    struct aqi_onnx_input *input,
				    struct aqi_error *err) AQI_MUST_CHECK;

#endif
