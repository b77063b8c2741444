/*
 * lightgbm.h: models as LightGBM writes them in text, versions v2 to v4.
 *
 * Read are trees of any kind: splits with each rule for missing values, sets of
 * categories, leaves that are linear functions; boosted, dart and random
 * forests, for one class or many, with the objectives of lightgbm_objective.h.
 * All trees count, whatever the best iteration was. What follows the trees,
 * importances and parameters, is passed over.
 *
 * A file is checked in full: every count against what is there, tree_sizes
 * among them, every node, every number that counts; statistics that are passed
 * over are counted, too. Keys that are not known are passed over, as LightGBM
 * does. Names that are no more than Column_0, Column_1 and so on are none:
 * LightGBM gives them where it was told none.
 *
 * Source: LightGBM 4.6, src/boosting/gbdt_model_text.cpp and src/io/tree.cpp,
 * and files of the versions v2 to v4.
 */
#ifndef AQI_MODEL_LIGHTGBM_H
#define AQI_MODEL_LIGHTGBM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_trees;
struct aqi_trees_options;

/* Does it begin as such a model does, with a line `tree`? */
bool aqi_lightgbm_is_model(struct aqi_slice bytes);

/*
 * Read a model; texts are put in arena, the bytes are not needed later.
 *
 * Fails with AQI_E_MODEL: "tree T node N: reason", "tree T leaf N: reason",
 * "byte B: reason" (from 0), or the key that is wrong; AQI_E_LIMIT;
 * AQI_E_MEMORY. trees->forest is NULL then.
 */
enum aqi_status aqi_lightgbm_read(struct aqi_slice bytes,
				  const struct aqi_trees_options *options,
				  struct aqi_arena *arena,
				  struct aqi_trees *trees,
				  struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The same of a file, in pieces and without statistics, as model/trees.h says
 * of aqi_trees_read_file. Of several threads two do it, where the file has 2 MB
 * or more, and all trees are plain ones.
 */
bool aqi_lightgbm_read_file(const char *path, size_t limit,
			    const struct aqi_trees_options *options,
			    struct aqi_arena *arena, struct aqi_trees *trees);

#endif
