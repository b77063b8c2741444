/*
 * features_block.h: the fields of a source's rows, all columns of some rows
 * before those of the next. Private to features.
 */
#ifndef AQI_AIR_FEATURES_BLOCK_H
#define AQI_AIR_FEATURES_BLOCK_H

#include "base/error.h"

struct aqi_features_rows;

/*
 * Set all fields that have a column in all rows of the batch, and humidity
 * where it is made of others; what is set already stays. Their times are known.
 *
 * A row whose number or unit cannot be read is refused; a value that there
 * cannot be is missing and counted in the batch. Fails without memory only.
 */
enum aqi_status aqi_features_block_set(const struct aqi_features_rows *rows,
				       struct aqi_error *err) AQI_MUST_CHECK;

#endif
