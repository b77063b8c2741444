/*
 * lightgbm_share.h: trees of a LightGBM text model that follow one another,
 * read by one thread. Private: for lightgbm_forest.c and lightgbm_halves.c.
 */
#ifndef AQI_MODEL_LIGHTGBM_SHARE_H
#define AQI_MODEL_LIGHTGBM_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/forest_builder.h"
#include "model/lightgbm_forest.h"
#include "model/lightgbm_line.h"
#include "model/lightgbm_tree.h"

/* Behind a tree, so that its end is found, the first line of the next, and what
 * may be looked at behind that. */
#define AQI_LIGHTGBM_BEHIND_TREE 256

/* The trees from one on to another. */
struct aqi_lightgbm_share {
	const struct aqi_lightgbm_source *source;
	struct aqi_lightgbm_lines lines;	/* at its first tree */
	const char *start;			/* where that is; behind the
						 * first share, in memory */
	struct aqi_slice sizes;			/* of that and those behind */
	size_t end;				/* the first tree of the next;
						 * SIZE_MAX: there is none */
	struct aqi_lightgbm_tree tree;
	struct aqi_forest_builder *builder;
	enum aqi_status status;
	atomic_bool *gives_up;	/* of shares that are of no use without the
				 * others; NULL: nobody asks */
};

/* A share of all trees, with a builder that is its own from now on. */
void aqi_lightgbm_share_set(struct aqi_lightgbm_share *share,
			    const struct aqi_lightgbm_source *source,
			    struct aqi_forest_builder *builder);

/* The same with a new builder, which may take its part of the memory. It is to
 * be ended though this fails: AQI_E_MEMORY. */
enum aqi_status
aqi_lightgbm_share_begin(struct aqi_lightgbm_share *share,
			 const struct aqi_lightgbm_source *source,
			 size_t n_shares, struct aqi_error *err) AQI_MUST_CHECK;

/* The trees up to the line behind them, or where the next share begins. */
enum aqi_status aqi_lightgbm_share_read(struct aqi_lightgbm_share *share,
					struct aqi_error *err) AQI_MUST_CHECK;

/* The same as a job, whose status is the share's. */
void aqi_lightgbm_share_run(void *share);

/* By a window: have what stands behind the trees in it. */
bool aqi_lightgbm_share_fill_rest(struct aqi_lightgbm_share *share);

/* Of the share that has come to the last tree: are they as many as is said, and
 * is that the end? */
enum aqi_status aqi_lightgbm_share_check(struct aqi_lightgbm_share *share,
					 struct aqi_error *err) AQI_MUST_CHECK;

void aqi_lightgbm_share_end(struct aqi_lightgbm_share *share);

/* Categories of all sets that a model may have. */
size_t aqi_lightgbm_most_members(const struct aqi_lightgbm_source *source);

/* Does a tree begin there? */
bool aqi_lightgbm_begins_tree(struct aqi_slice bytes, size_t at);

/* The leaves of the tree there, as its second line says; 0: it does not, or
 * none begins there. */
size_t aqi_lightgbm_count_leaves(struct aqi_slice bytes, size_t at);

#endif
