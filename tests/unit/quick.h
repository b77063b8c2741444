/* quick.h: a tree file that is read in haste, beside all of it. */
#ifndef AQI_TESTS_UNIT_QUICK_H
#define AQI_TESTS_UNIT_QUICK_H

#include <stdbool.h>
#include <string.h>

#include "model/forest_block.h"
#include "model/trees.h"

/* Are two forests the same but for what training has left? */
static bool
differ_in_statistics(const struct aqi_forest *a, const struct aqi_forest *b)
{
	const uint32_t kept = ~(AQI_FOREST_COVERS | AQI_FOREST_GAINS);
	struct aqi_forest_header x = *a->header, y = *b->header;

#define SAME(array, n) \
	(memcmp(a->array, b->array, (n) * sizeof *a->array) == 0)
	x.flags &= kept;
	y.flags &= kept;
	memset(&x.seal, 0, sizeof x.seal);
	memset(&y.seal, 0, sizeof y.seal);
	return memcmp(&x, &y, sizeof x) == 0 && !b->covers && !b->gains &&
	       SAME(bases, x.n_margins) && SAME(views, x.n_views) &&
	       SAME(targets, x.n_trees) && SAME(roots, x.n_trees + 1) &&
	       SAME(nodes, x.n_nodes) && SAME(ids, x.n_nodes) &&
	       SAME(sets, x.n_sets + 1) && SAME(members, x.n_members) &&
	       SAME(constants, x.n_linear) && SAME(firsts, x.n_linear + 1) &&
	       SAME(terms, x.n_terms) &&
	       (x.n_linear == 0 || SAME(linears, x.n_nodes));
#undef SAME
}

/* aqi_trees_read, or that of a format. */
typedef enum aqi_status read_trees_fn(struct aqi_slice bytes,
				      const struct aqi_trees_options *options,
				      struct aqi_arena *arena,
				      struct aqi_trees *trees,
				      struct aqi_error *err);

/* Does the file whose forest this is give the same in haste? */
static bool
is_quick_same(read_trees_fn *read, struct aqi_slice bytes,
	      const struct aqi_forest *forest)
{
	const struct aqi_trees_options quick = {.skips_statistics = true};
	struct aqi_arena arena = {0};
	struct aqi_trees trees;
	bool same;

	same = read(bytes, &quick, &arena, &trees, NULL) == AQI_OK &&
	       differ_in_statistics(forest, trees.forest);
	aqi_forest_free(trees.forest);
	aqi_arena_free(&arena);
	return same;
}

#endif
