/*
 * numbers.h: a column of short numbers, read at once.
 *
 * A number of measurements has few digits. Up to eight characters of it are one
 * word, in which all are looked at together; a vector holds several words, so
 * that as many numbers are read without a branch that depends on them
 * (numbers.inc). One of up to 15 characters but the minus takes a loop of its
 * own, and all else is left to record/number.h: what is read here has the same
 * bits.
 */
#ifndef AQI_RECORD_NUMBERS_H
#define AQI_RECORD_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/field.h"

/* More are read in parts. */
#define AQI_NUMBERS_AT_ONCE 64

struct aqi_numbers {
	const char *base;	/* that extents are of */
	const struct aqi_extent *extents;	/* value i's is i * step on */
	size_t step;
	size_t n;		/* at most AQI_NUMBERS_AT_ONCE */
	enum aqi_kind kind;	/* that numbers have; others are none */
	char mark;		/* '.' or ',' */
	bool is_narrow;		/* round to the nearest float, once */
	double *x;		/* out: value i at x[i * stride] */
	size_t stride;
};

/* Read them; x is undefined where a bit of the result is set, from the lowest
 * on: these are none that can be read here. */
typedef uint64_t aqi_numbers_fn(const struct aqi_numbers *numbers);

/* The best way on this processor. */
aqi_numbers_fn *aqi_numbers_reader(void);

/* Each way, for tests to compare: by the levels of base/processor.h. */
aqi_numbers_fn aqi_numbers_portable;
aqi_numbers_fn aqi_numbers_avx2;
aqi_numbers_fn aqi_numbers_avx512;

/* What the ways have in common: read those of some that are left, one by one.
 * Returns what is left then. */
uint64_t aqi_numbers_rest(const struct aqi_numbers *numbers, uint64_t left);

#endif
