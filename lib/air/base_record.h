/*
 * base_record.h: the record that every program knows.
 *
 * The base record is the request of the prediction API: six pollutants (pm25,
 * pm10 in ug/m3; no2, so2, o3 in ppb, co in ppm), four quantities of the
 * weather (temperature in deg C, humidity in %, wind_speed in m/s, pressure in
 * hPa), and three parts of the time (hour, day_of_week, month), whole numbers.
 */
#ifndef AQI_AIR_BASE_RECORD_H
#define AQI_AIR_BASE_RECORD_H

#include <stddef.h>

#include "base/slice.h"

#define AQI_N_BASE 13
#define AQI_N_POLLUTANTS 6	/* the first ones */
#define AQI_N_MEASURED 10	/* these and the weather; then the time */

/* (AQI_N_BASE,) the names, in order. */
extern const struct aqi_slice aqi_base_record[AQI_N_BASE];

/*
 * (*n,) the columns that hold numbers by their name: the base record and what
 * our own programs add.
 */
const struct aqi_slice *aqi_known_numbers(size_t *n);

#endif
