/*
 * decimal.h: from a decimal mantissa and exponent to the nearest double.
 *
 * Source: D. Lemire, Number Parsing at a Gigabyte per Second, Software:
 * Practice and Experience 51 (2021), 1700-1727, which is after M. Eisel; with
 * a bound of its own on what is left out.
 */
#ifndef AQI_RECORD_DECIMAL_H
#define AQI_RECORD_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* The first 64 bits of a product. */
static inline uint64_t
aqi_decimal_multiply(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ typedef unsigned __int128 wide;

	return (uint64_t)((wide)a * b >> 64);
#else
	const uint64_t a_low = (uint32_t)a, a_high = a >> 32;
	const uint64_t b_low = (uint32_t)b, b_high = b >> 32;
	const uint64_t crossed = a_high * b_low + (a_low * b_low >> 32);
	const uint64_t other = a_low * b_high + (uint32_t)crossed;

	return a_high * b_high + (crossed >> 32) + (other >> 32);
#endif
}

/* The powers of ten for which this is quick. */
#define AQI_DECIMAL_LEAST (-64)
#define AQI_DECIMAL_MOST 22

/*
 * mantissa times 10^exponent, rounded once, to even on a tie. false where the
 * exponent is not within the bounds above, or where it takes more than 128 bits
 * to tell on which side of a tie it lies; *x is not set then.
 */
bool aqi_decimal_to_double(uint64_t mantissa, int64_t exponent, double *x);

/* 10^e * 2^(127 - floor(log2(10^e))), cut to 128 bits, the first of which is
 * set; of 10^AQI_DECIMAL_LEAST and all that follow. */
extern const struct aqi_decimal_power {
	uint64_t high, low;
} aqi_decimal_tens[AQI_DECIMAL_MOST - AQI_DECIMAL_LEAST + 1];

/*
 * The same of an exponent within the bounds, by one multiplication: *bits are
 * those of the double. false, one time in five hundred: it
 * takes more to tell, or the mantissa is 0; *bits are of no account then.
 *
 * The power is cut to 64 bits, and so is the product, which therefore lies less
 * than 2 below the true one; less than 4 where it is shifted to have its first
 * bit set. It rounds as that does, unless half a unit of the result lies
 * between the two, or is one of them.
 */
static inline bool
aqi_decimal_quick(uint64_t mantissa, int64_t exponent, uint64_t *bits)
{
	const uint64_t power =
		aqi_decimal_tens[exponent - AQI_DECIMAL_LEAST].high;
	/* log2(10) is 217706 / 2^16, closely enough for these exponents. */
	const int64_t log = (exponent * 217706) >> 16;
	const int zeros = __builtin_clzll(mantissa | 1);
	uint64_t product = aqi_decimal_multiply(mantissa << zeros, power);
	const int shift = (int)(~product >> 63);

	product <<= shift;
	/* 53 bits are kept, the first of which adds one to the exponent. */
	*bits = ((uint64_t)(1023 + 52 + 11 + log - zeros - shift) << 52) +
		(product >> 11) + (product >> 10 & 1);
	return (product & 2047) - 1021 > 3 && mantissa != 0;
}

/* Powers of ten that are doubles: from 10^0 to the last. */
#define AQI_DECIMAL_EXACT 22
extern const double aqi_decimal_powers[AQI_DECIMAL_EXACT + 1];

/*
 * The same where the mantissa is a double, too, and so is the power of ten that
 * it is multiplied with or divided by: one operation, which rounds once. false:
 * they are not; *x is not set then.
 *
 * Source: W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990.
 */
static inline bool
aqi_decimal_exact(uint64_t mantissa, int64_t exponent, double *x)
{
	if (mantissa >= UINT64_C(1) << 53 || exponent < -AQI_DECIMAL_EXACT ||
	    exponent > AQI_DECIMAL_EXACT)
		return false;
	*x = exponent < 0 ? (double)mantissa / aqi_decimal_powers[-exponent] :
			    (double)mantissa * aqi_decimal_powers[exponent];
	return true;
}

#endif
