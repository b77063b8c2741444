/*
 * spelling_json.h: the parts of JSON. Private: for spelling_json*.c.
 *
 * Each takes what stands at document->at, and leaves it behind that.
 */
#ifndef AQI_MODEL_SPELLING_JSON_H
#define AQI_MODEL_SPELLING_JSON_H

#include "model/spelling.h"

/* As aqi_spelling_fail; where a NUL byte stands, that is the reason. */
enum aqi_status aqi_json_fail(const struct aqi_document *document,
			      const char *at, const char *reason,
			      struct aqi_error *err);

static inline const char *
aqi_json_behind_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' ||
			   *p == '\r'))
		p++;
	return p;
}

/* The kind of the value behind blanks. */
enum aqi_status aqi_json_peek(const struct aqi_document *document,
			      enum aqi_value *kind, struct aqi_error *err);

/* true, false or null. */
enum aqi_status aqi_json_word(struct aqi_document *document,
			      struct aqi_error *err);

/* A string, where its quote stands; borrowed until the next. */
enum aqi_status aqi_json_string(struct aqi_document *document,
				struct aqi_slice *text, struct aqi_error *err);

/* A number, NaN and infinite ones too. */
enum aqi_status aqi_json_double(struct aqi_document *document, double *value,
				struct aqi_error *err);

/* Arrays of numbers, as model/document.h has them. */
enum aqi_status aqi_json_floats(struct aqi_document *document,
				struct aqi_floats *numbers,
				struct aqi_error *err);
enum aqi_status aqi_json_integers(struct aqi_document *document,
				  struct aqi_integers *numbers,
				  struct aqi_error *err);

/* A number of which only is asked whether it is one; and the usual ones that
 * follow a value of an array. */
enum aqi_status aqi_json_skip_number(struct aqi_document *document,
				     struct aqi_error *err);
void aqi_json_skip_numbers(struct aqi_document *document);

#endif
