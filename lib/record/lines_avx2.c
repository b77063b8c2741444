/* The ends of records of CSV, with the vectors of AVX2. */
#include "record/lines.h"

#ifdef __AVX2__

#include "record/csv_avx2.inc"
#include "record/lines.inc"

static inline struct marks
find_marks(const char *p)
{
	const __m256i low = load(p), high = load(p + 32);
	const __m256i lf = _mm256_set1_epi8('\n');
	const __m256i quote = _mm256_set1_epi8('"');

	return (struct marks){
		bits(_mm256_cmpeq_epi8(low, lf), _mm256_cmpeq_epi8(high, lf)),
		bits(_mm256_cmpeq_epi8(low, quote),
		     _mm256_cmpeq_epi8(high, quote)),
	};
}

size_t
aqi_lines_find_avx2(const char *data, size_t size, char delimiter,
		    uint32_t ends[AQI_LINES_ROOM])
{
	return find_in_csv(data, size, delimiter, ends);
}

#else

/* Never chosen here. */
size_t
aqi_lines_find_avx2(const char *data, size_t size, char delimiter,
		    uint32_t ends[AQI_LINES_ROOM])
{
	return aqi_lines_find_portable(data, size, delimiter, ends);
}

#endif
