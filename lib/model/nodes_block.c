#include "model/nodes_block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest_block.h"
#include "model/nodes_kernel.h"
#include "model/width.h"

const struct aqi_block_kind aqi_nodes_block_kind = {
	.magic = {'A', 'Q', 'I', 'N', 'O', 'D', 'E', 'S'},
	.version = 2,
	.name = "the compiled layout of nodes",
};

/* Where the arrays are follows from the counts. Returns the size. */
static uint64_t
place(const struct aqi_nodes_header *h, char *block,
      struct aqi_nodes_parts *parts)
{
	const uint64_t width = aqi_width_size(h->is_wide);
	uint64_t at = sizeof *h;

	parts->bases = aqi_block_take(block, &at, h->n_margins,
				      sizeof *parts->bases);
	parts->views = aqi_block_take(block, &at, h->n_views,
				      sizeof *parts->views);
	parts->coarse = aqi_block_take(block, &at, h->n_views, 16 * width);
	parts->fine = aqi_block_take(block, &at, h->n_views, 256 * width);
	parts->targets = aqi_block_take(block, &at, h->n_groups * TREES,
					sizeof *parts->targets);
	parts->depths = aqi_block_take(block, &at, h->n_groups,
				       sizeof *parts->depths);
	parts->nodes = aqi_block_take(block, &at, h->n_lines,
				      64 * TREES / 2);
	parts->leaves = aqi_block_take(block, &at, h->n_leaves, width);
	return at;
}

char *
aqi_nodes_block_new(const struct aqi_nodes_header *counts,
		    struct aqi_nodes_parts *parts)
{
	char *block = aqi_block_new_with(&aqi_nodes_block_kind,
					 place(counts, NULL, parts), counts,
					 sizeof *counts);

	if (block)
		place(counts, block, parts);
	return block;
}

struct aqi_nodes *
aqi_nodes_block_view(const void *block, void *owned, struct aqi_error *err)
{
	const struct aqi_nodes_header *h = block;
	struct aqi_nodes *nodes = calloc(1, sizeof *nodes);
	struct aqi_nodes_group *groups = calloc(h->n_groups + 1,
						sizeof *groups);
	struct aqi_nodes_parts parts;
	const size_t width = aqi_width_size(h->is_wide);
	const char *leaves;

	if (!nodes || !groups) {
		free(nodes);
		free(groups);
		aqi_error_memory(err);
		return NULL;
	}
	place(h, (char *)(uintptr_t)block, &parts);
	*nodes = (struct aqi_nodes){
		.header = h, .bases = parts.bases, .views = parts.views,
		.coarse = parts.coarse, .fine = parts.fine, .groups = groups,
		.owned = owned};
	leaves = parts.leaves;
	for (size_t g = 0; g < h->n_groups; g++) {
		const size_t depth = parts.depths[g];

		groups[g] = (struct aqi_nodes_group){
			depth, aqi_nodes_lines(depth, h->n_columns),
			parts.nodes, leaves, parts.targets + g * TREES};
		parts.nodes += TREES / 2 * 64 * groups[g].n_lines;
		leaves += TREES * width * aqi_nodes_leaves(depth);
	}
	return nodes;
}

/* The door. */

/* The counts are those of the forest, or within limits: sizes are computed
 * from them without overflow. */
static bool
check_header(const struct aqi_nodes_header *h, const struct aqi_forest *f)
{
	const uint64_t n_trees = f->header->n_trees;
	static const char zeros[sizeof h->reserved];
	struct aqi_nodes_parts parts;

	return h->is_wide == ((f->header->flags & AQI_FOREST_WIDE) != 0) &&
	       h->n_inputs == f->header->n_inputs &&
	       h->n_margins == f->header->n_margins &&
	       h->n_columns <= AQI_NODES_COLUMNS &&
	       h->n_views <= AQI_NODES_COLUMNS &&
	       h->n_groups == (n_trees + TREES - 1) / TREES &&
	       h->n_lines <= 4 * h->n_groups &&
	       h->n_leaves <= h->n_groups * TREES * BUSHES * BUSH &&
	       memcmp(h->reserved, zeros, sizeof zeros) == 0 &&
	       place(h, NULL, &parts) == h->seal.size;
}

/* Ascending cuts, NaN behind them, and the last of each 16 once more: then no
 * rank is above 255. */
static bool
check_cuts(const struct aqi_nodes_header *h,
	   const struct aqi_nodes_parts *parts, size_t view)
{
	double last = -(double)INFINITY;

	for (size_t i = 256 * view; i < 256 * (view + 1); i++) {
		const double cut = aqi_width_get(h->is_wide, parts->fine, i);
		const double again = aqi_width_get(h->is_wide, parts->coarse,
						   i / 16);

		/* After a NaN nothing is at or above the last. */
		if (!isnan(cut) && !(cut >= last))
			return false;
		if (i % 16 == 15 && !(isnan(cut) ? isnan(again) :
				      cut == again))
			return false;
		last = cut;
	}
	return isnan(last);
}

static bool
check_views(const struct aqi_nodes_header *h,
	    const struct aqi_nodes_parts *parts)
{
	for (size_t v = 0; v < h->n_views; v++) {
		const struct aqi_nodes_view *view = &parts->views[v];

		if (view->input >= h->n_inputs || view->rule > AQI_VIEW_LAST ||
		    view->left > SPARE || view->right > SPARE ||
		    !check_cuts(h, parts, v))
			return false;
	}
	return true;
}

static bool
check_depths(const struct aqi_nodes_header *h,
	     const struct aqi_nodes_parts *parts)
{
	uint64_t n_lines = 0, n_leaves = 0;

	for (size_t g = 0; g < h->n_groups; g++) {
		const size_t depth = parts->depths[g];

		if (depth > AQI_NODES_DEPTH)
			return false;
		n_lines += aqi_nodes_lines(depth, h->n_columns);
		n_leaves += TREES * aqi_nodes_leaves(depth);
	}
	return n_lines == h->n_lines && n_leaves == h->n_leaves;
}

/* Are these columns of the row? Where no node is stands the first one, though
 * there may be none. */
static bool
are_columns(const struct aqi_nodes_header *h, const unsigned char *columns,
	    size_t n)
{
	unsigned char most = 0;

	for (size_t i = 0; i < n; i++)
		most = columns[i] > most ? columns[i] : most;
	return most == 0 || most < h->n_columns;
}

/* The same of two columns a byte. */
static bool
are_pairs(const struct aqi_nodes_header *h, const unsigned char *columns,
	  size_t n)
{
	unsigned char most = 0;

	for (size_t i = 0; i < n; i++) {
		const unsigned char low = columns[i] & 15;
		const unsigned char high = columns[i] >> 4;

		most = low > most ? low : most;
		most = high > most ? high : most;
	}
	return most == 0 || most < h->n_columns;
}

static bool
has_columns(const struct aqi_nodes_header *h, const unsigned char *pair,
	    size_t n_lines)
{
	if (n_lines == 3)
		return are_pairs(h, pair, 64);
	return are_columns(h, pair, 64) &&
	       (n_lines == 2 || are_columns(h, pair + 128, 64));
}

/* The larger of two absolute values; NaN, if one is. */
static double
larger(double a, double b)
{
	b = fabs(b);
	return b > a || isnan(b) ? b : a;
}

/* The largest of a tree's leaves, which begin at number `at`; NaN: one is not a
 * number, or a bush has a column that is none. */
static double
check_leaves(const struct aqi_nodes_header *h, const void *leaves, size_t at,
	     size_t depth)
{
	const size_t width = aqi_width_size(h->is_wide);
	const size_t first = BUSH_LEAVES(width);
	double most = 0;

	if (depth <= 6) {
		for (size_t i = 0; i < (size_t)1 << depth; i++)
			most = larger(most, aqi_width_get(h->is_wide, leaves,
							  at + i));
		return most;
	}
	for (size_t b = 0; b < BUSHES; b++, at += BUSH) {
		if (!are_columns(h, (const unsigned char *)leaves + width * at,
				 8))
			return (double)NAN;
		for (size_t i = first; i < first + 8; i++)
			most = larger(most, aqi_width_get(h->is_wide, leaves,
							  at + i));
	}
	return most;
}

/* Are all columns there, all targets, and no sum too large? */
static bool
check_trees(const struct aqi_nodes_header *h,
	    const struct aqi_nodes_parts *parts)
{
	const unsigned char *nodes = parts->nodes;
	double largest = 0;
	size_t leaf = 0;

	for (size_t k = 0; k < h->n_margins; k++)
		largest = larger(largest, parts->bases[k]);
	for (size_t t = 0; t < h->n_groups * TREES; t++) {
		const size_t depth = parts->depths[t / TREES];
		const size_t n_lines = aqi_nodes_lines(depth, h->n_columns);

		if (parts->targets[t] >= h->n_margins ||
		    (t % 2 == 0 && !has_columns(h, nodes, n_lines)))
			return false;
		largest += check_leaves(h, parts->leaves, leaf, depth);
		nodes += t % 2 * 64 * n_lines;
		leaf += aqi_nodes_leaves(depth);
	}
	return aqi_forest_block_is_bounded(h->is_wide, largest);
}

struct aqi_nodes *
aqi_nodes_block_adopt(struct aqi_slice block, const struct aqi_forest *forest,
		      struct aqi_error *err)
{
	const char *fault = aqi_block_check(&aqi_nodes_block_kind, block);
	const struct aqi_nodes_header *h = (const void *)block.data;
	struct aqi_nodes_parts parts;

	if (!fault && (block.size < sizeof *h || !check_header(h, forest)))
		fault = "is damaged, or of another forest";
	if (!fault) {
		place(h, (char *)(uintptr_t)block.data, &parts);
		if (!check_views(h, &parts) || !check_depths(h, &parts) ||
		    !check_trees(h, &parts))
			fault = "is damaged: an index is out of range";
	}
	if (!fault)
		return aqi_nodes_block_view(block.data, NULL, err);
	aqi_error_set(err, AQI_E_MODEL, "%s %s", aqi_nodes_block_kind.name,
		      fault);
	return NULL;
}
