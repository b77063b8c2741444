#include "model/planes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "model/forest.h"
#include "model/forest_block.h"
#include "model/planes_kernel.h"

#define LEAVES_IN_BYTES 64	/* of a tree of depth 6 */
#define CUTS_IN_TWO 255		/* that the two-step search can tell apart */

struct split {
	float cut;
	uint32_t input;		/* and AQI_FOREST_DEFAULT_LEFT */
};

/*
 * The distinct splits: first a set, found by hashing, then an order of them.
 * A set of 4096 at the most in four times as many slots is rarely probed twice.
 */
#define SLOTS (4 * AQI_PLANES_SPLITS)
#define NO_SPLIT UINT32_MAX

struct set {
	size_t n;
	struct split splits[AQI_PLANES_SPLITS];
	uint32_t slots[SLOTS];		/* into splits, or NO_SPLIT */
	uint32_t places[AQI_PLANES_SPLITS];	/* of each, in order */
	uint32_t order[AQI_PLANES_SPLITS];	/* the other way round */
};

static struct split
split_of(const struct aqi_forest *f, const struct aqi_forest_node *node)
{
	/* -0 and 0 are one cut: no value lies between them. */
	return (struct split){(float)node->value + 0.0f,
			      f->views[node->test & AQI_FOREST_VIEW].input |
			      (node->test & AQI_FOREST_DEFAULT_LEFT)};
}

static uint32_t
bits_of(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

/* Where a split is in the set, or the free slot for it. */
static size_t
find_slot(const struct set *set, struct split split)
{
	const uint32_t bits = bits_of(split.cut);
	size_t slot;

	slot = (bits ^ split.input * UINT32_C(0x9e3779b1)) *
	       UINT64_C(0x9e3779b97f4a7c15) >> 40;
	for (slot %= SLOTS; set->slots[slot] != NO_SPLIT;
	     slot = (slot + 1) % SLOTS) {
		const struct split *s = &set->splits[set->slots[slot]];

		if (s->input == split.input && bits_of(s->cut) == bits)
			break;
	}
	return slot;
}

/* All splits of a forest; false: they are too many. */
static bool
collect(const struct aqi_forest *f, struct set *set)
{
	set->n = 0;
	memset(set->slots, 0xff, sizeof set->slots);
	for (uint64_t i = 0; i < f->header->n_nodes; i++) {
		const struct aqi_forest_node *node = &f->nodes[i];
		size_t slot;

		if (node->left == 0)
			continue;
		slot = find_slot(set, split_of(f, node));
		if (set->slots[slot] != NO_SPLIT)
			continue;
		if (set->n == AQI_PLANES_SPLITS)
			return false;
		set->slots[slot] = (uint32_t)set->n;
		set->splits[set->n++] = split_of(f, node);
	}
	return true;
}

/* By input, cut, and then the way of missing values. */
static int
compare_splits(const void *a, const void *b, void *splits)
{
	const struct split *x = (struct split *)splits + *(const uint32_t *)a;
	const struct split *y = (struct split *)splits + *(const uint32_t *)b;
	uint32_t i = x->input & ~AQI_FOREST_DEFAULT_LEFT;
	uint32_t j = y->input & ~AQI_FOREST_DEFAULT_LEFT;

	if (i != j)
		return i < j ? -1 : 1;
	if (x->cut < y->cut || x->cut > y->cut)
		return x->cut < y->cut ? -1 : 1;
	return x->input < y->input ? -1 : x->input > y->input;
}

static void
sort(struct set *set)
{
	for (uint32_t i = 0; i < set->n; i++)
		set->order[i] = i;
	qsort_r(set->order, set->n, sizeof *set->order, compare_splits,
		set->splits);
	for (uint32_t i = 0; i < set->n; i++)
		set->places[set->order[i]] = i;
}

static void
take_splits(const struct set *set, struct aqi_planes *p)
{
	p->n_splits = set->n;
	for (uint32_t i = 0; i < set->n; i++) {
		const struct split *s = &set->splits[set->order[i]];
		struct aqi_planes_input *input =
			&p->inputs[s->input & ~AQI_FOREST_DEFAULT_LEFT];

		p->cuts[i] = s->cut;
		p->default_left[i] = (s->input & AQI_FOREST_DEFAULT_LEFT) != 0;
		if (input->first == input->end)
			input->first = i;
		input->end = i + 1;
	}
}

/* The cuts of an input, once more for the search in two steps. */
static void
fill_tables(struct aqi_planes *p)
{
	float *table = p->tables;

	for (size_t k = 0; k < p->n_inputs; k++, table += 16 + 256) {
		struct aqi_planes_input *input = &p->inputs[k];
		const float *cuts = p->cuts + input->first;
		const uint32_t n = input->end - input->first;

		if (n > CUTS_IN_TWO)
			continue;
		for (uint32_t i = 0; i < 256; i++)
			table[16 + i] = i < n ? cuts[i] : NAN;
		for (uint32_t i = 0; i < 16; i++)
			table[i] = table[16 + 16 * i + 15];
		input->coarse = table;
		input->fine = table + 16;
	}
}

/*
 * A tree by places: the children of place k are 2k and 2k + 1. A place below a
 * leaf has the split of the place above it, whichever way it sends a row: all
 * leaves below are the same.
 */
static void
lay_tree(const struct aqi_forest *f, uint32_t at, uint32_t place,
	 unsigned below, const struct set *set,
	 const struct aqi_planes_tree *tree, uint32_t *splits, float *leaves)
{
	const struct aqi_forest_node *node = &f->nodes[at];

	if (below == 0) {
		leaves[place - (1u << tree->depth)] = (float)node->value;
		return;
	}
	if (node->left == 0) {
		splits[place] = place > 1 ? splits[place / 2] : 0;
		lay_tree(f, at, 2 * place, below - 1, set, tree, splits,
			 leaves);
		lay_tree(f, at, 2 * place + 1, below - 1, set, tree, splits,
			 leaves);
		return;
	}
	splits[place] = set->places[set->slots[find_slot(set,
							 split_of(f, node))]];
	lay_tree(f, node->left, 2 * place, below - 1, set, tree, splits,
		 leaves);
	lay_tree(f, node->left + 1, 2 * place + 1, below - 1, set, tree,
		 splits, leaves);
}

static void
fill_bytes(const struct aqi_planes_tree *tree, unsigned char *bytes)
{
	for (uint32_t i = 0; i < 1u << tree->depth; i++) {
		uint32_t word;

		memcpy(&word, &tree->leaves[i], sizeof word);
		for (uint32_t b = 0; b < 4; b++)
			bytes[LEAVES_IN_BYTES * b + i] =
				(unsigned char)(word >> 8 * b);
	}
}

/* More than AQI_PLANES_DEPTH for any that is deeper. */
static unsigned
depth_of(const struct aqi_forest *f, uint32_t at, unsigned above)
{
	const uint32_t left = f->nodes[at].left;
	unsigned a, b;

	if (left == 0 || above > AQI_PLANES_DEPTH)
		return above;
	a = depth_of(f, left, above + 1);
	b = depth_of(f, left + 1, above + 1);
	return a > b ? a : b;
}

/* The depths, and the sum of places; 0: a tree is too deep. */
static size_t
measure(const struct aqi_forest *f, struct aqi_planes *p)
{
	size_t n_places = 0;

	for (size_t t = 0; t < p->n_trees; t++) {
		p->trees[t].depth = depth_of(f, f->roots[t], 0);
		if (p->trees[t].depth > AQI_PLANES_DEPTH)
			return 0;
		n_places += (size_t)1 << p->trees[t].depth;
	}
	return n_places;
}

static void
lay_trees(const struct aqi_forest *f, const struct set *set,
	  struct aqi_planes *p)
{
	uint32_t *splits = p->places;
	float *leaves = p->leaves;
	unsigned char *bytes = p->bytes;

	for (size_t t = 0; t < p->n_trees; t++) {
		struct aqi_planes_tree *tree = &p->trees[t];

		tree->splits = splits;
		tree->leaves = leaves;
		lay_tree(f, f->roots[t], 1, tree->depth, set, tree, splits,
			 leaves);
		splits += 1u << tree->depth;
		leaves += 1u << tree->depth;
		if (1u << tree->depth > LEAVES_IN_BYTES)
			continue;
		tree->bytes = bytes;
		fill_bytes(tree, bytes);
		bytes += 4 * LEAVES_IN_BYTES;
	}
}

/* The best first. */
static const struct {
	const char *name;
	aqi_planes_fn *predict;
	size_t least;
} kernels[] = {
	{"avx2", aqi_planes_avx2, 48},
	{"portable", aqi_planes_portable, 32},
};

#define N_KERNELS (sizeof kernels / sizeof *kernels)

static bool
is_for_processor(const char *name)
{
#ifdef __x86_64__
	if (strcmp(name, "avx2") == 0)
		return __builtin_cpu_supports("avx2");
#endif
	return strcmp(name, "portable") == 0;
}

const char *
aqi_planes_kernel_at(size_t k)
{
	return k < N_KERNELS ? kernels[k].name : NULL;
}

bool
aqi_planes_has_kernel(const char *name)
{
	for (size_t k = 0; k < N_KERNELS; k++)
		if (strcmp(kernels[k].name, name) == 0)
			return is_for_processor(name);
	return false;
}

static void
choose_kernel(struct aqi_planes *p, const char *name)
{
	size_t k = 0;

	while (name ? strcmp(kernels[k].name, name) != 0 :
	       !is_for_processor(kernels[k].name))
		k++;
	p->predict = kernels[k].predict;
	p->kernel = kernels[k].name;
	p->least = kernels[k].least;
}

/* Memory for all parts; AQI_FATAL: there is none. */
static enum aqi_status
allocate(struct aqi_planes *p, size_t n_places, size_t n_splits)
{
	p->inputs = calloc(p->n_inputs, sizeof *p->inputs);
	p->tables = calloc(p->n_inputs, (16 + 256) * sizeof *p->tables);
	p->cuts = calloc(n_splits + 1, sizeof *p->cuts);
	p->default_left = calloc(n_splits + 1, 1);
	p->places = calloc(n_places, sizeof *p->places);
	p->leaves = calloc(n_places, sizeof *p->leaves);
	p->bytes = calloc(p->n_trees, 4 * LEAVES_IN_BYTES);
	return p->inputs && p->tables && p->cuts && p->default_left &&
	       p->places && p->leaves && p->bytes ? AQI_OK : AQI_FATAL;
}

/* AQI_END: the forest is not for planes. */
static enum aqi_status
fill(const struct aqi_forest *f, const char *kernel, struct set *set,
     struct aqi_planes *p)
{
	size_t n_places;

	p->trees = calloc(p->n_trees, sizeof *p->trees);
	if (!p->trees)
		return AQI_FATAL;
	n_places = measure(f, p);
	if (n_places == 0 || !collect(f, set))
		return AQI_END;
	if (allocate(p, n_places, set->n) != AQI_OK)
		return AQI_FATAL;
	sort(set);
	take_splits(set, p);
	fill_tables(p);
	lay_trees(f, set, p);
	choose_kernel(p, kernel);
	return AQI_OK;
}

enum aqi_status
aqi_planes_new(const struct aqi_forest *forest, const char *kernel,
	       struct aqi_planes **out, struct aqi_error *err)
{
	const struct aqi_forest_header *h = forest->header;
	enum aqi_status status = AQI_FATAL;
	struct aqi_planes *p;
	struct set *set;

	*out = NULL;
	if (h->n_trees == 0 || h->n_inputs > AQI_PLANES_INPUTS ||
	    !aqi_forest_is_simple(forest))
		return AQI_OK;
	p = calloc(1, sizeof *p);
	set = calloc(1, sizeof *set);
	if (p && set) {
		p->base = (float)forest->bases[0];
		p->n_inputs = h->n_inputs;
		p->n_trees = h->n_trees;
		status = fill(forest, kernel, set, p);
	}
	free(set);
	if (status == AQI_OK) {
		*out = p;
		return AQI_OK;
	}
	aqi_planes_free(p);
	return status == AQI_END ? AQI_OK : aqi_error_memory(err);
}

/* No block yet. */
struct aqi_planes *
aqi_planes_adopt(struct aqi_slice block, const struct aqi_forest *forest,
		 const char *kernel, struct aqi_error *err)
{
	(void)block;
	(void)forest;
	(void)kernel;
	aqi_error_set(err, AQI_E_MODEL, "the compiled planes is not there");
	return NULL;
}

struct aqi_slice
aqi_planes_bytes(const struct aqi_planes *planes)
{
	(void)planes;
	return (struct aqi_slice){0};
}

size_t
aqi_planes_least(const struct aqi_planes *planes)
{
	return planes->least;
}

void
aqi_planes_predict(const struct aqi_planes *planes, const double *x,
		   size_t n_rows, double *margin)
{
	planes->predict(planes, x, n_rows, margin);
}

const char *
aqi_planes_kernel(const struct aqi_planes *planes)
{
	return planes->kernel;
}

void
aqi_planes_free(struct aqi_planes *p)
{
	if (!p)
		return;
	free(p->inputs);
	free(p->tables);
	free(p->cuts);
	free(p->default_left);
	free(p->places);
	free(p->leaves);
	free(p->bytes);
	free(p->trees);
	free(p);
}
