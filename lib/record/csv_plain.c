#include "record/csv_plain.h"

#include <endian.h>
#include <string.h>

#include "base/processor.h"

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

#define EACH(byte) ((byte) * UINT64_C(0x0101010101010101))

/*
 * 0x80 for each byte that is not the one wanted, among bytes up to 0x7f. Above,
 * the sum may reach the next byte, too.
 */
static inline uint64_t
differ(uint64_t word, char wanted)
{
	return (word ^ EACH((uint64_t)(unsigned char)wanted)) + EACH(0x7f);
}

/* The bits 0x80 of eight bytes as a byte. */
static inline uint64_t
gather(uint64_t bits)
{
	return ((bits >> 7 & EACH(1)) * UINT64_C(0x0102040810204080)) >> 56;
}

static inline struct aqi_csv_marks
find_marks(const char *p, char delimiter)
{
	struct aqi_csv_marks m = {0};

	for (int i = 0; i < 64; i += 8) {
		uint64_t word, low;

		memcpy(&word, p + i, sizeof word);
		word = le64toh(word);
		low = word & EACH(0x7f);
		m.delimiters |= gather(~(differ(low, delimiter) | word)) << i;
		m.special |= gather(word | ~(differ(low, '"') &
					     differ(low, '\r') &
					     differ(low, '\0'))) << i;
	}
	return m;
}

/* Where no instruction counts bits, a call would. */
static inline size_t
popcount(uint64_t bits)
{
	bits -= bits >> 1 & EACH(0x55);
	bits = (bits & EACH(0x33)) + (bits >> 2 & EACH(0x33));
	bits = (bits + (bits >> 4)) & EACH(0x0f);
	return (size_t)(EACH(bits) >> 56);
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
