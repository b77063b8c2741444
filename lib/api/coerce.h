/*
 * coerce.h: a JSON value as a number, as pydantic's lax mode takes it. Private
 * to the library.
 *
 * Strings count where they hold a number: trimmed, a sign, `_` between digits;
 * true and false are 1 and 0. A field of type integer takes whole numbers only,
 * written 14.0 if need be. pydantic 1 cuts a fraction off.
 */
#ifndef AQI_API_COERCE_H
#define AQI_API_COERCE_H

#include "api/detail.h"

/*
 * value is checked JSON (api/scan.h). *x, out, is within the field's bounds
 * where AQI_DETAIL_NONE is returned; else nothing is set.
 */
enum aqi_detail_code aqi_coerce(struct aqi_slice value,
				const struct aqi_schema_field *field,
				enum aqi_dialect dialect, double *x);

#endif
