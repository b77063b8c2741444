/*
 * error.h: the grades of a result, and where and why something failed.
 *
 * What can fail returns a grade (or NULL) and fills a struct aqi_error once,
 * where the failure is first known; callers pass both up unchanged. Nothing
 * in the library prints or exits: lib/cli turns an error into one line.
 */
#ifndef AQI_BASE_ERROR_H
#define AQI_BASE_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define AQI_MUST_CHECK __attribute__((warn_unused_result))
#define AQI_PRINTF(at, first) __attribute__((format(printf, at, first)))

enum aqi_status {
	AQI_OK,
	AQI_END,	/* the stream is at its end */
	AQI_REJECT,	/* this record is bad, go on with the next */
	AQI_FATAL	/* the stream is finished */
};

/*
 * What kind of thing is wrong. A record can be refused for the kinds up to
 * AQI_E_UNKNOWN; the later ones end a run, each with its own exit status
 * (aqi_error_exit_status).
 */
enum aqi_code {
	AQI_E_NONE,
	AQI_E_SYNTAX,	/* not CSV, not JSON */
	AQI_E_ENCODING,	/* invalid UTF-8, NUL, lone CR, UTF-16 */
	AQI_E_WIDTH,	/* fields do not match the header */
	AQI_E_LENGTH,	/* a record above the size limit */
	AQI_E_TYPE,	/* not of the field's type */
	AQI_E_RANGE,	/* outside the field's range */
	AQI_E_MISSING,	/* a required value is not there */
	AQI_E_REPEATED,	/* it is there already */
	AQI_E_ORDER,	/* it comes too late */
	AQI_E_UNKNOWN,	/* a key or category that nobody knows */
	AQI_E_DATA,	/* the input as a whole cannot be records */
	AQI_E_USAGE,	/* command line or configuration */
	AQI_E_MODEL,	/* model, schema, source mapping or checkpoint */
	AQI_E_IO,	/* reading or writing */
	AQI_E_LIMIT,	/* a stated limit */
	AQI_E_MEMORY	/* memory ran out */
};

/* One clause, with its place. Zero and empty parts do not apply. */
struct aqi_error {
	enum aqi_code code;
	const char *file;	/* borrowed for the run; NULL: none */
	uint64_t line;		/* from 1 */
	size_t column;		/* bytes, from 1 */
	char field[64];
	char reason[320];
};

/*
 * Fill err with a code and a clause; the place is cleared. err may be NULL
 * where the caller does not ask why. Returns AQI_FATAL.
 */
enum aqi_status aqi_error_set(struct aqi_error *err, enum aqi_code code,
			      const char *format, ...) AQI_PRINTF(3, 4);

/* The same as AQI_E_IO, with the text of error_number at the end; where that is
 * ENOMEM, as aqi_error_memory. */
enum aqi_status aqi_error_system(struct aqi_error *err, int error_number,
				 const char *format, ...) AQI_PRINTF(3, 4);

/* "memory ran out": AQI_E_MEMORY. */
enum aqi_status aqi_error_memory(struct aqi_error *err);

/* Name the place of an error already filled; file is borrowed for the run. */
enum aqi_status aqi_error_at(struct aqi_error *err, const char *file,
			     uint64_t line, size_t column);

/*
 * What these four return, said where they are called: a compiler and an
 * analyzer, which see one file at a time, then know that nobody goes on behind
 * a failure with what was not read.
 */
static inline enum aqi_status
aqi_error_fatal(enum aqi_status status)
{
	(void)status;
	return AQI_FATAL;
}

#define aqi_error_set(...) aqi_error_fatal(aqi_error_set(__VA_ARGS__))
#define aqi_error_system(...) aqi_error_fatal(aqi_error_system(__VA_ARGS__))
#define aqi_error_memory(err) aqi_error_fatal(aqi_error_memory(err))
#define aqi_error_at(...) aqi_error_fatal(aqi_error_at(__VA_ARGS__))

/* Name the field of an error already filled; cut where it does not fit. */
void aqi_error_name(struct aqi_error *err, struct aqi_slice field);

/* 1 to 5, as every program ends: see aqi(7). 0 for AQI_E_NONE. */
int aqi_error_exit_status(enum aqi_code code);

/* The code as a word for machines, such as "range". */
const char *aqi_error_word(enum aqi_code code);

/*
 * Show a foreign value in a message: in double quotes, at most 40 bytes of
 * it, every byte outside printable ASCII, the quote and the backslash as
 * \xHH, so that it can neither break a line nor drive a terminal.
 * out  (AQI_QUOTED_SIZE,)
 */
#define AQI_QUOTED_SIZE (2 + 40 * 4 + 3 + 1)
const char *aqi_error_quote(char out[AQI_QUOTED_SIZE], struct aqi_slice value);

#endif
