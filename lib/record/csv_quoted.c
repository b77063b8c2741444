/*
 * Records of which some fields stand in quotes without a quote in them, as many
 * programs write every text: these, too, are bytes of the chunk. A quote within
 * quotes is left to libcsv, and so is whatever may be a fault.
 */
#include "record/csv_plain.h"

#include "base/processor.h"
#include "record/csv_quoted.inc"

static inline struct quoting
find_quoting(const char *p, char delimiter)
{
	return (struct quoting){aqi_csv_bits_equal(p, delimiter),
				aqi_csv_bits_equal(p, '"'),
				aqi_csv_bits_special(p)};
}

enum aqi_csv_cut
aqi_csv_cut_quoted(const struct aqi_csv_plain *plain, size_t start, size_t size,
		   struct aqi_extent *extents)
{
	return cut_quoted(plain, start, size, extents);
}

aqi_csv_cut_fn *
aqi_csv_quoted_cutter(void)
{
	return aqi_processor_level() == AQI_PORTABLE ?
		       aqi_csv_cut_quoted : aqi_csv_cut_quoted_avx2;
}
