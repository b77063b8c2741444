#include "model/spelling_json.h"

enum aqi_status
aqi_json_fail(const struct aqi_document *d, const char *at,
	      const char *reason, struct aqi_error *err)
{
	if (at < d->end && *at == '\0')
		reason = "a NUL byte";
	return aqi_spelling_fail(d, at, reason, err);
}

/* Values. */

static bool
is_word(const struct aqi_document *d, const char *word)
{
	const size_t n = strlen(word);

	return (size_t)(d->end - d->at) >= n && memcmp(d->at, word, n) == 0;
}

enum aqi_status
aqi_json_word(struct aqi_document *d, struct aqi_error *err)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!is_word(d, words[i]))
			continue;
		d->at += strlen(words[i]);
		return AQI_OK;
	}
	return aqi_json_fail(d, d->at, "not JSON: a value expected", err);
}

enum aqi_status
aqi_json_peek(const struct aqi_document *d, enum aqi_value *kind,
	      struct aqi_error *err)
{
	const char *at = aqi_json_behind_blanks(d->at, d->end);

	switch (at < d->end ? *at : '\0') {
	case '{':
		*kind = AQI_VALUE_OBJECT;
		return AQI_OK;
	case '[':
		*kind = AQI_VALUE_ARRAY;
		return AQI_OK;
	case '"':
		*kind = AQI_VALUE_TEXT;
		return AQI_OK;
	case 't':
	case 'f':
		*kind = AQI_VALUE_BOOLEAN;
		return AQI_OK;
	case 'n':
		*kind = AQI_VALUE_NULL;
		return AQI_OK;
	case '-': case 'N': case 'I':
	case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		*kind = AQI_VALUE_NUMBER;
		return AQI_OK;
	default:
		return aqi_json_fail(d, at, "not JSON: a value expected",
				     err);
	}
}

static enum aqi_status
json_enter(struct aqi_document *d, struct aqi_error *err)
{
	struct aqi_document_level level = {.is_first = true};

	d->at = aqi_json_behind_blanks(d->at, d->end);
	level.is_object = *d->at == '{';
	if (aqi_spelling_push(d, &level, err) != AQI_OK)
		return AQI_FATAL;
	d->at++;
	return AQI_OK;
}

static enum aqi_status
take_key(struct aqi_document *d, struct aqi_slice *key, struct aqi_error *err)
{
	d->at = aqi_json_behind_blanks(d->at, d->end);
	if (d->at == d->end || *d->at != '"')
		return aqi_json_fail(d, d->at, "not JSON: a key expected", err);
	if (aqi_json_string(d, key, err) != AQI_OK)
		return AQI_FATAL;
	d->at = aqi_json_behind_blanks(d->at, d->end);
	if (d->at == d->end || *d->at != ':')
		return aqi_json_fail(d, d->at, "not JSON: ':' expected", err);
	d->at++;
	return AQI_OK;
}

static enum aqi_status
json_next(struct aqi_document *d, struct aqi_slice *key, struct aqi_error *err)
{
	struct aqi_document_level *level = &d->levels[d->depth - 1];

	d->at = aqi_json_behind_blanks(d->at, d->end);
	if (d->at < d->end && *d->at == (level->is_object ? '}' : ']')) {
		d->at++;
		d->depth--;
		return AQI_END;
	}
	if (!level->is_first) {
		if (d->at == d->end || *d->at != ',')
			return aqi_json_fail(d, d->at, level->is_object ?
					     "not JSON: ',' or '}' expected" :
					     "not JSON: ',' or ']' expected",
					     err);
		d->at++;
	}
	level->is_first = false;
	return level->is_object ? take_key(d, key, err) : AQI_OK;
}

static enum aqi_status
json_text(struct aqi_document *d, struct aqi_slice *text,
	  struct aqi_error *err)
{
	d->at = aqi_json_behind_blanks(d->at, d->end);
	return aqi_json_string(d, text, err);
}

static enum aqi_status
json_number(struct aqi_document *d, double *x, struct aqi_error *err)
{
	d->at = aqi_json_behind_blanks(d->at, d->end);
	return aqi_json_double(d, x, err);
}

/* Values that are passed over. */

static enum aqi_status
skip_one(struct aqi_document *d, struct aqi_error *err)
{
	enum aqi_value kind;
	struct aqi_slice text;

	d->at = aqi_json_behind_blanks(d->at, d->end);
	if (aqi_json_peek(d, &kind, err) != AQI_OK)
		return AQI_FATAL;
	switch (kind) {
	case AQI_VALUE_OBJECT:
	case AQI_VALUE_ARRAY:
		return json_enter(d, err);
	case AQI_VALUE_TEXT:
		return aqi_json_string(d, &text, err);
	case AQI_VALUE_NUMBER:
		return aqi_json_skip_number(d, err);
	case AQI_VALUE_BOOLEAN:
	case AQI_VALUE_NULL:
		break;
	}
	return aqi_json_word(d, err);
}

/* Behind a value of an array, not before the first? */
static bool
is_within_array(const struct aqi_document *d)
{
	const struct aqi_document_level *level = &d->levels[d->depth - 1];

	return !level->is_object && !level->is_first;
}

static enum aqi_status
json_skip(struct aqi_document *d, struct aqi_error *err)
{
	const size_t depth = d->depth;
	enum aqi_status status = AQI_OK;
	struct aqi_slice key;

	do {
		if (skip_one(d, err) != AQI_OK)
			return AQI_FATAL;
		if (d->depth > depth && is_within_array(d))
			aqi_json_skip_numbers(d);
		while (d->depth > depth) {
			status = json_next(d, &key, err);
			if (status == AQI_FATAL)
				return AQI_FATAL;
			if (status == AQI_OK)
				break;
		}
	} while (d->depth > depth);
	return AQI_OK;
}

/* Is there a quote or a bracket among 16 bytes? Of the others, only y, Y, _ and
 * DEL are taken for brackets, which costs a look at each. */
static inline bool
has_mark(const char *p)
{
	typedef unsigned char bytes __attribute__((vector_size(16)));
	bytes x, hit;
	uint64_t halves[2];

	memcpy(&x, p, sizeof x);
	hit = (bytes)(x == '"') | (bytes)(((x | 0x20) & 0xf9) == 0x79);
	memcpy(halves, &hit, sizeof halves);
	return (halves[0] | halves[1]) != 0;
}

static const char *
behind_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\';
	return p < end ? p + 1 : end;
}

static enum aqi_status
json_pass(struct aqi_document *d, struct aqi_error *err)
{
	const char *p = aqi_json_behind_blanks(d->at, d->end);
	size_t depth = 0;

	if (p == d->end || (*p != '[' && *p != '{'))
		return json_skip(d, err);
	while (p < d->end) {
		if (d->end - p >= 16 && !has_mark(p)) {
			p += 16;
			continue;
		}
		if (*p == '"') {
			p = behind_string(p, d->end);
			continue;
		}
		depth += *p == '[' || *p == '{';
		depth -= *p == ']' || *p == '}';
		p++;
		if (depth == 0)
			break;
	}
	d->at = p;
	return depth == 0 ? AQI_OK : aqi_json_fail(d, d->end, NULL, err);
}

static enum aqi_status
json_finish(struct aqi_document *d, struct aqi_error *err)
{
	d->at = aqi_json_behind_blanks(d->at, d->end);
	return d->at == d->end ? AQI_OK :
	       aqi_json_fail(d, d->at, "something follows the JSON value", err);
}

const struct aqi_spelling aqi_spelling_json = {
	.too_early = "JSON ends too early",
	.peek = aqi_json_peek,
	.enter = json_enter,
	.next = json_next,
	.text = json_text,
	.number = json_number,
	.floats = aqi_json_floats,
	.integers = aqi_json_integers,
	.skip = json_skip,
	.pass = json_pass,
	.finish = json_finish,
};
