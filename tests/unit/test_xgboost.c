#include "model/trees.h"

#include <math.h>
#include <stdlib.h>

#include "model/forest.h"
#include "model/xgboost.h"
#include "quick.h"
#include "edit.h"
#include "tap.h"
#include "ubjson.h"

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
	return edit_text(model, from, to);
}

static struct aqi_arena arena;

static struct aqi_forest *
read_model(struct aqi_slice bytes, struct aqi_error *err)
{
	struct aqi_trees trees;

	*err = (struct aqi_error){0};
	aqi_arena_clear(&arena);
	if (aqi_trees_read(bytes, NULL, &arena, &trees, err) == AQI_OK)
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

#define missing ((double)NAN)

/* 0.5 + (x0 < 1.5 ? 10.25 : -3.5) + (x1 < 0 ? 1 : x2 < 7.5 ? 2 : 4) */
static bool
predicts_right(const struct aqi_forest *f)
{
	return f && predict(f, 1, -1, 0) == 11.75 &&
	       predict(f, 2, 1, 7) == -1 && predict(f, 2, 1, 8) == 1 &&
	       predict(f, missing, missing, missing) == 12.75;
}

/* The same in UBJSON; false where the text is no JSON of jansson's. */
static bool
to_ubjson(struct aqi_slice text, struct aqi_buffer *out)
{
	json_t *root = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES,
				  NULL);

	aqi_buffer_clear(out);
	if (!root)
		return false;
	ubjson_write(out, root);
	json_decref(root);
	return !out->failed;
}

static struct aqi_slice
written(const struct aqi_buffer *bytes)
{
	return (struct aqi_slice){bytes->data, bytes->size};
}

static void
test_good(void)
{
	struct aqi_trees trees;
	struct aqi_error err;
	enum aqi_status status = aqi_trees_read(aqi_slice_of(model), NULL, &arena,
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
	{"[1,7,4]", "\"1.7\""},
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
	{"reg:squarederror", "binary:logitraw"},
	{"reg:squarederror", "binary:hinge"},
	{"reg:squarederror", "reg:expectileerror"},
	{"reg:squarederror", "multi:softprob"},
	{"reg:squarederror", "multi:softmax"},
	{"reg:squarederror", "rank:pairwise"},
	{"reg:squarederror", "rank:ndcg"},
	{"reg:squarederror", "rank:map"},
	{"\"gbtree\"}", "\"dart\"}"},
	{"\"size_leaf_vector\":\"0\"", "\"size_leaf_vector\":\"2\""},
	{"\"tree_info\"", "\"weight_drop\":[1,1],\"tree_info\""},
	{"\"name\":\"gbtree\"", "\"name\":\"dart\",\"weight_drop\":[1,1.0]"},
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

static void
test_same_ubjson(void)
{
	struct aqi_buffer bytes = {0};
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		if (!to_ubjson(edit(same[i][0], same[i][1]), &bytes))
			continue;
		f = read_model(written(&bytes), &err);
		if (!ok(predicts_right(f), "UBJSON, too: %s", same[i][1]))
			note("%s", err.reason);
		aqi_forest_free(f);
	}
	aqi_buffer_free(&bytes);
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
	 "base_score: " NO_KEY},
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
	 "tree_info: 2 values for 1 trees"},
	{"\"tree_info\":[0,0]", "\"tree_info\":[0]",
	 "tree_info: 1 values for 2 trees"},
	{"\"tree_info\":[0,0]", "\"tree_info\":[0,1]",
	 "tree_info: tree 1 is for output 1 among 1"},
	{"[1,-1,-1]", "[1.5,-1,-1]",
	 "tree 0 node 0: left_children is not a whole number of 32 bits"},
	{"[1,-1,-1]", "[\"1\",-1,-1]",
	 "tree 0 node 0: left_children is not a whole number of 32 bits"},
	{"[2,-1,-1]", "[2.5,-1,-1]",
	 "tree 0 node 0: right_children is not a whole number of 32 bits"},
	{"[2,-1,-1]", "[null,-1,-1]",
	 "tree 0 node 0: right_children is not a whole number of 32 bits"},
	{"[1,-1,-1]", "[1e300,-1,-1]",
	 "tree 0 node 0: left_children is not a whole number of 32 bits"},
	{"[1,-1,-1]", "[4294967297,-1,-1]",
	 "tree 0 node 0: left_children is not a whole number of 32 bits"},
	{"[1,-1,-1]", "[0,-1,-1]",
	 "tree 0 node 0: child 0 has a parent already, or is the root"},
	{"[1,-1,-1]", "[-1,-1,-1]",
	 "tree 0 node 0: a child to the right, none to the left"},
	{"[2,-1,-1]", "[-1,-1,-1]",
	 "tree 0 node 0: no child -1 among 3 nodes"},
	{"[1.5,10.25,-3.5]", "[NaN,10.25,-3.5]",
	 "tree 0 node 0: the threshold is not finite"},
	{"[1.5,10.25,-3.5]", "[-Infinity,10.25,-3.5]",
	 "tree 0 node 0: the threshold is not finite"},
	{"[1.5,10.25,-3.5]", "[1.5,1e39,-3.5]",
	 "tree 0 node 1: the leaf's value is not finite"},
	{"[1.5,10.25,-3.5]", "[1.5,\"12\",-3.5]",
	 "tree 0 node 1: split_conditions is not a number"},
	{"[1.5,10.25,-3.5]", "[1.5,2e38,-3.5]",
	 "the leaves are too large: their sum can exceed a 32-bit float"},
	{"\"default_left\":[1,0,0]", "\"default_left\":[7,0,0]",
	 "tree 0 node 0: default_left is neither 0 nor 1"},
	{"\"default_left\":[1,0,0]", "\"default_left\":[1,\"0\",0]",
	 "tree 0 node 1: default_left is not a whole number of 32 bits"},
	{"\"default_left\":[1,0,0]", "\"default_left\":[1,0,null]",
	 "tree 0 node 2: default_left is not a whole number of 32 bits"},
	{"\"split_indices\":[0,0,0]", "\"split_indices\":[\"0\",0,0]",
	 "tree 0 node 0: split_indices is not a whole number of 32 bits"},
	{"\"split_indices\":[0,0,0]", "\"split_indices\":[3,0,0]",
	 "tree 0 node 0: no input 3 among 3"},
	{"\"split_indices\":[0,0,0]", "\"split_indices\":[-1,0,0]",
	 "tree 0 node 0: no input -1 among 3"},
	{"\"split_indices\":[0,0,0]", "\"split_indices\":[0.5,0,0]",
	 "tree 0 node 0: split_indices is not a whole number of 32 bits"},
	{"\"split_type\":[0,0,0]", "\"split_type\":[1,0,0]",
	 "tree 0 node 0: a split by categories, without any"},
	{"\"split_type\":[0,0,0]", "\"split_type\":[0,2,0]",
	 "tree 0 node 1: split_type is neither 0 nor 1"},
	{"\"split_type\":[0,0,0]", "\"split_type\":[0,\"\",0]",
	 "tree 0 node 1: split_type is not a whole number of 32 bits"},
	{"[12.5,0,0]", "[12.5,0]", "tree 0: loss_changes: 2 values for 3 nodes"},
	{"[12.5,0,0]", "[12.5,null,0]",
	 "tree 0 node 1: loss_changes is not a number"},
	{"[12.5,0,0]", "{}", "tree 0: loss_changes: not an array"},
	{"\"num_deleted\":\"0\"", "\"num_deleted\":\"1\"",
	 "tree 0: 0 nodes are not reached from the root, 1 are said to be "
	 "unused"},
	{"\"size_leaf_vector\":\"0\"}}", "\"size_leaf_vector\":\"3\"}}",
	 "tree 0: size_leaf_vector: 3 values in a leaf for 1 outputs"},
	{"\"num_class\":\"0\"", "\"num_class\":\"1025\"",
	 "1025 outputs; 1 to 1024 are supported"},
	{"\"num_class\":\"0\",\"num_feature\":\"3\",\"num_target\":\"1\"",
	 "\"num_class\":\"2\",\"num_feature\":\"3\",\"num_target\":\"2\"",
	 "num_class: 2, with num_target 2"},
	{"\"num_class\":\"0\"", "\"num_class\":\"-6\"",
	 "num_class: \"-6\" is not a count"},
	{"\"num_class\":\"0\",\"num_feature\":\"3\"",
	 "\"num_class\":\"0\",\"num_feature\":\"4\"",
	 "feature_names: 3 names for 4 features"},
	{"reg:squarederror", "reg:fancy", "objective \"reg:fancy\" is not "
	 "supported; aqi-model(5) has a list of those that are"},
	{"\"reg:squarederror\"", "7", "name: not a text"},
	{"\"gbtree\"}", "\"gbforest\"}", "booster \"gbforest\" is not "
	 "supported; gbtree, dart and gblinear are"},
	{"\"gbtree\"}", "\"gblinear\"}", "weights: " NO_KEY},
	{"\"tree_info\"", "\"weight_drop\":[1,1,1],\"tree_info\"",
	 "weight_drop: 3 values for 2 trees"},
	{"\"tree_info\"", "\"weight_drop\":[1,true],\"tree_info\"",
	 "weight_drop: value 1 is not a number"},
	{"\"tree_info\"", "\"weight_drop\":{},\"tree_info\"",
	 "weight_drop: not an array"},
	{"\"tree_info\"", "\"weight_drop\":[3e38,1],\"tree_info\"",
	 "tree 0 node 1: the leaf's value is not finite"},
	{"[0,0],\"trees\"", "[0,-1],\"trees\"",
	 "tree_info: tree 1 is for output -1 among 1"},
	{"[0,0],\"trees\"", "[0,0.5],\"trees\"",
	 "tree_info: value 1 is not a whole number of 32 bits"},
	{"\"trees\":[", "\"trees\":7,\"t\":[", "trees: not an array"},
	{"\"trees\":[", "\"trees\":[7,", "tree 0: tree: not an object"},
	{"\"trees\":[", "\"trees\":[],\"t\":[",
	 "num_trees: 2, but 0 trees are there"},
	{"\"num_trees\":\"2\",\"size_leaf_vector\":\"0\"},"
	 "\"tree_info\":[0,0]",
	 "\"num_trees\":\"1\",\"size_leaf_vector\":\"0\"},"
	 "\"tree_info\":[0]",
	 "num_trees: 1, but more trees are there"},
	{"\"learner\":{\"attr", "\"learner\":7,\"l\":{\"attr",
	 "learner: not an object"},
	{"\"num_trees\":\"2\"", "\"num_trees\":2", "num_trees: not a text"},
	{"\"version\":[1,7,4]", "\"version\":[1,\"7\"]",
	 "version: value 1 is not a whole number of 32 bits"},
	{"\"5E-1\"", "\"abc\"",
	 "base_score: \"abc\" is not a 32-bit number"},
	{"\"5E-1\"", "\"NaN\"",
	 "base_score: \"NaN\" is not a 32-bit number"},
	{"\"5E-1\"", "\"[1,2]\"",
	 "base_score: \"[1,2]\" is not one number, or one for each of 1 "
	 "outputs"},
	{"\"5E-1\"", "\"[1\"",
	 "base_score: \"[1\" is not a 32-bit number"},
	{"\"5E-1\"", "\"1e39\"",
	 "base_score: \"1e39\" is not a 32-bit number"},
	{"\"o3\"", "\"pm25\"", "feature_names: \"pm25\" twice"},
	{"\"o3\"", "\"\"",
	 "feature_names: a name is empty, or not a string"},
	{"\"o3\"", "3", "feature_names: a name is empty, or not a string"},
	{"[\"pm25\",\"o3\",\"hour\"]", "{}", "feature_names: not an array"},
	{"[1,7,4]", "[99,0,0]",
	 "written by XGBoost 99; versions 1 to 3 can be read"},
	{"\"version\":[1,7,4]}", "\"version\":[1,7,4]",
	 "byte 1051: JSON ends too early"},
	{"{\"learner\"", "{learner", "byte 1: not JSON: a key expected"},
	{"\"id\":0", "\"id\":0,\"split_type\":[0,0,0]",
	 "tree 0: split_type: twice in the same object"},
	{"\"version\":", "\"version\":[1],\"version\":",
	 "version: twice in the same object"},
	{"\"version\":[1,7,4]}", "\"version\":[1,7,4]}{}",
	 "byte 1052: something follows the JSON value"},
	{"\"o3\"", "\"\xff\"", "byte 53: invalid UTF-8"},
	{"[12.5,0,0]", "[NaN,0x0,0]", "byte 304: not JSON: ',' or ']' expected"},
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

static void
test_faults_ubjson(void)
{
	struct aqi_buffer bytes = {0};
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		if (!to_ubjson(edit(faults[i][0], faults[i][1]), &bytes))
			continue;
		f = read_model(written(&bytes), &err);
		ok(says(f, &err, faults[i][2]), "UBJSON, too: %s",
		   faults[i][2]);
	}
	aqi_buffer_free(&bytes);
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
		ok(aqi_trees_read(bytes, NULL, &arena, &trees, NULL) == AQI_FATAL,
		   "refused without a reason: %s", changes[i][1]);
	}
}

/* The reader of XGBoost's by itself, of what nobody would take for it. */
static void
test_empty(void)
{
	struct aqi_error err = {0};
	struct aqi_trees trees;

	aqi_arena_clear(&arena);
	ok(aqi_xgboost_read((struct aqi_slice){"", 0}, NULL, &arena, &trees,
			    &err) == AQI_FATAL && err.code == AQI_E_MODEL &&
	   strcmp(err.reason, "byte 0: JSON ends too early") == 0,
	   "a file of nothing is refused");
}

static bool
is_harmless(struct aqi_forest *f, const struct aqi_error *err)
{
	static const double x[2][3] = {{missing, 1, 3}, {1, missing, 9}};
	static double y[2 * AQI_FOREST_MAX_MARGINS];
	bool fine = f || err->reason[0] != '\0';

	if (f) {
		const size_t n = aqi_forest_shape(f).n_margins;

		fine = aqi_forest_shape(f).n_inputs == 3;
		if (fine)
			aqi_forest_predict(f, &x[0][0], 2, y);
		for (size_t k = 0; k < 2 * n; k++)
			fine &= isfinite(y[k]);
	}

	aqi_forest_free(f);
	return fine;
}

/* Cut at any byte, it is refused. */
static void
test_cuts(const char *spelling, struct aqi_slice good)
{
	size_t n_refused = 0;
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < good.size; i++) {
		/* A copy that ends there, so that a sanitizer sees the end. */
		char *cut = malloc(i + 1);

		memcpy(cut, good.data, i);
		f = read_model((struct aqi_slice){cut, i}, &err);
		n_refused += !f && err.code == AQI_E_MODEL;
		aqi_forest_free(f);
		free(cut);
	}
	ok(n_refused == good.size, "a model in %s cut at any byte is refused",
	   spelling);
}

static void
test_damage(const char *spelling, struct aqi_slice good)
{
	static const char masks[] = {1, 2, 4, 8, 16, 32, 64, (char)128};
	size_t n_harmless = 0, n = 0;
	char *copy = malloc(good.size);
	struct aqi_error err;

	for (size_t i = 0; i < good.size; i++) {
		for (size_t k = 0; k < sizeof masks + 2; k++, n++) {
			memcpy(copy, good.data, good.size);
			copy[i] = k < sizeof masks ?
				  (char)(copy[i] ^ masks[k]) :
				  k == sizeof masks ? '\0' : '\xff';
			n_harmless += is_harmless(read_model(
				(struct aqi_slice){copy, good.size}, &err),
				&err);
		}
	}
	free(copy);
	ok(n_harmless == n, "%zu models in %s with one byte changed do no harm",
	   n, spelling);
}

/* What a prediction does not need. */
static void
test_quick(void)
{
	const struct aqi_trees_options quick = {.skips_statistics = true};
	static const char *const changes[][2] = {
		{"\"loss_changes\":[12.5,0,0]", "\"loss_changes\":[12.5,[0}]"},
		{"\"loss_changes\":[12.5,0,0]", "\"loss_changes\":\"few\""},
		{"\"id\":0", "\"id\":[1,,2]"},
	};
	struct aqi_trees trees;
	struct aqi_forest *forest;
	struct aqi_error err;

	forest = read_model(aqi_slice_of(model), &err);
	ok(forest && forest->gains &&
	   is_quick_same(aqi_trees_read, aqi_slice_of(model), forest),
	   "without statistics the trees are the same");
	aqi_forest_free(forest);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct aqi_slice bytes = edit(changes[i][0],
						    changes[i][1]);

		ok(!read_model(bytes, &err), "refused: %s", changes[i][1]);
		ok(aqi_trees_read(bytes, &quick, &arena, &trees, &err) ==
		   AQI_OK && predicts_right(trees.forest),
		   "and passed over in haste");
		aqi_forest_free(trees.forest);
	}
}

int
main(void)
{
	struct aqi_buffer bytes = {0};

	test_good();
	test_same();
	test_same_ubjson();
	test_pruned();
	test_faults();
	test_faults_ubjson();
	test_base();
	test_rounding();
	test_no_reason();
	test_empty();
	test_quick();
	to_ubjson(aqi_slice_of(model), &bytes);
	test_cuts("JSON", aqi_slice_of(model));
	test_cuts("UBJSON", written(&bytes));
	test_damage("JSON", aqi_slice_of(model));
	test_damage("UBJSON", written(&bytes));
	aqi_buffer_free(&bytes);
	aqi_arena_free(&arena);
	return done();
}
