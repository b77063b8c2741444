#include "api/scan.h"

#include "api/unicode.h"
#include "base/ascii.h"

#define MOST_DIGITS 4300

struct scanner {
	const char *p, *end;
	const char *reason, *at;	/* of the fault */
	size_t depth;
	unsigned char is_object[AQI_SCAN_DEPTH / 8 + 1];	/* a bit each */
};

static bool
fail(struct scanner *s, const char *reason, const char *at)
{
	s->reason = reason;
	s->at = at;
	return false;
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' ||
			   *p == '\t'))
		p++;
	return p;
}

static const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && aqi_ascii_is_digit(*p))
		p++;
	return p;
}

/* p is at the u of an escape. A text does not end with one, by Python. */
static bool
check_hex(struct scanner *s, const char *p)
{
	if (s->end - p <= 5)
		return fail(s, "Invalid \\uXXXX escape", p);
	for (int i = 1; i <= 4; i++)
		if (aqi_ascii_hex(p[i]) < 0)
			return fail(s, "Invalid \\uXXXX escape", p);
	return true;
}

static bool
check_escape(struct scanner *s, const char **p)
{
	if (**p == 'u') {
		if (!check_hex(s, *p))
			return false;
		*p += 5;
		return true;
	}
	if (!memchr("\"\\/bfnrt", **p, 8))
		return fail(s, "Invalid \\escape", *p - 1);
	++*p;
	return true;
}

static bool
check_string(struct scanner *s)
{
	const char *start = s->p, *p = start + 1;

	while (p < s->end && *p != '"') {
		if ((unsigned char)*p < 0x20)
			return fail(s, "Invalid control character at", p);
		if (*p++ != '\\')
			continue;
		if (p == s->end)
			break;
		if (!check_escape(s, &p))
			return false;
	}
	if (p == s->end)
		return fail(s, "Unterminated string starting at", start);
	s->p = p + 1;
	return true;
}

/* What is no fraction or exponent is left for the next to stumble on. */
static const char *
skip_fraction(const char *p, const char *end)
{
	const char *q;

	if (end - p > 1 && *p == '.' && aqi_ascii_is_digit(p[1]))
		p = skip_digits(p + 1, end);
	if (p < end && (*p == 'e' || *p == 'E')) {
		q = p + 1;
		if (q < end && (*q == '+' || *q == '-'))
			q++;
		if (q < end && aqi_ascii_is_digit(*q))
			return skip_digits(q, end);
	}
	return p;
}

static bool
check_number(struct scanner *s)
{
	const char *p = s->p, *digits, *whole;

	if (p < s->end && *p == '-')
		p++;
	if (p == s->end || !aqi_ascii_is_digit(*p))
		return fail(s, "Expecting value", s->p);
	digits = p;
	whole = *p == '0' ? p + 1 : skip_digits(p, s->end);
	s->p = skip_fraction(whole, s->end);
	if (s->p == whole && whole - digits > MOST_DIGITS)
		return fail(s, NULL, digits);
	return true;
}

static bool
take_word(struct scanner *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool
check_scalar(struct scanner *s)
{
	static const char *const words[] = {
		"null", "true", "false", "NaN", "Infinity", "-Infinity"
	};

	if (s->p < s->end && *s->p == '"')
		return check_string(s);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (take_word(s, words[i]))
			return true;
	return check_number(s);
}

static bool
is_in_object(const struct scanner *s)
{
	return s->is_object[s->depth / 8] >> s->depth % 8 & 1;
}

static bool
enter(struct scanner *s, bool object)
{
	unsigned char bit;

	if (s->depth == AQI_SCAN_DEPTH)
		return fail(s, NULL, s->p);
	s->depth++;
	bit = (unsigned char)(1u << s->depth % 8);
	if (object)
		s->is_object[s->depth / 8] |= bit;
	else
		s->is_object[s->depth / 8] &= (unsigned char)~bit;
	s->p = skip_blanks(s->p + 1, s->end);
	return true;
}

static bool
check_key(struct scanner *s)
{
	if (s->p == s->end || *s->p != '"')
		return fail(s, "Expecting property name enclosed in double "
			    "quotes", s->p);
	if (!check_string(s))
		return false;
	s->p = skip_blanks(s->p, s->end);
	if (s->p == s->end || *s->p != ':')
		return fail(s, "Expecting ':' delimiter", s->p);
	s->p = skip_blanks(s->p + 1, s->end);
	return true;
}

/* A value is over: close what it ends, up to where the next begins. */
static bool
leave(struct scanner *s)
{
	const char *comma;

	while (s->depth > 0) {
		char close = is_in_object(s) ? '}' : ']';

		s->p = skip_blanks(s->p, s->end);
		if (s->p < s->end && *s->p == close) {
			s->p++;
			s->depth--;
			continue;
		}
		if (s->p == s->end || *s->p != ',')
			return fail(s, "Expecting ',' delimiter", s->p);
		comma = s->p;
		s->p = skip_blanks(comma + 1, s->end);
		if (s->p < s->end && *s->p == close)
			return fail(s, is_in_object(s) ?
				    "Illegal trailing comma before end of "
				    "object" :
				    "Illegal trailing comma before end of "
				    "array", comma);
		return !is_in_object(s) || check_key(s);
	}
	return true;
}

/* The beginning of an object or an array, with its first key. */
static bool
begin_nested(struct scanner *s)
{
	bool object = *s->p == '{';

	if (!enter(s, object))
		return false;
	if (s->p < s->end && *s->p == (object ? '}' : ']'))
		return leave(s);
	return !object || check_key(s);
}

static bool
check(struct scanner *s)
{
	const char *start;

	s->p = skip_blanks(s->p, s->end);
	do {
		start = s->p;
		if (start < s->end && (*start == '{' || *start == '[')) {
			if (!begin_nested(s))
				return false;
		} else if (!check_scalar(s) || !leave(s)) {
			return false;
		}
	} while (s->depth > 0);
	s->p = skip_blanks(s->p, s->end);
	return s->p == s->end || fail(s, "Extra data", s->p);
}

enum aqi_status
aqi_scan_check(struct aqi_slice text, struct aqi_scan_fault *fault)
{
	const char *start = text.size > 0 ? text.data : "";
	struct scanner s = {.p = start, .end = start + text.size};

	if (check(&s))
		return AQI_OK;
	fault->reason = s.reason;
	fault->at = text.size - (size_t)(s.end - s.at);
	return AQI_REJECT;
}

enum aqi_scan_kind
aqi_scan_kind(struct aqi_slice value)
{
	switch (value.data[0]) {
	case 'n':
		return AQI_SCAN_NULL;
	case 'f':
		return AQI_SCAN_FALSE;
	case 't':
		return AQI_SCAN_TRUE;
	case '"':
		return AQI_SCAN_STRING;
	case '[':
		return AQI_SCAN_ARRAY;
	case '{':
		return AQI_SCAN_OBJECT;
	case 'N':
		return AQI_SCAN_NAN;
	case 'I':
		return AQI_SCAN_INFINITY;
	default:
		break;
	}
	if (value.size > 1 && value.data[1] == 'I')
		return AQI_SCAN_INFINITY;
	for (size_t i = 0; i < value.size; i++)
		if (memchr(".eE", value.data[i], 3))
			return AQI_SCAN_FLOAT;
	return AQI_SCAN_INTEGER;
}

static const char *
skip_string(const char *p)
{
	for (p++; *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

/* The end of the value that begins at p. */
static const char *
skip_value(const char *p, const char *end)
{
	size_t depth = 0;

	do {
		switch (*p) {
		case '"':
			p = skip_string(p);
			break;
		case '{':
		case '[':
			depth++;
			p++;
			break;
		case '}':
		case ']':
			depth--;
			p++;
			break;
		default:
			p++;
			if (depth > 0)
				break;
			while (p < end && !memchr(",]} \n\r\t", *p, 7))
				p++;
		}
	} while (depth > 0);
	return p;
}

struct aqi_slice
aqi_scan_value(struct aqi_slice text)
{
	const char *end = text.data + text.size;
	const char *p = skip_blanks(text.data, end);

	return (struct aqi_slice){p, (size_t)(skip_value(p, end) - p)};
}

struct aqi_scan_walk
aqi_scan_walk(struct aqi_slice value)
{
	return (struct aqi_scan_walk){
		.p = value.data,
		.end = value.data + value.size,
		.is_object = *value.data == '{',
	};
}

bool
aqi_scan_next(struct aqi_scan_walk *walk, struct aqi_slice *key,
	      struct aqi_slice *value)
{
	const char *p = skip_blanks(walk->p, walk->end), *start;

	/* Here is what begins, ends or parts the items. */
	if (*p == ']' || *p == '}')
		return false;
	p = skip_blanks(p + 1, walk->end);
	if (*p == ']' || *p == '}')
		return false;
	*key = (struct aqi_slice){p, 0};
	if (walk->is_object) {
		start = p;
		p = skip_string(p);
		*key = (struct aqi_slice){start, (size_t)(p - start)};
		p = skip_blanks(p, walk->end);
		p = skip_blanks(p + 1, walk->end);
	}
	start = p;
	p = skip_value(p, walk->end);
	*value = (struct aqi_slice){start, (size_t)(p - start)};
	walk->p = p;
	return true;
}

static uint32_t
read_hex(const char *p)
{
	uint32_t code = 0;

	for (int i = 0; i < 4; i++)
		code = code << 4 | (uint32_t)aqi_ascii_hex(p[i]);
	return code;
}

/* *p is at the u; two escapes that are the halves of a pair are one. */
static uint32_t
read_escape(const char **p)
{
	uint32_t code = read_hex(*p + 1), low;

	*p += 5;
	if ((code & 0xfffffc00) != 0xd800 || (*p)[0] != '\\' ||
	    (*p)[1] != 'u')
		return code;
	low = read_hex(*p + 2);
	if ((low & 0xfffffc00) != 0xdc00)
		return code;
	*p += 6;
	return 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
}

bool
aqi_scan_character(const char **p, uint32_t *code)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *letter;

	if (**p == '"')
		return false;
	if (**p != '\\') {
		*p += aqi_unicode_next(*p, *p + 4, code);
		return true;
	}
	++*p;
	if (**p == 'u') {
		*code = read_escape(p);
		return true;
	}
	letter = strchr(letters, *(*p)++);
	*code = (unsigned char)(letter ? meant[letter - letters] : (*p)[-1]);
	return true;
}

bool
aqi_scan_is(struct aqi_slice string, struct aqi_slice name)
{
	const char *p = string.data + 1;
	uint32_t code;
	size_t i = 0;

	if (string.size == name.size + 2 &&
	    memcmp(p, name.data, name.size) == 0)
		return true;
	if (!memchr(p, '\\', string.size - 1))
		return false;
	for (; aqi_scan_character(&p, &code); i++)
		if (i == name.size || code != (unsigned char)name.data[i])
			return false;
	return i == name.size;
}

bool
aqi_scan_equal(struct aqi_slice a, struct aqi_slice b)
{
	const char *p = a.data + 1, *q = b.data + 1;
	uint32_t one, other;
	bool is_one, is_other;

	do {
		is_one = aqi_scan_character(&p, &one);
		is_other = aqi_scan_character(&q, &other);
	} while (is_one && is_other && one == other);
	return !is_one && !is_other;
}

bool
aqi_scan_is_empty(struct aqi_slice value)
{
	const char *end = value.data + value.size;

	if (*value.data == '"')
		return value.size == 2;
	return skip_blanks(value.data + 1, end) == end - 1;
}

struct aqi_slice
aqi_scan_find(struct aqi_slice object, struct aqi_slice name)
{
	struct aqi_scan_walk walk = aqi_scan_walk(object);
	struct aqi_slice key, value, found = {NULL, 0};

	while (aqi_scan_next(&walk, &key, &value))
		if (aqi_scan_is(key, name))
			found = value;
	return found;
}
