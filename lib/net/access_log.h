/*
 * access_log.h: a line of JSON for each request that was answered.
 *
 *   {"time":"2026-11-25T22:38:00.123456Z","peer":"127.0.0.1",
 *    "method":"POST","target":"/predict","status":200,"bytes":97,
 *    "ms":0.031,"key":"lab","agent":"curl/8.5.0"}
 *
 * key is the name of the key that let it in, if there was one; a request that
 * could not be read has `reason` instead of method and target. A line is ASCII:
 * the quote, the backslash and every byte outside printable ASCII are written
 * as the text \xHH, so that it can neither be forged nor drive a terminal. A
 * text longer than 1,024 bytes is cut and ends in "...".
 *
 * Lines are written by a thread of its own, whole ones only, at the latest
 * AQI_ACCESS_LOG_MS after they came: a disk that is slow or full keeps no
 * request waiting. Lines that it cannot keep up with are dropped and counted.
 */
#ifndef AQI_NET_ACCESS_LOG_H
#define AQI_NET_ACCESS_LOG_H

#include <stdint.h>

#include "base/error.h"

#define AQI_ACCESS_LOG_MS 100

/* At the end, so long is waited for a pipe that nobody reads. */
#define AQI_ACCESS_LOG_END_MS 1000

struct aqi_access_log;
struct aqi_answer;
struct aqi_request;

/*
 * Append to a file, which is made if need be; "-" is standard output. path is
 * borrowed until aqi_access_log_close. NULL: AQI_E_IO, AQI_E_MEMORY.
 */
struct aqi_access_log *aqi_access_log_open(const char *path,
					   unsigned n_workers,
					   struct aqi_error *err)
	AQI_MUST_CHECK;

/* Of the worker, in its thread; the rest as aqi_answered_fn has it. */
void aqi_access_log_add(struct aqi_access_log *log, unsigned worker,
			const struct aqi_request *request,
			const struct aqi_answer *answer, uint64_t sent,
			uint64_t took_ns);

/*
 * Go on with a new file of the same name, the old one having been renamed. On
 * error the old one stays. What came before goes into either, what comes from
 * now on into the new one.
 */
enum aqi_status aqi_access_log_reopen(struct aqi_access_log *log,
				      struct aqi_error *err) AQI_MUST_CHECK;

/* Lines dropped since the last call. Any thread. */
uint64_t aqi_access_log_dropped(struct aqi_access_log *log);

/* Write what is there, and end. AQI_E_IO, where the last write failed. */
enum aqi_status aqi_access_log_close(struct aqi_access_log *log,
				     struct aqi_error *err);

#endif
