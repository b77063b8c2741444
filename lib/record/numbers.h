/*
 * numbers.h: short numbers of some rows, read at once.
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

/* Values are counted row by row: all numbers that are wanted of a row go where
 * a row of them is, by whole vectors. */
struct aqi_numbers {
	const char *base;	/* that extents are of; 8 bytes or more */
	const struct aqi_extent *extents;	/* of the first row */
	size_t step;		/* from row to row */
	const size_t *columns;	/* (n_columns,) of these in each row; NULL: the
				 * values lie side by side, value i at i */
	size_t n_columns;	/* at least one */
	size_t n;		/* of values in whole rows, at most
				 * AQI_NUMBERS_AT_ONCE */
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

/* What the ways have in common: the values side by side, copied if need be; */
static inline const struct aqi_extent *
aqi_numbers_flat(const struct aqi_numbers *numbers,
		 struct aqi_extent copied[AQI_NUMBERS_AT_ONCE])
{
	const struct aqi_extent *row = numbers->extents;
	const size_t *const columns = numbers->columns;
	const size_t n = numbers->n, n_columns = numbers->n_columns;
	const size_t step = numbers->step;

	if (!columns)
		return row;
	for (size_t i = 0; i < n; row += step)
		for (size_t k = 0; k < n_columns; k++)
			copied[i++] = row[columns[k]];
	return copied;
}

/* and read those of some that are left, one by one.
 * Returns what is left then. */
uint64_t aqi_numbers_rest(const struct aqi_numbers *numbers, uint64_t left);

#endif
