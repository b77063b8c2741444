#include <stdlib.h>

#include "model/forest_parts.h"

/*
 * A block that is laid out before its trees come, as their numbers are known.
 * The lists of the builder are the arrays there, as long as it is so. How many
 * views there will be is guessed: eight more or less may make no difference.
 */
struct aqi_forest_expected {
	char *block;
	struct aqi_forest f;	/* where its arrays are */
	struct aqi_forest_header counts;
};

/* The lists that are in the block. */
static const struct borrowed {
	size_t list;		/* where it is in the builder */
	size_t size;		/* of an element */
} borrowed[] = {
	{offsetof(struct aqi_forest_builder, roots), sizeof(uint32_t)},
	{offsetof(struct aqi_forest_builder, targets), sizeof(uint32_t)},
	{offsetof(struct aqi_forest_builder, nodes),
	 sizeof(struct aqi_forest_node)},
	{offsetof(struct aqi_forest_builder, ids), sizeof(uint32_t)},
};

#define N_BORROWED (sizeof borrowed / sizeof borrowed[0])

static struct aqi_list *
list_at(struct aqi_forest_builder *b, size_t i)
{
	return (struct aqi_list *)(void *)((char *)b + borrowed[i].list);
}

static void
lend(struct aqi_list *list, const void *array, size_t room)
{
	*list = (struct aqi_list){.data = (void *)(uintptr_t)array,
				  .room = room};
}

void
aqi_forest_builder_expect(struct aqi_forest_builder *b, size_t n_trees,
			  size_t n_nodes)
{
	const size_t n_inputs = b->shape.n_inputs;
	struct aqi_forest_expected *e;

	if (b->shape.has_covers || b->shape.has_gains || b->nodes.room > 0 ||
	    n_trees > AQI_FOREST_MAX_TREES || n_nodes > AQI_FOREST_MAX_NODES)
		return;
	e = calloc(1, sizeof *e);
	if (!e)
		return;
	e->counts.n_margins = b->shape.n_margins;
	e->counts.n_trees = n_trees;
	e->counts.n_nodes = n_nodes;
	e->counts.n_views = n_inputs < n_nodes ? n_inputs : n_nodes;
	e->block = aqi_forest_block_new(&e->counts, &e->f);
	if (!e->block) {
		free(e);
		return;
	}
	b->expected = e;
	lend(&b->roots, e->f.roots, n_trees);
	lend(&b->targets, e->f.targets, n_trees);
	lend(&b->nodes, e->f.nodes, n_nodes);
	/* Two more lie before the end of the block. */
	lend(&b->ids, e->f.ids, n_nodes + 2);
}

bool
aqi_forest_is_expected(const struct aqi_forest_builder *b, size_t n)
{
	return b->roots.n < b->roots.room && n <= b->nodes.room - b->nodes.n;
}

static void
forget(struct aqi_forest_builder *b)
{
	for (size_t i = 0; i < N_BORROWED; i++)
		*list_at(b, i) = (struct aqi_list){0};
	free(b->expected);
	b->expected = NULL;
}

enum aqi_status
aqi_forest_expect_none(struct aqi_forest_builder *b, struct aqi_error *err)
{
	struct aqi_list own[N_BORROWED] = {{0}};
	enum aqi_status status = AQI_OK;

	for (size_t i = 0; i < N_BORROWED && status == AQI_OK; i++) {
		const struct aqi_list *list = list_at(b, i);

		status = aqi_list_reserve(&own[i], list->n, borrowed[i].size,
					  err);
		if (status == AQI_OK && list->n > 0)
			memcpy(own[i].data, list->data,
			       list->n * borrowed[i].size);
		own[i].n = list->n;
	}
	if (status == AQI_OK) {
		free(b->expected->block);
		forget(b);
	}
	for (size_t i = 0; i < N_BORROWED; i++) {
		if (status == AQI_OK)
			*list_at(b, i) = own[i];
		else
			aqi_list_free(&own[i], borrowed[i].size);
	}
	return status;
}

char *
aqi_forest_take_expected(struct aqi_forest_builder *b,
			 const struct aqi_forest_header *counts,
			 struct aqi_forest *view)
{
	struct aqi_forest_expected *e = b->expected;
	char *block;

	if (!e || counts->n_trees != e->counts.n_trees ||
	    counts->n_nodes > e->counts.n_nodes || counts->n_sets > 0 ||
	    counts->n_linear > 0 ||
	    !aqi_forest_block_renew(e->block, counts, &e->f))
		return NULL;
	block = e->block;
	*view = e->f;
	forget(b);
	return block;
}

void
aqi_forest_expected_free(struct aqi_forest_builder *b)
{
	if (!b->expected)
		return;
	free(b->expected->block);
	forget(b);
}
