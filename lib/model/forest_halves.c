/*
 * Two builders of one block. What is expected is laid out as a whole, and the
 * second builder begins where the first one will have ended: its lists are
 * those of the first, so that nodes and trees have their numbers at once.
 * Neither may write more than its part, nor have a block of its own, as the
 * other is at work in this one.
 */
#include <stdlib.h>

#include "model/forest_parts.h"

/* Two ids behind the last are written, too, and would be the second half's
 * first ones: that begins so many behind, and takes as many nodes less. */
#define GAP 2

/* A list that goes on in the other's, behind so many; what is before ends
 * there. */
static struct aqi_list
cut(struct aqi_list *list, size_t n)
{
	struct aqi_list behind = *list;

	behind.n = n;
	list->room = n;
	return behind;
}

struct aqi_forest_builder *
aqi_forest_builder_halve(struct aqi_forest_builder *b, size_t n_trees,
			 size_t n_nodes)
{
	struct aqi_forest_shape shape = b->shape;
	struct aqi_forest_builder *half;

	if (!b->expected || b->roots.n > 0 || n_trees > b->roots.room ||
	    n_nodes + GAP > b->nodes.room)
		return NULL;
	/* What the bases were copied from may be gone. */
	shape.bases = NULL;
	half = aqi_forest_builder_new(&shape, NULL);
	if (!half)
		return NULL;
	half->most = b->most;
	half->roots = cut(&b->roots, n_trees);
	half->targets = cut(&b->targets, n_trees);
	half->nodes = cut(&b->nodes, n_nodes);
	half->nodes.room -= GAP;
	half->ids = cut(&b->ids, n_nodes + GAP);
	b->is_half = half->is_half = true;
	half->is_second = true;
	return half;
}

/* Behind the trees of the second half: its lists are the first one's. */
void
aqi_forest_half_return(struct aqi_forest_builder *half)
{
	half->roots = half->targets = (struct aqi_list){0};
	half->nodes = half->ids = (struct aqi_list){0};
	half->is_second = false;
}

/* The views of the second half by the first one's numbers: mostly they are the
 * same. */
static bool
number_views(struct aqi_forest_builder *b,
	     const struct aqi_forest_builder *half)
{
	const struct aqi_forest_view *views = half->views.data;
	const size_t n = half->views.n;
	uint32_t *numbers = calloc(n + 1, sizeof *numbers);
	struct aqi_forest_node *node = half->nodes.data;
	bool are_same = true, is_done = numbers != NULL;

	for (size_t v = 0; is_done && v < n; v++) {
		is_done = aqi_forest_find_view(
			b, views[v].input, (enum aqi_view_rule)views[v].rule,
			&numbers[v], NULL) == AQI_OK;
		are_same = are_same && numbers[v] == v;
	}
	for (size_t i = b->nodes.n; is_done && !are_same && i < half->nodes.n;
	     i++)
		if (node[i].left != 0)
			node[i].test = (node[i].test & ~AQI_FOREST_VIEW) |
				numbers[node[i].test & AQI_FOREST_VIEW];
	free(numbers);
	return is_done;
}

bool
aqi_forest_builder_unite(struct aqi_forest_builder *b,
			 struct aqi_forest_builder *half)
{
	const size_t n = b->nodes.n, n_trees = half->largest.n;
	uint32_t *ids;

	if (n_trees == 0 || b->roots.n != b->roots.room || n != b->nodes.room ||
	    aqi_list_reserve(&b->largest, n_trees, sizeof(double),
			     NULL) != AQI_OK || !number_views(b, half))
		return false;
	memcpy((double *)b->largest.data + b->largest.n, half->largest.data,
	       n_trees * sizeof(double));
	b->largest.n += n_trees;
	ids = (uint32_t *)b->ids.data + n;
	memmove(ids, ids + GAP, (half->nodes.n - n) * sizeof *ids);
	b->roots = half->roots;
	b->targets = half->targets;
	b->nodes = half->nodes;
	b->ids.n = b->nodes.n;
	b->ids.room = half->ids.room;
	b->n_files += half->n_files;
	b->is_half = false;
	aqi_forest_half_return(half);
	return true;
}
