/*
 * planes.h: a forest that decides each distinct split once for many rows.
 *
 * A boosted forest has tens of thousands of splits, but only some thousands of
 * distinct ones: histogram training cuts an input at a few hundred places. So
 * for a block of rows, each distinct split becomes a plane, a bit for each row:
 * 1 where the row goes right. A tree is then a fixed network of choices between
 * planes, the same work for every row and for all rows of a block at once:
 *
 *	         a              planes     a = 0110  b = 1010  c = 0011
 *	       /   \            first bit of the leaf's number:  a
 *	      b     c           second bit: a ? c : b  =          1010
 *	     / \   / \          row 0 goes left, right: to leaf 01
 *	    00 01 10 11
 *
 * A tree of depth d has d such bits; the last needs 2^(d-1) - 1 choices, each
 * three operations on a machine word or a vector of many rows. What is left per
 * row and tree is to look its leaf up and to add it, in the order of the
 * trees: the margins are those of aqi_forest_predict, bit for bit.
 */
#ifndef AQI_MODEL_PLANES_H
#define AQI_MODEL_PLANES_H

#include <stddef.h>

#include "base/error.h"

struct aqi_forest;
struct aqi_planes;	/* immutable; many threads may use it at once */

/* Padding to a perfect tree doubles what a level costs. */
#define AQI_PLANES_DEPTH 8

/* Distinct splits: their planes, of one block of rows, are on the stack and in
 * the second-level cache. */
#define AQI_PLANES_SPLITS 4096

/* Inputs: for each the rows of a block are laid out as a column. */
#define AQI_PLANES_INPUTS 64

/*
 * *planes, out: NULL for a forest that has more of something than these.
 * Fails without memory only.
 */
enum aqi_status aqi_planes_new(const struct aqi_forest *forest,
			       struct aqi_planes **planes,
			       struct aqi_error *err) AQI_MUST_CHECK;

/* Fewer rows at once than this are predicted sooner by a walk. */
size_t aqi_planes_least(const struct aqi_planes *planes);

/* As aqi_forest_predict. */
void aqi_planes_predict(const struct aqi_planes *planes, const double *x,
			size_t n_rows, double *margin);

/* The kernel that does it: "avx2", or "portable". */
const char *aqi_planes_kernel(const struct aqi_planes *planes);

void aqi_planes_free(struct aqi_planes *planes);

#endif
