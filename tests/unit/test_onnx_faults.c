/*
 * ONNX models with one fault each are refused by a message that says it; and
 * whatever becomes of the bytes of a good one, it is refused, or predicts.
 */
#include "onnx_models.h"
#include "tap.h"

/* As far as it goes, a message is this. */
static void
check_fault(const char *text, const char *from, const char *to,
	    const char *reason, enum aqi_code code)
{
	char *edited = edit(text, from, to);
	struct aqi_error err = {0};
	struct aqi_trees trees;
	const enum aqi_status status = read_text(edited, &trees, &err);

	if (!ok(status != AQI_OK && err.code == code && !trees.forest &&
		strstr(err.reason, reason), "refused: %s", reason))
		note("%s", status == AQI_OK ? "it was read" : err.reason);
	if (status == AQI_OK)
		aqi_forest_free(trees.forest);
	free(edited);
}

struct fault {
	const char *from, *to, *reason;
};

static const struct fault faults[] = {
	/* The model and its graph. */
	{"ir 8\n", "", "not an ONNX model: it has no ir_version"},
	{"opset - 18\nopset ai.onnx.ml 3\n", "", "opset_import: no version"},
	{"opset - 18\nopset ai.onnx.ml 3\n", "opset other 1\n",
	 "opset_import: no version"},
	{"opset - 18", "opset - 18\nopset - 17",
	 "domain \"\": no version of it, or two"},
	{"opset ai.onnx.ml 3", "opset ai.onnx.ml 0",
	 "domain \"ai.onnx.ml\": no version of it, or two"},
	{"opset ai.onnx.ml 3\n", "", "operator \"TreeEnsembleRegressor\" of "
	 "domain \"ai.onnx.ml\", version 0, is not supported: no such "
	 "operators are imported"},
	{"opset ai.onnx.ml 3", "opset ai.onnx.ml 6", "operator "
	 "\"TreeEnsembleRegressor\" of domain \"ai.onnx.ml\", version 6, is "
	 "not supported"},
	{"output y\n", "", "the graph has no outputs"},
	{"output y", "output z", "output \"z\": no node makes it"},
	{"output y", "output y\noutput X", "output \"X\": not of the trees"},
	{"input X", "input Z", "value \"X\": taken by a node, but not made "
	 "before it"},
	{"node ai.onnx.ml", "node - Identity y q\nnode ai.onnx.ml",
	 "value \"y\": taken by a node, but not made before it"},
	{"input X 1 2", "input X 1 2\ninput X 1 2",
	 "value \"X\": made twice"},
	{"input X 1 2", "input X 1 2\ntensor w 99 1 1",
	 "tensor \"w\": no type of data has its number"},
	{"input X 1 2", "input X 1 2\ntensor w 1 -6 1",
	 "tensor \"w\": a dimension below 0"},
	{"input X 1 2", "input X 1 2\ntensor w 1 9223372036854775807,3 1",
	 "tensor \"w\": its dimensions are too large"},
	{"input X 1 2", "input X 1 2\nexternal w",
	 "tensor \"w\": its data are in another file, which is not opened"},
	{"node ai.onnx.ml TreeEnsembleRegressor X y\n", "node - - X y\n",
	 "a node without an operator"},
	{"TreeEnsembleRegressor X y", "SVMRegressor X y",
	 "operator \"SVMRegressor\" of domain \"ai.onnx.ml\", version 3, is "
	 "not supported"},
	{"node ai.onnx.ml TreeEnsembleRegressor X y\n",
	 "node ai.onnx.ml TreeEnsembleRegressor X q\n"
	 "node ai.onnx.ml TreeEnsembleRegressor X y\n",
	 "is not supported a second time: one forest is read"},

	/* The attributes of the trees. */
	{"int n_targets 1", "int n_targets 1\nint more 1",
	 "attribute \"more\" is not supported"},
	{"int n_targets 1", "int n_targets 1\nint n_targets 1",
	 "n_targets twice"},
	{"int n_targets 1", "ints n_targets 1",
	 "n_targets is not of the type that it must be"},
	{"int n_targets 1", "int n_targets 0",
	 "n_targets: 0; 1 to 1024 are supported"},
	{"int n_targets 1", "int n_targets 1025",
	 "n_targets: 1025; 1 to 1024 are supported"},
	{"int n_targets 1", "int n_targets 1\nstring post_transform EXP",
	 "post_transform: \"EXP\" is not known"},
	{"int n_targets 1", "int n_targets 1\nstring aggregate_function MEAN",
	 "aggregate_function: \"MEAN\" is not supported"},
	{"strings nodes_modes BRANCH_LEQ", "strings nodes_modes",
	 "nodes_modes: 7 values for 8 nodes"},
	{"ints target_ids 0 0 0 0 0", "ints target_ids 0 0 0 0",
	 "target_nodeids: 5 values for 4 weights"},
	{"tracks_true 0 0 0 1 0 0 0 0", "tracks_true 0",
	 "nodes_missing_value_tracks_true: 1 values for 8 nodes"},
	{"floats nodes_values", "attribute nodes_values_as_tensor 1 1 0\n"
	 "floats nodes_values", "both nodes_values and nodes_values_as_tensor"},
	{"floats nodes_values 0.5 0 0 2 -1 0 0 0",
	 "attribute nodes_values_as_tensor 11 8 0.5 0 0 2 -1 0 0 0",
	 "nodes_values_as_tensor: not of the type of the input"},
	{"floats nodes_values 0.5 0 0 2 -1 0 0 0",
	 "attribute nodes_values_as_tensor 1 8 0.5 0 0 2 -1 0 0",
	 "7 numbers, but its dimensions ask for 8"},
	{"floats nodes_values 0.5 0 0 2 -1 0 0 0",
	 "attribute nodes_values_as_tensor 8 8 0.5",
	 "of type string, which is not supported here"},

	/* The nodes. */
	{"strings nodes_modes BRANCH_LEQ", "strings nodes_modes BRANCH_MEMBER",
	 "tree 0 node 0: mode \"BRANCH_MEMBER\" is not known"},
	{"tracks_true 0", "tracks_true 2",
	 "tree 0 node 0: missing_value_tracks_true is neither 0 nor 1"},
	{"nodes_featureids 0", "nodes_featureids 2",
	 "tree 0 node 0: no input 2 among 2"},
	{"nodes_featureids 0", "nodes_featureids -1",
	 "tree 0 node 0: no input -1 among 2"},
	{"nodes_values 0.5", "nodes_values nan",
	 "tree 0 node 0: the threshold is not a number"},
	{"nodes_values 0.5 0 0 2", "nodes_values 0.5 0 0 inf",
	 "tree 1 node 0: a threshold that only infinity passes"},
	{"BRANCH_LEQ LEAF LEAF BRANCH_LT BRANCH_GT",
	 "BRANCH_LEQ LEAF LEAF BRANCH_LT BRANCH_LT\n"
	 "int n_targets 1\nint gone 1\nstrings more",
	 "attribute \"gone\" is not supported"},
	{"nodes_truenodeids 1", "nodes_truenodeids 9",
	 "tree 0 node 0: no child 9 among 3 nodes"},
	{"nodes_truenodeids 1", "nodes_truenodeids 0", "tree 0 node 0: child 0 "
	 "has a parent already, or is the root"},
	{"nodes_nodeids 0 1 2", "nodes_nodeids 0 1 1",
	 "tree 0 node 1: the node is there twice"},
	{"nodes_nodeids 0 1 2", "nodes_nodeids 0 1 -1",
	 "tree 0 node -1: no such number"},
	{"nodes_treeids 0 0 0 1 1 1 1 1", "nodes_treeids 0 0 0 1 1 1 1 0",
	 "tree 0: its nodes do not stand together"},
	{"nodes_treeids 0 0 0 1 1 1 1 1", "nodes_treeids 0 0 0 1 1 1 1 -1",
	 "tree -1: no such number"},
	{"target_treeids 0", "target_treeids 7",
	 "tree 7 node 1: a weight, but no such tree"},
	{"target_nodeids 1", "target_nodeids 5",
	 "tree 0 node 5: a weight, but no such node"},
	{"target_nodeids 1", "target_nodeids 0",
	 "tree 0 node 0: a weight, but no leaf"},
	{"target_nodeids 1 2", "target_nodeids 2 2",
	 "tree 0 node 2: two weights for the same target or class"},
	{"target_ids 0", "target_ids 1",
	 "tree 0 node 1: a weight for a target or class that is none"},
	{"target_ids 0", "target_ids -1",
	 "tree 0 node 1: a weight for target or class -1, which is none"},
	{"target_weights 1", "target_weights inf",
	 "tree 0 node 1: the leaf's value is not finite"},
	{"target_treeids 0 0 1 1 1\nints target_nodeids 1 2 2 3 4\n"
	 "ints target_ids 0 0 0 0 0\nfloats target_weights 1 2 10 20 40",
	 "target_treeids 0 0 1 1\nints target_nodeids 1 2 2 3\n"
	 "ints target_ids 0 0 0 0\nfloats target_weights 1 2 10 20",
	 "tree 1 node 4: a leaf without a weight"},
	{"int n_targets 1", "int n_targets 1\nfloats base_values 1 2",
	 "base_values: not one for each target"},
	{"int n_targets 1", "int n_targets 2\nfloats base_values 1 2\n"
	 "string aggregate_function AVERAGE", "base_values that differ, of "
	 "targets that are put together by AVERAGE, are not supported"},
	{"int n_targets 1", "int n_targets 2\nstring aggregate_function MIN",
	 "no tree has a weight for target or class 1"},
	{"int n_targets 1", "int n_targets 2\nfloats base_values 1 2",
	 "no tree has a weight for target or class 1"},
	{"target_ids 0 0 0 0 0\nfloats target_weights 1 2 10 20 40\n"
	 "int n_targets 1", "target_ids 0 1 0 1 0\n"
	 "floats target_weights 1 2 10 20 40\nint n_targets 2\n"
	 "string aggregate_function MAX", "tree 0: leaves without a weight for "
	 "target 0, under MAX, are not supported"},

	/* What stands before the trees. */
	{"input X 1 2", "input X 16 2",
	 "input \"X\": of type bfloat16, which is not supported"},
	{"input X 1 2", "input X 1 65536",
	 "input \"X\": 65536 columns; up to 65535 are supported"},
	{"Regressor X y", "Regressor X,X y", "2 inputs"},
	{"input X 1 2\noutput y\n", "input X 1 2\noutput y\ntensor c 1 - 1\n"
	 "node - Mul X,X X2\nnode - Identity X2 unused\n",
	 NULL},
};

static const struct fault step_faults[] = {
	{"nodes", "node - Flatten X t\n", "operator \"Flatten\" of domain "
	 "\"ai.onnx\", version 18, is not supported before the trees"},
	{"nodes", "node - Mul X,X t\n",
	 "is not supported but of an input and a constant"},
	{"nodes", "node - Sub c,X t\n",
	 "is not supported but of an input and a constant"},
	{"nodes", "node - Sub X t\n", "1 inputs"},
	{"nodes", "node - Identity c t\n",
	 "is not supported but of an input and a constant"},
	{"nodes", "node - Div X,zero t\n", "a number that is not finite, or a "
	 "factor of 0"},
	{"nodes", "node - Mul X,three t\n", "an operator before the trees has "
	 "3 numbers for 2 inputs"},
	{"nodes", "node - Mul X,square t\n",
	 "is not supported but with one number for each column"},
	{"nodes", "node - Mul X,wide t\n",
	 "is not supported but with one number for each column"},
	{"nodes", "node - Cast X t\nint to 6\n",
	 "is not supported to what is no float or double"},
	{"nodes", "node ai.onnx.ml Scaler X t\nfloats offset 1\n"
	 "floats scale 1 2\n", "1 offsets and 2 scales"},
	{"nodes", "node ai.onnx.ml Scaler X t\n", "no numbers"},
	{"nodes", "node ai.onnx.ml Imputer X t\nfloats imputed_value_floats 1\n"
	 "float replaced_value_float -999\n",
	 "is not supported where it replaces another value than NaN"},
	{"nodes", "node - Concat X,X t\nint axis 1\n",
	 "is not supported but of inputs, each once"},
	{"nodes", "node - Concat X, t\nint axis 1\n",
	 "an input without a name"},
	{"nodes", "node - Concat X t\nint axis 0\n",
	 "is not supported but side by side"},
	{"nodes", "node - Concat X,D t\nint axis 1\n", "is not supported "
	 "behind operators that change its inputs, or of several types"},
	{"nodes", "node - Mul X,c m\nnode - Concat m t\nint axis 1\n",
	 "is not supported behind operators that change its inputs"},
	{"nodes", "node - Concat W t\nint axis 1\n", "inputs of unknown width"},
	{"nodes", "node - Mul D,wide m\nnode - Cast m t\nint to 1\n",
	 "inputs of 64 bits are changed before they are cut to the 32 of the "
	 "trees"},
	{"nodes", "node - Mul H,c t\n", "is not supported of whole numbers"},
	{"nodes", "node - Concat D q\nint axis 1\nnode - Mul q,wide m\n"
	 "node - Cast m t\nint to 1\n", "inputs of 64 bits are changed before "
	 "they are cut to the 32 of the trees"},
	{"nodes", "node - Concat X q\nint axis 1\nnode - Flatten q t\n",
	 "is not supported before the trees"},
	{"nodes", "node ai.onnx.ml Scaler X t\nfloats offset 1\n"
	 "floats scale 0\n", "a number that is not finite, or a factor of 0"},
	{"nodes", "tensor t 1 2 1 2\n", "is not supported of a constant"},
	{"nodes", "node - Cast X t\nint to 1\nint cut 1\n",
	 "attribute \"cut\" is not supported"},
	{"nodes", "node ai.onnx.ml Imputer X t\n"
	 "float imputed_value_floats 1\nfloat replaced_value_float nan\n",
	 "imputed_value_floats is not of the type that it must be"},
	{"nodes", "node ai.onnx.ml Scaler X t\nfloats offset 1\n"
	 "floats offset 1\n", "offset twice"},
	{"nodes", "node - Mul X,c t\nint axis 1\n",
	 "attribute \"axis\" is not supported"},
	{"nodes", "node - Concat X t\nints axis 1\n",
	 "axis is not of the type that it must be"},
};

static const struct fault tail_faults[] = {
	{"rest", "node - Mul y,c z\n", "is not supported behind the trees"},
	{"rest", "node - Mul c,y z\n", "is not supported behind the trees"},
	{"rest", "node - Cast y z\nint to 7\n",
	 "is not supported behind the trees, but where it changes nothing"},
	{"rest", "node - Reshape y,s z\n",
	 "is not supported but where it changes nothing"},
	{"rest", "node - Flatten y z\nint axis 0\n",
	 "is not supported but along the first axis"},
	{"rest", "node ai.onnx.ml ZipMap y z\nints classlabels_int64s 1\n",
	 "is not supported behind the trees"},
	{"rest", "node - Cast y z\nint to 1\nint cut 1\n",
	 "attribute \"cut\" is not supported"},
	{"rest", "tensor three 7 3 -1 1 1\nnode - Reshape y,three z\n",
	 "is not supported but where it changes nothing"},
	{"rest", "tensor two 7 2 -1\nnode - Reshape y,two z\n",
	 "tensor \"two\": 1 numbers, but its dimensions ask for 2"},
	{"rest", "node - Reshape y,s z\nints shape 1\n",
	 "attribute \"shape\" is not supported"},
	{"rest", "node - Flatten y z\nint axis 1\nint axis 1\n",
	 "axis twice"},
};

static const struct fault classifier_faults[] = {
	{"NONE\n", "NONE\nints classlabels_int64s 0 1 2\n",
	 "classlabels_int64s and classlabels_strings: one of them must be "
	 "there"},
	{"class_ids 0 1 2", "class_ids 0 1 3", "tree 0 node 2: a weight for a "
	 "target or class that is none"},
	{"low middle high", "\xff middle high", "a label is not UTF-8"},
	{"NONE\n", "NONE\nstring aggregate_function AVERAGE\n",
	 "aggregate_function: \"AVERAGE\" is not supported"},
	{"NONE\n", "NONE\nfloats base_values 1\n",
	 "base_values: not one for each class"},
	{"NONE\n", "NONE\nint n_targets 1\n",
	 "attribute \"n_targets\" is not supported"},
	{"map\nstrings classlabels_strings low middle high",
	 "map\nstrings classlabels_strings low middle",
	 "2 labels for 3 classes"},
	{"node - Identity l label", "node - Cast l label\nint to 9",
	 "is not supported behind the trees, but where it changes nothing"},
	{"node ai.onnx.ml ZipMap p map", "node ai.onnx.ml ZipMap l map",
	 "is not supported behind the trees"},
};

static const struct fault binary_faults[] = {
	{"classlabels_int64s 3 7", "classlabels_int64s 3",
	 "a classifier of one class"},
	{"post_transform NONE", "post_transform PROBIT",
	 "PROBIT of two classes that have one sum is not supported"},
	{"post_transform NONE", "post_transform NONE\nfloats base_values 1 2",
	 "base_values of two classes are not supported"},
	{"class_ids 0 0", "class_ids 0 1",
	 "no tree has a weight for target or class 1 at each of its leaves"},
};

static const struct fault branch_faults[] = {
	{"tree_roots 0 2", "tree_roots 0 3",
	 "tree 1: no root 3 among 3 nodes"},
	{"tree_roots 0 2", "tree_roots 0 0",
	 "tree 1 node 0: it has a parent already, or is a root"},
	{"tree_roots 0 2", "tree_roots 0", "1 nodes are of no tree"},
	{"ints tree_roots 0 2\n", "", "no tree_roots, or too many nodes"},
	{"n_targets 1", "n_targets 0", "n_targets: 0; 1 to 1024"},
	{"aggregate_function 1", "aggregate_function 4",
	 "aggregate_function: 4 is not known"},
	{"aggregate_function 1", "aggregate_function 1\nint post_transform 5",
	 "post_transform: 5 is not supported"},
	{"n_targets 1", "n_targets 2\nint post_transform 1",
	 "post_transform: 1 is not supported: what it means differs among "
	 "implementations"},
	{"nodes_featureids 0 1 0", "nodes_featureids 0 1",
	 "nodes_falseleafs: 3 values for 2 nodes"},
	{"nodes_featureids 0", "nodes_featureids 5",
	 "node 0: no input 5 among 2"},
	{"nodes_modes 2 3 6", "nodes_modes 2 3 7",
	 "node 0: its mode is not known"},
	{"nodes_modes 2 3 6", "nodes_modes 1 3 6", "nodes_modes: not of type "
	 "uint8"},
	{"nodes_splits 1 3 0 1.5 0", "nodes_splits 11 3 0 1.5 0",
	 "nodes_splits: not of type float"},
	{"membership_values 1 3 2 3 nan", "membership_values 1 1 nan",
	 "node 0: no members"},
	{"nodes_truenodeids 1", "nodes_truenodeids 3",
	 "node 0: no such child"},
	{"nodes_trueleafs 0", "nodes_trueleafs 2", "node 0: no such child"},
	{"tracks_true 1", "tracks_true 3",
	 "node 0: missing_value_tracks_true is neither 0 nor 1"},
	{"leaf_targetids 0 0 0 0", "leaf_targetids 0 0 0",
	 "leaf_weights: 4 values for 3 leaves"},
	{"leaf_targetids 0", "leaf_targetids 1", "leaf 0: no target 1"},
	{"nodes_splits 1 3 0 1.5 0", "nodes_splits 1 3 0 nan 0",
	 "tree 0 node 1: the threshold is not a number"},
};

static const struct fault wide_branch_faults[] = {
	{"n_targets 1", "n_targets 2\nint post_transform 3",
	 "post_transform: 3 is not supported: what it means differs among "
	 "implementations"},
};

static void
check_faults(const char *text, const struct fault *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].reason)
			check_fault(text, list[i].from, list[i].to,
				    list[i].reason, AQI_E_MODEL);
}

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

static void
test_faults(void)
{
	char *steps = edit(onnx_regressor, "input X 1 2\noutput y\n",
			   "input X 1 2\ninput D 11 2\ninput W 1 0\n"
			   "input H 7 2\noutput y\n"
			   "tensor c 1 - 2\ntensor zero 1 1 0\n"
			   "tensor three 1 3 1 2 3\n"
			   "tensor square 1 2,2 1 2 3 4\n"
			   "tensor wide 11 - 2\nnodes");
	char *before = edit(steps, "Regressor X y", "Regressor t y");
	char *output = edit(onnx_regressor, "output y\n",
			    "output z\ntensor c 1 - 2\ntensor s 7 1 2\n");
	char *splits = edit(onnx_branches, "splits 1", "splits 11");
	char *members = edit(splits, "values 1", "values 11");
	char *weights = edit(members, "leaf_weights 1", "leaf_weights 11");
	char *wide = edit(weights, "input X 1", "input X 11");
	char *tail = NULL;

	if (asprintf(&tail, "%srest", output) < 0)
		abort();
	check_faults(onnx_regressor, faults, COUNT(faults));
	check_faults(before, step_faults, COUNT(step_faults));
	check_faults(tail, tail_faults, COUNT(tail_faults));
	check_faults(onnx_classifier, classifier_faults,
		     COUNT(classifier_faults));
	check_faults(onnx_binary, binary_faults, COUNT(binary_faults));
	check_faults(onnx_branches, branch_faults, COUNT(branch_faults));
	check_faults(wide, wide_branch_faults, COUNT(wide_branch_faults));
	check_fault(ONNX_HEAD "input X 1 2\noutput y\n"
		    "node ai.onnx.ml TreeEnsembleRegressor X y\n",
		    "X y\n", "X y\nint n_targets 1\n", "no nodes",
		    AQI_E_MODEL);
	free(wide);
	free(weights);
	free(members);
	free(splits);
	free(tail);
	free(output);
	free(before);
	free(steps);
}

/* A comparison for equality asks for the input itself. */
static void
test_sets(void)
{
	char *text = edit(onnx_regressor, "BRANCH_LEQ", "BRANCH_EQ");

	check_fault(text, "nodes_values 0.5", "nodes_values inf",
		    "tree 0 node 0: a comparison for equality with infinity",
		    AQI_E_MODEL);
	check_fault(text, "node ai.onnx.ml TreeEnsembleRegressor X",
		    "tensor c 1 - 2\nnode - Mul X,c t\n"
		    "node ai.onnx.ml TreeEnsembleRegressor t", "tree 0 node "
		    "0: a comparison for equality, behind an operator that "
		    "changes its input", AQI_E_MODEL);
	free(text);
}

/* A text with a part put in place of another, which is freed. */
static void
check_limit(const char *text, const char *from, struct aqi_buffer *to,
	    const char *reason, enum aqi_code code)
{
	aqi_buffer_add_byte(to, '\0');
	check_fault(text, from, to->data, reason, code);
	aqi_buffer_free(to);
}

static void
test_limits(void)
{
	struct aqi_buffer classes = {0}, nodes = {0}, outputs = {0};

	aqi_buffer_add_text(&classes, "ints classlabels_int64s");
	for (int i = 0; i <= AQI_FOREST_MAX_MARGINS; i++)
		aqi_buffer_add_format(&classes, " %d", i);
	check_limit(onnx_binary, "ints classlabels_int64s 3 7", &classes,
		    "1025 classes; up to 1024 are supported", AQI_E_MODEL);
	for (int i = 0; i < 33; i++)
		aqi_buffer_add_format(&nodes, "node - Identity %c%.0d v%d\n",
				      i == 0 ? 'X' : 'v', i, i + 1);
	aqi_buffer_add_text(&nodes,
			    "node ai.onnx.ml TreeEnsembleRegressor v33");
	check_limit(onnx_regressor,
		    "node ai.onnx.ml TreeEnsembleRegressor X", &nodes,
		    "more than 32 operators before the trees", AQI_E_LIMIT);
	/* Behind the trees, of which the rest stays: an output of many. */
	for (int i = 0; i < 33 * 1000; i++)
		aqi_buffer_add_text(&outputs, i == 0 ? "output y\n"
				    "node - Identity y -,-,-,-\n" :
				    "node - Identity y -,-,-,-\n");
	check_limit(onnx_regressor, "output y\n", &outputs, "a graph of more "
		    "than 131072 nodes, inputs, outputs and tensors",
		    AQI_E_LIMIT);
}

/* Bytes that no text of ours makes. */
static void
test_bytes(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *reason;
	} cases[] = {
#define BYTES(text) text, sizeof (text) - 1
		{BYTES(""), "no ir_version"},
		{BYTES("\x08"), "byte 1: the number is cut off"},
		{BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
		 "byte 1: the number has more than 64 bits"},
		{BYTES("\x08\x07\x0b"), "byte 3: no kind of field"},
		{BYTES("\x08\x07\x00\x00"),
		 "byte 2: no field has this number"},
		{BYTES("\x08\x07\x12\x05x"), "byte 3: more bytes are announced "
		 "than there are"},
		{BYTES("\x08\x07\x15\1\2"), "byte 3: the number is cut off"},
		{BYTES("\x08\x07\x42\2\x10\1"), "it has no graph"},
		{BYTES("\x08\x07\x42\2\x10\1\x3a\0\x3a\0"),
		 "it has two graphs"},
		{BYTES("\x08\x07\x42\2\x10\1\x3a\0"),
		 "the graph has no nodes"},
		{BYTES("\x08\x07\xca\1\0"), "functions of the model's own"},
		{BYTES("\x08\x07\x42\2\x10\1\x3a\2\x7a\0"),
		 "sparse tensors are not supported"},
		{BYTES("\x08\x07\x42\2\x10\1\x3a\x0b\x2a\5\x10\1\x0a\1\x80"
		       "\x0a\0\x62\0"), "byte 12: the number is cut off"},
#undef BYTES
	};
	struct aqi_trees trees;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct aqi_error err = {0};

		if (!ok(aqi_onnx_read((struct aqi_slice){cases[i].bytes,
							 cases[i].size},
				      &onnx_arena, &trees, &err) != AQI_OK &&
			strstr(err.reason, cases[i].reason),
			"refused: %s", cases[i].reason))
			note("%s", err.reason);
	}
}

/* Refused with a reason, or it predicts. */
static bool
is_harmless(const char *bytes, size_t size)
{
	static const double fixed[] = {0, 1, -3e38, (double)NAN};
	struct aqi_error err = {0};
	struct aqi_trees trees;
	struct aqi_forest_shape shape;
	double *x, *out;
	bool is_right = true;

	if (aqi_onnx_read((struct aqi_slice){bytes, size}, &onnx_arena, &trees,
			  &err) != AQI_OK) {
		aqi_arena_clear(&onnx_arena);
		return err.reason[0] && (err.code == AQI_E_MODEL ||
					 err.code == AQI_E_LIMIT);
	}
	shape = aqi_forest_shape(trees.forest);
	x = calloc(shape.n_inputs, sizeof *x);
	out = calloc(2 * shape.n_margins, sizeof *out);
	for (size_t k = 0; x && out && k < 4; k++) {
		for (size_t i = 0; i < shape.n_inputs; i++)
			x[i] = fixed[k];
		aqi_forest_predict(trees.forest, x, 1, out);
		for (size_t i = 0; i < shape.n_margins; i++)
			is_right = is_right && isfinite(out[i]);
		aqi_link_apply(&shape.link, out, shape.n_margins, 1, out);
	}
	free(out);
	free(x);
	aqi_forest_free(trees.forest);
	aqi_arena_clear(&onnx_arena);
	return is_right;
}

/* Every cut; every byte 0 and 255, and each of its bits the other way. */
static size_t
count_harm(const struct aqi_buffer *good)
{
	char *bytes = malloc(good->size + 1);
	size_t n_harm = 0;

	memcpy(bytes, good->data, good->size);
	for (size_t n = 0; n < good->size; n++) {
		/* A copy as short as the cut, for the sanitizers. */
		char *cut = malloc(n + 1);

		memcpy(cut + 1, good->data, n);
		n_harm += !is_harmless(cut + 1, n);
		free(cut);
	}
	for (size_t i = 0; i < good->size; i++) {
		const char was = bytes[i];

		for (int k = 0; k < 10; k++) {
			bytes[i] = (char)(k == 8 ? 0 : k == 9 ? 0xff :
					  was ^ 1 << k);
			n_harm += !is_harmless(bytes, good->size);
		}
		bytes[i] = was;
	}
	free(bytes);
	return n_harm;
}

static void
test_damage(void)
{
	static const char *const texts[] = {
		onnx_regressor, onnx_classifier, onnx_binary, onnx_branches,
		onnx_surrounded
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct aqi_buffer good = onnx_from_text(texts[i]);
		const size_t n_harm = count_harm(&good);

		ok(n_harm == 0, "model %zu of %zu bytes, cut anywhere, or with "
		   "a byte that is another: refused, or predicts", i,
		   good.size);
		if (n_harm > 0)
			note("%zu do neither", n_harm);
		aqi_buffer_free(&good);
	}
}

int
main(void)
{
	test_faults();
	test_sets();
	test_limits();
	test_bytes();
	test_damage();
	aqi_arena_free(&onnx_arena);
	return done();
}
