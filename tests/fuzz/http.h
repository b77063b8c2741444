/*
 * http.h: what the fuzz targets of requests and responses share. The length of
 * the input decides what else there is to decide, so that the files of a corpus
 * are inputs as they are.
 */
#ifndef AQI_TESTS_FUZZ_HTTP_H
#define AQI_TESTS_FUZZ_HTTP_H

#include <regex.h>
#include <strings.h>

#include "base/buffer.h"
#include "fuzz.h"
#include "net/http.h"
#include "net/http_body.h"

/* How to read a head: requests, responses, responses to HEAD. */
struct door {
	bool is_response, to_head;
	struct aqi_http_limits limits;
};

struct result {
	enum aqi_status status;
	struct aqi_http_fault fault;
	struct aqi_http_head head;
};

static void
read_head(const struct door *door, const char *data, size_t size,
	  struct aqi_http_progress *progress, struct result *result)
{
	struct aqi_slice bytes = {data, size};

	result->status = door->is_response ?
		aqi_http_read_response(bytes, door->to_head, progress,
				       &door->limits, &result->head,
				       &result->fault) :
		aqi_http_read_request(bytes, progress, &door->limits,
				      &result->head, &result->fault);
}

static bool
lies_in(struct aqi_slice s, const char *data, size_t size)
{
	return s.data >= data && s.size <= size &&
	       (size_t)(s.data - data) <= size - s.size;
}

static void
check_same(const struct result *a, const struct result *b)
{
	CHECK(a->status == b->status);
	if (a->status == AQI_REJECT) {
		CHECK(a->fault.status == b->fault.status &&
		      a->fault.reason == b->fault.reason);
		return;
	}
	if (a->status != AQI_OK)
		return;
	CHECK(memcmp(&a->head, &b->head,
		     offsetof(struct aqi_http_head, fields)) == 0);
	CHECK(memcmp(a->head.fields, b->head.fields,
		     a->head.n_fields * sizeof a->head.fields[0]) == 0);
}

/*
 * However the bytes come, the same result: with the first byte that decides,
 * with those behind it, and each of them alone.
 */
static void
check_cuts(const struct door *door, const char *data, size_t size,
	   const struct result *whole)
{
	static struct result part, fresh;
	struct aqi_http_progress progress = {0}, none = {0};
	size_t n = 0;

	do
		read_head(door, data, n, &progress, &part);
	while (part.status == AQI_END && n++ < size);
	if (part.status == AQI_END) {
		CHECK(whole->status == AQI_END);
		return;
	}
	check_same(&part, whole);
	if (part.status == AQI_OK)
		CHECK(progress.at == 0 && progress.line == 0 &&
		      progress.n_lines == 0 && part.head.size == n);
	read_head(door, data, n, &none, &fresh);
	check_same(&fresh, whole);
	none = (struct aqi_http_progress){0};
	read_head(door, data, n - 1, &none, &fresh);
	CHECK(fresh.status == AQI_END);
}

static struct aqi_slice
line_at(const char **p, const char *end)
{
	const char *cr = memmem(*p, (size_t)(end - *p), "\r\n", 2);
	struct aqi_slice line = {*p, 0};

	CHECK(cr);
	line.size = (size_t)(cr - *p);
	*p = cr + 2;
	return line;
}

/* What tells where a body ends, found the long way. */
struct naive {
	size_t n_hosts, n_lengths, n_codings, n_fields, n_chunked;
	uint64_t length;
	struct aqi_slice last_coding;
};

static void
look_at_codings(struct naive *naive, struct aqi_slice value)
{
	const char *p = value.data, *end = p + value.size;

	naive->n_codings++;
	for (;;) {
		const char *comma = p;

		while (comma < end && *comma != ',')
			comma++;
		naive->last_coding = aqi_slice_trim((struct aqi_slice){
			p, (size_t)(comma - p)});
		naive->n_chunked += naive->last_coding.size == 7 &&
			strncasecmp(naive->last_coding.data, "chunked", 7) == 0;
		if (comma == end)
			return;
		p = comma + 1;
	}
}

static bool
is_named(struct aqi_slice name, const char *wanted)
{
	return name.size == strlen(wanted) &&
	       strncasecmp(name.data, wanted, name.size) == 0;
}

static void
look_at_field(struct naive *naive, struct aqi_slice line,
	      const struct aqi_http_field *field)
{
	const char *colon = memchr(line.data, ':', line.size);
	struct aqi_slice name, value;

	CHECK(colon);
	name = (struct aqi_slice){line.data, (size_t)(colon - line.data)};
	value = aqi_slice_trim((struct aqi_slice){colon + 1,
		line.size - name.size - 1});
	CHECK(aqi_slice_equal(name, field->name) &&
	      aqi_slice_equal(value, field->value));
	CHECK(name.size > 0);
	for (size_t i = 0; i < name.size; i++)
		CHECK(name.data[i] > ' ' && name.data[i] < 0x7f &&
		      !strchr("\"(),/:;<=>?@[\\]{}", name.data[i]));
	naive->n_hosts += is_named(name, "host");
	if (is_named(name, "content-length")) {
		naive->n_lengths++;
		naive->length = 0;
		for (size_t i = 0; i < value.size; i++)
			naive->length = naive->length * 10 +
					(uint64_t)(value.data[i] - '0');
	}
	if (is_named(name, "transfer-encoding"))
		look_at_codings(naive, value);
}

/* A head that was taken is framed one way only, and is all of its lines. */
static void
check_head(const struct door *door, const char *data,
	   const struct aqi_http_head *head)
{
	const char *p = data, *end = data + head->size;
	struct naive naive = {0};
	struct aqi_slice line;

	CHECK(head->size <= door->limits.head);
	for (size_t i = 0; i < head->size; i++) {
		unsigned char byte = (unsigned char)data[i];

		CHECK(byte != 0x7f && (byte >= ' ' || byte == '\t' ||
		      (byte == '\r' && data[i + 1] == '\n') ||
		      (byte == '\n' && i > 0 && data[i - 1] == '\r')));
	}
	do
		line = line_at(&p, end);
	while (line.size == 0);
	CHECK(line.size <= door->limits.line);
	while ((line = line_at(&p, end)).size > 0)
		look_at_field(&naive, line, &head->fields[naive.n_fields++]);
	CHECK(p == end && naive.n_fields == head->n_fields);
	CHECK(head->n_fields <= door->limits.fields);
	CHECK(naive.n_lengths <= 1 && (!naive.n_lengths || !naive.n_codings));
	CHECK(naive.n_chunked <= 1 && (head->minor || !naive.n_codings));
	CHECK(naive.length == head->length);
	if (!door->is_response) {
		CHECK(naive.n_hosts == 1 || (!naive.n_hosts && !head->minor));
		CHECK(!naive.n_codings ||
		      is_named(naive.last_coding, "chunked"));
		CHECK(head->framing == (naive.n_codings ? AQI_HTTP_CHUNKED :
			naive.n_lengths ? AQI_HTTP_LENGTH : AQI_HTTP_NO_BODY));
	} else if (head->framing != AQI_HTTP_NO_BODY) {
		CHECK(head->framing == (naive.n_codings &&
			is_named(naive.last_coding, "chunked") ?
			AQI_HTTP_CHUNKED : naive.n_lengths ? AQI_HTTP_LENGTH :
			AQI_HTTP_UNTIL_CLOSE));
		CHECK(!head->keeps_alive ||
		      head->framing != AQI_HTTP_UNTIL_CLOSE);
	} else {
		CHECK(door->to_head || head->status < 200 ||
		      head->status == 204 || head->status == 304);
	}
}

struct content {
	enum aqi_status status;
	struct aqi_http_fault fault;
	size_t used;
	struct aqi_buffer bytes;
};

/* The body behind a head, of which step bytes come at a time. */
static void
read_body(const struct door *door, const struct aqi_http_head *head,
	  const char *data, size_t size, size_t step, struct content *content)
{
	struct aqi_http_body body;
	size_t have = 0;

	aqi_http_body_begin(&body, head, &door->limits);
	aqi_buffer_clear(&content->bytes);
	content->used = 0;
	for (;;) {
		struct aqi_slice piece, bytes = {data + content->used,
						 have - content->used};
		size_t used = 0;

		content->status = aqi_http_body_next(&body, bytes, &used,
						     &piece, &content->fault);
		CHECK(used <= bytes.size);
		if (content->status != AQI_OK) {
			content->used += content->status == AQI_END ? used : 0;
			return;
		}
		CHECK(lies_in(piece, bytes.data, used));
		aqi_buffer_add_slice(&content->bytes, piece);
		content->used += used;
		if (piece.size > 0)
			continue;
		CHECK(content->used == have);
		if (have == size)
			return;
		have = size - have < step ? size : have + step;
	}
}

#define TOKEN "[-!#$%&'*+.^_`|~0-9A-Za-z]+"
#define BWS "[ \t]*"
#define TEXT "\t -~\x80-\xff"
#define QUOTED "\"([\t !#-[\x80-\xff]|]|[_-~^]|\\\\[" TEXT "])*\""

static bool
matches(regex_t *compiled, const char *pattern, struct aqi_slice line)
{
	static struct aqi_buffer text;

	if (!compiled->buffer)
		CHECK(regcomp(compiled, pattern, REG_EXTENDED) == 0);
	aqi_buffer_clear(&text);
	aqi_buffer_add_slice(&text, line);
	aqi_buffer_add_byte(&text, '\0');
	return strlen(text.data) == line.size &&
	       regexec(compiled, text.data, 0, NULL, 0) == 0;
}

/* A line that ends in CRLF, its end cut off, or false. */
static bool
cut_line(const char **p, const char *end, struct aqi_slice *line)
{
	const char *lf = memchr(*p, '\n', (size_t)(end - *p));

	if (!lf || lf == *p || lf[-1] != '\r')
		return false;
	*line = (struct aqi_slice){*p, (size_t)(lf - 1 - *p)};
	*p = lf + 1;
	return true;
}

/* Are there chunks up to the last, by the grammar? */
static bool
read_chunks(const char *data, size_t size, size_t limit, size_t *used,
	    struct aqi_buffer *content)
{
	static regex_t chunk, trailer;
	const char *p = data, *end = data + size;
	size_t overhead = 1;
	struct aqi_slice line;
	uint64_t left;
	char *behind;

	aqi_buffer_clear(content);
	do {
		if (!cut_line(&p, end, &line) ||
		    !matches(&chunk, "^[0-9A-Fa-f]{1,16}(" BWS ";" BWS TOKEN
			     "(" BWS "=" BWS "(" TOKEN "|" QUOTED "))?)*$",
			     line))
			return false;
		left = strtoull(line.data, &behind, 16);
		overhead += (size_t)(line.data + line.size - behind);
		if (left > (uint64_t)(end - p))
			return false;
		aqi_buffer_add(content, p, (size_t)left);
		p += left;
		if (left > 0 && (end - p < 2 || *p++ != '\r' || *p++ != '\n'))
			return false;
	} while (left > 0);
	while (cut_line(&p, end, &line)) {
		*used = (size_t)(p - data);
		if (line.size == 0)
			return overhead <= limit;
		overhead += line.size + 2;
		if (!matches(&trailer, "^" TOKEN ":[" TEXT "]*$", line) ||
		    strncasecmp(line.data, "host:", 5) == 0 ||
		    strncasecmp(line.data, "content-length:", 15) == 0 ||
		    strncasecmp(line.data, "transfer-encoding:", 18) == 0)
			return false;
	}
	return false;
}

static void
check_chunks(const struct door *door, const char *data, size_t size,
	     const struct content *whole)
{
	static struct aqi_buffer content;
	size_t used = 0;
	bool is_whole = read_chunks(data, size, door->limits.head, &used,
				    &content);

	CHECK(is_whole == (whole->status == AQI_END));
	CHECK(!is_whole || (used == whole->used &&
	      content.size == whole->bytes.size && (content.size == 0 ||
	      memcmp(content.data, whole->bytes.data, content.size) == 0)));
}

static void
check_body(const struct door *door, const struct aqi_http_head *head,
	   const char *data, size_t size)
{
	static struct content whole, parts;
	size_t steps[] = {1, 3, 1 + size / 3};

	read_body(door, head, data, size, size + 1, &whole);
	for (size_t i = 0; i < 3; i++) {
		read_body(door, head, data, size, steps[i], &parts);
		CHECK(whole.status == parts.status);
		CHECK(whole.bytes.size == parts.bytes.size &&
		      (whole.bytes.size == 0 || memcmp(whole.bytes.data,
			parts.bytes.data, whole.bytes.size) == 0));
		CHECK(whole.status == AQI_REJECT || whole.used == parts.used);
		CHECK(whole.status != AQI_REJECT ||
		      (whole.fault.status == parts.fault.status &&
		       whole.fault.reason == parts.fault.reason));
	}
	if (head->framing == AQI_HTTP_CHUNKED)
		check_chunks(door, data, size, &whole);
	if (head->framing == AQI_HTTP_LENGTH)
		CHECK(whole.bytes.size == (head->length < size ? head->length
							       : size));
	if (head->framing == AQI_HTTP_UNTIL_CLOSE)
		CHECK(whole.bytes.size == size && whole.status == AQI_OK);
	if (head->framing == AQI_HTTP_NO_BODY)
		CHECK(whole.used == 0 && whole.status == AQI_END);
}

static void
check_message(const struct door *door, const char *data, size_t size,
	      struct result *whole)
{
	struct aqi_http_progress progress = {0};

	read_head(door, data, size, &progress, whole);
	CHECK(whole->status == AQI_OK || whole->status == AQI_END ||
	      (whole->status == AQI_REJECT && whole->fault.status >= 400 &&
	       whole->fault.reason[0]));
	check_cuts(door, data, size, whole);
	if (whole->status != AQI_OK)
		return;
	check_head(door, data, &whole->head);
	check_body(door, &whole->head, data + whole->head.size,
		   size - whole->head.size);
}

static struct aqi_http_limits
limits_by(size_t size)
{
	static const struct aqi_http_limits small = {40, 200, 3};

	return size % 8 == 3 ? small : AQI_HTTP_LIMITS;
}

#endif
