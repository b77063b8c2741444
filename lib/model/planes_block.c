#include "model/planes_block.h"

#include <math.h>

#include "model/forest.h"
#include "model/forest_block.h"
#include "model/planes.h"
#include "model/width.h"

const struct aqi_block_kind aqi_planes_block_kind = {
	.magic = {'A', 'Q', 'I', 'P', 'L', 'A', 'N', 'E'},
	.version = 1,
	.name = "a compiled layout in planes",
};

/* Where the arrays are follows from the counts. Returns the size. */
static uint64_t
lay_out(const struct aqi_planes_header *h, char *block,
	struct aqi_planes *p)
{
	const uint64_t number = aqi_width_size(h->is_wide);
	uint64_t at = sizeof *h;

	p->header = (const void *)block;
	p->bases = aqi_block_take(block, &at, h->n_margins, sizeof *p->bases);
	p->segments = aqi_block_take(block, &at, h->n_segments,
				     sizeof *p->segments);
	p->columns = aqi_block_take(block, &at, h->n_columns,
				    sizeof *p->columns);
	p->sets = aqi_block_take(block, &at, h->n_sets, sizeof *p->sets);
	p->trees = aqi_block_take(block, &at, h->n_trees, sizeof *p->trees);
	p->keys = aqi_block_take(block, &at, h->n_keys, number);
	p->lefts = aqi_block_take(block, &at, h->n_lefts, 1);
	p->code = aqi_block_take(block, &at, h->n_code, sizeof *p->code);
	p->leaves = aqi_block_take(block, &at, h->n_leaves, number);
	p->tables = aqi_block_take(block, &at, h->n_tables, 1);
	return at;
}

char *
aqi_planes_block_new(const struct aqi_planes_header *counts,
		     struct aqi_planes *view)
{
	char *block = aqi_block_new_with(&aqi_planes_block_kind,
					 lay_out(counts, NULL, view), counts,
					 sizeof *counts);

	if (block)
		lay_out(counts, block, view);
	return block;
}

/* The door. */

/* Counts first: the layout is computed from them without overflow. */
static const char *
check_header(const struct aqi_planes_header *h)
{
	const uint64_t most = UINT32_MAX;
	struct aqi_planes view;

	if (h->is_wide > 1 || h->reserved0 != 0)
		return "is damaged: the header";
	if (h->n_margins > AQI_FOREST_MAX_MARGINS ||
	    h->n_trees > AQI_FOREST_MAX_TREES || h->n_segments > h->n_trees ||
	    h->n_columns > most || h->n_sets > most || h->n_keys > most ||
	    h->n_lefts > most || h->n_code > most || h->n_leaves > most ||
	    h->n_tables > most)
		return "is damaged: a count is out of range";
	if (lay_out(h, NULL, &view) != h->seal.size)
		return "is damaged: its parts do not fill it";
	return NULL;
}

/* Is a part of so many from its first within an array of n? */
static bool
is_within(uint64_t first, uint64_t count, uint64_t n)
{
	return count <= n && first <= n - count;
}

/* Do so many names of planes name slots of the segment? Without a branch: the
 * code is most of the block. */
static bool
check_names(const struct aqi_planes *p, size_t first, uint64_t n,
	    size_t n_slots)
{
	const uint16_t *code;
	unsigned any = 0, most = 0;

	if (!is_within(first, n, p->header->n_code))
		return false;
	code = p->code + first;
	for (size_t i = 0; i < n; i++) {
		any |= code[i];
		most = code[i] > most ? code[i] : most;
	}
	return any % 8 == 0 && most < 8 * n_slots;
}

/* NaN where a search must stop, whatever the keys are. */
static bool
check_keys(const struct aqi_planes *p, const struct aqi_planes_column *c)
{
	const size_t room = aqi_planes_keys_above(c->n_keys) +
			    aqi_planes_padded(c->n_keys);
	size_t end = c->keys + room, n = c->n_keys, last = n;

	if (!is_within(c->keys, room, p->header->n_keys))
		return false;
	while (n > 0) {
		for (size_t i = last; i < aqi_planes_padded(n); i++)
			if (!isnan(aqi_width_get(p->header->is_wide, p->keys,
						 end - aqi_planes_padded(n) +
						 i)))
				return false;
		end -= aqi_planes_padded(n);
		if (n <= AQI_PLANES_FAN)
			return true;
		n = (n + AQI_PLANES_FAN - 1) / AQI_PLANES_FAN;
		last = n - 1;
	}
	return false;
}

/* Are the members of a set keys of its own column? What others have may not be
 * there yet when the set is joined. */
static bool
check_members(const struct aqi_planes *p, const struct aqi_planes_column *c,
	      const struct aqi_planes_set *s, size_t n_slots)
{
	if (!check_names(p, s->code, s->n_members, n_slots))
		return false;
	for (size_t k = 0; k < s->n_members; k++) {
		const size_t slot = p->code[s->code + k] / 8;

		if (slot <= c->first || slot - c->first > c->n_keys)
			return false;
	}
	return true;
}

static bool
check_sets(const struct aqi_planes *p, const struct aqi_planes_column *c,
	   size_t n_slots)
{
	if (!is_within(c->first_set, c->n_sets, p->header->n_sets))
		return false;
	for (size_t i = 0; i < c->n_sets; i++) {
		const struct aqi_planes_set *s = &p->sets[c->first_set + i];

		if (s->to % 8 != 0 || s->to / 8 < AQI_PLANES_RESERVED ||
		    s->to / 8u >= n_slots || s->goes_left > 1 ||
		    !check_members(p, c, s, n_slots))
			return false;
	}
	return true;
}

static bool
check_column(const struct aqi_planes *p, const struct aqi_planes_column *c,
	     size_t n_slots)
{
	/* A column of sets may have no key: those of empty sets. */
	return c->input < p->header->n_inputs && c->rule <= AQI_VIEW_LAST &&
	       c->reserved == 0 && c->first >= AQI_PLANES_RESERVED &&
	       is_within(c->first, 1 + (uint64_t)c->n_keys, n_slots) &&
	       ((c->n_keys == 0 && c->n_sets > 0) || check_keys(p, c)) &&
	       (c->n_sets > 0 ||
		is_within(c->lefts, c->n_keys, p->header->n_lefts)) &&
	       check_sets(p, c, n_slots);
}

/*
 * The largest of a tree's leaves, by their absolute values; infinite, where one
 * is not finite. Without the sign, numbers are in the order of their bits, and
 * those that are none come last.
 */
static double
largest_leaf(const struct aqi_planes *p, const struct aqi_planes_tree *t)
{
	const size_t n = (size_t)1 << t->n_bits;
	uint32_t narrow = 0;
	uint64_t wide = 0;
	double largest;
	float value;

	for (size_t i = 0; p->header->is_wide && i < n; i++) {
		uint64_t bits;

		memcpy(&bits, (const double *)p->leaves + t->leaves + i,
		       sizeof bits);
		bits &= UINT64_MAX >> 1;
		wide = bits > wide ? bits : wide;
	}
	for (size_t i = 0; !p->header->is_wide && i < n; i++) {
		uint32_t bits;

		memcpy(&bits, (const float *)p->leaves + t->leaves + i,
		       sizeof bits);
		bits &= UINT32_MAX >> 1;
		narrow = bits > narrow ? bits : narrow;
	}
	memcpy(&largest, &wide, sizeof largest);
	memcpy(&value, &narrow, sizeof value);
	if (!p->header->is_wide)
		largest = (double)value;
	return isfinite(largest) ? largest : (double)INFINITY;
}

/* The bits in which 64 bytes of each table differ from so many leaves. Of a
 * known number, so that compilers use vectors: most of a block is this. */
static unsigned
compare_tables(const float *leaves, const unsigned char *table, size_t size)
{
	unsigned char differ = 0;
	uint32_t words[64];

	memcpy(words, leaves, sizeof words);
	for (size_t k = 0; k < 4; k++)
		for (size_t i = 0; i < 64; i++)
			differ |= (unsigned char)(table[k * size + i] ^
						  (words[i] >> 8 * k & 0xff));
	return differ;
}

/* Are the tables the leaves? */
static bool
check_tables(const struct aqi_planes *p, const struct aqi_planes_tree *t)
{
	const size_t size = aqi_planes_table(t->n_bits);
	const size_t n = (size_t)1 << t->n_bits;
	const unsigned char *table;
	const float *leaves = (const float *)p->leaves + t->leaves;

	if (!aqi_planes_has_tables(p->header, t->n_bits))
		return true;
	if (!is_within(t->tables, 4 * size, p->header->n_tables))
		return false;
	table = p->tables + t->tables;
	for (size_t i = 0; i < size; i += 64) {
		float all[64] = {0};

		memcpy(all, leaves + i, (n < 64 ? n : 64) * sizeof *all);
		if (compare_tables(all, table + i, size) != 0)
			return false;
	}
	return true;
}

static bool
check_tree(const struct aqi_planes *p, const struct aqi_planes_tree *t,
	   size_t n_slots)
{
	const struct aqi_planes_header *h = p->header;
	const uint64_t n_code =
		t->n_steps > 0 || t->n_bits > AQI_PLANES_PERFECT ?
		t->n_bits + 4 * (uint64_t)t->n_steps : UINT64_C(1) << t->n_bits;

	return t->margin < h->n_margins && t->n_bits <= AQI_PLANES_BITS &&
	       (t->n_steps > 0 || t->n_bits <= AQI_PLANES_PERFECT) &&
	       check_names(p, t->code, n_code, n_slots) &&
	       is_within(t->leaves, (size_t)1 << t->n_bits, h->n_leaves) &&
	       check_tables(p, t);
}

static bool
check_segments(const struct aqi_planes *p)
{
	const struct aqi_planes_header *h = p->header;
	uint32_t column = 0, tree = 0, margin = 0;
	double largest = 0;

	for (size_t k = 0; k < h->n_margins; k++)
		largest = fmax(largest, fabs(p->bases[k]));
	for (size_t i = 0; i < h->n_segments; i++) {
		const struct aqi_planes_segment *s = &p->segments[i];

		if (s->n_slots < AQI_PLANES_RESERVED || s->reserved != 0 ||
		    s->n_slots > AQI_PLANES_SLOTS ||
		    s->columns_end < column || s->columns_end > h->n_columns ||
		    s->trees_end < tree || s->trees_end > h->n_trees)
			return false;
		for (; column < s->columns_end; column++)
			if (!check_column(p, &p->columns[column], s->n_slots))
				return false;
		for (; tree < s->trees_end; tree++) {
			const struct aqi_planes_tree *t = &p->trees[tree];

			if (t->margin < margin || !check_tree(p, t, s->n_slots))
				return false;
			margin = t->margin;
			largest += largest_leaf(p, t);
		}
	}
	return column == h->n_columns && tree == h->n_trees &&
	       aqi_forest_block_is_bounded(h->is_wide, largest);
}

const char *
aqi_planes_block_check(struct aqi_slice block, size_t n_inputs,
		       size_t n_margins, struct aqi_planes *view)
{
	const struct aqi_planes_header *h = (const void *)block.data;
	const char *fault = aqi_block_check(&aqi_planes_block_kind, block);

	if (!fault && block.size < sizeof *h)
		fault = "is cut short";
	if (!fault)
		fault = check_header(h);
	if (fault)
		return fault;
	if (h->n_inputs != n_inputs || h->n_margins != n_margins)
		return "is of another forest";
	lay_out(h, (char *)(uintptr_t)block.data, view);
	for (size_t k = 0; k < h->n_margins; k++)
		if (!isfinite(view->bases[k]))
			return "is damaged: a number is not finite";
	return check_segments(view) ? NULL : "is damaged: a plane is not one";
}
