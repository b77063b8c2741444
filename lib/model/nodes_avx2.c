/* 32 nodes at a time, with the vectors of AVX2: see the Makefile, which lets
 * the compiler use them in this file. */
#include <string.h>

#include "model/nodes_kernel.h"

#ifdef __AVX2__

#include <immintrin.h>

typedef uint32_t lanes __attribute__((vector_size(32)));

static inline unsigned
count_floats(const float *cuts, float value)
{
	const __m256 x = _mm256_set1_ps(value);
	int a = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(cuts), x,
						 _CMP_LE_OQ));
	int b = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(cuts + 8), x,
						 _CMP_LE_OQ));

	return (unsigned)__builtin_popcount((unsigned)(a | b << 8));
}

static inline unsigned
count_doubles(const double *cuts, double value)
{
	const __m256d x = _mm256_set1_pd(value);
	unsigned bits = 0;

	for (int k = 0; k < 4; k++) {
		__m256d four = _mm256_loadu_pd(cuts + 4 * k);

		four = _mm256_cmp_pd(four, x, _CMP_LE_OQ);
		bits = bits << 4 | (unsigned)_mm256_movemask_pd(four);
	}
	return (unsigned)__builtin_popcount(bits);
}

/* Sixteen columns in each register, in both of its halves. */
struct row {
	__m256i registers[AQI_NODES_COLUMNS / 16];
};

static inline struct row
load_row(const signed char *ranks)
{
	struct row row;

	for (size_t r = 0; r < AQI_NODES_COLUMNS / 16; r++)
		row.registers[r] = _mm256_broadcastsi128_si256(_mm_load_si128(
			(const __m128i *)(const void *)(ranks + 16 * r)));
	return row;
}

/*
 * A shuffle gives 0 where the top bit of its index is set, and that is so for
 * a column of another register, moved by 16 times the number of this one and
 * raised by 0x70 with saturation.
 */
static inline __attribute__((always_inline)) __m256i
look_up(const struct row *row, size_t n_registers, __m256i columns)
{
	const __m256i raise = _mm256_set1_epi8(0x70);
	__m256i found, index;

	if (n_registers == 1)
		return _mm256_shuffle_epi8(row->registers[0], columns);
	found = _mm256_setzero_si256();
	for (size_t r = 0; r < n_registers; r++) {
		index = _mm256_xor_si256(columns,
					 _mm256_set1_epi8((char)(16 * r)));
		index = _mm256_adds_epu8(index, raise);
		found = _mm256_or_si256(found, _mm256_shuffle_epi8(
			row->registers[r], index));
	}
	return found;
}

/* The masks of a group: word w of each tree beside that of the next. */
struct masks {
	_Alignas(32) uint32_t words[2][TREES];
};

static inline lanes
load_words(const struct masks *masks, size_t n_words, size_t w, size_t at)
{
	(void)n_words;
	return *(const lanes *)(const void *)&masks->words[w][at];
}

static inline lanes
descend(lanes places, lanes word, lanes bit)
{
	return places + places + (word >> bit & 1);
}

static inline __attribute__((always_inline)) __m256i
columns_of(const unsigned char *from, struct aqi_nodes_tree tree)
{
	__m256i columns = _mm256_load_si256((const __m256i *)(const void *)
					    from);

	if (tree.shift)
		columns = _mm256_srli_epi16(columns, 4);
	return tree.mask == 15 ?
		       _mm256_and_si256(columns, _mm256_set1_epi8(15)) :
		       columns;
}

static inline __attribute__((always_inline)) void
decide_pair(const struct row *row, size_t n_registers,
	    const unsigned char *pair, size_t n_lines, size_t p,
	    struct masks *masks)
{
	for (size_t k = 0; k < 2; k++) {
		const struct aqi_nodes_tree tree = aqi_nodes_tree(n_lines, k);

		for (size_t w = 0; w < aqi_nodes_words(n_lines); w++) {
			__m256i ranks = look_up(row, n_registers, columns_of(
				pair + tree.columns + 32 * w, tree));
			__m256i cuts = _mm256_load_si256(
				(const __m256i *)(const void *)
				(pair + tree.cuts + 32 * w));

			masks->words[w][2 * p + k] =
				(uint32_t)_mm256_movemask_epi8(
					_mm256_cmpgt_epi8(ranks, cuts));
		}
	}
}

/* What the upper halves hold is of no meaning. */
static inline __attribute__((always_inline)) uint8_t
decide_bush(const struct row *row, size_t n_registers,
	    const unsigned char *bush)
{
	const __m128i *columns = (const void *)bush;
	const __m128i *cuts = (const void *)(bush + 8);
	__m128i ranks = _mm256_castsi256_si128(look_up(row, n_registers,
		_mm256_castsi128_si256(_mm_load_si128(columns))));

	return (uint8_t)_mm_movemask_epi8(
		_mm_cmpgt_epi8(ranks, _mm_loadu_si128(cuts)));
}

#include "model/nodes_lanes.inc"
#include "model/nodes_row.inc"

void
aqi_nodes_avx2(const struct aqi_nodes *nodes, const double *x, size_t n_rows,
	       double *margin)
{
	predict(nodes, x, n_rows, margin);
}

#else

/* Never chosen here. */
void
aqi_nodes_avx2(const struct aqi_nodes *nodes, const double *x, size_t n_rows,
	       double *margin)
{
	aqi_nodes_portable(nodes, x, n_rows, margin);
}

#endif
