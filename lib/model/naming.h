/*
 * naming.h: what the inputs of a model are called. Private.
 *
 * The names of a bundle are in its manifest, and must be those of its trees. A
 * tree file by itself has those that it says, or that a user gives; one of as
 * many inputs as the base record has, and no names, is taken to need those.
 */
#ifndef AQI_MODEL_NAMING_H
#define AQI_MODEL_NAMING_H

#include "base/error.h"

struct aqi_model;
struct aqi_model_options;
struct aqi_trees;

/* Are the inputs that the manifest names those of the trees, in their order?
 * AQI_E_MODEL. */
enum aqi_status aqi_naming_check(const struct aqi_model *model,
				 const struct aqi_trees *trees,
				 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Name the inputs of a model that is a tree file by itself, whose forest is
 * there. Fails with AQI_E_USAGE where names that are given do not fit, or none
 * are and there is nothing to go by; AQI_E_MEMORY.
 */
enum aqi_status aqi_naming_take(struct aqi_model *model,
				const struct aqi_trees *trees,
				const struct aqi_model_options *options,
				struct aqi_error *err) AQI_MUST_CHECK;

#endif
