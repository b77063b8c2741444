#include "record/csv.h"

#include <csv.h>
#include <stdlib.h>

#include "record/csv_bits.h"
#include "record/csv_plain.h"

/* A field that libcsv takes grows by so many bytes. */
#define FIELD_BLOCK ((size_t)64 * 1024)

struct aqi_csv {
	struct csv_parser parser;
	char delimiter;
	struct aqi_slice *fields;
	size_t n_fields, capacity;
	struct aqi_arena *arena;	/* of the record being parsed */
	bool failed;			/* memory ran out in a callback */
};

/* libcsv would strip blanks around fields, and end records at a lone CR. */
static int
no_byte(unsigned char byte)
{
	(void)byte;
	return 0;
}

static int
line_feed(unsigned char byte)
{
	return byte == '\n';
}

/* csv_init fails where there is no parser, and allocates nothing. */
static void
start(struct aqi_csv *csv)
{
	csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&csv->parser, (unsigned char)csv->delimiter);
	csv_set_space_func(&csv->parser, no_byte);
	csv_set_term_func(&csv->parser, line_feed);
	/* Its own 128 bytes make a call for each page of a long field. */
	csv_set_blk_size(&csv->parser, FIELD_BLOCK);
}

struct aqi_csv *
aqi_csv_new(char delimiter)
{
	struct aqi_csv *csv = calloc(1, sizeof *csv);

	if (!csv)
		return NULL;
	csv->delimiter = delimiter;
	start(csv);
	return csv;
}

void
aqi_csv_free(struct aqi_csv *csv)
{
	if (!csv)
		return;
	csv_free(&csv->parser);
	free(csv->fields);
	free(csv);
}

static bool
grow(struct aqi_csv *csv)
{
	size_t capacity = csv->capacity ? csv->capacity * 2 : 32;
	struct aqi_slice *fields =
		realloc(csv->fields, capacity * sizeof *fields);

	if (!fields)
		return false;
	csv->fields = fields;
	csv->capacity = capacity;
	return true;
}

static void
field_done(void *data, size_t size, void *self)
{
	struct aqi_csv *csv = self;
	struct aqi_slice text;

	if (csv->n_fields == csv->capacity && !grow(csv)) {
		csv->failed = true;
		return;
	}
	text = aqi_arena_copy(csv->arena, (struct aqi_slice){data, size});
	if (!text.data)
		csv->failed = true;
	csv->fields[csv->n_fields++] = text;
}

static void
record_done(int terminator, void *self)
{
	(void)terminator;
	(void)self;
}

/* After an error libcsv still holds half a record, which csv_fini would emit:
 * begin anew instead. */
static enum aqi_status
reject(struct aqi_csv *csv, struct aqi_error *err, const char *reason,
       size_t at)
{
	csv_free(&csv->parser);
	start(csv);
	aqi_error_set(err, AQI_E_SYNTAX, "%s", reason);
	aqi_error_at(err, NULL, 0, at + 1);
	return AQI_REJECT;
}

/* The quote that opens the last field: the one that never closes. */
static size_t
last_quote(struct aqi_slice record, char delimiter)
{
	enum aqi_csv_state state = AQI_CSV_FIELD_START, before;
	uint64_t lines = 0;
	size_t at = 0;
	bool ended;

	for (size_t i = 0; i < record.size; i++) {
		before = state;
		aqi_csv_scan(&state, record.data + i, 1, delimiter, &lines,
			     &ended);
		if (before == AQI_CSV_FIELD_START && state == AQI_CSV_QUOTED)
			at = i;
	}
	return at;
}

/* A CR that is no data, or record.size. */
static size_t
lone_cr(struct aqi_slice record, char delimiter)
{
	enum aqi_csv_state state = AQI_CSV_FIELD_START;
	uint64_t lines = 0;
	bool ended;

	if (!memchr(record.data, '\r', record.size))
		return record.size;
	for (size_t i = 0; i < record.size; i++) {
		if (record.data[i] == '\r' && state != AQI_CSV_QUOTED)
			return i;
		aqi_csv_scan(&state, record.data + i, 1, delimiter, &lines,
			     &ended);
	}
	return record.size;
}

static enum aqi_status
out_of_memory(struct aqi_csv *csv, struct aqi_error *err)
{
	csv_free(&csv->parser);
	start(csv);
	return aqi_error_memory(err);
}

enum aqi_status
aqi_csv_parse(struct aqi_csv *csv, struct aqi_slice record,
	      struct aqi_arena *arena, const struct aqi_slice **fields,
	      size_t *n, struct aqi_error *err)
{
	size_t at;

	csv->n_fields = 0;
	csv->arena = arena;
	csv->failed = false;
	if (record.size == 0) {
		field_done((void *)"", 0, csv);
	} else {
		at = lone_cr(record, csv->delimiter);
		if (at < record.size)
			return reject(csv, err, "a CR without LF outside "
				      "quotes; lines end in LF or CRLF", at);
		at = csv_parse(&csv->parser, record.data, record.size,
			       field_done, record_done, csv);
		if (csv_error(&csv->parser) == CSV_ENOMEM)
			return out_of_memory(csv, err);
		if (at < record.size && record.data[at] == '"')
			return reject(csv, err, "a quote inside a field that "
				      "is not quoted; quote the field and "
				      "double the quote", at);
		if (at < record.size)
			return reject(csv, err, "text behind a closing quote; "
				      "double a quote inside a field", at);
		if (csv_fini(&csv->parser, field_done, record_done, csv) != 0)
			return reject(csv, err, "a quote that never closes",
				      last_quote(record, csv->delimiter));
	}
	if (csv->failed)
		return out_of_memory(csv, err);
	*fields = csv->fields;
	*n = csv->n_fields;
	return AQI_OK;
}

/* From each state, in its four bits, the next one: without a branch, which a
 * text could lead the wrong way at each of its fields. */
#define WAY(from, to) ((unsigned)(to) << (4 * (from)))
static const unsigned at_quote =
	WAY(AQI_CSV_FIELD_START, AQI_CSV_QUOTED) |
	WAY(AQI_CSV_BARE, AQI_CSV_BARE) |
	WAY(AQI_CSV_QUOTED, AQI_CSV_QUOTE_SEEN) |
	WAY(AQI_CSV_QUOTE_SEEN, AQI_CSV_QUOTED);
static const unsigned at_delimiter =
	WAY(AQI_CSV_FIELD_START, AQI_CSV_FIELD_START) |
	WAY(AQI_CSV_BARE, AQI_CSV_FIELD_START) |
	WAY(AQI_CSV_QUOTED, AQI_CSV_QUOTED) |
	WAY(AQI_CSV_QUOTE_SEEN, AQI_CSV_FIELD_START);
static const unsigned at_other =
	WAY(AQI_CSV_FIELD_START, AQI_CSV_BARE) |
	WAY(AQI_CSV_BARE, AQI_CSV_BARE) |
	WAY(AQI_CSV_QUOTED, AQI_CSV_QUOTED) |
	WAY(AQI_CSV_QUOTE_SEEN, AQI_CSV_BARE);

static inline enum aqi_csv_state
next_state(enum aqi_csv_state state, char c, char delimiter)
{
	const unsigned other = c == delimiter ? at_delimiter : at_other;
	const unsigned ways = c == '"' ? at_quote : other;

	return (enum aqi_csv_state)(ways >> (4 * state) & 15);
}

/* Up to the end, which is passed: 1 if there is one. */
static size_t
scan_bytes(enum aqi_csv_state *state, const char *data, size_t size,
	   char delimiter, uint64_t *lines, bool *ended)
{
	enum aqi_csv_state now = *state;
	size_t i = 0;

	for (*ended = false; i < size && !*ended; i++) {
		*lines += data[i] == '\n';
		*ended = data[i] == '\n' && now != AQI_CSV_QUOTED;
		now = next_state(now, data[i], delimiter);
	}
	*state = *ended ? AQI_CSV_FIELD_START : now;
	return i;
}

/*
 * The same of 64 bytes; 0 where a quote stands in a bare field, and so changes
 * nothing. All others begin a field's quotes, or end them: behind an odd number
 * of quotes is within them.
 */
static inline size_t
scan_word(enum aqi_csv_state *state, const char *p, char delimiter,
	  uint64_t *lines, bool *ended)
{
	const uint64_t quotes = aqi_csv_bits_equal(p, '"');
	const uint64_t delimiters = aqi_csv_bits_equal(p, delimiter);
	const uint64_t within = aqi_csv_bits_within(quotes) ^
				-(uint64_t)(*state == AQI_CSV_QUOTED);
	const uint64_t may_open = (quotes | delimiters) << 1 |
				  (*state != AQI_CSV_BARE);
	uint64_t lfs = aqi_csv_bits_equal(p, '\n');
	const uint64_t ends = lfs & ~within;
	const uint64_t passed = ends ? ends ^ (ends - 1) : UINT64_MAX;

	if (quotes & within & ~may_open & passed)
		return 0;
	for (lfs &= passed; lfs; lfs &= lfs - 1)
		++*lines;
	*ended = ends != 0;
	if (ends) {
		*state = AQI_CSV_FIELD_START;
		return (size_t)__builtin_ctzll(ends) + 1;
	}
	*state = within >> 63 ? AQI_CSV_QUOTED :
		 quotes >> 63 ? AQI_CSV_QUOTE_SEEN :
		 delimiters >> 63 ? AQI_CSV_FIELD_START : AQI_CSV_BARE;
	return 64;
}

size_t
aqi_csv_scan(enum aqi_csv_state *state, const char *data, size_t size,
	     char delimiter, uint64_t *lines, bool *ended)
{
	size_t end = 0, n;

	/* Most records have no quote up to their LF. */
	if (*state != AQI_CSV_QUOTED && *state != AQI_CSV_QUOTE_SEEN)
		end = aqi_csv_line(data, size);
	*ended = end > 0;
	if (end > 0) {
		++*lines;
		*state = AQI_CSV_FIELD_START;
		return end;
	}
	while (end < size && !*ended) {
		n = size - end < 64 ? 0 :
		    scan_word(state, data + end, delimiter, lines, ended);
		if (n == 0)
			n = scan_bytes(state, data + end,
				       size - end < 64 ? size - end : 64,
				       delimiter, lines, ended);
		end += n;
	}
	return end;
}

size_t
aqi_csv_spans(struct aqi_slice record, char delimiter, struct aqi_slice *spans,
	      size_t n)
{
	enum aqi_csv_state state = AQI_CSV_FIELD_START;
	size_t count = 0, begin = 0;

	/* One of no text at all is one empty field. */
	if (!record.data)
		record.data = "";
	for (size_t i = 0; i <= record.size; i++) {
		bool at_end = i == record.size;

		if (at_end || (record.data[i] == delimiter &&
			       state != AQI_CSV_QUOTED)) {
			if (count < n)
				spans[count] = (struct aqi_slice){
					record.data + begin, i - begin};
			count++;
			begin = i + 1;
		}
		if (!at_end)
			state = next_state(state, record.data[i], delimiter);
	}
	return count;
}

size_t
aqi_csv_find(struct aqi_slice record, char delimiter, size_t i)
{
	enum aqi_csv_state state = AQI_CSV_FIELD_START;
	size_t at = 0;

	for (; i > 0 && at < record.size; at++) {
		if (record.data[at] == delimiter && state != AQI_CSV_QUOTED)
			i--;
		state = next_state(state, record.data[at], delimiter);
	}
	return at;
}

bool
aqi_csv_is_array(struct aqi_slice text)
{
	if (text.size == 0 || text.data[0] != '[')
		return false;
	text = aqi_slice_trim((struct aqi_slice){text.data + 1, text.size - 1});
	return text.size == 0 || text.data[0] == '{' || text.data[0] == '[';
}

/* Would a file that starts so be taken for what it is, and lose no byte? */
static bool
may_start(struct aqi_slice field)
{
	static const char mark[3] = "\xef\xbb\xbf";

	return field.size == 0 ||
	       !((field.size >= sizeof mark &&
		  memcmp(field.data, mark, sizeof mark) == 0) ||
		 field.data[0] == '{' || aqi_csv_is_array(field));
}

void
aqi_csv_add(struct aqi_buffer *out, struct aqi_slice field, char delimiter)
{
	bool plain = may_start(field);

	for (size_t i = 0; i < field.size && plain; i++)
		plain = field.data[i] != delimiter && field.data[i] != '"' &&
			field.data[i] != '\n' && field.data[i] != '\r';
	if (plain) {
		aqi_buffer_add_slice(out, field);
		return;
	}
	aqi_buffer_add_byte(out, '"');
	for (size_t i = 0; i < field.size; i++) {
		if (field.data[i] == '"')
			aqi_buffer_add_byte(out, '"');
		aqi_buffer_add_byte(out, field.data[i]);
	}
	aqi_buffer_add_byte(out, '"');
}
