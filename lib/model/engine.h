/*
 * engine.h: the way a forest is evaluated.
 *
 * A forest can be evaluated in several ways that give the same bits and differ
 * in speed (lib/model/README.md). An engine holds the layouts that they need
 * and chooses among them by the shape of the forest, the number of rows and the
 * processor. The first call for many rows pays for the layouts of many.
 */
#ifndef AQI_MODEL_ENGINE_H
#define AQI_MODEL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct aqi_buffer;
struct aqi_engine;	/* any number of threads */
struct aqi_forest;

struct aqi_engine_options {
	/*
	 * The one way to be used, whatever the number of rows; NULL or empty:
	 * $AQI_ENGINE, else what is best.
	 */
	const char *name;
};

/*
 * The forest must outlive the engine. options may be NULL. Fails with
 * AQI_E_USAGE where the way named is none, is not for this forest, or not for
 * this processor: the reason says which are; AQI_E_MEMORY.
 */
struct aqi_engine *aqi_engine_new(const struct aqi_forest *forest,
				  const struct aqi_engine_options *options,
				  struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Make the layouts by which n_rows at once are evaluated best, where they are
 * not made yet. Several threads may ask at once. Fails without memory only.
 */
enum aqi_status aqi_engine_prepare(struct aqi_engine *engine, size_t n_rows,
				   struct aqi_error *err) AQI_MUST_CHECK;

/*
 * As aqi_forest_predict, by the fastest of the ways that are prepared.
 */
void aqi_engine_predict(const struct aqi_engine *engine, const double *x,
			size_t n_rows, double *margin);

/* The name of the way in which n_rows at once are evaluated when prepared. */
const char *aqi_engine_way(const struct aqi_engine *engine, size_t n_rows);

void aqi_engine_free(struct aqi_engine *engine);

#endif
