/*
 * describe.h: what a schema of requests says besides its bounds. Private to the
 * library.
 */
#ifndef AQI_API_DESCRIBE_H
#define AQI_API_DESCRIBE_H

#include <stddef.h>

#include "base/slice.h"

struct aqi_buffer;
struct aqi_schema;

/*
 * Add what a field is, in JSON's form but for the quotes around it: "ozone
 * (ppb)". Nothing where the schema does not say.
 */
void aqi_describe_field(struct aqi_buffer *out, const struct aqi_schema *schema,
			size_t field);

/* The first of the schema's examples, an object of JSON; or {NULL, 0}. */
struct aqi_slice aqi_describe_example(const struct aqi_schema *schema);

#endif
