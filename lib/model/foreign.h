/* foreign.h: what a file is that is not a model of ours. */
#ifndef AQI_MODEL_FOREIGN_H
#define AQI_MODEL_FOREIGN_H

#include "base/error.h"
#include "base/slice.h"

/*
 * Recognise the files that people hand to a predictor by mistake, by their
 * first bytes: AQI_E_MODEL, naming the file's kind and what to do. For what no
 * reader takes. Looks only, never unpacks or runs. AQI_FATAL.
 */
enum aqi_status aqi_foreign_refuse(struct aqi_slice bytes,
				   struct aqi_error *err);

/* The same for what is JSON or UBJSON, and no model of XGBoost's. */
enum aqi_foreign_json {
	AQI_FOREIGN_DUMP,		/* XGBoost's trees, and nothing else */
	AQI_FOREIGN_LIGHTGBM_DUMP,	/* LightGBM's */
	AQI_FOREIGN_NO_LEARNER		/* anything else */
};

enum aqi_status aqi_foreign_json(enum aqi_foreign_json what,
				 struct aqi_error *err);

#endif
