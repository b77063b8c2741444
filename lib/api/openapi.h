/*
 * openapi.h: what the API takes and answers, for programs. Private to the
 * library.
 */
#ifndef AQI_API_OPENAPI_H
#define AQI_API_OPENAPI_H

struct aqi_buffer;
struct aqi_schema;

/* Write the OpenAPI 3.1.0 document of the API whose records are of a schema. */
void aqi_openapi_write(struct aqi_buffer *out, const struct aqi_schema *schema);

#endif
