/*
 * source.h: the text of files and pipes, cut into chunks at ends of records.
 *
 * A fast input comes in chunks of some 128 KiB, and of whole multiples of 512
 * records where these are no more than twice as much; of a slow one, each chunk
 * is what has arrived: the source never waits while it holds a whole record. A
 * chunk never spans two files.
 */
#ifndef AQI_RECORD_SOURCE_H
#define AQI_RECORD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "record/format.h"

/* The bytes of one record in its chunk, without the line end. */
struct aqi_span {
	size_t start, size;
	uint64_t line;		/* of the file, from 1 */
};

struct aqi_chunk {
	const char *file;	/* as named to the source; "-" is stdin */
	bool opens_file;	/* its first record is the file's first */
	bool is_cut;		/* of its last record, only the start is here:
				 * it is longer than the limit */
	bool is_decoded;	/* the text is not what the file's bytes are */
	bool is_open;		/* its last record has no newline: the file
				 * ends there */
	uint64_t offset;	/* of data[0] in the text */
	char *data;
	size_t size, capacity;
	struct aqi_span *records;	/* (n_records,) */
	size_t n_records, records_capacity;
	size_t longest;		/* no record has more bytes */
};

/* A record's bytes. */
static inline struct aqi_slice
aqi_chunk_record(const struct aqi_chunk *chunk, size_t i)
{
	return (struct aqi_slice){chunk->data + chunk->records[i].start,
				  chunk->records[i].size};
}

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

/* Does a chunk hold as much as one does of an input that comes fast? */
bool aqi_chunk_is_full(const struct aqi_chunk *chunk);

/* CSV or NDJSON, known when the first chunk has come. */
enum aqi_syntax aqi_source_syntax(const struct aqi_source *source);

/*
 * Where the source stands behind the chunk that came last; false where nobody
 * can go on: within a record that is too long, or what stands around records.
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

void aqi_chunk_free(struct aqi_chunk *chunk);

#endif
