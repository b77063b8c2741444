#include "record/lines.h"

#include <stdbool.h>
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

/* What stands in quotes up to 64 bytes, and where it may not be so. */
struct quoting {
	const char *data;
	char delimiter;
	uint64_t within;	/* all ones: the bytes before end in quotes */
};

/* May a quote that begins these bytes open a field? */
static bool
may_open(const struct quoting *q, size_t at)
{
	return at == 0 || q->data[at - 1] == q->delimiter ||
	       q->data[at - 1] == '\n' || q->data[at - 1] == '"';
}

/*
 * The LFs of 64 bytes that end records: behind an odd number of quotes is
 * within them. A quote in a bare field does not count, and an LF in quotes ends
 * a line but no record: *odd, out, is the first bit where there is either, if
 * there is, and what is behind it is not known.
 */
static uint64_t
end_quoted(struct quoting *q, const char *p, size_t at, uint64_t lfs,
	   uint64_t quotes, uint64_t *odd)
{
	const uint64_t within = aqi_csv_bits_within(quotes) ^ q->within;
	const uint64_t begins = quotes | lfs |
				aqi_csv_bits_equal(p, q->delimiter);

	*odd = (quotes & within & ~(begins << 1 | (uint64_t)may_open(q, at))) |
	       (lfs & within);
	q->within = -(within >> 63);
	return lfs & ~within & (*odd ^ (*odd - 1));
}

static size_t
find_in_csv(const char *data, size_t size, char delimiter, uint32_t *ends)
{
	struct quoting quoting = {.data = data, .delimiter = delimiter};
	char padded[64] = {0};
	uint64_t odd = 0;
	size_t n = 0;

	for (size_t at = 0; at < size && n < AQI_LINES_AT_ONCE && !odd;
	     at += 64) {
		const char *p = data + at;
		uint64_t lfs, quotes;

		if (size - at < 64)
			p = memcpy(padded, p, size - at);
		lfs = aqi_csv_bits_equal(p, '\n');
		quotes = aqi_csv_bits_equal(p, '"');
		if (quotes | quoting.within)
			lfs = end_quoted(&quoting, p, at, lfs, quotes, &odd);
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
aqi_lines_find(const char *data, size_t size, char delimiter,
	       uint32_t ends[AQI_LINES_ROOM])
{
	if (size > MOST_SIZE)
		size = MOST_SIZE;
	return delimiter ? find_in_csv(data, size, delimiter, ends) :
			   find_all(data, size, ends);
}
