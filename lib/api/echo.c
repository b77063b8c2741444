#include "api/echo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/scan.h"
#include "api/unicode.h"
#include "base/buffer.h"
#include "record/number.h"

/* The digits and the exponent that aqi_number_shortest has found. */
static void
take_apart(const char *text, char digits[32], int *n_digits, int *exponent)
{
	int point = -1, n = 0, before = 0;

	for (; *text && *text != 'e'; text++) {
		if (*text == '.') {
			point = before;
			continue;
		}
		before++;
		if ((n > 0 || *text != '0') && n < 31)
			digits[n++] = *text;
	}
	if (point < 0)
		point = before;
	/* before - n digits were zeros in front. */
	*exponent = point - (before - n) - 1;
	if (*text == 'e')
		*exponent += (int)strtol(text + 1, NULL, 10);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	*n_digits = n;
}

static void
add_zeros(struct aqi_buffer *out, int n)
{
	while (n-- > 0)
		aqi_buffer_add_byte(out, '0');
}

/* Plain from 1e-4 up to 1e16, with a digit on both sides of the point. */
static void
add_plain(struct aqi_buffer *out, const char *digits, int n, int exponent)
{
	if (exponent < 0) {
		aqi_buffer_add_text(out, "0.");
		add_zeros(out, -exponent - 1);
		aqi_buffer_add(out, digits, (size_t)n);
	} else if (n > exponent + 1) {
		aqi_buffer_add(out, digits, (size_t)exponent + 1);
		aqi_buffer_add_byte(out, '.');
		aqi_buffer_add(out, digits + exponent + 1,
			       (size_t)(n - exponent - 1));
	} else {
		aqi_buffer_add(out, digits, (size_t)n);
		add_zeros(out, exponent + 1 - n);
		aqi_buffer_add_text(out, ".0");
	}
}

void
aqi_echo_add_float(struct aqi_buffer *out, double x)
{
	char text[AQI_NUMBER_SIZE], digits[32];
	int n, exponent;

	if (signbit(x))
		aqi_buffer_add_byte(out, '-');
	if (x == 0) {
		aqi_buffer_add_text(out, "0.0");
		return;
	}
	aqi_number_shortest(text, fabs(x));
	take_apart(text, digits, &n, &exponent);
	if (exponent >= -4 && exponent < 16) {
		add_plain(out, digits, n, exponent);
		return;
	}
	aqi_buffer_add(out, digits, 1);
	if (n > 1) {
		aqi_buffer_add_byte(out, '.');
		aqi_buffer_add(out, digits + 1, (size_t)n - 1);
	}
	aqi_buffer_add_format(out, "e%c%02d", exponent < 0 ? '-' : '+',
			      abs(exponent));
}

static void
add_character(struct aqi_buffer *out, uint32_t code)
{
	static const char escaped[] = "\"\\\b\f\n\r\t", as[] = "\"\\bfnrt";
	const char *at = code > 0 && code < 0x80 ?
				 strchr(escaped, (int)code) : NULL;
	char bytes[4];

	if (at) {
		aqi_buffer_add_byte(out, '\\');
		aqi_buffer_add_byte(out, as[at - escaped]);
	} else if (code < 0x20 || aqi_unicode_is_surrogate(code)) {
		aqi_buffer_add_format(out, "\\u%04x", code);
	} else {
		aqi_buffer_add(out, bytes, aqi_unicode_put(bytes, code));
	}
}

static void
add_string(struct aqi_buffer *out, struct aqi_slice string)
{
	const char *p = string.data + 1;
	uint32_t code;

	aqi_buffer_add_byte(out, '"');
	while (aqi_scan_character(&p, &code))
		add_character(out, code);
	aqi_buffer_add_byte(out, '"');
}

static void
add_float(struct aqi_buffer *out, struct aqi_slice value)
{
	double x;

	if (aqi_number_to_double(value, '.', &x) == AQI_NUMBER_OK)
		aqi_echo_add_float(out, x);
	else
		aqi_buffer_add_text(out, "null");
}

static void
add_array(struct aqi_buffer *out, struct aqi_slice value)
{
	struct aqi_scan_walk walk = aqi_scan_walk(value);
	struct aqi_slice key, item;
	bool is_first = true;

	aqi_buffer_add_byte(out, '[');
	for (; aqi_scan_next(&walk, &key, &item); is_first = false) {
		if (!is_first)
			aqi_buffer_add_byte(out, ',');
		aqi_echo_add(out, item);
	}
	aqi_buffer_add_byte(out, ']');
}

/* Does the name stand before `end`, too? */
static bool
is_repeated(struct aqi_slice object, struct aqi_slice name)
{
	struct aqi_scan_walk walk = aqi_scan_walk(object);
	struct aqi_slice key, value;

	while (aqi_scan_next(&walk, &key, &value) && key.data < name.data)
		if (aqi_scan_equal(key, name))
			return true;
	return false;
}

static struct aqi_slice
last_value(struct aqi_scan_walk walk, struct aqi_slice name,
	   struct aqi_slice value)
{
	struct aqi_slice key, other;

	while (aqi_scan_next(&walk, &key, &other))
		if (aqi_scan_equal(key, name))
			value = other;
	return value;
}

static void
add_object(struct aqi_buffer *out, struct aqi_slice object)
{
	struct aqi_scan_walk walk = aqi_scan_walk(object);
	struct aqi_slice key, value;
	bool is_first = true;

	aqi_buffer_add_byte(out, '{');
	while (aqi_scan_next(&walk, &key, &value)) {
		if (is_repeated(object, key))
			continue;
		if (!is_first)
			aqi_buffer_add_byte(out, ',');
		is_first = false;
		add_string(out, key);
		aqi_buffer_add_byte(out, ':');
		aqi_echo_add(out, last_value(walk, key, value));
	}
	aqi_buffer_add_byte(out, '}');
}

void
aqi_echo_add(struct aqi_buffer *out, struct aqi_slice value)
{
	switch (aqi_scan_kind(value)) {
	case AQI_SCAN_STRING:
		add_string(out, value);
		break;
	case AQI_SCAN_ARRAY:
		add_array(out, value);
		break;
	case AQI_SCAN_OBJECT:
		add_object(out, value);
		break;
	case AQI_SCAN_FLOAT:
		add_float(out, value);
		break;
	case AQI_SCAN_NAN:
	case AQI_SCAN_INFINITY:
		aqi_buffer_add_text(out, "null");
		break;
	case AQI_SCAN_INTEGER:
		if (aqi_slice_is(value, "-0"))
			value = aqi_slice_of("0");
		aqi_buffer_add_slice(out, value);
		break;
	case AQI_SCAN_NULL:
	case AQI_SCAN_FALSE:
	case AQI_SCAN_TRUE:
		aqi_buffer_add_slice(out, value);
		break;
	}
}

void
aqi_echo_add_text(struct aqi_buffer *out, struct aqi_slice text)
{
	const char *p = text.data, *end = p + text.size;
	uint32_t code;
	size_t n;

	aqi_buffer_add_byte(out, '"');
	for (; p < end; p += n) {
		n = aqi_unicode_next(p, end, &code);
		if (n == 0 || aqi_unicode_is_surrogate(code)) {
			code = 0xfffd;
			n = 1;
		}
		add_character(out, code);
	}
	aqi_buffer_add_byte(out, '"');
}
