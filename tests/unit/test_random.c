#include "base/random.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "tap.h"

/*
 * The first outputs of the state 1, 2, 3, 4, as the test of the Rust crate
 * rand_xoshiro has them, made with the authors' own xoshiro256starstar.c.
 */
static void
test_published_outputs(void)
{
	static const uint64_t expected[] = {
		11520, 0, 1509978240, UINT64_C(1215971899390074240),
		UINT64_C(1216172134540287360), UINT64_C(607988272756665600),
		UINT64_C(16172922978634559625), UINT64_C(8476171486693032832),
		UINT64_C(10595114339597558777), UINT64_C(2904607092377533576),
	};
	struct aqi_random random = {{1, 2, 3, 4}};
	bool same = true;

	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		same &= aqi_random_next(&random) == expected[i];
	ok(same, "the generator gives the outputs published for 1, 2, 3, 4");
}

/* Computed by a separate program in Python's whole numbers. */
static void
test_seeding(void)
{
	static const struct {
		uint64_t seed, stream, first, second;
	} cases[] = {
		{0, 0, UINT64_C(0x8c4986f3f0e565d5),
		 UINT64_C(0xf4547fdf5c2f56b6)},
		{1, 0, UINT64_C(0x6082e9993631e7d5),
		 UINT64_C(0xe9acc0d447272233)},
		{0, 1, UINT64_C(0x6f0c221987108fb2),
		 UINT64_C(0x068a99bcd127fe03)},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_random random = aqi_random_new(cases[i].seed,
							  cases[i].stream);
		uint64_t first = aqi_random_next(&random);

		ok(first == cases[i].first &&
		   aqi_random_next(&random) == cases[i].second,
		   "stream %d of seed %d begins as it always did",
		   (int)cases[i].stream, (int)cases[i].seed);
	}
}

static void
test_streams_differ(void)
{
	struct aqi_random a, b;
	int differing = 0;

	for (uint64_t i = 0; i < 1000; i++) {
		a = aqi_random_new(1, i);
		b = aqi_random_new(1, i + 1);
		differing += __builtin_popcountll(aqi_random_next(&a) ^
						  aqi_random_next(&b));
	}
	note("bits that differ, of 64: %.3f", differing / 1000.0);
	/* The mean of a thousand such counts strays by 4 / sqrt(1000) = 0.126;
	 * five times that is let pass. */
	ok(fabs(differing / 1000.0 - 32) < 0.63,
	   "streams next to each other differ in half of their bits");
}

/*
 * With n = 3 * 2^62, taking the remainder alone would make the lowest third
 * twice as likely as each of the others.
 */
static void
test_below(void)
{
	struct aqi_random random = aqi_random_new(5, 0);
	const uint64_t third = UINT64_C(1) << 62;
	int counts[7] = {0}, thirds[3] = {0};
	double chi = 0;
	bool inside = true;

	for (int i = 0; i < 70000; i++) {
		uint64_t x = aqi_random_below(&random, 7);

		inside &= x < 7;
		counts[x % 7]++;
	}
	for (int i = 0; i < 7; i++)
		chi += pow(counts[i] - 10000, 2) / 10000;
	note("chi square with 6 degrees of freedom: %.2f", chi);
	ok(inside, "a number below 7 is below 7");
	ok(chi < 22.46, "all numbers below 7 are equally likely (p > 0.001)");

	for (int i = 0; i < 30000; i++)
		thirds[aqi_random_below(&random, 3 * third) / third]++;
	note("thirds: %d %d %d", thirds[0], thirds[1], thirds[2]);
	ok(abs(thirds[0] - 10000) < 400 && abs(thirds[1] - 10000) < 400,
	   "a large bound has no bias towards small numbers");
	ok(aqi_random_below(&random, 1) == 0, "below 1 there is only 0");
}

static void
test_unit_and_uniform(void)
{
	struct aqi_random random = aqi_random_new(6, 0);
	double sum = 0, squares = 0, least = 1, most = 0;
	const int n = 100000;
	bool inside = true;

	for (int i = 0; i < n; i++) {
		double x = aqi_random_unit(&random);

		sum += x;
		squares += x * x;
		least = fmin(least, x);
		most = fmax(most, x);
	}
	ok(least >= 0 && most < 1, "a unit number is in [0, 1)");
	ok(fabs(sum / n - 0.5) < 0.005 && fabs(squares / n - 1.0 / 3) < 0.005,
	   "unit numbers have the mean 1/2 and the mean square 1/3");

	for (int i = 0; i < n; i++) {
		double x = aqi_random_uniform(&random, -0.1, 0.3);

		inside &= x >= -0.1 && x <= 0.3;
	}
	ok(inside, "a uniform number is within its bounds");
	ok(aqi_random_uniform(&random, 0.7, 0.7) == 0.7,
	   "between equal bounds there is only the bound");
	ok(isfinite(aqi_random_uniform(&random, -0x1p1023, 0x1p1023)),
	   "bounds whose difference is too large for a double are all right");
}

static void
test_normal(void)
{
	struct aqi_random random = aqi_random_new(7, 0);
	double sum = 0, squares = 0, fourth = 0;
	const int n = 200000;
	int within = 0;

	for (int i = 0; i < n; i++) {
		double x = aqi_random_normal(&random);

		sum += x;
		squares += x * x;
		fourth += x * x * x * x;
		within += fabs(x) < 1;
	}
	note("mean %.4f variance %.4f kurtosis %.3f within one %.4f",
	     sum / n, squares / n, fourth / n, (double)within / n);
	ok(fabs(sum / n) < 0.01, "normal numbers have the mean 0");
	ok(fabs(squares / n - 1) < 0.015, "normal numbers have the variance 1");
	ok(fabs(fourth / n - 3) < 0.15, "normal numbers have the kurtosis 3");
	ok(fabs((double)within / n - 0.6827) < 0.005,
	   "68 in 100 normal numbers are within one deviation");
}

int
main(void)
{
	test_published_outputs();
	test_seeding();
	test_streams_differ();
	test_below();
	test_unit_and_uniform();
	test_normal();
	return done();
}
