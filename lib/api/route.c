#include "api/route.h"

#include <stddef.h>

static const struct {
	const char *path, *methods;
} routes[AQI_N_ROUTES + 1] = {
	[AQI_ROUTE_PREDICT] = {"/predict", "POST"},
	[AQI_ROUTE_BATCH] = {"/predict/batch", "POST"},
	[AQI_ROUTE_HEALTH] = {"/health", "GET"},
	[AQI_ROUTE_READY] = {"/ready", "GET"},
	[AQI_ROUTE_METRICS] = {"/metrics", "GET"},
	[AQI_ROUTE_MODEL] = {"/model/info", "GET"},
	[AQI_ROUTE_OPENAPI] = {"/openapi.json", "GET, HEAD"},
	[AQI_ROUTE_DOCS] = {"/docs", "GET, HEAD"},
};

enum aqi_route
aqi_route_find(struct aqi_slice path)
{
	for (enum aqi_route i = 0; i < AQI_N_ROUTES; i++)
		if (aqi_slice_is(path, routes[i].path))
			return i;
	return AQI_N_ROUTES;
}

enum aqi_route
aqi_route_near(struct aqi_slice path)
{
	size_t n = path.size;

	while (path.size > 0 && path.data[path.size - 1] == '/')
		path.size--;
	return path.size < n ? aqi_route_find(path) : AQI_N_ROUTES;
}

const char *
aqi_route_path(enum aqi_route route)
{
	return routes[route].path;
}

const char *
aqi_route_methods(enum aqi_route route)
{
	return routes[route].methods;
}

bool
aqi_route_takes(enum aqi_route route, struct aqi_slice method)
{
	const char *methods = routes[route].methods;

	return aqi_slice_is(method, methods) ||
	       (strlen(methods) > 4 && (aqi_slice_is(method, "GET") ||
					aqi_slice_is(method, "HEAD")));
}
