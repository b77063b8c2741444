#include "model/protobuf.h"

/* The numbers that fields may have. */
#define LAST_FIELD UINT32_C(0x1fffffff)

struct aqi_protobuf
aqi_protobuf_open(struct aqi_slice file)
{
	return (struct aqi_protobuf){.file = file.data, .rest = file};
}

struct aqi_protobuf
aqi_protobuf_enter(const struct aqi_protobuf *reader)
{
	return (struct aqi_protobuf){.file = reader->file,
				     .rest = reader->bytes};
}

static enum aqi_status
fail(const struct aqi_protobuf *reader, const char *at, const char *reason,
     struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "byte %zu: %s",
			     (size_t)(at - reader->file), reason);
}

const char *
aqi_protobuf_varint(struct aqi_slice *rest, uint64_t *number)
{
	uint64_t value = 0;

	/* The tenth byte is the last, or one too many. */
	for (unsigned i = 0;; i++) {
		unsigned char byte;

		if (i == rest->size)
			return "the number is cut off";
		byte = (unsigned char)rest->data[i];
		if (i == 9 && byte > 1)
			return "the number has more than 64 bits";
		value |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (byte < 0x80) {
			*number = value;
			rest->data += i + 1;
			rest->size -= i + 1;
			return NULL;
		}
	}
}

uint64_t
aqi_protobuf_fixed(struct aqi_slice *rest, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)(unsigned char)rest->data[i] << 8 * i;
	rest->data += size;
	rest->size -= size;
	return value;
}

/* Most numbers are below 128, and one byte; so is nearly every tag. */
static const char *
take_varint(struct aqi_slice *rest, uint64_t *number)
{
	if (rest->size == 0 || (unsigned char)*rest->data >= 0x80)
		return aqi_protobuf_varint(rest, number);
	*number = (unsigned char)*rest->data++;
	rest->size--;
	return NULL;
}

/* What a field holds, its wire being known. What is wrong, or NULL. */
static const char *
read_value(struct aqi_protobuf *reader)
{
	struct aqi_slice *rest = &reader->rest;
	const char *fault;
	size_t size = 8;

	switch (reader->wire) {
	case AQI_PROTOBUF_VARINT:
		return take_varint(rest, &reader->number);
	case AQI_PROTOBUF_FIXED32:
		size = 4;
		__attribute__((fallthrough));
	case AQI_PROTOBUF_FIXED64:
		if (rest->size < size)
			return "the number is cut off";
		reader->number = aqi_protobuf_fixed(rest, size);
		return NULL;
	case AQI_PROTOBUF_BYTES:
		fault = take_varint(rest, &reader->number);
		if (fault)
			return fault;
		if (reader->number > rest->size)
			return "more bytes are announced than there are";
		reader->bytes = (struct aqi_slice){rest->data,
						   (size_t)reader->number};
		rest->data += reader->bytes.size;
		rest->size -= reader->bytes.size;
		return NULL;
	}
	return "no kind of field";
}

enum aqi_status
aqi_protobuf_next(struct aqi_protobuf *reader, struct aqi_error *err)
{
	const char *start = reader->rest.data, *fault;
	uint64_t tag;

	if (reader->rest.size == 0)
		return AQI_END;
	fault = take_varint(&reader->rest, &tag);
	if (fault)
		return fail(reader, start, fault, err);
	if (tag >> 3 == 0 || tag >> 3 > LAST_FIELD)
		return fail(reader, start, "no field has this number", err);
	reader->field = (uint32_t)(tag >> 3);
	reader->wire = (enum aqi_protobuf_wire)(tag & 7);
	start = reader->rest.data;
	fault = read_value(reader);
	if (fault)
		return fail(reader, start, fault, err);
	if (reader->wire != AQI_PROTOBUF_BYTES)
		reader->bytes = (struct aqi_slice){reader->rest.data, 0};
	return AQI_OK;
}
