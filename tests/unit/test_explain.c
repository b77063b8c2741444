#include "model/explain.h"

#include "model/forest_block.h"
#include "model/quadrature.h"
#include "plant.h"
#include "tap.h"

/* The definition, as it stands: v(S) for every set of known inputs S. */

#define MOST_INPUTS 6
#define N_SETS (1u << MOST_INPUTS)

static double
expect(const struct aqi_forest *f, uint32_t at, const double *x, unsigned known)
{
	const struct aqi_forest_node *node = &f->nodes[at];
	const uint32_t view = node->test & AQI_FOREST_VIEW, left = node->left;
	double a, b;

	if (left == 0)
		return node->value;
	if (known >> f->views[view].input & 1)
		return expect(f, aqi_forest_goes_left(f, node,
				aqi_forest_look(f, view, x)) ? left : left + 1,
			      x, known);
	a = (double)f->covers[left];
	b = (double)f->covers[left + 1];
	return (a * expect(f, left, x, known) +
		b * expect(f, left + 1, x, known)) / (a + b);
}

static double
value_of(const struct aqi_forest *f, size_t margin, const double *x,
	 unsigned known)
{
	double sum = f->bases[margin];

	for (size_t t = 0; t < aqi_forest_trees(f); t++)
		if ((f->targets[t] & ~AQI_FOREST_REPEATS) == margin)
			sum += expect(f, f->roots[t], x, known);
	return sum;
}

static double
factorial(unsigned n)
{
	return n < 2 ? 1 : n * factorial(n - 1);
}

/* out, (n + 1,): Shapley values, and the expected value. */
static void
brute_force(const struct aqi_forest *f, size_t margin, const double *x,
	    double *out)
{
	const unsigned n = (unsigned)aqi_forest_shape(f).n_inputs;
	double v[N_SETS];

	for (unsigned s = 0; s < 1u << n; s++)
		v[s] = value_of(f, margin, x, s);
	for (unsigned i = 0; i < n; i++) {
		out[i] = 0;
		for (unsigned s = 0; s < 1u << n; s++) {
			const unsigned size =
				(unsigned)__builtin_popcount(s);

			if (!(s >> i & 1))
				out[i] += factorial(size) *
					  factorial(n - 1 - size) /
					  factorial(n) *
					  (v[s | 1u << i] - v[s]);
		}
	}
	out[n] = v[0];
}

/* (n_rows, n_margins, n_inputs + 1), to be freed; NULL: refused. */
static double *
explain(const struct aqi_forest *f, const double *x, size_t n_rows)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(f);
	struct aqi_error err;
	struct aqi_explain *e = aqi_explain_new(f, &err);
	double *out = malloc(n_rows * shape.n_margins * (shape.n_inputs + 1) *
			     sizeof *out);
	void *room = malloc(e ? aqi_explain_room(e) : 1);

	if (e) {
		aqi_explain_rows(e, x, n_rows, out, room);
	} else {
		note("%s", err.reason);
		free(out);
		out = NULL;
	}
	free(room);
	aqi_explain_free(e);
	return out;
}

/* Of the largest of them, since differences of values are taken. */
static bool
are_near(const double *a, const double *b, size_t n, double tolerance)
{
	double most = 1e-300, gap = 0;

	for (size_t i = 0; i < n; i++) {
		most = fmax(most, fmax(fabs(a[i]), fabs(b[i])));
		gap = fmax(gap, fabs(a[i] - b[i]));
	}
	return gap <= tolerance * most;
}

#define N_ROWS 8

/* How many of a random forest's rows and margins are as they are defined. */
static size_t
compare(const struct plan *plan)
{
	struct aqi_forest *f = plant_as(plan);
	const size_t n = plan->n_inputs, n_margins =
		aqi_forest_shape(f).n_margins;
	double *x = make_samples(N_ROWS, n);
	double *out = explain(f, x, N_ROWS), right[MOST_INPUTS + 1];
	size_t n_right = 0;

	for (size_t i = 0; out && i < N_ROWS * n_margins; i++) {
		brute_force(f, i % n_margins, x + i / n_margins * n, right);
		n_right += are_near(out + i * (n + 1), right, n + 1, 1e-12);
	}
	free(out);
	free(x);
	aqi_forest_free(f);
	return n_right;
}

static void
test_definition(void)
{
	size_t n_right = 0, n = 0;

	for (unsigned i = 0; i < 128; i++) {
		const struct plan plan = {
			.n_trees = 1 + i % 5, .depth = i % 9,
			.n_inputs = 1 + i % MOST_INPUTS, .rare = 8,
			.n_margins = i & 1 ? 3 : 1, .repeats = i & 2,
			.is_wide = i & 4, .has_rules = i & 8,
			.has_sets = i & 16, .is_vine = i & 32,
			.has_covers = true,
		};

		n_right += compare(&plan);
		n += N_ROWS * plan.n_margins;
	}
	ok(n_right == n, "contributions are Shapley values by their "
	   "definition, in 128 forests");
}

/* Does each row add up to its margin? */
static size_t
count_sums(const struct plan *plan, double tolerance)
{
	struct aqi_forest *f = plant_as(plan);
	const size_t width = plan->n_inputs + 1, n_margins = plan->n_margins;
	double *x = make_samples(N_ROWS, plan->n_inputs);
	double *out = explain(f, x, N_ROWS), *y = malloc(
		N_ROWS * n_margins * sizeof *y);
	size_t n_right = 0;

	aqi_forest_predict(f, x, N_ROWS, y);
	for (size_t i = 0; out && i < N_ROWS * n_margins; i++) {
		double sum = 0, most = 0;

		for (size_t k = 0; k < width; k++) {
			sum += out[i * width + k];
			most = fmax(most, fabs(out[i * width + k]));
		}
		n_right += fabs(sum - y[i]) <= tolerance * (most + fabs(y[i]));
	}
	free(y);
	free(x);
	free(out);
	aqi_forest_free(f);
	return n_right;
}

/* Paths of up to 200 inputs: nothing is lost on the way. */
static void
test_sums(void)
{
	struct plan plan = {
		.n_trees = 30, .depth = 8, .n_inputs = 40, .rare = 20,
		.n_margins = 2, .has_covers = true,
	};

	ok(count_sums(&plan, 1e-5) == 2 * N_ROWS,
	   "they add up to the margin of 32 bits");
	plan.is_wide = true;
	ok(count_sums(&plan, 1e-13) == 2 * N_ROWS, "and to that of 64");
	plan.is_vine = true;
	plan.depth = 200;
	plan.n_inputs = 400;
	plan.rare = 1000;
	ok(count_sums(&plan, 1e-12) == 2 * N_ROWS,
	   "on paths of many levels and inputs, too");
}

/* x0 < 5 ? (x1 < 2 ? 10 : 30) : 50, with 4, 12 and 16 of 32 samples. */
static const struct aqi_tree_node small[] = {
	{.value = 5, .left = 1, .right = 2, .cover = 32},
	{.value = 2, .input = 1, .left = 3, .right = 4, .cover = 16},
	{.is_leaf = true, .value = 50, .cover = 16},
	{.is_leaf = true, .value = 10, .cover = 4},
	{.is_leaf = true, .value = 30, .cover = 12},
};

static struct aqi_forest *
make(const struct aqi_tree_node *nodes, size_t n, bool has_covers,
     enum aqi_aggregate aggregate)
{
	const struct aqi_forest_shape shape = {
		.is_wide = true, .has_covers = has_covers,
		.aggregate = aggregate, .n_inputs = 3, .n_margins = 1,
		.bases = &(double){100}, .link = AQI_LINK_PLAIN,
	};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, NULL);
	struct aqi_forest *forest;

	add_tree(b, &(struct aqi_tree){.nodes = nodes, .n_nodes = n});
	forest = aqi_forest_builder_finish(b, NULL);
	aqi_forest_builder_free(b);
	return forest;
}

/*
 * By hand: v() = 137.5, v(x0) = 125, v(x1) = 130, v(x0,x1) = 110 at x0 = 1 and
 * x1 = 1, of which x0 is the mean of -12.5 and -20.
 */
static void
test_by_hand(void)
{
	static const double right[] = {-16.25, -11.25, 0, 137.5};
	const double x[] = {1, 1, 7, 9, 1, 7};
	struct aqi_forest *f = make(small, 5, true, AQI_AGGREGATE_SUM);
	double *out = explain(f, x, 2);

	ok(out && are_near(out, right, 4, 1e-14) && out[2] == 0,
	   "a tree by hand, and an input that it does not ask");
	/* v(x0) = v(x0,x1) = 150. */
	ok(out && fabs(out[4] - 16.25) < 1e-12 && fabs(out[5] + 3.75) < 1e-12,
	   "an input that is not asked on the way counts as well");
	free(out);
	aqi_forest_free(f);
}

/* Nobody went below the left child: both ways count alike there. */
static void
test_no_samples(void)
{
	struct aqi_tree_node nodes[5];
	struct aqi_forest *f;
	double *out;

	memcpy(nodes, small, sizeof nodes);
	nodes[1].cover = nodes[3].cover = nodes[4].cover = 0;
	f = make(nodes, 5, true, AQI_AGGREGATE_SUM);
	out = explain(f, (const double[]){1, 1, 0}, 1);
	/* v() = v(x1) = 150, v(x0) = 120, v(x0,x1) = 110 */
	ok(out && fabs(out[0] + 35) < 1e-12 && fabs(out[1] + 5) < 1e-12 &&
	   fabs(out[3] - 150) < 1e-12,
	   "where no sample went, both ways count alike");
	free(out);
	aqi_forest_free(f);
}

static void
test_no_trees(void)
{
	const struct aqi_tree_node leaf = {.is_leaf = true, .value = 7};
	struct aqi_forest *f = make(&leaf, 1, true, AQI_AGGREGATE_SUM);
	double *out = explain(f, (const double[]){1, 1, 0}, 1);

	ok(out && out[0] == 0 && out[1] == 0 && out[3] == 107,
	   "a tree of a leaf alone is expected");
	free(out);
	aqi_forest_free(f);
	f = make(&leaf, 1, false, AQI_AGGREGATE_SUM);
	out = explain(f, (const double[]){1, 1, 0}, 1);
	ok(out && out[0] == 0 && out[1] == 0 && out[3] == 107,
	   "and needs no samples for that");
	free(out);
	aqi_forest_free(f);
}

static void
test_refused(struct aqi_forest *f, const char *reason)
{
	struct aqi_error err = {0};
	struct aqi_explain *e = aqi_explain_new(f, &err);

	if (!ok(!e && err.code == AQI_E_MODEL &&
		strcmp(err.reason, reason) == 0, "refused: %s", reason))
		note("%s", err.reason);
	aqi_explain_free(e);
	aqi_forest_free(f);
}

/* A chain of so many levels. */
static struct aqi_forest *
make_chain(size_t depth)
{
	static struct aqi_tree_node nodes[2 * AQI_EXPLAIN_DEPTH + 5];
	const size_t last = 2 * depth;

	for (size_t i = 0; i <= last; i++)
		nodes[i] = (struct aqi_tree_node){
			.is_leaf = i % 2 || i == last, .value = (double)i,
			.left = (int64_t)i + 2, .right = (int64_t)i + 1,
			.cover = 1, .input = (int64_t)i % 3,
		};
	return make(nodes, last + 1, true, AQI_AGGREGATE_SUM);
}

static void
test_refusals(void)
{
	struct aqi_tree_node nodes[5];
	struct aqi_forest *f = make_chain(AQI_EXPLAIN_DEPTH);
	double *out = explain(f, (const double[]){1, 2, 3}, 1);

	ok(out != NULL, "a tree of AQI_EXPLAIN_DEPTH levels is explained");
	free(out);
	aqi_forest_free(f);
	test_refused(make_chain(AQI_EXPLAIN_DEPTH + 1),
		     "tree 0 has more than 256 levels: there are no "
		     "contributions");
	test_refused(make(small, 5, false, AQI_AGGREGATE_SUM),
		     "the model does not say how many samples of its training "
		     "each node had, which contributions need");
	test_refused(make(small, 5, true, AQI_AGGREGATE_MIN),
		     "the trees are not summed up: there are no "
		     "contributions");
	memcpy(nodes, small, sizeof nodes);
	nodes[2].is_linear = true;
	test_refused(make(nodes, 5, true, AQI_AGGREGATE_SUM),
		     "a leaf is a linear function, of which there are no "
		     "contributions");
	memcpy(nodes, small, sizeof nodes);
	for (int i = 0; i < 5; i++)
		nodes[i].cover = 0;
	test_refused(make(nodes, 5, true, AQI_AGGREGATE_SUM),
		     "tree 0: no samples of its training are told, which "
		     "contributions need");
	aqi_explain_free(NULL);
}

/* Rows at once, or one by one, and margins that others do not touch. */
static void
test_rows(void)
{
	const struct plan plan = {
		.n_trees = 9, .depth = 5, .n_inputs = 4, .rare = 9,
		.n_margins = 3, .is_mixed = true, .has_covers = true,
	};
	struct aqi_forest *f = plant_as(&plan);
	double *x = make_samples(20, 4), *all = explain(f, x, 20);
	size_t n_same = 0;

	for (size_t i = 0; i < 20; i++) {
		double *one = explain(f, x + i * 4, 1);

		n_same += memcmp(one, all + i * 15, 15 * sizeof *one) == 0;
		free(one);
	}
	ok(n_same == 20, "rows are explained one by one, to the bit");
	free(all);
	free(x);
	aqi_forest_free(f);
}

/* The integral of t^k is 1 / (k + 1), exactly so for k < 2n. */
static void
test_quadrature(void)
{
	static const size_t sizes[] = {1, 2, 3, 4, 8, 20, 64, 128};
	double points[128], weights[128];
	size_t n_right = 0, n_all = 0;

	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		const size_t n = sizes[s];

		aqi_quadrature_legendre(n, points, weights);
		for (size_t k = 0; k < 2 * n; k++, n_all++) {
			double sum = 0;

			for (size_t i = 0; i < n; i++)
				sum += weights[i] * pow(points[i], (double)k);
			n_right += fabs(sum * (double)(k + 1) - 1) < 1e-12;
		}
	}
	ok(n_right == n_all, "a quadrature is exact for degrees below 2n");
}

int
main(void)
{
	start_random();
	test_quadrature();
	test_by_hand();
	test_definition();
	test_sums();
	test_no_samples();
	test_no_trees();
	test_rows();
	test_refusals();
	return done();
}
