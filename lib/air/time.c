#include "air/time.h"

#define MINUTES_A_DAY 1440
#define MAX_OFFSET (14 * 60)	/* of Kiribati, the largest in use */

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

static bool
within(int x, int from, int to)
{
	return x >= from && x <= to;
}

bool
aqi_time_is_valid(const struct aqi_time *time)
{
	return within(time->year, 1, 9999) && within(time->month, 1, 12) &&
	       within(time->day, 1, days_of_month(time->year, time->month)) &&
	       within(time->hour, 0, 23) && within(time->minute, 0, 59) &&
	       within(time->second, 0, 59);
}

/*
 * Years are counted from March, so that the leap day is a year's last and the
 * months from March on begin at day (153 m + 2) / 5 of it. The calendar
 * repeats after 400 years, which are 146097 days; year 0 begins 719468 days
 * before 1970.
 */
int64_t
aqi_time_days(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = (month + 9) % 12;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       (153 * m + 2) / 5 + day - 1 - 719468;
}

/* The way back: the year first, with the leap days so far taken out. */
static void
set_date(struct aqi_time *time, int64_t days)
{
	int64_t since = days + 719468;
	int64_t era = (since >= 0 ? since : since - 146096) / 146097;
	int64_t of_era = since - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
			of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t m = (5 * of_year + 2) / 153;

	time->day = (int)(of_year - (153 * m + 2) / 5 + 1);
	time->month = (int)(m < 10 ? m + 3 : m - 9);
	time->year = (int)(year + era * 400 + (m >= 10));
}

int
aqi_time_weekday(const struct aqi_time *time)
{
	/* 1970-01-01 was a Thursday, which is 3. */
	int64_t day = aqi_time_days(time->year, time->month, time->day) + 3;

	return (int)(((day % 7) + 7) % 7);
}

int64_t
aqi_time_seconds(const struct aqi_time *time)
{
	int64_t minutes = aqi_time_days(time->year, time->month, time->day) *
			  1440 + time->hour * 60 + time->minute;

	if (time->has_offset)
		minutes -= time->offset;
	return minutes * 60 + time->second;
}

void
aqi_time_shift(struct aqi_time *time, int64_t minutes)
{
	const int64_t same_day = time->hour * 60 + time->minute + minutes;
	int64_t all, of_day;

	/* Mostly: it spares the calendar. */
	if (same_day >= 0 && same_day < MINUTES_A_DAY) {
		time->hour = (int)(same_day / 60);
		time->minute = (int)(same_day % 60);
		return;
	}
	all = aqi_time_days(time->year, time->month, time->day) *
		      MINUTES_A_DAY + same_day;
	of_day = (all % MINUTES_A_DAY + MINUTES_A_DAY) % MINUTES_A_DAY;
	set_date(time, (all - of_day) / MINUTES_A_DAY);
	time->hour = (int)(of_day / 60);
	time->minute = (int)(of_day % 60);
}

bool
aqi_time_pass_midnight(struct aqi_time *time)
{
	struct aqi_time day = *time;

	if (time->hour != 24 || time->minute != 0 || time->second != 0)
		return true;
	day.hour = 0;
	if (!aqi_time_is_valid(&day))
		return false;
	aqi_time_shift(&day, MINUTES_A_DAY);
	*time = day;
	return true;
}

void
aqi_time_set_offset(struct aqi_time *time, int offset)
{
	aqi_time_shift(time, offset - time->offset);
	time->offset = offset;
}

/* Take n digits off the front of the text. */
static bool
take_digits(struct aqi_slice *text, size_t n, int *x)
{
	if (text->size < n)
		return false;
	*x = 0;
	for (size_t i = 0; i < n; i++) {
		char c = text->data[i];

		if (c < '0' || c > '9')
			return false;
		*x = *x * 10 + (c - '0');
	}
	text->data += n;
	text->size -= n;
	return true;
}

static bool
take_byte(struct aqi_slice *text, char byte)
{
	if (text->size == 0 || *text->data != byte)
		return false;
	text->data++;
	text->size--;
	return true;
}

bool
aqi_time_read_offset(struct aqi_slice text, int *minutes)
{
	int hour, minute;
	bool is_west;

	*minutes = 0;
	if (take_byte(&text, 'Z'))
		return text.size == 0;
	is_west = take_byte(&text, '-');
	if (!is_west && !take_byte(&text, '+'))
		return false;
	if (!take_digits(&text, 2, &hour) || !take_byte(&text, ':') ||
	    !take_digits(&text, 2, &minute) || text.size > 0 || minute > 59)
		return false;
	*minutes = hour * 60 + minute;
	if (*minutes > MAX_OFFSET)
		return false;
	if (is_west)
		*minutes = -*minutes;
	return true;
}

/* Seconds, and their fraction if there is one: it is dropped. */
static bool
take_seconds(struct aqi_slice *text, int *seconds)
{
	int digit;

	if (!take_digits(text, 2, seconds))
		return false;
	if (!take_byte(text, '.'))
		return true;
	if (!take_digits(text, 1, &digit))
		return false;
	while (take_digits(text, 1, &digit))
		continue;
	return true;
}

bool
aqi_time_read(struct aqi_slice text, struct aqi_time *time)
{
	*time = (struct aqi_time){0};
	text = aqi_slice_trim(text);
	if (!take_digits(&text, 4, &time->year) || !take_byte(&text, '-') ||
	    !take_digits(&text, 2, &time->month) || !take_byte(&text, '-') ||
	    !take_digits(&text, 2, &time->day))
		return false;
	if (!take_byte(&text, 'T') && !take_byte(&text, ' '))
		return false;
	if (!take_digits(&text, 2, &time->hour) || !take_byte(&text, ':') ||
	    !take_digits(&text, 2, &time->minute))
		return false;
	if (take_byte(&text, ':') && !take_seconds(&text, &time->second))
		return false;
	time->has_offset = text.size > 0;
	if (time->has_offset && !aqi_time_read_offset(text, &time->offset))
		return false;
	return aqi_time_is_valid(time);
}

/* Write x with so many digits, and a byte before it unless that is NUL. */
static char *
put(char *out, char before, int x, int digits)
{
	if (before)
		*out++ = before;
	for (int i = digits - 1; i >= 0; i--) {
		out[i] = (char)('0' + x % 10);
		x /= 10;
	}
	return out + digits;
}

size_t
aqi_time_write(char out[AQI_TIME_SIZE], const struct aqi_time *time)
{
	char *end = out;

	end = put(end, '\0', time->year, 4);
	end = put(end, '-', time->month, 2);
	end = put(end, '-', time->day, 2);
	end = put(end, 'T', time->hour, 2);
	end = put(end, ':', time->minute, 2);
	if (time->second)
		end = put(end, ':', time->second, 2);
	if (time->has_offset) {
		int size = time->offset < 0 ? -time->offset : time->offset;

		end = put(end, time->offset < 0 ? '-' : '+', size / 60, 2);
		end = put(end, ':', size % 60, 2);
	}
	return (size_t)(end - out);
}
