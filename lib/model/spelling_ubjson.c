#include <math.h>

#include "model/spelling.h"

static size_t
left(const struct aqi_document *d)
{
	return (size_t)(d->end - d->at);
}

/* The bytes of a number of a type; 0: it is no type of number. */
static size_t
size_of(char type)
{
	switch (type) {
	case 'i':
	case 'U':
		return 1;
	case 'I':
		return 2;
	case 'l':
	case 'd':
		return 4;
	case 'L':
	case 'D':
		return 8;
	default:
		return 0;
	}
}

/* Bytes in the order of the network. */

static inline uint16_t
get16(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t
get32(const char *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline uint64_t
get64(const char *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

static inline float
get_float(const char *p)
{
	const uint32_t bits = get32(p);
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static inline double
get_double(const char *p)
{
	const uint64_t bits = get64(p);
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* A number of one of the types of whole numbers, of which L is the last. */
static int64_t
get_whole(char type, const char *p)
{
	switch (type) {
	case 'i':
		return (signed char)*p;
	case 'U':
		return (unsigned char)*p;
	case 'I':
		return (int16_t)get16(p);
	case 'l':
		return (int32_t)get32(p);
	default:
		return (int64_t)get64(p);
	}
}

static bool
is_whole(char type)
{
	return type != 'd' && type != 'D' && size_of(type) > 0;
}

/* A count of things of at least `size` bytes each, all of which must be there.
 * The number stands behind its type. */
static enum aqi_status
take_count(struct aqi_document *d, size_t size, size_t *n,
	   struct aqi_error *err)
{
	const char *start = d->at;
	const char type = left(d) > 0 ? *start : '\0';
	int64_t count;

	if (!is_whole(type))
		return aqi_spelling_fail(d, start, "a length expected", err);
	if (left(d) - 1 < size_of(type))
		return aqi_spelling_fail(d, d->end, NULL, err);
	count = get_whole(type, start + 1);
	d->at += 1 + size_of(type);
	if (count < 0)
		return aqi_spelling_fail(d, start, "a length below 0", err);
	if ((uint64_t)count > left(d) / size)
		return aqi_spelling_fail(d, start,
					 "a length beyond the end of the file",
					 err);
	*n = (size_t)count;
	return AQI_OK;
}

static enum aqi_status
take_string(struct aqi_document *d, struct aqi_slice *text,
	    struct aqi_error *err)
{
	size_t n;

	if (take_count(d, 1, &n, err) != AQI_OK)
		return AQI_FATAL;
	*text = (struct aqi_slice){d->at, n};
	if (aqi_spelling_check_text(d, *text, err) != AQI_OK)
		return AQI_FATAL;
	d->at += n;
	return AQI_OK;
}

/* The type of the value that stands here; '\0' at the end. */
static char
type_here(const struct aqi_document *d)
{
	if (d->depth > 0 && d->levels[d->depth - 1].type)
		return d->levels[d->depth - 1].type;
	return left(d) > 0 ? *d->at : '\0';
}

/* Is the type said once for all values of the array we are in? */
static bool
is_typed(const struct aqi_document *d)
{
	return d->depth > 0 && d->levels[d->depth - 1].type;
}

static enum aqi_status
ubjson_peek(const struct aqi_document *d, enum aqi_value *kind,
	    struct aqi_error *err)
{
	const char type = type_here(d);

	switch (type) {
	case '{':
		*kind = AQI_VALUE_OBJECT;
		return AQI_OK;
	case '[':
		*kind = AQI_VALUE_ARRAY;
		return AQI_OK;
	case 'S':
		*kind = AQI_VALUE_TEXT;
		return AQI_OK;
	case 'T':
	case 'F':
		*kind = AQI_VALUE_BOOLEAN;
		return AQI_OK;
	case 'Z':
		*kind = AQI_VALUE_NULL;
		return AQI_OK;
	default:
		if (size_of(type) == 0)
			return aqi_spelling_fail(d, d->at, "not UBJSON: a "
						 "value expected", err);
		*kind = AQI_VALUE_NUMBER;
		return AQI_OK;
	}
}

/* What may stand behind a bracket: $ and a type, # and a count. */
static enum aqi_status
take_head(struct aqi_document *d, struct aqi_document_level *level,
	  struct aqi_error *err)
{
	size_t n;

	if (left(d) >= 2 && *d->at == '$') {
		level->type = d->at[1];
		if (level->is_object || size_of(level->type) == 0)
			return aqi_spelling_fail(d, d->at + 1, "not UBJSON: "
						 "the type of numbers of an "
						 "array expected", err);
		d->at += 2;
		if (left(d) == 0 || *d->at != '#')
			return aqi_spelling_fail(d, d->at, "not UBJSON: a "
						 "count behind the type "
						 "expected", err);
	}
	if (left(d) == 0 || *d->at != '#')
		return AQI_OK;
	d->at++;
	if (take_count(d, level->type ? size_of(level->type) : 1, &n, err))
		return AQI_FATAL;
	level->is_counted = true;
	level->n_left = n;
	return AQI_OK;
}

static enum aqi_status
ubjson_enter(struct aqi_document *d, struct aqi_error *err)
{
	struct aqi_document_level level = {.is_object = *d->at == '{'};

	d->at++;
	if (take_head(d, &level, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_spelling_push(d, &level, err);
}

static enum aqi_status
ubjson_next(struct aqi_document *d, struct aqi_slice *key,
	    struct aqi_error *err)
{
	struct aqi_document_level *level = &d->levels[d->depth - 1];

	if (level->is_counted && level->n_left == 0) {
		d->depth--;
		return AQI_END;
	}
	if (level->is_counted) {
		level->n_left--;
	} else if (left(d) > 0 && *d->at == (level->is_object ? '}' : ']')) {
		d->at++;
		d->depth--;
		return AQI_END;
	}
	return level->is_object ? take_string(d, key, err) : AQI_OK;
}

static enum aqi_status
ubjson_text(struct aqi_document *d, struct aqi_slice *text,
	    struct aqi_error *err)
{
	d->at++;
	return take_string(d, text, err);
}

/* A number's type, and its bytes, which are passed. */
static enum aqi_status
take_bytes(struct aqi_document *d, char *type, const char **bytes,
	   struct aqi_error *err)
{
	*type = type_here(d);
	d->at += !is_typed(d);
	if (left(d) < size_of(*type))
		return aqi_spelling_fail(d, d->end, NULL, err);
	*bytes = d->at;
	d->at += size_of(*type);
	return AQI_OK;
}

static double
to_double(char type, const char *p)
{
	return type == 'd' ? (double)get_float(p) :
	       type == 'D' ? get_double(p) : (double)get_whole(type, p);
}

static float
to_float(char type, const char *p)
{
	return type == 'd' ? get_float(p) :
	       type == 'D' ? (float)get_double(p) : (float)get_whole(type, p);
}

static bool
to_integer(char type, const char *p, int32_t *value)
{
	const double wide = to_double(type, p);

	if (!(wide >= INT32_MIN && wide <= INT32_MAX) || wide != floor(wide))
		return false;
	*value = (int32_t)wide;
	return true;
}

static enum aqi_status
ubjson_number(struct aqi_document *d, double *x, struct aqi_error *err)
{
	const char *bytes;
	char type;

	if (take_bytes(d, &type, &bytes, err) != AQI_OK)
		return AQI_FATAL;
	*x = to_double(type, bytes);
	return AQI_OK;
}

/* The values of an array of one type, which is left; how many. */
static size_t
take_all(struct aqi_document *d, char *type, const char **bytes)
{
	const struct aqi_document_level *level = &d->levels[--d->depth];

	*type = level->type;
	*bytes = d->at;
	d->at += level->n_left * size_of(*type);
	return level->n_left;
}

/* Go to the next value of an array that may hold others than numbers. */
static enum aqi_status
next_number(struct aqi_document *d, enum aqi_value *kind,
	    struct aqi_error *err)
{
	struct aqi_slice key;
	enum aqi_status status = ubjson_next(d, &key, err);

	return status == AQI_OK ? ubjson_peek(d, kind, err) : status;
}

static enum aqi_status
all_floats(struct aqi_document *d, struct aqi_floats *numbers,
	   struct aqi_error *err)
{
	const char *bytes;
	char type;
	const size_t n = take_all(d, &type, &bytes), size = size_of(type);

	if (aqi_floats_reserve(numbers, n, err) != AQI_OK)
		return AQI_FATAL;
	if (type == 'd')
		for (size_t i = 0; i < n; i++)
			numbers->data[i] = get_float(bytes + i * 4);
	else
		for (size_t i = 0; i < n; i++)
			numbers->data[i] = to_float(type, bytes + i * size);
	numbers->n = n;
	return AQI_OK;
}

static enum aqi_status
ubjson_floats(struct aqi_document *d, struct aqi_floats *numbers,
	      struct aqi_error *err)
{
	enum aqi_status status;
	enum aqi_value kind;
	const char *bytes;
	char type;

	if (ubjson_enter(d, err) != AQI_OK)
		return AQI_FATAL;
	if (is_typed(d))
		return all_floats(d, numbers, err);
	while ((status = next_number(d, &kind, err)) == AQI_OK) {
		if (kind != AQI_VALUE_NUMBER)
			return AQI_REJECT;
		if (take_bytes(d, &type, &bytes, err) != AQI_OK ||
		    aqi_floats_reserve(numbers, 1, err) != AQI_OK)
			return AQI_FATAL;
		numbers->data[numbers->n++] = to_float(type, bytes);
	}
	return status == AQI_END ? AQI_OK : status;
}

static enum aqi_status
all_integers(struct aqi_document *d, struct aqi_integers *numbers,
	     struct aqi_error *err)
{
	const char *bytes;
	char type;
	const size_t n = take_all(d, &type, &bytes), size = size_of(type);

	if (aqi_integers_reserve(numbers, n, err) != AQI_OK)
		return AQI_FATAL;
	if (type == 'l')
		for (; numbers->n < n; numbers->n++)
			numbers->data[numbers->n] = (int32_t)get32(
				bytes + numbers->n * 4);
	else if (type == 'U')
		for (; numbers->n < n; numbers->n++)
			numbers->data[numbers->n] =
				(unsigned char)bytes[numbers->n];
	for (; numbers->n < n; numbers->n++)
		if (!to_integer(type, bytes + numbers->n * size,
				&numbers->data[numbers->n]))
			return AQI_REJECT;
	return AQI_OK;
}

static enum aqi_status
take_integer(struct aqi_document *d, enum aqi_value kind, int32_t *value,
	     struct aqi_error *err)
{
	const char *bytes;
	char type;

	if (kind == AQI_VALUE_BOOLEAN) {
		*value = *d->at++ == 'T';
		return AQI_OK;
	}
	if (kind != AQI_VALUE_NUMBER)
		return AQI_REJECT;
	if (take_bytes(d, &type, &bytes, err) != AQI_OK)
		return AQI_FATAL;
	return to_integer(type, bytes, value) ? AQI_OK : AQI_REJECT;
}

static enum aqi_status
ubjson_integers(struct aqi_document *d, struct aqi_integers *numbers,
		struct aqi_error *err)
{
	enum aqi_status status;
	enum aqi_value kind;

	if (ubjson_enter(d, err) != AQI_OK)
		return AQI_FATAL;
	if (is_typed(d))
		return all_integers(d, numbers, err);
	while ((status = next_number(d, &kind, err)) == AQI_OK) {
		if (aqi_integers_reserve(numbers, 1, err) != AQI_OK)
			return AQI_FATAL;
		status = take_integer(d, kind, &numbers->data[numbers->n],
				      err);
		if (status != AQI_OK)
			return status;
		numbers->n++;
	}
	return status == AQI_END ? AQI_OK : status;
}

static enum aqi_status
skip_one(struct aqi_document *d, struct aqi_error *err)
{
	struct aqi_slice text;
	enum aqi_value kind;
	const char *bytes;
	char type;

	if (ubjson_peek(d, &kind, err) != AQI_OK)
		return AQI_FATAL;
	switch (kind) {
	case AQI_VALUE_OBJECT:
	case AQI_VALUE_ARRAY:
		if (ubjson_enter(d, err) != AQI_OK)
			return AQI_FATAL;
		if (is_typed(d))
			take_all(d, &type, &bytes);
		return AQI_OK;
	case AQI_VALUE_TEXT:
		return ubjson_text(d, &text, err);
	case AQI_VALUE_NUMBER:
		return take_bytes(d, &type, &bytes, err);
	case AQI_VALUE_BOOLEAN:
	case AQI_VALUE_NULL:
		break;
	}
	d->at++;
	return AQI_OK;
}

static enum aqi_status
ubjson_skip(struct aqi_document *d, struct aqi_error *err)
{
	const size_t depth = d->depth;
	enum aqi_status status = AQI_OK;
	struct aqi_slice key;

	do {
		if (skip_one(d, err) != AQI_OK)
			return AQI_FATAL;
		while (d->depth > depth) {
			status = ubjson_next(d, &key, err);
			if (status == AQI_FATAL)
				return AQI_FATAL;
			if (status == AQI_OK)
				break;
		}
	} while (d->depth > depth);
	return AQI_OK;
}

static enum aqi_status
ubjson_finish(struct aqi_document *d, struct aqi_error *err)
{
	return left(d) == 0 ? AQI_OK :
	       aqi_spelling_fail(d, d->at, "something follows the UBJSON value",
				 err);
}

const struct aqi_spelling aqi_spelling_ubjson = {
	.too_early = "UBJSON ends too early",
	.peek = ubjson_peek,
	.enter = ubjson_enter,
	.next = ubjson_next,
	.text = ubjson_text,
	.number = ubjson_number,
	.floats = ubjson_floats,
	.integers = ubjson_integers,
	.skip = ubjson_skip,
	.pass = ubjson_skip,
	.finish = ubjson_finish,
};
