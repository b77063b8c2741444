/*
 * converse.h: what one end of a connection reads from the bytes of the other,
 * as a text, when they come in pieces.
 */
#ifndef AQI_TESTS_CONVERSE_H
#define AQI_TESTS_CONVERSE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "net/http.h"
#include "net/http_body.h"

enum way {AT_ONCE, BY_BYTE, BY_LINE, N_WAYS};

struct conversation {
	bool is_response;
	bool to_head;			/* responses to HEAD */
	struct aqi_http_limits limits;
	/* Out. */
	struct aqi_buffer text;		/* all that was read, and how it ends */
	size_t n_heads;			/* read whole */
	size_t n_messages;		/* so, with their bodies */
	unsigned refused;		/* the status, or 0 */
	const char *reason;
	bool is_cut;			/* the end came within a message */
	bool is_closed;			/* nothing is read behind the last */
};

static size_t
piece_end(struct aqi_slice input, size_t at, enum way way)
{
	const char *lf;

	if (way == AT_ONCE)
		return input.size;
	if (way == BY_BYTE)
		return at + 1;
	lf = memchr(input.data + at, '\n', input.size - at);
	return lf ? (size_t)(lf - input.data) + 1 : input.size;
}

static void
add_head(struct aqi_buffer *text, const struct aqi_http_head *head)
{
	static const char *const framings[] = {"none", "length", "chunked",
		"until close"};

	if (head->method.size > 0) {
		aqi_buffer_add_slice(text, head->method);
		aqi_buffer_add_byte(text, ' ');
		aqi_buffer_add_slice(text, head->path);
		aqi_buffer_add_byte(text, '?');
		aqi_buffer_add_slice(text, head->query);
		aqi_buffer_add_byte(text, '@');
		aqi_buffer_add_slice(text, head->authority);
	} else {
		aqi_buffer_add_format(text, "%u ", head->status);
		aqi_buffer_add_slice(text, head->reason);
	}
	aqi_buffer_add_format(text, " 1.%u %s %" PRIu64 "%s%s {", head->minor,
			      framings[head->framing], head->length,
			      head->keeps_alive ? "" : " closes",
			      head->expects_continue ? " expects" : "");
	for (size_t i = 0; i < head->n_fields; i++) {
		aqi_buffer_add_slice(text, head->fields[i].name);
		aqi_buffer_add_byte(text, '=');
		aqi_buffer_add_slice(text, head->fields[i].value);
		aqi_buffer_add_byte(text, '|');
	}
	aqi_buffer_add_text(text, "} [");
}

/* Bytes of their exact size, so that a sanitizer sees each read too many. */
static struct aqi_slice
copy_of(struct aqi_slice bytes)
{
	char *copy = malloc(bytes.size + !bytes.size);

	if (bytes.size > 0)
		memcpy(copy, bytes.data, bytes.size);
	return (struct aqi_slice){copy, bytes.size};
}

static void
converse(struct conversation *c, struct aqi_slice input, enum way way)
{
	static struct aqi_http_head head;
	struct aqi_http_progress progress = {0};
	struct aqi_http_body body;
	struct aqi_http_fault fault = {0};
	bool in_body = false, keeps_alive = true;
	size_t done = 0, have = 0;

	aqi_buffer_clear(&c->text);
	c->n_heads = c->n_messages = c->refused = 0;
	c->reason = NULL;
	c->is_cut = c->is_closed = false;
	while (have < input.size && keeps_alive && !c->refused) {
		enum aqi_status status;
		bool goes_on;

		have = piece_end(input, have, way);
		do {
			struct aqi_slice piece, bytes = copy_of(
				(struct aqi_slice){input.data + done,
						   have - done});
			size_t used = 0;

			if (in_body) {
				status = aqi_http_body_next(&body, bytes, &used,
							    &piece, &fault);
				if (status == AQI_OK)
					aqi_buffer_add_slice(&c->text, piece);
				goes_on = status == AQI_END || (status ==
					  AQI_OK && piece.size > 0);
				if (status == AQI_END) {
					aqi_buffer_add_text(&c->text, "]\n");
					c->n_messages++;
					in_body = false;
					keeps_alive = head.keeps_alive;
				}
			} else {
				status = c->is_response ?
					aqi_http_read_response(bytes,
						c->to_head, &progress,
						&c->limits, &head, &fault) :
					aqi_http_read_request(bytes, &progress,
						&c->limits, &head, &fault);
				goes_on = in_body = status == AQI_OK;
				if (status == AQI_OK) {
					c->n_heads++;
					add_head(&c->text, &head);
					aqi_http_body_begin(&body, &head,
							    &c->limits);
					used = head.size;
				}
			}
			done += used;
			if (status == AQI_REJECT) {
				c->refused = fault.status;
				c->reason = fault.reason;
				aqi_buffer_add_format(&c->text, "%u %s",
						      fault.status,
						      fault.reason);
			}
			free((char *)bytes.data);
		} while (goes_on && keeps_alive);
	}
	c->is_closed = !keeps_alive;
	c->is_cut = !c->refused && keeps_alive &&
		    (in_body ? !aqi_http_body_ends_by_close(&body)
			     : done < input.size);
	if (in_body && !c->is_cut && !c->refused)
		c->n_messages++;
	aqi_buffer_add_byte(&c->text, '\0');
}

/* All ways; false where they differ. */
__attribute__((unused))
static bool
converse_alike(struct conversation *c, struct aqi_slice input)
{
	struct conversation first = *c;

	first.text = (struct aqi_buffer){0};
	converse(&first, input, AT_ONCE);
	for (int way = AT_ONCE; way < N_WAYS; way++) {
		converse(c, input, (enum way)way);
		if (c->text.size != first.text.size ||
		    memcmp(c->text.data, first.text.data, c->text.size) != 0 ||
		    c->is_cut != first.is_cut) {
			printf("# way %d: %s\n# at once: %s\n", way,
			       c->text.data, first.text.data);
			aqi_buffer_free(&first.text);
			return false;
		}
	}
	aqi_buffer_free(&first.text);
	return true;
}

#endif
