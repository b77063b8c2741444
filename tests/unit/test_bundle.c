#include "model/bundle.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/builtin.h"
#include "base/sha256.h"
#include "air/base_record.h"
#include "model/compiled.h"
#include "model/compiled_block.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/locate.h"
#include "tap.h"

/* 0.5 + (x0 < 1.5 ? 10 : -3.5), over two inputs. */
#define TREES(names, count) \
"{\"learner\":{" names "\"gradient_booster\":{\"model\":{" \
"\"gbtree_model_param\":{\"num_trees\":\"1\"},\"tree_info\":[0],\"trees\":[" \
"{\"default_left\":[0,0,0],\"left_children\":[1,-1,-1]," \
"\"right_children\":[2,-1,-1],\"split_conditions\":[1.5,10,-3.5]," \
"\"split_indices\":[0,0,0],\"tree_param\":{\"num_nodes\":\"3\"}}]}," \
"\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"5E-1\"," \
"\"num_feature\":\"" count "\"},\"objective\":{\"name\":\"reg:linear\"}}}"

#define NAMED TREES("\"feature_names\":[\"pm25\",\"o3\"],", "2")

static const char manifest[] =
"{\"name\":\"small\",\"version\":\"1.2\",\"description\":\"two inputs\","
"\"licence\":\"CC0-1.0\",\"standard\":\"us-epa\",\"revision\":\"2024\","
"\"target\":\"aqi\",\"lead_time_hours\":{\"from\":1,\"to\":24},"
"\"trees\":{\"file\":\"model.json\",\"format\":\"xgboost-json\",\"sha256\":"
"\"\"},"
"\"output_transform\":\"none\","
"\"inputs\":[{\"name\":\"pm25\",\"unit\":\"ug/m3\"},{\"name\":\"o3\"}],"
"\"missing\":\"allow\",\"min_inputs\":1,\"training\":{\"rows\":[1,2]}}";

static char root[64];

static const char *
path_of(const char *name)
{
	static char path[2][256];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s/%s", root, name);
	return path[turn];
}

static void
put(const char *name, const void *bytes, size_t size)
{
	FILE *out = fopen(path_of(name), "wb");

	fwrite(bytes, 1, size, out);
	fclose(out);
}

static void
put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static const char *
edit(const char *from, const char *to)
{
	static char text[sizeof manifest + 400];
	const char *at = strstr(manifest, from);
	size_t n = (size_t)(at - manifest);

	memcpy(text, manifest, n);
	strcpy(text + n, to);
	strcat(text, at + strlen(from));
	return text;
}

static struct aqi_model *
load(const char *name, struct aqi_error *err)
{
	const struct aqi_model_options options = {.name = name};

	*err = (struct aqi_error){0};
	return aqi_model_load(&options, err);
}

static bool
says(struct aqi_model *model, const struct aqi_error *err, enum aqi_code code,
     const char *reason)
{
	bool right = !model && err->code == code &&
		     strcmp(err->reason, reason) == 0;

	if (!right)
		note("%s", model ? "it was loaded" : err->reason);
	aqi_model_free(model);
	return right;
}

static void
test_good(void)
{
	struct aqi_error err;
	struct aqi_model *m;
	const double x[] = {1, (double)NAN, 2, 0};
	double y[2];

	put_text("b/manifest.json", manifest);
	put_text("b/model.json", NAMED);
	m = load(path_of("b"), &err);
	if (!ok(m != NULL, "a bundle loads"))
		return;
	ok(aqi_slice_is(m->name, "small") && aqi_slice_is(m->version, "1.2") &&
	   aqi_slice_is(m->description, "two inputs") &&
	   aqi_slice_is(m->licence, "CC0-1.0") &&
	   aqi_slice_is(m->standard, "us-epa") &&
	   aqi_slice_is(m->revision, "2024") &&
	   aqi_slice_is(m->target, "aqi") && m->lead_from_hours == 1 &&
	   m->lead_to_hours == 24,
	   "and tells what it is");
	ok(m->n_inputs == 2 && aqi_slice_is(m->inputs[1], "o3") &&
	   aqi_slice_is(m->units[0], "ug/m3") && m->units[1].size == 0 &&
	   m->min_inputs == 1 && m->allows_missing &&
	   m->trees_sha256.size == 0 &&
	   aqi_slice_is(m->trees_file, "model.json") &&
	   aqi_slice_is(m->manifest, manifest) &&
	   aqi_slice_is(m->path, path_of("b")), "and what it needs");
	aqi_model_predict(m, x, 2, y);
	ok(y[0] == 10.5 && y[1] == -3, "and predicts");
	aqi_model_free(m);
	put_text("b/manifest.json", edit("\"none\"", "\"square\""));
	m = load(path_of("b"), &err);
	aqi_model_predict(m, x, 2, y);
	ok(y[0] == 110.25 && y[1] == 0, "a square, and none below zero");
	aqi_model_free(m);
	put_text("b/manifest.json",
		 "{\"name\":\"a\",\"trees\":{\"file\":\"model.json\","
		 "\"format\":\"xgboost-json\"},\"missing\":\"refuse\","
		 "\"inputs\":[{\"name\":\"pm25\"},{\"name\":\"o3\"}]}");
	m = load(path_of("b"), &err);
	ok(m && m->transform == AQI_TRANSFORM_NONE && !m->allows_missing &&
	   m->min_inputs == 0 && aqi_slice_is(m->standard, "us-epa") &&
	   m->version.size == 0, "only four keys are needed");
	aqi_model_free(m);
}

static const char *const faults[][3] = {
	{"{\"name\"", "[\"name\"", "manifest.json: line 1 column 8: not JSON: "
	 "']' expected"},
	{manifest, "[]", "manifest.json: not an object"},
	{manifest, "", "manifest.json: line 1 column 1: JSON ends too early"},
	{"\"small\"", "7", "manifest.json: name: not a string"},
	{"\"small\"", "\"\"", "manifest.json: name: empty, or no such key"},
	{"\"name\":\"small\",", "",
	 "manifest.json: name: empty, or no such key"},
	{"\"2024\"", "2024", "manifest.json: revision: not a string"},
	{"24}", "-1}", "manifest.json: to: not a whole number from 0 to 8784"},
	{"24}", "1.5}", "manifest.json: to: not a whole number from 0 to 8784"},
	{"24}", "\"24\"}",
	 "manifest.json: to: not a whole number from 0 to 8784"},
	{"24}", "8785}",
	 "manifest.json: to: not a whole number from 0 to 8784"},
	{"\"from\":1", "\"from\":-1",
	 "manifest.json: from: not a whole number from 0 to 8784"},
	{"24}", "0}", "manifest.json: lead_time_hours: from is after to"},
	{"{\"from\":1,\"to\":24}", "24",
	 "manifest.json: lead_time_hours: not an object with from and to"},
	{"\"none\"", "\"cube\"", "manifest.json: output_transform: neither "
				 "\"none\" nor \"square\""},
	{"\"allow\"", "true",
	 "manifest.json: missing: neither \"refuse\" nor \"allow\""},
	{"\"allow\"", "\"ask\"",
	 "manifest.json: missing: neither \"refuse\" nor \"allow\""},
	{"\"min_inputs\":1", "\"min_inputs\":true",
	 "manifest.json: min_inputs: not a whole number from 0 to 2"},
	{"\"missing\"", "\"m\"", "manifest.json: missing: no such key"},
	{"\"min_inputs\":1", "\"min_inputs\":3",
	 "manifest.json: min_inputs: not a whole number from 0 to 2"},
	{"\"inputs\":[", "\"i\":[",
	 "manifest.json: inputs: not an array of 1 to 4096 inputs"},
	{"{\"name\":\"o3\"}", "{\"nam\":\"o3\"}",
	 "manifest.json: inputs: number 2 has no name"},
	{"{\"name\":\"o3\"}", "{\"name\":3}",
	 "manifest.json: name: not a string"},
	{"{\"name\":\"o3\"}", "\"o3\"",
	 "manifest.json: inputs: number 2 has no name"},
	{"{\"name\":\"o3\"}", "{\"name\":\"pm25\"}",
	 "manifest.json: inputs: \"pm25\" twice"},
	{"\"unit\":\"ug/m3\"", "\"unit\":1",
	 "manifest.json: unit: not a string"},
	{"\"trees\":{", "\"t\":{", "manifest.json: trees: not an object"},
	{"{\"file\":\"model.json\",", "{\"file\":1,",
	 "manifest.json: file: not a string"},
	{"{\"file\":\"model.json\",", "{", "manifest.json: trees: file "
	 "does not name a file beside the manifest"},
	{"\"sha256\":", "\"sha256\":1,\"sha\":",
	 "manifest.json: sha256: not a string"},
	{"\"format\":", "\"form\":", "manifest.json: trees: format is "
	 "none of xgboost-json, xgboost-ubjson, lightgbm-text and onnx"},
	{"\"xgboost-json\"", "\"lightgbm-text\"", "model.json: the format is "
	 "xgboost-json, but lightgbm-text in the manifest"},
	{"\"xgboost-json\"", "1", "manifest.json: trees: format is "
	 "none of xgboost-json, xgboost-ubjson, lightgbm-text and onnx"},
	{"\"model.json\"", "\"a-name-of-a-file-that-is-longer-than-what-a-"
	 "message-has-room-for.json\"",
	 "a-name-of-a-file-that-is-longer-than-what-a-message-has-room: cannot "
	 "open: No such file or directory"},
	{"\"model.json\"", "\"../b/model.json\"", "manifest.json: trees: file "
	 "does not name a file beside the manifest"},
	{"\"model.json\"", "\"..\"", "manifest.json: trees: file "
	 "does not name a file beside the manifest"},
	{"\"model.json\"", "\"/etc/passwd\"", "manifest.json: trees: file "
	 "does not name a file beside the manifest"},
	{"\"model.json\"", "\"\"", "manifest.json: trees: file "
	 "does not name a file beside the manifest"},
	{"\"model.json\"", "\"none.json\"",
	 "none.json: cannot open: No such file or directory"},
	{"\"xgboost-json\"", "\"pickle\"", "manifest.json: trees: format is "
	 "none of xgboost-json, xgboost-ubjson, lightgbm-text and onnx"},
	{"256\":\"", "256\":\"0123456789abcdef0123456789abcdef0123456789abcdef"
	 "0123456789abcdex",
	 "manifest.json: trees: sha256 is not 64 hex digits"},
	{"256\":\"", "256\":\"0123456789abcdef0123456789abcdef0123456789abcdef"
	 "0123456789abcde",
	 "manifest.json: trees: sha256 is not 64 hex digits"},
	{",{\"name\":\"o3\"}", "",
	 "model.json: 2 inputs, but the manifest names 1"},
	{"{\"name\":\"o3\"}", "{\"name\":\"co\"}",
	 "model.json: input 2 is \"o3\", but \"co\" in the manifest"},
};

/* A manifest with that checksum; how the bundle loads with so many threads. */
static struct aqi_model *
load_with(const char *hash, size_t n_threads, struct aqi_error *err)
{
	char key[AQI_SHA256_SIZE + 16];

	snprintf(key, sizeof key, "256\":\"%s", hash);
	put_text("b/manifest.json", edit("256\":\"", key));
	return aqi_model_load(&(struct aqi_model_options){
		.name = path_of("b"), .n_threads = n_threads}, err);
}

/* Trees of that size, with blanks behind them. */
static void
check_checksum(size_t size)
{
	char hash[AQI_SHA256_SIZE], wrong[AQI_SHA256_SIZE], *trees;
	char message[256];
	const size_t n = strlen(NAMED);
	struct aqi_error err;
	struct aqi_model *m;

	trees = malloc(size);
	memset(trees, ' ', size);
	memcpy(trees, NAMED, n < size ? n : size);
	put("b/model.json", trees, size);
	aqi_sha256((struct aqi_slice){trees, size}, hash);
	free(trees);
	memcpy(wrong, hash, sizeof wrong);
	wrong[63] = wrong[63] == '0' ? '1' : '0';
	snprintf(message, sizeof message, "model.json: the sha256 is %s, but "
		 "%s in the manifest", hash, wrong);
	for (size_t n_threads = 1; n_threads < 3; n_threads++) {
		m = load_with(hash, n_threads, &err);
		ok(size < n ? !m && !strstr(err.reason, "sha256") : m != NULL,
		   "trees of %zu bytes are those of the manifest, %zu threads",
		   size, n_threads);
		aqi_model_free(m);
		ok(says(load_with(wrong, n_threads, &err), &err, AQI_E_MODEL,
			message), "and no others");
	}
	for (size_t i = 0; hash[i]; i++)
		hash[i] = (char)toupper((unsigned char)hash[i]);
	m = load_with(hash, 1, &err);
	ok((m != NULL) == (size >= n), "capital letters are digits too");
	aqi_model_free(m);
}

static void
test_checksum(void)
{
	check_checksum(strlen(NAMED));
	check_checksum((size_t)5 << 20);
	check_checksum(strlen(NAMED) - 1);
	put_text("b/model.json", NAMED);
}

static void
test_faults(void)
{
	struct aqi_error err;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		put_text("b/manifest.json", edit(faults[i][0], faults[i][1]));
		ok(says(load(path_of("b"), &err), &err, AQI_E_MODEL,
			faults[i][2]), "%s", faults[i][2]);
	}
	put_text("b/manifest.json", manifest);
	put_text("b/model.json", "{\"learner\":{}}");
	ok(says(load(path_of("b"), &err), &err, AQI_E_MODEL, "model.json: "
		"gradient_booster: no such key in the model"),
	   "a bundle with a bad tree file");
	put_text("b/model.json", NAMED);
}

/* Whoever only tries a bundle asks for no reason. */
static void
test_no_reason(void)
{
	const struct aqi_model_options options = {.name = path_of("b")};

	put_text("b/manifest.json", "[]");
	ok(!aqi_model_load(&options, NULL),
	   "a bundle is refused without a reason");
	put_text("b/manifest.json", manifest);
}

static void
test_cuts(void)
{
	struct aqi_error err;
	size_t n_refused = 0;

	for (size_t n = 0; n < sizeof manifest - 1; n++) {
		struct aqi_model *m;

		put("b/manifest.json", manifest, n);
		m = load(path_of("b"), &err);
		n_refused += !m && err.code == AQI_E_MODEL;
		aqi_model_free(m);
	}
	ok(n_refused == sizeof manifest - 1,
	   "a manifest cut at any byte is refused");
	put_text("b/manifest.json", manifest);
}

static void
test_bare(void)
{
	const struct aqi_slice names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
	const struct aqi_slice twice[] = {{"a", 1}, {"a", 1}};
	const struct aqi_slice empty[] = {{"a", 1}, {"", 0}};
	struct aqi_model_options options = {.name = path_of("bare.json")};
	struct aqi_error err;
	struct aqi_model *m;
	struct aqi_buffer file = {0};

	put_text("bare.json", NAMED);
	m = load(path_of("bare.json"), &err);
	ok(m && aqi_slice_is(m->name, "bare") && m->n_inputs == 2 &&
	   aqi_slice_is(m->inputs[0], "pm25") && m->allows_missing &&
	   m->min_inputs == 0 && aqi_slice_is(m->standard, "us-epa"),
	   "a tree file by itself is a model");
	ok(aqi_compiled_make(m, &file, &err) == AQI_OK, "it can be compiled");
	put("bare.aqi", file.data, file.size);
	aqi_buffer_free(&file);
	aqi_model_free(m);
	options.inputs = names;
	options.n_inputs = 2;
	options.name = path_of("bare.json");
	m = aqi_model_load(&options, &err);
	ok(m && aqi_slice_is(m->inputs[1], "b"), "--inputs renames its inputs");
	aqi_model_free(m);
	options.n_inputs = 3;
	options.name = path_of("bare.json");
	ok(says(aqi_model_load(&options, &err), &err, AQI_E_USAGE,
		"--inputs has 3 names, the model 2 inputs"),
	   "as many as it has");
	options = (struct aqi_model_options){.name = path_of("bare.json"),
					     .inputs = twice, .n_inputs = 2};
	ok(says(aqi_model_load(&options, &err), &err, AQI_E_USAGE,
		"--inputs has \"a\" twice"), "none twice");
	options.inputs = empty;
	ok(says(aqi_model_load(&options, &err), &err, AQI_E_USAGE,
		"--inputs has an empty name"), "none empty");
	options.name = path_of("b");
	ok(says(aqi_model_load(&options, &err), &err, AQI_E_USAGE,
		"--inputs is for a tree file by itself; this is a bundle, "
		"whose manifest names them"), "and not those of a bundle");
	m = load(path_of("bare.aqi"), &err);
	ok(m && aqi_slice_is(m->name, "bare") &&
	   aqi_slice_is(m->inputs[0], "pm25") && m->allows_missing &&
	   aqi_slice_is(m->path, path_of("bare.aqi")),
	   "and then is the same model");
	aqi_model_free(m);
	options = (struct aqi_model_options){.name = path_of("bare.aqi"),
					     .inputs = names, .n_inputs = 2};
	m = aqi_model_load(&options, &err);
	ok(m && aqi_slice_is(m->inputs[1], "b"),
	   "whose inputs can be renamed, too");
	aqi_model_free(m);
	put_text("bare.json", TREES("", "13"));
	m = load(path_of("bare.json"), &err);
	ok(m && aqi_slice_is(m->inputs[0], "pm25") &&
	   aqi_slice_is(m->inputs[12], "month"),
	   "13 inputs without names are the base record's");
	aqi_model_free(m);
	put_text("bare.json", TREES("", "12"));
	ok(says(load(path_of("bare.json"), &err), &err, AQI_E_USAGE,
		"the model does not name its 12 inputs (the base record has "
		"13): name them with --inputs a,b,... of aqi-predict or "
		"aqi-model compile"),
	   "any other count asks for names");
	put_text("bare.json", "pm25,pm10\n1,2\n");
	ok(says(load(path_of("bare.json"), &err), &err, AQI_E_MODEL,
		"this is no model of a known kind: XGBoost's JSON and UBJSON, "
		"LightGBM's text and ONNX can be read"),
	   "what is no model is refused");
	put_text("bare.json", NAMED);
}

/* A tree file of LightGBM so large that it is read in pieces. */
static void
put_large(const char *name)
{
	enum { N_TREES = 4000 };
	struct aqi_buffer file = {0}, tree = {0};

	aqi_buffer_add_text(&file, "tree\nversion=v4\nnum_class=1\n"
			    "num_tree_per_iteration=1\nlabel_index=0\n"
			    "max_feature_idx=1\nobjective=regression\n"
			    "feature_names=pm25 o3\n"
			    "feature_infos=none none\ntree_sizes=");
	for (int t = 0; t < N_TREES; t++) {
		const size_t before = tree.size;

		aqi_buffer_add_format(&tree, "Tree=%d\nnum_leaves=2\n"
				      "num_cat=0\nsplit_feature=0\n"
				      "split_gain=1\nthreshold=1.5\n"
				      "decision_type=2\nleft_child=-1\n"
				      "right_child=-2\nleaf_value=0.25 0.5\n"
				      "leaf_weight=1 2\nis_linear=0\n"
				      "shrinkage=1\n\n\n", t);
		aqi_buffer_add_format(&file, "%s%zu", t > 0 ? " " : "",
				      tree.size - before);
	}
	aqi_buffer_add_text(&file, "\n\n");
	aqi_buffer_add_slice(&file, aqi_buffer_slice(&tree));
	aqi_buffer_add_text(&file, "end of trees\n");
	put(name, file.data, file.size);
	aqi_buffer_free(&tree);
	aqi_buffer_free(&file);
}

/* Of one that is to predict only, no more than pieces need be in memory. */
static void
test_large(void)
{
	const double x[] = {1, 0, 2, 0};
	double y[2] = {0};
	struct aqi_model_options options = {.skips_statistics = true};
	struct aqi_error err;
	struct aqi_model *m;

	put_large("large.txt");
	options.name = path_of("large.txt");
	m = aqi_model_load(&options, &err);
	if (m)
		aqi_model_predict(m, x, 2, y);
	ok(m && aqi_slice_is(m->name, "large") && m->n_inputs == 2 &&
	   aqi_slice_is(m->inputs[0], "pm25") && y[0] == 1000 && y[1] == 2000 &&
	   strcmp(m->trees_path, options.name) == 0,
	   "a large tree file is a model like any");
	aqi_model_free(m);
	put_large("b/model.json");
	options.name = path_of("b/model.json");
	ok(says(aqi_model_load(&options, &err), &err, AQI_E_MODEL,
		"these are the trees of a bundle, whose manifest.json says "
		"how to use them; give the folder"),
	   "and the trees of a bundle as well");
	put_text("b/model.json", NAMED);
}

static void
test_search(void)
{
	char home[128], reason[400];
	struct aqi_error err;
	struct aqi_model *m;

	snprintf(home, sizeof home, "%s/home", root);
	setenv("HOME", home, 1);
	unsetenv("XDG_DATA_HOME");
	unsetenv("AQI_MODELS_DIR");
	put_text("home/.local/share/aqi/models/one/manifest.json", manifest);
	put_text("home/.local/share/aqi/models/one/model.json", NAMED);
	m = load("one", &err);
	ok(m != NULL, "a bare name is found in ~/.local/share/aqi/models");
	aqi_model_free(m);
	setenv("XDG_DATA_HOME", path_of("home/.local/share"), 1);
	setenv("HOME", "/nowhere", 1);
	m = load("one", &err);
	ok(m != NULL, "in $XDG_DATA_HOME/aqi/models");
	aqi_model_free(m);
	setenv("XDG_DATA_HOME", "home/.local/share", 1);
	if (chdir(root) < 0)
		note("cannot change to %s", root);
	m = load("one", &err);
	ok(!m && err.code == AQI_E_MODEL && err.file &&
	   strcmp(err.file, "one") == 0, "not in a relative one");
	aqi_model_free(m);
	m = load("b", &err);
	ok(!m, "and never in the current folder");
	aqi_model_free(m);
	setenv("AQI_MODELS_DIR", root, 1);
	m = load("b", &err);
	ok(m != NULL, "in $AQI_MODELS_DIR");
	aqi_model_free(m);
	m = load("two", &err);
	snprintf(reason, sizeof reason, "; looked in %s, ", root);
	ok(!m && strncmp(err.reason, "no such model; there are: ", 26) == 0 &&
	   strstr(err.reason, "b") && strstr(err.reason, reason) &&
	   strstr(err.reason, " and the program itself"),
	   "an unknown name is told where it was looked for");
	note("%s", err.reason);
	m = load("..", &err);
	ok(!m && strncmp(err.reason, "no such model", 13) == 0,
	   "a name leads nowhere else");
	put_text("b/manifest.json", "{");
	m = load("b", &err);
	snprintf(reason, sizeof reason, "%s/b/manifest.json: line 1 column 2: "
		 "JSON ends too early", root);
	ok(says(m, &err, AQI_E_MODEL, reason),
	   "the message has the folder that was found");
	put_text("b/manifest.json", manifest);
}

/* How the list of places in the message follows from the environment. */
static void
test_searched(void)
{
	static const struct {
		const char *models, *data, *home, *places;
	} cases[] = {
		{"", "", "", "looked in "},
		{NULL, NULL, NULL, "looked in "},
		{NULL, NULL, "relative", "looked in "},
		{NULL, "relative", "/h", "looked in /h/.local/share/aqi/models,"
					 " "},
		{NULL, "/d", "/h", "looked in /d/aqi/models, "},
		{"m\n\xc3\xa4", "/d", NULL, "looked in m???, /d/aqi/models, "},
	};
	static const char *const names[] = {
		"AQI_MODELS_DIR", "XDG_DATA_HOME", "HOME"
	};
	struct aqi_error err;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const values[] = {
			cases[i].models, cases[i].data, cases[i].home
		};
		const char *at;

		for (int k = 0; k < 3; k++)
			if (values[k])
				setenv(names[k], values[k], 1);
			else
				unsetenv(names[k]);
		aqi_model_free(load("no-such-model", &err));
		at = strstr(err.reason, "looked in ");
		/* The last place is beside this program: an absolute path. */
		if (!ok(at && strncmp(at, cases[i].places,
				      strlen(cases[i].places)) == 0 &&
			at[strlen(cases[i].places)] == '/' &&
			strstr(at, "/share/aqi/models and the program itself"),
			"places of case %zu", i))
			note("%s", err.reason);
	}
	for (int k = 0; k < 3; k++)
		unsetenv(names[k]);
}

/* Names that are not looked up anywhere, or end as no file does. */
static void
test_names(void)
{
	static const char *const no_names[] = {".", ".hidden", "a b", "a:b"};
	struct aqi_error err;
	struct aqi_model *m;
	char name[140];

	for (size_t i = 0; i < sizeof no_names / sizeof *no_names; i++) {
		m = load(no_names[i], &err);
		ok(!m && err.code == AQI_E_MODEL &&
		   strncmp(err.reason, "no such model; there are: ", 26) == 0,
		   "\"%s\" is no name of a model", no_names[i]);
		aqi_model_free(m);
	}
	m = load("pm25-v1.2", &err);
	ok(!m && strncmp(err.reason, "no such model; there are: ", 26) == 0,
	   "a version is not a file's ending");
	aqi_model_free(m);
	/* 128 is the room for the path of what is built in. */
	for (size_t n = 110; n < sizeof name; n += 9) {
		memset(name, 'a', n);
		name[n] = '\0';
		m = load(name, &err);
		ok(!m && err.code == AQI_E_MODEL &&
		   strncmp(err.reason, "no such model", 13) == 0,
		   "nor is a name of %zu bytes one that is built in", n);
		aqi_model_free(m);
	}
	m = load("", &err);
	ok(m ? aqi_slice_is(m->name, "production") :
	   strcmp(err.reason, "not compiled into this program") == 0,
	   "the empty name is the program's own model");
	aqi_model_free(m);
}

/* In the current folder, a bare file has no slash in its path. */
static void
test_current(void)
{
	struct aqi_error err;
	struct aqi_model *m;
	struct aqi_buffer file = {0};

	if (chdir(path_of("b")) < 0)
		note("cannot change to %s", path_of("b"));
	ok(says(load("model.json", &err), &err, AQI_E_MODEL,
		"these are the trees of a bundle, whose manifest.json says "
		"how to use them; give the folder"),
	   "a bundle's trees here are not loaded by themselves");
	put_text("b/other", NAMED);
	m = aqi_model_load(&(struct aqi_model_options){.name = "other",
						       .is_path = true}, &err);
	ok(m && aqi_slice_is(m->name, "other"),
	   "a file without an ending names a model");
	aqi_model_free(m);
	put_text("b/.json", NAMED);
	m = load("./.json", &err);
	ok(m && aqi_slice_is(m->name, ".json"),
	   "so does one that is an ending alone");
	aqi_model_free(m);
	m = load("./.json", &err);
	ok(aqi_compiled_make(m, &file, &err) == AQI_OK, "it can be compiled");
	put("b/cut.aqi", file.data, file.size - 1);
	aqi_buffer_free(&file);
	aqi_model_free(m);
	ok(says(load("./cut.aqi", &err), &err, AQI_E_MODEL,
		"the compiled model is cut short, or has bytes behind it"),
	   "a compiled model that is cut is refused");
	if (chdir(root) < 0)
		note("cannot change to %s", root);
}

static void
test_environment(void)
{
	struct aqi_error err;
	struct aqi_model *m;

	setenv("MODEL_PATH", path_of("bare.json"), 1);
	m = aqi_model_load(NULL, &err);
	ok(m && aqi_slice_is(m->name, "bare"), "$MODEL_PATH names a model");
	aqi_model_free(m);
	setenv("AQI_MODEL", path_of("b/"), 1);
	m = aqi_model_load(NULL, &err);
	ok(m && aqi_slice_is(m->name, "small"), "$AQI_MODEL goes before it");
	aqi_model_free(m);
	m = load(path_of("bare.json"), &err);
	ok(m && aqi_slice_is(m->name, "bare"), "an argument before both");
	aqi_model_free(m);
	setenv("AQI_MODEL", "", 1);
	unsetenv("MODEL_PATH");
}

static void
test_paths(void)
{
	const struct aqi_model_options options = {.name = "b", .is_path = true};
	struct aqi_error err;
	struct aqi_model *m;

	ok(says(load(path_of("none"), &err), &err, AQI_E_MODEL,
		"cannot open: No such file or directory"), "no such path");
	ok(says(load("none.json", &err), &err, AQI_E_MODEL,
		"cannot open: No such file or directory") &&
	   strcmp(err.file, "none.json") == 0, "a file ending makes a path");
	ok(says(load(path_of("home"), &err), &err, AQI_E_MODEL,
		"this is a folder without a manifest.json: name a bundle's "
		"folder or a model file"), "a folder that is no bundle");
	unsetenv("AQI_MODELS_DIR");
	m = aqi_model_load(&options, &err);
	ok(m != NULL, "a name can be made a path");
	aqi_model_free(m);
	aqi_model_free(NULL);
}

static void
test_builtin(void)
{
	struct timespec start, end;
	struct aqi_error err;
	struct aqi_model *m;
	double us;

	if (!aqi_builtin_find("production/model.aqi").data) {
		skip("the model compiled in", "it is not in this build");
		m = aqi_model_load(NULL, &err);
		ok(says(m, &err, AQI_E_MODEL,
			"not compiled into this program"),
		   "without it, there is a message");
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &start);
	m = aqi_model_load(NULL, &err);
	clock_gettime(CLOCK_MONOTONIC, &end);
	us = (double)(end.tv_sec - start.tv_sec) * 1e6 +
	     (double)(end.tv_nsec - start.tv_nsec) / 1e3;
	if (ok(m != NULL, "the model compiled in is there"))
		note("loaded in %.0f us: %zu nodes", us,
		     aqi_forest_nodes(m->forest));
	else
		note("%s", err.reason);
	aqi_model_free(m);
	m = load("production", &err);
	ok(m && m->path.size == 0, "and has a name");
	aqi_model_free(m);
}

/* The file of the model that is built in, with its layouts; *parts, out, is
 * their table. */
static char *
make_with_layouts(size_t *size, struct aqi_compiled_part **parts)
{
	struct aqi_error err;
	struct aqi_model *m = aqi_model_load(NULL, &err);
	struct aqi_buffer file = {0};
	struct aqi_compiled_arrays arrays;

	if (aqi_engine_prepare(m->engine, 65536, &err) != AQI_OK ||
	    aqi_compiled_make(m, &file, &err) != AQI_OK)
		note("%s", err.reason);
	aqi_model_free(m);
	*size = file.size;
	aqi_compiled_lay_out((void *)file.data, file.data, &arrays);
	*parts = (struct aqi_compiled_part *)arrays.parts;
	return file.data;
}

/* Load and predict with many rows at once: in which way, and is it right? */
static bool
predicts(const char *name, const char *way)
{
	static double x[512 * AQI_N_BASE], y[512], wanted[512];
	struct aqi_error err;
	struct aqi_model *m = load(name, &err), *right = load("", &err);
	bool good = m && right;

	for (size_t i = 0; i < 512 * AQI_N_BASE; i++)
		x[i] = (double)(i * 7919 % 211);
	if (good && aqi_engine_prepare(m->engine, 512, &err) == AQI_OK) {
		aqi_model_predict(m, x, 512, y);
		aqi_model_predict(right, x, 512, wanted);
		good = memcmp(y, wanted, sizeof y) == 0 &&
		       strncmp(aqi_engine_way(m->engine, 512), way,
			       strlen(way)) == 0;
	} else {
		good = false;
		note("%s", err.reason);
	}
	aqi_model_free(right);
	aqi_model_free(m);
	return good;
}

static void
test_layouts(void)
{
	struct aqi_compiled_part *parts;
	struct aqi_block_seal *seal;
	struct aqi_error err;
	size_t size;
	char *file;

	if (!aqi_builtin_find("production/model.aqi").data) {
		skip("layouts of a compiled model", "no model is built in");
		return;
	}
	file = make_with_layouts(&size, &parts);
	put("whole.aqi", file, size);
	ok(((struct aqi_compiled_header *)(void *)file)->n_parts > 1 &&
	   predicts(path_of("whole.aqi"), "planes"),
	   "a compiled model brings its layouts");
	file[parts[1].offset + parts[1].size - 1] ^= 1;
	put("damaged.aqi", file, size);
	ok(says(load(path_of("damaged.aqi"), &err), &err, AQI_E_MODEL,
		"a layout of the compiled model is damaged: the checksum is "
		"wrong"), "of which none may be damaged");
	file[parts[1].offset + parts[1].size - 1] ^= 1;
	seal = (void *)(file + parts[1].offset);
	seal->version++;
	aqi_block_finish((char *)seal);
	parts[1].checksum = seal->checksum;
	aqi_block_finish(file);
	put("newer.aqi", file, size);
	ok(predicts(path_of("newer.aqi"), "planes"),
	   "one of another version is made anew");
	seal->magic[0] = '?';
	aqi_block_finish((char *)seal);
	parts[1].checksum = seal->checksum;
	aqi_block_finish(file);
	put("other.aqi", file, size);
	ok(predicts(path_of("other.aqi"), "planes"),
	   "and so is one of a kind that nobody knows");
	free(file);
}

/*
 * Files of each version that was ever written stay readable. The first was made
 * by aqi-model compile of a bundle: 0.5 and, for pm25 below 1.5 or missing, 10,
 * else -3.5 for o3 below -2, else 7; squared.
 */
static void
test_old(void)
{
	const double x[] = {1, 5, 2, -3, 2, 0, NAN, NAN};
	struct aqi_error err;
	struct aqi_model *m = load("tests/golden/compiled-1.aqi", &err);
	double y[4];

	if (!ok(m != NULL, "a compiled model of version 1 is read")) {
		note("%s", err.reason);
		return;
	}
	aqi_model_predict(m, x, 4, y);
	ok(aqi_slice_is(m->name, "small") && aqi_slice_is(m->version, "1") &&
	   aqi_slice_is(m->inputs[1], "o3") &&
	   aqi_slice_is(m->units[0], "ug/m3") && m->min_inputs == 1 &&
	   y[0] == 110.25 && y[1] == 0 && y[2] == 56.25 && y[3] == 110.25,
	   "and says what it said then");
	aqi_model_free(m);
}

static void
test_memory(void)
{
	struct aqi_arena arena = {.failed = true};
	struct aqi_location location;
	struct aqi_error err = {0};

	ok(aqi_locate_path("/", &arena, &location, &err) == AQI_FATAL &&
	   err.code == AQI_E_MEMORY,
	   "a folder that memory ran out for is not one without a manifest");
	aqi_arena_free(&arena);
}

int
main(void)
{
	static const char *const folders[] = {
		"b", "home", "home/.local", "home/.local/share",
		"home/.local/share/aqi", "home/.local/share/aqi/models",
		"home/.local/share/aqi/models/one",
	};
	char command[128];

	unsetenv("AQI_MODEL");
	unsetenv("MODEL_PATH");
	unsetenv("AQI_MODELS_DIR");
	strcpy(root, "/tmp/test_bundle.XXXXXX");
	if (!mkdtemp(root))
		return 1;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		mkdir(path_of(folders[i]), 0777);
	test_old();
	test_good();
	test_checksum();
	test_faults();
	test_no_reason();
	test_cuts();
	test_bare();
	test_large();
	test_search();
	test_environment();
	test_paths();
	test_builtin();
	test_layouts();
	test_searched();
	test_names();
	test_current();
	test_memory();
	snprintf(command, sizeof command, "rm -rf %s", root);
	return done() | (system(command) != 0);
}
