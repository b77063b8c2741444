/*
 * shrink.h: a smaller forest that says nearly the same.
 *
 * What is dropped, in this order: trees at the end, which a boosted model
 * trained last and needs least; digits of leaves; thresholds, the rarer ones of
 * an input in favour of those near them; then every split that decides nothing
 * any more: one whose side no sample reaches, and one whose leaves are all
 * alike. What it costs is for records to tell (model/comparison.h).
 *
 * With no option set, only the splits that decide nothing are dropped, and the
 * margins are the same to the last bit.
 */
#ifndef AQI_MODEL_SHRINK_H
#define AQI_MODEL_SHRINK_H

#include <stddef.h>

#include "base/error.h"

struct aqi_forest;

struct aqi_shrink_options {
	size_t n_trees;		/* of the file, from the first; 0: all */
	double tolerance;	/* leaves below a split that differ by no more
				 * become one: their mean by cover, or the
				 * middle where covers are not known */
	double leaf_step;	/* leaves become multiples of it; 0: no */
	size_t n_cuts;		/* distinct thresholds of a view, at most; 0:
				 * all. The more splits or covers a threshold
				 * has, the likelier it stays */
};

/*
 * A forest of its own. A linear function in a leaf stays what it is. Fails with
 * AQI_E_USAGE where trees are to be dropped of a forest that divides their sum,
 * or more of them are asked for than there are; AQI_E_MODEL where leaves become
 * too large; AQI_E_MEMORY.
 */
struct aqi_forest *aqi_shrink(const struct aqi_forest *forest,
			      const struct aqi_shrink_options *options,
			      struct aqi_error *err) AQI_MUST_CHECK;

#endif
