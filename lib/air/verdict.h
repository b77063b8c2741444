/* verdict.h: one value against the field of a schema. */
#ifndef AQI_AIR_VERDICT_H
#define AQI_AIR_VERDICT_H

#include "base/error.h"
#include "record/field.h"

struct aqi_batch;
struct aqi_schema_field;

/*
 * AQI_OK: it is right, *x is a number's value. AQI_END: it is missing, and may
 * be. AQI_REJECT: it is neither, err has the code and the reason. *x is NaN
 * where the value is no number.
 */
enum aqi_status aqi_verdict_of(const struct aqi_batch *batch,
			       const struct aqi_schema_field *f,
			       struct aqi_field field, double *x,
			       struct aqi_error *err) AQI_MUST_CHECK;

#endif
