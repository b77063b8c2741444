/*
 * walk.h: a forest laid out to be walked quickly, whatever its shape.
 *
 * A walk waits at every node for the one before, so that several are made at
 * once: of eight trees for one row ("trees"), or of sixteen rows in one tree
 * ("rows"), which then stays in the cache for many. A step is a comparison
 * without a branch: a leaf is a node that leads to itself, and a row is laid
 * out in columns that have missing values as -infinity, for the nodes that send
 * them left, or as infinity. A set of categories is a column too, which holds
 * whether the row is in it.
 *
 * The leaves are added in the order of the trees: the margins are those of
 * aqi_forest_predict, bit for bit.
 */
#ifndef AQI_MODEL_WALK_H
#define AQI_MODEL_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_block_kind;
struct aqi_forest;
struct aqi_walk;	/* immutable; many threads may use it at once */

/* What the 32 bits of a narrow node have room for; and a row of this many
 * columns has room on the stack. */
#define AQI_WALK_COLUMNS 4096
#define AQI_WALK_LARGEST ((size_t)1 << 20)	/* nodes of a tree */

/*
 * *walk, out: the layout, which needs the forest no more; NULL for a forest
 * that has more of something than these, that does not add its leaves, or whose
 * leaves are functions.
 *
 * kernel  "trees" or "rows"
 *
 * Fails without memory only.
 */
enum aqi_status aqi_walk_new(const struct aqi_forest *forest,
			     const char *kernel, struct aqi_walk **walk,
			     struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The layout upon a block that was made from the same forest, which must
 * outlive it and not change. Seal and contents are checked: one that passes
 * predicts finite numbers, whoever wrote it. AQI_E_MODEL.
 */
struct aqi_walk *aqi_walk_adopt(struct aqi_slice block,
				const struct aqi_forest *forest,
				const char *kernel,
				struct aqi_error *err) AQI_MUST_CHECK;

extern const struct aqi_block_kind aqi_walk_block_kind;

/* The block, borrowed; the same for both kernels. */
struct aqi_slice aqi_walk_bytes(const struct aqi_walk *walk);

/* As aqi_forest_predict. The rows' kernel has half a megabyte on the stack. */
void aqi_walk_predict(const struct aqi_walk *walk, const double *x,
		      size_t n_rows, double *margin);

void aqi_walk_free(struct aqi_walk *walk);

#endif
