/*
 * xgboost.h: models as XGBoost writes them in JSON and UBJSON, versions 1 to 3.
 *
 * Read are the boosters gbtree (random forests, categories and vectors in the
 * leaves included), dart, whose weights go into the leaves, and gblinear, which
 * becomes a leaf for each weight; and the objectives of
 * model/xgboost_objective.c. All trees count, whatever best_iteration says.
 * Anything else is refused by its name.
 *
 * A file is checked in full: every count against what is there, every node,
 * every number. Where statistics are passed over, only the brackets are looked
 * at of them and of what no prediction needs besides. Keys that are not known
 * are passed over, as XGBoost does.
 *
 * The margins are XGBoost's to the bit, but for the models that XGBoost itself
 * does not sum in one order.
 *
 * Source: the XGBoost documentation, "Introduction to Model IO", JSON schema,
 * and the files that versions 1.7.4, 3.1, 3.2 and 3.4.1 write.
 */
#ifndef AQI_MODEL_XGBOOST_H
#define AQI_MODEL_XGBOOST_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_trees;
struct aqi_trees_options;

/* Can it be JSON: an object or an array? Can it be UBJSON: an object? */
bool aqi_xgboost_is_json(struct aqi_slice bytes);
bool aqi_xgboost_is_ubjson(struct aqi_slice bytes);

/*
 * Read a model of either spelling; the names are put in arena, the bytes are
 * not needed later.
 *
 * Fails with AQI_E_MODEL: "tree T node N: reason", "byte B: reason" (from 0)
 * where the spelling is wrong, or the key that is wrong. What is no such model
 * at all is named, with what to do. AQI_E_LIMIT; AQI_E_MEMORY.
 */
enum aqi_status aqi_xgboost_read(struct aqi_slice bytes,
				 const struct aqi_trees_options *options,
				 struct aqi_arena *arena,
				 struct aqi_trees *trees,
				 struct aqi_error *err) AQI_MUST_CHECK;

#endif
