#include <math.h>

#include "base/ascii.h"
#include "model/spelling.h"
#include "record/decimal.h"
#include "record/number.h"

static enum aqi_status
fail(const struct aqi_document *d, const char *at, const char *reason,
     struct aqi_error *err)
{
	if (at < d->end && *at == '\0')
		reason = "a NUL byte";
	return aqi_spelling_fail(d, at, reason, err);
}

static const char *
behind_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' ||
			   *p == '\r'))
		p++;
	return p;
}

/* Numbers. */

/* A number taken apart: digits * 10^exponent. */
struct decimal {
	uint64_t digits;
	int exponent;
	bool is_negative;
	bool is_exact;		/* all its digits are there */
};

static const uint64_t whole_powers[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000
};

/*
 * The digits at p, up to 8, and how many they are. In memory order the first
 * of eight bytes is the lowest of the word. A byte is a digit where its upper
 * half is 3, and still is when 6 was added; what a byte that is none carries
 * into the next comes behind the first that is none, where nothing counts.
 */
static inline unsigned
eight_digits(const char *p, uint64_t *value)
{
	const uint64_t halves = UINT64_C(0xf0f0f0f0f0f0f0f0);
	const uint64_t pairs = UINT64_C(0x000000ff000000ff);
	uint64_t word, others;
	unsigned n;

	memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	others = ((word & halves) |
		  ((word + UINT64_C(0x0606060606060606)) & halves) >> 4) ^
		 UINT64_C(0x3333333333333333);
	n = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
	if (n == 0)
		return 0;
	/* Two digits, then four, then eight, each step all at once. */
	word = (word - UINT64_C(0x3030303030303030)) << (8 - n) * 8;
	word = word * 10 + (word >> 8);
	*value = ((word & pairs) * UINT64_C(0x000f424000000064) +
		  (word >> 16 & pairs) * UINT64_C(0x0000271000000001)) >> 32;
	return n;
}

/* How many digits there are at *p, which go to the others in x. */
static inline size_t
take_digits(const char **p, const char *end, struct decimal *x)
{
	const char *start = *p;
	uint64_t value;
	unsigned n = 8;

	while (n == 8 && end - *p >= 8) {
		n = eight_digits(*p, &value);
		if (n == 0)
			break;
		*p += n;
		/* Below 10^19, which 64 bits hold. */
		if (x->digits < UINT64_C(10000000000))
			x->digits = x->digits * whole_powers[n] + value;
		else
			x->is_exact = false;
	}
	for (; n == 8 && *p < end && aqi_ascii_is_digit(**p); ++*p) {
		if (x->digits < UINT64_C(100000000000000000))
			x->digits = x->digits * 10 + (uint64_t)(**p - '0');
		else
			x->is_exact = false;
	}
	return (size_t)(*p - start);
}

static const char *
take_exponent(const char *p, const char *end, struct decimal *x)
{
	bool is_negative = false;
	const char *start;
	int exponent = 0;

	if (p < end && (*p == '+' || *p == '-'))
		is_negative = *p++ == '-';
	for (start = p; p < end && aqi_ascii_is_digit(*p); p++)
		if (exponent < 100000)
			exponent = exponent * 10 + (*p - '0');
	x->exponent += is_negative ? -exponent : exponent;
	return p > start ? p : NULL;
}

/* Where the number at p ends; NULL: it is none as JSON has it. */
static inline const char *
take_decimal(const char *p, const char *end, struct decimal *x)
{
	const char *start;
	size_t n;

	*x = (struct decimal){.is_exact = true};
	if (p < end && *p == '-') {
		x->is_negative = true;
		p++;
	}
	start = p;
	n = take_digits(&p, end, x);
	if (n == 0 || (n > 1 && *start == '0'))
		return NULL;
	if (p < end && *p == '.') {
		p++;
		n = take_digits(&p, end, x);
		if (n == 0)
			return NULL;
		x->exponent = n < 100000 ? -(int)n : -100000;
		x->is_exact &= n < 100000;
	}
	if (p < end && (*p == 'e' || *p == 'E'))
		return take_exponent(p + 1, end, x);
	return p;
}

/*
 * The usual number: up to 8 digits before the point and behind it, an exponent
 * of one or two. There are USUAL_SIZE bytes at p. Where it ends; NULL: it is
 * another, or none.
 */
#define USUAL_SIZE 32

__attribute__((always_inline)) static inline const char *
take_usual(const char *p, struct decimal *x)
{
	uint64_t digits = 0, fraction = 0;
	const char *start;
	unsigned n = 0;
	int exponent = 0;
	bool is_negative;

	x->is_exact = true;
	x->is_negative = *p == '-';
	p += x->is_negative;
	start = p;
	for (; aqi_ascii_is_digit(*p) && n < 8; n++)
		digits = digits * 10 + (uint64_t)(*p++ - '0');
	if (n == 0 || (n > 1 && *start == '0'))
		return NULL;
	n = 0;
	if (*p == '.') {
		n = eight_digits(p + 1, &fraction);
		p += n + 1;
		if (n == 0)
			return NULL;
	}
	x->digits = digits * whole_powers[n] + fraction;
	if (*p == 'e' || *p == 'E') {
		is_negative = p[1] == '-';
		p += 1 + (p[1] == '-' || p[1] == '+');
		if (!aqi_ascii_is_digit(*p))
			return NULL;
		exponent = *p++ - '0';
		if (aqi_ascii_is_digit(*p))
			exponent = exponent * 10 + (*p++ - '0');
		if (is_negative)
			exponent = -exponent;
	}
	x->exponent = exponent - (int)n;
	return aqi_ascii_is_digit(*p) || *p == '.' || (*p | 0x20) == 'e' ?
	       NULL : p;
}

/* Is there, behind a comma, what take_usual may look at? */
static inline bool
may_be_usual(const char *p, const char *end)
{
	return end - p > USUAL_SIZE && *p == ',';
}

/* What XGBoost writes for numbers that are none; NULL: nothing of the kind. */
static const char *
take_special(const char *p, const char *end, double *x)
{
	static const struct {
		const char *text;
		size_t size;
		double value;
	} specials[] = {
		{"NaN", 3, (double)NAN},
		{"Infinity", 8, (double)INFINITY},
		{"-Infinity", 9, -(double)INFINITY},
	};

	for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
		if ((size_t)(end - p) < specials[i].size ||
		    memcmp(p, specials[i].text, specials[i].size) != 0)
			continue;
		*x = specials[i].value;
		return p + specials[i].size;
	}
	return NULL;
}

/* The double nearest to a number of up to 15 digits or so. */
static inline bool
to_double(const struct decimal *x, double *value)
{
	if (!x->is_exact || !aqi_decimal_exact(x->digits, x->exponent, value))
		return false;
	if (x->is_negative)
		*value = -*value;
	return true;
}

/*
 * The float nearest to a number. A product with a power of ten that is itself
 * rounded is off by 2 in the last place of a double at most, which does not
 * matter to the float unless it lies that near to the middle between two: then
 * false. It takes half the time of a division.
 */
static inline bool
to_float(const struct decimal *x, float *value)
{
	static const double powers[] = {
		1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14,
		1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4,
		1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
		1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
		1e19, 1e20, 1e21, 1e22,
	};
	static const float signs[] = {1, -1};
	const uint64_t middle = 0x10000000, near = 4;
	uint64_t bits;
	double wide;

	if (!x->is_exact || x->digits >= UINT64_C(1) << 53 ||
	    x->exponent < -22 || x->exponent > 22)
		return false;
	wide = (double)x->digits * powers[x->exponent + 22];
	memcpy(&bits, &wide, sizeof bits);
	if ((bits & 0x1fffffff) - middle + near <= 2 * near)
		return false;
	/* No branch: nobody can foretell a sign. */
	*value = (float)wide * signs[x->is_negative];
	return true;
}

static enum aqi_status
take_double(struct aqi_document *d, double *value, struct aqi_error *err)
{
	const char *start = d->at, *end;
	struct decimal x;

	end = take_special(start, d->end, value);
	if (end) {
		d->at = end;
		return AQI_OK;
	}
	end = take_decimal(start, d->end, &x);
	if (!end)
		return fail(d, start, "not JSON: a number expected", err);
	if (!to_double(&x, value) &&
	    aqi_number_to_double((struct aqi_slice){start,
						    (size_t)(end - start)},
				 '.', value) != AQI_NUMBER_OK)
		return fail(d, start, "a number is too large", err);
	d->at = end;
	return AQI_OK;
}

static enum aqi_status
take_float(struct aqi_document *d, float *value, struct aqi_error *err)
{
	const char *start = d->at;
	double wide = 0;

	if (take_double(d, &wide, err) != AQI_OK)
		return AQI_FATAL;
	if (aqi_number_to_float((struct aqi_slice){start,
						   (size_t)(d->at - start)},
				'.', value) != AQI_NUMBER_OK)
		*value = wide > 0 ? INFINITY : wide < 0 ? -INFINITY : NAN;
	return AQI_OK;
}

/* Texts. */

static bool
take_hex(const char *p, const char *end, unsigned *code)
{
	*code = 0;
	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		const int digit = aqi_ascii_hex(p[i]);

		if (digit < 0)
			return false;
		*code = *code << 4 | (unsigned)digit;
	}
	return true;
}

static void
add_utf8(struct aqi_buffer *out, unsigned code)
{
	char bytes[4];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		bytes[n++] = (char)(0xe0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | code >> 18);
		bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	}
	aqi_buffer_add(out, bytes, n);
}

/* \uXXXX, or two of them that are one; p is behind the u. What is wrong, or
 * NULL. */
static const char *
take_code(const char **p, const char *end, struct aqi_buffer *out)
{
	unsigned code, low;

	if (!take_hex(*p, end, &code))
		return "not JSON: invalid escape";
	*p += 4;
	if (code == 0)
		return "\\u0000 is not allowed in a string";
	if (code >= 0xd800 && code < 0xdc00 && end - *p >= 6 &&
	    (*p)[0] == '\\' && (*p)[1] == 'u' && take_hex(*p + 2, end, &low) &&
	    low >= 0xdc00 && low < 0xe000) {
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		*p += 6;
	}
	if (code >= 0xd800 && code < 0xe000)
		return "not JSON: half a character";
	add_utf8(out, code);
	return NULL;
}

static enum aqi_status
unescape(struct aqi_document *d, struct aqi_slice raw, struct aqi_slice *text,
	 struct aqi_error *err)
{
	static const char names[] = "\"\\/bfnrt", codes[] = "\"\\/\b\f\n\r\t";
	const char *p = raw.data, *end = raw.data + raw.size;

	aqi_buffer_clear(d->text);
	while (p < end) {
		const char *escape = memchr(p, '\\', (size_t)(end - p));
		const char *plain = escape ? escape : end, *name, *fault;

		aqi_buffer_add(d->text, p, (size_t)(plain - p));
		if (!escape)
			break;
		p = escape + 2;
		name = escape[1] ? strchr(names, escape[1]) : NULL;
		if (name) {
			aqi_buffer_add_byte(d->text, codes[name - names]);
			continue;
		}
		fault = escape[1] == 'u' ? take_code(&p, end, d->text) :
					   "not JSON: invalid escape";
		if (fault)
			return fail(d, escape, fault, err);
	}
	if (d->text->failed)
		return aqi_error_memory(err);
	*text = (struct aqi_slice){d->text->data ? d->text->data : "",
				   d->text->size};
	return AQI_OK;
}

/* The string at d->at, where its quote stands. */
static enum aqi_status
take_string(struct aqi_document *d, struct aqi_slice *text,
	    struct aqi_error *err)
{
	const char *p = d->at + 1, *start = p;
	bool is_escaped = false, is_ascii = true;

	for (; p < d->end && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return fail(d, p, "not JSON: a control character in a "
				    "string", err);
		is_ascii &= (unsigned char)*p < 0x80;
		if (*p != '\\')
			continue;
		is_escaped = true;
		if (++p == d->end)
			break;
	}
	if (p == d->end)
		return fail(d, p, NULL, err);
	*text = (struct aqi_slice){start, (size_t)(p - start)};
	if (!is_ascii && aqi_spelling_check_text(d, *text, err) != AQI_OK)
		return AQI_FATAL;
	if (is_escaped && unescape(d, *text, text, err) != AQI_OK)
		return AQI_FATAL;
	d->at = p + 1;
	return AQI_OK;
}

/* Values. */

static bool
is_word(const struct aqi_document *d, const char *word)
{
	const size_t n = strlen(word);

	return (size_t)(d->end - d->at) >= n && memcmp(d->at, word, n) == 0;
}

static enum aqi_status
take_word(struct aqi_document *d, struct aqi_error *err)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!is_word(d, words[i]))
			continue;
		d->at += strlen(words[i]);
		return AQI_OK;
	}
	return fail(d, d->at, "not JSON: a value expected", err);
}

static enum aqi_status
json_peek(const struct aqi_document *d, enum aqi_value *kind,
	  struct aqi_error *err)
{
	const char *at = behind_blanks(d->at, d->end);

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
		return fail(d, at, "not JSON: a value expected",
			       err);
	}
}

static enum aqi_status
json_enter(struct aqi_document *d, struct aqi_error *err)
{
	struct aqi_document_level level = {.is_first = true};

	d->at = behind_blanks(d->at, d->end);
	level.is_object = *d->at == '{';
	if (aqi_spelling_push(d, &level, err) != AQI_OK)
		return AQI_FATAL;
	d->at++;
	return AQI_OK;
}

static enum aqi_status
take_key(struct aqi_document *d, struct aqi_slice *key, struct aqi_error *err)
{
	d->at = behind_blanks(d->at, d->end);
	if (d->at == d->end || *d->at != '"')
		return fail(d, d->at, "not JSON: a key expected", err);
	if (take_string(d, key, err) != AQI_OK)
		return AQI_FATAL;
	d->at = behind_blanks(d->at, d->end);
	if (d->at == d->end || *d->at != ':')
		return fail(d, d->at, "not JSON: ':' expected", err);
	d->at++;
	return AQI_OK;
}

static enum aqi_status
json_next(struct aqi_document *d, struct aqi_slice *key, struct aqi_error *err)
{
	struct aqi_document_level *level = &d->levels[d->depth - 1];

	d->at = behind_blanks(d->at, d->end);
	if (d->at < d->end && *d->at == (level->is_object ? '}' : ']')) {
		d->at++;
		d->depth--;
		return AQI_END;
	}
	if (!level->is_first) {
		if (d->at == d->end || *d->at != ',')
			return fail(d, d->at, level->is_object ?
				    "not JSON: ',' or '}' expected" :
				    "not JSON: ',' or ']' expected", err);
		d->at++;
	}
	level->is_first = false;
	return level->is_object ? take_key(d, key, err) : AQI_OK;
}

static enum aqi_status
json_text(struct aqi_document *d, struct aqi_slice *text,
	  struct aqi_error *err)
{
	d->at = behind_blanks(d->at, d->end);
	return take_string(d, text, err);
}

static enum aqi_status
json_number(struct aqi_document *d, double *x, struct aqi_error *err)
{
	d->at = behind_blanks(d->at, d->end);
	return take_double(d, x, err);
}

/*
 * Go to the next value of an array of numbers: AQI_OK, one that may be a number
 * is there; AQI_END; AQI_REJECT, another value.
 */
static inline enum aqi_status
next_number(struct aqi_document *d, bool is_first, struct aqi_error *err)
{
	enum aqi_value kind;
	const char *p = d->at;

	p = d->at = behind_blanks(p, d->end);
	if (p < d->end && *p == ']') {
		d->at++;
		return AQI_END;
	}
	if (!is_first) {
		if (p == d->end || *p != ',')
			return fail(d, p, "not JSON: ',' or ']' expected",
				       err);
		d->at = behind_blanks(p + 1, d->end);
	}
	if (json_peek(d, &kind, err) != AQI_OK)
		return AQI_FATAL;
	return kind == AQI_VALUE_NUMBER || kind == AQI_VALUE_BOOLEAN ?
	       AQI_OK : AQI_REJECT;
}

/* As many as are usual. */
static enum aqi_status
take_usual_floats(struct aqi_document *d, struct aqi_floats *numbers,
		  struct aqi_error *err)
{
	const char *p = d->at, *behind;
	struct decimal x;
	float value;

	while (may_be_usual(p, d->end)) {
		behind = take_usual(p + 1, &x);
		if (!behind || !to_float(&x, &value))
			break;
		if (numbers->n == numbers->room &&
		    aqi_floats_reserve(numbers, 1, err) != AQI_OK)
			return AQI_FATAL;
		numbers->data[numbers->n++] = value;
		p = behind;
	}
	d->at = p;
	return AQI_OK;
}

static enum aqi_status
json_floats(struct aqi_document *d, struct aqi_floats *numbers,
	    struct aqi_error *err)
{
	enum aqi_status status;
	bool is_first = true;

	d->at = behind_blanks(d->at, d->end) + 1;
	while ((status = next_number(d, is_first, err)) == AQI_OK) {
		if (*d->at == 't' || *d->at == 'f')
			return AQI_REJECT;
		if (aqi_floats_reserve(numbers, 1, err) != AQI_OK ||
		    take_float(d, &numbers->data[numbers->n], err) != AQI_OK)
			return AQI_FATAL;
		numbers->n++;
		if (take_usual_floats(d, numbers, err) != AQI_OK)
			return AQI_FATAL;
		is_first = false;
	}
	return status == AQI_END ? AQI_OK : status;
}

/* AQI_REJECT: no whole number. */
static enum aqi_status
take_integer(struct aqi_document *d, int64_t *value, struct aqi_error *err)
{
	const char first = *d->at;
	double wide = 0;

	if (first == 't' || first == 'f') {
		*value = first == 't';
		return take_word(d, err);
	}
	if (take_double(d, &wide, err) != AQI_OK)
		return AQI_FATAL;
	if (!(fabs(wide) <= 0x1p53) || wide != floor(wide))
		return AQI_REJECT;
	*value = (int64_t)wide;
	return AQI_OK;
}

static enum aqi_status
take_usual_integers(struct aqi_document *d, struct aqi_integers *numbers,
		    struct aqi_error *err)
{
	const char *p = d->at, *start, *q;

	while (may_be_usual(p, d->end)) {
		const bool is_negative = p[1] == '-';
		int64_t value = 0;

		start = q = p + 1 + is_negative;
		while (aqi_ascii_is_digit(*q) && q - start < 9)
			value = value * 10 + (*q++ - '0');
		if (q == start || (q - start > 1 && *start == '0') ||
		    aqi_ascii_is_digit(*q) || *q == '.' ||
		    (*q | 0x20) == 'e')
			break;
		if (numbers->n == numbers->room &&
		    aqi_integers_reserve(numbers, 1, err) != AQI_OK)
			return AQI_FATAL;
		numbers->data[numbers->n++] = is_negative ? -value : value;
		p = q;
	}
	d->at = p;
	return AQI_OK;
}

static enum aqi_status
json_integers(struct aqi_document *d, struct aqi_integers *numbers,
	      struct aqi_error *err)
{
	enum aqi_status status;
	bool is_first = true;

	d->at = behind_blanks(d->at, d->end) + 1;
	while ((status = next_number(d, is_first, err)) == AQI_OK) {
		if (aqi_integers_reserve(numbers, 1, err) != AQI_OK)
			return AQI_FATAL;
		status = take_integer(d, &numbers->data[numbers->n], err);
		if (status != AQI_OK)
			return status;
		numbers->n++;
		if (take_usual_integers(d, numbers, err) != AQI_OK)
			return AQI_FATAL;
		is_first = false;
	}
	return status == AQI_END ? AQI_OK : status;
}

/* Values that are passed over. */

/* Of a number, only whether it is one; the few that may be too large for a
 * double are read. */
static enum aqi_status
skip_number(struct aqi_document *d, struct aqi_error *err)
{
	struct decimal x;
	const char *end = take_decimal(d->at, d->end, &x);
	double value;

	if (!end || x.exponent > 200 || !x.is_exact)
		return take_double(d, &value, err);
	d->at = end;
	return AQI_OK;
}

static enum aqi_status
skip_one(struct aqi_document *d, struct aqi_error *err)
{
	enum aqi_value kind;
	struct aqi_slice text;

	d->at = behind_blanks(d->at, d->end);
	if (json_peek(d, &kind, err) != AQI_OK)
		return AQI_FATAL;
	switch (kind) {
	case AQI_VALUE_OBJECT:
	case AQI_VALUE_ARRAY:
		return json_enter(d, err);
	case AQI_VALUE_TEXT:
		return take_string(d, &text, err);
	case AQI_VALUE_NUMBER:
		return skip_number(d, err);
	case AQI_VALUE_BOOLEAN:
	case AQI_VALUE_NULL:
		break;
	}
	return take_word(d, err);
}

/* Behind a value of an array, not before the first? */
static bool
is_within_array(const struct aqi_document *d)
{
	const struct aqi_document_level *level = &d->levels[d->depth - 1];

	return !level->is_object && !level->is_first;
}

/* The usual numbers that follow a value of an array. */
static void
skip_usual(struct aqi_document *d)
{
	const char *p = d->at, *behind;
	struct decimal x;

	while (may_be_usual(p, d->end) && (behind = take_usual(p + 1, &x)))
		p = behind;
	d->at = p;
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
			skip_usual(d);
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
	const char *p = behind_blanks(d->at, d->end);
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
	return depth == 0 ? AQI_OK : fail(d, d->end, NULL, err);
}

static enum aqi_status
json_finish(struct aqi_document *d, struct aqi_error *err)
{
	d->at = behind_blanks(d->at, d->end);
	return d->at == d->end ? AQI_OK :
	       fail(d, d->at, "something follows the JSON value", err);
}

const struct aqi_spelling aqi_spelling_json = {
	.too_early = "JSON ends too early",
	.peek = json_peek,
	.enter = json_enter,
	.next = json_next,
	.text = json_text,
	.number = json_number,
	.floats = json_floats,
	.integers = json_integers,
	.skip = json_skip,
	.pass = json_pass,
	.finish = json_finish,
};
