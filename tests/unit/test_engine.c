#include "model/engine.h"

#include <pthread.h>

#include "base/buffer.h"
#include "model/block.h"
#include "model/measure.h"
#include "model/ways.h"
#include "plant.h"
#include "tap.h"

static const size_t some_rows[] = {
	1, 2, 7, 8, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025
};

#define N_SIZES (sizeof some_rows / sizeof *some_rows)
#define MOST_ROWS 1025

/* The processor has it, and the forest is for it. */
static struct aqi_engine *
make_engine(const struct aqi_forest *forest, const char *name)
{
	const struct aqi_engine_options options = {.name = name};
	struct aqi_error err;
	struct aqi_engine *engine = aqi_engine_new(forest, &options, &err);

	if (!engine && err.code != AQI_E_USAGE)
		abort();
	return engine;
}

/* Margins in which an engine differs from the forest, for n rows at once. */
static size_t
compare(const struct aqi_engine *engine, const double *x, const double *right,
	size_t n_rows, size_t n_margins)
{
	const size_t n = n_rows * n_margins;
	double *ours = malloc((n + 1) * sizeof *ours);
	size_t n_different;

	ours[n] = 12345;
	aqi_engine_predict(engine, x, n_rows, ours);
	n_different = count_different(right, ours, n);
	/* And nothing behind them is touched. */
	n_different += ours[n] < 12345 || ours[n] > 12345;
	free(ours);
	return n_different;
}

static struct plan
some_plan(size_t i)
{
	return (struct plan){
		.n_trees = aqi_random_below(&rng, 40),
		.depth = (unsigned)i % 11,
		.n_inputs = 1 + aqi_random_below(&rng, i % 5 == 0 ? 80 : 9),
		.rare = 4 + (unsigned)i % 20,
		.is_vine = i % 7 == 0,
		.n_margins = i % 3 == 0 ? 1 + aqi_random_below(&rng, 4) : 1,
		.repeats = i % 6 == 0,
		.is_mixed = i % 9 == 0,
		.is_wide = i % 2,
		.has_rules = i % 4 == 0,
		.has_sets = i % 8 == 3,
		.has_functions = i % 13 == 5,
		.aggregate = i % 17 == 9 ? AQI_AGGREGATE_MAX :
			     i % 19 == 9 ? AQI_AGGREGATE_MIN :
					   AQI_AGGREGATE_SUM,
	};
}

struct outcome {
	size_t n_used, n_different;
};

/* Each way by itself, and last the engine's own choice. */
static void
try_ways(const struct plan *plan, struct outcome outcomes[AQI_WAYS + 1])
{
	struct aqi_forest *forest = plant_as(plan);
	const size_t n_margins = aqi_forest_shape(forest).n_margins;
	double *x = make_samples(MOST_ROWS, plan->n_inputs);
	double *right = malloc(MOST_ROWS * n_margins * sizeof *right);

	aqi_forest_predict(forest, x, MOST_ROWS, right);
	for (size_t w = 0; w <= AQI_WAYS; w++) {
		struct aqi_engine *engine = make_engine(
			forest, w < AQI_WAYS ? aqi_ways[w].name : NULL);

		for (size_t k = 0; engine && k < N_SIZES; k++) {
			struct aqi_error err;

			if (aqi_engine_prepare(engine, some_rows[k], &err) !=
			    AQI_OK)
				abort();
			outcomes[w].n_different +=
				compare(engine, x, right, some_rows[k],
					n_margins);
		}
		outcomes[w].n_used += engine != NULL;
		aqi_engine_free(engine);
	}
	free(x);
	free(right);
	aqi_forest_free(forest);
}

static void
test_equal(void)
{
	struct outcome outcomes[AQI_WAYS + 1] = {0};

	for (size_t i = 0; i < 60; i++) {
		const struct plan plan = some_plan(i);

		n_values = i % 3 == 0 ? 500 : 16;
		try_ways(&plan, outcomes);
	}
	for (size_t w = 0; w < AQI_WAYS; w++) {
		if (outcomes[w].n_used == 0)
			skip("the margins are the forest's, bit for bit",
			     aqi_ways[w].name);
		else
			ok(outcomes[w].n_different == 0, "%s: the margins of "
			   "%zu forests are theirs, bit for bit",
			   aqi_ways[w].name, outcomes[w].n_used);
	}
	ok(outcomes[AQI_WAYS].n_different == 0,
	   "so they are in whatever way an engine chooses");
}

/* What an engine says that cannot be. */
static bool
says(const struct aqi_forest *forest, const char *name, const char *reason)
{
	const struct aqi_engine_options options = {.name = name};
	struct aqi_error err = {0};
	struct aqi_engine *engine = aqi_engine_new(forest, &options, &err);
	bool right = !engine && err.code == AQI_E_USAGE &&
		     strncmp(err.reason, reason, strlen(reason)) == 0;

	if (!right)
		note("%s: %s", name, err.reason);
	aqi_engine_free(engine);
	return right;
}

static void
test_names(void)
{
	struct aqi_forest *forest = plant(9, 10, 3, 9);
	struct aqi_forest *shallow = plant(9, 3, 3, 9);
	struct aqi_buffer names = {0};
	struct aqi_engine *engine;

	n_values = 16;
	ok(says(forest, "wlk", "\"wlk\" is no engine; these are: scalar, walk, "
		"interleaved, nodes-portable, "), "a name that is none is "
	   "refused, with those that are");
	ok(says(forest, "nodes-portable", "engine nodes-portable is not for "
		"this model, which has trees deeper than 8; these are: scalar, "
		"walk, interleaved"), "so is one that is not for the forest");
	engine = make_engine(shallow, "nodes");
	ok(engine && strncmp(aqi_engine_way(engine, 1), "nodes-", 6) == 0,
	   "a first word is the best that the processor has");
	aqi_engine_free(engine);
	setenv("AQI_ENGINE", "interleaved", 1);
	engine = make_engine(shallow, "");
	ok(engine && strcmp(aqi_engine_way(engine, 1), "interleaved") == 0,
	   "without a name it is $AQI_ENGINE");
	unsetenv("AQI_ENGINE");
	aqi_engine_free(engine);
	aqi_engine_list(&names);
	aqi_buffer_add_byte(&names, '\0');
	ok(strncmp(names.data, "scalar, walk, ", 14) == 0 &&
	   strstr(names.data, ", planes-portable"), "all can be listed");
	aqi_buffer_free(&names);
	aqi_forest_free(forest);
	aqi_forest_free(shallow);
}

/* A single row is not worth a layout; a thousand are. */
static void
test_expect(void)
{
	struct aqi_forest *forest = plant(50, 6, 3, 99);
	struct aqi_engine *engine = make_engine(forest, NULL);
	struct aqi_error err;
	size_t n = 0;

	ok(strcmp(aqi_engine_way(engine, 1), "scalar") == 0 &&
	   aqi_engine_memory(engine) == 0, "a new engine has no layout");
	ok(aqi_engine_expect(engine, 1, &err) == AQI_OK &&
	   strcmp(aqi_engine_way(engine, 1), "scalar") == 0,
	   "a row makes none");
	while (n < 10000 && strcmp(aqi_engine_way(engine, 1), "scalar") == 0) {
		n++;
		if (aqi_engine_expect(engine, 1, &err) != AQI_OK)
			abort();
	}
	ok(n > 10 && n < 10000, "many that come one by one do");
	aqi_engine_free(engine);
	engine = make_engine(forest, NULL);
	ok(aqi_engine_expect(engine, 1000, &err) == AQI_OK &&
	   strcmp(aqi_engine_way(engine, 1000), "scalar") != 0,
	   "so do many at once");
	aqi_engine_free(engine);
	aqi_forest_free(forest);
}

static void
test_describe(void)
{
	struct aqi_forest *forest = plant(50, 6, 3, 99);
	struct aqi_engine *engine = make_engine(forest, "walk");
	struct aqi_buffer text = {0};

	aqi_engine_describe(engine, 1, &text);
	aqi_buffer_add_byte(&text, '\0');
	ok(strncmp(text.data, "walk: about ", 12) == 0 &&
	   strstr(text.data, " ns a row, by 50 trees of depth 6 or less and "),
	   "a way is described with what it depends on");
	aqi_buffer_free(&text);
	aqi_engine_free(engine);
	aqi_forest_free(forest);
}

struct race {
	struct aqi_engine *engine;
	const double *x, *right;
	size_t n_different;
	pthread_t thread;
};

static void *
race(void *arg)
{
	struct race *r = arg;
	struct aqi_error err;

	for (size_t k = 0; k < N_SIZES; k++) {
		r->n_different += compare(r->engine, r->x, r->right,
					  some_rows[k], 1);
		if (aqi_engine_expect(r->engine, some_rows[k], &err) !=
			    AQI_OK ||
		    aqi_engine_prepare(r->engine, some_rows[N_SIZES - 1 - k],
				       &err) != AQI_OK)
			r->n_different++;
	}
	return NULL;
}

static void
test_threads(void)
{
	enum { N_THREADS = 4 };
	struct aqi_forest *forest = plant(30, 6, 5, 20);
	struct aqi_engine *engine = make_engine(forest, NULL);
	double *x = make_samples(MOST_ROWS, 5), right[MOST_ROWS];
	struct race races[N_THREADS];
	size_t n_different = 0;

	aqi_forest_predict(forest, x, MOST_ROWS, right);
	for (size_t i = 0; i < N_THREADS; i++) {
		races[i] = (struct race){engine, x, right, 0, 0};
		if (pthread_create(&races[i].thread, NULL, race, &races[i]))
			abort();
	}
	for (size_t i = 0; i < N_THREADS; i++) {
		pthread_join(races[i].thread, NULL);
		n_different += races[i].n_different;
	}
	ok(n_different == 0, "threads may prepare and predict at once");
	aqi_engine_free(engine);
	aqi_forest_free(forest);
	free(x);
}

/* An engine of another forest object, upon the blocks of the first. */
static void
test_blocks(void)
{
	struct aqi_forest *forest = plant(30, 6, 5, 20);
	struct aqi_engine *made = make_engine(forest, NULL);
	struct aqi_engine *used = make_engine(forest, NULL);
	struct aqi_slice blocks[AQI_ENGINE_LAYOUTS];
	double *x = make_samples(MOST_ROWS, 5), right[MOST_ROWS];
	struct aqi_error err;
	size_t n, n_different = 0, size = 0;

	aqi_forest_predict(forest, x, MOST_ROWS, right);
	if (aqi_engine_prepare(made, 1, &err) != AQI_OK ||
	    aqi_engine_prepare(made, 1024, &err) != AQI_OK)
		abort();
	n = aqi_engine_blocks(made, blocks);
	ok(n > 0, "what was prepared can be written to a file");
	for (size_t i = 0; i < n; i++) {
		size += blocks[i].size;
		if (aqi_engine_adopt(used, blocks[i], &err) != AQI_OK)
			n_different++;
	}
	ok(n_different == 0 && size == aqi_engine_memory(made),
	   "and adopted by another engine");
	ok(aqi_engine_adopt(used, blocks[0], &err) == AQI_FATAL &&
	   err.code == AQI_E_MODEL, "but not twice");
	ok(aqi_engine_adopt(used, aqi_slice_of("AQIWHAT?"), &err) ==
		   AQI_FATAL && err.code == AQI_E_MODEL,
	   "nor what is no layout");
	for (size_t k = 0; k < N_SIZES; k++) {
		if (aqi_engine_prepare(used, some_rows[k], &err) != AQI_OK)
			abort();
		n_different += compare(used, x, right, some_rows[k], 1);
	}
	ok(n_different == 0, "which then predicts the same");
	aqi_engine_free(used);
	aqi_engine_free(made);
	aqi_forest_free(forest);
	free(x);
}

/* A block with some bytes changed and a new checksum: is it refused, or are all
 * margins finite? */
static bool
survives(const struct aqi_method *method, const struct aqi_way *way,
	 const struct aqi_forest *forest, struct aqi_slice block,
	 const double *x, size_t *n_adopted)
{
	const size_t n = 20 * aqi_forest_shape(forest).n_margins;
	double y[20 * MAX_PLAN_MARGINS];
	struct aqi_error err;
	void *layout;
	bool is_right = true;

	aqi_block_finish((char *)(uintptr_t)block.data);
	layout = method->adopt(block, forest, way->kernel, &err);
	if (!layout)
		return err.code == AQI_E_MODEL;
	++*n_adopted;
	method->predict(layout, x, 20, y);
	for (size_t i = 0; i < n; i++)
		is_right &= isfinite(y[i]) != 0;
	method->free(layout);
	return is_right;
}

/* Each byte of a block, or some of a long one, to 0, to 0xff, and with a bit
 * flipped; what is adopted must not go wrong. */
static void
tamper(const struct aqi_way *way, const struct aqi_forest *forest)
{
	const struct aqi_method *method = way->method;
	struct aqi_error err;
	struct aqi_slice bytes;
	void *layout;
	char *copy;
	double *x = make_samples(20, aqi_forest_shape(forest).n_inputs);
	size_t n_wrong = 0, n_adopted = 0, n_cuts = 0;

	if (method->make(forest, way->kernel, &layout, &err) != AQI_OK ||
	    !layout)
		abort();
	bytes = method->bytes(layout);
	copy = aqi_block_alloc(bytes.size);
	for (size_t i = sizeof(struct aqi_block_seal); i < bytes.size;
	     i += i < 4096 ? 1 : 19) {
		for (int how = 0; how < 3; how++) {
			memcpy(copy, bytes.data, bytes.size);
			copy[i] = (char)(how == 0 ? 0 : how == 1 ? 0xff :
					 copy[i] ^ 1 << i % 8);
			n_wrong += !survives(method, way, forest,
				(struct aqi_slice){copy, bytes.size}, x,
				&n_adopted);
		}
	}
	memcpy(copy, bytes.data, bytes.size);
	for (size_t size = 0; size < bytes.size; size += size < 256 ? 1 : 61) {
		void *cut = method->adopt((struct aqi_slice){copy, size},
					  forest, way->kernel, &err);

		n_cuts += cut != NULL;
		if (cut)
			method->free(cut);
	}
	ok(n_wrong == 0, "%s: a changed block is refused, or predicts finite "
	   "numbers (%zu did)", way->name, n_adopted);
	ok(n_cuts == 0, "%s: a cut one is refused", way->name);
	free(copy);
	free(x);
	method->free(layout);
}

static void
test_tampered(void)
{
	const struct plan plan = {
		.n_trees = 9, .depth = 4, .n_inputs = 3, .rare = 6,
		.n_margins = 2, .is_mixed = true, .has_rules = true};
	const struct plan deep = {
		.n_trees = 1, .depth = 7, .n_inputs = 2, .rare = 9,
		.is_wide = true};
	struct aqi_forest *forest = plant_as(&plan);
	struct aqi_forest *other = plant_as(&deep);

	n_values = 16;
	for (size_t w = 0; w < AQI_WAYS; w++) {
		const struct aqi_method *method = aqi_ways[w].method;

		if (!method || !method->kind ||
		    (method->has_kernel &&
		     !method->has_kernel(aqi_ways[w].kernel)))
			continue;
		tamper(&aqi_ways[w], forest);
		if (strstr(aqi_ways[w].name, "portable"))
			tamper(&aqi_ways[w], other);
	}
	aqi_forest_free(forest);
	aqi_forest_free(other);
}

int
main(void)
{
	start_random();
	test_equal();
	test_names();
	test_expect();
	test_describe();
	test_threads();
	test_blocks();
	test_tampered();
	return done();
}
