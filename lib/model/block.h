/*
 * block.h: a block of bytes that can be written to a file, compiled into a
 * program or mapped, and is then used in place.
 *
 * Every block begins with a seal: what it is, which version of it, in which
 * byte order, how long, and a checksum of all behind the seal. The seal finds
 * accidents; that the contents can be trusted is for each kind of block to
 * check at its own door.
 *
 * Within a block, parts begin at multiples of AQI_BLOCK_ALIGN, with zeros
 * between them, so that the same contents are the same bytes.
 */
#ifndef AQI_MODEL_BLOCK_H
#define AQI_MODEL_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define AQI_BLOCK_ALIGN 64

struct aqi_block_seal {
	char magic[8];
	uint32_t version;
	uint32_t byte_order;
	uint64_t size;		/* of the block, in bytes; a multiple of 64 */
	uint64_t checksum;	/* of all bytes behind the seal */
};

/* What a kind of block is called and looks like. */
struct aqi_block_kind {
	char magic[8];
	uint32_t version;
	const char *name;	/* "a compiled model", for messages */
};

static inline uint64_t
aqi_block_align(uint64_t offset)
{
	return (offset + AQI_BLOCK_ALIGN - 1) / AQI_BLOCK_ALIGN *
	       AQI_BLOCK_ALIGN;
}

/*
 * The place of the next part, of n elements of so many bytes: `at` moves over
 * it. block may be NULL, where the size alone is asked for. A part without
 * elements has a place too, which nobody reads. Counts are within limits that
 * keep the sum of all from overflowing.
 */
static inline void *
aqi_block_take(char *block, uint64_t *at, uint64_t n, uint64_t size)
{
	char *place = block ? block + *at : NULL;

	*at = aqi_block_align(*at + n * size);
	return place;
}

/* Memory aligned as a block must be, for free to take back; or NULL. */
char *aqi_block_alloc(size_t size);

/* size bytes of zeros, a multiple of AQI_BLOCK_ALIGN, the seal begun; NULL
 * without memory; freed with free. */
char *aqi_block_new(const struct aqi_block_kind *kind, size_t size);

/*
 * The same with a header of so many bytes copied to its front, of which the
 * seal, its first member, is left as it was begun.
 */
char *aqi_block_new_with(const struct aqi_block_kind *kind, size_t size,
			 const void *header, size_t header_size);

/* The front of a block of so many bytes: the seal, without its checksum, and a
 * header as above. */
void aqi_block_begin(const struct aqi_block_kind *kind, char *block,
		     size_t size, const void *header, size_t header_size);

/* Fill in the checksum when all else is. */
void aqi_block_finish(char *block);

/* Does it begin as a block of this kind does? */
bool aqi_block_is_begun(const struct aqi_block_kind *kind,
			struct aqi_slice bytes);

/* Is it of the version that is made here, too? */
bool aqi_block_is_current(const struct aqi_block_kind *kind,
			  struct aqi_slice bytes);

/*
 * Is it a whole block of whatever kind, as it was finished? What is wrong with
 * it, or NULL.
 */
const char *aqi_block_check_seal(struct aqi_slice block);

/*
 * Is it a whole block of this kind, as it was finished? What is wrong with it,
 * for aqi_error_set to follow kind->name, or NULL.
 */
const char *aqi_block_check(const struct aqi_block_kind *kind,
			    struct aqi_slice block);

#endif
