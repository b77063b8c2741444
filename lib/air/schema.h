/*
 * schema.h: what a record must be, as a JSON Schema document.
 *
 * A schema is a JSON Schema (2020-12) of an object, with the annotations `unit`
 * and `averaging` of our own. Of its vocabulary these words are understood, and
 * any other is refused at load, since a rule passed over would be worse:
 *
 *   $schema $id $comment title description examples default deprecated
 *   type: object · properties · required · additionalProperties: true
 *   of a property: type (number, integer, string, or a list of one with null),
 *   minimum, maximum, exclusiveMinimum, exclusiveMaximum, enum (of strings),
 *   unit, averaging
 *
 * A property may be missing unless `required` names it; then its type has no
 * null.
 */
#ifndef AQI_AIR_SCHEMA_H
#define AQI_AIR_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum aqi_type {
	AQI_TYPE_NUMBER,
	AQI_TYPE_INTEGER,
	AQI_TYPE_STRING
};

struct aqi_schema_field {
	struct aqi_slice name;
	struct aqi_slice unit;		/* "ug/m3"; {NULL, 0}: none */
	enum aqi_type type;
	bool required;
	bool is_nullable;		/* its type names null too */
	double min, max;		/* closed, unless open_*; or infinite */
	bool open_min, open_max;
	struct aqi_slice *values;	/* (n_values,) of an enum; or NULL */
	size_t n_values;
	bool has_both;			/* bounds */
	char range[64];			/* "0..500 ug/m3", "0 or more" */
};

/* Immutable after load; shared by threads. */
struct aqi_schema {
	struct aqi_slice text;		/* the document */
	struct aqi_schema_field *fields;	/* (n_fields,) in its order */
	size_t n_fields;
	struct aqi_slice *names;	/* (n_fields,) the same names */
	struct aqi_arena arena;
};

/*
 * Load a built-in schema by its name (api, observed), or a file: what has a `/`
 * in it or ends in .json. NULL on error, with AQI_E_MODEL.
 */
struct aqi_schema *aqi_schema_load(const char *name, struct aqi_error *err);

void aqi_schema_free(struct aqi_schema *schema);

#endif
