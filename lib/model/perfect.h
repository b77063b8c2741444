/*
 * perfect.h: the trees of a forest, made perfect. Private.
 *
 * A perfect tree has all its leaves at one depth: the children of place k are
 * 2k and 2k + 1, from the root at 1 on, and a walk needs no test of where it
 * ends. A leaf that is higher up is repeated at all places below.
 */
#ifndef AQI_MODEL_PERFECT_H
#define AQI_MODEL_PERFECT_H

#include <stddef.h>
#include <stdint.h>

struct aqi_forest;

/* A level more doubles a tree: deeper ones would be mostly padding. */
#define AQI_PERFECT_DEPTH 8

/* The depth of a tree: 0 for one that is a single leaf. */
size_t aqi_perfect_depth(const struct aqi_forest *forest, size_t tree);

/*
 * The nodes at the places of a tree.
 *
 * depth   that of the tree, or more; AQI_PERFECT_DEPTH at most
 * places  (2^(depth + 1),), out: numbers of nodes; the first is not used
 */
void aqi_perfect_fill(const struct aqi_forest *forest, size_t tree,
		      size_t depth, uint32_t *places);

#endif
