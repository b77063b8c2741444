/*
 * summary.h: what the values of each field of a schema were, over a run.
 *
 * Texts are counted only. A field has a least, a mean and a greatest value when
 * there is a number among its values.
 */
#ifndef AQI_AIR_SUMMARY_H
#define AQI_AIR_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

struct aqi_counts;
struct aqi_schema;
struct aqi_summary;		/* one thread at a time */

/* schema is borrowed; NULL without memory. */
struct aqi_summary *aqi_summary_new(const struct aqi_schema *schema);

void aqi_summary_free(struct aqi_summary *summary);

/*
 * Count a value of the i-th field: AQI_OK and x, which is NaN for a text, or
 * AQI_REJECT. One that is missing may be either, or AQI_END.
 */
void aqi_summary_add(struct aqi_summary *summary, size_t i,
		     enum aqi_status verdict, bool is_missing, double x);

/*
 * Add the summary as a table, or as one JSON document and a newline.
 * counts: of the run.
 */
void aqi_summary_print(const struct aqi_summary *summary,
		       const struct aqi_counts *counts, const char *schema_name,
		       bool as_json, struct aqi_buffer *out);

#endif
