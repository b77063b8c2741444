#include "record/source.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/sum.h"
#include "record/csv.h"
#include "record/input.h"
#include "record/lines.h"

/* Larger chunks save system calls and keep less of the work in the cache:
 * 128 KiB of rows, their fields and their text stay within a second-level
 * cache of 1 MiB. */
#define CHUNK_SIZE ((size_t)128 * 1024)

/* A read has room for as much at least, behind a chunk that is nearly full too:
 * one that comes in pieces from a pipe does not grow to twice its size. */
#define READ_SIZE (CHUNK_SIZE / 8)

/*
 * A step may work on so many rows at once, as models do, and one row more costs
 * as much as half of them: of a fast input, chunks have whole multiples of it.
 * That is so many rows that hold a chunk's bytes, at most twice as much, by
 * what the rows of the last chunk had.
 */
#define ROWS_AT_ONCE ((size_t)512)

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

bool
aqi_chunk_is_full(const struct aqi_chunk *chunk)
{
	return chunk->size >= CHUNK_SIZE;
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

void
aqi_chunk_free(struct aqi_chunk *chunk)
{
	free(chunk->data);
	free(chunk->records);
	*chunk = (struct aqi_chunk){0};
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

/* Room for n more bytes. A long record doubles the chunk: its bytes are copied
 * twice at most. */
static bool
make_room(struct aqi_chunk *chunk, size_t n)
{
	size_t capacity = chunk->capacity ? chunk->capacity :
					    CHUNK_SIZE + READ_SIZE;
	char *data;

	while (capacity - chunk->size < n)
		capacity *= 2;
	if (capacity == chunk->capacity)
		return true;
	data = realloc(chunk->data, capacity);
	if (!data)
		return false;
	chunk->data = data;
	chunk->capacity = capacity;
	return true;
}

static enum aqi_status
fail_again(const struct aqi_source *source, struct aqi_error *err)
{
	if (err)
		*err = source->failure;
	return AQI_FATAL;
}

/*
 * Some more bytes at the end of the chunk; none at the end of the file. Where
 * there are records, it does not wait: AQI_END. They also go before a failure.
 */
static enum aqi_status
read_some(struct aqi_source *source, struct aqi_chunk *chunk,
	  struct aqi_error *err)
{
	bool may_wait = chunk->n_records == 0 && !source->is_trying;
	enum aqi_status status;
	size_t got, most = READ_SIZE;

	if (source->wanted > chunk->size + READ_SIZE)
		most = source->wanted - chunk->size;
	if (!make_room(chunk, most))
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
		if (read_some(source, chunk, err) != AQI_OK)
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

/* Room for n more records. */
static bool
make_records(struct aqi_chunk *chunk, size_t n)
{
	size_t capacity = chunk->records_capacity;
	struct aqi_span *records = chunk->records;

	if (capacity - chunk->n_records >= n)
		return true;
	capacity = capacity ? capacity * 2 : 1024;
	records = realloc(records, capacity * sizeof *records);
	if (!records)
		return false;
	chunk->records = records;
	chunk->records_capacity = capacity;
	return true;
}

static inline void
put_record(struct aqi_chunk *chunk, size_t start, size_t size, uint64_t line)
{
	chunk->records[chunk->n_records++] =
		(struct aqi_span){start, size, line};
	if (size > chunk->longest)
		chunk->longest = size;
}

static bool
add_record(struct aqi_source *source, struct aqi_chunk *chunk, size_t end)
{
	if (!make_records(chunk, 1))
		return false;
	put_record(chunk, source->record_start, end - source->record_start,
		   source->record_line);
	return true;
}

/* Behind the end of the record, or where the bytes end. */
static size_t
scan(struct aqi_source *source, const char *data, size_t size, bool *ended)
{
	const char *lf;

	if (source->syntax == AQI_SYNTAX_CSV)
		return aqi_csv_scan(&source->state, data, size,
				    aqi_format_in_delimiter(source->format),
				    &source->scan_line, ended);
	lf = memchr(data, '\n', size);
	*ended = lf != NULL;
	if (!lf)
		return size;
	source->scan_line++;
	return (size_t)(lf - data) + 1;
}

static void
next_record(struct aqi_source *source)
{
	source->record_start = source->scanned;
	source->record_line = source->scan_line;
	source->skipping = false;
}

/* Forget the bytes before the record in hand. */
static void
drop_bytes(struct aqi_source *source, struct aqi_chunk *chunk)
{
	size_t n = source->record_start;

	memmove(chunk->data, chunk->data + n, chunk->size - n);
	chunk->size -= n;
	chunk->offset += n;
	source->offset += n;
	source->record_start = source->scanned = 0;
}

/*
 * Pass over the lines before the header. They are no CSV: a quote in them
 * opens nothing. in_preamble is false when the header's line has begun.
 */
static void
pass_preamble(struct aqi_source *source, struct aqi_chunk *chunk)
{
	const struct aqi_slice start = source->format->header_start;

	for (;;) {
		const char *line = chunk->data + source->record_start, *lf;
		size_t n = chunk->size - source->record_start;
		size_t seen = n < start.size ? n : start.size;

		if (!source->in_line && source->lines_left == 0 &&
		    aqi_slice_equal((struct aqi_slice){line, seen},
				    (struct aqi_slice){start.data, seen})) {
			source->in_preamble = seen < start.size;
			break;
		}
		lf = memchr(line, '\n', n);
		if (!lf) {
			source->in_line |= n > 0;
			source->record_start = chunk->size;
			break;
		}
		source->in_line = false;
		source->lines_left -= source->lines_left > 0;
		source->record_start += (size_t)(lf - line) + 1;
		source->record_line = ++source->scan_line;
	}
	drop_bytes(source, chunk);
}

/* Does the record in hand begin what stands behind the data? */
static bool
begins_trailer(const struct aqi_source *source, const struct aqi_chunk *chunk)
{
	const struct aqi_slice trailer = source->format->trailer;

	return trailer.size && source->syntax == AQI_SYNTAX_CSV &&
	       !source->skipping &&
	       chunk->size - source->record_start >= trailer.size &&
	       memcmp(chunk->data + source->record_start, trailer.data,
		      trailer.size) == 0;
}

/* A record whose end is found: the header, one of units, or one of data. */
static enum aqi_status
take_record(struct aqi_source *source, struct aqi_chunk *chunk, size_t end,
	    struct aqi_error *err)
{
	bool is_kept = !source->skipping;

	if (is_kept && source->lacks_header) {
		source->lacks_header = false;
	} else if (is_kept && source->units_left > 0) {
		source->units_left--;
		is_kept = false;
	}
	if (is_kept && !add_record(source, chunk, end))
		return aqi_error_memory(err);
	return AQI_OK;
}

/* Is each line from here on a record, up to an odd quote in CSV? */
static bool
are_plain_lines(const struct aqi_source *source)
{
	if (source->in_preamble || source->skipping)
		return false;
	return source->syntax != AQI_SYNTAX_CSV ||
	       (source->scanned == source->record_start &&
		!source->lacks_header && source->units_left == 0 &&
		source->format->trailer.size == 0);
}

/* Take the lines that are plain, many at once; *n, out: how many. */
static enum aqi_status
take_lines(struct aqi_source *source, struct aqi_chunk *chunk, size_t *n,
	   struct aqi_error *err)
{
	const char *const data = chunk->data;
	const char delimiter = source->syntax == AQI_SYNTAX_CSV ?
		aqi_format_in_delimiter(source->format) : '\0';
	uint32_t ends[AQI_LINES_ROOM];
	size_t n_found;

	*n = 0;
	do {
		const size_t from = source->scanned;
		size_t start = source->record_start;

		n_found = aqi_lines_find(data + from, chunk->size - from,
					 delimiter, ends);
		if (!make_records(chunk, n_found))
			return aqi_error_memory(err);
		for (size_t i = 0; i < n_found; i++) {
			const size_t end = from + ends[i];
			const bool has_cr = end > start &&
					    data[end - 1] == '\r';

			put_record(chunk, start, end - start - has_cr,
				   source->record_line++);
			start = end + 1;
		}
		if (n_found > 0)
			source->record_start = source->scanned = start;
		source->scan_line += n_found;
		*n += n_found;
	} while (n_found >= AQI_LINES_AT_ONCE);
	return AQI_OK;
}

/* Where a line has such a quote, mostly those behind it have some too: so many
 * of them are not tried to be plain. */
#define MANY_LINES 32

/* Find the records in the bytes that are new. */
static enum aqi_status
find_records(struct aqi_source *source, struct aqi_chunk *chunk,
	     struct aqi_error *err)
{
	bool ended;
	size_t end, n, n_to_pass = 0;

	if (source->in_preamble)
		pass_preamble(source, chunk);
	while (!source->in_preamble && source->scanned < chunk->size) {
		if (n_to_pass > 0) {
			n_to_pass--;
		} else if (are_plain_lines(source)) {
			if (take_lines(source, chunk, &n, err) != AQI_OK)
				return AQI_FATAL;
			n_to_pass = n > 0 ? 0 : MANY_LINES;
			if (source->scanned == chunk->size)
				break;
		}
		source->scanned += scan(source, chunk->data + source->scanned,
					chunk->size - source->scanned, &ended);
		source->in_trailer |= begins_trailer(source, chunk);
		if (source->in_trailer)
			chunk->size = source->scanned = source->record_start;
		if (!ended || source->in_trailer)
			break;
		end = source->scanned - 1;
		if (end > source->record_start && chunk->data[end - 1] == '\r')
			end--;
		if (take_record(source, chunk, end, err) != AQI_OK)
			return AQI_FATAL;
		next_record(source);
	}
	/* What is left at the end of the file is a record too. */
	if (source->at_end && !source->in_preamble &&
	    chunk->size > source->record_start) {
		n = chunk->n_records;
		if (take_record(source, chunk, chunk->size, err) != AQI_OK)
			return AQI_FATAL;
		chunk->is_open = chunk->n_records > n;
		next_record(source);
		source->record_start = chunk->size;
	}
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
	if (take_record(source, chunk, source->record_start +
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
	if (!make_room(chunk, tail->size + 1))
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
	const size_t n = (size_t)((double)CHUNK_SIZE / size) + ROWS_AT_ONCE;
	const size_t n_rows = n - n % ROWS_AT_ONCE;
	const size_t n_spare = n_rows / 64 + 2;
	const size_t wanted = (size_t)(size * (double)(n_rows + n_spare));

	return wanted <= 2 * CHUNK_SIZE ? wanted : 0;
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
		if (find_records(source, chunk, err) != AQI_OK)
			return AQI_FATAL;
		if (source->at_end)
			return check_header(source, err);
		if (chunk->n_records > 0 && chunk->size >= CHUNK_SIZE &&
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
		status = read_some(source, chunk, err);
		if (status != AQI_OK)
			return status == AQI_END ? AQI_OK : AQI_FATAL;
	}
}

bool
aqi_source_tell(const struct aqi_source *source, const struct aqi_chunk *chunk,
		struct aqi_position *place)
{
	uint64_t held = source->offset - chunk->offset;
	size_t n = held < AQI_TAIL_SIZE ? (size_t)held : AQI_TAIL_SIZE;

	*place = (struct aqi_position){.file = source->next_file, .line = 1};
	if (!source->is_open)
		return true;
	if (source->skipping || held == 0 || source->in_preamble ||
	    source->lacks_header || source->units_left || source->in_trailer)
		return false;
	place->file--;
	place->offset = source->offset;
	place->line = source->line;
	place->tail_size = n;
	place->tail_sum = aqi_sum(AQI_SUM_START, (struct aqi_slice){
		chunk->data + held - n, n});
	return true;
}

void
aqi_source_resume(struct aqi_source *source, const struct aqi_position *place,
		  enum aqi_syntax syntax)
{
	source->next_file = place->file;
	source->place = *place;
	source->syntax = syntax;
}

/* Pass over bytes, up to those that are looked at; they begin the chunk. */
static enum aqi_status
pass_bytes(struct aqi_source *source, struct aqi_chunk *chunk,
	   struct aqi_error *err)
{
	const struct aqi_position *place = &source->place;
	uint64_t left = place->offset - place->tail_size;
	size_t n;

	chunk->size = chunk->n_records = 0;
	while (left > 0 || chunk->size < place->tail_size) {
		if (read_some(source, chunk, err) == AQI_FATAL)
			return AQI_FATAL;
		if (source->at_end && chunk->size < left + place->tail_size) {
			aqi_error_set(err, AQI_E_MODEL, "shorter than when the "
				      "checkpoint was written");
			return aqi_error_at(err, source->file, 0, 0);
		}
		n = left < chunk->size ? (size_t)left : chunk->size;
		memmove(chunk->data, chunk->data + n, chunk->size - n);
		chunk->size -= n;
		left -= n;
		if (left > 0 && aqi_input_pass(source->input, left))
			left = 0;
	}
	return AQI_OK;
}

/* Go on in a file where another run has ended. */
static enum aqi_status
enter_file(struct aqi_source *source, struct aqi_chunk *chunk,
	   struct aqi_error *err)
{
	const struct aqi_position place = source->place;
	size_t n = (size_t)place.tail_size;

	if (pass_bytes(source, chunk, err) != AQI_OK)
		return AQI_FATAL;
	if (aqi_sum(AQI_SUM_START, (struct aqi_slice){chunk->data, n}) !=
	    place.tail_sum) {
		aqi_error_set(err, AQI_E_MODEL, "not what it was when the "
			      "checkpoint was written");
		return aqi_error_at(err, source->file, place.line, 0);
	}
	aqi_buffer_add(&source->tail, chunk->data + n, chunk->size - n);
	if (source->tail.failed)
		return aqi_error_memory(err);
	source->unscanned = source->tail.size;
	source->offset = place.offset;
	source->line = source->scan_line = place.line;
	source->at_start = source->opens_file = false;
	source->place.offset = 0;
	return AQI_OK;
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
			    enter_file(source, chunk, err) != AQI_OK)
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
