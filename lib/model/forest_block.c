#include "model/forest_block.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "model/forest.h"

#define VERSION 1
#define BYTE_ORDER_MARK UINT32_C(0x01020304)
#define CHECKSUM_END                                                          \
	(offsetof(struct aqi_forest_header, checksum) + sizeof(uint64_t))

static const char magic[8] = {'A', 'Q', 'I', 'T', 'R', 'E', 'E', 'S'};

/*
 * Four sums that do not wait for one another: with a single one the checksum
 * would take longer than the check of the nodes. It finds accidents, not
 * forgers; those meet the check of the nodes.
 */
static uint64_t
checksum(const char *bytes, size_t size)
{
	const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t sum[4] = {1, 2, 3, 4}, word[4];

	for (size_t i = CHECKSUM_END; i < size; i += sizeof word) {
		memcpy(word, bytes + i, sizeof word);
		for (int k = 0; k < 4; k++) {
			sum[k] = (sum[k] ^ word[k]) * prime;
			sum[k] ^= sum[k] >> 32;
		}
	}
	for (int k = 1; k < 4; k++)
		sum[0] = (sum[0] ^ sum[k]) * prime;
	return sum[0] ^ sum[0] >> 32;
}

static uint64_t
align(uint64_t offset)
{
	const uint64_t mask = AQI_FOREST_ALIGN - 1;

	return (offset + mask) & ~mask;
}

/* Where the arrays are follows from the counts, which are within limits. */
static void
lay_out(struct aqi_forest_header *h)
{
	h->roots = sizeof *h;
	h->nodes = align(h->roots + (h->n_trees + 1) * sizeof(uint32_t));
	h->ids = align(h->nodes +
		       h->n_nodes * sizeof(struct aqi_forest_node));
	h->size = align(h->ids + h->n_nodes * sizeof(uint32_t));
}

char *
aqi_forest_block_alloc(size_t size)
{
	return aligned_alloc(AQI_FOREST_ALIGN, align(size));
}

char *
aqi_forest_block_new(const struct aqi_forest_header *counts)
{
	struct aqi_forest_header h = *counts;
	char *block;

	memcpy(h.magic, magic, sizeof magic);
	h.version = VERSION;
	h.byte_order = BYTE_ORDER_MARK;
	lay_out(&h);
	block = aqi_forest_block_alloc(h.size);
	if (!block)
		return NULL;
	memset(block, 0, h.size);
	memcpy(block, &h, sizeof h);
	return block;
}

void
aqi_forest_block_seal(char *block)
{
	struct aqi_forest_header *h = (void *)block;

	h->checksum = checksum(block, h->size);
}

bool
aqi_forest_block_is_begun(struct aqi_slice bytes)
{
	return bytes.size >= sizeof magic &&
	       memcmp(bytes.data, magic, sizeof magic) == 0;
}

static const char *
check_identity(struct aqi_slice block)
{
	struct aqi_forest_header h;

	if (!aqi_forest_block_is_begun(block))
		return "not a compiled model";
	if (block.size < sizeof h)
		return "a compiled model cut short";
	memcpy(&h, block.data, sizeof h);
	if (h.byte_order != BYTE_ORDER_MARK)
		return "a compiled model for the other byte order: "
		       "compile it again here";
	if (h.version != VERSION)
		return "a compiled model of another version: compile it again";
	if (h.size != block.size)
		return "a compiled model cut short, or with bytes behind it";
	return NULL;
}

/* Counts first: the layout is computed from them without overflow. */
static const char *
check_header(const struct aqi_forest_header *h)
{
	static const char zeros[sizeof h->reserved];
	struct aqi_forest_header expected = *h;

	if (h->n_inputs < 1 || h->n_inputs > AQI_FOREST_MAX_INPUTS ||
	    h->n_trees > AQI_FOREST_MAX_TREES ||
	    h->n_nodes > AQI_FOREST_MAX_NODES)
		return "damaged: a count is out of range";
	lay_out(&expected);
	if (expected.size != h->size || expected.roots != h->roots ||
	    expected.nodes != h->nodes || expected.ids != h->ids)
		return "damaged: its parts do not fill it";
	if (h->link > AQI_LINK_LOGISTIC || !isfinite(h->base) ||
	    memcmp(h->reserved, zeros, sizeof zeros) != 0)
		return "damaged: the header";
	return NULL;
}

const char *
aqi_forest_block_check(struct aqi_slice block)
{
	const struct aqi_forest_header *h = (const void *)block.data;
	const char *fault = check_identity(block);

	if (!fault && (uintptr_t)block.data % AQI_FOREST_ALIGN != 0)
		fault = "a compiled model at an odd place in memory";
	if (!fault)
		fault = check_header(h);
	if (!fault && h->checksum != checksum(block.data, block.size))
		fault = "damaged: the checksum is wrong";
	return fault;
}

/*
 * Half of the largest float leaves room for the rounding of each addition,
 * which is below 2^-24 of the sum so far.
 */
bool
aqi_forest_block_is_bounded(double largest)
{
	return largest < (double)FLT_MAX / 2;
}

struct aqi_forest *
aqi_forest_block_view(const void *block, void *owned, struct aqi_error *err)
{
	const char *bytes = block;
	const struct aqi_forest_header *h = block;
	struct aqi_forest *forest = malloc(sizeof *forest);

	if (!forest) {
		aqi_error_memory(err);
		return NULL;
	}
	*forest = (struct aqi_forest){
		.header = h,
		.roots = (const void *)(bytes + h->roots),
		.nodes = (const void *)(bytes + h->nodes),
		.ids = (const void *)(bytes + h->ids),
		.owned = owned,
	};
	return forest;
}
