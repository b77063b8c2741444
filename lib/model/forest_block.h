/*
 * forest_block.h: the inner layout of a forest's block. Private: for forest.c,
 * walk.c and planes.c, which use blocks, and forest_builder.c, which makes
 * them.
 *
 * The block is the header, then three arrays, each at a multiple of
 * AQI_FOREST_ALIGN, zeros between them:
 *
 *   roots  (n_trees + 1,) uint32  first node of each tree, and the end
 *   nodes  (n_nodes,)     node
 *   ids    (n_nodes,)     uint32  the node's number in the file it is from
 */
#ifndef AQI_MODEL_FOREST_BLOCK_H
#define AQI_MODEL_FOREST_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_forest_header {
	char magic[8];
	uint32_t version;
	uint32_t byte_order;
	uint64_t size;		/* of the block, in bytes */
	uint64_t checksum;	/* of all bytes behind this field */
	uint32_t link;
	float base;
	uint64_t n_inputs, n_trees, n_nodes;
	uint64_t roots, nodes, ids;	/* offsets of the arrays */
	char reserved[40];		/* zeros */
};

/*
 * 12 bytes. The child to the right stands at left + 1; 0 marks a leaf, for no
 * node has the root as its child.
 */
struct aqi_forest_node {
	float value;		/* threshold, or the leaf's value */
	uint32_t left;
	uint32_t input;		/* and AQI_FOREST_DEFAULT_LEFT */
};

#define AQI_FOREST_DEFAULT_LEFT UINT32_C(0x80000000)

_Static_assert(sizeof(struct aqi_forest_header) == 128,
	       "the header is two lines");
_Static_assert(sizeof(struct aqi_forest_node) == 12, "nodes are packed");

/* A view of the block, and the block itself when it is ours. */
struct aqi_forest {
	const struct aqi_forest_header *header;
	const uint32_t *roots;
	const struct aqi_forest_node *nodes;
	const uint32_t *ids;
	void *owned;
};

/* Memory aligned as a block must be, for free to take back; or NULL. */
char *aqi_forest_block_alloc(size_t size);

/*
 * A block of zeros with its header: sizes and offsets follow from the counts
 * of `counts`, which are within limits. NULL without memory; freed with free.
 */
char *aqi_forest_block_new(const struct aqi_forest_header *counts);

/* Fill in the checksum when all else is. */
void aqi_forest_block_seal(char *block);

/* Does it begin as a block does? */
bool aqi_forest_block_is_begun(struct aqi_slice bytes);

/* Is it a whole block of ours, trees aside? What is wrong with it, or NULL. */
const char *aqi_forest_block_check(struct aqi_slice block);

/* Is no float too large on the way to a sum of this absolute value? */
bool aqi_forest_block_is_bounded(double largest);

/* A forest upon a block, which is freed with it when owned. NULL: memory. */
struct aqi_forest *aqi_forest_block_view(const void *block, void *owned,
					 struct aqi_error *err);

#endif
