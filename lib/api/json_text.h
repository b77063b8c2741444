/* json_text.h: JSON written piece by piece, without asking for memory. */
#ifndef AQI_API_JSON_TEXT_H
#define AQI_API_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* A string; bytes that are part of no UTF-8 become question marks. */
void aqi_json_add_text(struct aqi_buffer *out, struct aqi_slice text);

/*
 * A member of an object that is open: the comma where one is needed, its name,
 * which needs no escapes, and what it says.
 */
void aqi_json_add_key(struct aqi_buffer *out, const char *name);
void aqi_json_add_string(struct aqi_buffer *out, const char *name,
			 const char *text);
void aqi_json_add_count(struct aqi_buffer *out, const char *name, uint64_t n);
void aqi_json_add_bool(struct aqi_buffer *out, const char *name, bool is_true);

/* x, which is finite, with six decimals at the most. */
void aqi_json_add_real(struct aqi_buffer *out, const char *name, double x);

#endif
