/* Contents of messages, above all in chunks: each rule by a sentence. */
#include "net/http_body.h"
#include "converse.h"
#include "tap.h"

#define LINE "a chunk does not begin with its size in hexadecimal, and " \
	"extensions"
#define TRAILER "a trailer field is not NAME: VALUE, or frames the message"
#define CRLF "a chunk does not end in CRLF"

/* What stands behind a head of chunks; content NULL: why it is refused. */
struct row {
	const char *sentence;
	const char *bytes;
	const char *content;
	const char *reason;
};

static const struct row rows[] = {
	{"a body of no chunks", "0\r\n\r\n", "", NULL},
	{"sizes are hexadecimal, in any case",
	 "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
	 "01234567890123456789a", NULL},
	{"zeros before a size are taken", "0005\r\nhello\r\n000\r\n\r\n",
	 "hello", NULL},
	{"16 digits are taken", "0000000000000001\r\nx\r\n0\r\n\r\n", "x",
	 NULL},
	{"17 digits are refused", "00000000000000001\r\nx\r\n0\r\n\r\n", NULL,
	 LINE},
	{"a chunk may hold what looks like an end",
	 "5\r\n0\r\n\r\n\r\n0\r\n\r\n",
	 "0\r\n\r\n", NULL},
	{"no size is refused", "\r\n\r\n", NULL, LINE},
	{"no size before an extension is refused", ";a\r\n\r\n", NULL, LINE},
	{"a sign is refused", "+5\r\nhello\r\n0\r\n\r\n", NULL, LINE},
	{"a negative size is refused", "-5\r\nhello\r\n0\r\n\r\n", NULL, LINE},
	{"0x is refused", "0x5\r\nhello\r\n0\r\n\r\n", NULL, LINE},
	{"_ within a size is refused", "1_0\r\n", NULL, LINE},
	{"a blank before a size is refused", " 5\r\nhello\r\n0\r\n\r\n", NULL,
	 LINE},
	{"a blank behind a size is refused", "5 \r\nhello\r\n0\r\n\r\n", NULL,
	 LINE},
	{"a size that ends in LF is refused", "5\nhello\r\n0\r\n\r\n", NULL,
	 LINE},
	{"a size that ends in CR is refused", "5\rXhello\r\n0\r\n\r\n", NULL,
	 LINE},
	{"a chunk longer than its size is refused", "5\r\nhello!\r\n0\r\n\r\n",
	 NULL, CRLF},
	{"a chunk that ends in LF is refused", "5\r\nhello\n0\r\n\r\n", NULL,
	 CRLF},
	{"a chunk that ends in CR is refused", "5\r\nhello\r0\r\n\r\n", NULL,
	 CRLF},
	/* Extensions. */
	{"an extension is a name", "1;a\r\nx\r\n0;b\r\n\r\n", "x", NULL},
	{"or a name and a value", "1;a=b;c=\"d\"\r\nx\r\n0\r\n\r\n", "x", NULL},
	{"blanks stand around the marks",
	 "1 \t; a\t = b ;c= \"d\" ; e ; f\r\nx\r\n0\r\n\r\n", "x", NULL},
	{"a value in quotes may hold anything but control bytes",
	 "1;a=\"; \\\" \\\\ \t\xff\\\t\"\r\nx\r\n0\r\n\r\n", "x", NULL},
	{"a value in quotes may be empty", "1;a=\"\"\r\nx\r\n0\r\n\r\n", "x",
	 NULL},
	{"no name is refused", "1;\r\nx\r\n0\r\n\r\n", NULL, LINE},
	{"no name before a value is refused", "1;=b\r\nx\r\n0\r\n\r\n", NULL,
	 LINE},
	{"no value is refused", "1;a=\r\nx\r\n0\r\n\r\n", NULL, LINE},
	{"a second = is refused", "1;a=b=c\r\nx\r\n0\r\n\r\n", NULL, LINE},
	{"text behind a blank is refused", "1 a\r\nx\r\n0\r\n\r\n", NULL, LINE},
	{"a blank at the end of an extension is refused",
	 "1;a \r\nx\r\n0\r\n\r\n", NULL, LINE},
	{"a blank at the end of a value is refused",
	 "1;a=b \r\nx\r\n0\r\n\r\n", NULL, LINE},
	{"two names with a blank between are refused",
	 "1;a b\r\nx\r\n0\r\n\r\n", NULL, LINE},
	{"two values with a blank between are refused",
	 "1;a=b c\r\nx\r\n0\r\n\r\n", NULL, LINE},
	{"text behind quotes is refused", "1;a=\"b\"c\r\nx\r\n0\r\n\r\n", NULL,
	 LINE},
	{"quotes that never close are refused", "1;a=\"b\r\nx\r\n0\r\n\r\n",
	 NULL, LINE},
	{"a control byte in quotes is refused", "0;a=\"\x01\r\n\r\n", NULL,
	 LINE},
	{"a control byte in a name is refused", "0;a\x01\r\n\r\n", NULL, LINE},
	{"a CR behind a backslash is refused", "1;a=\"\\\r\nx\r\n0\r\n\r\n",
	 NULL, LINE},
	{"a CR within an extension is refused", "1;a=b\rc\r\nx\r\n0\r\n\r\n",
	 NULL, LINE},
	{"an extension that ends in LF is refused", "1;a\nx\r\n0\r\n\r\n", NULL,
	 LINE},
	/* Trailers. */
	{"trailer fields are dropped",
	 "1\r\nx\r\n0\r\nVary: *\r\nX:\t\xff y \r\n\r\n", "x", NULL},
	{"a long name of a trailer is dropped",
	 "0\r\ncontent-length-of-it: 1\r\nhosts: x\r\ntransfer-encodings: x\r\n"
	 "\r\n", "", NULL},
	{"Content-Length is no trailer", "0\r\nContent-Length: 1\r\n\r\n", NULL,
	 TRAILER},
	{"Transfer-Encoding is no trailer",
	 "0\r\nTRANSFER-ENCODING: chunked\r\n\r\n", NULL, TRAILER},
	{"Host is no trailer", "0\r\nX: y\r\nhost: a\r\n\r\n", NULL, TRAILER},
	{"a blank before the colon of a trailer is refused",
	 "0\r\nX : y\r\n\r\n", NULL, TRAILER},
	{"a folded trailer is refused", "0\r\nX: y\r\n z\r\n\r\n", NULL,
	 TRAILER},
	{"an empty name of a trailer is refused", "0\r\n: y\r\n\r\n", NULL,
	 TRAILER},
	{"a trailer without a colon is refused", "0\r\nX\r\n\r\n", NULL,
	 TRAILER},
	{"a control byte in a trailer is refused", "0\r\nX: \x01\r\n\r\n", NULL,
	 TRAILER},
	{"a trailer that ends in LF is refused", "0\r\nX: y\n\r\n", NULL,
	 TRAILER},
	{"a trailer that ends in CR is refused", "0\r\nX: y\rZ: z\r\n\r\n",
	 NULL, TRAILER},
	{"an end in CR alone is refused", "0\r\n\rX", NULL, CRLF},
	{"an end in LF alone is refused", "0\r\n\n", NULL, TRAILER},
};

static const char head[] =
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
static const char next[] = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

/* Three texts, one behind the other. */
static void
join(struct aqi_buffer *out, const char *a, const char *b, const char *c)
{
	aqi_buffer_clear(out);
	aqi_buffer_add_text(out, a);
	aqi_buffer_add_text(out, b);
	aqi_buffer_add_text(out, c);
}

static struct aqi_slice
slice(const struct aqi_buffer *bytes)
{
	return (struct aqi_slice){bytes->data, bytes->size};
}

static void
test_rows(void)
{
	struct conversation c = {.limits = AQI_HTTP_LIMITS};
	struct aqi_buffer text = {0}, wanted = {0};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool is_right;

		join(&text, head, rows[i].bytes, next);
		is_right = converse_alike(&c, slice(&text));
		if (rows[i].content) {
			join(&wanted, "chunked|} [", rows[i].content,
			     "]\nGET /next?");
			aqi_buffer_add_byte(&wanted, '\0');
			is_right &= c.n_messages == 2 && !c.refused &&
				    strstr(c.text.data, wanted.data);
		} else {
			is_right &= c.n_messages == 0 && c.refused == 400 &&
				    strcmp(c.reason, rows[i].reason) == 0;
		}
		if (!ok(is_right, "%s", rows[i].sentence))
			note("read %s", c.text.data);
	}
	aqi_buffer_free(&text);
	aqi_buffer_free(&wanted);
	aqi_buffer_free(&c.text);
}

/* A body cut anywhere is not whole, and nothing is refused. */
static void
test_cut(void)
{
	const char *body = "3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n";
	struct conversation c = {.limits = AQI_HTTP_LIMITS};
	struct aqi_buffer text = {0};
	size_t n_bad = 0;

	join(&text, head, body, "");
	for (size_t size = 1; size < text.size; size++)
		n_bad += !converse_alike(&c, (struct aqi_slice){text.data,
					 size}) || c.n_messages > 0 ||
			 !c.is_cut || c.refused;
	ok(n_bad == 0, "a message that is cut anywhere is not whole");
	n_bad = 0;
	join(&text, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n",
	     "abc", "");
	for (size_t size = 1; size < text.size; size++)
		n_bad += !converse_alike(&c, (struct aqi_slice){text.data,
					 size}) || c.n_messages > 0 ||
			 !c.is_cut || c.refused;
	ok(n_bad == 0, "nor is one of known length");
	aqi_buffer_free(&text);
	aqi_buffer_free(&c.text);
}

static void
test_limits(void)
{
	/* Limits of the head as well, which has 60 bytes. */
	struct conversation c = {.limits = {100, 60, 100}};
	struct aqi_buffer text = {0};
	static char x[100];
	bool is_right = true;

	for (size_t n = 55; n < 60; n++) {
		memset(x, 'x', n);
		x[n] = '\0';
		/* `;`, the name, the CR and the LF are more than the size. */
		join(&text, head, "0;", x);
		aqi_buffer_add_text(&text, "\r\n\r\n");
		is_right &= converse_alike(&c, slice(&text)) &&
			    c.refused == (n < 59 ? 0 : 431);
	}
	ok(is_right && strcmp(c.reason, "the extensions and trailer fields "
			      "are too long") == 0,
	   "extensions at their limit are read, one byte more is 431");
	aqi_buffer_clear(&text);
	aqi_buffer_add_text(&text, head);
	for (size_t i = 0; i < 100; i++)
		aqi_buffer_add_text(&text, "1;a\r\nx\r\n");
	ok(converse_alike(&c, slice(&text)) && c.refused == 431 &&
	   strstr(c.text.data, "[xxxxxxxxxxxxxxxxxxxx"),
	   "so are the extensions of many chunks together");
	aqi_buffer_clear(&text);
	aqi_buffer_add_text(&text, head);
	aqi_buffer_add_text(&text, "0\r\n");
	for (size_t i = 0; i < 20; i++)
		aqi_buffer_add_text(&text, "X:y\r\n");
	ok(converse_alike(&c, slice(&text)) && c.refused == 431,
	   "and trailer fields");
	aqi_buffer_clear(&text);
	aqi_buffer_add_text(&text, head);
	for (size_t i = 0; i < 1000; i++)
		aqi_buffer_add_text(&text, "001\r\nx\r\n");
	aqi_buffer_add_text(&text, "0\r\n\r\n");
	ok(converse_alike(&c, slice(&text)) && c.n_messages == 1,
	   "chunks without any may be as many as they are");
	aqi_buffer_free(&text);
	aqi_buffer_free(&c.text);
}

/* Pieces lie in the input, and the largest size is no trouble. */
static void
test_pieces(void)
{
	struct aqi_http_limits limits = AQI_HTTP_LIMITS;
	static struct aqi_http_head chunked = {.framing = AQI_HTTP_CHUNKED};
	struct aqi_http_body body;
	struct aqi_slice bytes = aqi_slice_of("FFFFFFFFFFFFFFFF\r\nabc"), piece;
	struct aqi_http_fault fault;
	size_t used;

	aqi_http_body_begin(&body, &chunked, &limits);
	ok(aqi_http_body_next(&body, bytes, &used, &piece, &fault) == AQI_OK &&
	   piece.data == bytes.data + 18 && piece.size == 3 && used == 21 &&
	   body.left == UINT64_MAX - 3,
	   "a piece lies in the bytes, of a chunk of 2^64 - 1, too");
	ok(aqi_http_body_next(&body, (struct aqi_slice){bytes.data, 0}, &used,
			      &piece, &fault) == AQI_OK &&
	   piece.size == 0 && used == 0, "without bytes there is no piece");
	chunked.framing = AQI_HTTP_NO_BODY;
	aqi_http_body_begin(&body, &chunked, &limits);
	ok(aqi_http_body_next(&body, bytes, &used, &piece, &fault) == AQI_END &&
	   used == 0 && !aqi_http_body_ends_by_close(&body),
	   "no body is over at once");
	chunked.framing = AQI_HTTP_UNTIL_CLOSE;
	aqi_http_body_begin(&body, &chunked, &limits);
	ok(aqi_http_body_next(&body, bytes, &used, &piece, &fault) == AQI_OK &&
	   used == bytes.size && piece.size == bytes.size &&
	   aqi_http_body_ends_by_close(&body),
	   "a body until the close is all that comes");
	ok(sizeof body <= 48, "a connection keeps 48 bytes for it");
}

int
main(void)
{
	test_rows();
	test_cut();
	test_limits();
	test_pieces();
	return done();
}
