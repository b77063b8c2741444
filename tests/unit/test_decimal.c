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
	return done();
}
