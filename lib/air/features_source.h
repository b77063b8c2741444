/*
 * features_source.h: the columns that a field of the record may come from, and
 * the conversions of their units. Private to features.
 */
#ifndef AQI_AIR_FEATURES_SOURCE_H
#define AQI_AIR_FEATURES_SOURCE_H

#include <stddef.h>

#include "air/mapping.h"
#include "base/error.h"

struct aqi_features_plan;
struct aqi_layout;

/*
 * Find the columns that a field may come from, and of its unit. Fails with
 * AQI_E_USAGE where a unit does not convert or its column is not there.
 */
enum aqi_status aqi_features_source_bind(struct aqi_features_plan *plan,
					 struct aqi_layout *layout,
					 enum aqi_target target,
					 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * The same where names are texts of a parameter: one source for each of them,
 * all in the column `input`.
 */
enum aqi_status aqi_features_source_bind_value(struct aqi_features_plan *plan,
					       struct aqi_layout *layout,
					       enum aqi_target target,
					       size_t input,
					       struct aqi_error *err)
	AQI_MUST_CHECK;

/* The same for what later NDJSON records may have besides. */
enum aqi_status aqi_features_source_expect(struct aqi_features_plan *plan,
					   struct aqi_layout *layout,
					   enum aqi_target target,
					   struct aqi_error *err)
	AQI_MUST_CHECK;

#endif
