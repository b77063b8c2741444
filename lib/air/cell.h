/* cell.h: one cell of a source's row, as its mapping has it read. */
#ifndef AQI_AIR_CELL_H
#define AQI_AIR_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "record/field.h"

struct aqi_batch;
struct aqi_mapping;

/* Is it what the format or the mapping marks as missing? */
bool aqi_cell_is_missing(const struct aqi_mapping *mapping,
			 const struct aqi_batch *batch, struct aqi_field field);

/*
 * The number in a column of a row. AQI_END when it is missing; AQI_REJECT when
 * it is none, and the row is refused then.
 */
enum aqi_status aqi_cell_number(const struct aqi_mapping *mapping,
				struct aqi_batch *batch, size_t row,
				size_t input, double *x) AQI_MUST_CHECK;

#endif
