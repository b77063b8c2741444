#include "net/http_write.h"

#include <string.h>

#include "net/http_class.h"

/* RFC 9110 and, from 428 on, RFC 6585. */
static const struct {
	unsigned status;
	const char *phrase;
} reasons[] = {
	{200, "OK"},
	{100, "Continue"},
	{101, "Switching Protocols"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{206, "Partial Content"},
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{304, "Not Modified"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{411, "Length Required"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{417, "Expectation Failed"},
	{421, "Misdirected Request"},
	{422, "Unprocessable Content"},
	{426, "Upgrade Required"},
	{428, "Precondition Required"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
	{505, "HTTP Version Not Supported"},
};

const char *
aqi_http_reason(unsigned status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].phrase;
	return "Status";
}

static size_t
put_number(char *out, uint64_t x)
{
	char digits[20];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + x % 10);
	while ((x /= 10) > 0);
	for (size_t i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	return n;
}

void
aqi_http_add_status(struct aqi_buffer *out, unsigned status)
{
	char line[80] = "HTTP/1.1 ", *p = line + 9;
	const char *phrase = aqi_http_reason(status);
	size_t n = strlen(phrase);

	p += put_number(p, status);
	*p++ = ' ';
	memcpy(p, phrase, n);
	p += n;
	*p++ = '\r';
	*p++ = '\n';
	aqi_buffer_add(out, line, (size_t)(p - line));
}

bool
aqi_http_is_value(struct aqi_slice value)
{
	const char *end = value.data + value.size;

	return value.size == 0 ||
	       aqi_http_run(AQI_HTTP_TEXT, value.data, end) == end;
}

/* Is there a word, and nothing that could end it? */
static bool
is_word(struct aqi_slice text)
{
	return text.size > 0 && aqi_http_is_value(text) &&
	       !memchr(text.data, ' ', text.size) &&
	       !memchr(text.data, '\t', text.size);
}

bool
aqi_http_add_request(struct aqi_buffer *out, struct aqi_slice method,
		     struct aqi_slice target, struct aqi_slice host)
{
	if (!is_word(method) || !is_word(target) || !is_word(host))
		return false;
	aqi_buffer_add_slice(out, method);
	aqi_buffer_add_byte(out, ' ');
	aqi_buffer_add_slice(out, target);
	aqi_buffer_add_text(out, " HTTP/1.1\r\nhost: ");
	aqi_buffer_add_slice(out, host);
	aqi_buffer_add(out, "\r\n", 2);
	return true;
}

bool
aqi_http_add_field(struct aqi_buffer *out, const char *name,
		   struct aqi_slice value)
{
	size_t n = strlen(name);

	if (n == 0 || aqi_http_run(AQI_HTTP_TOKEN, name, name + n) < name + n ||
	    !aqi_http_is_value(value))
		return false;
	aqi_buffer_add(out, name, n);
	aqi_buffer_add(out, ": ", 2);
	aqi_buffer_add_slice(out, value);
	aqi_buffer_add(out, "\r\n", 2);
	return true;
}

void
aqi_http_add_length(struct aqi_buffer *out, uint64_t n)
{
	char line[40] = "content-length: ", *p = line + 16;

	p += put_number(p, n);
	*p++ = '\r';
	*p++ = '\n';
	aqi_buffer_add(out, line, (size_t)(p - line));
}

static void
put_two(char *out, int x)
{
	out[0] = (char)('0' + x / 10);
	out[1] = (char)('0' + x % 10);
}

/* Not strftime(3), whose names of days depend on the locale. */
static void
make_date(struct aqi_http_date *date, time_t now)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = {0};
	char *p = date->field;

	gmtime_r(&now, &tm);
	date->second = now;
	memcpy(p, "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 37);
	memcpy(p + 6, days + 3 * tm.tm_wday, 3);
	put_two(p + 11, tm.tm_mday);
	memcpy(p + 14, months + 3 * tm.tm_mon, 3);
	put_two(p + 18, tm.tm_year / 100 + 19);
	put_two(p + 20, tm.tm_year % 100);
	put_two(p + 23, tm.tm_hour);
	put_two(p + 26, tm.tm_min);
	put_two(p + 29, tm.tm_sec);
}

void
aqi_http_add_date(struct aqi_buffer *out, struct aqi_http_date *date,
		  time_t now)
{
	if (date->second != now || !date->field[0])
		make_date(date, now);
	aqi_buffer_add(out, date->field, 37);
}

void
aqi_http_add_end(struct aqi_buffer *out)
{
	aqi_buffer_add(out, "\r\n", 2);
}
