/*
 * forest.h: a tree ensemble with one output, as one block of memory.
 *
 * margin(x) = base + leaf of tree 0 + leaf of tree 1 + ..., in 32-bit floats
 * and in this order, which makes it XGBoost's number to the last bit. At an
 * inner node a value below the threshold goes left, a missing one (NaN) where
 * the node says, any other right.
 *
 * The block is position-independent: it can be written to a file, compiled
 * into a program, or mapped, and is used in place. In it the nodes of a tree
 * stand in breadth-first order, trees one after the other, and the children of
 * a node are neighbours. That order is checked at the door in one pass and is
 * the whole proof that every tree is one and ends.
 *
 * A forest is made tree by tree (model/forest_builder.h) or upon a block. It is
 * immutable from then on; many threads may use it at once.
 */
#ifndef AQI_MODEL_FOREST_H
#define AQI_MODEL_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_forest;

/* From the margin to the prediction. */
enum aqi_link {
	AQI_LINK_IDENTITY,
	AQI_LINK_EXP,
	AQI_LINK_LOGISTIC
};

#define AQI_FOREST_MAX_INPUTS 65535
#define AQI_FOREST_MAX_TREES 1000000
#define AQI_FOREST_MAX_NODES ((size_t)1 << 28)

/* Blocks begin at multiples of this. */
#define AQI_FOREST_ALIGN 64

/* What holds for all trees. */
struct aqi_forest_shape {
	float base;		/* the margin of no trees */
	enum aqi_link link;
	size_t n_inputs;
};

/*
 * A forest upon a block, which must outlive it and not change. The block is
 * checked: magic, version, byte order, size, checksum, and then each node; a
 * block that passes can be trusted whoever wrote it. AQI_E_MODEL.
 */
struct aqi_forest *aqi_forest_adopt(struct aqi_slice block,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* The same upon a copy, aligned as it must be. */
struct aqi_forest *aqi_forest_copy(struct aqi_slice block,
				   struct aqi_error *err) AQI_MUST_CHECK;

/* Does it begin as a block does? */
bool aqi_forest_is_block(struct aqi_slice bytes);

/* The block, borrowed. The same model gives the same bytes. */
struct aqi_slice aqi_forest_bytes(const struct aqi_forest *forest);

struct aqi_forest_shape aqi_forest_shape(const struct aqi_forest *forest);
size_t aqi_forest_trees(const struct aqi_forest *forest);
size_t aqi_forest_nodes(const struct aqi_forest *forest);

/*
 * The margins of n_rows samples.
 *
 * x       (n_rows, n_inputs) row-major, NaN where missing
 * margin  (n_rows,), out
 *
 * Cannot fail and does not allocate: whatever loads can predict. The margins
 * are finite: the largest sum was bounded at the door. This is the reference
 * that any faster kernel must equal bit for bit.
 */
void aqi_forest_predict(const struct aqi_forest *forest, const float *x,
			size_t n_rows, float *margin);

/*
 * The leaf of one sample in each tree, as the model file numbers its nodes.
 * x is (n_inputs,), leaf (n_trees,), out.
 */
void aqi_forest_leaves(const struct aqi_forest *forest, const float *x,
		       uint32_t *leaf);

/*
 * Margins to predictions, in 32 bits as the library that trained does it.
 * y is (n,), in and out; it can overflow to infinity under AQI_LINK_EXP.
 */
void aqi_forest_link(const struct aqi_forest *forest, float *y, size_t n);

void aqi_forest_free(struct aqi_forest *forest);

#endif
