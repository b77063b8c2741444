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
#include <stdint.h>

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

/* How far an output is written, and the sum of the last bytes (base/sum.h)
 * where it is a file that another run can go on with. */
struct aqi_mark {
	uint64_t size, sum;
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

/* Is what has this name, NULL among them, written to directly? */
bool aqi_sink_is_stream(const char *path);

/*
 * The same for an output that is written in more than one run: the bytes go to
 * a file that every run finds, the path with ".partial" behind. mark is where
 * an earlier run stood, which the file is cut back to, or NULL to begin anew.
 * Fails with AQI_E_MODEL, too, where the file is gone or not what it was.
 */
struct aqi_sink *aqi_sink_open_partial(const char *path,
				       const struct aqi_mark *mark,
				       const struct aqi_sink_guard *guard,
				       struct aqi_error *err);

/* From now on the partial file stays, whatever happens. */
void aqi_sink_keep(struct aqi_sink *sink);

/* It goes after all if the run fails: no checkpoint names it. */
void aqi_sink_unkeep(struct aqi_sink *sink);

/* Have all that is written reach the disk, and say how far that is. Where the
 * output has no partial file, it is the count of bytes of all runs. */
enum aqi_status aqi_sink_mark(struct aqi_sink *sink, struct aqi_mark *mark,
			      struct aqi_error *err) AQI_MUST_CHECK;

/* Has an output got its name already, as it was marked at the end? */
bool aqi_sink_is_done(const char *path, const struct aqi_mark *mark);

/* Can the file be cut back, so that nothing is written twice? */
bool aqi_sink_is_partial(const struct aqi_sink *sink);

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

/*
 * Is that input, a file that is not empty or "-", the very file that the sink
 * writes to, so that it would be read on and on?
 */
bool aqi_sink_appends_to(const struct aqi_sink *sink, const char *input);

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
