/*
 * reader.h: chunks to batches, for CSV and NDJSON alike.
 *
 * Reading has two parts. aqi_reader_next is serial: it takes the next chunk
 * from the source and, where a file begins, its header. aqi_reader_parse turns
 * a chunk into a batch and depends on nothing but the chunk, so that chunks
 * can be parsed at the same time.
 */
#ifndef AQI_RECORD_READER_H
#define AQI_RECORD_READER_H

#include "base/error.h"
#include "record/batch.h"
#include "record/format.h"
#include "record/layout.h"
#include "record/source.h"

struct aqi_reader;
struct aqi_file_header;

/*
 * A chunk, its records without the header, and the header they go by: the unit
 * of work, which does not change while it is worked on. Zero-initialised.
 */
struct aqi_reading {
	struct aqi_chunk chunk;
	size_t first_record;	/* of the chunk: 1 behind a header line */
	const struct aqi_file_header *header;	/* of the reader */
	const struct aqi_layout *layout;	/* of the reader */
};

/* What one worker parses with. One thread each. Zero-initialised. */
struct aqi_parsing {
	struct aqi_csv *csv;
};

/* Where a run stands between two chunks, with what its first records named. */
struct aqi_reader_position {
	struct aqi_position source;
	enum aqi_syntax syntax;
	bool lacks_names;	/* as aqi_reader_lacks_names says */
	bool is_open;		/* the columns are known: */
	const struct aqi_slice *names;	/* (n_names,) in order */
	size_t n_names;
	/* (n_own_names,) of a later file bound by itself; 0: as above */
	const struct aqi_slice *own_names;
	size_t n_own_names;
	size_t n_columns;	/* of the CSV file; 0: none is open */
	const size_t *map;	/* (n_own_names or n_names,) then: column of
				 * the file, or AQI_NO_COLUMN */
};

/*
 * files (n_files,) and format are borrowed; NULL without memory.
 */
struct aqi_reader *aqi_reader_new(const char *const *files, size_t n_files,
				  const struct aqi_format *format);

/*
 * The next chunk; AQI_END behind the last. Fails as aqi_source_next does, and
 * where a header is broken (AQI_E_DATA or a code of records) or lacks a column
 * of format->columns (AQI_E_USAGE).
 */
enum aqi_status aqi_reader_next(struct aqi_reader *reader,
				struct aqi_reading *reading,
				struct aqi_error *err) AQI_MUST_CHECK;

/* The same without waiting: AQI_REJECT where it would have to. */
enum aqi_status aqi_reader_try(struct aqi_reader *reader,
			       struct aqi_reading *reading,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The columns, borrowed from the reader; steps bind to it before the chunk
 * that made it known is parsed. NULL while unknown: no header and no NDJSON
 * record that can be read has come yet, and all records so far are refused.
 *
 * Where each file is bound by itself (format->binds_files) it is another one
 * from the first chunk of a file on that has other columns than the last.
 */
struct aqi_layout *aqi_reader_layout(struct aqi_reader *reader);

/* That of the first file, which decides what is written. */
struct aqi_layout *aqi_reader_first_layout(struct aqi_reader *reader);

/* Did NDJSON records that cannot be read come before the columns were known? */
bool aqi_reader_lacks_names(const struct aqi_reader *reader);

/*
 * Where the batch ends that begins with the record `from` of a chunk: a chunk
 * with thousands of columns is worked on in parts.
 */
size_t aqi_reader_part(const struct aqi_reading *reading, size_t from);

/*
 * Parse the records `from` up to `to` of a chunk into a batch, whose earlier
 * content is forgotten. Records that cannot be read are rows too, refused.
 * Fails without memory only. Until the layout is known, one thread alone may
 * read and parse.
 */
enum aqi_status aqi_reader_parse(const struct aqi_reader *reader,
				 const struct aqi_reading *reading,
				 size_t from, size_t to,
				 struct aqi_parsing *parsing,
				 struct aqi_batch *batch,
				 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Where the reader stands behind the reading that came last, borrowed from it
 * until the next; false where nobody can go on (aqi_source_tell).
 */
bool aqi_reader_tell(const struct aqi_reader *reader,
		     const struct aqi_reading *reading,
		     struct aqi_reader_position *place);

/* Begin at such a place, before the first reading. Fails without memory. */
enum aqi_status aqi_reader_resume(struct aqi_reader *reader,
				  const struct aqi_reader_position *place,
				  struct aqi_error *err) AQI_MUST_CHECK;

enum aqi_syntax aqi_reader_syntax(const struct aqi_reader *reader);

uint64_t aqi_reader_progress(const struct aqi_reader *reader, uint64_t *total);

void aqi_reader_free(struct aqi_reader *reader);
void aqi_reading_free(struct aqi_reading *reading);
void aqi_parsing_free(struct aqi_parsing *parsing);

#endif
