#include "air/weather.h"

#include <math.h>

#include "air/base_record.h"
#include "air/time.h"

enum {
	PM25, PM10, NO2, SO2, CO, O3, TEMPERATURE, HUMIDITY, WIND_SPEED,
	PRESSURE, HOUR, DAY_OF_WEEK, MONTH, N_FIELDS
};

_Static_assert(N_FIELDS == AQI_N_BASE, "these are the base record's");

/* One step of a wave; phi is how much of it is left after an hour. */
static double
wave(struct aqi_random *random, double x, double phi)
{
	return phi * x + sqrt(1 - phi * phi) * aqi_random_normal(random);
}

struct aqi_weather
aqi_weather_new(struct aqi_random random)
{
	struct aqi_weather w = {.random = random};

	w.still = aqi_random_normal(&w.random);
	w.warm = aqi_random_normal(&w.random);
	w.moist = aqi_random_normal(&w.random);
	w.breeze = aqi_random_normal(&w.random);
	w.high = aqi_random_normal(&w.random);
	return w;
}

/* About one episode in three weeks; it comes and goes within a day. */
static void
advance_episode(struct aqi_weather *w)
{
	double goal = w->hours_left ? 1.1 : 0;

	if (w->hours_left)
		w->hours_left--;
	else if (aqi_random_below(&w->random, 480) == 0)
		w->hours_left = 48 + aqi_random_below(&w->random, 97);
	w->episode += 0.08 * (goal - w->episode);
}

void
aqi_weather_advance(struct aqi_weather *w)
{
	w->still = wave(&w->random, w->still, 0.985);
	w->warm = wave(&w->random, w->warm, 0.98);
	w->moist = wave(&w->random, w->moist, 0.95);
	w->breeze = wave(&w->random, w->breeze, 0.93);
	w->high = wave(&w->random, w->high, 0.985);
	advance_episode(w);
}

struct aqi_weather_station
aqi_weather_station_new(struct aqi_random random)
{
	struct aqi_weather_station s = {.random = random};

	s.dirt = 0.2 * aqi_random_normal(&s.random);
	s.traffic = aqi_random_uniform(&s.random, 0.5, 1.5);
	s.lower = aqi_random_uniform(&s.random, 0, 12);
	s.own = aqi_random_normal(&s.random);
	return s;
}

void
aqi_weather_station_advance(struct aqi_weather_station *s)
{
	s->own = wave(&s->random, s->own, 0.9);
}

/* Traffic by the hour of a working day, its peak 1. */
static const double rush[24] = {
	0.15, 0.10, 0.08, 0.08, 0.12, 0.30, 0.65, 0.95,
	1.00, 0.75, 0.55, 0.50, 0.50, 0.50, 0.55, 0.65,
	0.85, 1.00, 0.95, 0.70, 0.50, 0.40, 0.30, 0.20,
};

/* 1 at the peak of a cycle, -1 half a cycle later. */
static double
cycle(double at, double peak, double length)
{
	return cos(2 * 3.14159265358979323846 * (at - peak) / length);
}

void
aqi_weather_measure(const struct aqi_weather *w, struct aqi_weather_station *s,
		    const struct aqi_time *time, double *values)
{
	struct aqi_random *random = &s->random;
	int day_of_week = aqi_time_weekday(time);
	int64_t day = aqi_time_days(time->year, time->month, time->day) -
		      aqi_time_days(time->year, 1, 1);
	double summer = cycle((double)day, 196, 365.25);
	double noon = cycle(time->hour, 15, 24);
	double sun = fmax(cycle(time->hour, 13, 24), 0) * (0.6 + 0.4 * summer);
	double cars = rush[time->hour] * s->traffic *
		      (day_of_week < 5 ? 1 : 0.6);
	double blow = 0.45 * w->breeze + 0.2 * noon - 0.35 * w->episode +
		      0.2 * aqi_random_normal(random);
	double stale = 0.55 * w->still + w->episode + s->dirt + 0.2 * s->own -
		       0.5 * blow - 0.2 * summer;
	double pm25 = 9 * exp(stale);
	double no2 = 12 * exp(0.6 * stale) * (0.55 + 0.9 * cars);

	values[PM25] = pm25;
	values[PM10] = pm25 + 7 * exp(0.2 * w->still + 0.3 * blow +
				      0.6 * aqi_random_normal(random));
	values[NO2] = no2;
	values[SO2] = 2.5 * exp(0.5 * stale + 0.3 * aqi_random_normal(random));
	values[CO] = 0.3 * exp(0.6 * stale) * (0.7 + 0.6 * cars);
	values[O3] = fmax(26 + 45 * sun + 3 * w->warm - 0.55 * no2 +
			  3 * aqi_random_normal(random), 0.5);
	values[TEMPERATURE] = 12 + 10 * summer + 4 * noon + 3 * w->warm +
			      0.4 * aqi_random_normal(random);
	values[HUMIDITY] = 68 - 14 * noon - 6 * summer - 5 * w->warm +
			   8 * w->moist + aqi_random_normal(random);
	values[WIND_SPEED] = 3 * exp(blow);
	values[PRESSURE] = 1015 + 8 * w->high + 4 * w->episode - s->lower;
	values[HOUR] = time->hour;
	values[DAY_OF_WEEK] = day_of_week;
	values[MONTH] = time->month;
}
