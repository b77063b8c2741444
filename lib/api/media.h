/* media.h: is a body JSON, by its content type? Private to the library. */
#ifndef AQI_API_MEDIA_H
#define AQI_API_MEDIA_H

#include <stdbool.h>

#include "base/slice.h"

/* application/json or application/ANY+json, in any case and with parameters;
 * a body of no type, too. */
bool aqi_media_is_json(struct aqi_slice type);

#endif
