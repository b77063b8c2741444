/*
 * Foreign ONNX files, where AQI_CORPORA names the folder of them: what is read
 * gives ONNX Runtime's numbers and labels, and what is not is refused by name.
 */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "model/forest.h"
#include "model/onnx.h"
#include "model/trees.h"
#include "record/number.h"
#include "tap.h"

#define PATH_SIZE 1024
#define MAX_WIDTH 16

static char folder[PATH_SIZE / 2];

static struct aqi_arena arena;

static enum aqi_status
load(const char *path, struct aqi_trees *trees, struct aqi_error *err)
{
	struct aqi_buffer bytes;
	enum aqi_status status;

	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_MODEL, &bytes, err))
		return AQI_FATAL;
	status = aqi_trees_read((struct aqi_slice){bytes.data, bytes.size},
				NULL, &arena, trees, err);
	aqi_buffer_free(&bytes);
	return status;
}

/* The next line of a text, or NULL; cut at its commas. */
static char *
next_row(char **rest, char *fields[MAX_WIDTH], size_t *n)
{
	char *line = strsep(rest, "\n"), *field;

	*n = 0;
	if (!line || !*line)
		return NULL;
	while ((field = strsep(&line, ",")) && *n < MAX_WIDTH)
		fields[(*n)++] = field;
	return line ? NULL : fields[0];
}

static double
number(const char *text)
{
	float value;

	return aqi_number_to_float(aqi_slice_of(text), '.', &value) ?
	       (double)NAN : (double)value;
}

/* The distance of two floats, in floats. */
static double
distance(double a, double b)
{
	float x = (float)a, y = (float)b;
	int32_t i, k;

	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b) ? 0 : HUGE_VAL;
	memcpy(&i, &x, sizeof i);
	memcpy(&k, &y, sizeof k);
	i = i < 0 ? INT32_MIN - i : i;
	k = k < 0 ? INT32_MIN - k : k;
	return fabs((double)i - (double)k);
}

struct result {
	size_t n_rows, n_labels;	/* labels that differ */
	double largest;			/* distance of a number */
};

static void
compare_row(const struct aqi_trees *trees, char *in[], char *expected[],
	    struct result *result)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(trees->forest);
	const size_t n_out = aqi_link_outputs(&shape.link, shape.n_margins);
	const bool has_label = trees->n_labels > 0;
	double x[MAX_WIDTH], out[MAX_WIDTH];
	size_t best = 0;

	for (size_t i = 0; i < shape.n_inputs; i++)
		x[i] = number(in[i]);
	aqi_forest_predict(trees->forest, x, 1, out);
	aqi_link_apply(&shape.link, out, shape.n_margins, 1, out);
	for (size_t k = 0; k < n_out; k++) {
		result->largest = fmax(result->largest, distance(
			out[k], number(expected[k + has_label])));
		best = out[k] > out[best] ? k : best;
	}
	if (has_label)
		result->n_labels += !aqi_slice_is(trees->labels[best],
						  expected[0]);
	result->n_rows++;
}

static bool
read_text(const char *name, const char *file, struct aqi_buffer *text)
{
	char path[PATH_SIZE];
	struct aqi_error err;

	snprintf(path, sizeof path, "%s/models-onnx/tree/%s/%s", folder, name,
		 file);
	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_IO, text, &err))
		return false;
	aqi_buffer_add_byte(text, '\0');
	return !text->failed;
}

static struct result
compare(const char *name, const struct aqi_trees *trees)
{
	struct aqi_buffer input, output;
	struct result result = {0};
	char *in[MAX_WIDTH], *out[MAX_WIDTH], *in_rest, *out_rest;
	size_t n_in, n_out;

	if (!read_text(name, "input.csv", &input))
		return result;
	if (!read_text(name, "expected.csv", &output)) {
		aqi_buffer_free(&input);
		return result;
	}
	in_rest = input.data;
	out_rest = output.data;
	strsep(&in_rest, "\n");
	strsep(&out_rest, "\n");
	while (next_row(&in_rest, in, &n_in) &&
	       next_row(&out_rest, out, &n_out))
		compare_row(trees, in, out, &result);
	aqi_buffer_free(&input);
	aqi_buffer_free(&output);
	return result;
}

static void
test_case(const char *name)
{
	char path[PATH_SIZE];
	struct aqi_error err = {0};
	struct aqi_trees trees;
	struct result result;
	double bound;

	snprintf(path, sizeof path, "%s/models-onnx/tree/%s/model.onnx", folder,
		 name);
	if (load(path, &trees, &err) != AQI_OK) {
		ok(err.code == AQI_E_MODEL &&
		   strncmp(err.reason, "operator \"", 10) == 0 &&
		   strstr(err.reason, "is not supported"),
		   "%s: refused by its operator", name);
		note("%s", err.reason);
		return;
	}
	result = compare(name, &trees);
	bound = (double)aqi_forest_source_trees(trees.forest);
	ok(result.n_rows > 0 && result.largest <= bound &&
	   result.n_labels == 0,
	   "%s: the numbers and labels of %zu rows are ONNX Runtime's", name,
	   result.n_rows);
	note("%s: at most %g ulp apart, %zu labels differ", name,
	     result.largest, result.n_labels);
	aqi_forest_free(trees.forest);
}

/* Every entry of a folder but those with a point first; the count. */
static size_t
each_entry(const char *of, void (*test)(const char *name))
{
	char path[PATH_SIZE];
	struct dirent **entries = NULL;
	size_t n_tested = 0;
	int n;

	snprintf(path, sizeof path, "%s/%s", folder, of);
	n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			test(entries[i]->d_name);
			n_tested++;
		}
		free(entries[i]);
	}
	free(entries);
	return n_tested;
}

static size_t n_wrong;

/* None of the operator tests has trees. */
static void
test_operator(const char *name)
{
	char path[PATH_SIZE];
	struct aqi_error err = {0};
	struct aqi_trees trees = {0};

	snprintf(path, sizeof path, "%s/models-onnx/backend/%s/model.onnx",
		 folder, name);
	if (load(path, &trees, &err) == AQI_OK || err.code != AQI_E_MODEL ||
	    (!strstr(err.reason, "is not supported") &&
	     !strstr(err.reason, "the graph has no trees"))) {
		note("%s: %s", name, err.reason);
		n_wrong++;
	}
	aqi_forest_free(trees.forest);
}

static void
test_converted(void)
{
	char path[PATH_SIZE];
	struct aqi_error err = {0};
	struct aqi_trees trees;
	double x[4] = {5.1, 3.5, 1.4, 0.2}, y;

	snprintf(path, sizeof path, "%s/models-onnx/onnxmltools/test_xgb.onnx",
		 folder);
	if (!ok(load(path, &trees, &err) == AQI_OK,
		"a classifier converted from XGBoost is read")) {
		note("%s", err.reason);
		return;
	}
	aqi_forest_predict(trees.forest, x, 1, &y);
	ok(isfinite(y), "and predicts");
	aqi_forest_free(trees.forest);
}

/* A line of EXPECTED.tsv: file, bytes, verdict, fault, what others do. */
static void
test_malformed_line(char *line)
{
	const char *file = strsep(&line, "\t"), *fault;
	const char *verdict = (strsep(&line, "\t"), strsep(&line, "\t"));
	char path[PATH_SIZE];
	struct aqi_error err = {0};
	struct aqi_trees trees = {0};
	bool is_read;

	fault = line ? strsep(&line, "\t") : "";
	if (strncmp(file, "onnx/", 5) != 0 || !verdict)
		return;
	snprintf(path, sizeof path, "%s/models-malformed/%s", folder, file);
	is_read = load(path, &trees, &err) == AQI_OK;
	ok(strcmp(verdict, "accept") == 0 ? is_read :
	   !is_read && err.code == AQI_E_MODEL && err.reason[0],
	   "%s: %s is %s", file, fault, is_read ? "read" : "refused");
	if (!is_read)
		note("%s", err.reason);
	aqi_forest_free(trees.forest);
}

static void
test_malformed(void)
{
	char path[PATH_SIZE], *rest, *line;
	struct aqi_buffer text;
	struct aqi_error err;

	snprintf(path, sizeof path, "%s/models-malformed/EXPECTED.tsv", folder);
	if (!ok(aqi_file_load(path, (size_t)1 << 20, AQI_E_IO, &text, &err) ==
		AQI_OK, "what is expected of faulty models is there"))
		return;
	aqi_buffer_add_byte(&text, '\0');
	rest = text.data;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			test_malformed_line(line);
	aqi_buffer_free(&text);
}

/* Read by the reader of ONNX itself, whatever they begin with. */
static void
test_other(const char *name)
{
	char path[PATH_SIZE];
	struct aqi_error err = {0};
	struct aqi_trees trees;
	struct aqi_buffer bytes;

	snprintf(path, sizeof path, "%s/not-a-model/%s", folder, name);
	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_IO, &bytes, &err))
		return;
	if (aqi_onnx_read((struct aqi_slice){bytes.data, bytes.size}, &arena,
			  &trees, &err) == AQI_OK || !err.reason[0]) {
		note("%s", name);
		n_wrong++;
	}
	aqi_buffer_free(&bytes);
}

int
main(void)
{
	const char *corpora = getenv("AQI_CORPORA");
	size_t n;

	if (!corpora) {
		skip("ONNX models of others", "AQI_CORPORA is not set");
		return done();
	}
	snprintf(folder, sizeof folder, "%s", corpora);
	ok(each_entry("models-onnx/tree", test_case) == 12,
	   "12 models of trees were there");
	n = each_entry("models-onnx/backend", test_operator);
	ok(n == 109 && n_wrong == 0,
	   "%zu tests of operators without trees: each is refused by name", n);
	test_converted();
	test_malformed();
	n_wrong = 0;
	n = each_entry("not-a-model", test_other);
	ok(n > 0 && n_wrong == 0, "%zu other files are no ONNX models", n);
	aqi_arena_free(&arena);
	return done();
}
