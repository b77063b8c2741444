/*
 * member.h: the members of a JSON object in a model file, and what each must
 * be.
 *
 * What is not as it must be fails with AQI_E_MODEL and "key: reason". What is
 * handed out is borrowed from the object.
 */
#ifndef AQI_MODEL_MEMBER_H
#define AQI_MODEL_MEMBER_H

#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct json_t;

/* "key: reason", for what a caller finds. */
enum aqi_status aqi_member_fail(struct aqi_error *err, const char *key,
				const char *reason);

/* A value's text; empty when it is no string, or NULL. */
struct aqi_slice aqi_member_text(const struct json_t *value);

/* An object, or an array; NULL on error. */
const struct json_t *aqi_member_object(const struct json_t *object,
				       const char *key, struct aqi_error *err);
const struct json_t *aqi_member_array(const struct json_t *object,
				      const char *key, struct aqi_error *err);

/* A count: up to 15 digits in a string, "19". */
enum aqi_status aqi_member_count(const struct json_t *object, const char *key,
				 size_t *count,
				 struct aqi_error *err) AQI_MUST_CHECK;

/* A count that older versions do not write: 0 then. */
enum aqi_status aqi_member_later_count(const struct json_t *object,
				       const char *key, size_t *count,
				       struct aqi_error *err) AQI_MUST_CHECK;

/* A later count that says how many outputs there are: 0 and 1 are one. */
enum aqi_status aqi_member_single(const struct json_t *object, const char *key,
				  struct aqi_error *err) AQI_MUST_CHECK;

#endif
