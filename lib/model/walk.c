#include "model/walk.h"

#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/perfect.h"
#include "model/walk_block.h"
#include "model/walk_kernel.h"

/* The columns by what nodes look at. */
struct draft {
	struct aqi_walk_header counts;
	uint32_t *of_view;	/* (n_views, 2) column by side; 0: none yet */
	uint32_t *of_set;	/* (n_sets, 2) the same */
	struct aqi_walk_column columns[AQI_WALK_COLUMNS];
};

static bool
is_for_walks(const struct aqi_forest *f)
{
	return f->header->n_trees > 0 && f->header->n_linear == 0 &&
	       f->header->aggregate == AQI_AGGREGATE_SUM;
}

/* The column that a node looks at; 0: it has none yet. */
static uint32_t *
column_of(const struct draft *draft, const struct aqi_forest_node *node)
{
	const size_t left = (node->test & AQI_FOREST_DEFAULT_LEFT) != 0;

	return node->test & AQI_FOREST_HAS_SET ?
		&draft->of_set[2 * (size_t)node->value + left] :
		&draft->of_view[2 * (size_t)(node->test & AQI_FOREST_VIEW) +
				left];
}

/* A set belongs to one view; where another one asks for it too, the forest is
 * not for walks. */
static bool
add_column(const struct aqi_forest *f, const struct aqi_forest_node *node,
	   struct draft *draft)
{
	const struct aqi_forest_view *view =
		&f->views[node->test & AQI_FOREST_VIEW];
	const struct aqi_walk_column wanted = {
		view->input, view->rule,
		node->test & AQI_FOREST_DEFAULT_LEFT ? AQI_WALK_LEFT :
						       AQI_WALK_RIGHT,
		node->test & AQI_FOREST_HAS_SET ? (uint32_t)node->value + 1 :
						  0};
	uint32_t *column = column_of(draft, node);

	if (*column != 0)
		return memcmp(&draft->columns[*column], &wanted,
			      sizeof wanted) == 0;
	if (draft->counts.n_columns == AQI_WALK_COLUMNS)
		return false;
	draft->columns[draft->counts.n_columns] = wanted;
	*column = (uint32_t)draft->counts.n_columns++;
	return true;
}

/* AQI_END: the forest has more of something than the layout holds. */
static enum aqi_status
draw(const struct aqi_forest *f, struct draft *draft)
{
	const struct aqi_forest_header *h = f->header;

	draft->counts = (struct aqi_walk_header){
		.is_wide = (h->flags & AQI_FOREST_WIDE) != 0,
		.n_inputs = h->n_inputs, .n_margins = h->n_margins,
		.n_columns = 1, .n_trees = h->n_trees, .n_nodes = h->n_nodes,
		.n_sets = h->n_sets, .n_members = h->n_members};
	if (h->n_sets > AQI_WALK_COLUMNS)
		return AQI_END;
	for (uint64_t t = 0; t < h->n_trees; t++)
		if (f->roots[t + 1] - f->roots[t] > AQI_WALK_LARGEST)
			return AQI_END;
	draft->of_view = calloc(h->n_views + 1, 2 * sizeof(uint32_t));
	draft->of_set = calloc(h->n_sets + 1, 2 * sizeof(uint32_t));
	if (!draft->of_view || !draft->of_set)
		return AQI_FATAL;
	for (uint64_t i = 0; i < h->n_nodes; i++)
		if (f->nodes[i].left != 0 &&
		    !add_column(f, &f->nodes[i], draft))
			return AQI_END;
	return AQI_OK;
}

/* A node of a set asks whether its column is below 0. */
static struct aqi_walk_wide
lay_node(const struct aqi_forest *f, uint32_t at, const struct draft *draft)
{
	const struct aqi_forest_node *node = &f->nodes[at];

	if (node->left == 0)
		return (struct aqi_walk_wide){.value = node->value};
	return (struct aqi_walk_wide){
		node->test & AQI_FOREST_HAS_SET ? 0 : node->value,
		*column_of(draft, node), node->left - at};
}

static void
lay_nodes(const struct aqi_forest *f, const struct draft *draft, void *nodes)
{
	struct aqi_walk_narrow *narrow = nodes;
	struct aqi_walk_wide *wide = nodes;

	for (uint32_t i = 0; i < f->header->n_nodes; i++) {
		const struct aqi_walk_wide node = lay_node(f, i, draft);

		if (draft->counts.is_wide)
			wide[i] = node;
		else
			narrow[i] = (struct aqi_walk_narrow){
				node.offset == 0 ? (float)node.value :
				aqi_forest_cut(node.value),
				node.column |
				node.offset << AQI_WALK_OFFSET_SHIFT};
	}
}

static struct aqi_walk *
lay_out(const struct aqi_forest *f, const struct draft *draft,
	struct aqi_error *err)
{
	const struct aqi_walk_header *h = &draft->counts;
	struct aqi_walk_parts parts;
	struct aqi_walk *walk;
	char *block = aqi_walk_block_new(h, &parts);

	if (!block) {
		aqi_error_memory(err);
		return NULL;
	}
	memcpy(parts.bases, f->bases, h->n_margins * sizeof *parts.bases);
	memcpy(parts.columns, draft->columns,
	       h->n_columns * sizeof *parts.columns);
	for (size_t t = 0; t < h->n_trees; t++) {
		parts.targets[t] = (uint32_t)aqi_forest_target(f, t);
		parts.depths[t] = (uint32_t)aqi_perfect_depth(f, t);
	}
	memcpy(parts.roots, f->roots, (h->n_trees + 1) * sizeof *parts.roots);
	memcpy(parts.sets, f->sets, (h->n_sets + 1) * sizeof *parts.sets);
	memcpy(parts.members, f->members,
	       h->n_members * sizeof *parts.members);
	lay_nodes(f, draft, parts.nodes);
	aqi_block_finish(block);
	walk = aqi_walk_block_view(block, block, err);
	if (!walk)
		free(block);
	return walk;
}

static void
set_kernel(struct aqi_walk *walk, const char *kernel)
{
	if (strcmp(kernel, "rows") == 0)
		walk->predict = walk->header->is_wide ? aqi_walk_wide_rows :
				aqi_walk_narrow_rows;
	else
		walk->predict = walk->header->is_wide ? aqi_walk_wide_trees :
				aqi_walk_narrow_trees;
}

enum aqi_status
aqi_walk_new(const struct aqi_forest *forest, const char *kernel,
	     struct aqi_walk **walk, struct aqi_error *err)
{
	struct draft *draft;
	enum aqi_status status;

	*walk = NULL;
	if (!is_for_walks(forest))
		return AQI_OK;
	draft = calloc(1, sizeof *draft);
	if (!draft)
		return aqi_error_memory(err);
	status = draw(forest, draft);
	if (status == AQI_FATAL)
		aqi_error_memory(err);
	if (status == AQI_OK) {
		*walk = lay_out(forest, draft, err);
		if (*walk)
			set_kernel(*walk, kernel);
		else
			status = AQI_FATAL;
	}
	free(draft->of_view);
	free(draft->of_set);
	free(draft);
	return status == AQI_END ? AQI_OK : status;
}

struct aqi_walk *
aqi_walk_adopt(struct aqi_slice block, const struct aqi_forest *forest,
	       const char *kernel, struct aqi_error *err)
{
	struct aqi_walk *walk = aqi_walk_block_adopt(block, forest, err);

	if (walk)
		set_kernel(walk, kernel);
	return walk;
}

struct aqi_slice
aqi_walk_bytes(const struct aqi_walk *walk)
{
	return (struct aqi_slice){(const char *)walk->header,
				  walk->header->seal.size};
}

void
aqi_walk_predict(const struct aqi_walk *walk, const double *x, size_t n_rows,
		 double *margin)
{
	walk->predict(walk, x, n_rows, margin);
}

void
aqi_walk_free(struct aqi_walk *walk)
{
	if (!walk)
		return;
	free(walk->owned);
	free(walk);
}
