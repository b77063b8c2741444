/*
 * forest_part.h: what one builder has gathered, on its way into the block of a
 * forest. Private: for forest_join.c.
 *
 * Builders count from 0, each for itself; in the block, others stand before. A
 * list is given back to the system while it is copied, so that no more memory
 * is taken than the lists have: it is of no further use.
 */
#ifndef AQI_MODEL_FOREST_PART_H
#define AQI_MODEL_FOREST_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aqi_forest;
struct aqi_forest_builder;

struct aqi_forest_part {
	const struct aqi_forest_builder *from;
	uint32_t *views;	/* (its views,) what each is in the block */
	/* What stands before it in the block. */
	size_t n_trees, n_nodes, n_sets, n_members, n_linear, n_terms;
};

/*
 * Copy all but the views to where the block of the forest has it.
 *
 * is_first  its views are those of the block
 */
void aqi_forest_part_put(const struct aqi_forest_part *part,
			 const struct aqi_forest *forest, bool is_first);

#endif
