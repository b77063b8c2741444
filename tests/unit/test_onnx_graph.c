/*
 * What stands around the trees of an ONNX graph: steps before them are taken
 * into the trees to the last bit, and what stands behind changes nothing.
 */
#include <float.h>

#include "onnx_models.h"
#include "tap.h"

/* A stump of one input behind some nodes, which make t of X. */
#define STUMP(inputs, nodes, mode, threshold)				\
	ONNX_HEAD inputs "output y\n" nodes				\
	"node ai.onnx.ml TreeEnsembleRegressor t y\n"			\
	"ints nodes_treeids 0 0 0\nints nodes_nodeids 0 1 2\n"		\
	"ints nodes_featureids 0 0 0\n"					\
	"strings nodes_modes " mode " LEAF LEAF\n"			\
	"ints nodes_truenodeids 1 0 0\nints nodes_falsenodeids 2 0 0\n"	\
	"floats nodes_values " threshold " 0 0\n"			\
	"ints target_treeids 0 0\nints target_nodeids 1 2\n"		\
	"ints target_ids 0 0\nfloats target_weights 1 0\n"		\
	"int n_targets 1\n"

static struct aqi_forest *
load(const char *text, struct aqi_trees *trees)
{
	struct aqi_error err = {0};

	if (read_text(text, trees, &err) != AQI_OK)
		note("%s", err.reason);
	return trees->forest;
}

/* What the steps make of an input, by their formulas. */
typedef double step_fn(double x);

static double
scale(double x)
{
	return (double)(((float)x - 0.7f) * -3.3f);
}

static double
impute(double x)
{
	return isnan(x) ? (double)(1.25f * 3) : (double)((float)x * 3);
}

static double
triple(double x)
{
	return (double)((float)x * 3);
}

static double
scale_wide(double x)
{
	return (x - 0.7) / 3.3 + 1e-3;
}

static double
add_narrow(double x)
{
	return (double)((float)(x + 0.1) + 0.3f);
}

static double
narrow(double x)
{
	return (double)(float)x;
}

static double
tiny(double x)
{
	return (double)((float)x * 1e-30f + 1.0f);
}

/* Inputs around the turn, one float or double after the other, and odd ones. */
static size_t
count_wrong(const struct aqi_forest *forest, step_fn *step, bool is_wide,
	    double threshold, double near)
{
	double y, x = near, end[] = {
		(double)NAN, (double)INFINITY, (double)-INFINITY, 0, -0.0,
		3e38, -3e38, 1, -1, 1e-300
	};
	size_t n_wrong = 0;

	for (int i = 0; i < 64; i++)
		x = is_wide ? nextafter(x, -HUGE_VAL) :
		    (double)nextafterf((float)x, -HUGE_VALF);
	for (int i = 0; i < 128 + 10; i++) {
		const double at = i < 128 ? x : end[i - 128];
		const double seen = is_wide ? at : (double)(float)at;

		predict(forest, &at, &y);
		n_wrong += y != (step(seen) <= threshold);
		x = is_wide ? nextafter(x, HUGE_VAL) :
		    (double)nextafterf((float)x, HUGE_VALF);
	}
	return n_wrong;
}

static void
test_steps(void)
{
	static const struct {
		const char *sentence, *text;
		step_fn *step;
		bool is_wide;
		double threshold, near;
	} cases[] = {
		{"Scaler that falls",
		 STUMP("input X 1 1\n", "node ai.onnx.ml Scaler X t\n"
		       "floats offset 0.7\nfloats scale -3.3\n",
		       "BRANCH_LEQ", "0.4"),
		 scale, false, (double)0.4f, 0.5787879},
		{"Imputer and Mul",
		 STUMP("input X 1 1\ntensor c 1 - 3\n",
		       "node ai.onnx.ml Imputer X i\n"
		       "floats imputed_value_floats 1.25\n"
		       "float replaced_value_float nan\nnode - Mul c,i t\n",
		       "BRANCH_LEQ", "4"), impute, false, 4, 4.0 / 3},
		{"Sub, Div and Add in 64 bits",
		 STUMP("input X 11 1\ntensor a 11 1 0.7\ntensor b 11 1,1 3.3\n"
		       "tensor c 11 1 1e-3\n", "node - Sub X,a s\n"
		       "node - Div s,b d\nnode - Add d,c t\n",
		       "BRANCH_LEQ", "0.5"), scale_wide, true, 0.5, 2.3467},
		{"Add in 64 bits, of numbers in fields of their own, Cast to "
		 "32 bits, Add in those, and Cast back",
		 STUMP("input X 11 1\nloose a 11 1 0.1\nloose b 1 1 0.3\n",
		       "node - Add X,a s\nnode - Cast s f\nint to 1\n"
		       "node - Add f,b g\nnode - Cast g t\nint to 11\n",
		       "BRANCH_LEQ", "0.5"), add_narrow, true, 0.5,
		 0.1 + 0x1p-27},
		{"Cast to 64 bits",
		 STUMP("input X 1 1\n", "node - Cast X t\nint to 11\n",
		       "BRANCH_LEQ", "0.5"), narrow, true, 0.5,
		 0.5 + 0x1p-25},
		{"Cast to 32 bits",
		 STUMP("input X 11 1\n", "node - Identity X i\n"
		       "node - Cast i t\nint to 1\n", "BRANCH_LEQ", "0.5"),
		 narrow, false, 0.5, 0.5},
		{"Concat of 64 bits, and Cast to 32",
		 STUMP("input X 11 1\n", "node - Concat X c\nint axis 1\n"
		       "node - Cast c t\nint to 1\n", "BRANCH_LEQ", "0.5"),
		 narrow, false, 0.5, 0.5},
		{"Mul by an input that is a tensor, as in files before IR 4",
		 STUMP("input X 1 1\ninput c 1 1\ntensor c 1 1 3\n",
		       "node - Mul X,c t\n", "BRANCH_LEQ", "4"),
		 triple, false, 4, 4.0 / 3},
		{"a step that rounds most inputs to one",
		 STUMP("input X 1 1\ntensor a 1 1 1e-30\ntensor b 1 - 1\n",
		       "node - Mul X,a m\nnode - Add m,b t\n", "BRANCH_LEQ",
		       "1"), tiny, false, 1, 59604645e15},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct aqi_trees trees;
		struct aqi_forest *forest = load(cases[i].text, &trees);

		ok(forest && count_wrong(forest, cases[i].step,
					 cases[i].is_wide,
					 cases[i].threshold,
					 cases[i].near) == 0,
		   "%s: taken into the trees to the last bit",
		   cases[i].sentence);
		aqi_forest_free(forest);
	}
}

/* An imputed value is one of the set, or not. */
static void
test_imputed_set(void)
{
	struct aqi_trees trees;
	struct aqi_forest *forest = load(
		STUMP("input X 1 1\n", "node ai.onnx.ml Imputer X t\n"
		      "floats imputed_value_floats 7\n"
		      "float replaced_value_float nan\n", "BRANCH_EQ", "7"),
		&trees);
	double y = 0, x = (double)NAN;

	if (!ok(forest, "a comparison for equality behind an Imputer is read"))
		return;
	predict(forest, &x, &y);
	ok(y == 1, "a missing input is what is imputed");
	aqi_forest_free(forest);
}

static void
test_names(void)
{
	static const double rows[][4] = {
		{0.5, 3, 2.5, 1}, {3, 0.5, 2.5, 1}, {0.5, 0.5, 3.5, 0}
	};
	char *text = edit(STUMP("input b 1 1\ninput a 11 1\ninput hour 7 1\n",
				"node - Cast a f\nint to 1\n"
				"node - Cast hour h\nint to 1\n"
				"node - Concat b,f,h t\nint axis 1\n",
				"BRANCH_LEQ", "2"),
			  "featureids 0", "featureids 2");
	struct aqi_trees trees;
	struct aqi_forest *forest = load(text, &trees);
	size_t n_right = 0;
	double y;

	free(text);
	if (!ok(forest, "inputs that Concat puts side by side are read"))
		return;
	ok(trees.n_names == 3 && aqi_slice_is(trees.names[0], "b") &&
	   aqi_slice_is(trees.names[2], "hour"),
	   "they bear the names of the graph");
	for (size_t i = 0; i < 3; i++) {
		predict(forest, rows[i], &y);
		n_right += y == rows[i][3];
	}
	ok(n_right == 3, "one of whole numbers loses its fraction");
	aqi_forest_free(forest);
}

/* A width that is not told is what the trees ask for. */
static void
test_width(void)
{
	char *text = edit(onnx_regressor, "input X 1 2", "input X 1 0");
	struct aqi_trees trees;
	struct aqi_forest *forest = load(text, &trees);

	free(text);
	ok(forest && aqi_forest_shape(forest).n_inputs == 2,
	   "inputs that are not counted are as many as the trees ask for");
	aqi_forest_free(forest);
}

/* Edits of the regressor, and whether they are read. */
static void
test_behind(void)
{
	static const char *const kept[] = {
		"node - Identity y z\n",
		"node - Cast y z\nint to 11\n",
		"node - Cast y z\nint to 1\n",
		"tensor s 7 1 -1\nnode - Reshape y,s z\n",
		"tensor s 7 2 -1 1\nnode - Reshape y,s z\n",
		"tensor s 7 2 0 -1\nnode - Reshape y,s z\n",
		"node - Flatten y z\nint axis 1\n",
		"node - Identity y u\nnode ai.onnx Identity u z\n",
	};
	size_t n_kept = 0;

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		char *output = edit(onnx_regressor, "output y\n", "output z\n");
		char *text = NULL;
		struct aqi_trees trees;

		if (asprintf(&text, "%s%s", output, kept[i]) < 0)
			abort();
		n_kept += load(text, &trees) != NULL;
		aqi_forest_free(trees.forest);
		free(text);
		free(output);
	}
	ok(n_kept == sizeof kept / sizeof kept[0],
	   "what changes nothing behind the trees is passed over");
}

/* What a forest of 64 bits sees of an input of 32 is not the input itself. */
static void
test_widened_set(void)
{
	struct aqi_error err = {0};
	struct aqi_trees trees;

	ok(read_text(STUMP("input X 1 1\n", "node - Cast X t\nint to 11\n",
			   "BRANCH_EQ", "7"), &trees, &err) != AQI_OK &&
	   strstr(err.reason, "a comparison for equality, behind an operator "
			      "that changes its input"),
	   "a comparison for equality behind a Cast to 64 bits is refused");
}

/* Sixteen steps are read, and not one more, nor one that Cast makes. */
static void
test_limit(void)
{
	struct aqi_error err = {0};
	struct aqi_trees trees;
	char *text[2], *wide, *cast;

	for (int n = 16; n <= 17; n++) {
		char nodes[2048] = "", *end = nodes;

		for (int i = 0; i < n; i++)
			end += sprintf(end, "node - Add %c,c %c\n",
				       i == 0 ? 'X' : 'a' + i + 2,
				       i == n - 1 ? 't' : 'a' + i + 3);
		text[n - 16] = edit(STUMP("input X 1 1\ntensor c 1 - 1\n",
					  "here\n", "BRANCH_LEQ", "2"),
				    "here\n", nodes);
	}
	ok(load(text[0], &trees), "16 steps before the trees are read");
	aqi_forest_free(trees.forest);
	ok(read_text(text[1], &trees, &err) != AQI_OK &&
	   strstr(err.reason, "more than 16 steps before the trees"),
	   "17 are not");
	wide = edit(text[0], "input X 1 1\ntensor c 1 - 1",
		    "input X 11 1\ntensor c 11 - 1");
	cast = edit(wide, "Regressor t", "Regressor u");
	free(wide);
	wide = edit(cast, "node ai.onnx.ml",
		    "node - Cast t u\nint to 1\nnode ai.onnx.ml");
	ok(read_text(wide, &trees, &err) != AQI_OK &&
	   strstr(err.reason, "\"Cast\"") &&
	   strstr(err.reason, "more than 16 steps before the trees"),
	   "16 in 64 bits and a Cast to 32 are not");
	free(cast);
	free(wide);
	free(text[0]);
	free(text[1]);
}

int
main(void)
{
	test_steps();
	test_imputed_set();
	test_names();
	test_width();
	test_behind();
	test_widened_set();
	test_limit();
	aqi_arena_free(&onnx_arena);
	return done();
}
