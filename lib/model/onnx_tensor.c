#include "model/onnx_tensor.h"

#include <stdbool.h>

/* Fields of TensorProto. */
enum {
	DIMS = 1,
	DATA_TYPE = 2,
	FLOAT_DATA = 4,
	INT32_DATA = 5,
	INT64_DATA = 7,
	NAME = 8,
	RAW_DATA = 9,
	DOUBLE_DATA = 10,
	EXTERNAL_DATA = 13,
	DATA_LOCATION = 14
};

static const char *const type_names[AQI_ONNX_TYPE_LAST + 1] = {
	"?", "float", "uint8", "int8", "uint16", "int16", "int32", "int64",
	"string", "bool", "float16", "double", "uint32", "uint64", "complex64",
	"complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz",
	"float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
	"float8e8m0", "uint2", "int2"
};

const char *
aqi_onnx_type_name(uint64_t type)
{
	return type_names[type <= AQI_ONNX_TYPE_LAST ? type : 0];
}

static enum aqi_status
fail(const struct aqi_onnx_tensor *tensor, const char *reason,
     struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	return aqi_error_set(err, AQI_E_MODEL, "tensor %s: %s",
			     aqi_error_quote(quoted, tensor->name), reason);
}

/* Dimensions, packed or one each. */
static enum aqi_status
read_dims(struct aqi_onnx_tensor *tensor, struct aqi_error *err)
{
	struct aqi_onnx_column dims;
	size_t n = 1;

	if (aqi_onnx_column_open(tensor->message, DIMS, AQI_ONNX_VARINT, &dims,
				 err) != AQI_OK)
		return AQI_FATAL;
	tensor->n_dims = dims.n;
	tensor->last = 1;
	while (dims.n > 0) {
		const int64_t dim = aqi_onnx_column_integer(&dims);

		if (dim < 0)
			return fail(tensor, "a dimension below 0", err);
		tensor->last = (size_t)dim;
		if (__builtin_mul_overflow(n, tensor->last, &n))
			return fail(tensor, "its dimensions are too large",
				    err);
	}
	tensor->n = n;
	return AQI_OK;
}

enum aqi_status
aqi_onnx_tensor_read(struct aqi_protobuf message,
		     struct aqi_onnx_tensor *tensor, struct aqi_error *err)
{
	struct aqi_protobuf at = message;
	bool is_external = false;
	enum aqi_status status;

	*tensor = (struct aqi_onnx_tensor){.name = {"", 0},
					   .message = message};
	while ((status = aqi_protobuf_next(&at, err)) == AQI_OK) {
		if (at.field == NAME)
			tensor->name = at.bytes;
		else if (at.field == DATA_TYPE)
			tensor->type = at.number;
		else if (at.field == EXTERNAL_DATA ||
			 (at.field == DATA_LOCATION && at.number != 0))
			is_external = true;
	}
	if (status != AQI_END)
		return AQI_FATAL;
	if (is_external)
		return fail(tensor, "its data are in another file, which is "
			    "not opened: save the model in one file", err);
	if (tensor->type == 0 || tensor->type > AQI_ONNX_TYPE_LAST)
		return fail(tensor, "no type of data has its number", err);
	return read_dims(tensor, err);
}

/* Where elements of a type stand, and how where they are not raw. */
static bool
find_layout(uint64_t type, uint32_t *field, enum aqi_onnx_element *raw,
	    enum aqi_onnx_element *typed)
{
	switch (type) {
	case AQI_ONNX_TYPE_FLOAT:
		*field = FLOAT_DATA;
		*raw = *typed = AQI_ONNX_FLOAT;
		return true;
	case AQI_ONNX_TYPE_DOUBLE:
		*field = DOUBLE_DATA;
		*raw = *typed = AQI_ONNX_DOUBLE;
		return true;
	case AQI_ONNX_TYPE_UINT8:
		*field = INT32_DATA;
		*raw = AQI_ONNX_BYTE;
		*typed = AQI_ONNX_VARINT;
		return true;
	case AQI_ONNX_TYPE_INT64:
		*field = INT64_DATA;
		*raw = AQI_ONNX_FIXED64;
		*typed = AQI_ONNX_VARINT;
		return true;
	default:
		return false;
	}
}

enum aqi_status
aqi_onnx_tensor_open(const struct aqi_onnx_tensor *tensor,
		     struct aqi_onnx_column *column, struct aqi_error *err)
{
	struct aqi_onnx_column other;
	enum aqi_onnx_element raw, typed;
	uint32_t field;
	char quoted[AQI_QUOTED_SIZE];

	if (!find_layout(tensor->type, &field, &raw, &typed))
		return aqi_error_set(err, AQI_E_MODEL,
				     "tensor %s: of type %s, which is not "
				     "supported here",
				     aqi_error_quote(quoted, tensor->name),
				     aqi_onnx_type_name(tensor->type));
	if (aqi_onnx_column_open(tensor->message, RAW_DATA, raw, column, err) ||
	    aqi_onnx_column_open(tensor->message, field, typed, &other, err))
		return AQI_FATAL;
	if (column->n > 0 && other.n > 0)
		return fail(tensor, "it has its data twice", err);
	if (column->n == 0)
		*column = other;
	if (column->n != tensor->n)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tensor %s: %zu numbers, but its "
				     "dimensions ask for %zu",
				     aqi_error_quote(quoted, tensor->name),
				     column->n, tensor->n);
	return AQI_OK;
}
