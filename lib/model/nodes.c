#include "model/nodes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/processor.h"
#include "model/forest.h"
#include "model/forest_block.h"
#include "model/nodes_block.h"
#include "model/nodes_kernel.h"
#include "model/perfect.h"
#include "model/splits.h"
#include "model/width.h"

/* What is known before there is a block. */
struct draft {
	struct aqi_nodes_header counts;
	size_t n_six;		/* groups of six levels */
	struct aqi_splits splits;
	struct aqi_nodes_view views[AQI_NODES_COLUMNS];
	unsigned char *parts;	/* of all splits, the next three: */
	unsigned char *view;	/* (n_splits,) the place of each in views */
	unsigned char *column;	/* (n_splits,) */
	unsigned char *cut;	/* (n_splits,) number of it in its view */
};

static bool
is_for_nodes(const struct aqi_forest_header *h)
{
	return h->n_trees > 0 && h->aggregate == AQI_AGGREGATE_SUM &&
	       h->n_sets == 0 && h->n_linear == 0;
}

/* The column of a split's view and side, which may be a new one. */
static bool
find_column(struct draft *draft, struct aqi_nodes_view *view,
	    const struct aqi_split *split, unsigned char *column)
{
	uint32_t *of = split->test & AQI_FOREST_DEFAULT_LEFT ? &view->left :
		       &view->right;

	if (*of == SPARE) {
		if (draft->counts.n_columns == AQI_NODES_COLUMNS)
			return false;
		*of = draft->counts.n_columns++;
	}
	*column = (unsigned char)*of;
	return true;
}

/* Give each split its column and its number among the cuts of its view. False:
 * there are too many. */
static bool
number_splits(const struct aqi_forest *f, struct draft *draft)
{
	uint32_t last_view = UINT32_MAX;
	double last = (double)NAN;
	unsigned n_cuts = 0;

	for (size_t i = 0; i < draft->splits.n; i++) {
		const struct aqi_split *split = &draft->splits.splits[i];
		const uint32_t v = split->test & AQI_FOREST_VIEW;
		const double cut = aqi_width_cut(draft->counts.is_wide,
						 split->value);

		if (v != last_view) {
			if (draft->counts.n_views == AQI_NODES_COLUMNS)
				return false;
			draft->views[draft->counts.n_views++] =
				(struct aqi_nodes_view){
					f->views[v].input, f->views[v].rule,
					SPARE, SPARE};
			n_cuts = 0;
			last_view = v;
		}
		if (n_cuts == 0 || cut > last) {
			if (n_cuts++ == AQI_NODES_CUTS)
				return false;
			last = cut;
		}
		draft->view[i] = (unsigned char)(draft->counts.n_views - 1);
		draft->cut[i] = (unsigned char)(n_cuts - 1);
		if (!find_column(draft, &draft->views[draft->view[i]], split,
				 &draft->column[i]))
			return false;
	}
	return true;
}

/* The depth of a group's deepest tree; more than AQI_NODES_DEPTH: too deep. */
static size_t
depth_of_group(const struct aqi_forest *f, size_t group)
{
	size_t most = 0;

	for (size_t t = group * TREES;
	     t < (group + 1) * TREES && t < f->header->n_trees; t++) {
		size_t depth = aqi_perfect_depth(f, t);

		if (depth > most)
			most = depth;
	}
	return most;
}

static bool
count_places(const struct aqi_forest *f, struct draft *draft)
{
	struct aqi_nodes_header *counts = &draft->counts;

	counts->n_groups = (f->header->n_trees + TREES - 1) / TREES;
	for (size_t g = 0; g < counts->n_groups; g++) {
		const size_t depth = depth_of_group(f, g);

		if (depth > AQI_NODES_DEPTH)
			return false;
		counts->n_leaves += TREES * aqi_nodes_leaves(depth);
		draft->n_six += depth == 6;
	}
	return true;
}

/* When the columns are known. */
static void
count_lines(struct draft *draft)
{
	struct aqi_nodes_header *counts = &draft->counts;

	counts->n_lines = (counts->n_groups - draft->n_six) *
			  aqi_nodes_lines(0, counts->n_columns) +
			  draft->n_six * aqi_nodes_lines(6, counts->n_columns);
}

/* AQI_END: the forest has more of something than the layout holds. */
static enum aqi_status
draw(const struct aqi_forest *f, struct draft *draft, struct aqi_error *err)
{
	const size_t most = 2 * AQI_NODES_CUTS * AQI_NODES_COLUMNS;
	enum aqi_status status;

	draft->counts.is_wide = (f->header->flags & AQI_FOREST_WIDE) != 0;
	draft->counts.n_inputs = f->header->n_inputs;
	draft->counts.n_margins = f->header->n_margins;
	if (!count_places(f, draft))
		return AQI_END;
	status = aqi_splits_find(f, most, &draft->splits, err);
	if (status != AQI_OK)
		return status;
	draft->parts = reallocarray(NULL, draft->splits.n + 1, 3);
	if (!draft->parts)
		return aqi_error_memory(err);
	draft->view = draft->parts;
	draft->column = draft->view + draft->splits.n;
	draft->cut = draft->column + draft->splits.n;
	if (!number_splits(f, draft))
		return AQI_END;
	count_lines(draft);
	return AQI_OK;
}

static void
fill_tables(const struct draft *draft, const struct aqi_nodes_parts *parts)
{
	const size_t n_views = draft->counts.n_views;
	const bool is_wide = draft->counts.is_wide;

	for (size_t i = 0; i < 16 * n_views; i++)
		aqi_width_set(is_wide, parts->coarse, i, (double)NAN);
	for (size_t i = 0; i < 256 * n_views; i++)
		aqi_width_set(is_wide, parts->fine, i, (double)NAN);
	for (size_t i = 0; i < draft->splits.n; i++) {
		const double cut = aqi_width_cut(
			is_wide, draft->splits.splits[i].value);
		const size_t at = 256 * (size_t)draft->view[i] + draft->cut[i];

		aqi_width_set(is_wide, parts->fine, at, cut);
		if (at % 16 == 15)
			aqi_width_set(is_wide, parts->coarse, at / 16, cut);
	}
}

/* A node's two bytes, its column above what is there. Where no node is, any
 * test will do, for its sides lead to the same leaf. */
static void
lay_node(const struct aqi_forest *f, uint32_t node, const struct draft *draft,
	 unsigned char *column, unsigned shift, unsigned char *cut)
{
	const uint32_t split = draft->splits.of_node[node];

	if (f->nodes[node].left == 0)
		return;
	*column |= (unsigned char)(draft->column[split] << shift);
	*cut = (unsigned char)(draft->cut[split] - 128);
}

/* The bush of three levels below a place. */
static void
lay_bush(const struct aqi_forest *f, const uint32_t *places, size_t root,
	 const struct draft *draft, unsigned char *bush)
{
	const bool is_wide = draft->counts.is_wide;
	const size_t width = aqi_width_size(is_wide);

	for (size_t d = 0; d < 3; d++)
		for (size_t i = 0; i < 1u << d; i++)
			lay_node(f, places[(root << d) + i], draft,
				 &bush[(1u << d) + i], 0,
				 &bush[8 + (1u << d) + i]);
	for (size_t i = 0; i < 8; i++)
		aqi_width_set(is_wide, bush, BUSH_LEAVES(width) + i,
			      f->nodes[places[8 * root + i]].value);
}

/* A tree's nodes and leaves, by the places of a perfect one. */
static void
lay_tree(const struct aqi_forest *f, size_t tree, size_t depth,
	 const struct draft *draft, unsigned char *pair, void *leaves)
{
	const bool is_wide = draft->counts.is_wide;
	const size_t width = aqi_width_size(is_wide);
	const struct aqi_nodes_tree at = aqi_nodes_tree(
		aqi_nodes_lines(depth, draft->counts.n_columns), tree % 2);
	const size_t size = (size_t)1 << (depth <= 6 ? depth : CROWN);
	uint32_t places[2 << AQI_NODES_DEPTH];

	aqi_perfect_fill(f, tree, depth <= 6 ? depth : AQI_NODES_DEPTH,
			 places);
	for (size_t k = 1; k < size; k++)
		lay_node(f, places[k], draft, &pair[at.columns + k], at.shift,
			 &pair[at.cuts + k]);
	for (size_t k = 0; k < size; k++) {
		if (depth > 6)
			lay_bush(f, places, size + k, draft,
				 (unsigned char *)leaves + BUSH * width * k);
		else
			aqi_width_set(is_wide, leaves, k,
				      f->nodes[places[size + k]].value);
	}
}

/* The trees that the last group lacks add -0, which changes no sum, be it -0
 * itself. In a bush the nodes are numbers, too. */
static void
lay_none(size_t depth, bool is_wide, void *leaves)
{
	const size_t first = BUSH_LEAVES(aqi_width_size(is_wide));

	for (size_t k = 0; k < aqi_nodes_leaves(depth); k++)
		if (depth <= 6 || (k % BUSH >= first && k % BUSH < first + 8))
			aqi_width_set(is_wide, leaves, k, -0.0);
}

static void
lay_trees(const struct aqi_forest *f, const struct draft *draft,
	  const struct aqi_nodes_parts *parts)
{
	const size_t width = aqi_width_size(draft->counts.is_wide);
	unsigned char *nodes = parts->nodes;
	char *leaves = parts->leaves;

	for (size_t g = 0; g < draft->counts.n_groups; g++) {
		const size_t depth = depth_of_group(f, g);
		const size_t n_lines =
			aqi_nodes_lines(depth, draft->counts.n_columns);

		parts->depths[g] = (uint32_t)depth;
		for (size_t t = g * TREES; t < (g + 1) * TREES; t++) {
			if (t < f->header->n_trees) {
				parts->targets[t] =
					(uint32_t)aqi_forest_target(f, t);
				lay_tree(f, t, depth, draft, nodes, leaves);
			} else {
				lay_none(depth, draft->counts.is_wide, leaves);
			}
			nodes += t % 2 * 64 * n_lines;
			leaves += width * aqi_nodes_leaves(depth);
		}
	}
}

static struct aqi_nodes *
lay_out(const struct aqi_forest *f, const struct draft *draft,
	struct aqi_error *err)
{
	struct aqi_nodes_parts parts;
	struct aqi_nodes *nodes;
	char *block = aqi_nodes_block_new(&draft->counts, &parts);

	if (!block) {
		aqi_error_memory(err);
		return NULL;
	}
	memcpy(parts.bases, f->bases,
	       draft->counts.n_margins * sizeof *parts.bases);
	memcpy(parts.views, draft->views,
	       draft->counts.n_views * sizeof *parts.views);
	fill_tables(draft, &parts);
	lay_trees(f, draft, &parts);
	aqi_block_finish(block);
	nodes = aqi_nodes_block_view(block, block, err);
	if (!nodes)
		free(block);
	return nodes;
}

/* The best first. */
static const struct {
	const char *name;
	aqi_nodes_fn *predict;
} kernels[] = {
	{"avx512", aqi_nodes_avx512},
	{"avx2", aqi_nodes_avx2},
	{"portable", aqi_nodes_portable},
};

#define N_KERNELS (sizeof kernels / sizeof *kernels)

bool
aqi_nodes_has_kernel(const char *name)
{
	for (size_t k = 0; k < N_KERNELS; k++)
		if (strcmp(kernels[k].name, name) == 0)
			return aqi_processor_has(name);
	return false;
}

static aqi_nodes_fn *
kernel_named(const char *name)
{
	for (size_t k = 0; k < N_KERNELS; k++)
		if (strcmp(kernels[k].name, name) == 0)
			return kernels[k].predict;
	return aqi_nodes_portable;
}

enum aqi_status
aqi_nodes_new(const struct aqi_forest *forest, const char *kernel,
	      struct aqi_nodes **nodes, struct aqi_error *err)
{
	struct draft *draft;
	enum aqi_status status;

	*nodes = NULL;
	if (!is_for_nodes(forest->header))
		return AQI_OK;
	draft = calloc(1, sizeof *draft);
	if (!draft)
		return aqi_error_memory(err);
	status = draw(forest, draft, err);
	if (status == AQI_OK) {
		*nodes = lay_out(forest, draft, err);
		if (*nodes)
			(*nodes)->predict = kernel_named(kernel);
		else
			status = AQI_FATAL;
	}
	aqi_splits_free(&draft->splits);
	free(draft->parts);
	free(draft);
	return status == AQI_END ? AQI_OK : status;
}

struct aqi_nodes *
aqi_nodes_adopt(struct aqi_slice block, const struct aqi_forest *forest,
		const char *kernel, struct aqi_error *err)
{
	struct aqi_nodes *nodes = aqi_nodes_block_adopt(block, forest, err);

	if (nodes)
		nodes->predict = kernel_named(kernel);
	return nodes;
}

struct aqi_slice
aqi_nodes_bytes(const struct aqi_nodes *nodes)
{
	return (struct aqi_slice){(const char *)nodes->header,
				  nodes->header->seal.size};
}

void
aqi_nodes_predict(const struct aqi_nodes *nodes, const double *x,
		  size_t n_rows, double *margin)
{
	nodes->predict(nodes, x, n_rows, margin);
}

void
aqi_nodes_free(struct aqi_nodes *nodes)
{
	if (!nodes)
		return;
	free(nodes->groups);
	free(nodes->owned);
	free(nodes);
}
