/*
 * sieve.h: the rows of a batch that a schema may have something to say about.
 *
 * Most rows are right, and to know that of many at once takes less time than to
 * look at one value after the other (air/verdict.h), as is done with what is
 * left in the sieve.
 */
#ifndef AQI_AIR_SIEVE_H
#define AQI_AIR_SIEVE_H

#include <stdbool.h>
#include <stddef.h>

struct aqi_batch;
struct aqi_schema;

/*
 * columns  (n_fields,) of the batch, by field; or AQI_NO_COLUMN
 *
 * Returns (n_rows,), false for the rows in which every value is right and for
 * those that are refused; borrowed from the batch. NULL without memory.
 */
const bool *aqi_sieve_rows(const struct aqi_schema *schema,
			   const size_t *columns, struct aqi_batch *batch);

#endif
