/*
 * guard.h: what sinks tell, so that a signal leaves none of their files half
 * written behind. Private to cli: cli.h has what is to be called.
 */
#ifndef AQI_CLI_GUARD_H
#define AQI_CLI_GUARD_H

#include "record/sink.h"

extern const struct aqi_sink_guard aqi_guard;

#endif
