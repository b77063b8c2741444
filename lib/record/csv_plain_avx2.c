/* Records cut with the vectors of AVX2. */
#include "record/csv_plain.h"

#ifdef __AVX2__

#include <immintrin.h>

static inline uint64_t
bits(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static inline __m256i
load(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)((const void *)p));
}

static inline __m256i
equals(__m256i bytes, char byte)
{
	return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte));
}

/* The highest bit of a byte that is special. */
static inline __m256i
special(__m256i bytes)
{
	return _mm256_or_si256(_mm256_or_si256(equals(bytes, '"'),
					       equals(bytes, '\r')),
			       _mm256_or_si256(equals(bytes, '\0'), bytes));
}

static inline struct aqi_csv_marks
find_marks(const char *p, char delimiter)
{
	const __m256i low = load(p), high = load(p + 32);

	return (struct aqi_csv_marks){
		bits(equals(low, delimiter), equals(high, delimiter)),
		bits(special(low), special(high)),
	};
}

#include "record/csv_plain.inc"

enum aqi_csv_cut
aqi_csv_cut_avx2(const struct aqi_csv_plain *plain, size_t start, size_t size,
		 struct aqi_extent *extents)
{
	return cut(plain, start, size, extents);
}

#else

/* Never chosen here. */
enum aqi_csv_cut
aqi_csv_cut_avx2(const struct aqi_csv_plain *plain, size_t start, size_t size,
		 struct aqi_extent *extents)
{
	return aqi_csv_cut_portable(plain, start, size, extents);
}

#endif
