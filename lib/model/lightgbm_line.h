/*
 * lightgbm_line.h: the lines of a LightGBM text model.
 *
 * A line is `key=value value ...` (model/lightgbm_value.h). Lines end with LF
 * or CRLF. Nothing is copied: texts are borrowed from the file.
 */
#ifndef AQI_MODEL_LIGHTGBM_LINE_H
#define AQI_MODEL_LIGHTGBM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* Reading goes line by line; one thread each. */
struct aqi_lightgbm_lines {
	struct aqi_slice line;	/* the one at hand; data NULL: at the end */
	struct aqi_slice rest;	/* what stands behind it */
	const char *start;	/* of the file */
	size_t n_bytes;		/* of all lines before the one at hand, where
				 * each ends with one byte */
};

/* At the first line of a file. */
void aqi_lightgbm_lines_open(struct aqi_lightgbm_lines *lines,
			     struct aqi_slice bytes);

/* To the next line. */
void aqi_lightgbm_lines_next(struct aqi_lightgbm_lines *lines);

/* To the next line that is not empty, or the end. */
void aqi_lightgbm_lines_skip(struct aqi_lightgbm_lines *lines);

/* "byte B: reason" and AQI_E_MODEL, where the line at hand begins. */
enum aqi_status aqi_lightgbm_lines_fail(const struct aqi_lightgbm_lines *lines,
					const char *reason,
					struct aqi_error *err);

/*
 * Texts by their keys.
 *
 * keys   (n_keys,) in the order in which they are mostly found
 * texts  (n_keys,) what stands behind the `=`; data NULL: not found
 */
struct aqi_lightgbm_keys {
	const char *const *keys;
	size_t n_keys;
	struct aqi_slice *texts;
	size_t next;		/* the key that is likely to follow */
};

/*
 * Take the line at hand; a key that is not among keys is passed over. Returns
 * the name of a key that is there twice, else NULL.
 */
const char *aqi_lightgbm_keys_take(struct aqi_lightgbm_keys *keys,
				   struct aqi_slice line);

#endif
