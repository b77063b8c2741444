/*
 * model_corpus.h: model files of others with what their libraries predict, in
 * the folder that AQI_CORPORA names.
 */
#ifndef AQI_TESTS_MODEL_CORPUS_H
#define AQI_TESTS_MODEL_CORPUS_H

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/forest.h"
#include "model/trees.h"
#include "record/number.h"
#include "quick.h"
#include "tap.h"

/* Numbers of a file: (n_rows, n_columns), NaN where there is none. */
struct table {
	double *x;
	size_t n_rows, n_columns;
};

/* How a file of them is written. */
struct table_form {
	char delimiter;
	bool has_header;
	bool is_narrow;		/* the numbers are floats */
	size_t n_left_out;	/* the first fields of each line */
	size_t n_sparse;	/* not 0: fields are index:value, and so many
				 * columns there are */
};

/* A path in the folder, until the next call. */
__attribute__((format(printf, 1, 2)))
static const char *
corpus_path(const char *format, ...)
{
	static char path[1024];
	int n = snprintf(path, sizeof path, "%s/", getenv("AQI_CORPORA"));
	va_list ap;

	va_start(ap, format);
	vsnprintf(path + n, sizeof path - (size_t)n, format, ap);
	va_end(ap);
	return path;
}

/* With a NUL behind. */
static bool
load_text(const char *path, struct aqi_buffer *bytes)
{
	struct aqi_error err;

	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_IO, bytes, &err))
		return false;
	aqi_buffer_add_byte(bytes, '\0');
	return !bytes->failed;
}

/* One more row, of NaN. */
static double *
add_row(struct table *table, size_t n_columns)
{
	double *row;

	table->n_columns = n_columns;
	table->x = realloc(table->x, ++table->n_rows * n_columns *
					     sizeof *table->x);
	row = table->x + (table->n_rows - 1) * n_columns;
	for (size_t i = 0; i < n_columns; i++)
		row[i] = (double)NAN;
	return row;
}

static double
read_number(const char *text, bool is_narrow)
{
	float narrow;
	double x;

	if (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0)
		return *text == '-' ? -HUGE_VAL : HUGE_VAL;
	if (!is_narrow)
		return aqi_number_to_double(aqi_slice_of(text), '.', &x) ==
		       AQI_NUMBER_OK ? x : (double)NAN;
	return aqi_number_to_float(aqi_slice_of(text), '.', &narrow) ==
	       AQI_NUMBER_OK ? (double)narrow : (double)NAN;
}

static size_t
count_fields(const char *line, char delimiter)
{
	size_t n = 1;

	for (; *line; line++)
		n += *line == delimiter;
	return n;
}

static void
read_line(struct table *table, char *line, const struct table_form *form)
{
	const char between[] = {form->delimiter, '\0'};
	char *field, *value;
	double *row;

	for (size_t i = 0; i < form->n_left_out; i++)
		strsep(&line, between);
	row = add_row(table, form->n_sparse ? form->n_sparse :
		      count_fields(line ? line : "", form->delimiter));
	while ((field = strsep(&line, between))) {
		if (!form->n_sparse)
			*row++ = read_number(field, form->is_narrow);
		else if ((value = strchr(field, ':')) &&
			 strtoul(field, NULL, 10) < form->n_sparse)
			row[strtoul(field, NULL, 10)] =
				read_number(value + 1, form->is_narrow);
	}
}

/* Fields hold no quotes, but for the header. */
static bool
read_table(const char *path, const struct table_form *form,
	   struct table *table)
{
	struct aqi_buffer bytes;
	char *rest, *line;

	*table = (struct table){0};
	if (!load_text(path, &bytes))
		return false;
	rest = bytes.data;
	if (form->has_header)
		strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (*line)
			read_line(table, line, form);
	}
	aqi_buffer_free(&bytes);
	return table->n_rows > 0;
}

static void
read_json_row(struct table *table, const json_t *row, bool is_narrow)
{
	const size_t n = json_is_array(row) ? json_array_size(row) : 1;
	double *x = add_row(table, n);

	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_is_array(row) ?
				      json_array_get(row, i) : row;

		if (json_is_number(value))
			x[i] = json_number_value(value);
		if (is_narrow)
			x[i] = (double)(float)x[i];
	}
}

/* An array of rows, or of numbers, with this key. */
static bool
read_json_table(const char *path, const char *key, bool is_narrow,
		struct table *table)
{
	json_t *root = json_load_file(path, 0, NULL);
	const json_t *rows = json_object_get(root, key);

	*table = (struct table){0};
	for (size_t i = 0; i < json_array_size(rows); i++)
		read_json_row(table, json_array_get(rows, i), is_narrow);
	json_decref(root);
	return table->n_rows > 0;
}

static struct aqi_forest *
load_forest(const char *path, struct aqi_error *err)
{
	struct aqi_arena arena = {0};
	struct aqi_buffer bytes;
	struct aqi_trees trees;

	if (aqi_file_load(path, (size_t)1 << 30, AQI_E_MODEL, &bytes, err))
		return NULL;
	if (aqi_trees_read((struct aqi_slice){bytes.data, bytes.size}, NULL,
			   &arena, &trees, err) != AQI_OK)
		trees.forest = NULL;
	if (trees.forest)
		ok(is_quick_same(aqi_trees_read,
				 (struct aqi_slice){bytes.data, bytes.size},
				 trees.forest),
		   "%s: the same trees without statistics", path);
	aqi_buffer_free(&bytes);
	aqi_arena_free(&arena);
	return trees.forest;
}

/* One that must load, and a test that it does. */
static struct aqi_forest *
load_good(const char *path, const char *name)
{
	struct aqi_error err = {0};
	struct aqi_forest *forest = load_forest(path, &err);

	if (!ok(forest != NULL, "%s loads", name))
		note("%s", err.reason);
	return forest;
}

/* The leaves of the rows of a table, against those that are wanted. */
static void
compare_leaves(const char *name, const struct aqi_forest *forest,
	       const struct table *in, const struct table *wanted)
{
	const size_t n_trees = aqi_forest_source_trees(forest);
	uint32_t *leaf = calloc(n_trees + 1, sizeof *leaf);
	const bool fits = wanted->n_columns == n_trees &&
			  wanted->n_rows == in->n_rows;
	size_t n_different = 0;

	for (size_t i = 0; fits && i < in->n_rows; i++) {
		aqi_forest_leaves(forest, in->x + i * in->n_columns, leaf);
		for (size_t t = 0; t < n_trees; t++)
			n_different += (double)leaf[t] !=
				       wanted->x[i * n_trees + t];
	}
	ok(fits && n_different == 0,
	   "%s: the leaves of %zu trees are the library's own", name, n_trees);
	free(leaf);
}

/* The same sums, to the bit, on the same made-up rows? */
static bool
predict_the_same(const struct aqi_forest *a, const struct aqi_forest *b)
{
	const size_t n = aqi_forest_shape(a).n_inputs;
	double *x = calloc(n + 1, sizeof *x), y[2];
	bool is_same = aqi_forest_shape(b).n_inputs == n &&
		       aqi_forest_shape(a).n_margins == 1 &&
		       aqi_forest_shape(b).n_margins == 1;
	unsigned seed = 1;

	for (int i = 0; is_same && i < 200; i++) {
		for (size_t k = 0; k < n; k++) {
			seed = seed * 1103515245 + 12345;
			x[k] = seed >> 28 == 0 ? (double)NAN :
			       (double)(seed >> 16 & 255);
		}
		aqi_forest_predict(a, x, 1, &y[0]);
		aqi_forest_predict(b, x, 1, &y[1]);
		is_same = memcmp(&y[0], &y[1], sizeof y[0]) == 0;
	}
	free(x);
	return is_same;
}

/* What must be read must be read as the good one. */
static void
check_verdict(const char *file, const char *verdict,
	      const struct aqi_forest *good)
{
	struct aqi_error err = {0};
	struct aqi_forest *forest =
		load_forest(corpus_path("models-malformed/%s", file), &err);
	bool right = forest || (err.code == AQI_E_MODEL && err.reason[0]);

	if (strcmp(verdict, "refuse") == 0)
		right = right && !forest;
	else if (strcmp(verdict, "accept") == 0)
		right = forest && predict_the_same(forest, good);
	if (!ok(right, "%s: %s", file, verdict))
		note("%s", forest ? "read" : err.reason);
	aqi_forest_free(forest);
}

/* The files of a folder of models-malformed, one of which is as it should. */
static void
test_malformed(const char *kind, const char *good_name)
{
	char *rest, *line;
	struct aqi_buffer bytes;
	struct aqi_forest *good = load_good(
		corpus_path("models-malformed/%s", good_name), good_name);

	if (!ok(load_text(corpus_path("models-malformed/EXPECTED.tsv"),
			  &bytes), "the list of faults reads")) {
		aqi_forest_free(good);
		return;
	}
	rest = bytes.data;
	while (good && (line = strsep(&rest, "\n"))) {
		const char *file = strsep(&line, "\t");

		if (strncmp(file, kind, strlen(kind)) != 0)
			continue;
		strsep(&line, "\t");
		check_verdict(file, strsep(&line, "\t"), good);
	}
	aqi_buffer_free(&bytes);
	aqi_forest_free(good);
}

#endif
