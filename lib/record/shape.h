/*
 * shape.h: the fastest lane of NDJSON, for lines like one before. Private to
 * the reader.
 *
 * Records of one origin have the same keys in the same order, with the same
 * blanks: what stands between their values is the same bytes in each. This
 * shape is learnt from a line that was taken apart. Of another line it is then
 * enough to compare these bytes, and to see where each value ends and what it
 * is. No key is looked up, and no members are listed.
 *
 * A line is taken only if aqi_ndjson_take would take it (ndjson_plain.h), and
 * its values are those that it would find: by which shape, and on which of the
 * ways below, changes nothing but the time. tests/fuzz/fuzz_shape.c and
 * tests/unit/test_shape.c hold them together.
 */
#ifndef AQI_RECORD_SHAPE_H
#define AQI_RECORD_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "record/field.h"
#include "record/ndjson_plain.h"

struct aqi_member;

/* How many bytes of a part are compared at once. */
#define AQI_SHAPE_START 32

/* The same bytes in each line, before a value or behind the last. */
struct aqi_shape_part {
	char start[AQI_SHAPE_START];	/* the first of them, then zeros */
	char mask[AQI_SHAPE_START];	/* all ones for each of those, or 0 */
	uint32_t size;
	const char *text;		/* (size,) */
};

/* Immutable once learnt; borrowed from the arena. */
struct aqi_shape {
	const struct aqi_shape_part *parts;	/* (n + 1,) */
	const uint32_t *sizes;	/* (n,) of the parts before values */
	size_t n;		/* values */
	size_t size;		/* of all parts */
	bool has_commas;	/* each part between values begins with one */
	bool has_long;		/* a part is longer than its start */
	bool has_texts;		/* values are strings, or keys have commas */
};

/*
 * Learn the shape of a line that aqi_ndjson_take has taken, from its members
 * (n,). false: there are none, or no memory.
 */
bool aqi_shape_learn(struct aqi_shape *shape, struct aqi_slice line,
		     const struct aqi_member *members, size_t n,
		     struct aqi_arena *arena);

/*
 * Take the values of a line, which has no LF.
 *
 * base     where extents count from: at or before the line
 * extents  (shape->n,) out, of all values in order; of a string without its
 *          quotes. What they are is only said if the line is taken.
 *
 * false: it is not of this shape, or none for this lane. A line that is taken
 * is UTF-8 and has no NUL.
 */
typedef bool aqi_shape_fn(const struct aqi_shape *shape, const char *base,
			  struct aqi_slice line, struct aqi_extent *extents);

/* The ways to do it: the first for any line, the others for lines that so many
 * bytes may be read behind, of any kind. They leave to the first
 * what is longer than AQI_SHAPE_LINE, or where values end before their
 * commas. */
aqi_shape_fn aqi_shape_take_portable;
aqi_shape_fn aqi_shape_take_avx2;
aqi_shape_fn aqi_shape_take_avx512;

#define AQI_SHAPE_BEHIND ((size_t)64)
#define AQI_SHAPE_LINE ((size_t)1024)

/* The best way for lines that may be read behind, on this processor. */
aqi_shape_fn *aqi_shape_best(void);

#endif
