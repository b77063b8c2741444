/* Heads of messages, written. */
#include "net/http_write.h"
#include "tap.h"

static bool
is(struct aqi_buffer *out, const char *wanted)
{
	bool same = aqi_slice_is((struct aqi_slice){out->data, out->size},
				 wanted) && !out->failed;

	if (!same)
		note("wrote %.*s", (int)out->size, out->data);
	aqi_buffer_clear(out);
	return same;
}

static void
test_lines(struct aqi_buffer *out)
{
	aqi_http_add_status(out, 200);
	aqi_http_add_field(out, "content-type", aqi_slice_of("a/b"));
	aqi_http_add_length(out, 0);
	aqi_http_add_end(out);
	ok(is(out, "HTTP/1.1 200 OK\r\ncontent-type: a/b\r\n"
	      "content-length: 0\r\n\r\n"),
	   "a response is a status, fields and an end");
	aqi_http_add_length(out, UINT64_MAX);
	ok(is(out, "content-length: 18446744073709551615\r\n"),
	   "a length has all the digits it needs");
	ok(aqi_http_add_request(out, aqi_slice_of("POST"),
				aqi_slice_of("/predict?a"),
				aqi_slice_of("a:80")) &&
	   is(out, "POST /predict?a HTTP/1.1\r\nhost: a:80\r\n"),
	   "a request is a line, and Host first");
}

/* RFC 9110, part 15, and RFC 6585. */
static void
test_phrases(struct aqi_buffer *out)
{
	static const char wanted[] =
		"100 Continue|101 Switching Protocols|200 OK|201 Created|"
		"202 Accepted|204 No Content|206 Partial Content|"
		"301 Moved Permanently|302 Found|303 See Other|"
		"304 Not Modified|307 Temporary Redirect|"
		"308 Permanent Redirect|400 Bad Request|401 Unauthorized|"
		"403 Forbidden|404 Not Found|405 Method Not Allowed|"
		"406 Not Acceptable|408 Request Timeout|409 Conflict|410 Gone|"
		"411 Length Required|412 Precondition Failed|"
		"413 Content Too Large|414 URI Too Long|"
		"415 Unsupported Media Type|417 Expectation Failed|"
		"421 Misdirected Request|422 Unprocessable Content|"
		"426 Upgrade Required|428 Precondition Required|"
		"429 Too Many Requests|431 Request Header Fields Too Large|"
		"500 Internal Server Error|501 Not Implemented|"
		"502 Bad Gateway|503 Service Unavailable|504 Gateway Timeout|"
		"505 HTTP Version Not Supported|";
	char line[80];

	for (unsigned status = 100; status < 600; status++) {
		const char *phrase = aqi_http_reason(status);

		snprintf(line, sizeof line, "%u %s|", status, phrase);
		if (strcmp(phrase, "Status") != 0)
			aqi_buffer_add_text(out, line);
	}
	ok(is(out, wanted), "each status has its phrase");
	aqi_http_add_status(out, 431);
	aqi_http_add_status(out, 599);
	ok(is(out, "HTTP/1.1 431 Request Header Fields Too Large\r\n"
	      "HTTP/1.1 599 Status\r\n"), "and an unknown one has one, too");
}

static void
test_values(struct aqi_buffer *out)
{
	static const char *const bad[] = {"a\rb", "a\nb", "a\r\nx: y", "\x1b[m",
		"\x7f"};
	size_t n_added = 0;

	for (size_t i = 0; i < 5; i++) {
		struct aqi_slice word = aqi_slice_of(bad[i]);
		struct aqi_slice good = aqi_slice_of("/");

		n_added += aqi_http_add_field(out, "x", word);
		n_added += aqi_http_add_request(out, word, good, good);
		n_added += aqi_http_add_request(out, good, word, good);
		n_added += aqi_http_add_request(out, good, good, word);
		n_added += aqi_http_is_value(word);
	}
	n_added += aqi_http_add_field(out, "x", (struct aqi_slice){"a\0b", 3});
	ok(n_added == 0 && out->size == 0,
	   "a control byte is refused, and nothing is written");
	ok(!aqi_http_add_field(out, "", aqi_slice_of("y")) &&
	   !aqi_http_add_field(out, "x y", aqi_slice_of("z")) &&
	   !aqi_http_add_field(out, "x:", aqi_slice_of("y")) && out->size == 0,
	   "a name is a token");
	ok(!aqi_http_add_request(out, aqi_slice_of("GET"),
				 aqi_slice_of("/a b"), aqi_slice_of("a")) &&
	   !aqi_http_add_request(out, aqi_slice_of("GET"), aqi_slice_of("/\t"),
				 aqi_slice_of("a")) &&
	   !aqi_http_add_request(out, aqi_slice_of(""), aqi_slice_of("/"),
				 aqi_slice_of("a")) && out->size == 0,
	   "the words of a request line have no blanks, and are not empty");
	ok(aqi_http_add_field(out, "x", aqi_slice_of("a \t\xff")) &&
	   aqi_http_add_field(out, "y", (struct aqi_slice){NULL, 0}) &&
	   is(out, "x: a \t\xff\r\ny: \r\n"),
	   "tabs, bytes above 0x7f and nothing are values");
}

/* Moments from date(1): date -u -d @N. */
static void
test_date(struct aqi_buffer *out)
{
	struct aqi_http_date date = {0};

	aqi_http_add_date(out, &date, 0);
	ok(is(out, "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
	   "the first date is that of second 0");
	aqi_http_add_date(out, &date, 784111777);
	aqi_http_add_date(out, &date, 951782399);
	ok(is(out, "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	      "date: Mon, 28 Feb 2000 23:59:59 GMT\r\n"),
	   "a date is written as RFC 9110 does");
	aqi_http_add_date(out, &date, 253402300799);
	ok(is(out, "date: Fri, 31 Dec 9999 23:59:59 GMT\r\n"),
	   "up to the end of the year 9999");
	date.field[6] = 'X';
	aqi_http_add_date(out, &date, 253402300799);
	ok(is(out, "date: Xri, 31 Dec 9999 23:59:59 GMT\r\n"),
	   "it is made once a second");
}

int
main(void)
{
	struct aqi_buffer out = {0};

	test_lines(&out);
	test_phrases(&out);
	test_values(&out);
	test_date(&out);
	aqi_buffer_free(&out);
	return done();
}
