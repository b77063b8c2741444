/* field.h: one value of a record. */
#ifndef AQI_RECORD_FIELD_H
#define AQI_RECORD_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum aqi_kind {
	AQI_MISSING,	/* an absent key, null; an added value not set */
	AQI_TEXT,	/* a CSV cell, whatever it holds; a JSON string */
	AQI_NUMBER,	/* a JSON number; an added number */
	AQI_BOOLEAN,	/* true, false */
	AQI_NESTED	/* a JSON array or object, as its text */
};

/* A value as text, unquoted. */
struct aqi_field {
	const char *data;
	uint32_t size;
	unsigned char kind;	/* enum aqi_kind */
};

static inline struct aqi_slice
aqi_field_text(struct aqi_field field)
{
	return (struct aqi_slice){field.data, field.size};
}

/*
 * The same of a value that is bytes of the chunk as they stand, in half the
 * room: most are, and a batch has many. Its size is below 2^29.
 */
struct aqi_extent {
	uint32_t begin;		/* in the chunk */
	uint32_t size_kind;	/* the size times 8, and the kind */
};

/* In place of a kind: the value is kept elsewhere, as a field. */
#define AQI_EXTENT_APART UINT32_C(7)
#define AQI_EXTENT_BITS 3
#define AQI_EXTENT_SIZE_LIMIT (UINT32_C(1) << (32 - AQI_EXTENT_BITS))

static inline struct aqi_extent
aqi_extent_of(uint32_t begin, uint32_t size, enum aqi_kind kind)
{
	return (struct aqi_extent){begin, size << AQI_EXTENT_BITS |
					  (uint32_t)kind};
}

static inline struct aqi_field
aqi_extent_field(struct aqi_extent extent, const char *base)
{
	return (struct aqi_field){base + extent.begin,
				  extent.size_kind >> AQI_EXTENT_BITS,
				  (unsigned char)(extent.size_kind &
						  AQI_EXTENT_APART)};
}

#endif
