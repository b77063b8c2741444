/*
 * nodes.h: a forest that decides all nodes of a tree at once, for one row.
 *
 * A walk waits at every node for the one before. Here nothing waits: a row's
 * inputs become ranks, a byte each, in one register; a node is the register's
 * byte that it looks at and the rank above which it goes right, two bytes or,
 * of trees of six levels and up to 16 ranks, one and a half. A
 * shuffle and a comparison decide 32 nodes, or 64, and the walk that is left
 * goes over bits, for all trees of a group at once:
 *
 *	ranks       pm25: 17   o3: 203   hour: 8
 *	nodes       pm25 > 20    o3 > 99    o3 > 210    hour > 6
 *	bits            0           1           0           1
 *
 * The rank of a value is the number of cuts at or below it, of the at most 255
 * that the forest has for the input. A missing value has the rank 0 for the
 * nodes that send it left, and 255 for those that send it right: an input that
 * has both has two bytes.
 *
 * The leaves are added in the order of the trees: the margins are those of
 * aqi_forest_predict, bit for bit. Rows are predicted one after the other, so
 * that many at once cost what one does.
 */
#ifndef AQI_MODEL_NODES_H
#define AQI_MODEL_NODES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_block_kind;
struct aqi_forest;
struct aqi_nodes;	/* immutable; many threads may use it at once */

#define AQI_NODES_DEPTH 8

/* Cuts of an input: what a byte can tell apart. */
#define AQI_NODES_CUTS 255

/* Bytes of a row: each 16 more cost another shuffle a node. */
#define AQI_NODES_COLUMNS 64

/*
 * *nodes, out: the layout, which needs the forest no more; NULL for a forest
 * that has more of something than these, that does not add its leaves, or has
 * sets of categories, or leaves that are functions.
 *
 * kernel  the one to use, which must be for this processor
 *
 * Fails without memory only.
 */
enum aqi_status aqi_nodes_new(const struct aqi_forest *forest,
			      const char *kernel, struct aqi_nodes **nodes,
			      struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The layout upon a block that was made from the same forest, which must
 * outlive it and not change. Seal and contents are checked: one that passes
 * predicts finite numbers, whoever wrote it. AQI_E_MODEL.
 */
struct aqi_nodes *aqi_nodes_adopt(struct aqi_slice block,
				  const struct aqi_forest *forest,
				  const char *kernel,
				  struct aqi_error *err) AQI_MUST_CHECK;

extern const struct aqi_block_kind aqi_nodes_block_kind;

/* The block, borrowed. It is the same for all kernels and processors of one
 * byte order. */
struct aqi_slice aqi_nodes_bytes(const struct aqi_nodes *nodes);

/* As aqi_forest_predict. */
void aqi_nodes_predict(const struct aqi_nodes *nodes, const double *x,
		       size_t n_rows, double *margin);

/* Is there a kernel "portable", "avx2", "avx512", and is it for this
 * processor? */
bool aqi_nodes_has_kernel(const char *name);

void aqi_nodes_free(struct aqi_nodes *nodes);

#endif
