#include "base/buffer.h"
#include "record/lines.h"
#include "record/source_parts.h"

static bool
add_record(struct aqi_source *source, struct aqi_chunk *chunk, size_t end)
{
	if (!aqi_chunk_make_records(chunk, 1))
		return false;
	aqi_chunk_put(chunk, source->record_start, end - source->record_start,
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

enum aqi_status
aqi_source_take_record(struct aqi_source *source, struct aqi_chunk *chunk,
		       size_t end, struct aqi_error *err)
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
		if (!aqi_chunk_make_records(chunk, n_found))
			return aqi_error_memory(err);
		for (size_t i = 0; i < n_found; i++) {
			const size_t end = from + ends[i];
			const bool has_cr = end > start &&
					    data[end - 1] == '\r';

			aqi_chunk_put(chunk, start, end - start - has_cr,
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

/* What is left at the end of the file is a record, too. */
static enum aqi_status
take_rest(struct aqi_source *source, struct aqi_chunk *chunk,
	  struct aqi_error *err)
{
	const size_t n = chunk->n_records;

	if (aqi_source_take_record(source, chunk, chunk->size, err) != AQI_OK)
		return AQI_FATAL;
	chunk->is_open = chunk->n_records > n;
	next_record(source);
	source->record_start = chunk->size;
	return AQI_OK;
}

/* Where a line has such a quote, mostly those behind it have some too: so many
 * of them are not tried to be plain. */
#define MANY_LINES 32

enum aqi_status
aqi_source_find_records(struct aqi_source *source, struct aqi_chunk *chunk,
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
		if (aqi_source_take_record(source, chunk, end, err) != AQI_OK)
			return AQI_FATAL;
		next_record(source);
	}
	return source->at_end && !source->in_preamble &&
	       chunk->size > source->record_start ?
	       take_rest(source, chunk, err) : AQI_OK;
}
