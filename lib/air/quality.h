/*
 * quality.h: records checked against a schema, field by field.
 */
#ifndef AQI_AIR_QUALITY_H
#define AQI_AIR_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "record/step.h"

struct aqi_counts;
struct aqi_schema;

/* What the values of a field were, over all records that could be read. */
struct aqi_field_summary {
	uint64_t n_values;	/* good ones */
	uint64_t n_missing;
	uint64_t n_refused;
	double min, max;	/* of the good ones */
	double sum, rest;	/* compensated: the sum is sum + rest */
};

/*
 * A step that checks each record. A record with a fault is refused, once for
 * each of its faults; with `flags` it is kept, and columns `valid` (true or
 * false) and `reasons` (all faults, or nothing) are added to every record.
 */
struct aqi_quality;

/* schema is borrowed; NULL without memory. */
struct aqi_quality *aqi_quality_new(const struct aqi_schema *schema,
				    bool flags);
void aqi_quality_free(struct aqi_quality *quality);

/* The step; it borrows quality for the run. One thread at a time for the sums,
 * which in_order makes. */
struct aqi_step aqi_quality_step(struct aqi_quality *quality);

/* (n_fields of the schema,) */
const struct aqi_field_summary *
aqi_quality_summary(const struct aqi_quality *quality);

/* The summary as a table, or as one JSON document. counts: of the run. */
void aqi_quality_print(const struct aqi_quality *quality,
		       const struct aqi_counts *counts, const char *schema_name,
		       bool as_json, struct aqi_buffer *out);

#endif
