/*
 * csv.h: one CSV record at a time, by the grammar of libcsv in strict mode.
 *
 * RFC 4180: a field may stand in quotes, a quote inside is doubled, delimiters
 * and line ends inside quotes are data. Blanks are data. A quote inside a bare
 * field, text behind a closing quote and a quote that never closes are errors.
 * A record ends at LF or CRLF outside quotes; a CR alone there is an error.
 */
#ifndef AQI_RECORD_CSV_H
#define AQI_RECORD_CSV_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_csv;

/* A parser, one thread each; NULL without memory. */
struct aqi_csv *aqi_csv_new(char delimiter);
void aqi_csv_free(struct aqi_csv *csv);

/*
 * Take a record apart, without its line end. *fields, out, is (*n,), borrowed
 * from the parser until the next call; the texts are borrowed from arena. An
 * empty record is one empty field.
 *
 * AQI_REJECT: the record breaks the grammar; err has code AQI_E_SYNTAX, the
 * reason, and in `column` the byte of the record (from 1, across lines). The
 * record is over, nothing of it is reported. AQI_FATAL: memory.
 */
enum aqi_status aqi_csv_parse(struct aqi_csv *csv, struct aqi_slice record,
			      struct aqi_arena *arena,
			      const struct aqi_slice **fields, size_t *n,
			      struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Where records end, without taking them apart: the state of a scanner that
 * has seen a part of a record. A field with an error in it goes on as a bare
 * one, so that a broken record mostly ends at its own line end. Zero: at the
 * start of a record.
 */
enum aqi_csv_state {
	AQI_CSV_FIELD_START,
	AQI_CSV_BARE,
	AQI_CSV_QUOTED,
	AQI_CSV_QUOTE_SEEN	/* inside quotes: the end, or half of "" */
};

/*
 * The offset behind the LF that ends the record, or size when it does not end
 * here; *ended, out, tells. *lines is increased by each LF that is passed.
 */
size_t aqi_csv_scan(enum aqi_csv_state *state, const char *data, size_t size,
		    char delimiter, uint64_t *lines, bool *ended);

/* The byte where field i (from 0) of a valid record begins. */
size_t aqi_csv_find(struct aqi_slice record, char delimiter, size_t i);

/*
 * The bytes of each field of a valid record as they stand, quotes included;
 * spans is (n,). Returns the count of fields, which may exceed n.
 */
size_t aqi_csv_spans(struct aqi_slice record, char delimiter,
		     struct aqi_slice *spans, size_t n);

/* Does a JSON array begin here, with a value or in a line of its own? */
bool aqi_csv_is_array(struct aqi_slice text);

/* Write a field, in quotes where it needs them: there, and where a file that
 * starts with it would be taken for JSON or begin with a mark. */
void aqi_csv_add(struct aqi_buffer *out, struct aqi_slice field,
		 char delimiter);

#endif
