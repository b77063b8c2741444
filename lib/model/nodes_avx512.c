/*
 * 64 nodes at a time, with the vectors of AVX-512 (F, BW): see the Makefile,
 * which lets the compiler use them in this file. A test compiles it where the
 * processor has none, with AQI_TWINS: then what an instruction does is written
 * out.
 */
#include <string.h>

#include "model/nodes_kernel.h"

#if defined __AVX512BW__ || defined AQI_TWINS

typedef uint32_t lanes __attribute__((vector_size(64)));
typedef signed char bytes __attribute__((vector_size(64)));

#ifndef AQI_TWINS

#include <immintrin.h>

static inline bytes
load(const void *from)
{
	return (bytes)_mm512_load_si512(from);
}

static inline bytes
load_quarter(const void *from)
{
	return (bytes)_mm512_broadcast_i32x4(_mm_load_si128(from));
}

static inline bytes
load_eighth(const void *from)
{
	return (bytes)_mm512_zextsi128_si512(_mm_loadl_epi64(from));
}

static inline bytes
shuffle(bytes table, bytes index)
{
	return (bytes)_mm512_shuffle_epi8((__m512i)table, (__m512i)index);
}

static inline uint64_t
compare(bytes a, bytes b)
{
	return _mm512_cmpgt_epi8_mask((__m512i)a, (__m512i)b);
}

/* Each second word of two vectors, from the first or the second one on. */
static inline lanes
every_second(lanes a, lanes b, bool from_second)
{
	const __m512i index = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16,
						18, 20, 22, 24, 26, 28, 30);

	return (lanes)_mm512_permutex2var_epi32(
		(__m512i)a,
		_mm512_add_epi32(index, _mm512_set1_epi32(from_second)),
		(__m512i)b);
}

/* The sum has a zero for the bit: a | b & c is one instruction. */
static inline lanes
descend(lanes places, lanes word, lanes bit)
{
	return (lanes)_mm512_ternarylogic_epi32(
		(__m512i)(places + places), (__m512i)(word >> bit),
		_mm512_set1_epi32(1), 0xf8);
}

static inline unsigned
count_floats(const float *cuts, float x)
{
	return (unsigned)__builtin_popcount(_mm512_cmp_ps_mask(
		_mm512_loadu_ps(cuts), _mm512_set1_ps(x), _CMP_LE_OQ));
}

static inline unsigned
count_doubles(const double *cuts, double x)
{
	unsigned low = _mm512_cmp_pd_mask(_mm512_loadu_pd(cuts),
					  _mm512_set1_pd(x), _CMP_LE_OQ);
	unsigned high = _mm512_cmp_pd_mask(_mm512_loadu_pd(cuts + 8),
					   _mm512_set1_pd(x), _CMP_LE_OQ);

	return (unsigned)__builtin_popcount(low | high << 8);
}

#else

static inline bytes
load(const void *from)
{
	bytes b;

	memcpy(&b, from, sizeof b);
	return b;
}

static inline bytes
load_eighth(const void *from)
{
	bytes b = {0};

	memcpy(&b, from, 8);
	return b;
}

static inline bytes
load_quarter(const void *from)
{
	bytes b = {0};

	for (int i = 0; i < 64; i += 16)
		memcpy((char *)&b + i, from, 16);
	return b;
}

static inline bytes
shuffle(bytes table, bytes index)
{
	bytes found;

	for (int i = 0; i < 64; i++)
		found[i] = (signed char)(index[i] < 0 ? 0 :
			table[i / 16 * 16 + (index[i] & 15)]);
	return found;
}

static inline uint64_t
compare(bytes a, bytes b)
{
	uint64_t mask = 0;

	for (int i = 0; i < 64; i++)
		mask |= (uint64_t)(a[i] > b[i]) << i;
	return mask;
}

static inline lanes
every_second(lanes a, lanes b, bool from_second)
{
	lanes some;

	for (int i = 0; i < 8; i++) {
		some[i] = a[2 * i + from_second];
		some[8 + i] = b[2 * i + from_second];
	}
	return some;
}

static inline lanes
descend(lanes places, lanes word, lanes bit)
{
	return places + places + (word >> bit & 1);
}

#include "model/nodes_count.inc"

#endif

/* Sixteen columns in each register, in each of its quarters. */
struct row {
	bytes registers[AQI_NODES_COLUMNS / 16];
};

static inline struct row
load_row(const signed char *ranks)
{
	struct row row;

	for (size_t r = 0; r < AQI_NODES_COLUMNS / 16; r++)
		row.registers[r] = load_quarter(ranks + 16 * r);
	return row;
}

/* A shuffle gives 0 where the top bit of its index is set: where the column is
 * of another register. Columns are below 64. */
static inline __attribute__((always_inline)) bytes
look_up(const struct row *row, size_t n_registers, bytes columns)
{
	bytes found = {0}, away;

	if (n_registers == 1)
		return shuffle(row->registers[0], columns);
	for (size_t r = 0; r < n_registers; r++) {
		away = columns ^ (signed char)(16 * r);
		away = (bytes)(away > 15) | away;
		found |= shuffle(row->registers[r], away);
	}
	return found;
}

/* The masks of a group: 64 bits of each tree, or 32 where it has no more. */
struct masks {
	_Alignas(64) uint64_t of[TREES];
};

static inline lanes
load_words(const struct masks *masks, size_t n_words, size_t w, size_t at)
{
	lanes all[2];

	(void)at;
	memcpy(all, masks->of, sizeof all);
	return n_words == 1 ? all[0] : every_second(all[0], all[1], w);
}

static inline __attribute__((always_inline)) bytes
columns_of(const unsigned char *from, struct aqi_nodes_tree tree)
{
	typedef uint16_t halves __attribute__((vector_size(64)));
	bytes columns = load(from);

	if (tree.shift)
		columns = (bytes)((halves)columns >> 4);
	return tree.mask == 15 ? columns & 15 : columns;
}

static inline __attribute__((always_inline)) void
decide_pair(const struct row *row, size_t n_registers,
	    const unsigned char *pair, size_t n_lines, size_t p,
	    struct masks *masks)
{
	if (n_lines == 2) {
		masks->of[p] = compare(look_up(row, n_registers, load(pair)),
				       load(pair + 64));
		return;
	}
	for (size_t k = 0; k < 2; k++) {
		const struct aqi_nodes_tree tree = aqi_nodes_tree(n_lines, k);
		bytes columns = columns_of(pair + tree.columns, tree);

		masks->of[2 * p + k] = compare(
			look_up(row, n_registers, columns),
			load(pair + tree.cuts));
	}
}

static inline __attribute__((always_inline)) uint8_t
decide_bush(const struct row *row, size_t n_registers,
	    const unsigned char *bush)
{
	return (uint8_t)compare(look_up(row, n_registers, load_quarter(bush)),
				load_eighth(bush + 8));
}

#include "model/nodes_lanes.inc"
#include "model/nodes_row.inc"

void
aqi_nodes_avx512(const struct aqi_nodes *nodes, const double *x,
		 size_t n_rows, double *margin)
{
	predict(nodes, x, n_rows, margin);
}

#else

/* Never chosen here. */
void
aqi_nodes_avx512(const struct aqi_nodes *nodes, const double *x,
		 size_t n_rows, double *margin)
{
	aqi_nodes_portable(nodes, x, n_rows, margin);
}

#endif
