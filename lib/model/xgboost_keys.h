/*
 * xgboost_keys.h: the keys of a file that XGBoost wrote, those of trees aside.
 * Private: for xgboost.c.
 */
#ifndef AQI_MODEL_XGBOOST_KEYS_H
#define AQI_MODEL_XGBOOST_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/document.h"
#include "model/xgboost_forest.h"

struct aqi_arena;
struct aqi_reading;
struct aqi_trees;

/*
 * What a file says, but for the trees: the numbers of inputs and outputs, which
 * they are checked against, stand behind them.
 */
struct aqi_xgboost_model {
	struct aqi_arena *arena;
	struct aqi_trees *out;
	size_t n_shares;		/* of the trees, for a thread each */
	bool has_learner, has_names, has_tree_info;

	struct aqi_slice booster, objective, base_score;
	size_t n_inputs, n_classes, n_targets;
	size_t n_trees;			/* SIZE_MAX: it is not said */
	struct aqi_integers tree_info;	/* (n_trees,) the margin of each */
	struct aqi_floats tree_weights;	/* (n_trees,) of dart, or empty */
	struct aqi_floats weights;	/* of gblinear */
	struct aqi_integers version;
	struct aqi_xgboost_trees trees;
	bool has_trees, has_weights;
	bool is_settled;		/* the base score is a margin */
	struct aqi_slice boosts_from_average;	/* empty: not said */
};

/*
 * Take the object of the whole file, and note where its trees are. Fails with
 * the key that is wrong, or "byte B: reason" (AQI_E_MODEL); AQI_E_MEMORY.
 */
enum aqi_status aqi_xgboost_keys_read(struct aqi_reading *reading,
				      struct aqi_xgboost_model *model)
	AQI_MUST_CHECK;

#endif
