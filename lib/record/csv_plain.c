#include "record/csv_plain.h"

#include <string.h>

#include "base/processor.h"
#include "base/word.h"
#include "record/csv_bits.h"

static size_t
find_line(const char *data, size_t size)
{
	const char *lf = memchr(data, '\n', size);

	if (!lf || memchr(data, '"', (size_t)(lf - data)))
		return 0;
	return (size_t)(lf - data) + 1;
}

#ifdef __SSE2__

/* The quotes and LFs of 64 bytes. */
static inline uint64_t
find_ends(const char *p)
{
	uint64_t bits = 0;

#pragma GCC unroll 8
	for (size_t i = 0; i < 64; i += sizeof(aqi_csv_lanes)) {
		const aqi_csv_lanes x = aqi_csv_lanes_load(p + i);

		bits |= aqi_csv_lanes_flags(aqi_csv_lanes_equal(x, '"') |
					    aqi_csv_lanes_equal(x, '\n')) << i;
	}
	return bits;
}

size_t
aqi_csv_line(const char *data, size_t size)
{
	size_t i, n;

	for (i = 0; size - i >= 64; i += 64) {
		const uint64_t ends = find_ends(data + i);

		if (!ends)
			continue;
		i += (size_t)__builtin_ctzll(ends);
		return data[i] == '\n' ? i + 1 : 0;
	}
	n = find_line(data + i, size - i);
	return n ? i + n : 0;
}

#else

size_t
aqi_csv_line(const char *data, size_t size)
{
	return find_line(data, size);
}

#endif

static inline struct aqi_csv_marks
find_marks(const char *p, char delimiter)
{
	struct aqi_csv_marks m = {0};

#pragma GCC unroll 8
	for (size_t i = 0; i < 64; i += sizeof(aqi_csv_lanes)) {
		const aqi_csv_lanes x = aqi_csv_lanes_load(p + i);

		m.delimiters |= aqi_csv_lanes_flags(
			aqi_csv_lanes_equal(x, delimiter)) << i;
		m.special |= aqi_csv_lanes_flags(
			aqi_csv_lanes_equal(x, '"') |
			aqi_csv_lanes_equal(x, '\r') |
			aqi_csv_lanes_equal(x, '\0') | x) << i;
	}
	return m;
}

#include "record/csv_plain.inc"

enum aqi_csv_cut
aqi_csv_cut_portable(const struct aqi_csv_plain *plain, size_t start,
		     size_t size, struct aqi_extent *extents)
{
	return cut(plain, start, size, extents);
}

aqi_csv_cut_fn *
aqi_csv_cutter(void)
{
	switch (aqi_processor_level()) {
	case AQI_PORTABLE: return aqi_csv_cut_portable;
	case AQI_AVX2: return aqi_csv_cut_avx2;
	case AQI_AVX512: return aqi_csv_cut_avx512;
	default: return aqi_csv_cut_avx512_vbmi;
	}
}
