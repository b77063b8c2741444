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

static inline uint64_t
join_digits(const char *end, size_t n_fraction, size_t n)
{
	/* What stands before the dot moves onto it. */
	const __m256i moved = _mm256_blendv_epi8(load(end - 33), load(end - 32),
						 load(selection + n_fraction));
	const __m256i digits = _mm256_and_si256(
		_mm256_xor_si256(moved, _mm256_set1_epi8('0')),
		load(selection + n));
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
