/*
 * walk_block.h: blocks of walks, made and checked. Private.
 */
#ifndef AQI_MODEL_WALK_BLOCK_H
#define AQI_MODEL_WALK_BLOCK_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_forest;
struct aqi_walk;
struct aqi_walk_column;
struct aqi_walk_header;

/* Where the arrays of a block are (model/walk_kernel.h). */
struct aqi_walk_parts {
	double *bases;
	struct aqi_walk_column *columns;
	uint32_t *targets, *depths, *roots, *sets;
	double *members;
	void *nodes;
};

/* A block of zeros with its header; NULL without memory; freed with free. */
char *aqi_walk_block_new(const struct aqi_walk_header *counts,
			 struct aqi_walk_parts *parts);

/* A layout upon a block, which is freed with it when owned; its kernel is left
 * to be set. NULL: memory. */
struct aqi_walk *aqi_walk_block_view(const void *block, void *owned,
				     struct aqi_error *err);

/* The same for a block that anybody may have written. */
struct aqi_walk *aqi_walk_block_adopt(struct aqi_slice block,
				      const struct aqi_forest *forest,
				      struct aqi_error *err);

#endif
