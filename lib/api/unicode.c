#include "api/unicode.h"

/* What the first byte of a character says: how many there are, and the least
 * number that needs so many. */
static size_t
begin(unsigned char c, uint32_t *code, uint32_t *least)
{
	if (c >= 0xc2 && c <= 0xdf) {
		*code = c & 0x1f;
		*least = 0x80;
		return 2;
	}
	if (c >= 0xe0 && c <= 0xef) {
		*code = c & 0x0f;
		*least = 0x800;
		return 3;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		*code = c & 0x07;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t
aqi_unicode_next(const char *p, const char *end, uint32_t *code)
{
	const unsigned char *c = (const unsigned char *)p;
	uint32_t least = 0;
	size_t n;

	if (c[0] < 0x80) {
		*code = c[0];
		return 1;
	}
	n = begin(c[0], code, &least);
	if (n == 0 || n > (size_t)(end - p))
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (c[i] & 0x3f);
	}
	return *code >= least && *code <= 0x10ffff ? n : 0;
}

size_t
aqi_unicode_put(char out[4], uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* Which encoding: the bytes of its unit, and their order. */
struct coding {
	size_t unit, mark;	/* bytes of a unit, and of the mark before it */
	bool is_big;
};

static bool
begins(struct aqi_slice body, const char *mark, size_t n)
{
	return body.size >= n && memcmp(body.data, mark, n) == 0;
}

static struct coding
marked(struct aqi_slice body)
{
	/* That of UTF-32 begins with that of UTF-16. */
	if (begins(body, "\0\0\xfe\xff", 4))
		return (struct coding){4, 4, true};
	if (begins(body, "\xff\xfe\0\0", 4))
		return (struct coding){4, 4, false};
	if (begins(body, "\xfe\xff", 2))
		return (struct coding){2, 2, true};
	if (begins(body, "\xff\xfe", 2))
		return (struct coding){2, 2, false};
	if (begins(body, "\xef\xbb\xbf", 3))
		return (struct coding){1, 3, false};
	return (struct coding){0, 0, false};
}

/* A JSON text begins with two ASCII characters, or is one. */
static struct coding
guessed(struct aqi_slice body)
{
	const char *b = body.data;

	if (body.size >= 4 && !b[0])
		return (struct coding){b[1] ? 2 : 4, 0, true};
	if (body.size >= 4 && !b[1])
		return (struct coding){b[2] || b[3] ? 2 : 4, 0, false};
	if (body.size == 2 && !b[0])
		return (struct coding){2, 0, true};
	if (body.size == 2 && !b[1])
		return (struct coding){2, 0, false};
	return (struct coding){1, 0, false};
}

static uint32_t
unit_at(const char *p, const struct coding *coding)
{
	uint32_t code = 0;

	for (size_t i = 0; i < coding->unit; i++) {
		size_t at = coding->is_big ? i : coding->unit - 1 - i;

		code = code << 8 | (unsigned char)p[at];
	}
	return code;
}

/* The two halves of a character beyond the first 65,536. */
static bool
is_pair(uint32_t high, uint32_t low)
{
	return (high & 0xfffffc00) == 0xd800 && (low & 0xfffffc00) == 0xdc00;
}

static enum aqi_status
convert(struct aqi_slice body, const struct coding *coding,
	struct aqi_buffer *out)
{
	const char *p = body.data, *end = p + body.size;
	char bytes[4];
	uint32_t code, next;

	if (body.size % coding->unit != 0)
		return AQI_REJECT;
	for (; p < end; p += coding->unit) {
		code = unit_at(p, coding);
		if (coding->unit == 2 && end - p > 2) {
			next = unit_at(p + 2, coding);
			if (is_pair(code, next)) {
				code = 0x10000 + ((code & 0x3ff) << 10) +
				       (next & 0x3ff);
				p += 2;
			}
		}
		if (code > 0x10ffff)
			return AQI_REJECT;
		aqi_buffer_add(out, bytes, aqi_unicode_put(bytes, code));
	}
	return out->failed ? AQI_FATAL : AQI_OK;
}

static enum aqi_status
check(struct aqi_slice text)
{
	const char *p = text.data, *end = p + text.size;
	uint32_t code;
	size_t n;

	for (; p < end; p += n)
		if ((n = aqi_unicode_next(p, end, &code)) == 0)
			return AQI_REJECT;
	return AQI_OK;
}

enum aqi_status
aqi_unicode_read(struct aqi_slice body, struct aqi_buffer *room,
		 struct aqi_slice *text)
{
	struct coding coding = marked(body);
	enum aqi_status status;

	if (coding.unit == 0)
		coding = guessed(body);
	body.data += coding.mark;
	body.size -= coding.mark;
	aqi_buffer_clear(room);
	status = coding.unit == 1 ? check(body) : convert(body, &coding, room);
	*text = coding.unit == 1 ? body : aqi_buffer_slice(room);
	/* Who reads it counts from its start, be it empty. */
	if (text->size == 0)
		*text = aqi_slice_of("");
	return status;
}
