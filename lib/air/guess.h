/* guess.h: which source does a header, or a file, look like? */
#ifndef AQI_AIR_GUESS_H
#define AQI_AIR_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_format;
struct aqi_layout;

/*
 * The name of the mapping built in of which most columns are there, three at
 * least and more than of the base record; {NULL, 0} when there is none like it.
 * The name is valid for ever. Loads every mapping: for messages, not for every
 * run.
 */
struct aqi_slice aqi_guess_source(const struct aqi_layout *layout);

/* A source that may be a file's, and why. */
struct aqi_guess {
	struct aqi_slice name;		/* valid for ever */
	size_t n_known, n_found;	/* columns that the mapping names, and
					 * those of them that are there */
	uint64_t n_read, n_refused;	/* of the first records */
	bool is_empty;			/* none of them gives a record */
	uint64_t header_line;		/* 0: the file has none */
	char delimiter;			/* of CSV; 0: NDJSON */
	char encoding[32];		/* of iconv; "" for UTF-8 */
};

#define AQI_GUESSES_MAX 64

/*
 * Try the mappings built in on the start of a file: its columns must be there
 * as a run needs them, and half of the first records at least are accepted. The
 * likeliest is first: the one with most columns found, then with fewest records
 * refused.
 *
 * format   as the options have it; a mapping's own is put into it for a try
 * guesses  (AQI_GUESSES_MAX,), out; *n are set
 *
 * Fails with AQI_E_IO where the file cannot be read, with AQI_E_USAGE where it
 * is a stream, and without memory.
 */
enum aqi_status aqi_guess_file(const char *file,
			       const struct aqi_format *format,
			       struct aqi_guess *guesses, size_t *n,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Add a line: the file, a tab, the first guess's name or `-`, a tab, and why,
 * with the names of others that are as near.
 */
void aqi_guess_add_line(struct aqi_buffer *out, const char *file,
			const struct aqi_guess *guesses, size_t n);

#endif
