/* UTF-8 against a decoder that puts code points together and looks at them. */
#include "fuzz.h"
#include "record/utf8.h"

/* By the first bits of the first byte: length, bits of the code, its least. */
static const struct {
	uint8_t mask, bits;
	size_t length;
	uint32_t least;
} leads[] = {
	{0x80, 0x00, 1, 1},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

static size_t
decode(const uint8_t *p, size_t n)
{
	size_t k = 0, length;
	uint32_t code;

	while (k < 4 && (p[0] & leads[k].mask) != leads[k].bits)
		k++;
	if (k == 4 || leads[k].length > n)
		return 0;
	length = leads[k].length;
	code = p[0] & (uint8_t)~leads[k].mask;
	for (size_t i = 1; i < length; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		code = code << 6 | (p[i] & 0x3fu);
	}
	if (code < leads[k].least || code > 0x10ffff ||
	    code >> 11 == 0xd800 >> 11)
		return 0;
	return length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t good = 0, n;
	char *shifted;

	while (good < size && (n = decode(data + good, size - good)) > 0)
		good += n;
	CHECK(aqi_utf8_check(input_slice(data, size)) == good);

	/* At each place in a word, since words of ASCII are looked at whole. */
	for (size_t k = 1; k < 8; k++) {
		shifted = malloc(k + size);
		CHECK(shifted);
		memset(shifted, 'a', k);
		if (size > 0)
			memcpy(shifted + k, data, size);
		CHECK(aqi_utf8_check((struct aqi_slice){shifted, k + size}) ==
		      k + good);
		free(shifted);
	}
	return 0;
}
