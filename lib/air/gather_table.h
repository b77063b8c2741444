/*
 * gather_table.h: records in the making, by station and time.
 *
 * A record is held until all of its rows have come; then it is finished, and
 * handed out in the order in which the records began. Where rows come in order
 * of time, the records of an hour are finished by a row of a later one: hours,
 * not times, since stations whose offset is no whole hour begin theirs in
 * between. Else they are at the end of the input.
 *
 * Private to gather. One thread each.
 */
#ifndef AQI_AIR_GATHER_TABLE_H
#define AQI_AIR_GATHER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "record/field.h"

struct aqi_gather_table;

/* A value of a record, and which row it is from; without data: none yet. */
struct aqi_gather_value {
	const char *data;
	uint32_t size;
	unsigned char rank;	/* among the names that its field can have */
	const char *file;
	uint64_t line;
};

/* What a record has besides values, once for all of its rows. */
enum aqi_gather_place {
	AQI_GATHER_STATION,
	AQI_GATHER_TIME,
	AQI_GATHER_HOUR,
	AQI_GATHER_DAY_OF_WEEK,
	AQI_GATHER_MONTH,
	AQI_GATHER_N_PLACES
};

struct aqi_gather_record {
	struct aqi_gather_record *next;		/* of the table */
	uint64_t hash;				/* of the table */
	int64_t seconds;			/* the key, with the station */
	struct aqi_field place[AQI_GATHER_N_PLACES];
	double temperature, dew_point;		/* NaN: none yet */
	struct aqi_field *kept;			/* (n_kept,) */
	const char *file;			/* where it begins */
	uint64_t line;
	struct aqi_gather_value values[];	/* (n_values,) */
};

struct aqi_gather_table_options {
	size_t n_values;	/* of a record */
	size_t n_kept;		/* fields of its first row that it keeps */
	uint64_t max_held;	/* records that are not finished */
	bool is_ordered;	/* rows come in order of their hours */
};

/* NULL without memory. */
struct aqi_gather_table *
aqi_gather_table_new(const struct aqi_gather_table_options *options);

void aqi_gather_table_free(struct aqi_gather_table *table);

/*
 * A row of this time comes. Where rows are in order, those of earlier hours are
 * finished; AQI_REJECT when this hour's are already.
 */
enum aqi_status aqi_gather_table_advance(struct aqi_gather_table *table,
					 int64_t seconds) AQI_MUST_CHECK;

/*
 * The record of a station and time, borrowed until it is finished; a new one
 * has its station, no other place, and no value or kept field. AQI_E_LIMIT when
 * there would be more than max_held, AQI_E_MEMORY.
 */
enum aqi_status aqi_gather_table_find(struct aqi_gather_table *table,
				      struct aqi_field station,
				      int64_t seconds,
				      struct aqi_gather_record **record,
				      bool *is_new, struct aqi_error *err)
	AQI_MUST_CHECK;

/* A copy of a text that lives as long as the records that are held now do;
 * {NULL, 0} without memory. */
struct aqi_slice aqi_gather_table_copy(struct aqi_gather_table *table,
				       struct aqi_slice text);

/* Finish all records. */
void aqi_gather_table_finish(struct aqi_gather_table *table);

/* How often records were finished: those found before are another's then. */
uint64_t aqi_gather_table_generation(const struct aqi_gather_table *table);

/* The next finished record, borrowed until aqi_gather_table_forget; or NULL. */
const struct aqi_gather_record *
aqi_gather_table_next(struct aqi_gather_table *table);

/* What was handed out is done with; when that is all, its memory is given up.
 */
void aqi_gather_table_forget(struct aqi_gather_table *table);

#endif
