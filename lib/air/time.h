/*
 * time.h: dates and hours of the civil calendar, and their texts.
 *
 * Gregorian in all years, without leap seconds, and without the C library's
 * time zones: an offset from UTC is what the data says. A value is the
 * caller's; any thread may call anything here.
 */
#ifndef AQI_AIR_TIME_H
#define AQI_AIR_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct aqi_time {
	int year;		/* 1..9999 */
	int month, day;		/* from 1 */
	int hour, minute, second;
	bool has_offset;
	int offset;		/* minutes east of UTC, with has_offset */
};

/* Is there such a day (30 February is none) and such a time of day? */
bool aqi_time_is_valid(const struct aqi_time *time);

/* Days since 1970-01-01; the date is valid. */
int64_t aqi_time_days(int year, int month, int day);

/* Monday is 0; the date is valid. */
int aqi_time_weekday(const struct aqi_time *time);

/* Seconds since 1970-01-01T00:00 UTC; without an offset, as if in UTC. */
int64_t aqi_time_seconds(const struct aqi_time *time);

/* Move by minutes, back if negative; the offset stays. */
void aqi_time_shift(struct aqi_time *time, int64_t minutes);

/*
 * 24:00 of a day becomes 0:00 of the next; every other time stays. False when
 * there is no such day.
 */
bool aqi_time_pass_midnight(struct aqi_time *time);

/* The same instant, told with another offset; time has one. */
void aqi_time_set_offset(struct aqi_time *time, int offset);

/*
 * Read YYYY-MM-DD, a `T` or a blank, hh:mm, then :ss or nothing, then `Z`,
 * +hh:mm, -hh:mm or nothing (ISO 8601-1:2019, extended format); the whole
 * text, blanks around it left out. A fraction of the second, as in ":00.000",
 * is dropped. False when it is anything else, or no valid time.
 */
bool aqi_time_read(struct aqi_slice text, struct aqi_time *time);

/* Read an offset alone: `Z`, or +hh:mm up to 14 hours either way. */
bool aqi_time_read_offset(struct aqi_slice text, int *minutes);

/*
 * Write 2013-03-01T00:00, with :ss where seconds are not 0, and +08:00 where
 * there is an offset. Returns the length.
 */
#define AQI_TIME_SIZE 40
size_t aqi_time_write(char out[AQI_TIME_SIZE], const struct aqi_time *time);

#endif
