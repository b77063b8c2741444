#include "model/link.h"

#include <math.h>
#include <string.h>

#include "tap.h"

/*
 * Formulas as the documents of the libraries have them, computed in long
 * double, and then compared to a few units in the last place: the rounding of
 * expf and exp is the C library's.
 */

static bool
is_near(double got, long double want, bool is_wide)
{
	const long double unit = is_wide ? 0x1p-52L : 0x1p-23L;
	const long double least = is_wide ? 0x1p-1074L : 0x1p-149L;

	return fabsl((long double)got - want) <= 4 * unit * fabsl(want) + least;
}

static struct aqi_link
make(enum aqi_link_kind kind, bool is_wide)
{
	struct aqi_link link = AQI_LINK_PLAIN;

	link.kind = kind;
	link.is_wide = is_wide;
	return link;
}

static double
apply(const struct aqi_link *link, double margin)
{
	double y[2];

	aqi_link_apply(link, &margin, 1, 1, y);
	return y[0];
}

static const double margins[] = {
	0, -0.0, 1, -1, 0.5, -2.25, 10, -10, 80, -80, 1e-6, -1e-30, 3
};

#define N_MARGINS (sizeof margins / sizeof *margins)

static long double
identity(long double x)
{
	return x;
}

static long double
logistic(long double x)
{
	return 1 / (1 + expl(-x));
}

static long double
hinge(long double x)
{
	return x > 0;
}

static long double
square(long double x)
{
	return x < 0 ? -(x * x) : x * x;
}

static long double
log1p_exp(long double x)
{
	return log1pl(expl(x));
}

/* In 32 bits the margin is a float before anything is done to it. */
static void
test_formulas(void)
{
	static const struct {
		enum aqi_link_kind kind;
		long double (*formula)(long double);
	} links[] = {
		{AQI_LINK_IDENTITY, identity},
		{AQI_LINK_EXP, expl},
		{AQI_LINK_LOGISTIC, logistic},
		{AQI_LINK_HINGE, hinge},
		{AQI_LINK_SQUARE, square},
		{AQI_LINK_LOG1P_EXP, log1p_exp},
	};

	for (size_t i = 0; i < 2 * sizeof links / sizeof *links; i++) {
		const bool is_wide = i & 1;
		const struct aqi_link link = make(links[i / 2].kind, is_wide);
		size_t n_near = 0;

		for (size_t k = 0; k < N_MARGINS; k++) {
			const double x = is_wide ? margins[k] :
					 (double)(float)margins[k];
			const double y = apply(&link, x);

			n_near += is_near(y, links[i / 2].formula(x), is_wide);
			n_near += is_wide || y == (double)(float)y;
		}
		ok(n_near == 2 * N_MARGINS, "%s of one margin, in %d bits",
		   aqi_link_name(&link), is_wide ? 64 : 32);
	}
}

static void
test_overflow(void)
{
	struct aqi_link link = make(AQI_LINK_EXP, false);

	ok(isinf(apply(&link, 89)) && apply(&link, -200) == 0,
	   "exp overflows in 32 bits above 88");
	link.is_wide = true;
	ok(isfinite(apply(&link, 89)) && isinf(apply(&link, 710)) &&
	   apply(&link, -1000) == 0, "and in 64 above 709");
	link = make(AQI_LINK_SQUARE, false);
	ok(apply(&link, 2e19) == (double)INFINITY &&
	   apply(&link, -2e19) == (double)-INFINITY,
	   "a square keeps the sign when it overflows in 32 bits");
	link.is_wide = true;
	ok(isfinite(apply(&link, 2e19)) &&
	   apply(&link, -1e200) == (double)-INFINITY, "or in 64");
	link = make(AQI_LINK_LOGISTIC, false);
	ok(apply(&link, 1000) == 1 && apply(&link, -1000) > 0 &&
	   apply(&link, -1000) < 1e-38 &&
	   apply(&link, -1000) == apply(&link, -88.75),
	   "XGBoost's logistic stops where expf would overflow");
	ok(isnan(apply(&link, (double)NAN)),
	   "and makes no number of a margin that is none");
	link.is_wide = true;
	ok(apply(&link, 1000) == 1 && apply(&link, -1000) == 0 &&
	   apply(&link, -700) > 0, "the wide one goes to 0 and 1");
	link = make(AQI_LINK_LOG1P_EXP, true);
	ok(apply(&link, 709) == 709 && isinf(apply(&link, 710)),
	   "log(1 + exp) overflows as LightGBM's does");
}

/* The largest floats below and above the margin count as well. */
static void
test_hinge(void)
{
	const struct aqi_link link = make(AQI_LINK_HINGE, false);

	ok(apply(&link, 0) == 0 && apply(&link, -0.0) == 0 &&
	   apply(&link, 0x1p-149) == 1 && apply(&link, -0x1p-149) == 0,
	   "hinge is 1 above 0 and 0 at it");
	ok(apply(&link, 0x1p-200) == 0, "what no float holds is none");
}

static void
test_slope(void)
{
	struct aqi_link link = make(AQI_LINK_LOGISTIC, true);

	link.slope = 2.5;
	ok(is_near(apply(&link, 0.75), logistic(1.875L), true),
	   "the slope of a logistic link, in 64 bits");
	link.is_wide = false;
	ok(is_near(apply(&link, 0.75), logistic(1.875L), false),
	   "and in 32");
}

static void
test_divisor(void)
{
	struct aqi_link link = make(AQI_LINK_IDENTITY, true);
	double y[] = {7, 8, 9};

	link.divisor = 3;
	ok(apply(&link, 7) == 7.0 / 3, "margins are divided in 64 bits");
	link.is_wide = false;
	ok(apply(&link, 7) == (double)(7.0f / 3.0f) &&
	   apply(&link, 7) != 7.0 / 3, "or in 32");
	link.kind = AQI_LINK_EXP;
	ok(is_near(apply(&link, 6), expl(2), false), "before the link");
	link = make(AQI_LINK_CUMULATE, true);
	link.divisor = 2;
	aqi_link_apply(&link, y, 3, 1, y);
	ok(y[0] == 3.5 && y[1] == 7.5 && y[2] == 12, "in place as well");
}

static bool
is_softmax(const double *margin, const double *y, size_t n, bool is_wide)
{
	long double sum = 0, total = 0;

	for (size_t k = 0; k < n; k++)
		sum += expl(margin[k]);
	for (size_t k = 0; k < n; k++) {
		total += y[k];
		if (!is_near(y[k], expl(margin[k]) / sum, is_wide))
			return false;
	}
	return is_near((double)total, 1, is_wide);
}

static void
test_softmax(void)
{
	static const double some[] = {0.5, -1, 2, 2, -30, 1.25};
	static const double large[] = {1000, 1001, -1000};
	struct aqi_link link = make(AQI_LINK_SOFTMAX, false);
	double y[6];

	aqi_link_apply(&link, some, 6, 1, y);
	ok(is_softmax(some, y, 6, false) && y[2] == y[3],
	   "softmax in 32 bits");
	aqi_link_apply(&link, large, 3, 1, y);
	ok(is_near(y[0], logistic(-1), false) &&
	   is_near(y[1], logistic(1), false) && y[2] == 0,
	   "of margins whose exp is infinite");
	link.is_wide = true;
	aqi_link_apply(&link, some, 6, 1, y);
	ok(is_softmax(some, y, 6, true), "softmax in 64 bits");
	aqi_link_apply(&link, large, 3, 1, y);
	ok(is_near(y[0], logistic(-1), true) && y[2] == 0,
	   "of margins whose exp is infinite there");
	y[0] = -7;
	aqi_link_apply(&link, y, 1, 1, y);
	ok(y[0] == 1, "of one margin it is 1");
}

static void
test_argmax(void)
{
	static const double rows[][3] = {
		{1, 3, 2}, {5, 5, 5}, {-3, -1, -1}, {0, -0.0, 0}, {-9, -9, -8}
	};
	const struct aqi_link link = make(AQI_LINK_ARGMAX, false);
	double y[5] = {9, 9, 9, 9, 9};

	ok(aqi_link_outputs(&link, 3) == 1, "argmax has one output");
	aqi_link_apply(&link, rows[0], 3, 5, y);
	ok(y[0] == 1 && y[1] == 0 && y[2] == 1 && y[3] == 0 && y[4] == 2,
	   "the first of the largest, of each row");
	memcpy(y, rows[4], sizeof rows[4]);
	aqi_link_apply(&link, y, 3, 1, y);
	ok(y[0] == 2, "in place as well");
}

static void
test_cumulate(void)
{
	static const double rows[][3] = {{16777216, 1, 1}, {0.5, -1, 0.25}};
	struct aqi_link link = make(AQI_LINK_CUMULATE, false);
	double y[6];

	aqi_link_apply(&link, rows[0], 3, 2, y);
	ok(y[0] == 16777216 && y[1] == 16777216 && y[2] == 16777216 &&
	   y[3] == 0.5 && y[4] == -0.5 && y[5] == -0.25,
	   "a sum that grows, in 32 bits, anew for each row");
	link.is_wide = true;
	aqi_link_apply(&link, rows[0], 3, 1, y);
	ok(y[1] == 16777217 && y[2] == 16777218, "in 64 bits");
}

/*
 * Golden: ONNX Runtime 1.32, TreeEnsembleClassifier of one stump for two
 * classes, with each post_transform.
 */
static void
test_onnx(void)
{
	static const double some[] = {0.25, 0.75}, zeros[] = {0, 0.75};
	struct aqi_link link = make(AQI_LINK_ONNX_LOGISTIC, false);
	double y[4];

	ok(apply(&link, 0.25) == 0.562176525592804 &&
	   apply(&link, -0.25) == 0.43782347440719604,
	   "ONNX Runtime's logistic");
	link.is_wide = true;
	ok(apply(&link, 0.25) == 0.562176525592804 && !aqi_link_is_wide(&link),
	   "is in 32 bits of a wide margin, too");
	link = make(AQI_LINK_ONNX_PROBIT, false);
	ok(apply(&link, 0.25) == -0.6745743155479431 &&
	   apply(&link, 0.75) == 0.6745743155479431 && isnan(apply(&link, -1)),
	   "its probit, of what is a probability");
	link = make(AQI_LINK_ONNX_SOFTMAX, false);
	aqi_link_apply(&link, some, 2, 1, y);
	ok(y[0] == 0.3775406777858734 && y[1] == 0.622459352016449,
	   "its softmax");
	link = make(AQI_LINK_ONNX_SOFTMAX_ZERO, false);
	aqi_link_apply(&link, zeros, 2, 1, y);
	ok(y[0] == 0 && y[1] == 1, "and the one that zeros keep out of");
	aqi_link_apply(&link, some, 2, 1, y);
	ok(y[0] == 0.3775406777858734, "which is the same without them");
	link = make(AQI_LINK_ROUND, true);
	ok(apply(&link, 0.1) == (double)0.1f, "a margin cut to 32 bits");
}

static void
test_pairs(void)
{
	static const double two[] = {0.25, -0.75};
	struct aqi_link link = make(AQI_LINK_PAIR, false);
	double y[4] = {0.25, -0.75};

	ok(aqi_link_outputs(&link, 1) == 2, "a pair is two outputs");
	aqi_link_apply(&link, two, 1, 2, y);
	ok(y[0] == 0.75 && y[1] == 0.25 && y[2] == 1.75 && y[3] == -0.75,
	   "one margin and what it lacks of 1");
	link.is_wide = true;
	aqi_link_apply(&link, &(double){0.1}, 1, 1, y);
	ok(y[0] == (double)(float)(1 - 0.1) && y[1] == (double)0.1f,
	   "cut to 32 bits behind the difference");
	link = make(AQI_LINK_PAIR_SIGNED, false);
	memcpy(y, two, sizeof two);
	aqi_link_apply(&link, y, 1, 2, y);
	ok(y[0] == -0.25 && y[1] == 0.25 && y[2] == 0.75 && y[3] == -0.75,
	   "or its opposite, in place as well");
	link = make(AQI_LINK_PAIR_LOGISTIC, false);
	aqi_link_apply(&link, two, 1, 2, y);
	ok(y[0] == 0.43782347440719604 && y[1] == 0.562176525592804 &&
	   y[2] == 0.6791787147521973 && y[3] == 0.32082128524780273,
	   "or the logistic of both, as ONNX Runtime has it");
	link.offset = 1;
	ok(!aqi_link_is_valid(&link), "a pair has no offset");
}

static void
test_offset(void)
{
	struct aqi_link link = make(AQI_LINK_IDENTITY, false);

	link.divisor = 3;
	link.offset = 0.1;
	ok(apply(&link, 7) == (double)(7.0f / 3.0f + 0.1f),
	   "an offset is added behind the divisor, in 32 bits");
	link.is_wide = true;
	ok(apply(&link, 7) == 7.0 / 3 + 0.1, "or in 64");
	link.offset = (double)INFINITY;
	ok(!aqi_link_is_valid(&link), "it is finite");
}

/* Every link, of several rows at once, is that of each row alone. */
static void
test_rows(void)
{
	double x[4][3], all[24], one[6];
	size_t n_same = 0;

	for (int i = 0; i < 12; i++)
		x[i / 3][i % 3] = (double)(float)margins[i];
	for (unsigned k = 0; k <= 2 * AQI_LINK_LAST + 1; k++) {
		struct aqi_link link = make(k / 2, k & 1);
		const size_t n = aqi_link_outputs(&link, 3);

		aqi_link_apply(&link, x[0], 3, 4, all);
		for (size_t i = 0; i < 4; i++) {
			aqi_link_apply(&link, x[i], 3, 1, one);
			n_same += memcmp(all + i * n, one,
					 n * sizeof *one) == 0;
		}
		memcpy(all, x, sizeof x);
		aqi_link_apply(&link, all, 3, 4, all);
		n_same += memcmp(all + 3 * n, one, n * sizeof *one) == 0;
	}
	ok(n_same == 5 * 2 * (AQI_LINK_LAST + 1),
	   "rows are linked one by one, in place or not");
}

static void
test_valid(void)
{
	static const double odd[] = {0, -1, (double)NAN, (double)INFINITY};
	struct aqi_link link;
	size_t n_valid = 0, n_named = 0;

	for (unsigned kind = 0; kind <= AQI_LINK_LAST; kind++) {
		link = make(kind, kind & 1);
		n_valid += aqi_link_is_valid(&link);
		n_named += aqi_link_name(&link)[0] != '\0';
	}
	ok(n_valid == AQI_LINK_LAST + 1 && n_named == n_valid,
	   "every link is valid and has a name");
	link = make(AQI_LINK_LAST + 1, false);
	ok(!aqi_link_is_valid(&link), "a kind that is none is not");
	link = make(AQI_LINK_EXP, false);
	link.is_wide = 2;
	ok(!aqi_link_is_valid(&link), "nor a width that is none");
	n_valid = 0;
	for (size_t i = 0; i < 4; i++) {
		link = make(AQI_LINK_LOGISTIC, true);
		link.slope = odd[i];
		n_valid += aqi_link_is_valid(&link);
		link = make(AQI_LINK_LOGISTIC, true);
		link.divisor = odd[i];
		n_valid += aqi_link_is_valid(&link);
	}
	ok(n_valid == 0, "slope and divisor are above 0 and finite");
	link = make(AQI_LINK_LOGISTIC, false);
	link.divisor = 4e-322;
	ok(!aqi_link_is_valid(&link), "a divisor is 1 at least: it counts");
	link.divisor = 1;
	link.slope = 1e39;
	ok(!aqi_link_is_valid(&link),
	   "a slope is finite in the width that it is used in");
	link.is_wide = 1;
	ok(aqi_link_is_valid(&link), "be it the larger one");
	link = make(AQI_LINK_ARGMAX, true);
	link.divisor = 2;
	ok(!aqi_link_is_valid(&link),
	   "a link of fewer outputs than margins has no divisor");
}

int
main(void)
{
	test_formulas();
	test_overflow();
	test_hinge();
	test_slope();
	test_divisor();
	test_softmax();
	test_argmax();
	test_cumulate();
	test_onnx();
	test_pairs();
	test_offset();
	test_rows();
	test_valid();
	return done();
}
