/*
 * All ways to evaluate a forest against the forest itself, and their layouts
 * with bytes changed. Every input makes a forest: its bytes are flags, nodes,
 * then changes of a layout: each two bytes for its place, and one to put there.
 * A layout that passes its door predicts finite numbers, whatever it says.
 */
#include <math.h>

#include "fuzz.h"
#include "model/block.h"
#include "model/forest.h"
#include "model/forest_builder.h"
#include "model/measure.h"
#include "model/ways.h"

#define MAX_TREES 20
#define MAX_NODES 127
#define N_INPUTS 3
#define N_ROWS 33
#define MAX_MARGINS 3

struct bytes {
	const uint8_t *data;
	size_t size;
};

enum { IS_WIDE = 1, HAS_RULES = 2, HAS_SETS = 4 };

static unsigned
take(struct bytes *in)
{
	return input_byte(&in->data, &in->size);
}

static double
some_number(unsigned byte)
{
	static const double few[] = {
		0, -0.0, 1, -1, 2, 3, 0.5, 1e-35, -1e-36, 0x1p-149, 1e30,
		16777217, 1.0000000000000002, 4, 5, 6
	};

	return few[byte % 16] + (double)(byte / 16);
}

static void
take_node(struct bytes *in, unsigned flags, struct aqi_tree_node *node)
{
	static const double members[] = {0, 1, 2, 3, 5, 8};
	const unsigned byte = take(in);

	*node = (struct aqi_tree_node){
		.is_leaf = byte % 3 == 0,
		.default_left = byte & 128,
		.input = byte % N_INPUTS,
		.value = some_number(take(in)),
	};
	if (!(flags & IS_WIDE))
		node->value = (double)(float)node->value;
	if (node->is_leaf)
		return;
	if (flags & HAS_RULES)
		node->rule = byte / 3 % (AQI_VIEW_LAST + 1);
	node->has_set = flags & HAS_SETS && byte & 64;
	if (node->has_set) {
		node->set = members;
		node->n_set = byte / 8 % 6;
	}
}

/* Breadth first, as long as there are bytes. */
static void
add_tree(struct aqi_forest_builder *builder, struct bytes *in, unsigned flags,
	 size_t n_margins)
{
	struct aqi_tree_node nodes[MAX_NODES];
	struct aqi_tree tree = {.nodes = nodes, .n_nodes = 1};
	struct aqi_error err;

	tree.target = take(in) % n_margins;
	for (size_t i = 0; i < tree.n_nodes; i++) {
		take_node(in, flags, &nodes[i]);
		nodes[i].is_leaf |= in->size == 0 ||
				    tree.n_nodes + 2 > MAX_NODES;
		if (nodes[i].is_leaf) {
			nodes[i] = (struct aqi_tree_node){
				.is_leaf = true, .value = nodes[i].value};
			continue;
		}
		nodes[i].left = (int64_t)tree.n_nodes++;
		nodes[i].right = (int64_t)tree.n_nodes++;
	}
	CHECK(aqi_forest_builder_add(builder, &tree, &err) == AQI_OK);
}

static struct aqi_forest *
take_forest(struct bytes *in)
{
	const unsigned flags = take(in), more = take(in);
	const size_t n_trees = more % MAX_TREES;
	const double bases[MAX_MARGINS] = {-0.0, 0.5, 3};
	const struct aqi_forest_shape shape = {
		.is_wide = flags & IS_WIDE, .n_inputs = N_INPUTS,
		.n_margins = 1 + flags / 8 % MAX_MARGINS, .bases = bases,
		.link = AQI_LINK_PLAIN,
	};
	struct aqi_error err;
	struct aqi_forest_builder *builder = aqi_forest_builder_new(&shape,
								    &err);
	struct aqi_forest *forest;

	CHECK(builder);
	for (size_t t = 0; t < n_trees; t++)
		add_tree(builder, in, flags, shape.n_margins);
	forest = aqi_forest_builder_finish(builder, &err);
	CHECK(forest);
	aqi_forest_builder_free(builder);
	return forest;
}

static bool
are_finite(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

/* The layout upon a copy of its block with some bytes changed. */
static void
change(const struct aqi_way *way, const struct aqi_forest *forest,
       struct aqi_slice block, struct bytes in, const double *x)
{
	const size_t n_margins = aqi_forest_shape(forest).n_margins;
	const size_t seal = sizeof(struct aqi_block_seal);
	char *copy = aqi_block_alloc(block.size);
	double margins[N_ROWS * MAX_MARGINS];
	struct aqi_error err;
	void *layout;

	CHECK(copy);
	memcpy(copy, block.data, block.size);
	while (in.size >= 3) {
		const size_t at = take(&in) << 8 | take(&in);

		copy[seal + at % (block.size - seal)] = (char)take(&in);
	}
	aqi_block_finish(copy);
	layout = way->method->adopt((struct aqi_slice){copy, block.size},
				    forest, way->kernel, &err);
	CHECK(layout || err.code == AQI_E_MODEL);
	if (layout) {
		way->method->predict(layout, x, N_ROWS, margins);
		CHECK(are_finite(margins, N_ROWS * n_margins));
		way->method->free(layout);
	}
	free(copy);
}

static void
try_way(const struct aqi_way *way, const struct aqi_forest *forest,
	struct bytes in, const double *x, const double *right)
{
	static const size_t some_rows[] = {1, 16, N_ROWS};
	const size_t n_margins = aqi_forest_shape(forest).n_margins;
	double margins[N_ROWS * MAX_MARGINS];
	struct aqi_error err;
	void *layout;

	CHECK(way->method->make(forest, way->kernel, &layout, &err) == AQI_OK);
	if (!layout)
		return;
	for (size_t i = 0; i < sizeof some_rows / sizeof *some_rows; i++) {
		way->method->predict(layout, x, some_rows[i], margins);
		CHECK(memcmp(margins, right, some_rows[i] * n_margins *
			     sizeof *margins) == 0);
	}
	change(way, forest, way->method->bytes(layout), in, x);
	way->method->free(layout);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, size};
	struct aqi_forest *forest = take_forest(&in);
	double x[N_ROWS * N_INPUTS], right[N_ROWS * MAX_MARGINS];
	struct aqi_measure measure;
	struct aqi_error err;

	for (size_t i = 0; i < N_ROWS * N_INPUTS; i++) {
		const unsigned byte = (size ? data[i * 7 % size] : 0u) +
				      (unsigned)i % 5;

		x[i] = byte % 11 == 0 ? (double)NAN : some_number(byte % 256);
	}
	aqi_forest_predict(forest, x, N_ROWS, right);
	CHECK(aqi_measure_take(forest, &measure, &err) == AQI_OK);
	for (size_t w = 0; w < AQI_WAYS; w++) {
		const struct aqi_way *way = &aqi_ways[w];

		CHECK(way->cost(&measure, 1) >= 0);
		if (way->method && !way->method->unfit(&measure) &&
		    (!way->method->has_kernel ||
		     way->method->has_kernel(way->kernel)))
			try_way(way, forest, in, x, right);
	}
	aqi_forest_free(forest);
	return 0;
}
