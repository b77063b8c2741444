#include "model/engine.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "model/block.h"
#include "model/forest.h"
#include "model/measure.h"
#include "model/way.h"
#include "model/ways.h"

/* Numbers of rows are told apart by their length in bits: 1, 2-3, 4-7, and so
 * on; where there are more the choice is the same. */
#define N_SIZES 16

_Static_assert(AQI_WAYS <= 32, "the bits of a set of ways");
_Static_assert(AQI_METHODS <= AQI_ENGINE_LAYOUTS, "a layout a method");

/* What is there of a way; of the scalar, nothing. */
struct slot {
	void *_Atomic layout;
	atomic_bool is_unfit;	/* the making found that out */
};

struct aqi_engine {
	const struct aqi_forest *forest;
	uint32_t usable;	/* set of ways: asked for, and of this
				 * processor */
	struct aqi_measure *_Atomic measure;
	struct aqi_slice blocks[AQI_METHODS];	/* adopted, or empty */
	bool has_blocks;
	struct slot slots[AQI_WAYS];
	atomic_uchar ways[N_SIZES];	/* the best of those prepared */
	atomic_uint settled;		/* set of sizes: prepared */
	atomic_size_t rows;		/* announced so far */
};

/* The names of a set of ways. */
static void
list(uint32_t ways, struct aqi_buffer *out)
{
	const char *comma = "";

	for (size_t w = 0; w < AQI_WAYS; w++) {
		if (!(ways >> w & 1))
			continue;
		aqi_buffer_add_format(out, "%s%s", comma, aqi_ways[w].name);
		comma = ", ";
	}
}

void
aqi_engine_list(struct aqi_buffer *out)
{
	list((uint32_t)((UINT64_C(1) << AQI_WAYS) - 1), out);
}

/* The ways that a name means: one, or all of a method. */
static uint32_t
ways_named(const char *name)
{
	uint32_t ways = 0;

	for (size_t w = 0; w < AQI_WAYS; w++) {
		const struct aqi_method *method = aqi_ways[w].method;

		if (strcmp(aqi_ways[w].name, name) == 0)
			return UINT32_C(1) << w;
		if (method && strcmp(method->name, name) == 0)
			ways |= UINT32_C(1) << w;
	}
	return ways;
}

/* The ways for this processor. */
static uint32_t
ways_here(void)
{
	uint32_t ways = 0;

	for (size_t w = 0; w < AQI_WAYS; w++) {
		const struct aqi_method *method = aqi_ways[w].method;

		if (!method || !method->has_kernel ||
		    method->has_kernel(aqi_ways[w].kernel))
			ways |= UINT32_C(1) << w;
	}
	return ways;
}

static size_t
size_of(size_t n_rows)
{
	size_t size = 0;

	while (size < N_SIZES - 1 && n_rows >> (size + 1) != 0)
		size++;
	return size;
}

/* Why a way is not for the forest, to follow "which has"; or NULL. */
static const char *
unfit(const struct aqi_engine *engine, size_t way)
{
	if (!aqi_ways[way].method)
		return NULL;
	if (atomic_load(&engine->slots[way].is_unfit))
		return "more of something than its layout holds";
	return aqi_ways[way].method->unfit(atomic_load(&engine->measure));
}

/* Those of a set that are for the forest, whether prepared or not. */
static uint32_t
ways_fit(const struct aqi_engine *engine, uint32_t ways)
{
	for (size_t w = 0; w < AQI_WAYS; w++)
		if ((ways >> w & 1) && unfit(engine, w))
			ways &= ~(UINT32_C(1) << w);
	return ways;
}

static bool
is_prepared(const struct aqi_engine *engine, size_t way)
{
	return !aqi_ways[way].method ||
	       atomic_load(&engine->slots[way].layout);
}

static uint32_t
ways_prepared(const struct aqi_engine *engine)
{
	uint32_t ways = engine->usable;

	for (size_t w = 0; w < AQI_WAYS; w++)
		if (!is_prepared(engine, w))
			ways &= ~(UINT32_C(1) << w);
	return ways;
}

/* The cheapest of a set; of none, the scalar. */
static size_t
best(const struct aqi_engine *engine, uint32_t ways, size_t n_rows)
{
	size_t found = 0;
	double least = 0;

	for (size_t w = 0; w < AQI_WAYS; w++) {
		double cost;

		if (!(ways >> w & 1))
			continue;
		cost = aqi_ways[w].cost(engine->measure, n_rows);
		if (least <= 0 || cost < least) {
			least = cost;
			found = w;
		}
	}
	return found;
}

/*
 * Once more where another thread has made a layout meanwhile: that thread may
 * have chosen before, and what it chose was just overwritten by less.
 */
static void
choose(struct aqi_engine *engine)
{
	uint32_t ways;

	do {
		ways = ways_prepared(engine);
		for (size_t size = 0; size < N_SIZES; size++)
			atomic_store(&engine->ways[size],
				     (unsigned char)best(engine, ways,
							 (size_t)1 << size));
	} while (ways != ways_prepared(engine));
}

static enum aqi_status
measure(struct aqi_engine *engine, struct aqi_error *err)
{
	struct aqi_measure *made, *none = NULL;

	if (atomic_load(&engine->measure))
		return AQI_OK;
	made = malloc(sizeof *made);
	if (!made)
		return aqi_error_memory(err);
	if (aqi_measure_take(engine->forest, made, err) != AQI_OK) {
		free(made);
		return AQI_FATAL;
	}
	if (!atomic_compare_exchange_strong(&engine->measure, &none, made))
		free(made);
	return AQI_OK;
}

/* The block of a method: adopted, or of another of its ways; or none. */
static struct aqi_slice
block_of(const struct aqi_engine *engine, const struct aqi_method *method)
{
	struct aqi_slice block = engine->blocks[method - aqi_methods];

	for (size_t w = 0; w < AQI_WAYS && block.size == 0; w++)
		if (aqi_ways[w].method == method && method->kind &&
		    is_prepared(engine, w))
			block = method->bytes(
				atomic_load(&engine->slots[w].layout));
	return block;
}

/* Two threads at the same time may both make one, and one is kept. */
static enum aqi_status
make(struct aqi_engine *engine, size_t w, struct aqi_error *err)
{
	const struct aqi_way *way = &aqi_ways[w];
	struct slot *slot = &engine->slots[w];
	struct aqi_slice block = block_of(engine, way->method);
	void *layout, *none = NULL;

	if (block.size > 0) {
		layout = way->method->adopt(block, engine->forest, way->kernel,
					    err);
		if (!layout)
			return AQI_FATAL;
	} else if (way->method->make(engine->forest, way->kernel, &layout,
				     err) != AQI_OK) {
		return AQI_FATAL;
	}
	if (!layout)
		atomic_store(&slot->is_unfit, true);
	else if (!atomic_compare_exchange_strong(&slot->layout, &none, layout))
		way->method->free(layout);
	return AQI_OK;
}

enum aqi_status
aqi_engine_prepare(struct aqi_engine *engine, size_t n_rows,
		   struct aqi_error *err)
{
	const unsigned size = 1u << size_of(n_rows);
	size_t way;

	if (atomic_load(&engine->settled) & size)
		return AQI_OK;
	if (measure(engine, err) != AQI_OK)
		return AQI_FATAL;
	/* What turns out to be unfit when made leaves the next best. */
	while (way = best(engine, ways_fit(engine, engine->usable), n_rows),
	       !is_prepared(engine, way))
		if (make(engine, way, err) != AQI_OK)
			return AQI_FATAL;
	choose(engine);
	atomic_fetch_or(&engine->settled, size);
	return AQI_OK;
}

/*
 * In ns: what a node costs in the making of layouts, and what a row does as
 * long as there are none, per tree. About right is enough: whatever the truth,
 * waiting as long as the making takes costs at most twice what knowing the
 * number of rows in advance would.
 */
#define NODE_NS 40
#define TREE_NS 30

/* The same where a compiled model brought layouts that are only checked. */
#define CHECK_NS 4

enum aqi_status
aqi_engine_expect(struct aqi_engine *engine, size_t n_rows,
		  struct aqi_error *err)
{
	const size_t n_trees = aqi_forest_trees(engine->forest);
	const size_t n_nodes = aqi_forest_nodes(engine->forest);
	const size_t node_ns = engine->has_blocks ? CHECK_NS : NODE_NS;
	size_t rows;

	if (atomic_load(&engine->settled) >> size_of(n_rows) & 1)
		return AQI_OK;
	rows = n_rows + atomic_fetch_add(&engine->rows, n_rows);
	if (rows < node_ns * n_nodes / (TREE_NS * (n_trees + 1)))
		return AQI_OK;
	return aqi_engine_prepare(engine, n_rows, err);
}

/* The ways asked for, of this processor, and for this forest. */
static enum aqi_status
force(struct aqi_engine *engine, const char *name, struct aqi_error *err)
{
	const uint32_t named = ways_named(name), here = ways_here();
	struct aqi_buffer names = {0};
	const char *reason;
	uint32_t fit;

	if (measure(engine, err) != AQI_OK)
		return AQI_FATAL;
	engine->usable = named & here;
	if (aqi_engine_prepare(engine, 1, err) != AQI_OK)
		return AQI_FATAL;
	fit = ways_fit(engine, named & here);
	if (fit != 0)
		return AQI_OK;
	list(named == 0 ? UINT32_MAX : ways_fit(engine, here), &names);
	aqi_buffer_add_byte(&names, '\0');
	if (names.failed) {
		aqi_error_memory(err);
	} else if (named == 0) {
		char quoted[AQI_QUOTED_SIZE];

		aqi_error_set(err, AQI_E_USAGE, "%s is no engine; these are: "
			      "%s", aqi_error_quote(quoted, aqi_slice_of(name)),
			      names.data);
	} else if (!(named & here)) {
		aqi_error_set(err, AQI_E_USAGE, "engine %s is not for this "
			      "processor; these are, and for this model: %s",
			      name, names.data);
	} else {
		reason = unfit(engine, (size_t)__builtin_ctz(named & here));
		aqi_error_set(err, AQI_E_USAGE, "engine %s is not for this "
			      "model, which has %s; these are: %s", name,
			      reason, names.data);
	}
	aqi_buffer_free(&names);
	return AQI_FATAL;
}

struct aqi_engine *
aqi_engine_new(const struct aqi_forest *forest,
	       const struct aqi_engine_options *options, struct aqi_error *err)
{
	struct aqi_engine *engine = calloc(1, sizeof *engine);
	const char *name = options ? options->name : NULL;

	if (!engine) {
		aqi_error_memory(err);
		return NULL;
	}
	engine->forest = forest;
	engine->usable = ways_here();
	if (!name || !*name)
		name = getenv("AQI_ENGINE");
	if (!name || !*name || force(engine, name, err) == AQI_OK)
		return engine;
	aqi_engine_free(engine);
	return NULL;
}

enum aqi_status
aqi_engine_adopt(struct aqi_engine *engine, struct aqi_slice block,
		 struct aqi_error *err)
{
	for (size_t m = 0; m < AQI_METHODS; m++) {
		const struct aqi_block_kind *kind = aqi_methods[m].kind;

		if (!kind || !aqi_block_is_begun(kind, block))
			continue;
		if (!aqi_block_is_current(kind, block))
			return AQI_OK;
		if (engine->blocks[m].size > 0)
			return aqi_error_set(err, AQI_E_MODEL, "%s is there "
					     "twice", kind->name);
		engine->blocks[m] = block;
		engine->has_blocks = true;
		return AQI_OK;
	}
	return aqi_error_set(err, AQI_E_MODEL, "a part is no layout that is "
			     "known: compile it again");
}

void
aqi_engine_predict(const struct aqi_engine *engine, const double *x,
		   size_t n_rows, double *margin)
{
	const size_t way = atomic_load(&engine->ways[size_of(n_rows)]);

	if (!aqi_ways[way].method)
		aqi_forest_predict(engine->forest, x, n_rows, margin);
	else
		aqi_ways[way].method->predict(
			atomic_load(&engine->slots[way].layout), x, n_rows,
			margin);
}

const char *
aqi_engine_way(const struct aqi_engine *engine, size_t n_rows)
{
	return aqi_ways[atomic_load(&engine->ways[size_of(n_rows)])].name;
}

void
aqi_engine_describe(struct aqi_engine *engine, size_t n_rows,
		    struct aqi_buffer *out)
{
	const struct aqi_measure *m;
	const struct aqi_way *way;

	if (measure(engine, NULL) != AQI_OK) {
		out->failed = true;
		return;
	}
	m = atomic_load(&engine->measure);
	way = &aqi_ways[best(engine, ways_fit(engine, engine->usable),
			     n_rows)];
	aqi_buffer_add_format(out, "%s: about %.0f ns a row, by %zu trees of "
			      "depth %u or less and %zu distinct splits of %zu",
			      way->name, way->cost(m, n_rows), m->n_trees,
			      m->depth, m->n_distinct, m->n_splits);
}

size_t
aqi_engine_blocks(const struct aqi_engine *engine, struct aqi_slice *blocks)
{
	size_t n = 0;

	for (size_t m = 0; m < AQI_METHODS; m++) {
		blocks[n] = block_of(engine, &aqi_methods[m]);
		n += blocks[n].size > 0;
	}
	return n;
}

size_t
aqi_engine_memory(const struct aqi_engine *engine)
{
	struct aqi_slice blocks[AQI_ENGINE_LAYOUTS];
	size_t n = aqi_engine_blocks(engine, blocks), size = 0;

	while (n-- > 0)
		size += blocks[n].size;
	return size;
}

void
aqi_engine_free(struct aqi_engine *engine)
{
	if (!engine)
		return;
	for (size_t w = 0; w < AQI_WAYS; w++)
		if (engine->slots[w].layout)
			aqi_ways[w].method->free(engine->slots[w].layout);
	free(engine->measure);
	free(engine);
}
