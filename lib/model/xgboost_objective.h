/*
 * xgboost_objective.h: what XGBoost's objectives make of margins.
 *
 * Source: XGBoost, src/objective, of the versions 1.0 to 3.4: PredTransform for
 * the link, ProbToMargin for the base margins.
 */
#ifndef AQI_MODEL_XGBOOST_OBJECTIVE_H
#define AQI_MODEL_XGBOOST_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/link.h"

struct aqi_xgboost_objective;

/* NULL: there is none of this name; AQI_E_MODEL. */
const struct aqi_xgboost_objective *
aqi_xgboost_objective_find(struct aqi_slice name, struct aqi_error *err);

struct aqi_link
aqi_xgboost_objective_link(const struct aqi_xgboost_objective *objective);

/* Are its margins on the scale of its predictions? */
bool aqi_xgboost_objective_is_plain(
	const struct aqi_xgboost_objective *objective);

/*
 * The base margins, from a text that has them on the scale of the predictions:
 * "5E-1", or "[2E-1,3E-1]" with one for each.
 *
 * bases  (n_margins,) out: 32-bit floats
 *
 * AQI_E_MODEL where the text is nothing of the kind, or the objective cannot
 * predict such a value.
 */
enum aqi_status
aqi_xgboost_objective_bases(const struct aqi_xgboost_objective *objective,
			    struct aqi_slice text, size_t n_margins,
			    double *bases, struct aqi_error *err)
	AQI_MUST_CHECK;

#endif
