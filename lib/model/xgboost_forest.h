/*
 * xgboost_forest.h: the trees of a model that XGBoost wrote, read by one thread
 * or several.
 *
 * Several read what stands between cuts, which are found when the array of
 * trees is passed over: each its trees with a builder of its own. What they
 * make is what one makes, to the byte. Where anything is wrong, one thread
 * reads the trees once more from the first on, and tells what it is: so no
 * message depends on the number of threads.
 */
#ifndef AQI_MODEL_XGBOOST_FOREST_H
#define AQI_MODEL_XGBOOST_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/forest.h"
#include "model/member.h"
#include "model/trees.h"

/* A place before a tree, to go on from. */
struct aqi_xgboost_cut {
	struct aqi_document document;
	size_t tree;
};

struct aqi_xgboost_trees {
	struct aqi_reading at;		/* where their array begins */
	struct aqi_xgboost_cut cuts[AQI_TREES_SHARES];
	size_t n_cuts;			/* 0: for one thread */
	bool skips_statistics;
	size_t most;			/* bytes that reading may take */

	size_t n_trees;			/* that there must be */
	const int32_t *targets;		/* (n_trees,) the margin of each */
	const float *weights;		/* (n_trees,) or NULL: all are 1 */
};

/*
 * Pass over the array that stands here, without looking, and note where it is.
 *
 * n_shares  how many threads are to read it later
 */
enum aqi_status aqi_xgboost_trees_pass(struct aqi_reading *reading,
				       size_t n_shares,
				       struct aqi_xgboost_trees *trees)
	AQI_MUST_CHECK;

/*
 * The forest of these trees. has_covers and has_gains of the shape are set: all
 * or no trees have statistics.
 *
 * Fails as model/xgboost_tree.h says, and where the trees are not n_trees.
 */
struct aqi_forest *
aqi_xgboost_forest_read(const struct aqi_xgboost_trees *trees,
			struct aqi_forest_shape *shape,
			struct aqi_error *err) AQI_MUST_CHECK;

#endif
