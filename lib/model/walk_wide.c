/* Walks in 64 bits. */
#include <string.h>

#include "model/walk_kernel.h"

typedef double number;
#define node aqi_walk_wide

static inline uint32_t
column_of(const struct node *n)
{
	return n->column;
}

static inline uint32_t
offset_of(const struct node *n)
{
	return n->offset;
}

#include "model/walk_steps.inc"

void
aqi_walk_wide_trees(const struct aqi_walk *walk, const double *x,
		    size_t n_rows, double *margin)
{
	predict_trees(walk, x, n_rows, margin);
}

void
aqi_walk_wide_rows(const struct aqi_walk *walk, const double *x,
		   size_t n_rows, double *margin)
{
	predict_rows(walk, x, n_rows, margin);
}
