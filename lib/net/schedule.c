#include "net/schedule.h"

#include <math.h>
#include <stdlib.h>

#include "base/duration.h"

#define MAX_RATE 1e7

static bool
read_rate(struct aqi_slice text, double *rate)
{
	char digits[32], *end;

	/* strtod takes more than numbers: signs, blanks, names, hexadecimal. */
	if (text.size == 0 || text.size >= sizeof digits ||
	    strspn(text.data, "0123456789.") < text.size)
		return false;
	memcpy(digits, text.data, text.size);
	digits[text.size] = '\0';
	*rate = strtod(digits, &end);
	return *end == '\0' && end > digits && *rate <= MAX_RATE;
}

/* What stands before a mark; the text goes on behind it. */
static bool
cut(struct aqi_slice *text, const char *mark, struct aqi_slice *before)
{
	size_t n = strlen(mark);
	const char *at = memmem(text->data, text->size, mark, n);

	if (!at)
		return false;
	*before = (struct aqi_slice){text->data, (size_t)(at - text->data)};
	text->size -= before->size + n;
	text->data = at + n;
	return true;
}

static bool
read_stage(struct aqi_slice text, struct aqi_stage *stage)
{
	struct aqi_slice rates = text, from;
	uint64_t ns;

	stage->seconds = INFINITY;
	if (cut(&text, ":", &rates)) {
		if (!aqi_duration_read(text, &ns) || ns == 0)
			return false;
		stage->seconds = (double)ns / 1e9;
	}
	if (cut(&rates, "..", &from))
		return read_rate(from, &stage->from) &&
		       read_rate(rates, &stage->to) &&
		       isfinite(stage->seconds);
	if (!read_rate(rates, &stage->from))
		return false;
	stage->to = stage->from;
	return true;
}

enum aqi_status
aqi_schedule_read(struct aqi_schedule *schedule, struct aqi_slice text,
		  struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_slice part;
	bool is_last, rises = false;

	*schedule = (struct aqi_schedule){0};
	do {
		struct aqi_stage *stage =
			&schedule->stages[schedule->n_stages];

		if (schedule->n_stages == AQI_STAGES)
			return aqi_error_set(err, AQI_E_USAGE,
					     "there are at most %d stages",
					     AQI_STAGES);
		is_last = !cut(&text, ",", &part);
		if (is_last)
			part = text;
		if (!read_stage(part, stage) ||
		    (isinf(stage->seconds) && (!is_last || stage->to == 0)))
			return aqi_error_set(
				err, AQI_E_USAGE, "a stage is RATE:DURATION or "
				"FROM..TO:DURATION in requests a second, such "
				"as 100:30s, and only the last, of a rate "
				"above 0, may lack its duration; not %s",
				aqi_error_quote(quoted, part));
		rises = rises || stage->from > 0 || stage->to > 0;
		schedule->n_stages++;
	} while (!is_last);
	if (!rises)
		return aqi_error_set(err, AQI_E_USAGE,
				     "rates of 0 alone send nothing");
	return AQI_OK;
}

double
aqi_schedule_seconds(const struct aqi_schedule *schedule)
{
	double seconds = 0;

	for (size_t i = 0; i < schedule->n_stages; i++)
		seconds += schedule->stages[i].seconds;
	return seconds;
}

/* The integral of the rate over the first so many seconds of a stage. */
static double
count_of(const struct aqi_stage *stage, double seconds)
{
	double slope = isinf(stage->seconds) ? 0 :
		       (stage->to - stage->from) / stage->seconds;

	return seconds * (stage->from + slope * seconds / 2);
}

double
aqi_schedule_count(const struct aqi_schedule *schedule, double seconds)
{
	double count = 0;

	for (size_t i = 0; i < schedule->n_stages && seconds > 0; i++) {
		const struct aqi_stage *stage = &schedule->stages[i];

		count += count_of(stage, fmin(seconds, stage->seconds));
		seconds -= stage->seconds;
	}
	return count;
}

/*
 * When a stage's integral reaches a count: the root of a quadratic, in the form
 * that loses no digits when the slope is small, and needs no case of its own
 * when it is zero.
 */
static double
seconds_to(const struct aqi_stage *stage, double count)
{
	double slope = isinf(stage->seconds) ? 0 :
		       (stage->to - stage->from) / stage->seconds;
	double square = stage->from * stage->from + 2 * slope * count;

	if (count <= 0)
		return 0;
	return 2 * count / (stage->from + sqrt(fmax(square, 0)));
}

bool
aqi_schedule_next(struct aqi_schedule *s, uint64_t *due_ns)
{
	double count = s->next_count, seconds;

	if (s->is_random)
		count -= log1p(-aqi_random_unit(&s->random));
	for (; s->stage < s->n_stages; s->stage++) {
		const struct aqi_stage *stage = &s->stages[s->stage];
		double all = isinf(stage->seconds) ? INFINITY :
			     count_of(stage, stage->seconds);

		if (count - s->begun_count < all)
			break;
		s->begun_count += all;
		s->begun_s += stage->seconds;
	}
	if (s->stage == s->n_stages)
		return false;
	seconds = s->begun_s + seconds_to(&s->stages[s->stage],
					  count - s->begun_count);
	s->next_count = s->is_random ? count : count + 1;
	*due_ns = (uint64_t)llround(seconds * 1e9);
	return true;
}
