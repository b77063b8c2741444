#include "model/forest_block.h"

#include <float.h>
#include <stdlib.h>

const struct aqi_block_kind aqi_forest_block_kind = {
	.magic = {'A', 'Q', 'I', 'T', 'R', 'E', 'E', 'S'},
	.version = 2,
	.name = "a compiled forest",
};

/* Where the arrays are follows from the counts. Returns the size. */
static uint64_t
lay_out(const struct aqi_forest_header *h, char *block, struct aqi_forest *f)
{
	const uint64_t n_covers = h->flags & AQI_FOREST_COVERS ? h->n_nodes : 0;
	const uint64_t n_gains = h->flags & AQI_FOREST_GAINS ? h->n_nodes : 0;
	const uint64_t n_linears = h->n_linear ? h->n_nodes : 0;
	uint64_t at = sizeof *h;

	f->header = (const void *)block;
	f->bases = aqi_block_take(block, &at, h->n_margins, sizeof *f->bases);
	f->views = aqi_block_take(block, &at, h->n_views, sizeof *f->views);
	f->targets = aqi_block_take(block, &at, h->n_trees, sizeof *f->targets);
	f->roots = aqi_block_take(block, &at, h->n_trees + 1, sizeof *f->roots);
	f->nodes = aqi_block_take(block, &at, h->n_nodes, sizeof *f->nodes);
	f->ids = aqi_block_take(block, &at, h->n_nodes, sizeof *f->ids);
	f->covers = aqi_block_take(block, &at, n_covers, sizeof *f->covers);
	f->gains = aqi_block_take(block, &at, n_gains, sizeof *f->gains);
	f->sets = aqi_block_take(block, &at, h->n_sets + 1, sizeof *f->sets);
	f->members = aqi_block_take(block, &at, h->n_members,
				    sizeof *f->members);
	f->constants = aqi_block_take(block, &at, h->n_linear,
				      sizeof *f->constants);
	f->firsts = aqi_block_take(block, &at, h->n_linear + 1,
				   sizeof *f->firsts);
	f->terms = aqi_block_take(block, &at, h->n_terms, sizeof *f->terms);
	f->linears = aqi_block_take(block, &at, n_linears, sizeof *f->linears);
	if (n_covers == 0)
		f->covers = NULL;
	if (n_gains == 0)
		f->gains = NULL;
	if (n_linears == 0)
		f->linears = NULL;
	return at;
}

/* Zeros between the arrays, each of which ends in the line before the next. All
 * of the block would take some hundredths of what a file takes to load. */
static void
clear_gaps(char *block, size_t size, const struct aqi_forest *f)
{
	const void *const behind[] = {
		f->views, f->targets, f->roots, f->nodes, f->ids, f->covers,
		f->gains, f->sets, f->members, f->constants, f->firsts,
		f->terms, f->linears, block + size
	};

	for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++)
		if (behind[i])
			memset((char *)(uintptr_t)behind[i] - AQI_BLOCK_ALIGN,
			       0, AQI_BLOCK_ALIGN);
}

char *
aqi_forest_block_new(const struct aqi_forest_header *counts,
		     struct aqi_forest *view)
{
	const size_t size = lay_out(counts, NULL, view);
	char *block = aqi_block_alloc(size);

	if (!block)
		return NULL;
	lay_out(counts, block, view);
	clear_gaps(block, size, view);
	aqi_block_begin(&aqi_forest_block_kind, block, size, counts,
			sizeof *counts);
	return block;
}

/* Zeros from there up to the array that follows, or the end. */
static void
clear_behind(const void *from, const void *to)
{
	memset((char *)(uintptr_t)from, 0,
	       (size_t)((const char *)to - (const char *)from));
}

bool
aqi_forest_block_renew(char *block, const struct aqi_forest_header *counts,
		       struct aqi_forest *view)
{
	struct aqi_forest f;
	const size_t size = lay_out(counts, block, &f);

	if (f.targets != view->targets || f.roots != view->roots ||
	    f.nodes != view->nodes || f.ids > view->ids ||
	    size > view->header->seal.size)
		return false;
	if (f.ids != view->ids)
		memmove((uint32_t *)(uintptr_t)f.ids, view->ids,
			counts->n_nodes * sizeof *f.ids);
	*view = f;
	clear_behind(f.views, f.targets);
	clear_behind(f.nodes + counts->n_nodes, f.ids);
	clear_behind(f.ids + counts->n_nodes, block + size);
	aqi_block_begin(&aqi_forest_block_kind, block, size, counts,
			sizeof *counts);
	return true;
}

/* Counts first: the layout is computed from them without overflow. */
static const char *
check_header(const struct aqi_forest_header *h)
{
	const uint64_t most = AQI_FOREST_MAX_NODES;
	static const char zeros[sizeof h->reserved];
	struct aqi_forest view;

	if (h->n_inputs < 1 || h->n_inputs > AQI_FOREST_MAX_INPUTS ||
	    h->n_margins < 1 || h->n_margins > AQI_FOREST_MAX_MARGINS ||
	    h->n_trees > AQI_FOREST_MAX_TREES || h->n_nodes > most ||
	    h->n_views > h->n_nodes || h->n_sets > most ||
	    h->n_members > most || h->n_linear > most || h->n_terms > most)
		return "is damaged: a count is out of range";
	if (lay_out(h, NULL, &view) != h->seal.size)
		return "is damaged: its parts do not fill it";
	if (h->flags > (AQI_FOREST_WIDE | AQI_FOREST_COVERS |
			AQI_FOREST_GAINS) ||
	    h->aggregate > AQI_AGGREGATE_LAST || !aqi_link_is_valid(&h->link) ||
	    memcmp(h->reserved, zeros, sizeof zeros) != 0)
		return "is damaged: the header";
	return NULL;
}

const char *
aqi_forest_block_check(struct aqi_slice block)
{
	const char *fault = aqi_block_check(&aqi_forest_block_kind, block);

	if (!fault && block.size < sizeof(struct aqi_forest_header))
		fault = "is cut short";
	return fault ? fault : check_header((const void *)block.data);
}

/*
 * Half of the largest number leaves room for the rounding of each addition,
 * which is below 2^-24 of the sum so far.
 */
bool
aqi_forest_block_is_bounded(bool is_wide, double largest)
{
	return largest < (is_wide ? DBL_MAX / 2 : (double)FLT_MAX / 2);
}

static bool
has_same_members(const struct aqi_forest *f, uint32_t a, uint32_t b)
{
	const uint32_t n = f->sets[a + 1] - f->sets[a];

	if (a == b)
		return true;
	return n == f->sets[b + 1] - f->sets[b] &&
	       memcmp(f->members + f->sets[a], f->members + f->sets[b],
		      n * sizeof *f->members) == 0;
}

/* Are two nodes leaves both, or ask the same and lead to the same places? */
static bool
is_same_split(const struct aqi_forest *f, uint32_t a, uint32_t b)
{
	const struct aqi_forest_node *x = &f->nodes[a], *y = &f->nodes[b];

	if (x->left == 0 || y->left == 0)
		return x->left == y->left;
	if (x->test != y->test || y->left - x->left != b - a)
		return false;
	if (x->test & AQI_FOREST_HAS_SET)
		return has_same_members(f, (uint32_t)x->value,
					(uint32_t)y->value);
	return x->value == y->value;
}

bool
aqi_forest_block_repeats(const struct aqi_forest *f, uint64_t t)
{
	uint32_t before, start, n;

	if (t == 0)
		return false;
	before = f->roots[t - 1];
	start = f->roots[t];
	n = f->roots[t + 1] - start;
	if (n != start - before)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!is_same_split(f, before + i, start + i))
			return false;
	return true;
}

bool
aqi_forest_is_simple(const struct aqi_forest *f)
{
	const struct aqi_forest_header *h = f->header;

	for (uint64_t v = 0; v < h->n_views; v++)
		if (f->views[v].rule != AQI_VIEW_PLAIN)
			return false;
	return !(h->flags & AQI_FOREST_WIDE) && h->n_margins == 1 &&
	       h->aggregate == AQI_AGGREGATE_SUM && h->n_sets == 0 &&
	       h->n_linear == 0;
}

struct aqi_forest *
aqi_forest_block_view(const void *block, void *owned, struct aqi_error *err)
{
	const struct aqi_forest_header *h = block;
	struct aqi_forest *forest = calloc(1, sizeof *forest);

	if (!forest) {
		aqi_error_memory(err);
		return NULL;
	}
	lay_out(h, (char *)(uintptr_t)block, forest);
	forest->owned = owned;
	return forest;
}
