/*
 * Random forests with all that a forest can have, against a walk over the nodes
 * that they were made of, as plain as can be.
 */
#include "model/forest_block.h"
#include "plant.h"
#include "tap.h"

#define N_TREES 12
#define N_INPUTS 6
#define N_ROWS 60

static struct plant_room rooms[N_TREES];

struct made {
	size_t n_nodes, target;
	uint32_t ids[MAX_NODES];
};

static struct made made[N_TREES];

static double
narrow(double x, bool is_wide)
{
	return is_wide ? x : (double)(float)x;
}

static double
see(enum aqi_view_rule rule, double x, bool is_wide)
{
	const bool is_missing = x != x;
	const double whole = (x = narrow(x, is_wide)) < 0 ? ceil(x) : floor(x);

	if (rule == AQI_VIEW_MISSING_IS_ZERO && is_missing)
		return 0;
	if (rule == AQI_VIEW_ZERO_IS_MISSING && x >= -(double)1e-35f &&
	    x <= (double)1e-35f)
		return (double)NAN;
	if (rule == AQI_VIEW_CATEGORY && x < 0)
		return -1;
	return rule == AQI_VIEW_WHOLE || rule == AQI_VIEW_CATEGORY ? whole : x;
}

static bool
goes_left(const struct aqi_tree_node *node, const double *x, bool is_wide)
{
	const double value = see(node->rule, x[node->input], is_wide);

	if (value != value)
		return node->default_left;
	for (size_t i = 0; node->has_set && i < node->n_set; i++)
		if (node->set[i] == value)
			return true;
	return !node->has_set && value < node->value;
}

static double
leaf_of(const struct aqi_tree_node *leaf, const double *x, bool is_wide)
{
	double y = leaf->constant;

	if (!leaf->is_linear)
		return leaf->value;
	for (size_t i = 0; i < leaf->n_terms; i++) {
		if (isnan(x[leaf->terms[i].input]))
			return leaf->value;
		y += leaf->terms[i].coefficient *
		     narrow(x[leaf->terms[i].input], is_wide);
	}
	return y;
}

static double
join(const struct plan *plan, double sum, double leaf)
{
	if (plan->aggregate == AQI_AGGREGATE_MIN)
		return isnan(leaf) || sum < leaf ? sum : leaf;
	if (plan->aggregate == AQI_AGGREGATE_MAX)
		return isnan(leaf) || sum > leaf ? sum : leaf;
	return plan->is_wide ? sum + leaf : (double)((float)sum + (float)leaf);
}

/* Every plan in turn: each bit of the number is something that it has. */
static struct plan
make_plan(unsigned i)
{
	return (struct plan){
		.depth = 1 + (unsigned)aqi_random_below(&rng, 7),
		.n_inputs = N_INPUTS, .rare = 6,
		.n_margins = i & 1 ? 3 : 1,
		.is_wide = i & 2, .has_rules = i & 4, .has_sets = i & 8,
		.has_functions = i & 16, .has_covers = i & 32,
		.has_gains = i & 64,
		.aggregate = i % 5 < 3 ? AQI_AGGREGATE_SUM :
			     i % 5 == 3 ? AQI_AGGREGATE_MIN : AQI_AGGREGATE_MAX,
	};
}

static struct aqi_forest *
make(const struct plan *plan, const double *bases)
{
	const struct aqi_forest_shape shape = {
		.is_wide = plan->is_wide, .has_covers = plan->has_covers,
		.has_gains = plan->has_gains, .aggregate = plan->aggregate,
		.n_inputs = N_INPUTS, .n_margins = plan->n_margins,
		.bases = bases, .link = AQI_LINK_PLAIN,
	};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, NULL);
	struct aqi_forest *forest;

	for (size_t t = 0; t < N_TREES; t++) {
		made[t].n_nodes = grow(&rooms[t], plan);
		made[t].target = aqi_random_below(&rng, plan->n_margins);
		for (size_t i = 0; i < made[t].n_nodes; i++)
			made[t].ids[i] = (uint32_t)(i * 3 + t);
		add_tree(b, &(struct aqi_tree){
			.nodes = rooms[t].nodes, .n_nodes = made[t].n_nodes,
			.target = made[t].target, .ids = made[t].ids,
		});
	}
	forest = aqi_forest_builder_finish(b, NULL);
	aqi_forest_builder_free(b);
	return forest;
}

/* Of zeros of both signs either may be the least. */
static bool
is_same(const struct plan *plan, double got, double want)
{
	return memcmp(&got, &want, sizeof got) == 0 ||
	       (isnan(got) && isnan(want)) ||
	       (plan->aggregate != AQI_AGGREGATE_SUM && got == want);
}

static bool
agrees(const struct aqi_forest *forest, const struct plan *plan,
       const double *bases, const double *x)
{
	uint32_t leaves[N_TREES];
	double y[3], want[3] = {bases[0], bases[1], bases[2]};
	bool right = true;

	aqi_forest_predict(forest, x, 1, y);
	aqi_forest_leaves(forest, x, leaves);
	for (size_t t = 0; t < N_TREES; t++) {
		const struct aqi_tree_node *nodes = rooms[t].nodes;
		double *sum = &want[made[t].target];
		size_t at = 0;

		while (!nodes[at].is_leaf)
			at = (size_t)(goes_left(&nodes[at], x, plan->is_wide) ?
				      nodes[at].left : nodes[at].right);
		right = right && leaves[t] == made[t].ids[at];
		*sum = join(plan, *sum, leaf_of(&nodes[at], x, plan->is_wide));
	}
	for (size_t k = 0; k < plan->n_margins; k++)
		right = right && is_same(plan, y[k], want[k]);
	return right;
}

/* Are the numbers of training those that each node was given? */
static bool
keeps(const struct aqi_forest *f, const struct plan *plan)
{
	for (size_t t = 0; t < N_TREES; t++) {
		for (uint32_t i = f->roots[t]; i < f->roots[t + 1]; i++) {
			const size_t at = (f->ids[i] - t) / 3;
			const struct aqi_tree_node *node = &rooms[t].nodes[at];

			if (plan->has_covers && f->covers[i] != node->cover)
				return false;
			if (plan->has_gains && f->gains[i] != node->gain)
				return false;
		}
	}
	return !f->covers == !plan->has_covers &&
	       !f->gains == !plan->has_gains;
}

static bool
survives(const struct aqi_forest *forest, const struct plan *plan,
	 const double *x)
{
	struct aqi_error err;
	struct aqi_forest *copy = aqi_forest_copy(aqi_forest_bytes(forest),
						  &err);
	double y[6];
	bool right;

	if (!copy) {
		note("%s", err.reason);
		return false;
	}
	aqi_forest_predict(forest, x, 1, y);
	aqi_forest_predict(copy, x, 1, y + 3);
	right = count_different(y, y + 3, plan->n_margins) == 0;
	aqi_forest_free(copy);
	return right;
}

int
main(void)
{
	size_t n_right = 0, n_whole = 0, n_kept = 0, n = 0;

	start_random();
	for (unsigned i = 0; i < 256; i++) {
		const struct plan plan = make_plan(i);
		const double bases[3] = {-0.0, some_leaf(&plan),
					 some_leaf(&plan)};
		struct aqi_forest *forest = make(&plan, bases);
		double *x = make_samples(N_ROWS, N_INPUTS);

		for (size_t r = 0; forest && r < N_ROWS; r++, n++)
			n_right += agrees(forest, &plan, bases,
					  x + r * N_INPUTS);
		n_kept += forest && keeps(forest, &plan);
		n_whole += forest && survives(forest, &plan, x);
		free(x);
		aqi_forest_free(forest);
	}
	ok(n_right == n && n == 256 * N_ROWS,
	   "256 forests of all kinds equal a naive walk");
	ok(n_kept == 256, "covers and gains are the nodes' own");
	ok(n_whole == 256, "their blocks pass the door, and predict the same");
	return done();
}
