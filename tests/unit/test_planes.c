#include "planes.h"

static void
test_equal(void)
{
	char sentence[100];

	ok(compare_plans(aqi_planes_portable) == 0,
	   "margins in C are the forest's, bit for bit");
	ok(compare_plans(aqi_planes_portable_few) == 0,
	   "so are those of few rows");
	ok(compare_searches(aqi_planes_portable) == 0 &&
	   compare_searches(aqi_planes_portable_few) == 0,
	   "values at, between and beyond 1 to 4,097 keys are as well");
	for (size_t k = 0; k < aqi_planes_n_kernels; k++) {
		const struct aqi_planes_kernel *kernel = &aqi_planes_kernels[k];

		snprintf(sentence, sizeof sentence,
			 "so are those of the kernel %s", kernel->name);
		if (!aqi_planes_has_kernel(kernel->name)) {
			skip(sentence, "this processor has no such vectors");
			continue;
		}
		ok(compare_plans(kernel->many) == 0 &&
		   compare_plans(kernel->few) == 0 &&
		   compare_searches(kernel->many) == 0 &&
		   compare_searches(kernel->few) == 0, "%s", sentence);
	}
}

/* A forest of so many trees, of one split each, all distinct. */
static struct aqi_forest *
plant_stumps(size_t n)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 2, .n_margins = 1, .link = AQI_LINK_PLAIN,
	};
	struct aqi_tree_node nodes[] = {
		{.left = 1, .right = 2},
		{.is_leaf = true, .value = 1},
		{.is_leaf = true, .value = 2},
	};
	const struct aqi_tree tree = {.nodes = nodes, .n_nodes = 3};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest;

	for (size_t t = 0; t < n; t++) {
		nodes[0].value = (double)(t / 4) / 8;
		nodes[0].input = t & 1;
		nodes[0].default_left = t & 2;
		nodes[1].value = (double)(t % 1000) / 7;
		nodes[2].value = (double)(t % 777) / 3;
		if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
			abort();
	}
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	return forest;
}

/* A tree of so many leaves, as even as can be, which asks two questions again
 * and again. */
static struct aqi_forest *
plant_leaves(size_t n_leaves)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 2, .n_margins = 1, .link = AQI_LINK_PLAIN,
	};
	const size_t n = 2 * n_leaves - 1;
	struct aqi_tree_node *nodes = calloc(n, sizeof *nodes);
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest;

	for (size_t i = 0; i < n; i++) {
		nodes[i].is_leaf = 2 * i + 1 >= n;
		nodes[i].value = nodes[i].is_leaf ? (double)(i % 999) : 0.5;
		nodes[i].input = (int64_t)(i % 2);
		nodes[i].left = (int64_t)(2 * i + 1);
		nodes[i].right = (int64_t)(2 * i + 2);
	}
	if (aqi_forest_builder_add(b, &(struct aqi_tree){
			.nodes = nodes, .n_nodes = n}, &err) != AQI_OK)
		abort();
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	free(nodes);
	return forest;
}

/* Are there planes of a tree of so many leaves, and do they predict as it? */
static bool
have_planes(size_t n_leaves, bool *are_right)
{
	struct aqi_forest *forest = plant_leaves(n_leaves);
	struct aqi_planes *planes = make_planes(forest, NULL);
	const bool are_there = planes != NULL;

	*are_right = planes &&
		     compare(forest, planes, aqi_planes_predict) == 0;
	aqi_planes_free(planes);
	aqi_forest_free(forest);
	return are_there;
}

static void
test_leaves(void)
{
	bool are_right;

	ok(have_planes(65536, &are_right) && are_right,
	   "a tree may have as many leaves as 16 bits number");
	ok(!have_planes(65537, &are_right),
	   "one that has more has no planes, however few its splits");
}

/* The segments of a forest's planes; 0: it has none, or they are wrong. */
static size_t
count_segments(struct aqi_forest *forest)
{
	struct aqi_planes *planes = make_planes(forest, NULL);
	size_t n = planes ? planes->header->n_segments : 0;

	if (planes && compare(forest, planes, aqi_planes_predict) > 0)
		n = 0;
	aqi_planes_free(planes);
	aqi_forest_free(forest);
	return n;
}

static void
test_segments(void)
{
	/* Two columns, and a slot in each for what is below all cuts. */
	const size_t most = AQI_PLANES_SLOTS - AQI_PLANES_RESERVED - 2;

	ok(count_segments(plant_stumps(most)) == 1,
	   "so many distinct splits as there are slots are one segment");
	ok(count_segments(plant_stumps(most + 1)) == 2, "one more makes two");
	ok(count_segments(plant_stumps(17000)) == 3,
	   "tens of thousands are more, and predict the same");
	n_values = 6000;
	ok(count_segments(plant_as(&(struct plan){
		.n_trees = 80, .depth = 6, .n_inputs = 30, .rare = 100,
		.n_margins = 3, .is_wide = true, .has_rules = true,
		.has_sets = true})) > 1,
	   "a margin's trees may be in several");
}

/* Slots that columns do not fill in each segment, which are cleared for each
 * call. */
static size_t
count_spare(struct aqi_forest *forest)
{
	struct aqi_planes *planes = make_planes(forest, NULL);
	size_t n = planes->most_slots - planes->first_spare;

	aqi_planes_free(planes);
	aqi_forest_free(forest);
	return n;
}

static void
test_spare(void)
{
	const size_t most = AQI_PLANES_SLOTS - AQI_PLANES_RESERVED - 2;
	const struct plan sets = {
		.n_trees = 20, .depth = 4, .n_inputs = 5, .rare = 100,
		.has_sets = true,
	};

	n_values = 16;
	ok(count_spare(plant(20, 4, 5, 100)) == 0,
	   "columns fill the slots of all splits");
	ok(count_spare(plant_stumps(most)) == 0, "to the last of them");
	ok(count_spare(plant_stumps(most + 100)) == most - 100,
	   "of two segments, as many as both fill");
	ok(count_spare(plant_as(&sets)) == 0, "and those of sets");
}

static bool
has_planes(struct aqi_forest *forest)
{
	struct aqi_planes *planes = make_planes(forest, NULL);
	bool has = planes != NULL;

	aqi_planes_free(planes);
	aqi_forest_free(forest);
	return has;
}

/* One tree of 4096 leaves and more distinct splits than a segment has slots. */
static struct aqi_forest *
plant_vast(size_t n_inner)
{
	const struct aqi_forest_shape shape = {
		.n_inputs = 1, .n_margins = 1, .link = AQI_LINK_PLAIN,
	};
	struct aqi_tree_node *nodes = calloc(2 * n_inner + 1, sizeof *nodes);
	const struct aqi_tree tree = {
		.nodes = nodes, .n_nodes = 2 * n_inner + 1
	};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest;

	for (size_t i = 0; i < 2 * n_inner + 1; i++) {
		nodes[i].value = (double)i;
		nodes[i].is_leaf = i >= n_inner;
		nodes[i].left = (int64_t)(2 * i + 1);
		nodes[i].right = (int64_t)(2 * i + 2);
	}
	if (aqi_forest_builder_add(b, &tree, &err) != AQI_OK)
		abort();
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	free(nodes);
	return forest;
}

static void
test_limits(void)
{
	const size_t most = AQI_PLANES_SLOTS - AQI_PLANES_RESERVED - 1;

	n_values = 16;
	ok(has_planes(plant_vast(most)),
	   "a tree may have as many distinct splits as there are slots");
	ok(!has_planes(plant_vast(most + 1)),
	   "a forest with a tree of one more has no planes");
	ok(!has_planes(plant(0, 1, 1, 100)), "nor has one without trees");
	ok(!has_planes(plant_as(&(struct plan){.n_trees = 3, .depth = 3,
		.n_inputs = 2, .rare = 9, .has_functions = true})),
	   "nor one whose leaves are functions");
	ok(!has_planes(plant_as(&(struct plan){.n_trees = 3, .depth = 3,
		.n_inputs = 2, .rare = 9, .aggregate = AQI_AGGREGATE_MAX})),
	   "nor one that takes the greatest leaf");
}

static void
test_choice(void)
{
	struct aqi_forest *forest = plant(8, 4, 3, 100);
	struct aqi_planes *planes = make_planes(forest, NULL);
	size_t best = 0;

	while (!aqi_planes_has_kernel(aqi_planes_kernel_at(best)))
		best++;
	ok(planes && strcmp(aqi_planes_kernel(planes),
			    aqi_planes_kernel_at(best)) == 0,
	   "the kernel is the best that the processor has");
	aqi_planes_free(planes);
	planes = make_planes(forest, "portable");
	ok(planes && strcmp(aqi_planes_kernel(planes), "portable") == 0 &&
	   compare(forest, planes, aqi_planes_predict) == 0,
	   "a kernel can be asked for");
	ok(!aqi_planes_has_kernel("abacus") &&
	   aqi_planes_kernel_at(aqi_planes_n_kernels) == NULL,
	   "one that there is not is not there");
	aqi_planes_free(planes);
	aqi_forest_free(forest);
}

int
main(void)
{
	start_random();
	test_equal();
	test_segments();
	test_spare();
	test_limits();
	test_leaves();
	test_choice();
	return done();
}
