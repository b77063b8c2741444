/*
 * csv_plain.h: the fast lane of CSV, for records without a quote or a CR, and
 * for those whose quotes only stand around whole fields.
 *
 * Most records of measurements are of the first kind, and there the grammar of
 * record/csv.h comes down to cutting at each delimiter: the fields are the
 * chunk's own bytes. What is neither is left to the slow lane, libcsv, which
 * also says what is wrong where something is; tests/fuzz/fuzz_csv.c holds the
 * two against one reader.
 *
 * 64 bytes at a time are looked at, for what stands where in them as bits of a
 * word (csv_plain.inc). So many mostly hold a record, whose delimiters are then
 * as many as expected: no branch depends on how long its fields are, as it does
 * in a loop over bytes, which is wrong once a field.
 */
#ifndef AQI_RECORD_CSV_PLAIN_H
#define AQI_RECORD_CSV_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "record/field.h"

/*
 * The offset behind the first LF, where no quote is before it; 0 where there is
 * one, or no LF. Little behind the LF is looked at, so that a record costs no
 * more the longer the data is.
 */
size_t aqi_csv_line(const char *data, size_t size);

/* A chunk, and what a plain record of it is like. */
struct aqi_csv_plain {
	const char *base;
	size_t size;		/* so many bytes may be read; below 2^32 */
	char delimiter;		/* ASCII, and no quote, CR, LF or NUL */
	size_t n_fields;	/* at least one */
};

/* What has become of a record. */
enum aqi_csv_cut {
	AQI_CUT_NOT,	/* it is none for this lane: there is a quote, a CR, a
			 * NUL, or another count of fields */
	AQI_CUT_ASCII,
	AQI_CUT_BYTES	/* it has bytes above 0x7f, which may be no UTF-8 */
};

/*
 * Cut a record of the chunk, which has no LF.
 *
 * start, size  its place; size is below AQI_EXTENT_SIZE_LIMIT
 * extents      (n_fields,), out: of kind AQI_TEXT; undefined on AQI_CUT_NOT
 */
typedef enum aqi_csv_cut aqi_csv_cut_fn(const struct aqi_csv_plain *plain,
					size_t start, size_t size,
					struct aqi_extent *extents);

/* For the ways: what stands where in 64 bytes, a bit each, the first the
 * lowest. */
struct aqi_csv_marks {
	uint64_t delimiters;
	uint64_t special;	/* a quote, a CR, a NUL, or above 0x7f */
};

/* The best way to do it on this processor. */
aqi_csv_cut_fn *aqi_csv_cutter(void);

/* The same of a record whose fields may stand in quotes, with no quote in them,
 * and no control but a tab (csv_quoted.inc): the best way, and each of them. */
aqi_csv_cut_fn *aqi_csv_quoted_cutter(void);
aqi_csv_cut_fn aqi_csv_cut_quoted;
aqi_csv_cut_fn aqi_csv_cut_quoted_avx2;

/* Each way, for tests to compare: by the levels of base/processor.h. */
aqi_csv_cut_fn aqi_csv_cut_portable;
aqi_csv_cut_fn aqi_csv_cut_avx2;
aqi_csv_cut_fn aqi_csv_cut_avx512;
aqi_csv_cut_fn aqi_csv_cut_avx512_vbmi;

#endif
