/*
 * service.h: the prediction API, from a request to its answer.
 *
 * It answers what the FastAPI service that it replaces answers, path by path
 * and byte by byte: /health, /ready, /predict, /predict/batch, /metrics,
 * /model/info, /openapi.json and /docs. What differs, on purpose:
 *
 *   /metrics is text, not a JSON string of it
 *   a number that is not finite is an error of the client (422)
 *   what was sent stands in an error up to 1 KiB, and at most 1,000 errors are
 *   told of a body; x-aqi-errors says how many there are, if more
 *   times have more digits, since predictions take microseconds
 *   /ready is 503 while there is no model, and once the end has begun
 *   /model/info says more; x-aqi-model names the model of each answer
 *   with keys, what is not open to all needs x-api-key, or is 401
 */
#ifndef AQI_API_SERVICE_H
#define AQI_API_SERVICE_H

#include "api/detail.h"
#include "api/route.h"
#include "base/error.h"
#include "net/server.h"

struct aqi_model_options;
struct aqi_service;

/* Who has which key: net/auth.h, or anything that finds its name. */
struct aqi_service_keys {
	/* The name of a key, which lives as long as the keys; NULL: none. */
	const char *(*find)(const void *self, struct aqi_slice key);
	const void *self;
};

/* Routes as a set, for those that need no key. */
#define AQI_SERVICE_OPEN(route) (1u << (route))
#define AQI_SERVICE_OPEN_DEFAULT                                              \
	(AQI_SERVICE_OPEN(AQI_ROUTE_HEALTH) |                                 \
	 AQI_SERVICE_OPEN(AQI_ROUTE_READY) |                                  \
	 AQI_SERVICE_OPEN(AQI_ROUTE_METRICS) |                                \
	 AQI_SERVICE_OPEN(AQI_ROUTE_OPENAPI) |                                \
	 AQI_SERVICE_OPEN(AQI_ROUTE_DOCS))

struct aqi_service_options {
	unsigned n_workers;		/* that will call; 0: 1 */
	enum aqi_dialect dialect;	/* of errors */
	unsigned open;			/* routes, with keys */
};

/* options NULL: as if all were 0. NULL: AQI_E_MEMORY. */
struct aqi_service *
aqi_service_new(const struct aqi_service_options *options,
		struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Load a model, have it predict some records, and only then answer with it, in
 * place of the one before, which is given up once no request has it. On error
 * that one stays. AQI_E_MODEL, where an input is no field of a request, or a
 * prediction is not finite; else as aqi_model_load. Counted in the metrics.
 *
 * The calls from here to aqi_service_free are for one thread, which is none of
 * the workers; they may work meanwhile.
 */
enum aqi_status aqi_service_load(struct aqi_service *service,
				 const struct aqi_model_options *options,
				 struct aqi_error *err) AQI_MUST_CHECK;

/* "production/1+38c890cc", as in x-aqi-model; "" without a model. */
const char *aqi_service_model(const struct aqi_service *service);

/* Ask for keys, or with NULL for none. When it returns, those before are not
 * used any more; keys must live until then. */
void aqi_service_set_keys(struct aqi_service *service,
			  const struct aqi_service_keys *keys);

/* From now on /ready is 503; all else is answered as before. */
void aqi_service_drain(struct aqi_service *service);

/* For aqi_server_options: self is the service. */
void aqi_service_answer(void *self, unsigned worker,
			const struct aqi_request *request,
			struct aqi_answer *answer);
void aqi_service_answered(void *self, unsigned worker,
			  const struct aqi_request *request,
			  const struct aqi_answer *answer, uint64_t sent,
			  uint64_t took_ns);

/* No worker may be in it. */
void aqi_service_free(struct aqi_service *service);

#endif
