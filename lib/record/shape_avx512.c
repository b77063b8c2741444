/* 64 bytes at a time: see lib/base/processor.h for what may be used here. */
#include "record/shape.h"

#if defined __AVX512BW__ || defined AQI_SHAPE_TWIN

#include "record/shape_avx512.inc"
#include "record/words_avx512.inc"
#include "record/shape_words.inc"

static inline uint64_t
find_commas(const char *p)
{
	return equal(load(p), ',');
}

static inline struct quoting
find_quoting(const char *p)
{
	const block b = load(p);

	return (struct quoting){
		.quotes = equal(b, '"'),
		.odd = ~at_least(b, ' ') | equal(b, '\\'),
		.high = at_least(b, 0x80),
	};
}

bool
aqi_shape_take_avx512(const struct aqi_shape *shape, const char *base,
		      struct aqi_slice line, struct aqi_extent *extents)
{
	return take(shape, base, line, extents);
}

#else

/* Never chosen here. */
bool
aqi_shape_take_avx512(const struct aqi_shape *shape, const char *base,
		      struct aqi_slice line, struct aqi_extent *extents)
{
	return aqi_shape_take_portable(shape, base, line, extents);
}

#endif
