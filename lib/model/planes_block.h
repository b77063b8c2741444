/*
 * planes_block.h: the inner layout of the block of planes.h. Private: for
 * those who make it, check it and predict with it.
 *
 * The trees, those of one margin after those of another, are cut into segments
 * that have so few distinct splits each that their planes fit the cache and the
 * stack. The planes of a segment stand in slots:
 *
 *   0  zeros
 *   1  ones
 *   2  AQI_PLANES_WORK slots, which trees work with
 *   .. the slots of each column
 *
 * A column is a view together with what is asked of it: its distinct cuts, or
 * the distinct members of its sets, from least to greatest. Its slots are one
 * for values that are below all of them, one for each of them, and then one for
 * each set. The columns of a segment are in the order of their inputs. A plane
 * is named by 8 times its slot: in 16 bits, and for any width of planes a
 * multiple of it that processors can address by.
 *
 * The block is the header, then these arrays in this order:
 *
 *   bases     (n_margins,)   double
 *   segments  (n_segments,)  segment
 *   columns   (n_columns,)   column
 *   sets      (n_sets,)      set
 *   trees     (n_trees,)     tree
 *   keys      (n_keys,)      float, or double in a wide one
 *   lefts     (n_lefts,)     uint8: does a missing value go left?
 *   code      (n_code,)      uint16: names of planes
 *   leaves    (n_leaves,)    float, or double in a wide one
 *   tables    (n_tables,)    uint8
 */
#ifndef AQI_MODEL_PLANES_BLOCK_H
#define AQI_MODEL_PLANES_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/block.h"

/* Of a segment: what 16 bits can name. */
#define AQI_PLANES_SLOTS 8191

#define AQI_PLANES_ZEROS 0
#define AQI_PLANES_ONES 1
#define AQI_PLANES_FIRST 2	/* of those that trees work with */
#define AQI_PLANES_WORK 38
#define AQI_PLANES_RESERVED (AQI_PLANES_FIRST + AQI_PLANES_WORK)

/* Of the number of a leaf. */
#define AQI_PLANES_BITS 16

/* A tree of this depth, or less, can be laid out as a perfect one. */
#define AQI_PLANES_PERFECT 8

/* Keys are searched by so many at once. */
#define AQI_PLANES_FAN 16

struct aqi_planes_header {
	struct aqi_block_seal seal;
	uint32_t is_wide;
	uint32_t reserved0;		/* zero */
	uint64_t n_inputs, n_margins, n_segments, n_columns, n_sets, n_trees;
	uint64_t n_keys, n_lefts, n_code, n_leaves, n_tables;
};

/* Each array's part begins where that of the segment before ended. */
struct aqi_planes_segment {
	uint32_t n_slots;
	uint32_t columns_end;
	uint32_t trees_end;
	uint32_t reserved;		/* zero */
};

/*
 * The keys, and above them a tree to search them by: the last of each 16 is a
 * key of the level above, until one level has 16 or less. Levels are padded to
 * whole 16s by NaN, and the last key of a level above is NaN: so no value is
 * led beyond the last key. The top level is the first.
 */
struct aqi_planes_column {
	uint32_t input;
	uint16_t rule;			/* enum aqi_view_rule */
	uint16_t first;			/* slot of what is below all keys */
	uint32_t n_keys;		/* those of the lowest level */
	uint32_t keys;			/* first, of the top level */
	uint32_t lefts;			/* first of n_keys: of cuts alone */
	uint32_t first_set, n_sets;	/* 0: the keys are cuts */
	uint32_t reserved;		/* zero */
};

struct aqi_planes_set {
	uint32_t code;			/* the planes of its members */
	uint32_t n_members;
	uint16_t to;			/* its own plane */
	uint16_t goes_left;		/* a missing value */
};

/*
 * Code of a perfect tree: the plane of each place, (2^n_bits,), of which the
 * first is not used; the children of place k are 2k and 2k + 1. Of any other:
 * the planes that are the bits of the leaf's number, (n_bits,), the lowest
 * first, when all its steps are done; then the steps, (n_steps,).
 *
 * Leaves by their number: (2^n_bits,). The tables of a narrow tree of 8 bits or
 * less are the same leaves by their bytes, the lowest first: (4, 2^n_bits), or
 * (4, 64) where that is more.
 */
struct aqi_planes_tree {
	uint32_t margin;
	uint32_t n_steps;		/* 0: it is perfect */
	uint32_t code, leaves, tables;	/* the first of each */
	uint32_t n_bits;
};

/* A plane becomes one of two others, for each row. */
struct aqi_planes_step {
	uint16_t to, choice, right, left;
};

/* A view of the block, with what is chosen for this processor. */
struct aqi_planes {
	const struct aqi_planes_header *header;
	const double *bases;
	const struct aqi_planes_segment *segments;
	const struct aqi_planes_column *columns;
	const struct aqi_planes_set *sets;
	const struct aqi_planes_tree *trees;
	const void *keys;
	const unsigned char *lefts;
	const uint16_t *code;
	const void *leaves;
	const unsigned char *tables;
	const struct aqi_planes_kernel *kernel;
	size_t most_slots;	/* of its segments */
	size_t first_spare;	/* of these: columns fill all before it, but
				 * for the reserved ones */
	void *owned;
};

_Static_assert(sizeof(struct aqi_planes_header) == 128,
	       "the header is two lines");
_Static_assert(sizeof(struct aqi_planes_column) == 32, "no gaps");
_Static_assert(sizeof(struct aqi_planes_set) == 12, "no gaps");
_Static_assert(sizeof(struct aqi_planes_tree) == 24, "no gaps");

/* Keys of one level, padded. */
static inline size_t
aqi_planes_padded(size_t n)
{
	return (n + AQI_PLANES_FAN - 1) / AQI_PLANES_FAN * AQI_PLANES_FAN;
}

/* Keys of all levels above n of them, padded. */
static inline size_t
aqi_planes_keys_above(size_t n)
{
	size_t sum = 0;

	while (n > AQI_PLANES_FAN) {
		n = (n + AQI_PLANES_FAN - 1) / AQI_PLANES_FAN;
		sum += aqi_planes_padded(n);
	}
	return sum;
}

/* Bytes of one table of a tree. */
static inline size_t
aqi_planes_table(unsigned n_bits)
{
	return n_bits < 6 ? 64 : (size_t)1 << n_bits;
}

static inline bool
aqi_planes_has_tables(const struct aqi_planes_header *h, unsigned n_bits)
{
	return !h->is_wide && n_bits <= 8;
}

/*
 * A block of zeros with its header; sizes follow from the counts. *view, out:
 * where its arrays are. NULL without memory; freed with free.
 */
char *aqi_planes_block_new(const struct aqi_planes_header *counts,
			   struct aqi_planes *view);

/*
 * A view of a whole block whose contents can be used, where n_inputs and
 * n_margins are as many. What is wrong, or NULL.
 */
const char *aqi_planes_block_check(struct aqi_slice block, size_t n_inputs,
				   size_t n_margins, struct aqi_planes *view);

#endif
