#include "model/engine.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "model/forest.h"
#include "model/planes.h"
#include "model/walk.h"

/* With fewer rows at once the planes are not worth their making. */
#define MANY_ROWS 256

struct aqi_engine {
	const struct aqi_forest *forest;
	struct aqi_walk *walk;		/* NULL: not for this forest */
	struct aqi_planes *_Atomic planes;
	atomic_bool has_planes;		/* made, or found to be of no use */
};

struct aqi_engine *
aqi_engine_new(const struct aqi_forest *forest,
	       const struct aqi_engine_options *options, struct aqi_error *err)
{
	struct aqi_engine *engine = calloc(1, sizeof *engine);

	(void)options;
	if (!engine) {
		aqi_error_memory(err);
		return NULL;
	}
	engine->forest = forest;
	if (aqi_walk_new(forest, &engine->walk, err) == AQI_OK)
		return engine;
	free(engine);
	return NULL;
}

/* Two threads at the same time may both make them, and one is kept. */
enum aqi_status
aqi_engine_prepare(struct aqi_engine *engine, size_t n_rows,
		   struct aqi_error *err)
{
	struct aqi_planes *planes, *none = NULL;

	if (n_rows < MANY_ROWS || atomic_load(&engine->has_planes))
		return AQI_OK;
	if (aqi_planes_new(engine->forest, NULL, &planes, err) != AQI_OK)
		return AQI_FATAL;
	if (!atomic_compare_exchange_strong(&engine->planes, &none, planes))
		aqi_planes_free(planes);
	atomic_store(&engine->has_planes, true);
	return AQI_OK;
}

void
aqi_engine_predict(const struct aqi_engine *engine, const double *x,
		   size_t n_rows, double *margin)
{
	const struct aqi_planes *planes = atomic_load(&engine->planes);

	if (planes && n_rows >= aqi_planes_least(planes))
		aqi_planes_predict(planes, x, n_rows, margin);
	else if (engine->walk)
		aqi_walk_predict(engine->walk, x, n_rows, margin);
	else
		aqi_forest_predict(engine->forest, x, n_rows, margin);
}

const char *
aqi_engine_way(const struct aqi_engine *engine, size_t n_rows)
{
	const struct aqi_planes *planes = atomic_load(&engine->planes);

	if (planes && n_rows >= aqi_planes_least(planes))
		return "planes";
	return engine->walk ? "walk" : "scalar";
}

void
aqi_engine_free(struct aqi_engine *engine)
{
	if (!engine)
		return;
	aqi_walk_free(engine->walk);
	aqi_planes_free(engine->planes);
	free(engine);
}
