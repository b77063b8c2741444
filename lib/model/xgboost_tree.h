/* xgboost_tree.h: one tree of a model that XGBoost wrote in JSON. */
#ifndef AQI_MODEL_XGBOOST_TREE_H
#define AQI_MODEL_XGBOOST_TREE_H

#include <stddef.h>

#include "base/error.h"

struct aqi_forest_builder;
struct aqi_tree_node;
struct json_t;

/*
 * Room for the nodes of one tree at a time, grown to the largest.
 * Zero-initialised means empty.
 */
struct aqi_xgboost_nodes {
	struct aqi_tree_node *data;
	size_t room;
};

/*
 * Read a member of `trees` and add it to the builder.
 *
 * t  its number, for messages
 *
 * Fails with "tree T: key: reason" where an array of the tree is not as it must
 * be, "tree T node N: reason" where a node is not (AQI_E_MODEL), as
 * aqi_forest_builder_add does, and with AQI_E_MEMORY.
 */
enum aqi_status aqi_xgboost_tree_read(const struct json_t *tree, size_t t,
				      struct aqi_xgboost_nodes *nodes,
				      struct aqi_forest_builder *builder,
				      struct aqi_error *err) AQI_MUST_CHECK;

void aqi_xgboost_nodes_free(struct aqi_xgboost_nodes *nodes);

#endif
