#include <math.h>

#include "model/json_decimal.h"
#include "model/spelling_json.h"
#include "record/number.h"

/* What XGBoost writes for numbers that are none; NULL: nothing of the kind. */
static const char *
take_special(const char *p, const char *end, double *x)
{
	static const struct {
		const char *text;
		size_t size;
		double value;
	} specials[] = {
		{"NaN", 3, (double)NAN},
		{"Infinity", 8, (double)INFINITY},
		{"-Infinity", 9, -(double)INFINITY},
	};

	for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
		if ((size_t)(end - p) < specials[i].size ||
		    memcmp(p, specials[i].text, specials[i].size) != 0)
			continue;
		*x = specials[i].value;
		return p + specials[i].size;
	}
	return NULL;
}

enum aqi_status
aqi_json_double(struct aqi_document *d, double *value, struct aqi_error *err)
{
	const char *start = d->at, *end;
	struct decimal x;

	end = take_special(start, d->end, value);
	if (end) {
		d->at = end;
		return AQI_OK;
	}
	end = take_decimal(start, d->end, &x);
	if (!end)
		return aqi_json_fail(d, start, "not JSON: a number expected",
				     err);
	if (!to_double(&x, value) &&
	    aqi_number_to_double((struct aqi_slice){start,
						    (size_t)(end - start)},
				 '.', value) != AQI_NUMBER_OK)
		return aqi_json_fail(d, start, "a number is too large", err);
	d->at = end;
	return AQI_OK;
}

static enum aqi_status
take_float(struct aqi_document *d, float *value, struct aqi_error *err)
{
	const char *start = d->at;
	double wide = 0;

	if (aqi_json_double(d, &wide, err) != AQI_OK)
		return AQI_FATAL;
	if (aqi_number_to_float((struct aqi_slice){start,
						   (size_t)(d->at - start)},
				'.', value) != AQI_NUMBER_OK)
		*value = wide > 0 ? INFINITY : wide < 0 ? -INFINITY : NAN;
	return AQI_OK;
}

/*
 * Go to the next value of an array of numbers: AQI_OK, one that may be a number
 * is there; AQI_END; AQI_REJECT, another value.
 */
static inline enum aqi_status
next_number(struct aqi_document *d, bool is_first, struct aqi_error *err)
{
	enum aqi_value kind;
	const char *p = d->at;

	p = d->at = aqi_json_behind_blanks(p, d->end);
	if (p < d->end && *p == ']') {
		d->at++;
		return AQI_END;
	}
	if (!is_first) {
		if (p == d->end || *p != ',')
			return aqi_json_fail(d, p, "not JSON: ',' or ']' "
					     "expected", err);
		d->at = aqi_json_behind_blanks(p + 1, d->end);
	}
	if (aqi_json_peek(d, &kind, err) != AQI_OK)
		return AQI_FATAL;
	return kind == AQI_VALUE_NUMBER || kind == AQI_VALUE_BOOLEAN ?
	       AQI_OK : AQI_REJECT;
}

/* As many as are usual. */
static enum aqi_status
take_usual_floats(struct aqi_document *d, struct aqi_floats *numbers,
		  struct aqi_error *err)
{
	const char *p = d->at, *behind;
	struct decimal x;
	float value;

	while (may_be_usual(p, d->end)) {
		behind = take_usual(p + 1, &x);
		if (!behind || !to_float(&x, &value))
			break;
		if (numbers->n == numbers->room &&
		    aqi_floats_reserve(numbers, 1, err) != AQI_OK)
			return AQI_FATAL;
		numbers->data[numbers->n++] = value;
		p = behind;
	}
	d->at = p;
	return AQI_OK;
}

enum aqi_status
aqi_json_floats(struct aqi_document *d, struct aqi_floats *numbers,
		struct aqi_error *err)
{
	enum aqi_status status;
	bool is_first = true;

	d->at = aqi_json_behind_blanks(d->at, d->end) + 1;
	while ((status = next_number(d, is_first, err)) == AQI_OK) {
		if (*d->at == 't' || *d->at == 'f')
			return AQI_REJECT;
		if (aqi_floats_reserve(numbers, 1, err) != AQI_OK ||
		    take_float(d, &numbers->data[numbers->n], err) != AQI_OK)
			return AQI_FATAL;
		numbers->n++;
		if (take_usual_floats(d, numbers, err) != AQI_OK)
			return AQI_FATAL;
		is_first = false;
	}
	return status == AQI_END ? AQI_OK : status;
}

/* AQI_REJECT: no whole number. */
static enum aqi_status
take_integer(struct aqi_document *d, int32_t *value, struct aqi_error *err)
{
	const char first = *d->at;
	double wide = 0;

	if (first == 't' || first == 'f') {
		*value = first == 't';
		return aqi_json_word(d, err);
	}
	if (aqi_json_double(d, &wide, err) != AQI_OK)
		return AQI_FATAL;
	if (!(wide >= INT32_MIN && wide <= INT32_MAX) || wide != floor(wide))
		return AQI_REJECT;
	*value = (int32_t)wide;
	return AQI_OK;
}

static enum aqi_status
take_usual_integers(struct aqi_document *d, struct aqi_integers *numbers,
		    struct aqi_error *err)
{
	const char *p = d->at, *start, *q;

	while (may_be_usual(p, d->end)) {
		const bool is_negative = p[1] == '-';
		int32_t value = 0;

		start = q = p + 1 + is_negative;
		while (aqi_ascii_is_digit(*q) && q - start < 9)
			value = value * 10 + (*q++ - '0');
		if (q == start || (q - start > 1 && *start == '0') ||
		    aqi_ascii_is_digit(*q) || *q == '.' ||
		    (*q | 0x20) == 'e')
			break;
		if (numbers->n == numbers->room &&
		    aqi_integers_reserve(numbers, 1, err) != AQI_OK)
			return AQI_FATAL;
		numbers->data[numbers->n++] = is_negative ? -value : value;
		p = q;
	}
	d->at = p;
	return AQI_OK;
}

enum aqi_status
aqi_json_integers(struct aqi_document *d, struct aqi_integers *numbers,
		  struct aqi_error *err)
{
	enum aqi_status status;
	bool is_first = true;

	d->at = aqi_json_behind_blanks(d->at, d->end) + 1;
	while ((status = next_number(d, is_first, err)) == AQI_OK) {
		if (aqi_integers_reserve(numbers, 1, err) != AQI_OK)
			return AQI_FATAL;
		status = take_integer(d, &numbers->data[numbers->n], err);
		if (status != AQI_OK)
			return status;
		numbers->n++;
		if (take_usual_integers(d, numbers, err) != AQI_OK)
			return AQI_FATAL;
		is_first = false;
	}
	return status == AQI_END ? AQI_OK : status;
}

/* Of a number, only whether it is one; the few that may be too large for a
 * double are read. */
enum aqi_status
aqi_json_skip_number(struct aqi_document *d, struct aqi_error *err)
{
	struct decimal x;
	const char *end = take_decimal(d->at, d->end, &x);
	double value;

	if (!end || x.exponent > 200 || !x.is_exact)
		return aqi_json_double(d, &value, err);
	d->at = end;
	return AQI_OK;
}

void
aqi_json_skip_numbers(struct aqi_document *d)
{
	const char *p = d->at, *behind;
	struct decimal x;

	while (may_be_usual(p, d->end) && (behind = take_usual(p + 1, &x)))
		p = behind;
	d->at = p;
}
