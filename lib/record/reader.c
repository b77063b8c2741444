#include "record/reader.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/csv.h"
#include "record/ndjson.h"
#include "record/utf8.h"

/* A record takes space for all columns, however short it is: of a chunk with
 * thousands of columns and records of a byte, a batch takes a part. With more
 * values, chunks of few columns are never parted; 2^19 of them are 8 MiB. */
#define BATCH_VALUES ((size_t)1 << 19)

/* How the columns of one CSV file lie in the layout. */
struct aqi_file_header {
	struct aqi_file_header *next;
	size_t n_columns;	/* of the file */
	size_t *map;		/* (n_inputs,) column of the file */
	bool is_identity;
};

/* The layout of a later file that is bound by itself. */
struct other_layout {
	struct other_layout *next;
	struct aqi_layout layout;
};

struct aqi_reader {
	struct aqi_source *source;
	const struct aqi_format *format;
	struct aqi_layout first;
	struct other_layout *others;
	struct aqi_layout *layout;	/* of the file at hand: one of these */
	struct aqi_csv *csv;
	struct aqi_file_header *headers;	/* the last file's first */
	bool is_open;		/* the layout is known */
	bool lacks_names;	/* records came before the one that named it */
};

struct aqi_reader *
aqi_reader_new(const char *const *files, size_t n_files,
	       const struct aqi_format *format)
{
	struct aqi_reader *reader = calloc(1, sizeof *reader);

	if (!reader)
		return NULL;
	reader->format = format;
	reader->layout = &reader->first;
	reader->source = aqi_source_new(files, n_files, format);
	reader->csv = aqi_csv_new(aqi_format_in_delimiter(format));
	if (!reader->source || !reader->csv) {
		aqi_reader_free(reader);
		return NULL;
	}
	return reader;
}

void
aqi_reader_free(struct aqi_reader *reader)
{
	struct aqi_file_header *header;
	struct other_layout *other;

	if (!reader)
		return;
	while ((header = reader->headers)) {
		reader->headers = header->next;
		free(header->map);
		free(header);
	}
	while ((other = reader->others)) {
		reader->others = other->next;
		aqi_arena_free(&other->layout.arena);
		free(other);
	}
	aqi_arena_free(&reader->first.arena);
	aqi_csv_free(reader->csv);
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

static struct aqi_slice
record_text(const struct aqi_chunk *chunk, size_t i)
{
	return (struct aqi_slice){chunk->data + chunk->records[i].start,
				  chunk->records[i].size};
}

static bool
is_too_long(const struct aqi_reader *reader, const struct aqi_chunk *chunk,
	    size_t i)
{
	return chunk->records[i].size > reader->format->max_record ||
	       (chunk->is_cut && i + 1 == chunk->n_records);
}

/*
 * What can be wrong with the bytes of a record before it is taken apart. On
 * AQI_REJECT err->column is the byte of the record, from 1.
 */
static enum aqi_status
check_bytes(const struct aqi_reader *reader, const struct aqi_chunk *chunk,
	    size_t i, struct aqi_error *err)
{
	const char *encoding = reader->format->encoding;
	struct aqi_slice text = record_text(chunk, i);
	size_t at;

	if (is_too_long(reader, chunk, i)) {
		aqi_error_set(err, AQI_E_LENGTH, "the record is longer than "
			      "%zu bytes (--max-record); does a quote never "
			      "close?",
			      reader->format->max_record);
		aqi_error_at(err, NULL, 0, 1);
		return AQI_REJECT;
	}
	if (chunk->is_open && i + 1 == chunk->n_records &&
	    reader->format->require_newline) {
		aqi_error_set(err, AQI_E_SYNTAX, "the file ends without a "
			      "newline: this record may be torn "
			      "(--require-newline)");
		aqi_error_at(err, NULL, 0, text.size + 1);
		return AQI_REJECT;
	}
	at = aqi_utf8_check(text);
	if (at == text.size)
		return AQI_OK;
	aqi_error_set(err, AQI_E_ENCODING, "%s%s at byte %llu of the %s%s",
		      text.data[at] ? "invalid " : "a NUL",
		      text.data[at] ? encoding ? encoding : "UTF-8" : "",
		      (unsigned long long)(chunk->offset +
					   chunk->records[i].start + at),
		      chunk->is_decoded ? "text" : "file",
		      text.data[at] && !encoding ?
			      " (--encoding names another)" : "");
	aqi_error_at(err, NULL, 0, at + 1);
	return AQI_REJECT;
}

/* Turn the byte of a record, from 1 in err->column, into line and column. */
static enum aqi_status
locate(const struct aqi_chunk *chunk, size_t i, struct aqi_error *err)
{
	struct aqi_slice text = record_text(chunk, i);
	uint64_t line = chunk->records[i].line;
	size_t start = 0, at = err->column ? err->column - 1 : 0;

	for (size_t k = 0; k < at && k < text.size; k++) {
		if (text.data[k] == '\n') {
			line++;
			start = k + 1;
		}
	}
	return aqi_error_at(err, chunk->file, line, at - start + 1);
}

/* Is this column read, where columns are chosen? */
static bool
is_chosen(const struct aqi_format *format, struct aqi_slice name)
{
	for (size_t i = 0; i < format->n_columns; i++)
		if (aqi_slice_equal(format->columns[i], name))
			return true;
	return !format->columns;
}

/*
 * The first name that a header may not have: empty, or there already. Where
 * columns are chosen, it is no matter what the others are called.
 */
static size_t
bad_name(const struct aqi_format *format, const struct aqi_slice *names,
	 size_t n, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	for (size_t i = 0; i < n; i++) {
		size_t first = 0;

		if (!is_chosen(format, names[i]))
			continue;
		if (names[i].size == 0) {
			aqi_error_set(err, AQI_E_DATA, "column %zu of the "
				      "header has no name (--columns can do "
				      "without it)", i + 1);
			return i;
		}
		while (!aqi_slice_equal(names[first], names[i]))
			first++;
		if (first < i) {
			aqi_error_set(err, AQI_E_DATA, "columns %zu and %zu of "
				      "the header are both named %s (--columns "
				      "can do without them)", first + 1, i + 1,
				      aqi_error_quote(quoted, names[i]));
			return i;
		}
	}
	return n;
}

/* Does a JSON array begin here, with a value or in a line of its own? */
static bool
is_array(struct aqi_slice text)
{
	if (text.size == 0 || text.data[0] != '[')
		return false;
	text = aqi_slice_trim((struct aqi_slice){text.data + 1, text.size - 1});
	return text.size == 0 || text.data[0] == '{' || text.data[0] == '[';
}

/* The header line of a CSV file: its names, or what is wrong with it. */
static enum aqi_status
read_names(struct aqi_reader *reader, const struct aqi_chunk *chunk,
	   struct aqi_arena *arena, const struct aqi_slice **names, size_t *n,
	   struct aqi_error *err)
{
	struct aqi_slice text = record_text(chunk, 0);
	uint64_t line = chunk->records[0].line;
	size_t bad;

	if (is_array(text)) {
		aqi_error_set(err, AQI_E_DATA, "this looks like a JSON array; "
			      "a record is one JSON object a line "
			      "(jq -c '.[]')");
		return aqi_error_at(err, chunk->file, line, 1);
	}
	if (check_bytes(reader, chunk, 0, err) != AQI_OK ||
	    aqi_csv_parse(reader->csv, text, arena, names, n, err) != AQI_OK) {
		if (err->code < AQI_E_USAGE)
			return locate(chunk, 0, err);
		return AQI_FATAL;
	}
	if (*n > AQI_MAX_COLUMNS) {
		aqi_error_set(err, AQI_E_LIMIT, "%zu columns; the limit is %d",
			      *n, AQI_MAX_COLUMNS);
		return aqi_error_at(err, chunk->file, line, 0);
	}
	bad = reader->format->allow_repeated_names ?
		      *n : bad_name(reader->format, *names, *n, err);
	if (bad == *n)
		return AQI_OK;
	aqi_error_at(err, NULL, 0, 1 + aqi_csv_find(text,
			aqi_format_in_delimiter(reader->format), bad));
	return locate(chunk, 0, err);
}

static enum aqi_status
set_inputs(struct aqi_reader *reader, const struct aqi_slice *names, size_t n,
	   struct aqi_error *err)
{
	struct aqi_layout *layout = reader->layout;

	layout->inputs = aqi_arena_array(&layout->arena, n,
					 sizeof *layout->inputs);
	layout->is_number = aqi_arena_array(&layout->arena, n,
					    sizeof *layout->is_number);
	if (!layout->inputs || !layout->is_number)
		return aqi_error_memory(err);
	layout->n_inputs = layout->n_named = n;
	for (size_t i = 0; i < n; i++) {
		layout->inputs[i] = aqi_arena_copy(&layout->arena, names[i]);
		layout->is_number[i] = false;
		for (size_t k = 0; k < reader->format->n_numbers; k++)
			layout->is_number[i] |= aqi_slice_equal(
				names[i], reader->format->numbers[k]);
		if (!layout->inputs[i].data ||
		    aqi_layout_keep(layout, i, err) != AQI_OK)
			return aqi_error_memory(err);
	}
	return AQI_OK;
}

/* Where name stands among the columns of a file. */
static size_t
find_name(const struct aqi_slice *names, size_t n, struct aqi_slice name)
{
	for (size_t i = 0; i < n; i++)
		if (aqi_slice_equal(names[i], name))
			return i;
	return AQI_NO_COLUMN;
}

/* The line of a file's header; 1 where it has none. */
static uint64_t
header_line(const struct aqi_reader *reader, const struct aqi_chunk *chunk)
{
	return aqi_format_has_header_line(reader->format) &&
	       chunk->n_records ? chunk->records[0].line : 1;
}

static enum aqi_status
column_error(const struct aqi_reader *reader, const struct aqi_chunk *chunk,
	     struct aqi_slice name, const char *reason, struct aqi_error *err)
{
	aqi_error_set(err, AQI_E_USAGE, "%s", reason);
	aqi_error_name(err, name);
	return aqi_error_at(err, chunk->file, header_line(reader, chunk), 0);
}

/* The columns of a later file must all be known, unless they were chosen or
 * are not wanted. */
static enum aqi_status
check_extra(const struct aqi_reader *reader, const struct aqi_chunk *chunk,
	    const struct aqi_slice *names, size_t n, struct aqi_error *err)
{
	const struct aqi_format *format = reader->format;

	if (format->columns || (format->binds_files && format->drops_extra))
		return AQI_OK;
	for (size_t i = 0; i < n; i++)
		if (names[i].size &&
		    aqi_layout_find(&reader->first, names[i]) == AQI_NO_COLUMN)
			return column_error(reader, chunk, names[i],
				format->binds_files ?
				"the first file has no such column for "
				"--rejects or --keep all; choose the columns "
				"with --columns" :
				"the first file has no such column; choose the "
				"columns with --columns", err);
	return AQI_OK;
}

/* Bind a file's columns by name to those of the layout. */
static enum aqi_status
add_header(struct aqi_reader *reader, const struct aqi_chunk *chunk,
	   const struct aqi_slice *names, size_t n, struct aqi_error *err)
{
	const struct aqi_layout *layout = reader->layout;
	struct aqi_file_header *header = calloc(1, sizeof *header);

	if (!header)
		return aqi_error_memory(err);
	header->next = reader->headers;
	reader->headers = header;
	header->n_columns = n;
	header->map = calloc(layout->n_inputs + 1, sizeof *header->map);
	if (!header->map)
		return aqi_error_memory(err);
	header->is_identity = n == layout->n_inputs;
	for (size_t i = 0; i < layout->n_inputs; i++) {
		header->map[i] = find_name(names, n, layout->inputs[i]);
		header->is_identity &= header->map[i] == i;
		if (header->map[i] == AQI_NO_COLUMN &&
		    reader->format->columns && !reader->format->allow_absent)
			return column_error(reader, chunk, layout->inputs[i],
				"no such column, though --columns names it",
				err);
	}
	return check_extra(reader, chunk, names, n, err);
}

/* The first of each name; the others and empty ones are no columns. */
static enum aqi_status
keep_first(const struct aqi_slice **names, size_t *n, struct aqi_arena *arena,
	   struct aqi_error *err)
{
	struct aqi_slice *kept = aqi_arena_array(arena, *n, sizeof *kept);
	size_t n_kept = 0;

	if (!kept)
		return aqi_error_memory(err);
	for (size_t i = 0; i < *n; i++)
		if ((*names)[i].size &&
		    find_name(kept, n_kept, (*names)[i]) == AQI_NO_COLUMN)
			kept[n_kept++] = (*names)[i];
	*names = kept;
	*n = n_kept;
	return AQI_OK;
}

static void
init_layout(struct aqi_reader *reader, const char *file)
{
	struct aqi_layout *layout = reader->layout;

	layout->is_json = aqi_reader_syntax(reader) == AQI_SYNTAX_NDJSON;
	layout->file = file;
	layout->keeps_old = reader->format->keep_old;
	layout->allows_absent = reader->format->allow_absent;
	layout->drops_unknown = reader->format->columns != NULL;
}

/* Go on with a layout of no columns yet, for a file that is not as the last. */
static enum aqi_status
add_layout(struct aqi_reader *reader, const char *file, struct aqi_error *err)
{
	struct other_layout *other = calloc(1, sizeof *other);

	if (!other)
		return aqi_error_memory(err);
	other->next = reader->others;
	reader->others = other;
	reader->layout = &other->layout;
	init_layout(reader, file);
	return AQI_OK;
}

/*
 * The names of a CSV file are known: they are the inputs if it is the first, or
 * if each file is bound by itself and they are not those of the last one.
 */
static enum aqi_status
use_names(struct aqi_reader *reader, const struct aqi_chunk *chunk,
	  const struct aqi_slice *names, size_t n, struct aqi_arena *arena,
	  struct aqi_error *err)
{
	const struct aqi_format *format = reader->format;
	const struct aqi_layout *layout = reader->layout;
	size_t n_same = 0;

	if (format->columns) {
		names = format->columns;
		n = format->n_columns;
	} else if (format->allow_repeated_names &&
		   keep_first(&names, &n, arena, err) != AQI_OK) {
		return AQI_FATAL;
	}
	if (reader->is_open) {
		while (n_same < n && n_same < layout->n_inputs &&
		       aqi_slice_equal(names[n_same], layout->inputs[n_same]))
			n_same++;
		if (!format->binds_files ||
		    (n_same == n && n == layout->n_inputs))
			return AQI_OK;
		if (add_layout(reader, chunk->file, err) != AQI_OK)
			return AQI_FATAL;
	}
	reader->layout->line = header_line(reader, chunk);
	return set_inputs(reader, names, n, err);
}

/* A CSV file begins: by its header line, or by the names that were given. */
static enum aqi_status
begin_csv(struct aqi_reader *reader, struct aqi_reading *reading,
	  struct aqi_error *err)
{
	const struct aqi_format *format = reader->format;
	const struct aqi_slice *names =
		format->header ? format->header : format->columns;
	size_t n = format->header ? format->n_header : format->n_columns;
	struct aqi_arena arena = {0};
	enum aqi_status status = AQI_OK;

	if (aqi_format_has_header_line(format)) {
		status = read_names(reader, &reading->chunk, &arena, &names, &n,
				    err);
		reading->first_record = 1;
	}
	assert(status != AQI_OK || names || n == 0);
	if (status == AQI_OK)
		status = use_names(reader, &reading->chunk, names, n, &arena,
				   err);
	if (status == AQI_OK)
		status = add_header(reader, &reading->chunk, names, n, err);
	reader->is_open = true;
	aqi_arena_free(&arena);
	return status;
}

static enum aqi_status
use_members(struct aqi_reader *reader, const struct aqi_member *members,
	    size_t n, struct aqi_arena *arena, struct aqi_error *err)
{
	struct aqi_slice *names = aqi_arena_array(arena, n, sizeof *names);

	if (!names)
		return aqi_error_memory(err);
	if (n > AQI_MAX_COLUMNS)
		return aqi_error_set(err, AQI_E_LIMIT,
				     "%zu keys; the limit is %d", n,
				     AQI_MAX_COLUMNS);
	for (size_t i = 0; i < n; i++) {
		names[i] = members[i].key;
		if (names[i].size == 0 &&
		    reader->format->out == AQI_SYNTAX_CSV)
			return aqi_error_set(err, AQI_E_DATA, "a key is empty, "
				"and CSV needs a name for each column; choose "
				"them with --columns");
	}
	return set_inputs(reader, names, n, err);
}

/* The keys of the first record that can be read are the columns. */
static enum aqi_status
begin_ndjson(struct aqi_reader *reader, const struct aqi_chunk *chunk,
	     struct aqi_error *err)
{
	struct aqi_arena arena = {0};
	struct aqi_member *members;
	size_t n;
	enum aqi_status status = AQI_REJECT;

	if (reader->format->columns) {
		reader->is_open = true;
		return set_inputs(reader, reader->format->columns,
				  reader->format->n_columns, err);
	}
	for (size_t i = 0; status == AQI_REJECT && i < chunk->n_records; i++) {
		if (aqi_slice_trim(record_text(chunk, i)).size == 0)
			continue;
		status = check_bytes(reader, chunk, i, err);
		if (status == AQI_OK)
			status = aqi_ndjson_parse(record_text(chunk, i), &arena,
						  &members, &n, err);
		reader->lacks_names |= status == AQI_REJECT;
		if (status == AQI_OK) {
			reader->is_open = true;
			status = use_members(reader, members, n, &arena, err);
		}
		if (status == AQI_FATAL)
			aqi_error_at(err, chunk->file, chunk->records[i].line,
				     0);
	}
	aqi_arena_free(&arena);
	return status == AQI_FATAL ? AQI_FATAL : AQI_OK;
}

static enum aqi_status
begin_layout(struct aqi_reader *reader, struct aqi_reading *reading,
	     struct aqi_error *err)
{
	if (reader->format->no_header && !reader->format->columns &&
	    !reader->format->header)
		return aqi_error_set(err, AQI_E_USAGE,
			"--no-header needs the names: --columns NAME,...");
	init_layout(reader, reading->chunk.file);
	if (reader->layout->is_json)
		return begin_ndjson(reader, &reading->chunk, err);
	return begin_csv(reader, reading, err);
}

bool
aqi_reader_tell(const struct aqi_reader *reader,
		const struct aqi_reading *reading,
		struct aqi_reader_position *place)
{
	const struct aqi_file_header *header = reader->headers;

	*place = (struct aqi_reader_position){
		.syntax = aqi_reader_syntax(reader),
		.lacks_names = reader->lacks_names,
		.is_open = reader->is_open,
		.names = reader->first.inputs,
		.n_names = reader->first.n_named,
		.n_columns = header ? header->n_columns : 0,
		.map = header ? header->map : NULL,
	};
	if (reader->layout != &reader->first) {
		place->own_names = reader->layout->inputs;
		place->n_own_names = reader->layout->n_named;
	}
	return aqi_source_tell(reader->source, &reading->chunk,
			       &place->source);
}

/* The file's columns as they were bound when it was opened. */
static enum aqi_status
resume_header(struct aqi_reader *reader,
	      const struct aqi_reader_position *place, struct aqi_error *err)
{
	struct aqi_file_header *header = calloc(1, sizeof *header);
	size_t n = reader->layout->n_inputs;

	if (!header)
		return aqi_error_memory(err);
	reader->headers = header;
	header->map = calloc(n + 1, sizeof *header->map);
	if (!header->map)
		return aqi_error_memory(err);
	header->n_columns = place->n_columns;
	header->is_identity = place->n_columns == n;
	for (size_t i = 0; i < n; i++) {
		header->map[i] = place->map[i];
		header->is_identity &= place->map[i] == i;
	}
	return AQI_OK;
}

enum aqi_status
aqi_reader_resume(struct aqi_reader *reader,
		  const struct aqi_reader_position *place,
		  struct aqi_error *err)
{
	aqi_source_resume(reader->source, &place->source, place->syntax);
	reader->lacks_names = place->lacks_names;
	reader->is_open = place->is_open;
	if (!place->is_open)
		return AQI_OK;
	init_layout(reader, NULL);
	if (set_inputs(reader, place->names, place->n_names, err) != AQI_OK)
		return AQI_FATAL;
	if (place->n_own_names > 0 &&
	    (add_layout(reader, NULL, err) != AQI_OK ||
	     set_inputs(reader, place->own_names, place->n_own_names, err) !=
		     AQI_OK))
		return AQI_FATAL;
	return place->n_columns ? resume_header(reader, place, err) : AQI_OK;
}

size_t
aqi_reader_part(const struct aqi_reading *reading, size_t from)
{
	size_t most = BATCH_VALUES / (reading->layout->n_inputs + 1) + 1;
	size_t left = reading->chunk.n_records - from;

	return from + (left < most ? left : most);
}

enum aqi_status
aqi_reader_next(struct aqi_reader *reader, struct aqi_reading *reading,
		struct aqi_error *err)
{
	enum aqi_status status = aqi_source_next(reader->source,
						 &reading->chunk, err);

	reading->first_record = 0;
	if (status != AQI_OK)
		return status;
	if (!reader->is_open)
		status = begin_layout(reader, reading, err);
	else if (reading->chunk.opens_file && !reader->layout->is_json)
		status = begin_csv(reader, reading, err);
	reading->header = reader->headers;
	reading->layout = reader->layout;
	return status;
}

bool
aqi_reader_lacks_names(const struct aqi_reader *reader)
{
	return reader->lacks_names;
}

struct aqi_layout *
aqi_reader_layout(struct aqi_reader *reader)
{
	return reader->is_open ? reader->layout : NULL;
}

struct aqi_layout *
aqi_reader_first_layout(struct aqi_reader *reader)
{
	return reader->is_open ? &reader->first : NULL;
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
	batch->map = reading->header && !reading->header->is_identity ?
			     reading->header->map : NULL;
	batch->refusals = batch->last_refusal = batch->new_refusal = NULL;
	batch->n_unpredicted = 0;
	batch->blanked = NULL;
	batch->rows = aqi_arena_array(arena, n, sizeof *batch->rows);
	batch->lines = aqi_arena_array(arena, n, sizeof *batch->lines);
	batch->refused = aqi_arena_array(arena, n, sizeof *batch->refused);
	batch->members = aqi_arena_array(arena, layout->is_json ? n : 0,
					 sizeof *batch->members);
	batch->ends = aqi_arena_array(arena, n, sizeof *batch->ends);
	batch->reject_ends = aqi_arena_array(arena, n,
					     sizeof *batch->reject_ends);
	/* Blank lines count as rows here, which costs memory only. */
	batch->fields = aqi_arena_array(arena, n * layout->n_inputs,
					sizeof *batch->fields);
	batch->added = aqi_arena_array(arena, n * layout->n_added,
				       sizeof *batch->added);
	if (arena->failed)
		return aqi_error_memory(err);
	if (n && layout->n_inputs)
		memset(batch->fields, 0,
		       n * layout->n_inputs * sizeof *batch->fields);
	return AQI_OK;
}

/* Take a CSV record into the fields of a row. */
static enum aqi_status
parse_csv(const struct aqi_reading *reading, struct aqi_parsing *parsing,
	  struct aqi_batch *batch, size_t row, struct aqi_error *err)
{
	struct aqi_field *fields = batch->fields + row * batch->n_columns;
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
	for (size_t i = 0; i < batch->n_columns; i++) {
		size_t at = batch->map ? batch->map[i] : i;

		if (at != AQI_NO_COLUMN)
			fields[i] = (struct aqi_field){cells[at].data,
				(uint32_t)cells[at].size, AQI_TEXT};
	}
	return AQI_OK;
}

/* A key that the first record did not have goes nowhere in CSV, nor where each
 * input has a meaning of its own. */
static enum aqi_status
unknown_key(const struct aqi_batch *batch, const struct aqi_member *member,
	    bool is_input, struct aqi_error *err)
{
	const struct aqi_layout *layout = batch->layout;
	char quoted[AQI_QUOTED_SIZE];

	if (layout->refuses_unknown && !is_input) {
		aqi_error_set(err, AQI_E_UNKNOWN, "the key %s is not in the "
			      "first record; choose the keys with --columns",
			      aqi_error_quote(quoted, member->key));
		return AQI_REJECT;
	}
	if (batch->format->out != AQI_SYNTAX_CSV || layout->drops_unknown)
		return AQI_OK;
	aqi_error_set(err, AQI_E_UNKNOWN, "the key %s is not in the first "
		      "record; choose the columns of CSV with --columns",
		      aqi_error_quote(quoted, member->key));
	return AQI_REJECT;
}

/* A member of an object that the record has; a text alone or an array has
 * none. */
static enum aqi_status
reach(struct aqi_batch *batch, struct aqi_field *fields,
      const struct aqi_nested *nested, struct aqi_error *err)
{
	struct aqi_member *members;
	struct aqi_error why;
	size_t n;

	if (fields[nested->parent].kind != AQI_NESTED)
		return AQI_OK;
	if (aqi_ndjson_parse(aqi_field_text(fields[nested->parent]),
			     &batch->arena, &members, &n, &why) != AQI_OK)
		return why.code == AQI_E_MEMORY ? aqi_error_memory(err) :
						  AQI_OK;
	for (size_t i = 0; i < n; i++)
		if (aqi_slice_equal(members[i].key, nested->key))
			fields[nested->input] = members[i].value;
	return AQI_OK;
}

static enum aqi_status
parse_ndjson(struct aqi_batch *batch, size_t row, struct aqi_error *err)
{
	struct aqi_field *fields = batch->fields + row * batch->n_columns;
	const struct aqi_layout *layout = batch->layout;
	struct aqi_member *members;
	size_t n = 0, at;
	enum aqi_status status = aqi_ndjson_parse(batch->rows[row],
						  &batch->arena, &members, &n,
						  err);

	if (status == AQI_OK)
		batch->members[row] = (struct aqi_members){members, n};
	for (size_t i = 0; status == AQI_OK && i < n; i++) {
		/* Mostly the keys come as in the first record. */
		at = i;
		if (at >= layout->n_inputs ||
		    !aqi_slice_equal(layout->inputs[at], members[i].key))
			at = aqi_layout_find(layout, members[i].key);
		if (at != AQI_NO_COLUMN)
			fields[at] = members[i].value;
		/* One that is expected is read, but may have no column. */
		if (at < layout->n_named ||
		    aqi_layout_has_output(layout, members[i].key))
			continue;
		status = unknown_key(batch, &members[i],
				     at != AQI_NO_COLUMN, err);
		aqi_error_at(err, NULL, 0, 1 + (size_t)(
			     members[i].raw_key.data - batch->rows[row].data));
	}
	for (size_t i = 0; i < layout->n_nested; i++)
		if (reach(batch, fields, &layout->nested[i], err) != AQI_OK)
			return AQI_FATAL;
	return status;
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
	struct aqi_slice text = record_text(&reading->chunk, i);

	if (aqi_reader_syntax(reader) == AQI_SYNTAX_NDJSON)
		return aqi_slice_trim(text).size == 0;
	if (format->drop_blank_rows && !is_too_long(reader, &reading->chunk, i))
		return is_hollow(text, aqi_format_in_delimiter(format));
	return text.size == 0 &&
	       (reading->header->n_columns > 1 || format->trailer.size);
}

enum aqi_status
aqi_reader_parse(const struct aqi_reader *reader,
		 const struct aqi_reading *reading, size_t from, size_t to,
		 struct aqi_parsing *parsing, struct aqi_batch *batch,
		 struct aqi_error *err)
{
	const struct aqi_chunk *chunk = &reading->chunk;
	bool is_csv = aqi_reader_syntax(reader) == AQI_SYNTAX_CSV;
	enum aqi_status status;

	if (!parsing->csv)
		parsing->csv = aqi_csv_new(
			aqi_format_in_delimiter(reader->format));
	if (!parsing->csv)
		return aqi_error_memory(err);
	if (begin_batch(reader, reading, to - from, batch, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = from; i < to; i++) {
		struct aqi_slice text = record_text(chunk, i);
		size_t row = batch->n_rows;

		if (is_blank(reader, reading, i))
			continue;
		/* Of one that is too long the start, however input is cut. */
		if (text.size > reader->format->max_record)
			text.size = reader->format->max_record;
		batch->rows[row] = text;
		batch->lines[row] = chunk->records[i].line;
		batch->refused[row] = false;
		status = check_bytes(reader, chunk, i, err);
		if (status == AQI_OK)
			status = is_csv ? parse_csv(reading, parsing, batch,
						    row, err) :
					  parse_ndjson(batch, row, err);
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
