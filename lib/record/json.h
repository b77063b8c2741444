/*
 * json.h: one JSON text, read by jansson under our rules.
 *
 * Right is what RFC 8259 says, and besides: no NUL (as a byte or escaped), no
 * key twice in an object, no nesting deeper than AQI_JSON_DEPTH, well-formed
 * UTF-8, numbers within the range of a double. Every number is read as the
 * double nearest to it, integers above 2^53 too.
 */
#ifndef AQI_RECORD_JSON_H
#define AQI_RECORD_JSON_H

#include "base/error.h"

#define AQI_JSON_DEPTH 64

struct json_t;

/*
 * Read a text: any value, blanks around it. NULL on error, with the byte of
 * the text in err->column (from 1) and its line in err->line; what it returns
 * is the caller's, to be given up with json_decref.
 */
struct json_t *aqi_json_read(struct aqi_slice text, struct aqi_error *err);

/* The value of a number; NAN for what is none, NULL too. */
double aqi_json_number(const struct json_t *value);

#endif
