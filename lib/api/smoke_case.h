/*
 * smoke_case.h: the cases of a smoke test, out of the document: what is sent,
 * and whether it is to be taken. Private to the library; smoke.h has the whole.
 *
 * Memory that runs out is noted in the arena, and nothing is added any more.
 */
#ifndef AQI_API_SMOKE_CASE_H
#define AQI_API_SMOKE_CASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"

struct aqi_url;
struct json_t;

struct aqi_smoke_case {
	const char *name;		/* "POST /predict, pm25 below ..." */
	struct aqi_slice request;
	const struct json_t *operation;	/* NULL: the status is `wanted` */
	bool is_good;			/* to be taken, else refused */
	unsigned wanted;
	bool is_done, has_passed;
	unsigned status;
	const char *reason;		/* why it has not */
};

struct aqi_smoke {
	struct json_t *document;
	const struct aqi_url *url;
	struct aqi_slice fields;
	struct aqi_smoke_case *cases;	/* (n,) */
	size_t n, capacity, at;
	size_t n_endpoints, n_left_out;
	struct aqi_arena arena;
	struct aqi_buffer text;		/* of a request, a name, a reason */
	/* The endpoint whose cases are made: */
	const char *method, *path;
	const struct json_t *operation;
	struct json_t *body;	/* a good one, changed in one place */
};

/* All cases of the document, and that of a path which is none. */
void aqi_smoke_add_cases(struct aqi_smoke *smoke);

/* The schema of what a request or a response has as JSON; NULL: none. */
const struct json_t *aqi_smoke_schema_of(const struct json_t *object);

/* Words that live as long as the test; NULL: memory ran out, as is noted. */
const char *aqi_smoke_say(struct aqi_smoke *smoke, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same of what is in smoke->text, which is empty then. */
char *aqi_smoke_keep(struct aqi_smoke *smoke);

#endif
