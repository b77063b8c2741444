/*
 * audit.h: does a model hold what this library promises?
 *
 * What a file must be is checked when it is loaded. Here is what takes longer.
 */
#ifndef AQI_MODEL_AUDIT_H
#define AQI_MODEL_AUDIT_H

#include <stdint.h>

#include "base/error.h"

struct aqi_buffer;
struct aqi_forest;

/* Samples on which the ways are compared, of a model with many inputs fewer. */
#define AQI_AUDIT_ROWS 512

/*
 * Have each way that is for this forest and this processor (model/engine.h)
 * evaluate samples, in blocks of several sizes, and compare the bits with those
 * of aqi_forest_predict. The samples lie at the thresholds of the forest and
 * beside them; some values are missing, zero, or as large as can be.
 *
 * seed  of the samples: the same ones for the same seed
 * ways  the names of the ways are added, with commas between
 *
 * A difference would be a fault of this library: AQI_E_LIMIT, which is the exit
 * status of internal checks. AQI_E_MEMORY.
 */
enum aqi_status aqi_audit_ways(const struct aqi_forest *forest, uint64_t seed,
			       struct aqi_buffer *ways,
			       struct aqi_error *err) AQI_MUST_CHECK;

#endif
