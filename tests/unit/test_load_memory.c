/*
 * What models take of memory while they are loaded, at the most: each kind of
 * file, where it is large and has as few bytes for each number as can be.
 *
 * The peak is a process's, so this program runs itself for each: `FILE TEXT` as
 * arguments load a file, which must be refused with TEXT in the message, or be
 * read where that is empty.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "model/bundle.h"
#include "onnx_text.h"
#include "tap.h"
#include "ubjson.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

extern char **environ;

#define BOUND_OF(size) (10 * (size) + ((size_t)32 << 20))
#define TOO_LARGE "above the limit of memory: ten times the file, and 32 MB"

/* The greatest size of this process so far, in bytes; 0: not told. */
static size_t
read_peak(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[256];

	while (status && fgets(line, sizeof line, status))
		if (sscanf(line, "VmHWM: %lu", &kib) == 1)
			break;
	if (status)
		fclose(status);
	return kib * 1024;
}

/* What the process that loads a file returns. */
enum { HOLDS, TOO_MUCH, NOT_AS_SAID, NOT_TOLD };

static int
load(const char *path, const char *text)
{
	const struct aqi_model_options options = {
		.name = path, .is_path = true, .takes_any = true,
		.n_threads = 1,
	};
	struct aqi_error err = {0};
	struct aqi_model *model = aqi_model_load(&options, &err);
	const bool is_as_said = *text ? !model && strstr(err.reason, text) :
				model != NULL;
	const size_t peak = read_peak();
	struct stat st;

	aqi_model_free(model);
	if (stat(path, &st) != 0 || peak == 0)
		return NOT_TOLD;
	printf("# %zu bytes of %zu%s%s\n", peak, BOUND_OF((size_t)st.st_size),
	       model ? "" : ", ", model ? "" : err.reason);
	return !is_as_said ? NOT_AS_SAID :
	       peak <= BOUND_OF((size_t)st.st_size) ? HOLDS : TOO_MUCH;
}

static void
repeat(struct aqi_buffer *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		aqi_buffer_add(out, text, strlen(text));
}

static void
add(struct aqi_buffer *out, const char *text)
{
	aqi_buffer_add(out, text, strlen(text));
}

/* XGBoost's JSON. */

static void
begin_json(struct aqi_buffer *out, size_t n_trees)
{
	aqi_buffer_add_format(out, "{\"version\":[1,7,4],\"learner\":{"
		"\"gradient_booster\":{\"name\":\"gbtree\",\"model\":{"
		"\"gbtree_model_param\":{\"num_trees\":\"%zu\"},"
		"\"tree_info\":[0", n_trees);
	repeat(out, ",0", n_trees - 1);
	add(out, "],\"trees\":[");
}

static void
end_json(struct aqi_buffer *out, size_t n_targets)
{
	aqi_buffer_add_format(out, "]}},\"learner_model_param\":{"
		"\"base_score\":\"0\",\"num_class\":\"0\",\"num_feature\":"
		"\"1\",\"num_target\":\"%zu\"},\"objective\":{\"name\":"
		"\"reg:squarederror\"}}}", n_targets);
}

static void
add_column(struct aqi_buffer *out, const char *key, const char *value, size_t n)
{
	aqi_buffer_add_format(out, "\"%s\":[%s", key, value);
	for (size_t i = 1; i < n; i++) {
		aqi_buffer_add_byte(out, ',');
		add(out, value);
	}
	add(out, "],");
}

/* Children of a tree as full as it can be. */
static void
add_children(struct aqi_buffer *out, const char *key, size_t side,
	     const char *leaf, size_t n)
{
	aqi_buffer_add_format(out, "\"%s\":[", key);
	for (size_t i = 0; i < n; i++)
		if (i < n / 2)
			aqi_buffer_add_format(out, "%s%zu", i > 0 ? "," : "",
					      2 * i + side);
		else
			add(out, i == 0 ? leaf + 1 : leaf);
	add(out, "],");
}

static void
add_tree(struct aqi_buffer *out, size_t n, bool is_right, bool has_leaves,
	 size_t n_values)
{
	if (is_right) {
		add_children(out, "left_children", 1, ",-1", n);
		add_children(out, "right_children", 2,
			     has_leaves ? ",0" : ",-1", n);
	} else {
		add_column(out, "left_children", "0", n);
		add_column(out, "right_children", "0", n);
	}
	add_column(out, "default_left", "0", n);
	add_column(out, "split_conditions", "0", n);
	add_column(out, "split_indices", "0", n);
	aqi_buffer_add_format(out, "\"tree_param\":{\"num_nodes\":\"%zu\","
			      "\"size_leaf_vector\":\"%zu\"}", n, n_values);
}

static void
json_zeros(struct aqi_buffer *out)
{
	begin_json(out, 1);
	add(out, "{");
	add_tree(out, 1000000, false, false, 0);
	add(out, "}");
	end_json(out, 1);
}

static void
json_large(struct aqi_buffer *out)
{
	begin_json(out, 1);
	add(out, "{");
	add_column(out, "sum_hessian", "0", (1 << 20) - 1);
	add_column(out, "loss_changes", "0", (1 << 20) - 1);
	add_tree(out, (1 << 20) - 1, true, false, 0);
	add(out, "}");
	end_json(out, 1);
}

static void
json_leaves(struct aqi_buffer *out)
{
	begin_json(out, 200000);
	for (size_t t = 0; t < 200000; t++) {
		add(out, t > 0 ? ",{" : "{");
		add_tree(out, 1, true, false, 0);
		add(out, "}");
	}
	end_json(out, 1);
}

/* As XGBoost writes them up to 3.1: of all nodes. */
static void
json_vectors(struct aqi_buffer *out)
{
	begin_json(out, 900);
	for (size_t t = 0; t < 900; t++) {
		add(out, t > 0 ? ",{" : "{");
		add_column(out, "base_weights", "1", 3 * 1000);
		add_tree(out, 3, true, false, 1000);
		add(out, "}");
	}
	end_json(out, 1000);
}

/* From 3.2 on: of the leaves, here of one for all, which is 0. */
static void
json_shared_vectors(struct aqi_buffer *out)
{
	begin_json(out, 5);
	for (size_t t = 0; t < 5; t++) {
		add(out, t > 0 ? ",{" : "{");
		add_column(out, "leaf_weights", "1", 1000);
		add_tree(out, 1023, true, true, 1000);
		add(out, "}");
	}
	end_json(out, 1000);
}

static void
json_linear(struct aqi_buffer *out)
{
	add(out, "{\"version\":[1,7,4],\"learner\":{\"gradient_booster\":{"
	    "\"name\":\"gblinear\",\"model\":{\"weights\":[1");
	repeat(out, ",1", 1000 * 1000 - 1);
	add(out, "]}},\"learner_model_param\":{\"base_score\":\"0\","
	    "\"num_class\":\"0\",\"num_target\":\"1000\",\"num_feature\":"
	    "\"999\"},\"objective\":{\"name\":\"reg:squarederror\"}}}");
}

static void
json_names(struct aqi_buffer *out)
{
	add(out, "{\"version\":[1,7,4],\"learner\":{\"feature_names\":[\"a\"");
	repeat(out, ",\"a\"", 3000000);
	add(out, "]}}");
}

/* XGBoost's UBJSON, where a number may be one byte. */

static void
add_key(struct aqi_buffer *out, const char *key)
{
	ubjson_text(out, key, strlen(key));
}

static void
add_text(struct aqi_buffer *out, const char *key, const char *text)
{
	add_key(out, key);
	aqi_buffer_add_byte(out, 'S');
	add_key(out, text);
}

static void
add_count(struct aqi_buffer *out, const char *key, size_t n)
{
	char text[32];

	snprintf(text, sizeof text, "%zu", n);
	add_text(out, key, text);
}

static void
begin_bytes(struct aqi_buffer *out, const char *key, char type, size_t n)
{
	add_key(out, key);
	add(out, "[$");
	aqi_buffer_add_byte(out, type);
	aqi_buffer_add_byte(out, '#');
	ubjson_length(out, n);
}

static void
add_bytes(struct aqi_buffer *out, const char *key, char byte, size_t n)
{
	begin_bytes(out, key, 'U', n);
	while (n-- > 0)
		aqi_buffer_add_byte(out, byte);
}

static void
ubjson_column(struct aqi_buffer *out, const char *key, size_t side, size_t n)
{
	begin_bytes(out, key, 'l', n);
	for (size_t i = 0; i < n; i++)
		ubjson_bytes(out, i < n / 2 ? 2 * i + side : UINT32_MAX, 4);
}

static void
ubjson_model(struct aqi_buffer *out, size_t n, bool is_right, size_t n_values)
{
	add(out, "{");
	add_bytes(out, "version", 1, 3);
	add_key(out, "learner");
	add(out, "{");
	add_key(out, "learner_model_param");
	add(out, "{");
	add_text(out, "base_score", "0");
	add_count(out, "num_feature", 1);
	add_count(out, "num_target", n_values > 1 ? n_values : 1);
	add(out, "}");
	add_key(out, "objective");
	add(out, "{");
	add_text(out, "name", "reg:squarederror");
	add(out, "}");
	add_key(out, "gradient_booster");
	add(out, "{");
	add_text(out, "name", "gbtree");
	add_key(out, "model");
	add(out, "{");
	add_key(out, "gbtree_model_param");
	add(out, "{");
	add_count(out, "num_trees", 1);
	add(out, "}");
	add_bytes(out, "tree_info", 0, 1);
	add_key(out, "trees");
	add(out, "[{");
	if (is_right) {
		ubjson_column(out, "left_children", 1, n);
		ubjson_column(out, "right_children", 2, n);
	} else {
		add_bytes(out, "left_children", 0, n);
		add_bytes(out, "right_children", 0, n);
	}
	add_bytes(out, "base_weights", 1, n_values * n);
	add_bytes(out, "default_left", 0, n);
	add_bytes(out, "split_conditions", 0, n);
	add_bytes(out, "split_indices", 0, n);
	add_bytes(out, "loss_changes", 0, n);
	add_bytes(out, "sum_hessian", 0, n);
	add_key(out, "tree_param");
	add(out, "{");
	add_count(out, "num_nodes", n);
	add_count(out, "size_leaf_vector", n_values);
	add(out, "}}]}}}}");
}

static void
ubjson_zeros(struct aqi_buffer *out)
{
	ubjson_model(out, 2000000, false, 0);
}

static void
ubjson_large(struct aqi_buffer *out)
{
	ubjson_model(out, (1 << 20) - 1, true, 0);
}

static void
ubjson_vectors(struct aqi_buffer *out)
{
	ubjson_model(out, 8191, true, 1000);
}

/* LightGBM's text. */

#define LIGHTGBM                                                              \
	"tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\n"           \
	"max_feature_idx=0\nobjective=regression\nfeature_names=a\n\n"

static void
add_line(struct aqi_buffer *out, const char *key, const char *value, size_t n)
{
	aqi_buffer_add_format(out, "%s=", key);
	repeat(out, value, n);
	add(out, "\n");
}

/* Splits in order, and behind them the leaves. */
static void
add_side(struct aqi_buffer *out, const char *key, size_t side, size_t n_splits)
{
	aqi_buffer_add_format(out, "%s=", key);
	for (size_t i = 0; i < n_splits; i++) {
		const size_t child = 2 * i + side;

		aqi_buffer_add_format(out, "%ld ", child < n_splits ?
				      (long)child :
				      -(long)(child - n_splits) - 1);
	}
	add(out, "\n");
}

static void
add_splits(struct aqi_buffer *out, size_t t, size_t n)
{
	aqi_buffer_add_format(out, "Tree=%zu\nnum_leaves=%zu\n", t, n);
	add_line(out, "split_feature", "0 ", n - 1);
	add_side(out, "left_child", 1, n - 1);
	add_side(out, "right_child", 2, n - 1);
	add_line(out, "leaf_value", "0 ", n);
}

static void
lightgbm_zeros(struct aqi_buffer *out)
{
	add(out, LIGHTGBM);
	for (size_t t = 0; t < 8; t++) {
		aqi_buffer_add_format(out, "Tree=%zu\nnum_leaves=131072\n", t);
		add_line(out, "split_feature", "0 ", 131071);
		add_line(out, "threshold", "0 ", 131071);
		add_line(out, "decision_type", "0 ", 131071);
		add_line(out, "left_child", "0 ", 131071);
		add_line(out, "right_child", "0 ", 131071);
		add_line(out, "leaf_value", "0 ", 131072);
		add(out, "\n");
	}
	add(out, "end of trees\n");
}

static void
lightgbm_large(struct aqi_buffer *out)
{
	add(out, LIGHTGBM);
	for (size_t t = 0; t < 3; t++) {
		add_splits(out, t, 131072);
		add_line(out, "threshold", "0 ", 131071);
		add_line(out, "decision_type", "0 ", 131071);
		add(out, "\n");
	}
	add(out, "end of trees\n");
}

static void
lightgbm_functions(struct aqi_buffer *out)
{
	add(out, LIGHTGBM);
	add_splits(out, 0, 65536);
	add_line(out, "threshold", "0 ", 65535);
	add_line(out, "decision_type", "0 ", 65535);
	add(out, "is_linear=1\n");
	add_line(out, "leaf_const", "0 ", 65536);
	add_line(out, "num_features", "20 ", 65536);
	add_line(out, "leaf_features", "0 ", 20 * 65536);
	add_line(out, "leaf_coeff", "0 ", 20 * 65536);
	add(out, "\nend of trees\n");
}

static void
lightgbm_sets(struct aqi_buffer *out)
{
	const size_t n = 65536;

	add(out, LIGHTGBM);
	add_splits(out, 0, n);
	aqi_buffer_add_format(out, "num_cat=%zu\nthreshold=", n - 1);
	for (size_t i = 0; i + 1 < n; i++)
		aqi_buffer_add_format(out, "%zu ", i);
	add(out, "\n");
	add_line(out, "decision_type", "1 ", n - 1);
	add(out, "cat_boundaries=");
	for (size_t i = 0; i < n; i++)
		aqi_buffer_add_format(out, "%zu ", 4 * i);
	add(out, "\n");
	add_line(out, "cat_threshold", "4294967295 ", 4 * (n - 1));
	add(out, "\nend of trees\n");
}

/* ONNX, where a number is a byte where it is small. */

static void
put_column(struct aqi_buffer *node, const char *name, unsigned field,
	   unsigned type, struct aqi_buffer *values)
{
	struct aqi_buffer attribute = {0};

	put_text(&attribute, 1, name);
	put_message(&attribute, field, values);
	put_number(&attribute, 20, type);
	put_message(node, 5, &attribute);
}

static void
put_zeros(struct aqi_buffer *node, const char *name, bool are_floats, size_t n)
{
	struct aqi_buffer zeros = {0};

	for (size_t i = 0; i < (are_floats ? 4 * n : n); i++)
		aqi_buffer_add_byte(&zeros, 0);
	put_column(node, name, are_floats ? 7 : 8, are_floats ? 6 : 7, &zeros);
}

/* Numbers from `first` in steps, and zeros behind n_steps of them. */
static void
put_steps(struct aqi_buffer *node, const char *name, size_t first, size_t step,
	  size_t n_steps, size_t n)
{
	struct aqi_buffer numbers = {0};

	for (size_t i = 0; i < n; i++)
		put_varint(&numbers, i < n_steps ? first + step * i : 0);
	put_column(node, name, 8, 7, &numbers);
}

static void
put_modes(struct aqi_buffer *node, size_t n)
{
	struct aqi_buffer attribute = {0};

	put_text(&attribute, 1, "nodes_modes");
	for (size_t i = 0; i < n; i++)
		put_text(&attribute, 9, i < n / 2 ? "BRANCH_LT" : "LEAF");
	put_number(&attribute, 20, 8);
	put_message(node, 5, &attribute);
}

static void
put_model(struct aqi_buffer *out, struct aqi_buffer *attributes,
	  struct aqi_buffer *graph)
{
	struct aqi_buffer node = {0}, part, import = {0};

	put_text(&node, 1, "X");
	put_text(&node, 2, "Y");
	put_text(&node, 4, "TreeEnsembleRegressor");
	put_text(&node, 7, "ai.onnx.ml");
	aqi_buffer_add(&node, attributes->data, attributes->size);
	aqi_buffer_free(attributes);
	put_message(graph, 1, &node);
	part = make_value("X", 1, 1);
	put_message(graph, 11, &part);
	part = make_value("Y", 1, 1);
	put_message(graph, 12, &part);
	put_number(out, 1, 8);
	put_message(out, 7, graph);
	put_text(&import, 1, "ai.onnx.ml");
	put_number(&import, 2, 3);
	put_message(out, 8, &import);
}

/* A full tree of n nodes, and one weight more for each of n_more targets. */
static void
put_tree(struct aqi_buffer *out, size_t n, bool is_right, size_t n_more)
{
	const size_t n_leaves = n - n / 2, n_weights = n_leaves + n_more;
	struct aqi_buffer node = {0}, graph = {0}, numbers = {0};
	struct aqi_buffer attribute = {0};

	put_zeros(&node, "nodes_treeids", false, n);
	put_steps(&node, "nodes_nodeids", 0, 1, is_right ? n : 0, n);
	put_zeros(&node, "nodes_featureids", false, n);
	put_modes(&node, n);
	put_steps(&node, "nodes_truenodeids", 1, 2, is_right ? n / 2 : 0, n);
	put_steps(&node, "nodes_falsenodeids", 2, 2, is_right ? n / 2 : 0, n);
	put_zeros(&node, "nodes_values", true, n);
	put_zeros(&node, "target_treeids", false, n_weights);
	for (size_t i = 0; i < n_weights; i++)
		put_varint(&numbers, i < n_leaves ? n / 2 + i : n / 2);
	put_column(&node, "target_nodeids", 8, 7, &numbers);
	for (size_t i = 0; i < n_weights; i++)
		put_varint(&numbers, i < n_leaves ? 0 : i - n_leaves + 1);
	put_column(&node, "target_ids", 8, 7, &numbers);
	put_zeros(&node, "target_weights", true, n_weights);
	put_text(&attribute, 1, "n_targets");
	put_number(&attribute, 3, n_more + 1);
	put_number(&attribute, 20, 2);
	put_message(&node, 5, &attribute);
	put_model(out, &node, &graph);
}

static void
onnx_zeros(struct aqi_buffer *out)
{
	put_tree(out, 1000001, false, 0);
}

static void
onnx_large(struct aqi_buffer *out)
{
	put_tree(out, (1 << 18) - 1, true, 0);
}

static void
onnx_targets(struct aqi_buffer *out)
{
	put_tree(out, (1 << 17) - 1, true, 1000);
}

static void
onnx_inputs(struct aqi_buffer *out)
{
	struct aqi_buffer node = {0}, graph = {0};

	for (size_t i = 0; i < 3000000; i++)
		put_text(&graph, 11, "-");
	put_model(out, &node, &graph);
}

/* The file beside a manifest is as small as may be. */
static const struct {
	const char *name;
	void (*write)(struct aqi_buffer *out);
	const char *text;	/* of the message; "": it is read */
} files[] = {
	{"JSON: a tree of zeros", json_zeros,
	 "tree 0 node 0: child 0 has a parent already"},
	{"JSON: a large tree", json_large, ""},
	{"JSON: trees of a leaf", json_leaves, ""},
	{"JSON: vectors at few leaves", json_vectors, ""},
	{"JSON: a vector for many leaves", json_shared_vectors, TOO_LARGE},
	{"JSON: weights of a linear model", json_linear, TOO_LARGE},
	{"JSON: names", json_names, "feature_names: more than 65535 names"},
	{"UBJSON: a tree of zeros", ubjson_zeros,
	 "tree 0 node 0: child 0 has a parent already"},
	{"UBJSON: a large tree", ubjson_large, ""},
	{"UBJSON: vectors at leaves", ubjson_vectors, TOO_LARGE},
	{"LightGBM: trees of zeros", lightgbm_zeros,
	 "tree 0 node 0: left_child: \"0\" is the root"},
	{"LightGBM: large trees", lightgbm_large, ""},
	{"LightGBM: functions at leaves", lightgbm_functions, ""},
	{"LightGBM: sets of categories", lightgbm_sets,
	 "tree 0: too many categories in the sets for a file of this size"},
	{"ONNX: a tree of zeros", onnx_zeros,
	 "tree 0 node 0: the node is there twice"},
	{"ONNX: a large tree", onnx_large, ""},
	{"ONNX: many targets of few leaves", onnx_targets, TOO_LARGE},
	{"ONNX: inputs", onnx_inputs,
	 "a graph of more than 131072 nodes, inputs, outputs and tensors"},
};

static bool
write_file(const char *path, void (*write)(struct aqi_buffer *out))
{
	struct aqi_buffer bytes = {0};
	FILE *file = fopen(path, "w");
	bool is_written;

	write(&bytes);
	is_written = file && !bytes.failed &&
		     fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
	aqi_buffer_free(&bytes);
	return file && fclose(file) == 0 && is_written;
}

/* By a process of its own; what that returned. */
static int
run(const char *path, const char *text)
{
	char *const arguments[] = {
		(char *)(uintptr_t)"test_load_memory",
		(char *)(uintptr_t)path, (char *)(uintptr_t)text, NULL
	};
	int status;
	pid_t pid;

	fflush(stdout);
	if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, arguments,
			environ) != 0)
		return NOT_TOLD;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return NOT_TOLD;
	return WIFEXITED(status) ? WEXITSTATUS(status) : NOT_TOLD;
}

static void
test_files(const char *folder)
{
	char path[64];

	snprintf(path, sizeof path, "%s/model", folder);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		const int got = write_file(path, files[i].write) ?
				run(path, files[i].text) : NOT_AS_SAID;

		if (got == NOT_TOLD)
			skip(files[i].name, "the system does not tell");
		else
			ok(got == HOLDS, "%s: %s within ten times the file and "
			   "32 MiB", files[i].name,
			   *files[i].text ? "refused" : "read");
	}
	unlink(path);
}

/* A manifest of empty arrays, each of which jansson has memory for. */
static void
write_manifest(struct aqi_buffer *out)
{
	add(out, "{\"name\":[");
	repeat(out, "[],", 174000);
	add(out, "0]}");
}

static void
test_manifest(const char *folder)
{
	char path[64];

	snprintf(path, sizeof path, "%s/manifest.json", folder);
	ok(write_file(path, write_manifest) &&
	   run(folder, "name: not a string") == HOLDS,
	   "manifest: refused within 32 MiB and what the folder takes");
	unlink(path);
}

int
main(int argc, char **argv)
{
	char folder[] = "/tmp/aqi-load.XXXXXX";

	if (argc == 3)
		return load(argv[1], argv[2]);
	if (IS_SANITIZED) {
		skip("models take no more than they may",
		     "sanitizers take memory of their own");
		return done();
	}
	if (!mkdtemp(folder))
		return 1;
	test_files(folder);
	test_manifest(folder);
	rmdir(folder);
	return done();
}
