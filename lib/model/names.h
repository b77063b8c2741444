/*
 * names.h: names of inputs, which must all differ. Private.
 */
#ifndef AQI_MODEL_NAMES_H
#define AQI_MODEL_NAMES_H

#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

/*
 * Is one of n names there twice? By sorting: of 65,535 inputs, to compare each
 * with each takes seconds.
 *
 * twice  out: such a name, borrowed from the list; data NULL: they all differ
 *
 * Fails without memory only.
 */
enum aqi_status aqi_names_find_twice(const struct aqi_slice *names, size_t n,
				     struct aqi_slice *twice,
				     struct aqi_error *err) AQI_MUST_CHECK;

#endif
