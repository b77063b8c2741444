/* 64 rows at a time, with the vectors of AVX2: see the Makefile, which lets the
 * compiler use them in this file. */
#include "model/planes_kernel.h"

#ifdef __AVX2__

#include "model/planes_avx2.inc"

typedef uint64_t word;

#include "model/planes_rows.inc"

void
aqi_planes_avx2_few(const struct aqi_planes *planes, const double *x,
		size_t n_rows, double *margin)
{
	predict(planes, x, n_rows, margin);
}

#else

/* Never chosen here. */
void
aqi_planes_avx2_few(const struct aqi_planes *planes, const double *x,
		size_t n_rows, double *margin)
{
	aqi_planes_portable_few(planes, x, n_rows, margin);
}

#endif
