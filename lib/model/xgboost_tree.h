/*
 * xgboost_tree.h: one tree of a model that XGBoost wrote.
 *
 * A tree is an object of arrays, one value a node. Three things are XGBoost's
 * own. Of a split by categories, those that are listed go right, so here the
 * children change places. Of a tree with a vector of values in each leaf there
 * becomes a tree for each of them. Statistics that are not finite are no fault,
 * and are left out.
 *
 * The nodes are checked first, then made one by one as the builder asks for
 * them: an array of them would be several times the file.
 *
 * Source: XGBoost, src/tree/tree_model.cc, src/tree/multi_target_tree_model.cc
 * and src/common/categorical.h, of the versions 1.0 to 3.4.
 */
#ifndef AQI_MODEL_XGBOOST_TREE_H
#define AQI_MODEL_XGBOOST_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/document.h"

struct aqi_forest_builder;
struct aqi_reading;

/*
 * The tree as it was read last; its arrays grow to those of the largest.
 * Zero-initialised means empty; skips_statistics, needs_covers, needs_gains and
 * most are the caller's to set, bad_covers and bad_gains to look at.
 */
struct aqi_xgboost_tree {
	bool skips_statistics;		/* not even looked at */
	bool needs_covers, needs_gains;
	bool bad_covers, bad_gains;	/* some tree had no use of them */
	size_t most;			/* bytes for the arrays and builder */

	size_t n_nodes, n_deleted;
	size_t n_values;		/* in a leaf; 0 and 1 are one */
	struct aqi_integers left, right, input, default_left;
	struct aqi_integers type;	/* from AQI_XGBOOST_SET on, the number
					 * of the split's set */
	struct aqi_integers categories, category_nodes, category_starts,
			    category_sizes;
	struct aqi_floats value, cover, gain;
	struct aqi_floats leaves;	/* (leaves, n_values) from 3.2 on */
	struct aqi_floats weights;	/* (n_nodes, n_values) before */
	struct aqi_document weights_at;	/* where these are */

	/* Of the nodes that are made: */
	bool has_covers, has_gains;
	float weight;			/* leaves are multiplied by it */
	size_t target;			/* which of n_values is the leaf's */
	double *set;			/* the node's */
	size_t n_set_room;
};

#define AQI_XGBOOST_SET 2

/*
 * Take the tree at the reading's place and add it to the builder; AQI_END: it
 * was not added, for it lacks statistics that are needed.
 *
 * target  the margin it is for, of n_margins
 * weight  its leaves are multiplied by it, in 32 bits
 *
 * Fails with "tree T: key: reason" where an array of the tree is not as it must
 * be, "tree T node N: reason" where a node is not (AQI_E_MODEL), as
 * aqi_forest_builder_add does, and with AQI_E_MEMORY.
 */
enum aqi_status aqi_xgboost_tree_read(struct aqi_reading *reading,
				      struct aqi_xgboost_tree *tree,
				      size_t target, size_t n_margins,
				      float weight,
				      struct aqi_forest_builder *builder)
	AQI_MUST_CHECK;

/* "tree T: key: N values for M of" and AQI_E_MODEL. */
enum aqi_status aqi_xgboost_tree_fail(struct aqi_reading *reading,
				      const char *key, size_t n,
				      size_t n_needed, const char *of);

void aqi_xgboost_tree_free(struct aqi_xgboost_tree *tree);

#endif
