/* A line of JSON against what jansson itself makes of it. */
#include <jansson.h>

#include "fuzz.h"
#include "record/json.h"
#include "record/ndjson.h"
#include "record/ndjson_plain.h"
#include "record/utf8.h"

#define FLAGS (JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |                     \
	       JSON_DECODE_INT_AS_REAL)

static json_t *
decode(struct aqi_slice text)
{
	return json_loadb(text.data, text.size, FLAGS, NULL);
}

static int
depth_of(const json_t *value)
{
	int depth = 0, inner;
	const char *key;
	json_t *item;
	size_t i;

	json_object_foreach((json_t *)value, key, item)
		depth = (inner = depth_of(item)) > depth ? inner : depth;
	json_array_foreach(value, i, item)
		depth = (inner = depth_of(item)) > depth ? inner : depth;
	return depth + (json_is_object(value) || json_is_array(value));
}

static enum aqi_kind
kind_of(const json_t *value)
{
	return json_is_string(value)  ? AQI_TEXT :
	       json_is_number(value)  ? AQI_NUMBER :
	       json_is_boolean(value) ? AQI_BOOLEAN :
	       json_is_null(value)    ? AQI_MISSING : AQI_NESTED;
}

static bool
stands_for(struct aqi_slice raw, const json_t *value)
{
	json_t *decoded = decode(raw);
	bool same = decoded && json_equal(decoded, value);

	json_decref(decoded);
	return same;
}

static void
check_member(struct aqi_slice line, const struct aqi_member *m,
	     const char *key, const json_t *value)
{
	struct aqi_slice text = aqi_field_text(m->value);
	json_t *name = json_string(key);

	CHECK(aqi_slice_is(m->key, key));
	CHECK(stands_for(m->raw_key, name) && stands_for(m->raw_value, value));
	CHECK(m->raw_key.data >= line.data &&
	      m->raw_key.data + m->raw_key.size < m->raw_value.data &&
	      m->raw_value.data + m->raw_value.size < line.data + line.size);
	CHECK(m->value.kind == kind_of(value));
	if (json_is_string(value))
		CHECK(aqi_slice_equal(text, (struct aqi_slice){
			json_string_value(value), json_string_length(value)}));
	else
		CHECK(aqi_slice_equal(text, m->raw_value));
	CHECK(line.data + aqi_ndjson_find(line, m->key) == m->raw_value.data);
	json_decref(name);
}

static bool
same_member(const struct aqi_member *a, const struct aqi_member *b)
{
	return aqi_slice_equal(a->key, b->key) &&
	       a->value.kind == b->value.kind &&
	       aqi_slice_equal(aqi_field_text(a->value),
			       aqi_field_text(b->value)) &&
	       a->raw_key.data == b->raw_key.data &&
	       a->raw_key.size == b->raw_key.size &&
	       a->raw_value.data == b->raw_value.data &&
	       a->raw_value.size == b->raw_value.size;
}

/* What the fast lane takes, the slow one takes alike; of keys that it expects
 * some, all or none. */
static void
check_plain(struct aqi_slice line, const struct aqi_member *members, size_t n)
{
	static struct aqi_arena arena;
	struct aqi_slice names[8];
	struct aqi_member *plain;
	size_t n_names = 0, n_plain;

	for (size_t i = 0; i < n && i < 8; i++)
		names[n_names++] = members[i].key;
	for (size_t k = 0; k <= n_names; k += k < n_names ? n_names - k : 1) {
		if (!aqi_ndjson_take(line, names, k, &arena, &plain, &n_plain))
			continue;
		CHECK(members && n_plain == n);
		for (size_t i = 0; i < n; i++)
			CHECK(same_member(&plain[i], &members[i]));
	}
	aqi_arena_clear(&arena);
}

static void
check_line(struct aqi_slice line)
{
	json_t *object = decode(line), *value;
	bool is_right = json_is_object(object) &&
			depth_of(object) <= AQI_JSON_DEPTH &&
			aqi_utf8_check(line) == line.size;
	static struct aqi_arena arena;
	struct aqi_error err = {0};
	struct aqi_member *members;
	const char *key;
	size_t n = 0, i = 0;
	enum aqi_status status = aqi_ndjson_parse(line, &arena, &members, &n,
						  &err);

	CHECK(status == (is_right ? AQI_OK : AQI_REJECT));
	if (is_right) {
		CHECK(n == json_object_size(object));
		json_object_foreach(object, key, value)
			check_member(line, &members[i++], key, value);
		CHECK(aqi_ndjson_find(line, aqi_slice_of("no\ttab")) ==
			      (size_t)-1 || json_object_get(object, "no\ttab"));
	} else {
		CHECK((err.code == AQI_E_SYNTAX ||
		       err.code == AQI_E_ENCODING) && err.reason[0]);
		CHECK(err.column >= 1 && err.column <= line.size + 1);
	}
	if (aqi_utf8_check(line) == line.size)
		check_plain(line, is_right ? members : NULL, n);
	aqi_arena_clear(&arena);
	json_decref(object);
}

static void
check_string(struct aqi_slice text)
{
	struct aqi_buffer out = {0};
	json_t *decoded;

	if (aqi_utf8_check(text) < text.size)
		return;
	aqi_ndjson_add_string(&out, text);
	decoded = decode((struct aqi_slice){out.data, out.size});
	CHECK(aqi_slice_equal(text, (struct aqi_slice){
		json_string_value(decoded), json_string_length(decoded)}));
	json_decref(decoded);
	aqi_buffer_free(&out);
}

/* Blanks around it are JSON's, but not a number's; a NUL is neither's. */
static void
check_number(struct aqi_slice text)
{
	bool is_number = aqi_ndjson_is_number(text), is_plain = true;
	json_error_t error;
	json_t *value = json_loadb(text.data, text.size, FLAGS, &error);

	for (size_t i = 0; i < text.size; i++)
		is_plain &= !memchr(" \t\r\n", text.data[i], 5);
	if (json_is_number(value) && is_plain)
		CHECK(is_number);
	if (is_number)
		CHECK(json_is_number(value) || (!value &&
		      json_error_code(&error) == json_error_numeric_overflow));
	json_decref(value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_line(input_slice(data, size));
	check_string(input_slice(data, size));
	check_number(input_slice(data, size));
	return 0;
}
