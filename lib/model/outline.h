/*
 * outline.h: the trees of a model as text, a node a line.
 *
 * Nodes stand in the order in which a reader follows a tree: each before those
 * below it, left before right. They are called as the tree file numbers them,
 * "node N" and "leaf N"; numbers are the shortest texts that read back to the
 * same bits. As text:
 *
 *   tree 0 node 0: pm25 < 30.5 ? leaf 1 : node 2, missing: leaf 1, gain 12.5
 *   tree 0   leaf 1: 25.25, cover 30
 *
 * As JSON, an object with the keys tree, sum (the margin that the tree adds
 * to), id, depth, and of a split input, left, right, missing, and one of below,
 * at_most (LightGBM) and in (categories), of a leaf value, or constant and
 * terms where it is a function of inputs; gain and cover where told.
 */
#ifndef AQI_MODEL_OUTLINE_H
#define AQI_MODEL_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct aqi_buffer;
struct aqi_model;

/* What is kept from tree to tree. One thread each. */
struct aqi_outline {
	const struct aqi_model *model;	/* borrowed */
	bool as_json;
	size_t tree;		/* the next one: 0 at first */
	size_t source_tree;	/* its number in the file */
};

/*
 * Add the next tree, and its number to the outline. AQI_END: there is none.
 * AQI_FATAL without memory only, when not all of the tree is there.
 */
enum aqi_status aqi_outline_next(struct aqi_outline *outline,
				 struct aqi_buffer *out,
				 struct aqi_error *err) AQI_MUST_CHECK;

#endif
