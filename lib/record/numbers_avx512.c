/*
 * Numbers, eight at once, in the vectors of AVX-512. What the instructions do
 * is in short functions here and in words_avx512.inc; where the compiler may
 * not use them, the same in plain C, so that all but these can be tested on any
 * processor. Most of them are what read_quickly is made of, which does what
 * numbers.inc does by itself, only faster.
 */
#include "record/numbers.h"

#if defined __AVX512BW__ || defined AQI_NUMBERS_TWIN

#include "record/number_plain.h"
#include "record/words_avx512.inc"

#ifdef __AVX512BW__

static inline words
choose(words mask, words a, words b)
{
	return (words)_mm512_ternarylogic_epi64((__m512i)mask, (__m512i)a,
						(__m512i)b, 0xca);
}

static inline words
join_digits(words x)
{
	const __m512i two = _mm512_maddubs_epi16(
		(__m512i)x, _mm512_set1_epi16(1 << 8 | 10));
	const __m512i four = _mm512_madd_epi16(
		two, _mm512_set1_epi32(1 << 16 | 100));

	return (words)_mm512_add_epi64(
		_mm512_mul_epu32(four, _mm512_set1_epi32(10000)),
		_mm512_srli_epi64(four, 32));
}

/* The sum of k times 255 is -k in its low three bits. */
static inline doubles
powers(words x)
{
	const __m512d tens = _mm512_setr_pd(1e0, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2,
					    1e1);

	return (doubles)_mm512_permutexvar_pd(
		_mm512_sad_epu8((__m512i)x, _mm512_setzero_si512()), tens);
}

/*
 * What a row mostly has: eight plain numbers. Whether they are is asked for all
 * at once, and the rest is two thirds of what read_words does, with masks of a
 * bit for each byte.
 */
struct parts {
	__m512i shift;		/* by which ones begin where the value does */
	__m512i own;		/* its bytes */
	__m512i digits;		/* 0 for what is none */
	__m512i point, minus;	/* bit 0 of the byte of a mark; of a minus */
	__mmask64 is_known;	/* one of these, or not its own */
};

static inline struct parts
take_apart(words sizes, words ends, enum aqi_kind kind, char mark)
{
	const __m512i each = _mm512_set1_epi8(1);
	const __m512i shift = _mm512_sub_epi64(
		_mm512_set1_epi64(64 + (int)kind), (__m512i)sizes);
	const __m512i own = _mm512_sllv_epi64(_mm512_set1_epi64(-1), shift);
	const __m512i text = _mm512_ternarylogic_epi64(
		(__m512i)ends, _mm512_set1_epi8('0'), own, 0x28);
	const __mmask64 is_digit = _mm512_cmple_epu8_mask(
		text, _mm512_set1_epi8(9));
	const __mmask64 is_mark = _mm512_cmpeq_epi8_mask(
		text, _mm512_set1_epi8((char)(mark ^ '0')));
	const __mmask64 is_minus = _mm512_cmpeq_epi8_mask(
		text, _mm512_set1_epi8('-' ^ '0'));

	return (struct parts){
		.shift = shift,
		.own = own,
		.digits = _mm512_maskz_mov_epi8(is_digit, text),
		.point = _mm512_maskz_mov_epi8(is_mark, each),
		.minus = _mm512_maskz_mov_epi8(is_minus, each),
		.is_known = _kor_mask64(_kor_mask64(is_digit, is_mark),
					is_minus),
	};
}

/* Values of another kind, with two marks, a minus that is not the first, or no
 * digit: then all their own bytes are marks. */
static inline __mmask8
find_odd(const struct parts *p)
{
	const __m512i ones = _mm512_set1_epi64(-1);
	const __m512i first = _mm512_sub_epi64(_mm512_setzero_si512(), p->own);
	__m512i odd = _mm512_and_si512(p->shift, _mm512_set1_epi64(7));

	odd = _mm512_ternarylogic_epi64(
		odd, p->point, _mm512_add_epi64(p->point, ones), 0xf8);
	odd = _mm512_ternarylogic_epi64(odd, p->minus, first, 0xf4);
	return _kor_mask8(_mm512_test_epi64_mask(odd, odd),
			  _mm512_cmpeq_epi64_mask(
				  _mm512_and_si512(p->own, _mm512_set1_epi8(1)),
				  _mm512_or_si512(p->point, p->minus)));
}

/* The bytes behind the mark, or all where there is none. */
static inline __m512i
find_behind(const struct parts *p)
{
	return _mm512_mask_sub_epi64(
		_mm512_set1_epi64(-1), _mm512_test_epi64_mask(p->point,
							      p->point),
		_mm512_setzero_si512(), _mm512_slli_epi64(p->point, 8));
}

/* In the order of powers(). */
static inline __m512d
inverses(__m512i behind)
{
	const __m512d all = _mm512_setr_pd(1e0, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3,
					   1e-2, 1e-1);

	return _mm512_permutexvar_pd(
		_mm512_sad_epu8(behind, _mm512_setzero_si512()), all);
}

/*
 * The product with the inverse of a power of ten, which is within two units in
 * the last place of the quotient. What is left of the whole number then, which
 * is exact, times the inverse, is added: that is within 2^-52 of a unit before
 * it is rounded. And the quotient is not that near to halfway between two
 * doubles: times the power, and times a power of two, both are whole numbers
 * that differ, so that it is 2^-25 of a unit away. It takes a third of the time
 * of a division.
 */
static inline __m512d
divide(__m512d whole, __m512d product, __m512d inverse, __m512i behind)
{
	const __m512d rest = _mm512_fnmadd_pd(
		product, (__m512d)powers((words)behind), whole);

	return _mm512_fmadd_pd(rest, inverse, product);
}

/*
 * The product is enough for a float, but where it is halfway between two of
 * them. None comes near to that without being there: of the 80 million texts of
 * seven digits and a mark, none is within four units of the double; and a whole
 * number is its product.
 */
static inline __m512d
narrow_product(__m512d product, __mmask8 *bad)
{
	const __m512i lost = _mm512_set1_epi64(AQI_NUMBER_NARROWED);
	const __m512i halfway = _mm512_set1_epi64(AQI_NUMBER_HALFWAY);
	const __m512i bits = _mm512_castpd_si512(product);

	*bad = _kor_mask8(*bad, _mm512_cmpeq_epi64_mask(
		_mm512_and_si512(bits, lost), halfway));
	return _mm512_castsi512_pd(_mm512_andnot_si512(
		lost, _mm512_add_epi64(bits, halfway)));
}

static inline bool
read_quickly(words sizes, words ends, enum aqi_kind kind, char mark,
	     bool is_narrow, doubles *x)
{
	const struct parts p = take_apart(sizes, ends, kind, mark);
	const __m512i behind = find_behind(&p);
	const __m512d whole = _mm512_cvtepi64_pd((__m512i)join_digits(choose(
		(words)behind, (words)p.digits,
		(words)_mm512_slli_epi64(p.digits, 8))));
	const __m512d inverse = inverses(behind);
	const __m512d product = _mm512_mul_pd(whole, inverse);
	const __m512i sign = _mm512_sub_epi64(_mm512_setzero_si512(), p.minus);
	__mmask8 bad = find_odd(&p);
	const __m512d y = is_narrow ? narrow_product(product, &bad) :
			  divide(whole, product, inverse, behind);

	*x = (doubles)_mm512_ternarylogic_epi64(
		_mm512_castpd_si512(y), sign, _mm512_set1_epi64(INT64_MIN),
		0xf8);
	return _kortestz_mask8_u8(bad, bad) &
	       _kortestc_mask64_u8(p.is_known, p.is_known);
}

#else

static inline words
choose(words mask, words a, words b)
{
	return (mask & a) | (~mask & b);
}

static inline words
join_digits(words x)
{
	words whole = {0};

	for (int i = 0; i < 8; i++)
		for (int k = 0; k < 64; k += 8)
			whole[i] = whole[i] * 10 + (x[i] >> k & 0xff);
	return whole;
}

static inline doubles
powers(words x)
{
	doubles power;

	for (int i = 0; i < 8; i++) {
		power[i] = 1;
		for (uint64_t k = x[i]; k && ~k; k <<= 8)
			power[i] *= 10;
	}
	return power;
}

static inline doubles read_any(words sizes, words ends, enum aqi_kind kind,
			       char mark, bool is_narrow, words *bad);

static inline bool
read_quickly(words sizes, words ends, enum aqi_kind kind, char mark,
	     bool is_narrow, doubles *x)
{
	words bad;

	*x = read_any(sizes, ends, kind, mark, is_narrow, &bad);
	return not_zero(bad) == 0;
}

#endif

#define HAS_QUICK
#include "record/numbers.inc"

uint64_t
aqi_numbers_avx512(const struct aqi_numbers *numbers)
{
	return read_numbers(numbers);
}

#else

/* Never chosen here. */
uint64_t
aqi_numbers_avx512(const struct aqi_numbers *numbers)
{
	return aqi_numbers_portable(numbers);
}

#endif
