/*
 * number.h: numbers as text, exact and the same in every locale.
 *
 * A number is  -? digits [. digits] [(e|E) (+|-)? digits]  with at least one
 * digit before or after the point, so `.5` and `5.` are numbers; blanks (space,
 * tab) around it do not matter. Nothing else is: no sign `+`, no `NaN`, `inf`,
 * hexadecimal, digit separators or blanks inside. Reading rounds once, to the
 * nearest value and to even on a tie, whatever the length of the text.
 */
#ifndef AQI_RECORD_NUMBER_H
#define AQI_RECORD_NUMBER_H

#include <stddef.h>

#include "base/slice.h"

enum aqi_number {
	AQI_NUMBER_OK,
	AQI_NUMBER_NOT,		/* the text is not a number */
	AQI_NUMBER_OVERFLOW	/* it is one, too large for the type */
};

/*
 * Read a number; mark is the decimal mark, '.' or ','. What is too small for
 * the type becomes a subnormal or zero. *x is set on AQI_NUMBER_OK only.
 */
enum aqi_number aqi_number_to_double(struct aqi_slice text, char mark,
				     double *x);

/* The same, straight to 32 bits: never rounded twice. */
enum aqi_number aqi_number_to_float(struct aqi_slice text, char mark,
				    float *x);

/* Enough for every text that the functions below write, with its NUL. */
#define AQI_NUMBER_SIZE 352

/*
 * x, which is finite, with a fixed count of decimals, 0 to 17, correctly
 * rounded; never "-0.00". Returns the length.
 */
size_t aqi_number_fixed(char out[AQI_NUMBER_SIZE], double x, int decimals);

/* The same without the zeros at the end: 1.5, 20, 0.0714. */
size_t aqi_number_rounded(char out[AQI_NUMBER_SIZE], double x, int decimals);

/* The shortest text that reads back to the same 64 (32) bits. */
size_t aqi_number_shortest(char out[AQI_NUMBER_SIZE], double x);
size_t aqi_number_shortest_float(char out[AQI_NUMBER_SIZE], float x);

#endif
