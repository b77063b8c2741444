/*
 * cors.h: may a page of another origin ask? As Starlette has it with all
 * origins, methods and headers allowed, and credentials: yes. Private to the
 * library.
 */
#ifndef AQI_API_CORS_H
#define AQI_API_CORS_H

#include <stdbool.h>

struct aqi_answer;
struct aqi_http_head;

/* Answer a browser's question before the request itself; false: it is none. */
bool aqi_cors_preflight(const struct aqi_http_head *head,
			struct aqi_answer *answer);

/* Add what the answer to a request with an origin says. */
void aqi_cors_allow(const struct aqi_http_head *head,
		    struct aqi_answer *answer);

#endif
