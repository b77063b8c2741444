/* Records with quotes, cut with the vectors of AVX2. */
#include "record/csv_plain.h"

#ifdef __AVX2__

#include "record/csv_avx2.inc"
#include "record/csv_quoted.inc"

static inline struct quoting
find_quoting(const char *p, char delimiter)
{
	const __m256i low = load(p), high = load(p + 32);
	const __m256i d = _mm256_set1_epi8(delimiter);
	const __m256i quote = _mm256_set1_epi8('"');
	const __m256i blank = _mm256_set1_epi8(' ');

	/* What is above 0x7f comes first with its sign. */
	return (struct quoting){
		bits(_mm256_cmpeq_epi8(low, d), _mm256_cmpeq_epi8(high, d)),
		bits(_mm256_cmpeq_epi8(low, quote),
		     _mm256_cmpeq_epi8(high, quote)),
		bits(_mm256_cmpgt_epi8(blank, low),
		     _mm256_cmpgt_epi8(blank, high)),
	};
}

enum aqi_csv_cut
aqi_csv_cut_quoted_avx2(const struct aqi_csv_plain *plain, size_t start,
			size_t size, struct aqi_extent *extents)
{
	return cut_quoted(plain, start, size, extents);
}

#else

/* Never chosen here. */
enum aqi_csv_cut
aqi_csv_cut_quoted_avx2(const struct aqi_csv_plain *plain, size_t start,
			size_t size, struct aqi_extent *extents)
{
	return aqi_csv_cut_quoted(plain, start, size, extents);
}

#endif
