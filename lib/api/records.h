/*
 * records.h: records to send to a prediction API, each as a JSON object.
 *
 * They are made up (air/synth.h), without end, or they are a list of lines of
 * NDJSON, in order. One thread each.
 */
#ifndef AQI_API_RECORDS_H
#define AQI_API_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

struct aqi_records;
struct aqi_synth_options;

/*
 * Made-up records. Of the options, syntax and label do not matter. NULL as
 * aqi_synth_new.
 */
struct aqi_records *aqi_records_new(const struct aqi_synth_options *options,
				    struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The lines of a text, which is borrowed; empty ones are left out. `again`:
 * begin anew behind the last. NULL without memory, or without one line
 * (AQI_E_DATA).
 */
struct aqi_records *aqi_records_of_lines(struct aqi_slice text, bool again,
					 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The records of a file, "-" for standard input, read whole: NDJSON, whose
 * lines are taken as they are, or CSV with a header, whose known columns become
 * numbers. Fails as reading them does, at the first CSV record that is none.
 */
struct aqi_records *aqi_records_load(const char *path, bool again,
				     struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Add the next record; false when there are no more. *is_good, out: whether
 * nothing is known to be wrong with it.
 */
bool aqi_records_next(struct aqi_records *records, struct aqi_buffer *out,
		      bool *is_good);

/*
 * The text of a member's value in a record; {NULL, 0} where there is none. The
 * name stands in the record without escapes.
 */
struct aqi_slice aqi_records_value(struct aqi_slice record,
				   struct aqi_slice name);

void aqi_records_free(struct aqi_records *records);

#endif
