/*
 * source.h: the text of files and pipes, cut into chunks at ends of records.
 *
 * A fast input comes in full chunks, and of whole multiples of 512 records
 * where these are no more than twice as much; of a slow one, each chunk is what
 * has arrived: the source never waits while it holds a whole record. A chunk
 * never spans two files.
 */
#ifndef AQI_RECORD_SOURCE_H
#define AQI_RECORD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/chunk.h"
#include "record/format.h"

/*
 * Where a run stands between two chunks, for another run to go on from there.
 * By a few of the bytes before it, an input that has changed is known.
 */
#define AQI_TAIL_SIZE ((size_t)4096)
struct aqi_position {
	uint64_t file;		/* index; the count of files: all are read */
	uint64_t offset, line;	/* of the next record; 0, 1: at its start */
	uint64_t tail_size;	/* so many bytes before it... */
	uint64_t tail_sum;	/* ...have this sum (base/sum.h) */
};

/* One thread each. */
struct aqi_source;

/*
 * files  (n_files,) borrowed; "-" is standard input. None: standard input.
 * format is borrowed; `in` may be AQI_SYNTAX_AUTO. NULL without memory.
 */
struct aqi_source *aqi_source_new(const char *const *files, size_t n_files,
				  const struct aqi_format *format);

/*
 * The next chunk, into the memory of a chunk that may have been used before.
 * AQI_END: all files are read. AQI_FATAL: a file cannot be opened, read or
 * unpacked (see record/input.h), is UTF-16 or UTF-32 (AQI_E_ENCODING), or has
 * no line where a header must be (AQI_E_DATA); err names it. What the format
 * says to stand around the records of a CSV file is in no chunk, but for the
 * header line: the first record of the file.
 */
enum aqi_status aqi_source_next(struct aqi_source *source,
				struct aqi_chunk *chunk,
				struct aqi_error *err) AQI_MUST_CHECK;

/* The same without waiting: AQI_REJECT where nothing whole has come yet, a file
 * is to be opened, or the last chunk was followed by a failure. */
enum aqi_status aqi_source_try(struct aqi_source *source,
			       struct aqi_chunk *chunk,
			       struct aqi_error *err) AQI_MUST_CHECK;

/* CSV or NDJSON, known when the first chunk has come. */
enum aqi_syntax aqi_source_syntax(const struct aqi_source *source);

/*
 * Where the source stands behind the chunk that came last; false where nobody
 * can go on: within a record that is too long, or behind it before the next
 * chunk, or what stands around records.
 */
bool aqi_source_tell(const struct aqi_source *source,
		     const struct aqi_chunk *chunk, struct aqi_position *place);

/*
 * Begin at a place that aqi_source_tell has named, before the first chunk; what
 * is no regular file is read up to there. aqi_source_next fails with
 * AQI_E_MODEL where the bytes before it are not what they were.
 */
void aqi_source_resume(struct aqi_source *source,
		       const struct aqi_position *place,
		       enum aqi_syntax syntax);

/* Bytes read so far; *total, out, is their sum, 0 when not known. */
uint64_t aqi_source_progress(const struct aqi_source *source, uint64_t *total);

void aqi_source_free(struct aqi_source *source);

#endif
