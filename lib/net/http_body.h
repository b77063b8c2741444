/*
 * http_body.h: the content of a message, piece by piece, where it lies.
 *
 * Chunks are read by the grammar of RFC 9112, part 7.1: sizes in hexadecimal
 * without sign, extensions that are names with or without a value, a CRLF
 * behind each chunk. Extensions and trailer fields are looked at and dropped;
 * a trailer that would frame or route the message (Content-Length, Host,
 * Transfer-Encoding) is refused.
 */
#ifndef AQI_NET_HTTP_BODY_H
#define AQI_NET_HTTP_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "net/http.h"

/* Small enough for each connection to have one; open for that alone. */
struct aqi_http_body {
	enum aqi_http_framing framing;
	uint64_t left;		/* bytes of this chunk, or of the content */
	uint32_t overhead;	/* bytes of extensions and trailers so far */
	uint32_t limit;		/* of overhead */
	uint8_t state;
	uint8_t n;		/* bytes of a size, or of a name */
	char name[18];		/* of a trailer field, as far as it matters */
};

/*
 * The body behind a head. All extensions and trailer fields together may have
 * limits->head bytes.
 */
void aqi_http_body_begin(struct aqi_http_body *body,
			 const struct aqi_http_head *head,
			 const struct aqi_http_limits *limits);

/*
 * Take the next piece of the content out of bytes, those that follow what was
 * used before. *used, out, is how many of them the body has had.
 *
 * AQI_OK: *piece is the content, in bytes; where it is empty, all bytes are
 * used and more are needed. AQI_END: the message is over, and what follows
 * the bytes used is none of it. AQI_REJECT: fault is filled. However the bytes
 * are cut, the contents and the result are the same. The end of a content of
 * known length needs no bytes more: it is told by the call behind its last.
 */
enum aqi_status aqi_http_body_next(struct aqi_http_body *body,
				   struct aqi_slice bytes, size_t *used,
				   struct aqi_slice *piece,
				   struct aqi_http_fault *fault) AQI_MUST_CHECK;

/*
 * When the connection closes before AQI_END: was that the end of the message?
 * Otherwise it was cut.
 */
static inline bool
aqi_http_body_ends_by_close(const struct aqi_http_body *body)
{
	return body->framing == AQI_HTTP_UNTIL_CLOSE;
}

#endif
