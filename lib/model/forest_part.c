#include "model/forest_part.h"

#include "base/large.h"
#include "model/forest_parts.h"

/*
 * So many bytes are copied, then given back. More of it leaves more memory that
 * is taken twice; less of it asks the system more often, and below a page there
 * is nothing to give back.
 */
#define PIECE ((size_t)1 << 20)

/* Give back the pages of elements of a list. */
static void
forget(const struct aqi_list *list, size_t size, size_t from, size_t to)
{
	aqi_large_forget(list->data, list->room * size, from * size,
			 to * size);
}

/* Where the piece ends that begins with element i. */
static size_t
piece_end(const struct aqi_list *list, size_t size, size_t i)
{
	const size_t n = PIECE / size;

	return list->n - i > n ? i + n : list->n;
}

/* Copy a list to its place, behind n elements; NULL: the block has none. */
static void
put(const void *array, size_t n, const struct aqi_list *list, size_t size)
{
	char *to;

	if (!array)
		return;
	to = (char *)(uintptr_t)array + n * size;
	for (size_t i = 0, end; i < list->n; i = end) {
		end = piece_end(list, size, i);
		memcpy(to + i * size, (const char *)list->data + i * size,
		       (end - i) * size);
		forget(list, size, i, end);
	}
}

/* The same of numbers to which something is added, perhaps but for zeros. */
static void
put_numbers(const uint32_t *array, size_t n, const struct aqi_list *list,
	    size_t add, bool keeps_zero)
{
	const uint32_t *from = list->data;
	uint32_t *to = (uint32_t *)(uintptr_t)array + n;

	for (size_t i = 0, end; i < list->n; i = end) {
		end = piece_end(list, sizeof *to, i);
		for (size_t k = i; k < end; k++)
			to[k] = keeps_zero && from[k] == 0 ? 0 :
				from[k] + (uint32_t)add;
		forget(list, sizeof *to, i, end);
	}
}

/* A node as it is behind others. */
static inline struct aqi_forest_node
move_node(const struct aqi_forest_part *part, struct aqi_forest_node node)
{
	if (node.left == 0)
		return node;
	node.left += (uint32_t)part->n_nodes;
	if (node.test & AQI_FOREST_HAS_SET)
		node.value += (double)part->n_sets;
	node.test = (node.test & ~AQI_FOREST_VIEW) |
		    part->views[node.test & AQI_FOREST_VIEW];
	return node;
}

static void
put_nodes(const struct aqi_forest_part *part, const struct aqi_forest *f)
{
	const struct aqi_list *list = &part->from->nodes;
	const struct aqi_forest_node *from = list->data;
	struct aqi_forest_node *to =
		(struct aqi_forest_node *)(uintptr_t)f->nodes + part->n_nodes;

	for (size_t i = 0, end; i < list->n; i = end) {
		end = piece_end(list, sizeof *to, i);
		for (size_t k = i; k < end; k++)
			to[k] = move_node(part, from[k]);
		forget(list, sizeof *to, i, end);
	}
}

/* Which node has which function; 0 is none, as behind the last that has one. */
static void
put_linears(const struct aqi_forest_part *part, const struct aqi_forest *f)
{
	uint32_t *to = (uint32_t *)(uintptr_t)f->linears + part->n_nodes;
	const struct aqi_list *list = &part->from->linears;

	put_numbers(to, 0, list, part->n_linear, true);
	memset(to + list->n, 0, (part->from->nodes.n - list->n) * sizeof *to);
}

void
aqi_forest_part_put(const struct aqi_forest_part *part,
		    const struct aqi_forest *f, bool is_first)
{
	const struct aqi_forest_builder *b = part->from;

	put(f->targets, part->n_trees, &b->targets, sizeof *f->targets);
	put_numbers(f->roots, part->n_trees, &b->roots, part->n_nodes, false);
	/* The first builder's nodes are numbered as the block's. */
	if (is_first)
		put(f->nodes, 0, &b->nodes, sizeof *f->nodes);
	else
		put_nodes(part, f);
	put(f->ids, part->n_nodes, &b->ids, sizeof *f->ids);
	put(f->covers, part->n_nodes, &b->covers, sizeof *f->covers);
	put(f->gains, part->n_nodes, &b->gains, sizeof *f->gains);
	put_numbers(f->sets + 1, part->n_sets, &b->sets, part->n_members,
		    false);
	put(f->members, part->n_members, &b->members, sizeof *f->members);
	put(f->constants, part->n_linear, &b->constants, sizeof *f->constants);
	put_numbers(f->firsts + 1, part->n_linear, &b->firsts, part->n_terms,
		    false);
	put(f->terms, part->n_terms, &b->terms, sizeof *f->terms);
	if (f->linears)
		put_linears(part, f);
}
