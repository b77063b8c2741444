/* mapping_time.h: the key "time" of a mapping. Private to the mapping. */
#ifndef AQI_AIR_MAPPING_TIME_H
#define AQI_AIR_MAPPING_TIME_H

#include "air/keys.h"

/* Into a struct aqi_mapping_time of zeros. */
aqi_key_fn aqi_mapping_time_read;

/* A date such as "2018-09-01" into an int: year * 10000 + month * 100 + day. */
aqi_key_fn aqi_mapping_time_read_day;

#endif
