/*
 * mapping.h: how a source of station data maps to the base record.
 *
 * A mapping is a JSON file: where a row's station and time stand, and for each
 * field of the record the source's column and unit. Some are compiled in, from
 * models/sources/; users write others. aqi-source(5) describes the keys. A
 * key that is not known is refused, so that no file asks for what is not done.
 *
 * A mapping is checked in full when it is loaded, immutable from then on, and
 * may be used by many threads at once.
 */
#ifndef AQI_AIR_MAPPING_H
#define AQI_AIR_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/cell.h"
#include "air/keys.h"
#include "air/mapping_layout.h"
#include "air/units.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

/* What a mapping finds columns for: the base record in order, and one more. */
enum aqi_target {
	AQI_TARGET_PM25,
	AQI_TARGET_PM10,
	AQI_TARGET_NO2,
	AQI_TARGET_SO2,
	AQI_TARGET_CO,
	AQI_TARGET_O3,
	AQI_TARGET_TEMPERATURE,
	AQI_TARGET_HUMIDITY,
	AQI_TARGET_WIND_SPEED,
	AQI_TARGET_PRESSURE,
	AQI_TARGET_HOUR,
	AQI_TARGET_DAY_OF_WEEK,
	AQI_TARGET_MONTH,
	AQI_TARGET_DEW_POINT,	/* gives humidity where there is none */
	AQI_N_TARGETS
};

struct aqi_target_spec {
	const char *name;
	const char *unit;	/* of the base record; NULL: a part of time */
	double molar_mass;	/* g/mol of a gas, else 0 */
};

extern const struct aqi_target_spec aqi_mapping_targets[AQI_N_TARGETS];

/*
 * The temperature that a source states its gases at can change with a rule: at
 * `c` for the days before `before`, and since the one listed before it.
 */
#define AQI_MAX_REFERENCES 4

struct aqi_mapping_reference {
	int before;		/* year * 10000 + month * 100 + day, not
				 * included; INT_MAX of the last */
	double c;
};

/* A conversion of each of those periods; all alike for what is no gas. */
struct aqi_mapping_conversion {
	struct aqi_conversion in[AQI_MAX_REFERENCES];
};

/* Values from `from` to `to`, both included, are in this unit. */
struct aqi_mapping_range {
	double from, to;
	struct aqi_mapping_conversion conversion;
};

#define AQI_MAX_SOURCES 8	/* columns of one field */

struct aqi_mapping_field {
	/*
	 * Up to AQI_MAX_SOURCES names. Of those that the header has, a row's
	 * value is in the first that is not missing; a name that ends in
	 * " (*)" stands for any text in the parentheses. n = 0: the source has
	 * no such field.
	 */
	struct aqi_names columns;
	bool is_optional;		/* a header may be without it */
	/*
	 * The unit, "auto" for the one in the column's parentheses, or none
	 * with ranges. `otherwise` is for empty parentheses, if given.
	 */
	struct aqi_slice unit, otherwise;
	/*
	 * Names of the column that has the unit of each row, of which the
	 * first that the header has is taken; `unit`, if given, is then for
	 * rows without one.
	 */
	struct aqi_names unit_columns;
	/* (n_ranges,) ascending; a value in none of them is missing */
	struct aqi_mapping_range *ranges;
	size_t n_ranges;
	struct aqi_cell_form form;	/* its own tokens, then the mapping's */
};

enum aqi_time_part {
	AQI_PART_YEAR,
	AQI_PART_MONTH,
	AQI_PART_DAY,
	AQI_PART_HOUR,
	AQI_N_PARTS
};

struct aqi_mapping_time {
	/*
	 * 1: of the whole time, or of a day; 2: of the date and of the time of
	 * day; AQI_N_PARTS: of these.
	 */
	struct aqi_slice columns[AQI_N_PARTS];
	size_t n_columns;
	/*
	 * Of one column, its names, of which the first that the header has is
	 * taken; one with a dot may be a member of a JSON object.
	 */
	struct aqi_names names;
	/*
	 * Patterns of the first two columns, of which the first that fits is
	 * taken. Of one column there may be none: ISO 8601.
	 */
	struct aqi_names formats[2];
	bool is_daily;			/* the patterns have no hour */
	bool has_day_rows;		/* where the time of day is missing, a
					 * row is of the whole day */
	bool has_midnight_24;		/* 24:00 is the next day's 0:00 */
	bool stamps_end;		/* of the hour, instead of its begin */
	bool stamps_utc;		/* where a text has no zone */
	bool has_offset;
	int offset;			/* of local time, minutes east of UTC */
	struct aqi_slice offset_column;	/* has it in hours; or empty */
	bool is_optional;		/* a header may be without it */
};

/* What the files of a source are like, where they are not plain CSV. */
struct aqi_mapping_input {
	char delimiter, decimal_mark;	/* 0: as usual */
	const char *encoding;		/* for iconv; NULL: UTF-8 */
	size_t skip_lines, unit_lines;
	struct aqi_slice header_start, trailer;
	struct aqi_names header;	/* names, when files have none */
	bool repeated_names, drop_blank_rows;
};

struct aqi_mapping {
	struct aqi_slice name, title, source, licence;
	struct aqi_slice station;	/* column; empty: none */
	struct aqi_mapping_time time;
	struct aqi_mapping_input input;
	struct aqi_mapping_layout layout;
	struct aqi_cell_form form;	/* of time and station */
	/* (n_references,) ascending; none: the temperature is not given */
	struct aqi_mapping_reference references[AQI_MAX_REFERENCES];
	size_t n_references;
	struct aqi_mapping_field fields[AQI_N_TARGETS];
	uint64_t sum;			/* of its text (base/sum.h) */
	struct aqi_arena arena;		/* owns all of the above */
};

/*
 * Load a mapping by name from those compiled in, or from a file when the
 * argument has a slash or ends in ".json". NULL on error, with AQI_E_MODEL: for
 * an unknown name the clause names the nearest; a file that is no mapping has
 * its line and column, or the key as the field. Given up with aqi_mapping_free.
 */
struct aqi_mapping *aqi_mapping_load(const char *argument,
				     struct aqi_error *err);

/* The same from a text, called `file` in errors; the text may go after. */
struct aqi_mapping *aqi_mapping_new(struct aqi_slice text, const char *file,
				    struct aqi_error *err);

void aqi_mapping_free(struct aqi_mapping *mapping);

/* Does a name of a mapping end in " (*)", which many columns may match? */
bool aqi_mapping_is_pattern(struct aqi_slice name);

/* Is this column meant by a name of a mapping, pattern or not? */
bool aqi_mapping_matches(struct aqi_slice name, struct aqi_slice column);

/*
 * The conversion from a unit of the source to the one of the target. False
 * when the text is no unit, or none that converts.
 */
bool aqi_mapping_convert(const struct aqi_mapping *mapping,
			 enum aqi_target target, struct aqi_slice unit,
			 struct aqi_mapping_conversion *conversion);

/* The period of a day, as `before` is written, in aqi_mapping_conversion. */
static inline size_t
aqi_mapping_period(const struct aqi_mapping *mapping, int day)
{
	size_t i = 0;

	while (i + 1 < mapping->n_references &&
	       day >= mapping->references[i].before)
		i++;
	return i;
}

/*
 * How the files of the source are read. What the format has already of a
 * delimiter, mark or encoding of the input stays; texts are borrowed.
 */
struct aqi_format;
void aqi_mapping_set_format(const struct aqi_mapping *mapping,
			    struct aqi_format *format);

/* The names of those compiled in; *n, out, is their count, if up to `size`. */
void aqi_mapping_names(struct aqi_slice *names, size_t size, size_t *n);

/* Add a line for each of those: the name, a tab, the title. */
enum aqi_status aqi_mapping_list(struct aqi_buffer *out, struct aqi_error *err)
	AQI_MUST_CHECK;

#endif
