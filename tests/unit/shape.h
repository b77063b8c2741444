/*
 * shape.h: a way to take lines by their shape against the plain lane, which
 * must find the same values in every line that is taken.
 */
#ifndef AQI_TESTS_SHAPE_H
#define AQI_TESTS_SHAPE_H

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "record/ndjson.h"
#include "record/ndjson_plain.h"
#include "record/shape.h"
#include "record/utf8.h"
#include "tap.h"

/* Of shapes, and of what is compared with them. */
static struct aqi_arena arena, plain_arena;

/* A line among other bytes, which must not matter. */
static char text[16 + 4096 + AQI_SHAPE_BEHIND];

static struct aqi_slice
put(struct aqi_slice line, char around)
{
	memset(text, around, sizeof text);
	memcpy(text + 16, line.data, line.size);
	return (struct aqi_slice){text + 16, line.size};
}

/* The members that the plain lane finds. */
static bool
take_plain(struct aqi_slice line, struct aqi_member **members, size_t *n)
{
	static struct aqi_slice names[AQI_NDJSON_PLAIN_KEYS];

	aqi_arena_clear(&plain_arena);
	return aqi_ndjson_take(line, names, AQI_NDJSON_PLAIN_KEYS, &plain_arena,
			       members, n);
}

/* A shape of a line; false: it has none. */
static bool
learn(struct aqi_shape *shape, struct aqi_slice line)
{
	struct aqi_member *members;
	size_t n;

	return take_plain(line, &members, &n) &&
	       aqi_shape_learn(shape, line, members, n, &arena);
}

static bool
has_values(const struct aqi_extent *extents, const char *base,
	   const struct aqi_member *members, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct aqi_field field =
			aqi_extent_field(extents[i], base);

		if (field.data != members[i].value.data ||
		    field.size != members[i].value.size ||
		    field.kind != members[i].value.kind)
			return false;
	}
	return true;
}

/* What a way makes of a line: by the plain lane's word, it must not take it
 * (WRONG: it does), or may, which it may leave. */
enum verdict {WRONG, LEFT, TAKEN};

static enum verdict
try_line(aqi_shape_fn *take, const struct aqi_shape *shape, struct aqi_slice line,
    char around)
{
	struct aqi_extent extents[AQI_NDJSON_PLAIN_KEYS];
	struct aqi_extent of_first[AQI_NDJSON_PLAIN_KEYS];
	struct aqi_member *members;
	size_t n = 0;
	bool is_taken;

	line = put(line, around);
	is_taken = take(shape, text, line, extents);
	/* The same as the first line of a chunk. */
	if (take(shape, line.data, line, of_first) != is_taken)
		return WRONG;
	if (!is_taken)
		return LEFT;
	if (aqi_utf8_check(line) != line.size ||
	    !take_plain(line, &members, &n) || n != shape->n ||
	    !has_values(extents, text, members, n) ||
	    !has_values(of_first, line.data, members, n))
		return WRONG;
	return TAKEN;
}

static void
show(const char *what, struct aqi_slice first, struct aqi_slice line)
{
	note("%s: %.*s by the shape of %.*s", what, (int)line.size, line.data,
	     (int)first.size, first.data);
}

/* Lines: the first has the shape, others up to NULL are of it or not. */
static size_t
count_not(aqi_shape_fn *take, enum verdict wanted, const char *const *lines)
{
	const struct aqi_slice first = aqi_slice_of(*lines);
	struct aqi_shape shape;
	size_t n_not = 0;

	if (!learn(&shape, first)) {
		show("no shape", first, first);
		return 1;
	}
	while (*++lines) {
		const struct aqi_slice line = aqi_slice_of(*lines);

		for (int c = 0; c < 256; c++) {
			if (try_line(take, &shape, line, (char)c) == wanted)
				continue;
			show("not so", first, line);
			n_not++;
			break;
		}
	}
	aqi_arena_clear(&arena);
	return n_not;
}

static const char *const numbers_taken[] = {
	"{\"a\":1,\"b\":2.5}", "{\"a\":0,\"b\":0}", "{\"a\":-0,\"b\":-0.0}",
	"{\"a\":0.5,\"b\":-0.25}", "{\"a\":-7.9,\"b\":1026.2}",
	"{\"a\":123456789012345678901234,\"b\":0.00000000000000000000000001}",
	"{\"a\":99999999999999999999999999999999999999999999999999999999999999,"
	"\"b\":1}", "{\"a\":null,\"b\":1}", "{\"a\":true,\"b\":false}",
	"{\"a\":1,\"b\":null}", NULL};
static const char *const numbers_left[] = {
	"{\"a\":1,\"b\":2.5}", "", "{", "{}", "{\"a\":1}", "{\"a\":1,\"b\":2",
	"{\"a\":1,\"b\":2}}", "{\"a\":1,\"b\":2}x", "{\"a\":1,\"b\":2} ",
	" {\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}", "{\"a\":1,\"c\":2}",
	"{\"a\":1,\"b\":2,\"c\":3}", "{\"a\": 1,\"b\":2}", "{\"a\":1 ,\"b\":2}",
	"{\"a\":01,\"b\":2}", "{\"a\":-01,\"b\":2}", "{\"a\":00,\"b\":2}",
	"{\"a\":.5,\"b\":2}", "{\"a\":5.,\"b\":2}", "{\"a\":-.5,\"b\":2}",
	"{\"a\":-,\"b\":2}", "{\"a\":--1,\"b\":2}", "{\"a\":1-,\"b\":2}",
	"{\"a\":+1,\"b\":2}", "{\"a\":1..2,\"b\":2}", "{\"a\":1.2.3,\"b\":2}",
	"{\"a\":1e5,\"b\":2}", "{\"a\":1E5,\"b\":2}", "{\"a\":,\"b\":2}",
	"{\"a\":1,\"b\":}", "{\"a\":1:2,\"b\":3}", "{\"a\":1,2,\"b\":3}",
	"{\"a\":nul,\"b\":2}", "{\"a\":nulls,\"b\":2}", "{\"a\":True,\"b\":2}",
	"{\"a\":tru,\"b\":2}", "{\"a\":NaN,\"b\":2}", "{\"a\":[1],\"b\":2}",
	"{\"a\":{},\"b\":2}", "{\"a\":\"\\n\",\"b\":2}", "{\"a\":1,\"b\":\"}",
	"{\"a\":\",\"b\":2}", "{\"a\":1\t,\"b\":2}", "{\"a\":\"x,\"b\":\"2}",
	"{\"a\":1x,\"b\":2}", "{\"a\":1,\"b\":0x2}", NULL};
static const char *const texts_taken[] = {
	"{\"s, t:\": \"x\", \"b\": 2}", "{\"s, t:\": \"\", \"b\": 2}",
	"{\"s, t:\": \"a, b: c}\", \"b\": -2.5}",
	"{\"s, t:\": \"2024-01-01T00:00:00Z\", \"b\": \",:,:,:,:,:,:,:,:,:\"}",
	"{\"s, t:\": \"Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80\x7f\", "
	"\"b\": null}", "{\"s, t:\": true, \"b\": 1}",
	"{\"s, t:\": \"012345678901234567890123456789012345678901234567890123456"
	"7890123456789012345678901234567890123456789012345678901234567890123456"
	"7890123456789012345678901234567890123456789\", \"b\": 2}", NULL};
static const char *const texts_left[] = {
	"{\"s, t:\": \"x\", \"b\": 2}", "{\"s, t:\": \"\\\"\", \"b\": 2}",
	"{\"s, t:\": \"\t\", \"b\": 2}", "{\"s, t:\": \"x\"y, \"b\": 2}",
	"{\"s, t:\": \"x\" , \"b\": 2}", "{\"s, t:\": \"x\"\"y\", \"b\": 2}",
	"{\"s, t:\": x\"y\", \"b\": 2}", "{\"s, t:\": \"x, \"b\": 2}",
	"{\"s, t:\": x\", \"b\": 2}", "{\"s, t:\": \", \"b\": 2}",
	"{\"s, t:\": \"x\", \"b\": \"}", "{\"s, t:\": \"\xff\", \"b\": 2}",
	"{\"s, t:\": \"\xc3\", \"b\": 2}", "{\"s, t:\": \"\\u00e9\", \"b\": 2}",
	"{\"s, t:\": 'x', \"b\": 2}", "{\"s; t:\": \"x\", \"b\": 2}",
	"{\"s, t:\":\"x\", \"b\": 2}", "{\"s, t:\": \"x\",\"b\": 2}",
	"{\"s, t:\": \"x\": \"y\", \"b\": 2}", NULL};
static const char *const long_taken[] = {
	"{\"a key that is longer than one vector of bytes\":1,\"b\":2}\r",
	"{\"a key that is longer than one vector of bytes\":-17.25,\"b\":0}\r",
	NULL};
static const char *const long_left[] = {
	"{\"a key that is longer than one vector of bytes\":1,\"b\":2}\r",
	"{\"a key that is longer than one vector of bites\":1,\"b\":2}\r",
	"{\"a key that is longer than one vector of bytes\":1,\"b\":2}",
	"{\"a key that is longer than one vector of bytes\":1,\"b\":2}\r ",
	NULL};
/* Blanks where most have none. */
static const char *const blank_taken[] = {
	" { \"a\" : 1 , \"b\":2 } ", " { \"a\" : -7.5 , \"b\":\"x\" } ",
	" { \"a\" : \"\" , \"b\":null } ", NULL};
static const char *const blank_left[] = {
	" { \"a\" : 1 , \"b\":2 } ", " { \"a\" : 1, \"b\":2 } ",
	" { \"a\" : 1 , \"b\":2} ", " { \"a\" : 1 , \"b\": 2 } ",
	" { \"a\" : 1. , \"b\":2 } ", NULL};

/* A line of n members, each of its own kind of value. */
static struct aqi_slice
make_line(size_t n, const char *const *values, size_t n_values, unsigned which)
{
	static char line[8192];
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		size += (size_t)snprintf(line + size, sizeof line - size,
					 "%c\"k%zu\":%s", i ? ',' : '{', i,
					 values[(which + i * 7) % n_values]);
	line[size++] = '}';
	return (struct aqi_slice){line, size};
}

/* Values at every place in words, of lines that are shorter and longer than
 * what is taken at once. */
static size_t
count_bad_places(aqi_shape_fn *take)
{
	static const char *const values[] = {"1", "-0.5", "10.25", "0", "null",
		"1026.125", "-12345.678901234567890123", "true", "7", "3.0"};
	struct aqi_shape shape;
	size_t n_bad = 0;

	for (size_t n = 1; n <= 80; n++) {
		if (!learn(&shape, make_line(n, values, 4, 0)))
			return 1;
		for (unsigned k = 0; k < 20; k++)
			n_bad += try_line(take, &shape, make_line(n, values, 10, k),
				     '9') != TAKEN;
		aqi_arena_clear(&arena);
	}
	return n_bad;
}

/* A number of as many bytes as the plain lane takes, and one more. */
static size_t
count_bad_lengths(aqi_shape_fn *take)
{
	char line[AQI_NDJSON_DIGITS + 16] = "{\"a\":";
	struct aqi_shape shape;
	size_t n_bad = 0, size = 5;

	if (!learn(&shape, aqi_slice_of("{\"a\":1}")))
		return 1;
	for (size_t n = 1; n <= AQI_NDJSON_DIGITS + 1; n++) {
		line[size++] = '1';
		line[size] = '}';
		n_bad += try_line(take, &shape, (struct aqi_slice){line, size + 1},
			     '1') != (n <= AQI_NDJSON_DIGITS ? TAKEN : LEFT);
	}
	aqi_arena_clear(&arena);
	return n_bad;
}

/*
 * A line in which a long part begins near the end, as a key that is cut short.
 * The line stands in a block of its own, of as many bytes as may be read: a
 * sanitizer sees if there are more.
 */
static bool
leaves_cut_part(aqi_shape_fn *take)
{
	char first[600], digits[500], line[600];
	struct aqi_extent extents[2];
	struct aqi_shape shape;
	bool is_left = false;
	char *block;
	int size;

	memset(digits, '7', sizeof digits);
	snprintf(first, sizeof first, "{\"a\":1,\"%.500s\":2}", digits);
	size = snprintf(line, sizeof line, "{\"a\":%.480s,\"%.31s\":2}",
			digits, digits);
	block = malloc(8 + (size_t)size + AQI_SHAPE_BEHIND);
	if (block && learn(&shape, aqi_slice_of(first))) {
		memset(block, '\n', 8 + (size_t)size + AQI_SHAPE_BEHIND);
		memcpy(block + 8, line, (size_t)size);
		is_left = !take(&shape, block, (struct aqi_slice){
					block + 8, (size_t)size}, extents);
	}
	free(block);
	aqi_arena_clear(&arena);
	return is_left;
}

static uint64_t random_state = 1;

static size_t
draw(size_t n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (size_t)(random_state >> 33) % n;
}

/* One byte of a line changed, taken out or put in. */
static struct aqi_slice
spoil(char *line, struct aqi_slice from)
{
	static const char bytes[] = "0019.-+eE,:\"{}[] \t\\ntx\xc3\xa9\x01";
	const size_t at = draw(from.size), how = draw(3);
	const size_t rest = from.size - at - (how < 2);

	memcpy(line, from.data, at);
	if (how > 0)
		line[at] = bytes[draw(sizeof bytes)];
	memcpy(line + at + (how > 0), from.data + from.size - rest, rest);
	return (struct aqi_slice){line, at + (how > 0) + rest};
}

/* Lines of a shape with faults at any place: how many are not as the plain lane
 * finds them; *n_taken, out. */
static size_t
count_spoilt(aqi_shape_fn *take, const char *first, size_t n, size_t *n_taken)
{
	char a[512], b[512];
	struct aqi_shape shape;
	size_t n_bad = 0;

	*n_taken = 0;
	if (!learn(&shape, aqi_slice_of(first)))
		return 1;
	for (size_t i = 0; i < n; i++) {
		struct aqi_slice line = spoil(a, aqi_slice_of(first));
		enum verdict verdict;

		if (draw(2))
			line = spoil(b, line);
		verdict = try_line(take, &shape, line, "\n9\"}"[draw(4)]);
		if (verdict == WRONG) {
			show("wrong", aqi_slice_of(first), line);
			n_bad++;
		}
		*n_taken += verdict == TAKEN;
	}
	aqi_arena_clear(&arena);
	return n_bad;
}

/* All of the above for one way; `name` is what it is called. */
static void
check_way(const char *name, aqi_shape_fn *take, size_t n_random)
{
	static const char *const firsts[] = {
		"{\"pm2.5\":46.6,\"no2\":0,\"t\":-7.9,\"hour\":10,\"p\":1026.2}",
		("{\"at\": \"2024-01-01T00:00\", \"s\": \"Z\xc3\xbcrich, 1\", "
		 "\"x\": -0.5, \"y\": null}"),
		" {\"a\" :1 , \"b\": true} "};
	size_t n_bad = 0, n_taken, n_least = n_random;

	ok(count_not(take, TAKEN, numbers_taken) +
		   count_not(take, TAKEN, texts_taken) +
		   count_not(take, TAKEN, long_taken) +
		   count_not(take, TAKEN, blank_taken) == 0,
	   "%s: lines of the same shape are taken, whatever is around them",
	   name);
	ok(count_not(take, LEFT, numbers_left) +
		   count_not(take, LEFT, texts_left) +
		   count_not(take, LEFT, long_left) +
		   count_not(take, LEFT, blank_left) == 0,
	   "%s: lines of another shape are left, and those that are wrong",
	   name);
	ok(count_bad_places(take) == 0,
	   "%s: values are found at any place of lines of any length", name);
	ok(count_bad_lengths(take) == 0,
	   "%s: numbers of AQI_NDJSON_DIGITS bytes are taken", name);
	ok(leaves_cut_part(take),
	   "%s: a key cut short is left, without a look behind the line", name);
	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
		n_bad += count_spoilt(take, firsts[i], n_random, &n_taken);
		n_least = n_taken < n_least ? n_taken : n_least;
	}
	ok(n_bad == 0 && n_least > n_random / 200,
	   "%s: of lines with faults in any place, none is taken that the "
	   "plain lane would leave", name);
	aqi_arena_free(&plain_arena);
	aqi_arena_free(&arena);
}

#endif
