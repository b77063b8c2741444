#include "model/perfect.h"

#include "model/forest_block.h"

/* In breadth-first order the children of one level are the next. */
size_t
aqi_perfect_depth(const struct aqi_forest *f, size_t tree)
{
	const uint32_t root = f->roots[tree];
	uint32_t next = root + 1, level_end = next;
	size_t depth = 0;

	for (uint32_t i = root; i < f->roots[tree + 1]; i++) {
		if (i == level_end) {
			depth++;
			level_end = next;
		}
		if (f->nodes[i].left != 0)
			next += 2;
	}
	return depth;
}

void
aqi_perfect_fill(const struct aqi_forest *f, size_t tree, size_t depth,
		 uint32_t *places)
{
	places[0] = places[1] = f->roots[tree];
	for (uint32_t k = 1; k < 1u << depth; k++) {
		const uint32_t at = places[k];
		const uint32_t left = f->nodes[at].left;

		places[2 * k] = left != 0 ? left : at;
		places[2 * k + 1] = left != 0 ? left + 1 : at;
	}
}
