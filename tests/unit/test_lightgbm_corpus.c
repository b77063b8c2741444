/*
 * LightGBM's model files, where AQI_CORPORA names the folder of them: sums and
 * leaves are LightGBM's own, to the last bit, what it makes of the sums is
 * within 1e-12, and what is broken is refused.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/link.h"
#include "model/trees.h"
#include "record/number.h"
#include "tap.h"

#define PATH_SIZE 1024
#define MAX_WIDTH 128

static char folder[PATH_SIZE / 2];

/* Numbers of a file: (n_rows, n_columns), NaN where there is none. */
struct table {
	double *x;
	size_t n_rows, n_columns;
};

static void
make_path(char path[PATH_SIZE], const char *name, const char *suffix)
{
	snprintf(path, PATH_SIZE, "%s/%s%s", folder, name, suffix);
}

static bool
load_file(const char *path, struct aqi_buffer *bytes)
{
	struct aqi_error err;

	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_IO, bytes, &err))
		return false;
	aqi_buffer_add_byte(bytes, '\0');
	return !bytes->failed;
}

static double *
add_row(struct table *table)
{
	table->x = realloc(table->x, (table->n_rows + 1) * MAX_WIDTH *
					     sizeof *table->x);
	return &table->x[table->n_rows++ * MAX_WIDTH];
}

static double
read_number(const char *text)
{
	double x;

	return aqi_number_to_double(aqi_slice_of(text), '.', &x) ==
	       AQI_NUMBER_OK ? x : (double)NAN;
}

/* Fields parted by a byte; or, for ':', an index and its value. */
static void
read_line(struct table *table, char *line, char delimiter, size_t n_left_out)
{
	const char between[] = {delimiter == ':' ? ' ' : delimiter, '\0'};
	double *row = add_row(table);
	char *field, *value;
	size_t n = 0;

	for (size_t i = 0; i < MAX_WIDTH; i++)
		row[i] = (double)NAN;
	for (; n_left_out > 0; n_left_out--)
		strsep(&line, between);
	for (; (field = strsep(&line, between)) && n < MAX_WIDTH; n++) {
		if (delimiter != ':') {
			row[n] = read_number(field);
			continue;
		}
		if (!(value = strchr(field, ':')))
			break;
		row[strtoul(field, NULL, 10) % MAX_WIDTH] =
			read_number(value + 1);
	}
	table->n_columns = n;
}

/* The first `left_out` fields of each line are left out. */
static bool
read_table(const char *path, bool has_header, char delimiter, size_t left_out,
	   struct table *table)
{
	struct aqi_buffer bytes;
	char *rest, *line;

	*table = (struct table){0};
	if (!load_file(path, &bytes))
		return false;
	rest = bytes.data;
	if (has_header)
		strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (*line)
			read_line(table, line, delimiter, left_out);
	}
	aqi_buffer_free(&bytes);
	return table->n_rows > 0;
}

static void
read_row(struct table *table, const json_t *row)
{
	const size_t n = json_is_array(row) ? json_array_size(row) : 1;
	double *x = add_row(table);

	for (size_t i = 0; i < n && i < MAX_WIDTH; i++) {
		const json_t *value = json_is_array(row) ?
				      json_array_get(row, i) : row;

		x[i] = json_is_number(value) ? json_number_value(value) :
		       (double)NAN;
	}
	table->n_columns = n;
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
load(const char *name, const char *suffix, struct aqi_error *err)
{
	struct aqi_arena arena = {0};
	struct aqi_buffer bytes;
	struct aqi_trees trees;
	char path[PATH_SIZE];

	make_path(path, name, suffix);
	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_MODEL, &bytes, err))
		return NULL;
	if (aqi_trees_read((struct aqi_slice){bytes.data, bytes.size}, &arena,
			   &trees, err) != AQI_OK)
		trees.forest = NULL;
	aqi_buffer_free(&bytes);
	aqi_arena_free(&arena);
	return trees.forest;
}

static struct aqi_forest *
load_good(const char *name, const char *suffix)
{
	struct aqi_error err = {0};
	struct aqi_forest *forest = load(name, suffix, &err);

	if (!ok(forest != NULL, "%s loads", name))
		note("%s", err.reason);
	return forest;
}

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
		aqi_forest_predict(forest, in->x + i * MAX_WIDTH, 1, y);
		if (is_linked)
			aqi_link_apply(&shape.link, y, shape.n_margins, 1, y);
		for (size_t k = 0; k < shape.n_margins; k++)
			most = fmax(most, distance(y[k],
				wanted->x[i * MAX_WIDTH + first + k]));
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
		memcpy(x + i * shape.n_inputs, in->x + i * MAX_WIDTH,
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

static void
compare_leaves(const char *name, const struct aqi_forest *forest,
	       const struct table *in, const struct table *wanted)
{
	const size_t n_trees = aqi_forest_source_trees(forest);
	uint32_t *leaf = calloc(n_trees + 1, sizeof *leaf);
	size_t n_different = 0;

	for (size_t i = 0; i < in->n_rows && i < wanted->n_rows; i++) {
		aqi_forest_leaves(forest, in->x + i * MAX_WIDTH, leaf);
		for (size_t t = 0; t < n_trees; t++)
			n_different += (double)leaf[t] !=
				       wanted->x[i * MAX_WIDTH + t];
	}
	ok(n_different == 0 && wanted->n_columns == n_trees &&
	   wanted->n_rows == in->n_rows,
	   "%s: the leaves of %zu trees are LightGBM's", name, n_trees);
	free(leaf);
}

static void
test_oracle(const char *name)
{
	const double tolerance = strcmp(name, "linear_tree") == 0 ? 1e-12 : 0;
	struct aqi_forest *forest;
	struct table in, wanted, leaves;
	char at[PATH_SIZE / 4], path[PATH_SIZE];

	snprintf(at, sizeof at, "models-lightgbm-oracle/%s", name);
	forest = load_good(at, "/model.txt");
	if (!forest)
		return;
	make_path(path, at, "/input.csv");
	read_table(path, true, ',', 0, &in);
	make_path(path, at, "/expected.csv");
	read_table(path, true, ',', 0, &wanted);
	make_path(path, at, "/expected_leaf.csv");
	read_table(path, false, ',', 0, &leaves);
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

static bool
read_beside(const struct beside *b, const char *name, char delimiter,
	    size_t n_left_out, struct table *table)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s/%s", folder, b->folder, name);
	return read_table(path, false, delimiter, n_left_out, table);
}

static void
test_beside(const struct beside *b)
{
	struct aqi_forest *forest;
	struct table in, wanted;
	char at[PATH_SIZE / 4];

	snprintf(at, sizeof at, "%s/%s", b->folder, b->model);
	forest = load_good(at, "");
	if (!forest)
		return;
	read_beside(b, b->input, b->delimiter, b->n_left_out, &in);
	compare_ways(b->model, forest, &in);
	if (b->sums && read_beside(b, b->sums, b->between, 0, &wanted)) {
		compare(b->model, forest, &in, &wanted, 0, false,
			b->tolerance);
		free(wanted.x);
	}
	if (b->outputs && read_beside(b, b->outputs, b->between, 0, &wanted)) {
		compare(b->model, forest, &in, &wanted, 0, true, 1e-12);
		free(wanted.x);
	}
	if (b->leaves && read_beside(b, b->leaves, b->between, 0, &wanted)) {
		compare_leaves(b->model, forest, &in, &wanted);
		free(wanted.x);
	}
	free(in.x);
	aqi_forest_free(forest);
}

static void
test_ankane(const char *name)
{
	struct aqi_forest *forest;
	struct table in, wanted;
	char at[PATH_SIZE / 4], path[PATH_SIZE];

	snprintf(at, sizeof at, "models-ankane/%s", name);
	forest = load_good(at, ".txt");
	if (!forest)
		return;
	make_path(path, at, ".input.csv");
	read_table(path, true, ',', 0, &in);
	make_path(path, at, ".expected.csv");
	read_table(path, true, ',', 0, &wanted);
	compare(name, forest, &in, &wanted, 0, false, 0);
	compare(name, forest, &in, &wanted, wanted.n_columns / 2, true, 1e-12);
	compare_ways(name, forest, &in);
	free(in.x);
	free(wanted.x);
	aqi_forest_free(forest);
}

static void
test_boosters(const char *name)
{
	struct aqi_error err = {0};
	struct aqi_forest *forest;
	struct table in, wanted;
	char at[PATH_SIZE / 4], path[PATH_SIZE];

	snprintf(at, sizeof at, "models-boosters/lightgbm/inference/%s", name);
	forest = load(at, "/model.json", &err);
	ok(!forest && strstr(err.reason, "a LightGBM JSON dump"),
	   "%s: the dump beside it is refused by its name", name);
	aqi_forest_free(forest);
	forest = load_good(at, "/model.txt");
	if (!forest)
		return;
	make_path(path, at, "/input.json");
	read_json(path, "data", &in);
	make_path(path, at, "/expected.json");
	read_json(path, "raw", &wanted);
	compare(name, forest, &in, &wanted, 0, false, 1e-12);
	free(wanted.x);
	if (read_json(path, "proba", &wanted) ||
	    read_json(path, "predictions", &wanted)) {
		compare(name, forest, &in, &wanted, 0, true, 1e-12);
		free(wanted.x);
	}
	free(in.x);
	aqi_forest_free(forest);
}

/* The same sums on the same rows, made up? */
static bool
predicts_the_same(const struct aqi_forest *a, const struct aqi_forest *b)
{
	const size_t n = aqi_forest_shape(a).n_inputs;
	double x[MAX_WIDTH], y[2];
	unsigned seed = 1;

	for (int i = 0; i < 200; i++) {
		for (size_t k = 0; k < n && k < MAX_WIDTH; k++) {
			seed = seed * 1103515245 + 12345;
			x[k] = seed >> 28 == 0 ? (double)NAN :
			       (double)(seed >> 16 & 255);
		}
		aqi_forest_predict(a, x, 1, &y[0]);
		aqi_forest_predict(b, x, 1, &y[1]);
		if (distance(y[0], y[1]) != 0)
			return false;
	}
	return true;
}

/* What must be read must be read as the good one. */
static void
check_verdict(const char *file, const char *verdict,
	      const struct aqi_forest *good, size_t counts[3])
{
	struct aqi_error err = {0};
	struct aqi_forest *forest;
	char at[PATH_SIZE / 4];
	bool right;

	snprintf(at, sizeof at, "models-malformed/%s", file);
	forest = load(at, "", &err);
	right = forest ? strcmp(verdict, "either") == 0 ||
			 predicts_the_same(forest, good) :
		err.code == AQI_E_MODEL && err.reason[0];
	if (strcmp(verdict, "refuse") == 0) {
		right = right && !forest;
		counts[0]++;
	} else if (strcmp(verdict, "accept") == 0) {
		right = right && forest;
		counts[1]++;
	} else {
		counts[2]++;
	}
	if (!ok(right, "%s: %s", file, verdict) || getenv("VERBOSE"))
		note("%s", forest ? "read" : err.reason);
	aqi_forest_free(forest);
}

static void
test_malformed(void)
{
	char path[PATH_SIZE], *rest, *line;
	struct aqi_buffer bytes;
	struct aqi_forest *good =
		load_good("models-malformed/lightgbm-text/good", ".txt");
	size_t counts[3] = {0};

	make_path(path, "models-malformed/EXPECTED", ".tsv");
	if (!ok(good && load_file(path, &bytes), "the list of faults reads"))
		return;
	rest = bytes.data;
	while ((line = strsep(&rest, "\n"))) {
		const char *file = strsep(&line, "\t");

		if (strncmp(file, "lightgbm-text/", 14) != 0)
			continue;
		strsep(&line, "\t");
		check_verdict(file, strsep(&line, "\t"), good, counts);
	}
	note("%zu refused, %zu read, %zu either way", counts[0], counts[1],
	     counts[2]);
	aqi_buffer_free(&bytes);
	aqi_forest_free(good);
}

/* A file that was edited on another system. */
static void
test_line_ends(void)
{
	struct aqi_forest *good =
		load_good("models-malformed/lightgbm-text/good", ".txt");
	struct aqi_forest *crlf =
		load_good("models-malformed/lightgbm-text/good-crlf", ".txt");

	ok(good && crlf && predicts_the_same(good, crlf),
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

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct aqi_error err = {0};
		struct aqi_forest *forest;
		char at[PATH_SIZE / 4];

		snprintf(at, sizeof at, "not-a-model/%s", names[i][0]);
		forest = load(at, "", &err);
		if (!ok(!forest && strstr(err.reason, names[i][1]),
			"%s is refused by its name", names[i][0]))
			note("%s", err.reason);
		aqi_forest_free(forest);
	}
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
	snprintf(folder, sizeof folder, "%s", corpora);
	for (size_t i = 0; i < sizeof oracle / sizeof oracle[0]; i++)
		test_oracle(oracle[i]);
	for (size_t i = 0; i < sizeof besides / sizeof besides[0]; i++)
		test_beside(&besides[i]);
	test_ankane("lightgbm-model");
	test_ankane("lightgbm-categorical");
	for (size_t i = 0; i < sizeof boosters / sizeof boosters[0]; i++)
		test_boosters(boosters[i]);
	aqi_forest_free(load_good("models-lightgbm-leaves/model_simple",
				  ".txt"));
	test_malformed();
	test_line_ends();
	test_not_a_model();
	return done();
}
