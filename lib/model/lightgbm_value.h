/*
 * lightgbm_value.h: the values in a line of a LightGBM text model, parted by
 * spaces. Private.
 *
 * Most of a model's bytes are digits of 64-bit numbers, which decides how fast
 * it is read: so they are taken in place, eight at a time.
 */
#ifndef AQI_MODEL_LIGHTGBM_VALUE_H
#define AQI_MODEL_LIGHTGBM_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"
#include "base/word.h"

/* How many values there are. */
size_t aqi_lightgbm_count(struct aqi_slice text);

/* The next value, taken off the text; false and an empty one: there is none. */
bool aqi_lightgbm_value(struct aqi_slice *text, struct aqi_slice *value);

/* The whole of a text as a whole number of up to 18 digits. */
bool aqi_lightgbm_whole(struct aqi_slice text, int64_t *n);

/*
 * How many of the 8 bytes at p are digits before any that is not, and the whole
 * number that they are.
 */
static inline unsigned
aqi_lightgbm_digits(const char *p, uint64_t *digits)
{
	const uint64_t high = AQI_EACH(0xf0);
	uint64_t x, other;
	unsigned n = 8;

	x = aqi_word_load(p);
	/* A byte that overflows is none, so what it spoils comes after. */
	other = ((x & high) | ((x + AQI_EACH(6)) & high) >> 4) ^
		AQI_EACH(0x33);
	*digits = 0;
	if (other) {
		n = (unsigned)__builtin_ctzll(other) / 8;
		if (n == 0)
			return 0;
		x <<= 64 - 8 * n;
	}
	/* Ones and tens become pairs, these fours, and these eights. */
	x &= AQI_EACH(0x0f);
	x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*digits = (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
	return n;
}

extern const uint64_t aqi_lightgbm_tens[9];

static inline const char *
aqi_lightgbm_skip(const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	return p;
}

/* The next value between p and end as a whole number of up to 18 digits; where
 * it ends, or NULL. */
static inline const char *
aqi_lightgbm_integer(const char *p, const char *end, int64_t *n)
{
	const char *digits;
	uint64_t sum = 0;
	bool is_negative;

	p = aqi_lightgbm_skip(p, end);
	/* Nearly all features and types of decisions are. */
	if (end - p >= 2 && p[1] == ' ' && *p >= '0' && *p <= '9') {
		*n = *p - '0';
		return p + 1;
	}
	is_negative = p < end && *p == '-';
	p += is_negative;
	digits = p;
	if (end - p >= 8)
		p += aqi_lightgbm_digits(p, &sum);
	for (; p < end && p < digits + 18; p++) {
		const unsigned digit = (unsigned char)*p - (unsigned)'0';

		if (digit > 9)
			break;
		sum = sum * 10 + digit;
	}
	if (p == digits || (p < end && *p != ' '))
		return NULL;
	*n = is_negative ? -(int64_t)sum : (int64_t)sum;
	return p;
}

/* The same as a number (record/number.h). */
const char *aqi_lightgbm_number(const char *p, const char *end, double *x);

#endif
