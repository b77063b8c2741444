#include "air/mapping_time.h"

#include <jansson.h>

#include "air/mapping.h"
#include "air/time.h"
#include "air/time_pattern.h"

static enum aqi_status
read_parts(struct aqi_keys *keys, json_t *value,
	   struct aqi_mapping_time *time)
{
#define PART(i) ((i) * sizeof *time->columns)
	static const struct aqi_key parts[] = {
		{"year", aqi_keys_text, PART(AQI_PART_YEAR), true},
		{"month", aqi_keys_text, PART(AQI_PART_MONTH), true},
		{"day", aqi_keys_text, PART(AQI_PART_DAY), true},
		{"hour", aqi_keys_text, PART(AQI_PART_HOUR), true},
	};
#undef PART

	time->n_columns = AQI_N_PARTS;
	return AQI_KEYS_OBJECT(keys, value, parts, time->columns);
}

static enum aqi_status
read_halves(struct aqi_keys *keys, json_t *value,
	    struct aqi_mapping_time *time)
{
	static const struct aqi_key halves[] = {
		{"date", aqi_keys_text, 0, true},
		{"time", aqi_keys_text, sizeof *time->columns, true},
	};

	time->n_columns = 2;
	return AQI_KEYS_OBJECT(keys, value, halves, time->columns);
}

static enum aqi_status
read_columns(struct aqi_keys *keys, json_t *value, void *into)
{
	if (json_object_get(value, "date") || json_object_get(value, "time"))
		return read_halves(keys, value, into);
	return read_parts(keys, value, into);
}

/* Patterns of which each has these parts and no other. */
static enum aqi_status
read_patterns(struct aqi_keys *keys, json_t *value, struct aqi_names *patterns,
	      int parts, const char *wanted, const char *example)
{
	if (aqi_keys_names(keys, value, patterns) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < patterns->n; i++)
		if (aqi_time_pattern_parts(patterns->items[i]) != parts)
			return aqi_keys_refuse(keys, "a pattern with %s is "
					       "wanted, such as \"%s\"",
					       wanted, example);
	return AQI_OK;
}

static enum aqi_status
read_date_format(struct aqi_keys *keys, json_t *value, void *into)
{
	return read_patterns(keys, value, into, AQI_TIME_DATE,
			     "a year, month and day alone", "DD.MM.YYYY");
}

static enum aqi_status
read_time_format(struct aqi_keys *keys, json_t *value, void *into)
{
	return read_patterns(keys, value, into, AQI_TIME_CLOCK,
			     "an hour and no date", "hh:mm");
}

static enum aqi_status
read_format(struct aqi_keys *keys, json_t *value, void *into)
{
	struct aqi_names *formats = into;
	int first;

	if (aqi_keys_names(keys, value, formats) != AQI_OK)
		return AQI_FATAL;
	first = aqi_time_pattern_parts(formats->items[0]);
	for (size_t i = 0; i < formats->n; i++) {
		int parts = aqi_time_pattern_parts(formats->items[i]);

		if (!(parts & AQI_TIME_DATE))
			return aqi_keys_refuse(keys,
					       "a pattern with a year, month "
					       "and day is wanted, such as "
					       "\"YYYY-MM-DD hh:mm\"");
		if (parts != first)
			return aqi_keys_refuse(keys,
					       "patterns with and without an "
					       "hour do not go together");
	}
	return AQI_OK;
}

static enum aqi_status
read_stamp(struct aqi_keys *keys, json_t *value, void *into)
{
	bool *stamps_end = into;
	const char *word = json_string_value(value);

	*stamps_end = word && strcmp(word, "end") == 0;
	if (!*stamps_end && !(word && strcmp(word, "begin") == 0))
		return aqi_keys_refuse(keys,
				       "\"begin\" or \"end\" is wanted here");
	return AQI_OK;
}

static enum aqi_status
read_zone(struct aqi_keys *keys, json_t *value, void *into)
{
	bool *stamps_utc = into;
	const char *word = json_string_value(value);

	*stamps_utc = word && strcmp(word, "utc") == 0;
	if (!*stamps_utc && !(word && strcmp(word, "local") == 0))
		return aqi_keys_refuse(keys,
				       "\"utc\" or \"local\" is wanted here");
	return AQI_OK;
}

static enum aqi_status
read_offset(struct aqi_keys *keys, json_t *value, void *into)
{
	struct aqi_mapping_time *time = into;
	const char *text = json_string_value(value);

	time->has_offset = true;
	if (!text || !aqi_time_read_offset(aqi_slice_of(text), &time->offset))
		return aqi_keys_refuse(keys,
				       "an offset such as \"+05:30\" is "
				       "wanted here, of 14 hours at most");
	return AQI_OK;
}

/* A time as it is read: "column" with its format, or "columns". */
struct raw_time {
	struct aqi_mapping_time time;
	struct aqi_names format;
};

/* What goes together, once all is read. */
static enum aqi_status
check(struct aqi_keys *keys, const struct raw_time *raw)
{
	const struct aqi_mapping_time *time = &raw->time;
	bool has_halves = time->n_columns == 2;

	if ((time->n_columns > 0) == (time->names.n > 0))
		return aqi_keys_refuse(keys,
				       "either \"column\" or \"columns\" is "
				       "wanted here");
	if (raw->format.n > 0 && time->names.n == 0)
		return aqi_keys_refuse(keys,
				       "\"format\" goes with \"column\" only");
	if (has_halves != (time->formats[0].n > 0) ||
	    has_halves != (time->formats[1].n > 0))
		return aqi_keys_refuse(keys,
				       "\"date_format\" and \"time_format\" "
				       "go with the columns \"date\" and "
				       "\"time\"");
	if (time->has_day_rows && !has_halves)
		return aqi_keys_refuse(keys,
				       "\"day_rows\" goes with the columns "
				       "\"date\" and \"time\" only");
	if (time->has_offset && time->offset_column.size > 0)
		return aqi_keys_refuse(keys,
				       "either \"utc_offset\" or "
				       "\"offset_column\" is wanted here");
	return AQI_OK;
}

/* A day has no end, no zone and no midnight of its own. */
static enum aqi_status
check_daily(struct aqi_keys *keys, const struct aqi_mapping_time *time)
{
	if (time->is_daily && (time->stamps_end || time->stamps_utc ||
			       time->has_midnight_24))
		return aqi_keys_refuse(keys,
				       "\"format\" has no hour, and so the "
				       "stamp is of the day's \"begin\", in "
				       "local time");
	return AQI_OK;
}

enum aqi_status
aqi_mapping_time_read(struct aqi_keys *keys, json_t *value, void *into)
{
#define AT(member) offsetof(struct raw_time, member)
	static const struct aqi_key table[] = {
		{"columns", read_columns, AT(time), false},
		{"column", aqi_keys_names, AT(time.names), false},
		{"format", read_format, AT(format), false},
		{"date_format", read_date_format, AT(time.formats[0]), false},
		{"time_format", read_time_format, AT(time.formats[1]), false},
		{"day_rows", aqi_keys_flag, AT(time.has_day_rows), false},
		{"midnight_24", aqi_keys_flag, AT(time.has_midnight_24),
		 false},
		{"stamp", read_stamp, AT(time.stamps_end), true},
		{"stamp_zone", read_zone, AT(time.stamps_utc), false},
		{"utc_offset", read_offset, AT(time), false},
		{"offset_column", aqi_keys_text, AT(time.offset_column),
		 false},
		{"optional", aqi_keys_flag, AT(time.is_optional), false},
		{"note", aqi_keys_note, 0, false},
	};
#undef AT
	struct aqi_mapping_time *time = into;
	struct raw_time raw = {0};

	if (AQI_KEYS_OBJECT(keys, value, table, &raw) != AQI_OK)
		return AQI_FATAL;
	if (check(keys, &raw) != AQI_OK)
		return AQI_FATAL;
	if (raw.time.names.n > 0) {
		raw.time.columns[0] = raw.time.names.items[0];
		raw.time.n_columns = 1;
		raw.time.formats[0] = raw.format;
		raw.time.is_daily =
			raw.format.n > 0 &&
			aqi_time_pattern_parts(raw.format.items[0]) ==
				AQI_TIME_DATE;
	}
	*time = raw.time;
	return check_daily(keys, time);
}

enum aqi_status
aqi_mapping_time_read_day(struct aqi_keys *keys, json_t *value, void *into)
{
	struct aqi_time time = {0};
	const char *text = json_string_value(value);
	int *day = into;

	if (!text ||
	    !aqi_time_pattern_read(aqi_slice_of("YYYY-MM-DD"),
				   aqi_slice_of(text), &time) ||
	    !aqi_time_is_valid(&time))
		return aqi_keys_refuse(keys, "a date such as \"2018-09-01\" "
				       "is wanted here");
	*day = time.year * 10000 + time.month * 100 + time.day;
	return AQI_OK;
}
