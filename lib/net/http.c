#include "net/http.h"

#include <arpa/inet.h>
#include <endian.h>

#include "net/http_class.h"

/*
 * The first control byte from p on; most of a head is text, so eight bytes at a
 * time, without a branch for each. A byte is a control byte when it is below
 * 0x20 or is 0x7f. The sums stay within their bytes: each is judged alone.
 */
static const char *
skip_text(const char *p, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	while (end - p >= 8) {
		uint64_t word, low, control;

		memcpy(&word, p, sizeof word);
		word = le64toh(word);
		low = word & ones * 0x7f;
		control = (~(low + ones * 0x60) | (low + ones)) & ~word &
			  ones * 0x80;
		if (control == 0) {
			p += 8;
			continue;
		}
		p += __builtin_ctzll(control) / 8;
		if (*p != '\t')
			return p;
		p++;
	}
	return aqi_http_run(AQI_HTTP_TEXT, p, end);
}

bool
aqi_http_is(struct aqi_slice text, const char *name)
{
	size_t i = 0;

	/* Of the bytes of a name, the bit maps capitals to small letters, and
	 * nothing but control bytes to others. */
	while (i < text.size && name[i] &&
	       ((unsigned char)text.data[i] | 0x20) == (unsigned char)name[i])
		i++;
	return i == text.size && !name[i];
}

struct aqi_slice
aqi_http_find(const struct aqi_http_head *head, const char *name)
{
	for (size_t i = 0; i < head->n_fields; i++)
		if (aqi_http_is(head->fields[i].name, name))
			return head->fields[i].value;
	return (struct aqi_slice){NULL, 0};
}

struct aqi_slice
aqi_http_next_element(struct aqi_slice *list)
{
	struct aqi_slice element = *list;
	const char *comma = list->size ? memchr(list->data, ',', list->size)
				       : NULL;

	if (comma) {
		element.size = (size_t)(comma - list->data);
		list->data += element.size + 1;
		list->size -= element.size + 1;
	} else {
		*list = (struct aqi_slice){NULL, 0};
	}
	return aqi_slice_trim(element);
}

static bool
refuse(struct aqi_http_fault *fault, unsigned status, const char *reason)
{
	*fault = (struct aqi_http_fault){status, reason};
	return false;
}

static bool
is_address6(struct aqi_slice text)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (text.size >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	return strlen(copy) == text.size &&
	       inet_pton(AF_INET6, copy, &address) == 1;
}

/* HOST[:PORT] */
static bool
is_authority(struct aqi_slice text, bool needs_port)
{
	const char *p = text.data, *end = p + text.size, *close, *digits;
	unsigned port = 0;

	if (text.size > 0 && *p == '[') {
		close = memchr(p, ']', text.size);
		if (!close || !is_address6((struct aqi_slice){p + 1,
					   (size_t)(close - p - 1)}))
			return false;
		p = close + 1;
	} else {
		p = aqi_http_run(AQI_HTTP_HOST, p, end);
		if (p == text.data)
			return false;
	}
	if (p == end)
		return !needs_port;
	if (*p++ != ':')
		return false;
	for (digits = p; p < end && *p >= '0' && *p <= '9' && port < 65536; p++)
		port = 10 * port + (unsigned)(*p - '0');
	return p == end && port < 65536 && (p > digits || !needs_port);
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

/* scheme://[user@]authority[/path][?query] */
static bool
read_absolute(struct aqi_slice target, size_t scheme,
	      struct aqi_http_head *head, struct aqi_http_fault *fault)
{
	const char *begin = target.data + scheme, *end = target.data +
		target.size, *p = begin, *at;

	while (p < end && *p != '/' && *p != '?')
		p++;
	split_query((struct aqi_slice){p, (size_t)(end - p)}, head);
	at = memrchr(begin, '@', (size_t)(p - begin));
	if (at)
		begin = at + 1;
	head->authority = (struct aqi_slice){begin, (size_t)(p - begin)};
	return is_authority(head->authority, false) ||
	       refuse(fault, 400, "the target's host is not well-formed");
}

static bool
begins(struct aqi_slice text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.size >= n &&
	       aqi_http_is((struct aqi_slice){text.data, n}, prefix);
}

static bool
read_target(struct aqi_http_head *head, struct aqi_http_fault *fault)
{
	struct aqi_slice target = head->target;

	if (aqi_slice_is(head->method, "CONNECT")) {
		head->authority = target;
		head->path.data = head->query.data = target.data + target.size;
		return is_authority(target, true) || refuse(fault, 400,
			"the target of CONNECT is HOST:PORT");
	}
	if (target.data[0] == '/')
		split_query(target, head);
	else if (begins(target, "http://"))
		return read_absolute(target, 7, head, fault);
	else if (begins(target, "https://"))
		return read_absolute(target, 8, head, fault);
	else if (aqi_slice_is(target, "*") &&
		 aqi_slice_is(head->method, "OPTIONS"))
		split_query(target, head);
	else
		return refuse(fault, 400, "the target begins with no /");
	return true;
}

static bool
read_version(struct aqi_slice text, struct aqi_http_head *head,
	     struct aqi_http_fault *fault)
{
	const char *p = text.data;

	if (text.size != 8 || memcmp(p, "HTTP/", 5) != 0 || p[5] < '1' ||
	    p[5] > '9' || p[6] != '.' || p[7] < '0' || p[7] > '9')
		return refuse(fault, 400, "the version is not HTTP/1.0 or "
			      "HTTP/1.1");
	if (p[5] != '1')
		return refuse(fault, 505, "the version is above HTTP/1.1");
	head->minor = p[7] != '0';
	return true;
}

/* METHOD SP TARGET SP VERSION */
static bool
read_request_line(struct aqi_slice line, struct aqi_http_head *head,
		  struct aqi_http_fault *fault)
{
	const char *end = line.data + line.size, *method = line.data, *version;
	const char *target = aqi_http_run(AQI_HTTP_METHOD, method, end);

	if (target == method || target == end || *target != ' ')
		return refuse(fault, 400, "the request does not begin with a "
			      "method and a blank");
	head->method = (struct aqi_slice){method, (size_t)(target - method)};
	target++;
	version = aqi_http_run(AQI_HTTP_TARGET, target, end);
	if (version == target || version == end || *version != ' ')
		return refuse(fault, 400, "the request line is not METHOD "
			      "TARGET VERSION");
	head->target = (struct aqi_slice){target, (size_t)(version - target)};
	version++;
	return read_target(head, fault) &&
	       read_version((struct aqi_slice){version,
			    (size_t)(end - version)}, head, fault);
}

/* VERSION SP STATUS [SP REASON] */
static bool
read_status_line(struct aqi_slice line, struct aqi_http_head *head,
		 struct aqi_http_fault *fault)
{
	const char *p = line.data;
	size_t version = line.size < 8 ? line.size : 8;

	if (!read_version((struct aqi_slice){p, version}, head, fault)) {
		fault->status = 502;
		return false;
	}
	if (line.size < 12 || p[8] != ' ' || p[9] < '1' || p[9] > '9' ||
	    p[10] < '0' || p[10] > '9' || p[11] < '0' || p[11] > '9' ||
	    (line.size > 12 && p[12] != ' '))
		return refuse(fault, 502, "the status line is not VERSION "
			      "STATUS REASON");
	head->status = (unsigned)((p[9] - '0') * 100 + (p[10] - '0') * 10 +
				  (p[11] - '0'));
	head->reason = (struct aqi_slice){p + line.size, 0};
	if (line.size > 13)
		head->reason = (struct aqi_slice){p + 13, line.size - 13};
	return true;
}

/* NAME:VALUE */
static bool
read_field(struct aqi_slice line, struct aqi_http_field *field,
	   struct aqi_http_fault *fault, unsigned status)
{
	const char *end = line.data + line.size;
	const char *colon = aqi_http_run(AQI_HTTP_TOKEN, line.data, end);

	if (colon == line.data || colon == end || *colon != ':') {
		if (*line.data == ' ' || *line.data == '\t')
			return refuse(fault, status, "a header field begins "
				      "with a blank");
		return refuse(fault, status, "a header field is not NAME: "
			      "VALUE");
	}
	field->name = (struct aqi_slice){line.data,
					 (size_t)(colon - line.data)};
	field->value = aqi_slice_trim((struct aqi_slice){colon + 1,
					(size_t)(end - colon - 1)});
	return true;
}

/* The lines of a head, up to the empty one behind it. */
static enum aqi_status
read_lines(struct aqi_slice bytes, bool is_response,
	   struct aqi_http_progress *progress,
	   const struct aqi_http_limits *limits, struct aqi_http_head *head,
	   struct aqi_http_fault *fault)
{
	const char *begin = bytes.data, *p = begin + progress->at;
	const char *end = begin + (bytes.size < limits->head ? bytes.size
							     : limits->head);
	const unsigned bad = is_response ? 502 : 400;
	bool is_good = true;

	while (is_good) {
		struct aqi_slice line = {begin + progress->line, 0};
		size_t n = progress->n_lines;
		const char *stop = end;

		if (n == 0 && (size_t)(end - line.data) > limits->line)
			stop = line.data + limits->line + 1;
		p = skip_text(p, stop);
		progress->at = (size_t)(p - begin);
		line.size = (size_t)(p - line.data);
		if (n == 0 && line.size > limits->line) {
			refuse(fault, is_response ? 502 : 414,
			       "the first line is too long");
			break;
		}
		if (p == stop || (*p == '\r' && p + 1 == end)) {
			if (bytes.size < limits->head)
				return AQI_END;
			refuse(fault, is_response ? 502 : 431,
			       "the head is too long");
			break;
		}
		if (*p != '\r' || p[1] != '\n') {
			refuse(fault, bad, *p == '\r' || *p == '\n' ?
			       "a line does not end in CRLF" :
			       "a control byte");
			break;
		}
		p += 2;
		if (line.size == 0 && n > 0) {
			head->size = (size_t)(p - begin);
			head->n_fields = n - 1;
			return AQI_OK;
		}
		progress->at = progress->line = (size_t)(p - begin);
		if (line.size == 0) {
			is_good = line.data == begin || refuse(fault, bad,
				"two empty lines before the message");
			continue;
		}
		progress->n_lines++;
		if (n == 0)
			is_good = is_response ?
				read_status_line(line, head, fault) :
				read_request_line(line, head, fault);
		else if (n > limits->fields || n > AQI_HTTP_FIELDS)
			is_good = refuse(fault, is_response ? 502 : 431,
					 "too many header fields");
		else
			is_good = read_field(line, &head->fields[n - 1], fault,
					     bad);
	}
	return AQI_REJECT;
}

/* What the fields say that frame and route a message. */
struct known {
	struct aqi_slice host;
	uint64_t length;
	bool has_host, has_length, has_type, has_coding;
	bool is_chunked;	/* the last coding is */
	bool was_chunked;	/* one of the codings is */
	bool closes, keeps, expects;
};

static bool
read_length(struct aqi_slice value, uint64_t *length)
{
	*length = 0;
	for (size_t i = 0; i < value.size; i++) {
		unsigned digit = (unsigned char)value.data[i] - (unsigned)'0';

		if (digit > 9 || *length > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		*length = 10 * *length + digit;
	}
	return value.size > 0;
}

static bool
is_coding(struct aqi_slice name)
{
	static const char *const names[] = {"gzip", "deflate", "identity",
		"compress", "x-gzip", "x-compress"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (aqi_http_is(name, names[i]))
			return true;
	return false;
}

static bool
read_codings(struct aqi_slice list, bool is_response, struct known *known,
	     struct aqi_http_fault *fault)
{
	const unsigned bad = is_response ? 502 : 400;

	known->has_coding = true;
	while (list.data) {
		struct aqi_slice coding = aqi_http_next_element(&list);
		const char *end = coding.data + coding.size;
		bool is_chunked = aqi_http_is(coding, "chunked");

		if (coding.size == 0 ||
		    aqi_http_run(AQI_HTTP_TOKEN, coding.data, end) < end)
			return refuse(fault, bad, "Transfer-Encoding is not a "
				      "list of names");
		if (!is_response && !is_chunked && !is_coding(coding))
			return refuse(fault, 501, "Transfer-Encoding has a "
				      "coding that is not known");
		if (known->was_chunked && (is_chunked || !is_response))
			return refuse(fault, bad, "Transfer-Encoding has "
				      "chunked before its end");
		known->is_chunked = is_chunked;
		known->was_chunked |= is_chunked;
	}
	return true;
}

static void
read_connection(struct aqi_slice list, struct known *known)
{
	while (list.data) {
		struct aqi_slice option = aqi_http_next_element(&list);

		known->closes |= aqi_http_is(option, "close");
		known->keeps |= aqi_http_is(option, "keep-alive");
	}
}

/* A field by its name; the length of the name leaves one of them. */
static bool
read_known(const struct aqi_http_field *field, bool is_response,
	   struct known *known, struct aqi_http_fault *fault)
{
	const unsigned bad = is_response ? 502 : 400;
	struct aqi_slice name = field->name, value = field->value;

	switch (name.size) {
	case 4:
		if (is_response || !aqi_http_is(name, "host"))
			break;
		if (known->has_host)
			return refuse(fault, 400, "Host stands twice");
		known->has_host = true;
		known->host = value;
		return is_authority(value, false) ||
		       refuse(fault, 400, "Host is not HOST or HOST:PORT");
	case 6:
		if (is_response || !aqi_http_is(name, "expect"))
			break;
		known->expects = true;
		return aqi_http_is(value, "100-continue") ||
		       refuse(fault, 417, "Expect is not 100-continue");
	case 10:
		if (aqi_http_is(name, "connection"))
			read_connection(value, known);
		break;
	case 12:
		if (!aqi_http_is(name, "content-type"))
			break;
		if (known->has_type)
			return refuse(fault, bad, "Content-Type stands twice");
		known->has_type = true;
		break;
	case 14:
		if (!aqi_http_is(name, "content-length"))
			break;
		if (known->has_length)
			return refuse(fault, bad, "Content-Length stands "
				      "twice");
		known->has_length = true;
		return read_length(value, &known->length) ||
		       refuse(fault, bad, "Content-Length is not a number of "
			      "bytes");
	case 17:
		if (aqi_http_is(name, "transfer-encoding"))
			return read_codings(value, is_response, known, fault);
		break;
	}
	return true;
}

static bool
same_host(struct aqi_slice a, struct aqi_slice b)
{
	return a.size == b.size && strncasecmp(a.data, b.data, a.size) == 0;
}

static bool
check_host(const struct aqi_http_head *head, const struct known *known,
	   struct aqi_http_fault *fault)
{
	if (!known->has_host)
		return head->minor == 0 ||
		       refuse(fault, 400, "Host is missing");
	return head->authority.size == 0 ||
	       same_host(head->authority, known->host) ||
	       refuse(fault, 400, "Host is not the host of the target");
}

/* What the fields mean together. */
static bool
finish(struct aqi_http_head *head, bool is_response, bool has_no_body,
       struct aqi_http_fault *fault)
{
	struct known known = {0};
	const unsigned bad = is_response ? 502 : 400;

	for (size_t i = 0; i < head->n_fields; i++)
		if (!read_known(&head->fields[i], is_response, &known, fault))
			return false;
	if (!is_response && !check_host(head, &known, fault))
		return false;
	if (known.has_coding && known.has_length)
		return refuse(fault, bad, "both Content-Length and "
			      "Transfer-Encoding");
	if (known.has_coding && head->minor == 0)
		return refuse(fault, bad, "Transfer-Encoding in HTTP/1.0");
	if (known.has_coding && !known.is_chunked && !is_response)
		return refuse(fault, 400, "Transfer-Encoding does not end in "
			      "chunked");
	head->keeps_alive = !known.closes && (head->minor > 0 || known.keeps);
	head->length = known.length;
	if (has_no_body)
		head->framing = AQI_HTTP_NO_BODY;
	else if (known.is_chunked)
		head->framing = AQI_HTTP_CHUNKED;
	else if (known.has_length)
		head->framing = AQI_HTTP_LENGTH;
	else if (is_response)
		head->framing = AQI_HTTP_UNTIL_CLOSE;
	if (head->framing == AQI_HTTP_UNTIL_CLOSE)
		head->keeps_alive = false;
	head->expects_continue = known.expects && head->minor > 0 &&
		(known.is_chunked || known.length > 0);
	return true;
}

/*
 * A head that came in parts is read once more when it is whole: what the
 * earlier calls found is not kept, so that a connection that waits for bytes
 * needs no head of its own.
 */
static enum aqi_status
read_head(struct aqi_slice bytes, bool is_response,
	  struct aqi_http_progress *progress,
	  const struct aqi_http_limits *limits, struct aqi_http_head *head,
	  struct aqi_http_fault *fault)
{
	bool is_first = progress->n_lines == 0;
	enum aqi_status status;

	memset(head, 0, offsetof(struct aqi_http_head, fields));
	status = read_lines(bytes, is_response, progress, limits, head, fault);
	if (status == AQI_OK && !is_first) {
		*progress = (struct aqi_http_progress){0};
		status = read_lines(bytes, is_response, progress, limits, head,
				    fault);
	}
	if (status == AQI_OK)
		*progress = (struct aqi_http_progress){0};
	return status;
}

enum aqi_status
aqi_http_read_request(struct aqi_slice bytes,
		      struct aqi_http_progress *progress,
		      const struct aqi_http_limits *limits,
		      struct aqi_http_head *head,
		      struct aqi_http_fault *fault)
{
	enum aqi_status status = read_head(bytes, false, progress, limits,
					   head, fault);

	if (status != AQI_OK)
		return status;
	if (!finish(head, false, false, fault))
		return AQI_REJECT;
	/* What follows CONNECT is for somebody else. */
	if (aqi_slice_is(head->method, "CONNECT"))
		head->keeps_alive = false;
	return AQI_OK;
}

enum aqi_status
aqi_http_read_response(struct aqi_slice bytes, bool to_head,
		       struct aqi_http_progress *progress,
		       const struct aqi_http_limits *limits,
		       struct aqi_http_head *head,
		       struct aqi_http_fault *fault)
{
	enum aqi_status status = read_head(bytes, true, progress, limits, head,
					   fault);
	bool has_no_body = to_head || head->status < 200 ||
			   head->status == 204 || head->status == 304;

	if (status != AQI_OK)
		return status;
	if (!finish(head, true, has_no_body, fault))
		return AQI_REJECT;
	/* So is what follows 101. */
	if (head->status == 101)
		head->keeps_alive = false;
	return AQI_OK;
}
