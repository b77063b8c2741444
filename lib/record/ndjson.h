/*
 * ndjson.h: one JSON object a line.
 *
 * A line is read by aqi_json_read (record/json.h) and must be an object. Its
 * values keep the bytes in which they came, so that what a program does not
 * know passes through unchanged.
 */
#ifndef AQI_RECORD_NDJSON_H
#define AQI_RECORD_NDJSON_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "record/field.h"

/* A key with its value: decoded, and as it stands in the line. */
struct aqi_member {
	struct aqi_slice key;
	struct aqi_field value;		/* strings decoded, others as text */
	struct aqi_slice raw_key;	/* of the line, with its quotes */
	struct aqi_slice raw_value;	/* of the line */
};

/*
 * Take a line apart. *members, out, is (*n,), borrowed from arena, as is all
 * it points to but for raw_*, which point into the line. AQI_REJECT: err has
 * the code, the reason, and in `column` the byte of the line (from 1).
 * AQI_FATAL: memory.
 */
enum aqi_status aqi_ndjson_parse(struct aqi_slice line, struct aqi_arena *arena,
				 struct aqi_member **members, size_t *n,
				 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The same of a line that is known to be UTF-8 without a NUL, the texts
 * borrowed from arena or from the line: mostly nothing is copied
 * (record/ndjson_plain.h). names are the keys that are expected.
 */
enum aqi_status aqi_ndjson_read(struct aqi_slice line,
				const struct aqi_slice *names, size_t n_names,
				struct aqi_arena *arena,
				struct aqi_member **members, size_t *n,
				struct aqi_error *err) AQI_MUST_CHECK;

/* The byte where the value of a key of a valid line begins; (size_t)-1 where
 * the key is absent. */
size_t aqi_ndjson_find(struct aqi_slice line, struct aqi_slice key);

/* Write a text as a JSON string, with its quotes. It must be UTF-8. */
void aqi_ndjson_add_string(struct aqi_buffer *out, struct aqi_slice text);

/* Is the text a number by JSON's own grammar? */
bool aqi_ndjson_is_number(struct aqi_slice text);

#endif
