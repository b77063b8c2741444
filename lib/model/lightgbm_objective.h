/*
 * lightgbm_objective.h: what LightGBM makes of a sum of leaves.
 *
 * The names are those of the file's objective line, `name parameter:value ...`:
 *
 *   regression, regression_l1, huber, fair, quantile, mape   the sum; of these
 *              but huber with `sqrt`, its square with the sum's sign
 *   poisson, gamma, tweedie          exp
 *   binary, multiclassova            logistic, of slope `sigmoid`
 *   multiclass                       softmax
 *   cross_entropy, xentropy          logistic
 *   cross_entropy_lambda, xentlambda log(1 + exp)
 *   lambdarank, rank_xendcg          the sum
 *   custom, none, or no objective    the sum
 */
#ifndef AQI_MODEL_LIGHTGBM_OBJECTIVE_H
#define AQI_MODEL_LIGHTGBM_OBJECTIVE_H

#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/link.h"

/*
 * The link of an objective for n_margins classes, its divisor aside. Fails with
 * AQI_E_MODEL: one that is not known, by its name; a slope that is missing or
 * not above 0; another number of classes than it is for.
 */
enum aqi_status aqi_lightgbm_objective_read(struct aqi_slice text,
					    size_t n_margins,
					    struct aqi_link *link,
					    struct aqi_error *err)
	AQI_MUST_CHECK;

#endif
