/*
 * nodes_block.h: blocks of nodes, made and checked. Private.
 */
#ifndef AQI_MODEL_NODES_BLOCK_H
#define AQI_MODEL_NODES_BLOCK_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_forest;
struct aqi_nodes;
struct aqi_nodes_header;
struct aqi_nodes_view;

/* Where the arrays of a block are (model/nodes_kernel.h). */
struct aqi_nodes_parts {
	double *bases;
	struct aqi_nodes_view *views;
	void *coarse, *fine;
	uint32_t *targets, *depths;
	unsigned char *nodes;
	void *leaves;
};

/* A block of zeros with its header; NULL without memory; freed with free. */
char *aqi_nodes_block_new(const struct aqi_nodes_header *counts,
			  struct aqi_nodes_parts *parts);

/* A layout upon a block, which is freed with it when owned; its kernel is left
 * to be set. NULL: memory. */
struct aqi_nodes *aqi_nodes_block_view(const void *block, void *owned,
				       struct aqi_error *err);

/* The same for a block that anybody may have written. */
struct aqi_nodes *aqi_nodes_block_adopt(struct aqi_slice block,
					const struct aqi_forest *forest,
					struct aqi_error *err);

#endif
