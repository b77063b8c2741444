/* A walk over nodes, eight trees at once: without vectors it is
 * less work than to decide the nodes that no walk comes to. */
#include "model/nodes_kernel.h"
#include "model/width.h"

#define WALKS 8

#include "model/nodes_count.inc"

/* Walk eight trees down through their pairs; at, out: their places. */
static inline __attribute__((always_inline)) void
walk_some(const unsigned char *nodes, size_t n_lines, size_t depth,
	  const signed char *ranks, uint32_t *at)
{
	for (int k = 0; k < WALKS; k++)
		at[k] = 1;
	for (size_t d = 0; d < depth; d++) {
#pragma GCC unroll 8
		for (size_t k = 0; k < WALKS; k++) {
			const struct aqi_nodes_tree tree =
				aqi_nodes_tree(n_lines, k % 2);
			const unsigned char *pair =
				nodes + 64 * n_lines * (k / 2);
			const unsigned column =
				pair[tree.columns + at[k]] >> tree.shift &
				tree.mask;
			const signed char cut =
				(signed char)pair[tree.cuts + at[k]];

			at[k] = 2 * at[k] + (ranks[column] > cut);
		}
	}
}

static inline void
walk(const unsigned char *nodes, size_t n_lines, size_t depth,
     const signed char *ranks, uint32_t *at)
{
	if (n_lines == 2)
		walk_some(nodes, 2, depth, ranks, at);
	else if (n_lines == 3)
		walk_some(nodes, 3, depth, ranks, at);
	else
		walk_some(nodes, 4, depth, ranks, at);
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

/* Where in the leaves of a group those of a row are. */
static inline __attribute__((always_inline)) void
find_leaves(const struct aqi_nodes_group *group, size_t width,
	    const signed char *ranks, uint32_t *at)
{
	const size_t depth = group->depth > 6 ? CROWN : group->depth;
	const size_t n_lines = group->n_lines;

	for (size_t k = 0; k < TREES; k += WALKS)
		walk(group->nodes + 64 * n_lines * (k / 2), n_lines, depth,
		     ranks, at + k);
	for (size_t k = 0; k < TREES; k++)
		at[k] += (uint32_t)((k << depth) - ((size_t)1 << depth));
	if (group->depth > 6)
		find_in_bushes(group, width, ranks, at);
}

static inline __attribute__((always_inline)) void
sum_trees(const struct aqi_nodes *n, const signed char *ranks, bool is_wide,
	  double *margin)
{
	const size_t n_groups = n->header->n_groups;
	const bool is_one = n->header->n_margins == 1;
	struct sum sum = {margin[0], (float)margin[0]};
	uint32_t at[2][TREES] = {{0}};

	/* A sum is waited for while the next group is walked. */
	for (size_t g = 0; g <= n_groups; g++) {
		if (g > 0 && is_one)
			sum = add_leaves(sum, &n->groups[g - 1],
					 at[(g - 1) % 2], is_wide);
		else if (g > 0)
			add_to_targets(&n->groups[g - 1], at[(g - 1) % 2],
				       margin, is_wide);
		if (g < n_groups)
			find_leaves(&n->groups[g], aqi_width_size(is_wide),
				    ranks, at[g % 2]);
	}
	if (is_one)
		margin[0] = is_wide ? sum.wide : (double)sum.narrow;
}

#include "model/nodes_row.inc"

void
aqi_nodes_portable(const struct aqi_nodes *nodes, const double *x,
		   size_t n_rows, double *margin)
{
	predict(nodes, x, n_rows, margin);
}
