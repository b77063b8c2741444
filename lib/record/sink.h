/*
 * sink.h: bytes out to a descriptor, whole records only.
 *
 * To a file that is named, all or nothing: the bytes go to a temporary file in
 * the same folder, which takes the name when the run has ended well.
 */
#ifndef AQI_RECORD_SINK_H
#define AQI_RECORD_SINK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* One thread each. */
struct aqi_sink;

/*
 * What a process with signal handlers lays around each write, so that a signal
 * does not end it in the middle of a record. A write that finds *stop set
 * ends at the next record's end; `leave` then does what the signal asked for.
 * `made` and `gone` tell of a temporary file that a signal should remove; no
 * signal comes between the file and the call.
 */
struct aqi_sink_guard {
	void (*enter)(void);
	void (*leave)(void);
	void (*made)(const char *temporary);
	void (*gone)(const char *temporary);
	const volatile sig_atomic_t *stop;
};

/*
 * path is borrowed; NULL or "-" is standard output. What exists there and is
 * no regular file (a device, a pipe) is opened and written to directly. guard
 * is borrowed for the sink's life; NULL: none. Fails with AQI_E_IO or
 * AQI_E_MEMORY; NULL then.
 */
struct aqi_sink *aqi_sink_open(const char *path,
			       const struct aqi_sink_guard *guard,
			       struct aqi_error *err);

/* Do two sinks end up in one file? */
bool aqi_sink_is_same(const struct aqi_sink *a, const struct aqi_sink *b);

/*
 * Write data (size,), which ends at a record's end, to the last byte. ends
 * (n_ends,), which may be NULL, are the ends of its records. On AQI_FATAL
 * (AQI_E_IO) a regular file is cut back to the last of them that is written;
 * *n_written, out, which may be NULL, is their count.
 */
enum aqi_status aqi_sink_write(struct aqi_sink *sink, const char *data,
			       size_t size, const size_t *ends, size_t n_ends,
			       size_t *n_written, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Would closing the sink replace that file? */
bool aqi_sink_replaces(const struct aqi_sink *sink, const char *path);

/* Make all that is written final; reports what only now turns out to have
 * failed. The sink is freed in any case. */
enum aqi_status aqi_sink_close(struct aqi_sink *sink, struct aqi_error *err)
	AQI_MUST_CHECK;

/* Give up: a named file keeps its old content. NULL does nothing. */
void aqi_sink_discard(struct aqi_sink *sink);

/*
 * The temporary file; NULL where there is none. Borrowed from the sink.
 */
const char *aqi_sink_temporary(const struct aqi_sink *sink);

#endif
