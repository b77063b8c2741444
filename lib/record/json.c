#include "record/json.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/utf8.h"

/*
 * jansson reports most allocations that fail as a syntax error. So it gets its
 * memory through here, once for the process, and whether that failed is noted
 * for the thread that reads.
 */
static _Thread_local bool ran_out;

static void *
allocate(size_t size)
{
	void *memory = malloc(size);

	ran_out |= !memory;
	return memory;
}

static void
set_allocator(void)
{
	json_set_alloc_funcs(allocate, free);
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
 * without the text that it met: that may be long, and the place is known.
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
	case json_error_invalid_utf8:
		return "invalid UTF-8";
	default:
		snprintf(words, JSON_ERROR_TEXT_LENGTH + 16, "not JSON: %.*s",
			 near ? (int)(near - error->text) :
				(int)strlen(error->text), error->text);
		return words;
	}
}

struct json_t *
aqi_json_read(struct aqi_slice text, struct aqi_error *err)
{
	const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
			     JSON_DECODE_INT_AS_REAL;
	size_t at = aqi_utf8_check(text), byte;
	static pthread_once_t once = PTHREAD_ONCE_INIT;
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
	pthread_once(&once, set_allocator);
	ran_out = false;
	value = json_loadb(text.data, text.size, flags, &error);
	if (ran_out) {
		json_decref(value);
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
