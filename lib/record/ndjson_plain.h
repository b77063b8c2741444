/*
 * ndjson_plain.h: the fast lane of NDJSON, for flat objects of plain values.
 *
 * Taken is a line that is one object whose keys and strings have no backslash
 * and whose values are strings, numbers without an exponent, true, false and
 * null: the records of measurements. Nothing is copied and no tree is built.
 * Anything else, and all that is wrong, is left to the slow lane, jansson,
 * which says what it is; tests/fuzz/fuzz_ndjson.c holds the two together.
 */
#ifndef AQI_RECORD_NDJSON_PLAIN_H
#define AQI_RECORD_NDJSON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

struct aqi_field;
struct aqi_member;

/* More keys than so are left to the slow lane: each is compared with those
 * before it, unless it is where it is expected. */
#define AQI_NDJSON_PLAIN_KEYS 256

/* A number of more bytes is left to it too: it might be too large for a
 * double. */
#define AQI_NDJSON_DIGITS 100

/*
 * Take a line apart, which is UTF-8 and has no NUL.
 *
 * names     (n_names,) the keys that are expected, all different, in order
 * members   out: (*n,), borrowed from arena; its texts from the line
 *
 * false: the line is none for this lane.
 */
bool aqi_ndjson_take(struct aqi_slice line, const struct aqi_slice *names,
		     size_t n_names, struct aqi_arena *arena,
		     struct aqi_member **members, size_t *n);

/* A value alone, which is less than 4 GiB from its end; *p, in and out: where
 * it begins, and behind it. false: it is none for this lane. */
bool aqi_ndjson_take_value(const char **p, const char *end,
			   struct aqi_field *value);

#endif
