#include "record/json.h"

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/utf8.h"

/*
 * jansson 2.14 is not made for every allocation to fail: a token that cannot
 * grow loses a byte, which an assertion finds, or nothing does. So it is not
 * told. It gets its memory through here, and where there is none, the parser
 * is left by a jump, with all that it held given back.
 *
 * To that end the blocks are noted while a text is parsed. Behind that, and for
 * values that others in the process make, this is malloc and free.
 */
struct parse {
	jmp_buf ran_out;
	uintptr_t *blocks;	/* (n,) what it holds; with FREED: no more */
	size_t n, capacity;
	uintptr_t few[128];	/* a record of usual size needs no more */
};

/* Set on the address of a block that was freed; blocks are aligned. */
#define FREED ((uintptr_t)1)

static _Thread_local struct parse *parse;	/* the one under way */

static bool
has_room(void)
{
	uintptr_t *grown, *old = parse->blocks == parse->few ? NULL :
							       parse->blocks;

	if (parse->n < parse->capacity)
		return true;
	grown = reallocarray(old, parse->capacity, 2 * sizeof *grown);
	if (!grown)
		return false;
	if (!old)
		memcpy(grown, parse->few, sizeof parse->few);
	parse->blocks = grown;
	parse->capacity *= 2;
	return true;
}

static void *
allocate(size_t size)
{
	void *memory;

	if (!parse)
		return malloc(size);
	if (!has_room() || !(memory = malloc(size)))
		longjmp(parse->ran_out, 1);
	parse->blocks[parse->n++] = (uintptr_t)memory;
	return memory;
}

/* What jansson frees while it parses is mostly what it got last: that is
 * crossed out, so that few notes of freed blocks are left. */
static void
release(void *memory)
{
	const size_t near = 8;

	if (parse) {
		for (size_t i = parse->n; i-- > 0 && i + near >= parse->n; ) {
			if (parse->blocks[i] != (uintptr_t)memory)
				continue;
			parse->blocks[i] = parse->blocks[--parse->n];
			free(memory);
			return;
		}
		if (!has_room())
			longjmp(parse->ran_out, 1);
		parse->blocks[parse->n++] = (uintptr_t)memory | FREED;
	}
	free(memory);
}

static int
compare(const void *a, const void *b)
{
	const uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return (x > y) - (x < y);
}

/*
 * Free what jansson held. An address that came, went and came again stands
 * there once more often than it does as freed; sorted, they are neighbours.
 */
static void
give_up(struct parse *p)
{
	uintptr_t block;
	int held;

	qsort(p->blocks, p->n, sizeof *p->blocks, compare);
	for (size_t i = 0; i < p->n; ) {
		block = p->blocks[i] & ~FREED;
		held = 0;
		for (; i < p->n && (p->blocks[i] & ~FREED) == block; i++)
			held += p->blocks[i] & FREED ? -1 : 1;
		if (held)
			free((void *)block);
	}
}

static void
set_allocator(void)
{
	json_set_alloc_funcs(allocate, release);
}

/* false: memory ran out. *value, out, is NULL where the text is no JSON. */
static bool
load(struct parse *p, struct aqi_slice text, json_t **value,
     json_error_t *error)
{
	const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
			     JSON_DECODE_INT_AS_REAL;
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_allocator);
	parse = p;
	if (setjmp(p->ran_out)) {
		parse = NULL;
		give_up(p);
		return false;
	}
	*value = json_loadb(text.data, text.size, flags, error);
	parse = NULL;
	return true;
}

/* Where the nesting first exceeds the limit; text.size when it never does. */
static size_t
too_deep(struct aqi_slice text)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > AQI_JSON_DEPTH)
				return i;
		} else if (c == ']' || c == '}') {
			depth--;
		}
	}
	return text.size;
}

static void
locate(struct aqi_error *err, struct aqi_slice text, size_t at)
{
	uint64_t line = 1;
	size_t start = 0;

	for (size_t i = 0; i < at && i < text.size; i++) {
		if (text.data[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	aqi_error_at(err, NULL, line, at - start + 1);
}

static struct json_t *
fail(struct aqi_error *err, enum aqi_code code, struct aqi_slice text,
     size_t at, const char *reason)
{
	aqi_error_set(err, code, "%s", reason);
	locate(err, text, at);
	return NULL;
}

/*
 * Ours where jansson's words need its own, else "not JSON" and what it says,
 * without the text that it met: that may be long, and the place is known. The
 * bytes are UTF-8 by then.
 */
static const char *
explain(const json_error_t *error, char words[JSON_ERROR_TEXT_LENGTH + 16])
{
	const char *near = strstr(error->text, " near ");

	switch (json_error_code(error)) {
	case json_error_premature_end_of_input:
		return "JSON ends too early";
	case json_error_end_of_input_expected:
		return "something follows the JSON value";
	case json_error_duplicate_key:
		return "a key stands twice in the object";
	case json_error_numeric_overflow:
		return "a number is too large";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "\\u0000 is not allowed in a string";
	default:
		snprintf(words, JSON_ERROR_TEXT_LENGTH + 16, "not JSON: %.*s",
			 near ? (int)(near - error->text) :
				(int)strlen(error->text), error->text);
		return words;
	}
}

static bool
load_counted(struct aqi_slice text, json_t **value, json_error_t *error)
{
	struct parse p;
	bool done;

	/* Not initialized as a whole: that is 1 KiB a record. */
	p.blocks = p.few;
	p.n = 0;
	p.capacity = sizeof p.few / sizeof *p.few;
	done = load(&p, text, value, error);
	if (p.blocks != p.few)
		free(p.blocks);
	return done;
}

struct json_t *
aqi_json_read(struct aqi_slice text, struct aqi_error *err)
{
	size_t at = aqi_utf8_check(text), byte;
	char words[JSON_ERROR_TEXT_LENGTH + 16];
	json_error_t error;
	json_t *value;

	if (at < text.size)
		return fail(err, AQI_E_ENCODING, text, at,
			    text.data[at] ? "invalid UTF-8" : "a NUL byte");
	at = too_deep(text);
	if (at < text.size)
		return fail(err, AQI_E_SYNTAX, text, at,
			    "JSON nested more than 64 deep");
	if (!load_counted(text, &value, &error)) {
		aqi_error_memory(err);
		return NULL;
	}
	if (value)
		return value;
	/* jansson counts the bytes it has consumed, the bad one included. */
	if (json_error_code(&error) == json_error_premature_end_of_input)
		byte = text.size;
	else
		byte = error.position > 0 ? (size_t)error.position - 1 : 0;
	/* Of a character of several bytes, the first is meant. */
	while (byte > 0 && byte < text.size && (text.data[byte] & 0xc0) == 0x80)
		byte--;
	return fail(err, AQI_E_SYNTAX, text, byte,
		    explain(&error, words));
}

double
aqi_json_number(const json_t *value)
{
	return json_is_number(value) ? json_number_value(value) : NAN;
}
