/* mapping_reader.h: a mapping's JSON document, read and checked. */
#ifndef AQI_AIR_MAPPING_READER_H
#define AQI_AIR_MAPPING_READER_H

#include "base/error.h"
#include "base/slice.h"

struct aqi_mapping;

/*
 * Read a document, called `file` in errors, into a mapping of zeros, whose
 * arena then owns all of it. Errors as aqi_mapping_new has them; what was read
 * up to there is the arena's too.
 */
enum aqi_status aqi_mapping_reader_read(struct aqi_mapping *mapping,
					struct aqi_slice text, const char *file,
					struct aqi_error *err) AQI_MUST_CHECK;

#endif
