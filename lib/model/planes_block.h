/*
 * planes_block.h: how a block of rows is predicted. Private: included once by
 * each kernel, which defines before
 *
 *   vec                  a vector of unsigned 64-bit words
 *   find_splits(input, cuts, column, n, ranks)
 *                        how many splits of an input are at or below each
 *                        of n values; 0 for a missing one
 *   add_leaves(bits, tree, n, sums)
 *                        add to each of n sums the leaf whose number the bits
 *                        of the row have, the first plane on top
 *   take_sums(sums, n, margin)
 *                        the sums in the order of the rows; how they stand in
 *                        between is the kernel's affair
 */
#include <math.h>
#include <string.h>

#include "model/planes_kernel.h"

#define ROWS (8 * sizeof(vec))

struct block {
	vec planes[AQI_PLANES_SPLITS];
	float column[ROWS];
	uint32_t ranks[ROWS];
	float sums[ROWS];
};

/* x[split] >= cut, for all splits of an input and all rows of the block. */
static void
fill_planes(const struct aqi_planes *p, const struct aqi_planes_input *input,
	    size_t n, struct block *block)
{
	unsigned char *bytes = (unsigned char *)block->planes;
	vec above = {0}, missing = {0};
	bool has_missing = false;

	find_splits(input, p->cuts + input->first, block->column, n,
		    block->ranks);
	memset(block->planes + input->first, 0,
	       (input->end - input->first) * sizeof(vec));
	for (size_t i = 0; i < n; i++) {
		unsigned char bit = (unsigned char)(1u << i % 8);

		/* Into the plane of the greatest cut that is not above it. */
		if (block->ranks[i] > 0)
			bytes[(input->first + block->ranks[i] - 1) *
			      sizeof(vec) + i / 8] |= bit;
		else if (isnan(block->column[i])) {
			((unsigned char *)&missing)[i / 8] |= bit;
			has_missing = true;
		}
	}
	/* What is at or above a cut is so for all that are less. */
	for (uint32_t k = input->end; k-- > input->first; ) {
		above |= block->planes[k];
		block->planes[k] = above;
	}
	if (!has_missing)
		return;
	for (uint32_t k = input->first; k < input->end; k++)
		if (!p->default_left[k])
			block->planes[k] |= missing;
}

/*
 * The planes of the splits at the 2^n places from q on, chosen among by the n
 * bits that led there.
 */
static inline vec
choose0(const vec *planes, const uint32_t *q, const vec *bits)
{
	(void)bits;
	return planes[*q];
}

#define CHOOSE(n, half, size)                                                  \
	static inline __attribute__((always_inline)) vec                      \
	choose##n(const vec *planes, const uint32_t *q, const vec *bits)      \
	{                                                                     \
		vec left = choose##half(planes, q, bits + 1);                 \
		vec right = choose##half(planes, q + (size), bits + 1);       \
									      \
		return left ^ (*bits & (left ^ right));                       \
	}
CHOOSE(1, 0, 1)
CHOOSE(2, 1, 2)
CHOOSE(3, 2, 4)
CHOOSE(4, 3, 8)
CHOOSE(5, 4, 16)
CHOOSE(6, 5, 32)
CHOOSE(7, 6, 64)
#undef CHOOSE

/* The bits of the leaf's number, the first split's on top. Trees of a forest
 * are mostly of one depth, so that the branches are guessed right. */
static void
find_bits(const vec *planes, const struct aqi_planes_tree *tree, vec *bits)
{
	const unsigned depth = tree->depth;
	const uint32_t *q = tree->splits;

	if (depth == 0)
		return;
	bits[0] = planes[q[1]];
	if (depth == 1)
		return;
	bits[1] = choose1(planes, q + 2, bits);
	if (depth == 2)
		return;
	bits[2] = choose2(planes, q + 4, bits);
	if (depth == 3)
		return;
	bits[3] = choose3(planes, q + 8, bits);
	if (depth == 4)
		return;
	bits[4] = choose4(planes, q + 16, bits);
	if (depth == 5)
		return;
	bits[5] = choose5(planes, q + 32, bits);
	if (depth == 6)
		return;
	bits[6] = choose6(planes, q + 64, bits);
	if (depth == 7)
		return;
	bits[7] = choose7(planes, q + 128, bits);
}

static void
predict_block(const struct aqi_planes *p, const float *x, size_t n,
	      struct block *block, float *margin)
{
	vec bits[AQI_PLANES_DEPTH];

	for (size_t k = 0; k < p->n_inputs; k++) {
		if (p->inputs[k].first == p->inputs[k].end)
			continue;
		for (size_t i = 0; i < n; i++)
			block->column[i] = x[i * p->n_inputs + k];
		fill_planes(p, &p->inputs[k], n, block);
	}
	for (size_t i = 0; i < ROWS; i++)
		block->sums[i] = p->base;
	for (size_t t = 0; t < p->n_trees; t++) {
		find_bits(block->planes, &p->trees[t], bits);
		add_leaves(bits, &p->trees[t], n, block->sums);
	}
	take_sums(block->sums, n, margin);
}

static void
predict(const struct aqi_planes *p, const float *x, size_t n_rows,
	float *margin)
{
	struct block block;

	for (size_t i = 0; i < n_rows; i += ROWS)
		predict_block(p, x + i * p->n_inputs,
			      n_rows - i < ROWS ? n_rows - i : ROWS, &block,
			      margin + i);
}
