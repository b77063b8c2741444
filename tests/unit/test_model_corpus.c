/*
 * Foreign model files, where AQI_CORPORA names the folder of them: margins and
 * leaves equal XGBoost's own, what is broken is refused, and so is what is no
 * model of ours.
 */
#include <dirent.h>

#include "model/walk.h"
#include "model_corpus.h"

/* Where the trees can be laid out for it, the walk gives the same. */
static void
compare_walk(const char *name, const struct aqi_forest *forest,
	     const struct table *in, const double *margin)
{
	const size_t n = in->n_rows * aqi_forest_shape(forest).n_margins;
	double *walked = calloc(n, sizeof *walked);
	struct aqi_walk *walk;

	if (aqi_walk_new(forest, "rows", &walk, NULL) == AQI_OK && walk) {
		aqi_walk_predict(walk, in->x, in->n_rows, walked);
		ok(memcmp(walked, margin, n * sizeof *margin) == 0,
		   "%s: walked in groups, too", name);
	}
	aqi_walk_free(walk);
	free(walked);
}

/*
 * How many 32-bit floats there are from one to the other; 0 where they differ
 * by less than `close`.
 */
static double
distance(double a, double b, double close)
{
	const float x[2] = {(float)a, (float)b};
	int32_t bits[2];

	if (fabs(a - b) < close)
		return 0;
	memcpy(bits, x, sizeof bits);
	for (int i = 0; i < 2; i++)
		if (bits[i] < 0)
			bits[i] = INT32_MIN - bits[i];
	return fabs((double)bits[0] - (double)bits[1]);
}

/* n columns of what is wanted, from the first on, against ours. */
static double
largest_distance(const double *ours, size_t n, const struct table *wanted,
		 size_t first, double close)
{
	double largest = 0;

	for (size_t i = 0; i < wanted->n_rows; i++)
		for (size_t k = 0; k < n; k++)
			largest = fmax(largest, distance(
				ours[i * n + k],
				wanted->x[i * wanted->n_columns + first +
					    k], close));
	return largest;
}

/*
 * The first columns of what is wanted are the margins, and what follows the
 * outputs, which exp and its like may round another way.
 *
 * is_fused  XGBoost multiplied and added in one step, which gives another sum
 *           for linear functions
 */
static void
compare(const char *name, const struct aqi_forest *forest,
	const struct table *in, const struct table *wanted, bool is_fused)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	const size_t n = shape.n_margins, n_rows = in->n_rows;
	const size_t n_out = aqi_link_outputs(&shape.link, n);
	const double close = is_fused ? 4e-7 : 0;
	double *margin = calloc(n_rows * n, sizeof *margin);
	double *out = calloc(n_rows * n, sizeof *out), far, far_out = 0;
	const bool has_out = wanted->n_columns == n + n_out;

	if (!ok(shape.n_inputs == in->n_columns &&
		wanted->n_rows == n_rows &&
		(has_out || wanted->n_columns == n),
		"%s: there are as many numbers as expected", name)) {
		free(margin);
		free(out);
		return;
	}
	aqi_forest_predict(forest, in->x, n_rows, margin);
	aqi_link_apply(&shape.link, margin, n, n_rows, out);
	far = largest_distance(margin, n, wanted, 0, close);
	if (has_out)
		far_out = largest_distance(out, n_out, wanted, n,
					   close);
	if (!ok(far <= (is_fused ? 2 : 0), is_fused ?
		"%s: %zu margins are nearly XGBoost's" :
		"%s: %zu margins equal XGBoost's to the bit", name, n_rows * n))
		note("%.0f ULP", far);
	if (!ok(far_out <= 4, "%s: and the outputs nearly so", name))
		note("%.0f ULP", far_out);
	compare_walk(name, forest, in, margin);
	free(margin);
	free(out);
}

static bool
have_same_margins(const struct aqi_forest *a, const struct aqi_forest *b,
		  const struct table *in)
{
	const size_t n = in->n_rows * aqi_forest_shape(a).n_margins;
	double *x = calloc(n, sizeof *x), *y = calloc(n, sizeof *y);
	bool same = aqi_forest_shape(b).n_margins ==
		    aqi_forest_shape(a).n_margins;

	aqi_forest_predict(a, in->x, in->n_rows, x);
	if (same)
		aqi_forest_predict(b, in->x, in->n_rows, y);
	same = same && memcmp(x, y, n * sizeof *x) == 0;
	free(x);
	free(y);
	return same;
}

/* The same model in the other spelling. */
static void
compare_spellings(const char *name, const char *path,
		  const struct aqi_forest *forest, const struct table *in)
{
	struct aqi_error err = {0};
	struct aqi_forest *other = load_forest(path, &err);

	ok(other && have_same_margins(forest, other, in) &&
	   aqi_slice_equal(aqi_forest_bytes(forest), aqi_forest_bytes(other)),
	   "%s: the same bits from UBJSON", name);
	aqi_forest_free(other);
}

static const struct table_form with_header = {
	.delimiter = ',', .has_header = true, .is_narrow = true
};
static const struct table_form without_header = {
	.delimiter = ',', .is_narrow = true
};

static void
test_oracle(const char *name)
{
	static const char format[] = "models-xgboost-oracle/%s/%s";
	struct table in, wanted, leaves;
	struct aqi_forest *forest =
		load_good(corpus_path(format, name, "model.json"), name);

	if (!forest)
		return;
	read_table(corpus_path(format, name, "input.csv"), &with_header, &in);
	read_table(corpus_path(format, name, "expected.csv"), &with_header,
		   &wanted);
	compare(name, forest, &in, &wanted, false);
	compare_spellings(name, corpus_path(format, name, "model.ubj"), forest,
			  &in);
	if (read_table(corpus_path(format, name, "expected_leaf.csv"),
		       &without_header, &leaves) &&
	    aqi_forest_trees(forest) > 0)
		compare_leaves(name, forest, &in, &leaves);
	free(leaves.x);
	free(in.x);
	free(wanted.x);
	aqi_forest_free(forest);
}

/* Two tables of as many rows, side by side in the first. */
static void
join(struct table *a, const struct table *b)
{
	const size_t n = a->n_columns, m = b->n_columns;
	double *x = calloc(a->n_rows * (n + m), sizeof *x);

	for (size_t i = 0; i < a->n_rows && i < b->n_rows; i++) {
		memcpy(x + i * (n + m), a->x + i * n, n * sizeof *x);
		memcpy(x + i * (n + m) + n, b->x + i * m, m * sizeof *x);
	}
	free(a->x);
	a->x = x;
	a->n_columns = n + m;
}

static void
test_boosters(const char *name)
{
	static const char format[] = "models-boosters/xgboost/%s.%s.json";
	struct table in, wanted, outputs;
	struct aqi_forest *forest =
		load_good(corpus_path(format, name, "model"), name);

	if (!forest)
		return;
	read_json_table(corpus_path(format, name, "input"), "features", true,
			&in);
	read_json_table(corpus_path(format, name, "expected"), "predictions",
			true, &wanted);
	read_json_table(corpus_path(format, name, "expected"),
			"predictions_transformed", true, &outputs);
	join(&wanted, &outputs);
	free(outputs.x);
	compare(name, forest, &in, &wanted, strstr(name, "gblinear") != NULL);
	free(in.x);
	free(wanted.x);
	aqi_forest_free(forest);
}

static void
test_ankane(void)
{
	static const char format[] = "models-ankane/xgboost-model.%s";
	struct table in, wanted;
	struct aqi_forest *forest =
		load_good(corpus_path("models-ankane/xgboost-model.json"),
			  "ankane");

	if (!forest)
		return;
	read_table(corpus_path(format, "input.csv"), &with_header, &in);
	read_table(corpus_path(format, "expected.csv"), &with_header, &wanted);
	compare("ankane", forest, &in, &wanted, false);
	free(in.x);
	free(wanted.x);
	aqi_forest_free(forest);
}

static void
check_not_a_model(const char *name)
{
	struct aqi_error err = {0};
	struct aqi_forest *forest =
		load_forest(corpus_path("not-a-model/%s", name), &err);

	if (!ok(!forest && err.code == AQI_E_MODEL &&
		strncmp(err.reason, "this is ", 8) == 0,
		"%s is refused by its name", name))
		note("%s", err.reason);
	aqi_forest_free(forest);
}

static void
test_not_a_model(void)
{
	struct dirent **entries;
	const int n = scandir(corpus_path("not-a-model"), &entries, NULL,
			      alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (name[0] != '.' && !strstr(name, "README"))
			check_not_a_model(name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	ok(n > 10, "there are files that are no models");
}

int
main(void)
{
	static const char *const oracle[] = {
		"1.7.4/reg_squarederror", "1.7.4/binary_logistic",
		"1.7.4/count_poisson", "1.7.4/multi_softprob6",
		"1.7.4/gblinear_reg", "1.7.4/dart_reg", "1.7.4/random_forest",
		"1.7.4/categorical_partition", "1.7.4/zero_trees",
		"1.7.4/no_feature_names", "3.4.1/reg_squarederror",
		"3.4.1/binary_logistic", "3.4.1/multi_softprob6",
		"3.4.1/categorical_onehot", "3.4.1/odd_feature_names",
		"3.4.1/early_stopped", "3.4.1/reg_quantile3",
	};
	static const char *const boosters[] = {
		"dart/inference/dart_regression",
		"gblinear/inference/gblinear_binary",
		"gblinear/inference/gblinear_multiclass",
		"gblinear/inference/gblinear_regression",
		"gbtree/inference/gbtree_binary_logistic",
		"gbtree/inference/gbtree_binary_logistic_missing",
		"gbtree/inference/gbtree_categorical",
		"gbtree/inference/gbtree_categorical_binary",
		"gbtree/inference/gbtree_deep_trees",
		"gbtree/inference/gbtree_many_trees",
		"gbtree/inference/gbtree_multiclass",
		"gbtree/inference/gbtree_multiclass_missing",
		"gbtree/inference/gbtree_regression",
		"gbtree/inference/gbtree_regression_missing",
		"gbtree/inference/gbtree_single_tree",
		"gbtree/inference/gbtree_wide_features",
	};
	const char *corpora = getenv("AQI_CORPORA");

	if (!corpora || !*corpora) {
		skip("models of other projects", "AQI_CORPORA is not set");
		return done();
	}
	for (size_t i = 0; i < sizeof oracle / sizeof oracle[0]; i++)
		test_oracle(oracle[i]);
	for (size_t i = 0; i < sizeof boosters / sizeof boosters[0]; i++)
		test_boosters(boosters[i]);
	test_ankane();
	test_malformed("xgboost-json/", "xgboost-json/good.json");
	test_malformed("xgboost-ubj/", "xgboost-ubj/good.ubj");
	test_not_a_model();
	return done();
}
