#include "net/url.h"

#include <arpa/inet.h>
#include <strings.h>

#include "base/ascii.h"
#include "net/address.h"
#include "net/http.h"
#include "net/http_class.h"

static bool
is_address6(struct aqi_slice text)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (text.size >= sizeof copy || memchr(text.data, '\0', text.size))
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	return inet_pton(AF_INET6, copy, &address) == 1;
}

bool
aqi_url_read_authority(struct aqi_slice text, bool has_default,
		       struct aqi_slice *host, unsigned *port)
{
	const char *p = text.data, *end = p + text.size, *close, *digits;
	unsigned number = 0;

	if (text.size > 0 && *p == '[') {
		close = memchr(p, ']', text.size);
		if (!close)
			return false;
		*host = (struct aqi_slice){p + 1, (size_t)(close - p - 1)};
		if (!is_address6(*host))
			return false;
		p = close + 1;
	} else {
		p = aqi_http_run(AQI_HTTP_HOST, p, end);
		*host = (struct aqi_slice){text.data, (size_t)(p - text.data)};
		if (host->size == 0)
			return false;
	}
	if (p == end)
		return has_default;
	if (*p++ != ':')
		return false;
	for (digits = p; p < end && *p >= '0' && *p <= '9' && number < 65536;)
		number = 10 * number + (unsigned)(*p++ - '0');
	if (p < end || number > 65535 || (p == digits && !has_default))
		return false;
	if (p > digits)
		*port = number;
	return true;
}

static bool
begins(struct aqi_slice text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.size >= n && strncasecmp(text.data, prefix, n) == 0;
}

static struct aqi_slice
from(struct aqi_slice text, const char *p)
{
	return (struct aqi_slice){p, (size_t)(text.data + text.size - p)};
}

/* What is asked of the server: behind its name, from / or ? on. */
static bool
read_target(struct aqi_slice rest, struct aqi_slice *target)
{
	const char *end = rest.data + rest.size;

	*target = rest.size > 0 ? rest : aqi_slice_of("/");
	return rest.size == 0 ||
	       (*rest.data == '/' &&
		aqi_http_run(AQI_HTTP_TARGET, rest.data, end) == end);
}

static enum aqi_status
refuse(struct aqi_slice text, const char *clause, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	return aqi_error_set(err, AQI_E_USAGE, "%s %s",
			     aqi_error_quote(quoted, text), clause);
}

/* unix:SOCKET[:/PATH] */
static enum aqi_status
read_unix(struct aqi_slice text, struct aqi_url *url, struct aqi_error *err)
{
	struct aqi_slice rest = from(text, text.data + 5);
	const char *colon = rest.size ? memchr(rest.data, ':', rest.size)
				      : NULL;

	url->socket = rest;
	if (colon)
		url->socket.size = (size_t)(colon - rest.data);
	url->authority = aqi_slice_of("localhost");
	rest = colon ? from(text, colon + 1) : from(text, text.data +
						    text.size);
	if (url->socket.size == 0 ||
	    memchr(url->socket.data, '\0', url->socket.size) ||
	    !read_target(rest, &url->target))
		return refuse(text, "is not unix:SOCKET or unix:SOCKET:/PATH",
			      err);
	return AQI_OK;
}

enum aqi_status
aqi_url_read(struct aqi_slice text, struct aqi_url *url, struct aqi_error *err)
{
	const char *end = text.data + text.size, *p;

	*url = (struct aqi_url){.port = 80};
	if (begins(text, "unix:"))
		return read_unix(text, url, err);
	if (begins(text, "https://"))
		return refuse(text, "asks for TLS, which is not built in; use "
			      "http://", err);
	if (!begins(text, "http://"))
		return refuse(text, "is no URL: it begins with neither "
			      "http:// nor unix:", err);
	for (p = text.data + 7; p < end && *p != '/' && *p != '?';)
		p++;
	url->authority = (struct aqi_slice){text.data + 7,
					    (size_t)(p - text.data - 7)};
	if (!aqi_url_read_authority(url->authority, true, &url->host,
				    &url->port))
		return refuse(text, "has no HOST or HOST:PORT behind http://",
			      err);
	if (!read_target(from(text, p), &url->target))
		return refuse(text, "has a path that does not begin with /, or "
			      "holds a blank, a control byte or #", err);
	return AQI_OK;
}

void
aqi_url_add_below(const struct aqi_url *url, const char *path,
		  struct aqi_buffer *out)
{
	struct aqi_slice base = url->target;
	const char *query = memchr(base.data, '?', base.size);

	if (query)
		base.size = (size_t)(query - base.data);
	while (base.size > 0 && base.data[base.size - 1] == '/')
		base.size--;
	aqi_buffer_add_slice(out, base);
	aqi_buffer_add_text(out, path);
}

enum aqi_status
aqi_url_find(const struct aqi_url *url, struct aqi_address *list, size_t *n,
	     struct aqi_error *err)
{
	*n = 1;
	if (url->socket.size > 0)
		return aqi_address_of_path(url->socket, list, err);
	return aqi_address_find(url->host, (uint16_t)url->port, list, n, err);
}

static bool
has_dots(struct aqi_slice path)
{
	const char *p = path.data, *end = p + path.size, *slash;

	for (; p < end; p = slash + 1) {
		slash = memchr(p, '/', (size_t)(end - p));
		if (!slash)
			slash = end;
		if (slash - p == 2 && p[0] == '.' && p[1] == '.')
			return true;
	}
	return false;
}

static enum aqi_status
refuse_path(struct aqi_http_fault *fault, unsigned status, const char *reason)
{
	*fault = (struct aqi_http_fault){status, reason};
	return status == 500 ? AQI_FATAL : AQI_REJECT;
}

enum aqi_status
aqi_url_decode_path(struct aqi_slice raw, struct aqi_buffer *room,
		    struct aqi_slice *path, struct aqi_http_fault *fault)
{
	const char *end = raw.data + raw.size;
	char *out;

	*path = raw;
	if (raw.size > 0 && memchr(raw.data, '%', raw.size)) {
		aqi_buffer_clear(room);
		out = aqi_buffer_room(room, raw.size);
		if (!out)
			return refuse_path(fault, 500, "memory ran out");
		for (const char *p = raw.data; p < end; p++) {
			int high, low;

			if (*p != '%') {
				*out++ = *p;
				continue;
			}
			high = end - p > 2 ? aqi_ascii_hex(p[1]) : -1;
			low = end - p > 2 ? aqi_ascii_hex(p[2]) : -1;
			if (high < 0 || low < 0)
				return refuse_path(fault, 400, "the path has "
					"a % without two digits");
			if (high == 0 && low == 0)
				return refuse_path(fault, 400, "the path has "
					"an encoded NUL");
			*out++ = (char)(high << 4 | low);
			p += 2;
		}
		room->size = (size_t)(out - room->data);
		*path = (struct aqi_slice){room->data, room->size};
	}
	if (has_dots(*path))
		return refuse_path(fault, 400, "the path has a segment ..");
	return AQI_OK;
}
