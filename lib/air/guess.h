/* guess.h: which source does a header look like? */
#ifndef AQI_AIR_GUESS_H
#define AQI_AIR_GUESS_H

#include "base/slice.h"

struct aqi_layout;

/*
 * The name of the mapping built in of which most columns are there, three at
 * least; {NULL, 0} when there is none like it. The name is valid for ever.
 * Loads every mapping: for messages, not for every run.
 */
struct aqi_slice aqi_guess_source(const struct aqi_layout *layout);

#endif
