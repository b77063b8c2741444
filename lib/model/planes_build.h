/* planes_build.h: from a forest to the block of planes.h. Private. */
#ifndef AQI_MODEL_PLANES_BUILD_H
#define AQI_MODEL_PLANES_BUILD_H

#include "base/error.h"

struct aqi_forest;
struct aqi_planes;

/*
 * *view, out: where the arrays of the block are, which view->owned is; owned is
 * NULL for a forest that is not for planes. Fails without memory only.
 */
enum aqi_status aqi_planes_build(const struct aqi_forest *forest,
				 struct aqi_planes *view,
				 struct aqi_error *err) AQI_MUST_CHECK;

#endif
