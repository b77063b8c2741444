#include "model/ways.h"

#include <math.h>

#include "model/forest.h"
#include "model/measure.h"
#include "model/nodes.h"
#include "model/planes.h"
#include "model/walk.h"

/* All layouts that there are keep numbers, which they add. */
static const char *
unfit_sum(const struct aqi_measure *m)
{
	return !m->is_sum || m->n_linear > 0 ?
	       "more to its leaves than a sum" : NULL;
}

static const char *
unfit_walk(const struct aqi_measure *m)
{
	if (unfit_sum(m))
		return unfit_sum(m);
	if (m->largest > AQI_WALK_LARGEST)
		return "too large a tree";
	return m->n_columns >= AQI_WALK_COLUMNS ? "too many inputs and sets" :
	       NULL;
}

static enum aqi_status
make_walk(const struct aqi_forest *forest, const char *kernel, void **layout,
	  struct aqi_error *err)
{
	struct aqi_walk *walk;
	enum aqi_status status = aqi_walk_new(forest, kernel, &walk, err);

	*layout = walk;
	return status;
}

static void *
adopt_walk(struct aqi_slice block, const struct aqi_forest *forest,
	   const char *kernel, struct aqi_error *err)
{
	return aqi_walk_adopt(block, forest, kernel, err);
}

static struct aqi_slice
bytes_of_walk(const void *layout)
{
	return aqi_walk_bytes(layout);
}

static void
predict_walk(const void *layout, const double *x, size_t n_rows,
	     double *margin)
{
	aqi_walk_predict(layout, x, n_rows, margin);
}

static void
free_walk(void *layout)
{
	aqi_walk_free(layout);
}

static const char *
unfit_nodes(const struct aqi_measure *m)
{
	if (unfit_sum(m))
		return unfit_sum(m);
	if (m->n_sets > 0)
		return "sets of categories";
	if (m->depth > AQI_NODES_DEPTH)
		return "trees deeper than 8";
	if (m->n_cuts > AQI_NODES_CUTS)
		return "more than 255 cuts of an input";
	return m->n_columns > AQI_NODES_COLUMNS ? "too many inputs" : NULL;
}

static enum aqi_status
make_nodes(const struct aqi_forest *forest, const char *kernel, void **layout,
	   struct aqi_error *err)
{
	struct aqi_nodes *nodes;
	enum aqi_status status = aqi_nodes_new(forest, kernel, &nodes, err);

	*layout = nodes;
	return status;
}

static void *
adopt_nodes(struct aqi_slice block, const struct aqi_forest *forest,
	    const char *kernel, struct aqi_error *err)
{
	return aqi_nodes_adopt(block, forest, kernel, err);
}

static struct aqi_slice
bytes_of_nodes(const void *layout)
{
	return aqi_nodes_bytes(layout);
}

static void
predict_nodes(const void *layout, const double *x, size_t n_rows,
	      double *margin)
{
	aqi_nodes_predict(layout, x, n_rows, margin);
}

static void
free_nodes(void *layout)
{
	aqi_nodes_free(layout);
}

/* The rest shows when they are made. */
static const char *
unfit_planes(const struct aqi_measure *m)
{
	if (unfit_sum(m))
		return unfit_sum(m);
	return m->largest > AQI_PLANES_LARGEST ? "too large a tree" : NULL;
}

static enum aqi_status
make_planes(const struct aqi_forest *forest, const char *kernel,
	    void **layout, struct aqi_error *err)
{
	struct aqi_planes *planes;
	enum aqi_status status = aqi_planes_new(forest, kernel, &planes, err);

	*layout = planes;
	return status;
}

static void *
adopt_planes(struct aqi_slice block, const struct aqi_forest *forest,
	     const char *kernel, struct aqi_error *err)
{
	return aqi_planes_adopt(block, forest, kernel, err);
}

static struct aqi_slice
bytes_of_planes(const void *layout)
{
	return aqi_planes_bytes(layout);
}

static void
predict_planes(const void *layout, const double *x, size_t n_rows,
	       double *margin)
{
	aqi_planes_predict(layout, x, n_rows, margin);
}

static void
free_planes(void *layout)
{
	aqi_planes_free(layout);
}

/*
 * Costs, fitted to 300 trees of depth 6, 1000 of depth 8 and a random forest of
 * 100 of depth 10, on a processor with AVX2 that had other work, too; those of
 * nodes by vectors on one with AVX-512. The larger a forest, the more of it is
 * out of the cache: that is what numbers of nodes and places stand for in
 * steps.
 */

static double
cost_scalar(const struct aqi_measure *m, size_t n_rows)
{
	(void)n_rows;
	return m->steps * (7 + 2.2e-5 * (double)m->n_nodes);
}

/* To lay a row out in columns. */
static double
cost_columns(const struct aqi_measure *m)
{
	return 3 * (double)m->n_columns + 15 * (double)m->n_sets;
}

static double
cost_walk(const struct aqi_measure *m, size_t n_rows)
{
	(void)n_rows;
	return cost_columns(m) +
	       m->levels * (1.6 + 4e-6 * (double)m->n_nodes);
}

static double
cost_interleaved(const struct aqi_measure *m, size_t n_rows)
{
	const double groups = ceil((double)n_rows / 16);

	return cost_columns(m) + 22 * m->levels * groups / (double)n_rows;
}

static double
cost_nodes_portable(const struct aqi_measure *m, size_t n_rows)
{
	(void)n_rows;
	return 10 * (double)m->n_views + m->levels + m->places / 60;
}

static double
cost_nodes_avx2(const struct aqi_measure *m, size_t n_rows)
{
	(void)n_rows;
	return 5 * (double)m->n_views + 1.5 * (double)m->n_trees +
	       m->places / 150;
}

static double
cost_nodes_avx512(const struct aqi_measure *m, size_t n_rows)
{
	(void)n_rows;
	return 4 * (double)m->n_views + 1.3 * (double)m->n_trees +
	       m->places / 180;
}

/* Where an input has more cuts than two steps of a search tell apart, it is
 * searched by halves; and again for each segment of the trees. */
static double
cost_ranks(const struct aqi_measure *m)
{
	const double n_segments = ceil((double)m->n_distinct / 4096);

	return m->n_cuts <= AQI_NODES_CUTS ? 0 :
	       n_segments * (double)m->n_views * log2((double)m->n_cuts);
}

/*
 * What blocks of so many rows cost, for each of n_rows: a choice of a perfect
 * tree costs as much for one row as for all, and so do leaves, which are looked
 * up for rows that are not there, too.
 */
static double
cost_blocks(const struct aqi_measure *m, size_t n_rows, size_t block,
	    double per_choice, double per_leaf)
{
	const double n_blocks = ceil((double)n_rows / (double)block);
	const double n_choices = (double)m->n_distinct + 2 * m->places;
	const double n_leaves = (double)m->n_trees * (double)block;

	return n_blocks * (per_choice * n_choices + per_leaf * n_leaves) /
	       (double)n_rows + cost_ranks(m);
}

/* Few rows are taken by 64: see planes.c. */
static double
cost_planes_portable(const struct aqi_measure *m, size_t n_rows)
{
	return n_rows <= 64 ? cost_blocks(m, n_rows, 64, 0.2, 1.2) :
	       cost_blocks(m, n_rows, 128, 0.14, 1.1);
}

static double
cost_planes_avx2(const struct aqi_measure *m, size_t n_rows)
{
	return n_rows <= 128 ? cost_blocks(m, n_rows, 64, 0.26, 0.37) :
	       cost_blocks(m, n_rows, 256, 0.36, 0.3);
}

/* Those of AVX-512 are guessed from how many instructions there are less. */
static double
cost_planes_avx512(const struct aqi_measure *m, size_t n_rows)
{
	return n_rows <= 192 ? cost_planes_avx2(m, n_rows) :
	       cost_blocks(m, n_rows, 512, 0.3, 0.2);
}

static double
cost_planes_vbmi(const struct aqi_measure *m, size_t n_rows)
{
	return n_rows <= 192 ? cost_planes_avx2(m, n_rows) :
	       cost_blocks(m, n_rows, 512, 0.3, 0.15);
}

const struct aqi_method aqi_methods[AQI_METHODS] = {
	{
		.name = "walks",
		.kind = &aqi_walk_block_kind,
		.unfit = unfit_walk,
		.make = make_walk,
		.adopt = adopt_walk,
		.bytes = bytes_of_walk,
		.predict = predict_walk,
		.free = free_walk,
	},
	{
		.name = "nodes",
		.kind = &aqi_nodes_block_kind,
		.has_kernel = aqi_nodes_has_kernel,
		.unfit = unfit_nodes,
		.make = make_nodes,
		.adopt = adopt_nodes,
		.bytes = bytes_of_nodes,
		.predict = predict_nodes,
		.free = free_nodes,
	},
	{
		.name = "planes",
		.kind = &aqi_planes_block_kind,
		.has_kernel = aqi_planes_has_kernel,
		.unfit = unfit_planes,
		.make = make_planes,
		.adopt = adopt_planes,
		.bytes = bytes_of_planes,
		.predict = predict_planes,
		.free = free_planes,
	},
};

#define WALK (&aqi_methods[0])
#define NODES (&aqi_methods[1])
#define PLANES (&aqi_methods[2])

const struct aqi_way aqi_ways[AQI_WAYS] = {
	{"scalar", NULL, NULL, cost_scalar},
	{"walk", WALK, "trees", cost_walk},
	{"interleaved", WALK, "rows", cost_interleaved},
	{"nodes-portable", NODES, "portable", cost_nodes_portable},
	{"nodes-avx2", NODES, "avx2", cost_nodes_avx2},
	{"nodes-avx512", NODES, "avx512", cost_nodes_avx512},
	{"planes-portable", PLANES, "portable", cost_planes_portable},
	{"planes-avx2", PLANES, "avx2", cost_planes_avx2},
	{"planes-avx512", PLANES, "avx512", cost_planes_avx512},
	{"planes-avx512-vbmi", PLANES, "avx512-vbmi", cost_planes_vbmi},
};
