#include "model/survey.h"

#include "model/forest.h"
#include "model/forest_builder.h"
#include "model/splits.h"
#include "tap.h"

static const double set[] = {1};
static const struct aqi_tree_term terms[] = {{1, 1}, {2, 0}, {3, 1}};
static const struct aqi_tree_node nodes[] = {
	{.value = 5, .input = 2, .left = 1, .right = 2, .gain = 4, .cover = 30},
	{.value = 5, .input = 2, .left = 3, .right = 4, .gain = 1, .cover = 20},
	{.has_set = true, .set = set, .n_set = 1, .input = 0, .left = 5,
	 .right = 6, .gain = 8, .cover = 10},
	{.is_leaf = true, .value = 1, .cover = 12},
	{.is_leaf = true, .value = 2, .cover = 8},
	{.is_leaf = true, .value = 3, .cover = 6},
	{.is_leaf = true, .value = 4, .is_linear = true, .constant = 1,
	 .terms = terms, .n_terms = 3, .cover = 4},
};

static struct aqi_forest *
make_forest(size_t n_margins, bool is_told)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 3, .n_margins = n_margins, .has_gains = is_told,
		.is_wide = true, .has_covers = is_told, .link = AQI_LINK_PLAIN,
	};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_tree tree = {.nodes = nodes, .n_nodes = 7};
	struct aqi_forest *forest;

	for (; tree.target < n_margins; tree.target++) {
		tree.repeats = tree.target > 0;
		if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
			note("%s", err.reason);
	}
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

static void
test_counts(void)
{
	struct aqi_forest *forest = make_forest(2, true);
	struct aqi_survey s;
	struct aqi_error err;

	ok(aqi_survey_take(forest, &s, &err) == AQI_OK && s.n_trees == 1 &&
		   s.n_nodes == 7 && s.n_leaves == 4 && s.n_splits == 3,
	   "a tree that decides for two sums counts once");
	ok(s.n_distinct == 2 && s.n_sets == 1 && s.n_linear == 1 &&
		   s.depth == 2,
	   "distinct splits, sets, functions, depth");
	ok(s.has_gains && s.has_covers && s.gain == 13 && s.cover == 60,
	   "gain and cover are those of the splits");
	ok(s.n_inputs == 3 && s.inputs[0].input == 0 &&
		   s.inputs[0].gain == 8 && s.inputs[1].input == 2 &&
		   s.inputs[1].n_splits == 2 && s.inputs[1].gain == 5 &&
		   s.inputs[1].cover == 50 && s.inputs[2].input == 1 &&
		   s.inputs[2].n_splits == 0,
	   "inputs stand by what they gain");
	ok(s.n_terms == 3 && s.inputs[0].n_terms == 1 &&
		   s.inputs[1].n_terms == 0 && s.inputs[2].n_terms == 2,
	   "terms are those of functions");
	ok(s.memory == aqi_forest_bytes(forest).size, "the block is all of it");
	aqi_survey_free(&s);
	aqi_forest_free(forest);
}

/* Inputs that no split asks for stand by the terms that they have. */
static void
test_functions(void)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 3, .n_margins = 1, .is_wide = true,
		.link = AQI_LINK_PLAIN,
	};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, NULL);
	struct aqi_forest *forest = NULL;
	struct aqi_survey s;

	if (aqi_forest_builder_add(b, &(struct aqi_tree){
		.nodes = &nodes[6], .n_nodes = 1}, NULL) == AQI_OK)
		forest = aqi_forest_builder_finish(b, NULL);
	aqi_forest_builder_free(b);
	ok(forest && aqi_survey_take(forest, &s, NULL) == AQI_OK &&
		   s.n_splits == 0 && s.inputs[0].input == 1 &&
		   s.inputs[1].input == 0 && s.inputs[2].input == 2,
	   "inputs of functions alone stand by their terms");
	aqi_survey_free(&s);
	aqi_forest_free(forest);
}

/* Whoever has no use of more than so many distinct splits is told. */
static void
test_most(void)
{
	struct aqi_forest *forest = make_forest(1, false);
	struct aqi_error err = {.reason = "untouched"};
	struct aqi_splits splits;

	ok(aqi_splits_find(forest, 2, &splits, &err) == AQI_OK &&
		   splits.n == 2, "two distinct splits are two");
	aqi_splits_free(&splits);
	ok(aqi_splits_find(forest, 1, &splits, &err) == AQI_END &&
		   strcmp(err.reason, "untouched") == 0,
	   "and more than one, of which nothing is left to free");
	aqi_forest_free(forest);
}

static void
test_untold(void)
{
	struct aqi_forest *forest = make_forest(1, false);
	struct aqi_survey s;
	struct aqi_error err;

	ok(aqi_survey_take(forest, &s, &err) == AQI_OK && !s.has_gains &&
		   !s.has_covers && s.inputs[0].input == 2 &&
		   s.inputs[1].input == 0,
	   "without gains, inputs stand by their splits");
	aqi_survey_free(&s);
	aqi_forest_free(forest);
}

int
main(void)
{
	test_counts();
	test_functions();
	test_most();
	test_untold();
	return done();
}
