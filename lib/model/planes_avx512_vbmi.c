/* 512 rows at a time, with the vectors of AVX-512, and VBMI to look bytes up in
 * 64 or 128 at once: see the Makefile, which lets the compiler use them in this
 * file. */
#include "model/planes_kernel.h"

#if defined __AVX512VBMI__ || defined AQI_PLANES_TWIN

#include "model/planes_avx512.inc"

typedef vec word;

#ifdef __AVX512VBMI__

/* A byte of 64 for the low 6 bits of each number. */
static inline vec
permute64(const unsigned char *table, vec numbers)
{
	return (vec)_mm512_permutexvar_epi8((__m512i)numbers,
					    _mm512_loadu_si512(table));
}

/* A byte of 128 for the low 7 bits. */
static inline vec
permute128(const unsigned char *table, vec numbers)
{
	return (vec)_mm512_permutex2var_epi8(_mm512_loadu_si512(table),
					     (__m512i)numbers,
					     _mm512_loadu_si512(table + 64));
}

/* A word of 32 and 32 for the low 6 bits of each number of 16 bits. */
static inline vec
permute_words(vec low, vec high, vec numbers)
{
	return (vec)_mm512_permutex2var_epi16((__m512i)low, (__m512i)numbers,
					      (__m512i)high);
}

/*
 * Of 16 doubles bytes 0 to 3 stand in one vector then, 16 bytes of each, and
 * bytes 4 to 7 in another; and what four such vectors have of a byte becomes
 * one.
 */
static inline void
split(const double *leaves, unsigned char *tables, size_t size)
{
	static const unsigned char order[64] = {
#define EACH(k) k, k + 8, k + 16, k + 24, k + 32, k + 40, k + 48, k + 56,      \
		k + 64, k + 72, k + 80, k + 88, k + 96, k + 104, k + 112,      \
		k + 120
		EACH(0), EACH(1), EACH(2), EACH(3),
#undef EACH
	};
	const __m512i low = _mm512_loadu_si512(order);
	const __m512i high = _mm512_add_epi8(low, _mm512_set1_epi8(4));
	__m512i v[4];

	for (int half = 0; half < 2; half++, tables += 4 * size) {
		__m512i even, odd, even2, odd2;

#pragma GCC unroll 4
		for (int k = 0; k < 4; k++)
			v[k] = _mm512_permutex2var_epi8(
				_mm512_loadu_si512(leaves + 16 * k),
				half ? high : low,
				_mm512_loadu_si512(leaves + 16 * k + 8));
		even = _mm512_shuffle_i64x2(v[0], v[1], 0x88);
		odd = _mm512_shuffle_i64x2(v[0], v[1], 0xdd);
		even2 = _mm512_shuffle_i64x2(v[2], v[3], 0x88);
		odd2 = _mm512_shuffle_i64x2(v[2], v[3], 0xdd);
		_mm512_storeu_si512(tables, _mm512_shuffle_i64x2(even, even2,
								 0x88));
		_mm512_storeu_si512(tables + size,
				    _mm512_shuffle_i64x2(odd, odd2, 0x88));
		_mm512_storeu_si512(tables + 2 * size,
				    _mm512_shuffle_i64x2(even, even2, 0xdd));
		_mm512_storeu_si512(tables + 3 * size,
				    _mm512_shuffle_i64x2(odd, odd2, 0xdd));
	}
}

#else

static inline void
split(const double *leaves, unsigned char *tables, size_t size)
{
	const unsigned char *bytes = (const void *)leaves;

	for (size_t i = 0; i < 64; i++)
		for (size_t k = 0; k < 8; k++)
			tables[k * size + i] = bytes[8 * i + k];
}

static inline vec
permute_words(vec low, vec high, vec numbers)
{
	uint16_t n[32], words[64];

	memcpy(n, &numbers, sizeof n);
	memcpy(words, &low, sizeof low);
	memcpy(words + 32, &high, sizeof high);
	for (int i = 0; i < 32; i++)
		n[i] = words[n[i] & 63];
	memcpy(&numbers, n, sizeof n);
	return numbers;
}

static inline vec
permute128(const unsigned char *table, vec numbers)
{
	unsigned char n[64];

	memcpy(n, &numbers, sizeof n);
	for (int i = 0; i < 64; i++)
		n[i] = table[n[i] & 127];
	memcpy(&numbers, n, sizeof n);
	return numbers;
}

static inline vec
permute64(const unsigned char *table, vec numbers)
{
	unsigned char n[64];

	memcpy(n, &numbers, sizeof n);
	for (int i = 0; i < 64; i++)
		n[i] = table[n[i] & 63];
	memcpy(&numbers, n, sizeof n);
	return numbers;
}

#endif

static AQI_PLANES_INLINE vec
look_up(const unsigned char *table, unsigned n_bits, vec numbers)
{
	if (n_bits <= 6)
		return permute64(table, numbers);
	if (n_bits == 7)
		return permute128(table, numbers);
	return choose_byte(numbers, permute128(table + 128, numbers),
			   permute128(table, numbers));
}

#define HAS_WORD_TABLES
#define HAS_WIDE_TABLES
#include "model/planes_rows.inc"

void
aqi_planes_avx512_vbmi(const struct aqi_planes *planes, const double *x,
		       size_t n_rows, double *margin)
{
	predict(planes, x, n_rows, margin);
}

#else

/* Never chosen here. */
void
aqi_planes_avx512_vbmi(const struct aqi_planes *planes, const double *x,
		       size_t n_rows, double *margin)
{
	aqi_planes_portable(planes, x, n_rows, margin);
}

#endif
