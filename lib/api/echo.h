/*
 * echo.h: a value that was sent, written back as Python's json.dumps does.
 * Private to the library.
 *
 * No blanks, no escapes but those that must be; numbers are as Python prints
 * what it has read (1e3 is 1000.0); of members of one name the last counts, at
 * the place of the first. Two things differ, since Python fails upon them: NaN
 * and the infinities become null, and a surrogate that stands alone its escape.
 */
#ifndef AQI_API_ECHO_H
#define AQI_API_ECHO_H

#include "base/slice.h"

struct aqi_buffer;

/*
 * value is checked JSON (api/scan.h). Time grows with the square of the
 * members, and the stack with the depth: it is for small values.
 */
void aqi_echo_add(struct aqi_buffer *out, struct aqi_slice value);

/* Bytes as a string; what is not UTF-8 becomes U+FFFD. */
void aqi_echo_add_text(struct aqi_buffer *out, struct aqi_slice text);

/* A finite number as Python's repr() writes a float: 71.0, 1e-05, 1e+16. */
void aqi_echo_add_float(struct aqi_buffer *out, double x);

#endif
