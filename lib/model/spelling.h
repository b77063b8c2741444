/*
 * spelling.h: one way of writing documents. Private: for document.c and the
 * spellings.
 *
 * Each function is that of model/document.h, where it says what is meant.
 */
#ifndef AQI_MODEL_SPELLING_H
#define AQI_MODEL_SPELLING_H

#include "model/document.h"

struct aqi_spelling {
	const char *too_early;	/* "JSON ends too early" */
	enum aqi_status (*peek)(const struct aqi_document *,
				enum aqi_value *, struct aqi_error *);
	enum aqi_status (*enter)(struct aqi_document *, struct aqi_error *);
	enum aqi_status (*next)(struct aqi_document *, struct aqi_slice *,
				struct aqi_error *);
	enum aqi_status (*text)(struct aqi_document *, struct aqi_slice *,
				struct aqi_error *);
	enum aqi_status (*number)(struct aqi_document *, double *,
				  struct aqi_error *);
	enum aqi_status (*floats)(struct aqi_document *, struct aqi_floats *,
				  struct aqi_error *);
	enum aqi_status (*integers)(struct aqi_document *,
				    struct aqi_integers *, struct aqi_error *);
	enum aqi_status (*skip)(struct aqi_document *, struct aqi_error *);
	enum aqi_status (*pass)(struct aqi_document *, struct aqi_error *);
	enum aqi_status (*finish)(struct aqi_document *, struct aqi_error *);
};

/* "byte B: reason", or at the end that the document ends too early.
 * AQI_FATAL: see aqi_error_fatal. */
enum aqi_status aqi_spelling_fail(const struct aqi_document *document,
				  const char *at, const char *reason,
				  struct aqi_error *err);
#define aqi_spelling_fail(...) aqi_error_fatal(aqi_spelling_fail(__VA_ARGS__))

/* One level down. */
enum aqi_status aqi_spelling_push(struct aqi_document *document,
				  const struct aqi_document_level *level,
				  struct aqi_error *err);

/* Is it UTF-8 without NUL? */
enum aqi_status aqi_spelling_check_text(const struct aqi_document *document,
					struct aqi_slice text,
					struct aqi_error *err);

/* Room for more numbers. */
enum aqi_status aqi_floats_reserve(struct aqi_floats *numbers, size_t more,
				   struct aqi_error *err);
enum aqi_status aqi_integers_reserve(struct aqi_integers *numbers, size_t more,
				     struct aqi_error *err);

#endif
