/*
 * A double is m * 2^-t with a whole m below 2^53, so that x * 10^d is the
 * whole number m * 10^d, shifted by t bits: what is shifted out tells exactly
 * on which side of a tie it lies. All predictions and measurements are such
 * numbers, some ten times as fast as by printf.
 */
#include "record/digits.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/word.h"
#include "record/decimal.h"

/* Where there are none of 128 bits, more than 64 are left to number.c. */
#ifdef __SIZEOF_INT128__
#define HAS_WIDE 1
__extension__ typedef unsigned __int128 wide;
#else
#define HAS_WIDE 0
typedef uint64_t wide;
#endif

#define MOST_POWERS 20
static const uint64_t powers[MOST_POWERS] = {
	UINT64_C(1), UINT64_C(10), UINT64_C(100), UINT64_C(1000),
	UINT64_C(10000), UINT64_C(100000), UINT64_C(1000000),
	UINT64_C(10000000), UINT64_C(100000000), UINT64_C(1000000000),
	UINT64_C(10000000000), UINT64_C(100000000000),
	UINT64_C(1000000000000), UINT64_C(10000000000000),
	UINT64_C(100000000000000), UINT64_C(1000000000000000),
	UINT64_C(10000000000000000), UINT64_C(100000000000000000),
	UINT64_C(1000000000000000000), UINT64_C(10000000000000000000),
};

/* A number of this many digits, which are whole with its decimals, at most. */
#define MOST_WHOLE UINT64_C(1000000000000000000)

/* |x|, below 2^52, as mantissa * 2^-shift. */
struct binary {
	uint64_t mantissa;
	int shift;		/* from 1 on */
	bool negative;
};

static inline struct binary
take_apart(double x)
{
	const uint64_t hidden = UINT64_C(1) << 52;
	uint64_t bits;
	int exponent;

	memcpy(&bits, &x, sizeof bits);
	exponent = (int)(bits >> 52 & 0x7ff);
	return (struct binary){
		.mantissa = exponent ? (bits & (hidden - 1)) | hidden :
				       bits & (hidden - 1),
		.shift = 1075 - (exponent ? exponent : 1),
		.negative = bits >> 63,
	};
}

/* A product shifted right by 1 to 127 bits, rounded, a tie to even. */
static inline wide
shift_rounded(wide product, int shift)
{
	const wide whole = product >> shift;
	const wide half = (wide)1 << (shift - 1);
	const wide rest = product & (2 * half - 1);

	return whole + ((rest > half) |
			((rest == half) & ((uint64_t)whole & 1)));
}

/*
 * The digits of a number below 10^8, a byte each, the first one lowest. It is
 * cut in two, and those again, all parts of a step at once: a quotient by a
 * product with the inverse, cut, that is exact for so small numbers.
 */
static inline uint64_t
eight_digits(uint32_t n)
{
	uint64_t parts = n / 10000 | (uint64_t)(n % 10000) << 32, top;

	top = parts * 10486 >> 20 & UINT64_C(0x0000007f0000007f);
	parts = top | (parts - top * 100) << 16;
	top = parts * 103 >> 10 & UINT64_C(0x000f000f000f000f);
	return top | (parts - top * 10) << 8;
}

/*
 * A whole number of up to eight digits as one with up to seven decimals. What
 * varies from number to number decides no branch: all eight bytes are stored,
 * and again with the point between.
 */
static inline size_t
put_few(char *out, uint32_t whole, int decimals)
{
	const uint64_t digits = eight_digits(whole);
	const int zeros = __builtin_ctzll(
		digits | UINT64_C(1) << (8 * (7 - decimals))) & ~7;
	const uint64_t text = (digits | AQI_EACH('0')) >> zeros;
	const int n = 8 - zeros / 8, before = n - decimals;

	aqi_word_store(out, text);
	if (decimals == 0)
		return (size_t)n;
	out[before] = '.';
	aqi_word_store(out + before + 1, text >> (8 * before));
	return (size_t)n + 1;
}

/* Whole numbers below 1000 as text with a point behind, the first byte the
 * lowest. Text and place of the point by arithmetic take two thirds longer. */
#define ONE(n) ('0' + (n) % 10)
#define SHORT_TEXT(n) \
	((n) < 10 ? ONE(n) | '.' << 8 : \
	 (n) < 100 ? ONE((n) / 10) | ONE(n) << 8 | '.' << 16 : \
	 ONE((n) / 100) | ONE((n) / 10) << 8 | ONE(n) << 16 | \
	 (uint32_t)'.' << 24)
#define TEN_OF(n) \
	SHORT_TEXT(n), SHORT_TEXT((n) + 1), SHORT_TEXT((n) + 2), \
	SHORT_TEXT((n) + 3), SHORT_TEXT((n) + 4), SHORT_TEXT((n) + 5), \
	SHORT_TEXT((n) + 6), SHORT_TEXT((n) + 7), SHORT_TEXT((n) + 8), \
	SHORT_TEXT((n) + 9)
#define HUNDRED_OF(n) \
	TEN_OF(n), TEN_OF((n) + 10), TEN_OF((n) + 20), TEN_OF((n) + 30), \
	TEN_OF((n) + 40), TEN_OF((n) + 50), TEN_OF((n) + 60), \
	TEN_OF((n) + 70), TEN_OF((n) + 80), TEN_OF((n) + 90)
static const uint32_t wholes[1000] = {
	HUNDRED_OF(0), HUNDRED_OF(100), HUNDRED_OF(200), HUNDRED_OF(300),
	HUNDRED_OF(400), HUNDRED_OF(500), HUNDRED_OF(600), HUNDRED_OF(700),
	HUNDRED_OF(800), HUNDRED_OF(900)
};

/* A number of hundredths, below 1000 of ones, as an index mostly is. */
static inline size_t
put_hundredths(char *out, uint32_t hundredths)
{
	const uint32_t whole = hundredths / 100, rest = hundredths % 100;
	const uint64_t text = wholes[whole];
	const unsigned n = 2u + (whole >= 10) + (whole >= 100);
	const uint64_t digits = rest / 10 | rest % 10 << 8;

	aqi_word_store(out, text | (digits | 0x3030) << (8 * n));
	return n + 2;
}

static __attribute__((noinline)) size_t
put_many(char *out, uint64_t whole, int decimals)
{
	/* Up to 18 digits, or 22 of which 21 are decimals. */
	char digits[24], *const end = digits + sizeof digits, *p = end;
	int left = decimals + 1;
	size_t n;

	do {
		*--p = (char)('0' + whole % 10);
		whole /= 10;
	} while (--left > 0 || whole > 0);
	n = (size_t)(end - p) - (size_t)decimals;
	memcpy(out, p, n);
	if (decimals == 0)
		return n;
	out[n] = '.';
	memcpy(out + n + 1, p + n, (size_t)decimals);
	return n + 1 + (size_t)decimals;
}

/* whole / 10^decimals, all decimals written; below MOST_WHOLE. */
static inline size_t
put(char *out, uint64_t whole, int decimals)
{
	if (whole < 100000 && decimals == 2)
		return put_hundredths(out, (uint32_t)whole);
	if (whole < 100000000 && decimals <= 7)
		return put_few(out, (uint32_t)whole, decimals);
	return put_many(out, whole, decimals);
}

/* x times 10^decimals, rounded; MOST_WHOLE or more: it is too large. */
static __attribute__((noinline)) uint64_t
scale(double x, int decimals)
{
	const struct binary b = take_apart(x);
	wide whole = 0;

	if (b.shift < 1 || !HAS_WIDE)
		return MOST_WHOLE;
	/* The product has 110 bits at most: what moves it farther leaves 0. */
	if (b.shift < 128)
		whole = shift_rounded((wide)b.mantissa * powers[decimals],
				      b.shift);
	return whole < MOST_WHOLE ? (uint64_t)whole : MOST_WHOLE;
}

/*
 * The same of a 32-bit float, which most predictions are. Its 24 bits times 5
 * to the 12th, which has 28, are a double, and so is the product times a power
 * of two: only where it is added to a number without room for a fraction it is
 * rounded, to even on a tie.
 */
static inline bool
scale_float(double x, int decimals, uint64_t *whole)
{
	const double rounder = 0x1p52;
	double sum;
	uint64_t bits, bits_of_rounder;

	memcpy(&bits, &x, sizeof bits);
	if (bits << 35 != 0 || decimals > 12)
		return false;
	x = (x < 0 ? -x : x) * aqi_decimal_powers[decimals];
	if (!(x < 0x1p51))
		return false;
	sum = x + rounder;
	memcpy(&bits, &sum, sizeof bits);
	memcpy(&bits_of_rounder, &rounder, sizeof bits);
	*whole = bits - bits_of_rounder;
	return true;
}

/*
 * The same of most doubles. Below 2^40 the product with a power of ten that is
 * a double lies less than 2^-13 beside the true one: a whole number that is
 * nearer to it than half of one, less that, is nearest to both.
 */
static inline bool
scale_double(double x, int decimals, uint64_t *whole)
{
	const double rounder = 0x1p52;
	double nearest, off;

	x = (x < 0 ? -x : x) * aqi_decimal_powers[decimals];
	if (!(x < 0x1p40))
		return false;
	nearest = (x + rounder) - rounder;
	off = x - nearest;
	*whole = (uint64_t)(int64_t)nearest;
	return off < 0.5 - 0x1p-13 && off > 0x1p-13 - 0.5;
}

size_t
aqi_digits_fixed(char out[AQI_DIGITS_ROOM], double x, int decimals)
{
	uint64_t whole;
	size_t sign;

	assert(decimals >= 0 && decimals <= 17);
	if (!scale_float(x, decimals, &whole) &&
	    !scale_double(x, decimals, &whole))
		whole = scale(x, decimals);
	if (whole >= MOST_WHOLE)
		return 0;
	*out = '-';
	sign = (x < 0) & (whole > 0);
	return sign + put(out + sign, whole, decimals);
}

/* For numbers from 10^-5 to below 2^52: the power of ten of the first digit. */
static int
magnitude(double x, const struct binary *b)
{
	static const double below_1[] = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1};
	/* log10(2) is 1233 / 2^12, closely enough for these exponents. */
	const int log = (52 - b->shift) * 1233 >> 12;
	const double next = log + 1 < 0 ? below_1[log + 6] :
					  aqi_decimal_powers[log + 1];

	return log + (x >= next);
}

/*
 * The whole number nearest to x * 10^decimals. Does it, divided by that again,
 * read back to x? It does when it is nearer to it than half the way to the next
 * number, or half the way if x is even. gap: from x to the next, in units of
 * the mantissa; below a power of two it is half as wide.
 */
static bool
is_enough(const struct binary *b, int decimals, uint64_t gap, uint64_t *whole)
{
	const int first = decimals < MOST_POWERS ? decimals : MOST_POWERS - 1;
	const wide power = (wide)powers[first] * powers[decimals - first];
	const wide exact = power * b->mantissa;
	const wide nearest = shift_rounded(exact, b->shift);
	const wide back = nearest << b->shift;
	const bool is_below = back < exact, is_even = !(b->mantissa & gap);
	const wide off = is_below ? exact - back : back - exact;
	const bool is_narrow = is_below &&
			       b->mantissa == UINT64_C(1) << 52;
	const wide reach = power * gap, far = is_narrow ? 4 * off : 2 * off;

	*whole = (uint64_t)nearest;
	return far < reach || (far == reach && is_even);
}

/* Without the zeros at the end of the decimals. */
static uint64_t
strip(uint64_t whole, int *decimals)
{
	while (*decimals >= 6 && whole % 1000000 == 0) {
		whole /= 1000000;
		*decimals -= 6;
	}
	while (*decimals > 0 && whole % 10 == 0) {
		whole /= 10;
		--*decimals;
	}
	return whole;
}

size_t
aqi_digits_shortest(char out[AQI_DIGITS_ROOM], double x, bool is_float)
{
	const struct binary b = take_apart(x);
	const double size = b.negative ? -x : x;
	const uint64_t gap = is_float ? UINT64_C(1) << 29 : 1;
	const int least = is_float ? 6 : 15, most = is_float ? 9 : 17;
	uint64_t whole = 0;
	int decimals = 0, log;

	*out = '-';
	if (size == 0) {
		out[b.negative] = '0';
		return (size_t)b.negative + 1;
	}
	if (!HAS_WIDE || !(size >= 1e-5 && size < (is_float ? 0x1p23 : 0x1p52)))
		return 0;
	log = magnitude(size, &b);
	for (int n = least; n <= most; n++) {
		/* Whole numbers of this size are all told apart. */
		decimals = n - 1 > log ? n - 1 - log : 0;
		if (is_enough(&b, decimals, gap, &whole))
			break;
	}
	whole = strip(whole, &decimals);
	return (size_t)b.negative +
	       put(out + b.negative, whole, decimals);
}
