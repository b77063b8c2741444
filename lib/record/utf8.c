#include "record/utf8.h"

#include <stdint.h>

#include "base/buffer.h"
#include "base/word.h"

/* Length of the sequence that starts at p, 0 when it is ill-formed. */
static size_t
sequence(const unsigned char *p, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (p[0] == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	length = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (length > n)
		return 0;
	/* The second byte is narrower after four of the first bytes. */
	switch (p[0]) {
	case 0xe0: low = 0xa0; break;
	case 0xed: high = 0x9f; break;
	case 0xf0: low = 0x90; break;
	case 0xf4: high = 0x8f; break;
	}
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return length;
}

/* Are these eight bytes all ASCII and none of them NUL? */
static bool
plain(const unsigned char *p)
{
	const uint64_t word = aqi_word_load(p);

	return !((word | (word - AQI_EACH(1))) & AQI_EACH(0x80));
}

size_t
aqi_utf8_check(struct aqi_slice text)
{
	const unsigned char *p = (const unsigned char *)text.data;
	size_t i = 0, length;

	while (i < text.size) {
		if (text.size - i >= 8 && plain(p + i)) {
			i += 8;
			continue;
		}
		length = sequence(p + i, text.size - i);
		if (length == 0)
			break;
		i += length;
	}
	return i;
}

unsigned
aqi_utf8_special(const char *text, size_t *size)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned c = *p;

	*size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (*size == 2)
		c = (c & 0x1f) << 6 | (p[1] & 0x3f);
	else if (*size == 3)
		c = (c & 0x0f) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3f);
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
	       c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) ? c : 0;
}

/* n bytes as \xHH; the columns that they need. */
static size_t
show_bytes(const char *bytes, size_t n, struct aqi_buffer *out)
{
	for (size_t i = 0; i < n; i++)
		aqi_buffer_add_format(out, "\\x%02x",
				      (unsigned char)bytes[i]);
	return n * 4;
}

size_t
aqi_utf8_show(struct aqi_slice text, struct aqi_buffer *out)
{
	size_t width = 0, size, good = aqi_utf8_check(text);

	for (size_t i = 0; i < text.size; i += size) {
		size = 1;
		if (i == good) {
			width += show_bytes(text.data + i, 1, out);
			good = i + 1 + aqi_utf8_check((struct aqi_slice){
				text.data + i + 1, text.size - i - 1});
		} else if (aqi_utf8_special(text.data + i, &size)) {
			width += show_bytes(text.data + i, size, out);
		} else {
			aqi_buffer_add(out, text.data + i, size);
			width++;
		}
	}
	return width;
}
