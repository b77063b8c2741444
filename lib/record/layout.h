/*
 * layout.h: which columns come in, and which go out.
 *
 * The inputs are the columns of the first file's header, or the keys of the
 * first NDJSON record. The outputs say what is written, in order: an input
 * passed through, or a column that a step adds. A new layout passes every
 * input through; steps change it while they bind, before the first record.
 */
#ifndef AQI_RECORD_LAYOUT_H
#define AQI_RECORD_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define AQI_NO_COLUMN ((size_t)-1)

struct aqi_output {
	struct aqi_slice name;
	bool is_added;		/* else an input passed through */
	size_t index;		/* among the added columns, or the inputs */
};

/* An input that is a member of another one, an object. */
struct aqi_nested {
	size_t input, parent;
	struct aqi_slice key;
};

/* Immutable once the steps are bound. */
struct aqi_layout {
	const char *file;	/* where the inputs were named */
	uint64_t line;		/* of the header; 0: not CSV */
	struct aqi_slice *inputs;	/* (n_inputs,) names */
	size_t n_inputs;
	size_t n_named;		/* of these, the first: all but those that are
				 * only expected of later records */
	struct aqi_nested *nested;	/* (n_nested,) */
	size_t n_nested;
	struct aqi_output *outputs;	/* (n_outputs,) */
	size_t n_outputs, outputs_room;
	size_t n_added;
	bool *is_number;	/* (n_inputs,) a step knows it as a number */
	bool drops_unknown;	/* NDJSON keys that are no input go nowhere */
	bool refuses_unknown;	/* a record with such a key is refused */
	bool keeps_old;		/* an output that stands already: NAME_in */
	bool allows_absent;	/* an input column may be absent */
	bool is_json;		/* named by an NDJSON record, not a header */
	struct aqi_arena arena;	/* owns all of the above */
};

/* The input column of that name, or AQI_NO_COLUMN. */
size_t aqi_layout_find(const struct aqi_layout *layout, struct aqi_slice name);

/* Is there an output of that name? */
bool aqi_layout_has_output(const struct aqi_layout *layout,
			   struct aqi_slice name);

/*
 * Add an output column. Where an input of that name is passed through, the
 * new values take its place (or, with keeps_old, stand at the end while the
 * old column is renamed NAME_in). *added, out, is what aqi_batch_set_* take.
 * Fails without memory only.
 */
enum aqi_status aqi_layout_add(struct aqi_layout *layout,
			       struct aqi_slice name, size_t *added,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Expect a key that only later NDJSON records may have: an input like others,
 * missing until then, that is not passed through by this. *input, out, is its
 * column; AQI_NO_COLUMN in CSV, whose header has all columns. A column that
 * is there already is just found.
 */
enum aqi_status aqi_layout_expect(struct aqi_layout *layout,
				  struct aqi_slice name, size_t *input,
				  struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The input column of that name or, in JSON, the member of an object that comes
 * in: of the key "date" if the name is "date.local". That is an input then,
 * missing where the object has no such key, and passed through as part of the
 * object only. *input, out, is AQI_NO_COLUMN where there is neither.
 */
enum aqi_status aqi_layout_reach(struct aqi_layout *layout,
				 struct aqi_slice name, size_t *input,
				 struct aqi_error *err) AQI_MUST_CHECK;

/* Pass no input through from here on, and no unknown NDJSON key. */
void aqi_layout_drop_all(struct aqi_layout *layout);

/* Pass one input through again, behind the outputs there are. */
enum aqi_status aqi_layout_keep(struct aqi_layout *layout, size_t input,
				struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The name most like `name`: equal when case and punctuation are left out, or
 * one or two letters apart. NULL when none is near. Borrowed from names.
 */
const struct aqi_slice *aqi_layout_near(const struct aqi_slice *names,
					size_t n, struct aqi_slice name);

#endif
