/*
 * Numbers, eight at once, in the vectors of AVX-512. What the instructions do
 * is in three short functions, and in words_avx512.inc; where the compiler may
 * not use them, the same in plain C, so that all but these can be tested on any
 * processor.
 */
#include "record/numbers.h"

#if defined __AVX512BW__ || defined AQI_NUMBERS_TWIN

#include "record/words_avx512.inc"

#ifdef __AVX512BW__

static inline words
choose(words mask, words a, words b)
{
	return (words)_mm512_ternarylogic_epi64((__m512i)mask, (__m512i)a,
						(__m512i)b, 0xca);
}

static inline words
join_digits(words x)
{
	const __m512i two = _mm512_maddubs_epi16(
		(__m512i)x, _mm512_set1_epi16(1 << 8 | 10));
	const __m512i four = _mm512_madd_epi16(
		two, _mm512_set1_epi32(1 << 16 | 100));

	return (words)_mm512_add_epi64(
		_mm512_mul_epu32(four, _mm512_set1_epi32(10000)),
		_mm512_srli_epi64(four, 32));
}

/* The sum of k times 255 is -k in its low three bits. */
static inline doubles
powers(words x)
{
	const __m512d tens = _mm512_setr_pd(1e0, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2,
					    1e1);

	return (doubles)_mm512_permutexvar_pd(
		_mm512_sad_epu8((__m512i)x, _mm512_setzero_si512()), tens);
}

#else

static inline words
choose(words mask, words a, words b)
{
	return (mask & a) | (~mask & b);
}

static inline words
join_digits(words x)
{
	words whole = {0};

	for (int i = 0; i < 8; i++)
		for (int k = 0; k < 64; k += 8)
			whole[i] = whole[i] * 10 + (x[i] >> k & 0xff);
	return whole;
}

static inline doubles
powers(words x)
{
	doubles power;

	for (int i = 0; i < 8; i++) {
		power[i] = 1;
		for (uint64_t k = x[i]; k && ~k; k <<= 8)
			power[i] *= 10;
	}
	return power;
}

#endif

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
