/*
 * source_parts.h: a source of records from the inside. Private: for source.c,
 * which reads files and makes chunks of them, source_records.c, which finds the
 * records in what was read, and source_place.c, which says where a run stands
 * and goes on from there.
 */
#ifndef AQI_RECORD_SOURCE_PARTS_H
#define AQI_RECORD_SOURCE_PARTS_H

#include "base/buffer.h"
#include "record/csv.h"
#include "record/input.h"
#include "record/source.h"

struct aqi_source {
	const char *const *files;
	size_t n_files, next_file;
	const struct aqi_format *format;
	enum aqi_syntax syntax;

	/* The file being read. */
	struct aqi_input *input;
	bool is_open;
	const char *file;
	bool at_start, at_end;
	bool opens_file;
	uint64_t offset;	/* of the next chunk's first byte */
	uint64_t line;		/* of the next chunk's first record */
	size_t wanted;		/* bytes of a chunk, for rows at once; 0: as
				 * they come */

	/* What stands around its records; nothing in NDJSON. */
	bool in_preamble, in_line;	/* which may have come in part */
	size_t lines_left, units_left;
	bool lacks_header;	/* it must come yet */
	bool in_trailer;

	/* The record being scanned. */
	struct aqi_buffer tail;	/* its bytes, from the last chunk */
	size_t unscanned;	/* the last of these */
	enum aqi_csv_state state;
	size_t scanned;		/* bytes of the chunk that are scanned */
	size_t record_start;
	uint64_t record_line, scan_line;
	bool skipping;		/* it was too long and is reported */

	bool is_trying;		/* and must not wait */
	bool has_failed;	/* behind what the last chunk holds */
	struct aqi_error failure;

	uint64_t bytes_total;
	struct aqi_position place;	/* in the next file; 0: its start */
};

/*
 * Some more bytes at the end of the chunk; none at the end of the file. Where
 * there are records, it does not wait: AQI_END. They also go before a failure.
 */
enum aqi_status aqi_source_read(struct aqi_source *source,
				struct aqi_chunk *chunk,
				struct aqi_error *err) AQI_MUST_CHECK;

/* Find the records in the bytes that are new. */
enum aqi_status aqi_source_find_records(struct aqi_source *source,
					struct aqi_chunk *chunk,
					struct aqi_error *err) AQI_MUST_CHECK;

/* Take the record in hand, up to an end: the header, one of units, or one of
 * data. */
enum aqi_status aqi_source_take_record(struct aqi_source *source,
				       struct aqi_chunk *chunk, size_t end,
				       struct aqi_error *err) AQI_MUST_CHECK;

/* Go on in a file where another run has ended: the chunk serves to read what is
 * before that. */
enum aqi_status aqi_source_enter(struct aqi_source *source,
				 struct aqi_chunk *chunk,
				 struct aqi_error *err) AQI_MUST_CHECK;

#endif
