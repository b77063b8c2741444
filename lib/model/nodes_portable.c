/* A walk over nodes of two bytes, eight trees at once: without vectors it is
 * less work than to decide the nodes that no walk comes to. */
#include "model/nodes_kernel.h"
#include "model/width.h"

#define WALKS 8

#include "model/nodes_count.inc"

/* Walk eight trees down through their words; at, out: their places. */
static inline void
walk(const unsigned char *nodes, size_t n_words, size_t depth,
     const signed char *ranks, uint32_t *at)
{
	for (int k = 0; k < WALKS; k++)
		at[k] = 1;
	for (size_t d = 0; d < depth; d++) {
#pragma GCC unroll 8
		for (size_t k = 0; k < WALKS; k++) {
			const unsigned char *tree = nodes + 64 * n_words * k;
			const signed char cut =
				(signed char)tree[32 * n_words + at[k]];

			at[k] = 2 * at[k] + (ranks[tree[at[k]]] > cut);
		}
	}
}

static inline uint32_t
walk_bush(const unsigned char *bush, const signed char *ranks)
{
	uint32_t at = 1;

	for (int d = 0; d < 3; d++)
		at = 2 * at + (ranks[bush[at]] > (signed char)bush[8 + at]);
	return at - 8;
}

static inline void
find_in_bushes(const struct aqi_nodes_group *group, size_t width,
	       const signed char *ranks, uint32_t *at)
{
	const unsigned char *bushes = group->leaves;

	for (size_t k = 0; k < TREES; k++)
		at[k] = BUSH * at[k] + (uint32_t)BUSH_LEAVES(width) +
			walk_bush(bushes + BUSH * width * at[k], ranks);
}

static inline double
find_leaves(const struct aqi_nodes *n, const signed char *ranks,
	    const struct aqi_nodes_group *group, size_t n_groups, bool is_wide,
	    const struct found *before, double sum, uint32_t at[][TREES])
{
	const size_t width = aqi_width_size(is_wide);

	(void)n;
	for (size_t g = 0; g < before->n; g++)
		sum = add_leaves(&before->groups[g], before->at[g], sum,
				 is_wide);

	for (size_t g = 0; g < n_groups; g++, group++) {
		const size_t depth = group->depth > 6 ? CROWN : group->depth;
		const size_t n_words = group->n_words;

		for (size_t k = 0; k < TREES; k += WALKS)
			walk(group->nodes + 64 * n_words * k, n_words, depth,
			     ranks, at[g] + k);
		for (size_t k = 0; k < TREES; k++)
			at[g][k] += (uint32_t)((k << depth) -
					       ((size_t)1 << depth));
		if (group->depth > 6)
			find_in_bushes(group, width, ranks, at[g]);
	}
	return sum;
}

#include "model/nodes_row.inc"

void
aqi_nodes_portable(const struct aqi_nodes *nodes, const double *x,
		   size_t n_rows, double *margin)
{
	predict(nodes, x, n_rows, margin);
}
