#include "model/lightgbm_plain.h"

#include <math.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/processor.h"
#include "model/forest_builder.h"
#include "model/lightgbm_line.h"
#include "model/lightgbm_plain.inc"
#include "model/lightgbm_tree.h"
#include "record/csv_bits.h"

static inline struct marks
find_marks(const char *p)
{
	return (struct marks){
		.spaces = aqi_csv_bits_equal(p, ' '),
		.others = aqi_csv_bits_special(p),
	};
}

static inline uint32_t
count_zeros(uint64_t bits)
{
	return bits ? (uint32_t)__builtin_ctzll(bits) : 64;
}

static inline uint32_t
find_dots(const char *p)
{
	return (uint32_t)aqi_csv_bits_equal_32(p, '.');
}

/* Eight of the digits, the last of them `at` bytes before the end. */
static inline uint64_t
join_eight(const char *end, size_t n_fraction, size_t n, size_t at,
	   uint64_t *others)
{
	const char *p = end - at - 8;
	const char *select = (const char *)selection + 24 - at;
	const uint64_t behind = aqi_word_load(select + n_fraction);
	uint64_t x = (aqi_word_load(p - 1) & ~behind) |
		     (aqi_word_load(p) & behind);

	x = (x ^ AQI_EACH('0')) & aqi_word_load(select + n);
	*others |= ((x + AQI_EACH(6)) | x) & AQI_EACH(0xf0);
	x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
	return (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
}

static inline uint64_t
join_digits(const char *end, size_t n_fraction, size_t n)
{
	uint64_t others = 0;
	const uint64_t high = join_eight(end, n_fraction, n, 16, &others);
	const uint64_t middle = join_eight(end, n_fraction, n, 8, &others);
	const uint64_t low = join_eight(end, n_fraction, n, 0, &others);

	return others || high >= 1844 ? 0 :
	       (high * 100000000 + middle) * 100000000 + low;
}

static inline bool
join_integers(const char *p, const uint32_t *ends, size_t n, int32_t *x)
{
	return take_each_integer(p, ends, 0, n, x);
}

static inline bool
join_numbers(const struct aqi_lightgbm_plain *tree, const char *p,
	     const uint32_t *ends, size_t n, double *x)
{
	return take_each_number(tree, p, ends, 0, n, x);
}

const char *
aqi_lightgbm_plain_portable(struct aqi_lightgbm_plain *tree, size_t number,
			    const char *p, const char *limit)
{
	return take_tree(tree, number, p, limit);
}

void
aqi_lightgbm_plain_free(struct aqi_lightgbm_plain *tree)
{
	free(tree->values);
	free(tree->inputs);
	free(tree->scales);
}

/* Ends, and what is made of whole numbers, are written some at a time. */
#define SPARE 16

bool
aqi_lightgbm_plain_reserve(struct aqi_lightgbm_plain *tree, size_t n_leaves)
{
	const size_t n = 2 * n_leaves + SPARE;

	if (n_leaves <= tree->n_room)
		return true;
	aqi_lightgbm_plain_free(tree);
	tree->n_room = 0;
	tree->values = calloc(n, sizeof *tree->values);
	tree->inputs = calloc(n, 8 * sizeof *tree->inputs);
	tree->scales = calloc(n, sizeof *tree->scales);
	if (!tree->values || !tree->inputs || !tree->scales)
		return false;
	tree->lefts = tree->inputs + n;
	tree->rights = tree->lefts + n;
	tree->rules = tree->rights + n;
	tree->ends = (uint32_t *)(tree->rules + n);
	tree->odd = tree->ends + n;
	tree->children = tree->odd + n;
	tree->n_room = n_leaves;
	return true;
}

typedef int32_t lanes __attribute__((vector_size(16)));

static bool
are_zeros(lanes x)
{
	return (x[0] | x[1] | x[2] | x[3]) == 0;
}

/* Leaves are told from splits by their sign. */
static inline lanes
turn_child(lanes x, lanes n, lanes *bad)
{
	*bad |= (x >= n) | (x < ~n);
	return x + ((x < 0) & (n + ~x - x));
}

static inline void
put_pairs(uint32_t *pairs, lanes x, lanes y)
{
#ifdef __SSE2__
	_mm_storeu_si128((void *)pairs,
			 _mm_unpacklo_epi32((__m128i)x, (__m128i)y));
	_mm_storeu_si128((void *)(pairs + 4),
			 _mm_unpackhi_epi32((__m128i)x, (__m128i)y));
#else
	for (int i = 0; i < 4; i++) {
		pairs[2 * i] = (uint32_t)x[i];
		pairs[2 * i + 1] = (uint32_t)y[i];
	}
#endif
}

/* Of each split both, side by side. */
static bool
turn_children(struct aqi_lightgbm_plain *tree)
{
	const size_t n_splits = tree->n_splits;
	const lanes n = (lanes){0} + (int32_t)n_splits;
	lanes bad = {0}, x, y;

	memset(tree->lefts + n_splits, 0, sizeof x);
	memset(tree->rights + n_splits, 0, sizeof y);
	for (size_t i = 0; i < n_splits; i += 4) {
		memcpy(&x, tree->lefts + i, sizeof x);
		memcpy(&y, tree->rights + i, sizeof y);
		x = turn_child(x, n, &bad);
		y = turn_child(y, n, &bad);
		put_pairs(tree->children + 2 * i, x, y);
	}
	return are_zeros(bad);
}

/* From bits to rules; none is that of a set. */
static bool
turn_decisions(int32_t *rules, size_t n_splits)
{
	lanes bad = {0}, x;

	_Static_assert(AQI_VIEW_PLAIN == 0 && AQI_VIEW_MISSING_IS_ZERO == 1 &&
		       AQI_VIEW_ZERO_IS_MISSING == 2, "0, 4 and 8 are these");
	memset(rules + n_splits, 0, sizeof x);
	for (size_t i = 0; i < n_splits; i += 4) {
		memcpy(&x, rules + i, sizeof x);
		bad |= (x & ~14) | (x > 10);
		x = (((x >> 2) + 1) & (x < 8)) |
		    (((x & 2) != 0) & (int32_t)AQI_TREE_DEFAULT_LEFT);
		memcpy(rules + i, &x, sizeof x);
	}
	return are_zeros(bad);
}

/* What is not above a number is below the next one; the largest has none, and
 * is then not finite. */
static void
turn_thresholds(double *thresholds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t bits;

		memcpy(&bits, &thresholds[i], sizeof bits);
		bits += bits >> 63 ? UINT64_MAX : 1;
		/* The least number above 0. */
		if (thresholds[i] == 0)
			bits = 1;
		memcpy(&thresholds[i], &bits, sizeof bits);
	}
}

static const char *
read_tree(struct aqi_lightgbm_plain *tree, size_t number, const char *p,
	  const char *limit)
{
	if (aqi_processor_level() >= AQI_AVX2)
		return aqi_lightgbm_plain_avx2(tree, number, p, limit);
	return aqi_lightgbm_plain_portable(tree, number, p, limit);
}

bool
aqi_lightgbm_plain_take(struct aqi_lightgbm_plain *tree,
			struct aqi_lightgbm_lines *lines, size_t number,
			size_t target, struct aqi_forest_builder *builder)
{
	const char *p = lines->line.data;
	const char *end = lines->rest.data + lines->rest.size;
	struct aqi_tree_columns columns = {.target = target};
	const char *behind;

	if (end - p < BYTES)
		return false;
	behind = read_tree(tree, number, p, end - BYTES);
	if (!behind || !turn_children(tree) ||
	    !turn_decisions(tree->rules, tree->n_splits))
		return false;
	turn_thresholds(tree->values, tree->n_splits);
	columns.n_splits = tree->n_splits;
	columns.values = tree->values;
	columns.inputs = (const uint32_t *)tree->inputs;
	columns.rules = (const uint32_t *)tree->rules;
	columns.children = tree->children;
	if (!aqi_forest_builder_add_columns(builder, &columns))
		return false;
	lines->n_bytes += (size_t)(behind - p);
	lines->line = (struct aqi_slice){behind, 0};
	lines->rest = (struct aqi_slice){behind + 1,
					 (size_t)(end - behind) - 1};
	return true;
}
