#include "net/http_fields.h"

#include <strings.h>

#include "net/http_class.h"
#include "net/http_line.h"
#include "net/url.h"

/* What the fields say that frame and route a message. */
struct known {
	struct aqi_slice host;
	uint64_t length;
	bool has_host, has_length, has_type, has_coding;
	bool is_chunked;	/* the last coding is */
	bool was_chunked;	/* one of the codings is */
	bool closes, keeps, expects;
	bool is_old;		/* HTTP/1.0 */
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

/* The registered ones besides chunked. */
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
is_token(struct aqi_slice text)
{
	const char *end = text.data + text.size;

	return text.size > 0 &&
	       aqi_http_run(AQI_HTTP_TOKEN, text.data, end) == end;
}

/* One field of them; there may be several. */
static bool
read_codings(struct aqi_slice list, bool is_response, struct known *known,
	     struct aqi_http_fault *fault)
{
	known->has_coding = true;
	while (list.data) {
		struct aqi_slice coding = aqi_http_next_element(&list);
		bool is_chunked = aqi_http_is(coding, "chunked");

		if (!is_token(coding))
			return aqi_http_refuse(fault, 400, "Transfer-Encoding "
				"is not a list of names");
		if (!is_chunked && !is_response && !is_coding(coding))
			return aqi_http_refuse(fault, 501, "Transfer-Encoding "
				"has a coding that is not known");
		if (known->was_chunked && (is_chunked || !is_response))
			return aqi_http_refuse(fault, 400, "Transfer-Encoding "
				"has chunked before its end");
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

/* For a field that stands once at most; again is why it is refused. */
static bool
is_new(bool *has, const char *again, struct aqi_http_fault *fault)
{
	if (*has)
		return aqi_http_refuse(fault, 400, again);
	*has = true;
	return true;
}

static bool
read_host(struct aqi_slice value, struct known *known,
	  struct aqi_http_fault *fault)
{
	struct aqi_slice host;
	unsigned port;

	known->host = value;
	return is_new(&known->has_host, "Host stands twice", fault) &&
	       (aqi_url_read_authority(value, true, &host, &port) ||
		aqi_http_refuse(fault, 400, "Host is not HOST or HOST:PORT"));
}

/* A field by its name, of which the length leaves one. */
static bool
read_known(const struct aqi_http_field *field, bool is_response,
	   struct known *known, struct aqi_http_fault *fault)
{
	struct aqi_slice name = field->name, value = field->value;

	switch (name.size) {
	case 4:
		return is_response || !aqi_http_is(name, "host") ||
		       read_host(value, known, fault);
	case 6:
		if (is_response || !aqi_http_is(name, "expect"))
			return true;
		known->expects = aqi_http_is(value, "100-continue");
		return known->expects || known->is_old ||
		       aqi_http_refuse(fault, 417, "Expect is not "
				       "100-continue");
	case 10:
		if (aqi_http_is(name, "connection"))
			read_connection(value, known);
		return true;
	case 12:
		return !aqi_http_is(name, "content-type") ||
		       is_new(&known->has_type, "Content-Type stands twice",
			      fault);
	case 14:
		return !aqi_http_is(name, "content-length") ||
		       (is_new(&known->has_length, "Content-Length stands "
			       "twice", fault) &&
			(read_length(value, &known->length) ||
			 aqi_http_refuse(fault, 400, "Content-Length is not a "
					 "count of bytes")));
	case 17:
		return !aqi_http_is(name, "transfer-encoding") ||
		       read_codings(value, is_response, known, fault);
	}
	return true;
}

static bool
check_host(const struct aqi_http_head *head, const struct known *known,
	   struct aqi_http_fault *fault)
{
	struct aqi_slice host = known->host, wanted = head->authority;

	if (!known->has_host)
		return known->is_old ||
		       aqi_http_refuse(fault, 400, "Host is missing");
	return wanted.size == 0 ||
	       (wanted.size == host.size &&
		strncasecmp(wanted.data, host.data, host.size) == 0) ||
	       aqi_http_refuse(fault, 400, "Host is not the host of the "
			       "target");
}

static bool
check_framing(const struct known *known, bool is_response,
	      struct aqi_http_fault *fault)
{
	if (!known->has_coding)
		return true;
	if (known->has_length)
		return aqi_http_refuse(fault, 400, "both Content-Length and "
				       "Transfer-Encoding");
	if (known->is_old)
		return aqi_http_refuse(fault, 400, "Transfer-Encoding in "
				       "HTTP/1.0");
	return known->is_chunked || is_response ||
	       aqi_http_refuse(fault, 400, "Transfer-Encoding does not end in "
			       "chunked");
}

bool
aqi_http_read_fields(struct aqi_http_head *head, bool is_response,
		     bool has_no_body, struct aqi_http_fault *fault)
{
	struct known known = {.is_old = head->minor == 0};

	for (size_t i = 0; i < head->n_fields; i++)
		if (!read_known(&head->fields[i], is_response, &known, fault))
			return false;
	if (!check_framing(&known, is_response, fault) ||
	    (!is_response && !check_host(head, &known, fault)))
		return false;
	head->framing = has_no_body ? AQI_HTTP_NO_BODY :
			known.is_chunked ? AQI_HTTP_CHUNKED :
			known.has_length ? AQI_HTTP_LENGTH :
			is_response ? AQI_HTTP_UNTIL_CLOSE : AQI_HTTP_NO_BODY;
	head->length = known.length;
	head->keeps_alive = !known.closes && (known.keeps || !known.is_old) &&
			    head->framing != AQI_HTTP_UNTIL_CLOSE;
	head->expects_continue = known.expects && !known.is_old &&
				 (known.is_chunked || known.length > 0);
	return true;
}
