/* 32 bytes at a time: see lib/base/processor.h for what may be used here. */
#include "record/shape.h"

#ifdef __AVX2__

#include "record/words_avx2.inc"

static inline uint32_t
count_zeros(uint64_t bits)
{
	return (uint32_t)_tzcnt_u64(bits);
}

static inline __m256i
load(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

#include "record/shape_words.inc"

static inline uint64_t
join(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static inline uint64_t
find(__m256i low, __m256i high, char byte)
{
	const __m256i wanted = _mm256_set1_epi8(byte);

	return join(_mm256_cmpeq_epi8(low, wanted),
		    _mm256_cmpeq_epi8(high, wanted));
}

/* Is it at most the other, without a sign? */
static inline __m256i
at_most(__m256i block, char most)
{
	return _mm256_cmpeq_epi8(
		_mm256_min_epu8(block, _mm256_set1_epi8(most)), block);
}

static inline __m256i
are_odd(__m256i block)
{
	return _mm256_or_si256(
		at_most(block, 0x1f),
		_mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\')));
}

static inline uint64_t
find_commas(const char *p)
{
	return find(load(p), load(p + 32), ',');
}

static inline struct quoting
find_quoting(const char *p)
{
	const __m256i low = load(p), high = load(p + 32);

	return (struct quoting){
		.quotes = find(low, high, '"'),
		.odd = join(are_odd(low), are_odd(high)),
		.high = join(low, high),
	};
}

bool
aqi_shape_take_avx2(const struct aqi_shape *shape, const char *base,
		    struct aqi_slice line, struct aqi_extent *extents)
{
	return take(shape, base, line, extents);
}

#else

/* Never chosen here. */
bool
aqi_shape_take_avx2(const struct aqi_shape *shape, const char *base,
		    struct aqi_slice line, struct aqi_extent *extents)
{
	return aqi_shape_take_portable(shape, base, line, extents);
}

#endif
