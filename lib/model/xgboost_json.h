/*
 * xgboost_json.h: the JSON that XGBoost writes, which is nearly JSON.
 *
 * Where a statistic is no number, NaN, Infinity and -Infinity stand bare. They
 * are read as strings: no numbers, which matters only where one is needed.
 */
#ifndef AQI_MODEL_XGBOOST_JSON_H
#define AQI_MODEL_XGBOOST_JSON_H

#include "base/error.h"
#include "base/slice.h"

struct json_t;

/*
 * Read a text as aqi_json_read does. NULL on error: AQI_E_MODEL and "byte B:
 * reason" (from 0), or AQI_E_MEMORY.
 */
struct json_t *aqi_xgboost_json_read(struct aqi_slice bytes,
				     struct aqi_error *err) AQI_MUST_CHECK;

#endif
