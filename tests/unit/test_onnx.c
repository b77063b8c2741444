/*
 * ONNX models made here: what each mode, aggregate, transform and step means.
 * Golden numbers are those of ONNX Runtime 1.32 for the same model.
 */
#include <float.h>

#include "onnx_models.h"
#include "tap.h"

/* The model of a text with one edit, or none; NULL where it is refused. */
static struct aqi_forest *
load(const char *text, const char *from, const char *to)
{
	char *edited = edit(text, from, to);
	struct aqi_error err = {0};
	struct aqi_trees trees;

	if (read_text(edited, &trees, &err) != AQI_OK)
		note("%s", err.reason);
	free(edited);
	return trees.forest;
}

/* Its outputs for one sample are these. */
static bool
says(const char *text, const char *from, const char *to, const double *x,
     const double *want, size_t n)
{
	struct aqi_forest *forest = load(text, from, to);
	double out[8] = {0};
	size_t n_same = 0;

	if (!forest)
		return false;
	predict(forest, x, out);
	for (size_t i = 0; i < n; i++)
		n_same += out[i] == want[i];
	if (n_same < n)
		note("%.17g %.17g %.17g", out[0], out[1], out[2]);
	aqi_forest_free(forest);
	return n_same == n;
}

static void
test_regressor(void)
{
	static const double rows[][3] = {
		{0.5, 0, 11}, {0.6, 0, 12}, {0.5, 2, 41},
		{(double)NAN, (double)NAN, 22}, {-1, 1, 21}, {-0.5, 1, 11},
	};
	struct aqi_forest *forest = load(onnx_regressor, "ir 8", "ir 8");
	uint32_t leaf[2];
	size_t n_right = 0;
	double y;

	for (size_t i = 0; forest && i < 6; i++) {
		predict(forest, rows[i], &y);
		n_right += y == rows[i][2];
		if (y != rows[i][2])
			note("%g %g: %g", rows[i][0], rows[i][1], y);
	}
	ok(n_right == 6, "trees are asked as their modes say");
	if (!forest)
		return;
	aqi_forest_leaves(forest, rows[0], leaf);
	ok(leaf[0] == 1 && leaf[1] == 2, "leaves have the numbers of the file");
	aqi_forest_free(forest);
}

static void
test_texts(void)
{
	struct aqi_trees trees;
	struct aqi_error err;

	if (!ok(read_text(onnx_classifier, &trees, &err) == AQI_OK,
		"a classifier is read"))
		return;
	ok(strcmp(trees.format, "onnx") == 0 &&
	   aqi_slice_is(trees.objective, "TreeEnsembleClassifier") &&
	   aqi_slice_is(trees.writer, "converter 1.2") && trees.n_names == 0,
	   "with its operator and who wrote it");
	ok(trees.n_labels == 3 && aqi_slice_is(trees.labels[0], "low") &&
	   aqi_slice_is(trees.labels[2], "high"), "and its labels");
	aqi_forest_free(trees.forest);
	ok(read_text(onnx_binary, &trees, &err) == AQI_OK &&
	   trees.n_labels == 2 && aqi_slice_is(trees.labels[1], "7"),
	   "labels that are numbers are texts");
	aqi_forest_free(trees.forest);
}

/* A stump that asks one question of one input, as a model of 32 or 64 bits. */
static char *
make_stump(const char *mode, double threshold, bool tracks, bool is_wide)
{
	char *text, value[64];

	snprintf(value, sizeof value, "%.17g", threshold);
	if (asprintf(&text, ONNX_HEAD "input X %d 1\noutput y\n"
		"node ai.onnx.ml TreeEnsembleRegressor X y\n"
		"ints nodes_treeids 0 0 0\nints nodes_nodeids 0 1 2\n"
		"ints nodes_featureids 0 0 0\nstrings nodes_modes %s LEAF LEAF\n"
		"ints nodes_truenodeids 1 0 0\nints nodes_falsenodeids 2 0 0\n"
		"attribute nodes_values_as_tensor %d 3 %s 0 0\n"
		"ints nodes_missing_value_tracks_true %d 0 0\n"
		"ints target_treeids 0 0\nints target_nodeids 1 2\n"
		"ints target_ids 0 0\nfloats target_weights 1 0\n"
		"int n_targets 1\n", is_wide ? 11 : 1, mode,
		is_wide ? 11 : 1, value, tracks) < 0)
		abort();
	return text;
}

static bool
ask(const char *mode, double x, double threshold, bool tracks)
{
	if (isnan(x) && tracks)
		return true;
	switch (mode[7]) {
	case 'E':
		return x == threshold;
	case 'N':
		return x != threshold;
	case 'L':
		return mode[8] == 'T' ? x < threshold : x <= threshold;
	default:
		return mode[8] == 'T' && !mode[9] ? x > threshold :
		       x >= threshold;
	}
}

/* Around a threshold, and at the ends of the number line. */
static size_t
try_stump(const struct aqi_forest *forest, const char *mode, double threshold,
	  bool tracks, bool is_wide)
{
	const float t = (float)threshold;
	const double points[] = {
		threshold, 0, -0.0, 1, -1, (double)NAN, (double)INFINITY,
		(double)-INFINITY, is_wide ? nextafter(threshold, HUGE_VAL) :
		(double)nextafterf(t, HUGE_VALF),
		is_wide ? nextafter(threshold, -HUGE_VAL) :
		(double)nextafterf(t, -HUGE_VALF),
	};
	size_t n_wrong = 0;
	double y;

	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		predict(forest, &points[i], &y);
		n_wrong += y != ask(mode, points[i], threshold, tracks);
	}
	return n_wrong;
}

static void
test_modes(void)
{
	static const char *const modes[] = {
		"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT",
		"BRANCH_EQ", "BRANCH_NEQ"
	};
	static const double thresholds[] = {
		0, -0.0, 0.5, -0.5, 1, 0x1p-149, -0x1p-149, 3e38, -3e38
	};
	size_t n_wrong = 0, n_read = 0;

	for (size_t i = 0; i < 6 * 9 * 4; i++) {
		const char *mode = modes[i % 6];
		const double t = (double)(float)thresholds[i / 6 % 9];
		const bool tracks = i / 54 & 1, is_wide = i / 108;
		char *text = make_stump(mode, t, tracks, is_wide);
		struct aqi_forest *forest = load(text, "ir 8", "ir 8");

		free(text);
		if (!forest)
			continue;
		n_read++;
		n_wrong += try_stump(forest, mode, t, tracks, is_wide);
		aqi_forest_free(forest);
	}
	ok(n_read == 216 && n_wrong == 0,
	   "each mode asks its question, at the threshold and beside it, of "
	   "NaN and of infinity");
}

/* A threshold that is infinite has one answer for every number. */
static void
test_infinity(void)
{
	static const struct {
		const char *mode;
		double threshold;
		double answer;
	} cases[] = {
		{"BRANCH_LEQ", (double)INFINITY, 1},
		{"BRANCH_GT", (double)INFINITY, 0},
		{"BRANCH_LT", (double)-INFINITY, 0},
		{"BRANCH_GTE", (double)-INFINITY, 1},
	};
	static const double points[] = {0, 3e38, -3e38};
	size_t n_right = 0;
	double y;

	for (size_t i = 0; i < 4; i++) {
		char *text = make_stump(cases[i].mode, cases[i].threshold,
					false, false);
		struct aqi_forest *forest = load(text, "ir 8", "ir 8");
		const double missing = (double)NAN;

		free(text);
		for (size_t k = 0; forest && k < 3; k++) {
			predict(forest, &points[k], &y);
			n_right += y == cases[i].answer;
		}
		if (!forest)
			continue;
		predict(forest, &missing, &y);
		n_right += y == 0;
		aqi_forest_free(forest);
	}
	ok(n_right == 16, "an infinite threshold has one answer for all "
	   "numbers, and another for NaN");
}

/* 2^24 + 1 is no float: which sums are rounded tells their order. */
static void
test_order(void)
{
	static const double x[] = {0, 0};

	ok(says(onnx_regressor, "floats target_weights 1 2 10 20 40\n",
		"floats target_weights 16777216 2 1 20 40\n"
		"floats base_values -16777216\n", x, (double[]){0}, 1),
	   "leaves are added in the order of the trees, then the base value");
	ok(says(onnx_regressor, "input X 1", "input X 11", x, (double[]){11},
		1), "an input of 64 bits has sums of 64");
	ok(says(onnx_regressor,
		"output y\nnode ai.onnx.ml TreeEnsembleRegressor X y\n",
		"output y\nnode - Cast X x\nint to 11\n"
		"node ai.onnx.ml TreeEnsembleRegressor x y\n"
		"floats base_values 1e-9\n", x, (double[]){11}, 1),
	   "which are cut to 32 in the end");
	ok(says(onnx_regressor, "int n_targets 1\n",
		"int n_targets 1\nfloats base_values 0\n", x,
		(double[]){11}, 1), "a base value of 0 adds nothing");
}

static void
test_aggregates(void)
{
	static const double x[] = {0.6, 0};
	static const char from[] = "int n_targets 1\n";

	ok(says(onnx_regressor, from, "int n_targets 1\n"
		"string aggregate_function AVERAGE\nfloats base_values 0.1\n",
		x, (double[]){(double)(12.0f / 2 + 0.1f)}, 1),
	   "AVERAGE divides, then adds the base value");
	ok(says(onnx_regressor, from, "int n_targets 1\n"
		"string aggregate_function MIN\nfloats base_values 0.5\n", x,
		(double[]){2.5}, 1), "MIN of the leaves");
	ok(says(onnx_regressor, from, "int n_targets 1\n"
		"string aggregate_function MAX\n", x, (double[]){10}, 1),
	   "MAX of them");
	ok(says(onnx_regressor, from, "int n_targets 1\n"
		"string post_transform LOGISTIC\n", x, (double[]){12}, 1),
	   "a transform of one target is passed over, as there");
	ok(says(onnx_regressor, "1 2 10 20 40\n", "0.1 0.15 0.1 0.2 0.4\n"
		"string post_transform PROBIT\n", x,
		(double[]){-0.6745743155479431}, 1), "but for PROBIT");
}

static void
test_classes(void)
{
	static const double x[] = {0, 0}, other[] = {0.6, 2};

	ok(says(onnx_classifier, "ir 8", "ir 8", x, (double[]){1.25, 0.5, 0},
		3) &&
	   says(onnx_classifier, "ir 8", "ir 8", other,
		(double[]){0.125, 0.5, 4.75}, 3),
	   "a leaf without a weight for a class adds nothing to it");
	ok(says(onnx_classifier, "string post_transform NONE\n",
		"floats base_values 1 2 3\n", x, (double[]){2.25, 2.5, 3}, 3),
	   "each class has its base value");
	ok(says(onnx_classifier, "post_transform NONE",
		"post_transform SOFTMAX", x,
		(double[]){0.5685464143753052, 0.26856231689453125,
			   0.16289128363132477}, 3),
	   "SOFTMAX of the classes");
	ok(says(onnx_classifier, "post_transform NONE",
		"post_transform SOFTMAX_ZERO", x,
		(double[]){0.6791787147521973, 0.32082128524780273, 0}, 3),
	   "SOFTMAX_ZERO leaves out a class of 0");
	ok(says(onnx_classifier, "post_transform NONE",
		"post_transform LOGISTIC", other,
		(double[]){0.53120940923690796, 0.62245935201644897,
			   0.99142247438430786}, 3),
	   "LOGISTIC of each class");
}

static void
test_binary(void)
{
	static const double low = 0, high = 1;
	static const char from[] = "post_transform NONE";

	ok(says(onnx_binary, from, from, &low, (double[]){0.75, 0.25}, 2) &&
	   says(onnx_binary, from, from, &high, (double[]){0.25, 0.75}, 2),
	   "weights of one class of two are a probability");
	ok(says(onnx_binary, "weights 0.25", "weights -0.25", &low,
		(double[]){0.25, -0.25}, 2),
	   "or a margin where one is below 0");
	ok(says(onnx_binary, from, "post_transform LOGISTIC", &high,
		(double[]){0.32082128524780273, 0.6791787147521973}, 2),
	   "LOGISTIC of it and of its opposite");
	ok(says(onnx_binary, from, "post_transform LOGISTIC\n"
		"floats base_values 0.1", &low,
		(double[]){0.4133824110031128, 0.5866175889968872}, 2),
	   "behind its base value");
	ok(says(onnx_binary, "class_ids 0 0", "class_ids 1 1", &high,
		(double[]){0, 0.75}, 2), "weights of the second are its own");
}

static void
test_branches(void)
{
	static const double rows[][3] = {
		{2, 1, 102}, {3, 2, 104}, {2.5, 1, 101}, {0, 9, 101},
		{(double)NAN, 1, 102}, {-2, (double)NAN, 101},
	};
	struct aqi_forest *forest;
	uint32_t leaf[2] = {0};
	size_t n_right = 0;

	for (size_t i = 0; i < 6; i++)
		n_right += says(onnx_branches, "ir 10", "ir 10", rows[i],
				&rows[i][2], 1);
	ok(n_right == 6, "TreeEnsemble of version 5: members, branches and a "
	   "lone leaf");
	ok(says(onnx_branches, "input X 1 2\noutput y\n"
		"node ai.onnx.ml TreeEnsemble X", "input X 1 2\noutput y\n"
		"opset - 18\nnode ai.onnx.ml Imputer X i\n"
		"floats imputed_value_floats 3\n"
		"float replaced_value_float nan\n"
		"node ai.onnx.ml TreeEnsemble i", (double[]){(double)NAN, 2},
		(double[]){104}, 1), "what is imputed may be a member");
	ok(says(onnx_branches, "aggregate_function 1", "aggregate_function 0",
		rows[0], (double[]){51}, 1), "its average");
	ok(says(onnx_branches, "n_targets 1\n", "n_targets 2\n", rows[0],
		(double[]){102, 0}, 2), "another target without a leaf");
	forest = load(onnx_branches, "n_targets 1\n", "n_targets 2\n");
	if (!ok(forest && aqi_forest_source_trees(forest) == 2,
		"each tree is there once"))
		return;
	aqi_forest_leaves(forest, rows[0], leaf);
	ok(leaf[0] == 1 && leaf[1] == 3, "and its leaves have the numbers of "
	   "the file");
	aqi_forest_free(forest);
}

int
main(void)
{
	test_regressor();
	test_texts();
	test_modes();
	test_infinity();
	test_order();
	test_aggregates();
	test_classes();
	test_binary();
	test_branches();
	aqi_arena_free(&onnx_arena);
	return done();
}
