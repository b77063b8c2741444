#include "model/block.h"

#include <stdlib.h>

#include "base/large.h"

#define BYTE_ORDER_MARK UINT32_C(0x01020304)

_Static_assert(sizeof(struct aqi_block_seal) == 32, "the seal has no gaps");

#define PRIME UINT64_C(0x9e3779b97f4a7c15)

/* A sum with the next eight bytes. */
static inline uint64_t
add(uint64_t sum, const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	sum = (sum ^ word) * PRIME;
	return sum ^ sum >> 32;
}

/*
 * Four sums that do not wait for one another: with a single one the checksum
 * would take longer than the check of the contents. They have a name each: as
 * an array the compiler kept them in memory, and they waited for that.
 */
static uint64_t
checksum(const char *bytes, size_t size)
{
	uint64_t a = 1, b = 2, c = 3, d = 4;

	for (size_t i = sizeof(struct aqi_block_seal); i < size; i += 32) {
		a = add(a, bytes + i);
		b = add(b, bytes + i + 8);
		c = add(c, bytes + i + 16);
		d = add(d, bytes + i + 24);
	}
	a = (((a ^ b) * PRIME ^ c) * PRIME ^ d) * PRIME;
	return a ^ a >> 32;
}

char *
aqi_block_alloc(size_t size)
{
	return aqi_large_aligned(AQI_BLOCK_ALIGN, size);
}

static void
begin_seal(const struct aqi_block_kind *kind, char *block, size_t size)
{
	struct aqi_block_seal *seal = (void *)block;

	memcpy(seal->magic, kind->magic, sizeof seal->magic);
	seal->version = kind->version;
	seal->byte_order = BYTE_ORDER_MARK;
	seal->size = size;
	seal->checksum = 0;
}

char *
aqi_block_new(const struct aqi_block_kind *kind, size_t size)
{
	char *block = aqi_block_alloc(size);

	if (!block)
		return NULL;
	memset(block, 0, size);
	begin_seal(kind, block, size);
	return block;
}

void
aqi_block_begin(const struct aqi_block_kind *kind, char *block, size_t size,
		const void *header, size_t header_size)
{
	const size_t behind = sizeof(struct aqi_block_seal);

	begin_seal(kind, block, size);
	memcpy(block + behind, (const char *)header + behind,
	       header_size - behind);
}

char *
aqi_block_new_with(const struct aqi_block_kind *kind, size_t size,
		   const void *header, size_t header_size)
{
	char *block = aqi_block_new(kind, size);

	if (block)
		aqi_block_begin(kind, block, size, header, header_size);
	return block;
}

void
aqi_block_finish(char *block)
{
	struct aqi_block_seal *seal = (void *)block;

	/* Several threads may ask for one they share: all store the same. */
	__atomic_store_n(&seal->checksum, checksum(block, seal->size),
			 __ATOMIC_RELAXED);
}

bool
aqi_block_is_begun(const struct aqi_block_kind *kind, struct aqi_slice bytes)
{
	return bytes.size >= sizeof kind->magic &&
	       memcmp(bytes.data, kind->magic, sizeof kind->magic) == 0;
}

bool
aqi_block_is_current(const struct aqi_block_kind *kind, struct aqi_slice bytes)
{
	struct aqi_block_seal seal;

	if (!aqi_block_is_begun(kind, bytes) || bytes.size < sizeof seal)
		return false;
	memcpy(&seal, bytes.data, sizeof seal);
	return seal.version == kind->version;
}

/* Is it all there, where it can be used, and undamaged? */
static const char *
check_place(const struct aqi_block_seal *seal, struct aqi_slice block)
{
	if (seal->size != block.size || seal->size % AQI_BLOCK_ALIGN != 0)
		return "is cut short, or has bytes behind it";
	if ((uintptr_t)block.data % AQI_BLOCK_ALIGN != 0)
		return "is at an odd place in memory";
	if (seal->checksum != checksum(block.data, block.size))
		return "is damaged: the checksum is wrong";
	return NULL;
}

const char *
aqi_block_check_seal(struct aqi_slice block)
{
	struct aqi_block_seal seal;

	if (block.size < sizeof seal)
		return "is cut short";
	memcpy(&seal, block.data, sizeof seal);
	return check_place(&seal, block);
}

const char *
aqi_block_check(const struct aqi_block_kind *kind, struct aqi_slice block)
{
	struct aqi_block_seal seal;

	if (!aqi_block_is_begun(kind, block))
		return "is not there";
	if (block.size < sizeof seal)
		return "is cut short";
	memcpy(&seal, block.data, sizeof seal);
	if (seal.byte_order != BYTE_ORDER_MARK)
		return "is for the other byte order: compile it again here";
	if (seal.version != kind->version)
		return "is of another version: compile it again";
	return check_place(&seal, block);
}
