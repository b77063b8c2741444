/* manifest.h: reading a bundle's manifest.json. */
#ifndef AQI_MODEL_MANIFEST_H
#define AQI_MODEL_MANIFEST_H

#include "base/error.h"
#include "base/slice.h"

struct aqi_model;

/*
 * Fill the model from the text of its manifest; what is put in it is in its
 * arena. AQI_E_MODEL with the key that is wrong, or the line and column where
 * it is not JSON.
 */
enum aqi_status aqi_manifest_read(struct aqi_slice text,
				  struct aqi_model *model,
				  struct aqi_error *err) AQI_MUST_CHECK;

#endif
