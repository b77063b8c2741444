/*
 * quality.h: records checked against a schema, field by field.
 */
#ifndef AQI_AIR_QUALITY_H
#define AQI_AIR_QUALITY_H

#include <stdbool.h>

#include "record/step.h"

struct aqi_schema;
struct aqi_summary;

/*
 * A step that checks each record. A record with a fault is refused, once for
 * each of its faults. One run each.
 */
struct aqi_quality;

struct aqi_quality_options {
	/*
	 * Keep records with a fault, and add columns `valid` (true or false)
	 * and `reasons` (all faults, or nothing) to every record.
	 */
	bool flags;
	bool sums;	/* make a summary, for which all is checked once more */
};

/* schema is borrowed; options NULL: none of them. NULL without memory. */
struct aqi_quality *
aqi_quality_new(const struct aqi_schema *schema,
		const struct aqi_quality_options *options);
void aqi_quality_free(struct aqi_quality *quality);

/*
 * The step; it borrows quality for the run. Its `run` may be called by many
 * threads at once, its `in_order`, which makes the summary, by one.
 */
struct aqi_step aqi_quality_step(struct aqi_quality *quality);

/* What the values were; borrowed. NULL where it was not asked for. */
const struct aqi_summary *
aqi_quality_summary(const struct aqi_quality *quality);

#endif
