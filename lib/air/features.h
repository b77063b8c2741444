/*
 * features.h: the step that makes base records of a source's rows.
 *
 * Its outputs are `station`, `time`, the thirteen fields of the base record,
 * and what is kept of the source. A row whose time or a number cannot be read
 * is refused by the source's own column; what the source marks as missing, and
 * what lies in none of a mapping's ranges, is missing.
 */
#ifndef AQI_AIR_FEATURES_H
#define AQI_AIR_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "record/step.h"

struct aqi_features;
struct aqi_mapping;

struct aqi_features_options {
	const struct aqi_mapping *mapping;
	/*
	 * For rows without a station of their own; when empty, the file's name
	 * is taken, without folders and endings such as .csv.xz.
	 */
	struct aqi_slice station_name;
	const struct aqi_slice *keep;	/* (n_keep,) columns to pass through */
	size_t n_keep;
	bool keeps_all;			/* all but those of an output's name */
	/* Of converted values, zeros at the end left out; or AQI_SHORTEST. */
	int decimals;
};

/* What options point to is borrowed; NULL without memory. One run each. */
struct aqi_features *aqi_features_new(const struct aqi_features_options *);

void aqi_features_free(struct aqi_features *features);

/*
 * The step, borrowed from features. Binding fails with AQI_E_USAGE where the
 * header has no pollutant that the mapping knows, lacks a column of a time that
 * is not optional in it, lacks a field that is not (unless the layout allows
 * that, or it is made of others), has a unit in a name that does not convert,
 * or lacks a column to keep.
 *
 * Each CSV file is bound by its own header (record/format.h, binds_files). What
 * is kept is decided by the first file; a later one that lacks a column of it
 * has none in its rows.
 *
 * For NDJSON the header is the first record. What it may lack is expected of
 * later ones by its first name that is no pattern; and where absent columns
 * are allowed, of the parts of a time it needs just one.
 *
 * hour, day_of_week (Monday = 0) and month are those of the hour's begin, in
 * the time that is written; columns of these names count in rows without a time
 * only. A value in the record's unit already keeps its bytes. Humidity comes
 * from temperature and dew point where it has no column (aqi_units_humidity);
 * in NDJSON, where the record has none.
 */
struct aqi_step aqi_features_step(struct aqi_features *features);

#endif
