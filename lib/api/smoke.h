/*
 * smoke.h: does an API do what its OpenAPI document says?
 *
 * For each endpoint there are cases: as it stands, or with a good body; with
 * each number at its least and at its most; and with what must be refused: each
 * member absent that is required, of another type, null, below and above its
 * bounds, a fraction for an integer; a body that is empty or no JSON. Good ones
 * are answered with a 2xx status of the document and a body of its schema, bad
 * ones with a 4xx status of the document. Besides, an unknown path is 404, and
 * a method that a path lacks 405. Endpoints whose path has parameters are left
 * out.
 */
#ifndef AQI_API_SMOKE_H
#define AQI_API_SMOKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "net/outcome.h"

struct aqi_load_answer;
struct aqi_load_request;
struct aqi_smoke;		/* one thread each */
struct aqi_url;

/*
 * The cases of a document, for the API at that URL. fields are header lines for
 * each request. Fails with AQI_E_DATA when it is no OpenAPI document with
 * endpoints; NULL then, and without memory.
 */
struct aqi_smoke *aqi_smoke_new(struct aqi_slice document,
				const struct aqi_url *url,
				struct aqi_slice fields,
				struct aqi_error *err) AQI_MUST_CHECK;

size_t aqi_smoke_size(const struct aqi_smoke *smoke);

/* As struct aqi_load_source asks for them. */
enum aqi_status aqi_smoke_next(struct aqi_smoke *smoke,
			       struct aqi_load_request *request);
enum aqi_outcome aqi_smoke_answered(struct aqi_smoke *smoke,
				    const struct aqi_load_answer *answer);

/* Has memory run out meanwhile, so that no verdict can be trusted? */
bool aqi_smoke_lacks_memory(const struct aqi_smoke *smoke);

/* When all are answered: did none fail? */
bool aqi_smoke_is_good(const struct aqi_smoke *smoke);

/* What failed, as text; all, as one JSON document, and as JUnit does. */
void aqi_smoke_text(const struct aqi_smoke *smoke, const char *target,
		    struct aqi_buffer *out);
void aqi_smoke_json(const struct aqi_smoke *smoke, const char *target,
		    struct aqi_buffer *out);
void aqi_smoke_junit(const struct aqi_smoke *smoke, struct aqi_buffer *out);

/* As JUnit does, that nothing could be tried, and why. */
void aqi_smoke_junit_failure(const char *reason, struct aqi_buffer *out);

void aqi_smoke_free(struct aqi_smoke *smoke);

#endif
