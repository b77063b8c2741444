/* 512 rows at a time, with the vectors of AVX-512 F and BW: see the Makefile,
 * which lets the compiler use them in this file. */
#include "model/planes_kernel.h"

#if defined __AVX512BW__ || defined AQI_PLANES_TWIN

#include "model/planes_avx512.inc"

typedef vec word;

#define REVERSED
#include "model/planes_look_up.inc"
#include "model/planes_rows.inc"

void
aqi_planes_avx512(const struct aqi_planes *planes, const double *x,
		  size_t n_rows, double *margin)
{
	predict(planes, x, n_rows, margin);
}

#else

/* Never chosen here. */
void
aqi_planes_avx512(const struct aqi_planes *planes, const double *x,
		  size_t n_rows, double *margin)
{
	aqi_planes_portable(planes, x, n_rows, margin);
}

#endif
