/* 256 rows at a time, with the vectors of AVX2: see the Makefile, which lets
 * the compiler use them in this file. */
#include "model/planes_kernel.h"

#ifdef __AVX2__

#include <immintrin.h>
#include <stdbool.h>

typedef uint64_t vec __attribute__((vector_size(32)));

/* How many of 16 cuts are at or below a value. */
static inline uint32_t
count_cuts(__m256 low, __m256 high, __m256 x)
{
	int a = _mm256_movemask_ps(_mm256_cmp_ps(low, x, _CMP_LE_OQ));
	int b = _mm256_movemask_ps(_mm256_cmp_ps(high, x, _CMP_LE_OQ));

	return (uint32_t)__builtin_popcount((unsigned)(a | b << 8));
}

/* Two steps of 16 comparisons each: a search by halves would take eight that
 * wait for one another, and gathers are slow. */
static void
find_in_two(const struct aqi_planes_input *input, const float *column,
	    size_t n, uint32_t *ranks)
{
	const __m256 low = _mm256_loadu_ps(input->coarse);
	const __m256 high = _mm256_loadu_ps(input->coarse + 8);

	for (size_t i = 0; i < n; i++) {
		const __m256 x = _mm256_broadcast_ss(&column[i]);
		const uint32_t sixteens = 16 * count_cuts(low, high, x);
		const float *fine = input->fine + sixteens;

		ranks[i] = sixteens + count_cuts(_mm256_loadu_ps(fine),
						 _mm256_loadu_ps(fine + 8), x);
	}
}

static void
find_splits(const struct aqi_planes_input *input, const float *cuts,
	    const float *column, size_t n, uint32_t *ranks)
{
	const size_t n_cuts = input->end - input->first;

	if (input->coarse) {
		find_in_two(input, column, n, ranks);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const float *at = cuts;

		for (size_t left = n_cuts; left > 1; left -= left / 2)
			at += at[left / 2 - 1] <= column[i] ? left / 2 : 0;
		ranks[i] = (uint32_t)(at - cuts) + (*at <= column[i]);
	}
}

/*
 * The numbers of the leaves of 32 rows, a byte each: of each plane the 32 bits
 * are spread to bytes of all bits or none, and moved in from the right.
 */
static inline __m256i
find_leaves(const vec *bits, unsigned depth, size_t group)
{
	const __m256i spread = _mm256_setr_epi8(
		0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,
		2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
	const __m256i one = _mm256_set1_epi64x((long long)0x8040201008040201);
	__m256i leaf = _mm256_setzero_si256();

	for (unsigned d = 0; d < depth; d++) {
		const int *words = (const int *)&bits[d];
		__m256i bit = _mm256_set1_epi32(words[group]);

		bit = _mm256_and_si256(_mm256_shuffle_epi8(bit, spread), one);
		bit = _mm256_cmpeq_epi8(bit, one);
		leaf = _mm256_sub_epi8(_mm256_add_epi8(leaf, leaf), bit);
	}
	return leaf;
}

/*
 * Byte b of the leaves of 32 rows. The 64 leaves of a tree are four tables of
 * 16 bytes each; a shuffle gives 0 where the top bit of its index is set, and
 * that is so for an index of another table, moved by 16 times its number and
 * raised by 0x70 with saturation.
 */
static inline __m256i
look_up(const unsigned char *bytes, const __m256i index[4])
{
	__m256i found = _mm256_setzero_si256();

	for (int k = 0; k < 4; k++) {
		const __m256i table = _mm256_broadcastsi128_si256(
			_mm_loadu_si128((const __m128i *)(bytes + 16 * k)));

		found = _mm256_or_si256(found,
					_mm256_shuffle_epi8(table, index[k]));
	}
	return found;
}

static inline void
add(float *sums, __m256i floats)
{
	_mm256_storeu_ps(sums, _mm256_add_ps(_mm256_loadu_ps(sums),
					     _mm256_castsi256_ps(floats)));
}

/*
 * Bytes become floats by being laid between each other within each half of a
 * vector. So the sums of 32 rows stand in this order: 0-3, 16-19, 4-7, 20-23,
 * 8-11, 24-27, 12-15, 28-31.
 */
static inline void
add_bytes(const unsigned char *bytes, __m256i leaf, float *sums)
{
	const __m256i raise = _mm256_set1_epi8(0x70);
	__m256i index[4], low, high, low2, high2, b[4];

	for (int k = 0; k < 4; k++) {
		const __m256i number = _mm256_set1_epi8((char)(16 * k));

		index[k] = _mm256_adds_epu8(_mm256_xor_si256(leaf, number),
					    raise);
	}
	for (int k = 0; k < 4; k++)
		b[k] = look_up(bytes + 64 * k, index);
	low = _mm256_unpacklo_epi8(b[0], b[1]);
	high = _mm256_unpackhi_epi8(b[0], b[1]);
	low2 = _mm256_unpacklo_epi8(b[2], b[3]);
	high2 = _mm256_unpackhi_epi8(b[2], b[3]);
	add(sums, _mm256_unpacklo_epi16(low, low2));
	add(sums + 8, _mm256_unpackhi_epi16(low, low2));
	add(sums + 16, _mm256_unpacklo_epi16(high, high2));
	add(sums + 24, _mm256_unpackhi_epi16(high, high2));
}

/* The same order, one leaf at a time: for trees of more than 64. */
static inline void
add_gathered(const float *leaves, __m256i leaf, float *sums)
{
	__m256i widen = _mm256_setr_epi8(
		0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3, -1, -1, -1,
		0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3, -1, -1, -1);
	const __m256i next = _mm256_set1_epi32(4);

	for (int k = 0; k < 4; k++) {
		__m256i index = _mm256_shuffle_epi8(leaf, widen);

		add(sums + 8 * k, _mm256_castps_si256(
			_mm256_i32gather_ps(leaves, index, 4)));
		widen = _mm256_add_epi32(widen, next);
	}
}

static void
add_leaves(const vec *bits, const struct aqi_planes_tree *tree, size_t n,
	   float *sums)
{
	if (tree->depth == 6)
		for (size_t g = 0; 32 * g < n; g++)
			add_bytes(tree->bytes, find_leaves(bits, 6, g),
				  sums + 32 * g);
	else if (tree->depth < 6)
		for (size_t g = 0; 32 * g < n; g++)
			add_bytes(tree->bytes,
				  find_leaves(bits, tree->depth, g),
				  sums + 32 * g);
	else
		for (size_t g = 0; 32 * g < n; g++)
			add_gathered(tree->leaves,
				     find_leaves(bits, tree->depth, g),
				     sums + 32 * g);
}

static void
take_sums(const float *sums, size_t n, double *margin)
{
	for (size_t i = 0; i < n; i++) {
		size_t row = i % 32, half = row / 16, four = row % 16 / 4;

		margin[i] = (double)
			sums[i - row + 8 * four + 4 * half + row % 4];
	}
}

#include "model/planes_block.inc"

void
aqi_planes_avx2(const struct aqi_planes *planes, const double *x,
		size_t n_rows, double *margin)
{
	predict(planes, x, n_rows, margin);
}

#else

/* Never chosen here. */
void
aqi_planes_avx2(const struct aqi_planes *planes, const double *x,
		size_t n_rows, double *margin)
{
	aqi_planes_portable(planes, x, n_rows, margin);
}

#endif
