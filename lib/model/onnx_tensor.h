/*
 * onnx_tensor.h: the tensors that an ONNX model holds.
 *
 * A tensor that has its numbers in another file is refused, and that file is
 * never opened.
 */
#ifndef AQI_MODEL_ONNX_TENSOR_H
#define AQI_MODEL_ONNX_TENSOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/onnx_column.h"
#include "model/protobuf.h"

/* Numbers of TensorProto.DataType. */
enum aqi_onnx_type {
	AQI_ONNX_TYPE_FLOAT = 1,
	AQI_ONNX_TYPE_UINT8 = 2,
	AQI_ONNX_TYPE_INT32 = 6,
	AQI_ONNX_TYPE_INT64 = 7,
	AQI_ONNX_TYPE_STRING = 8,
	AQI_ONNX_TYPE_DOUBLE = 11,
	AQI_ONNX_TYPE_LAST = 26
};

/* "float", or another word of the standard; "?" for no type. */
const char *aqi_onnx_type_name(uint64_t type);

struct aqi_onnx_tensor {
	struct aqi_slice name;	/* borrowed; may be empty */
	uint64_t type;		/* enum aqi_onnx_type, or another of them */
	size_t n_dims;
	size_t n;		/* elements: the product of the dimensions */
	size_t last;		/* the last dimension; 1 where there is none */
	struct aqi_protobuf message;
};

/*
 * What a tensor is, its elements unread. AQI_E_MODEL where its type is none,
 * a dimension is below 0, or its numbers are in another file.
 */
enum aqi_status aqi_onnx_tensor_read(struct aqi_protobuf message,
				     struct aqi_onnx_tensor *tensor,
				     struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Its elements: of `float`, `double`, `uint8` and `int64`, as many as the
 * dimensions say. AQI_E_MODEL.
 */
enum aqi_status aqi_onnx_tensor_open(const struct aqi_onnx_tensor *tensor,
				     struct aqi_onnx_column *column,
				     struct aqi_error *err) AQI_MUST_CHECK;

#endif
