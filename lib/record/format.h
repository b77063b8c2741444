/* format.h: how records are written down, on the way in and out. */
#ifndef AQI_RECORD_FORMAT_H
#define AQI_RECORD_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum aqi_syntax {
	AQI_SYNTAX_AUTO,	/* input: by the first byte; output: as input */
	AQI_SYNTAX_CSV,
	AQI_SYNTAX_NDJSON
};

#define AQI_MAX_COLUMNS 4096
#define AQI_MAX_RECORD ((size_t)1024 * 1024)	/* bytes, unless told */

/* Plain data; immutable while a run lasts. */
struct aqi_format {
	enum aqi_syntax in, out;
	char delimiter;			/* of CSV, both ways */
	char decimal_mark;		/* of CSV, both ways: '.' or ',' */
	bool no_header;			/* CSV without a header line, both ways */
	bool infer;			/* CSV to NDJSON: guess numbers */
	bool keep_old;			/* rename an old output column NAME_in */
	bool allow_absent;		/* an input column may be absent */
	size_t max_record;		/* bytes of a record */
	const struct aqi_slice *columns;	/* (n_columns,) chosen; or NULL */
	size_t n_columns;
	const struct aqi_slice *missing;	/* (n_missing,) tokens */
	size_t n_missing;
	const struct aqi_slice *numbers;	/* (n_numbers,) columns known to */
	size_t n_numbers;			/* hold numbers: JSON numbers */
};

#endif
