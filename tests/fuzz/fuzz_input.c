/*
 * A file's bytes in memory, read twice: all at once, and in pieces with pauses
 * between them. The text must be the same, and what is said of it; plain UTF-8
 * is handed on as it is, and other encodings become UTF-8.
 *
 * The first byte chooses the encoding, the second the pieces. System calls on
 * standard input are our own.
 */
#undef _FORTIFY_SOURCE
#include "world.h"

#include "base/buffer.h"
#include "fuzz.h"
#include "record/input.h"
#include "record/utf8.h"

/* Little can unpack to much: the rest of it is left. */
#define TEXT_LIMIT ((size_t)1 << 20)

struct result {
	struct aqi_buffer text;
	enum aqi_status status;		/* AQI_OK: the limit was reached */
	struct aqi_error err;
	bool is_plain;
};

static void
run(const char *encoding, struct aqi_slice bytes, uint32_t pieces,
    struct result *result)
{
	struct aqi_input *input = aqi_input_new(encoding);
	struct aqi_buffer *text = &result->text;
	size_t got, size = pieces ? 16 + pieces % 300 : 4096;
	bool may_wait;
	char *room;

	world_begin(bytes, pieces);
	*result = (struct result){0};
	CHECK(aqi_input_open(input, "-", &result->err) == AQI_OK);
	while (result->status == AQI_OK && text->size < TEXT_LIMIT) {
		may_wait = !pieces || world_chance(2);
		room = aqi_buffer_room(text, size);
		CHECK(room);
		result->status = aqi_input_read(input, room, size, may_wait,
						&got, &result->err);
		if (result->status != AQI_OK)
			break;
		CHECK(got <= size && (got > 0 || !may_wait));
		text->size += got;
	}
	if (text->size > TEXT_LIMIT)
		text->size = TEXT_LIMIT;
	if (text->size == TEXT_LIMIT)
		result->status = AQI_OK;
	result->is_plain = aqi_input_is_plain(input);
	CHECK(aqi_input_progress(input) == bytes.size - world.left.size);
	aqi_input_free(input);
	world_end();
}

static struct aqi_slice
text_of(const struct result *result)
{
	return (struct aqi_slice){result->text.data, result->text.size};
}

/* What is no character is a byte of its own, between good UTF-8. */
static void
check_utf8(struct aqi_slice text)
{
	size_t at;

	while ((at = aqi_utf8_check(text)) < text.size) {
		if (text.size - at < 4 && text.data[at] != '\xff')
			return;		/* cut at the limit */
		CHECK(text.data[at] == '\xff' || text.data[at] == '\0');
		text.data += at + 1;
		text.size -= at + 1;
	}
}

/* Is one text the beginning of the other, and both end where damage is found?
 * liblzma decodes more of that where it has more bytes at once. */
static bool
are_damaged_xz(const struct result *a, const struct result *b)
{
	static const char reason[] = "the xz data is damaged: ";
	const size_t n = a->text.size < b->text.size ? a->text.size :
						       b->text.size;

	return a->status == AQI_FATAL && b->status == AQI_FATAL &&
	       strncmp(a->err.reason, reason, strlen(reason)) == 0 &&
	       strncmp(b->err.reason, reason, strlen(reason)) == 0 &&
	       (n == 0 || memcmp(a->text.data, b->text.data, n) == 0);
}

static void
check_same(const struct result *whole, const struct result *cut)
{
	CHECK(aqi_slice_equal(text_of(whole), text_of(cut)));
	CHECK(whole->status == cut->status);
	if (whole->status != AQI_FATAL) {
		CHECK(whole->is_plain == cut->is_plain);
		return;
	}
	CHECK(whole->err.code == cut->err.code);
	CHECK(strcmp(whole->err.reason, cut->err.reason) == 0);
	CHECK(strcmp(whole->err.file, "-") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const encodings[] = {
		NULL, NULL, NULL, "UTF-16", "UTF-16BE", "UTF-32", "LATIN1",
		"CP1252", "SHIFT_JIS", "GB18030", "EUC-KR", "BIG5-HKSCS",
		"ISO-2022-JP", "UTF-7",
	};
	const char *encoding = encodings[input_byte(&data, &size) %
					 (sizeof encodings / sizeof *encodings)];
	uint32_t pieces = input_byte(&data, &size) + 1;
	struct aqi_slice bytes = input_slice(data, size);
	struct result whole, cut;

	run(encoding, bytes, 0, &whole);
	run(encoding, bytes, pieces, &cut);
	if (!are_damaged_xz(&whole, &cut))
		check_same(&whole, &cut);
	if (whole.status != AQI_FATAL)
		CHECK(!whole.is_plain ||
		      aqi_slice_equal(text_of(&whole), bytes));
	if (encoding)
		check_utf8(text_of(&whole));
	aqi_buffer_free(&whole.text);
	aqi_buffer_free(&cut.text);
	return 0;
}
