#include "model/xgboost.h"

#include <math.h>
#include <stdlib.h>

#include "model/foreign.h"
#include "model/forest.h"
#include "model/trees.h"
#include "tap.h"

/* Two trees over three features, as XGBoost 1.7 writes them. */
static const char model[] =
"{\"learner\":{\"attributes\":{},\"feature_names\":[\"pm25\",\"o3\",\"hour\"],"
"\"feature_types\":[],\"gradient_booster\":{\"model\":{\"gbtree_model_param\":"
"{\"num_parallel_tree\":\"1\",\"num_trees\":\"2\",\"size_leaf_vector\":\"0\"},"
"\"tree_info\":[0,0],\"trees\":["
"{\"default_left\":[1,0,0],\"id\":0,\"left_children\":[1,-1,-1],"
"\"loss_changes\":[12.5,0,0],\"right_children\":[2,-1,-1],"
"\"split_conditions\":[1.5,10.25,-3.5],\"split_indices\":[0,0,0],"
"\"split_type\":[0,0,0],\"tree_param\":{\"num_deleted\":\"0\","
"\"num_feature\":\"3\",\"num_nodes\":\"3\",\"size_leaf_vector\":\"0\"}},"
"{\"default_left\":[0,0,1,0,0],\"id\":1,\"left_children\":[1,-1,3,-1,-1],"
"\"loss_changes\":[7.5,0,2,0,0],\"right_children\":[2,-1,4,-1,-1],"
"\"split_conditions\":[0,1,7.5,2,4],\"split_indices\":[1,0,2,0,0],"
"\"split_type\":[0,0,0,0,0],\"tree_param\":{\"num_deleted\":\"0\","
"\"num_feature\":\"3\",\"num_nodes\":\"5\",\"size_leaf_vector\":\"0\"}}]},"
"\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"5E-1\","
"\"boost_from_average\":\"1\",\"num_class\":\"0\",\"num_feature\":\"3\","
"\"num_target\":\"1\"},\"objective\":{\"name\":\"reg:squarederror\","
"\"reg_loss_param\":{\"scale_pos_weight\":\"1\"}}},\"version\":[1,7,4]}";

/* The model with one text replaced, where it stands first. */
static struct aqi_slice
edit(const char *from, const char *to)
{
	static char text[sizeof model + 1000];
	const char *at = strstr(model, from);
	size_t n = (size_t)(at - model);

	memcpy(text, model, n);
	strcpy(text + n, to);
	strcat(text, at + strlen(from));
	return aqi_slice_of(text);
}

static struct aqi_arena arena;

static struct aqi_forest *
read_model(struct aqi_slice bytes, struct aqi_error *err)
{
	struct aqi_trees trees;

	*err = (struct aqi_error){0};
	aqi_arena_clear(&arena);
	if (aqi_xgboost_read(bytes, &arena, &trees, err) == AQI_OK)
		return trees.forest;
	return NULL;
}

static double
predict(const struct aqi_forest *forest, double a, double b, double c)
{
	const double x[3] = {a, b, c};
	double y;

	aqi_forest_predict(forest, x, 1, &y);
	return y;
}

static const double missing = (double)NAN;

/* 0.5 + (x0 < 1.5 ? 10.25 : -3.5) + (x1 < 0 ? 1 : x2 < 7.5 ? 2 : 4) */
static bool
predicts_right(const struct aqi_forest *f)
{
	return f && predict(f, 1, -1, 0) == 11.75 &&
	       predict(f, 2, 1, 7) == -1 && predict(f, 2, 1, 8) == 1 &&
	       predict(f, missing, missing, missing) == 12.75;
}

static void
test_good(void)
{
	struct aqi_trees trees;
	struct aqi_error err;
	enum aqi_status status = aqi_xgboost_read(aqi_slice_of(model), &arena,
						  &trees, &err);

	ok(status == AQI_OK && predicts_right(trees.forest),
	   "a model of XGBoost 1.7 is read");
	ok(trees.n_names == 3 && aqi_slice_is(trees.names[0], "pm25") &&
	   aqi_slice_is(trees.names[2], "hour"), "and its names are kept");
	aqi_forest_free(trees.forest);
}

/* Other ways of saying the same. */
static const char *const same[][2] = {
	{"\"base_score\":\"5E-1\"", "\"base_score\":\"[5E-1]\""},
	{"\"base_score\":\"5E-1\"", "\"base_score\":\"0.5\""},
	{"\"version\":[1,7,4]", "\"version\":[3,4,1]"},
	{",\"version\":[1,7,4]", ""},
	{"\"num_target\":\"1\"", "\"num_target\":\"0\""},
	{",\"num_target\":\"1\"", ""},
	{"\"num_class\":\"0\"", "\"num_class\":\"1\""},
	{"[1,0,0],\"id\":0", "[true,false,false],\"id\":0"},
	{",\"split_type\":[0,0,0,0,0]", ""},
	{"\"num_deleted\":\"0\",", ""},
	{"\"size_leaf_vector\":\"0\"", "\"size_leaf_vector\":\"1\""},
	{"\"feature_names\":[\"pm25\",\"o3\",\"hour\"],", ""},
	{"[\"pm25\",\"o3\",\"hour\"]", "[]"},
	{"\"attributes\":{}", "\"attributes\":{\"best_iteration\":\"0\"}"},
	{"\"id\":0", "\"id\":0,\"new\":[{\"a\":null}]"},
	{"[12.5,0,0]", "[NaN,Infinity,-Infinity]"},
	{"\"attributes\":{}", "\"attributes\":{\"a \\\" NaN\":NaN}"},
	{"[1,0,0],\"id\":0", "[1,0.0,false],\"id\":0"},
	{"\"pm25\"", "\"NaN \\\" Infinity\""},
	{"{\"learner\"", " \n\t{\"learner\""},
	{"reg:squarederror", "reg:linear"},
	{"reg:squarederror", "reg:squaredlogerror"},
	{"reg:squarederror", "reg:pseudohubererror"},
	{"reg:squarederror", "reg:absoluteerror"},
	{"reg:squarederror", "reg:quantileerror"},
	{"\"num_nodes\":\"3\",", "\"num_nodes\":\"3\",\"more\":\"x\","},
};

static void
test_same(void)
{
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		f = read_model(edit(same[i][0], same[i][1]), &err);
		if (!ok(predicts_right(f), "the same with %s", same[i][1]))
			note("%s", err.reason);
		aqi_forest_free(f);
	}
}

/* Nodes 3 and 4 were split off once and pruned away again. */
static void
test_pruned(void)
{
	static const char pruned[] =
		"{\"default_left\":[1,0,0,0,0],\"left_children\":[1,-1,-1,-1,"
		"-1],\"right_children\":[2,-1,-1,-1,-1],\"split_conditions\":"
		"[1.5,10.25,-3.5,7,8],\"split_indices\":[0,0,0,2147483647,"
		"2147483647],\"tree_param\":{\"num_deleted\":\"2\","
		"\"num_nodes\":\"5\"}}";
	const char *start = strstr(model, "{\"default_left\":[1,0,0]");
	const char *end = strstr(start, ",{\"default_left\"");
	char *tree = strndup(start, (size_t)(end - start));
	struct aqi_error err;
	struct aqi_forest *f = read_model(edit(tree, pruned), &err);

	ok(predicts_right(f) && aqi_forest_nodes(f) == 8,
	   "pruned nodes are passed over");
	aqi_forest_free(f);
	free(tree);
}

#define SUPPORTED \
	"; these are: reg:squarederror reg:linear reg:squaredlogerror " \
	"reg:pseudohubererror reg:absoluteerror reg:quantileerror reg:gamma " \
	"reg:tweedie count:poisson reg:logistic binary:logistic"
#define ONE_OUTPUT " outputs; only those with one are supported"
#define NO_KEY "no such key in the model"
#define SAVE "save it from XGBoost as JSON: booster.save_model(\"model.json\")"

/* What is changed, to what, and what is said of it. */
static const char *const faults[][3] = {
	{"\"learner\":{", "\"lerner\":{",
	 "this is JSON, but no XGBoost model (no learner): " SAVE},
	{"\"gradient_booster\"", "\"booster\"", "gradient_booster: " NO_KEY},
	{"\"learner_model_param\"", "\"p\"", "learner_model_param: " NO_KEY},
	{"\"objective\":{", "\"objektive\":{", "objective: " NO_KEY},
	{"\"gbtree_model_param\"", "\"p\"", "gbtree_model_param: " NO_KEY},
	{"\"tree_info\"", "\"info\"", "tree_info: " NO_KEY},
	{"\"trees\"", "\"t\"", "trees: " NO_KEY},
	{"\"tree_param\"", "\"p\"", "tree 0: tree_param: " NO_KEY},
	{"\"split_indices\"", "\"p\"", "tree 0: split_indices: " NO_KEY},
	{"\"default_left\"", "\"p\"", "tree 0: default_left: " NO_KEY},
	{"\"left_children\"", "\"p\"", "tree 0: left_children: " NO_KEY},
	{"\"right_children\"", "\"p\"", "tree 0: right_children: " NO_KEY},
	{"\"split_conditions\"", "\"p\"", "tree 0: split_conditions: " NO_KEY},
	{"\"num_nodes\"", "\"p\"", "tree 0: num_nodes: " NO_KEY},
	{"\"num_trees\"", "\"p\"", "num_trees: " NO_KEY},
	{"\"num_class\":\"0\",\"num_feature\"", "\"p\"",
	 "num_feature: " NO_KEY},
	{"\"base_score\"", "\"p\"",
	 "base_score: \"\" is not a number for the one output"},
	{"[0,0],\"trees\"", "{},\"trees\"", "tree_info: not an array"},
	{"\"model\":{", "\"model\":[],\"m\":{", "model: not an object"},
	{"[1,-1,-1]", "[1,-1]",
	 "tree 0: left_children: 2 values for 3 nodes"},
	{"\"split_type\":[0,0,0]", "\"split_type\":[0]",
	 "tree 0: split_type: 1 values for 3 nodes"},
	{"\"num_nodes\":\"3\"", "\"num_nodes\":\"-1\"",
	 "tree 0: num_nodes: \"-1\" is not a count"},
	{"\"num_nodes\":\"3\"", "\"num_nodes\":\"many\"",
	 "tree 0: num_nodes: \"many\" is not a count"},
	{"\"num_nodes\":\"3\"", "\"num_nodes\":\"\"",
	 "tree 0: num_nodes: \"\" is not a count"},
	{"\"num_nodes\":\"3\"", "\"num_nodes\":\"18446744073709551619\"",
	 "tree 0: num_nodes: \"18446744073709551619\" is not a count"},
	{"\"num_trees\":\"2\"", "\"num_trees\":\"1\"",
	 "num_trees: 1, but 2 trees are there"},
	{"\"tree_info\":[0,0]", "\"tree_info\":[0]",
	 "tree_info: 1 values for 2 trees"},
	{"\"tree_info\":[0,0]", "\"tree_info\":[0,1]",
	 "tree_info: tree 1 is not for output 0, the only one"},
	{"[1,-1,-1]", "[1.5,-1,-1]",
	 "tree 0 node 0: a child is not a whole number"},
	{"[1,-1,-1]", "[\"1\",-1,-1]",
	 "tree 0 node 0: a child is not a whole number"},
	{"[2,-1,-1]", "[2.5,-1,-1]",
	 "tree 0 node 0: a child is not a whole number"},
	{"[2,-1,-1]", "[null,-1,-1]",
	 "tree 0 node 0: a child is not a whole number"},
	{"[1,-1,-1]", "[1e300,-1,-1]",
	 "tree 0 node 0: a child is not a whole number"},
	{"[1,-1,-1]", "[4294967297,-1,-1]",
	 "tree 0 node 0: no child 4294967297 among 3 nodes"},
	{"[1,-1,-1]", "[0,-1,-1]",
	 "tree 0 node 0: child 0 has a parent already, or is the root"},
	{"[1,-1,-1]", "[-1,-1,-1]",
	 "tree 0 node 0: a child to the right, none to the left"},
	{"[2,-1,-1]", "[-1,-1,-1]",
	 "tree 0 node 0: no child -1 among 3 nodes"},
	{"[1.5,10.25,-3.5]", "[NaN,10.25,-3.5]",
	 "tree 0 node 0: the split condition is not a finite 32-bit number"},
	{"[1.5,10.25,-3.5]", "[-Infinity,10.25,-3.5]",
	 "tree 0 node 0: the split condition is not a finite 32-bit number"},
	{"[1.5,10.25,-3.5]", "[1.5,1e39,-3.5]",
	 "tree 0 node 1: the split condition is not a finite 32-bit number"},
	{"[1.5,10.25,-3.5]", "[1.5,\"12\",-3.5]",
	 "tree 0 node 1: the split condition is not a finite 32-bit number"},
	{"[1.5,10.25,-3.5]", "[1.5,2e38,-3.5]",
	 "the leaves are too large: their sum can exceed a 32-bit float"},
	{"\"default_left\":[1,0,0]", "\"default_left\":[7,0,0]",
	 "tree 0 node 0: default_left is neither 0 nor 1"},
	{"\"default_left\":[1,0,0]", "\"default_left\":[1,\"0\",0]",
	 "tree 0 node 1: default_left is neither 0 nor 1"},
	{"\"default_left\":[1,0,0]", "\"default_left\":[1,0,null]",
	 "tree 0 node 2: default_left is neither 0 nor 1"},
	{"\"split_indices\":[0,0,0]", "\"split_indices\":[\"0\",0,0]",
	 "tree 0 node 0: the split index is not a whole number"},
	{"\"split_indices\":[0,0,0]", "\"split_indices\":[3,0,0]",
	 "tree 0 node 0: no input 3 among 3"},
	{"\"split_indices\":[0,0,0]", "\"split_indices\":[-1,0,0]",
	 "tree 0 node 0: no input -1 among 3"},
	{"\"split_indices\":[0,0,0]", "\"split_indices\":[0.5,0,0]",
	 "tree 0 node 0: the split index is not a whole number"},
	{"\"split_type\":[0,0,0]", "\"split_type\":[1,0,0]",
	 "tree 0 node 0: a categorical split, which is not supported: train "
	 "with numbers"},
	{"\"num_deleted\":\"0\"", "\"num_deleted\":\"1\"",
	 "tree 0: 0 nodes are not reached from the root, 1 are said to be "
	 "unused"},
	{"\"size_leaf_vector\":\"0\"}}", "\"size_leaf_vector\":\"3\"}}",
	 "tree 0: size_leaf_vector: a model with 3" ONE_OUTPUT},
	{"\"size_leaf_vector\":\"0\"", "\"size_leaf_vector\":\"2\"",
	 "size_leaf_vector: a model with 2" ONE_OUTPUT},
	{"\"num_class\":\"0\"", "\"num_class\":\"6\"",
	 "num_class: a model with 6" ONE_OUTPUT},
	{"\"num_class\":\"0\"", "\"num_class\":\"-6\"",
	 "num_class: \"-6\" is not a count"},
	{"\"num_target\":\"1\"", "\"num_target\":\"2\"",
	 "num_target: a model with 2" ONE_OUTPUT},
	{"\"num_class\":\"0\",\"num_feature\":\"3\"",
	 "\"num_class\":\"0\",\"num_feature\":\"4\"",
	 "feature_names: 3 names for 4 features"},
	{"reg:squarederror", "reg:fancy",
	 "objective \"reg:fancy\" is not supported" SUPPORTED},
	{"reg:squarederror", "multi:softprob",
	 "objective \"multi:softprob\" is not supported" SUPPORTED},
	{"\"gbtree\"}", "\"gblinear\"}",
	 "booster \"gblinear\" is not supported; gbtree is"},
	{"\"gbtree\"}", "\"dart\"}",
	 "booster \"dart\" is not supported; gbtree is"},
	{"\"tree_info\"", "\"weight_drop\":[1,1],\"tree_info\"",
	 "booster \"dart\" is not supported; gbtree is"},
	{"\"5E-1\"", "\"abc\"",
	 "base_score: \"abc\" is not a number for the one output"},
	{"\"5E-1\"", "\"NaN\"",
	 "base_score: \"NaN\" is not a number for the one output"},
	{"\"5E-1\"", "\"[1,2]\"",
	 "base_score: \"[1,2]\" is not a number for the one output"},
	{"\"5E-1\"", "\"[1\"",
	 "base_score: \"[1\" is not a number for the one output"},
	{"\"5E-1\"", "\"1e39\"",
	 "base_score: \"1e39\" is not a number for the one output"},
	{"\"o3\"", "\"pm25\"", "feature_names: \"pm25\" twice"},
	{"\"o3\"", "\"\"",
	 "feature_names: a name is empty, or not a string"},
	{"\"o3\"", "3", "feature_names: a name is empty, or not a string"},
	{"[\"pm25\",\"o3\",\"hour\"]", "{}", "feature_names: not an array"},
	{"[1,7,4]", "[99,0,0]",
	 "written by XGBoost 99; versions 1 to 3 can be read"},
	{"\"version\":[1,7,4]}", "\"version\":[1,7,4]",
	 "byte 1051: JSON ends too early"},
	{"{\"learner\"", "{learner", "byte 7: not JSON: string or '}' expected"},
	{"{\"learner\"", "\n\n{\"learner\":1,\"learner\"",
	 "byte 23: a key stands twice in the object"},
	{"\"o3\"", "\"\xff\"", "byte 53: invalid UTF-8"},
	{"[12.5,0,0]", "[NaN,0x0,0]", "byte 304: not JSON: ']' expected"},
};

static bool
says(struct aqi_forest *f, const struct aqi_error *err, const char *reason)
{
	bool right = !f && err->code == AQI_E_MODEL &&
		     strcmp(err->reason, reason) == 0;

	if (!right)
		note("%s", f ? "it was read" : err->reason);
	aqi_forest_free(f);
	return right;
}

static void
test_faults(void)
{
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		f = read_model(edit(faults[i][0], faults[i][1]), &err);
		ok(says(f, &err, faults[i][2]), "%s", faults[i][2]);
	}
}

/* Objectives whose base score is not the margin. */
static void
test_base(void)
{
	static const struct {
		const char *objective, *score;
		double margin;		/* with -2.5 of the trees taken off */
		const char *reason;
	} cases[] = {
		{"reg:gamma", "5E-1", -0.69314718, NULL},
		{"reg:tweedie", "[7.389056]", 2, NULL},
		{"count:poisson", "1", 0, NULL},
		{"binary:logistic", "5E-1", 0, NULL},
		{"reg:logistic", "[2E-1]", -1.3862944, NULL},
		{"count:poisson", "0", 0, "base_score: \"0\" is not above 0, "
					  "as the objective needs it"},
		{"reg:logistic", "0E0", 0, "base_score: \"0E0\" is not above "
					   "0, as the objective needs it"},
		{"binary:logistic", "1.5E0", 0,
		 "base_score: \"1.5E0\" is not below 1, as the objective "
		 "needs it"},
	};
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char from[300], to[300];
		const char *start = strstr(model, "\"5E-1\"");
		const char *end = strstr(start, "reg:squarederror");
		int n = (int)(end - start) - 6;

		snprintf(from, sizeof from, "\"5E-1\"%.*sreg:squarederror", n,
			 start + 6);
		snprintf(to, sizeof to, "\"%s\"%.*s%s", cases[i].score, n,
			 start + 6, cases[i].objective);
		f = read_model(edit(from, to), &err);
		if (cases[i].reason)
			ok(says(f, &err, cases[i].reason), "%s",
			   cases[i].reason);
		else
			ok(f && fabs(aqi_forest_shape(f).bases[0] -
				     cases[i].margin) < 1e-6,
			   "base score %s of %s", cases[i].score,
			   cases[i].objective);
		if (!cases[i].reason)
			aqi_forest_free(f);
	}
}

/* What strtof makes of the text, where narrowing a double may go wrong. */
static void
test_rounding(void)
{
	static const char *const texts[] = {
		"0.1", "16777217", "16777219", "1e-45", "7e-46",
		"1.17549435e-38",
		"3.4028235e38", "2.938736e-39", "-0.30000001", "0", "-0",
		"8.589973e9",
		/* Each is halfway between two floats as a double. */
		"967498269e-19", "8.30628079e-15", "544629066e-25",
		"-272314533e-25",
		"1.00000006", "33554435",
	};
	struct aqi_error err;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char list[64];
		const float want = strtof(texts[i], NULL);
		const double below = (double)nextafterf(want, -INFINITY);
		double y;
		struct aqi_forest *f;

		snprintf(list, sizeof list, "[%s,10.25,-3.5]", texts[i]);
		f = read_model(edit("[1.5,10.25,-3.5]", list), &err);
		y = f ? predict(f, (double)want, -1, 0) : 0;
		ok(f && y == -2 && predict(f, below, -1, 0) == 11.75,
		   "threshold %s is the float nearest to it", texts[i]);
		aqi_forest_free(f);
	}
}

static void
test_foreign(void)
{
	static char legacy[200];
	const uint64_t size = 15;
	static const struct {
		const char *bytes;
		size_t size;
		const char *reason;
	} files[] = {
#define BYTES(text) text, sizeof (text) - 1
#define SAVE_AS_TEXT \
	": save the whole from LightGBM: booster.save_model(\"model.txt\")"
#define XGBOOST_ONLY ": only XGBoost JSON models can be read"
		{BYTES(""), "the file is empty: " SAVE},
		{BYTES("binf\x01"), "this is an XGBoost model in the old "
		 "binary format: load it with XGBoost 1.0 to 3.0 and save it "
		 "again as JSON"},
		{BYTES("bs64\tAA"), "this is an XGBoost model in the old "
		 "base64 format: load it with XGBoost 1.0 to 3.0 and save it "
		 "again as JSON"},
		{legacy, sizeof legacy, "this is an XGBoost model in the old "
		 "binary format: load it with XGBoost 1.0 to 3.0 and save it "
		 "again as JSON"},
		{BYTES("{L\0\0\0\0\0\0\0\7learner{"),
		 "this is an XGBoost model in UBJSON: " SAVE},
		{BYTES("booster[0]:\n0:[f1<2]"), "this is an XGBoost text "
		 "dump, without base score or objective: " SAVE},
		{BYTES("[{\"nodeid\":0,\"leaf\":1}]"), "this is an XGBoost "
		 "tree dump, without base score or objective: " SAVE},
		{BYTES("0.5\n[ {\"nodeid\":0}]"), "this is an XGBoost tree "
		 "dump, without base score or objective: " SAVE},
		{BYTES("\x80\x04\x95"), "this is a Python pickle, which is "
		 "never run: " SAVE},
		{BYTES("ccopy_reg\n_x\n"), "this is a Python pickle, which is "
		 "never run: " SAVE},
		{BYTES("c__builtin__\nset\n"), "this is a Python pickle, "
		 "which is never run: " SAVE},
		{BYTES("(dp0\nS'a'\n"), "this is a Python pickle, which is "
		 "never run: " SAVE},
		{BYTES("(lp0\nI1\n"), "this is a Python pickle, which is "
		 "never run: " SAVE},
		{BYTES("csklearn.tree\n"), "this is a Python pickle, which "
		 "is never run: " SAVE},
		{BYTES("cxgboost.core\n"), "this is a Python pickle, which "
		 "is never run: " SAVE},
		{BYTES("Tree=0\nnum_leaves=2\n"), "this is a tree cut out of a "
		 "LightGBM text model" SAVE_AS_TEXT},
		{BYTES("{\"name\":\"tree\",\"feature_names\":[],"
		       "\"tree_info\":[]}"),
		 "this is a LightGBM JSON dump" SAVE_AS_TEXT},
		{BYTES("\x08\x07\x12\x04onnx"),
		 "this is an ONNX model" XGBOOST_ONLY},
		{BYTES("CBM1abc"), "this is a CatBoost model" XGBOOST_ONLY},
		{BYTES("\x89HDF\r\n"), "this is an HDF5 file" XGBOOST_ONLY},
		{BYTES("<?xml version"), "this is XML, perhaps PMML"
		 XGBOOST_ONLY},
		{BYTES("\x7f" "ELF\2"), "this is a program or library (ELF): "
		 "name a model file"},
		{BYTES("\x1f\x8b\x08"), "this is gzip data: unpack it with "
		 "gunzip"},
		{BYTES("\x28\xb5\x2f\xfd"), "this is zstd data: unpack it with "
		 "unzstd"},
		{BYTES("BZh9"), "this is bzip2 data: unpack it with bunzip2"},
		{BYTES("\xfd" "7zXZ"), "this is xz data: unpack it with unxz"},
		{BYTES("PK\3\4"), "this is a zip archive: unpack it with "
		 "unzip"},
		{BYTES("\x78\x9c"), "this is zlib data, perhaps a joblib "
		 "pickle: " SAVE},
		{BYTES("CONFIG-offset:1"), "this is an XGBoost memory "
		 "snapshot: " SAVE},
		{BYTES("{\0\"\0"), "this is UTF-16 text: write it as UTF-8"},
		{BYTES("\xff\xfe{\0"), "this is UTF-16 text: write it as "
		 "UTF-8"},
		{BYTES("\xfe\xff\0{"), "this is UTF-16 text: write it as "
		 "UTF-8"},
		{BYTES("\0{\0\""), "this is UTF-16 text: write it as UTF-8"},
		{BYTES("-5e-1\n["), "this is no model of a known kind: " SAVE},
		{BYTES("-0.5\n[ {\"nodeid\":0}]"), "this is an XGBoost tree "
		 "dump, without base score or objective: " SAVE},
		{BYTES("pm25,pm10\n"), "this is no model of a known kind: "
		 SAVE},
		{BYTES(" \n"), "this is no model of a known kind: " SAVE},
		{BYTES("{}"), "this is JSON, but no XGBoost model (no "
		 "learner): " SAVE},
		{BYTES("[]"), "this is JSON, but no XGBoost model (no "
		 "learner): " SAVE},
		{BYTES("[{\"node\":0}]"), "this is JSON, but no XGBoost "
		 "model (no learner): " SAVE},
		{BYTES("{\"tree_info\":[]}"), "this is JSON, but no XGBoost "
		 "model (no learner): " SAVE},
	};
	struct aqi_error err;

	memcpy(legacy + 136, &size, sizeof size);
	memcpy(legacy + 144, "binary:logistic", 15);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		ok(says(read_model((struct aqi_slice){files[i].bytes,
						      files[i].size}, &err),
			&err, files[i].reason), "%s", files[i].reason);
}

/* What only begins like a kind of file is of no known kind. */
static void
test_almost_foreign(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *what;
	} files[] = {
		{BYTES("\x80\1."), "a pickle of protocol 1"},
		{BYTES("\x80\6."), "a pickle of protocol 6"},
		{BYTES("\x08\0\x12"), "ONNX of version 0"},
		{BYTES("\x08\x40\x12"), "ONNX of version 64"},
		{BYTES("\x08\7\x11"), "ONNX with no field behind it"},
		{BYTES("\x08\7\x73"), "ONNX with a field too far"},
		{BYTES("0.5 [{\"nodeid\":0}]"), "a score on the dump's line"},
		{BYTES("0.5\n{\"nodeid\":0}"), "a score before an object"},
	};
	static const struct {
		uint64_t size;
		const char *name, *what;
	} objectives[] = {
		{2, "reg:linear", "a name of 2 bytes"},
		{64, "reg:linear", "a name of 64 bytes"},
		{57, "reg:linear", "a name longer than the file"},
		{10, "0eg:linear", "a name that begins with a digit"},
		{10, "r0g:linear", "a name with a digit in it"},
		{10, "re0:linear", "a name with a digit third"},
	};
	const char *unknown = "this is no model of a known kind: " SAVE;
	struct aqi_error err;

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		ok(says(read_model((struct aqi_slice){files[i].bytes,
						      files[i].size}, &err),
			&err, unknown), "unknown: %s", files[i].what);
	for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
		char bytes[200] = {0};

		memcpy(bytes + 136, &objectives[i].size, sizeof(uint64_t));
		memcpy(bytes + 144, objectives[i].name, 10);
		ok(says(read_model((struct aqi_slice){bytes, sizeof bytes},
				   &err), &err, unknown),
		   "unknown: the old binary format, of %s",
		   objectives[i].what);
	}
}

/* Whoever only wants to know whether it is a model asks for no reason. */
static void
test_no_reason(void)
{
	static const char *const changes[][2] = {
		{"{\"learner\"", "{learner"},
		{"[1,-1,-1]", "[1,-1]"},
		{"[1,-1,-1]", "[0,-1,-1]"},
	};

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct aqi_slice bytes = edit(changes[i][0], changes[i][1]);
		struct aqi_trees trees;

		aqi_arena_clear(&arena);
		ok(aqi_xgboost_read(bytes, &arena, &trees, NULL) == AQI_FATAL,
		   "refused without a reason: %s", changes[i][1]);
	}
}

static bool
is_harmless(struct aqi_forest *f, const struct aqi_error *err)
{
	bool fine = f ? isfinite(predict(f, missing, 1, 3)) &&
			isfinite(predict(f, 1, missing, 9)) :
			err->reason[0] != '\0';

	aqi_forest_free(f);
	return fine;
}

static void
test_damage(void)
{
	const size_t size = sizeof model - 1;
	static char copy[sizeof model];
	size_t n_refused = 0, n_harmless = 0, n = 0;
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < size; i++) {
		/* A copy that ends there, so that a sanitizer sees the end. */
		char *cut = malloc(i + 1);

		memcpy(cut, model, i);
		f = read_model((struct aqi_slice){cut, i}, &err);
		n_refused += !f && err.code == AQI_E_MODEL;
		aqi_forest_free(f);
		free(cut);
	}
	ok(n_refused == size, "a model cut at any byte is refused");
	for (size_t i = 0; i < size; i++) {
		static const char masks[] = {1, 2, 4, 8, 16, 32, 64};

		for (size_t k = 0; k < sizeof masks + 2; k++, n++) {
			memcpy(copy, model, sizeof model);
			copy[i] = k < sizeof masks ?
				  (char)(copy[i] ^ masks[k]) :
				  k == sizeof masks ? '\0' : '\xff';
			f = read_model((struct aqi_slice){copy, size}, &err);
			n_harmless += is_harmless(f, &err);
		}
	}
	ok(n_harmless == n, "%zu models with one byte changed do no harm", n);
}

int
main(void)
{
	test_good();
	test_same();
	test_pruned();
	test_faults();
	test_base();
	test_rounding();
	test_foreign();
	test_almost_foreign();
	test_no_reason();
	test_damage();
	aqi_arena_free(&arena);
	return done();
}
