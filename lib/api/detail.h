/*
 * detail.h: what is wrong with a body, as FastAPI says it: the members of
 * {"detail":[...]}. Private to the library.
 */
#ifndef AQI_API_DETAIL_H
#define AQI_API_DETAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct aqi_buffer;
struct aqi_schema_field;

/* Whose words, and whose rules where they differ: pydantic 2 with FastAPI
 * 0.115, or pydantic 1 with FastAPI 0.92. */
enum aqi_dialect {
	AQI_DIALECT_PYDANTIC2,
	AQI_DIALECT_PYDANTIC1
};

enum aqi_detail_code {
	AQI_DETAIL_NONE,
	AQI_DETAIL_MISSING,
	AQI_DETAIL_BELOW,	/* its minimum */
	AQI_DETAIL_ABOVE,	/* its maximum */
	AQI_DETAIL_FLOAT_PARSING,
	AQI_DETAIL_FLOAT_TYPE,
	AQI_DETAIL_INT_PARSING,
	AQI_DETAIL_INT_FROM_FLOAT,
	AQI_DETAIL_INT_SIZE,
	AQI_DETAIL_INT_TYPE,
	AQI_DETAIL_FINITE,
	AQI_DETAIL_OBJECT,	/* is none */
	AQI_DETAIL_LIST,
	AQI_DETAIL_JSON
};

#define AQI_DETAIL_NO_ROW ((size_t)-1)

struct aqi_detail {
	enum aqi_detail_code code;
	bool of_instances;	/* the place: below "instances", */
	size_t row;		/* in that item of it, or AQI_DETAIL_NO_ROW, */
	const struct aqi_schema_field *field;	/* in that member, or NULL */

	/* Checked JSON, or with is_text any bytes; {NULL, 0}: none. */
	struct aqi_slice input;
	bool is_text;

	/* Of AQI_DETAIL_JSON. */
	const char *reason;
	struct aqi_slice text;	/* all of it */
	size_t at;		/* the byte of it */
};

/*
 * An input that is longer, as it was sent, is left out of an error, so that
 * the answer stays small whatever came.
 */
#define AQI_DETAIL_MOST_INPUT 1024

/* Write {"detail":[...]}. */
void aqi_detail_write(struct aqi_buffer *out, enum aqi_dialect dialect,
		      const struct aqi_detail *details, size_t n);

#endif
