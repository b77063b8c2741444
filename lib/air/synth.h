/*
 * synth.h: made-up records, good and bad ones, that a seed repeats.
 *
 * A record has the base record's thirteen fields, in its order and units:
 * pm25, pm10 (ug/m3), no2, so2 (ppb), co (ppm), o3 (ppb), temperature (deg C),
 * humidity (%), wind_speed (m/s), pressure (hPa), hour, day_of_week, month.
 *
 * `uniform`: each field by itself, every printed value between two bounds as
 * likely as the others: pm25 0..200, pm10 0..300, no2 0..100, so2 0..50,
 * co 0..10, o3 0..150, temperature -10..40, humidity 20..95, wind_speed 0..20,
 * pressure 990..1030, hour 0..23, day_of_week 0..6, month 1..12.
 *
 * `realistic`: `station,time` before the fields; one record per station and
 * hour, of the weather that air/weather.h makes. Always within the ranges of
 * the prediction API, and pm10 is never below pm25.
 *
 * Record i of a seed is the same however many are asked for, at once or one by
 * one, as CSV or as NDJSON. Uniform records and all faults are the same on
 * every machine; realistic ones are computed with exp, log and cos and then
 * rounded to their printed decimals, so that a last bit that differs between
 * mathematical libraries comes to light about once in 10^12 values.
 *
 * With `invalid` a share of the records is replaced, half by ones at the edge
 * of what is valid, half by ones that are not: air/fault.h names them. The
 * others are what they are without it. The first record is always whole, since
 * the columns of an NDJSON stream are those of its first record.
 */
#ifndef AQI_AIR_SYNTH_H
#define AQI_AIR_SYNTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/time.h"
#include "base/error.h"
#include "record/format.h"

struct aqi_buffer;
struct aqi_synth;		/* one thread each */

enum aqi_synth_profile {
	AQI_SYNTH_UNIFORM,
	AQI_SYNTH_REALISTIC
};

#define AQI_SYNTH_MAX_STATIONS 9999

struct aqi_synth_options {
	uint64_t seed;
	enum aqi_synth_profile profile;
	enum aqi_syntax syntax;		/* CSV or NDJSON, not AUTO */
	double invalid;			/* share of the records, 0..1 */
	bool label;			/* `expect` and `fault` come first */
	size_t n_stations;		/* realistic: S01, S02, ... */
	struct aqi_time start;		/* realistic: of the first record */
};

/*
 * A new stream of records. NULL when there are too many stations or none
 * (AQI_E_USAGE), or without memory. The start is valid.
 */
struct aqi_synth *aqi_synth_new(const struct aqi_synth_options *options,
				struct aqi_error *err);

/* Add the header line of a CSV stream; nothing for NDJSON. */
void aqi_synth_header(const struct aqi_synth *synth, struct aqi_buffer *out);

/*
 * Add the next n records, a line each.
 *
 * ends  (n,), out: where each record ends in out; or NULL
 *
 * With labels, the first two columns (or keys) are `expect`, which is valid or
 * invalid, and `fault`, which is a fault's name or none: they come first so
 * that they can be told and cut off even where the rest of the line is broken.
 * Behind the last hour of the year 9999 time begins again at the start.
 */
void aqi_synth_next(struct aqi_synth *synth, size_t n, struct aqi_buffer *out,
		    size_t *ends);

void aqi_synth_free(struct aqi_synth *synth);

#endif
