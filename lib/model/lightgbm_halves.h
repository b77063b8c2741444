/*
 * lightgbm_halves.h: a LightGBM text model of a file, read by two threads, each
 * with a window of its own. Private: for lightgbm_forest.c.
 *
 * Each tree says in its second line how many leaves it has, and the header
 * tells where that is: a look at each of the first half, and it is known where
 * in the forest the nodes of the second will be. Both threads write there, and
 * nothing has to be joined.
 */
#ifndef AQI_MODEL_LIGHTGBM_HALVES_H
#define AQI_MODEL_LIGHTGBM_HALVES_H

struct aqi_forest;
struct aqi_lightgbm_source;

/*
 * As aqi_lightgbm_forest_read of a source with a window. NULL where something
 * is wrong, or a tree is none of lightgbm_plain.h: one thread may be able to
 * read it, from the start.
 */
struct aqi_forest *
aqi_lightgbm_halves_read(const struct aqi_lightgbm_source *source);

#endif
