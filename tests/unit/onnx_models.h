/*
 * onnx_models.h: small models as texts (onnx_text.h), what is changed in them,
 * and how they are read.
 */
#ifndef AQI_TESTS_ONNX_MODELS_H
#define AQI_TESTS_ONNX_MODELS_H

#include <math.h>

#include "model/forest.h"
#include "model/onnx.h"
#include "model/trees.h"
#include "onnx_text.h"

#define ONNX_HEAD							\
	"ir 8\nproducer converter 1.2\nopset - 18\nopset ai.onnx.ml 3\n"

/* Two trees, of two leaves and of three. */
#define ONNX_NODES							\
	"ints nodes_treeids 0 0 0 1 1 1 1 1\n"				\
	"ints nodes_nodeids 0 1 2 0 1 2 3 4\n"				\
	"ints nodes_featureids 0 0 0 1 0 0 0 0\n"			\
	"strings nodes_modes BRANCH_LEQ LEAF LEAF BRANCH_LT BRANCH_GT"	\
	" LEAF LEAF LEAF\n"						\
	"ints nodes_truenodeids 1 0 0 1 2 0 0 0\n"			\
	"ints nodes_falsenodeids 2 0 0 4 3 0 0 0\n"			\
	"floats nodes_values 0.5 0 0 2 -1 0 0 0\n"			\
	"ints nodes_missing_value_tracks_true 0 0 0 1 0 0 0 0\n"

static const char onnx_regressor[] =
	ONNX_HEAD "input X 1 2\noutput y\n"
	"node ai.onnx.ml TreeEnsembleRegressor X y\n" ONNX_NODES
	"ints target_treeids 0 0 1 1 1\nints target_nodeids 1 2 2 3 4\n"
	"ints target_ids 0 0 0 0 0\nfloats target_weights 1 2 10 20 40\n"
	"int n_targets 1\n";

static const char onnx_classifier[] =
	ONNX_HEAD "input X 1 2\noutput label\noutput map\n"
	"node ai.onnx.ml TreeEnsembleClassifier X l,p\n" ONNX_NODES
	"ints class_treeids 0 0 0 1 1 1 1 1\n"
	"ints class_nodeids 1 1 2 2 3 4 4 4\n"
	"ints class_ids 0 1 2 0 1 0 1 2\n"
	"floats class_weights 0.25 0.5 0.75 1 2 0.125 0.5 4\n"
	"strings classlabels_strings low middle high\n"
	"string post_transform NONE\n"
	"node - Identity l label\n"
	"node ai.onnx.ml ZipMap p map\nstrings classlabels_strings"
	" low middle high\n";

/* One stump for two classes, with one weight a leaf. */
static const char onnx_binary[] =
	ONNX_HEAD "input X 1 1\noutput l\noutput p\n"
	"node ai.onnx.ml TreeEnsembleClassifier X l,p\n"
	"ints nodes_treeids 0 0 0\nints nodes_nodeids 0 1 2\n"
	"ints nodes_featureids 0 0 0\n"
	"strings nodes_modes BRANCH_LEQ LEAF LEAF\n"
	"ints nodes_truenodeids 1 0 0\nints nodes_falsenodeids 2 0 0\n"
	"floats nodes_values 0.5 0 0\n"
	"ints class_treeids 0 0\nints class_nodeids 1 2\n"
	"ints class_ids 0 0\nfloats class_weights 0.25 0.75\n"
	"ints classlabels_int64s 3 7\nstring post_transform NONE\n";

/* Version 5: a root that asks for members, one below it, and a lone leaf. */
static const char onnx_branches[] =
	"ir 10\nopset ai.onnx.ml 5\ninput X 1 2\noutput y\n"
	"node ai.onnx.ml TreeEnsemble X y\n"
	"ints tree_roots 0 2\nint n_targets 1\nint aggregate_function 1\n"
	"ints nodes_featureids 0 1 0\n"
	"attribute nodes_modes 2 3 6 0 0\n"
	"attribute nodes_splits 1 3 0 1.5 0\n"
	"attribute membership_values 1 3 2 3 nan\n"
	"ints nodes_truenodeids 1 1 3\nints nodes_trueleafs 0 1 1\n"
	"ints nodes_falsenodeids 0 2 3\nints nodes_falseleafs 1 1 1\n"
	"ints nodes_missing_value_tracks_true 1 0 0\n"
	"ints leaf_targetids 0 0 0 0\n"
	"attribute leaf_weights 1 4 1 2 4 100\n";

/* A stump and a lone leaf, with all that may stand around them. */
__attribute__((unused))
static const char onnx_surrounded[] =
	ONNX_HEAD "input a 11 1\ninput b 1 1\noutput y\n"
	"tensor half 1 2 0.5 -0.5\nloose shape 7 2 -1 1\n"
	"node - Cast a f\nint to 1\nnode - Concat f,b c\nint axis 1\n"
	"node - Add c,half d\n"
	"node ai.onnx.ml Imputer d i\nfloats imputed_value_floats 1.25\n"
	"float replaced_value_float nan\n"
	"node ai.onnx.ml Scaler i X\nfloats offset 0 1\nfloats scale 2 3\n"
	"node ai.onnx.ml TreeEnsembleRegressor X t\n"
	"ints nodes_treeids 0 0 0 1\nints nodes_nodeids 0 1 2 0\n"
	"ints nodes_featureids 1 0 0 0\n"
	"strings nodes_modes BRANCH_LT LEAF LEAF LEAF\n"
	"ints nodes_truenodeids 1 0 0 0\nints nodes_falsenodeids 2 0 0 0\n"
	"floats nodes_values 0.5 0 0 0\n"
	"ints target_treeids 0 0 1\nints target_nodeids 1 2 0\n"
	"ints target_ids 0 0 0\nfloats target_weights 1 2 4\n"
	"int n_targets 1\nfloats base_values 8\n"
	"node - Cast t v\nint to 11\nnode - Reshape v,shape w\n"
	"node - Flatten w y\nint axis 1\n";

/* A text with the first of one part replaced by another; freed by free. */
__attribute__((unused)) static char *
edit(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	char *out = NULL;

	if (!at || asprintf(&out, "%.*s%s%s", (int)(at - text), text, to,
			    at + strlen(from)) < 0)
		abort();
	return out;
}

static struct aqi_arena onnx_arena;

/* Read the model of a text; trees->forest is the caller's. */
__attribute__((unused))
static enum aqi_status
read_text(const char *text, struct aqi_trees *trees, struct aqi_error *err)
{
	struct aqi_buffer bytes = onnx_from_text(text);
	enum aqi_status status = aqi_onnx_read(
		(struct aqi_slice){bytes.data, bytes.size}, &onnx_arena, trees,
		err);

	aqi_buffer_free(&bytes);
	return status;
}

/* What a forest says of a sample, through its link. */
__attribute__((unused)) static void
predict(const struct aqi_forest *forest, const double *x, double *out)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);

	aqi_forest_predict(forest, x, 1, out);
	aqi_link_apply(&shape.link, out, shape.n_margins, 1, out);
}

#endif
