#include "model/document.h"

#include <stdint.h>

#include "base/large.h"
#include "model/spelling.h"
#include "record/utf8.h"

#undef aqi_spelling_fail

enum aqi_status
aqi_spelling_fail(const struct aqi_document *d, const char *at,
		  const char *reason, struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "byte %zu: %s",
			     (size_t)(at - d->start),
			     at == d->end ? d->spelling->too_early : reason);
}

enum aqi_status
aqi_spelling_push(struct aqi_document *d,
		  const struct aqi_document_level *level,
		  struct aqi_error *err)
{
	if (d->depth == AQI_DOCUMENT_DEPTH)
		return aqi_spelling_fail(d, d->at, "nested more than 64 deep",
					 err);
	d->levels[d->depth++] = *level;
	return AQI_OK;
}

enum aqi_status
aqi_spelling_check_text(const struct aqi_document *d, struct aqi_slice text,
			struct aqi_error *err)
{
	const char *bad = text.data + aqi_utf8_check(text);

	return bad == text.data + text.size ? AQI_OK :
	       aqi_spelling_fail(d, bad, *bad ? "invalid UTF-8" : "a NUL byte",
				 err);
}

/* data, with room for twice n elements; NULL without memory. */
static void *
grow(void *data, size_t n, size_t size, size_t *room, struct aqi_error *err)
{
	void *grown = n > SIZE_MAX / 2 / size ? NULL :
		      aqi_large_grow(data, *room * size, 2 * n * size);

	if (grown)
		*room = 2 * n;
	else
		aqi_error_memory(err);
	return grown;
}

enum aqi_status
aqi_floats_reserve(struct aqi_floats *numbers, size_t more,
		   struct aqi_error *err)
{
	float *grown;

	if (more <= numbers->room - numbers->n)
		return AQI_OK;
	grown = grow(numbers->data, numbers->n + more, sizeof *grown,
		     &numbers->room, err);
	if (!grown)
		return AQI_FATAL;
	numbers->data = grown;
	return AQI_OK;
}

enum aqi_status
aqi_integers_reserve(struct aqi_integers *numbers, size_t more,
		     struct aqi_error *err)
{
	int32_t *grown;

	if (more <= numbers->room - numbers->n)
		return AQI_OK;
	grown = grow(numbers->data, numbers->n + more, sizeof *grown,
		     &numbers->room, err);
	if (!grown)
		return AQI_FATAL;
	numbers->data = grown;
	return AQI_OK;
}

struct aqi_document
aqi_document_new(const struct aqi_spelling *spelling, struct aqi_slice bytes,
		 struct aqi_buffer *text)
{
	return (struct aqi_document){
		.spelling = spelling,
		.start = bytes.data,
		.at = bytes.data,
		.end = bytes.data + bytes.size,
		.text = text,
	};
}

enum aqi_status
aqi_document_peek(const struct aqi_document *d, enum aqi_value *kind,
		  struct aqi_error *err)
{
	return d->spelling->peek(d, kind, err);
}

enum aqi_status
aqi_document_enter(struct aqi_document *d, enum aqi_value kind,
		   struct aqi_error *err)
{
	enum aqi_value found;

	if (d->spelling->peek(d, &found, err) != AQI_OK)
		return AQI_FATAL;
	return found == kind ? d->spelling->enter(d, err) : AQI_REJECT;
}

enum aqi_status
aqi_document_next(struct aqi_document *d, struct aqi_slice *key,
		  struct aqi_error *err)
{
	return d->spelling->next(d, key, err);
}

enum aqi_status
aqi_document_text(struct aqi_document *d, struct aqi_slice *text,
		  struct aqi_error *err)
{
	enum aqi_value found;

	if (d->spelling->peek(d, &found, err) != AQI_OK)
		return AQI_FATAL;
	return found == AQI_VALUE_TEXT ? d->spelling->text(d, text, err) :
	       AQI_REJECT;
}

enum aqi_status
aqi_document_number(struct aqi_document *d, double *x, struct aqi_error *err)
{
	enum aqi_value found;

	if (d->spelling->peek(d, &found, err) != AQI_OK)
		return AQI_FATAL;
	return found == AQI_VALUE_NUMBER ? d->spelling->number(d, x, err) :
	       AQI_REJECT;
}

enum aqi_status
aqi_document_floats(struct aqi_document *d, struct aqi_floats *numbers,
		    struct aqi_error *err)
{
	enum aqi_value found;

	numbers->n = 0;
	if (d->spelling->peek(d, &found, err) != AQI_OK)
		return AQI_FATAL;
	return found == AQI_VALUE_ARRAY ?
	       d->spelling->floats(d, numbers, err) : AQI_REJECT;
}

enum aqi_status
aqi_document_integers(struct aqi_document *d, struct aqi_integers *numbers,
		      struct aqi_error *err)
{
	enum aqi_value found;

	numbers->n = 0;
	if (d->spelling->peek(d, &found, err) != AQI_OK)
		return AQI_FATAL;
	return found == AQI_VALUE_ARRAY ?
	       d->spelling->integers(d, numbers, err) : AQI_REJECT;
}

void
aqi_floats_free(struct aqi_floats *numbers)
{
	aqi_large_free(numbers->data, numbers->room * sizeof *numbers->data);
}

void
aqi_integers_free(struct aqi_integers *numbers)
{
	aqi_large_free(numbers->data, numbers->room * sizeof *numbers->data);
}

enum aqi_status
aqi_document_skip(struct aqi_document *d, struct aqi_error *err)
{
	return d->spelling->skip(d, err);
}

enum aqi_status
aqi_document_pass(struct aqi_document *d, struct aqi_error *err)
{
	return d->spelling->pass(d, err);
}

enum aqi_status
aqi_document_finish(struct aqi_document *d, struct aqi_error *err)
{
	return d->spelling->finish(d, err);
}
