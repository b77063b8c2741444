/*
 * walk.h: a forest laid out to be walked quickly, a few rows at a time.
 *
 * Eight trees are walked at once, so that one works while the others wait for
 * memory. Each is padded to a perfect tree of its group's depth: the children
 * of place k are 2k and 2k + 1, a step is one comparison without a branch, and
 * all walks end together. A row is laid out twice, missing values as -infinity
 * and as infinity, and each node looks at the copy that goes its way: so none
 * has to ask whether a value is missing.
 *
 * The leaves are added in the order of the trees: the margins are those of
 * aqi_forest_predict, bit for bit.
 */
#ifndef AQI_MODEL_WALK_H
#define AQI_MODEL_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct aqi_forest;
struct aqi_walk;	/* immutable; many threads may use it at once */

/* Trees that are deeper would be mostly padding. */
#define AQI_WALK_DEPTH 8

/* A row of more inputs has no room on the stack. */
#define AQI_WALK_INPUTS 256

/*
 * *walk, out: the layout, which needs the forest no more, or NULL for a forest
 * that is deeper or wider than these, or whose trees differ so much in shape
 * that padding them costs more than it gains. Fails without memory only.
 */
enum aqi_status aqi_walk_new(const struct aqi_forest *forest,
			     struct aqi_walk **walk,
			     struct aqi_error *err) AQI_MUST_CHECK;

/* As aqi_forest_predict. */
void aqi_walk_predict(const struct aqi_walk *walk, const double *x,
		      size_t n_rows, double *margin);

void aqi_walk_free(struct aqi_walk *walk);

#endif
