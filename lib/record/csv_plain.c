#include "record/csv_plain.h"

#include <string.h>

#include "base/processor.h"
#include "base/word.h"

static size_t
find_line(const char *data, size_t size)
{
	const char *lf = memchr(data, '\n', size);

	if (!lf || memchr(data, '"', (size_t)(lf - data)))
		return 0;
	return (size_t)(lf - data) + 1;
}

#ifdef __SSE2__

#include <emmintrin.h>

/* The quotes and LFs of 64 bytes: any x86-64 has these vectors, so that nobody
 * has to ask for better ones once a record. */
static inline uint64_t
find_ends(const char *p)
{
	const __m128i quote = _mm_set1_epi8('"'), lf = _mm_set1_epi8('\n');
	uint64_t bits = 0;

	for (int i = 0; i < 64; i += 16) {
		const __m128i bytes = _mm_loadu_si128(
			(const __m128i *)((const void *)(p + i)));
		const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
						  _mm_cmpeq_epi8(bytes, lf));

		bits |= (uint64_t)(unsigned)_mm_movemask_epi8(ends) << i;
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

/*
 * 0x80 for each byte that is not the one wanted, among bytes up to 0x7f. Above,
 * the sum may reach the next byte, too.
 */
static inline uint64_t
differ(uint64_t word, char wanted)
{
	return (word ^ AQI_EACH((uint64_t)(unsigned char)wanted)) + AQI_EACH(0x7f);
}

static inline struct aqi_csv_marks
find_marks(const char *p, char delimiter)
{
	struct aqi_csv_marks m = {0};

	for (int i = 0; i < 64; i += 8) {
		const uint64_t word = aqi_word_load(p + i);
		const uint64_t low = word & AQI_EACH(0x7f);

		m.delimiters |= aqi_word_gather(~(differ(low, delimiter) | word)) << i;
		m.special |= aqi_word_gather(word | ~(differ(low, '"') &
					     differ(low, '\r') &
					     differ(low, '\0'))) << i;
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
	default: return aqi_csv_cut_avx512;
	}
}
