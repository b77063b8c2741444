/* foreign.h: what a file is that is not a model of ours. */
#ifndef AQI_MODEL_FOREIGN_H
#define AQI_MODEL_FOREIGN_H

#include "base/error.h"
#include "base/slice.h"

/*
 * Recognise the files that people hand to a predictor by mistake, by their
 * first bytes. AQI_FATAL with AQI_E_MODEL, naming the file's kind and what to
 * do; AQI_OK for what may be JSON. Looks only, never unpacks or runs.
 */
enum aqi_status aqi_foreign_check(struct aqi_slice bytes,
				  struct aqi_error *err) AQI_MUST_CHECK;

/* The same for a JSON text that has been read and is no XGBoost model. */
struct json_t;
enum aqi_status aqi_foreign_json(const struct json_t *root,
				 struct aqi_error *err);

#endif
