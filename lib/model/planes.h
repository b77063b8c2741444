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
 * What is left per row and tree is to look its leaf up and to add it, in the
 * order of the trees: the margins are those of aqi_forest_predict, bit for bit.
 * lib/model/README.md tells it at length.
 *
 * The planes of a block of rows are on the stack, 512 KiB at the most.
 */
#ifndef AQI_MODEL_PLANES_H
#define AQI_MODEL_PLANES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/block.h"

struct aqi_forest;
struct aqi_planes;	/* immutable; many threads may use it at once */

extern const struct aqi_block_kind aqi_planes_block_kind;

/* Nodes of a tree: its leaves are numbered in 16 bits. */
#define AQI_PLANES_LARGEST (((size_t)2 << 16) - 1)

/*
 * *planes, out: the layout, which needs the forest no more; NULL for a forest
 * that is not for planes: its leaves are functions, it takes the least or the
 * greatest leaf, one of its trees is larger than AQI_PLANES_LARGEST, or one
 * alone has too many distinct splits.
 *
 * kernel  the one to use, which must be for this processor; NULL: the best
 *
 * Fails without memory only.
 */
enum aqi_status aqi_planes_new(const struct aqi_forest *forest,
			       const char *kernel, struct aqi_planes **planes,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The layout upon a block that was made from the same forest, which must
 * outlive it and not change. Seal and contents are checked, so that one that
 * passes can be used whoever wrote it; that its numbers are the forest's, its
 * seal alone can tell. AQI_E_MODEL.
 */
struct aqi_planes *aqi_planes_adopt(struct aqi_slice block,
				    const struct aqi_forest *forest,
				    const char *kernel,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* The block, borrowed. It is the same for all kernels and processors of one
 * byte order. */
struct aqi_slice aqi_planes_bytes(const struct aqi_planes *planes);

/* As aqi_forest_predict. */
void aqi_planes_predict(const struct aqi_planes *planes, const double *x,
			size_t n_rows, double *margin);

/* The kernel that does it. */
const char *aqi_planes_kernel(const struct aqi_planes *planes);

/* The name of kernel k, the best first; NULL behind the last. */
const char *aqi_planes_kernel_at(size_t k);

/* Is there a kernel of this name, and is it for this processor? */
bool aqi_planes_has_kernel(const char *name);

void aqi_planes_free(struct aqi_planes *planes);

#endif
