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

#else

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
