#include "api/lax_plain.h"

#include <string.h>

#include "base/ascii.h"
#include "record/decimal.h"
#include "record/number.h"

/* The rest of a number that is not short: all of it again, from its start. */
static bool
read_long(const char **p, const char *start, const char *end, double *x)
{
	const char *q = *p;

	while (q < end && (aqi_ascii_is_digit(*q) || memchr("+-.eE", *q, 5)))
		q++;
	/* JSON has digits on both sides of a point, number.h need not. */
	for (const char *point = start; point < q; point++)
		if (*point == '.' && (point == start || point + 1 == q ||
				      !aqi_ascii_is_digit(point[-1]) ||
				      !aqi_ascii_is_digit(point[1])))
			return false;
	*p = q;
	return aqi_number_to_double((struct aqi_slice){
		start, (size_t)(q - start)}, '.', x) == AQI_NUMBER_OK;
}

/*
 * A number of JSON's grammar. Up to 15 digits make a mantissa below 2^53, so
 * that the one division rounds once; more, and exponents, take the way of all
 * numbers.
 */
static bool
read_number(const char **p, const char *end, double *x)
{
	const char *start = *p, *q = start, *digits, *point;
	uint64_t mantissa = 0;
	bool negative = q < end && *q == '-';

	q += negative;
	digits = q;
	while (q < end && aqi_ascii_is_digit(*q))
		mantissa = mantissa * 10 + (uint64_t)(*q++ - '0');
	if (q == digits || (*digits == '0' && q - digits > 1))
		return false;
	point = q;
	if (q < end && *q == '.') {
		q++;
		while (q < end && aqi_ascii_is_digit(*q))
			mantissa = mantissa * 10 + (uint64_t)(*q++ - '0');
		if (q == point + 1)
			return false;
	}
	*p = q;
	if (q - digits > 16 || (q < end && (*q == 'e' || *q == 'E')))
		return read_long(p, start, end, x);
	*x = (double)mantissa;
	if (q > point)
		*x /= aqi_decimal_powers[q - point - 1];
	if (negative)
		*x = -*x;
	return true;
}

/* The field of the name at p; most often it is the one that comes next. */
static size_t
find_field(const struct aqi_lax_plain *plain, size_t next, const char *p,
	   const char *end)
{
	for (size_t i = 0; i < plain->n_fields; i++) {
		const struct aqi_lax_field *f = &plain->fields[next];

		if ((size_t)(end - p) > f->size &&
		    memcmp(p, f->name, f->size) == 0)
			return next;
		if (++next == plain->n_fields)
			next = 0;
	}
	return plain->n_fields;
}

static bool
is_right(const struct aqi_lax_field *field, double x)
{
	return x >= field->min && x <= field->max &&
	       (!field->is_integer || x == (double)(int64_t)x);
}

bool
aqi_lax_plain_record(const struct aqi_lax_plain *plain, const char **at,
		     const char *end, double *x)
{
	const char *p = *at;
	uint32_t seen = 0;
	size_t k = plain->n_fields - 1;
	double value;

	if (p == end || *p != '{')
		return false;
	do {
		p = aqi_lax_plain_skip(p + 1, end);
		if (p == end || *p != '"')
			return false;
		k = find_field(plain, k + 1 == plain->n_fields ? 0 : k + 1,
			       p + 1, end);
		if (k == plain->n_fields)
			return false;
		p = aqi_lax_plain_skip(p + 1 + plain->fields[k].size, end);
		if (p == end || *p != ':')
			return false;
		p = aqi_lax_plain_skip(p + 1, end);
		if (!read_number(&p, end, &value) ||
		    !is_right(&plain->fields[k], value))
			return false;
		x[k] = value;
		seen |= (uint32_t)1 << k;
		p = aqi_lax_plain_skip(p, end);
	} while (p < end && *p == ',');
	if (p == end || *p != '}' ||
	    seen != UINT32_MAX >> (32 - plain->n_fields))
		return false;
	*at = p + 1;
	return true;
}
