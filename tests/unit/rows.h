/* rows.h: batches that are made by hand. */
#ifndef AQI_TESTS_ROWS_H
#define AQI_TESTS_ROWS_H

#include <stdlib.h>
#include <string.h>

#include "record/batch.h"

/* Give a batch its values, fields of (n_rows, n_columns), each row apart. */
static inline void
set_fields(struct aqi_batch *batch, const struct aqi_field *fields)
{
	const size_t n = batch->n_columns;

	batch->extents = aqi_batch_alloc(batch, batch->n_rows * n,
					 sizeof *batch->extents);
	batch->apart = aqi_batch_alloc(batch, batch->n_rows,
				       sizeof *batch->apart);
	if (!batch->extents || !batch->apart)
		abort();
	for (size_t row = 0; row < batch->n_rows; row++) {
		struct aqi_field *apart = aqi_batch_set_apart(batch, row);

		if (!apart)
			abort();
		memcpy(apart, fields + row * n, n * sizeof *apart);
	}
}

#endif
