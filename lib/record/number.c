#include "record/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "record/decimal.h"
#include "record/digits.h"
#include "record/number_plain.h"

/*
 * The C locale, made once and never changed: a program that links the library
 * may have chosen a locale with a decimal comma, which strtod would obey. If
 * it cannot be made, (locale_t)0 stands for it and the slow way reports no
 * number, rather than a wrong one.
 */
static locale_t c_locale;

static void
make_c_locale(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t
the_c_locale(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_c_locale);
	return c_locale;
}

/* A text taken apart: (-1)^negative * mantissa * 10^exponent when exact. */
struct decimal {
	bool negative;
	bool exact;		/* all significant digits are in mantissa */
	uint64_t mantissa;
	int64_t exponent;
};

/* Digits into the mantissa, 19 at most; false when there were none. */
static size_t
take_digits(const char **p, const char *end, struct decimal *d)
{
	const char *start = *p;

	for (; *p < end && aqi_ascii_is_digit(**p); ++*p) {
		if (d->mantissa < UINT64_C(1000000000000000000))
			d->mantissa = d->mantissa * 10 + (uint64_t)(**p - '0');
		else
			d->exact = false;
	}
	return (size_t)(*p - start);
}

static bool
take_exponent(const char **p, const char *end, int64_t *exponent)
{
	bool negative = false;
	int64_t e = 0;
	const char *start;

	if (*p < end && (**p == '+' || **p == '-'))
		negative = *(*p)++ == '-';
	for (start = *p; *p < end && aqi_ascii_is_digit(**p); ++*p)
		if (e < 100000000)
			e = e * 10 + (**p - '0');
	*exponent += negative ? -e : e;
	return *p > start;
}

static bool
parse(struct aqi_slice text, char mark, struct decimal *d)
{
	const char *p = text.data, *end = p + text.size;
	size_t n, fraction = 0;

	*d = (struct decimal){.exact = true};
	if (p < end && *p == '-') {
		d->negative = true;
		p++;
	}
	n = take_digits(&p, end, d);
	if (p < end && *p == mark) {
		p++;
		fraction = take_digits(&p, end, d);
	}
	if (n + fraction == 0)
		return false;
	d->exponent = -(int64_t)fraction;
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (!take_exponent(&p, end, &d->exponent))
			return false;
	}
	return p == end;
}

static bool
quick(const struct decimal *d, double *x)
{
	if (!d->exact || !aqi_decimal_exact(d->mantissa, d->exponent, x))
		return false;
	if (d->negative)
		*x = -*x;
	return true;
}

/* Up to 19 digits: some twenty times as fast as strtod_l. */
static bool
scaled(const struct decimal *d, double *x)
{
	if (!d->exact || !aqi_decimal_to_double(d->mantissa, d->exponent, x))
		return false;
	if (d->negative)
		*x = -*x;
	return true;
}

/* A double is decided by its first 767 significant digits and whether any
 * digit behind them is not 0: so many stand in any value halfway between two
 * of them. */
#define MOST_DIGITS 800

/* A text of a number for strtod: enough for any that `condense` writes. */
#define TEXT_SIZE (MOST_DIGITS + 64)

/*
 * Write a number as a whole one with an exponent, its digits behind MOST_DIGITS
 * as one that stands for them all.
 */
static void
condense(struct aqi_slice text, const struct decimal *d, char out[TEXT_SIZE])
{
	size_t n = 0, n_left_out = 0;
	bool is_rest = false;
	char *p = out;

	if (d->negative)
		*p++ = '-';
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];

		if (c == 'e' || c == 'E')
			break;
		if (!aqi_ascii_is_digit(c) || (n == 0 && c == '0'))
			continue;
		if (n < MOST_DIGITS) {
			*p++ = c;
			n++;
		} else {
			is_rest |= c != '0';
			n_left_out++;
		}
	}
	if (n == 0)
		*p++ = '0';
	if (is_rest) {
		*p++ = '1';
		n_left_out--;
	}
	snprintf(p, 32, "e%lld", (long long)d->exponent +
		 (long long)n_left_out);
}

static enum aqi_number
slow(struct aqi_slice text, const struct decimal *d, double *x64, float *x32)
{
	char condensed[TEXT_SIZE];
	locale_t locale = the_c_locale();

	if (!locale)
		return AQI_NUMBER_NOT;
	condense(text, d, condensed);
	if (x64) {
		*x64 = strtod_l(condensed, NULL, locale);
		return isfinite(*x64) ? AQI_NUMBER_OK : AQI_NUMBER_OVERFLOW;
	}
	*x32 = strtof_l(condensed, NULL, locale);
	return isfinite(*x32) ? AQI_NUMBER_OK : AQI_NUMBER_OVERFLOW;
}

enum aqi_number
aqi_number_to_double(struct aqi_slice text, char mark, double *x)
{
	struct decimal d;
	double value;
	enum aqi_number result;

	if (aqi_number_plain(text, mark, x))
		return AQI_NUMBER_OK;
	text = aqi_slice_trim(text);
	if (!parse(text, mark, &d))
		return AQI_NUMBER_NOT;
	if (quick(&d, x) || scaled(&d, x))
		return AQI_NUMBER_OK;
	result = slow(text, &d, &value, NULL);
	if (result == AQI_NUMBER_OK)
		*x = value;
	return result;
}

enum aqi_number
aqi_number_to_float(struct aqi_slice text, char mark, float *x)
{
	struct decimal d;
	double wide;
	float value;
	enum aqi_number result;

	if (aqi_number_plain(text, mark, &wide) && aqi_number_narrows(wide)) {
		*x = (float)wide;
		return AQI_NUMBER_OK;
	}
	text = aqi_slice_trim(text);
	if (!parse(text, mark, &d))
		return AQI_NUMBER_NOT;
	if ((quick(&d, &wide) || scaled(&d, &wide)) &&
	    aqi_number_narrows(wide)) {
		*x = (float)wide;
		return AQI_NUMBER_OK;
	}
	result = slow(text, &d, NULL, &value);
	if (result == AQI_NUMBER_OK)
		*x = value;
	return result;
}

/* printf in the C locale. */
static size_t
print(char out[AQI_NUMBER_SIZE], const char *format, int precision, double x)
{
	locale_t old = uselocale(the_c_locale());
	int n;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = snprintf(out, AQI_NUMBER_SIZE, format, precision, x);
#pragma GCC diagnostic pop
	uselocale(old);
	return n < 0 ? 0 : (size_t)n;
}

size_t
aqi_number_fixed(char out[AQI_NUMBER_SIZE], double x, int decimals)
{
	size_t n = aqi_digits_fixed(out, x, decimals), sign;

	if (n > 0) {
		out[n] = '\0';
		return n;
	}
	n = print(out, "%.*f", decimals, x);
	sign = out[0] == '-' && strspn(out + 1, "0.") == n - 1;
	memmove(out, out + sign, n - sign + 1);
	return n - sign;
}

size_t
aqi_number_rounded(char out[AQI_NUMBER_SIZE], double x, int decimals)
{
	size_t n = aqi_number_fixed(out, x, decimals);

	if (decimals == 0)
		return n;
	while (out[n - 1] == '0')
		n--;
	if (out[n - 1] == '.')
		n--;
	out[n] = '\0';
	return n;
}

/*
 * The text of the digits in `e`, as "%.*e" wrote them, without zeros at the
 * end: plain where it stays short, else with an exponent.
 */
static size_t
lay_out(char out[AQI_NUMBER_SIZE], const char *e, double x)
{
	const char *mark = strchr(e, 'e');
	long exponent = strtol(mark + 1, NULL, 10);
	long n = mark - e - (*e == '-') - 1;	/* digits, the point left out */

	if (n < 1)
		n = 1;
	for (const char *p = mark - 1; n > 1 && *p == '0'; p--)
		n--;
	if (exponent < -5 || exponent > 16)
		return print(out, "%.*e", (int)n - 1, x);
	return print(out, "%.*f",
		     n - 1 > exponent ? (int)(n - 1 - exponent) : 0, x);
}

/* Fifteen digits are enough for any text of up to fifteen, seventeen for any
 * double; without the zeros at its end the first that reads back is shortest.
 * Subnormal numbers, which have fewer bits, may need fewer digits. */
size_t
aqi_number_shortest(char out[AQI_NUMBER_SIZE], double x)
{
	char e[AQI_NUMBER_SIZE] = "";
	double back;
	size_t n = aqi_digits_shortest(out, x, false);

	if (n > 0) {
		out[n] = '\0';
		return n;
	}
	for (int digits = fabs(x) < 0x1p-1022 ? 1 : 15; digits <= 17;
	     digits++) {
		n = print(e, "%.*e", digits - 1, x);
		if (aqi_number_to_double((struct aqi_slice){e, n}, '.',
					 &back) == AQI_NUMBER_OK && back == x)
			break;
	}
	return lay_out(out, e, x);
}

/* The same with six digits and nine. */
size_t
aqi_number_shortest_float(char out[AQI_NUMBER_SIZE], float x)
{
	char e[AQI_NUMBER_SIZE] = "";
	float back;
	size_t n = aqi_digits_shortest(out, (double)x, true);

	if (n > 0) {
		out[n] = '\0';
		return n;
	}
	for (int digits = fabsf(x) < 0x1p-126f ? 1 : 6; digits <= 9; digits++) {
		n = print(e, "%.*e", digits - 1, (double)x);
		if (aqi_number_to_float((struct aqi_slice){e, n}, '.',
					&back) == AQI_NUMBER_OK && back == x)
			break;
	}
	return lay_out(out, e, (double)x);
}
