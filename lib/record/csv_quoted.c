/*
 * Records of which some fields stand in quotes without a quote in them, as many
 * programs write every text: these, too, are bytes of the chunk. A quote within
 * quotes is left to libcsv, and so is whatever may be a fault.
 */
#include "record/csv_plain.h"

#include <stdbool.h>

/* Controls are left to the slow lane, but for a tab. */
static inline bool
is_text(char c)
{
	return (unsigned char)c >= ' ' || c == '\t';
}

enum aqi_csv_cut
aqi_csv_cut_quoted(const struct aqi_csv_plain *plain, size_t start, size_t size,
		   struct aqi_extent *extents)
{
	const char *p = plain->base + start, *const end = p + size;
	unsigned char seen = 0;

	for (size_t i = 0; i < plain->n_fields; i++) {
		const bool is_quoted = p < end && *p == '"';
		const char stop = is_quoted ? '"' : plain->delimiter;
		const char *begin = p += is_quoted;

		for (; p < end && *p != stop; p++) {
			if (!is_text(*p) || (!is_quoted && *p == '"'))
				return AQI_CUT_NOT;
			seen |= (unsigned char)*p;
		}
		extents[i] = aqi_extent_of((uint32_t)(begin - plain->base),
					   (uint32_t)(p - begin), AQI_TEXT);
		if (is_quoted && p++ == end)
			return AQI_CUT_NOT;
		if (i + 1 < plain->n_fields &&
		    (p == end || *p++ != plain->delimiter))
			return AQI_CUT_NOT;
	}
	if (p != end)
		return AQI_CUT_NOT;
	return seen & 0x80 ? AQI_CUT_BYTES : AQI_CUT_ASCII;
}
