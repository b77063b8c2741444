/* 128 rows at a time, in C that any compiler makes vectors or words of. */
#include <stdbool.h>

#include "model/planes_kernel.h"

typedef uint64_t vec __attribute__((vector_size(16)));

/* Values searched for at once: each step of one waits for the step before. */
#define SEARCHES 8

static void
find_splits(const struct aqi_planes_input *input, const float *cuts,
	    const float *column, size_t n, uint32_t *ranks)
{
	const size_t n_cuts = input->end - input->first;

	for (size_t i = 0; i < n; i += SEARCHES) {
		const size_t m = n - i < SEARCHES ? n - i : SEARCHES;
		const float *at[SEARCHES];
		float x[SEARCHES] = {0};

		for (size_t j = 0; j < m; j++)
			x[j] = column[i + j];
		for (size_t j = 0; j < SEARCHES; j++)
			at[j] = cuts;
		for (size_t left = n_cuts; left > 1; left -= left / 2)
			for (size_t j = 0; j < SEARCHES; j++)
				at[j] += at[j][left / 2 - 1] <= x[j] ?
					 left / 2 : 0;
		for (size_t j = 0; j < m; j++)
			ranks[i + j] = (uint32_t)(at[j] - cuts) +
				       (*at[j] <= x[j]);
	}
}

/* Bit j of byte i becomes bit i of byte j. Source: H. S. Warren, Hacker's
 * Delight, 2nd edition, section 7-3. */
static uint64_t
transpose(uint64_t w)
{
	uint64_t t;

	t = (w ^ w >> 7) & UINT64_C(0x00aa00aa00aa00aa);
	w ^= t ^ t << 7;
	t = (w ^ w >> 14) & UINT64_C(0x0000cccc0000cccc);
	w ^= t ^ t << 14;
	t = (w ^ w >> 28) & UINT64_C(0x00000000f0f0f0f0);
	return w ^ t ^ t << 28;
}

static void
add_leaves(const vec *bits, const struct aqi_planes_tree *tree, size_t n,
	   float *sums)
{
	const unsigned char *bytes = (const unsigned char *)bits;
	const float *leaves = tree->leaves;

	for (size_t g = 0; 8 * g < n; g++, sums += 8) {
		uint64_t leaf = 0;

		for (unsigned d = 0; d < tree->depth; d++)
			leaf = leaf << 8 | bytes[d * sizeof(vec) + g];
		leaf = transpose(leaf);
		for (int j = 0; j < 8; j++)
			sums[j] += leaves[leaf >> 8 * j & 0xff];
	}
}

static void
take_sums(const float *sums, size_t n, double *margin)
{
	for (size_t i = 0; i < n; i++)
		margin[i] = (double)sums[i];
}

#include "model/planes_block.inc"

void
aqi_planes_portable(const struct aqi_planes *planes, const double *x,
		    size_t n_rows, double *margin)
{
	predict(planes, x, n_rows, margin);
}
