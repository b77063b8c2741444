/* fuzz.h: what the fuzz targets share. */
#ifndef AQI_TESTS_FUZZ_H
#define AQI_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

/* What each target defines: one input, which must not break its property. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The property, or the end: with assertions compiled out, too. */
#define CHECK(condition)                                                      \
	do {                                                                  \
		if (!(condition)) {                                           \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,      \
				__LINE__, #condition);                        \
			abort();                                              \
		}                                                             \
	} while (0)

static inline struct aqi_slice
input_slice(const uint8_t *data, size_t size)
{
	return (struct aqi_slice){(const char *)data, size};
}

/* The first byte, taken off the input; 0 where there is none. */
static inline unsigned
input_byte(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	--*size;
	return *(*data)++;
}

#endif
