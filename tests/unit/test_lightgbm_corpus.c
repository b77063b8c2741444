/*
 * LightGBM's model files, where AQI_CORPORA names the folder of them: sums and
 * leaves are LightGBM's own, to the last bit, what it makes of the sums is
 * within 1e-12, and what is broken is refused.
 */
#include "model/engine.h"
#include "model/link.h"
#include "model_corpus.h"

/* How far apart, relative to what is wanted; 0: no bit differs. */
static double
distance(double x, double wanted)
{
	if (memcmp(&x, &wanted, sizeof x) == 0)
		return 0;
	return x == wanted ? 0x1p-1074 : fabs(x - wanted) / fabs(wanted);
}

/* Sums, or what the link makes of them, against some columns of a table. */
static void
compare(const char *name, const struct aqi_forest *forest,
	const struct table *in, const struct table *wanted, size_t first,
	bool is_linked, double tolerance)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	double y[AQI_FOREST_MAX_MARGINS], most = 0;
	bool fits = in->n_rows == wanted->n_rows && in->n_rows > 0 &&
		    first + shape.n_margins <= wanted->n_columns;

	for (size_t i = 0; fits && i < in->n_rows; i++) {
		aqi_forest_predict(forest, in->x + i * in->n_columns, 1, y);
		if (is_linked)
			aqi_link_apply(&shape.link, y, shape.n_margins, 1, y);
		for (size_t k = 0; k < shape.n_margins; k++)
			most = fmax(most, distance(y[k],
				wanted->x[i * wanted->n_columns + first + k]));
	}
	if (!ok(fits && most <= tolerance, "%s: %s of %zu rows %s LightGBM's",
		name, is_linked ? "outputs" : "sums", in->n_rows,
		tolerance > 0 ? "are nearly" : "are to the bit"))
		note("differ by %g; %zu rows of %zu, %zu wide", most,
		     in->n_rows, wanted->n_rows, wanted->n_columns);
}

/* Every way there is for the forest gives the bits of the scalar. */
static void
compare_ways(const char *name, const struct aqi_forest *forest,
	     const struct table *in)
{
	static const char *const ways[] = {
		"walk", "interleaved", "nodes-portable", "nodes-avx2",
		"nodes-avx512", "planes-portable", "planes-avx2",
		"planes-avx512", "planes-avx512-vbmi",
	};
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	const size_t n = in->n_rows, size = n * shape.n_margins;
	double *x = calloc(n * shape.n_inputs, sizeof *x);
	double *y = calloc(size, sizeof *y), *z = calloc(size, sizeof *z);
	size_t n_ways = 0, n_right = 0;

	for (size_t i = 0; i < n; i++)
		memcpy(x + i * shape.n_inputs, in->x + i * in->n_columns,
		       shape.n_inputs * sizeof *x);
	aqi_forest_predict(forest, x, n, y);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		const struct aqi_engine_options options = {.name = ways[i]};
		struct aqi_error err;
		struct aqi_engine *engine = aqi_engine_new(forest, &options,
							   &err);

		if (!engine)
			continue;
		n_ways++;
		if (aqi_engine_prepare(engine, n, &err) == AQI_OK) {
			aqi_engine_predict(engine, x, n, z);
			n_right += memcmp(y, z, size * sizeof *y) == 0;
		}
		aqi_engine_free(engine);
	}
	ok(n_right == n_ways, "%s: %zu ways to evaluate it give the same bits",
	   name, n_ways);
	free(x);
	free(y);
	free(z);
}

static const struct table_form with_header = {
	.delimiter = ',', .has_header = true
};
static const struct table_form without_header = {.delimiter = ','};

static void
test_oracle(const char *name)
{
	static const char format[] = "models-lightgbm-oracle/%s/%s";
	const double tolerance = strcmp(name, "linear_tree") == 0 ? 1e-12 : 0;
	struct table in, wanted, leaves;
	struct aqi_forest *forest =
		load_good(corpus_path(format, name, "model.txt"), name);

	if (!forest)
		return;
	read_table(corpus_path(format, name, "input.csv"), &with_header, &in);
	read_table(corpus_path(format, name, "expected.csv"), &with_header,
		   &wanted);
	read_table(corpus_path(format, name, "expected_leaf.csv"),
		   &without_header, &leaves);
	compare(name, forest, &in, &wanted, 0, false, tolerance);
	compare(name, forest, &in, &wanted, wanted.n_columns / 2, true, 1e-12);
	compare_leaves(name, forest, &in, &leaves);
	compare_ways(name, forest, &in);
	free(in.x);
	free(wanted.x);
	free(leaves.x);
	aqi_forest_free(forest);
}

/* Files of other projects, beside the model. */
static const struct beside {
	const char *folder, *model, *input;
	char delimiter;
	size_t n_left_out;	/* first fields, the label */
	const char *sums, *outputs, *leaves;
	char between;		/* values of these */
	double tolerance;	/* of the sums */
} besides[] = {
	{"models-lightgbm-leaves", "lg_dart_breast_cancer.model",
	 "breast_cancer_test.tsv", '\t', 0, NULL,
	 "lg_dart_breast_cancer_true_predictions.txt", NULL, '\t', 0},
	{"models-lightgbm-leaves", "lg_kddcup99.model", "kddcup99_test.tsv",
	 '\t', 0, "lg_kddcup99_true_predictions.txt", NULL, NULL, '\t', 0},
	{"models-lightgbm-leaves", "lgmulticlass.model", "multiclass_test.tsv",
	 '\t', 1, "lgmulticlass_true_raw_predictions.txt",
	 "lgmulticlass_true_predictions.txt", NULL, '\t', 0},
	{"models-lightgbm-leaves", "lg_rf_iris.model", "iris_test.libsvm",
	 ':', 1, NULL, "lg_rf_iris_true_predictions.txt", NULL, '\t', 0},
	{"models-lightgbm-leaves", "genlin_fmtp_gamma_AvgClaimAmount.model",
	 "genlin_fmtp_gamma_AvgClaimAmount_features.tsv", '\t', 0, NULL,
	 "genlin_fmtp_gamma_AvgClaimAmount_true_predictions.txt", NULL, '\t',
	 0},
	{"models-lightgbm-leaves", "genlin_fmtp_poisson_Frequency.model",
	 "genlin_fmtp_poisson_Frequency_features.tsv", '\t', 0, NULL,
	 "genlin_fmtp_poisson_Frequency_true_predictions.txt", NULL, '\t', 0},
	{"models-lightgbm-leaves", "genlin_fmtp_tweedie_PurePremium.model",
	 "genlin_fmtp_tweedie_PurePremium_features.tsv", '\t', 0, NULL,
	 "genlin_fmtp_tweedie_PurePremium_true_predictions.txt", NULL, '\t',
	 0},
	{"models-lightgbm-leaves", "lg_breast_cancer.txt",
	 "lg_breast_cancer_data.txt", ' ', 0, NULL, NULL,
	 "lg_breast_cancer_data_pred_leaves.txt", ' ', 0},
	{"models-treelite", "toy_categorical_model.txt",
	 "toy_categorical.test", ':', 1, NULL, "toy_categorical.test.pred",
	 NULL, '\t', 0},
};

/* Values of the model's inputs: those of LibSVM are not all there. */
static bool
read_inputs(const struct beside *b, size_t n_inputs, struct table *table)
{
	const bool is_sparse = b->delimiter == ':';
	const struct table_form form = {
		.delimiter = is_sparse ? ' ' : b->delimiter,
		.n_left_out = b->n_left_out,
		.n_sparse = is_sparse ? n_inputs : 0,
	};

	return read_table(corpus_path("%s/%s", b->folder, b->input), &form,
			  table);
}

static bool
read_wanted(const struct beside *b, const char *name, struct table *table)
{
	const struct table_form form = {.delimiter = b->between};

	return name && read_table(corpus_path("%s/%s", b->folder, name), &form,
				  table);
}

static void
test_beside(const struct beside *b)
{
	struct table in, wanted;
	struct aqi_forest *forest = load_good(
		corpus_path("%s/%s", b->folder, b->model), b->model);

	if (!forest)
		return;
	ok(read_inputs(b, aqi_forest_shape(forest).n_inputs, &in),
	   "%s: there are inputs", b->model);
	compare_ways(b->model, forest, &in);
	if (read_wanted(b, b->sums, &wanted)) {
		compare(b->model, forest, &in, &wanted, 0, false,
			b->tolerance);
		free(wanted.x);
	}
	if (read_wanted(b, b->outputs, &wanted)) {
		compare(b->model, forest, &in, &wanted, 0, true, 1e-12);
		free(wanted.x);
	}
	if (read_wanted(b, b->leaves, &wanted)) {
		compare_leaves(b->model, forest, &in, &wanted);
		free(wanted.x);
	}
	free(in.x);
	aqi_forest_free(forest);
}

static void
test_ankane(const char *name)
{
	static const char format[] = "models-ankane/%s.%s";
	struct table in, wanted;
	struct aqi_forest *forest =
		load_good(corpus_path(format, name, "txt"), name);

	if (!forest)
		return;
	read_table(corpus_path(format, name, "input.csv"), &with_header, &in);
	read_table(corpus_path(format, name, "expected.csv"), &with_header,
		   &wanted);
	compare(name, forest, &in, &wanted, 0, false, 0);
	compare(name, forest, &in, &wanted, wanted.n_columns / 2, true, 1e-12);
	compare_ways(name, forest, &in);
	free(in.x);
	free(wanted.x);
	aqi_forest_free(forest);
}

static void
check_refused(const char *path, const char *name, const char *reason)
{
	struct aqi_error err = {0};
	struct aqi_forest *forest = load_forest(path, &err);

	if (!ok(!forest && strstr(err.reason, reason),
		"%s is refused by its name", name))
		note("%s", err.reason);
	aqi_forest_free(forest);
}

static void
test_boosters(const char *name)
{
	static const char format[] = "models-boosters/lightgbm/inference/%s/%s";
	struct aqi_forest *forest;
	struct table in, wanted;

	check_refused(corpus_path(format, name, "model.json"), name,
		      "a LightGBM JSON dump");
	forest = load_good(corpus_path(format, name, "model.txt"), name);
	if (!forest)
		return;
	read_json_table(corpus_path(format, name, "input.json"), "data", false,
			&in);
	read_json_table(corpus_path(format, name, "expected.json"), "raw",
			false, &wanted);
	compare(name, forest, &in, &wanted, 0, false, 1e-12);
	free(wanted.x);
	if (read_json_table(corpus_path(format, name, "expected.json"),
			    "proba", false, &wanted) ||
	    read_json_table(corpus_path(format, name, "expected.json"),
			    "predictions", false, &wanted)) {
		compare(name, forest, &in, &wanted, 0, true, 1e-12);
		free(wanted.x);
	}
	free(in.x);
	aqi_forest_free(forest);
}

/* A file that was edited on another system. */
static void
test_line_ends(void)
{
	static const char format[] = "models-malformed/lightgbm-text/%s.txt";
	struct aqi_forest *good = load_good(corpus_path(format, "good"),
					    "good.txt");
	struct aqi_forest *crlf = load_good(corpus_path(format, "good-crlf"),
					    "good-crlf.txt");

	ok(good && crlf && predict_the_same(good, crlf),
	   "a model with CRLF line ends predicts as with LF");
	aqi_forest_free(crlf);
	aqi_forest_free(good);
}

/* A tree without a model, and a dump, are named for what they are. */
static void
test_not_a_model(void)
{
	static const char *const names[][2] = {
		{"tree_1leaf.txt", "this is a tree cut out of"},
		{"tree_2leaves.txt", "this is a tree cut out of"},
		{"tree_3leaves.txt", "this is a tree cut out of"},
		{"lg_1tree.json", "this is a LightGBM JSON dump"},
		{"lg_1tree_1leaf.json", "this is a LightGBM JSON dump"},
		{"lg_dart_breast_cancer.json", "this is a LightGBM JSON dump"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		check_refused(corpus_path("not-a-model/%s", names[i][0]),
			      names[i][0], names[i][1]);
}

int
main(void)
{
	static const char *const oracle[] = {
		"regression_l2", "poisson", "binary", "multiclass6",
		"linear_tree", "categorical_many", "zero_as_missing",
		"no_missing", "stump_single_leaf", "odd_feature_names",
	};
	static const char *const boosters[] = {
		"binary_classification", "linear_tree", "multiclass",
		"regression", "regression_missing", "small_tree",
	};
	const char *corpora = getenv("AQI_CORPORA");

	if (!corpora || !*corpora) {
		skip("models of other projects", "AQI_CORPORA is not set");
		return done();
	}
	for (size_t i = 0; i < sizeof oracle / sizeof oracle[0]; i++)
		test_oracle(oracle[i]);
	for (size_t i = 0; i < sizeof besides / sizeof besides[0]; i++)
		test_beside(&besides[i]);
	test_ankane("lightgbm-model");
	test_ankane("lightgbm-categorical");
	for (size_t i = 0; i < sizeof boosters / sizeof boosters[0]; i++)
		test_boosters(boosters[i]);
	aqi_forest_free(load_good(
		corpus_path("models-lightgbm-leaves/model_simple.txt"),
		"model_simple.txt"));
	test_malformed("lightgbm-text/", "lightgbm-text/good.txt");
	test_line_ends();
	test_not_a_model();
	return done();
}
