/*
 * ways.h: the tables of what an engine chooses among (model/way.h). Private.
 */
#ifndef AQI_MODEL_WAYS_H
#define AQI_MODEL_WAYS_H

#include "model/way.h"

enum { AQI_METHODS = 3, AQI_WAYS = 10 };

extern const struct aqi_method aqi_methods[AQI_METHODS];

/* The first is the scalar, which needs nothing. */
extern const struct aqi_way aqi_ways[AQI_WAYS];

#endif
