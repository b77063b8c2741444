/*
 * verify.h: is an answer what our library predicts from its request?
 *
 * Both are the bodies of the prediction API: a record, or an object with
 * `instances`, and aqi with category, or an object with `predictions`. aqi may
 * be off by 0.01, since it is rounded to that; category must be equal, unless
 * aqi is so near to a bound.
 */
#ifndef AQI_API_VERIFY_H
#define AQI_API_VERIFY_H

#include <stdbool.h>

#include "base/slice.h"

struct aqi_model;

/* request: the whole message; any but those of the two routes pass. */
bool aqi_verify_answer(const struct aqi_model *model, struct aqi_slice request,
		       struct aqi_slice answer);

#endif
