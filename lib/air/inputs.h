/* inputs.h: the columns of a stream that a program needs, by name. */
#ifndef AQI_AIR_INPUTS_H
#define AQI_AIR_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_layout;

/*
 * Expect a column that may be absent: aqi_layout_expect, except where columns
 * are chosen; a key of NDJSON that is not among these is not read.
 */
enum aqi_status aqi_inputs_expect(struct aqi_layout *layout,
				  struct aqi_slice name, size_t *column,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* A header of one column that holds another delimiter: which one, or 0. */
char aqi_inputs_other_delimiter(const struct aqi_layout *layout);

/*
 * Where a column is absent: is the whole header of another delimiter, or of a
 * source that aqi-features knows? Then the error says so, without a place.
 */
bool aqi_inputs_suspect(const struct aqi_layout *layout, struct aqi_error *err);

/*
 * Find the input column of each name and mark it as a number.
 *
 * names    (n,)
 * columns  (n,), out; AQI_NO_COLUMN where absent, if the layout allows it
 *
 * Where that is allowed, a key that the first NDJSON record lacks is expected
 * of later ones; CSV must have one of them even so. An absent column is
 * AQI_E_USAGE otherwise: the message names a column that looks like it, or all
 * that are needed.
 */
enum aqi_status aqi_inputs_bind(struct aqi_layout *layout,
				const struct aqi_slice *names, size_t n,
				size_t *columns,
				struct aqi_error *err) AQI_MUST_CHECK;

#endif
