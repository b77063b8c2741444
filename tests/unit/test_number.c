#include "record/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>

#include "base/random.h"
#include "comma.h"
#include "tap.h"

static const struct {
	const char *text;
	char mark;
	enum aqi_number wanted;
	double x;
} cases[] = {
	{"0", '.', AQI_NUMBER_OK, 0},
	{"-0", '.', AQI_NUMBER_OK, -0.0},
	{"1", '.', AQI_NUMBER_OK, 1},
	{"007", '.', AQI_NUMBER_OK, 7},
	{".5", '.', AQI_NUMBER_OK, 0.5},
	{"5.", '.', AQI_NUMBER_OK, 5},
	{"-.5e1", '.', AQI_NUMBER_OK, -5},
	{"1e+3", '.', AQI_NUMBER_OK, 1000},
	{"1E-3", '.', AQI_NUMBER_OK, 0.001},
	{" \t1 \t", '.', AQI_NUMBER_OK, 1},
	{"1,5", ',', AQI_NUMBER_OK, 1.5},
	{",5", ',', AQI_NUMBER_OK, 0.5},
	{"9007199254740993", '.', AQI_NUMBER_OK, 9007199254740992.0},
	{"9007199254740993.0000000000000000000001", '.', AQI_NUMBER_OK,
	 9007199254740994.0},
	{"1.7976931348623157e308", '.', AQI_NUMBER_OK, 0x1.fffffffffffffp1023},
	{"1.7976931348623158e308", '.', AQI_NUMBER_OK, 0x1.fffffffffffffp1023},
	{"1.7976931348623159e308", '.', AQI_NUMBER_OVERFLOW, 0},
	{"-1e309", '.', AQI_NUMBER_OVERFLOW, 0},
	{"1e99999999999999999999999", '.', AQI_NUMBER_OVERFLOW, 0},
	{"0e99999999999999999999999", '.', AQI_NUMBER_OK, 0},
	{"5e-324", '.', AQI_NUMBER_OK, 0x1p-1074},
	{"2e-324", '.', AQI_NUMBER_OK, 0},
	{"1e-99999999999999999999999", '.', AQI_NUMBER_OK, 0},
	{"", '.', AQI_NUMBER_NOT, 0},
	{" ", '.', AQI_NUMBER_NOT, 0},
	{".", '.', AQI_NUMBER_NOT, 0},
	{"-", '.', AQI_NUMBER_NOT, 0},
	{"+1", '.', AQI_NUMBER_NOT, 0},
	{"--1", '.', AQI_NUMBER_NOT, 0},
	{"1e", '.', AQI_NUMBER_NOT, 0},
	{"1e+", '.', AQI_NUMBER_NOT, 0},
	{"e1", '.', AQI_NUMBER_NOT, 0},
	{"1 2", '.', AQI_NUMBER_NOT, 0},
	{"- 1", '.', AQI_NUMBER_NOT, 0},
	{"1_0", '.', AQI_NUMBER_NOT, 0},
	{"1,5", '.', AQI_NUMBER_NOT, 0},
	{"1.5", ',', AQI_NUMBER_NOT, 0},
	{"1,000.5", '.', AQI_NUMBER_NOT, 0},
	{"1.2.3", '.', AQI_NUMBER_NOT, 0},
	{"1\n", '.', AQI_NUMBER_NOT, 0},
	{"1\r", '.', AQI_NUMBER_NOT, 0},
	{"1\v", '.', AQI_NUMBER_NOT, 0},
	{"nan", '.', AQI_NUMBER_NOT, 0},
	{"NaN", '.', AQI_NUMBER_NOT, 0},
	{"nan(1)", '.', AQI_NUMBER_NOT, 0},
	{"inf", '.', AQI_NUMBER_NOT, 0},
	{"-Infinity", '.', AQI_NUMBER_NOT, 0},
	{"0x10", '.', AQI_NUMBER_NOT, 0},
	{"0x1p3", '.', AQI_NUMBER_NOT, 0},
	{"1p3", '.', AQI_NUMBER_NOT, 0},
	{"1d3", '.', AQI_NUMBER_NOT, 0},
	{"1f", '.', AQI_NUMBER_NOT, 0},
	{"\xc2\xa0""1", '.', AQI_NUMBER_NOT, 0},
	{"\xef\xbc\x91", '.', AQI_NUMBER_NOT, 0},
	{"\xe2\x88\x92""1", '.', AQI_NUMBER_NOT, 0},
	{"1%", '.', AQI_NUMBER_NOT, 0},
	{"'1", '.', AQI_NUMBER_NOT, 0},
};

static uint64_t
bits64(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static uint32_t
bits32(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

static double
from_bits64(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static float
from_bits32(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static void
test_grammar(const char *where)
{
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double x = 42;
		enum aqi_number got = aqi_number_to_double(
			aqi_slice_of(cases[i].text), cases[i].mark, &x);

		if (got != cases[i].wanted ||
		    bits64(x) != bits64(got == AQI_NUMBER_OK ? cases[i].x :
							       42)) {
			note("\"%s\" is %d, %a", cases[i].text, (int)got, x);
			n_bad++;
		}
	}
	ok(n_bad == 0, "each text is a number, is none or is too large as the "
	   "grammar says%s", where);
}

static void
test_float_limits(void)
{
	float x = 42;

	ok(aqi_number_to_float(aqi_slice_of("3.4028235e38"), '.', &x) ==
		   AQI_NUMBER_OK && x == 0x1.fffffep127f,
	   "the largest float is read");
	x = 42;
	ok(aqi_number_to_float(aqi_slice_of("3.4028236e38"), '.', &x) ==
		   AQI_NUMBER_OVERFLOW && x == 42,
	   "what is beyond it is too large, and sets nothing");
	ok(aqi_number_to_float(aqi_slice_of("1.00000005960464477540"), '.',
			       &x) == AQI_NUMBER_OK && x == 0x1.000002p0f,
	   "a float is rounded once, not by way of a double");
	ok(aqi_number_to_float(aqi_slice_of("1.000000059604644775390625"), '.',
			       &x) == AQI_NUMBER_OK && x == 1,
	   "a tie goes to even");
	ok(aqi_number_to_float(aqi_slice_of("1e-45"), '.', &x) ==
		   AQI_NUMBER_OK && x == 0x1p-149f &&
	   aqi_number_to_float(aqi_slice_of("1.17549421e-38"), '.', &x) ==
		   AQI_NUMBER_OK && x == 0x0.fffffep-126f &&
	   aqi_number_to_float(aqi_slice_of("-0"), '.', &x) ==
		   AQI_NUMBER_OK && x == 0 && signbit(x),
	   "the smallest are read, and a zero with its sign");
}

static void
test_long_text(void)
{
	static char text[1000 * 1000 + 10];
	struct aqi_slice s = {text, sizeof text};
	double x;

	memset(text, '0', sizeof text);
	text[1] = '.';
	text[sizeof text - 10] = '7';
	memcpy(text + sizeof text - 9, "e0999999 ", 9);
	ok(aqi_number_to_double(s, '.', &x) == AQI_NUMBER_OK && x == 7,
	   "a million digits are read");
	text[sizeof text - 9] = 'E';
	ok(aqi_number_to_double(s, '.', &x) == AQI_NUMBER_OK && x == 7,
	   "with a large E as well");
	memset(text, '9', sizeof text);
	ok(aqi_number_to_double(s, '.', &x) == AQI_NUMBER_OVERFLOW,
	   "a million digits before the point are too large");
	s.data = "12345";
	s.size = 2;
	ok(aqi_number_to_double(s, '.', &x) == AQI_NUMBER_OK && x == 12,
	   "the text ends where its size says");
	s.data = "1\0002";
	s.size = 3;
	ok(aqi_number_to_double(s, '.', &x) == AQI_NUMBER_NOT,
	   "a NUL is a byte like others, and no digit");
}

/* Does the written number read back, and is the text as long as it says? */
static bool
survives64(double x)
{
	char text[AQI_NUMBER_SIZE];
	size_t n = aqi_number_shortest(text, x);
	double back;

	if (n != strlen(text) || aqi_number_to_double(
		    (struct aqi_slice){text, n}, '.', &back) != AQI_NUMBER_OK ||
	    bits64(back) != bits64(x)) {
		note("%a is written %s", x, text);
		return false;
	}
	return true;
}

static bool
survives32(float x)
{
	char text[AQI_NUMBER_SIZE];
	size_t n = aqi_number_shortest_float(text, x);
	float back;

	if (n != strlen(text) || aqi_number_to_float(
		    (struct aqi_slice){text, n}, '.', &back) != AQI_NUMBER_OK ||
	    bits32(back) != bits32(x)) {
		note("%a is written %s", (double)x, text);
		return false;
	}
	return true;
}

/* All bit patterns are equally likely, and so are all exponents. */
static void
test_round_trip(uint64_t seed, size_t n, const char *where)
{
	struct aqi_random random = aqi_random_new(seed, 0);
	size_t n_bad64 = 0, n_bad32 = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t bits = aqi_random_next(&random);
		double x = from_bits64(bits);
		float y = from_bits32((uint32_t)bits);

		n_bad64 += isfinite(x) && !survives64(x);
		n_bad32 += isfinite(y) && !survives32(y);
	}
	ok(n_bad64 == 0, "%zu doubles of any bits read back the same%s", n,
	   where);
	ok(n_bad32 == 0, "%zu floats of any bits read back the same%s", n,
	   where);
	n_bad64 = 0;
	for (int e = -324; e <= 308; e++) {
		for (int k = 0; k < 20; k++) {
			char text[64];
			double x;
			uint64_t digits = aqi_random_below(&random,
				k < 10 ? 1000 : UINT64_C(100000000000000000));

			snprintf(text, sizeof text, "%" PRIu64 "e%d", digits,
				 e);
			if (aqi_number_to_double(aqi_slice_of(text), '.', &x) ==
			    AQI_NUMBER_OK)
				n_bad64 += !survives64(x) || !survives64(-x);
		}
	}
	ok(n_bad64 == 0, "numbers of each decimal exponent read back the "
	   "same%s", where);
}

/* Is the text the shortest? No text with a digit less reads back the same. */
static void
test_shortest(uint64_t seed)
{
	struct aqi_random random = aqi_random_new(seed, 1);
	size_t n_bad = 0;

	for (int i = 0; i < 100000; i++) {
		char shorter[64], text[AQI_NUMBER_SIZE];
		double x = from_bits64(aqi_random_next(&random)), back;
		int digits = 0;

		if (i < 2098)	/* each power of two */
			x = ldexp(1, i - 1074);
		else if (i < 10000)	/* the smallest subnormals */
			x = from_bits64((uint64_t)i - 2097);
		if (!isfinite(x) || x == 0)
			continue;
		aqi_number_shortest(text, x);
		for (const char *p = text; *p && *p != 'e'; p++)
			digits += (*p >= '1' && *p <= '9') ||
				  (*p == '0' && digits > 0);
		while (digits > 17)	/* zeros that hold the place */
			digits--;
		if (digits < 2 || !strchr(text, 'e'))
			continue;
		snprintf(shorter, sizeof shorter, "%.*e", digits - 2, x);
		back = strtod(shorter, NULL);
		if (back == x && n_bad++ < 5)
			note("%s could be %s", text, shorter);
	}
	ok(n_bad == 0, "no text of one digit less would read back the same");
}

static const struct {
	double x;
	int decimals;
	const char *fixed, *rounded;
} written[] = {
	{0, 2, "0.00", "0"},
	{-0.0, 2, "0.00", "0"},
	{-0.001, 2, "0.00", "0"},
	{-0.005, 2, "-0.01", "-0.01"},
	{0.125, 2, "0.12", "0.12"},
	{0.375, 2, "0.38", "0.38"},
	{2.5, 0, "2", "2"},
	{3.5, 0, "4", "4"},
	{-0.4, 0, "0", "0"},
	{100, 0, "100", "100"},
	{100, 3, "100.000", "100"},
	{1.5, 17, "1.50000000000000000", "1.5"},
	{0.1, 17, "0.10000000000000001", "0.10000000000000001"},
	{1e22, 1, "10000000000000000000000.0", "10000000000000000000000"},
};

static void
test_fixed(const char *where)
{
	char text[AQI_NUMBER_SIZE];
	size_t n_bad = 0, n;

	for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
		n = aqi_number_fixed(text, written[i].x, written[i].decimals);
		if (n != strlen(text) || strcmp(text, written[i].fixed) != 0) {
			note("%s for %s", text, written[i].fixed);
			n_bad++;
		}
		n = aqi_number_rounded(text, written[i].x,
				       written[i].decimals);
		if (n != strlen(text) ||
		    strcmp(text, written[i].rounded) != 0) {
			note("%s for %s", text, written[i].rounded);
			n_bad++;
		}
	}
	n = aqi_number_fixed(text, -0x1.fffffffffffffp1023, 17);
	if (n != strlen(text) || n >= AQI_NUMBER_SIZE)
		n_bad++;
	ok(n_bad == 0, "decimals are rounded right and zero has no sign%s",
	   where);
}

static const struct {
	double x;
	const char *text;
} shortest[] = {
	{0, "0"}, {-0.0, "-0"}, {1, "1"}, {0.1, "0.1"}, {1e5, "100000"},
	{123456.789, "123456.789"}, {1e16, "10000000000000000"}, {1e17, "1e+17"},
	{1e-5, "0.00001"}, {1e-6, "1e-06"}, {0.3, "0.3"},
	{0.1 + 0.2, "0.30000000000000004"}, {-1.5e300, "-1.5e+300"},
	{5e-324, "5e-324"}, {1.7976931348623157e308, "1.7976931348623157e+308"},
};

static void
test_shortest_forms(const char *where)
{
	char text[AQI_NUMBER_SIZE];
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof shortest / sizeof *shortest; i++) {
		aqi_number_shortest(text, shortest[i].x);
		if (strcmp(text, shortest[i].text) != 0) {
			note("%s for %s", text, shortest[i].text);
			n_bad++;
		}
	}
	ok(n_bad == 0, "the shortest text is as people write it%s", where);
}

int
main(void)
{
	const char *given = getenv("AQI_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 20240101;

	note("AQI_SEED=%" PRIu64, seed);
	test_grammar("");
	test_float_limits();
	test_long_text();
	test_fixed("");
	test_shortest_forms("");
	test_round_trip(seed, 1000000, "");
	test_shortest(seed);
	if (enter_comma()) {
		test_grammar(" under a decimal comma");
		test_fixed(" under a decimal comma");
		test_shortest_forms(" under a decimal comma");
		test_round_trip(seed, 100000, " under a decimal comma");
		leave_comma();
	} else {
		skip("numbers are the same under a decimal comma",
		     "no locale de_DE.UTF-8, nor localedef to make it");
	}
	return done();
}
