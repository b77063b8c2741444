#include "record/reader.h"

#include <stdlib.h>

#include "record/check.h"
#include "record/csv_rows.h"
#include "record/header.h"
#include "record/ndjson_rows.h"

/* A record takes space for all columns, however short it is: of a chunk with
 * thousands of columns and records of a byte, a batch takes a part. With more
 * values, chunks of few columns are never parted; 2^19 of them are 4 MiB, and
 * 8 MiB more where they are apart. */
#define BATCH_VALUES ((size_t)1 << 19)

struct aqi_reader {
	struct aqi_source *source;
	const struct aqi_format *format;
	struct aqi_headers headers;
	/* What the source has read behind records that go first: they came
	 * before the one that names the columns. */
	struct aqi_chunk rest;
	bool has_rest;
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
	aqi_chunk_free(&reader->rest);
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
	if (reader->has_rest)
		return false;
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
	size_t n_before;

	if (status != AQI_OK)
		return status;
	status = aqi_header_begin(&reader->headers, aqi_reader_syntax(reader),
				  &reading->chunk, &reading->first_record,
				  &n_before, err);
	reading->header = reader->headers.files;
	reading->layout = reader->headers.layout;
	if (status != AQI_OK || n_before == 0)
		return status;
	reader->has_rest = aqi_chunk_split(&reading->chunk, n_before,
					   &reader->rest);
	return reader->has_rest ? AQI_OK : aqi_error_memory(err);
}

static void
take_rest(struct aqi_reader *reader, struct aqi_reading *reading)
{
	const struct aqi_chunk used = reading->chunk;

	reading->chunk = reader->rest;
	reader->rest = used;
	reader->has_rest = false;
}

enum aqi_status
aqi_reader_next(struct aqi_reader *reader, struct aqi_reading *reading,
		struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;

	if (reader->has_rest)
		take_rest(reader, reading);
	else
		status = aqi_source_next(reader->source, &reading->chunk, err);
	return begin_reading(reader, status, reading, err);
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
	return arena->failed ? aqi_error_memory(err) : AQI_OK;
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

/* Is it no record at all? For those that do not begin with a value. */
static bool
is_blank(const struct aqi_reader *reader, const struct aqi_reading *reading,
	 size_t i)
{
	const struct aqi_format *format = reader->format;
	const struct aqi_chunk *chunk = &reading->chunk;
	struct aqi_slice text = aqi_chunk_record(chunk, i);

	/* Of such a one there may be the start only. */
	if (aqi_check_is_too_long(format, chunk, i))
		return false;
	if (aqi_reader_syntax(reader) == AQI_SYNTAX_NDJSON)
		return aqi_slice_trim(text).size == 0;
	if (format->drop_blank_rows)
		return is_hollow(text, aqi_format_in_delimiter(format));
	return text.size == 0 &&
	       (reading->header->n_columns > 1 || format->trailer.size);
}

/* Can it be blank? */
static inline bool
may_be_blank(struct aqi_slice text, char delimiter)
{
	return text.size == 0 || (unsigned char)*text.data <= ' ' ||
	       *text.data == delimiter;
}

/* Is there nothing to be said of a record but what its bytes say? */
static bool
is_whole(const struct aqi_reader *reader, const struct aqi_chunk *chunk,
	 size_t i)
{
	return !aqi_check_is_too_long(reader->format, chunk, i) &&
	       !(chunk->is_open && i + 1 == chunk->n_records);
}

/* Up to which record of a chunk need nobody ask? The last may be torn; where
 * one is too long, any may be. */
static size_t
whole_up_to(const struct aqi_reader *reader, const struct aqi_chunk *chunk)
{
	if (chunk->is_cut || chunk->longest > reader->format->max_record)
		return 0;
	return chunk->n_records - (chunk->is_open && chunk->n_records > 0);
}

/* A chunk on its way into a batch; one of the two has its rows. */
struct parse {
	const struct aqi_reader *reader;
	const struct aqi_reading *reading;
	struct aqi_batch *batch;
	bool is_csv;
	struct aqi_csv_rows csv;
	struct aqi_ndjson_rows ndjson;
	size_t to;		/* records from here on are not wanted */
	size_t n_whole;		/* the first ones, which are whole */
};

/* Of a record that is too long the start, however input is cut. */
static void
begin_row(const struct parse *p, size_t i, size_t row)
{
	const struct aqi_chunk *chunk = &p->reading->chunk;
	struct aqi_slice text = aqi_chunk_record(chunk, i);

	if (text.size > p->reader->format->max_record)
		text.size = p->reader->format->max_record;
	p->batch->rows[row] = text;
	p->batch->lines[row] = chunk->records[i].line;
	p->batch->refused[row] = false;
}

/* A fast lane; false: the record is for the slow one. */
static inline bool
take_row(struct parse *p, size_t i, size_t row)
{
	if (i >= p->n_whole && !is_whole(p->reader, &p->reading->chunk, i))
		return false;
	return p->is_csv ? aqi_csv_rows_take(&p->csv, row) :
			   aqi_ndjson_rows_take(&p->ndjson, row);
}

/* The slow lane, which takes or refuses. */
static enum aqi_status
parse_row(struct parse *p, size_t i, size_t row, struct aqi_error *err)
{
	struct aqi_batch *batch = p->batch;
	enum aqi_status status;

	memset(batch->extents + row * batch->n_columns, 0,
	       batch->n_columns * sizeof *batch->extents);
	status = aqi_check_bytes(p->reader->format, &p->reading->chunk, i, err);
	if (status != AQI_OK)
		return status;
	return p->is_csv ? aqi_csv_rows_parse(&p->csv, row, err) :
			   aqi_ndjson_rows_parse(&p->ndjson, row,
						 p->to - i - 1, err);
}

static enum aqi_status
parse_records(struct parse *p, size_t from, struct aqi_error *err)
{
	struct aqi_batch *batch = p->batch;
	const struct aqi_chunk *chunk = &p->reading->chunk;
	const char delimiter = aqi_format_in_delimiter(p->reader->format);
	enum aqi_status status;

	for (size_t i = from; i < p->to; i++) {
		const size_t row = batch->n_rows;

		if (may_be_blank(aqi_chunk_record(chunk, i), delimiter) &&
		    is_blank(p->reader, p->reading, i))
			continue;
		begin_row(p, i, row);
		status = take_row(p, i, row) ? AQI_OK :
			 parse_row(p, i, row, err);
		if (status == AQI_FATAL)
			return AQI_FATAL;
		batch->n_rows++;
		if (status == AQI_REJECT)
			aqi_batch_refuse_at(batch, row, err->column - 1,
					    err->code, err->reason);
	}
	return AQI_OK;
}

enum aqi_status
aqi_reader_parse(const struct aqi_reader *reader,
		 const struct aqi_reading *reading, size_t from, size_t to,
		 struct aqi_parsing *parsing, struct aqi_batch *batch,
		 struct aqi_error *err)
{
	const struct aqi_chunk *chunk = &reading->chunk;
	struct parse p = {.reader = reader, .reading = reading, .batch = batch,
			  .to = to, .n_whole = whole_up_to(reader, chunk)};

	p.is_csv = aqi_reader_syntax(reader) == AQI_SYNTAX_CSV;
	if (!parsing->csv)
		parsing->csv = aqi_csv_new(
			aqi_format_in_delimiter(reader->format));
	if (!parsing->csv)
		return aqi_error_memory(err);
	if (begin_batch(reader, reading, to - from, batch, err) != AQI_OK)
		return AQI_FATAL;
	if (p.is_csv)
		p.csv = aqi_csv_rows_begin(batch, chunk->size,
					   reading->header->n_columns,
					   parsing->csv);
	else
		p.ndjson = aqi_ndjson_rows_begin(batch,
						 chunk->data + chunk->size);
	if (parse_records(&p, from, err) != AQI_OK)
		return AQI_FATAL;
	aqi_batch_make_added(batch);
	return batch->arena.failed ? aqi_error_memory(err) : AQI_OK;
}
