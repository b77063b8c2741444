/*
 * oracle.h: jansson's reading of a text beside that of a document.
 *
 * Their verdicts are the same but for what is by our rules: NaN and infinities
 * are numbers, which for jansson are quoted here; a key may stand twice.
 */
#ifndef AQI_TESTS_ORACLE_H
#define AQI_TESTS_ORACLE_H

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "model/document.h"
#include "record/json.h"
#include "record/utf8.h"

static inline bool
oracle_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Can a value that is text[start, end) stand there, and no key? */
static inline bool
oracle_is_value(const char *text, size_t size, size_t start, size_t end)
{
	while (start > 0 && oracle_is_blank(text[start - 1]))
		start--;
	while (end < size && oracle_is_blank(text[end]))
		end++;
	return (start == 0 || strchr(":[,", text[start - 1])) &&
	       (end == size || strchr(",]}", text[end]));
}

/* Put quotes into the first and the last letter of each that is bare. */
static inline void
oracle_quote(char *text, size_t size)
{
	static const char *const specials[] = {"NaN", "-Infinity", "Infinity"};
	bool in_string = false;

	for (size_t i = 0; i < size; i++) {
		if (in_string && text[i] == '\\') {
			i++;
			continue;
		}
		if (text[i] == '"')
			in_string = !in_string;
		for (size_t k = 0; k < 3 && !in_string; k++) {
			const size_t n = strlen(specials[k]);

			if (n > size - i || memcmp(text + i, specials[k], n) ||
			    !oracle_is_value(text, size, i, i + n))
				continue;
			text[i] = text[i + n - 1] = '"';
			i += n - 1;
			break;
		}
	}
}

static inline bool
oracle_is_too_deep(struct aqi_slice text)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < text.size; i++) {
		const char c = text.data[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '[' || c == '{') &&
			 ++depth > AQI_DOCUMENT_DEPTH)
			return true;
		else if (!in_string && (c == ']' || c == '}'))
			depth--;
	}
	return false;
}

/* NULL: it is no JSON. */
static inline json_t *
oracle_read(struct aqi_slice text)
{
	char *copy = malloc(text.size + 1);
	json_t *root = NULL;

	if (text.size > 0)
		memcpy(copy, text.data, text.size);
	oracle_quote(copy, text.size);
	if (aqi_utf8_check(text) == text.size && !oracle_is_too_deep(text))
		root = json_loadb(copy, text.size, JSON_DECODE_ANY |
				  JSON_DECODE_INT_AS_REAL, NULL);
	free(copy);
	return root;
}

static inline bool oracle_compare(struct aqi_document *d, const json_t *value);

static inline bool
oracle_compare_object(struct aqi_document *d, const json_t *object)
{
	struct aqi_slice key;
	enum aqi_status status;

	if (aqi_document_enter(d, AQI_VALUE_OBJECT, NULL) != AQI_OK)
		return false;
	while ((status = aqi_document_next(d, &key, NULL)) == AQI_OK) {
		const json_t *value = json_object_getn(object, key.data,
						       key.size);
		struct aqi_document twice = *d;

		/* Of a key that is there twice, jansson has the last value. */
		if (!value)
			return false;
		if (!oracle_compare(d, value)) {
			*d = twice;
			if (aqi_document_skip(d, NULL) != AQI_OK)
				return false;
		}
	}
	return status == AQI_END;
}

static inline bool
oracle_compare_array(struct aqi_document *d, const json_t *array)
{
	enum aqi_status status;
	size_t n = 0;

	if (aqi_document_enter(d, AQI_VALUE_ARRAY, NULL) != AQI_OK)
		return false;
	while ((status = aqi_document_next(d, NULL, NULL)) == AQI_OK)
		if (!oracle_compare(d, json_array_get(array, n++)))
			return false;
	return status == AQI_END && n == json_array_size(array);
}

static inline bool
oracle_compare_number(struct aqi_document *d, const json_t *value)
{
	double x;

	if (aqi_document_number(d, &x, NULL) != AQI_OK)
		return false;
	if (json_is_string(value))
		return isnan(x) ? strcmp(json_string_value(value), "a") == 0 :
		       isinf(x);
	return json_is_number(value) && x == json_number_value(value);
}

/* Is what stands in a document this value? */
static inline bool
oracle_compare(struct aqi_document *d, const json_t *value)
{
	struct aqi_slice text;
	enum aqi_value kind;

	if (aqi_document_peek(d, &kind, NULL) != AQI_OK)
		return false;
	switch (kind) {
	case AQI_VALUE_OBJECT:
		return json_is_object(value) && oracle_compare_object(d, value);
	case AQI_VALUE_ARRAY:
		return json_is_array(value) && oracle_compare_array(d, value);
	case AQI_VALUE_TEXT:
		return aqi_document_text(d, &text, NULL) == AQI_OK &&
		       json_is_string(value) &&
		       aqi_slice_equal(text, (struct aqi_slice){
				json_string_value(value),
				json_string_length(value)});
	case AQI_VALUE_NUMBER:
		return oracle_compare_number(d, value);
	case AQI_VALUE_BOOLEAN:
		return json_is_boolean(value) &&
		       aqi_document_skip(d, NULL) == AQI_OK;
	case AQI_VALUE_NULL:
		break;
	}
	return json_is_null(value) && aqi_document_skip(d, NULL) == AQI_OK;
}

/* Take a value, and all in it one by one. */
static inline bool
oracle_visit(struct aqi_document *d)
{
	struct aqi_slice key;
	enum aqi_value kind;
	enum aqi_status status;
	double x;

	if (aqi_document_peek(d, &kind, NULL) != AQI_OK)
		return false;
	if (kind == AQI_VALUE_NUMBER)
		return aqi_document_number(d, &x, NULL) == AQI_OK;
	if (kind != AQI_VALUE_OBJECT && kind != AQI_VALUE_ARRAY)
		return aqi_document_skip(d, NULL) == AQI_OK;
	if (aqi_document_enter(d, kind, NULL) != AQI_OK)
		return false;
	while ((status = aqi_document_next(d, &key, NULL)) == AQI_OK)
		if (!oracle_visit(d))
			return false;
	return status == AQI_END;
}

/* Is a text, all of it, for a document what it is for jansson (NULL: none)?
 * Passed over as a whole, too, and where it is JSON, without looking. */
static inline bool
oracle_agrees(struct aqi_slice bytes, const json_t *root)
{
	struct aqi_buffer text = {0};
	struct aqi_document d = aqi_document_new(&aqi_spelling_json, bytes,
						 &text);
	struct aqi_document skipped = d, passed = d, visited = d;
	const bool is_json = aqi_document_skip(&skipped, NULL) == AQI_OK &&
			     aqi_document_finish(&skipped, NULL) == AQI_OK;
	bool agrees = is_json == (root != NULL);

	agrees = agrees && is_json == (oracle_visit(&visited) &&
		aqi_document_finish(&visited, NULL) == AQI_OK);
	if (agrees && is_json)
		agrees = oracle_compare(&d, root) &&
			 aqi_document_pass(&passed, NULL) == AQI_OK &&
			 aqi_document_finish(&passed, NULL) == AQI_OK;
	aqi_buffer_free(&text);
	return agrees;
}

#endif
