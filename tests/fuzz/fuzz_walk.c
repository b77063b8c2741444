/*
 * A forest's prediction against a naive walk over the nodes that it was made
 * of. Every input makes one: its bytes are nodes, then rows.
 */
#include <math.h>

#include "fuzz.h"
#include "model/forest.h"
#include "model/forest_builder.h"

#define MAX_TREES 8
#define MAX_NODES 127
#define N_INPUTS 5
#define N_ROWS 16

struct tree {
	struct aqi_tree_node nodes[MAX_NODES];
	size_t n;
};

struct bytes {
	const uint8_t *data;
	size_t size;
};

static unsigned
take(struct bytes *in)
{
	return input_byte(&in->data, &in->size);
}

/* Numbers where comparisons turn, so that rows meet thresholds; or any bits. */
static float
take_float(struct bytes *in)
{
	static const float few[] = {
		0, -0.0f, 1, -1, 0.5f, 1.5f, 0x1p-149f, -0x1p-149f, 0x1p-126f,
		3e38f, -3e38f, 16777216, 16777218, 0.1f, 1e-20f, 7
	};
	unsigned kind = take(in);
	uint32_t bits = 0;
	float x;

	if (kind < 192)
		return few[kind % 16];
	for (int i = 0; i < 4; i++)
		bits = bits << 8 | take(in);
	memcpy(&x, &bits, sizeof x);
	return x;
}

static float
take_finite(struct bytes *in, float most)
{
	float x = take_float(in);

	return isfinite(x) && fabsf(x) <= most ? x : 2;
}

/* A node and all below it, at the end of the array; where it is. The sides are
 * made in either order, so that files of both are met. */
static int64_t
grow(struct tree *tree, struct bytes *in, int depth)
{
	size_t at = tree->n++;
	unsigned byte = take(in);
	struct aqi_tree_node node = {
		.is_leaf = byte % 3 == 0 || depth == 6 || in->size == 0,
		.default_left = byte & 64,
		.input = byte % N_INPUTS,
	};

	node.value = (double)take_finite(in, node.is_leaf ? 1e36f : INFINITY);
	if (!node.is_leaf && (byte & 128)) {
		node.left = grow(tree, in, depth + 1);
		node.right = grow(tree, in, depth + 1);
	} else if (!node.is_leaf) {
		node.right = grow(tree, in, depth + 1);
		node.left = grow(tree, in, depth + 1);
	}
	tree->nodes[at] = node;
	return (int64_t)at;
}

static size_t
walk(const struct tree *tree, const double *x)
{
	size_t i = 0;

	while (!tree->nodes[i].is_leaf) {
		const struct aqi_tree_node *node = &tree->nodes[i];
		double value = x[node->input];
		bool left = isnan(value) ? node->default_left :
					   value < node->value;

		i = (size_t)(left ? node->left : node->right);
	}
	return i;
}

static void
check_rows(const struct aqi_forest *forest, const struct tree *trees,
	   size_t n_trees, double base, struct bytes *in)
{
	double x[N_ROWS][N_INPUTS], margins[N_ROWS], sum;
	uint32_t leaves[MAX_TREES];

	for (int r = 0; r < N_ROWS; r++)
		for (int i = 0; i < N_INPUTS; i++)
			x[r][i] = (double)take_float(in);
	aqi_forest_predict(forest, x[0], N_ROWS, margins);
	for (int r = 0; r < N_ROWS; r++) {
		sum = base;
		aqi_forest_leaves(forest, x[r], leaves);
		for (size_t t = 0; t < n_trees; t++) {
			size_t leaf = walk(&trees[t], x[r]);

			CHECK(leaves[t] == leaf);
			sum = (double)((float)sum +
				       (float)trees[t].nodes[leaf].value);
		}
		CHECK(memcmp(&sum, &margins[r], sizeof sum) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, size};
	size_t n_trees = take(&in) % MAX_TREES + 1;
	const double base = (double)take_finite(&in, 1e36f);
	const struct aqi_forest_shape shape = {
		.n_inputs = N_INPUTS, .n_margins = 1, .bases = &base,
		.link = AQI_LINK_PLAIN,
	};
	static struct tree trees[MAX_TREES];
	struct aqi_error err;
	struct aqi_forest_builder *builder = aqi_forest_builder_new(&shape,
								    &err);
	struct aqi_forest *forest;

	CHECK(builder);
	for (size_t t = 0; t < n_trees; t++) {
		trees[t].n = 0;
		grow(&trees[t], &in, 0);
		CHECK(aqi_forest_builder_add(builder, &(struct aqi_tree){
			.nodes = trees[t].nodes, .n_nodes = trees[t].n,
		}, &err) == AQI_OK);
	}
	forest = aqi_forest_builder_finish(builder, &err);
	CHECK(forest);
	check_rows(forest, trees, n_trees, base, &in);
	aqi_forest_free(forest);
	aqi_forest_builder_free(builder);
	return 0;
}
