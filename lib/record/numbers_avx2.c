/* Numbers, 4 at once, in the vectors of AVX2. */
#include "record/numbers.h"

#ifdef __AVX2__

#define LANES 4
#include "record/numbers.inc"

uint64_t
aqi_numbers_avx2(const struct aqi_numbers *numbers)
{
	return read_numbers(numbers);
}

#else

/* Never chosen here. */
uint64_t
aqi_numbers_avx2(const struct aqi_numbers *numbers)
{
	return aqi_numbers_portable(numbers);
}

#endif
