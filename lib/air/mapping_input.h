/* mapping_input.h: the key "input" of a mapping. Private to the mapping. */
#ifndef AQI_AIR_MAPPING_INPUT_H
#define AQI_AIR_MAPPING_INPUT_H

#include "air/keys.h"

/* Into a struct aqi_mapping_input of zeros. */
aqi_key_fn aqi_mapping_input_read;

#endif
