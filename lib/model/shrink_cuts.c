#include "model/shrink_cuts.h"

#include <stdlib.h>

#include "base/arena.h"
#include "model/forest_block.h"

struct split {
	uint32_t view;
	uint32_t node;
	double cut;
	double weight;
};

static int
compare(const void *a, const void *b)
{
	const struct split *x = a, *y = b;

	if (x->view != y->view)
		return x->view < y->view ? -1 : 1;
	if (x->cut < y->cut || x->cut > y->cut)
		return x->cut < y->cut ? -1 : 1;
	return (x->node > y->node) - (x->node < y->node);
}

/* The splits that have a threshold, by view and threshold. */
static size_t
list_splits(const struct aqi_forest *f, uint64_t n_trees, struct split *splits)
{
	size_t n = 0;

	for (uint32_t i = 0; i < f->roots[n_trees]; i++) {
		const struct aqi_forest_node *node = &f->nodes[i];

		if (node->left == 0 || node->test & AQI_FOREST_HAS_SET)
			continue;
		splits[n++] = (struct split){
			.view = node->test & AQI_FOREST_VIEW, .node = i,
			.cut = node->value,
			.weight = f->covers && f->covers[i] > 0 ?
				  (double)f->covers[i] : 1,
		};
	}
	qsort(splits, n, sizeof *splits, compare);
	return n;
}

/* How many of the splits from the first on have its threshold. */
static size_t
count_same(const struct split *splits, size_t n)
{
	size_t same = 1;

	while (same < n && splits[same].view == splits[0].view &&
	       !(splits[same].cut > splits[0].cut))
		same++;
	return same;
}

/* The threshold at which half of the weight is reached. */
static double
middle(const struct split *splits, size_t n)
{
	double sum = 0, half = 0;
	size_t i;

	for (i = 0; i < n; i++)
		half += splits[i].weight / 2;
	for (i = 0; i + 1 < n; i++) {
		sum += splits[i].weight;
		if (sum >= half)
			break;
	}
	return splits[i].cut;
}

static double
weigh(const struct split *splits, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += splits[i].weight;
	return sum;
}

/*
 * Group after group takes thresholds until it has its share of the weight that
 * is left, but leaves one to each group behind it. Returns the splits taken.
 */
static size_t
take_group(const struct split *splits, size_t n, size_t n_cuts,
	   size_t n_groups)
{
	const double share = weigh(splits, n) / (double)n_groups;
	double sum = 0;
	size_t at = 0;

	do {
		const size_t same = count_same(splits + at, n - at);

		sum += weigh(splits + at, same);
		at += same;
		n_cuts--;
	} while (at < n && (n_groups == 1 ||
			    (sum < share && n_cuts >= n_groups)));
	return at;
}

static size_t
count_cuts(const struct split *splits, size_t n)
{
	size_t n_cuts = 0;

	for (size_t i = 0; i < n; i += count_same(splits + i, n - i))
		n_cuts++;
	return n_cuts;
}

/* All splits of one view. */
static void
cut_view(const struct split *splits, size_t n, size_t most, double *values)
{
	size_t n_cuts = count_cuts(splits, n);

	if (n_cuts <= most)
		return;
	for (size_t groups = most; groups > 0; groups--) {
		const size_t taken = take_group(splits, n, n_cuts, groups);
		const double cut = middle(splits, taken);

		for (size_t i = 0; i < taken; i++)
			values[splits[i].node] = cut;
		n_cuts -= count_cuts(splits, taken);
		splits += taken;
		n -= taken;
	}
}

enum aqi_status
aqi_shrink_cuts(const struct aqi_forest *f, uint64_t n_trees, size_t most,
		struct aqi_arena *arena, double *values, struct aqi_error *err)
{
	struct split *splits = aqi_arena_array(arena, f->header->n_nodes,
					       sizeof *splits);
	size_t n, end;

	if (!splits)
		return aqi_error_memory(err);
	n = list_splits(f, n_trees, splits);
	for (size_t i = 0; i < n; i = end) {
		for (end = i; end < n && splits[end].view == splits[i].view;)
			end++;
		cut_view(splits + i, end - i, most, values);
	}
	return AQI_OK;
}
