/*
 * planes_tape.h: a tree of any shape as steps that choose between planes.
 * Private: for planes_build.c.
 *
 * Its leaves are numbered in order, from left to right. Bit k of the number is
 * the same for all leaves below a node, unless their numbers cross a multiple
 * of 2^k: so most of a tree needs no step for most bits.
 *
 *	        a               leaves  0  1  2  3 (and none above 4)
 *	      /   \
 *	     b     4            bit 2:  a         4 alone is right of a
 *	   /   \                bit 1:  a ? 0 : b
 *	  c     d               bit 0:  a ? 0 : (b ? d : c)
 *	 0 1   2 3
 */
#ifndef AQI_MODEL_PLANES_TAPE_H
#define AQI_MODEL_PLANES_TAPE_H

#include <stddef.h>
#include <stdint.h>

#include "model/planes_block.h"

struct aqi_forest_node;

/* Memory for one tree after another. */
struct aqi_planes_tape {
	/* Of the tree's nodes, in the order of the forest. */
	uint32_t *n_leaves;	/* below it */
	uint32_t *first;	/* the number of the first of them */
	uint32_t *place;	/* in a perfect tree; 0: it is too deep */
	uint16_t *plane;	/* the name of its split's; the caller's */
	unsigned char *need;	/* planes to work with */
	uint16_t *value;	/* the plane of its bit, when that is done */
	struct aqi_planes_task *tasks;
	/* Of the tree. */
	unsigned depth;
	uint16_t bits[AQI_PLANES_BITS];	/* where the leaf's number will be */
	struct aqi_planes_step *steps;	/* (n_steps,) */
	size_t n_steps, room;
};

/* Memory for trees of so many nodes; AQI_E_MEMORY. */
enum aqi_status aqi_planes_tape_new(struct aqi_planes_tape *tape,
				    size_t most_nodes, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Number the leaves and nodes of a tree, whose root is the forest's node
 * `root`. */
void aqi_planes_tape_number(struct aqi_planes_tape *tape,
			    const struct aqi_forest_node *nodes, uint32_t root,
			    size_t n_nodes);

/* The bits in which so many leaves are numbered. */
unsigned aqi_planes_tape_bits(size_t n_leaves);

/* Write the steps of the tree that was numbered; AQI_E_MEMORY. */
enum aqi_status aqi_planes_tape_write(struct aqi_planes_tape *tape,
				      const struct aqi_forest_node *nodes,
				      uint32_t root, size_t n_nodes,
				      struct aqi_error *err) AQI_MUST_CHECK;

void aqi_planes_tape_free(struct aqi_planes_tape *tape);

#endif
