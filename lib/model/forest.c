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
static bool
check_split(const struct aqi_forest *f, const struct aqi_forest_node *node)
{
	const bool is_view = (node->test & AQI_FOREST_VIEW) <
			     f->header->n_views;

	if (!(node->test & AQI_FOREST_HAS_SET))
		return is_view;
	return is_view && is_set(f, node->value);
}

/*
 * One tree, nodes [start, end): in breadth-first order each inner node's
 * children take the next two places, so that `next` tells which index must
 * stand there. When all places are taken, each node but the root has one
 * parent before it. Returns whether it is so.
 *
 * Whether a node is a leaf is guessed wrong every other time, and a branch that
 * is takes as long as ten nodes: so there is none, and what is wrong is told at
 * the end. No place is beyond it where the last one taken is not.
 */
static bool
check_shape(const struct aqi_forest *f, uint32_t start, uint32_t end)
{
	uint64_t next = (uint64_t)start + 1, wrong = 0, early = 0;

	for (uint64_t i = start; i < end; i++) {
		const uint64_t left = f->nodes[i].left;
		const uint64_t is_inner = -(uint64_t)(left != 0);

		wrong |= (left ^ next) & is_inner;
		early |= next - 1 - i;	/* below 0: nobody leads here */
		next += is_inner & 2;
	}
	return wrong == 0 && (int64_t)early >= 0 && next == end;
}

/* What the nodes of a tree have besides, and its largest leaf. */
static bool
check_values(const struct aqi_forest *f, uint32_t start, uint32_t end,
	     double *largest)
{
	double leaf = 0;

	for (uint32_t i = start; i < end; i++) {
		const struct aqi_forest_node *node = &f->nodes[i];

		if (!isfinite(node->value))
			return false;
		if (node->left == 0)
			leaf = fmax(leaf, fabs(node->value));
		else if (!check_split(f, node))
			return false;
	}
	*largest += leaf;
	return true;
}

/* A node as four words: of its value, its left child, and its test. */
typedef int32_t words __attribute__((vector_size(16)));
#define VALUE_HIGH (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : 0)
#define TEST 3

/*
 * Are all nodes plain, without sets, of values below a limit that is above 0?
 * It is true of nearly all models, and seen with one comparison a node. What is
 * not may be well, too: then check_values is asked.
 */
static bool
are_plain(const struct aqi_forest *f, double limit)
{
	words mask = {0}, most = {0}, high, node, above = {0};

	if (f->header->n_views == 0)
		return false;
	memcpy(&high, &(double[2]){limit, limit}, sizeof high);
	mask[VALUE_HIGH] = INT32_MAX;
	most[VALUE_HIGH] = high[VALUE_HIGH] - 1;
	/* A view's number; with a set, it is above all of them. */
	mask[TEST] = (int32_t)~AQI_FOREST_DEFAULT_LEFT;
	most[TEST] = (int32_t)f->header->n_views - 1;
	for (uint64_t i = 0; i < f->header->n_nodes; i++) {
		memcpy(&node, &f->nodes[i], sizeof node);
		above |= (node & mask) > most;
	}
	return !(above[VALUE_HIGH] | above[TEST]);
}

/* The largest of what sums begin with. Under the other ways to join leaves no
 * base is added to: it only loses to any leaf. */
static double
largest_base(const struct aqi_forest *f)
{
	double largest = 0;

	if (f->header->aggregate == AQI_AGGREGATE_SUM)
		for (uint64_t k = 0; k < f->header->n_margins; k++)
			largest = fmax(largest, fabs(f->bases[k]));
	return largest;
}

static bool
check_trees(const struct aqi_forest *f)
{
	const uint64_t n_trees = f->header->n_trees;
	const bool is_wide = f->header->flags & AQI_FOREST_WIDE;
	const double limit = (is_wide ? DBL_MAX : (double)FLT_MAX) / 4 /
			     (double)(n_trees + 1);
	double largest = largest_base(f);
	const bool is_plain = largest < limit && are_plain(f, limit);

	if (f->roots[0] != 0 || f->roots[n_trees] != f->header->n_nodes)
		return false;
	for (uint64_t t = 0; t < n_trees; t++) {
		const uint32_t start = f->roots[t], end = f->roots[t + 1];

		if (aqi_forest_target(f, t) >= f->header->n_margins ||
		    start >= end || end > f->header->n_nodes ||
		    !check_shape(f, start, end) ||
		    !(is_plain || check_values(f, start, end, &largest)) ||
		    (aqi_forest_is_repeat(f, t) &&
		     !aqi_forest_block_repeats(f, t)))
			return false;
	}
	return is_plain || aqi_forest_block_is_bounded(is_wide, largest);
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
	__typeof__(low < high) good = low <= high;
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
