#include "model/planes_build.h"

#include <math.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "model/forest_block.h"
#include "model/planes.h"
#include "model/planes_atoms.h"
#include "model/planes_block.h"
#include "model/planes_tape.h"
#include "model/width.h"

struct builder {
	const struct aqi_forest *forest;
	struct aqi_planes_atoms atoms;
	struct aqi_planes_tape tape;
	uint32_t *order;	/* (n_trees,) by margin */
	/* Of the segment that is being made: */
	uint32_t segment;	/* its number, from 1 */
	uint32_t *atom_in;	/* (n_atoms,) the last segment that has it */
	uint32_t *column_in;	/* (n_columns,) the same */
	uint16_t *slots;	/* (n_atoms,) where its atoms are */
	size_t n_slots;
	/* The arrays of the block. */
	struct aqi_buffer segments, columns, sets, trees;
	struct aqi_buffer keys, lefts, code, leaves, tables;
};

static bool
is_wide(const struct builder *b)
{
	return b->forest->header->flags & AQI_FOREST_WIDE;
}

static size_t
number_size(const struct builder *b)
{
	return aqi_width_size(is_wide(b));
}

static size_t
n_code(const struct builder *b)
{
	return b->code.size / sizeof(uint16_t);
}

static void
add_name(struct builder *b, uint16_t name)
{
	aqi_buffer_add(&b->code, &name, sizeof name);
}

static void
add_number(const struct builder *b, struct aqi_buffer *to, double x)
{
	const float narrow = (float)x;

	if (is_wide(b))
		aqi_buffer_add(to, &x, sizeof x);
	else
		aqi_buffer_add(to, &narrow, sizeof narrow);
}

/* Segments. */

static void
take_atom(struct builder *b, size_t i)
{
	const uint32_t column = b->atoms.atoms[i].column;

	if (b->atom_in[i] == b->segment)
		return;
	b->atom_in[i] = b->segment;
	b->n_slots++;
	if (b->column_in[column] == b->segment)
		return;
	b->column_in[column] = b->segment;
	b->n_slots++;
}

/* A set, and the members that it brings. */
static void
take_set(struct builder *b, size_t i)
{
	const struct aqi_planes_atom *atom = &b->atoms.atoms[i];
	const struct aqi_forest *f = b->forest;
	const uint32_t set = (uint32_t)atom->value;

	if (b->atom_in[i] == b->segment)
		return;
	take_atom(b, i);
	for (uint32_t m = f->sets[set]; m < f->sets[set + 1]; m++) {
		const size_t member = aqi_planes_atoms_member(
			&b->atoms, f, atom->view, m);

		if (member != SIZE_MAX)
			take_atom(b, member);
	}
}

/* Add what a tree asks to the segment. Returns whether it has room. */
static bool
take_tree(struct builder *b, uint32_t tree)
{
	const struct aqi_forest *f = b->forest;

	for (uint32_t i = f->roots[tree]; i < f->roots[tree + 1]; i++) {
		const struct aqi_forest_node *node = &f->nodes[i];

		if (node->left == 0)
			continue;
		if (node->test & AQI_FOREST_HAS_SET)
			take_set(b, b->atoms.of_node[i]);
		else
			take_atom(b, b->atoms.of_node[i]);
		if (b->n_slots > AQI_PLANES_SLOTS)
			return false;
	}
	return true;
}

/* So many trees, from the first on, that their planes have room. */
static size_t
fill_segment(struct builder *b, size_t first)
{
	const size_t n_trees = b->forest->header->n_trees;
	size_t end = first;

	b->segment++;
	b->n_slots = AQI_PLANES_RESERVED;
	while (end < n_trees && take_tree(b, b->order[end]))
		end++;
	if (end == first || end == n_trees)
		return end;
	/* Once more, without what the tree that has no room brought. */
	b->segment++;
	b->n_slots = AQI_PLANES_RESERVED;
	for (size_t t = first; t < end; t++)
		take_tree(b, b->order[t]);
	return end;
}

/* Columns. */

/* Keys from `first` on, n of them: the levels above, the top first, then they
 * themselves. */
static void
add_keys(struct builder *b, const double *keys, size_t n)
{
	size_t step = 1, size = n;

	while (size > AQI_PLANES_FAN) {
		size = (size + AQI_PLANES_FAN - 1) / AQI_PLANES_FAN;
		step *= AQI_PLANES_FAN;
	}
	for (; step >= 1; step /= AQI_PLANES_FAN) {
		size = (n + step - 1) / step;
		for (size_t i = 0; i < aqi_planes_padded(size); i++)
			add_number(b, &b->keys, (i + 1) * step <= n &&
				   (step == 1 || i + 1 < size) ?
				   keys[(i + 1) * step - 1] : (double)NAN);
	}
}

static void
add_set(struct builder *b, size_t i)
{
	const struct aqi_planes_atom *atom = &b->atoms.atoms[i];
	const struct aqi_forest *f = b->forest;
	const uint32_t number = (uint32_t)atom->value;
	struct aqi_planes_set set = {
		.code = (uint32_t)n_code(b),
		.to = (uint16_t)(8 * b->slots[i]),
		.goes_left = atom->goes_left,
	};

	for (uint32_t m = f->sets[number]; m < f->sets[number + 1]; m++) {
		const size_t member = aqi_planes_atoms_member(
			&b->atoms, f, atom->view, m);

		if (member == SIZE_MAX)
			continue;
		add_name(b, (uint16_t)(8 * b->slots[member]));
		set.n_members++;
	}
	aqi_buffer_add(&b->sets, &set, sizeof set);
}

/* The column of which the atoms [i, end) are, as far as they are in the
 * segment. `keys` has room for them all. */
static void
add_column(struct builder *b, size_t i, size_t end, size_t *slot, double *keys)
{
	const struct aqi_planes_atom *atoms = b->atoms.atoms;
	const struct aqi_forest_view *view =
		&b->forest->views[atoms[i].view];
	struct aqi_planes_column column = {
		.input = view->input,
		.rule = (uint16_t)view->rule,
		.first = (uint16_t)(*slot)++,
		.keys = (uint32_t)(b->keys.size / number_size(b)),
		.first_set = (uint32_t)(b->sets.size /
					sizeof(struct aqi_planes_set)),
	};

	column.lefts = atoms[i].kind == AQI_PLANES_CUT ?
		       (uint32_t)b->lefts.size : 0;
	for (; i < end; i++) {
		if (b->atom_in[i] != b->segment)
			continue;
		b->slots[i] = (uint16_t)(*slot)++;
		if (atoms[i].kind == AQI_PLANES_SET) {
			add_set(b, i);
			column.n_sets++;
			continue;
		}
		keys[column.n_keys++] = atoms[i].value;
		if (atoms[i].kind == AQI_PLANES_CUT)
			aqi_buffer_add_byte(&b->lefts,
					    (char)atoms[i].goes_left);
	}
	if (column.n_keys > 0)
		add_keys(b, keys, column.n_keys);
	if (column.n_sets == 0)
		column.first_set = 0;
	aqi_buffer_add(&b->columns, &column, sizeof column);
}

static int
compare_columns(const void *a, const void *b)
{
	const struct aqi_planes_column *x = a, *y = b;

	if (x->input != y->input)
		return x->input < y->input ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Those of a segment, in the order of a row's inputs: so several values are
 * loaded at once. */
static void
add_columns(struct builder *b, double *keys)
{
	const struct aqi_planes_atoms *a = &b->atoms;
	const size_t start = b->columns.size;
	size_t slot = AQI_PLANES_RESERVED, end;

	for (size_t i = 0; i < a->n; i = end) {
		const uint32_t column = a->atoms[i].column;

		for (end = i; end < a->n && a->atoms[end].column == column; )
			end++;
		if (b->column_in[column] == b->segment)
			add_column(b, i, end, &slot, keys);
	}
	if (!b->columns.failed && b->columns.size > start)
		qsort(b->columns.data + start,
		      (b->columns.size - start) /
			      sizeof(struct aqi_planes_column),
		      sizeof(struct aqi_planes_column), compare_columns);
}

/* Trees. */

/*
 * What a tree costs, in about the cycles of AVX2 for 256 rows: in steps a
 * choice loads its names, stores and waits; in a perfect tree it does not. A
 * bit more in the number of a leaf makes a table longer to look it up in; where
 * there are no tables, leaves are looked up one by one.
 */
static unsigned
cost_of(const struct builder *b, unsigned n_bits, size_t n_choices,
	unsigned per_choice)
{
	static const unsigned look_up[] = {
		50, 50, 50, 50, 50, 65, 95, 160, 290
	};

	return (unsigned)n_choices * per_choice / 4 +
	       (n_bits <= 8 && !is_wide(b) ? look_up[n_bits] : 300);
}

static bool
is_perfect_better(const struct builder *b, size_t n_leaves)
{
	const unsigned depth = b->tape.depth;

	if (depth > AQI_PLANES_PERFECT || b->tape.n_steps == 0)
		return depth <= AQI_PLANES_PERFECT;
	return cost_of(b, depth, (size_t)1 << depth, 4) <=
	       cost_of(b, aqi_planes_tape_bits(n_leaves), b->tape.n_steps, 11);
}

/*
 * A place below a leaf has the plane of the place above it, whichever way that
 * sends a row: all leaves below are the same.
 */
static void
add_places(struct builder *b, uint32_t root, size_t n_nodes)
{
	const struct aqi_forest_node *nodes = b->forest->nodes;
	uint16_t places[1 << AQI_PLANES_PERFECT];

	memset(places, 0xff, sizeof places);
	places[0] = 8 * AQI_PLANES_ZEROS;
	for (size_t i = 0; i < n_nodes; i++)
		if (nodes[root + i].left != 0)
			places[b->tape.place[i]] = b->tape.plane[i];
	for (size_t k = 1; k < (size_t)1 << b->tape.depth; k++) {
		if (places[k] == UINT16_MAX)
			places[k] = places[k / 2];
	}
	aqi_buffer_add(&b->code, places, sizeof *places << b->tape.depth);
}

static void
add_steps(struct builder *b, unsigned n_bits)
{
	aqi_buffer_add(&b->code, b->tape.bits, n_bits * sizeof(uint16_t));
	aqi_buffer_add(&b->code, b->tape.steps,
		       b->tape.n_steps * sizeof *b->tape.steps);
}

/* A leaf of a perfect tree stands for all places below it. */
static void
add_leaves(struct builder *b, uint32_t root, size_t n_nodes,
	   const struct aqi_planes_tree *tree, bool is_perfect)
{
	const size_t size = number_size(b), n = (size_t)1 << tree->n_bits;
	char *to = aqi_buffer_room(&b->leaves, n * size);

	if (!to)
		return;
	memset(to, 0, n * size);
	for (size_t i = 0; i < n_nodes; i++) {
		const struct aqi_forest_node *node =
			&b->forest->nodes[root + i];
		const uint32_t place = b->tape.place[i];
		uint32_t first = b->tape.first[i], count = 1;

		if (node->left != 0)
			continue;
		if (is_perfect) {
			unsigned below = tree->n_bits - (31 -
				(unsigned)__builtin_clz(place));

			first = (place << below) - (uint32_t)n;
			count = 1u << below;
		}
		for (uint32_t k = first; k < first + count; k++)
			aqi_width_set(is_wide(b), to, k, node->value);
	}
	b->leaves.size += n * size;
}

static void
add_tables(struct builder *b, const struct aqi_planes_tree *tree)
{
	const size_t size = aqi_planes_table(tree->n_bits);
	char *to = aqi_buffer_room(&b->tables, 4 * size);

	if (!to || b->leaves.failed)
		return;
	memset(to, 0, 4 * size);
	for (size_t i = 0; i < (size_t)1 << tree->n_bits; i++)
		for (size_t k = 0; k < 4; k++) {
			uint32_t word;

			memcpy(&word, b->leaves.data +
			       (tree->leaves + i) * sizeof word, sizeof word);
			to[k * size + i] = (char)(word >> 8 * k);
		}
	b->tables.size += 4 * size;
}

/* AQI_E_MEMORY. */
static enum aqi_status
add_tree(struct builder *b, uint32_t t, struct aqi_error *err)
{
	const struct aqi_forest *f = b->forest;
	const uint32_t root = f->roots[t];
	const size_t n_nodes = f->roots[t + 1] - root;
	struct aqi_planes_tree tree = {
		.margin = (uint32_t)aqi_forest_target(f, t),
		.code = (uint32_t)n_code(b),
		.leaves = (uint32_t)(b->leaves.size / number_size(b)),
		.tables = (uint32_t)b->tables.size,
	};
	bool is_perfect;

	for (size_t i = 0; i < n_nodes; i++)
		if (f->nodes[root + i].left != 0)
			b->tape.plane[i] = (uint16_t)
				(8 * b->slots[b->atoms.of_node[root + i]]);
	aqi_planes_tape_number(&b->tape, f->nodes, root, n_nodes);
	if (aqi_planes_tape_write(&b->tape, f->nodes, root, n_nodes,
				  err) != AQI_OK)
		return AQI_FATAL;
	is_perfect = is_perfect_better(b, b->tape.n_leaves[0]);
	tree.n_bits = is_perfect ? b->tape.depth :
		      aqi_planes_tape_bits(b->tape.n_leaves[0]);
	tree.n_steps = is_perfect ? 0 : (uint32_t)b->tape.n_steps;
	if (is_perfect)
		add_places(b, root, n_nodes);
	else
		add_steps(b, tree.n_bits);
	add_leaves(b, root, n_nodes, &tree, is_perfect);
	if (!is_wide(b) && tree.n_bits <= 8)
		add_tables(b, &tree);
	aqi_buffer_add(&b->trees, &tree, sizeof tree);
	return AQI_OK;
}

/* The whole. */

static size_t
largest_tree(const struct aqi_forest *f)
{
	size_t largest = 1;

	for (size_t t = 0; t < f->header->n_trees; t++)
		if (f->roots[t + 1] - f->roots[t] > largest)
			largest = f->roots[t + 1] - f->roots[t];
	return largest;
}

_Static_assert((AQI_PLANES_LARGEST + 1) / 2 == (size_t)1 << AQI_PLANES_BITS,
	       "the leaves of the largest tree have numbers");

/* The trees of one margin after those of another, each in their order. */
static enum aqi_status
order_trees(struct builder *b, struct aqi_error *err)
{
	const struct aqi_forest_header *h = b->forest->header;
	size_t *firsts = calloc(h->n_margins + 1, sizeof *firsts);

	b->order = calloc(h->n_trees, sizeof *b->order);
	if (!firsts || !b->order) {
		free(firsts);
		return aqi_error_memory(err);
	}
	for (size_t t = 0; t < h->n_trees; t++)
		firsts[aqi_forest_target(b->forest, t) + 1]++;
	for (size_t k = 0; k < h->n_margins; k++)
		firsts[k + 1] += firsts[k];
	for (size_t t = 0; t < h->n_trees; t++)
		b->order[firsts[aqi_forest_target(b->forest, t)]++] =
			(uint32_t)t;
	free(firsts);
	return AQI_OK;
}

/* AQI_END: a tree alone has too many distinct splits. */
static enum aqi_status
add_segments(struct builder *b, double *keys, struct aqi_error *err)
{
	const size_t n_trees = b->forest->header->n_trees;

	for (size_t first = 0, end; first < n_trees; first = end) {
		struct aqi_planes_segment segment = {0};

		end = fill_segment(b, first);
		if (end == first)
			return AQI_END;
		add_columns(b, keys);
		for (size_t t = first; t < end; t++)
			if (add_tree(b, b->order[t], err) != AQI_OK)
				return AQI_FATAL;
		segment.n_slots = (uint32_t)b->n_slots;
		segment.columns_end = (uint32_t)(b->columns.size /
				sizeof(struct aqi_planes_column));
		segment.trees_end = (uint32_t)end;
		aqi_buffer_add(&b->segments, &segment, sizeof segment);
	}
	return AQI_OK;
}

/* The largest that each index of the block can be. */
static bool
is_in_reach(const struct builder *b)
{
	return b->keys.size < UINT32_MAX && b->code.size < UINT32_MAX &&
	       b->leaves.size < UINT32_MAX && b->tables.size < UINT32_MAX;
}

static bool
has_failed(const struct builder *b)
{
	return b->segments.failed || b->columns.failed || b->sets.failed ||
	       b->trees.failed || b->keys.failed || b->lefts.failed ||
	       b->code.failed || b->leaves.failed || b->tables.failed;
}

static void
fill(const void *to, const void *from, size_t size)
{
	if (size > 0)
		memcpy((void *)(uintptr_t)to, from, size);
}

/* The arrays become the block. */
static enum aqi_status
assemble(struct builder *b, struct aqi_planes *view, struct aqi_error *err)
{
	const struct aqi_forest_header *h = b->forest->header;
	const struct aqi_planes_header counts = {
		.is_wide = is_wide(b),
		.n_inputs = h->n_inputs,
		.n_margins = h->n_margins,
		.n_segments = b->segments.size / sizeof *view->segments,
		.n_columns = b->columns.size / sizeof *view->columns,
		.n_sets = b->sets.size / sizeof *view->sets,
		.n_trees = h->n_trees,
		.n_keys = b->keys.size / number_size(b),
		.n_lefts = b->lefts.size,
		.n_code = n_code(b),
		.n_leaves = b->leaves.size / number_size(b),
		.n_tables = b->tables.size,
	};
	char *block = aqi_planes_block_new(&counts, view);

	if (!block)
		return aqi_error_memory(err);
	fill(view->bases, b->forest->bases, h->n_margins * sizeof(double));
	fill(view->segments, b->segments.data, b->segments.size);
	fill(view->columns, b->columns.data, b->columns.size);
	fill(view->sets, b->sets.data, b->sets.size);
	fill(view->trees, b->trees.data, b->trees.size);
	fill(view->keys, b->keys.data, b->keys.size);
	fill(view->lefts, b->lefts.data, b->lefts.size);
	fill(view->code, b->code.data, b->code.size);
	fill(view->leaves, b->leaves.data, b->leaves.size);
	fill(view->tables, b->tables.data, b->tables.size);
	aqi_block_finish(block);
	view->owned = block;
	return AQI_OK;
}

static enum aqi_status
build(struct builder *b, struct aqi_planes *view, struct aqi_error *err)
{
	enum aqi_status status = AQI_FATAL;
	double *keys;

	if (largest_tree(b->forest) > AQI_PLANES_LARGEST)
		return AQI_END;
	if (aqi_planes_atoms_find(b->forest, &b->atoms, err) != AQI_OK ||
	    aqi_planes_tape_new(&b->tape, largest_tree(b->forest),
				err) != AQI_OK ||
	    order_trees(b, err) != AQI_OK)
		return AQI_FATAL;
	b->atom_in = calloc(b->atoms.n + 1, sizeof *b->atom_in);
	b->slots = calloc(b->atoms.n + 1, sizeof *b->slots);
	b->column_in = calloc(b->atoms.n_columns + 1, sizeof *b->column_in);
	keys = calloc(AQI_PLANES_SLOTS, sizeof *keys);
	if (b->atom_in && b->slots && b->column_in && keys)
		status = add_segments(b, keys, err);
	else
		aqi_error_memory(err);
	free(keys);
	if (status != AQI_OK)
		return status;
	if (has_failed(b))
		return aqi_error_memory(err);
	return is_in_reach(b) ? assemble(b, view, err) : AQI_END;
}

static void
dismantle(struct builder *b)
{
	aqi_planes_atoms_free(&b->atoms);
	aqi_planes_tape_free(&b->tape);
	free(b->order);
	free(b->atom_in);
	free(b->column_in);
	free(b->slots);
	aqi_buffer_free(&b->segments);
	aqi_buffer_free(&b->columns);
	aqi_buffer_free(&b->sets);
	aqi_buffer_free(&b->trees);
	aqi_buffer_free(&b->keys);
	aqi_buffer_free(&b->lefts);
	aqi_buffer_free(&b->code);
	aqi_buffer_free(&b->leaves);
	aqi_buffer_free(&b->tables);
}

enum aqi_status
aqi_planes_build(const struct aqi_forest *forest, struct aqi_planes *view,
		 struct aqi_error *err)
{
	const struct aqi_forest_header *h = forest->header;
	struct builder b = {.forest = forest};
	enum aqi_status status;

	*view = (struct aqi_planes){0};
	if (h->n_trees == 0 || h->aggregate != AQI_AGGREGATE_SUM ||
	    h->n_linear > 0)
		return AQI_OK;
	status = build(&b, view, err);
	dismantle(&b);
	return status == AQI_END ? AQI_OK : status;
}
