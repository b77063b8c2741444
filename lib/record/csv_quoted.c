/*
 * Records of which some fields stand in quotes without a quote in them, as many
 * programs write every text: these, too, are bytes of the chunk. A quote within
 * quotes is left to libcsv, and so is whatever may be a fault.
 */
#include "record/csv_plain.h"

#include <stdbool.h>
#include <string.h>

#include "record/csv_bits.h"

#define EACH UINT64_C(0x0101010101010101)

/* Has one of eight bytes its first bit set; is one a control? */
static inline uint64_t
high_bits(uint64_t bytes)
{
	return bytes & EACH * 0x80;
}

static inline uint64_t
controls(uint64_t bytes)
{
	return (bytes - EACH * ' ') & ~bytes & EACH * 0x80;
}

/* Controls are left to the slow lane, but for a tab. */
static bool
has_others(const char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)p[i] < ' ' && p[i] != '\t')
			return true;
	return false;
}

static enum aqi_csv_cut
look(const char *p, size_t size)
{
	uint64_t bytes, high = 0, control = 0;
	size_t i = 0;

	for (; i + sizeof bytes <= size; i += sizeof bytes) {
		memcpy(&bytes, p + i, sizeof bytes);
		high |= high_bits(bytes);
		control |= controls(bytes);
	}
	for (; i < size; i++) {
		high |= (unsigned char)p[i] & 0x80;
		control |= (unsigned char)p[i] < ' ';
	}
	if (control && has_others(p, size))
		return AQI_CUT_NOT;
	return high ? AQI_CUT_BYTES : AQI_CUT_ASCII;
}

/* The last bytes of a chunk, with others behind: the page may end there. */
static const char *
last_bytes(const struct aqi_csv_plain *plain, size_t at, char padded[64])
{
	memset(padded, 0, 64);
	memcpy(padded, plain->base + at, plain->size - at);
	return padded;
}

/* A field that ends here, without the quotes around it. */
static inline struct aqi_extent
field(const struct aqi_csv_plain *plain, size_t begin, size_t here)
{
	const size_t quote = begin < here && plain->base[begin] == '"';

	return aqi_extent_of((uint32_t)(begin + quote),
			     (uint32_t)(here - begin - 2 * quote), AQI_TEXT);
}

/*
 * Behind an odd number of quotes is within them. An opening one must stand
 * where a field begins, and behind a closing one a field must end: what else
 * there may be, such as two quotes for one, is odd, and for libcsv.
 */
enum aqi_csv_cut
aqi_csv_cut_quoted(const struct aqi_csv_plain *plain, size_t start, size_t size,
		   struct aqi_extent *extents)
{
	struct aqi_extent *const last = extents + plain->n_fields - 1;
	const size_t end = start + size;
	uint64_t within = 0, begins = 1, closed = 0, odd = 0, special = 0;
	size_t begin = start;
	char padded[64];

	for (size_t at = start; at < end; at += 64) {
		const char *p = plain->size - at >= 64 ? plain->base + at :
				last_bytes(plain, at, padded);
		const uint64_t own = end - at < 64 ?
			(UINT64_C(1) << (end - at)) - 1 : UINT64_MAX;
		const uint64_t quotes = aqi_csv_bits_equal(p, '"') & own;
		uint64_t delimiters = aqi_csv_bits_equal(p, plain->delimiter);

		within ^= aqi_csv_bits_within(quotes);
		delimiters &= own & ~within;
		begins |= delimiters << 1;
		closed |= (quotes & ~within) << 1;
		odd |= (quotes & within & ~begins) |
		       (closed & own & ~delimiters);
		special |= aqi_csv_bits_special(p) & own;
		begins = delimiters >> 63;
		closed = (quotes & ~within) >> 63;
		within = -(within >> 63);
		for (; delimiters; delimiters &= delimiters - 1) {
			const size_t here = at +
				(size_t)__builtin_ctzll(delimiters);

			if (extents == last)
				return AQI_CUT_NOT;
			*extents++ = field(plain, begin, here);
			begin = here + 1;
		}
	}
	if (odd || within || extents < last)
		return AQI_CUT_NOT;
	*last = field(plain, begin, end);
	return special ? look(plain->base + start, size) : AQI_CUT_ASCII;
}
