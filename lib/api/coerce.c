#include "api/coerce.h"

#include <math.h>

#include "air/schema.h"
#include "api/scan.h"
#include "api/unicode.h"
#include "base/ascii.h"
#include "record/number.h"

/*
 * The longest string that is looked at. 4,300 digits is what pydantic 2 takes
 * for an integer; more cannot be within any bound, and the reference reads some
 * of such strings as zeros.
 */
#define MOST_TEXT 4400

/* A string, decoded and trimmed; what is not ASCII in it is no number. */
struct text {
	char data[MOST_TEXT];
	size_t size;
	bool is_padded;		/* was trimmed */
};

/* What Rust and Python call white space; Python also takes 0x1c to 0x1f. */
static bool
is_space(uint32_t code)
{
	return (code >= 9 && code <= 13) || code == 0x20 || code == 0x85 ||
	       code == 0xa0 || code == 0x1680 ||
	       (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
	       code == 0x2029 || code == 0x202f || code == 0x205f ||
	       code == 0x3000;
}

/* false: too long, or not ASCII within. */
static bool
decode(struct aqi_slice string, struct text *text)
{
	const char *p = string.data + 1;
	size_t n = 0, n_spaces = 0;
	uint32_t code;

	text->is_padded = false;
	for (text->size = 0; aqi_scan_character(&p, &code); ) {
		if (is_space(code)) {
			text->is_padded = true;
			n_spaces += n > 0;
			continue;
		}
		/* A blank inside is no number, and neither is what it parts. */
		if (n_spaces > 0 || code >= 0x80 || n == MOST_TEXT)
			return false;
		text->data[n++] = (char)code;
	}
	text->size = n;
	return true;
}

/* Single, and not at an end: then they are left out. */
static bool
strip_underscores(char *s, size_t *n)
{
	size_t kept = 0;

	if (*n == 0 || s[0] == '_' || s[*n - 1] == '_')
		return false;
	for (size_t i = 0; i < *n; i++) {
		if (s[i] != '_')
			s[kept++] = s[i];
		else if (s[i + 1] == '_')
			return false;
	}
	*n = kept;
	return true;
}

static bool
is_word(struct aqi_slice text, const char *word)
{
	if (text.size != strlen(word))
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (aqi_ascii_lower(text.data[i]) != word[i])
			return false;
	return true;
}

static bool
take_sign(struct aqi_slice *text)
{
	bool negative = text->size > 0 && text->data[0] == '-';

	if (negative || (text->size > 0 && text->data[0] == '+')) {
		text->data++;
		text->size--;
	}
	return negative;
}

/* A number with a sign, or what is none of numbers: inf, nan. */
static bool
parse_float(struct aqi_slice text, double *x)
{
	bool negative = take_sign(&text);

	if (is_word(text, "inf") || is_word(text, "infinity")) {
		*x = INFINITY;
	} else if (is_word(text, "nan")) {
		*x = NAN;
	} else {
		if (text.size == 0 || text.data[0] == '-')
			return false;
		switch (aqi_number_to_double(text, '.', x)) {
		case AQI_NUMBER_NOT:
			return false;
		case AQI_NUMBER_OVERFLOW:
			*x = INFINITY;
			break;
		case AQI_NUMBER_OK:
			break;
		}
	}
	if (negative)
		*x = -*x;
	return true;
}

/* Python: an underscore stands between two digits. pydantic 2: anywhere. */
static bool
strip_between_digits(char *s, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (s[i] == '_' && (i == 0 || i + 1 == *n ||
				    !aqi_ascii_is_digit(s[i - 1]) ||
				    !aqi_ascii_is_digit(s[i + 1])))
			return false;
	return strip_underscores(s, n);
}

static enum aqi_detail_code
float_from_string(struct aqi_slice string, enum aqi_dialect dialect, double *x)
{
	struct text text;
	bool strips;

	if (!decode(string, &text))
		return AQI_DETAIL_FLOAT_PARSING;
	if (parse_float((struct aqi_slice){text.data, text.size}, x))
		return AQI_DETAIL_NONE;
	if (dialect == AQI_DIALECT_PYDANTIC1)
		strips = strip_between_digits(text.data, &text.size);
	else
		strips = !text.is_padded &&
			 strip_underscores(text.data, &text.size);
	if (strips &&
	    parse_float((struct aqi_slice){text.data, text.size}, x))
		return AQI_DETAIL_NONE;
	return AQI_DETAIL_FLOAT_PARSING;
}

/*
 * Zeros in front, and `_` among them, are left out, but for the last one.
 * false: it does not begin with a digit, or something else follows.
 */
static bool
strip_zeros(struct aqi_slice *text)
{
	size_t i = 1;

	if (text->size == 0 || !aqi_ascii_is_digit(text->data[0]))
		return false;
	if (text->data[0] != '0')
		return true;
	while (i < text->size && (text->data[i] == '0' ||
				  text->data[i] == '_'))
		i++;
	if (i == text->size || text->data[i] == '.')
		i--;
	else if (!aqi_ascii_is_digit(text->data[i]))
		return false;
	text->data += i;
	text->size -= i;
	return true;
}

/* 14.000 is 14, but 14. is no integer. */
static void
strip_fraction(struct aqi_slice *text)
{
	const char *point = memchr(text->data, '.', text->size);
	const char *end = text->data + text->size, *p;

	if (!point || point + 1 == end)
		return;
	for (p = point + 1; p < end && *p == '0'; p++)
		;
	if (p == end)
		text->size = (size_t)(point - text->data);
}

static bool
is_all_digits(struct aqi_slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!aqi_ascii_is_digit(text.data[i]))
			return false;
	return text.size > 0;
}

static enum aqi_detail_code
int_from_string(struct aqi_slice string, enum aqi_dialect dialect, double *x)
{
	struct text text;
	struct aqi_slice rest;
	bool negative, strips;
	char *digits;

	if (!decode(string, &text))
		return AQI_DETAIL_INT_PARSING;
	rest = (struct aqi_slice){text.data, text.size};
	negative = take_sign(&rest);
	if (dialect == AQI_DIALECT_PYDANTIC2) {
		if (!strip_zeros(&rest))
			return AQI_DETAIL_INT_PARSING;
		strip_fraction(&rest);
	}
	digits = text.data + (rest.data - text.data);
	strips = dialect == AQI_DIALECT_PYDANTIC1 ?
			 strip_between_digits(digits, &rest.size) :
			 strip_underscores(digits, &rest.size);
	if (!strips || !is_all_digits(rest))
		return AQI_DETAIL_INT_PARSING;
	if (rest.size > 4300)
		return AQI_DETAIL_INT_SIZE;
	if (aqi_number_to_double(rest, '.', x) != AQI_NUMBER_OK)
		*x = INFINITY;
	if (negative)
		*x = -*x;
	return AQI_DETAIL_NONE;
}

static double
decode_float(struct aqi_slice value)
{
	double x;

	if (aqi_number_to_double(value, '.', &x) == AQI_NUMBER_OK)
		return x;
	return value.data[0] == '-' ? -INFINITY : INFINITY;
}

/* NaN and Infinity themselves, which are no JSON. */
static double
not_finite(struct aqi_slice value)
{
	return value.data[0] == 'N' ? (double)NAN :
	       value.data[0] == '-' ? -INFINITY : INFINITY;
}

static enum aqi_detail_code
to_float(struct aqi_slice value, enum aqi_dialect dialect, double *x)
{
	switch (aqi_scan_kind(value)) {
	case AQI_SCAN_FALSE:
	case AQI_SCAN_TRUE:
		*x = value.data[0] == 't';
		return AQI_DETAIL_NONE;
	case AQI_SCAN_INTEGER:
		/* A whole number beyond any double is no float in Python. */
		return aqi_number_to_double(value, '.', x) == AQI_NUMBER_OK ?
			       AQI_DETAIL_NONE : AQI_DETAIL_FLOAT_TYPE;
	case AQI_SCAN_FLOAT:
		*x = decode_float(value);
		return AQI_DETAIL_NONE;
	case AQI_SCAN_NAN:
	case AQI_SCAN_INFINITY:
		*x = not_finite(value);
		return AQI_DETAIL_NONE;
	case AQI_SCAN_STRING:
		return float_from_string(value, dialect, x);
	default:
		return AQI_DETAIL_FLOAT_TYPE;
	}
}

static enum aqi_detail_code
int_from_float(double value, enum aqi_dialect dialect, double *x)
{
	*x = trunc(value);
	if (!isfinite(value))
		return AQI_DETAIL_FINITE;
	if (dialect == AQI_DIALECT_PYDANTIC1)
		return AQI_DETAIL_NONE;
	if (*x != value)
		return AQI_DETAIL_INT_FROM_FLOAT;
	return fabs(value) < 0x1p63 ? AQI_DETAIL_NONE : AQI_DETAIL_INT_SIZE;
}

static enum aqi_detail_code
to_int(struct aqi_slice value, enum aqi_dialect dialect, double *x)
{
	switch (aqi_scan_kind(value)) {
	case AQI_SCAN_FALSE:
	case AQI_SCAN_TRUE:
		*x = value.data[0] == 't';
		return AQI_DETAIL_NONE;
	case AQI_SCAN_INTEGER:
		*x = decode_float(value);
		return AQI_DETAIL_NONE;
	case AQI_SCAN_FLOAT:
		return int_from_float(decode_float(value), dialect, x);
	case AQI_SCAN_NAN:
	case AQI_SCAN_INFINITY:
		return AQI_DETAIL_FINITE;
	case AQI_SCAN_STRING:
		return int_from_string(value, dialect, x);
	default:
		return AQI_DETAIL_INT_TYPE;
	}
}

/* The bound that a NaN, which is neither within nor without, is said to have
 * left is that which is looked at first. */
static enum aqi_detail_code
check_bounds(double x, const struct aqi_schema_field *field,
	     enum aqi_dialect dialect)
{
	if (isnan(x))
		return dialect == AQI_DIALECT_PYDANTIC1 ? AQI_DETAIL_BELOW :
							  AQI_DETAIL_ABOVE;
	if (x < field->min)
		return AQI_DETAIL_BELOW;
	if (x > field->max)
		return AQI_DETAIL_ABOVE;
	return AQI_DETAIL_NONE;
}

enum aqi_detail_code
aqi_coerce(struct aqi_slice value, const struct aqi_schema_field *field,
	   enum aqi_dialect dialect, double *x)
{
	enum aqi_detail_code code;
	double number;

	code = field->type == AQI_TYPE_INTEGER ?
		       to_int(value, dialect, &number) :
		       to_float(value, dialect, &number);
	if (code == AQI_DETAIL_NONE)
		code = check_bounds(number, field, dialect);
	if (code == AQI_DETAIL_NONE)
		*x = number;
	return code;
}
