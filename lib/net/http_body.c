#include "net/http_body.h"

#include "base/ascii.h"
#include "net/http_class.h"

enum {
	SIZE,		/* at first, and where each chunk begins */
	SIZE_BLANK,	/* a blank before a `;` */
	NAME_START,	/* of an extension, behind `;` */
	NAME,
	NAME_BLANK,
	VALUE_START,	/* behind `=` */
	VALUE,
	QUOTED,
	ESCAPED,	/* behind a backslash in quotes */
	VALUE_END,	/* behind a value: a blank, or the closing quote */
	VALUE_BLANK,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,	/* where a line begins */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	LAST_LF
};

void
aqi_http_body_begin(struct aqi_http_body *body,
		    const struct aqi_http_head *head,
		    const struct aqi_http_limits *limits)
{
	*body = (struct aqi_http_body){
		.framing = head->framing,
		.left = head->framing == AQI_HTTP_LENGTH ? head->length : 0,
		.limit = limits->head < UINT32_MAX ? (uint32_t)limits->head
						   : UINT32_MAX};
}

static enum aqi_status
refuse(struct aqi_http_fault *fault, unsigned status, const char *reason)
{
	*fault = (struct aqi_http_fault){status, reason};
	return AQI_REJECT;
}

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* What comes behind the size of a chunk, or behind an extension. */
static int
after(char byte, int blank)
{
	return byte == ';' ? NAME_START : byte == '\r' ? SIZE_LF :
	       is_blank(byte) ? blank : -1;
}

/*
 * The state behind a byte of the line that begins a chunk, by the grammar
 * SIZE *( BWS ";" BWS NAME [ BWS "=" BWS VALUE ] ); -1 where there is none.
 */
static int
size_line(struct aqi_http_body *body, char byte)
{
	bool is_token = aqi_http_byte_is(AQI_HTTP_TOKEN, byte);
	int digit;

	switch (body->state) {
	case SIZE:
		digit = aqi_ascii_hex(byte);
		if (digit < 0)
			return body->n > 0 ? after(byte, SIZE_BLANK) : -1;
		body->left = body->left << 4 | (unsigned)digit;
		return body->n++ < 16 ? SIZE : -1;
	case SIZE_BLANK:
	case VALUE_BLANK:
		return byte == ';' ? NAME_START :
		       is_blank(byte) ? body->state : -1;
	case NAME_START:
		return is_token ? NAME : is_blank(byte) ? NAME_START : -1;
	case NAME:
		return is_token ? NAME : byte == '=' ? VALUE_START :
		       after(byte, NAME_BLANK);
	case NAME_BLANK:
		return byte == '=' ? VALUE_START : byte == ';' ? NAME_START :
		       is_blank(byte) ? NAME_BLANK : -1;
	case VALUE_START:
		return is_token ? VALUE : byte == '"' ? QUOTED :
		       is_blank(byte) ? VALUE_START : -1;
	case VALUE:
		return is_token ? VALUE : after(byte, VALUE_BLANK);
	case QUOTED:
		return byte == '"' ? VALUE_END : byte == '\\' ? ESCAPED :
		       aqi_http_byte_is(AQI_HTTP_TEXT, byte) ? QUOTED : -1;
	case ESCAPED:
		return aqi_http_byte_is(AQI_HTTP_TEXT, byte) ? QUOTED : -1;
	case VALUE_END:
		return after(byte, VALUE_BLANK);
	}
	/* SIZE_LF */
	body->n = 0;
	return byte != '\n' ? -1 : body->left > 0 ? DATA : TRAILER;
}

/* Would this trailer frame or route the message? */
static bool
is_forbidden(const struct aqi_http_body *body)
{
	struct aqi_slice name = {body->name, body->n};

	return aqi_http_is(name, "content-length") ||
	       aqi_http_is(name, "transfer-encoding") ||
	       aqi_http_is(name, "host");
}

/* The same for the fields behind the last chunk. */
static int
trailer(struct aqi_http_body *body, char byte)
{
	switch (body->state) {
	case TRAILER:
		if (byte == '\r')
			return LAST_LF;
		body->n = 0;
		/* fall through */
	case TRAILER_NAME:
		if (byte == ':')
			return body->n > 0 && !is_forbidden(body)
			       ? TRAILER_VALUE : -1;
		if (body->n < sizeof body->name)
			body->name[body->n++] = byte;
		return aqi_http_byte_is(AQI_HTTP_TOKEN, byte) ? TRAILER_NAME
							      : -1;
	case TRAILER_VALUE:
		return byte == '\r' ? TRAILER_LF :
		       aqi_http_byte_is(AQI_HTTP_TEXT, byte) ? TRAILER_VALUE
							     : -1;
	}
	/* TRAILER_LF */
	return byte == '\n' ? TRAILER : -1;
}

/* As much of the content as there is. */
static struct aqi_slice
take(struct aqi_http_body *body, struct aqi_slice bytes)
{
	if (bytes.size > body->left)
		bytes.size = (size_t)body->left;
	body->left -= bytes.size;
	return bytes;
}

static enum aqi_status
next_of_chunks(struct aqi_http_body *body, struct aqi_slice bytes,
	       size_t *used, struct aqi_slice *piece,
	       struct aqi_http_fault *fault)
{
	size_t i = 0;
	int state;

	for (; i < bytes.size; body->state = (uint8_t)state) {
		char byte = bytes.data[i];

		if (body->state == DATA) {
			*piece = take(body, (struct aqi_slice){bytes.data + i,
							bytes.size - i});
			if (body->left == 0)
				body->state = DATA_CR;
			*used = i + piece->size;
			return AQI_OK;
		}
		i++;
		if (body->state == LAST_LF && byte == '\n') {
			*used = i;
			return AQI_END;
		}
		if (body->state == DATA_CR || body->state == DATA_LF ||
		    body->state == LAST_LF) {
			if (byte != (body->state == DATA_CR ? '\r' : '\n'))
				return refuse(fault, 400, "a chunk does not "
					      "end in CRLF");
			state = body->state == DATA_CR ? DATA_LF : SIZE;
			continue;
		}
		if (body->state < DATA) {
			body->overhead += body->state != SIZE &&
					  body->state != SIZE_LF;
			state = size_line(body, byte);
		} else {
			body->overhead++;
			state = trailer(body, byte);
		}
		if (state < 0)
			return body->state < DATA ?
				refuse(fault, 400, "a chunk does not begin "
				       "with its size in hexadecimal, and "
				       "extensions") :
				refuse(fault, 400, "a trailer field is not "
				       "NAME: VALUE, or frames the message");
		if (body->overhead > body->limit)
			return refuse(fault, 431, "the extensions and trailer "
				      "fields are too long");
	}
	*used = i;
	return AQI_OK;
}

enum aqi_status
aqi_http_body_next(struct aqi_http_body *body, struct aqi_slice bytes,
		   size_t *used, struct aqi_slice *piece,
		   struct aqi_http_fault *fault)
{
	*used = 0;
	*piece = (struct aqi_slice){bytes.data, 0};
	switch (body->framing) {
	case AQI_HTTP_LENGTH:
		if (body->left == 0)
			break;
		*piece = take(body, bytes);
		*used = piece->size;
		return AQI_OK;
	case AQI_HTTP_CHUNKED:
		return next_of_chunks(body, bytes, used, piece, fault);
	case AQI_HTTP_UNTIL_CLOSE:
		*used = bytes.size;
		*piece = bytes;
		return AQI_OK;
	case AQI_HTTP_NO_BODY:
		break;
	}
	return AQI_END;
}
