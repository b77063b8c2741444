/*
 * mapping_layout.h: the key "layout" of a mapping: how rows make records.
 *
 * Mostly a row is a record. In a long layout it is one value, and a column
 * tells what of; with station columns it is one quantity at many stations. What
 * would be the name of a field's column is then a text of that column.
 */
#ifndef AQI_AIR_MAPPING_LAYOUT_H
#define AQI_AIR_MAPPING_LAYOUT_H

#include <stdbool.h>

#include "air/keys.h"
#include "base/slice.h"

enum aqi_layout_kind {
	AQI_LAYOUT_WIDE,	/* no layout is given */
	AQI_LAYOUT_LONG,	/* "long" */
	AQI_LAYOUT_STATIONS	/* "stations" */
};

struct aqi_mapping_layout {
	enum aqi_layout_kind kind;
	struct aqi_slice parameter;	/* column: what a row is of */
	struct aqi_slice value;		/* column, of a long layout */
	/* Columns that are no station's, besides those of time and parameter */
	struct aqi_names other_columns;
	bool is_ordered;	/* rows come in order of their hours */
	bool first_stands;	/* of a repeated value; else it is refused */
};

struct aqi_mapping;

/* Read an object into a struct aqi_mapping_layout of zeros. */
aqi_key_fn aqi_mapping_layout_read;

/*
 * Does the rest of the mapping go with its layout? Called when all is read,
 * with the path empty.
 */
enum aqi_status aqi_mapping_layout_check(struct aqi_keys *keys,
					 const struct aqi_mapping *mapping)
	AQI_MUST_CHECK;

#endif
