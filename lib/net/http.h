/*
 * http.h: the head of one HTTP/1.x message, read strictly.
 *
 * Who answers a request must agree with every proxy before him on where it
 * ends. So a head is read by the grammar of RFC 9112 or refused; nothing is
 * repaired. The rules, where the standard leaves a choice or others differ:
 *
 * Lines end in CRLF; a CR or LF alone, and any other control byte but the tab,
 * is refused where it stands. Empty lines before the message are skipped. A
 * line that begins with a blank (a folded field) is refused.
 * A request line is METHOD SP TARGET SP VERSION, with single blanks. A method
 * is made of capital letters, `-` and `_`. HTTP/1.0 is read as such, HTTP/1.1
 * to HTTP/1.9 as 1.1; HTTP/0.9 is refused, from HTTP/2.0 on with 505.
 * A target begins with `/`, or is http:// or https:// with an authority, or
 * HOST:PORT for CONNECT alone, or `*` for OPTIONS alone. Bytes above 0x7f are
 * taken, `#` is not: no target has a fragment. User information before `@` is
 * taken and not looked at.
 * Host stands exactly once in HTTP/1.1, at most once in 1.0, is not empty, has
 * the characters of RFC 3986, and is the authority of the target where that
 * has one. Content-Type stands at most once.
 * Field names are tokens with no blank before the colon, and are what they
 * spell: `Transfer_Encoding` is a field like any other. Values may hold bytes
 * above 0x7f.
 * Content-Length stands at most once, is digits alone and fits 63 bits; never
 * beside Transfer-Encoding. It may come with any method.
 * Transfer-Encoding comes with HTTP/1.1 only. Its codings have no parameters.
 * In a request the last is `chunked`, and no other; before it may stand gzip,
 * deflate, compress and identity, which are not undone. A coding of another
 * name is refused with 501.
 * Expect is `100-continue` or refused with 417; in HTTP/1.0 it is nothing.
 * In a response, a reason may be empty or absent; codings that do not end in
 * `chunked` mean that the body lasts until the connection closes.
 */
#ifndef AQI_NET_HTTP_H
#define AQI_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* More fields than any head may have. */
#define AQI_HTTP_FIELDS 100

/* In bytes and fields; at the limit is within it. */
struct aqi_http_limits {
	size_t line;	/* the request or status line, without its end: 414 */
	size_t head;	/* all of the head, blank line included: 431 */
	size_t fields;	/* at most AQI_HTTP_FIELDS: 431 */
};

#define AQI_HTTP_LIMITS ((struct aqi_http_limits){8192, 32768, AQI_HTTP_FIELDS})

struct aqi_http_field {
	struct aqi_slice name;	/* as it came: in any case */
	struct aqi_slice value;	/* without the blanks around it */
};

/* What tells where the body ends. */
enum aqi_http_framing {
	AQI_HTTP_NO_BODY,
	AQI_HTTP_LENGTH,	/* of `length` bytes, possibly 0 */
	AQI_HTTP_CHUNKED,
	AQI_HTTP_UNTIL_CLOSE	/* the end of the connection: responses only */
};

/* A head that is whole. All slices lie in the bytes that were read. */
struct aqi_http_head {
	size_t size;		/* bytes of the head, blank line included */
	/* A request's. */
	struct aqi_slice method;
	struct aqi_slice target;	/* as it came */
	struct aqi_slice authority;	/* of an absolute target or CONNECT */
	struct aqi_slice path;	/* of the target, not decoded; "*" for all;
				   empty where the target has none */
	struct aqi_slice query;	/* behind the first `?`, or empty */
	bool expects_continue;	/* waits for 100 before it sends its body */
	/* A response's. */
	unsigned status;	/* 100 to 999 */
	struct aqi_slice reason;
	/* Of both. */
	unsigned minor;		/* 0 or 1: HTTP/1.minor */
	enum aqi_http_framing framing;
	uint64_t length;	/* of the body, with AQI_HTTP_LENGTH */
	bool keeps_alive;	/* another message may follow this one */
	size_t n_fields;
	struct aqi_http_field fields[AQI_HTTP_FIELDS];
};

/* Why a message is refused. */
struct aqi_http_fault {
	unsigned status;	/* to answer with; 502 for a bad response */
	const char *reason;	/* one clause, valid for ever */
};

/*
 * How far the bytes of a head that is not whole yet have been looked at, so
 * that no byte is looked at twice. Zero at the start of each head.
 */
struct aqi_http_progress {
	size_t at;	/* the first byte not looked at */
	size_t line;	/* where its line begins */
	size_t n_lines;	/* before that one */
};

/* Have more than empty lines before the message been looked at? */
static inline bool
aqi_http_has_begun(const struct aqi_http_progress *progress)
{
	return progress->n_lines > 0 || progress->at > progress->line;
}

/*
 * Read the head that begins at the first of bytes; what follows it is not
 * looked at.
 *
 * AQI_OK: the head is whole, and progress is zero again. AQI_END: it is not,
 * more bytes are needed; call again with the same bytes and more behind them,
 * which may have moved. AQI_REJECT: fault is filled, and nothing behind can be
 * read any more. However the bytes are cut, the result is the same, and a
 * fault is found with the last byte of its line. Does not allocate.
 */
enum aqi_status aqi_http_read_request(struct aqi_slice bytes,
				      struct aqi_http_progress *progress,
				      const struct aqi_http_limits *limits,
				      struct aqi_http_head *head,
				      struct aqi_http_fault *fault)
	AQI_MUST_CHECK;

/*
 * The same for a response; to_head: it answers HEAD and has no body, whatever
 * it announces.
 */
enum aqi_status aqi_http_read_response(struct aqi_slice bytes, bool to_head,
				       struct aqi_http_progress *progress,
				       const struct aqi_http_limits *limits,
				       struct aqi_http_head *head,
				       struct aqi_http_fault *fault)
	AQI_MUST_CHECK;

/*
 * The value of the first field of a name, given in small letters; {NULL, 0}
 * where there is none. An empty value has data.
 */
struct aqi_slice aqi_http_find(const struct aqi_http_head *head,
			       const char *name);

/* Is this the name, given in small letters, in whatever case it came? */
bool aqi_http_is(struct aqi_slice text, const char *name);

/*
 * The next element of a list of values separated by commas; blanks around it
 * are cut. *list loses it. {NULL, 0} behind the last; empty elements are
 * handed out.
 */
struct aqi_slice aqi_http_next_element(struct aqi_slice *list);

#endif
