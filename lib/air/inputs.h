/* inputs.h: the columns of a stream that a program needs, by name. */
#ifndef AQI_AIR_INPUTS_H
#define AQI_AIR_INPUTS_H

#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_layout;

/*
 * Find the input column of each name and mark it as a number.
 *
 * names    (n,)
 * columns  (n,), out; AQI_NO_COLUMN where absent, if the layout allows it
 *
 * An absent column is AQI_E_USAGE otherwise: the message names a column that
 * looks like it, or all that are needed.
 */
enum aqi_status aqi_inputs_bind(struct aqi_layout *layout,
				const struct aqi_slice *names, size_t n,
				size_t *columns,
				struct aqi_error *err) AQI_MUST_CHECK;

#endif
