#include "base/ascii.h"
#include "model/spelling_json.h"

static bool
take_hex(const char *p, const char *end, unsigned *code)
{
	*code = 0;
	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		const int digit = aqi_ascii_hex(p[i]);

		if (digit < 0)
			return false;
		*code = *code << 4 | (unsigned)digit;
	}
	return true;
}

static void
add_utf8(struct aqi_buffer *out, unsigned code)
{
	char bytes[4];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		bytes[n++] = (char)(0xe0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | code >> 18);
		bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	}
	aqi_buffer_add(out, bytes, n);
}

/* \uXXXX, or two of them that are one; p is behind the u. What is wrong, or
 * NULL. */
static const char *
take_code(const char **p, const char *end, struct aqi_buffer *out)
{
	unsigned code, low;

	if (!take_hex(*p, end, &code))
		return "not JSON: invalid escape";
	*p += 4;
	if (code == 0)
		return "\\u0000 is not allowed in a string";
	if (code >= 0xd800 && code < 0xdc00 && end - *p >= 6 &&
	    (*p)[0] == '\\' && (*p)[1] == 'u' && take_hex(*p + 2, end, &low) &&
	    low >= 0xdc00 && low < 0xe000) {
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		*p += 6;
	}
	if (code >= 0xd800 && code < 0xe000)
		return "not JSON: half a character";
	add_utf8(out, code);
	return NULL;
}

static enum aqi_status
unescape(struct aqi_document *d, struct aqi_slice raw, struct aqi_slice *text,
	 struct aqi_error *err)
{
	static const char names[] = "\"\\/bfnrt", codes[] = "\"\\/\b\f\n\r\t";
	const char *p = raw.data, *end = raw.data + raw.size;

	aqi_buffer_clear(d->text);
	while (p < end) {
		const char *escape = memchr(p, '\\', (size_t)(end - p));
		const char *plain = escape ? escape : end, *name, *fault;

		aqi_buffer_add(d->text, p, (size_t)(plain - p));
		if (!escape)
			break;
		p = escape + 2;
		name = escape[1] ? strchr(names, escape[1]) : NULL;
		if (name) {
			aqi_buffer_add_byte(d->text, codes[name - names]);
			continue;
		}
		fault = escape[1] == 'u' ? take_code(&p, end, d->text) :
					   "not JSON: invalid escape";
		if (fault)
			return aqi_json_fail(d, escape, fault, err);
	}
	if (d->text->failed)
		return aqi_error_memory(err);
	*text = (struct aqi_slice){d->text->data ? d->text->data : "",
				   d->text->size};
	return AQI_OK;
}

enum aqi_status
aqi_json_string(struct aqi_document *d, struct aqi_slice *text,
		struct aqi_error *err)
{
	const char *p = d->at + 1, *start = p;
	bool is_escaped = false, is_ascii = true;

	for (; p < d->end && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return aqi_json_fail(d, p, "not JSON: a control "
					     "character in a string", err);
		is_ascii &= (unsigned char)*p < 0x80;
		if (*p != '\\')
			continue;
		is_escaped = true;
		if (++p == d->end)
			break;
	}
	if (p == d->end)
		return aqi_json_fail(d, p, NULL, err);
	*text = (struct aqi_slice){start, (size_t)(p - start)};
	if (!is_ascii && aqi_spelling_check_text(d, *text, err) != AQI_OK)
		return AQI_FATAL;
	if (is_escaped && unescape(d, *text, text, err) != AQI_OK)
		return AQI_FATAL;
	d->at = p + 1;
	return AQI_OK;
}
