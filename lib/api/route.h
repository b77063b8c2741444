/* route.h: the paths of the API. Private to the library. */
#ifndef AQI_API_ROUTE_H
#define AQI_API_ROUTE_H

#include <stdbool.h>

#include "base/slice.h"

enum aqi_route {
	AQI_ROUTE_PREDICT,
	AQI_ROUTE_BATCH,
	AQI_ROUTE_HEALTH,
	AQI_ROUTE_READY,
	AQI_ROUTE_METRICS,
	AQI_ROUTE_MODEL,
	AQI_ROUTE_OPENAPI,
	AQI_ROUTE_DOCS,
	AQI_N_ROUTES		/* none of them */
};

/* The route of a path, decoded, as it stands. */
enum aqi_route aqi_route_find(struct aqi_slice path);

/* The same for a path with slashes too many at its end. */
enum aqi_route aqi_route_near(struct aqi_slice path);

/* "/predict"; NULL for none. The same pointer each time. */
const char *aqi_route_path(enum aqi_route route);

/* What may be asked: "POST", "GET, HEAD". */
const char *aqi_route_methods(enum aqi_route route);
bool aqi_route_takes(enum aqi_route route, struct aqi_slice method);

#endif
