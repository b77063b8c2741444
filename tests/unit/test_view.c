/* How a tree sees an input: the rules of views, and sets of categories. */
#include <float.h>
#include <math.h>

#include "model/forest.h"
#include "model/forest_builder.h"
#include "tap.h"

enum seen { MISSING = 1, BELOW, EQUAL, ABOVE, LEAST };

/*
 * A tree that asks what is seen of its input: -infinity, missing, below,
 * above, or a member of the set of the one value. All nodes have one rule.
 */
static enum seen
look(enum aqi_view_rule rule, bool is_wide, double x, double value)
{
	const double least = is_wide ? -DBL_MAX : (double)-FLT_MAX;
	const struct aqi_tree_node nodes[] = {
		{.value = least, .left = 1, .right = 2, .rule = rule},
		{.is_leaf = true, .value = LEAST},
		{.value = least, .left = 3, .right = 4, .rule = rule,
		 .default_left = true},
		{.is_leaf = true, .value = MISSING},
		{.value = value, .left = 5, .right = 6, .rule = rule},
		{.is_leaf = true, .value = BELOW},
		{.has_set = true, .set = &value, .n_set = 1, .left = 7,
		 .right = 8, .rule = rule},
		{.is_leaf = true, .value = EQUAL},
		{.is_leaf = true, .value = ABOVE},
	};
	const struct aqi_tree tree = {.nodes = nodes, .n_nodes = 9};
	const struct aqi_forest_shape shape = {
		.is_wide = is_wide, .n_inputs = 1, .n_margins = 1,
		.link = AQI_LINK_PLAIN,
	};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, NULL);
	struct aqi_forest *forest = NULL;
	double y = 0;

	if (aqi_forest_builder_add(b, &tree, NULL) == AQI_OK)
		forest = aqi_forest_builder_finish(b, NULL);
	if (forest)
		aqi_forest_predict(forest, &x, 1, &y);
	aqi_forest_free(forest);
	aqi_forest_builder_free(b);
	return (enum seen)y;
}

#define NAN64 ((double)NAN)
#define INF64 ((double)INFINITY)
#define TINY ((double)1e-35f)

/* What is seen, in 32 and in 64 bits; NaN for missing. */
static const struct sight {
	enum aqi_view_rule rule;
	double x, narrow, wide;
} sights[] = {
	{AQI_VIEW_PLAIN, NAN64, NAN64, NAN64},
	{AQI_VIEW_PLAIN, 0, 0, 0},
	{AQI_VIEW_PLAIN, -0.0, 0, 0},
	{AQI_VIEW_PLAIN, 0, -0.0, -0.0},
	{AQI_VIEW_PLAIN, TINY, TINY, TINY},
	{AQI_VIEW_PLAIN, -0.5, -0.5, -0.5},
	{AQI_VIEW_PLAIN, 16777217, 16777216, 16777217},
	{AQI_VIEW_PLAIN, 0.1, (double)0.1f, 0.1},
	{AQI_VIEW_PLAIN, 1e-50, 0, 1e-50},
	{AQI_VIEW_PLAIN, 1e300, INF64, 1e300},
	{AQI_VIEW_PLAIN, -1e300, -INF64, -1e300},
	{AQI_VIEW_PLAIN, -INF64, -INF64, -INF64},

	{AQI_VIEW_MISSING_IS_ZERO, NAN64, 0, 0},
	{AQI_VIEW_MISSING_IS_ZERO, -0.0, 0, 0},
	{AQI_VIEW_MISSING_IS_ZERO, TINY, TINY, TINY},
	{AQI_VIEW_MISSING_IS_ZERO, -0.5, -0.5, -0.5},
	{AQI_VIEW_MISSING_IS_ZERO, INF64, INF64, INF64},

	{AQI_VIEW_ZERO_IS_MISSING, NAN64, NAN64, NAN64},
	{AQI_VIEW_ZERO_IS_MISSING, 0, NAN64, NAN64},
	{AQI_VIEW_ZERO_IS_MISSING, -0.0, NAN64, NAN64},
	{AQI_VIEW_ZERO_IS_MISSING, TINY, NAN64, NAN64},
	{AQI_VIEW_ZERO_IS_MISSING, -TINY, NAN64, NAN64},
	{AQI_VIEW_ZERO_IS_MISSING, 1e-35, NAN64, NAN64},
	{AQI_VIEW_ZERO_IS_MISSING, 1e-300, NAN64, NAN64},
	{AQI_VIEW_ZERO_IS_MISSING, 2e-35, (double)2e-35f, 2e-35},
	{AQI_VIEW_ZERO_IS_MISSING, -2e-35, (double)-2e-35f, -2e-35},
	{AQI_VIEW_ZERO_IS_MISSING, -0.5, -0.5, -0.5},
	{AQI_VIEW_ZERO_IS_MISSING, -INF64, -INF64, -INF64},

	{AQI_VIEW_WHOLE, NAN64, NAN64, NAN64},
	{AQI_VIEW_WHOLE, 0, 0, 0},
	{AQI_VIEW_WHOLE, -0.5, 0, 0},
	{AQI_VIEW_WHOLE, 2.75, 2, 2},
	{AQI_VIEW_WHOLE, -1, -1, -1},
	{AQI_VIEW_WHOLE, -1.5, -1, -1},
	{AQI_VIEW_WHOLE, TINY, 0, 0},
	{AQI_VIEW_WHOLE, 16777216.5, 16777216, 16777216},
	{AQI_VIEW_WHOLE, 16777217, 16777216, 16777217},
	{AQI_VIEW_WHOLE, 2.99999999, 3, 2},
	{AQI_VIEW_WHOLE, 4294967296.5, 4294967296, 4294967296},
	{AQI_VIEW_WHOLE, 1e300, INF64, 1e300},
	{AQI_VIEW_WHOLE, -INF64, -INF64, -INF64},

	{AQI_VIEW_CATEGORY, NAN64, NAN64, NAN64},
	{AQI_VIEW_CATEGORY, 0, 0, 0},
	{AQI_VIEW_CATEGORY, -0.0, 0, 0},
	{AQI_VIEW_CATEGORY, 3.9, 3, 3},
	{AQI_VIEW_CATEGORY, TINY, 0, 0},
	{AQI_VIEW_CATEGORY, -TINY, -1, -1},
	{AQI_VIEW_CATEGORY, -1e-50, 0, -1},
	{AQI_VIEW_CATEGORY, -0.5, -1, -1},
	{AQI_VIEW_CATEGORY, -7, -1, -1},
	{AQI_VIEW_CATEGORY, 16777217, 16777216, 16777217},
	{AQI_VIEW_CATEGORY, -INF64, -1, -1},
	{AQI_VIEW_CATEGORY, INF64, INF64, INF64},
};

static bool
is_seen(const struct sight *s, bool is_wide)
{
	const double value = is_wide ? s->wide : s->narrow;
	const double most = is_wide ? DBL_MAX : (double)FLT_MAX;

	if (isnan(value))
		return look(s->rule, is_wide, s->x, 1) == MISSING;
	if (isinf(value))
		return look(s->rule, is_wide, s->x, most) ==
		       (value > 0 ? ABOVE : LEAST);
	return look(s->rule, is_wide, s->x, value) == EQUAL;
}

static void
test_rules(void)
{
	static const char *const names[] = {
		"plain", "missing is zero", "zero is missing", "whole",
		"category"
	};

	for (size_t i = 0; i < sizeof sights / sizeof *sights; i++) {
		const struct sight *s = &sights[i];

		ok(is_seen(s, false) && is_seen(s, true),
		   "%s: %.17g is seen as %.9g, and %.17g in 64 bits",
		   names[s->rule], s->x, s->narrow, s->wide);
	}
}

/* The last value that is missing, and the first that is not. */
static void
test_edge(void)
{
	const enum aqi_view_rule rule = AQI_VIEW_ZERO_IS_MISSING;
	const double above = nextafter(TINY, 1);
	const double float_above = (double)nextafterf(1e-35f, 1);

	ok(look(rule, true, above, above) == EQUAL &&
	   look(rule, true, -above, -above) == EQUAL,
	   "in 64 bits, zero ends at 1e-35 as a float");
	ok(look(rule, false, above, 1) == MISSING &&
	   look(rule, false, float_above, float_above) == EQUAL,
	   "in 32 bits, at the same float");
}

/* Does a set say of each value what it should? */
static bool
has(const double *set, size_t n, double x)
{
	const struct aqi_tree_node nodes[] = {
		{.has_set = true, .set = set, .n_set = n, .left = 1,
		 .right = 2},
		{.is_leaf = true, .value = 1},
		{.is_leaf = true, .value = 0},
	};
	const struct aqi_tree tree = {.nodes = nodes, .n_nodes = 3};
	const struct aqi_forest_shape shape = {
		.is_wide = true, .n_inputs = 1, .n_margins = 1,
		.link = AQI_LINK_PLAIN,
	};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, NULL);
	struct aqi_forest *forest = NULL;
	double y = -1;

	if (aqi_forest_builder_add(b, &tree, NULL) == AQI_OK)
		forest = aqi_forest_builder_finish(b, NULL);
	if (forest)
		aqi_forest_predict(forest, &x, 1, &y);
	aqi_forest_free(forest);
	aqi_forest_builder_free(b);
	return y == 1;
}

static void
test_sets(void)
{
	static const double few[] = {7, -2, 3, 7, 3, 1e300, 0.1};
	static const double others[] = {-3, 0, 4, 6.5, 8, -INF64, INF64, NAN64};
	double many[1000];
	size_t n_right = 0;

	for (size_t i = 0; i < 7; i++)
		n_right += has(few, 7, few[i]);
	for (size_t i = 0; i < 8; i++)
		n_right += !has(few, 7, others[i]);
	ok(n_right == 15, "a set has its members, told in any order and twice");
	ok(!has(NULL, 0, 0), "an empty set has none");
	ok(has((double[]){-0.0}, 1, 0) && has((double[]){0}, 1, -0.0),
	   "zeros are the same");
	for (size_t i = 0; i < 1000; i++)
		many[i] = (double)((i * 7919) % 1000 * 2);
	n_right = 0;
	for (int i = -1; i < 2001; i++)
		n_right += has(many, 1000, i) == (i >= 0 && i < 2000 &&
						  i % 2 == 0);
	ok(n_right == 2002, "a set of 1000 members has each and none beside");
}

int
main(void)
{
	test_rules();
	test_edge();
	test_sets();
	return done();
}
