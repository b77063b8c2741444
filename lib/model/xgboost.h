/*
 * xgboost.h: models as XGBoost writes them in JSON, versions 1 to 3.
 *
 * Read are tree models with one output: boosters gbtree (random forests
 * included) with the objectives reg:squarederror, reg:linear,
 * reg:squaredlogerror, reg:pseudohubererror, reg:absoluteerror,
 * reg:quantileerror (one quantile), reg:gamma, reg:tweedie, count:poisson,
 * reg:logistic and binary:logistic. All trees count, whatever best_iteration
 * says. Anything else is refused by its name.
 *
 * A file is checked in full: every count against what is there, every node,
 * every number. Keys that are not known are passed over, as XGBoost does.
 *
 * Source: the XGBoost documentation, "Introduction to Model IO", JSON schema,
 * and the files that versions 1.7.4, 3.1 and 3.4.1 write.
 */
#ifndef AQI_MODEL_XGBOOST_H
#define AQI_MODEL_XGBOOST_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_trees;

/*
 * Read a model; the names are put in arena, the bytes are not needed later.
 *
 * Fails with AQI_E_MODEL: "tree T node N: reason", "byte B: reason" (from 0)
 * where it is not JSON, or the key that is wrong. What is no such model at all
 * is named, with what to do. AQI_E_MEMORY.
 */
enum aqi_status aqi_xgboost_read(struct aqi_slice bytes,
				 struct aqi_arena *arena,
				 struct aqi_trees *trees,
				 struct aqi_error *err) AQI_MUST_CHECK;

#endif
