/*
 * Foreign model files, where AQI_CORPORA names the folder of them: margins and
 * leaves equal XGBoost's own, what is broken is refused, and so is what is no
 * model of ours.
 */
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "model/bundle.h"
#include "model/forest.h"
#include "model/trees.h"
#include "model/walk.h"
#include "model/trees.h"
#include "record/number.h"
#include "tap.h"

#define PATH_SIZE 1024
#define MAX_WIDTH 128

static char folder[PATH_SIZE / 2];

/* Numbers of a CSV file: (n_rows, n_columns), NaN where a field is empty. */
struct table {
	double *x;
	size_t n_rows, n_columns;
};

static bool
read_file(const char *path, struct aqi_buffer *bytes)
{
	struct aqi_error err;

	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_IO, bytes, &err))
		return false;
	aqi_buffer_add_byte(bytes, '\0');
	return !bytes->failed;
}

/* Fields of the files read here hold no quotes, but for the header. */
static void
read_line(struct table *table, char *line)
{
	char *field;
	size_t n = 0;

	table->x = realloc(table->x, (table->n_rows + 1) * MAX_WIDTH *
					     sizeof *table->x);
	while ((field = strsep(&line, ",")) && n < MAX_WIDTH) {
		double *x = &table->x[table->n_rows * table->n_columns + n++];
		float value;

		if (strcmp(field, "inf") == 0 || strcmp(field, "-inf") == 0)
			value = *field == '-' ? -INFINITY : INFINITY;
		else if (aqi_number_to_float(aqi_slice_of(field), '.', &value))
			value = NAN;
		*x = (double)value;
	}
	table->n_columns = n;
	table->n_rows++;
}

static bool
read_csv(const char *path, bool has_header, struct table *table)
{
	struct aqi_buffer bytes;
	char *rest, *line;

	*table = (struct table){0};
	if (!read_file(path, &bytes))
		return false;
	rest = bytes.data;
	if (has_header)
		strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (*line)
			read_line(table, line);
	}
	aqi_buffer_free(&bytes);
	return table->n_rows > 0;
}

static void
read_row(struct table *table, const json_t *row)
{
	size_t n = json_is_array(row) ? json_array_size(row) : 1;

	table->x = realloc(table->x, (table->n_rows + 1) * n *
					     sizeof *table->x);
	for (size_t i = 0; i < n; i++) {
		const json_t *x = json_is_array(row) ? json_array_get(row, i) :
				  row;

		table->x[table->n_rows * n + i] = json_is_number(x) ?
			(double)(float)json_number_value(x) : (double)NAN;
	}
	table->n_columns = n;
	table->n_rows++;
}

static bool
read_json(const char *path, const char *key, struct table *table)
{
	json_t *root = json_load_file(path, 0, NULL);
	const json_t *rows = json_object_get(root, key);

	*table = (struct table){0};
	for (size_t i = 0; i < json_array_size(rows); i++)
		read_row(table, json_array_get(rows, i));
	json_decref(root);
	return table->n_rows > 0;
}

static struct aqi_forest *
load(const char *path, struct aqi_error *err)
{
	struct aqi_arena arena = {0};
	struct aqi_buffer bytes;
	struct aqi_trees trees;

	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_MODEL, &bytes, err))
		return NULL;
	if (aqi_trees_read((struct aqi_slice){bytes.data, bytes.size},
			     &arena, &trees, err))
		trees.forest = NULL;
	aqi_buffer_free(&bytes);
	aqi_arena_free(&arena);
	return trees.forest;
}

static bool
same_bits(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

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

/* n columns of what is expected, from the first on, against ours. */
static double
largest_distance(const double *ours, size_t n, const struct table *expected,
		 size_t first, double close)
{
	double largest = 0;

	for (size_t i = 0; i < expected->n_rows; i++)
		for (size_t k = 0; k < n; k++)
			largest = fmax(largest, distance(
				ours[i * n + k],
				expected->x[i * expected->n_columns + first +
					    k], close));
	return largest;
}

/*
 * The first columns of what is expected are the margins, and what follows the
 * outputs, which exp and its like may round another way.
 *
 * is_fused  XGBoost multiplied and added in one step, which gives another sum
 *           for linear functions
 */
static void
compare(const char *name, const struct aqi_forest *forest,
	const struct table *in, const struct table *expected, bool is_fused)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	const size_t n = shape.n_margins, n_rows = in->n_rows;
	const size_t n_out = aqi_link_outputs(&shape.link, n);
	const double close = is_fused ? 4e-7 : 0;
	double *margin = calloc(n_rows * n, sizeof *margin);
	double *out = calloc(n_rows * n, sizeof *out), far, far_out = 0;
	const bool has_out = expected->n_columns == n + n_out;

	if (!ok(shape.n_inputs == in->n_columns &&
		expected->n_rows == n_rows &&
		(has_out || expected->n_columns == n),
		"%s: there are as many numbers as expected", name)) {
		free(margin);
		free(out);
		return;
	}
	aqi_forest_predict(forest, in->x, n_rows, margin);
	aqi_link_apply(&shape.link, margin, n, n_rows, out);
	far = largest_distance(margin, n, expected, 0, close);
	if (has_out)
		far_out = largest_distance(out, n_out, expected, n,
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

static void
compare_leaves(const char *name, const struct aqi_forest *forest,
	       const struct table *in, const struct table *expected)
{
	size_t n_trees = aqi_forest_source_trees(forest), n_different = 0;
	uint32_t *leaf = calloc(n_trees + 1, sizeof *leaf);

	for (size_t i = 0; i < in->n_rows && i < expected->n_rows; i++) {
		const double *want = expected->x + i * expected->n_columns;

		aqi_forest_leaves(forest, in->x + i * in->n_columns, leaf);
		for (size_t t = 0; t < n_trees; t++)
			n_different += (double)leaf[t] != want[t];
	}
	ok(n_different == 0 && expected->n_columns == n_trees &&
	   expected->n_rows == in->n_rows,
	   "%s: the leaves of %zu trees are XGBoost's", name, n_trees);
	free(leaf);
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

/* path and path.ubj are the same model. */
static void
compare_spellings(const char *name, const char *path,
		  const struct aqi_forest *forest, const struct table *in)
{
	struct aqi_error err = {0};
	struct aqi_forest *other = load(path, &err);

	ok(other && have_same_margins(forest, other, in) &&
	   aqi_slice_equal(aqi_forest_bytes(forest), aqi_forest_bytes(other)),
	   "%s: the same bits from UBJSON", name);
	aqi_forest_free(other);
}

static const char *
path_of(const char *parts, const char *name)
{
	static char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s/%s", folder, parts, name);
	return path;
}

static void
test_oracle(const char *name)
{
	char parts[PATH_SIZE / 4];
	struct table in, expected, leaves;
	struct aqi_error err = {0};
	struct aqi_forest *forest;

	snprintf(parts, sizeof parts, "models-xgboost-oracle/%s", name);
	forest = load(path_of(parts, "model.json"), &err);
	if (!ok(forest != NULL, "%s loads", name)) {
		note("%s", err.reason);
		return;
	}
	read_csv(path_of(parts, "input.csv"), true, &in);
	read_csv(path_of(parts, "expected.csv"), true, &expected);
	compare(name, forest, &in, &expected, false);
	compare_spellings(name, path_of(parts, "model.ubj"), forest, &in);
	if (read_csv(path_of(parts, "expected_leaf.csv"), false, &leaves) &&
	    aqi_forest_trees(forest) > 0)
		compare_leaves(name, forest, &in, &leaves);
	free(leaves.x);
	free(in.x);
	free(expected.x);
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
	char path[PATH_SIZE];
	struct table in, expected, outputs;
	struct aqi_error err = {0};
	struct aqi_forest *forest;
	static const char format[] = "%s/models-boosters/xgboost/%s.%s.json";

	snprintf(path, sizeof path, format, folder, name, "model");
	forest = load(path, &err);
	if (!ok(forest != NULL, "%s loads", name)) {
		note("%s", err.reason);
		return;
	}
	snprintf(path, sizeof path, format, folder, name, "input");
	read_json(path, "features", &in);
	snprintf(path, sizeof path, format, folder, name, "expected");
	read_json(path, "predictions", &expected);
	read_json(path, "predictions_transformed", &outputs);
	join(&expected, &outputs);
	free(outputs.x);
	compare(name, forest, &in, &expected,
		strstr(name, "gblinear") != NULL);
	free(in.x);
	free(expected.x);
	aqi_forest_free(forest);
}

static void
test_ankane(void)
{
	struct table in, expected;
	struct aqi_error err = {0};
	struct aqi_forest *forest =
		load(path_of("models-ankane", "xgboost-model.json"), &err);

	if (!ok(forest != NULL, "ankane loads"))
		return;
	read_csv(path_of("models-ankane", "xgboost-model.input.csv"), true,
		 &in);
	read_csv(path_of("models-ankane", "xgboost-model.expected.csv"), true,
		 &expected);
	compare("ankane", forest, &in, &expected, false);
	free(in.x);
	free(expected.x);
	aqi_forest_free(forest);
}

/* good.json and what must predict as it does, on the same made-up rows. */
static bool
predicts_the_same(const struct aqi_forest *a, const struct aqi_forest *b)
{
	const size_t n = aqi_forest_shape(a).n_inputs;
	double x[MAX_WIDTH], y[2];
	unsigned seed = 1;

	if (aqi_forest_shape(b).n_inputs != n ||
	    aqi_forest_shape(b).n_margins != 1)
		return false;
	for (int i = 0; i < 200; i++) {
		for (size_t k = 0; k < n && k < MAX_WIDTH; k++) {
			seed = seed * 1103515245 + 12345;
			x[k] = seed >> 28 == 0 ? (double)NAN :
			       (double)(seed >> 16 & 255);
		}
		aqi_forest_predict(a, x, 1, &y[0]);
		aqi_forest_predict(b, x, 1, &y[1]);
		if (!same_bits(y[0], y[1]))
			return false;
	}
	return true;
}

static void
check_verdict(const char *file, const char *verdict,
	      const struct aqi_forest *good, size_t counts[3])
{
	char path[PATH_SIZE];
	struct aqi_error err = {0};
	struct aqi_forest *forest;
	bool right;

	snprintf(path, sizeof path, "%s/models-malformed/%s", folder, file);
	forest = load(path, &err);
	if (strcmp(verdict, "refuse") == 0) {
		right = !forest;
		counts[0]++;
	} else if (strcmp(verdict, "accept") == 0) {
		right = forest && predicts_the_same(forest, good);
		counts[1]++;
	} else {
		right = true;
		counts[2]++;
	}
	if (!forest)
		right = right && err.code == AQI_E_MODEL && err.reason[0];
	if (!ok(right, "%s: %s", file, verdict))
		note("%s", forest ? "read" : err.reason);
	if (getenv("VERBOSE"))
		note("%s", forest ? "read" : err.reason);
	aqi_forest_free(forest);
}

/* The files of a folder of models-malformed. */
static void
test_malformed(const char *kind, const char *good_name)
{
	char *rest, *line;
	struct aqi_buffer bytes;
	struct aqi_error err;
	struct aqi_forest *good = load(path_of("models-malformed", good_name),
				       &err);
	size_t counts[3] = {0};

	if (!ok(good && read_file(path_of("models-malformed", "EXPECTED.tsv"),
				  &bytes), "the list of faults reads"))
		return;
	rest = bytes.data;
	while ((line = strsep(&rest, "\n"))) {
		char *file = strsep(&line, "\t");

		if (strncmp(file, kind, strlen(kind)) != 0)
			continue;
		strsep(&line, "\t");
		check_verdict(file, strsep(&line, "\t"), good, counts);
	}
	note("%zu refused, %zu read, %zu either way", counts[0], counts[1],
	     counts[2]);
	aqi_buffer_free(&bytes);
	aqi_forest_free(good);
}

static void
test_not_a_model(void)
{
	char path[PATH_SIZE];
	struct dirent **entries;
	int n;

	snprintf(path, sizeof path, "%s/not-a-model", folder);
	n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		struct aqi_error err = {0};
		struct aqi_forest *forest;

		snprintf(path, sizeof path, "%s/not-a-model/%s", folder, name);
		free(entries[i]);
		if (strstr(path, "/.") || strstr(path, "README"))
			continue;
		forest = load(path, &err);
		if (!ok(!forest && err.code == AQI_E_MODEL &&
			strncmp(err.reason, "this is ", 8) == 0,
			"%s is refused by its name", strrchr(path, '/') + 1) ||
		    getenv("VERBOSE"))
			note("%s", err.reason);
		aqi_forest_free(forest);
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
	snprintf(folder, sizeof folder, "%s", corpora);
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
