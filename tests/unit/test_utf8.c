#include "record/utf8.h"

#include <stdint.h>

#include "base/buffer.h"
#include "tap.h"

/* By the definition of Unicode 15.0, D92 and table 3-6: decode, then judge. */
static size_t
naive(const unsigned char *p, size_t n)
{
	uint32_t c;
	size_t length;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	if (p[0] < 0x80)
		return p[0] != 0;
	if ((p[0] & 0xe0) == 0xc0)
		length = 2, c = p[0] & 0x1f;
	else if ((p[0] & 0xf0) == 0xe0)
		length = 3, c = p[0] & 0x0f;
	else if ((p[0] & 0xf8) == 0xf0)
		length = 4, c = p[0] & 0x07;
	else
		return 0;
	if (length > n)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return length;
}

static size_t
naive_check(const unsigned char *p, size_t n)
{
	size_t i = 0, length;

	while (i < n && (length = naive(p + i, n - i)) > 0)
		i += length;
	return i;
}

/* Every text of one, two and three bytes, and of four where the first opens
 * four; at three places around the eight bytes that are looked at together. */
static void
test_all(void)
{
	unsigned char text[16];
	size_t n_bad = 0, n = 0;

	for (uint32_t v = 0; v < 1u << 24; v++) {
		unsigned char bytes[4] = {(unsigned char)(v >> 16),
			(unsigned char)(v >> 8), (unsigned char)v, 0xbf};
		size_t size = bytes[0] >= 0xf0 ? 4 : 3;
		size_t at = v % 3 == 0 ? 0 : v % 3 == 1 ? 6 : 8;

		memset(text, 'x', sizeof text);
		memcpy(text + at, bytes, size);
		n_bad += aqi_utf8_check((struct aqi_slice){(char *)text,
					at + size}) !=
			 naive_check(text, at + size);
		n++;
	}
	ok(n_bad == 0, "%zu texts are judged as by the definition", n);
}

static void
test_places(void)
{
	char text[40];
	size_t n_bad = 0;

	for (size_t i = 0; i < sizeof text; i++) {
		static const char bad[] = {0, '\x80', '\xff', '\xc3'};

		for (size_t k = 0; k < sizeof bad; k++) {
			memset(text, 'a', sizeof text);
			text[i] = bad[k];
			n_bad += aqi_utf8_check((struct aqi_slice){text,
						sizeof text}) != i;
		}
	}
	ok(n_bad == 0, "a bad byte is found at each place, a NUL too");
	memset(text, '\x7f', sizeof text);
	ok(aqi_utf8_check((struct aqi_slice){text, sizeof text}) ==
	   sizeof text, "DEL is text");
	ok(aqi_utf8_check((struct aqi_slice){NULL, 0}) == 0,
	   "nothing is text");
	ok(aqi_utf8_check(aqi_slice_of("\xef\xbb\xbf\xef\xbf\xbe")) == 6,
	   "a mark in the text and a noncharacter are text");
}

/* As Unicode 15.0 encodes it; returns the size. */
static size_t
encode(uint32_t c, char text[4])
{
	const size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned leads[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = size - 1; i > 0; i--, c >>= 6)
		text[i] = (char)(0x80 | (c & 0x3f));
	text[0] = (char)(leads[size] | c);
	return size;
}

/* Controls, and what turns the direction of a line, as the header has them. */
static void
test_special(void)
{
	static const uint32_t special[][2] = {
		{0, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f},
		{0x2028, 0x202e}, {0x2066, 0x2069},
	};
	size_t n_bad = 0, n = 0, size;
	char text[4];

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		const size_t n_bytes = encode(c, text);
		bool is_special = false;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		for (size_t i = 0; i < sizeof special / sizeof *special; i++)
			is_special = is_special || (c >= special[i][0] &&
						    c <= special[i][1]);
		/* Of NUL it is told by its size alone. */
		n_bad += aqi_utf8_special(text, &size) !=
				 (is_special ? c : 0) || size != n_bytes;
		n++;
	}
	ok(n_bad == 0, "%zu characters have their sizes, and those that are "
	   "special their codes", n);
}

static void
test_show(void)
{
	/* e with an accent, U+202E, DEL, a lone and an overlong byte, a NUL. */
	static const char bytes[] = "a\xc3\xa9\x1b[\xe2\x80\xae\x7f\xff"
				    "\xc0\xafz";
	static const char wanted[] = "a\xc3\xa9\\x1b[\\xe2\\x80\\xae\\x7f\\xff"
				     "\\xc0\\xafz\\x00";
	struct aqi_buffer out = {0};
	size_t width = aqi_utf8_show((struct aqi_slice){bytes, sizeof bytes},
				     &out);

	ok(out.size == strlen(wanted) &&
		   memcmp(out.data, wanted, out.size) == 0,
	   "what could drive a terminal is shown as its bytes");
	ok(width == out.size - 1, "each character is one column wide");
	aqi_buffer_free(&out);
}

int
main(void)
{
	test_all();
	test_places();
	test_special();
	test_show();
	return done();
}
