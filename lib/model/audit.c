#include "model/audit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/random.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/forest_block.h"

/* Values of all samples at most, 32 MiB. */
#define ALL_VALUES ((size_t)1 << 22)

/* What is compared. */
struct samples {
	const struct aqi_forest *forest;
	size_t n_rows, n_inputs, n_margins;
	bool is_wide;
	double *x;		/* (n_rows, n_inputs) */
	double *wanted;		/* (n_rows, n_margins) of the reference */
	double *got;		/* (n_rows, n_margins) of a way */
};

/* A value that may go another way than the one beside it. */
static double
value_near(const struct samples *s, double cut, struct aqi_random *random)
{
	const double to = aqi_random_below(random, 2) ? (double)INFINITY :
			  -(double)INFINITY;

	if (aqi_random_below(random, 3) == 0)
		return cut;
	cut = s->is_wide ? nextafter(cut, to) :
	      (double)nextafterf((float)cut, (float)to);
	return isfinite(cut) ? cut : 0;
}

static double
odd_value(const struct samples *s, struct aqi_random *random)
{
	const double most = s->is_wide ? DBL_MAX : (double)FLT_MAX;

	switch (aqi_random_below(random, 8)) {
	case 0: return 0;
	case 1: return -0.0;
	case 2: return most;
	case 3: return -most;
	case 4: return -1;
	default: return (double)NAN;
	}
}

/* Set the input of a node to what is decided there. */
static void
set_at_node(const struct samples *s, double *x, uint32_t i,
	    struct aqi_random *random)
{
	const struct aqi_forest *f = s->forest;
	const struct aqi_forest_node *node = &f->nodes[i];
	const uint32_t set = (uint32_t)node->value;
	double cut = node->value;
	uint32_t n;

	if (node->left == 0)
		return;
	if (node->test & AQI_FOREST_HAS_SET) {
		n = f->sets[set + 1] - f->sets[set];
		cut = n == 0 ? 0 : f->members[f->sets[set] +
				(uint32_t)aqi_random_below(random, n)];
		if (!s->is_wide)
			cut = (double)(float)cut;
	}
	x[f->views[node->test & AQI_FOREST_VIEW].input] =
		value_near(s, cut, random);
}

static void
make_row(const struct samples *s, double *x, struct aqi_random *random)
{
	const uint64_t n_nodes = s->forest->header->n_nodes;

	for (size_t k = 0; k < s->n_inputs; k++)
		x[k] = odd_value(s, random);
	for (size_t k = 0; n_nodes > 0 && k < 4 * s->n_inputs; k++)
		set_at_node(s, x, (uint32_t)aqi_random_below(random, n_nodes),
			    random);
	if (aqi_random_below(random, 4) == 0)
		x[aqi_random_below(random, s->n_inputs)] =
			odd_value(s, random);
}

static bool
make_samples(struct samples *s, uint64_t seed)
{
	struct aqi_random random = aqi_random_new(seed, 0);
	const size_t fit = ALL_VALUES / (s->n_inputs + s->n_margins + 1);

	s->n_rows = fit < AQI_AUDIT_ROWS ? fit + 1 : AQI_AUDIT_ROWS;
	s->x = calloc(s->n_rows * s->n_inputs + 1, sizeof *s->x);
	s->wanted = calloc(s->n_rows * s->n_margins + 1, sizeof *s->wanted);
	s->got = calloc(s->n_rows * s->n_margins + 1, sizeof *s->got);
	if (!s->x || !s->wanted || !s->got)
		return false;
	for (size_t i = 0; s->n_inputs > 0 && i < s->n_rows; i++)
		make_row(s, s->x + i * s->n_inputs, &random);
	aqi_forest_predict(s->forest, s->x, s->n_rows, s->wanted);
	return true;
}

/* The same bits, or both not a number: which of these is not told apart. */
static bool
is_same(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* In blocks of n_rows at once. */
static enum aqi_status
compare(const struct samples *s, const struct aqi_engine *engine,
	const char *way, size_t n_rows, struct aqi_error *err)
{
	const size_t n = s->n_margins;
	size_t size;

	for (size_t i = 0; i < s->n_rows; i += size) {
		size = s->n_rows - i < n_rows ? s->n_rows - i : n_rows;
		aqi_engine_predict(engine, s->x + i * s->n_inputs, size,
				   s->got + i * n);
	}
	for (size_t i = 0; i < s->n_rows * n; i++)
		if (!is_same(s->wanted[i], s->got[i]))
			return aqi_error_set(err, AQI_E_LIMIT, "the way %s "
					     "says %.17g of sample %zu, and "
					     "the reference %.17g: a fault of "
					     "this program", way, s->got[i],
					     i / n, s->wanted[i]);
	return AQI_OK;
}

/* A way that is not for this forest, or this processor, is passed over. */
static enum aqi_status
try_way(const struct samples *s, const char *way, struct aqi_buffer *ways,
	struct aqi_error *err)
{
	static const size_t sizes[] = {AQI_AUDIT_ROWS, 1, 7, 65};
	const struct aqi_engine_options options = {.name = way};
	struct aqi_error why;
	struct aqi_engine *engine = aqi_engine_new(s->forest, &options, &why);
	enum aqi_status status = AQI_OK;

	if (!engine)
		return why.code == AQI_E_USAGE ? AQI_OK : aqi_error_memory(err);
	for (size_t i = 0; status == AQI_OK &&
			   i < sizeof sizes / sizeof sizes[0]; i++) {
		status = aqi_engine_prepare(engine, sizes[i], err);
		if (status == AQI_OK)
			status = compare(s, engine, way, sizes[i], err);
	}
	aqi_engine_free(engine);
	if (ways->size > 0)
		aqi_buffer_add_text(ways, ", ");
	aqi_buffer_add_text(ways, way);
	return status;
}

static enum aqi_status
try_ways(const struct samples *s, char *names, struct aqi_buffer *ways,
	 struct aqi_error *err)
{
	char *rest = NULL;

	for (char *way = strtok_r(names, ", ", &rest); way;
	     way = strtok_r(NULL, ", ", &rest))
		if (try_way(s, way, ways, err) != AQI_OK)
			return AQI_FATAL;
	return ways->failed ? aqi_error_memory(err) : AQI_OK;
}

enum aqi_status
aqi_audit_ways(const struct aqi_forest *forest, uint64_t seed,
	       struct aqi_buffer *ways, struct aqi_error *err)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	struct aqi_buffer names = {0};
	enum aqi_status status = AQI_FATAL;
	struct samples s = {
		.forest = forest,
		.n_inputs = shape.n_inputs,
		.n_margins = shape.n_margins,
		.is_wide = shape.is_wide,
	};

	aqi_engine_list(&names);
	aqi_buffer_add_byte(&names, '\0');
	if (!names.failed && make_samples(&s, seed))
		status = try_ways(&s, names.data, ways, err);
	else
		aqi_error_memory(err);
	free(s.x);
	free(s.wanted);
	free(s.got);
	aqi_buffer_free(&names);
	return status;
}
