#include "model/onnx_column.h"

/* How many bytes an element takes; 0 where they differ. */
static size_t
element_size(enum aqi_onnx_element element)
{
	switch (element) {
	case AQI_ONNX_BYTE:
		return 1;
	case AQI_ONNX_FLOAT:
		return 4;
	case AQI_ONNX_DOUBLE:
	case AQI_ONNX_FIXED64:
		return 8;
	case AQI_ONNX_TEXT:
	case AQI_ONNX_VARINT:
		break;
	}
	return 0;
}

/* The wire of an element that has a field to itself. */
static enum aqi_protobuf_wire
single_wire(enum aqi_onnx_element element)
{
	switch (element) {
	case AQI_ONNX_FLOAT:
		return AQI_PROTOBUF_FIXED32;
	case AQI_ONNX_DOUBLE:
	case AQI_ONNX_FIXED64:
		return AQI_PROTOBUF_FIXED64;
	case AQI_ONNX_VARINT:
		return AQI_PROTOBUF_VARINT;
	case AQI_ONNX_TEXT:
	case AQI_ONNX_BYTE:
		break;
	}
	return AQI_PROTOBUF_BYTES;
}

/* Count what a field of bytes holds. What is wrong, or NULL. */
static const char *
count_packed(struct aqi_slice packed, enum aqi_onnx_element element, size_t *n)
{
	const size_t size = element_size(element);
	const char *fault;
	uint64_t number;

	if (element == AQI_ONNX_TEXT) {
		++*n;
		return NULL;
	}
	if (size > 0) {
		*n += packed.size / size;
		return packed.size % size == 0 ? NULL :
		       "the last number is cut off";
	}
	while (packed.size > 0) {
		fault = aqi_protobuf_varint(&packed, &number);
		if (fault)
			return fault;
		++*n;
	}
	return NULL;
}

static enum aqi_status
fail_at(const struct aqi_protobuf *at, const char *reason,
	struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "byte %zu: %s",
			     (size_t)(at->rest.data - at->file), reason);
}

enum aqi_status
aqi_onnx_column_open(struct aqi_protobuf message, uint32_t field,
		     enum aqi_onnx_element element,
		     struct aqi_onnx_column *column, struct aqi_error *err)
{
	struct aqi_protobuf at = message, before = message;
	const char *fault = NULL;
	enum aqi_status status;

	*column = (struct aqi_onnx_column){.element = element, .field = field,
					   .reader = message};
	while ((status = aqi_protobuf_next(&at, err)) == AQI_OK) {
		if (at.field == field && at.wire == AQI_PROTOBUF_BYTES)
			fault = count_packed(at.bytes, element, &column->n);
		else if (at.field == field && at.wire == single_wire(element))
			column->n++;
		else if (at.field == field)
			fault = "a value of another type than its field has";
		if (fault)
			return fail_at(&before, fault, err);
		before = at;
	}
	return status == AQI_END ? AQI_OK : AQI_FATAL;
}

/* Go to the next field that holds elements, which is there. */
static void
next_field(struct aqi_onnx_column *column)
{
	while (aqi_protobuf_next(&column->reader, NULL) == AQI_OK)
		if (column->reader.field == column->field &&
		    (column->reader.wire != AQI_PROTOBUF_BYTES ||
		     column->element == AQI_ONNX_TEXT ||
		     column->reader.bytes.size > 0))
			return;
}

/* The bits of the next element. */
static uint64_t
next_bits(struct aqi_onnx_column *column)
{
	const size_t size = element_size(column->element);
	uint64_t bits = 0;

	column->n--;
	if (column->packed.size == 0) {
		next_field(column);
		if (column->reader.wire != AQI_PROTOBUF_BYTES)
			return column->reader.number;
		column->packed = column->reader.bytes;
	}
	if (size > 0)
		return aqi_protobuf_fixed(&column->packed, size);
	(void)aqi_protobuf_varint(&column->packed, &bits);
	return bits;
}

int64_t
aqi_onnx_column_integer(struct aqi_onnx_column *column)
{
	const uint64_t bits = next_bits(column);
	int64_t value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

double
aqi_onnx_column_number(struct aqi_onnx_column *column)
{
	const uint64_t bits = next_bits(column);
	const uint32_t half = (uint32_t)bits;
	double value;
	float narrow;

	if (column->element != AQI_ONNX_FLOAT) {
		memcpy(&value, &bits, sizeof value);
		return value;
	}
	memcpy(&narrow, &half, sizeof narrow);
	return (double)narrow;
}

struct aqi_slice
aqi_onnx_column_text(struct aqi_onnx_column *column)
{
	column->n--;
	next_field(column);
	return column->reader.bytes;
}
