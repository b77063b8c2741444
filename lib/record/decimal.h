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

/* The powers of ten for which this is quick. */
#define AQI_DECIMAL_LEAST (-64)
#define AQI_DECIMAL_MOST 22

/*
 * mantissa times 10^exponent, rounded once, to even on a tie. false where the
 * exponent is not within the bounds above, or where it takes more than 128 bits
 * to tell on which side of a tie it lies; *x is not set then.
 */
bool aqi_decimal_to_double(uint64_t mantissa, int64_t exponent, double *x);

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
