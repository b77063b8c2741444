/*
 * The kernel of AVX-512, with its instructions written out in plain C: so
 * all of it but these is tested on any processor.
 */
#include "planes.h"

#define AQI_PLANES_TWIN
#define aqi_planes_avx512 predict_twin

static aqi_planes_fn predict_twin;

#include "model/planes_avx512.c"

int
main(void)
{
	start_random();
	ok(compare_plans(predict_twin) == 0,
	   "margins in vectors of AVX-512 are the forest's, bit for bit");
	ok(compare_searches(predict_twin) == 0,
	   "values at, between and beyond 1 to 4,097 keys are as well");
	return done();
}
