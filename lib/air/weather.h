/*
 * weather.h: made-up weather, and the air that stations measure in it.
 *
 * One weather for all stations, with seasons (of the northern middle
 * latitudes), days and slow waves; still air and episodes of two to six days
 * raise every pollutant, wind thins them, traffic makes NO2 and CO rise in the
 * rush hours of working days, sunshine makes ozone and NO2 eats it. The figures
 * are ours, chosen to look like a city in Europe, and no place's; no conclusion
 * about the world can be drawn from them.
 *
 * What is drawn comes from the generators handed in, always in the same order.
 */
#ifndef AQI_AIR_WEATHER_H
#define AQI_AIR_WEATHER_H

#include <stdint.h>

#include "base/random.h"

struct aqi_time;

/* Waves of the weather and of the air: each of mean 0 and variance 1. */
struct aqi_weather {
	struct aqi_random random;
	double still;		/* stagnant air, of some days */
	double warm, moist, breeze, high;
	double episode;		/* how far an episode has come, in ln units */
	uint64_t hours_left;	/* of the episode */
};

struct aqi_weather_station {
	struct aqi_random random;
	double dirt;		/* how much worse it is here, in ln units */
	double traffic;		/* 1 on average */
	double lower;		/* hPa, by its height */
	double own;		/* a wave of its own */
};

struct aqi_weather aqi_weather_new(struct aqi_random random);
struct aqi_weather_station aqi_weather_station_new(struct aqi_random random);

/* Go on by an hour. */
void aqi_weather_advance(struct aqi_weather *weather);
void aqi_weather_station_advance(struct aqi_weather_station *station);

/*
 * What a station measures in an hour, with noise of its own.
 *
 * time    a valid hour
 * values  (AQI_N_BASE,), out: the base record, neither rounded nor limited
 */
void aqi_weather_measure(const struct aqi_weather *weather,
			 struct aqi_weather_station *station,
			 const struct aqi_time *time, double *values);

#endif
