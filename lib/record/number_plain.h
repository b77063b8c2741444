/*
 * number_plain.h: what nearly every measurement is, read quickly. Private to
 * number.c and numbers.c.
 */
#ifndef AQI_RECORD_NUMBER_PLAIN_H
#define AQI_RECORD_NUMBER_PLAIN_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"
#include "record/decimal.h"

/*
 * Digits, a mark among them or none, behind a minus or none, at most 15
 * characters in all but the minus: a mantissa and a power of ten that are both
 * doubles, of which one division rounds once. In one loop that keeps all in
 * registers. false: it is for others to look at.
 */
static inline bool
aqi_number_plain(struct aqi_slice text, char mark, double *x)
{
	const char *p = text.data, *end = p + text.size, *behind_mark = NULL;
	const bool negative = p < end && *p == '-';
	uint64_t mantissa = 0;
	size_t n;

	p += negative;
	n = (size_t)(end - p);
	if (n == 0 || n > 15)
		return false;
	for (; p < end; p++) {
		const unsigned digit = (unsigned char)*p - (unsigned)'0';

		if (digit < 10)
			mantissa = mantissa * 10 + digit;
		else if (*p == mark && !behind_mark)
			behind_mark = p + 1;
		else
			return false;
	}
	if (behind_mark && n == 1)
		return false;
	*x = (double)mantissa;
	if (behind_mark)
		*x /= aqi_decimal_powers[end - behind_mark];
	if (negative)
		*x = -*x;
	return true;
}

/*
 * Narrowing a double that was itself rounded can go wrong in one case only:
 * it lies halfway between two floats, and the text did not. Its 29 low bits
 * tell. Doubles outside the normal floats take the slow way too.
 */
#define AQI_NUMBER_NARROWED UINT64_C(0x1fffffff)
#define AQI_NUMBER_HALFWAY UINT64_C(0x10000000)

static inline bool
aqi_number_narrows(double x)
{
	uint64_t bits;
	const double size = fabs(x);

	memcpy(&bits, &x, sizeof bits);
	return size == 0 ||
	       ((bits & AQI_NUMBER_NARROWED) != AQI_NUMBER_HALFWAY &&
		size >= 0x1p-126 && size < 0x1p127);
}

#endif
