#include "record/ndjson.h"

#include <jansson.h>

#include "record/json.h"
#include "record/ndjson_plain.h"

/*
 * jansson gives decoded values, but neither their place nor their bytes. So
 * the members of a line that it has found valid are walked a second time: in
 * valid JSON a string ends at the first quote without a backslash, and a
 * value at the first comma or bracket outside strings.
 */
struct cursor {
	const char *p, *end;
};

static void
skip_blanks(struct cursor *c)
{
	while (c->p < c->end && strchr(" \t\r\n", *c->p) && *c->p)
		c->p++;
}

static void
skip_string(struct cursor *c)
{
	for (c->p++; c->p < c->end && *c->p != '"'; c->p++)
		if (*c->p == '\\')
			c->p++;
	c->p++;
}

static void
skip_value(struct cursor *c)
{
	int depth = 0;

	while (c->p < c->end) {
		if (*c->p == '"') {
			skip_string(c);
			if (depth == 0)
				return;
			continue;
		}
		if (depth == 0 && strchr(",}] \t\r\n", *c->p))
			return;
		if (*c->p == '{' || *c->p == '[')
			depth++;
		if ((*c->p == '}' || *c->p == ']') && --depth == 0) {
			c->p++;
			return;
		}
		c->p++;
	}
}

/* To the first key, behind the brace; or to the next, behind a comma. */
static bool
next_member(struct cursor *c, struct aqi_slice *key, struct aqi_slice *value)
{
	skip_blanks(c);
	if (c->p < c->end && (*c->p == '{' || *c->p == ','))
		c->p++;
	skip_blanks(c);
	if (c->p >= c->end || *c->p != '"')
		return false;
	key->data = c->p;
	skip_string(c);
	key->size = (size_t)(c->p - key->data);
	skip_blanks(c);
	c->p++;		/* the colon */
	skip_blanks(c);
	value->data = c->p;
	skip_value(c);
	value->size = (size_t)(c->p - value->data);
	return true;
}

static bool
set_value(struct aqi_member *member, const json_t *value,
	  struct aqi_arena *arena)
{
	struct aqi_slice text = member->raw_value;
	enum aqi_kind kind = AQI_NESTED;

	if (json_is_string(value)) {
		kind = AQI_TEXT;
		text = aqi_arena_copy(arena, (struct aqi_slice){
			json_string_value(value), json_string_length(value)});
	} else if (json_is_number(value)) {
		kind = AQI_NUMBER;
	} else if (json_is_boolean(value)) {
		kind = AQI_BOOLEAN;
	} else if (json_is_null(value)) {
		kind = AQI_MISSING;
	}
	member->value = (struct aqi_field){text.data, (uint32_t)text.size,
					   (unsigned char)kind};
	return text.data != NULL;
}

static enum aqi_status
fill(json_t *object, struct aqi_slice line, struct aqi_arena *arena,
     struct aqi_member *members, struct aqi_error *err)
{
	struct cursor cursor = {line.data, line.data + line.size};
	struct aqi_member *m = members;
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		next_member(&cursor, &m->raw_key, &m->raw_value);
		m->key = aqi_arena_copy(arena, aqi_slice_of(key));
		if (!set_value(m, value, arena) || !m->key.data)
			return aqi_error_memory(err);
		m++;
	}
	return AQI_OK;
}

static const char *
type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_ARRAY: return "an array";
	case JSON_STRING: return "a string";
	case JSON_INTEGER:
	case JSON_REAL: return "a number";
	case JSON_NULL: return "null";
	default: return "a boolean";
	}
}

enum aqi_status
aqi_ndjson_parse(struct aqi_slice line, struct aqi_arena *arena,
		 struct aqi_member **members, size_t *n, struct aqi_error *err)
{
	json_t *object = aqi_json_read(line, err);
	enum aqi_status status = AQI_REJECT;

	if (!object)
		return err->code == AQI_E_MEMORY ? AQI_FATAL : AQI_REJECT;
	if (!json_is_object(object)) {
		aqi_error_set(err, AQI_E_SYNTAX, "%s is no record; a line is "
			      "one JSON object", type_name(object));
		aqi_error_at(err, NULL, 0, 1);
		goto decref_object;
	}
	*n = json_object_size(object);
	*members = aqi_arena_array(arena, *n, sizeof **members);
	if (*members)
		status = fill(object, line, arena, *members, err);
	else
		status = aqi_error_memory(err);
decref_object:
	json_decref(object);
	return status;
}

enum aqi_status
aqi_ndjson_read(struct aqi_slice line, const struct aqi_slice *names,
		size_t n_names, struct aqi_arena *arena,
		struct aqi_member **members, size_t *n, struct aqi_error *err)
{
	if (aqi_ndjson_take(line, names, n_names, arena, members, n))
		return AQI_OK;
	return aqi_ndjson_parse(line, arena, members, n, err);
}

static uint32_t
hex4(const char *digits)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++) {
		char c = digits[i];

		unit = unit << 4 | (uint32_t)(c <= '9' ? c - '0' :
					      (c | 0x20) - 'a' + 10);
	}
	return unit;
}

/* The bytes that \uXXXX stands for, two of them for a pair; behind it in *p. */
static size_t
unescape_unicode(const char **p, char out[4])
{
	uint32_t c = hex4(*p);

	*p += 4;
	if (c >= 0xd800 && c < 0xdc00) {
		c = 0x10000 + ((c - 0xd800) << 10) + (hex4(*p + 2) - 0xdc00);
		*p += 6;
	}
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* What the next byte of a valid string, or its escape, stands for. */
static size_t
unescape(const char **p, char out[4])
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *letter;
	char c = *(*p)++;

	if (c == '\\') {
		c = *(*p)++;
		if (c == 'u')
			return unescape_unicode(p, out);
		letter = strchr(letters, c);
		if (letter)
			c = meant[letter - letters];
	}
	out[0] = c;
	return 1;
}

/*
 * Do the bytes of a key, escapes and all, stand for this text? jansson could
 * tell, but with memory, and the place of a fault is asked for when there may
 * be none.
 */
static bool
key_is(struct aqi_slice raw, struct aqi_slice key)
{
	const char *p = raw.data + 1, *end = raw.data + raw.size - 1;
	size_t at = 0, n;
	char bytes[4];

	while (p < end) {
		n = unescape(&p, bytes);
		if (key.size - at < n || memcmp(key.data + at, bytes, n) != 0)
			return false;
		at += n;
	}
	return at == key.size;
}

size_t
aqi_ndjson_find(struct aqi_slice line, struct aqi_slice key)
{
	struct cursor cursor = {line.data, line.data + line.size};
	struct aqi_slice raw_key, raw_value;

	while (next_member(&cursor, &raw_key, &raw_value))
		if (key_is(raw_key, key))
			return (size_t)(raw_value.data - line.data);
	return (size_t)-1;
}

void
aqi_ndjson_add_string(struct aqi_buffer *out, struct aqi_slice text)
{
	static const char hex[] = "0123456789abcdef";
	size_t plain = 0;

	aqi_buffer_add_byte(out, '"');
	while (plain < text.size && (unsigned char)text.data[plain] >= 0x20 &&
	       text.data[plain] != '"' && text.data[plain] != '\\')
		plain++;
	aqi_buffer_add(out, text.data, plain);
	for (size_t i = plain; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		switch (c) {
		case '"': aqi_buffer_add(out, "\\\"", 2); break;
		case '\\': aqi_buffer_add(out, "\\\\", 2); break;
		case '\n': aqi_buffer_add(out, "\\n", 2); break;
		case '\r': aqi_buffer_add(out, "\\r", 2); break;
		case '\t': aqi_buffer_add(out, "\\t", 2); break;
		default:
			if (c < 0x20) {
				aqi_buffer_add(out, "\\u00", 4);
				aqi_buffer_add_byte(out, hex[c >> 4]);
				aqi_buffer_add_byte(out, hex[c & 15]);
			} else {
				aqi_buffer_add_byte(out, (char)c);
			}
		}
	}
	aqi_buffer_add_byte(out, '"');
}

static size_t
digits(struct aqi_slice text, size_t i)
{
	while (i < text.size && text.data[i] >= '0' && text.data[i] <= '9')
		i++;
	return i;
}

bool
aqi_ndjson_is_number(struct aqi_slice text)
{
	size_t i = 0, start;

	if (i < text.size && text.data[i] == '-')
		i++;
	start = i;
	i = digits(text, i);
	if (i == start || (text.data[start] == '0' && i > start + 1))
		return false;
	if (i < text.size && text.data[i] == '.') {
		start = ++i;
		i = digits(text, i);
		if (i == start)
			return false;
	}
	if (i < text.size && (text.data[i] == 'e' || text.data[i] == 'E')) {
		i++;
		if (i < text.size &&
		    (text.data[i] == '+' || text.data[i] == '-'))
			i++;
		start = i;
		i = digits(text, i);
		if (i == start)
			return false;
	}
	return i == text.size;
}
