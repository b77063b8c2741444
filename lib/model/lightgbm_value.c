#include "model/lightgbm_value.h"

#include "base/ascii.h"
#include "record/decimal.h"
#include "record/number.h"

#define BYTES AQI_LIGHTGBM_BYTES

const uint64_t aqi_lightgbm_tens[9] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000
};

typedef unsigned char vector __attribute__((vector_size(16)));

/* How many of 16 n bytes behind p, n below 256, begin a value: each is counted
 * at its own place in the vector. */
static size_t
count_starts(const char *p, size_t n)
{
	vector counts = {0}, before, x;
	size_t sum = 0;

	for (; n > 0; n--, p += sizeof x) {
		memcpy(&before, p - 1, sizeof before);
		memcpy(&x, p, sizeof x);
		counts -= (vector)(x != ' ') & (vector)(before == ' ');
	}
	for (size_t i = 0; i < sizeof x; i++)
		sum += counts[i];
	return sum;
}

/* A value begins where no space is, behind a space or the start. */
size_t
aqi_lightgbm_count(struct aqi_slice text)
{
	size_t n = text.size > 0 && *text.data != ' ', i = 1;

	while (i + sizeof(vector) <= text.size) {
		size_t most = (text.size - i) / sizeof(vector);

		if (most > 255)
			most = 255;
		n += count_starts(text.data + i, most);
		i += most * sizeof(vector);
	}
	for (; i < text.size; i++)
		n += text.data[i] != ' ' && text.data[i - 1] == ' ';
	return n;
}

bool
aqi_lightgbm_value(struct aqi_slice *text, struct aqi_slice *value)
{
	size_t start = 0, end;

	while (start < text->size && text->data[start] == ' ')
		start++;
	for (end = start; end < text->size && text->data[end] != ' ';)
		end++;
	*value = (struct aqi_slice){NULL, 0};
	if (end == start)
		return false;
	*value = (struct aqi_slice){text->data + start, end - start};
	*text = (struct aqi_slice){text->data + end, text->size - end};
	return true;
}

bool
aqi_lightgbm_whole(struct aqi_slice text, int64_t *n)
{
	return text.size > 0 && *text.data != ' ' &&
	       aqi_lightgbm_integer(text.data, text.data + text.size, n) ==
	       text.data + text.size;
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

/* How many of the zeros at the start of a fraction are among its first 8. */
static inline ptrdiff_t
count_zeros(const char *p, const char *end)
{
	ptrdiff_t n = 0;

	if (end - p >= 8) {
		const uint64_t x = aqi_lightgbm_load(p) ^ BYTES('0');

		return x ? __builtin_ctzll(x) / 8 : 8;
	}
	while (p + n < end && p[n] == '0')
		n++;
	return n;
}

/*
 * Behind a number that is as LightGBM writes them; or NULL. Which of them are
 * negative or begin with zeros is hard to guess, so that branches are spared.
 */
static const char *
take_usual(const char *p, const char *end, double *x)
{
	const bool is_negative = p < end && *p == '-';
	const char *digits = p += is_negative;
	uint64_t mantissa = 0, bits;
	double size;
	int64_t exponent = 0;
	ptrdiff_t n;

	p = take_digits(p, end, &mantissa);
	n = p - digits;
	if (n == 0 || n > 19)
		return NULL;
	if (p < end && *p == '.') {
		const ptrdiff_t n_zeros = count_zeros(++p, end);

		digits = p;
		n = mantissa == 0 ? -n_zeros : n;
		p = take_digits(p, end, &mantissa);
		exponent = digits - p;
		n -= exponent;
		if (n > 19)
			return NULL;
	}
	p = take_exponent(p, end, &exponent);
	if (!p || (p < end && *p != ' ') ||
	    !aqi_decimal_to_double(mantissa, exponent, &size))
		return NULL;
	memcpy(&bits, &size, sizeof bits);
	bits |= (uint64_t)is_negative << 63;
	memcpy(x, &bits, sizeof bits);
	return p;
}

const char *
aqi_lightgbm_number(const char *p, const char *end, double *x)
{
	struct aqi_slice text, value;
	const char *behind;

	p = aqi_lightgbm_skip(p, end);
	behind = take_usual(p, end, x);
	if (behind)
		return behind;
	text = (struct aqi_slice){p, (size_t)(end - p)};
	if (!aqi_lightgbm_value(&text, &value) ||
	    aqi_number_to_double(value, '.', x) != AQI_NUMBER_OK)
		return NULL;
	return text.data;
}
