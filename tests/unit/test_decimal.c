#include "record/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tap.h"

static struct aqi_random rng;

/* What strtod makes of it, which glibc rounds as it should. */
static double
slowly(uint64_t mantissa, int64_t exponent)
{
	char text[64];

	snprintf(text, sizeof text, "%llue%lld", (unsigned long long)mantissa,
		 (long long)exponent);
	return strtod(text, NULL);
}

/* Is it what strtod makes of it, or not decided? */
static bool
agrees(uint64_t mantissa, int64_t exponent, size_t *n_decided)
{
	const double wanted = slowly(mantissa, exponent);
	double x;

	if (!aqi_decimal_to_double(mantissa, exponent, &x))
		return true;
	++*n_decided;
	return memcmp(&x, &wanted, sizeof x) == 0;
}

static bool
agrees_exactly(uint64_t mantissa, int64_t exponent, size_t *n_decided)
{
	const double wanted = slowly(mantissa, exponent);
	double x;

	if (!aqi_decimal_exact(mantissa, exponent, &x))
		return true;
	++*n_decided;
	return memcmp(&x, &wanted, sizeof x) == 0;
}

static uint64_t
some_bits(void)
{
	return aqi_random_next(&rng) >> aqi_random_below(&rng, 64);
}

static void
test_random(void)
{
	size_t n = 200000, n_right = 0, n_decided = 0;

	for (size_t i = 0; i < n; i++)
		n_right += agrees(some_bits(), (int64_t)
			aqi_random_below(&rng, 87) + AQI_DECIMAL_LEAST,
			&n_decided);
	ok(n_right == n, "%zu numbers at random are strtod's", n);
	ok(n_decided > n - n / 20, "nearly all of them are decided");
}

/* The 17 digits of a double, and what lies one unit beside. */
static void
test_printed(void)
{
	size_t n = 200000, n_right = 0, n_decided = 0;

	for (size_t i = 0; i < n; i++) {
		char text[64], *mark;
		uint64_t mantissa;

		snprintf(text, sizeof text, "%.16e", (double)some_bits() *
			 0x1p-80);
		mark = strchr(text, 'e');
		text[1] = text[0];
		mantissa = strtoull(text + 1, NULL, 10) +
			   aqi_random_below(&rng, 3);
		n_right += agrees(mantissa, atoi(mark + 1) - 16, &n_decided);
	}
	ok(n_right == n && n_decided > n - n / 20,
	   "%zu numbers of 17 digits are strtod's", n);
}

/* Halfway between two doubles. */
static void
test_ties(void)
{
	size_t n = 10000, n_decided = 0, n_right = 0;

	for (size_t i = 0; i < n; i++) {
		const uint64_t tie = (aqi_random_next(&rng) >> 11 |
				      UINT64_C(1) << 53) | 1;

		agrees(tie, 0, &n_decided);
		n_right += agrees(2 * tie - 1, 0, &(size_t){0}) &&
			   agrees(2 * tie + 1, 0, &(size_t){0});
	}
	ok(n_decided == 0, "ties are left to others");
	ok(n_right == n, "what lies beside them is not");
}

static void
test_edges(void)
{
	double x = 1;

	ok(aqi_decimal_to_double(0, 0, &x) && x == 0, "zero is zero");
	ok(aqi_decimal_to_double(1, AQI_DECIMAL_LEAST, &x) && x == 1e-64 &&
	   aqi_decimal_to_double(1, AQI_DECIMAL_MOST, &x) && x == 1e22,
	   "one is the first power, and the last");
	ok(aqi_decimal_to_double(UINT64_MAX, AQI_DECIMAL_LEAST, &x) &&
	   x == 18446744073709551615e-64 &&
	   aqi_decimal_to_double(UINT64_MAX, AQI_DECIMAL_MOST, &x) &&
	   x == 18446744073709551615e22, "the largest mantissa is read");
	ok(!aqi_decimal_to_double(1, AQI_DECIMAL_LEAST - 1, &x) &&
	   !aqi_decimal_to_double(1, AQI_DECIMAL_MOST + 1, &x) &&
	   !aqi_decimal_to_double(1, INT64_MIN, &x) &&
	   !aqi_decimal_to_double(1, INT64_MAX, &x),
	   "beyond the powers nothing is");
	/* 2^53 - 1/2 and above is rounded up to 54 bits. */
	ok(aqi_decimal_to_double(UINT64_C(90071992547409919), -1, &x) &&
	   x == 0x1p53, "rounding may carry into one more bit");
}

static void
test_exact(void)
{
	const size_t n = 20000;
	size_t n_right = 0, n_decided = 0;
	double x;

	for (size_t i = 0; i < n; i++)
		n_right += agrees_exactly(some_bits(), (int64_t)
			aqi_random_below(&rng, 61) - 30, &n_decided);
	ok(n_right == n && n_decided > n / 3,
	   "one operation with an exact power rounds as strtod does");
	ok(aqi_decimal_exact((UINT64_C(1) << 53) - 1, AQI_DECIMAL_EXACT, &x) &&
	   !aqi_decimal_exact(UINT64_C(1) << 53, 0, &x) &&
	   !aqi_decimal_exact(1, AQI_DECIMAL_EXACT + 1, &x) &&
	   !aqi_decimal_exact(1, -AQI_DECIMAL_EXACT - 1, &x),
	   "larger numbers and other powers are not for it");
}

/* Numbers of 384 bits, the lowest 32 of them first. */
#define LIMBS 12

static void
multiply_by_ten(uint32_t x[LIMBS])
{
	uint64_t carry = 0;

	for (size_t i = 0; i < LIMBS; i++) {
		carry += (uint64_t)x[i] * 10;
		x[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

/* What is left is cut off: so cut by ten again and again, it is as if it had
 * been divided by all at once. */
static void
divide_by_ten(uint32_t x[LIMBS])
{
	uint64_t rest = 0;

	for (size_t i = LIMBS; i-- > 0; rest %= 10) {
		rest = rest << 32 | x[i];
		x[i] = (uint32_t)(rest / 10);
	}
}

/* The first 128 bits of a number, the first of them set. */
static struct aqi_decimal_power
first_bits(const uint32_t x[LIMBS])
{
	struct aqi_decimal_power first = {0, 0};
	size_t n = LIMBS * 32;

	while (!(x[(n - 1) / 32] >> (n - 1) % 32 & 1))
		n--;
	for (size_t i = 0; i < 128; i++) {
		const size_t at = n - 1 - i;
		const uint64_t bit = i < n ? x[at / 32] >> at % 32 & 1 : 0;

		first.high = first.high << 1 | first.low >> 63;
		first.low = first.low << 1 | bit;
	}
	return first;
}

static bool
is_power(int exponent)
{
	const struct aqi_decimal_power *power =
		&aqi_decimal_tens[exponent - AQI_DECIMAL_LEAST];
	struct aqi_decimal_power wanted;
	uint32_t x[LIMBS] = {0};

	/* Below 1 of 2^383, of which 10^-64 leaves more than 128 bits. */
	x[exponent < 0 ? LIMBS - 1 : 0] = exponent < 0 ? 1u << 31 : 1;
	for (int i = 0; i < exponent; i++)
		multiply_by_ten(x);
	for (int i = 0; i > exponent; i--)
		divide_by_ten(x);
	wanted = first_bits(x);
	return power->high == wanted.high && power->low == wanted.low;
}

static void
test_powers(void)
{
	size_t n_right = 0, n_exact = 0;

	for (int e = AQI_DECIMAL_LEAST; e <= AQI_DECIMAL_MOST; e++)
		n_right += is_power(e);
	ok(n_right == AQI_DECIMAL_MOST - AQI_DECIMAL_LEAST + 1,
	   "powers of ten are their first 128 bits, cut");
	for (int e = 0; e <= AQI_DECIMAL_EXACT; e++) {
		char text[8];

		snprintf(text, sizeof text, "1e%d", e);
		n_exact += strtod(text, NULL) == aqi_decimal_powers[e];
	}
	ok(n_exact == AQI_DECIMAL_EXACT + 1,
	   "those that are doubles are what strtod reads");
}

int
main(void)
{
	const char *seed = getenv("SEED");

	note("SEED=%s", seed ? seed : "1");
	rng = aqi_random_new(seed ? strtoull(seed, NULL, 10) : 1, 0);
	test_random();
	test_printed();
	test_ties();
	test_edges();
	test_exact();
	test_powers();
	return done();
}
