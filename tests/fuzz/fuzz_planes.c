/*
 * The kernels of planes against the forest itself. Every input makes a forest:
 * its bytes are flags, nodes, then rows. The layout's block is adopted, too.
 */
#include <math.h>

#include "fuzz.h"
#include "model/forest.h"
#include "model/forest_builder.h"
#include "model/planes.h"

#define MAX_TREES 12
#define MAX_NODES 255
#define N_INPUTS 3
#define MAX_ROWS 600

struct bytes {
	const uint8_t *data;
	size_t size;
};

static unsigned
take(struct bytes *in)
{
	return input_byte(&in->data, &in->size);
}

/* Where comparisons turn, and what is beside. */
static double
some_number(unsigned byte)
{
	static const double few[] = {
		0, -0.0, 1, -1, 2, 3, 0.5, 1e-35, -1e-36, 0x1p-149, 1e30,
		16777217, 1.0000000000000002, 4, 5, 6
	};

	return few[byte % 16] + (double)(byte / 16 % 8);
}

static struct aqi_tree_node
some_node(struct bytes *in, unsigned flags, bool is_leaf)
{
	static const double members[] = {0, 1, 2, 3, 5, 8, 0.5, -1};
	const unsigned byte = take(in);
	struct aqi_tree_node node = {
		.is_leaf = is_leaf,
		.value = some_number(byte),
		.default_left = byte & 128,
	};

	if (is_leaf) {
		node.value = ldexp(node.value, (int)(byte % 7)) / 3;
		node.value = flags & 1 ? node.value :
			     (double)(float)node.value;
		return node;
	}
	node.value = flags & 1 ? node.value : (double)(float)node.value;
	node.input = (int64_t)(byte / 8 % N_INPUTS);
	node.rule = flags & 2 ? (enum aqi_view_rule)
				(take(in) % (AQI_VIEW_LAST + 1)) : 0;
	node.has_set = flags & 4 && byte & 64;
	if (node.has_set) {
		node.n_set = take(in) % 8;
		node.set = members + take(in) % (9 - node.n_set);
	}
	return node;
}

/* Breadth first, until the bytes have no more splits. */
static void
add_tree(struct aqi_forest_builder *builder, struct bytes *in, unsigned flags,
	 size_t n_margins)
{
	struct aqi_tree_node nodes[MAX_NODES];
	struct aqi_tree tree = {.nodes = nodes};
	struct aqi_error err;
	size_t n = 1;

	tree.target = take(in) % n_margins;
	for (size_t i = 0; i < n; i++) {
		const bool is_leaf = n + 2 > MAX_NODES || in->size == 0 ||
				     take(in) % 3 == 0;

		nodes[i] = some_node(in, flags, is_leaf);
		if (is_leaf)
			continue;
		nodes[i].left = (int64_t)n++;
		nodes[i].right = (int64_t)n++;
	}
	tree.n_nodes = n;
	CHECK(aqi_forest_builder_add(builder, &tree, &err) == AQI_OK);
}

static struct aqi_forest *
make_forest(struct bytes *in, size_t n_margins)
{
	static const double bases[] = {-0.0, 0.5, 1e6, 3};
	const unsigned flags = take(in);
	const struct aqi_forest_shape shape = {
		.is_wide = flags & 1, .n_inputs = N_INPUTS,
		.n_margins = n_margins, .bases = bases,
		.link = AQI_LINK_PLAIN,
	};
	const size_t n_trees = 1 + take(in) % MAX_TREES;
	struct aqi_error err;
	struct aqi_forest_builder *builder = aqi_forest_builder_new(&shape,
								    &err);
	struct aqi_forest *forest;

	CHECK(builder);
	for (size_t t = 0; t < n_trees; t++)
		add_tree(builder, in, flags, n_margins);
	forest = aqi_forest_builder_finish(builder, &err);
	CHECK(forest);
	aqi_forest_builder_free(builder);
	return forest;
}

/* Often around a word of rows, and now and then several blocks: those take as
 * long as all else. */
static size_t
some_rows(unsigned byte)
{
	return 1 + (byte < 224 ? byte % 67 : byte * 7 % MAX_ROWS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static double x[MAX_ROWS * N_INPUTS], right[MAX_ROWS * 4];
	static double ours[MAX_ROWS * 4];
	struct bytes in = {data, size};
	const size_t n_margins = 1 + take(&in) % 4;
	const size_t n_rows = some_rows(take(&in));
	struct aqi_forest *forest = make_forest(&in, n_margins);
	struct aqi_error err;
	struct aqi_planes *planes, *adopted;

	for (size_t i = 0; i < n_rows * N_INPUTS; i++) {
		const unsigned byte = (size ? data[(i * 31) % size] : 0) +
				      (unsigned)(i % 7);

		x[i] = byte % 11 == 0 ? (double)NAN : some_number(byte);
	}
	aqi_forest_predict(forest, x, n_rows, right);
	CHECK(aqi_planes_new(forest, NULL, &planes, &err) == AQI_OK && planes);
	for (size_t k = 0; aqi_planes_kernel_at(k); k++) {
		const char *kernel = aqi_planes_kernel_at(k);

		if (!aqi_planes_has_kernel(kernel))
			continue;
		adopted = aqi_planes_adopt(aqi_planes_bytes(planes), forest,
					   kernel, &err);
		CHECK(adopted);
		aqi_planes_predict(adopted, x, n_rows, ours);
		CHECK(memcmp(ours, right,
			     n_rows * n_margins * sizeof *ours) == 0);
		aqi_planes_free(adopted);
	}
	aqi_planes_free(planes);
	aqi_forest_free(forest);
	return 0;
}
