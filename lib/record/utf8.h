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

#endif
