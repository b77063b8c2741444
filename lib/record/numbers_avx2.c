/* Numbers, four at once, in the vectors of AVX2. */
#include "record/numbers.h"

#ifdef __AVX2__

#include "record/words_avx2.inc"

static inline words
choose(words mask, words a, words b)
{
	return (words)_mm256_blendv_epi8((__m256i)b, (__m256i)a,
					 (__m256i)mask);
}

static inline words
join_digits(words x)
{
	const __m256i two = _mm256_maddubs_epi16(
		(__m256i)x, _mm256_set1_epi16(1 << 8 | 10));
	const __m256i four = _mm256_madd_epi16(
		two, _mm256_set1_epi32(1 << 16 | 100));

	return (words)_mm256_add_epi64(
		_mm256_mul_epu32(four, _mm256_set1_epi32(10000)),
		_mm256_srli_epi64(four, 32));
}

/* The sum of k times 255 is -k in its low three bits. */
static inline doubles
powers(words x)
{
	const __m256 tens = _mm256_setr_ps(1e0f, 1e7f, 1e6f, 1e5f, 1e4f, 1e3f,
					   1e2f, 1e1f);
	const __m256i sums = _mm256_sad_epu8((__m256i)x,
					     _mm256_setzero_si256());
	const __m256i low = _mm256_permutevar8x32_epi32(
		sums, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));

	return (doubles)_mm256_cvtps_pd(_mm256_castps256_ps128(
		_mm256_permutevar8x32_ps(tens, low)));
}

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
