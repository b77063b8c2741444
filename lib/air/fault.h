/*
 * fault.h: ways to spoil a base record, or to bring it to the edge.
 *
 * By the `api` schema an edge is valid, a fault is not. There is no quote left
 * open in CSV: it would swallow the records behind it, and no label could tell
 * the truth about them.
 */
#ifndef AQI_AIR_FAULT_H
#define AQI_AIR_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "record/format.h"

struct aqi_buffer;
struct aqi_random;

enum aqi_fault_shape {
	AQI_FAULT_CELL,		/* a field's text is another */
	AQI_FAULT_EVERY,	/* every field's is */
	AQI_FAULT_CUT,		/* the record ends behind that text */
	AQI_FAULT_ABSENT,	/* the field is not there */
	AQI_FAULT_TAIL		/* the text stands behind the record */
};

struct aqi_fault {
	const char *name;		/* "decimal-comma" */
	enum aqi_fault_shape shape;
	size_t first_field, n_fields;	/* of the base record, it fits */
	struct aqi_slice csv, ndjson;	/* {NULL, 0}: not in this */
};

/* The i-th fault, edges first; NULL when there are no more. */
const struct aqi_fault *aqi_fault_at(size_t i, bool *is_valid);

#define AQI_FAULT_MAX 64

/* Those that a syntax can have. */
struct aqi_fault_list {
	enum aqi_syntax syntax;
	struct {
		const struct aqi_fault *items[AQI_FAULT_MAX];
		size_t n;
	} edges, faults;
};

/* syntax: CSV or NDJSON, not AUTO. */
void aqi_fault_list(struct aqi_fault_list *list, enum aqi_syntax syntax);

/* What is done to a record, if anything. */
struct aqi_damage {
	const struct aqi_fault *fault;	/* NULL: nothing */
	bool is_valid;
	struct aqi_slice text;		/* for aqi_fault_write */
	size_t field;			/* of the base record */
};

/* Draw one, as likely an edge as a fault. */
struct aqi_damage aqi_fault_choose(const struct aqi_fault_list *list,
				   struct aqi_random *random);

/* A field's own value as text, its limits, and one step beyond them. */
struct aqi_fault_values {
	struct aqi_slice own, least, most, below, above;
};

/* Add a damage's text, with values where it asks for them. */
void aqi_fault_write(struct aqi_slice text,
		     const struct aqi_fault_values *values,
		     struct aqi_buffer *out);

#endif
