#include "air/time_pattern.h"

#include "air/time.h"

enum unit {YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, FRACTION, N_UNITS};

/* A part of a pattern; `at` is where it stands in the struct. */
struct part {
	const char *letters;
	enum unit unit;
	size_t at;
	size_t least, most;	/* digits */
};

/* The longer letters first: each is looked for in this order. */
#define AT(member) offsetof(struct aqi_time, member)
static const struct part parts[] = {
	{"YYYY", YEAR, AT(year), 4, 4},
	{"YY", YEAR, AT(year), 2, 2},
	{"MM", MONTH, AT(month), 2, 2},
	{"M", MONTH, AT(month), 1, 2},
	{"DD", DAY, AT(day), 2, 2},
	{"D", DAY, AT(day), 1, 2},
	{"hh", HOUR, AT(hour), 2, 2},
	{"h", HOUR, AT(hour), 1, 2},
	{"mm", MINUTE, AT(minute), 2, 2},
	{"ss", SECOND, AT(second), 2, 2},
	{"f", FRACTION, 0, 1, (size_t)-1},
};
#undef AT
#define N_PARTS (sizeof parts / sizeof *parts)

/* The part that begins the pattern, taken off it; NULL if a byte does. */
static const struct part *
take_part(struct aqi_slice *pattern)
{
	for (size_t i = 0; i < N_PARTS; i++) {
		size_t n = strlen(parts[i].letters);

		if (pattern->size < n ||
		    memcmp(pattern->data, parts[i].letters, n) != 0)
			continue;
		pattern->data += n;
		pattern->size -= n;
		return &parts[i];
	}
	pattern->data++;
	pattern->size--;
	return NULL;
}

int
aqi_time_pattern_parts(struct aqi_slice pattern)
{
	int count[N_UNITS] = {0}, n_date, n_below;

	while (pattern.size > 0) {
		const struct part *part = take_part(&pattern);

		if (part && ++count[part->unit] > 1)
			return 0;
	}
	n_date = count[YEAR] + count[MONTH] + count[DAY];
	n_below = count[MINUTE] + count[SECOND] + count[FRACTION];
	if ((n_date != 0 && n_date != 3) || (n_below > 0 && !count[HOUR]))
		return 0;
	return (n_date ? AQI_TIME_DATE : 0) |
	       (count[HOUR] ? AQI_TIME_CLOCK : 0);
}

/* Take the digits of a part off the text. */
static bool
take_digits(struct aqi_slice *text, const struct part *part, int *x)
{
	size_t n = 0;

	*x = 0;
	while (n < part->most && n < text->size && text->data[n] >= '0' &&
	       text->data[n] <= '9') {
		if (part->unit != FRACTION)
			*x = *x * 10 + (text->data[n] - '0');
		n++;
	}
	text->data += n;
	text->size -= n;
	return n >= part->least;
}

static void
set(struct aqi_time *time, const struct part *part, int x)
{
	if (part->unit == FRACTION)
		return;
	if (part->unit == YEAR && part->most == 2)
		x += x < 69 ? 2000 : 1900;
	*(int *)(void *)((char *)time + part->at) = x;
}

bool
aqi_time_pattern_read(struct aqi_slice pattern, struct aqi_slice text,
		      struct aqi_time *time)
{
	text = aqi_slice_trim(text);
	while (pattern.size > 0) {
		char byte = *pattern.data;
		const struct part *part = take_part(&pattern);
		int x;

		if (part) {
			if (!take_digits(&text, part, &x))
				return false;
			set(time, part, x);
			continue;
		}
		if (text.size == 0 || *text.data != byte)
			return false;
		text.data++;
		text.size--;
	}
	return text.size == 0;
}
