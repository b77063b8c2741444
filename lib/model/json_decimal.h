/*
 * json_decimal.h: decimal numbers as JSON has them, taken from the bytes.
 * Private: for spelling_json_array.c, which is as fast as these are.
 */
#ifndef AQI_MODEL_JSON_DECIMAL_H
#define AQI_MODEL_JSON_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/word.h"
#include "record/decimal.h"

/* A number taken apart: digits * 10^exponent. */
struct decimal {
	uint64_t digits;
	int exponent;
	bool is_negative;
	bool is_exact;		/* all its digits are there */
};

static const uint64_t whole_powers[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000
};

/*
 * The digits at p, up to 8, and how many they are. In memory order the first
 * of eight bytes is the lowest of the word. A byte is a digit where its upper
 * half is 3, and still is when 6 was added; what a byte that is none carries
 * into the next comes behind the first that is none, where nothing counts.
 */
static inline unsigned
eight_digits(const char *p, uint64_t *value)
{
	const uint64_t halves = AQI_EACH(0xf0);
	const uint64_t pairs = UINT64_C(0x000000ff000000ff);
	uint64_t word = aqi_word_load(p);
	const uint64_t others = ((word & halves) |
				 ((word + AQI_EACH(6)) & halves) >> 4) ^
				AQI_EACH(0x33);
	unsigned n;

	n = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
	if (n == 0)
		return 0;
	/* Two digits, then four, then eight, each step all at once. */
	word = (word - AQI_EACH('0')) << (8 - n) * 8;
	word = word * 10 + (word >> 8);
	*value = ((word & pairs) * UINT64_C(0x000f424000000064) +
		  (word >> 16 & pairs) * UINT64_C(0x0000271000000001)) >> 32;
	return n;
}

/* How many digits there are at *p, which go to the others in x. */
static inline size_t
take_digits(const char **p, const char *end, struct decimal *x)
{
	const char *start = *p;
	uint64_t value;
	unsigned n = 8;

	while (n == 8 && end - *p >= 8) {
		n = eight_digits(*p, &value);
		if (n == 0)
			break;
		*p += n;
		/* Below 10^19, which 64 bits hold. */
		if (x->digits < UINT64_C(10000000000))
			x->digits = x->digits * whole_powers[n] + value;
		else
			x->is_exact = false;
	}
	for (; n == 8 && *p < end && aqi_ascii_is_digit(**p); ++*p) {
		if (x->digits < UINT64_C(100000000000000000))
			x->digits = x->digits * 10 + (uint64_t)(**p - '0');
		else
			x->is_exact = false;
	}
	return (size_t)(*p - start);
}

static inline const char *
take_exponent(const char *p, const char *end, struct decimal *x)
{
	bool is_negative = false;
	const char *start;
	int exponent = 0;

	if (p < end && (*p == '+' || *p == '-'))
		is_negative = *p++ == '-';
	for (start = p; p < end && aqi_ascii_is_digit(*p); p++)
		if (exponent < 100000)
			exponent = exponent * 10 + (*p - '0');
	x->exponent += is_negative ? -exponent : exponent;
	return p > start ? p : NULL;
}

/* Where the number at p ends; NULL: it is none as JSON has it. */
static inline const char *
take_decimal(const char *p, const char *end, struct decimal *x)
{
	const char *start;
	size_t n;

	*x = (struct decimal){.is_exact = true};
	if (p < end && *p == '-') {
		x->is_negative = true;
		p++;
	}
	start = p;
	n = take_digits(&p, end, x);
	if (n == 0 || (n > 1 && *start == '0'))
		return NULL;
	if (p < end && *p == '.') {
		p++;
		n = take_digits(&p, end, x);
		if (n == 0)
			return NULL;
		x->exponent = n < 100000 ? -(int)n : -100000;
		x->is_exact &= n < 100000;
	}
	if (p < end && (*p == 'e' || *p == 'E'))
		return take_exponent(p + 1, end, x);
	return p;
}

/*
 * The usual number: up to 8 digits before the point and behind it, an exponent
 * of one or two. There are USUAL_SIZE bytes at p. Where it ends; NULL: it is
 * another, or none.
 */
#define USUAL_SIZE 32

__attribute__((always_inline)) static inline const char *
take_usual(const char *p, struct decimal *x)
{
	uint64_t digits = 0, fraction = 0;
	const char *start;
	unsigned n = 0;
	int exponent = 0;
	bool is_negative;

	x->is_exact = true;
	x->is_negative = *p == '-';
	p += x->is_negative;
	start = p;
	for (; aqi_ascii_is_digit(*p) && n < 8; n++)
		digits = digits * 10 + (uint64_t)(*p++ - '0');
	if (n == 0 || (n > 1 && *start == '0'))
		return NULL;
	n = 0;
	if (*p == '.') {
		n = eight_digits(p + 1, &fraction);
		p += n + 1;
		if (n == 0)
			return NULL;
	}
	x->digits = digits * whole_powers[n] + fraction;
	if (*p == 'e' || *p == 'E') {
		is_negative = p[1] == '-';
		p += 1 + (p[1] == '-' || p[1] == '+');
		if (!aqi_ascii_is_digit(*p))
			return NULL;
		exponent = *p++ - '0';
		if (aqi_ascii_is_digit(*p))
			exponent = exponent * 10 + (*p++ - '0');
		if (is_negative)
			exponent = -exponent;
	}
	x->exponent = exponent - (int)n;
	return aqi_ascii_is_digit(*p) || *p == '.' || (*p | 0x20) == 'e' ?
	       NULL : p;
}

/* Is there, behind a comma, what take_usual may look at? */
static inline bool
may_be_usual(const char *p, const char *end)
{
	return end - p > USUAL_SIZE && *p == ',';
}

/* The double nearest to a number of up to 15 digits or so. */
static inline bool
to_double(const struct decimal *x, double *value)
{
	if (!x->is_exact || !aqi_decimal_exact(x->digits, x->exponent, value))
		return false;
	if (x->is_negative)
		*value = -*value;
	return true;
}

/*
 * The float nearest to a number. A product with a power of ten that is itself
 * rounded is off by 2 in the last place of a double at most, which does not
 * matter to the float unless it lies that near to the middle between two: then
 * false. It takes half the time of a division.
 */
static inline bool
to_float(const struct decimal *x, float *value)
{
	static const double powers[] = {
		1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14,
		1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4,
		1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
		1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
		1e19, 1e20, 1e21, 1e22,
	};
	static const float signs[] = {1, -1};
	const uint64_t middle = 0x10000000, near = 4;
	uint64_t bits;
	double wide;

	if (!x->is_exact || x->digits >= UINT64_C(1) << 53 ||
	    x->exponent < -22 || x->exponent > 22)
		return false;
	wide = (double)x->digits * powers[x->exponent + 22];
	memcpy(&bits, &wide, sizeof bits);
	if ((bits & 0x1fffffff) - middle + near <= 2 * near)
		return false;
	/* No branch: nobody can foretell a sign. */
	*value = (float)wide * signs[x->is_negative];
	return true;
}

#endif
