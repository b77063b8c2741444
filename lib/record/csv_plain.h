/*
 * csv_plain.h: the fast lane of CSV, for records without a quote or a CR.
 *
 * Most records of measurements are such, and there the grammar of record/csv.h
 * comes down to cutting at each delimiter. The fields are the record's own
 * bytes: nothing is copied. Anything else is left to the slow lane, libcsv,
 * which also says what is wrong where something is; tests/fuzz/fuzz_csv.c holds
 * the two against one reader.
 */
#ifndef AQI_RECORD_CSV_PLAIN_H
#define AQI_RECORD_CSV_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * Cut a record, which has no LF, at its delimiters.
 *
 * fields  (room,), out, borrowed from the record
 * n       out: how many fields there are, which may be more than room
 *
 * false: it has a quote or a CR, and is none for this lane.
 */
bool aqi_csv_cut(struct aqi_slice record, char delimiter,
		 struct aqi_slice *fields, size_t room, size_t *n);

/* The ways to do it, for tests to compare: the second where the processor has
 * AVX2 and BMI. */
bool aqi_csv_cut_portable(struct aqi_slice record, char delimiter,
			  struct aqi_slice *fields, size_t room, size_t *n);
bool aqi_csv_cut_avx2(struct aqi_slice record, char delimiter,
		      struct aqi_slice *fields, size_t room, size_t *n);

#endif
