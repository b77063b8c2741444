/*
 * encoding.h: text in any encoding that iconv knows, as UTF-8.
 *
 * Bytes that are no character become one byte that UTF-8 never has, so that
 * the record they stand in is refused, and no other.
 */
#ifndef AQI_RECORD_ENCODING_H
#define AQI_RECORD_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* true too when memory ran out, which aqi_encoding_new will find then. */
bool aqi_encoding_is_known(const char *name);

/* Is it UTF-8, which needs no conversion? */
bool aqi_encoding_is_utf8(const char *name);

/* One thread each. */
struct aqi_encoding;

/* For one text in an encoding that is known; NULL without memory. */
struct aqi_encoding *aqi_encoding_new(const char *name);

/*
 * Convert from *in, which is moved on, into out (size,), of 16 bytes at least.
 * Returns the count of bytes written. 0: what is left of *in is a part of a
 * character; with at_end nothing is left then, and all is converted.
 */
size_t aqi_encoding_convert(struct aqi_encoding *encoding,
			    struct aqi_slice *in, bool at_end, char *out,
			    size_t size);

void aqi_encoding_free(struct aqi_encoding *encoding);

#endif
