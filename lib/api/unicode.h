/*
 * unicode.h: the text of a JSON body, whatever Unicode encoding it came in.
 * Private to the library.
 *
 * As in Python's json.loads: a byte order mark tells the encoding, else the
 * NULs among the first four bytes do, else it is UTF-8. Surrogates that stand
 * alone pass, in each encoding; in the text they are three bytes, as if they
 * were characters (WTF-8).
 */
#ifndef AQI_API_UNICODE_H
#define AQI_API_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * *text, out, is the body's own bytes where they are UTF-8, else what was put
 * into room, borrowed until the next call. AQI_REJECT: not well-formed.
 */
enum aqi_status aqi_unicode_read(struct aqi_slice body, struct aqi_buffer *room,
				 struct aqi_slice *text) AQI_MUST_CHECK;

/*
 * The bytes of the character at p, below end: 1 to 4, or 0 where none is
 * well-formed. *code, out, is its number.
 */
size_t aqi_unicode_next(const char *p, const char *end, uint32_t *code);

/* Write a character; returns its size. */
size_t aqi_unicode_put(char out[4], uint32_t code);

static inline bool
aqi_unicode_is_surrogate(uint32_t code)
{
	return code >= 0xd800 && code <= 0xdfff;
}

#endif
