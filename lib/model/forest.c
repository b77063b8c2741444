#include "model/forest.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "model/forest_block.h"

/* Sums in wider registers (387) would differ in the last bit. */
_Static_assert(FLT_EVAL_METHOD == 0, "build with -msse2 -mfpmath=sse");

/* The door. */

static bool
is_set(const struct aqi_forest *f, double value)
{
	return value >= 0 && value < (double)f->header->n_sets &&
	       value == floor(value);
}

/* Can the node's test be asked? */
static inline bool
check_split(const struct aqi_forest *f, const struct aqi_forest_node *node)
{
	const bool is_view = (node->test & AQI_FOREST_VIEW) <
			     f->header->n_views;

	if (!(node->test & AQI_FOREST_HAS_SET))
		return is_view;
	return is_view && is_set(f, node->value);
}

/* The bits of an absolute value, which are in the order of what they mean; from
 * here on it is infinite, or not a number. */
#define INFINITE_BITS UINT64_C(0x7ff0000000000000)

static inline uint64_t
absolute_bits(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return bits & (INFINITE_BITS | (INFINITE_BITS - 1));
}

static inline double
from_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * One tree, nodes [start, end): in breadth-first order each inner node's
 * children take the next two places, so that `next` tells which index must
 * stand there. When all places are taken, each node but the root has one
 * parent before it. Returns whether it is so.
 *
 * Whether a node is a leaf is guessed wrong every other time, and a branch that
 * is takes as long as five nodes: so there is none, and what is wrong is told
 * at the end. No place is beyond it where the last one taken is not.
 */
static bool
check_tree(const struct aqi_forest *f, uint32_t start, uint32_t end,
	   double *largest)
{
	uint64_t next = (uint64_t)start + 1, most = 0, most_leaf = 0;
	bool is_one = true;

	for (uint32_t i = start; i < end; i++) {
		const struct aqi_forest_node *node = &f->nodes[i];
		const bool is_leaf = node->left == 0;
		const uint64_t value = absolute_bits(node->value);

		most = larger(most, value);
		most_leaf = larger(most_leaf, is_leaf ? value : 0);
		is_one &= i < next;
		is_one &= is_leaf | ((node->left == next) &
				     check_split(f, node));
		next += is_leaf ? 0 : 2;
	}
	*largest += from_bits(most_leaf);
	return is_one && most < INFINITE_BITS && next == end;
}

static bool
check_trees(const struct aqi_forest *f)
{
	const uint64_t n_trees = f->header->n_trees;
	double largest = 0;

	/* Under the others no base is added to: it only loses to any leaf. */
	if (f->header->aggregate == AQI_AGGREGATE_SUM)
		for (uint64_t k = 0; k < f->header->n_margins; k++)
			largest = fmax(largest, fabs(f->bases[k]));
	if (f->roots[0] != 0 || f->roots[n_trees] != f->header->n_nodes)
		return false;
	for (uint64_t t = 0; t < n_trees; t++)
		if (aqi_forest_target(f, t) >= f->header->n_margins ||
		    f->roots[t] >= f->roots[t + 1] ||
		    f->roots[t + 1] > f->header->n_nodes ||
		    !check_tree(f, f->roots[t], f->roots[t + 1], &largest) ||
		    (aqi_forest_is_repeat(f, t) &&
		     !aqi_forest_block_repeats(f, t)))
			return false;
	return aqi_forest_block_is_bounded(f->header->flags & AQI_FOREST_WIDE,
					   largest);
}

/* Ascending offsets that fill an array of n. */
static bool
check_offsets(const uint32_t *offsets, uint64_t n_offsets, uint64_t n)
{
	for (uint64_t i = 0; i < n_offsets; i++)
		if (offsets[i] > offsets[i + 1])
			return false;
	return offsets[0] == 0 && offsets[n_offsets] == n;
}

static bool
check_views(const struct aqi_forest *f)
{
	for (uint64_t v = 0; v < f->header->n_views; v++)
		if (f->views[v].input >= f->header->n_inputs ||
		    f->views[v].rule > AQI_VIEW_LAST)
			return false;
	for (uint64_t k = 0; k < f->header->n_margins; k++)
		if (!isfinite(f->bases[k]))
			return false;
	return true;
}

static bool
check_sets(const struct aqi_forest *f)
{
	const struct aqi_forest_header *h = f->header;

	if (!check_offsets(f->sets, h->n_sets, h->n_members))
		return false;
	for (uint64_t s = 0; s < h->n_sets; s++)
		for (uint32_t i = f->sets[s]; i < f->sets[s + 1]; i++)
			if (!isfinite(f->members[i]) ||
			    (i > f->sets[s] &&
			     !(f->members[i - 1] < f->members[i])))
				return false;
	return true;
}

static bool
check_linear(const struct aqi_forest *f)
{
	const struct aqi_forest_header *h = f->header;

	if (!check_offsets(f->firsts, h->n_linear, h->n_terms))
		return false;
	for (uint64_t i = 0; i < h->n_linear; i++)
		if (!isfinite(f->constants[i]))
			return false;
	for (uint64_t i = 0; i < h->n_terms; i++)
		if (!isfinite(f->terms[i].coefficient) ||
		    f->terms[i].input >= h->n_inputs)
			return false;
	for (uint64_t i = 0; f->linears && i < h->n_nodes; i++)
		if (f->linears[i] > h->n_linear)
			return false;
	return true;
}

/* Four at a time, which every processor compares at once, or nearly. */
typedef float floats __attribute__((vector_size(16)));

/* Is each of n values at least that, and finite? */
static bool
are_within(const float *values, uint64_t n, float least)
{
	const floats low = {least, least, least, least};
	const floats high = {FLT_MAX, FLT_MAX, FLT_MAX, FLT_MAX};
	floats x;
	__typeof__(low < high) good = low == low;
	uint64_t i = 0;

	for (; i + 4 <= n; i += 4) {
		memcpy(&x, values + i, sizeof x);
		good &= (x >= low) & (x <= high);
	}
	for (; i < n; i++)
		good[0] &= -(values[i] >= least && values[i] <= FLT_MAX);
	return good[0] & good[1] & good[2] & good[3];
}

static bool
check_statistics(const struct aqi_forest *f)
{
	const uint64_t n = f->header->n_nodes;

	return (!f->covers || are_within(f->covers, n, 0)) &&
	       (!f->gains || are_within(f->gains, n, -FLT_MAX));
}

struct aqi_forest *
aqi_forest_adopt(struct aqi_slice block, struct aqi_error *err)
{
	const char *fault = aqi_forest_block_check(block);
	struct aqi_forest *forest;

	if (fault) {
		aqi_error_set(err, AQI_E_MODEL, "the compiled forest %s",
			      fault);
		return NULL;
	}
	forest = aqi_forest_block_view(block.data, NULL, err);
	if (!forest)
		return NULL;
	if (check_views(forest) && check_sets(forest) &&
	    check_linear(forest) && check_statistics(forest) &&
	    check_trees(forest))
		return forest;
	aqi_error_set(err, AQI_E_MODEL,
		      "the compiled forest is damaged: a tree is not one");
	aqi_forest_free(forest);
	return NULL;
}

struct aqi_forest *
aqi_forest_copy(struct aqi_slice block, struct aqi_error *err)
{
	struct aqi_forest *forest;
	char *copy = aqi_block_alloc(block.size + 1);

	if (!copy) {
		aqi_error_memory(err);
		return NULL;
	}
	if (block.size > 0)
		memcpy(copy, block.data, block.size);
	forest = aqi_forest_adopt((struct aqi_slice){copy, block.size}, err);
	if (forest)
		forest->owned = copy;
	else
		free(copy);
	return forest;
}

bool
aqi_forest_is_block(struct aqi_slice bytes)
{
	return aqi_block_is_begun(&aqi_forest_block_kind, bytes);
}

void
aqi_forest_free(struct aqi_forest *forest)
{
	if (!forest)
		return;
	free(forest->owned);
	free(forest);
}

/* Use. */

struct aqi_slice
aqi_forest_bytes(const struct aqi_forest *forest)
{
	/* Late, since a model that only predicts is not asked. */
	if (forest->is_open)
		aqi_block_finish(forest->owned);
	return (struct aqi_slice){(const char *)forest->header,
				  forest->header->seal.size};
}

struct aqi_forest_shape
aqi_forest_shape(const struct aqi_forest *forest)
{
	const struct aqi_forest_header *h = forest->header;

	return (struct aqi_forest_shape){
		.is_wide = h->flags & AQI_FOREST_WIDE,
		.has_covers = h->flags & AQI_FOREST_COVERS,
		.has_gains = h->flags & AQI_FOREST_GAINS,
		.aggregate = (enum aqi_aggregate)h->aggregate,
		.n_inputs = h->n_inputs,
		.n_margins = h->n_margins,
		.bases = forest->bases,
		.link = h->link,
	};
}

size_t
aqi_forest_trees(const struct aqi_forest *forest)
{
	return forest->header->n_trees;
}

size_t
aqi_forest_source_trees(const struct aqi_forest *forest)
{
	size_t n = 0;

	for (uint64_t t = 0; t < forest->header->n_trees; t++)
		n += !aqi_forest_is_repeat(forest, t);
	return n;
}

size_t
aqi_forest_nodes(const struct aqi_forest *forest)
{
	return forest->header->n_nodes;
}

static uint32_t
find_leaf(const struct aqi_forest *f, uint64_t tree, const double *x)
{
	uint32_t at = f->roots[tree];

	while (f->nodes[at].left != 0) {
		const struct aqi_forest_node *node = &f->nodes[at];
		const uint32_t view = node->test & AQI_FOREST_VIEW;

		at = node->left + !aqi_forest_goes_left(
			f, node, aqi_forest_look(f, view, x));
	}
	return at;
}

/* The value of a leaf, which may be a linear function of the inputs. */
static double
leaf_value(const struct aqi_forest *f, uint32_t at, const double *x)
{
	uint32_t k = f->linears ? f->linears[at] : 0;
	double y;

	if (k == 0)
		return f->nodes[at].value;
	y = f->constants[--k];
	for (uint32_t i = f->firsts[k]; i < f->firsts[k + 1]; i++) {
		double value = x[f->terms[i].input];

		if (isnan(value))
			return f->nodes[at].value;
		if (!(f->header->flags & AQI_FOREST_WIDE))
			value = (double)(float)value;
		y += f->terms[i].coefficient * value;
	}
	return y;
}

static double
combine(const struct aqi_forest_header *h, double sum, double leaf)
{
	switch ((enum aqi_aggregate)h->aggregate) {
	case AQI_AGGREGATE_MIN:
		return fmin(sum, leaf);
	case AQI_AGGREGATE_MAX:
		return fmax(sum, leaf);
	case AQI_AGGREGATE_SUM:
		break;
	}
	return h->flags & AQI_FOREST_WIDE ? sum + leaf :
	       (double)((float)sum + (float)leaf);
}

void
aqi_forest_predict(const struct aqi_forest *f, const double *x, size_t n_rows,
		   double *margin)
{
	const struct aqi_forest_header *h = f->header;

	for (size_t i = 0; i < n_rows; i++) {
		for (size_t k = 0; k < h->n_margins; k++)
			margin[k] = f->bases[k];
		for (uint64_t t = 0; t < h->n_trees; t++) {
			double *sum = &margin[aqi_forest_target(f, t)];

			*sum = combine(h, *sum, leaf_value(
				f, find_leaf(f, t, x), x));
		}
		x += h->n_inputs;
		margin += h->n_margins;
	}
}

void
aqi_forest_leaves(const struct aqi_forest *f, const double *x, uint32_t *leaf)
{
	for (uint64_t t = 0; t < f->header->n_trees; t++)
		if (!aqi_forest_is_repeat(f, t))
			*leaf++ = f->ids[find_leaf(f, t, x)];
}
