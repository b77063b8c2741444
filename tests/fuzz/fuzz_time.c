/*
 * Times against a list of the shapes that a text may have, and the calendar of
 * the C library. Where the text has a line end, what stands before it is a
 * pattern for what stands behind.
 */
#include <time.h>

#include "air/time.h"
#include "air/time_pattern.h"
#include "fuzz.h"

/* d: a digit, T: it or a blank, s: a sign; others stand for themselves. */
static const char *const shapes[] = {
	"dddd-dd-ddTdd:dd", "dddd-dd-ddTdd:ddZ", "dddd-dd-ddTdd:ddsdd:dd",
	"dddd-dd-ddTdd:dd:dd", "dddd-dd-ddTdd:dd:ddZ",
	"dddd-dd-ddTdd:dd:ddsdd:dd",
};

static bool
has_shape(struct aqi_slice text, const char *shape)
{
	if (text.size != strlen(shape))
		return false;
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i], s = shape[i];

		if (s == 'd' ? c < '0' || c > '9' :
		    s == 'T' ? c != 'T' && c != ' ' :
		    s == 's' ? c != '+' && c != '-' : c != s)
			return false;
	}
	return true;
}

static int
number(const char *p, int digits)
{
	int x = 0;

	while (digits-- > 0)
		x = x * 10 + *p++ - '0';
	return x;
}

/* Is there such a date? timegm changes what there is not. */
static bool
to_tm(struct aqi_slice text, bool has_seconds, struct tm *tm, time_t *instant)
{
	const char *p = text.data;
	struct tm there;

	*tm = (struct tm){
		.tm_year = number(p, 4) - 1900, .tm_mon = number(p + 5, 2) - 1,
		.tm_mday = number(p + 8, 2), .tm_hour = number(p + 11, 2),
		.tm_min = number(p + 14, 2),
		.tm_sec = has_seconds ? number(p + 17, 2) : 0,
	};
	there = *tm;
	*instant = timegm(&there);
	return there.tm_mon == tm->tm_mon && there.tm_mday == tm->tm_mday &&
	       there.tm_hour == tm->tm_hour && there.tm_min == tm->tm_min &&
	       there.tm_sec == tm->tm_sec && tm->tm_year > -1900;
}

/* A text with ":ss.digits" as one without these digits. */
static struct aqi_slice
without_fraction(struct aqi_slice text, char *out, size_t size)
{
	size_t n = 20, kept;

	if (text.size < 21 || text.data[16] != ':' || text.data[19] != '.')
		return text;
	while (n < text.size && text.data[n] >= '0' && text.data[n] <= '9')
		n++;
	kept = text.size - n;
	if (n == 20 || 19 + kept > size)
		return text;
	memcpy(out, text.data, 19);
	memcpy(out + 19, text.data + n, kept);
	return (struct aqi_slice){out, 19 + kept};
}

/* What the text says, or false. */
static bool
naive_read(struct aqi_slice text, struct aqi_time *time, time_t *instant)
{
	char whole[64];
	size_t k = 0;
	struct tm tm;
	const char *end;

	text = without_fraction(aqi_slice_trim(text), whole, sizeof whole);
	while (k < 6 && !has_shape(text, shapes[k]))
		k++;
	if (k == 6 || !to_tm(text, k >= 3, &tm, instant))
		return false;
	end = text.data + text.size;
	*time = (struct aqi_time){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
				  tm.tm_hour, tm.tm_min, tm.tm_sec,
				  k % 3 > 0, 0};
	if (k % 3 == 2) {
		time->offset = number(end - 5, 2) * 60 + number(end - 2, 2);
		if (number(end - 2, 2) > 59 || time->offset > 14 * 60)
			return false;
		if (end[-6] == '-')
			time->offset = -time->offset;
	}
	return true;
}

static bool
same(const struct aqi_time *a, const struct aqi_time *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day &&
	       a->hour == b->hour && a->minute == b->minute &&
	       a->second == b->second && a->has_offset == b->has_offset &&
	       a->offset == b->offset;
}

static void
check_calendar(struct aqi_time time, time_t instant, int64_t minutes)
{
	time_t moved = instant + minutes * 60;
	struct tm tm;
	struct aqi_time there = time;

	CHECK(gmtime_r(&instant, &tm));
	CHECK(aqi_time_weekday(&time) == (tm.tm_wday + 6) % 7);
	CHECK(aqi_time_days(time.year, time.month, time.day) * 86400 +
	      time.hour * 3600 + time.minute * 60 + time.second == instant);
	CHECK(gmtime_r(&moved, &tm));
	if (tm.tm_year + 1900 < 1 || tm.tm_year + 1900 > 9999)
		return;
	aqi_time_shift(&there, minutes);
	CHECK(aqi_time_is_valid(&there));
	CHECK(there.year == tm.tm_year + 1900 && there.month == tm.tm_mon + 1 &&
	      there.day == tm.tm_mday && there.hour == tm.tm_hour &&
	      there.minute == tm.tm_min && there.second == tm.tm_sec);
	aqi_time_shift(&there, -minutes);
	CHECK(same(&there, &time));
}

static void
check_text(struct aqi_slice text)
{
	struct aqi_time time, wanted, back;
	time_t instant = 0;
	char out[AQI_TIME_SIZE], again[AQI_TIME_SIZE];
	bool is_time = naive_read(text, &wanted, &instant);
	size_t n;

	CHECK(aqi_time_read(text, &time) == is_time);
	if (!is_time)
		return;
	CHECK(same(&time, &wanted) && aqi_time_is_valid(&time));
	n = aqi_time_write(out, &time);
	CHECK(aqi_time_read((struct aqi_slice){out, n}, &back));
	CHECK(same(&time, &back) && aqi_time_write(again, &back) == n);
	CHECK(memcmp(out, again, n) == 0);
	check_calendar(time, instant, 0);
	check_calendar(time, instant, (int64_t)(instant % 20000003) - 10000001);
}

static void
check_pattern(struct aqi_slice pattern, struct aqi_slice text)
{
	struct aqi_time time = {0}, back;
	bool is_read;

	if (!aqi_time_pattern_parts(pattern))
		return;
	is_read = aqi_time_pattern_read(pattern, text, &time);
	CHECK(!time.has_offset);
	if (is_read && aqi_time_pass_midnight(&time))
		CHECK(time.hour != 24 || time.minute || time.second);
	is_read = is_read && aqi_time_is_valid(&time);
	/* A whole time by the pattern that says what it is. */
	if (!aqi_slice_is(pattern, "YYYY-MM-DDThh:mm"))
		return;
	text = aqi_slice_trim(text);
	CHECK(is_read == (has_shape(text, shapes[0]) && text.data[10] == 'T' &&
			  aqi_time_read(text, &back)));
	CHECK(!is_read || same(&time, &back));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;

	check_text(input_slice(data, size));
	if (end)
		check_pattern(input_slice(data, (size_t)(end - data)),
			      input_slice(end + 1, (size_t)(data + size - end) -
							   1));
	return 0;
}
