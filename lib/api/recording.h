/*
 * recording.h: requests written down, to be sent again at their times.
 *
 * A recording is NDJSON, a request a line, in the order in which they were due:
 *
 *   {"at":0.0125,"task":"predict","method":"POST","target":"/predict",
 *    "fields":{"content-type":"application/json"},"body":"{...}"}
 *
 * `at` is in seconds from the start and never goes back. Needed are at, method
 * and target. What frames a message and says whom it is for (host, connection,
 * content-length, transfer-encoding) is not written down, and is made anew.
 */
#ifndef AQI_API_RECORDING_H
#define AQI_API_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

#define AQI_RECORDING_TASKS 16

struct aqi_load_request;
struct aqi_recording;		/* one thread each */

/*
 * Add the line of a request, whose head is well-formed, as a template makes it.
 * Bytes that are no UTF-8, and NULs, cannot be written down (AQI_E_ENCODING).
 */
enum aqi_status aqi_recording_write(struct aqi_buffer *out, const char *task,
				    uint64_t at_ns, struct aqi_slice request,
				    struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Read a recording, for a server of that host. `closes`: have each request ask
 * for the connection's end. Fails as files do, and with AQI_E_DATA, file, line
 * and member where a line is no request; NULL then.
 */
struct aqi_recording *aqi_recording_load(const char *path,
					 struct aqi_slice host, bool closes,
					 struct aqi_error *err) AQI_MUST_CHECK;

size_t aqi_recording_size(const struct aqi_recording *recording);

/* (*n,) the tasks that it names; `request` for what names none. */
const char *const *aqi_recording_tasks(const struct aqi_recording *recording,
				       size_t *n);

/* As struct aqi_load_source asks for them. */
bool aqi_recording_due(struct aqi_recording *recording, uint64_t *due_ns);
enum aqi_status aqi_recording_next(struct aqi_recording *recording,
				   struct aqi_load_request *request);

void aqi_recording_free(struct aqi_recording *recording);

#endif
