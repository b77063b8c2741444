/*
 * lightgbm_header.h: what a LightGBM text model says before its first tree.
 */
#ifndef AQI_MODEL_LIGHTGBM_HEADER_H
#define AQI_MODEL_LIGHTGBM_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/link.h"

struct aqi_lightgbm_lines;

/* Texts are borrowed from the file. */
struct aqi_lightgbm_header {
	struct aqi_slice version;	/* "v4" */
	struct aqi_slice objective;	/* "binary sigmoid:1"; may be empty */
	struct aqi_slice names;		/* (n_inputs,) values */
	struct aqi_slice sizes;		/* of the trees in bytes; data NULL:
					 * not told */
	size_t n_inputs;
	size_t n_margins;		/* trees of each iteration */
	bool is_average;		/* sums are divided by the iterations */
	struct aqi_link link;		/* its divisor aside */
};

/*
 * Read from the first line of a file to the one that begins a tree, or to the
 * end. Fails with AQI_E_MODEL and the key that is wrong, or "byte B: reason".
 */
enum aqi_status aqi_lightgbm_header_read(struct aqi_lightgbm_lines *lines,
					 struct aqi_lightgbm_header *header,
					 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * What the sizes of trees tell of the next one, taken off them.
 *
 * Returns AQI_OK, AQI_END where no more is told, or AQI_REJECT where it is no
 * number of up to `most` bytes.
 */
enum aqi_status aqi_lightgbm_next_size(struct aqi_slice *sizes, size_t most,
				       size_t *size) AQI_MUST_CHECK;

/* Does a line begin a tree? */
bool aqi_lightgbm_is_tree(struct aqi_slice line);

#endif
