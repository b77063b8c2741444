/* Walks in 32 bits. */
#include <string.h>

#include "model/walk_kernel.h"

typedef float number;
#define node aqi_walk_narrow

static inline uint32_t
column_of(const struct node *n)
{
	return n->link % AQI_WALK_COLUMNS;
}

static inline uint32_t
offset_of(const struct node *n)
{
	return n->link >> AQI_WALK_OFFSET_SHIFT;
}

#include "model/walk_steps.inc"

void
aqi_walk_narrow_trees(const struct aqi_walk *walk, const double *x,
		      size_t n_rows, double *margin)
{
	predict_trees(walk, x, n_rows, margin);
}

void
aqi_walk_narrow_rows(const struct aqi_walk *walk, const double *x,
		     size_t n_rows, double *margin)
{
	predict_rows(walk, x, n_rows, margin);
}
