/* utf8.h: is it text? */
#ifndef AQI_RECORD_UTF8_H
#define AQI_RECORD_UTF8_H

#include <stddef.h>

#include "base/slice.h"

/*
 * The offset of the first byte that is not part of well-formed UTF-8 (Unicode
 * 15.0, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF),
 * or text.size when all is well. A NUL byte counts as ill-formed here.
 */
size_t aqi_utf8_check(struct aqi_slice text);

/*
 * A character that a terminal could take for a command or that turns the
 * direction of a line: controls, and U+061C, U+200E, U+200F, U+2028 to U+202E,
 * U+2066 to U+2069. Its code, or 0.
 *
 * text   begins with a character of well-formed UTF-8
 * size   out: its length in bytes
 */
unsigned aqi_utf8_special(const char *text, size_t *size);

/*
 * Add any bytes as text that is safe to show: special characters and bytes that
 * are none stand as \xHH. Returns how many columns a terminal needs for it, if
 * each character needs one.
 */
struct aqi_buffer;
size_t aqi_utf8_show(struct aqi_slice text, struct aqi_buffer *out);

#endif
