/*
 * protobuf.h: the wire format of protocol buffers, read field by field.
 *
 * A reader stands in one message and goes over its fields in the order in which
 * they are written. Nothing is copied or allocated, and nothing is entered that
 * is not asked for: a message in a message is a run of bytes until a reader is
 * opened upon it, so there is no depth to be afraid of. No length is believed
 * that the bytes around it do not hold.
 *
 * Groups, which no format of today has, are refused.
 *
 * Source: protobuf.dev, "Encoding".
 */
#ifndef AQI_MODEL_PROTOBUF_H
#define AQI_MODEL_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum aqi_protobuf_wire {
	AQI_PROTOBUF_VARINT = 0,
	AQI_PROTOBUF_FIXED64 = 1,
	AQI_PROTOBUF_BYTES = 2,		/* text, message, packed numbers */
	AQI_PROTOBUF_FIXED32 = 5
};

/* One thread each; borrows the bytes. May be copied to look ahead. */
struct aqi_protobuf {
	const char *file;	/* where bytes are counted from in messages */
	struct aqi_slice rest;	/* of the message, behind the field */

	/* The field that was read last. */
	uint32_t field;
	enum aqi_protobuf_wire wire;
	uint64_t number;	/* of the wires but bytes: as it stands there */
	struct aqi_slice bytes;	/* of the wire of bytes; else none */
};

/* A reader before the first field of a file. */
struct aqi_protobuf aqi_protobuf_open(struct aqi_slice file);

/* The same of the message that is the field of bytes just read. */
struct aqi_protobuf aqi_protobuf_enter(const struct aqi_protobuf *reader);

/*
 * Go to the next field. AQI_END behind the last; AQI_FATAL with AQI_E_MODEL,
 * "byte B: reason" (from 0), where the bytes are no field.
 */
enum aqi_status aqi_protobuf_next(struct aqi_protobuf *reader,
				  struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Take a number off packed ones, which must not be empty: 1 to 10 bytes, seven
 * bits each, the least first. NULL where that is one, and what is wrong where
 * not.
 */
const char *aqi_protobuf_varint(struct aqi_slice *rest, uint64_t *number);

/* The next 4 or 8 bytes, which must be there, the least significant first. */
uint64_t aqi_protobuf_fixed(struct aqi_slice *rest, size_t size);

#endif
