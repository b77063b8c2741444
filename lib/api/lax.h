/*
 * lax.h: the body of a prediction request, to rows of numbers.
 *
 * A body is read as FastAPI and pydantic read it: JSON by Python's rules
 * (api/scan.h), values coerced (api/coerce.h), members in any order, the last
 * of a name counts, others are ignored. What is wrong with it is told in their
 * words, all at once and in the order of the fields.
 *
 * What a program writes, plain numbers under plain names, is read in one pass
 * over its bytes; all else takes the general way, which gives the same rows
 * where both give any. Either way memory does not grow with the body, but for
 * the rows; nothing is allocated once a reader has seen the largest of them.
 */
#ifndef AQI_API_LAX_H
#define AQI_API_LAX_H

#include "api/detail.h"
#include "base/error.h"

struct aqi_schema;
struct aqi_lax;

enum aqi_lax_shape {
	AQI_LAX_RECORD,		/* {"pm25": ..., ...} */
	AQI_LAX_BATCH		/* {"instances": [record, ...]} */
};

/* More errors are counted, and not told. */
#define AQI_LAX_MOST_DETAILS 1000

/* What was read, borrowed until the next body. */
struct aqi_lax_result {
	const double *x;	/* (n_rows, n_fields); a narrow model rounds
				 * them to 32 bits, as numpy does */
	size_t n_rows;

	const struct aqi_detail *details;
	size_t n_details;	/* of these, AQI_LAX_MOST_DETAILS at most */
	size_t n_errors;	/* 0 where it is no text of JSON at all */
};

/*
 * A reader of records of a schema, which must outlive it. One thread each.
 * NULL: AQI_E_MEMORY; AQI_E_MODEL, for a schema with a field that is no number,
 * is not required or has no closed bounds.
 */
struct aqi_lax *aqi_lax_new(const struct aqi_schema *schema,
			    enum aqi_dialect dialect,
			    struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Read a body. AQI_REJECT: it is not right, see the errors; AQI_FATAL: memory
 * ran out. is_json tells what its content type says.
 */
enum aqi_status aqi_lax_read(struct aqi_lax *lax, struct aqi_slice body,
			     bool is_json, enum aqi_lax_shape shape,
			     struct aqi_lax_result *result) AQI_MUST_CHECK;

/* The same by the general way alone, which tests compare with. */
enum aqi_status aqi_lax_read_generally(struct aqi_lax *lax,
				       struct aqi_slice body, bool is_json,
				       enum aqi_lax_shape shape,
				       struct aqi_lax_result *result)
	AQI_MUST_CHECK;

void aqi_lax_free(struct aqi_lax *lax);

#endif
