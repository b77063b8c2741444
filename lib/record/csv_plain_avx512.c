/*
 * Records cut with the vectors of AVX-512. What the instructions do is in two
 * functions of a line; where the compiler may not use them, the same in plain
 * C, so that all but these lines can be tested on any processor.
 */
#include "record/csv_plain.h"

#if defined __AVX512BW__ || defined AQI_CSV_PLAIN_TWIN

#ifdef __AVX512BW__

#include <immintrin.h>

typedef __m512i vec;

static inline vec
load(const char *p)
{
	return _mm512_loadu_si512(p);
}

static inline uint64_t
equals(vec bytes, char byte)
{
	return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte));
}

static inline uint64_t
high_bits(vec bytes)
{
	return _mm512_movepi8_mask(bytes);
}

#else

typedef const char *vec;

static inline vec
load(const char *p)
{
	return p;
}

static inline uint64_t
equals(vec bytes, char byte)
{
	uint64_t bits = 0;

	for (int i = 0; i < 64; i++)
		bits |= (uint64_t)(bytes[i] == byte) << i;
	return bits;
}

static inline uint64_t
high_bits(vec bytes)
{
	uint64_t bits = 0;

	for (int i = 0; i < 64; i++)
		bits |= (uint64_t)((unsigned char)bytes[i] >> 7) << i;
	return bits;
}

#endif

static inline struct aqi_csv_marks
find_marks(const char *p, char delimiter)
{
	const vec bytes = load(p);

	return (struct aqi_csv_marks){
		equals(bytes, delimiter),
		equals(bytes, '"') | equals(bytes, '\r') |
			equals(bytes, '\0') | high_bits(bytes),
	};
}

#include "record/csv_plain.inc"

enum aqi_csv_cut
aqi_csv_cut_avx512(const struct aqi_csv_plain *plain, size_t start,
		   size_t size, struct aqi_extent *extents)
{
	return cut(plain, start, size, extents);
}

#else

/* Never chosen here. */
enum aqi_csv_cut
aqi_csv_cut_avx512(const struct aqi_csv_plain *plain, size_t start,
		   size_t size, struct aqi_extent *extents)
{
	return aqi_csv_cut_portable(plain, start, size, extents);
}

#endif
