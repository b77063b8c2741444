#include "model/splits.h"

#include <stdlib.h>

#include "model/forest_block.h"

#define FREE UINT32_MAX

/* A set found by hashing: splits in the order in which they were met, and
 * slots that know where each is. No more than half of the slots are taken. */
struct set {
	size_t n, n_slots;
	struct aqi_split *splits;	/* (n_slots / 2,) */
	uint32_t *slots;		/* (n_slots,) into splits, or FREE */
};

static struct aqi_split
split_of(const struct aqi_forest_node *node)
{
	return (struct aqi_split){node->value + 0.0, node->test};
}

static uint64_t
bits_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits;
}

/* Where a split is in the set, or the free slot for it. */
static size_t
find_slot(const struct set *set, struct aqi_split split)
{
	const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
	const uint64_t bits = bits_of(split.value);
	uint64_t hash = (bits * prime ^ split.test) * prime;
	size_t slot = (hash ^ hash >> 32) & (set->n_slots - 1);

	for (; set->slots[slot] != FREE; slot = (slot + 1) % set->n_slots) {
		const struct aqi_split *s = &set->splits[set->slots[slot]];

		if (s->test == split.test && bits_of(s->value) == bits)
			break;
	}
	return slot;
}

/* A set of the same splits with n_slots, a power of 2. */
static bool
resize(struct set *set, size_t n_slots)
{
	struct aqi_split *splits = reallocarray(set->splits, n_slots / 2,
						sizeof *splits);
	uint32_t *slots;

	if (!splits)
		return false;
	set->splits = splits;
	slots = reallocarray(set->slots, n_slots, sizeof *slots);
	if (!slots)
		return false;
	set->slots = slots;
	set->n_slots = n_slots;
	memset(slots, 0xff, n_slots * sizeof *slots);
	for (size_t i = 0; i < set->n; i++)
		slots[find_slot(set, splits[i])] = (uint32_t)i;
	return true;
}

static enum aqi_status
collect(const struct aqi_forest *f, size_t most, struct set *set,
	uint32_t *of_node)
{
	if (!resize(set, 8192))
		return AQI_FATAL;
	for (uint64_t i = 0; i < f->header->n_nodes; i++) {
		const struct aqi_forest_node *node = &f->nodes[i];
		size_t slot;

		if (node->left == 0)
			continue;
		slot = find_slot(set, split_of(node));
		if (set->slots[slot] == FREE) {
			if (set->n == most)
				return AQI_END;
			if (set->n == set->n_slots / 2) {
				if (!resize(set, 2 * set->n_slots))
					return AQI_FATAL;
				slot = find_slot(set, split_of(node));
			}
			set->slots[slot] = (uint32_t)set->n;
			set->splits[set->n++] = split_of(node);
		}
		of_node[i] = set->slots[slot];
	}
	return AQI_OK;
}

static int
compare(const void *a, const void *b, void *splits)
{
	const struct aqi_split *x = (struct aqi_split *)splits +
				    *(const uint32_t *)a;
	const struct aqi_split *y = (struct aqi_split *)splits +
				    *(const uint32_t *)b;
	const uint32_t i = x->test & AQI_FOREST_VIEW;
	const uint32_t j = y->test & AQI_FOREST_VIEW;
	const uint32_t i_set = x->test & AQI_FOREST_HAS_SET;
	const uint32_t j_set = y->test & AQI_FOREST_HAS_SET;

	if (i != j)
		return i < j ? -1 : 1;
	if (i_set != j_set)
		return i_set < j_set ? -1 : 1;
	if (x->value < y->value || x->value > y->value)
		return x->value < y->value ? -1 : 1;
	return x->test < y->test ? -1 : x->test > y->test;
}

/* Put the set in order, and the numbers of the nodes with it. */
static bool
put_in_order(const struct aqi_forest *f, const struct set *set,
	     struct aqi_splits *out)
{
	uint32_t *order = reallocarray(NULL, set->n + 1, 2 * sizeof *order);
	uint32_t *places;

	out->splits = reallocarray(NULL, set->n + 1, sizeof *out->splits);
	if (!order || !out->splits) {
		free(order);
		return false;
	}
	places = order + set->n;
	for (uint32_t i = 0; i < set->n; i++)
		order[i] = i;
	qsort_r(order, set->n, sizeof *order, compare, set->splits);
	for (uint32_t i = 0; i < set->n; i++) {
		places[order[i]] = i;
		out->splits[i] = set->splits[order[i]];
	}
	for (uint64_t i = 0; i < f->header->n_nodes; i++)
		if (f->nodes[i].left != 0)
			out->of_node[i] = places[out->of_node[i]];
	out->n = set->n;
	free(order);
	return true;
}

enum aqi_status
aqi_splits_find(const struct aqi_forest *forest, size_t most,
		struct aqi_splits *splits, struct aqi_error *err)
{
	struct set set = {0};
	enum aqi_status status = AQI_FATAL;

	*splits = (struct aqi_splits){
		.of_node = calloc(forest->header->n_nodes + 1,
				  sizeof *splits->of_node)
	};
	if (splits->of_node)
		status = collect(forest, most, &set, splits->of_node);
	if (status == AQI_OK && !put_in_order(forest, &set, splits))
		status = AQI_FATAL;
	free(set.splits);
	free(set.slots);
	if (status == AQI_OK)
		return AQI_OK;
	aqi_splits_free(splits);
	return status == AQI_END ? AQI_END : aqi_error_memory(err);
}

void
aqi_splits_free(struct aqi_splits *splits)
{
	free(splits->splits);
	free(splits->of_node);
	*splits = (struct aqi_splits){0};
}
