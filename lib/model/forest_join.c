#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "model/forest_part.h"
#include "model/forest_parts.h"

struct join {
	struct aqi_forest_part *parts;	/* (n_parts,) */
	size_t n_parts;
	uint32_t *views;	/* of all parts */
	struct aqi_forest_header counts;
	double largest;		/* the largest sum there can be */
};

/* The views of a part; those that are new go to the first builder's. */
static enum aqi_status
number_views(struct aqi_forest_builder *first, struct aqi_forest_part *part,
	     struct aqi_error *err)
{
	const struct aqi_forest_view *views = part->from->views.data;

	for (size_t v = 0; v < part->from->views.n; v++)
		if (aqi_forest_find_view(first, views[v].input,
					 (enum aqi_view_rule)views[v].rule,
					 &part->views[v], err) != AQI_OK)
			return AQI_FATAL;
	return AQI_OK;
}

/* In the order of the trees, whoever has read them: sums are rounded. */
static void
add_largest(struct join *join, const struct aqi_forest_builder *b)
{
	const double *largest = b->largest.data;

	for (size_t t = 0; t < b->largest.n; t++)
		join->largest += largest[t];
}

static enum aqi_status
count(struct join *join, struct aqi_forest_builder *first,
      struct aqi_forest_part *part, struct aqi_error *err)
{
	const struct aqi_forest_builder *b = part->from;
	struct aqi_forest_header *h = &join->counts;

	part->n_trees = h->n_trees;
	part->n_nodes = h->n_nodes;
	part->n_sets = h->n_sets;
	part->n_members = h->n_members;
	part->n_linear = h->n_linear;
	part->n_terms = h->n_terms;
	h->n_trees += b->roots.n;
	h->n_nodes += b->nodes.n;
	h->n_sets += b->sets.n;
	h->n_members += b->members.n;
	h->n_linear += b->constants.n;
	h->n_terms += b->terms.n;
	add_largest(join, b);
	if (h->n_trees > AQI_FOREST_MAX_TREES ||
	    h->n_nodes > AQI_FOREST_MAX_NODES ||
	    h->n_sets > AQI_FOREST_MAX_NODES ||
	    h->n_members > AQI_FOREST_MAX_NODES ||
	    h->n_terms > AQI_FOREST_MAX_NODES)
		return aqi_error_set(err, AQI_E_LIMIT, "above the limit of %d "
				     "trees or %zu nodes",
				     AQI_FOREST_MAX_TREES,
				     AQI_FOREST_MAX_NODES);
	return number_views(first, part, err);
}

/* What is known before any tree. */
static void
begin(struct join *join, const struct aqi_forest_builder *b)
{
	const struct aqi_forest_shape *shape = &b->shape;

	join->counts = (struct aqi_forest_header){
		.flags = (shape->is_wide ? AQI_FOREST_WIDE : 0) |
			 (shape->has_covers ? AQI_FOREST_COVERS : 0) |
			 (shape->has_gains ? AQI_FOREST_GAINS : 0),
		.aggregate = shape->aggregate,
		.link = shape->link,
		.n_inputs = shape->n_inputs,
		.n_margins = shape->n_margins,
	};
	if (shape->aggregate != AQI_AGGREGATE_SUM)
		return;
	for (size_t k = 0; k < shape->n_margins; k++)
		join->largest = fmax(join->largest, fabs(b->bases[k]));
}

/* What belongs to no part. */
static void
put_first(const struct join *join, const struct aqi_forest_builder *first,
	  const struct aqi_forest *f)
{
	memcpy((double *)(uintptr_t)f->bases, first->bases,
	       first->shape.n_margins * sizeof *f->bases);
	if (first->views.n > 0)
		memcpy((struct aqi_forest_view *)(uintptr_t)f->views,
		       first->views.data, first->views.n * sizeof *f->views);
	*(uint32_t *)(uintptr_t)f->sets = 0;
	*(uint32_t *)(uintptr_t)f->firsts = 0;
	((uint32_t *)(uintptr_t)f->roots)[join->counts.n_trees] =
		(uint32_t)join->counts.n_nodes;
}

static char *
make_block(struct join *join, struct aqi_forest_builder *first)
{
	struct aqi_forest f;	/* where the arrays of the block are */
	char *block;

	join->counts.n_views = first->views.n;
	block = aqi_forest_take_expected(first, &join->counts, &f);
	if (block) {
		put_first(join, first, &f);
		return block;
	}
	block = aqi_forest_block_new(&join->counts, &f);
	if (!block)
		return NULL;
	put_first(join, first, &f);
	for (size_t i = 0; i < join->n_parts; i++)
		aqi_forest_part_put(&join->parts[i], &f, i == 0);
	return block;
}

/* Kernels decide once for trees that repeat: they must. */
static enum aqi_status
check_repeats(const struct aqi_forest *f, struct aqi_error *err)
{
	for (uint64_t t = 0; t < f->header->n_trees; t++)
		if (aqi_forest_is_repeat(f, t) &&
		    !aqi_forest_block_repeats(f, t))
			return aqi_error_set(err, AQI_E_MODEL,
					     "tree %zu: does not decide as the "
					     "tree before it", (size_t)t);
	return AQI_OK;
}

static struct aqi_forest *
finish(struct join *join, struct aqi_forest_builder *first,
       struct aqi_error *err)
{
	const bool is_wide = first->shape.is_wide;
	struct aqi_forest *forest;
	char *block;

	if (!aqi_forest_block_is_bounded(is_wide, join->largest)) {
		aqi_error_set(err, AQI_E_MODEL,
			      "the leaves are too large: their sum can "
			      "exceed a %d-bit float", is_wide ? 64 : 32);
		return NULL;
	}
	block = make_block(join, first);
	if (!block) {
		aqi_error_memory(err);
		return NULL;
	}
	forest = aqi_forest_block_view(block, block, err);
	if (!forest) {
		free(block);
		return NULL;
	}
	forest->is_open = true;
	if (check_repeats(forest, err) == AQI_OK)
		return forest;
	aqi_forest_free(forest);
	return NULL;
}

/* What a builder has of trees that were refused, and will not need again. */
static void
settle(struct aqi_forest_builder *b)
{
	if (b->linears.n > b->nodes.n)
		b->linears.n = b->nodes.n;
	aqi_list_free(&b->seen, sizeof(bool));
}

static enum aqi_status
make_parts(struct join *join, struct aqi_forest_builder *const *builders,
	   size_t n, struct aqi_error *err)
{
	size_t n_views = 0;

	for (size_t i = 0; i < n; i++)
		n_views += builders[i]->views.n;
	*join = (struct join){
		.n_parts = n, .parts = calloc(n, sizeof *join->parts),
		.views = calloc(n_views + 1, sizeof *join->views),
	};
	if (!join->parts || !join->views)
		return aqi_error_memory(err);
	n_views = 0;
	for (size_t i = 0; i < n; i++) {
		settle(builders[i]);
		join->parts[i].from = builders[i];
		join->parts[i].views = join->views + n_views;
		n_views += builders[i]->views.n;
	}
	return AQI_OK;
}

struct aqi_forest *
aqi_forest_builder_join(struct aqi_forest_builder *const *builders, size_t n,
			struct aqi_error *err)
{
	struct aqi_forest *forest = NULL;
	enum aqi_status status;
	struct join join;

	status = make_parts(&join, builders, n, err);
	if (status == AQI_OK)
		begin(&join, builders[0]);
	for (size_t i = 0; i < n && status == AQI_OK; i++)
		status = count(&join, builders[0], &join.parts[i], err);
	if (status == AQI_OK)
		forest = finish(&join, builders[0], err);
	free(join.views);
	free(join.parts);
	return forest;
}

struct aqi_forest *
aqi_forest_builder_finish(struct aqi_forest_builder *b, struct aqi_error *err)
{
	return aqi_forest_builder_join(&b, 1, err);
}
