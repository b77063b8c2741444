/* xgboost_names.h: the names of the inputs in a model that XGBoost wrote. */
#ifndef AQI_MODEL_XGBOOST_NAMES_H
#define AQI_MODEL_XGBOOST_NAMES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_reading;

/*
 * Take an array of names, which are put in arena: none empty, none twice, no
 * more than a forest has inputs. AQI_E_MODEL, AQI_E_MEMORY.
 */
enum aqi_status aqi_xgboost_names_read(struct aqi_reading *reading,
				       const char *key,
				       struct aqi_arena *arena,
				       struct aqi_slice **names,
				       size_t *n_names) AQI_MUST_CHECK;

#endif
