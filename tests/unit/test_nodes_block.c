/* Layouts of nodes that anybody may have written, at the door. */
#include "model/nodes.h"

#include <math.h>

#include "model/block.h"
#include "model/nodes_kernel.h"
#include "plant.h"
#include "tap.h"

enum { N_ROWS = 8, N_MARGINS = 2, MOST_INPUTS = 24 };

static const char *const kernels[] = {"portable", "avx2", "avx512"};

#define N_KERNELS (sizeof kernels / sizeof *kernels)

static double x[N_ROWS * MOST_INPUTS];

static struct aqi_nodes *
adopt(char *bytes, size_t size, const struct aqi_forest *forest,
      const char *kernel)
{
	struct aqi_error err = {0};
	struct aqi_nodes *nodes = aqi_nodes_adopt(
		(struct aqi_slice){bytes, size}, forest, kernel, &err);

	if (!nodes && err.code != AQI_E_MODEL)
		abort();
	return nodes;
}

/* Sealed again, so that the contents alone are to be judged: what is taken
 * predicts finite numbers, and the same by all kernels. */
static bool
judge(char *bytes, size_t size, const struct aqi_forest *forest, size_t *n_bad)
{
	double first[N_ROWS * N_MARGINS], y[N_ROWS * N_MARGINS];
	bool is_taken = false;

	aqi_block_finish(bytes);
	for (size_t k = 0; k < N_KERNELS; k++) {
		struct aqi_nodes *nodes;

		if (!aqi_nodes_has_kernel(kernels[k]))
			continue;
		nodes = adopt(bytes, size, forest, kernels[k]);
		if (!nodes)
			break;
		is_taken = true;
		aqi_nodes_predict(nodes, x, N_ROWS, k == 0 ? first : y);
		if (k > 0)
			*n_bad += count_different(first, y,
						  N_ROWS * N_MARGINS);
		for (size_t i = 0; i < N_ROWS * N_MARGINS; i++)
			*n_bad += isfinite(first[i]) ? 0 : 1;
		aqi_nodes_free(nodes);
	}
	return is_taken;
}

/* The trees of a plan, with each byte of their block changed in some way. */
static void
test_changes(const struct plan *plan, const char *what)
{
	struct aqi_forest *forest = plant_as(plan);
	struct aqi_nodes *nodes;
	struct aqi_error err;
	struct aqi_slice block;
	size_t n_bad = 0, n_taken = 0;
	char *bytes;

	if (aqi_nodes_new(forest, "portable", &nodes, &err) != AQI_OK || !nodes)
		abort();
	block = aqi_nodes_bytes(nodes);
	bytes = aqi_block_alloc(block.size);
	memcpy(bytes, block.data, block.size);
	for (size_t i = sizeof(struct aqi_block_seal); i < block.size; i++) {
		bytes[i] = (char)(i % 3 == 0 ? 0x80 : i % 3 == 1 ? 0xff :
				  block.data[i] ^ 1 << i % 8);
		n_taken += judge(bytes, block.size, forest, &n_bad);
		bytes[i] = block.data[i];
	}
	ok(n_bad == 0, "%s with any byte changed is refused, or predicts "
	   "finite numbers, the same by each kernel", what);
	ok(n_taken > block.size / 40, "%s: some are not refused", what);
	free(bytes);
	aqi_nodes_free(nodes);
	aqi_forest_free(forest);
}

int
main(void)
{
	const struct plan shallow = {
		.n_trees = 2, .depth = 4, .n_inputs = 3, .rare = 6,
		.n_margins = N_MARGINS,
	};
	struct plan plan = shallow;

	start_random();
	n_values = 16;
	for (size_t i = 0; i < N_ROWS * MOST_INPUTS; i++)
		x[i] = some_input();
	test_changes(&shallow, "a shallow forest");
	plan.depth = 6;
	test_changes(&plan, "one of six levels");
	plan.n_inputs = MOST_INPUTS;
	plan.is_wide = true;
	test_changes(&plan, "one of many inputs");
	plan = shallow;
	plan.depth = AQI_NODES_DEPTH;
	test_changes(&plan, "a deep one");
	return done();
}
