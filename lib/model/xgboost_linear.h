/*
 * xgboost_linear.h: the weights of XGBoost's gblinear, as a forest.
 *
 * Each weight becomes a tree of one leaf, which is weight times input, and
 * nothing where that is missing. The sums are in 32 bits and in the order of
 * the inputs, as XGBoost has them.
 *
 * A model of no rounds has no weights, and predicts its first base score. Of
 * that, version 1.7 makes a margin; 3.2 does only where boost_from_average is 0
 * in the file, and takes it for the margin itself else. Where the two differ,
 * the model is refused.
 *
 * Source: XGBoost, src/gbm/gblinear.cc and gblinear_model.h, and what the
 * versions 1.7.4 and 3.2.0 answer.
 */
#ifndef AQI_MODEL_XGBOOST_LINEAR_H
#define AQI_MODEL_XGBOOST_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/document.h"
#include "model/forest.h"

struct aqi_xgboost_linear {
	/* Those of an input together, one for each output, and behind those of
	 * the last input the biases; or none. */
	const struct aqi_floats *weights;
	size_t n_inputs;
	size_t most;		/* bytes that reading may take */
	bool is_settled;	/* all versions have the same base margins */
};

/*
 * NULL on error: AQI_E_MODEL where the weights are not as many as there must
 * be, or not finite; AQI_E_LIMIT; AQI_E_MEMORY.
 *
 * shape  whose bases are `bases`
 * bases  (shape->n_margins,) the biases are added
 */
struct aqi_forest *
aqi_xgboost_linear_read(const struct aqi_xgboost_linear *linear,
			const struct aqi_forest_shape *shape, double *bases,
			struct aqi_error *err) AQI_MUST_CHECK;

#endif
