#include "record/ndjson_plain.h"

#include "base/ascii.h"
#include "record/ndjson.h"

struct cursor {
	const char *p, *end;
};

static inline void
skip_blanks(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' ||
				 *c->p == '\r' || *c->p == '\n'))
		c->p++;
}

/* Pass over a byte, with blanks before and behind; false: it is another. */
static inline bool
take(struct cursor *c, char byte)
{
	if (c->p < c->end && *c->p != byte)
		skip_blanks(c);
	if (c->p == c->end || *c->p != byte)
		return false;
	c->p++;
	if (c->p < c->end && (unsigned char)*c->p <= ' ')
		skip_blanks(c);
	return true;
}

/* A string, with its quotes: to the next quote, if nothing is escaped. */
static inline bool
take_string(struct cursor *c, struct aqi_slice *raw)
{
	const char *start = c->p;

	if (c->p == c->end || *c->p != '"')
		return false;
	for (c->p++; c->p < c->end && *c->p != '"'; c->p++)
		if (*c->p == '\\' || (unsigned char)*c->p < ' ')
			return false;
	if (c->p == c->end)
		return false;
	c->p++;
	*raw = (struct aqi_slice){start, (size_t)(c->p - start)};
	return true;
}

static inline const char *
pass_digits(const char *p, const char *end)
{
	while (p < end && aqi_ascii_is_digit(*p))
		p++;
	return p;
}

/* -? (0 | [1-9] digits) [. digits], and nothing that goes on behind. */
static inline bool
take_number(struct cursor *c)
{
	const char *start = c->p, *digits;

	if (*c->p == '-')
		c->p++;
	digits = c->p;
	c->p = pass_digits(c->p, c->end);
	if (c->p == digits || (*digits == '0' && c->p > digits + 1))
		return false;
	if (c->p < c->end && *c->p == '.') {
		digits = ++c->p;
		c->p = pass_digits(c->p, c->end);
		if (c->p == digits)
			return false;
	}
	return c->p - start <= AQI_NDJSON_DIGITS &&
	       !(c->p < c->end && (*c->p == 'e' || *c->p == 'E'));
}

static bool
take_word(struct cursor *c, const char *word, size_t size)
{
	if ((size_t)(c->end - c->p) < size || memcmp(c->p, word, size) != 0)
		return false;
	c->p += size;
	return true;
}

static inline bool
take_value(struct cursor *c, struct aqi_member *m)
{
	const char *start = c->p;
	enum aqi_kind kind;
	bool is_one;

	if (c->p == c->end)
		return false;
	if (*c->p == '"') {
		if (!take_string(c, &m->raw_value))
			return false;
		m->value = (struct aqi_field){
			start + 1, (uint32_t)m->raw_value.size - 2, AQI_TEXT};
		return true;
	}
	switch (*c->p) {
	case 't':
		is_one = take_word(c, "true", 4);
		kind = AQI_BOOLEAN;
		break;
	case 'f':
		is_one = take_word(c, "false", 5);
		kind = AQI_BOOLEAN;
		break;
	case 'n':
		is_one = take_word(c, "null", 4);
		kind = AQI_MISSING;
		break;
	default:
		is_one = take_number(c);
		kind = AQI_NUMBER;
	}
	m->raw_value = (struct aqi_slice){start, (size_t)(c->p - start)};
	m->value = (struct aqi_field){start, (uint32_t)m->raw_value.size,
				      (unsigned char)kind};
	return is_one;
}

bool
aqi_ndjson_take_value(const char **p, const char *end, struct aqi_field *value)
{
	struct cursor c = {*p, end};
	struct aqi_member m;

	if (!take_value(&c, &m))
		return false;
	*p = c.p;
	*value = m.value;
	return true;
}

static bool
is_new(const struct aqi_member *members, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (aqi_slice_equal(members[i].key, members[n].key))
			return false;
	return true;
}

/*
 * The members up to the brace that closes. As long as each key is where it is
 * expected, all differ; from the first on that is not, each is compared.
 */
static bool
take_members(struct cursor *c, const struct aqi_slice *names, size_t n_names,
	     struct aqi_member *members, size_t most, size_t *n)
{
	bool is_expected = true;

	for (*n = 0; *n < most; ) {
		struct aqi_member *m = &members[*n];

		if (!take_string(c, &m->raw_key))
			return false;
		m->key = (struct aqi_slice){m->raw_key.data + 1,
					    m->raw_key.size - 2};
		is_expected = is_expected && *n < n_names &&
			      aqi_slice_equal(m->key, names[*n]);
		if (!take(c, ':') || !take_value(c, m) ||
		    (!is_expected && !is_new(members, *n)))
			return false;
		++*n;
		if (!take(c, ','))
			return take(c, '}');
	}
	return false;
}

bool
aqi_ndjson_take(struct aqi_slice line, const struct aqi_slice *names,
		size_t n_names, struct aqi_arena *arena,
		struct aqi_member **members, size_t *n)
{
	struct cursor c = {line.data, line.data + line.size};
	size_t most = n_names + 8;

	if (line.size > UINT32_MAX || !take(&c, '{'))
		return false;
	if (most > AQI_NDJSON_PLAIN_KEYS)
		most = AQI_NDJSON_PLAIN_KEYS;
	*members = aqi_arena_array(arena, most, sizeof **members);
	return *members && take_members(&c, names, n_names, *members, most,
					n) && c.p == c.end;
}
