/* sum.h: a number that tells whether bytes are the same as they were. */
#ifndef AQI_BASE_SUM_H
#define AQI_BASE_SUM_H

#include <stdint.h>

#include "base/slice.h"

/*
 * Begin with AQI_SUM_START; the sum of two texts one behind the other is that
 * of the second, begun with that of the first. Any one byte changed gives
 * another sum. It is no defence against a forger.
 *
 * Source: FNV-1a in 64 bits; G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake,
 * "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv.
 */
#define AQI_SUM_START UINT64_C(14695981039346656037)

static inline uint64_t
aqi_sum(uint64_t sum, struct aqi_slice bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		sum = (sum ^ (unsigned char)bytes.data[i]) *
		      UINT64_C(1099511628211);
	return sum;
}

#endif
