#include "record/lines.h"

#include <string.h>

#include "record/csv_bits.h"

/* Offsets are of 32 bits; more is for another call. */
#define MOST_SIZE ((size_t)1 << 31)

/* One, if there is a bit: it is written in any case. */
static inline size_t
add_end(uint32_t *ends, uint64_t lfs, size_t at)
{
	const uint64_t top = UINT64_C(1) << 63;

	*ends = (uint32_t)at + (uint32_t)__builtin_ctzll(lfs | top);
	return lfs != 0;
}

/* In 64 bytes of measurements are none, one or two: no branch asks how many. */
static inline size_t
add_ends(uint32_t *ends, uint64_t lfs, size_t at)
{
	size_t n = add_end(ends, lfs, at);

	lfs &= lfs - 1;
	n += add_end(ends + n, lfs, at);
	for (lfs &= lfs - 1; lfs; lfs &= lfs - 1)
		n += add_end(ends + n, lfs, at);
	return n;
}

static size_t
find_in_csv(const char *data, size_t size, uint32_t *ends)
{
	char padded[64] = {0};
	size_t n = 0;

	for (size_t at = 0; at < size && n < AQI_LINES_AT_ONCE; at += 64) {
		const char *p = data + at;
		uint64_t lfs, quotes;

		if (size - at < 64)
			p = memcpy(padded, p, size - at);
		lfs = aqi_csv_bits_equal(p, '\n');
		quotes = aqi_csv_bits_equal(p, '"');
		if (quotes)
			return n + add_ends(ends + n, lfs & (quotes ^
						(quotes - 1)), at);
		n += add_ends(ends + n, lfs, at);
	}
	return n;
}

/* Lines of JSON are longer: the C library looks at more at once. */
static size_t
find_all(const char *data, size_t size, uint32_t *ends)
{
	const char *p = data, *const end = data + size;
	size_t n = 0;

	for (; n < AQI_LINES_AT_ONCE; p++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			break;
		ends[n++] = (uint32_t)(p - data);
	}
	return n;
}

size_t
aqi_lines_find(const char *data, size_t size, bool is_csv,
	       uint32_t ends[AQI_LINES_ROOM])
{
	if (size > MOST_SIZE)
		size = MOST_SIZE;
	return is_csv ? find_in_csv(data, size, ends) :
			find_all(data, size, ends);
}
