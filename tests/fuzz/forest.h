/* forest.h: what is true of any forest that was read. */
#ifndef AQI_TESTS_FUZZ_FOREST_H
#define AQI_TESTS_FUZZ_FOREST_H

#include <math.h>

#include "fuzz.h"
#include "model/forest.h"
#include "model/forest_block.h"

/* What a format knows of it besides: of one sample, its margins and leaves. */
typedef void check_more_fn(const void *file, const struct aqi_forest *forest,
			   const double *x, const double *margin,
			   const uint32_t *leaves);

static uint32_t
walk_block(const struct aqi_forest *f, uint32_t i, const double *x)
{
	const struct aqi_forest_node *node = &f->nodes[i];

	if (node->left == 0)
		return i;
	return walk_block(f, node->left + !aqi_forest_goes_left(f, node,
			  aqi_forest_look(f, node->test & AQI_FOREST_VIEW, x)),
			  x);
}

static void
check_block(const struct aqi_forest *f, const double *x, const uint32_t *leaves)
{
	for (size_t t = 0; t < aqi_forest_trees(f); t++)
		if (!(f->targets[t] & AQI_FOREST_REPEATS))
			CHECK(f->ids[walk_block(f, f->roots[t], x)] ==
			      *leaves++);
}

/* Row k: three that are fixed, then floats of the input's own bytes. */
static void
fill(double *x, size_t n, int k, const uint8_t *data, size_t size)
{
	static const double fixed[] = {0, (double)NAN, (double)-INFINITY};
	float value;

	for (size_t i = 0; i < n; i++) {
		size_t at = size < 4 ? 0 : (i * 4 + (size_t)k) % (size - 3);

		x[i] = k < 3 ? fixed[k] : (double)i;
		if (k >= 3 && size >= 4) {
			memcpy(&value, data + at, sizeof value);
			x[i] = (double)value;
		}
	}
}

/* Finite, unless a leaf is a function of the inputs. */
static void
check_margins(const struct aqi_forest *forest, const double *margin,
	      const double *again)
{
	struct aqi_forest_shape shape = aqi_forest_shape(forest);
	size_t n_outputs = aqi_link_outputs(&shape.link, shape.n_margins);
	double *out = calloc(shape.n_margins + n_outputs, sizeof *out);

	CHECK(out && n_outputs >= 1);
	for (size_t k = 0; k < shape.n_margins; k++)
		CHECK(forest->linears || isfinite(margin[k]));
	CHECK(memcmp(margin, again, shape.n_margins * sizeof *margin) == 0);
	aqi_link_apply(&shape.link, margin, shape.n_margins, 1, out);
	if (shape.n_margins == 1 && !forest->linears)
		CHECK(!isnan(out[0]));
	free(out);
}

/* more may be NULL. */
static void
check_forest(const struct aqi_forest *forest, const uint8_t *data, size_t size,
	     check_more_fn *more, const void *file)
{
	struct aqi_forest_shape shape = aqi_forest_shape(forest);
	double *x = calloc(shape.n_inputs, sizeof *x);
	double *margin = calloc(shape.n_margins, 2 * sizeof *margin);
	double *again = margin + shape.n_margins;
	uint32_t *leaves = calloc(aqi_forest_trees(forest) + 1, sizeof *leaves);
	struct aqi_error err;
	struct aqi_forest *copy = aqi_forest_copy(aqi_forest_bytes(forest),
						  &err);

	CHECK(x && margin && leaves && copy);
	for (int k = 0; k < 6; k++) {
		fill(x, shape.n_inputs, k, data, size);
		aqi_forest_predict(forest, x, 1, margin);
		aqi_forest_predict(copy, x, 1, again);
		aqi_forest_leaves(forest, x, leaves);
		check_margins(forest, margin, again);
		check_block(forest, x, leaves);
		if (more)
			more(file, forest, x, margin, leaves);
	}
	aqi_forest_free(copy);
	free(leaves);
	free(margin);
	free(x);
}

#endif
