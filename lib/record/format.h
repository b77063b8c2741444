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
	const char *encoding;		/* of input, for iconv; NULL: UTF-8 */
	bool has_encoding;		/* it was asked for, UTF-8 too */
	char delimiter;			/* of CSV, both ways, unless below */
	char decimal_mark;		/* of CSV, both ways: '.' or ',' */
	bool no_header;			/* no header line of CSV, both ways */
	bool hides_header;		/* nor one on the way out alone */
	bool infer;			/* CSV to NDJSON: guess numbers */
	bool keep_old;			/* a column replaced is NAME_in */
	bool allow_absent;		/* an input column may be absent */
	bool require_newline;		/* refuse a last record without one */
	bool safe_csv;			/* no cell of text is a formula */
	size_t max_record;		/* bytes of a record */
	const struct aqi_slice *columns;	/* (n_columns,) chosen; NULL */
	size_t n_columns;
	const struct aqi_slice *missing;	/* (n_missing,) tokens */
	size_t n_missing;
	const struct aqi_slice *numbers;	/* (n_numbers,) columns that */
	size_t n_numbers;			/* hold JSON numbers */

	/*
	 * What a foreign CSV file has around its records: of each file, on the
	 * way in. Zero means that it is not so. A text is one line's start. The
	 * lines that are passed over may hold any bytes, and are no records.
	 */
	char in_delimiter, in_decimal_mark;	/* where output has others */
	size_t skip_lines;		/* lines before all else */
	struct aqi_slice header_start;	/* then come lines up to the one that
					 * begins with this: the header */
	const struct aqi_slice *header;	/* (n_header,) names of the columns; the
					 * file has no header line */
	size_t n_header;
	size_t unit_lines;		/* records behind the header: units */
	struct aqi_slice trailer;	/* no data from a line on that begins
					 * with this; no empty line is a
					 * record then, even of one column */
	bool binds_files;		/* steps bind to each header anew, not
					 * to the first file's */
	bool drops_extra;		/* then columns that the first file has
					 * not are no error */
	bool allow_repeated_names;	/* in the header; the first counts, and
					 * others and empty ones do not */
	bool drop_blank_rows;		/* a row of delimiters and blanks alone
					 * is no record */
};

/* How CSV is read, which may be other than how it is written. */
static inline char
aqi_format_in_delimiter(const struct aqi_format *format)
{
	return format->in_delimiter ? format->in_delimiter : format->delimiter;
}

static inline char
aqi_format_in_decimal_mark(const struct aqi_format *format)
{
	return format->in_decimal_mark ? format->in_decimal_mark :
					 format->decimal_mark;
}

/* Does a CSV file begin with a header line? */
static inline bool
aqi_format_has_header_line(const struct aqi_format *format)
{
	return !format->no_header && !format->header;
}

#endif
