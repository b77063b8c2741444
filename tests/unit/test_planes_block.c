#include "planes.h"

#include "model/block.h"

static struct plan plan = {
	.n_trees = 3, .depth = 5, .n_inputs = 2, .rare = 4, .n_margins = 2,
	.has_rules = true, .has_sets = true,
};

/* A copy that can be changed, at such a place as a block needs. */
static char *
copy(struct aqi_slice block)
{
	char *bytes = aqi_block_alloc(block.size);

	memcpy(bytes, block.data, block.size);
	return bytes;
}

static struct aqi_planes *
adopt(char *bytes, size_t size, const struct aqi_forest *forest)
{
	struct aqi_error err = {0};
	struct aqi_planes *planes = aqi_planes_adopt(
		(struct aqi_slice){bytes, size}, forest, NULL, &err);

	if (!planes && err.code != AQI_E_MODEL)
		abort();
	return planes;
}

static void
test_own(void)
{
	size_t n_different = 0, n_unlike = 0, n_refused = 0;

	for (size_t k = 0; k < N_PLANS; k++) {
		struct aqi_forest *forest = plant_plan(k, (unsigned)k);
		struct aqi_planes *planes = make_planes(forest, NULL);
		struct aqi_planes *again = make_planes(forest, "portable");
		const struct aqi_slice block = aqi_planes_bytes(planes);
		char *bytes = copy(block);
		struct aqi_planes *adopted = adopt(bytes, block.size, forest);

		n_unlike += aqi_planes_bytes(again).size != block.size ||
			memcmp(aqi_planes_bytes(again).data, bytes,
			       block.size) != 0;
		aqi_planes_free(planes);
		aqi_planes_free(again);
		if (adopted)
			n_different += compare(forest, adopted,
					       aqi_planes_predict);
		n_refused += !adopted;
		aqi_planes_free(adopted);
		free(bytes);
		aqi_forest_free(forest);
	}
	ok(n_refused == 0, "the block of a layout is adopted");
	ok(n_different == 0, "and predicts the same when the layout is gone");
	ok(n_unlike == 0, "the same forest gives the same bytes, whatever the "
	   "kernel");
}

static void
test_seal(void)
{
	struct aqi_forest *forest = plant_as(&plan);
	struct aqi_planes *planes = make_planes(forest, NULL);
	const struct aqi_slice block = aqi_planes_bytes(planes);
	char *bytes = copy(block);
	size_t n_taken = 0;

	for (size_t n = 0; n < block.size; n++) {
		struct aqi_planes *cut = adopt(bytes, n, forest);

		n_taken += cut != NULL;
		aqi_planes_free(cut);
	}
	ok(n_taken == 0, "a block that is cut short is refused");
	for (size_t i = 0; i < block.size; i++) {
		struct aqi_planes *changed;

		bytes[i] ^= (char)(1 << i % 8);
		changed = adopt(bytes, block.size, forest);
		n_taken += changed != NULL;
		aqi_planes_free(changed);
		bytes[i] = block.data[i];
	}
	ok(n_taken == 0, "so is one of which a bit is another");
	free(bytes);
	aqi_planes_free(planes);
	aqi_forest_free(forest);
}

/* Where the planes of the next call will be. */
static __attribute__((noinline)) void
soil_stack(int byte)
{
	volatile char soil[600000];

	for (size_t i = 0; i < sizeof soil; i++)
		soil[i] = (char)byte;
}

/* Sealed again, so that the contents alone are to be judged: what is taken
 * predicts finite numbers, by all kernels, and the same ones again. */
static void
judge(char *bytes, size_t size, const struct aqi_forest *forest, bool soils,
      size_t *n_bad)
{
	static double x[300 * 2], y[300 * 2], again[300 * 2];
	struct aqi_planes *planes;

	aqi_block_finish(bytes);
	planes = adopt(bytes, size, forest);
	for (size_t i = 0; x[0] == 0 && i < sizeof x / sizeof *x; i++)
		x[i] = some_input();
	for (size_t k = 0; planes && k < aqi_planes_n_kernels; k++) {
		const struct aqi_planes_kernel *kernel = &aqi_planes_kernels[k];

		if (!aqi_planes_has_kernel(kernel->name))
			continue;
		planes->kernel = kernel;
		aqi_planes_predict(planes, x, 300, y);
		for (size_t i = 0; i < 600; i++)
			*n_bad += isfinite(y[i]) ? 0 : 1;
		if (soils) {
			soil_stack(0x5b);
			aqi_planes_predict(planes, x, 300, again);
			*n_bad += memcmp(y, again, sizeof y) != 0;
		}
	}
	aqi_planes_free(planes);
}

static void
test_contents(bool is_wide)
{
	struct aqi_forest *forest;
	struct aqi_planes *planes;
	struct aqi_slice block;
	size_t n_bad = 0;
	char *bytes;

	plan.is_wide = is_wide;
	forest = plant_as(&plan);
	planes = make_planes(forest, NULL);
	block = aqi_planes_bytes(planes);
	bytes = copy(block);
	for (size_t i = sizeof(struct aqi_block_seal); i < block.size; i++) {
		static const unsigned char odd[] = {0, 0xff, 0x80};

		for (size_t k = 0; k < sizeof odd; k++) {
			bytes[i] = (char)odd[k];
			judge(bytes, block.size, forest, k + i % 32 == 0,
			      &n_bad);
		}
		bytes[i] = (char)(block.data[i] ^ 1 << i % 8);
		judge(bytes, block.size, forest, i % 32 == 1, &n_bad);
		bytes[i] = block.data[i];
	}
	ok(n_bad == 0, is_wide ? "so does a wide one" :
	   "a block with any byte changed is refused, or predicts finite "
	   "numbers");
	free(bytes);
	aqi_planes_free(planes);
	aqi_forest_free(forest);
}

/* A set whose member is a key of a column that is filled behind it. */
static void
test_sets(void)
{
	static const double members[] = {1, 2};
	const struct aqi_forest_shape shape = {
		.n_inputs = 2, .n_margins = 1, .link = AQI_LINK_PLAIN,
	};
	struct aqi_tree_node nodes[] = {
		{.left = 1, .right = 2, .has_set = true, .set = members,
		 .n_set = 2, .rule = AQI_VIEW_CATEGORY},
		{.is_leaf = true, .value = 1},
		{.is_leaf = true, .value = 2},
	};
	const struct aqi_tree tree = {.nodes = nodes, .n_nodes = 3};
	struct aqi_error err;
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest;
	struct aqi_planes *planes, *adopted;
	struct aqi_slice block;
	uint16_t *code;
	char *bytes;

	add_tree(b, &tree);
	nodes[0] = (struct aqi_tree_node){
		.left = 1, .right = 2, .input = 1, .value = 0.5,
	};
	add_tree(b, &tree);
	forest = aqi_forest_builder_finish(b, &err);
	aqi_forest_builder_free(b);
	planes = make_planes(forest, NULL);
	block = aqi_planes_bytes(planes);
	bytes = copy(block);
	code = (uint16_t *)(void *)(bytes + ((const char *)planes->code -
					     block.data));
	for (size_t k = 0; k < planes->columns[1].n_keys; k++)
		code[planes->sets[0].code] =
			(uint16_t)(8 * (planes->columns[1].first + 1 + k));
	aqi_block_finish(bytes);
	adopted = adopt(bytes, block.size, forest);
	ok(planes->columns[0].n_sets == 1 && planes->columns[1].n_keys == 1 &&
	   !adopted, "a set with a key of another column is refused");
	aqi_planes_free(adopted);
	free(bytes);
	aqi_planes_free(planes);
	aqi_forest_free(forest);
}

/* Under a seal that holds. */
static void
test_header(const struct aqi_forest *forest, const struct aqi_planes *planes)
{
	const struct aqi_slice block = aqi_planes_bytes(planes);
	const size_t bases = (size_t)((const char *)planes->bases - block.data);
	const double infinite = (double)INFINITY;
	char *bytes = aqi_block_new(&aqi_planes_block_kind, AQI_BLOCK_ALIGN);
	struct aqi_planes *adopted;
	struct aqi_error err;

	aqi_block_finish(bytes);
	adopted = aqi_planes_adopt((struct aqi_slice){bytes, AQI_BLOCK_ALIGN},
				   forest, NULL, &err);
	ok(!adopted && strstr(err.reason, " is cut short"),
	   "less than a header is refused");
	free(bytes);
	bytes = copy(block);
	memcpy(bytes + bases, &infinite, sizeof infinite);
	aqi_block_finish(bytes);
	adopted = aqi_planes_adopt((struct aqi_slice){bytes, block.size},
				   forest, NULL, &err);
	ok(!adopted && strstr(err.reason, "a number is not finite"),
	   "and a base that is infinite");
	free(bytes);
}

static void
test_others(void)
{
	struct aqi_forest *forest, *other;
	struct aqi_planes *planes, *adopted;
	struct aqi_slice block;

	plan.is_wide = false;
	forest = plant_as(&plan);
	plan.n_trees++;
	other = plant_as(&plan);
	planes = make_planes(forest, NULL);
	block = aqi_planes_bytes(planes);
	adopted = adopt((char *)(uintptr_t)block.data, block.size, other);
	ok(!adopted, "a layout of another forest is refused where it shows");
	aqi_planes_free(adopted);
	block = aqi_forest_bytes(forest);
	adopted = adopt((char *)(uintptr_t)block.data, block.size, forest);
	ok(!adopted, "a block that is a forest is no layout");
	aqi_planes_free(adopted);
	test_header(forest, planes);
	aqi_planes_free(planes);
	aqi_forest_free(forest);
	aqi_forest_free(other);
}

int
main(void)
{
	start_random();
	test_own();
	n_values = 16;
	test_seal();
	test_contents(false);
	test_contents(true);
	test_sets();
	test_others();
	return done();
}
