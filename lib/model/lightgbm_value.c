#include "model/lightgbm_value.h"

#include <assert.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/ascii.h"
#include "record/decimal.h"
#include "record/number.h"

const uint64_t aqi_lightgbm_tens[9] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000
};

typedef unsigned char vector __attribute__((vector_size(16)));

/* How many of 16 n bytes behind p, n below 256, begin a value: each is counted
 * at its own place in the vector. */
static size_t
count_starts(const char *p, size_t n)
{
	vector counts = {0}, before, x;
	size_t sum = 0;

	for (; n > 0; n--, p += sizeof x) {
		memcpy(&before, p - 1, sizeof before);
		memcpy(&x, p, sizeof x);
		counts -= (vector)(x != ' ') & (vector)(before == ' ');
	}
	for (size_t i = 0; i < sizeof x; i++)
		sum += counts[i];
	return sum;
}

/* A value begins where no space is, behind a space or the start. */
size_t
aqi_lightgbm_count(struct aqi_slice text)
{
	size_t n = text.size > 0 && *text.data != ' ', i = 1;

	while (i + sizeof(vector) <= text.size) {
		size_t most = (text.size - i) / sizeof(vector);

		if (most > 255)
			most = 255;
		n += count_starts(text.data + i, most);
		i += most * sizeof(vector);
	}
	for (; i < text.size; i++)
		n += text.data[i] != ' ' && text.data[i - 1] == ' ';
	return n;
}

bool
aqi_lightgbm_value(struct aqi_slice *text, struct aqi_slice *value)
{
	size_t start = 0, end;

	while (start < text->size && text->data[start] == ' ')
		start++;
	for (end = start; end < text->size && text->data[end] != ' ';)
		end++;
	*value = (struct aqi_slice){NULL, 0};
	if (end == start)
		return false;
	*value = (struct aqi_slice){text->data + start, end - start};
	*text = (struct aqi_slice){text->data + end, text->size - end};
	return true;
}

bool
aqi_lightgbm_whole(struct aqi_slice text, int64_t *n)
{
	return text.size > 0 && *text.data != ' ' &&
	       aqi_lightgbm_integer(text.data, text.data + text.size, n) ==
	       text.data + text.size;
}

/* Digits that follow, onto the mantissa; where they end. It is the caller's to
 * see that they are not too many. */
static inline const char *
take_digits(const char *p, const char *end, uint64_t *mantissa)
{
	while (end - p >= 8) {
		uint64_t digits;
		unsigned n = aqi_lightgbm_digits(p, &digits);

		*mantissa = *mantissa * aqi_lightgbm_tens[n] + digits;
		p += n;
		if (n < 8)
			return p;
	}
	for (; p < end && aqi_ascii_is_digit(*p); p++)
		*mantissa = *mantissa * 10 + (uint64_t)(*p - '0');
	return p;
}

/* e-05: a small exponent, or none; NULL where it is something else. */
static const char *
take_exponent(const char *p, const char *end, int64_t *exponent)
{
	bool is_negative;
	int64_t e = 0;
	const char *start;

	if (p == end || *p != 'e')
		return p;
	if (++p == end)
		return NULL;
	is_negative = *p == '-';
	p += is_negative || *p == '+';
	for (start = p; p < end && p < start + 3 && aqi_ascii_is_digit(*p); p++)
		e = e * 10 + (*p - '0');
	*exponent += is_negative ? -e : e;
	return p > start ? p : NULL;
}

/* How many of the zeros at the start of a fraction are among its first 8. */
static inline ptrdiff_t
count_zeros(const char *p, const char *end)
{
	ptrdiff_t n = 0;

	if (end - p >= 8) {
		const uint64_t x = aqi_word_load(p) ^ AQI_EACH('0');

		return x ? __builtin_ctzll(x) / 8 : 8;
	}
	while (p + n < end && p[n] == '0')
		n++;
	return n;
}

/*
 * Behind a number that is as LightGBM writes them; or NULL. Which of them are
 * negative or begin with zeros is hard to guess, so that branches are spared.
 */
static const char *
take_usual(const char *p, const char *end, double *x)
{
	const bool is_negative = p < end && *p == '-';
	const char *digits = p += is_negative;
	uint64_t mantissa = 0, bits;
	double size;
	int64_t exponent = 0;
	ptrdiff_t n;

	p = take_digits(p, end, &mantissa);
	n = p - digits;
	if (n == 0 || n > 19)
		return NULL;
	if (p < end && *p == '.') {
		const ptrdiff_t n_zeros = count_zeros(++p, end);

		digits = p;
		n = mantissa == 0 ? -n_zeros : n;
		p = take_digits(p, end, &mantissa);
		exponent = digits - p;
		n -= exponent;
		if (n > 19)
			return NULL;
	}
	p = take_exponent(p, end, &exponent);
	if (!p || (p < end && *p != ' ') ||
	    !aqi_decimal_to_double(mantissa, exponent, &size))
		return NULL;
	memcpy(&bits, &size, sizeof bits);
	bits |= (uint64_t)is_negative << 63;
	memcpy(x, &bits, sizeof bits);
	return p;
}

/* A number that is plain ends within so many bytes, and so many are looked at:
 * a sign, 8 digits, a point and three times 8 digits. */
#define N_SEARCHED 32
#define PLAIN_SIZE 34

/* Which of these bytes are no digits, the first in the lowest bit. */
static inline uint32_t
find_others(const char *p)
{
	uint32_t others = 0;
#ifdef __SSE2__
	for (int i = 0; i < 2; i++) {
		const __m128i x = _mm_sub_epi8(
			_mm_loadu_si128((const __m128i *)(const void *)p + i),
			_mm_set1_epi8('0'));
		const __m128i is_digit = _mm_cmpeq_epi8(
			_mm_min_epu8(x, _mm_set1_epi8(9)), x);

		others |= (uint32_t)(0xffff & ~_mm_movemask_epi8(is_digit))
			  << 16 * i;
	}
#else
	for (int i = 0; i < N_SEARCHED; i++)
		others |= (uint32_t)!aqi_ascii_is_digit(p[i]) << i;
#endif
	return others;
}

/* The number that the first n of 8 digits are, n at most 8. */
static inline uint64_t
read_digits(const char *p, size_t n)
{
	uint64_t x = aqi_word_load(p) - AQI_EACH('0');

	/* Twice the half: by all 64 at once cannot be shifted. */
	x = x << (32 - 4 * n) << (32 - 4 * n);
	x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
	return (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
}

static inline size_t
at_most_8(size_t n)
{
	return n < 8 ? n : 8;
}

/*
 * The same of nearly all of them: digits, a point, digits, and a space. Where
 * these end is looked for in all bytes at once, and the digits of the fraction
 * are taken 24 at once, however few they are: how many, nobody can foretell.
 */
static const char *
take_plain(const char *p, double *x)
{
	/* Below these, times 10^(8 + place), is what 64 bits hold. */
	static const uint64_t bounds[] = {
		100000000000, 10000000000, 1000000000, 100000000, 10000000,
		1000000, 100000, 10000, 1000
	};
	const bool is_negative = *p == '-';
	const char *start = p += is_negative, *fraction;
	const uint32_t others = find_others(p);
	const size_t n = others ? (size_t)__builtin_ctz(others) : 0;
	const uint32_t behind = others & (others - 1);
	size_t n_fraction, n_first, n_second, n_third;
	uint64_t mantissa, bits;
	double size = 0;
	bool is_told;

	if (n == 0 || n > 8 || p[n] != '.' || !behind)
		return NULL;
	p += __builtin_ctz(behind);
	fraction = start + n + 1;
	n_fraction = (size_t)(p - fraction);
	if (*p != ' ' || n_fraction == 0 || n_fraction > 24)
		return NULL;
	n_first = at_most_8(n_fraction);
	n_second = at_most_8(n_fraction - n_first);
	n_third = n_fraction - n_first - n_second;
	mantissa = read_digits(start, n) * aqi_lightgbm_tens[n_first] +
		   read_digits(fraction, n_first);
	if (n + n_fraction > 19 && mantissa >= bounds[n_third])
		return NULL;
	mantissa = (mantissa * aqi_lightgbm_tens[n_second] +
		    read_digits(fraction + 8, n_second)) *
		   aqi_lightgbm_tens[n_third] +
		   read_digits(fraction + 16, n_third);
	/* What lies halfway between two doubles below 2^27 has 27 decimals or
	 * more, and what has 24 differs from it by 5^-24 of its last bit at
	 * least, which is more than 128 bits are off. */
	is_told = aqi_decimal_to_double(mantissa, -(int64_t)n_fraction, &size);
	assert(is_told);
	(void)is_told;
	memcpy(&bits, &size, sizeof bits);
	bits |= (uint64_t)is_negative << 63;
	memcpy(x, &bits, sizeof bits);
	return p;
}

const char *
aqi_lightgbm_number(const char *p, const char *end, double *x)
{
	struct aqi_slice text, value;
	const char *behind;

	p = aqi_lightgbm_skip(p, end);
	behind = end - p > PLAIN_SIZE ? take_plain(p, x) : NULL;
	if (behind)
		return behind;
	behind = take_usual(p, end, x);
	if (behind)
		return behind;
	text = (struct aqi_slice){p, (size_t)(end - p)};
	if (!aqi_lightgbm_value(&text, &value) ||
	    aqi_number_to_double(value, '.', x) != AQI_NUMBER_OK)
		return NULL;
	return text.data;
}
