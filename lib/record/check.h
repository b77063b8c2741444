/*
 * check.h: what can be wrong with the bytes of a record before it is taken
 * apart. Private to the reader.
 */
#ifndef AQI_RECORD_CHECK_H
#define AQI_RECORD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct aqi_chunk;
struct aqi_format;

/* Is it longer than the format allows? Then it may be here in part only. */
bool aqi_check_is_too_long(const struct aqi_format *format,
			   const struct aqi_chunk *chunk, size_t i);

/*
 * AQI_REJECT: it is too long, torn, or not UTF-8; err->column is the byte of
 * the record where that is, from 1.
 */
enum aqi_status aqi_check_bytes(const struct aqi_format *format,
				const struct aqi_chunk *chunk, size_t i,
				struct aqi_error *err) AQI_MUST_CHECK;

#endif
