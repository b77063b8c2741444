/*
 * Records of which some fields stand in quotes without a quote in them, as many
 * programs write every text: these, too, are bytes of the chunk. A quote within
 * quotes is left to libcsv, and so is whatever may be a fault.
 */
#include "record/csv_plain.h"

#include <stdbool.h>
#include <string.h>

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

/* The end of a field without its quotes, or where it is none. */
static inline const char *
pass_quoted(const char *p, const char *end)
{
	while (p < end && *p != '"')
		p++;
	return p;
}

static inline const char *
pass_bare(const char *p, const char *end, char delimiter)
{
	while (p < end && *p != delimiter && *p != '"')
		p++;
	return p;
}

enum aqi_csv_cut
aqi_csv_cut_quoted(const struct aqi_csv_plain *plain, size_t start, size_t size,
		   struct aqi_extent *extents)
{
	const char *p = plain->base + start, *const end = p + size, *begin;
	bool is_quoted;

	for (size_t i = 0; i < plain->n_fields; i++) {
		is_quoted = p < end && *p == '"';
		begin = p + is_quoted;
		p = is_quoted ? pass_quoted(begin, end) :
				pass_bare(begin, end, plain->delimiter);
		extents[i] = aqi_extent_of((uint32_t)(begin - plain->base),
					   (uint32_t)(p - begin), AQI_TEXT);
		if (is_quoted && p++ == end)
			return AQI_CUT_NOT;
		if (i + 1 < plain->n_fields &&
		    (p == end || *p++ != plain->delimiter))
			return AQI_CUT_NOT;
	}
	return p == end ? look(plain->base + start, size) : AQI_CUT_NOT;
}
