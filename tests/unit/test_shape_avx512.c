/*
 * The way of AVX-512, with its instructions written out in plain C: so all of
 * it but these is tested on any processor.
 */
#include "shape.h"

#define AQI_SHAPE_TWIN
#define aqi_shape_take_avx512 take_twin

static aqi_shape_fn take_twin;

#include "record/shape_avx512.c"

int
main(void)
{
	check_way("avx512 in plain C", take_twin, 50000);
	return done();
}
