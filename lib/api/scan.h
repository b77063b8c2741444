/*
 * scan.h: JSON as Python's json module reads it, in place. Private to the
 * library.
 *
 * First the text is checked, whole, and a fault is where and what Python's
 * decoder says it is. Then it can be walked without any more checks: a value is
 * the bytes in which it stands, and nothing is kept of it. So memory does not
 * grow with what is sent.
 *
 * Python takes more than RFC 8259: NaN, Infinity, -Infinity, numbers beyond any
 * double, keys twice, surrogates alone. It does not take whole numbers of more
 * than 4,300 digits.
 */
#ifndef AQI_API_SCAN_H
#define AQI_API_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* As deep as Python 3.13 goes, too. */
#define AQI_SCAN_DEPTH 10000

struct aqi_scan_fault {
	const char *reason;	/* of Python's JSONDecodeError; NULL: too deep,
				 * or a number of too many digits */
	size_t at;		/* the byte */
};

/* Check a text, which is as aqi_unicode_read leaves it. AQI_REJECT: fault. */
enum aqi_status aqi_scan_check(struct aqi_slice text,
			       struct aqi_scan_fault *fault) AQI_MUST_CHECK;

/* What follows is for texts that have been checked. */

enum aqi_scan_kind {
	AQI_SCAN_NULL,
	AQI_SCAN_FALSE,
	AQI_SCAN_TRUE,
	AQI_SCAN_INTEGER,	/* by its form: 14, but not 14.0 */
	AQI_SCAN_FLOAT,
	AQI_SCAN_NAN,
	AQI_SCAN_INFINITY,	/* of either sign */
	AQI_SCAN_STRING,
	AQI_SCAN_ARRAY,
	AQI_SCAN_OBJECT
};

enum aqi_scan_kind aqi_scan_kind(struct aqi_slice value);

/* The value of a text, without the blanks around it. */
struct aqi_slice aqi_scan_value(struct aqi_slice text);

/* The items of an array, or the members of an object, one after the other. */
struct aqi_scan_walk {
	const char *p, *end;
	bool is_object;
};

struct aqi_scan_walk aqi_scan_walk(struct aqi_slice value);

/* false at the end. *key, out, is a string as it stands; of an item, empty. */
bool aqi_scan_next(struct aqi_scan_walk *walk, struct aqi_slice *key,
		   struct aqi_slice *value);

/* Has an array, an object or a string nothing in it? */
bool aqi_scan_is_empty(struct aqi_slice value);

/* The last member of that name of an object, or {NULL, 0}. */
struct aqi_slice aqi_scan_find(struct aqi_slice object, struct aqi_slice name);

/* The characters of a string, escapes undone: *p begins behind its quote. */
bool aqi_scan_character(const char **p, uint32_t *code);

/* Is it the string of that ASCII name? */
bool aqi_scan_is(struct aqi_slice string, struct aqi_slice name);

/* Are two strings the same once their escapes are undone? */
bool aqi_scan_equal(struct aqi_slice a, struct aqi_slice b);

#endif
