#include "record/header.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/check.h"
#include "record/csv.h"
#include "record/ndjson.h"
#include "record/reader.h"

/* The layout of a later file that is bound by itself. */
struct aqi_other_layout {
	struct aqi_other_layout *next;
	struct aqi_layout layout;
};

enum aqi_status
aqi_header_init(struct aqi_headers *headers, const struct aqi_format *format)
{
	headers->format = format;
	headers->layout = &headers->first;
	headers->csv = aqi_csv_new(aqi_format_in_delimiter(format));
	return headers->csv ? AQI_OK : AQI_FATAL;
}

void
aqi_header_free(struct aqi_headers *headers)
{
	struct aqi_other_layout *other;
	struct aqi_file_header *file;

	while ((file = headers->files)) {
		headers->files = file->next;
		free(file->map);
		free(file);
	}
	while ((other = headers->others)) {
		headers->others = other->next;
		aqi_arena_free(&other->layout.arena);
		free(other);
	}
	aqi_arena_free(&headers->first.arena);
	aqi_csv_free(headers->csv);
}

/* Turn the byte of a record, from 1 in err->column, into line and column. */
static enum aqi_status
locate(const struct aqi_chunk *chunk, size_t i, struct aqi_error *err)
{
	struct aqi_slice text = aqi_chunk_record(chunk, i);
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

/* The header line of a CSV file: its names, or what is wrong with it. */
static enum aqi_status
read_names(struct aqi_headers *headers, const struct aqi_chunk *chunk,
	   struct aqi_arena *arena, const struct aqi_slice **names, size_t *n,
	   struct aqi_error *err)
{
	struct aqi_slice text = aqi_chunk_record(chunk, 0);
	uint64_t line = chunk->records[0].line;
	size_t bad;

	if (aqi_csv_is_array(text)) {
		aqi_error_set(err, AQI_E_DATA, "this looks like a JSON array; "
			      "a record is one JSON object a line "
			      "(jq -c '.[]')");
		return aqi_error_at(err, chunk->file, line, 1);
	}
	if (aqi_check_bytes(headers->format, chunk, 0, err) != AQI_OK ||
	    aqi_csv_parse(headers->csv, text, arena, names, n, err) != AQI_OK) {
		if (err->code < AQI_E_USAGE)
			return locate(chunk, 0, err);
		return AQI_FATAL;
	}
	if (*n > AQI_MAX_COLUMNS) {
		aqi_error_set(err, AQI_E_LIMIT, "%zu columns; the limit is %d",
			      *n, AQI_MAX_COLUMNS);
		return aqi_error_at(err, chunk->file, line, 0);
	}
	bad = headers->format->allow_repeated_names ?
		      *n : bad_name(headers->format, *names, *n, err);
	if (bad == *n)
		return AQI_OK;
	aqi_error_at(err, NULL, 0, 1 + aqi_csv_find(text,
			aqi_format_in_delimiter(headers->format), bad));
	return locate(chunk, 0, err);
}

static enum aqi_status
set_inputs(struct aqi_headers *headers, const struct aqi_slice *names, size_t n,
	   struct aqi_error *err)
{
	struct aqi_layout *layout = headers->layout;

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
		for (size_t k = 0; k < headers->format->n_numbers; k++)
			layout->is_number[i] |= aqi_slice_equal(
				names[i], headers->format->numbers[k]);
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
header_line(const struct aqi_headers *headers, const struct aqi_chunk *chunk)
{
	return aqi_format_has_header_line(headers->format) &&
	       chunk->n_records ? chunk->records[0].line : 1;
}

static enum aqi_status
column_error(const struct aqi_headers *headers, const struct aqi_chunk *chunk,
	     struct aqi_slice name, const char *reason, struct aqi_error *err)
{
	aqi_error_set(err, AQI_E_USAGE, "%s", reason);
	aqi_error_name(err, name);
	return aqi_error_at(err, chunk->file, header_line(headers, chunk), 0);
}

/* The columns of a later file must all be known, unless they were chosen or
 * are not wanted. */
static enum aqi_status
check_extra(const struct aqi_headers *headers, const struct aqi_chunk *chunk,
	    const struct aqi_slice *names, size_t n, struct aqi_error *err)
{
	const struct aqi_format *format = headers->format;

	if (format->columns || (format->binds_files && format->drops_extra))
		return AQI_OK;
	for (size_t i = 0; i < n; i++)
		if (names[i].size &&
		    aqi_layout_find(&headers->first, names[i]) == AQI_NO_COLUMN)
			return column_error(headers, chunk, names[i],
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
add_header(struct aqi_headers *headers, const struct aqi_chunk *chunk,
	   const struct aqi_slice *names, size_t n, struct aqi_error *err)
{
	const struct aqi_layout *layout = headers->layout;
	struct aqi_file_header *header = calloc(1, sizeof *header);

	if (!header)
		return aqi_error_memory(err);
	header->next = headers->files;
	headers->files = header;
	header->n_columns = n;
	header->map = calloc(layout->n_inputs + 1, sizeof *header->map);
	if (!header->map)
		return aqi_error_memory(err);
	header->is_identity = n == layout->n_inputs;
	for (size_t i = 0; i < layout->n_inputs; i++) {
		header->map[i] = find_name(names, n, layout->inputs[i]);
		header->is_identity &= header->map[i] == i;
		if (header->map[i] == AQI_NO_COLUMN &&
		    headers->format->columns && !headers->format->allow_absent)
			return column_error(headers, chunk, layout->inputs[i],
				"no such column, though --columns names it",
				err);
	}
	return check_extra(headers, chunk, names, n, err);
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
init_layout(struct aqi_headers *headers, enum aqi_syntax syntax,
	    const char *file)
{
	struct aqi_layout *layout = headers->layout;

	layout->is_json = syntax == AQI_SYNTAX_NDJSON;
	layout->file = file;
	layout->keeps_old = headers->format->keep_old;
	layout->allows_absent = headers->format->allow_absent;
	layout->drops_unknown = headers->format->columns != NULL;
}

/* Go on with a layout of no columns yet, for a file that is not as the last. */
static enum aqi_status
add_layout(struct aqi_headers *headers, const char *file, struct aqi_error *err)
{
	struct aqi_other_layout *other = calloc(1, sizeof *other);

	if (!other)
		return aqi_error_memory(err);
	other->next = headers->others;
	headers->others = other;
	headers->layout = &other->layout;
	init_layout(headers, AQI_SYNTAX_CSV, file);
	return AQI_OK;
}

/*
 * The names of a CSV file are known: they are the inputs if it is the first, or
 * if each file is bound by itself and they are not those of the last one.
 */
static enum aqi_status
use_names(struct aqi_headers *headers, const struct aqi_chunk *chunk,
	  const struct aqi_slice *names, size_t n, struct aqi_arena *arena,
	  struct aqi_error *err)
{
	const struct aqi_format *format = headers->format;
	const struct aqi_layout *layout = headers->layout;
	size_t n_same = 0;

	if (format->columns) {
		names = format->columns;
		n = format->n_columns;
	} else if (format->allow_repeated_names &&
		   keep_first(&names, &n, arena, err) != AQI_OK) {
		return AQI_FATAL;
	}
	if (headers->is_open) {
		while (n_same < n && n_same < layout->n_inputs &&
		       aqi_slice_equal(names[n_same], layout->inputs[n_same]))
			n_same++;
		if (!format->binds_files ||
		    (n_same == n && n == layout->n_inputs))
			return AQI_OK;
		if (add_layout(headers, chunk->file, err) != AQI_OK)
			return AQI_FATAL;
	}
	headers->layout->line = header_line(headers, chunk);
	return set_inputs(headers, names, n, err);
}

/* A CSV file begins: by its header line, or by the names that were given. */
static enum aqi_status
begin_csv(struct aqi_headers *headers, const struct aqi_chunk *chunk,
	  size_t *first_record, struct aqi_error *err)
{
	const struct aqi_format *format = headers->format;
	const struct aqi_slice *names =
		format->header ? format->header : format->columns;
	size_t n = format->header ? format->n_header : format->n_columns;
	struct aqi_arena arena = {0};
	enum aqi_status status = AQI_OK;

	if (aqi_format_has_header_line(format)) {
		status = read_names(headers, chunk, &arena, &names, &n, err);
		*first_record = 1;
	}
	assert(status != AQI_OK || names || n == 0);
	if (status == AQI_OK)
		status = use_names(headers, chunk, names, n, &arena, err);
	if (status == AQI_OK)
		status = add_header(headers, chunk, names, n, err);
	headers->is_open = true;
	aqi_arena_free(&arena);
	return status;
}

static enum aqi_status
use_members(struct aqi_headers *headers, const struct aqi_member *members,
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
		    headers->format->out == AQI_SYNTAX_CSV)
			return aqi_error_set(err, AQI_E_DATA, "a key is empty, "
				"and CSV needs a name for each column; choose "
				"them with --columns");
	}
	return set_inputs(headers, names, n, err);
}

/* The keys of the first record that can be read are the columns. */
static enum aqi_status
begin_ndjson(struct aqi_headers *headers, const struct aqi_chunk *chunk,
	     size_t *n_before, struct aqi_error *err)
{
	struct aqi_arena arena = {0};
	struct aqi_member *members;
	size_t n, n_refused = 0;
	enum aqi_status status = AQI_REJECT;

	if (headers->format->columns) {
		headers->is_open = true;
		return set_inputs(headers, headers->format->columns,
				  headers->format->n_columns, err);
	}
	for (size_t i = 0; status == AQI_REJECT && i < chunk->n_records; i++) {
		if (aqi_slice_trim(aqi_chunk_record(chunk, i)).size == 0)
			continue;
		status = aqi_check_bytes(headers->format, chunk, i, err);
		if (status == AQI_OK)
			status = aqi_ndjson_parse(aqi_chunk_record(chunk, i),
						  &arena, &members, &n, err);
		n_refused += status == AQI_REJECT;
		if (status == AQI_OK && n_refused > 0) {
			*n_before = i;
		} else if (status == AQI_OK) {
			headers->is_open = true;
			status = use_members(headers, members, n, &arena, err);
		}
		if (status == AQI_FATAL)
			aqi_error_at(err, chunk->file, chunk->records[i].line,
				     0);
	}
	headers->lacks_names |= n_refused > 0;
	aqi_arena_free(&arena);
	return status == AQI_FATAL ? AQI_FATAL : AQI_OK;
}

static enum aqi_status
begin_layout(struct aqi_headers *headers, enum aqi_syntax syntax,
	     const struct aqi_chunk *chunk, size_t *first_record,
	     size_t *n_before, struct aqi_error *err)
{
	if (headers->format->no_header && !headers->format->columns &&
	    !headers->format->header)
		return aqi_error_set(err, AQI_E_USAGE,
			"--no-header needs the names: --columns NAME,...");
	init_layout(headers, syntax, chunk->file);
	if (headers->layout->is_json)
		return begin_ndjson(headers, chunk, n_before, err);
	return begin_csv(headers, chunk, first_record, err);
}

enum aqi_status
aqi_header_begin(struct aqi_headers *headers, enum aqi_syntax syntax,
		 const struct aqi_chunk *chunk, size_t *first_record,
		 size_t *n_before, struct aqi_error *err)
{
	*first_record = *n_before = 0;
	if (!headers->is_open)
		return begin_layout(headers, syntax, chunk, first_record,
				    n_before, err);
	if (chunk->opens_file && !headers->layout->is_json)
		return begin_csv(headers, chunk, first_record, err);
	return AQI_OK;
}

void
aqi_header_tell(const struct aqi_headers *headers,
		struct aqi_reader_position *place)
{
	const struct aqi_file_header *file = headers->files;

	place->lacks_names = headers->lacks_names;
	place->is_open = headers->is_open;
	place->names = headers->first.inputs;
	place->n_names = headers->first.n_named;
	if (headers->layout != &headers->first) {
		place->own_names = headers->layout->inputs;
		place->n_own_names = headers->layout->n_named;
	}
	if (file) {
		place->n_columns = file->n_columns;
		place->map = file->map;
	}
}

/* The file's columns as they were bound when it was opened. */
static enum aqi_status
resume_file(struct aqi_headers *headers,
	    const struct aqi_reader_position *place, struct aqi_error *err)
{
	struct aqi_file_header *file = calloc(1, sizeof *file);
	size_t n = headers->layout->n_inputs;

	if (!file)
		return aqi_error_memory(err);
	headers->files = file;
	file->map = calloc(n + 1, sizeof *file->map);
	if (!file->map)
		return aqi_error_memory(err);
	file->n_columns = place->n_columns;
	file->is_identity = place->n_columns == n;
	for (size_t i = 0; i < n; i++) {
		file->map[i] = place->map[i];
		file->is_identity &= place->map[i] == i;
	}
	return AQI_OK;
}

enum aqi_status
aqi_header_resume(struct aqi_headers *headers,
		  const struct aqi_reader_position *place,
		  struct aqi_error *err)
{
	headers->lacks_names = place->lacks_names;
	headers->is_open = place->is_open;
	if (!place->is_open)
		return AQI_OK;
	init_layout(headers, place->syntax, NULL);
	if (set_inputs(headers, place->names, place->n_names, err) != AQI_OK)
		return AQI_FATAL;
	if (place->n_own_names > 0 &&
	    (add_layout(headers, NULL, err) != AQI_OK ||
	     set_inputs(headers, place->own_names, place->n_own_names, err) !=
		     AQI_OK))
		return AQI_FATAL;
	return place->n_columns ? resume_file(headers, place, err) : AQI_OK;
}
