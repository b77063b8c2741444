#include "model/lightgbm.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "model/forest.h"
#include "model/lightgbm_tree.h"
#include "model/link.h"
#include "model/trees.h"
#include "quick.h"
#include "edit.h"
#include "tap.h"

/*
 * Four trees over three features, as LightGBM 4 writes them: plain splits, a
 * set of the categories 0, 2 and 32, one leaf, and leaves that are functions.
 */
#define HEADER                                                                \
	"tree\n"                                                              \
	"version=v4\n"                                                        \
	"num_class=1\n"                                                       \
	"num_tree_per_iteration=1\n"                                          \
	"label_index=0\n"                                                     \
	"max_feature_idx=2\n"                                                 \
	"objective=regression\n"                                              \
	"feature_names=pm25 o3=x station\n"                                   \
	"feature_infos=[0:10] none 0:1:2:32\n"

static const char model[] =
	HEADER
	"\n"
	"Tree=0\n"
	"num_leaves=3\n"
	"num_cat=0\n"
	"split_feature=0 1\n"
	"split_gain=12.5 -inf\n"
	"threshold=1.5 -0\n"
	"decision_type=2 8\n"
	"left_child=1 -1\n"
	"right_child=-3 -2\n"
	"leaf_value=0.25 -1.5 3\n"
	"leaf_weight=1 2 3\n"
	"leaf_count=4 5 6\n"
	"internal_value=0 0.5\n"
	"internal_weight=9 nan\n"
	"internal_count=15 9\n"
	"is_linear=0\n"
	"shrinkage=1\n"
	"\n\n"
	"Tree=1\n"
	"num_leaves=3\n"
	"num_cat=1\n"
	"split_feature=2 0\n"
	"split_gain=2 1\n"
	"threshold=0 7.5\n"
	"decision_type=9 4\n"
	"left_child=-1 -2\n"
	"right_child=1 -3\n"
	"leaf_value=10 20 40\n"
	"leaf_weight=1 2 3\n"
	"leaf_count=7 5 3\n"
	"internal_value=0 0.5\n"
	"internal_weight=9 9\n"
	"internal_count=15 8\n"
	"cat_boundaries=0 2\n"
	"cat_threshold=5 1\n"
	"is_linear=0\n"
	"shrinkage=0.1\n"
	"\n\n"
	"Tree=2\n"
	"num_leaves=1\n"
	"num_cat=0\n"
	"split_feature=\n"
	"split_gain=\n"
	"threshold=\n"
	"decision_type=\n"
	"left_child=\n"
	"right_child=\n"
	"leaf_value=100\n"
	"leaf_weight=\n"
	"leaf_count=15\n"
	"internal_value=\n"
	"internal_weight=\n"
	"internal_count=\n"
	"is_linear=0\n"
	"shrinkage=0.1\n"
	"\n\n"
	"Tree=3\n"
	"num_leaves=2\n"
	"num_cat=0\n"
	"split_feature=1\n"
	"split_gain=2\n"
	"threshold=0\n"
	"decision_type=10\n"
	"left_child=-2\n"
	"right_child=-1\n"
	"leaf_value=1000 2000\n"
	"leaf_weight=1 2\n"
	"leaf_count=7 8\n"
	"internal_value=0\n"
	"internal_weight=9\n"
	"internal_count=15\n"
	"is_linear=1\n"
	"leaf_const=1000.5 2000.5\n"
	"num_features=2 0\n"
	"leaf_features=0 2  \n"
	"leaf_coeff=2 -4  \n"
	"shrinkage=0.1\n"
	"\n\n"
	"end of trees\n"
	"\n"
	"feature_importances:\n"
	"pm25=2\n"
	"\n"
	"parameters:\n"
	"[boosting: gbdt]\n"
	"end of parameters\n"
	"\n"
	"pandas_categorical:null\n";

static struct aqi_arena arena;

/* What was read last; its forest is its own. */
static struct aqi_trees trees;

static struct aqi_forest *
read_model(struct aqi_slice bytes, struct aqi_error *err)
{
	*err = (struct aqi_error){0};
	aqi_arena_clear(&arena);
	if (aqi_trees_read(bytes, NULL, &arena, &trees, err) == AQI_OK)
		return trees.forest;
	return NULL;
}

/* The model with one text replaced, where it stands first. */
static struct aqi_slice
edit(const char *from, const char *to)
{
	return edit_text(model, from, to);
}

static double
predict(const struct aqi_forest *forest, const double *x)
{
	double y;

	aqi_forest_predict(forest, x, 1, &y);
	return y;
}

static void
test_good(void)
{
	static const struct {
		double x[3];
		uint32_t leaf[4];
		double sum;
	} rows[] = {
		{{1.5, 0, 0}, {0, 0, 0, 1}, 0.25 + 10 + 100 + 2000.5},
		{{1.5, 0.5, 2}, {1, 0, 0, 0}, -1.5 + 10 + 100 + 995.5},
		{{1.6, -0.0, 32}, {2, 0, 0, 1}, 3 + 10 + 100 + 2000.5},
		{{2, -1, 32.9}, {2, 0, 0, 1}, 3 + 10 + 100 + 2000.5},
		{{2, 1, -0.5}, {2, 0, 0, 0}, 3 + 10 + 100 + 1006.5},
		{{2, 1, 1}, {2, 1, 0, 0}, 3 + 20 + 100 + 1000.5},
		{{2, 1, -1}, {2, 1, 0, 0}, 3 + 20 + 100 + 1008.5},
		{{2, 1, 64}, {2, 1, 0, 0}, 3 + 20 + 100 + 748.5},
		{{8, 1, 1e300}, {2, 2, 0, 0}, -4e300},
		{{0, 1, 1}, {1, 2, 0, 0}, -1.5 + 40 + 100 + 996.5},
		{{NAN, 1, 1}, {1, 2, 0, 0}, -1.5 + 40 + 100 + 1000},
		{{2, NAN, 1}, {2, 1, 0, 1}, 3 + 20 + 100 + 2000.5},
		{{1, NAN, NAN}, {1, 1, 0, 1}, -1.5 + 20 + 100 + 2000.5},
	};
	struct aqi_error err;
	struct aqi_forest *f = read_model(aqi_slice_of(model), &err);
	struct aqi_forest_shape shape;
	uint32_t leaf[4];

	if (!ok(f != NULL, "a model is read")) {
		note("%s", err.reason);
		return;
	}
	shape = aqi_forest_shape(f);
	ok(shape.is_wide && shape.has_covers && shape.has_gains &&
	   shape.n_inputs == 3 && shape.n_margins == 1 &&
	   shape.bases[0] == 0 && shape.link.kind == AQI_LINK_IDENTITY &&
	   shape.link.divisor == 1, "its shape is in 64 bits");
	ok(strcmp(trees.format, "lightgbm-text") == 0 &&
	   aqi_slice_is(trees.writer, "v4") &&
	   aqi_slice_is(trees.objective, "regression") &&
	   trees.n_names == 3 && aqi_slice_is(trees.names[1], "o3=x") &&
	   trees.n_labels == 0, "its texts are the file's");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		aqi_forest_leaves(f, rows[i].x, leaf);
		ok(memcmp(leaf, rows[i].leaf, sizeof leaf) == 0 &&
		   predict(f, rows[i].x) == rows[i].sum,
		   "row %zu comes to the leaves %u %u %u %u", i,
		   rows[i].leaf[0], rows[i].leaf[1], rows[i].leaf[2],
		   rows[i].leaf[3]);
	}
	aqi_forest_free(f);
}

/* What is read as well, and predicts the same. */
static const char *const same[][2] = {
	{"version=v4", "version=v3"},
	{"version=v4", "version=v2"},
	{"num_tree_per_iteration=1\n", ""},
	{"label_index=0\n", ""},
	{"feature_infos=[0:10] none 0:1:2:32\n", ""},
	{"feature_infos", "monotone_constraints=0 0 1\nfeature_infos"},
	{"objective=regression\n", ""},
	{"objective=regression\n", "objective=custom\n"},
	{"objective=regression\n", "objective=none\n"},
	{"\nTree=0", "tree_sizes=285 312 227 330\n\nTree=0"},
	{"end of trees\n", "feature importances:\n"},
	{"num_cat=0\n", ""},
	{"leaf_weight=1 2 3\n", ""},
	{"leaf_weight=1 2 3\n", "leaf_weight=\n"},
	{"leaf_weight=1 2 3\n", "leaf_parent=1 1 0\nleaf_weight=1 2 3\n"},
	{"shrinkage=1\n", "cat_feature_count=0\n"},
	{"is_linear=0\nshrinkage=1\n", "shrinkage=1\n"},
	{"is_linear=0\nshrinkage=1\n", "shrinkage=1\nis_linear=0\n"},
	{"leaf_value=0.25 -1.5 3\n", "leaf_value=25e-2  -1.50 3 \n"},
	{"leaf_value=0.25", "leaf_value=0.25000000000000000000000000"},
	{"leaf_value=0.25", "leaf_value=0.00000000000000000000025E21"},
	{"leaf_value=0.25", "leaf_value=2500000000000000000000000e-25"},
	{"leaf_value=0.25 -1.5 3", "leaf_value=.25 -15e-1 30.e-1"},
	{"split_gain=12.5 -inf", "split_gain=nan inf"},
	{"split_gain=12.5 -inf", "split_gain=1e-300 -nan"},
	{"shrinkage=0.1\n\n\nend", "shrinkage=0.1\n\n\n\nend"},
	{"shrinkage=0.1\n\n\nend", "shrinkage=0.1\n\nend"},
	{"pandas_categorical:null\n", ""},
	{"pandas_categorical:null\n", "pandas_categorical:[[\"\xff\"]]"},
};

static void
test_same(void)
{
	static const double x[] = {1.5, 0.5, 2};
	struct aqi_error err;

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		struct aqi_forest *f = read_model(edit(same[i][0], same[i][1]),
						  &err);

		if (!ok(f && predict(f, x) == 1104,
			"the model with another %.20s is the same",
			same[i][0]))
			note("%zu: %s", i, err.reason);
		aqi_forest_free(f);
	}
}

/* Statistics that no tree has are none of the forest. */
static void
test_bare(void)
{
	static const char bare[] =
		"tree\nversion=v2\nnum_class=1\nmax_feature_idx=1\n"
		"feature_names=Column_0 Column_1\n\n"
		"Tree=0\nnum_leaves=2\nsplit_feature=1\nthreshold=0.5\n"
		"decision_type=2\nleft_child=-1\nright_child=-2\n"
		"leaf_value=1 2\nleaf_count= \n\nend of trees";
	struct aqi_error err;
	struct aqi_forest *f = read_model(aqi_slice_of(bare), &err);

	ok(f && !aqi_forest_shape(f).has_covers &&
	   !aqi_forest_shape(f).has_gains,
	   "a forest without statistics has none");
	ok(f && trees.n_names == 0 && trees.objective.size == 0,
	   "Column_0 and Column_1 are no names");
	aqi_forest_free(f);
	f = read_model(edit("pm25 o3=x station", "Column_0 Column_1 Column_3"),
		       &err);
	ok(f && trees.n_names == 3, "but Column_3 in the third place is one");
	aqi_forest_free(f);
}

static struct aqi_forest *
read_split(int decision, const char *threshold)
{
	char text[512];
	struct aqi_error err;

	snprintf(text, sizeof text,
		 "tree\nversion=v4\nnum_class=1\nmax_feature_idx=0\n"
		 "feature_names=a\n\n"
		 "Tree=0\nnum_leaves=2\nsplit_feature=0\nthreshold=%s\n"
		 "decision_type=%d\nleft_child=-1\nright_child=-2\n"
		 "leaf_value=-1 1\n\nend of trees\n", threshold, decision);
	return read_model(aqi_slice_of(text), &err);
}

/* Where LightGBM sends a value: include/LightGBM/tree.h, NumericalDecision. */
static void
test_splits(void)
{
	static const struct {
		int decision;
		const char *threshold;
		double x;
		bool left;
	} splits[] = {
		{0, "1", 1, true}, {0, "1", 0x1.0000000000001p0, false},
		{0, "1", -INFINITY, true}, {0, "1", INFINITY, false},
		/* Nothing is missing: a NaN is 0, whatever the default. */
		{0, "1", NAN, true}, {0, "-1", NAN, false},
		{2, "-1", NAN, false}, {2, "-1", 0, false},
		/* Zeros are missing, and NaN with them. */
		{4, "1", 0, false}, {4, "1", -0.0, false},
		{4, "1", NAN, false}, {4, "1", 1e-36, false},
		{4, "1", -1e-36, false}, {4, "1", 1e-34, true},
		{6, "-1", 0, true}, {6, "-1", NAN, true},
		{6, "-1", (double)1e-35f, true},
		{6, "-1", -(double)1e-35f, true},
		{6, "-1", 1.0000000180025097e-35, false},
		{6, "-1", 1, false}, {6, "-1", -2, true},
		/* NaN is missing. */
		{8, "1", NAN, false}, {10, "1", NAN, true},
		{8, "1", 0, true}, {10, "-1", 0, false},
		/* Zero, subnormal numbers, and the largest. */
		{8, "-0", 0, true}, {8, "-0", -0.0, true},
		{8, "0", -0.0, true}, {8, "-0", 0x1p-1074, false},
		{8, "-5e-324", -0.0, false}, {8, "-5e-324", -0x1p-1074, true},
		{8, "5e-324", 0x1p-1074, true}, {8, "5e-324", 1, false},
		{8, "-1.7976931348623157e308", -DBL_MAX, true},
		{8, "-1.7976931348623157e308", -1e308, false},
		{8, "1.7976931348623155e308", DBL_MAX, false},
		{8, "1.7976931348623157e308", DBL_MAX, true},
		{8, "1.7976931348623157e308", -1, true},
		{8, "1.7976931348623157e308", NAN, false},
		{10, "1.7976931348623157e308", NAN, true},
		{0, "1.7976931348623157e308", NAN, true},
		{4, "1.7976931348623157e308", 0, false},
		{6, "1.7976931348623157e308", 0, true},
		{8, "inf", DBL_MAX, true}, {8, "inf", INFINITY, true},
		{8, "inf", 0, true}, {8, "inf", NAN, false},
		{10, "inf", NAN, true},
	};

	for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
		struct aqi_forest *f = read_split(splits[i].decision,
						  splits[i].threshold);

		ok(f && predict(f, &splits[i].x) == (splits[i].left ? -1 : 1),
		   "decision %d, threshold %s: %g goes %s",
		   splits[i].decision, splits[i].threshold, splits[i].x,
		   splits[i].left ? "left" : "right");
		aqi_forest_free(f);
	}
}

/* n trees of one leaf each, for n_class classes. */
static struct aqi_forest *
read_leaves(const char *version, const char *objective, int n_class,
	    const char *more, const char *leaf, int n, struct aqi_error *err)
{
	char text[2048];
	int size = snprintf(text, sizeof text,
		"tree\nversion=%s\nnum_class=%d\nmax_feature_idx=0\n"
		"objective=%s\n%sfeature_names=a\n\n", version, n_class,
		objective, more);

	for (int i = 0; i < n; i++)
		size += snprintf(text + size, sizeof text - (size_t)size,
			"Tree=%d\nnum_leaves=1\nsplit_feature=\nthreshold=\n"
			"decision_type=\nleft_child=\nright_child=\n"
			"leaf_value=%s\n\n", i, leaf);
	snprintf(text + size, sizeof text - (size_t)size, "end of trees\n");
	return read_model(aqi_slice_of(text), err);
}

static void
test_objectives(void)
{
	static const struct {
		const char *text;
		int n_class;
		enum aqi_link_kind kind;
		double slope;
	} objectives[] = {
		{"regression", 1, AQI_LINK_IDENTITY, 1},
		{"regression sqrt", 1, AQI_LINK_SQUARE, 1},
		{"regression_l1", 1, AQI_LINK_IDENTITY, 1},
		{"regression_l1 sqrt", 1, AQI_LINK_SQUARE, 1},
		{"huber", 1, AQI_LINK_IDENTITY, 1},
		{"huber sqrt", 1, AQI_LINK_IDENTITY, 1},
		{"fair sqrt", 1, AQI_LINK_SQUARE, 1},
		{"quantile alpha:0.9", 1, AQI_LINK_IDENTITY, 1},
		{"mape", 1, AQI_LINK_IDENTITY, 1},
		{"poisson", 1, AQI_LINK_EXP, 1},
		{"gamma", 1, AQI_LINK_EXP, 1},
		{"tweedie tweedie_variance_power:1.5", 1, AQI_LINK_EXP, 1},
		{"binary sigmoid:1", 1, AQI_LINK_LOGISTIC, 1},
		{"binary sigmoid:0.5", 1, AQI_LINK_LOGISTIC, 0.5},
		{"multiclass num_class:3", 3, AQI_LINK_SOFTMAX, 1},
		{"multiclass num_class:2", 2, AQI_LINK_SOFTMAX, 1},
		{"multiclassova num_class:3 sigmoid:2", 3, AQI_LINK_LOGISTIC,
		 2},
		{"cross_entropy", 1, AQI_LINK_LOGISTIC, 1},
		{"cross_entropy_lambda", 1, AQI_LINK_LOG1P_EXP, 1},
		{"xentropy", 1, AQI_LINK_LOGISTIC, 1},
		{"xentlambda", 1, AQI_LINK_LOG1P_EXP, 1},
		{"lambdarank", 1, AQI_LINK_IDENTITY, 1},
		{"rank_xendcg", 1, AQI_LINK_IDENTITY, 1},
		{"custom", 3, AQI_LINK_IDENTITY, 1},
	};
	struct aqi_error err;

	for (size_t i = 0; i < sizeof objectives / sizeof objectives[0]; i++) {
		struct aqi_forest *f = read_leaves("v4", objectives[i].text,
			objectives[i].n_class, "", "1", 6, &err);
		struct aqi_link link = {0};

		if (f)
			link = aqi_forest_shape(f).link;
		ok(f && link.kind == objectives[i].kind && link.is_wide &&
		   link.slope == objectives[i].slope && link.divisor == 1 &&
		   aqi_slice_is(trees.objective, objectives[i].text),
		   "%s is %s", objectives[i].text,
		   f ? aqi_link_name(&link) : err.reason);
		aqi_forest_free(f);
	}
}

/* The outputs of random forests: 1 / (1 + exp(-1.5)) and others. */
static void
test_average(void)
{
	static const struct {
		const char *version, *objective, *leaf;
		enum aqi_link_kind kind;
		double output;
	} forests[] = {
		{"v4", "regression", "2.5", AQI_LINK_IDENTITY, 2.5},
		{"v2", "regression", "2.5", AQI_LINK_IDENTITY, 2.5},
		{"v4", "binary sigmoid:1", "0", AQI_LINK_LOGISTIC, 0.5},
		{"v3", "binary sigmoid:1", "0", AQI_LINK_LOGISTIC, 0.5},
		{"v2", "binary sigmoid:2", "0.75", AQI_LINK_IDENTITY, 0.75},
		{"v2", "binary sigmoid:2", "1", AQI_LINK_IDENTITY, 1},
		{"v2", "binary sigmoid:2", "-0", AQI_LINK_IDENTITY, 0},
		{"v2", "binary sigmoid:1", "1.5", AQI_LINK_LOGISTIC,
		 0.81757447619364365},
		{"v2", "binary sigmoid:1", "-1.5", AQI_LINK_LOGISTIC,
		 0.18242552380635635},
		{"v4", "poisson", "0", AQI_LINK_EXP, 1},
	};
	const double x = 0;
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < sizeof forests / sizeof forests[0]; i++) {
		struct aqi_link link = {0};
		double y = 0;

		f = read_leaves(forests[i].version, forests[i].objective, 1,
				"average_output\n", forests[i].leaf, 4, &err);
		if (f) {
			link = aqi_forest_shape(f).link;
			y = predict(f, &x);
			aqi_link_apply(&link, &y, 1, 1, &y);
		}
		ok(f && link.kind == forests[i].kind && link.divisor == 4 &&
		   fabs(y - forests[i].output) < 1e-15,
		   "the average of four leaves %s, %s of %s, is %g",
		   forests[i].leaf, forests[i].objective, forests[i].version,
		   y);
		aqi_forest_free(f);
	}
	f = read_leaves("v2", "poisson", 1, "average_output\n", "0.5", 4, &err);
	ok(!f && strcmp(err.reason, "average_output: of a file of version v2 "
			"with this objective nothing tells whether the "
			"leaves are outputs already") == 0,
	   "a random forest of v2 whose leaves may be outputs is refused");
	aqi_forest_free(f);
	f = read_leaves("v4", "multiclass num_class:3", 3, "average_output\n",
			"1", 6, &err);
	ok(f && aqi_forest_shape(f).link.divisor == 2,
	   "six trees for three classes are two iterations");
	aqi_forest_free(f);
}

#define OBJECTIVES "regression regression_l1 huber fair quantile mape "        \
	"poisson gamma tweedie binary multiclass multiclassova "              \
	"cross_entropy cross_entropy_lambda lambdarank rank_xendcg"

/* From, to, and what is said. */
static const char *const faults[][3] = {
	{"version=v4\n", "", "no line version"},
	{"num_class=1\n", "", "no line num_class"},
	{"max_feature_idx=2\n", "", "no line max_feature_idx"},
	{"feature_names=pm25 o3=x station\n", "", "no line feature_names"},
	{"version=v4", "version=v5",
	 "version \"v5\" cannot be read; v2, v3 and v4 can"},
	{"version=v4", "version=",
	 "version \"\" cannot be read; v2, v3 and v4 can"},
	{"version=v4", "version=v4\nversion=v4", "version is there twice"},
	{"num_class=1", "num_class=0",
	 "num_class: \"0\" is not a whole number from 1"},
	{"num_class=1", "num_class=x",
	 "num_class: \"x\" is not a whole number from 1"},
	{"num_class=1", "num_class=",
	 "num_class: \"\" is not a whole number from 1"},
	{"num_class=1", "num_class=-",
	 "num_class: \"-\" is not a whole number from 1"},
	{"num_class=1", "num_class=1.0",
	 "num_class: \"1.0\" is not a whole number from 1"},
	{"num_class=1", "num_class=1000000000000000000",
	 "num_class: \"1000000000000000000\" is not a whole number from 1"},
	{"num_class=1", "num_class=2",
	 "num_tree_per_iteration: 1, but num_class is 2"},
	{"num_tree_per_iteration=1", "num_tree_per_iteration=0",
	 "num_tree_per_iteration: \"0\" is not a whole number from 1"},
	{"num_class=1\nnum_tree_per_iteration=1", "num_class=1025",
	 "objective regression: num_class is 1025"},
	{"num_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
	 "max_feature_idx=2\nobjective=regression",
	 "num_class=1025\nmax_feature_idx=2",
	 "1025 outputs; 1 to 1024 are supported"},
	{"max_feature_idx=2", "max_feature_idx=-1",
	 "max_feature_idx: \"-1\" is not a whole number from 0"},
	{"max_feature_idx=2", "max_feature_idx=3",
	 "feature_names: 3 values for 4 features"},
	{"feature_infos=[0:10] none", "feature_infos=[0:10]",
	 "feature_infos: 2 values for 3 features"},
	{"pm25 o3=x station", "a b a", "feature_names: \"a\" is there twice"},
	{"pm25 o3=x station", "a b \xff", "feature_names: not UTF-8"},
	{"objective=regression", "objective=custom \xff",
	 "objective: not UTF-8"},
	{"objective=regression", "objective=fancy sigmoid:1",
	 "objective \"fancy\" is not supported; these are: " OBJECTIVES},
	{"objective=regression", "objective=binary",
	 "objective: no sigmoid"},
	{"objective=regression", "objective=binary sigmoid:0",
	 "objective: sigmoid \"0\" is not a number above 0"},
	{"objective=regression", "objective=binary sigmoid:x",
	 "objective: sigmoid \"x\" is not a number above 0"},
	{"objective=regression", "objective=multiclass num_class:1",
	 "objective multiclass: num_class is 1"},
	{"objective=regression", "objective=binary num_class:2 sigmoid:1",
	 "objective: num_class \"2\", but num_class is 1"},
	{"\nTree=0", "tree_sizes=285 312 227\n\nTree=0",
	 "tree 3: 328 bytes, but tree_sizes has \"\""},
	{"\nTree=0", "tree_sizes=285 312 227 330 1\n\nTree=0",
	 "tree_sizes: 5 sizes for 4 trees"},
	{"\nTree=0", "tree_sizes=282 312 227 330\n\nTree=0",
	 "tree 0: 283 bytes, but tree_sizes has \"282\""},
	{"\nTree=0", "tree_sizes=286 312 227 330\n\nTree=0",
	 "tree 0: 283 bytes, but tree_sizes has \"286\""},
	{"\nTree=0", "tree_sizes=-1 312 227 330\n\nTree=0",
	 "tree 0: 283 bytes, but tree_sizes has \"-1\""},
	{"Tree=0", "Tree=1", "tree 0: the file calls it \"1\""},
	{"Tree=0", "Tree=", "tree 0: the file calls it \"\""},
	{"Tree=2", "Tree=3", "tree 2: the file calls it \"3\""},
	{"num_leaves=3\n", "", "tree 0: no line num_leaves"},
	{"leaf_value=0.25 -1.5 3\n", "", "tree 0: no line leaf_value"},
	{"split_feature=0 1\n", "", "tree 0: no line split_feature"},
	{"threshold=1.5 -0\n", "", "tree 0: no line threshold"},
	{"decision_type=2 8\n", "", "tree 0: no line decision_type"},
	{"left_child=1 -1\n", "", "tree 0: no line left_child"},
	{"right_child=-3 -2\n", "", "tree 0: no line right_child"},
	{"split_gain=12.5 -inf\n", "", "tree 0: no line split_gain"},
	{"split_gain=12.5 -inf\n", "split_gain=\n",
	 "tree 0: split_gain: 0 values for 2 splits"},
	{"leaf_count=4 5 6\n", "", "tree 0: no line leaf_count"},
	{"internal_count=15 9\n", "", "tree 0: no line internal_count"},
	{"num_leaves=3", "num_leaves=3\nnum_leaves=3",
	 "tree 0: num_leaves is there twice"},
	{"shrinkage=1\n", "left_child=1 -1\n",
	 "tree 0: left_child is there twice"},
	{"num_leaves=3", "num_leaves=0", "tree 0: num_leaves: \"0\" is not a "
	 "whole number from 1 to 131072"},
	{"num_leaves=3", "num_leaves=x", "tree 0: num_leaves: \"x\" is not a "
	 "whole number from 1 to 131072"},
	{"num_leaves=3", "num_leaves=4",
	 "tree 0: leaf_value: 3 values for 4 leaves"},
	{"num_leaves=3", "num_leaves=2",
	 "tree 0: leaf_value: 3 values for 2 leaves"},
	{"split_feature=0 1", "split_feature=0",
	 "tree 0: split_feature: 1 values for 2 splits"},
	{"split_feature=0 1", "split_feature=0 1 1",
	 "tree 0: split_feature: 3 values for 2 splits"},
	{"split_feature=0 1", "split_feature=0 x",
	 "tree 0 node 1: split_feature: \"x\" is not a whole number"},
	{"split_feature=0 1", "split_feature=0 3",
	 "tree 0 node 1: no input 3 among 3"},
	{"split_feature=0 1", "split_feature=-1 1",
	 "tree 0 node 0: no input -1 among 3"},
	{"split_feature=0 1", "split_feature=4294967296 1",
	 "tree 0 node 0: no input 4294967296 among 3"},
	{"split_gain=12.5", "split_gain=x",
	 "tree 0 node 0: split_gain: \"x\" is not a number"},
	{"split_gain=12.5", "split_gain=1e39",
	 "tree 0 node 0: split_gain: \"1e39\" is too large"},
	{"threshold=1.5", "threshold=12abc",
	 "tree 0 node 0: threshold: \"12abc\" is not a number"},
	{"threshold=1.5", "threshold=1e",
	 "tree 0 node 0: threshold: \"1e\" is not a number"},
	{"threshold=1.5", "threshold=1.5e+x",
	 "tree 0 node 0: threshold: \"1.5e+x\" is not a number"},
	{"threshold=1.5 -0", "threshold=1.5 -1e",
	 "tree 0 node 1: threshold: \"-1e\" is not a number"},
	{"threshold=1.5", "threshold=-",
	 "tree 0 node 0: threshold: \"-\" is not a number"},
	{"threshold=1.5", "threshold=.",
	 "tree 0 node 0: threshold: \".\" is not a number"},
	{"threshold=1.5", "threshold=nan",
	 "tree 0 node 0: threshold: \"nan\" is not a number"},
	{"threshold=1.5", "threshold=-inf",
	 "tree 0 node 0: threshold: \"-inf\" is not a number"},
	{"threshold=1.5", "threshold=1e999",
	 "tree 0 node 0: threshold: \"1e999\" is not a number"},
	{"threshold=1.5", "threshold=1,5",
	 "tree 0 node 0: threshold: \"1,5\" is not a number"},
	{"decision_type=2 8", "decision_type=2 12", "tree 0 node 1: "
	 "decision_type: \"12\" has a missing type that does not exist"},
	{"decision_type=2 8", "decision_type=2 16",
	 "tree 0 node 1: decision_type: \"16\" is none from 0 to 11"},
	{"decision_type=2 8", "decision_type=-2 8",
	 "tree 0 node 0: decision_type: \"-2\" is none from 0 to 11"},
	{"decision_type=2 8", "decision_type=1 8", "tree 0 node 0: "
	 "decision_type: \"1\" has a threshold that is the number of no set"},
	{"left_child=1 -1", "left_child=x -1",
	 "tree 0 node 0: left_child: \"x\" is not a whole number"},
	{"left_child=1 -1", "left_child=2 -1",
	 "tree 0 node 0: left_child: \"2\" is past the last node"},
	{"left_child=1 -1", "left_child=1 -4",
	 "tree 0 node 1: left_child: \"-4\" is past the last leaf"},
	{"left_child=1 -1", "left_child=0 -1",
	 "tree 0 node 0: left_child: \"0\" is the root"},
	{"left_child=1 -1", "left_child=1 1",
	 "tree 0 node 1: left_child: \"1\" is a child already"},
	{"right_child=-3 -2", "right_child=-3 -1",
	 "tree 0 node 1: right_child: \"-1\" is a child already"},
	{"left_child=1 -1\nright_child=-3 -2",
	 "left_child=-1 1\nright_child=-3 -2",
	 "tree 0: 2 nodes are not reached from the root, 0 are said to be "
	 "unused"},
	{"leaf_value=0.25", "leaf_value=nan",
	 "tree 0 leaf 0: leaf_value: \"nan\" is not a number"},
	{"leaf_value=0.25 -1.5", "leaf_value=0.25 inf",
	 "tree 0 leaf 1: leaf_value: \"inf\" is not a number"},
	{"leaf_value=0.25 -1.5", "leaf_value=1e308 -1e308",
	 "the leaves are too large: their sum can exceed a 64-bit float"},
	{"leaf_weight=1 2 3", "leaf_weight=1 2",
	 "tree 0: leaf_weight: 2 values for 3 leaves"},
	{"leaf_count=4 5 6", "leaf_count=4 5 -6",
	 "tree 0 leaf 2: leaf_count: \"-6\" is below 0"},
	{"leaf_count=4 5 6", "leaf_count=4 5 6.5",
	 "tree 0 leaf 2: leaf_count: \"6.5\" is not a whole number"},
	{"internal_value=0 0.5", "internal_value=0",
	 "tree 0: internal_value: 1 values for 2 splits"},
	{"internal_weight=9 nan", "internal_weight=9 9 9",
	 "tree 0: internal_weight: 3 values for 2 splits"},
	{"internal_count=15 9", "internal_count=15 x",
	 "tree 0 node 1: internal_count: \"x\" is not a whole number"},
	{"num_cat=1", "num_cat=3",
	 "tree 1: num_cat: \"3\" is not a whole number from 0 to 2"},
	{"num_cat=1", "num_cat=0", "tree 1 node 0: decision_type: \"9\" has "
	 "a threshold that is the number of no set"},
	{"num_cat=1", "num_cat=2",
	 "tree 1: cat_boundaries: 2 values for 2 sets and the end"},
	{"threshold=0 7.5", "threshold=0.5 7.5", "tree 1 node 0: "
	 "decision_type: \"9\" has a threshold that is the number of no set"},
	{"threshold=0 7.5", "threshold=-1 7.5", "tree 1 node 0: "
	 "decision_type: \"9\" has a threshold that is the number of no set"},
	{"threshold=0 7.5", "threshold=inf 7.5", "tree 1 node 0: "
	 "decision_type: \"9\" has a threshold that is the number of no set"},
	{"threshold=0 7.5\ndecision_type=9 4",
	 "threshold=0 0\ndecision_type=9 1",
	 "tree 1 node 1: decision_type: \"1\" has the set of another node"},
	{"cat_boundaries=0 2\n", "",
	 "tree 1: cat_boundaries: 0 values for 1 sets and the end"},
	{"cat_threshold=5 1\n", "",
	 "tree 1: cat_threshold: 0 words, cat_boundaries has 2"},
	{"cat_boundaries=0 2", "cat_boundaries=0 1",
	 "tree 1: cat_threshold: 2 words, cat_boundaries has 1"},
	{"cat_boundaries=0 2", "cat_boundaries=1 2",
	 "tree 1: cat_boundaries: value 0 is not a whole number from 0"},
	{"cat_boundaries=0 2", "cat_boundaries=0 -2",
	 "tree 1: cat_boundaries: value 1 is not a whole number from 0"},
	{"cat_boundaries=0 2", "cat_boundaries=0 x",
	 "tree 1: cat_boundaries: value 1 is not a whole number from 0"},
	{"cat_threshold=5 1", "cat_threshold=5 4294967296",
	 "tree 1: cat_threshold: \"4294967296\" is no 32-bit word"},
	{"cat_threshold=5 1", "cat_threshold=-5 1",
	 "tree 1: cat_threshold: \"-5\" is no 32-bit word"},
	{"is_linear=1", "is_linear=2",
	 "tree 3: is_linear: \"2\" is not a whole number from 0 to 1"},
	{"leaf_const=1000.5 2000.5\n", "",
	 "tree 3: leaf_const: 0 values for 2 leaves"},
	{"leaf_const=1000.5 2000.5", "leaf_const=1000.5 nan",
	 "tree 3: leaf_const: \"nan\" is not a number"},
	{"num_features=2 0", "num_features=2",
	 "tree 3: num_features: 1 values for 2 leaves"},
	{"num_features=2 0", "num_features=2 -1",
	 "tree 3: num_features: \"-1\" is not a number of features"},
	{"num_features=2 0", "num_features=2 999999999999",
	 "tree 3: num_features: \"999999999999\" is not a number of features"},
	{"num_features=2 0", "num_features=2 x",
	 "tree 3: num_features: \"x\" is not a number of features"},
	{"num_features=2 0", "num_features=2 1",
	 "tree 3: leaf_features: 2 values for 3 terms"},
	{"leaf_features=0 2", "leaf_features=0 x",
	 "tree 3: leaf_features: \"x\" is not a feature"},
	{"leaf_features=0 2", "leaf_features=0 3",
	 "tree 3: leaf_features: \"3\" is not a feature"},
	{"leaf_coeff=2 -4", "leaf_coeff=2",
	 "tree 3: leaf_coeff: 1 values for 2 terms"},
	{"leaf_coeff=2 -4", "leaf_coeff=2 inf",
	 "tree 3: leaf_coeff: \"inf\" is not a number"},
	{"end of trees\n", "Tree 4\n",
	 "byte 1328: neither a tree nor the end of the trees"},
	{"end of trees\n", "",
	 "byte 1329: neither a tree nor the end of the trees"},
	{"pandas_categorical", "Tree=4\npandas_categorical",
	 "byte 1419: a tree behind the end of the trees"},
	{HEADER, HEADER "end of trees\n", "no trees"},
};

/* Is the reason the one that is wanted, of a model that is refused? */
static bool
says(const struct aqi_forest *f, const struct aqi_error *err,
     const char *reason)
{
	bool right = !f && err->code == AQI_E_MODEL &&
		     strcmp(err->reason, reason) == 0;

	if (!right)
		note("%s", f ? "read" : err->reason);
	return right;
}

static void
test_faults(void)
{
	struct aqi_error err;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct aqi_forest *f = read_model(edit(faults[i][0],
						       faults[i][1]), &err);

		ok(says(f, &err, faults[i][2]), "%s", faults[i][2]);
		aqi_forest_free(f);
	}
}

static void
test_ends(void)
{
	const size_t n = (size_t)(strstr(model, "end of trees") - model);
	struct aqi_slice text = edit("\nTree=0", "tree_sizes=285 312 227 330\n"
				     "\nTree=0");
	struct aqi_error err;
	struct aqi_forest *f;

	f = read_model((struct aqi_slice){model, n}, &err);
	ok(says(f, &err, "byte 1328: the file ends without a line \"end of "
		"trees\""), "a file without sizes must have an end");
	aqi_forest_free(f);
	text.size = (size_t)(strstr(text.data, "end of trees") - text.data);
	f = read_model(text, &err);
	ok(f != NULL, "one with sizes need not");
	aqi_forest_free(f);
	f = read_model((struct aqi_slice){"tree\0\n", 6}, &err);
	ok(says(f, &err, "this is no model of a known kind: XGBoost's "
		"JSON and UBJSON, LightGBM's text and ONNX can be read"),
	   "a first line that only begins as such is none");
	f = read_model((struct aqi_slice){"tree\n\0", 6}, &err);
	ok(says(f, &err, "byte 5: a NUL byte"), "a NUL byte is refused");
	f = read_model(aqi_slice_of("tree\r\n"), &err);
	ok(says(f, &err, "no line version"), "a line end may be CRLF");
	f = read_leaves("v4", "multiclass num_class:3", 3, "", "1", 4, &err);
	ok(says(f, &err, "4 trees: not the same number for each of 3 classes"),
	   "an iteration must be whole");
}

/* A chain of n leaves. */
static void
add_chain(struct aqi_buffer *text, int n)
{
	static const char *const values[] = {
		"split_feature=", "threshold=", "decision_type=",
	};

	aqi_buffer_add_format(text, "tree\nversion=v4\nnum_class=1\n"
			  "max_feature_idx=0\nfeature_names=a\n\n"
			  "Tree=0\nnum_leaves=%d\n", n);
	for (size_t k = 0; k < 3; k++) {
		aqi_buffer_add_format(text, "%s", values[k]);
		for (int i = 1; i < n; i++)
			aqi_buffer_add_format(text, "0 ");
		aqi_buffer_add_format(text, "\n");
	}
	aqi_buffer_add_format(text, "left_child=");
	for (int i = 1; i < n; i++)
		aqi_buffer_add_format(text, "%d ", -i);
	aqi_buffer_add_format(text, "\nright_child=");
	for (int i = 1; i < n; i++)
		aqi_buffer_add_format(text, "%d ", i + 1 < n ? i : -n);
	aqi_buffer_add_format(text, "\nleaf_value=");
	for (int i = 0; i < n; i++)
		aqi_buffer_add_format(text, "%d ", i);
	aqi_buffer_add_format(text, "\n\nend of trees\n");
}

static void
test_leaves(void)
{
	const int most = AQI_LIGHTGBM_MAX_LEAVES;
	const double x = 1;

	for (int n = most - 1; n <= most + 1; n++) {
		struct aqi_buffer text = {0};
		struct aqi_error err;
		struct aqi_forest *f;

		add_chain(&text, n);
		f = read_model((struct aqi_slice){text.data, text.size}, &err);
		if (n <= most)
			ok(f && predict(f, &x) == n - 1,
			   "a tree of %d leaves is read", n);
		else
			ok(says(f, &err, "tree 0: num_leaves: \"131073\" is "
				"not a whole number from 1 to 131072"),
			   "one of %d is refused", n);
		aqi_forest_free(f);
		aqi_buffer_free(&text);
	}
}

/* One split by a set of n_words words, all bits of them but the last's, which
 * has so many. */
static void
add_categories(struct aqi_buffer *text, int n_words, int n_bits)
{
	aqi_buffer_add_format(text, "tree\nversion=v4\nnum_class=1\n"
			  "max_feature_idx=0\nfeature_names=a\n\n"
			  "Tree=0\nnum_leaves=2\nnum_cat=1\nsplit_feature=0\n"
			  "threshold=0\ndecision_type=1\nleft_child=-1\n"
			  "right_child=-2\nleaf_value=-1 1\n"
			  "cat_boundaries=0 %d\ncat_threshold=", n_words);
	for (int i = 1; i < n_words; i++)
		aqi_buffer_add_format(text, "4294967295 ");
	aqi_buffer_add_format(text, "%u\n\nend of trees\n",
			  0x80000000u + (1u << (n_bits - 1)) - 1);
}

static void
test_categories(void)
{
	static const int n_words = 39574;
	struct aqi_buffer text = {0};
	struct aqi_error err;
	size_t most;
	int n_bits;

	add_categories(&text, n_words, 16);
	most = text.size / 2 + 1048576;
	aqi_buffer_free(&text);
	n_bits = (int)most - 32 * (n_words - 1);
	for (int n = n_bits - 1; n <= n_bits + 1; n++) {
		const double x = 32.0 * n_words - 1;
		struct aqi_forest *f;

		add_categories(&text, n_words, n);
		f = read_model((struct aqi_slice){text.data, text.size}, &err);
		if (n <= n_bits)
			ok(f && predict(f, &x) == -1,
			   "%d categories in %zu bytes are read",
			   32 * (n_words - 1) + n, text.size);
		else
			ok(!f && err.code == AQI_E_LIMIT &&
			   strcmp(err.reason, "tree 0: too many categories in "
				  "the sets for a file of this size") == 0,
			   "one more is refused");
		aqi_forest_free(f);
		aqi_buffer_free(&text);
	}
}

/* A model that is damaged is refused, or its sums are numbers, but those of
 * functions that overflow. */
static bool
is_harmless(struct aqi_forest *f, const struct aqi_error *err)
{
	static const double rows[][3] = {
		{0, 0, 0}, {NAN, NAN, NAN}, {1.5, 1, 2}, {-1, 7, 33},
	};
	bool is_finite = true;

	if (!f)
		return (err->code == AQI_E_MODEL || err->code == AQI_E_LIMIT) &&
		       err->reason[0];
	if (aqi_forest_shape(f).n_inputs <= 3 &&
	    aqi_forest_shape(f).n_margins == 1)
		for (size_t i = 0; i < 4; i++)
			is_finite &= isfinite(predict(f, rows[i])) != 0;
	aqi_forest_free(f);
	return is_finite;
}

/* Each byte of a model changed, and each place cut. */
static void
test_damage(void)
{
	static const char masks[] = {1, 2, 4, 8, 16, 32, 64, '\x80'};
	const size_t size = strlen(model);
	const size_t end = (size_t)(strstr(model, "end of trees") - model) + 12;
	char copy[sizeof model];
	struct aqi_error err;
	size_t n = 0, n_harmless = 0, n_refused = 0;

	for (size_t i = 0; i < end; i++) {
		char *cut = malloc(i + 1);
		struct aqi_forest *f;

		memcpy(cut, model, i);
		f = read_model((struct aqi_slice){cut, i}, &err);
		n_refused += !f && err.code == AQI_E_MODEL;
		aqi_forest_free(f);
		free(cut);
	}
	ok(n_refused == end, "a model cut at any byte before its end is "
	   "refused");
	for (size_t i = 0; i < size; i++) {
		for (size_t k = 0; k < sizeof masks + 2; k++, n++) {
			memcpy(copy, model, sizeof model);
			copy[i] = k < sizeof masks ?
				  (char)(copy[i] ^ masks[k]) :
				  k == sizeof masks ? '\0' : '\xff';
			n_harmless += is_harmless(read_model(
				(struct aqi_slice){copy, size}, &err), &err);
		}
	}
	ok(n_harmless == n, "%zu models with one byte changed do no harm", n);
}

/* What a prediction does not need is counted, and no more. */
static void
test_quick(void)
{
	const struct aqi_trees_options quick = {.skips_statistics = true};
	struct aqi_forest *f;
	struct aqi_error err;

	f = read_model(aqi_slice_of(model), &err);
	ok(f && f->gains && f->covers &&
	   is_quick_same(aqi_trees_read, aqi_slice_of(model), f),
	   "without statistics the trees are the same");
	aqi_forest_free(f);
	f = read_model(edit("leaf_count=4 5 6", "leaf_count=4 x 6"), &err);
	ok(!f && aqi_trees_read(edit("leaf_count=4 5 6", "leaf_count=4 x 6"),
				&quick, &arena, &trees, &err) == AQI_OK,
	   "a count that is no number is passed over in haste");
	aqi_forest_free(trees.forest);
	ok(aqi_trees_read(edit("leaf_count=4 5 6", "leaf_count=4 5"), &quick,
			  &arena, &trees, &err) == AQI_FATAL &&
	   strcmp(err.reason, "tree 0: leaf_count: 2 values for 3 leaves") == 0,
	   "but as many as there are leaves there must be: %s", err.reason);
}

int
main(void)
{
	test_good();
	test_same();
	test_bare();
	test_splits();
	test_objectives();
	test_average();
	test_faults();
	test_ends();
	test_leaves();
	test_categories();
	test_damage();
	test_quick();
	aqi_arena_free(&arena);
	return done();
}
