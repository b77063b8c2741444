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

#endif
