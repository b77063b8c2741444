/*
 * width.h: arrays of numbers that are as wide as their forest. Private.
 *
 * Where a forest is wide, inputs, thresholds and leaves are doubles, else
 * floats. Layouts keep theirs in arrays of the one or the other, which the
 * makers and the doors of layouts go over by these; kernels are compiled for
 * each.
 */
#ifndef AQI_MODEL_WIDTH_H
#define AQI_MODEL_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

#include "model/forest_block.h"

/* Bytes of a number. */
static inline size_t
aqi_width_size(bool is_wide)
{
	return is_wide ? sizeof(double) : sizeof(float);
}

static inline double
aqi_width_get(bool is_wide, const void *numbers, size_t i)
{
	return is_wide ? ((const double *)numbers)[i] :
	       (double)((const float *)numbers)[i];
}

static inline void
aqi_width_set(bool is_wide, void *numbers, size_t i, double x)
{
	if (is_wide)
		((double *)numbers)[i] = x;
	else
		((float *)numbers)[i] = (float)x;
}

/* The threshold that a value of this width is below just where it is below the
 * given one. */
static inline double
aqi_width_cut(bool is_wide, double threshold)
{
	return is_wide ? threshold : (double)aqi_forest_cut(threshold);
}

#endif
