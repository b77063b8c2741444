/* 128 rows at a time, in C. */
#include <stdint.h>

#include "model/planes_portable.inc"

typedef uint64_t vec __attribute__((vector_size(16)));
typedef vec word;

#include "model/planes_rows.inc"

void
aqi_planes_portable(const struct aqi_planes *planes, const double *x,
		    size_t n_rows, double *margin)
{
	predict(planes, x, n_rows, margin);
}
