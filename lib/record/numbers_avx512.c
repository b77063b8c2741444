/* Numbers, 8 at once, in the vectors of AVX-512. */
#include "record/numbers.h"

#ifdef __AVX512DQ__

#define LANES 8
#include "record/numbers.inc"

uint64_t
aqi_numbers_avx512(const struct aqi_numbers *numbers)
{
	return read_numbers(numbers);
}

#else

/* Never chosen here. */
uint64_t
aqi_numbers_avx512(const struct aqi_numbers *numbers)
{
	return aqi_numbers_portable(numbers);
}

#endif
