/*
 * openapi_schema.h: what a JSON Schema of an OpenAPI document says of a value.
 *
 * Understood are $ref within the document, type (one or a list), enum, minimum,
 * maximum and their exclusive forms, properties, required, items, minItems, and
 * the first alternative of anyOf, oneOf and allOf that is not null. What else
 * there is makes no difference.
 */
#ifndef AQI_API_OPENAPI_SCHEMA_H
#define AQI_API_OPENAPI_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

struct json_t;

/* A schema behind its references and alternatives; borrowed, may be NULL. */
const struct json_t *aqi_openapi_resolve(const struct json_t *document,
					 const struct json_t *schema);

/* Is null among what the schema allows, before it is resolved? */
bool aqi_openapi_allows_null(const struct json_t *schema);

/* Is the (resolved) schema of that type: "integer", "object", ... */
bool aqi_openapi_is(const struct json_t *schema, const char *type);

/* The bounds of a resolved number; infinite where there are none. */
void aqi_openapi_bounds(const struct json_t *schema, double *least,
			double *most);

/* A number as a JSON value, an integer where that is the type. */
struct json_t *aqi_openapi_number(const struct json_t *schema, double x);

/*
 * A value that the schema allows, in the middle of its bounds. The caller's;
 * NULL without memory, or where schemas lie too deep in each other or ask for
 * too many values.
 */
struct json_t *aqi_openapi_example(const struct json_t *document,
				   const struct json_t *schema);

/*
 * Write a value as JSON. jansson's own writer may leave out a part of it where
 * memory runs out, and not say so.
 */
void aqi_openapi_write_value(const struct json_t *value,
			     struct aqi_buffer *out);

/*
 * Is a value what the schema allows? If not, the reason is added to why, which
 * is empty: "aqi is missing".
 */
bool aqi_openapi_check(const struct json_t *document,
		       const struct json_t *schema, const struct json_t *value,
		       struct aqi_buffer *why);

#endif
