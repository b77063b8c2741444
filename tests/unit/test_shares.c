/* Tree files that several threads read give what one thread gives. */
#include "model/trees.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/random.h"
#include "model/forest.h"
#include "tap.h"
#include "ubjson.h"

enum { N_TREES = 4000 };

static struct aqi_arena arena;

/* A tree of three leaves, two inputs and, here and there, a set. */
static void
add_lightgbm_tree(struct aqi_buffer *out, size_t t, struct aqi_random *random)
{
	const bool has_set = t % 5 == 0;

	aqi_buffer_add_format(out, "Tree=%zu\nnum_leaves=3\nnum_cat=%d\n"
			      "split_feature=%d %d\nsplit_gain=3 %zu\n"
			      "threshold=%s %.17g\ndecision_type=%d 8\n"
			      "left_child=1 -1\nright_child=-3 -2\n", t,
			      has_set, (int)aqi_random_below(random, 2),
			      (int)aqi_random_below(random, 2), t,
			      has_set ? "0" : "0.5",
			      aqi_random_uniform(random, -9, 9), has_set);
	aqi_buffer_add_format(out, "leaf_value=%.17g -1.5 3\nleaf_weight=1 2 3\n"
			      "leaf_count=4 5 6\ninternal_value=0 0.5\n"
			      "internal_weight=9 9\ninternal_count=15 9\n%s"
			      "is_linear=0\nshrinkage=1\n\n\n",
			      aqi_random_uniform(random, -1, 1), has_set ?
			      "cat_boundaries=0 1\ncat_threshold=5\n" : "");
}

static void
make_lightgbm(struct aqi_buffer *out)
{
	struct aqi_random random = aqi_random_new(1, 0);
	struct aqi_buffer trees = {0};

	aqi_buffer_add_text(out, "tree\nversion=v4\nnum_class=1\n"
			    "num_tree_per_iteration=1\nlabel_index=0\n"
			    "max_feature_idx=1\nobjective=regression\n"
			    "feature_names=a b\nfeature_infos=none none\n"
			    "tree_sizes=");
	for (size_t t = 0; t < N_TREES; t++) {
		const size_t before = trees.size;

		add_lightgbm_tree(&trees, t, &random);
		aqi_buffer_add_format(out, "%s%zu", t > 0 ? " " : "",
				      trees.size - before);
	}
	aqi_buffer_add_text(out, "\n\n");
	aqi_buffer_add_slice(out, aqi_buffer_slice(&trees));
	aqi_buffer_add_text(out, "end of trees\n");
	aqi_buffer_free(&trees);
}

static void
add_xgboost_tree(struct aqi_buffer *out, size_t t, struct aqi_random *random)
{
	aqi_buffer_add_format(out, "%s{\"default_left\":[1,0,0],\"id\":%zu,"
			      "\"left_children\":[1,-1,-1],"
			      "\"loss_changes\":[12.5,0,0],"
			      "\"right_children\":[2,-1,-1],"
			      "\"split_conditions\":[%.9g,10.25,-3.5],"
			      "\"split_indices\":[%d,0,0],"
			      "\"split_type\":[0,0,0],\"sum_hessian\":[3,2,1],",
			      t > 0 ? "," : "", t,
			      aqi_random_uniform(random, -9, 9),
			      (int)aqi_random_below(random, 3));
	aqi_buffer_add_text(out, "\"tree_param\":{\"num_deleted\":\"0\","
			    "\"num_feature\":\"3\",\"num_nodes\":\"3\","
			    "\"size_leaf_vector\":\"0\"}}");
}

static void
add_xgboost_end(struct aqi_buffer *out)
{
	aqi_buffer_add_text(out, "]},\"name\":\"gbtree\"},"
			    "\"learner_model_param\":{\"base_score\":\"5E-1\","
			    "\"num_class\":\"0\",\"num_feature\":\"3\"},"
			    "\"objective\":{\"name\":\"reg:squarederror\"}},"
			    "\"version\":[3,1,0]}");
}

static void
make_xgboost(struct aqi_buffer *out)
{
	struct aqi_random random = aqi_random_new(1, 0);

	aqi_buffer_add_format(out, "{\"learner\":{\"gradient_booster\":"
			      "{\"model\":{\"gbtree_model_param\":"
			      "{\"num_trees\":\"%d\"},\"tree_info\":[",
			      N_TREES);
	for (size_t t = 0; t < N_TREES; t++)
		aqi_buffer_add_text(out, t > 0 ? ",0" : "0");
	aqi_buffer_add_text(out, "],\"trees\":[");
	for (size_t t = 0; t < N_TREES; t++)
		add_xgboost_tree(out, t, &random);
	add_xgboost_end(out);
}

static struct aqi_forest *
read_by(struct aqi_slice bytes, size_t n_threads, struct aqi_error *err)
{
	const struct aqi_trees_options options = {.n_threads = n_threads};
	struct aqi_trees trees;

	*err = (struct aqi_error){0};
	aqi_arena_clear(&arena);
	if (aqi_trees_read(bytes, &options, &arena, &trees, err) == AQI_OK)
		return trees.forest;
	return NULL;
}

static void
test_same(const char *format, struct aqi_slice bytes)
{
	static const size_t numbers[] = {2, 3, 4, 16, 1000};
	struct aqi_error err;
	struct aqi_forest *one = read_by(bytes, 1, &err);

	ok(one && aqi_forest_trees(one) == N_TREES, "%s: one thread: %s",
	   format, err.reason);
	for (size_t i = 0; one && i < sizeof numbers / sizeof numbers[0]; i++) {
		const struct aqi_trees_options options = {
			.n_threads = numbers[i]
		};
		struct aqi_forest *many = read_by(bytes, numbers[i], &err);

		ok(many && aqi_slice_equal(aqi_forest_bytes(one),
					   aqi_forest_bytes(many)),
		   "%s: the same to the byte by %zu of %zu threads", format,
		   aqi_trees_shares(&options, bytes.size), numbers[i]);
		aqi_forest_free(many);
	}
	aqi_forest_free(one);
}

/* Some text of each tree is replaced in two of them, far from each other. */
static void
test_fault(const char *format, struct aqi_slice bytes, const char *from,
	   const char *to)
{
	char *copy = strndup(bytes.data, bytes.size), *at;
	struct aqi_error one, many;
	struct aqi_forest *a, *b;

	for (int i = 1; i < 3; i++) {
		at = strstr(copy + (size_t)i * bytes.size / 3, from);
		memcpy(at, to, strlen(to));
	}
	a = read_by((struct aqi_slice){copy, bytes.size}, 1, &one);
	b = read_by((struct aqi_slice){copy, bytes.size}, 4, &many);
	ok(a ? b && aqi_slice_equal(aqi_forest_bytes(a), aqi_forest_bytes(b)) :
	       !b && one.code == many.code &&
	       strcmp(one.reason, many.reason) == 0,
	   "%s: the first fault is told: %s", format,
	   a ? "none" : many.reason);
	aqi_forest_free(a);
	aqi_forest_free(b);
	free(copy);
}

/* The size of the first tree is another: trees are not where it says. */
static void
test_size(struct aqi_slice bytes, const char *size)
{
	const char *from = strstr(bytes.data, "tree_sizes=") + 11;
	const char *behind = strchr(from, ' ');
	struct aqi_error one, many;
	struct aqi_buffer file = {0};
	struct aqi_forest *a, *b;

	aqi_buffer_add(&file, bytes.data, (size_t)(from - bytes.data));
	aqi_buffer_add_text(&file, size);
	aqi_buffer_add(&file, behind,
		       (size_t)(bytes.data + bytes.size - behind));
	a = read_by(aqi_buffer_slice(&file), 1, &one);
	b = read_by(aqi_buffer_slice(&file), 4, &many);
	ok(!a && !b && one.code == AQI_E_MODEL && many.code == AQI_E_MODEL &&
	   strcmp(one.reason, many.reason) == 0,
	   "lightgbm-text: a size that is not right is told: %s", many.reason);
	aqi_forest_free(a);
	aqi_forest_free(b);
	aqi_buffer_free(&file);
}

static void
test_lightgbm(void)
{
	struct aqi_buffer file = {0};
	struct aqi_slice bytes;

	make_lightgbm(&file);
	bytes = aqi_buffer_slice(&file);
	test_same("lightgbm-text", bytes);
	test_fault("lightgbm-text", bytes, "left_child=1", "left_child=7");
	test_fault("lightgbm-text", bytes, "Tree=", "tree=");
	test_fault("lightgbm-text", bytes, "split_gain", "splat_gain");
	test_fault("lightgbm-text", bytes, "num_leaves=3\nnum_cat=0\n",
		   "num_leaves=3\n\nTree=1234");
	test_size(bytes, "1");
	test_size(bytes, "-1");
	test_size(bytes, "99999999");
	aqi_buffer_free(&file);
}

/* Trees around one whose set is so large that reading it takes more than a
 * share of the memory that the file may take, but less than all of it; it may
 * be the first of its share. */
static void
make_large_set(struct aqi_buffer *out, bool is_first)
{
	enum { N_CATEGORIES = 1200000, N_SMALL = 8 };
	struct aqi_random random = aqi_random_new(1, 0);

	aqi_buffer_add_format(out, "{\"learner\":{\"gradient_booster\":"
			      "{\"model\":{\"gbtree_model_param\":"
			      "{\"num_trees\":\"%d\"},\"tree_info\":[0",
			      N_SMALL + 1);
	for (size_t t = 0; t < N_SMALL; t++)
		aqi_buffer_add_text(out, ",0");
	aqi_buffer_add_text(out, "],\"trees\":[");
	if (!is_first)
		add_xgboost_tree(out, 0, &random);
	aqi_buffer_add_format(out, "%s{\"categories_nodes\":[0],"
			      "\"categories_segments\":[0],"
			      "\"categories_sizes\":[%d],\"categories\":[7",
			      is_first ? "" : ",", N_CATEGORIES);
	for (size_t i = 1; i < N_CATEGORIES; i++)
		aqi_buffer_add_text(out, ",7");
	aqi_buffer_add_text(out, "],\"default_left\":[1,0,0],\"id\":0,"
			    "\"left_children\":[1,-1,-1],"
			    "\"loss_changes\":[12.5,0,0],"
			    "\"right_children\":[2,-1,-1],"
			    "\"split_conditions\":[0,10.25,-3.5],"
			    "\"split_indices\":[1,0,0],"
			    "\"split_type\":[1,0,0],\"sum_hessian\":[3,2,1],"
			    "\"tree_param\":{\"num_deleted\":\"0\","
			    "\"num_feature\":\"3\",\"num_nodes\":\"3\","
			    "\"size_leaf_vector\":\"0\"}}");
	for (size_t t = !is_first; t < N_SMALL; t++)
		add_xgboost_tree(out, t + 1, &random);
	add_xgboost_end(out);
}

static void
test_large_set(bool is_first)
{
	struct aqi_buffer file = {0};
	struct aqi_forest *one, *many;
	struct aqi_error err;

	make_large_set(&file, is_first);
	one = read_by(aqi_buffer_slice(&file), 1, &err);
	many = read_by(aqi_buffer_slice(&file), 16, &err);
	ok(one && many && aqi_slice_equal(aqi_forest_bytes(one),
					  aqi_forest_bytes(many)),
	   "xgboost-json: a tree too large for a share of the memory, %s of "
	   "it, is read by one thread", is_first ? "the first" : "a later one");
	aqi_forest_free(many);
	aqi_forest_free(one);
	aqi_buffer_free(&file);
}

static void
test_xgboost(void)
{
	struct aqi_buffer file = {0}, ubjson = {0};
	struct aqi_slice bytes;
	json_t *root;

	make_xgboost(&file);
	bytes = aqi_buffer_slice(&file);
	test_same("xgboost-json", bytes);
	test_fault("xgboost-json", bytes, "\"left_children\":[1,",
		   "\"left_children\":[7,");
	test_fault("xgboost-json", bytes, "}},{\"default", "}}}{\"default");
	test_fault("xgboost-json", bytes, "}},{\"default", "}},[\"default");
	test_fault("xgboost-json", bytes, "}},{\"default", "}}]{\"default");
	test_fault("xgboost-json", bytes, "\"sum_hessian\":[3,2",
		   "\"sum_hessian\":[NaN");
	test_fault("xgboost-json", bytes, "\"loss_changes\":[12.5,0",
		   "\"loss_changes\":[1e99,0");
	root = json_loadb(bytes.data, bytes.size, 0, NULL);
	ubjson_write(&ubjson, root);
	json_decref(root);
	test_same("xgboost-ubjson", aqi_buffer_slice(&ubjson));
	aqi_buffer_free(&ubjson);
	aqi_buffer_free(&file);
}

int
main(void)
{
	test_lightgbm();
	test_xgboost();
	test_large_set(true);
	test_large_set(false);
	aqi_arena_free(&arena);
	return done();
}
