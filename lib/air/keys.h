/*
 * keys.h: objects of a JSON document, read by tables of their keys.
 *
 * A table says for each key how its value is read and into which member of a
 * struct. A key that is in no table is refused, with those that are. An error
 * is AQI_E_MODEL, its field the dotted path of the key: "fields.no2.unit".
 */
#ifndef AQI_AIR_KEYS_H
#define AQI_AIR_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_arena;
struct json_t;

/* Many enough for a table, or for the names of a list. */
#define AQI_KEYS_MAX 64

/* Some texts, such as the names of columns. */
struct aqi_names {
	struct aqi_slice *items;	/* (n,) */
	size_t n;
};

/* Where a reader is; path begins empty. One thread each. */
struct aqi_keys {
	struct aqi_arena *arena;	/* for all that is read */
	const char *file;		/* in errors */
	struct aqi_error *err;		/* never NULL */
	char path[sizeof ((struct aqi_error *)0)->field];
};

typedef enum aqi_status aqi_key_fn(struct aqi_keys *keys, struct json_t *value,
				   void *into);

struct aqi_key {
	const char *name;
	aqi_key_fn *read;
	size_t at;		/* offset in what the object is read into */
	bool is_needed;
};

/* Fill in the error, at the path; AQI_FATAL. */
enum aqi_status aqi_keys_refuse(struct aqi_keys *keys, const char *format, ...)
	AQI_PRINTF(2, 3);

/* Go down to a key; what it returns is for aqi_keys_leave. */
size_t aqi_keys_enter(struct aqi_keys *keys, const char *key);
void aqi_keys_leave(struct aqi_keys *keys, size_t mark);

/* Read an object. table: (n,), n up to AQI_KEYS_MAX. */
enum aqi_status aqi_keys_object(struct aqi_keys *keys, struct json_t *object,
				const struct aqi_key *table, size_t n,
				void *into) AQI_MUST_CHECK;
#define AQI_KEYS_OBJECT(keys, object, table, into)                            \
	aqi_keys_object(keys, object, table, sizeof(table) / sizeof *(table), \
			into)

/* Readers of values, and what they read into. */
aqi_key_fn aqi_keys_note;	/* a text for people: nothing */
aqi_key_fn aqi_keys_text;	/* struct aqi_slice; it is not empty */
aqi_key_fn aqi_keys_flag;	/* bool */
aqi_key_fn aqi_keys_number;	/* double */
aqi_key_fn aqi_keys_names;	/* struct aqi_names, of a text or an array */

/* Write "a, b, c" of (n,) names, cut where it does not fit; returns out. */
const char *aqi_keys_list(char *out, size_t size,
			  const struct aqi_slice *names, size_t n);

#endif
