#include "air/time.h"

#include <time.h>

#include "air/time_pattern.h"
#include "tap.h"

static bool
writes(const char *text, const char *expected)
{
	char out[AQI_TIME_SIZE];
	struct aqi_time time;
	size_t n;

	if (!aqi_time_read(aqi_slice_of(text), &time))
		return false;
	n = aqi_time_write(out, &time);
	return aqi_slice_is((struct aqi_slice){out, n}, expected);
}

/* Shift a time by minutes and compare its text. */
static bool
shifts(const char *text, int64_t minutes, const char *expected)
{
	char out[AQI_TIME_SIZE];
	struct aqi_time time;

	if (!aqi_time_read(aqi_slice_of(text), &time))
		return false;
	aqi_time_shift(&time, minutes);
	return aqi_slice_is((struct aqi_slice){out, aqi_time_write(out, &time)},
			    expected);
}

static int64_t
seconds(const char *text)
{
	struct aqi_time time;

	return aqi_time_read(aqi_slice_of(text), &time) ?
		       aqi_time_seconds(&time) : INT64_MIN;
}

static int
weekday(int year, int month, int day)
{
	struct aqi_time time = {.year = year, .month = month, .day = day};

	return aqi_time_weekday(&time);
}

static void
test_calendar(void)
{
	enum {MON, TUE, WED, THU, FRI, SAT, SUN};

	/* Known from history and from printed calendars. */
	ok(weekday(1970, 1, 1) == THU, "1970-01-01 was a Thursday");
	ok(weekday(2000, 2, 29) == TUE, "2000-02-29 was a Tuesday");
	ok(weekday(2013, 3, 1) == FRI, "2013-03-01 was a Friday");
	ok(weekday(1969, 7, 20) == SUN, "men landed on the moon on a Sunday");
	ok(weekday(1582, 10, 15) == FRI,
	   "the Gregorian calendar began on a Friday");
	ok(aqi_time_days(1970, 1, 1) == 0 && aqi_time_days(2000, 1, 1) == 10957,
	   "2000-01-01 is 10957 days after 1970-01-01");
	ok(seconds("2000-01-01T05:30:07+05:30") == 10957 * 86400 + 7 &&
	   seconds("2000-01-01T00:00") == 10957 * 86400 &&
	   seconds("1969-12-31T19:59-04:00") == -60,
	   "seconds are counted in UTC, from the beginning of 1970");
}

/* The C library as the independent reader, in UTC, day by day. */
static void
test_against_library(void)
{
	int64_t first = aqi_time_days(1600, 1, 1), days = 0, wrong = 0;
	struct aqi_time walk = {.year = 1600, .month = 1, .day = 1};

	for (int64_t day = first; walk.year <= 2400; day++, days++) {
		time_t seconds = (time_t)(day * 86400);
		struct tm tm;

		gmtime_r(&seconds, &tm);
		wrong += aqi_time_days(tm.tm_year + 1900, tm.tm_mon + 1,
				       tm.tm_mday) != day;
		wrong += walk.year != tm.tm_year + 1900 ||
			 walk.month != tm.tm_mon + 1 ||
			 walk.day != tm.tm_mday;
		wrong += (aqi_time_weekday(&walk) + 1) % 7 != tm.tm_wday;
		wrong += !aqi_time_is_valid(&walk);
		aqi_time_shift(&walk, 1440);
	}
	ok(wrong == 0 && days == 801 * 365 + 195,
	   "all days of 1600 to 2400 are as the C library has them");
}

static void
test_texts(void)
{
	static const char *const refused[] = {
		"", "2013-03-01", "2013-03-01T", "2013-03-01T00",
		"2013-02-29T00:00", "1900-02-29T00:00", "2013-02-30T00:00",
		"2013-04-31T00:00", "2013-00-01T00:00", "2013-13-01T00:00",
		"2013-01-00T00:00", "2013-01-32T00:00", "0000-01-01T00:00",
		"2013-03-01T24:00", "2013-03-01T23:60", "2013-03-01T23:59:60",
		"2013-03-01t00:00", "2013-03-01  00:00", "13-03-01T00:00",
		"2013-3-1T00:00", "2013/03/01T00:00", "2013-03-01T0:00",
		"2013-03-01T00:00z", "2013-03-01T00:00Z ?",
		"2013-03-01T00:00+8:00", "2013-03-01T00:00+0800",
		"2013-03-01T00:00+14:01", "2013-03-01T00:00+08:60",
		"2013-03-01T00:00+08:00Z", "2013-03-01T00:00:",
		"2013-03-01T00:00 +08:00", "+013-03-01T00:00",
		"2013-03-01T00:00:00.", "2013-03-01T00:00.5", "x2013-03-01T00:00",
	};
	struct aqi_time time;

	ok(writes("2013-03-01T00:00+08:00", "2013-03-01T00:00+08:00"),
	   "a time with an offset comes back");
	ok(writes("2013-03-01 07:05", "2013-03-01T07:05"),
	   "a blank stands for the T");
	ok(writes("2013-03-01T07:05:00", "2013-03-01T07:05") &&
	   writes("2013-03-01T07:05:09", "2013-03-01T07:05:09"),
	   "seconds are written where there are some");
	ok(writes("2013-03-01T07:05Z", "2013-03-01T07:05+00:00"),
	   "Z is an offset of zero");
	ok(writes("2013-03-01T07:05-03:30", "2013-03-01T07:05-03:30"),
	   "offsets go west too");
	ok(writes("2013-03-01T07:05:09.000", "2013-03-01T07:05:09") &&
	   writes("2013-03-01T07:05:00.999999999Z",
		  "2013-03-01T07:05+00:00") &&
	   writes("2013-03-01 07:05:00.5-03:30", "2013-03-01T07:05-03:30"),
	   "a fraction of the second is dropped");
	ok(writes(" 2012-02-29T00:00\t", "2012-02-29T00:00") &&
	   writes("2000-02-29T00:00", "2000-02-29T00:00"),
	   "leap days are days");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		ok(!aqi_time_read(aqi_slice_of(refused[i]), &time),
		   "\"%s\" is no time", refused[i]);
	ok(!aqi_time_read((struct aqi_slice){"2013-03-01T00:00\0", 17}, &time),
	   "a NUL at the end is not overlooked");
}

static void
test_shifts(void)
{
	struct aqi_time time;
	char out[AQI_TIME_SIZE];

	ok(shifts("2016-03-01T00:00+08:00", -60, "2016-02-29T23:00+08:00"),
	   "an hour before March of a leap year is 29 February");
	ok(shifts("2013-01-01T00:00", -60, "2012-12-31T23:00"),
	   "an hour before a year is in the one before");
	ok(shifts("2013-06-05T04:03:02", 60, "2013-06-05T05:03:02"),
	   "minutes and seconds stay");
	ok(aqi_time_read(aqi_slice_of("2024-01-01T20:15Z"), &time),
	   "a time in UTC is read");
	aqi_time_set_offset(&time, 330);
	ok(aqi_slice_is((struct aqi_slice){out, aqi_time_write(out, &time)},
			"2024-01-02T01:45+05:30"),
	   "it is 5:30 hours later in India");
}

static bool
reads_as(const char *text, const char *pattern, const char *expected)
{
	char out[AQI_TIME_SIZE];
	struct aqi_time time = {0};

	if (!aqi_time_pattern_read(aqi_slice_of(pattern), aqi_slice_of(text),
				   &time) ||
	    !aqi_time_pass_midnight(&time) || !aqi_time_is_valid(&time))
		return !*expected;
	return aqi_slice_is((struct aqi_slice){out, aqi_time_write(out, &time)},
			    expected);
}

static void
test_patterns(void)
{
	static const char *const cases[][3] = {
		{"31/12/2020 23:00", "DD/MM/YYYY hh:mm", "2020-12-31T23:00"},
		{"2020123123", "YYYYMMDDhh", "2020-12-31T23:00"},
		{"2020-12-31 23:00:00", "YYYY-MM-DD hh:mm:ss",
		 "2020-12-31T23:00"},
		{"10/3/2004 7:05", "D/M/YYYY h:mm", "2004-03-10T07:05"},
		{"10/12/2004 17:05", "D/M/YYYY h:mm", "2004-12-10T17:05"},
		{"04/08/24 18", "MM/DD/YY hh", "2024-04-08T18:00"},
		{"01/01/68 00", "MM/DD/YY hh", "2068-01-01T00:00"},
		{"01/01/69 00", "MM/DD/YY hh", "1969-01-01T00:00"},
		{"2004-03-10 18.00.30", "YYYY-MM-DD hh.mm.ss",
		 "2004-03-10T18:00:30"},
		{"2023/01/23 07:00:00.000000001", "YYYY/MM/DD hh:mm:ss.f",
		 "2023-01-23T07:00"},
		{"  2020-01-01 00  ", "YYYY-MM-DD hh", "2020-01-01T00:00"},
		{"2020-12-31 24:00", "YYYY-MM-DD hh:mm", "2021-01-01T00:00"},
		/* None of these is a time. */
		{"2020-12-31 24:01", "YYYY-MM-DD hh:mm", ""},
		{"2020-02-30 24:00", "YYYY-MM-DD hh:mm", ""},
		{"2020-12-31 23:00", "YYYY-MM-DD hh:mm:ss", ""},
		{"2020-12-31 23:00:00 AM", "YYYY-MM-DD hh:mm:ss", ""},
		{"2021-02-29 23:00:00", "YYYY-MM-DD hh:mm:ss", ""},
		{"1/3/2004 7", "DD/MM/YYYY h", ""},
		{"100/3/2004 7", "D/M/YYYY h", ""},
		{"2023/01/23 07:00:00.", "YYYY/MM/DD hh:mm:ss.f", ""},
		{"2023/01/23 07:00:00", "YYYY/MM/DD hh:mm:ss.f", ""},
		{"", "YYYY-MM-DD hh", ""},
	};
	static const struct {
		const char *pattern;
		int parts;
	} kinds[] = {
		{"YYYY-MM-DDThh", AQI_TIME_DATE | AQI_TIME_CLOCK},
		{"D.M.YY h:mm:ss.f", AQI_TIME_DATE | AQI_TIME_CLOCK},
		{"YYYYMMDD", AQI_TIME_DATE}, {"hh.mm", AQI_TIME_CLOCK},
		{"h", AQI_TIME_CLOCK}, {"", 0}, {"YYYY-MM", 0}, {"mm", 0},
		{"YYYY-MM-DD hh hh", 0}, {"YYYY-MM-DD D", 0},
		{"YYYY-MM-DD mm", 0}, {"f", 0}, {"?", 0},
	};
	struct aqi_time time = {.year = 2020, .month = 2, .day = 3};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ok(reads_as(cases[i][0], cases[i][1], cases[i][2]),
		   "\"%s\" as in %s is %s", cases[i][0], cases[i][1],
		   *cases[i][2] ? cases[i][2] : "none");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		ok(aqi_time_pattern_parts(aqi_slice_of(kinds[i].pattern)) ==
		   kinds[i].parts, "the parts of \"%s\"", kinds[i].pattern);
	ok(aqi_time_pattern_read(aqi_slice_of("hh:mm"), aqi_slice_of("07:15"),
				 &time) &&
	   time.year == 2020 && time.day == 3 && time.minute == 15,
	   "parts that a pattern has not stay");
}

/* Of each month the last day, and none behind it. Source: the rule of Gregory
 * XIII, as ISO 8601-1:2019 has it. */
static void
test_days(void)
{
	static const int days[2][12] = {
		{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31},
		{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31},
	};
	static const int years[][2] = {
		{2023, 0}, {2024, 1}, {1900, 0}, {2000, 1},
	};
	size_t n_right = 0;

	for (size_t i = 0; i < 4; i++)
		for (int month = 1; month <= 12; month++) {
			struct aqi_time time = {
				.year = years[i][0], .month = month,
				.day = days[years[i][1]][month - 1],
			};
			const bool is_last = aqi_time_is_valid(&time);

			time.day++;
			n_right += is_last && !aqi_time_is_valid(&time);
		}
	ok(n_right == 48, "each month has its days, and no more");
}

int
main(void)
{
	test_calendar();
	test_days();
	test_against_library();
	test_texts();
	test_shifts();
	test_patterns();
	return done();
}
