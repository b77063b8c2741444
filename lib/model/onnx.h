/*
 * onnx.h: tree models in ONNX, as scikit-learn's, XGBoost's and LightGBM's
 * converters write them.
 *
 * Read is a graph around one operator of trees of the domain ai.onnx.ml,
 * versions 1 to 5: TreeEnsembleRegressor, TreeEnsembleClassifier or
 * TreeEnsemble. Before it may stand Identity, Cast between floating-point
 * types, Imputer of NaN, Scaler, Add, Sub, Mul and Div with constants, and
 * Concat of several inputs (model/onnx_steps.h); behind it Identity, Cast,
 * Reshape and Flatten that change nothing, and ZipMap. Any other operator is
 * refused by its name, domain and version: a model is read as a whole or not.
 *
 * The outputs are those of the trees: the targets, or the probabilities of the
 * classes in the order of their labels; of labels themselves, a model's own
 * output is passed over. They are ONNX Runtime's of one thread, to the bit
 * where no exp or log is taken, which is then the C library's.
 *
 * An input has the name that the graph gives it where all are columns of their
 * own. Inputs of whole numbers are cut to their whole part; a missing one,
 * which ONNX cannot have there, is answered as NaN is.
 *
 * Source: ONNX, docs/Operators-ml.md and onnx/onnx.proto.
 */
#ifndef AQI_MODEL_ONNX_H
#define AQI_MODEL_ONNX_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_trees;

/* Does it begin as an ONNX model does? */
bool aqi_onnx_is(struct aqi_slice bytes);

/*
 * Read a model. Texts are put in arena; the bytes are not needed later.
 *
 * Fails with AQI_E_MODEL: "tree T node N: reason", "byte B: reason" (from 0),
 * the operator that is not supported, or the part that is wrong; AQI_E_LIMIT;
 * AQI_E_MEMORY.
 */
enum aqi_status aqi_onnx_read(struct aqi_slice bytes, struct aqi_arena *arena,
			      struct aqi_trees *trees,
			      struct aqi_error *err) AQI_MUST_CHECK;

#endif
