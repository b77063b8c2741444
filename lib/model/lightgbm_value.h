/*
 * lightgbm_value.h: the values in a line of a LightGBM text model, parted by
 * spaces.
 *
 * Most of a model's bytes are digits of 64-bit numbers, which decides how fast
 * it is read: so they are taken in place, eight at a time.
 */
#ifndef AQI_MODEL_LIGHTGBM_VALUE_H
#define AQI_MODEL_LIGHTGBM_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "record/number.h"

/* How many values there are. */
size_t aqi_lightgbm_count(struct aqi_slice text);

/* The next value, taken off the text; false and an empty one: there is none. */
bool aqi_lightgbm_value(struct aqi_slice *text, struct aqi_slice *value);

/*
 * The next value as a number (record/number.h), taken off the text; where it is
 * none, or there is no value, the text begins with what there is.
 */
enum aqi_number aqi_lightgbm_number(struct aqi_slice *text, double *x);

/* The whole of a text as a whole number of up to 18 digits. */
bool aqi_lightgbm_whole(struct aqi_slice text, int64_t *n);

/* The text without the spaces that it begins with. */
static inline void
aqi_lightgbm_skip(struct aqi_slice *text)
{
	size_t n = 0;

	while (n < text->size && text->data[n] == ' ')
		n++;
	if (n > 0)
		*text = (struct aqi_slice){text->data + n, text->size - n};
}

#define AQI_LIGHTGBM_BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * How many of the 8 bytes at p are digits before any that is not, and the whole
 * number that they are.
 */
static inline unsigned
aqi_lightgbm_digits(const char *p, uint64_t *digits)
{
	const uint64_t high = AQI_LIGHTGBM_BYTES(0xf0);
	uint64_t x, other;
	unsigned n = 8;

	memcpy(&x, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	/* A byte that overflows is none, so what it spoils comes after. */
	other = ((x & high) | ((x + AQI_LIGHTGBM_BYTES(6)) & high) >> 4) ^
		AQI_LIGHTGBM_BYTES(0x33);
	*digits = 0;
	if (other) {
		n = (unsigned)__builtin_ctzll(other) / 8;
		if (n == 0)
			return 0;
		x <<= 64 - 8 * n;
	}
	/* Ones and tens become pairs, these fours, and these eights. */
	x &= AQI_LIGHTGBM_BYTES(0x0f);
	x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*digits = (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
	return n;
}

extern const uint64_t aqi_lightgbm_tens[9];

/* The next value as a whole number of up to 18 digits, as the one above. */
static inline bool
aqi_lightgbm_integer(struct aqi_slice *text, int64_t *n)
{
	size_t i, start;
	uint64_t sum = 0;

	aqi_lightgbm_skip(text);
	start = text->size > 0 && *text->data == '-';
	i = start;
	if (text->size >= start + 8)
		i += aqi_lightgbm_digits(text->data + start, &sum);
	for (; i < text->size && i < start + 18; i++) {
		const unsigned digit = (unsigned char)text->data[i] - '0';

		if (digit > 9)
			break;
		sum = sum * 10 + digit;
	}
	if (i == start || (i < text->size && text->data[i] != ' '))
		return false;
	*n = start > 0 ? -(int64_t)sum : (int64_t)sum;
	*text = (struct aqi_slice){text->data + i, text->size - i};
	return true;
}

#endif
