#include "net/http_line.h"

#include "base/ascii.h"
#include "net/http_class.h"
#include "net/url.h"

static bool
begins(struct aqi_slice text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.size >= n &&
	       aqi_http_is((struct aqi_slice){text.data, n}, prefix);
}

static bool
is_authority(struct aqi_slice text, bool has_default)
{
	struct aqi_slice host;
	unsigned port;

	return aqi_url_read_authority(text, has_default, &host, &port);
}

static void
split_query(struct aqi_slice whole, struct aqi_http_head *head)
{
	const char *mark = whole.size ? memchr(whole.data, '?', whole.size)
				      : NULL;

	head->path = head->query = whole;
	if (mark)
		head->path.size = (size_t)(mark - whole.data);
	head->query.data += head->path.size + (mark != NULL);
	head->query.size -= head->path.size + (mark != NULL);
}

/* SCHEME://[USER@]AUTHORITY[/PATH][?QUERY], behind the scheme. */
static bool
read_absolute(struct aqi_slice rest, struct aqi_http_head *head,
	      struct aqi_http_fault *fault)
{
	const char *host = rest.data, *end = host + rest.size, *p = host, *at;

	while (p < end && *p != '/' && *p != '?')
		p++;
	split_query((struct aqi_slice){p, (size_t)(end - p)}, head);
	at = memrchr(host, '@', (size_t)(p - host));
	if (at)
		host = at + 1;
	head->authority = (struct aqi_slice){host, (size_t)(p - host)};
	return is_authority(head->authority, true) ||
	       aqi_http_refuse(fault, 400, "the target has no HOST or "
			       "HOST:PORT behind ://");
}

static bool
read_target(struct aqi_http_head *head, struct aqi_http_fault *fault)
{
	struct aqi_slice target = head->target;
	size_t scheme = begins(target, "http://") ? 7 :
			begins(target, "https://") ? 8 : 0;

	if (aqi_slice_is(head->method, "CONNECT")) {
		head->authority = target;
		head->path.data = head->query.data = target.data + target.size;
		return is_authority(target, false) ||
		       aqi_http_refuse(fault, 400, "the target of CONNECT is "
				       "not HOST:PORT");
	}
	if (scheme > 0)
		return read_absolute((struct aqi_slice){target.data + scheme,
				     target.size - scheme}, head, fault);
	split_query(target, head);
	return target.data[0] == '/' ||
	       (aqi_slice_is(target, "*") &&
		aqi_slice_is(head->method, "OPTIONS")) ||
	       aqi_http_refuse(fault, 400, "the target does not begin with /");
}

static bool
read_version(struct aqi_slice text, struct aqi_http_head *head,
	     struct aqi_http_fault *fault)
{
	const char *p = text.data;

	if (text.size != 8 || memcmp(p, "HTTP/", 5) != 0 ||
	    !aqi_ascii_is_digit(p[5]) || p[5] == '0' || p[6] != '.' ||
	    !aqi_ascii_is_digit(p[7]))
		return aqi_http_refuse(fault, 400, "the version is not "
				       "HTTP/1.0 or HTTP/1.1");
	if (p[5] > '1')
		return aqi_http_refuse(fault, 505, "the version is above "
				       "HTTP/1.1");
	head->minor = p[7] > '0';
	return true;
}

bool
aqi_http_read_request_line(struct aqi_slice line, struct aqi_http_head *head,
			   struct aqi_http_fault *fault)
{
	const char *end = line.data + line.size, *method = line.data, *version;
	const char *target = aqi_http_run(AQI_HTTP_METHOD, method, end);

	if (target == method || target == end || *target != ' ')
		return aqi_http_refuse(fault, 400, "the request does not begin "
				       "with a method and a blank");
	head->method = (struct aqi_slice){method, (size_t)(target - method)};
	target++;
	version = aqi_http_run(AQI_HTTP_TARGET, target, end);
	if (version == target || version == end || *version != ' ')
		return aqi_http_refuse(fault, 400, "the request line is not "
				       "METHOD TARGET VERSION");
	head->target = (struct aqi_slice){target, (size_t)(version - target)};
	version++;
	return read_target(head, fault) &&
	       read_version((struct aqi_slice){version,
			    (size_t)(end - version)}, head, fault);
}

bool
aqi_http_read_status_line(struct aqi_slice line, struct aqi_http_head *head,
			  struct aqi_http_fault *fault)
{
	const char *p = line.data;
	size_t version = line.size < 8 ? line.size : 8;
	size_t reason = line.size < 13 ? line.size : 13;

	if (!read_version((struct aqi_slice){p, version}, head, fault))
		return false;
	if (line.size < 12 || p[8] != ' ' || !aqi_ascii_is_digit(p[9]) ||
	    p[9] == '0' || !aqi_ascii_is_digit(p[10]) ||
	    !aqi_ascii_is_digit(p[11]) ||
	    (line.size > 12 && p[12] != ' '))
		return aqi_http_refuse(fault, 400, "the status line is not "
				       "VERSION STATUS REASON");
	head->status = (unsigned)((p[9] - '0') * 100 + (p[10] - '0') * 10 +
				  (p[11] - '0'));
	head->reason = (struct aqi_slice){p + reason, line.size - reason};
	return true;
}

bool
aqi_http_read_field(struct aqi_slice line, struct aqi_http_field *field,
		    struct aqi_http_fault *fault)
{
	const char *end = line.data + line.size;
	const char *colon = aqi_http_run(AQI_HTTP_TOKEN, line.data, end);

	if (colon == line.data || colon == end || *colon != ':')
		return aqi_http_refuse(fault, 400, *line.data == ' ' ||
			*line.data == '\t' ?
			"a header field begins with a blank" :
			"a header field is not NAME: VALUE");
	field->name = (struct aqi_slice){line.data,
					 (size_t)(colon - line.data)};
	field->value = aqi_slice_trim((struct aqi_slice){colon + 1,
					(size_t)(end - colon - 1)});
	return true;
}
