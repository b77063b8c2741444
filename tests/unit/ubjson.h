/*
 * ubjson.h: a JSON text as XGBoost would have written it in UBJSON: arrays of
 * numbers with one type for all, lengths in 64 bits.
 */
#ifndef AQI_TESTS_UBJSON_H
#define AQI_TESTS_UBJSON_H

#include <jansson.h>
#include <math.h>
#include <stdint.h>

#include "base/buffer.h"

/* A number in the order of the network. */
static inline void
ubjson_bytes(struct aqi_buffer *out, uint64_t bits, int n)
{
	while (n-- > 0)
		aqi_buffer_add_byte(out, (char)(bits >> 8 * n));
}

static inline void
ubjson_length(struct aqi_buffer *out, size_t n)
{
	aqi_buffer_add_byte(out, 'L');
	ubjson_bytes(out, n, 8);
}

static inline void
ubjson_float(struct aqi_buffer *out, double x)
{
	const float narrow = (float)x;
	uint32_t bits;

	memcpy(&bits, &narrow, sizeof bits);
	ubjson_bytes(out, bits, 4);
}

/* The least type that holds all numbers of an array; 0: it holds others. */
static inline char
ubjson_type(const json_t *array)
{
	char type = 'i';

	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *value = json_array_get(array, i);
		const double x = json_number_value(value);

		if (!json_is_number(value))
			return 0;
		if (type == 'd' || x != floor(x) || fabs(x) > 0x1p62 ||
		    (x == 0 && signbit(x)))
			type = 'd';
		else if (x < INT8_MIN || x > INT8_MAX)
			type = type == 'L' || fabs(x) > INT32_MAX ? 'L' : 'l';
	}
	return type;
}

static inline void
ubjson_number(struct aqi_buffer *out, char type, double x)
{
	const int sizes[] = {['i'] = 1, ['l'] = 4, ['L'] = 8};

	if (type == 'd')
		ubjson_float(out, x);
	else
		ubjson_bytes(out, (uint64_t)(int64_t)x, sizes[(int)type]);
}

static inline void ubjson_write(struct aqi_buffer *out, const json_t *value);

static inline void
ubjson_array(struct aqi_buffer *out, const json_t *array)
{
	const size_t n = json_array_size(array);
	const char type = n > 0 ? ubjson_type(array) : 0;

	aqi_buffer_add_byte(out, '[');
	if (type) {
		aqi_buffer_add_byte(out, '$');
		aqi_buffer_add_byte(out, type);
	}
	aqi_buffer_add_byte(out, '#');
	ubjson_length(out, n);
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_array_get(array, i);

		if (type)
			ubjson_number(out, type, json_number_value(value));
		else
			ubjson_write(out, value);
	}
}

static inline void
ubjson_text(struct aqi_buffer *out, const char *text, size_t size)
{
	ubjson_length(out, size);
	aqi_buffer_add(out, text, size);
}

static inline void
ubjson_object(struct aqi_buffer *out, const json_t *object)
{
	const char *key;
	json_t *value;

	aqi_buffer_add_byte(out, '{');
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		ubjson_text(out, key, strlen(key));
		ubjson_write(out, value);
	}
	aqi_buffer_add_byte(out, '}');
}

/* Our files nest no deeper than the reader allows. */
static inline void
ubjson_write(struct aqi_buffer *out, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		ubjson_object(out, value);
		return;
	case JSON_ARRAY:
		ubjson_array(out, value);
		return;
	case JSON_STRING:
		aqi_buffer_add_byte(out, 'S');
		ubjson_text(out, json_string_value(value),
			    json_string_length(value));
		return;
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		aqi_buffer_add_byte(out, json_is_true(value) ? 'T' :
				    json_is_false(value) ? 'F' : 'Z');
		return;
	default:
		/* Texts of XGBoost's have no other numbers. */
		aqi_buffer_add_byte(out, 'D');
		{
			const double x = json_number_value(value);
			uint64_t bits;

			memcpy(&bits, &x, sizeof bits);
			ubjson_bytes(out, bits, 8);
		}
	}
}

#endif
