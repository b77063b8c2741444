/*
 * Records cut with the vectors of AVX-512, and where the delimiters are by
 * VBMI 2, sixteen at once. What the instructions do is in four short functions,
 * and in csv_plain_avx512.inc; where the compiler may not use them, the same in
 * plain C, so that all but these can be tested on any processor.
 */
#include "record/csv_plain.h"

/* What sets the lowest 16 of some bits apart is for words of 64 bits. */
#if defined __AVX512VBMI2__ && defined __x86_64__
#define HAS_VBMI2
#endif

#if defined HAS_VBMI2 || defined AQI_CSV_PLAIN_TWIN

#include "record/csv_plain_avx512.inc"

typedef uint32_t numbers __attribute__((vector_size(64)));

#ifdef HAS_VBMI2

/* The lowest 16 of some bits, and where they are. */
static inline uint64_t
lowest_16(uint64_t bits)
{
	return _pdep_u64(0xffff, bits);
}

static inline numbers
places_of(uint64_t bits)
{
	static const unsigned char places[64] = {
#define EIGHT(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
		EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24), EIGHT(32), EIGHT(40),
		EIGHT(48), EIGHT(56),
#undef EIGHT
	};

	return (numbers)_mm512_cvtepu8_epi32(_mm512_castsi512_si128(
		_mm512_maskz_compress_epi8(bits,
					   _mm512_loadu_si512(places))));
}

/* All numbers one place on, behind another. */
static inline numbers
shift_in(uint32_t first, numbers x)
{
	return (numbers)_mm512_alignr_epi32(
		(__m512i)x, _mm512_set1_epi32((int)first), 15);
}

/* The first n of two vectors in turn. */
static inline void
store_pairs(numbers a, numbers b, unsigned n, struct aqi_extent *to)
{
	const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20,
					      5, 21, 6, 22, 7, 23);
	const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
	const uint32_t mask = (uint32_t)((UINT64_C(1) << 2 * n) - 1);

	_mm512_mask_storeu_epi32(to, (__mmask16)mask,
				 _mm512_permutex2var_epi32((__m512i)a, low,
							   (__m512i)b));
	if (n > 8)
		_mm512_mask_storeu_epi32(
			to + 8, (__mmask16)(mask >> 16),
			_mm512_permutex2var_epi32((__m512i)a, high,
						  (__m512i)b));
}

#else

static inline uint64_t
lowest_16(uint64_t bits)
{
	uint64_t lowest = 0;

	for (int i = 0; i < 16; i++) {
		lowest |= bits & -bits;
		bits &= bits - 1;
	}
	return lowest;
}

static inline numbers
places_of(uint64_t bits)
{
	numbers places = {0};

	for (int i = 0; bits; i++, bits &= bits - 1)
		places[i] = (uint32_t)__builtin_ctzll(bits);
	return places;
}

static inline numbers
shift_in(uint32_t first, numbers x)
{
	numbers shifted = {first};

	for (int i = 1; i < 16; i++)
		shifted[i] = x[i - 1];
	return shifted;
}

static inline void
store_pairs(numbers a, numbers b, unsigned n, struct aqi_extent *to)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = (struct aqi_extent){a[i], b[i]};
}

#endif

static inline uint32_t
take_fields(uint64_t delimiters, uint32_t at, uint32_t begin,
	    struct aqi_extent *extents)
{
	while (delimiters) {
		const uint64_t some = lowest_16(delimiters);
		const unsigned n = (unsigned)__builtin_popcountll(some);
		const numbers ends = places_of(some) + at;
		const numbers begins = shift_in(begin - 1, ends) + 1;

		store_pairs(begins, (ends - begins) << AQI_EXTENT_BITS |
				    (uint32_t)AQI_TEXT, n, extents);
		begin = at + 64 - (uint32_t)__builtin_clzll(some);
		extents += n;
		delimiters ^= some;
	}
	return begin;
}

#define TAKES_FIELDS
#include "record/csv_plain.inc"

enum aqi_csv_cut
aqi_csv_cut_avx512_vbmi(const struct aqi_csv_plain *plain, size_t start,
			size_t size, struct aqi_extent *extents)
{
	return cut(plain, start, size, extents);
}

#else

/* Never chosen here. */
enum aqi_csv_cut
aqi_csv_cut_avx512_vbmi(const struct aqi_csv_plain *plain, size_t start,
			size_t size, struct aqi_extent *extents)
{
	return aqi_csv_cut_portable(plain, start, size, extents);
}

#endif
