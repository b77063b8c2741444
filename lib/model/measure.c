#include "model/measure.h"

#include <math.h>
#include <stdint.h>

#include "model/forest.h"
#include "model/forest_block.h"
#include "model/splits.h"

/* In breadth-first order the children of one level are the next. */
static void
measure_tree(const struct aqi_forest *f, uint64_t tree,
	     struct aqi_measure *m)
{
	const uint32_t root = f->roots[tree], end = f->roots[tree + 1];
	uint32_t next = root + 1, level_end = next;
	unsigned depth = 0;

	for (uint32_t i = root; i < end; i++) {
		if (i == level_end) {
			depth++;
			level_end = next;
		}
		if (f->nodes[i].left == 0)
			continue;
		next += 2;
		m->n_splits++;
		m->steps += ldexp(1, -(int)depth);
	}
	if (depth > m->depth)
		m->depth = depth;
	if (end - root > m->largest)
		m->largest = end - root;
	m->levels += depth;
	m->places += ldexp(1, (int)depth);
}

/* The splits of one view, from `split` on. Returns where those of the next
 * begin. */
static size_t
measure_view(const struct aqi_splits *splits, size_t split,
	     struct aqi_measure *m)
{
	const uint32_t view = splits->splits[split].test & AQI_FOREST_VIEW;
	bool goes_left = false, goes_right = false;
	size_t n_cuts = 0;
	double last = NAN;

	for (; split < splits->n; split++) {
		const struct aqi_split *s = &splits->splits[split];

		if ((s->test & AQI_FOREST_VIEW) != view)
			break;
		if (s->test & AQI_FOREST_HAS_SET) {
			m->n_columns++;
			continue;
		}
		n_cuts += !(s->value <= last);
		last = s->value;
		if (s->test & AQI_FOREST_DEFAULT_LEFT)
			goes_left = true;
		else
			goes_right = true;
	}
	m->n_columns += (size_t)goes_left + goes_right;
	if (n_cuts > m->n_cuts)
		m->n_cuts = n_cuts;
	return split;
}

enum aqi_status
aqi_measure_take(const struct aqi_forest *forest, struct aqi_measure *m,
		 struct aqi_error *err)
{
	const struct aqi_forest_header *h = forest->header;
	struct aqi_splits splits;

	if (aqi_splits_find(forest, SIZE_MAX, &splits, err) != AQI_OK)
		return AQI_FATAL;
	*m = (struct aqi_measure){
		.is_wide = h->flags & AQI_FOREST_WIDE,
		.is_sum = h->aggregate == AQI_AGGREGATE_SUM,
		.n_inputs = h->n_inputs,
		.n_margins = h->n_margins,
		.n_views = h->n_views,
		.n_trees = h->n_trees,
		.n_nodes = h->n_nodes,
		.n_sets = h->n_sets,
		.n_linear = h->n_linear,
		.n_distinct = splits.n,
	};
	for (uint64_t t = 0; t < h->n_trees; t++)
		measure_tree(forest, t, m);
	for (size_t i = 0; i < splits.n; )
		i = measure_view(&splits, i, m);
	aqi_splits_free(&splits);
	return AQI_OK;
}
