/* Plain trees of LightGBM, in the vectors of AVX2. */
#include "model/lightgbm_plain.h"

#ifdef __AVX2__

#include <immintrin.h>

#include "model/lightgbm_plain.inc"

static inline __m256i
load(const void *p)
{
	return _mm256_loadu_si256(p);
}

static inline uint64_t
bits_of(__m256i mask)
{
	return (uint32_t)_mm256_movemask_epi8(mask);
}

/* Bytes above 0x7f have a sign, so that they are below a space, too. */
static inline struct marks
find_marks(const char *p)
{
	const __m256i space = _mm256_set1_epi8(' ');
	const __m256i x = load(p), y = load(p + 32);

	return (struct marks){
		.spaces = bits_of(_mm256_cmpeq_epi8(x, space)) |
			  bits_of(_mm256_cmpeq_epi8(y, space)) << 32,
		.others = bits_of(_mm256_cmpgt_epi8(space, x)) |
			  bits_of(_mm256_cmpgt_epi8(space, y)) << 32,
	};
}

static inline uint32_t
count_zeros(uint64_t bits)
{
	return (uint32_t)_tzcnt_u64(bits);
}

static inline uint32_t
find_dots(const char *p)
{
	return (uint32_t)bits_of(_mm256_cmpeq_epi8(load(p),
						   _mm256_set1_epi8('.')));
}

/* Ones and tens become pairs, and these fours. */
static inline __m256i
join_four(__m256i digits)
{
	return _mm256_madd_epi16(
		_mm256_maddubs_epi16(digits, _mm256_set1_epi16(1 << 8 | 10)),
		_mm256_set1_epi32(1 << 16 | 100));
}

static inline __m256i
above_9(__m256i digits)
{
	return _mm256_cmpeq_epi8(
		_mm256_max_epu8(digits, _mm256_set1_epi8(10)), digits);
}

/* The last n digits before `end`, but for a dot, as values in 32 bytes: what
 * stands before the dot moves onto it. */
static inline __m256i
move_digits(const char *end, size_t n_fraction, size_t n)
{
	const __m256i moved = _mm256_blendv_epi8(load(end - 33), load(end - 32),
						 load(selection + n_fraction));

	return _mm256_and_si256(_mm256_xor_si256(moved,
						 _mm256_set1_epi8('0')),
				load(selection + n));
}

static inline uint64_t
join_digits(const char *end, size_t n_fraction, size_t n)
{
	const __m256i digits = move_digits(end, n_fraction, n);
	const __m256i four = join_four(digits), others = above_9(digits);
	const __m256i eight = _mm256_madd_epi16(
		_mm256_packus_epi32(four, four),
		_mm256_set1_epi32(1 << 16 | 10000));
	const uint64_t high = (uint64_t)_mm256_extract_epi64(eight, 0) >> 32;
	const uint64_t low = (uint64_t)_mm256_extract_epi64(eight, 2);
	const uint64_t all = (high * 100000000 + (low & UINT32_MAX)) *
			     100000000 + (low >> 32);

	return high < 1844 && _mm256_testz_si256(others, others) ? all : 0;
}

/*
 * Numbers, four at once.
 *
 * What their digits are, below 2^64, is a sum of two doubles, and so is
 * 10^-n_fraction to 2^-106; the product's greatest parts are added to a sum of
 * two doubles again, whose error is below 2^-102 of the number. The second is
 * moved by 2^-98 up and down: where both give one double, it is the nearest.
 * Else, and where one of the four is no such number, each is taken by itself.
 */

#define BELOW_ZERO 32

/* 10^-n in two parts, and the same below zero. */
static const struct power {
	double high, low;
} powers[BELOW_ZERO + MOST_DIGITS] = {
#define POWER(high, low) {sign high, sign low}
#define POWERS \
	POWER(1e-0, 0), POWER(1e-1, -5.551115123125783e-18), \
	POWER(1e-2, -2.0816681711721684e-19), \
	POWER(1e-3, -2.0816681711721686e-20), \
	POWER(1e-4, -4.79217360238593e-21), \
	POWER(1e-5, -8.180305391403131e-22), \
	POWER(1e-6, 4.525188817411374e-23), \
	POWER(1e-7, 4.525188817411374e-24), \
	POWER(1e-8, -2.092256083012847e-25), \
	POWER(1e-9, -6.228159145777985e-26), \
	POWER(1e-10, -3.643219731549774e-27), \
	POWER(1e-11, 6.050303071806019e-28), \
	POWER(1e-12, 2.0113352370744385e-29), \
	POWER(1e-13, -3.037374556340037e-30), \
	POWER(1e-14, 1.1806906454401013e-32), \
	POWER(1e-15, -7.770539987666108e-32), \
	POWER(1e-16, 2.0902213275965398e-33), \
	POWER(1e-17, -7.154242405462192e-34), \
	POWER(1e-18, -7.154242405462193e-35), \
	POWER(1e-19, 2.475407316473987e-36), \
	POWER(1e-20, 5.484672854579043e-37), \
	POWER(1e-21, 9.246254777210363e-38), \
	POWER(1e-22, -4.859677432657087e-39), \
	POWER(1e-23, 3.956530198510069e-40)
#define sign +
	POWERS,
#undef sign
#define sign -
	[BELOW_ZERO] = POWERS,
#undef sign
};

/* A number in two parts; of four. */
struct sum {
	__m256d high, low;
};

/* The digits of four, up to 24 of each, as numbers of 64 bits; *bad, out, is
 * not 0 where one is 0, or has more. */
static inline __m256i
join_mantissas(const __m256i digits[4], __m256i *bad)
{
	const __m256i nine = _mm256_set1_epi8(9);
	const __m256i ten_thousands = _mm256_set1_epi32(1 << 16 | 10000);
	const __m256i a = _mm256_madd_epi16(
		_mm256_packus_epi32(join_four(digits[0]), join_four(digits[1])),
		ten_thousands);
	const __m256i b = _mm256_madd_epi16(
		_mm256_packus_epi32(join_four(digits[2]), join_four(digits[3])),
		ten_thousands);
	/* Of each: none and the first 8, the second 8 and the third. */
	const __m256i first = _mm256_srli_epi64(
		_mm256_permute2x128_si256(a, b, 0x20), 32);
	const __m256i second = _mm256_permute2x128_si256(a, b, 0x31);
	const __m256i third = _mm256_srli_epi64(second, 32);
	const uint64_t unit = UINT64_C(10000000000000000);
	__m256i x = _mm256_add_epi64(third, _mm256_mul_epu32(
		second, _mm256_set1_epi64x(100000000)));

	x = _mm256_add_epi64(x, _mm256_mul_epu32(
		first, _mm256_set1_epi64x((uint32_t)unit)));
	x = _mm256_add_epi64(x, _mm256_slli_epi64(_mm256_mul_epu32(
		first, _mm256_set1_epi64x(unit >> 32)), 32));
	*bad = _mm256_or_si256(
		_mm256_cmpgt_epi32(first, _mm256_set1_epi32(1843)),
		_mm256_cmpeq_epi64(x, _mm256_setzero_si256()));
#pragma GCC unroll 4
	for (int k = 0; k < 4; k++)
		*bad = _mm256_or_si256(*bad, _mm256_subs_epu8(digits[k], nine));
	return x;
}

/* Whole numbers, exactly: both halves are put behind a power of two. */
static inline struct sum
to_doubles(__m256i x)
{
	const __m256d above = _mm256_set1_pd(0x1p84);
	const __m256d below = _mm256_set1_pd(0x1p52);
	const __m256d high = _mm256_sub_pd(_mm256_or_pd(
		_mm256_castsi256_pd(_mm256_srli_epi64(x, 32)), above), above);
	const __m256d low = _mm256_sub_pd(_mm256_castsi256_pd(
		_mm256_blend_epi32(x, _mm256_castpd_si256(below), 0xaa)),
		below);
	const __m256d all = _mm256_add_pd(high, low);

	return (struct sum){all, _mm256_sub_pd(low, _mm256_sub_pd(all, high))};
}

/* The product, rounded once; *bad, out, is not 0 where that may be wrong. */
static inline __m256d
multiply(struct sum x, struct sum y, __m256i *bad)
{
	const __m256d error = _mm256_set1_pd(0x1p-98);
	const __m256d high = _mm256_mul_pd(x.high, y.high);
	const __m256d low = _mm256_fmadd_pd(x.low, y.high, _mm256_fmadd_pd(
		x.high, y.low, _mm256_fmsub_pd(x.high, y.high, high)));
	const __m256d up = _mm256_add_pd(
		high, _mm256_fmadd_pd(high, error, low));
	const __m256d down = _mm256_add_pd(
		high, _mm256_fnmadd_pd(high, error, low));

	*bad = _mm256_castpd_si256(_mm256_cmp_pd(up, down, _CMP_NEQ_UQ));
	return up;
}

static inline struct sum
load_powers(const size_t scales[4])
{
	const __m256d a = _mm256_set_m128d(
		_mm_loadu_pd(&powers[scales[2]].high),
		_mm_loadu_pd(&powers[scales[0]].high));
	const __m256d b = _mm256_set_m128d(
		_mm_loadu_pd(&powers[scales[3]].high),
		_mm_loadu_pd(&powers[scales[1]].high));

	return (struct sum){_mm256_unpacklo_pd(a, b),
			    _mm256_unpackhi_pd(a, b)};
}

/* false where one of them is to be taken by itself. */
static inline bool
take_four(const char *p, const uint32_t *ends, size_t first, double *x)
{
	const char *start = start_of(p, ends, first);
	__m256i digits[4], bad, unsure;
	size_t scales[4];

#pragma GCC unroll 4
	for (size_t k = 0; k < 4; k++) {
		const char *end = p + ends[first + k];
		const size_t is_negative = *start == '-';
		const size_t n = (size_t)(end - start) - is_negative - 1;
		/* The last byte is not looked at: a digit is behind a dot. */
		const size_t n_fraction = 1 + _lzcnt_u32(find_dots(end - 32)
							 << 1);

		/* One, and one digit at least, is before it. */
		if (n > MOST_DIGITS || n_fraction >= n)
			return false;
		digits[k] = move_digits(end, n_fraction, n);
		scales[k] = n_fraction + BELOW_ZERO * is_negative;
		start = end + 1;
	}
	_mm256_storeu_pd(x + first,
			 multiply(to_doubles(join_mantissas(digits, &bad)),
				  load_powers(scales), &unsure));
	bad = _mm256_or_si256(bad, unsure);
	return _mm256_testz_si256(bad, bad);
}

static inline bool
join_numbers(const struct aqi_lightgbm_plain *tree, const char *p,
	     const uint32_t *ends, size_t n, double *x)
{
	/* The last four are taken once more where they are not full. */
	for (size_t i = 0; n >= 4 && i < n; i += 4) {
		const size_t at = i + 4 <= n ? i : n - 4;

		if (!take_four(p, ends, at, x) &&
		    !take_each_number(tree, p, ends, at, 4, x))
			return false;
	}
	return n >= 4 || take_each_number(tree, p, ends, 0, n, x);
}

/* The four bytes before each end, in the order of the ends. */
static inline __m256i
load_before(const char *p, const uint32_t *ends)
{
	int32_t words[8];

#pragma GCC unroll 8
	for (size_t i = 0; i < 8; i++)
		memcpy(&words[i], p + ends[i] - 4, sizeof words[i]);
	return _mm256_setr_epi32(words[0], words[1], words[2], words[3],
				 words[4], words[5], words[6], words[7]);
}

/* Eight at once, of up to four bytes; false where some is not such a one. */
static inline bool
join_eight(const char *p, const uint32_t *ends, int32_t *x)
{
	const __m256i sizes = _mm256_sub_epi32(load(ends), load(ends - 1));
	/* One more than the size; what is before the value is shifted out. */
	const __m256i shift = _mm256_sub_epi32(_mm256_set1_epi32(40),
					       _mm256_slli_epi32(sizes, 3));
	const __m256i text = _mm256_srlv_epi32(
		_mm256_xor_si256(load_before(p, ends),
				 _mm256_set1_epi8('0')), shift);
	const __m256i byte = _mm256_set1_epi32(255);
	const __m256i minus = _mm256_cmpeq_epi32(
		_mm256_and_si256(text, byte), _mm256_set1_epi32('-' ^ '0'));
	const __m256i digits = _mm256_sllv_epi32(
		_mm256_andnot_si256(_mm256_and_si256(minus, byte), text),
		shift);
	const __m256i sum = join_four(digits);
	const __m256i odd = _mm256_or_si256(above_9(digits), _mm256_or_si256(
		_mm256_cmpgt_epi32(sizes, _mm256_set1_epi32(5)),
		_mm256_cmpgt_epi32(_mm256_set1_epi32(2),
				   _mm256_add_epi32(sizes, minus))));

	_mm256_storeu_si256((void *)x, _mm256_sub_epi32(
		_mm256_xor_si256(sum, minus), minus));
	return _mm256_testz_si256(odd, odd);
}

static inline bool
join_integers(const char *p, const uint32_t *ends, size_t n, int32_t *x)
{
	/* The last eight are read once more where they are not full. */
	for (size_t i = 0; n >= 8 && i < n; i += 8) {
		const size_t at = i + 8 <= n ? i : n - 8;

		if (!join_eight(p, ends + at, x + at) &&
		    !take_each_integer(p, ends, at, 8, x))
			return false;
	}
	return n >= 8 || take_each_integer(p, ends, 0, n, x);
}

const char *
aqi_lightgbm_plain_avx2(struct aqi_lightgbm_plain *tree, size_t number,
			const char *p, const char *limit)
{
	return take_tree(tree, number, p, limit);
}

#else

const char *
aqi_lightgbm_plain_avx2(struct aqi_lightgbm_plain *tree, size_t number,
			const char *p, const char *limit)
{
	return aqi_lightgbm_plain_portable(tree, number, p, limit);
}

#endif
