/* 64 rows at a time, in C. */
#include <stdint.h>

#include "model/planes_portable.inc"

typedef uint64_t vec;
typedef vec word;

#include "model/planes_rows.inc"

void
aqi_planes_portable_few(const struct aqi_planes *planes, const double *x,
			size_t n_rows, double *margin)
{
	predict(planes, x, n_rows, margin);
}
