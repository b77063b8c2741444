/*
 * xgboost_sets.h: the splits by categories of a tree that XGBoost wrote.
 *
 * Their categories stand one after the other in an array of the tree; three
 * more say of which nodes they are, where those of each begin, and how many.
 */
#ifndef AQI_MODEL_XGBOOST_SETS_H
#define AQI_MODEL_XGBOOST_SETS_H

#include <stdint.h>

#include "base/error.h"

struct aqi_reading;
struct aqi_tree_node;
struct aqi_xgboost_tree;

/*
 * Check them, and note in `type` which node has which set. Fails with "tree T
 * ...: reason" (AQI_E_MODEL), and with AQI_E_MEMORY.
 */
enum aqi_status aqi_xgboost_sets_check(struct aqi_reading *reading,
				       struct aqi_xgboost_tree *tree)
	AQI_MUST_CHECK;

/* Give a node its set, of that number; its children change places. */
void aqi_xgboost_sets_lay(const struct aqi_xgboost_tree *tree, int32_t number,
			  struct aqi_tree_node *node);

#endif
