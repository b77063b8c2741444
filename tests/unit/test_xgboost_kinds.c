/*
 * What XGBoost's models can hold besides plain trees for one output: weights of
 * trees, linear functions, categories, several outputs, vectors in the leaves,
 * statistics. Each in JSON and in UBJSON.
 */
#include "model/xgboost.h"

#include <math.h>
#include <stdlib.h>

#include "model/forest.h"
#include "model/forest_block.h"
#include "model/trees.h"
#include "tap.h"
#include "ubjson.h"

#define NONE ((double)NAN)
#define MAX_OUTPUTS 4

/* A model over two inputs, in the words of XGBoost. */
struct words {
	const char *booster;	/* the object of gradient_booster */
	const char *objective, *base_score, *n_classes, *n_targets, *version;
};

static struct aqi_arena arena;
static struct aqi_trees got;

static const char *
or(const char *word, const char *usual)
{
	return word ? word : usual;
}

static char *
write_model(const struct words *w)
{
	char *text = NULL;

	if (asprintf(&text, "{\"learner\":{\"gradient_booster\":%s,"
		     "\"learner_model_param\":{\"base_score\":\"%s\","
		     "\"num_class\":\"%s\",\"num_feature\":\"2\","
		     "\"num_target\":\"%s\"},\"objective\":{\"name\":\"%s\"}},"
		     "\"version\":%s}", w->booster, or(w->base_score, "5E-1"),
		     or(w->n_classes, "0"), or(w->n_targets, "1"),
		     or(w->objective, "reg:squarederror"),
		     or(w->version, "[3,4,1]")) < 0)
		abort();
	return text;
}

/* The text itself, or the same in UBJSON; NULL: it cannot be written so. */
static struct aqi_forest *
read_model(const struct words *w, bool in_ubjson, struct aqi_error *err)
{
	char *text = write_model(w);
	struct aqi_buffer bytes = {0};
	json_t *root = json_loads(text, 0, NULL);

	*err = (struct aqi_error){0};
	aqi_arena_clear(&arena);
	if (in_ubjson && root)
		ubjson_write(&bytes, root);
	else
		aqi_buffer_add_text(&bytes, text);
	if (aqi_trees_read((struct aqi_slice){bytes.data, bytes.size}, NULL, &arena,
			   &got, err) != AQI_OK)
		got.forest = NULL;
	json_decref(root);
	aqi_buffer_free(&bytes);
	free(text);
	return got.forest;
}

static const char *const spellings[] = {"JSON", "UBJSON"};

/* Does the model make these margins of a sample? */
static bool
gives(const struct aqi_forest *f, double a, double b, const double *want,
      size_t n)
{
	const double x[2] = {a, b};
	double y[MAX_OUTPUTS];

	if (!f || aqi_forest_shape(f).n_margins != n)
		return false;
	aqi_forest_predict(f, x, 1, y);
	for (size_t k = 0; k < n; k++) {
		if (y[k] == want[k])
			continue;
		note("%.9g for %.9g", y[k], want[k]);
		return false;
	}
	return true;
}

static bool
gives_one(const struct aqi_forest *f, double a, double b, double want)
{
	return gives(f, a, b, &want, 1);
}

/* Every word of a tree but for the arrays of `more`. */
#define TREE(n, more) \
	"{\"tree_param\":{\"num_nodes\":\"" #n "\"}," more "}"
#define STUMP(left, right) TREE(3, "\"default_left\":[1,0,0]," \
	"\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1]," \
	"\"split_conditions\":[1.5," #left "," #right "]," \
	"\"split_indices\":[0,0,0]")
#define GBTREE(n, info, trees, more) \
	"{\"model\":{\"gbtree_model_param\":{\"num_trees\":\"" #n "\"}," \
	"\"tree_info\":" info ",\"trees\":[" trees "]" more "}," \
	"\"name\":\"gbtree\"}"

static void
test_dart(void)
{
	static const struct words cases[] = {
		{.booster = "{\"gbtree\":" GBTREE(2, "[0,0]", STUMP(0.1, 7) ","
		 STUMP(0.3, 9), "") ",\"name\":\"dart\",\"weight_drop\":"
		 "[0.7,0.9]}", .version = "[1,7,4]"},
		{.booster = GBTREE(2, "[0,0]", STUMP(0.1, 7) "," STUMP(0.3, 9),
				   ",\"weight_drop\":[0.7,0.9]")},
	};
	/* Each step in 32 bits. */
	const float a = 0.1f * 0.7f, b = 0.3f * 0.9f, sum = 0.5f + a;
	struct aqi_error err;

	for (size_t i = 0; i < 4; i++) {
		struct aqi_forest *f = read_model(&cases[i / 2], i % 2, &err);

		ok(gives_one(f, 1, 0, (double)(sum + b)),
		   "dart's leaves are weighted, as version %s writes it in %s",
		   cases[i / 2].version ? "1" : "3", spellings[i % 2]);
		aqi_forest_free(f);
	}
}

/* One class is none: it goes with several targets, as several classes do not. */
static void
test_one_class(void)
{
	const struct words words = {
		.booster = GBTREE(2, "[0,1]", STUMP(1, 7) "," STUMP(2, 9), ""),
		.n_classes = "1", .n_targets = "2",
	};
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < 2; i++) {
		f = read_model(&words, i, &err);
		ok(gives(f, 1, 0, (const double[]){1.5, 2.5}, 2) &&
		   gives(f, 2, 0, (const double[]){7.5, 9.5}, 2),
		   "two targets of one class in %s", spellings[i]);
		aqi_forest_free(f);
	}
}

#define LINEAR(weights) "{\"model\":{\"weights\":" weights "}," \
	"\"name\":\"gblinear\"}"

static void
test_linear(void)
{
	static const struct words
		one = {.booster = LINEAR("[2,0.1,-0.25]")},
		two = {.booster = LINEAR("[1,0,0,3,0.5,-0.5]"),
		       .n_targets = "2", .base_score = "[1,2]"};
	const float big = 0.1f * 16777217.0f, sum = 0.25f + 6;
	struct aqi_error err;

	for (int i = 0; i < 2; i++) {
		struct aqi_forest *f = read_model(&one, i, &err);

		ok(gives_one(f, 3, 16777217, (double)(sum + big)) &&
		   gives_one(f, NONE, 0, 0.25) && gives_one(f, NONE, NONE, 0.25),
		   "gblinear is a sum of products in 32 bits, in %s",
		   spellings[i]);
		ok(f && aqi_forest_trees(f) == 2 &&
		   !aqi_forest_shape(f).has_covers, "a tree for each weight");
		aqi_forest_free(f);
		f = read_model(&two, i, &err);
		ok(gives(f, 5, 7, (const double[]){6.5, 21.5}, 2) &&
		   aqi_forest_trees(f) == 2, "and for each output, from the "
		   "first base score, and none for a weight of 0");
		aqi_forest_free(f);
	}
}

/* What XGBoost 1.7.4 and 3.2.0 answer, where they agree. */
static void
test_no_rounds(void)
{
	static const char no_rounds[] = LINEAR("[]");
	static const struct words
		plain = {.booster = no_rounds, .n_targets = "2",
			 .base_score = "[1,2]"},
		settled = {.booster = no_rounds, .objective = "binary:logistic",
			   .base_score = "2.5E-1\",\"boost_from_average\":\"0"},
		unsettled = {.booster = no_rounds, .objective =
			     "binary:logistic", .base_score =
			     "2.5E-1\",\"boost_from_average\":\"1"};
	struct aqi_error err;

	for (int i = 0; i < 2; i++) {
		struct aqi_forest *f = read_model(&plain, i, &err);

		ok(gives(f, 5, NONE, (const double[]){1, 1}, 2) &&
		   aqi_forest_trees(f) == 0,
		   "gblinear of no rounds gives the first base score, in %s",
		   spellings[i]);
		aqi_forest_free(f);
		f = read_model(&settled, i, &err);
		ok(gives_one(f, 5, 7, (double)-1.0986123f),
		   "and what the objective makes of it");
		aqi_forest_free(f);
		f = read_model(&unsettled, i, &err);
		ok(!f && err.code == AQI_E_MODEL &&
		   strcmp(err.reason, "weights: none, and of the base score "
			  "alone versions of XGBoost make different margins")
		   == 0, "but not where versions differ");
		aqi_forest_free(f);
	}
}

#define CATEGORICAL(default_left, lists) TREE(3, "\"default_left\":[" \
	#default_left ",0,0],\"left_children\":[1,-1,-1]," \
	"\"right_children\":[2,-1,-1],\"split_conditions\":[7,10,20]," \
	"\"split_indices\":[1,0,0],\"split_type\":[1,0,0]," lists)
#define LISTS "\"categories\":[40,0,3],\"categories_nodes\":[0]," \
	"\"categories_segments\":[0],\"categories_sizes\":[3]"

static void
test_categories(void)
{
	static const struct words
		left = {.booster = GBTREE(1, "[0]", CATEGORICAL(1, LISTS), ""),
			.base_score = "0"},
		right = {.booster = GBTREE(1, "[0]", CATEGORICAL(0, LISTS), ""),
			 .base_score = "0"},
		empty = {.booster = GBTREE(1, "[0]", CATEGORICAL(0,
			 "\"categories\":[],\"categories_nodes\":[0],"
			 "\"categories_segments\":[0],\"categories_sizes\":[0]"
			 ), ""), .base_score = "0"};
	static const struct {
		double x, want;
	} rows[] = {
		{0, 20}, {-0.0, 20}, {0.9, 20}, {3, 20}, {3.7, 20}, {40, 20},
		{1, 10}, {39, 10}, {41, 10}, {-1, 10}, {-0.5, 10}, {-3, 10},
		{16777216, 10}, {1e30, 10}, {-1e30, 10},
	};
	struct aqi_error err;

	for (int k = 0; k < 2; k++) {
		struct aqi_forest *f = read_model(&left, k, &err);
		uint32_t leaf = 0;
		bool right_so = true;

		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
			right_so &= gives_one(f, 0, rows[i].x, rows[i].want);
		ok(right_so, "categories that are listed go right, all others "
		   "left, in %s", spellings[k]);
		ok(gives_one(f, 0, NONE, 10), "and a missing one as it says");
		if (f)
			aqi_forest_leaves(f, (const double[]){0, 3}, &leaf);
		ok(leaf == 2, "leaves keep their numbers");
		aqi_forest_free(f);
		f = read_model(&right, k, &err);
		ok(gives_one(f, 0, NONE, 20), "to the right, too");
		aqi_forest_free(f);
		f = read_model(&empty, k, &err);
		ok(gives_one(f, 0, 3, 10) && gives_one(f, 0, NONE, 20),
		   "with none listed, all go left");
		aqi_forest_free(f);
	}
}

static void
test_outputs(void)
{
	static const struct words
		classes = {.booster = GBTREE(3, "[1,0,1]", STUMP(1, 2) ","
			   STUMP(4, 8) "," STUMP(16, 32), ""), .n_classes = "2",
			   .objective = "multi:softprob",
			   .base_score = "[2.5E-1,5E-1]"},
		one_base = {.booster = GBTREE(0, "[]", "", ""),
			    .n_targets = "3", .base_score = "[2E0]"},
		most = {.booster = GBTREE(0, "[]", "", ""),
			.n_targets = "1024"},
		expectiles = {.booster = GBTREE(0, "[]", "", ""),
			      .objective = "reg:expectileerror",
			      .n_targets = "3", .base_score = "[1,1.5,4]"};
	double out[MAX_OUTPUTS] = {0};
	struct aqi_error err;

	for (int i = 0; i < 2; i++) {
		struct aqi_forest *f = read_model(&classes, i, &err);

		ok(gives(f, 1, 0, (const double[]){4.25, 17.5}, 2) &&
		   gives(f, 2, 0, (const double[]){8.25, 34.5}, 2),
		   "each tree adds to its class, in %s", spellings[i]);
		ok(f && aqi_forest_shape(f).link.kind == AQI_LINK_SOFTMAX &&
		   aqi_slice_is(got.objective, "multi:softprob") &&
		   aqi_slice_is(got.writer, "3.4.1") &&
		   strcmp(got.format, i ? "xgboost-ubjson" : "xgboost-json")
			== 0, "objective, version and format are told");
		aqi_forest_free(f);
		f = read_model(&one_base, i, &err);
		ok(gives(f, 0, 0, (const double[]){2, 2, 2}, 3),
		   "a base score alone is that of all outputs");
		aqi_forest_free(f);
		f = read_model(&most, i, &err);
		ok(f && aqi_forest_shape(f).n_margins ==
			AQI_FOREST_MAX_MARGINS, "there may be 1024 outputs");
		aqi_forest_free(f);
		f = read_model(&expectiles, i, &err);
		ok(gives(f, 0, 0, (const double[]){1, 0.5, 2.5}, 3),
		   "expectiles start from differences");
		if (f) {
			const struct aqi_link link = aqi_forest_shape(f).link;

			aqi_link_apply(&link, (const double[]){1, 0.5, 2.5}, 3,
				       1, out);
		}
		ok(out[0] == 1 && out[1] == 1.5 && out[2] == 4,
		   "and are sums of margins");
		aqi_forest_free(f);
	}
}

/* Two values in each leaf, as the versions up to 3.1 write them, and later. */
#define VECTORS(size, rights, more) \
	"{\"tree_param\":{\"num_nodes\":\"3\",\"size_leaf_vector\":\"" #size \
	"\"},\"default_left\":[0,0,0],\"left_children\":[1,-1,-1]," \
	"\"right_children\":" rights ",\"split_conditions\":[1.5,1e-45,1e-45]," \
	"\"split_indices\":[0,0,0]," more "}"
#define OLD_VECTORS VECTORS(2, "[2,-1,-1]", "\"base_weights\":[9,9,1,2,4,8]")
#define NEW_VECTORS VECTORS(2, "[2,0,1]", "\"base_weights\":[9]," \
	"\"leaf_weights\":[1,2,4,8]")

static void
test_vectors(void)
{
	static const struct words cases[] = {
		{.booster = GBTREE(2, "[0,0]", OLD_VECTORS "," STUMP(16, 32),
				   ""), .n_targets = "2", .base_score = "0"},
		{.booster = GBTREE(2, "[0,0]", NEW_VECTORS "," STUMP(16, 32),
				   ""), .n_targets = "2", .base_score = "0"},
		{.booster = GBTREE(1, "[0]", NEW_VECTORS,
				   ",\"weight_drop\":[0.5]"),
		 .n_targets = "2", .base_score = "0"},
	};
	uint32_t leaves[2] = {0};
	struct aqi_error err;

	for (int i = 0; i < 4; i++) {
		struct aqi_forest *f = read_model(&cases[i / 2], i % 2, &err);

		ok(gives(f, 1, 0, (const double[]){17, 2}, 2) &&
		   gives(f, NONE, 0, (const double[]){20, 8}, 2),
		   "leaves have a value for each output: %s, in %s",
		   i < 2 ? "in base_weights" : "in leaf_weights",
		   spellings[i % 2]);
		ok(f && aqi_forest_trees(f) == 3 &&
		   aqi_forest_source_trees(f) == 2, "a tree for each value, "
		   "and one in the file");
		if (f)
			aqi_forest_leaves(f, (const double[]){2, 0}, leaves);
		ok(leaves[0] == 2 && leaves[1] == 2, "the file's leaves");
		aqi_forest_free(f);
	}
	for (int i = 0; i < 2; i++) {
		struct aqi_forest *f = read_model(&cases[2], i, &err);

		ok(gives(f, 1, 0, (const double[]){0.5, 1}, 2),
		   "weights of trees apply to each value");
		aqi_forest_free(f);
	}
}

/* A set for all outputs, and the file's number of the tree in messages. */
static void
test_vectors_of_sets(void)
{
#define SET_VECTORS(last) "{\"tree_param\":{\"num_nodes\":\"3\"," \
	"\"size_leaf_vector\":\"2\"},\"default_left\":[1,0,0]," \
	"\"left_children\":[1,-1,-1],\"right_children\":[2,0,1]," \
	"\"split_conditions\":[1,1,1],\"split_indices\":[1,0,0]," \
	"\"split_type\":[1,0,0],\"leaf_weights\":[1,2,4," last "]," LISTS "}"
	static const struct words
		good = {.booster = GBTREE(1, "[0]", SET_VECTORS("8"), ""),
			.n_targets = "2", .base_score = "0"},
		bad = {.booster = GBTREE(2, "[0,0]", SET_VECTORS("8") ","
		       SET_VECTORS("1e39"), ""), .n_targets = "2"};
	struct aqi_error err;

	for (int i = 0; i < 2; i++) {
		struct aqi_forest *f = read_model(&good, i, &err);

		ok(gives(f, 0, 3, (const double[]){4, 8}, 2) &&
		   gives(f, 0, 4, (const double[]){1, 2}, 2) &&
		   f->header->n_sets == 1,
		   "the trees of a vector share their categories");
		aqi_forest_free(f);
		f = read_model(&bad, i, &err);
		ok(!f && strcmp(err.reason, "tree 1 node 2: the leaf's value "
				"is not finite") == 0,
		   "a tree has the number that it has in the file");
		aqi_forest_free(f);
	}
}

#define STATISTICS(covers, gains) TREE(3, "\"default_left\":[1,0,0]," \
	"\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1]," \
	"\"split_conditions\":[1.5,10,20],\"split_indices\":[0,0,0]" \
	covers gains)
#define COVERS ",\"sum_hessian\":[3,1,2]"
#define GAINS ",\"loss_changes\":[7,0,0]"

static void
test_statistics(void)
{
	static const struct {
		const char *second, *what;
		bool has_covers, has_gains;
	} cases[] = {
		{STATISTICS(COVERS, GAINS), "both", true, true},
		{STATISTICS(COVERS, ""), "covers alone", true, false},
		{STATISTICS("", GAINS), "gains alone", false, true},
		{STATISTICS("", ""), "none", false, false},
		{STATISTICS(",\"sum_hessian\":[3,NaN,2]", GAINS),
		 "a cover that is NaN", false, true},
		{STATISTICS(",\"sum_hessian\":[3,1,-2]", GAINS),
		 "a cover below 0", false, true},
		{STATISTICS(",\"sum_hessian\":[Infinity,1,2]", GAINS),
		 "an infinite cover", false, true},
		{STATISTICS(COVERS, ",\"loss_changes\":[-Infinity,0,0]"),
		 "an infinite gain", true, false},
		{STATISTICS(COVERS, ",\"loss_changes\":[-1,0,0]"),
		 "a gain below 0", true, true},
	};
	char booster[2000];
	struct aqi_error err;

	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		const struct words w = {.booster = booster, .base_score = "0"};
		struct aqi_forest_shape shape = {0};
		struct aqi_forest *f;

		snprintf(booster, sizeof booster, GBTREE(2, "[0,0]", "%s,%s",
			 ""), STATISTICS(COVERS, GAINS), cases[i / 2].second);
		f = read_model(&w, i % 2, &err);
		if (f)
			shape = aqi_forest_shape(f);
		ok(f && shape.has_covers == cases[i / 2].has_covers &&
		   shape.has_gains == cases[i / 2].has_gains &&
		   gives_one(f, 1, 0, 20) && gives_one(f, 2, 0, 40),
		   "statistics that are not whole are left out: %s",
		   cases[i / 2].what);
		ok(f && (!f->covers || (f->covers[0] == 3 &&
					f->covers[2] == 2)) &&
		   (!f->gains || f->gains[0] == 7), "and are the file's");
		aqi_forest_free(f);
	}
}

#define SETS(lists) {.booster = GBTREE(1, "[0]", CATEGORICAL(0, lists), "")}
#define VECTOR(text) {.booster = GBTREE(1, "[0]", text, ""), .n_targets = "2"}

static const struct {
	struct words words;
	const char *reason;
} faults[] = {
	{SETS("\"categories\":[1],\"categories_nodes\":[0],"
	      "\"categories_segments\":[0],\"categories_sizes\":[2]"),
	 "tree 0 node 0: its categories are not those behind the last split's"},
	{SETS("\"categories\":[1],\"categories_nodes\":[0],"
	      "\"categories_segments\":[1],\"categories_sizes\":[0]"),
	 "tree 0 node 0: its categories are not those behind the last split's"},
	{SETS("\"categories\":[1],\"categories_nodes\":[0],"
	      "\"categories_segments\":[0],\"categories_sizes\":[-1]"),
	 "tree 0 node 0: its categories are not those behind the last split's"},
	{SETS("\"categories\":[1,2],\"categories_nodes\":[0],"
	      "\"categories_segments\":[0],\"categories_sizes\":[1]"),
	 "tree 0: categories: 2 values for 1 in the splits"},
	{SETS("\"categories\":[1],\"categories_nodes\":[0],"
	      "\"categories_segments\":[0,0],\"categories_sizes\":[1]"),
	 "tree 0: categories_segments: 2 values for 1 splits"},
	{SETS("\"categories\":[1],\"categories_nodes\":[0],"
	      "\"categories_segments\":[0],\"categories_sizes\":[]"),
	 "tree 0: categories_sizes: 0 values for 1 splits"},
	{SETS("\"categories\":[1],\"categories_nodes\":[1],"
	      "\"categories_segments\":[0],\"categories_sizes\":[1]"),
	 "tree 0: categories_nodes: 1 is not a split by categories, or twice"},
	{SETS("\"categories\":[1],\"categories_nodes\":[-1],"
	      "\"categories_segments\":[0],\"categories_sizes\":[1]"),
	 "tree 0: categories_nodes: -1 is not a split by categories, or twice"},
	{SETS("\"categories\":[1],\"categories_nodes\":[3],"
	      "\"categories_segments\":[0],\"categories_sizes\":[1]"),
	 "tree 0: categories_nodes: 3 is not a split by categories, or twice"},
	{SETS("\"categories\":[1,1],\"categories_nodes\":[0,0],"
	      "\"categories_segments\":[0,1],\"categories_sizes\":[1,1]"),
	 "tree 0: categories_nodes: 0 is not a split by categories, or twice"},
	{SETS("\"categories\":[-1],\"categories_nodes\":[0],"
	      "\"categories_segments\":[0],\"categories_sizes\":[1]"),
	 "tree 0: categories: -1 is not from 0 to 16777215"},
	{SETS("\"categories\":[16777216],\"categories_nodes\":[0],"
	      "\"categories_segments\":[0],\"categories_sizes\":[1]"),
	 "tree 0: categories: 16777216 is not from 0 to 16777215"},
	{{.booster = GBTREE(1, "[0]", TREE(3, "\"default_left\":[1,0,0],"
	  "\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],"
	  "\"split_conditions\":[1,1,1],\"split_indices\":[0,0,0],"
	  "\"categories\":[1],\"categories_nodes\":[0],"
	  "\"categories_segments\":[0],\"categories_sizes\":[1]"), "")},
	 "tree 0: split_type: no such key in the model"},
	{VECTOR(VECTORS(3, "[2,0,1]", "\"leaf_weights\":[1,2,3,4,5,6]")),
	 "tree 0: size_leaf_vector: 3 values in a leaf for 2 outputs"},
	{VECTOR(VECTORS(2, "[2,0,1]", "\"leaf_weights\":[1,2,4]")),
	 "tree 0: leaf_weights: the last leaf has too few"},
	{VECTOR(VECTORS(2, "[2,0,2]", "\"leaf_weights\":[1,2,4,8]")),
	 "tree 0 node 2: right_children: there is no such leaf"},
	{VECTOR(VECTORS(2, "[2,-1,1]", "\"leaf_weights\":[1,2,4,8]")),
	 "tree 0 node 1: right_children: there is no such leaf"},
	{VECTOR(VECTORS(2, "[2,-1,-1]", "\"leaf_weights\":[]")),
	 "tree 0: base_weights: no such key in the model"},
	{VECTOR(VECTORS(2, "[2,-1,-1]", "\"base_weights\":[1,2,4,8]")),
	 "tree 0: base_weights: 4 values for 3 nodes with a vector each"},
	{VECTOR(VECTORS(2, "[2,-1,-1]", "\"base_weights\":[1,2,4,8,5,6,7]")),
	 "tree 0: base_weights: 7 values for 3 nodes with a vector each"},
	{VECTOR(VECTORS(2, "[2,-1,-1]",
			"\"base_weights\":[1,2,4,8,\"16\",32]")),
	 "tree 0 node 4: base_weights is not a number"},
	{VECTOR(VECTORS(2, "[2,-1,-1]", "\"base_weights\":[1,2,4,8,1e39,1]")),
	 "tree 0 node 2: the leaf's value is not finite"},
	{{.booster = LINEAR("[1,2]")},
	 "weights: 2 values for 2 features and 1 outputs"},
	{{.booster = LINEAR("[1,2,3,4,5,6,7]"), .n_targets = "2"},
	 "weights: 7 values for 2 features and 2 outputs"},
	{{.booster = LINEAR("[1,true,3]")}, "weights: value 1 is not a number"},
	{{.booster = LINEAR("[1,1e39,3]")},
	 "tree 1 node 0: a coefficient is not finite"},
	{{.booster = LINEAR("[1,2,1e39]")}, "the base margin is not finite"},
	{{.booster = "{\"name\":\"dart\",\"weight_drop\":[]}"},
	 "gbtree_model_param: no such key in the model"},
	{{.booster = "{\"name\":\"dart\",\"gbtree\":{}}"},
	 "model: no such key in the model"},
	{{.booster = GBTREE(1, "[0]", STUMP(1, 2), ""),
	  .objective = "reg:expectileerror", .n_targets = "2",
	  .base_score = "[1,2]", .version = "[3,5,0]"},
	 "reg:expectileerror with 2 outputs, written by XGBoost 3.5; it can be "
	 "read up to 3.4"},
	{{.booster = GBTREE(1, "[0]", STUMP(1, 2), ""), .n_targets = "2",
	  .base_score = "[1,2,3]"}, "base_score: \"[1,2,3]\" is not one number, "
	 "or one for each of 2 outputs"},
	{{.booster = GBTREE(1, "[0]", STUMP(1, 2), ""), .n_targets = "3",
	  .base_score = "[1,2]"}, "base_score: \"[1,2]\" is not one number, or "
	 "one for each of 3 outputs"},
	{{.booster = GBTREE(1, "[0]", STUMP(1, 2), ""), .base_score = "[]"},
	 "base_score: \"\" is not a 32-bit number"},
	{{.booster = GBTREE(1, "[0]", STUMP(1, 2), ""), .n_targets = "2",
	  .base_score = "[1,]"}, "base_score: \"\" is not a 32-bit number"},
};

static void
test_faults(void)
{
	struct aqi_error err;

	for (size_t i = 0; i < 2 * sizeof faults / sizeof faults[0]; i++) {
		struct aqi_forest *f = read_model(&faults[i / 2].words, i % 2,
						  &err);

		if (!ok(!f && err.code == AQI_E_MODEL &&
			strcmp(err.reason, faults[i / 2].reason) == 0, "%s: %s",
			spellings[i % 2], faults[i / 2].reason))
			note("%s", f ? "it was read" : err.reason);
		aqi_forest_free(f);
	}
}

int
main(void)
{
	test_dart();
	test_one_class();
	test_linear();
	test_no_rounds();
	test_categories();
	test_outputs();
	test_vectors();
	test_vectors_of_sets();
	test_statistics();
	test_faults();
	aqi_arena_free(&arena);
	return done();
}
