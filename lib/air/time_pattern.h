/*
 * time_pattern.h: times in the form that a source writes them.
 *
 * A pattern is a text such as "DD/MM/YYYY hh:mm". These stand for digits, and
 * every other byte for itself:
 *
 *   YYYY        the year; YY, two digits of it: 69 to 99 are 1969 to 1999, 00
 *               to 68 are 2000 to 2068, as POSIX has it for strptime
 *   MM DD hh    month, day, hour in two digits; M D h in one or two
 *   mm ss       minute and second in two digits
 *   f           one digit or more of a second's fraction, which is dropped
 *
 * Any thread may call anything here.
 */
#ifndef AQI_AIR_TIME_PATTERN_H
#define AQI_AIR_TIME_PATTERN_H

#include <stdbool.h>

#include "base/slice.h"

struct aqi_time;

enum {
	AQI_TIME_DATE = 1,	/* a year, month and day, once each */
	AQI_TIME_CLOCK = 2	/* an hour, and what is below it */
};

/*
 * What a pattern has, as a sum of these; 0 when it is none: a part stands
 * twice, or a day without its year.
 */
int aqi_time_pattern_parts(struct aqi_slice pattern);

/*
 * Read a text, blanks around it left out, by a pattern. Parts that the pattern
 * has not stay as they are in time. False when the text has another form; the
 * values are not looked at (aqi_time_is_valid).
 */
bool aqi_time_pattern_read(struct aqi_slice pattern, struct aqi_slice text,
			   struct aqi_time *time);

#endif
