#include "model/walk_block.h"

#include <stdlib.h>
#include <string.h>

#include "model/walk_kernel.h"

const struct aqi_block_kind aqi_walk_block_kind = {
	.magic = {'A', 'Q', 'I', 'W', 'A', 'L', 'K', 'S'},
	.version = 1,
	.name = "the compiled layout of walks",
};

/* Where the arrays are follows from the counts. Returns the size. */
static uint64_t
place(const struct aqi_walk_header *h, char *block,
      struct aqi_walk_parts *parts)
{
	uint64_t at = sizeof *h;

	parts->bases = aqi_block_take(block, &at, h->n_margins,
				      sizeof *parts->bases);
	parts->columns = aqi_block_take(block, &at, h->n_columns,
					sizeof *parts->columns);
	parts->targets = aqi_block_take(block, &at, h->n_trees,
					sizeof *parts->targets);
	parts->depths = aqi_block_take(block, &at, h->n_trees,
				       sizeof *parts->depths);
	parts->roots = aqi_block_take(block, &at, h->n_trees + 1,
				      sizeof *parts->roots);
	parts->sets = aqi_block_take(block, &at, h->n_sets + 1,
				     sizeof *parts->sets);
	parts->members = aqi_block_take(block, &at, h->n_members,
					sizeof *parts->members);
	parts->nodes = aqi_block_take(block, &at, h->n_nodes, h->is_wide ?
				      sizeof(struct aqi_walk_wide) :
				      sizeof(struct aqi_walk_narrow));
	return at;
}

char *
aqi_walk_block_new(const struct aqi_walk_header *counts,
		   struct aqi_walk_parts *parts)
{
	char *block = aqi_block_new_with(&aqi_walk_block_kind,
					 place(counts, NULL, parts), counts,
					 sizeof *counts);

	if (block)
		place(counts, block, parts);
	return block;
}

struct aqi_walk *
aqi_walk_block_view(const void *block, void *owned, struct aqi_error *err)
{
	struct aqi_walk *walk = calloc(1, sizeof *walk);
	struct aqi_walk_parts parts;

	if (!walk) {
		aqi_error_memory(err);
		return NULL;
	}
	place(block, (char *)(uintptr_t)block, &parts);
	*walk = (struct aqi_walk){
		.header = block, .bases = parts.bases,
		.columns = parts.columns, .targets = parts.targets,
		.depths = parts.depths, .roots = parts.roots,
		.sets = parts.sets, .members = parts.members,
		.nodes = parts.nodes, .owned = owned};
	return walk;
}

/* The door. */

/* The counts are those of the forest, or within limits: sizes are computed
 * from them without overflow. */
static bool
check_header(const struct aqi_walk_header *h, const struct aqi_forest *f)
{
	static const char zeros[sizeof h->reserved];
	struct aqi_walk_parts parts;

	return h->is_wide == ((f->header->flags & AQI_FOREST_WIDE) != 0) &&
	       h->n_inputs == f->header->n_inputs &&
	       h->n_margins == f->header->n_margins &&
	       h->n_trees == f->header->n_trees &&
	       h->n_nodes == f->header->n_nodes &&
	       h->n_columns >= 1 && h->n_columns <= AQI_WALK_COLUMNS &&
	       h->n_sets <= AQI_WALK_COLUMNS &&
	       h->n_members <= AQI_FOREST_MAX_NODES &&
	       memcmp(h->reserved, zeros, sizeof zeros) == 0 &&
	       place(h, NULL, &parts) == h->seal.size;
}

static bool
check_columns(const struct aqi_walk_header *h,
	      const struct aqi_walk_parts *parts)
{
	if (parts->columns[0].side != AQI_WALK_NONE)
		return false;
	for (size_t c = 0; c < h->n_columns; c++) {
		const struct aqi_walk_column *column = &parts->columns[c];

		if (column->input >= h->n_inputs ||
		    column->rule > AQI_VIEW_LAST ||
		    column->side > AQI_WALK_LEFT || column->set > h->n_sets)
			return false;
	}
	for (size_t s = 0; s < h->n_sets; s++)
		if (parts->sets[s] > parts->sets[s + 1])
			return false;
	return parts->sets[h->n_sets] <= h->n_members;
}

/* A node in either width. */
static struct aqi_walk_wide
node_at(const struct aqi_walk_header *h, const void *nodes, size_t at)
{
	const struct aqi_walk_narrow *narrow = nodes;

	if (h->is_wide)
		return ((const struct aqi_walk_wide *)nodes)[at];
	return (struct aqi_walk_wide){
		(double)narrow[at].value,
		narrow[at].link % AQI_WALK_COLUMNS,
		narrow[at].link >> AQI_WALK_OFFSET_SHIFT};
}

/*
 * One tree, in the order of the forest: each inner node's children take the
 * next two places, and those of one level are the next level. Then it ends, and
 * at the depth that it says. Adds its largest leaf.
 */
static bool
check_tree(const struct aqi_walk_header *h, const struct aqi_walk_parts *parts,
	   size_t tree, double *largest)
{
	const uint32_t root = parts->roots[tree], end = parts->roots[tree + 1];
	uint32_t next = root + 1, level_end = next, depth = 0;
	double most = 0;

	for (uint32_t i = root; i < end; i++) {
		const struct aqi_walk_wide node = node_at(h, parts->nodes, i);

		if (i >= next)
			return false;
		if (i == level_end) {
			depth++;
			level_end = next;
		}
		if (node.offset == 0) {
			if (node.column != 0 || !isfinite(node.value))
				return false;
			most = fmax(most, fabs(node.value));
			continue;
		}
		if (node.offset != next - i || end - next < 2 ||
		    node.column >= h->n_columns)
			return false;
		next += 2;
	}
	*largest += most;
	return next == end && depth == parts->depths[tree];
}

static bool
check_trees(const struct aqi_walk_header *h,
	    const struct aqi_walk_parts *parts)
{
	double largest = 0;

	for (size_t k = 0; k < h->n_margins; k++) {
		if (!isfinite(parts->bases[k]))
			return false;
		largest = fmax(largest, fabs(parts->bases[k]));
	}
	if (parts->roots[0] != 0 || parts->roots[h->n_trees] != h->n_nodes)
		return false;
	for (size_t t = 0; t < h->n_trees; t++)
		if (parts->targets[t] >= h->n_margins ||
		    parts->roots[t] >= parts->roots[t + 1] ||
		    parts->roots[t + 1] > h->n_nodes ||
		    !check_tree(h, parts, t, &largest))
			return false;
	return aqi_forest_block_is_bounded(h->is_wide, largest);
}

struct aqi_walk *
aqi_walk_block_adopt(struct aqi_slice block, const struct aqi_forest *forest,
		     struct aqi_error *err)
{
	const char *fault = aqi_block_check(&aqi_walk_block_kind, block);
	const struct aqi_walk_header *h = (const void *)block.data;
	struct aqi_walk_parts parts;

	if (!fault && (block.size < sizeof *h || !check_header(h, forest)))
		fault = "is damaged, or of another forest";
	if (!fault) {
		place(h, (char *)(uintptr_t)block.data, &parts);
		if (!check_columns(h, &parts) || !check_trees(h, &parts))
			fault = "is damaged: an index is out of range";
	}
	if (!fault)
		return aqi_walk_block_view(block.data, NULL, err);
	aqi_error_set(err, AQI_E_MODEL, "%s %s", aqi_walk_block_kind.name,
		      fault);
	return NULL;
}
