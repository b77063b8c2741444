/*
 * document.h: a value with all that is in it, read from front to back.
 *
 * XGBoost writes what it has learnt as JSON or as UBJSON, two spellings of the
 * same objects, arrays, texts and numbers. A document is a place in such bytes,
 * and the functions below take what stands there and move on. Nothing is built,
 * so a file of any size takes no memory; a copy of the struct is a place to
 * come back to.
 *
 * What is not as the spelling has it is AQI_FATAL with AQI_E_MODEL and "byte B:
 * reason" (from 0). A value that is well but of another kind than asked for is
 * AQI_REJECT, with err left alone: what it should have been is for the caller
 * to say. The first is for good; after the second, the document is of no use.
 *
 * A document borrows the bytes. One thread each.
 */
#ifndef AQI_MODEL_DOCUMENT_H
#define AQI_MODEL_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

/* Deeper nesting is refused; XGBoost's models have eight levels. */
#define AQI_DOCUMENT_DEPTH 64

enum aqi_value {
	AQI_VALUE_OBJECT,
	AQI_VALUE_ARRAY,
	AQI_VALUE_TEXT,
	AQI_VALUE_NUMBER,
	AQI_VALUE_BOOLEAN,
	AQI_VALUE_NULL
};

/* An object or array that is entered. */
struct aqi_document_level {
	uint64_t n_left;	/* values to come, where they are counted */
	bool is_object;
	bool is_counted;
	bool is_first;		/* nothing was taken from it yet */
	char type;		/* of all values; 0: each says its own */
};

struct aqi_spelling;	/* model/spelling.h */

struct aqi_document {
	const struct aqi_spelling *spelling;
	const char *start, *at, *end;
	struct aqi_buffer *text;	/* for texts that were escaped */
	size_t depth;
	struct aqi_document_level levels[AQI_DOCUMENT_DEPTH];
};

/*
 * JSON, as RFC 8259 has it, but for two things. A NUL is refused, escaped too.
 * NaN, Infinity and -Infinity are numbers: XGBoost writes them so.
 */
extern const struct aqi_spelling aqi_spelling_json;

/*
 * UBJSON, draft 12, as far as XGBoost uses it: objects and arrays that end or
 * are counted, arrays of numbers of one type, texts, and numbers but for those
 * of high precision. Keys and texts are UTF-8 without NUL.
 */
extern const struct aqi_spelling aqi_spelling_ubjson;

/* At the start of bytes. text, which is the caller's, outlives the document. */
struct aqi_document aqi_document_new(const struct aqi_spelling *spelling,
				     struct aqi_slice bytes,
				     struct aqi_buffer *text);

/* The kind of the value that stands here, which is not taken. */
enum aqi_status aqi_document_peek(const struct aqi_document *document,
				  enum aqi_value *kind,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* Enter the object or array that stands here. */
enum aqi_status aqi_document_enter(struct aqi_document *document,
				   enum aqi_value kind,
				   struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Go to the next value of what was entered last: AQI_OK, and that value is to
 * be taken; or AQI_END, and it is left.
 *
 * key  out: of an object, the value's; borrowed until the next call
 */
enum aqi_status aqi_document_next(struct aqi_document *document,
				  struct aqi_slice *key,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* Take a text; borrowed until the next call. */
enum aqi_status aqi_document_text(struct aqi_document *document,
				  struct aqi_slice *text,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* Take a number, as the double nearest to it. */
enum aqi_status aqi_document_number(struct aqi_document *document, double *x,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* Numbers of an array. Zero-initialised means empty; used again, they keep
 * their memory. */
struct aqi_floats {
	float *data;
	size_t n, room;
};

struct aqi_integers {
	int32_t *data;
	size_t n, room;
};

/*
 * Take an array of numbers, each as the float nearest to it, rounded once;
 * what is beyond all floats is infinite. AQI_REJECT where it is no array (n is
 * 0), or value n of it is no number. AQI_E_MEMORY.
 */
enum aqi_status aqi_document_floats(struct aqi_document *document,
				    struct aqi_floats *numbers,
				    struct aqi_error *err) AQI_MUST_CHECK;

/* The same of whole numbers of 32 bits; true is 1, false 0. */
enum aqi_status aqi_document_integers(struct aqi_document *document,
				      struct aqi_integers *numbers,
				      struct aqi_error *err) AQI_MUST_CHECK;

void aqi_floats_free(struct aqi_floats *numbers);
void aqi_integers_free(struct aqi_integers *numbers);

/* Take any value, and look only whether it is spelt right. */
enum aqi_status aqi_document_skip(struct aqi_document *document,
				  struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The same without looking, some ten times as fast in JSON: for what will be
 * come back to.
 */
enum aqi_status aqi_document_pass(struct aqi_document *document,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* Is that all? */
enum aqi_status aqi_document_finish(struct aqi_document *document,
				    struct aqi_error *err) AQI_MUST_CHECK;

#endif
