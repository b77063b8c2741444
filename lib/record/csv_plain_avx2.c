/* Records cut with the vectors of AVX2. */
#include "record/csv_plain.h"

#ifdef __AVX2__

#include "record/csv_avx2.inc"

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
