#include "model/forest.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "model/forest_block.h"

/* Sums in wider registers (387) would differ from XGBoost's in the last bit. */
_Static_assert(FLT_EVAL_METHOD == 0, "build with -msse2 -mfpmath=sse");

/* The door. */

/*
 * One tree, nodes [start, end): in breadth-first order each inner node's
 * children take the next two places, so that `next` tells which index must
 * stand there. When all places are taken, each node but the root has one
 * parent before it. Returns whether it is so.
 */
static bool
check_tree(const struct aqi_forest *f, uint32_t start, uint32_t end,
	   double *largest)
{
	uint32_t next = start + 1;
	float leaf = 0;

	for (uint32_t i = start; i < end; i++) {
		const struct aqi_forest_node *node = &f->nodes[i];

		if (i >= next || !isfinite(node->value))
			return false;
		if (node->left == 0) {
			if (fabsf(node->value) > leaf)
				leaf = fabsf(node->value);
			continue;
		}
		if (node->left != next || end - next < 2 ||
		    (node->input & ~AQI_FOREST_DEFAULT_LEFT) >=
			    f->header->n_inputs)
			return false;
		next += 2;
	}
	*largest += (double)leaf;
	return next == end;
}

static bool
check_trees(const struct aqi_forest *f)
{
	const uint64_t n_trees = f->header->n_trees;
	double largest = fabs((double)f->header->base);

	if (f->roots[0] != 0 || f->roots[n_trees] != f->header->n_nodes)
		return false;
	for (uint64_t t = 0; t < n_trees; t++)
		if (f->roots[t] >= f->roots[t + 1] ||
		    f->roots[t + 1] > f->header->n_nodes ||
		    !check_tree(f, f->roots[t], f->roots[t + 1], &largest))
			return false;
	return aqi_forest_block_is_bounded(largest);
}

struct aqi_forest *
aqi_forest_adopt(struct aqi_slice block, struct aqi_error *err)
{
	const char *fault = aqi_forest_block_check(block);
	struct aqi_forest *forest;

	if (fault) {
		aqi_error_set(err, AQI_E_MODEL, "%s", fault);
		return NULL;
	}
	forest = aqi_forest_block_view(block.data, NULL, err);
	if (forest && !check_trees(forest)) {
		aqi_error_set(err, AQI_E_MODEL, "damaged: a tree is not one");
		aqi_forest_free(forest);
		return NULL;
	}
	return forest;
}

struct aqi_forest *
aqi_forest_copy(struct aqi_slice block, struct aqi_error *err)
{
	struct aqi_forest *forest;
	char *copy = aqi_forest_block_alloc(block.size + 1);

	if (!copy) {
		aqi_error_memory(err);
		return NULL;
	}
	if (block.size > 0)
		memcpy(copy, block.data, block.size);
	forest = aqi_forest_adopt((struct aqi_slice){copy, block.size}, err);
	if (forest)
		forest->owned = copy;
	else
		free(copy);
	return forest;
}

bool
aqi_forest_is_block(struct aqi_slice bytes)
{
	return aqi_forest_block_is_begun(bytes);
}

void
aqi_forest_free(struct aqi_forest *forest)
{
	if (!forest)
		return;
	free(forest->owned);
	free(forest);
}

/* Use. */

struct aqi_slice
aqi_forest_bytes(const struct aqi_forest *forest)
{
	return (struct aqi_slice){(const char *)forest->header,
				  forest->header->size};
}

struct aqi_forest_shape
aqi_forest_shape(const struct aqi_forest *forest)
{
	return (struct aqi_forest_shape){
		.base = forest->header->base,
		.link = (enum aqi_link)forest->header->link,
		.n_inputs = forest->header->n_inputs,
	};
}

size_t
aqi_forest_trees(const struct aqi_forest *forest)
{
	return forest->header->n_trees;
}

size_t
aqi_forest_nodes(const struct aqi_forest *forest)
{
	return forest->header->n_nodes;
}

static uint32_t
find_leaf(const struct aqi_forest_node *nodes, uint32_t root, const float *x)
{
	uint32_t at = root;

	while (nodes[at].left != 0) {
		const struct aqi_forest_node *node = &nodes[at];
		float value = x[node->input & ~AQI_FOREST_DEFAULT_LEFT];
		bool goes_left = isnan(value) ?
				 (node->input & AQI_FOREST_DEFAULT_LEFT) != 0 :
				 value < node->value;

		at = node->left + !goes_left;
	}
	return at;
}

void
aqi_forest_predict(const struct aqi_forest *forest, const float *x,
		   size_t n_rows, float *margin)
{
	const size_t n_inputs = forest->header->n_inputs;
	const size_t n_trees = forest->header->n_trees;
	const struct aqi_forest_node *nodes = forest->nodes;

	for (size_t i = 0; i < n_rows; i++, x += n_inputs) {
		float sum = forest->header->base;

		for (size_t t = 0; t < n_trees; t++)
			sum += nodes[find_leaf(nodes, forest->roots[t],
					       x)].value;
		margin[i] = sum;
	}
}

void
aqi_forest_leaves(const struct aqi_forest *forest, const float *x,
		  uint32_t *leaf)
{
	for (size_t t = 0; t < forest->header->n_trees; t++)
		leaf[t] = forest->ids[find_leaf(forest->nodes,
						forest->roots[t], x)];
}

/* XGBoost's: far below zero it stops where expf would overflow. */
static float
logistic(float x)
{
	return 1.0f / (1.0f + expf(fminf(-x, 88.7f)));
}

void
aqi_forest_link(const struct aqi_forest *forest, float *y, size_t n)
{
	switch ((enum aqi_link)forest->header->link) {
	case AQI_LINK_IDENTITY:
		return;
	case AQI_LINK_EXP:
		for (size_t i = 0; i < n; i++)
			y[i] = expf(y[i]);
		return;
	case AQI_LINK_LOGISTIC:
		for (size_t i = 0; i < n; i++)
			y[i] = logistic(y[i]);
		return;
	}
}
