/*
 * Lines by the shape of a line before them, on every way that this processor
 * has, against what jansson makes of them.
 *
 * Where the first byte is even, the others are such lines. Where it is odd they
 * draw them, so that nearly all are right, or wrong in one place: members of a
 * few keys, with numbers of any length, strings and words.
 */
#include "base/processor.h"
#include "fuzz.h"
#include "record/ndjson.h"
#include "record/shape.h"
#include "record/utf8.h"

static struct aqi_arena arena, shapes;

static void
check_taken(struct aqi_slice line, const struct aqi_extent *extents, size_t n,
	    const char *base)
{
	struct aqi_error err = {0};
	struct aqi_member *members;
	size_t n_members;

	CHECK(aqi_utf8_check(line) == line.size);
	CHECK(aqi_ndjson_parse(line, &arena, &members, &n_members, &err) ==
	      AQI_OK);
	CHECK(n_members == n);
	for (size_t i = 0; i < n; i++) {
		const struct aqi_field field =
			aqi_extent_field(extents[i], base);

		CHECK(field.kind == members[i].value.kind);
		CHECK(aqi_slice_equal(aqi_field_text(field),
				      aqi_field_text(members[i].value)));
		CHECK(field.data - (field.kind == AQI_TEXT) ==
		      members[i].raw_value.data);
	}
}

enum verdict {LEFT, TAKEN, TAKEN_WITH_STRINGS};

static enum verdict
verdict_of(const struct aqi_extent *extents, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (aqi_extent_field(extents[i], "").kind == AQI_TEXT)
			return TAKEN_WITH_STRINGS;
	return TAKEN;
}

/* Is the line taken? Bytes may be read behind it, of any kind. */
static enum verdict
check_way(aqi_shape_fn *take, const struct aqi_shape *shape,
	  struct aqi_slice line)
{
	struct aqi_extent extents[AQI_NDJSON_PLAIN_KEYS];
	char *text = malloc(1 + line.size + AQI_SHAPE_BEHIND);
	struct aqi_slice copy = {text + 1, line.size};
	enum verdict verdict = LEFT;

	CHECK(text);
	memcpy(text + 1, line.data, line.size);
	memset(text + 1 + line.size, '1', AQI_SHAPE_BEHIND);
	if (take(shape, text, copy, extents)) {
		check_taken(copy, extents, shape->n, text);
		verdict = verdict_of(extents, shape->n);
	}
	aqi_arena_clear(&arena);
	free(text);
	return verdict;
}

/* The first line's shape, if it has one. The names that are expected differ, as
 * those of a layout do; no key is one of these. */
static bool
learn(struct aqi_slice line, struct aqi_shape *shape)
{
	static const char no_keys[AQI_NDJSON_PLAIN_KEYS];
	struct aqi_slice names[AQI_NDJSON_PLAIN_KEYS];
	struct aqi_member *members;
	size_t n;

	for (size_t i = 0; i < AQI_NDJSON_PLAIN_KEYS; i++)
		names[i] = (struct aqi_slice){no_keys, i + 1};
	return aqi_utf8_check(line) == line.size &&
	       aqi_ndjson_take(line, names, AQI_NDJSON_PLAIN_KEYS, &shapes,
			       &members, &n) &&
	       aqi_shape_learn(shape, line, members, n, &shapes);
}

static bool
has_control(struct aqi_slice line)
{
	for (size_t i = 0; i < line.size; i++)
		if ((unsigned char)line.data[i] < ' ')
			return true;
	return false;
}

/* Each way that has vectors takes what the portable one takes; but without
 * strings in the shape none in a line, and with them no control characters. */
static void
check_line(const struct aqi_shape *shape, struct aqi_slice line)
{
	const enum aqi_level level = aqi_processor_level();
	const enum verdict verdict =
		check_way(aqi_shape_take_portable, shape, line);
	const bool may_leave = shape->has_texts ? has_control(line) :
					verdict == TAKEN_WITH_STRINGS;

	if (level >= AQI_AVX2 && !may_leave)
		CHECK(check_way(aqi_shape_take_avx2, shape, line) == verdict);
	else if (level >= AQI_AVX2)
		check_way(aqi_shape_take_avx2, shape, line);
	if (level >= AQI_AVX512)
		CHECK(check_way(aqi_shape_take_avx512, shape, line) ==
		      check_way(aqi_shape_take_avx2, shape, line));
}

static void
check_lines(struct aqi_slice text)
{
	const char *end = text.data + text.size, *p = text.data, *lf;
	struct aqi_shape shape;
	bool has_shape = false;

	for (; p < end; p = lf + 1) {
		struct aqi_slice line;

		lf = memchr(p, '\n', (size_t)(end - p));
		if (!lf)
			lf = end;
		line = (struct aqi_slice){p, (size_t)(lf - p)};
		if (!has_shape && !learn(line, &shape))
			break;
		has_shape = true;
		check_line(&shape, line);
	}
	aqi_arena_clear(&arena);
	aqi_arena_clear(&shapes);
}

/* What is drawn with. */
static const uint8_t *drawn;
static size_t n_drawn;

static void
add(struct aqi_buffer *out, const char *const *words, size_t n)
{
	aqi_buffer_add_text(out, words[input_byte(&drawn, &n_drawn) % n]);
}

static void
add_digits(struct aqi_buffer *out, unsigned n)
{
	for (; n > 0; n--)
		aqi_buffer_add_byte(out, (char)('0' +
					input_byte(&drawn, &n_drawn) % 10));
}

static void
add_number(struct aqi_buffer *out)
{
	const unsigned kind = input_byte(&drawn, &n_drawn);

	if (kind & 1)
		aqi_buffer_add_byte(out, '-');
	if (kind & 2)
		aqi_buffer_add_byte(out, (char)('0' + kind / 16 % 10));
	else
		add_digits(out, 1 + kind / 16);
	if (kind & 4) {
		aqi_buffer_add_byte(out, '.');
		add_digits(out, 1 + kind / 64);
	}
}

static void
add_value(struct aqi_buffer *out)
{
	static const char *const words[] = {"null", "true", "false", "\"\"",
		"\"2024-01-01T00:00:00Z\"", "\"Z\xc3\xbcrich, {1: 2}\"",
		"\"\\n\"", "1e5", "[1]", "{\"a\":1}", "nul", "\"", "\"\t\"",
		"1.2.3", "0x1", "-", ".5", "5.", "", "\"\xff\"", "1 ", " 1"};

	if (input_byte(&drawn, &n_drawn) < 240)
		add_number(out);
	else
		add(out, words, sizeof words / sizeof *words);
}

/* The same keys in each line, mostly. */
static void
check_drawn(void)
{
	static const char *const keys[] = {"pm25", "pm2.5", "o3", "a, b: c", "",
		"temperature", "a key that is longer than a vector of bytes"};
	static const char *const openings[] = {"{", "{", " { "};
	static const char *const gaps[] = {":", ":", ": ", " : ", ":  "};
	static const char *const commas[] = {",", ",", ", ", " ,"};
	static const char *const closings[] = {"}", "}", " }", "}\r", "}\t "};
	const unsigned n = 1 + input_byte(&drawn, &n_drawn) % 24;
	const unsigned style = input_byte(&drawn, &n_drawn);
	struct aqi_buffer out = {0};

	for (int line = 0; line < 3; line++) {
		aqi_buffer_add_text(&out, openings[style % 3]);
		for (unsigned i = 0; i < n; i++) {
			aqi_buffer_add_format(&out, "%s\"%s%u\"%s",
				i ? commas[style / 3 % 4] : "",
				keys[(i + style) % 7], i,
				gaps[style / 12 % 5]);
			add_value(&out);
		}
		aqi_buffer_add_text(&out, closings[style / 60 % 5]);
		aqi_buffer_add_byte(&out, '\n');
	}
	if (input_byte(&drawn, &n_drawn) % 4 == 1)
		out.data[input_byte(&drawn, &n_drawn) * out.size / 256] =
			(char)input_byte(&drawn, &n_drawn);
	check_lines((struct aqi_slice){out.data, out.size});
	aqi_buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (input_byte(&data, &size) % 2 == 0) {
		check_lines(input_slice(data, size));
		return 0;
	}
	drawn = data;
	n_drawn = size;
	check_drawn();
	return 0;
}
