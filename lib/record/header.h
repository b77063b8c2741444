/*
 * header.h: the columns of a run, as its files name them.
 *
 * A CSV file does so in its header line, unless its names are given; NDJSON in
 * its first record that can be read. The first file's names are the inputs of
 * the run's layout, and a later file is bound to them, or has a layout of its
 * own (format->binds_files). Private to the reader.
 */
#ifndef AQI_RECORD_HEADER_H
#define AQI_RECORD_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "record/format.h"
#include "record/layout.h"

struct aqi_chunk;
struct aqi_csv;
struct aqi_other_layout;
struct aqi_reader_position;

/* How the columns of one CSV file lie in its layout. */
struct aqi_file_header {
	struct aqi_file_header *next;
	size_t n_columns;	/* of the file */
	size_t *map;		/* (n_inputs,) column of the file */
	bool is_identity;
};

/* One thread each; what its chunks go by stays as it is until it is freed. */
struct aqi_headers {
	const struct aqi_format *format;
	struct aqi_csv *csv;
	struct aqi_layout first;
	struct aqi_other_layout *others;
	struct aqi_layout *layout;	/* of the file at hand: one of these */
	struct aqi_file_header *files;	/* of CSV; the last one first */
	bool is_open;		/* the layout is known */
	bool lacks_names;	/* records came before the one that named it */
};

/* Into a struct of zeros. Fails without memory only; aqi_header_free then. */
enum aqi_status aqi_header_init(struct aqi_headers *headers,
				const struct aqi_format *format) AQI_MUST_CHECK;

/*
 * Take the names that a chunk has: while there are none, and where a file
 * begins. *first_record, out, is 1 behind a header line, else 0. *n_before,
 * out: where so many records, none of which can be read, come before the one
 * that has the names, nothing is taken, and these are to go first; else 0.
 * Fails as aqi_reader_next says.
 */
enum aqi_status aqi_header_begin(struct aqi_headers *headers,
				 enum aqi_syntax syntax,
				 const struct aqi_chunk *chunk,
				 size_t *first_record, size_t *n_before,
				 struct aqi_error *err) AQI_MUST_CHECK;

/* What of a position is about names: aqi_reader_tell, aqi_reader_resume. */
void aqi_header_tell(const struct aqi_headers *headers,
		     struct aqi_reader_position *place);
enum aqi_status aqi_header_resume(struct aqi_headers *headers,
				  const struct aqi_reader_position *place,
				  struct aqi_error *err) AQI_MUST_CHECK;

void aqi_header_free(struct aqi_headers *headers);

#endif
