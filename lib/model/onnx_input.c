#include "model/onnx_input.h"

#include "model/onnx_graph.h"

/* Go to the first field of a number, and into it; AQI_END without one. */
static enum aqi_status
enter(struct aqi_protobuf *message, uint32_t field, struct aqi_error *err)
{
	enum aqi_status status;

	while ((status = aqi_protobuf_next(message, err)) == AQI_OK)
		if (message->field == field) {
			*message = aqi_protobuf_enter(message);
			return AQI_OK;
		}
	return status;
}

/* A dimension's size; 0 where it has a name, or nothing. */
static enum aqi_status
read_dim(struct aqi_protobuf dim, size_t *size, struct aqi_error *err)
{
	enum aqi_status status;

	*size = 0;
	while ((status = aqi_protobuf_next(&dim, err)) == AQI_OK)
		if (dim.field == 1)
			*size = (size_t)dim.number;
	return status;
}

/* The second of two dimensions. */
static enum aqi_status
read_shape(struct aqi_protobuf shape, size_t *width, struct aqi_error *err)
{
	size_t n = 0, size = 0;
	enum aqi_status status;

	while ((status = aqi_protobuf_next(&shape, err)) == AQI_OK) {
		if (shape.field != 1)
			continue;
		n++;
		if (read_dim(aqi_protobuf_enter(&shape), &size, err) != AQI_END)
			return AQI_FATAL;
	}
	if (n == 2)
		*width = size;
	return status;
}

/* A tensor's type: elem_type is 1, shape 2. */
static enum aqi_status
read_tensor(struct aqi_protobuf tensor, struct aqi_onnx_input *input,
	    struct aqi_error *err)
{
	enum aqi_status status;

	while ((status = aqi_protobuf_next(&tensor, err)) == AQI_OK)
		if (tensor.field == 1)
			input->type = tensor.number;
		else if (tensor.field == 2 &&
			 read_shape(aqi_protobuf_enter(&tensor), &input->width,
				    err) != AQI_END)
			return AQI_FATAL;
	return status;
}

enum aqi_status
aqi_onnx_input_read(struct aqi_protobuf message, struct aqi_onnx_input *input,
		    struct aqi_error *err)
{
	struct aqi_protobuf at = message;
	enum aqi_status status;

	*input = (struct aqi_onnx_input){.name = {"", 0}};
	while ((status = aqi_protobuf_next(&at, err)) == AQI_OK)
		if (at.field == 1)
			input->name = at.bytes;
	if (status != AQI_END)
		return AQI_FATAL;
	status = enter(&message, 2, err);	/* its type */
	if (status == AQI_OK)
		status = enter(&message, 1, err);	/* that of a tensor */
	if (status == AQI_OK)
		status = read_tensor(message, input, err);
	return status == AQI_END ? AQI_OK : AQI_FATAL;
}
