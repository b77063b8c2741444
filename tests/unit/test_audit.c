#include "model/audit.h"

#include "base/buffer.h"
#include "model/engine.h"
#include "plant.h"
#include "tap.h"

/* The linker puts this in the place of aqi_engine_predict: a way that is wrong
 * in one sample. */
static size_t n_called, wrong_at;

void __real_aqi_engine_predict(const struct aqi_engine *engine,
			       const double *x, size_t n_rows, double *margin);
void __wrap_aqi_engine_predict(const struct aqi_engine *engine,
			       const double *x, size_t n_rows, double *margin);

void
__wrap_aqi_engine_predict(const struct aqi_engine *engine, const double *x,
			  size_t n_rows, double *margin)
{
	__real_aqi_engine_predict(engine, x, n_rows, margin);
	n_called++;
	if (wrong_at != 0 && n_rows >= wrong_at)
		margin[wrong_at - 1] = nextafter(margin[wrong_at - 1],
						 (double)INFINITY);
}

static void
test_plan(const struct plan *plan, const char *what)
{
	struct aqi_forest *forest = plant_as(plan);
	struct aqi_buffer ways = {0};
	struct aqi_error err = {0};

	n_called = wrong_at = 0;
	ok(aqi_audit_ways(forest, 1, &ways, &err) == AQI_OK &&
		   ways.size >= 6 && memcmp(ways.data, "scalar", 6) == 0 &&
		   n_called > AQI_AUDIT_ROWS,
	   "all ways agree on %s%s", what, err.reason);
	note("%.*s", (int)ways.size, ways.size ? ways.data : "");
	aqi_buffer_free(&ways);
	aqi_forest_free(forest);
}

static void
test_fault(void)
{
	struct aqi_forest *forest = plant(5, 4, 3, 9);
	struct aqi_buffer ways = {0};
	struct aqi_error err = {0};

	wrong_at = 8;
	ok(aqi_audit_ways(forest, 1, &ways, &err) == AQI_FATAL &&
		   err.code == AQI_E_LIMIT &&
		   strncmp(err.reason, "the way scalar says ", 20) == 0 &&
		   strstr(err.reason, " of sample 7, and the reference "),
	   "the last bit of one sample is found: %s", err.reason);
	aqi_buffer_free(&ways);
	aqi_forest_free(forest);
}

int
main(void)
{
	start_random();
	test_plan(&(struct plan){.n_trees = 20, .depth = 6, .n_inputs = 5,
				 .rare = 9}, "numbers of 32 bits");
	test_plan(&(struct plan){.n_trees = 20, .depth = 6, .n_inputs = 5,
				 .rare = 9, .is_wide = true, .n_margins = 3,
				 .has_sets = true, .has_rules = true},
		  "categories and sums of 64 bits");
	test_plan(&(struct plan){.n_trees = 20, .depth = 6, .n_inputs = 5,
				 .rare = 9, .has_sets = true},
		  "categories and sums of 32 bits");
	test_plan(&(struct plan){.n_trees = 9, .depth = 5, .n_inputs = 4,
				 .rare = 9, .is_wide = true,
				 .has_functions = true}, "functions");
	test_plan(&(struct plan){.n_trees = 3, .depth = 200, .n_inputs = 4,
				 .rare = 9, .is_vine = true}, "deep trees");
	test_fault();
	return done();
}
