/*
 * template.h: a request with gaps, for records to be put in.
 *
 * A body may have the gaps {{record}}, the next record as a JSON object,
 * {{records}}, so many of them with commas between, and {{NAME}}, the value of
 * that member of the record at hand, null where it has none. All gaps before
 * the first {{record}}, and those behind it up to the next, speak of the same
 * one. Anything else in double braces is refused.
 */
#ifndef AQI_API_TEMPLATE_H
#define AQI_API_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

struct aqi_records;
struct aqi_template;		/* one thread each */

struct aqi_template_options {
	const char *method;
	struct aqi_slice target, host;	/* as the request has them */
	struct aqi_slice fields;	/* further header lines with CRLF */
	struct aqi_slice body;		/* of the template; NULL data: none */
	bool has_type;			/* fields has its content-type */
	bool closes;			/* ask for the connection's end */
	size_t batch_size;		/* of {{records}} */
};

/*
 * All is copied. Fails with AQI_E_USAGE for a gap that nobody knows, or a
 * method, target or host that cannot be sent; NULL then, and without memory.
 */
struct aqi_template *
aqi_template_new(const struct aqi_template_options *options,
		 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Add the request with the next records. False when there are no more of
 * these. *is_good as aqi_records_next, of all of them.
 */
bool aqi_template_write(struct aqi_template *t, struct aqi_records *records,
			struct aqi_buffer *out, bool *is_good);

/* Does it take records at all? */
bool aqi_template_takes_records(const struct aqi_template *t);

void aqi_template_free(struct aqi_template *t);

#endif
