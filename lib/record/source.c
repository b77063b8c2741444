#include "record/source.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "record/source_parts.h"

/*
 * A step may work on so many rows at once, as models do, and one row more costs
 * as much as half of them: of a fast input, chunks have whole multiples of it.
 * That is so many rows that hold a chunk's bytes, at most twice as much, by
 * what the rows of the last chunk had.
 */
#define ROWS_AT_ONCE ((size_t)512)

/* The sum of the sizes, for a progress line; 0 if one is no regular file. */
static uint64_t
total_size(const char *const *files, size_t n_files)
{
	uint64_t total = 0;
	struct stat st;

	for (size_t i = 0; i < n_files; i++) {
		if (!aqi_file_stat(files[i], &st) || !S_ISREG(st.st_mode))
			return 0;
		total += (uint64_t)st.st_size;
	}
	return total;
}

struct aqi_source *
aqi_source_new(const char *const *files, size_t n_files,
	       const struct aqi_format *format)
{
	static const char *const standard_input[] = {"-"};
	struct aqi_source *source = calloc(1, sizeof *source);

	if (!source)
		return NULL;
	source->files = n_files ? files : standard_input;
	source->n_files = n_files ? n_files : 1;
	source->format = format;
	source->syntax = format->in;
	source->input = aqi_input_new(format->encoding);
	if (!source->input) {
		free(source);
		return NULL;
	}
	source->bytes_total = total_size(source->files, source->n_files);
	return source;
}

enum aqi_syntax
aqi_source_syntax(const struct aqi_source *source)
{
	return source->syntax;
}

uint64_t
aqi_source_progress(const struct aqi_source *source, uint64_t *total)
{
	*total = source->bytes_total;
	return aqi_input_progress(source->input);
}

void
aqi_source_free(struct aqi_source *source)
{
	if (!source)
		return;
	aqi_input_free(source->input);
	aqi_buffer_free(&source->tail);
	free(source);
}

static enum aqi_status
open_file(struct aqi_source *source, struct aqi_error *err)
{
	const char *file = source->files[source->next_file++];

	source->file = file;
	if (aqi_input_open(source->input, file, err) != AQI_OK)
		return AQI_FATAL;
	source->is_open = true;
	source->at_start = source->opens_file = true;
	source->at_end = source->skipping = false;
	source->offset = 0;
	source->line = 1;
	source->state = AQI_CSV_FIELD_START;
	source->in_preamble = source->in_line = source->in_trailer = false;
	source->lines_left = source->units_left = 0;
	source->lacks_header = false;
	return AQI_OK;
}

static enum aqi_status
fail_again(const struct aqi_source *source, struct aqi_error *err)
{
	if (err)
		*err = source->failure;
	return AQI_FATAL;
}

enum aqi_status
aqi_source_read(struct aqi_source *source, struct aqi_chunk *chunk,
		struct aqi_error *err)
{
	bool may_wait = chunk->n_records == 0 && !source->is_trying;
	enum aqi_status status;
	size_t got, most = AQI_READ_SIZE;

	if (source->wanted > chunk->size + AQI_READ_SIZE)
		most = source->wanted - chunk->size;
	if (!aqi_chunk_make_room(chunk, most))
		return aqi_error_memory(err);
	if (source->wanted == 0)
		most = chunk->capacity - chunk->size;
	status = aqi_input_read(source->input, chunk->data + chunk->size, most,
				may_wait, &got, &source->failure);
	source->has_failed = status == AQI_FATAL;
	if (source->has_failed)
		return may_wait ? fail_again(source, err) : AQI_END;
	source->at_end = status == AQI_END;
	chunk->size += got;
	return got > 0 || source->at_end ? AQI_OK : AQI_END;
}

/*
 * UTF-16 and UTF-32 by their marks, or by the NUL bytes that their first
 * character, which is ASCII in any table of numbers, has around it.
 */
static const char *
wide_encoding(const unsigned char *p, size_t n)
{
	if (n >= 4 && p[0] == 0xff && p[1] == 0xfe && !p[2] && !p[3])
		return "UTF-32";
	if (n >= 4 && !p[0] && !p[1] && (p[2] == 0xfe || !p[2]) && p[3])
		return p[2] ? "UTF-32" : "UTF-32BE";
	if (n >= 4 && p[0] && !p[1] && !p[2] && !p[3])
		return "UTF-32LE";
	if (n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) ||
		       (p[0] == 0xfe && p[1] == 0xff)))
		return "UTF-16";
	if (n >= 2 && (!p[0] != !p[1]))
		return p[0] ? "UTF-16LE" : "UTF-16BE";
	return NULL;
}

/* What a CSV file has around its records. */
static void
begin_csv(struct aqi_source *source)
{
	const struct aqi_format *format = source->format;

	source->in_preamble = format->skip_lines || format->header_start.size;
	source->lines_left = format->skip_lines;
	source->units_left = format->unit_lines;
	source->lacks_header = aqi_format_has_header_line(format);
}

/* The first bytes tell the encoding, and the syntax if nobody else has. */
static enum aqi_status
begin_file(struct aqi_source *source, struct aqi_chunk *chunk,
	   struct aqi_error *err)
{
	const unsigned char *p;
	const char *wide;
	size_t skip = 0;

	/* Four bytes tell, but a line that is shorter must not wait for more;
	 * of an LF at the start, the byte behind it tells. */
	while (chunk->size < 4 && !source->at_end &&
	       (chunk->size < 2 || !memchr(chunk->data + 1, '\n',
					   chunk->size - 1))) {
		if (aqi_source_read(source, chunk, err) != AQI_OK)
			return AQI_FATAL;
	}
	p = (const unsigned char *)chunk->data;
	wide = wide_encoding(p, chunk->size);
	if (wide) {
		aqi_error_set(err, AQI_E_ENCODING, "this is %s at byte 0; "
			      "read it with --encoding %s", wide, wide);
		return aqi_error_at(err, source->file, 1, 1);
	}
	if (chunk->size >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
		skip = 3;
	if (source->syntax == AQI_SYNTAX_AUTO)
		source->syntax = chunk->size > skip && p[skip] == '{' ?
					 AQI_SYNTAX_NDJSON : AQI_SYNTAX_CSV;
	if (source->syntax == AQI_SYNTAX_CSV)
		begin_csv(source);
	source->at_start = false;
	source->scanned = source->record_start = skip;
	return AQI_OK;
}

/* The file is at its end: has there been all that must be there? */
static enum aqi_status
check_header(const struct aqi_source *source, struct aqi_error *err)
{
	const struct aqi_format *format = source->format;
	char quoted[AQI_QUOTED_SIZE];

	if (source->in_preamble && source->lines_left > 0)
		aqi_error_set(err, AQI_E_DATA, "the file ends within the %zu "
			      "lines that stand before its header",
			      format->skip_lines);
	else if (source->in_preamble)
		aqi_error_set(err, AQI_E_DATA, "no line begins with %s, as the "
			      "header should", aqi_error_quote(quoted,
						format->header_start));
	else if (source->lacks_header)
		aqi_error_set(err, AQI_E_DATA,
			      "empty: not even a header line");
	else
		return AQI_OK;
	return aqi_error_at(err, source->file, 0, 0);
}

/* The record in hand is longer than the limit: report it by its start, and
 * pass over the rest of it without keeping it. */
static enum aqi_status
cut_record(struct aqi_source *source, struct aqi_chunk *chunk,
	   struct aqi_error *err)
{
	size_t held = chunk->size - source->record_start;

	if (source->skipping) {
		chunk->size = source->scanned = source->record_start;
		chunk->offset += held;
		source->offset += held;
		return AQI_OK;
	}
	if (aqi_source_take_record(source, chunk, source->record_start +
			source->format->max_record, err) != AQI_OK)
		return AQI_FATAL;
	chunk->is_cut = chunk->n_records > 0;
	source->skipping = true;
	return AQI_OK;
}

/* Is the record in hand, without a line end that may follow, too long? */
static bool
is_too_long(const struct aqi_source *source, const struct aqi_chunk *chunk)
{
	size_t held = chunk->size - source->record_start;

	return source->skipping ? held > 0 :
				  held > source->format->max_record + 1;
}

static enum aqi_status
begin_chunk(struct aqi_source *source, struct aqi_chunk *chunk,
	    struct aqi_error *err)
{
	const struct aqi_buffer *tail = &source->tail;

	chunk->file = source->file;
	chunk->offset = source->offset;
	chunk->size = chunk->n_records = chunk->longest = 0;
	chunk->is_cut = chunk->is_open = false;
	if (!aqi_chunk_make_room(chunk, tail->size + 1))
		return aqi_error_memory(err);
	if (tail->size)
		memcpy(chunk->data, tail->data, tail->size);
	chunk->size = tail->size;
	source->scanned = tail->size - source->unscanned;
	source->unscanned = 0;
	source->record_start = 0;
	source->record_line = source->line;
	aqi_buffer_clear(&source->tail);
	return AQI_OK;
}

/* Keep what belongs to the next chunk. */
static enum aqi_status
end_chunk(struct aqi_source *source, struct aqi_chunk *chunk,
	  struct aqi_error *err)
{
	size_t rest = chunk->size - source->record_start;

	chunk->opens_file = source->opens_file;
	chunk->is_decoded = !aqi_input_is_plain(source->input);
	source->opens_file = false;
	source->offset += source->record_start;
	source->line = source->record_line;
	if (source->skipping) {
		source->offset += rest;
		rest = 0;
	}
	aqi_buffer_add(&source->tail, chunk->data + source->record_start, rest);
	if (source->tail.failed)
		return aqi_error_memory(err);
	if (source->at_end)
		source->is_open = false;
	return AQI_OK;
}

/* How many bytes the next chunk should have for rows at once, and a few more
 * rows to be sure. */
static size_t
wanted_size(const struct aqi_source *source, const struct aqi_chunk *chunk)
{
	const double size = (double)source->record_start /
			    (double)chunk->n_records;
	const size_t n = (size_t)((double)AQI_CHUNK_SIZE / size) + ROWS_AT_ONCE;
	const size_t n_rows = n - n % ROWS_AT_ONCE;
	const size_t n_spare = n_rows / 64 + 2;
	const size_t wanted = (size_t)(size * (double)(n_rows + n_spare));

	return wanted <= 2 * AQI_CHUNK_SIZE ? wanted : 0;
}

/* A chunk is full. Leave the last records to the next one, if there are rows at
 * once without them. */
static void
round_off(struct aqi_source *source, struct aqi_chunk *chunk)
{
	const size_t left = chunk->n_records % ROWS_AT_ONCE;
	const struct aqi_span *first;

	if (source->wanted && !source->in_trailer && left > 0 &&
	    left < chunk->n_records) {
		chunk->n_records -= left;
		first = &chunk->records[chunk->n_records];
		source->record_start = first->start;
		source->record_line = source->scan_line = first->line;
		source->unscanned = chunk->size - first->start;
		source->state = AQI_CSV_FIELD_START;
	}
	source->wanted = wanted_size(source, chunk);
}

/* Bytes of the open file until there are records, or no more bytes. */
static enum aqi_status
fill_chunk(struct aqi_source *source, struct aqi_chunk *chunk,
	   struct aqi_error *err)
{
	enum aqi_status status;

	if (source->at_start && begin_file(source, chunk, err) != AQI_OK)
		return AQI_FATAL;
	for (;;) {
		if (aqi_source_find_records(source, chunk, err) != AQI_OK)
			return AQI_FATAL;
		if (source->at_end)
			return check_header(source, err);
		if (chunk->n_records > 0 && chunk->size >= AQI_CHUNK_SIZE &&
		    chunk->size >= source->wanted) {
			round_off(source, chunk);
			return AQI_OK;
		}
		if (chunk->n_records == 0 && is_too_long(source, chunk)) {
			if (cut_record(source, chunk, err) != AQI_OK)
				return AQI_FATAL;
			if (chunk->is_cut)
				return AQI_OK;
		}
		status = aqi_source_read(source, chunk, err);
		if (status != AQI_OK)
			return status == AQI_END ? AQI_OK : AQI_FATAL;
	}
}

enum aqi_status
aqi_source_next(struct aqi_source *source, struct aqi_chunk *chunk,
		struct aqi_error *err)
{
	if (source->has_failed)
		return fail_again(source, err);
	for (;;) {
		if (!source->is_open) {
			if (source->next_file == source->n_files)
				return AQI_END;
			if (source->is_trying)
				return AQI_REJECT;
			if (open_file(source, err) != AQI_OK)
				return AQI_FATAL;
			source->scan_line = 1;
			if (source->place.offset > 0 &&
			    aqi_source_enter(source, chunk, err) != AQI_OK)
				return AQI_FATAL;
		}
		if (begin_chunk(source, chunk, err) != AQI_OK ||
		    fill_chunk(source, chunk, err) != AQI_OK ||
		    end_chunk(source, chunk, err) != AQI_OK)
			return AQI_FATAL;
		if (chunk->n_records > 0 || chunk->opens_file)
			return AQI_OK;
		if (source->is_trying && source->is_open)
			return AQI_REJECT;
	}
}

enum aqi_status
aqi_source_try(struct aqi_source *source, struct aqi_chunk *chunk,
	       struct aqi_error *err)
{
	enum aqi_status status;

	/* The first chunk of a file has its header, for which one waits. */
	if (source->has_failed || (source->is_open && source->opens_file))
		return AQI_REJECT;
	source->is_trying = true;
	status = aqi_source_next(source, chunk, err);
	source->is_trying = false;
	return status;
}
