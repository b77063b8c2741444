#include "model/planes.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/processor.h"
#include "model/forest.h"
#include "model/planes_block.h"
#include "model/planes_build.h"
#include "model/planes_kernel.h"

/*
 * The best first. Those of AVX-512 take few rows by the vectors of AVX2, which
 * every processor that has the one has: planes of 64 rows are made in words of
 * 64 bits, and what follows is little.
 */
const struct aqi_planes_kernel aqi_planes_kernels[] = {
	{"avx512-vbmi", aqi_planes_avx512_vbmi, aqi_planes_avx2_few, 512, 192},
	{"avx512", aqi_planes_avx512, aqi_planes_avx2_few, 512, 192},
	{"avx2", aqi_planes_avx2, aqi_planes_avx2_few, 256, 128},
	{"portable", aqi_planes_portable, aqi_planes_portable_few, 128, 64},
};

const size_t aqi_planes_n_kernels =
	sizeof aqi_planes_kernels / sizeof *aqi_planes_kernels;

const char *
aqi_planes_kernel_at(size_t k)
{
	return k < aqi_planes_n_kernels ? aqi_planes_kernels[k].name : NULL;
}

bool
aqi_planes_has_kernel(const char *name)
{
	for (size_t k = 0; k < aqi_planes_n_kernels; k++)
		if (strcmp(aqi_planes_kernels[k].name, name) == 0)
			return aqi_processor_has(name);
	return false;
}

/* Count a slot that is filled in segment i, if it is not counted there yet, and
 * was in all before. */
static void
mark(uint32_t *n_filling, size_t slot, uint32_t i)
{
	n_filling[slot] += n_filling[slot] == i;
}

/*
 * The first slot behind the reserved ones that in some segment no column fills:
 * a block that nobody knows may read it all the same.
 */
static size_t
find_spare(const struct aqi_planes *p)
{
	uint32_t n_filling[AQI_PLANES_SLOTS + 1] = {0};	/* segments */
	const struct aqi_planes_column *c = p->columns;
	size_t spare = AQI_PLANES_RESERVED;

	for (uint32_t i = 0; i < p->header->n_segments; i++)
		for (; c < p->columns + p->segments[i].columns_end; c++) {
			for (size_t k = 0; k <= c->n_keys; k++)
				mark(n_filling, c->first + k, i);
			for (size_t k = 0; k < c->n_sets; k++)
				mark(n_filling,
				     p->sets[c->first_set + k].to / 8, i);
		}
	while (spare < p->most_slots &&
	       n_filling[spare] == p->header->n_segments)
		spare++;
	return spare;
}

/* What is not in the block. */
static void
complete(struct aqi_planes *p, const char *kernel)
{
	const struct aqi_planes_kernel *k = aqi_planes_kernels;

	while (kernel ? strcmp(k->name, kernel) != 0 :
	       !aqi_processor_has(k->name))
		k++;
	p->kernel = k;
	p->most_slots = AQI_PLANES_RESERVED;
	for (size_t i = 0; i < p->header->n_segments; i++)
		if (p->segments[i].n_slots > p->most_slots)
			p->most_slots = p->segments[i].n_slots;
	p->first_spare = find_spare(p);
}

enum aqi_status
aqi_planes_new(const struct aqi_forest *forest, const char *kernel,
	       struct aqi_planes **out, struct aqi_error *err)
{
	struct aqi_planes *p = calloc(1, sizeof *p);

	*out = NULL;
	if (!p)
		return aqi_error_memory(err);
	if (aqi_planes_build(forest, p, err) != AQI_OK) {
		free(p);
		return AQI_FATAL;
	}
	if (!p->owned) {
		free(p);
		return AQI_OK;
	}
	complete(p, kernel);
	*out = p;
	return AQI_OK;
}

struct aqi_planes *
aqi_planes_adopt(struct aqi_slice block, const struct aqi_forest *forest,
		 const char *kernel, struct aqi_error *err)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	struct aqi_planes *p = calloc(1, sizeof *p);
	const char *fault;

	if (!p) {
		aqi_error_memory(err);
		return NULL;
	}
	fault = aqi_planes_block_check(block, shape.n_inputs, shape.n_margins,
				       p);
	if (!fault && (p->header->n_trees != aqi_forest_trees(forest) ||
		       p->header->is_wide != shape.is_wide))
		fault = "is of another forest";
	if (!fault) {
		complete(p, kernel);
		return p;
	}
	aqi_error_set(err, AQI_E_MODEL, "the compiled planes %s", fault);
	free(p);
	return NULL;
}

struct aqi_slice
aqi_planes_bytes(const struct aqi_planes *planes)
{
	return (struct aqi_slice){(const char *)planes->header,
				  planes->header->seal.size};
}

/* The rows that fill blocks of many, and then those that are left. */
void
aqi_planes_predict(const struct aqi_planes *p, const double *x, size_t n_rows,
		   double *margin)
{
	const struct aqi_planes_kernel *k = p->kernel;
	const size_t left = n_rows % k->n_many;
	const size_t n_many = left > k->most_few ? n_rows : n_rows - left;

	if (n_many > 0)
		k->many(p, x, n_many, margin);
	if (n_many < n_rows)
		k->few(p, x + n_many * p->header->n_inputs, n_rows - n_many,
		       margin + n_many * p->header->n_margins);
}

const char *
aqi_planes_kernel(const struct aqi_planes *planes)
{
	return planes->kernel->name;
}

void
aqi_planes_free(struct aqi_planes *p)
{
	if (!p)
		return;
	free(p->owned);
	free(p);
}
