/*
 * What is chosen by the level of the processor, which is said here to be each
 * of them in turn.
 */
#include "base/processor.h"

#include <string.h>

#include "base/arena.h"
#include "model/forest.h"
#include "model/trees.h"
#include "record/csv_plain.h"
#include "record/lines.h"
#include "record/numbers.h"
#include "record/shape.h"
#include "tap.h"

/* What is said of the processor, and how often it was asked for. */
static enum aqi_level said;
static size_t n_asked;

/* In the place of the library's own: WRAP_levels in the Makefile. */
enum aqi_level __real_aqi_processor_level(void);
enum aqi_level __wrap_aqi_processor_level(void);

enum aqi_level
__wrap_aqi_processor_level(void)
{
	n_asked++;
	return said;
}

/* The best that each level has, whether or not this processor can run it. */
static void
test_records(void)
{
	static const struct {
		aqi_csv_cut_fn *cut, *cut_quoted;
		aqi_numbers_fn *numbers;
		aqi_shape_fn *shape;
		aqi_lines_fn *lines;
	} ways[] = {
		[AQI_PORTABLE] = {aqi_csv_cut_portable, aqi_csv_cut_quoted,
				  aqi_numbers_portable,
				  aqi_shape_take_portable,
				  aqi_lines_find_portable},
		[AQI_AVX2] = {aqi_csv_cut_avx2, aqi_csv_cut_quoted_avx2,
			      aqi_numbers_avx2, aqi_shape_take_avx2,
			      aqi_lines_find_avx2},
		[AQI_AVX512] = {aqi_csv_cut_avx512, aqi_csv_cut_quoted_avx2,
				aqi_numbers_avx512, aqi_shape_take_avx512,
				aqi_lines_find_avx2},
		[AQI_AVX512_VBMI] = {aqi_csv_cut_avx512_vbmi,
				     aqi_csv_cut_quoted_avx2,
				     aqi_numbers_avx512,
				     aqi_shape_take_avx512,
				     aqi_lines_find_avx2},
	};

	for (said = AQI_PORTABLE; said <= AQI_AVX512_VBMI; said++)
		ok(aqi_csv_cutter() == ways[said].cut &&
		   aqi_csv_quoted_cutter() == ways[said].cut_quoted &&
		   aqi_numbers_reader() == ways[said].numbers &&
		   aqi_shape_best() == ways[said].shape &&
		   aqi_lines_finder() == ways[said].lines,
		   "%s: records are found and cut, and their numbers and "
		   "members read, by the best that it has",
		   aqi_level_name(said));
}

/* A plain tree, with as much behind it as one must have to be read at once. */
static const char model[] =
	"tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\n"
	"label_index=0\nmax_feature_idx=1\nobjective=regression\n"
	"feature_names=a b\nfeature_infos=none none\ntree_sizes=221\n\n"
	"Tree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nsplit_gain=1 2\n"
	"threshold=1.5 -0.25\ndecision_type=2 8\nleft_child=1 -1\n"
	"right_child=-2 -3\nleaf_value=0.25 -1.5 3\nleaf_weight=1 2 3\n"
	"internal_value=0 0.5\nis_linear=0\nshrinkage=1\n\n\n"
	"end of trees\n\nfeature_importances:\na=1\nb=1\n\n"
	"parameters:\n[boosting: gbdt]\nend of parameters\n";

static void
test_trees(void)
{
	static const struct aqi_trees_options quick = {
		.skips_statistics = true
	};
	struct aqi_forest *forests[2] = {NULL};
	struct aqi_arena arena = {0};

	for (size_t i = 0; i < 2; i++) {
		struct aqi_error err = {0};
		struct aqi_trees trees;

		said = i == 0 ? AQI_PORTABLE : __real_aqi_processor_level();
		n_asked = 0;
		if (aqi_trees_read(aqi_slice_of(model), &quick, &arena, &trees,
				   &err) != AQI_OK)
			note("%s", err.reason);
		forests[i] = trees.forest;
		ok(trees.forest && n_asked == 1, "%s: a plain tree of LightGBM "
		   "is read by it", aqi_level_name(said));
	}
	ok(forests[0] && forests[1] &&
	   aqi_slice_equal(aqi_forest_bytes(forests[0]),
			   aqi_forest_bytes(forests[1])),
	   "which gives the same forest");
	aqi_forest_free(forests[0]);
	aqi_forest_free(forests[1]);
	aqi_arena_free(&arena);
}

int
main(void)
{
	test_records();
	test_trees();
	return done();
}
