/*
 * planes_kernel.h: the kernels of planes.h, and what they work on. Private.
 *
 * planes_block.inc is the procedure; a kernel is that file compiled for one
 * width of vectors, with its own way to find ranks and to look leaves up.
 */
#ifndef AQI_MODEL_PLANES_KERNEL_H
#define AQI_MODEL_PLANES_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "model/planes.h"

#define AQI_PLANES_DEPTH 8
#define AQI_PLANES_SPLITS 4096
#define AQI_PLANES_INPUTS 64

/* The distinct splits of an input, by their cuts from least to greatest; where
 * two differ in the way of missing values alone, they are neighbours. */
struct aqi_planes_input {
	uint32_t first, end;
	/*
	 * The cuts again for a search in two steps of 16 comparisons: the last
	 * of each 16, and all, NaN behind them. NULL: there are more than 255.
	 */
	const float *coarse;	/* (16,) */
	const float *fine;	/* (256,) */
};

struct aqi_planes_tree {
	unsigned depth;
	const uint32_t *splits;	/* (2^depth,) by place; the first is not used */
	const float *leaves;	/* (2^depth,) */
	const unsigned char *bytes;	/* (4, 64) the leaves by their bytes, of
					 * a tree of depth 6 or less */
};

typedef void aqi_planes_fn(const struct aqi_planes *planes, const double *x,
			   size_t n_rows, double *margin);

struct aqi_planes {
	float base;
	size_t n_inputs, n_splits, n_trees;
	struct aqi_planes_input *inputs;	/* (n_inputs,) */
	float *cuts;				/* (n_splits,) */
	unsigned char *default_left;		/* (n_splits,) */
	struct aqi_planes_tree *trees;		/* (n_trees,) */
	uint32_t *places;			/* of all trees */
	float *leaves;				/* of all trees */
	unsigned char *bytes;			/* of all trees */
	float *tables;				/* of the two-step search */
	aqi_planes_fn *predict;
	size_t least;
	const char *kernel;
};

aqi_planes_fn aqi_planes_portable;
aqi_planes_fn aqi_planes_avx2;

#endif
