#include "record/reader.h"

#include <stdlib.h>

#include "record/check.h"
#include "record/csv.h"
#include "record/csv_plain.h"
#include "record/header.h"
#include "record/ndjson_rows.h"
#include "record/utf8.h"

/* A record takes space for all columns, however short it is: of a chunk with
 * thousands of columns and records of a byte, a batch takes a part. With more
 * values, chunks of few columns are never parted; 2^19 of them are 4 MiB, and
 * 8 MiB more where they are apart. */
#define BATCH_VALUES ((size_t)1 << 19)

struct aqi_reader {
	struct aqi_source *source;
	const struct aqi_format *format;
	struct aqi_headers headers;
};

struct aqi_reader *
aqi_reader_new(const char *const *files, size_t n_files,
	       const struct aqi_format *format)
{
	struct aqi_reader *reader = calloc(1, sizeof *reader);

	if (!reader)
		return NULL;
	reader->format = format;
	reader->source = aqi_source_new(files, n_files, format);
	if (aqi_header_init(&reader->headers, format) != AQI_OK ||
	    !reader->source) {
		aqi_reader_free(reader);
		return NULL;
	}
	return reader;
}

void
aqi_reader_free(struct aqi_reader *reader)
{
	if (!reader)
		return;
	aqi_header_free(&reader->headers);
	aqi_source_free(reader->source);
	free(reader);
}

void
aqi_reading_free(struct aqi_reading *reading)
{
	aqi_chunk_free(&reading->chunk);
}

void
aqi_parsing_free(struct aqi_parsing *parsing)
{
	aqi_csv_free(parsing->csv);
	*parsing = (struct aqi_parsing){0};
}

enum aqi_syntax
aqi_reader_syntax(const struct aqi_reader *reader)
{
	return aqi_source_syntax(reader->source);
}

uint64_t
aqi_reader_progress(const struct aqi_reader *reader, uint64_t *total)
{
	return aqi_source_progress(reader->source, total);
}

bool
aqi_reader_tell(const struct aqi_reader *reader,
		const struct aqi_reading *reading,
		struct aqi_reader_position *place)
{
	*place = (struct aqi_reader_position){
		.syntax = aqi_reader_syntax(reader),
	};
	aqi_header_tell(&reader->headers, place);
	return aqi_source_tell(reader->source, &reading->chunk,
			       &place->source);
}

enum aqi_status
aqi_reader_resume(struct aqi_reader *reader,
		  const struct aqi_reader_position *place,
		  struct aqi_error *err)
{
	aqi_source_resume(reader->source, &place->source, place->syntax);
	return aqi_header_resume(&reader->headers, place, err);
}

size_t
aqi_reader_part(const struct aqi_reading *reading, size_t from)
{
	size_t most = BATCH_VALUES / (reading->layout->n_inputs + 1) + 1;
	size_t left = reading->chunk.n_records - from;

	return from + (left < most ? left : most);
}

/* Take the names that a chunk has, if there is one. */
static enum aqi_status
begin_reading(struct aqi_reader *reader, enum aqi_status status,
	      struct aqi_reading *reading, struct aqi_error *err)
{
	if (status != AQI_OK)
		return status;
	status = aqi_header_begin(&reader->headers, aqi_reader_syntax(reader),
				  &reading->chunk, &reading->first_record, err);
	reading->header = reader->headers.files;
	reading->layout = reader->headers.layout;
	return status;
}

enum aqi_status
aqi_reader_next(struct aqi_reader *reader, struct aqi_reading *reading,
		struct aqi_error *err)
{
	return begin_reading(reader, aqi_source_next(reader->source,
						     &reading->chunk, err),
			     reading, err);
}

enum aqi_status
aqi_reader_try(struct aqi_reader *reader, struct aqi_reading *reading,
	       struct aqi_error *err)
{
	return begin_reading(reader, aqi_source_try(reader->source,
						    &reading->chunk, err),
			     reading, err);
}

bool
aqi_reader_lacks_names(const struct aqi_reader *reader)
{
	return reader->headers.lacks_names;
}

struct aqi_layout *
aqi_reader_layout(struct aqi_reader *reader)
{
	return reader->headers.is_open ? reader->headers.layout : NULL;
}

struct aqi_layout *
aqi_reader_first_layout(struct aqi_reader *reader)
{
	return reader->headers.is_open ? &reader->headers.first : NULL;
}

static enum aqi_status
begin_batch(const struct aqi_reader *reader, const struct aqi_reading *reading,
	    size_t n, struct aqi_batch *batch, struct aqi_error *err)
{
	const struct aqi_layout *layout = reading->layout;
	struct aqi_arena *arena = &batch->arena;

	aqi_arena_clear(arena);
	aqi_buffer_clear(&batch->text);
	aqi_buffer_clear(&batch->rejects);
	batch->format = reader->format;
	batch->syntax = aqi_reader_syntax(reader);
	batch->layout = layout;
	batch->file = reading->chunk.file;
	batch->n_rows = 0;
	batch->n_columns = layout->n_inputs;
	batch->base = reading->chunk.data;
	batch->map = reading->header && !reading->header->is_identity ?
			     reading->header->map : NULL;
	batch->refusals = batch->last_refusal = batch->new_refusal = NULL;
	batch->n_unpredicted = 0;
	batch->blanked = NULL;
	batch->rows = aqi_arena_array(arena, n, sizeof *batch->rows);
	batch->lines = aqi_arena_array(arena, n, sizeof *batch->lines);
	batch->refused = aqi_arena_array(arena, n, sizeof *batch->refused);
	batch->members = !layout->is_json ? NULL :
			 aqi_arena_array(arena, n, sizeof *batch->members);
	batch->ends = aqi_arena_array(arena, n, sizeof *batch->ends);
	batch->reject_ends = aqi_arena_array(arena, n,
					     sizeof *batch->reject_ends);
	/* Blank lines count as rows here, which costs memory only. */
	batch->extents = aqi_arena_array(arena, n * layout->n_inputs,
					 sizeof *batch->extents);
	batch->apart = aqi_arena_array(arena, n, sizeof *batch->apart);
	batch->added = aqi_arena_array(arena, n * layout->n_added,
				       sizeof *batch->added);
	return arena->failed ? aqi_error_memory(err) : AQI_OK;
}

/* Take a CSV record into the fields of a row. */
static enum aqi_status
parse_csv(const struct aqi_reading *reading, struct aqi_parsing *parsing,
	  struct aqi_batch *batch, size_t row, struct aqi_error *err)
{
	struct aqi_field *fields;
	const struct aqi_slice *cells;
	size_t n, wanted = reading->header->n_columns;
	enum aqi_status status = aqi_csv_parse(parsing->csv, batch->rows[row],
					       &batch->arena, &cells, &n, err);

	if (status != AQI_OK)
		return status;
	if (n != wanted) {
		aqi_error_set(err, AQI_E_WIDTH, "%zu field%s where the header "
			      "has %zu", n, n == 1 ? "" : "s", wanted);
		/* At the first field too many, or where one is lacking. */
		aqi_error_at(err, NULL, 0, 1 + (n > wanted ?
			     aqi_csv_find(batch->rows[row],
				aqi_format_in_delimiter(batch->format),
				wanted) :
			     batch->rows[row].size));
		return AQI_REJECT;
	}
	fields = aqi_batch_set_apart(batch, row);
	if (!fields)
		return aqi_error_memory(err);
	for (size_t i = 0; i < batch->n_columns; i++) {
		size_t at = batch->map ? batch->map[i] : i;

		if (at != AQI_NO_COLUMN)
			fields[i] = (struct aqi_field){cells[at].data,
				(uint32_t)cells[at].size, AQI_TEXT};
	}
	return AQI_OK;
}

/* Nothing but delimiters and blanks? */
static bool
is_hollow(struct aqi_slice text, char delimiter)
{
	size_t i = 0;

	while (i < text.size && (text.data[i] == delimiter ||
				 text.data[i] == ' ' || text.data[i] == '\t'))
		i++;
	return i == text.size;
}

/* Is it no record at all? */
static bool
is_blank(const struct aqi_reader *reader, const struct aqi_reading *reading,
	 size_t i)
{
	const struct aqi_format *format = reader->format;
	const struct aqi_chunk *chunk = &reading->chunk;
	struct aqi_slice text = aqi_chunk_record(chunk, i);

	if (aqi_reader_syntax(reader) == AQI_SYNTAX_NDJSON)
		return aqi_slice_trim(text).size == 0;
	if (format->drop_blank_rows && !aqi_check_is_too_long(format, chunk, i))
		return is_hollow(text, aqi_format_in_delimiter(format));
	return text.size == 0 &&
	       (reading->header->n_columns > 1 || format->trailer.size);
}

/*
 * The fast lane of a chunk: records that are mostly as plain as can be, cut
 * many bytes at a time, whose values are bytes of the chunk.
 */
struct plain {
	aqi_csv_cut_fn *cut;	/* NULL: none of the chunk goes this way */
	struct aqi_csv_plain of;
	size_t end;		/* records from here on are none */
	size_t most;		/* bytes of a record */
	struct aqi_extent *cells;	/* those of a record, where the inputs
					 * are others; NULL: they are them */
	bool has_quotes;	/* the last record: mostly, so has the next */
};

static enum aqi_status
begin_plain(const struct aqi_reader *reader, const struct aqi_reading *reading,
	    struct aqi_batch *batch, struct plain *plain, struct aqi_error *err)
{
	const struct aqi_format *format = reader->format;
	const struct aqi_chunk *chunk = &reading->chunk;
	const size_t n = reading->header ? reading->header->n_columns : 0;

	*plain = (struct plain){
		.of = {
			.base = chunk->data, .size = chunk->size,
			.delimiter = aqi_format_in_delimiter(format),
			.n_fields = n,
		},
		.end = chunk->n_records,
		.most = format->max_record < AQI_EXTENT_SIZE_LIMIT ?
			format->max_record : AQI_EXTENT_SIZE_LIMIT - 1,
	};
	if (n == 0 || chunk->size > UINT32_MAX ||
	    aqi_reader_syntax(reader) != AQI_SYNTAX_CSV)
		return AQI_OK;
	/* One that may be torn, or is longer than what is here. */
	if (plain->end > 0 && (chunk->is_open || chunk->is_cut))
		plain->end--;
	if (batch->map || n != batch->n_columns) {
		plain->cells = aqi_arena_array(&batch->arena, n,
					       sizeof *plain->cells);
		if (!plain->cells)
			return aqi_error_memory(err);
	}
	plain->cut = aqi_csv_cutter();
	return AQI_OK;
}

/* The lane of quotes takes most of what the other does, only slower. */
static enum aqi_csv_cut
cut_record(struct plain *plain, size_t start, size_t size,
	   struct aqi_extent *cells)
{
	enum aqi_csv_cut cut = AQI_CUT_NOT;

	if (!plain->has_quotes)
		cut = plain->cut(&plain->of, start, size, cells);
	if (cut != AQI_CUT_NOT)
		return cut;
	cut = aqi_csv_cut_quoted(&plain->of, start, size, cells);
	if (cut == AQI_CUT_NOT && plain->has_quotes)
		cut = plain->cut(&plain->of, start, size, cells);
	plain->has_quotes = memchr(plain->of.base + start, '"', size) != NULL;
	return cut;
}

/* Take a record into a row; false: it is for the slow lane. */
static bool
take_plain(struct plain *plain, const struct aqi_chunk *chunk, size_t i,
	   struct aqi_batch *batch, size_t row)
{
	const struct aqi_slice text = aqi_chunk_record(chunk, i);
	struct aqi_extent *extents = batch->extents + row * batch->n_columns;
	struct aqi_extent *cells;
	enum aqi_csv_cut cut;

	if (!plain->cut || i >= plain->end || text.size == 0 ||
	    text.size > plain->most)
		return false;
	cells = plain->cells ? plain->cells : extents;
	cut = cut_record(plain, chunk->records[i].start, text.size, cells);
	if (cut == AQI_CUT_NOT ||
	    (cut == AQI_CUT_BYTES && aqi_utf8_check(text) < text.size) ||
	    (batch->format->drop_blank_rows &&
	     is_hollow(text, plain->of.delimiter)))
		return false;
	for (size_t k = 0; plain->cells && k < batch->n_columns; k++) {
		const size_t at = batch->map ? batch->map[k] : k;

		extents[k] = at == AQI_NO_COLUMN ? (struct aqi_extent){0} :
						   plain->cells[at];
	}
	batch->rows[row] = text;
	batch->lines[row] = chunk->records[i].line;
	batch->refused[row] = false;
	batch->n_rows++;
	return true;
}

/* Is there nothing to be said of a record but what its bytes say? */
static bool
is_whole(const struct aqi_reader *reader, const struct aqi_chunk *chunk,
	 size_t i)
{
	return !aqi_check_is_too_long(reader->format, chunk, i) &&
	       !(chunk->is_open && i + 1 == chunk->n_records);
}

enum aqi_status
aqi_reader_parse(const struct aqi_reader *reader,
		 const struct aqi_reading *reading, size_t from, size_t to,
		 struct aqi_parsing *parsing, struct aqi_batch *batch,
		 struct aqi_error *err)
{
	const struct aqi_chunk *chunk = &reading->chunk;
	bool is_csv = aqi_reader_syntax(reader) == AQI_SYNTAX_CSV;
	struct aqi_ndjson_rows rows;
	enum aqi_status status;
	struct plain plain;

	if (!parsing->csv)
		parsing->csv = aqi_csv_new(
			aqi_format_in_delimiter(reader->format));
	if (!parsing->csv)
		return aqi_error_memory(err);
	if (begin_batch(reader, reading, to - from, batch, err) != AQI_OK ||
	    begin_plain(reader, reading, batch, &plain, err) != AQI_OK)
		return AQI_FATAL;
	rows = aqi_ndjson_rows_begin(batch, chunk->data + chunk->size);
	for (size_t i = from; i < to; i++) {
		struct aqi_slice text = aqi_chunk_record(chunk, i);
		size_t row = batch->n_rows;

		if (take_plain(&plain, chunk, i, batch, row) ||
		    is_blank(reader, reading, i))
			continue;
		/* Of one that is too long the start, however input is cut. */
		if (text.size > reader->format->max_record)
			text.size = reader->format->max_record;
		batch->rows[row] = text;
		batch->lines[row] = chunk->records[i].line;
		batch->refused[row] = false;
		if (!is_csv && is_whole(reader, chunk, i) &&
		    aqi_ndjson_rows_take(&rows, row)) {
			batch->n_rows++;
			continue;
		}
		memset(batch->extents + row * batch->n_columns, 0,
		       batch->n_columns * sizeof *batch->extents);
		status = aqi_check_bytes(reader->format, chunk, i, err);
		if (status == AQI_OK)
			status = is_csv ? parse_csv(reading, parsing, batch,
						    row, err) :
					  aqi_ndjson_rows_parse(&rows, row,
						to - i - 1, err);
		if (status == AQI_FATAL)
			return AQI_FATAL;
		batch->n_rows++;
		if (status == AQI_REJECT)
			aqi_batch_refuse_at(batch, row, err->column - 1,
					    err->code, err->reason);
	}
	if (batch->n_rows && batch->layout->n_added)
		memset(batch->added, 0, batch->n_rows * batch->layout->n_added *
					sizeof *batch->added);
	if (batch->arena.failed)
		return aqi_error_memory(err);
	return AQI_OK;
}
