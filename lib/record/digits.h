/*
 * digits.h: numbers written down in whole-number arithmetic, as far as 128 bits
 * hold them exactly. number.c has another way for the rest. Private to record.
 */
#ifndef AQI_RECORD_DIGITS_H
#define AQI_RECORD_DIGITS_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of `out` that may be written, more than the text has. */
#define AQI_DIGITS_ROOM 32

/*
 * x as aqi_number_fixed writes it, without a NUL. Returns the length; 0: the
 * number is too large for this, or has too many digits.
 */
size_t aqi_digits_fixed(char out[AQI_DIGITS_ROOM], double x, int decimals);

/*
 * x as aqi_number_shortest writes it, or where it is a 32-bit float as
 * aqi_number_shortest_float does. Returns the length; 0: this is not for it.
 */
size_t aqi_digits_shortest(char out[AQI_DIGITS_ROOM], double x, bool is_float);

#endif
