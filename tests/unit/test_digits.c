#include "record/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "record/digits.h"
#include "tap.h"

/* Of every kind: what programs print, and what is hard. */
enum { ANY, MEASURED, TIED, POWER, FLOAT, N_KINDS };

static double
magnitude(struct aqi_random *random, double x)
{
	return ldexp(x, (int)aqi_random_below(random, 80) - 22);
}

static double
value(struct aqi_random *random, int kind)
{
	const uint64_t next = aqi_random_next(random);
	double x;

	switch (kind) {
	case MEASURED:
		x = (double)(next >> 44) / pow(10, (double)(next & 7));
		break;
	case TIED:	/* halfway between two texts of few decimals */
		x = ldexp((double)(next >> 40 | 1), -(int)(next & 15));
		break;
	case POWER:	/* the next number below is nearer than that above */
		x = magnitude(random, 1);
		x = next & 2 ? x : nextafter(x, next & 4 ? 0 : INFINITY);
		break;
	case FLOAT:
		x = (double)(float)magnitude(random,
					     1 + ldexp((double)next, -64));
		break;
	default:
		x = magnitude(random, 1 + ldexp((double)next, -64));
	}
	return next & 1 << 20 ? -x : x;
}

/* As printf writes it, but for the sign of a zero. */
static bool
is_fixed(double x, int decimals)
{
	char text[AQI_NUMBER_SIZE], wanted[AQI_NUMBER_SIZE];
	const size_t n = aqi_number_fixed(text, x, decimals);
	const char *p = wanted;

	snprintf(wanted, sizeof wanted, "%.*f", decimals, x);
	if (*p == '-' && !strpbrk(p, "123456789"))
		p++;
	if (n == strlen(p) && strcmp(text, p) == 0)
		return true;
	note("%a is %s, not %s", x, p, text);
	return false;
}

/* The digits of "%.*e" laid out without an exponent, zeros at the end left. */
static void
lay_out(char *out, double x, int digits)
{
	char e[64];
	int exponent, decimals;

	snprintf(e, sizeof e, "%.*e", digits - 1, x);
	exponent = atoi(strchr(e, 'e') + 1);
	decimals = digits - 1 > exponent ? digits - 1 - exponent : 0;
	snprintf(out, AQI_NUMBER_SIZE, "%.*f", decimals, x);
	if (decimals == 0)
		return;
	out += strlen(out);
	while (out[-1] == '0')
		*--out = '\0';
	if (out[-1] == '.')
		out[-1] = '\0';
}

/* The first count of digits that strtod takes for the same number. */
static bool
is_shortest(double x)
{
	char text[AQI_NUMBER_SIZE], wanted[AQI_NUMBER_SIZE];
	int digits = 15;

	do {
		snprintf(wanted, sizeof wanted, "%.*e", digits - 1, x);
	} while (strtod(wanted, NULL) != x && digits++ < 17);
	lay_out(wanted, x, digits);
	aqi_number_shortest(text, x);
	if (strcmp(text, wanted) == 0)
		return true;
	note("%a is %s, not %s", x, wanted, text);
	return false;
}

static bool
is_shortest_float(float x)
{
	char text[AQI_NUMBER_SIZE], wanted[AQI_NUMBER_SIZE];
	int digits = 6;

	do {
		snprintf(wanted, sizeof wanted, "%.*e", digits - 1, (double)x);
	} while (strtof(wanted, NULL) != x && digits++ < 9);
	lay_out(wanted, (double)x, digits);
	aqi_number_shortest_float(text, x);
	if (strcmp(text, wanted) == 0)
		return true;
	note("%a is %s, not %s", (double)x, wanted, text);
	return false;
}

static void
test_values(struct aqi_random *random, uint64_t n)
{
	uint64_t n_bad[3] = {0};

	for (uint64_t i = 0; i < n; i++) {
		const double x = value(random, (int)(i % N_KINDS));
		const double size = fabs(x);

		n_bad[0] += !is_fixed(x, (int)aqi_random_below(random, 18));
		/* Others have an exponent. */
		n_bad[1] += size >= 1e-5 && size < 1e16 && !is_shortest(x);
		n_bad[2] += size >= 1e-5 && size < 1e16 &&
			    !is_shortest_float((float)x);
	}
	ok(n_bad[0] == 0, "%" PRIu64 " numbers have the decimals that printf "
	   "gives them", n);
	ok(n_bad[1] == 0, "of %" PRIu64 " numbers the shortest text is the "
	   "first that strtod takes for the same", n);
	ok(n_bad[2] == 0, "of %" PRIu64 " floats the shortest text is the "
	   "first that strtof takes for the same", n);
}

/* Each count of digits, and each place of the point among them. */
static void
test_lengths(void)
{
	uint64_t whole = 1;
	size_t n_bad = 0;

	for (int digits = 1; digits <= 16; digits++, whole *= 10)
		for (int decimals = 0; decimals <= 17; decimals++)
			for (int k = -1; k <= 1; k++)
				n_bad += !is_fixed(
					(double)(whole + (uint64_t)k) /
					pow(10, decimals), decimals);
	ok(n_bad == 0, "numbers of each length have their point in its place");
}

/* All that an index is in two decimals, of which each is written by tables,
 * and some behind them. */
static void
test_hundredths(void)
{
	size_t n_bad = 0;

	for (int i = -1000; i <= 100100; i++)
		n_bad += !is_fixed(i / 100.0, 2);
	ok(n_bad == 0, "each number of hundredths is written right");
}

/* What is not for it is told so that the other way is gone. */
static void
test_bounds(void)
{
	char out[AQI_DIGITS_ROOM];

	ok(aqi_digits_fixed(out, 0x1p52, 0) == 0 &&
	   aqi_digits_fixed(out, 10, 17) == 0 &&
	   aqi_digits_fixed(out, INFINITY, 2) == 0 &&
	   aqi_digits_fixed(out, NAN, 2) == 0,
	   "what is too large for whole numbers is not written by them");
	ok(aqi_digits_shortest(out, 0.9e-5, false) == 0 &&
	   aqi_digits_shortest(out, 0x1p52, false) == 0 &&
	   aqi_digits_shortest(out, 0x1p23, true) == 0 &&
	   aqi_digits_shortest(out, NAN, false) == 0,
	   "nor is what may need an exponent");
#ifdef __SIZEOF_INT128__
	ok(aqi_digits_fixed(out, 0x1p-1074, 17) == 19 &&
	   memcmp(out, "0.00000000000000000", 19) == 0,
	   "the smallest number is none in any decimals");
#else
	skip("the smallest number is none in any decimals",
	     "without products of 128 bits it is left to the other way");
#endif
}

int
main(void)
{
	const char *given = getenv("AQI_SEED"), *much = getenv("AQI_VALUES");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 20240101;
	struct aqi_random random = aqi_random_new(seed, 0);

	note("AQI_SEED=%" PRIu64, seed);
	test_bounds();
	test_lengths();
	test_hundredths();
	test_values(&random, much ? strtoull(much, NULL, 10) : 200000);
	return done();
}
