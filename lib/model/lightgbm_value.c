#include "model/lightgbm_value.h"

#include "base/ascii.h"
#include "record/decimal.h"

#define BYTES AQI_LIGHTGBM_BYTES

const uint64_t aqi_lightgbm_tens[9] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000
};

/* The high bit of each byte that is not a space. */
static uint64_t
not_spaces(uint64_t bytes)
{
	const uint64_t x = bytes ^ BYTES(' ');

	return (((x & BYTES(0x7f)) + BYTES(0x7f)) | x) & BYTES(0x80);
}

/* A value begins where no space is, behind a space or the start. */
size_t
aqi_lightgbm_count(struct aqi_slice text)
{
	uint64_t before = 0;	/* 0x80: the last byte was not a space */
	size_t n = 0, i = 0;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	for (; i + 8 <= text.size; i += 8) {
		uint64_t bytes, is;

		memcpy(&bytes, text.data + i, 8);
		is = not_spaces(bytes);
		n += (size_t)(((is & ~(is << 8 | before)) >> 7) *
			      BYTES(1) >> 56);
		before = is >> 56;
	}
#endif
	for (; i < text.size; i++) {
		const uint64_t is = text.data[i] == ' ' ? 0 : 0x80;

		n += is && !before;
		before = is;
	}
	return n;
}

bool
aqi_lightgbm_value(struct aqi_slice *text, struct aqi_slice *value)
{
	size_t n = 0;

	aqi_lightgbm_skip(text);
	while (n < text->size && text->data[n] != ' ')
		n++;
	*value = (struct aqi_slice){text->data, n};
	if (n > 0)
		*text = (struct aqi_slice){text->data + n, text->size - n};
	return n > 0;
}

bool
aqi_lightgbm_whole(struct aqi_slice text, int64_t *n)
{
	return text.size > 0 && *text.data != ' ' &&
	       aqi_lightgbm_integer(&text, n) && text.size == 0;
}

/* Digits that follow, onto the mantissa; where they end. It is the caller's to
 * see that they are not too many. */
static inline const char *
take_digits(const char *p, const char *end, uint64_t *mantissa)
{
	while (end - p >= 8) {
		uint64_t digits;
		unsigned n = aqi_lightgbm_digits(p, &digits);

		*mantissa = *mantissa * aqi_lightgbm_tens[n] + digits;
		p += n;
		if (n < 8)
			return p;
	}
	for (; p < end && aqi_ascii_is_digit(*p); p++)
		*mantissa = *mantissa * 10 + (uint64_t)(*p - '0');
	return p;
}

/* e-05: a small exponent, or none; NULL where it is something else. */
static const char *
take_exponent(const char *p, const char *end, int64_t *exponent)
{
	bool is_negative;
	int64_t e = 0;
	const char *start;

	if (p == end || *p != 'e')
		return p;
	if (++p == end)
		return NULL;
	is_negative = *p == '-';
	p += is_negative || *p == '+';
	for (start = p; p < end && p < start + 3 && aqi_ascii_is_digit(*p); p++)
		e = e * 10 + (*p - '0');
	*exponent += is_negative ? -e : e;
	return p > start ? p : NULL;
}

/* Behind a number that is as LightGBM writes them; or NULL. */
static const char *
take_usual(const char *p, const char *end, double *x)
{
	const bool is_negative = p < end && *p == '-';
	const char *digits = p += is_negative;
	uint64_t mantissa = 0;
	int64_t exponent = 0;
	ptrdiff_t n;

	p = take_digits(p, end, &mantissa);
	n = p - digits;
	if (n == 0 || n > 19)
		return NULL;
	if (p < end && *p == '.') {
		const char *fraction = ++p;

		while (mantissa == 0 && p < end && *p == '0')
			p++;
		digits = p;
		if (mantissa == 0)
			n = 0;
		p = take_digits(p, end, &mantissa);
		n += p - digits;
		exponent = fraction - p;
		if (n > 19)
			return NULL;
	}
	p = take_exponent(p, end, &exponent);
	if (!p || (p < end && *p != ' ') ||
	    !aqi_decimal_to_double(mantissa, exponent, x))
		return NULL;
	if (is_negative)
		*x = -*x;
	return p;
}

enum aqi_number
aqi_lightgbm_number(struct aqi_slice *text, double *x)
{
	struct aqi_slice rest, value;
	enum aqi_number result;
	const char *p;

	aqi_lightgbm_skip(text);
	rest = *text;
	if (text->size == 0)
		return AQI_NUMBER_NOT;
	p = take_usual(text->data, text->data + text->size, x);
	if (p) {
		*text = (struct aqi_slice){
			p, text->size - (size_t)(p - text->data)
		};
		return AQI_NUMBER_OK;
	}
	aqi_lightgbm_value(&rest, &value);
	result = aqi_number_to_double(value, '.', x);
	if (result == AQI_NUMBER_OK)
		*text = rest;
	return result;
}
