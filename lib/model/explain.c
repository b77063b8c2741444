#include "model/explain.h"

#include <stdlib.h>

#include "model/forest_block.h"
#include "model/quadrature.h"

/*
 * Of one leaf, let the inputs on its path be the players: o is 1 where all
 * splits by an input send the sample towards the leaf, else 0; z is the share
 * of the samples of training that they sent there. By Owen, the contribution of
 * input i is the leaf's value times
 *
 *	integral from 0 to 1 of (o_i - z_i) product over j != i of g_j(t) dt,
 *	g_j(t) = t o_j + (1 - t) z_j.
 *
 * At each point t of the quadrature we go down a tree with G, the product of
 * all g so far, and up again with S, the sum over the leaves below of value
 * times G. Where an edge changes the pair of its input from (o', z') to (o, z),
 * all leaves below it together give the input
 *
 *	S ((o - z) / g - (o' - z') / g').
 *
 * With a = t + (1 - t) z, which is g where o is 1, that is
 *
 *	(1 - t) times it = S (o/a - 1/a')	where o' is 1
 *	                 = 0			where it was 0 before
 *
 * and nothing is ever divided by a g that may be 0.
 */

/* Points at once, so that vectors are filled. One more than needed is exact,
 * too. The compiler makes of them what vectors there are. */
#define LANES 4

typedef double lanes
	__attribute__((vector_size(LANES * sizeof(double)), may_alias,
		       aligned(8)));

static lanes *
at(double *values, size_t k)
{
	return (lanes *)(values + k);
}

static const lanes *
of(const double *values, size_t k)
{
	return (const lanes *)(values + k);
}

#define NONE UINT32_MAX

struct aqi_explain {
	const struct aqi_forest *forest;
	size_t n_points;	/* a multiple of LANES */
	double *points;		/* (n_points,) t */
	double *rests;		/* (n_points,) 1 - t */
	double *weights;	/* (n_points,) over 1 - t */
	double *ones;		/* (n_points,) a of an input not asked yet */
	double *shares;		/* (n_nodes,) of its parent's samples */
	double *z;		/* (n_nodes,) of its input, down to here */
	uint32_t *priors;	/* (n_nodes,) the last node above whose parent
				 * asks the same input; or NONE */
	double *expected;	/* (n_margins,) */
	size_t most_nodes;	/* of one tree */
};

/* What is known on the way down and up of one tree: by node, from its root. */
struct room {
	double *inverse;	/* (most_nodes, n_points) 1 / a */
	double *sums;		/* (most_nodes, n_points) G, and then S */
	unsigned char *is_on;	/* (most_nodes,) o */
};

/* What is of the making: each node's parent, level, and inputs above. */
struct making {
	uint32_t *parents;	/* (most_nodes,) from the root */
	uint32_t *levels;
	uint32_t *n_players;
	double *reached;	/* share of all samples */
};

/* Trees of one leaf each need no samples to be told apart. */
static bool
has_splits(const struct aqi_forest *f)
{
	for (uint64_t t = 0; t < f->header->n_trees; t++)
		if (f->nodes[f->roots[t]].left != 0)
			return true;
	return false;
}

static const char *
unfit(const struct aqi_forest *f)
{
	if (!f->covers && has_splits(f))
		return "the model does not say how many samples of its "
		       "training each node had, which contributions need";
	if (f->linears)
		return "a leaf is a linear function, of which there are no "
		       "contributions";
	if (f->header->aggregate != AQI_AGGREGATE_SUM)
		return "the trees are not summed up: there are no "
		       "contributions";
	return NULL;
}

static uint32_t
input_of(const struct aqi_forest *f, uint32_t node)
{
	return f->views[f->nodes[node].test & AQI_FOREST_VIEW].input;
}

/* The share of a node's samples that went left. */
static double
left_share(const struct aqi_forest *f, uint32_t left)
{
	const double a = (double)f->covers[left];
	const double b = (double)f->covers[left + 1];

	return a + b > 0 ? a / (a + b) : 0.5;
}

/* The nodes from the root to a child's parent, of which one may be the last to
 * ask the same input as that one. Levels are few. */
static uint32_t
find_prior(const struct aqi_forest *f, const struct making *m, uint32_t root,
	   uint32_t parent)
{
	const uint32_t input = input_of(f, parent);

	for (uint32_t i = parent; i != root; i = root + m->parents[i - root])
		if (input_of(f, root + m->parents[i - root]) == input)
			return i;
	return NONE;
}

static void
make_child(struct aqi_explain *e, struct making *m, uint32_t root,
	   uint32_t parent, uint32_t child, double share)
{
	const uint32_t prior = e->priors[child] =
		find_prior(e->forest, m, root, parent);

	m->parents[child - root] = parent - root;
	m->levels[child - root] = m->levels[parent - root] + 1;
	m->n_players[child - root] = m->n_players[parent - root] +
				     (prior == NONE);
	m->reached[child - root] = m->reached[parent - root] * share;
	e->shares[child] = share;
	e->z[child] = prior == NONE ? share : e->z[prior] * share;
}

/* All of a tree's nodes, parents first. *most_players, out: grown. */
static enum aqi_status
make_tree(struct aqi_explain *e, struct making *m, uint64_t tree,
	  uint32_t *most_players, struct aqi_error *err)
{
	const struct aqi_forest *f = e->forest;
	const uint32_t root = f->roots[tree], end = f->roots[tree + 1];
	double *expected = &e->expected[aqi_forest_target(f, tree)];

	m->levels[0] = m->n_players[0] = 0;
	m->reached[0] = 1;
	for (uint32_t i = root; i < end; i++) {
		const uint32_t left = f->nodes[i].left;
		double share;

		if (m->levels[i - root] > AQI_EXPLAIN_DEPTH)
			return aqi_error_set(err, AQI_E_MODEL,
					     "tree %zu has more than %d "
					     "levels: there are no "
					     "contributions", (size_t)tree,
					     AQI_EXPLAIN_DEPTH);
		if (m->n_players[i - root] > *most_players)
			*most_players = m->n_players[i - root];
		if (left == 0) {
			*expected += m->reached[i - root] * f->nodes[i].value;
			continue;
		}
		share = left_share(f, left);
		make_child(e, m, root, i, left, share);
		make_child(e, m, root, i, left + 1, 1 - share);
	}
	return AQI_OK;
}

/* A root whose children had no samples: they were not counted at all. */
static bool
is_counted(const struct aqi_forest *f, uint64_t tree)
{
	const uint32_t left = f->nodes[f->roots[tree]].left;

	return left == 0 || f->covers[left] > 0 || f->covers[left + 1] > 0;
}

static enum aqi_status
make_trees(struct aqi_explain *e, struct making *m, struct aqi_error *err)
{
	const struct aqi_forest *f = e->forest;
	uint32_t most_players = 0;

	for (uint64_t k = 0; k < f->header->n_margins; k++)
		e->expected[k] = f->bases[k];
	for (uint64_t t = 0; t < f->header->n_trees; t++) {
		if (!is_counted(f, t))
			return aqi_error_set(err, AQI_E_MODEL,
					     "tree %zu: %s", (size_t)t,
					     "no samples of its training are "
					     "told, which contributions need");
		if (make_tree(e, m, t, &most_players, err) != AQI_OK)
			return AQI_FATAL;
	}
	/* The integrands have a degree less than the players are. */
	e->n_points = (most_players + 1) / 2;
	e->n_points = (e->n_points + LANES - 1) / LANES * LANES;
	return AQI_OK;
}

static enum aqi_status
make_points(struct aqi_explain *e, struct aqi_error *err)
{
	const size_t n = e->n_points;

	e->points = calloc(n + 1, 4 * sizeof *e->points);
	if (!e->points)
		return aqi_error_memory(err);
	e->rests = e->points + n;
	e->weights = e->rests + n;
	e->ones = e->weights + n;
	aqi_quadrature_legendre(n, e->points, e->weights);
	for (size_t k = 0; k < n; k++) {
		e->rests[k] = 1 - e->points[k];
		e->weights[k] /= e->rests[k];
		e->ones[k] = 1;
	}
	return AQI_OK;
}

static size_t
count_most_nodes(const struct aqi_forest *f)
{
	size_t most = 1;

	for (uint64_t t = 0; t < f->header->n_trees; t++)
		if (f->roots[t + 1] - f->roots[t] > most)
			most = f->roots[t + 1] - f->roots[t];
	return most;
}

static enum aqi_status
make(struct aqi_explain *e, struct aqi_error *err)
{
	const size_t n_nodes = aqi_forest_nodes(e->forest) + 1;
	const size_t most = e->most_nodes;
	struct making m = {
		.parents = calloc(most, 3 * sizeof *m.parents),
		.reached = calloc(most, sizeof *m.reached),
	};
	enum aqi_status status;

	e->shares = calloc(n_nodes, 2 * sizeof *e->shares);
	e->priors = calloc(n_nodes, sizeof *e->priors);
	e->expected = calloc(e->forest->header->n_margins,
			     sizeof *e->expected);
	if (m.parents && m.reached && e->shares && e->priors && e->expected) {
		m.levels = m.parents + most;
		m.n_players = m.levels + most;
		e->z = e->shares + n_nodes;
		status = make_trees(e, &m, err);
	} else {
		status = aqi_error_memory(err);
	}
	free(m.parents);
	free(m.reached);
	return status == AQI_OK ? make_points(e, err) : status;
}

struct aqi_explain *
aqi_explain_new(const struct aqi_forest *forest, struct aqi_error *err)
{
	const char *fault = unfit(forest);
	struct aqi_explain *e;

	if (fault) {
		aqi_error_set(err, AQI_E_MODEL, "%s", fault);
		return NULL;
	}
	e = calloc(1, sizeof *e);
	if (!e) {
		aqi_error_memory(err);
		return NULL;
	}
	e->forest = forest;
	e->most_nodes = count_most_nodes(forest);
	if (make(e, err) == AQI_OK)
		return e;
	aqi_explain_free(e);
	return NULL;
}

void
aqi_explain_free(struct aqi_explain *e)
{
	if (!e)
		return;
	free(e->points);
	free(e->shares);
	free(e->priors);
	free(e->expected);
	free(e);
}

/* Rows. */

size_t
aqi_explain_room(const struct aqi_explain *e)
{
	return e->most_nodes * (2 * e->n_points * sizeof(double) + 1);
}

static struct room
lay_out(const struct aqi_explain *e, void *room)
{
	const size_t n = e->most_nodes * e->n_points;
	double *inverse = room;

	return (struct room){
		.inverse = inverse, .sums = inverse + n,
		.is_on = (unsigned char *)(inverse + 2 * n),
	};
}

/* What is the same for all rows of a tree. */
static void
fill_tree(const struct aqi_explain *e, uint32_t root, uint32_t end,
	  const struct room *r)
{
	const size_t n = e->n_points;

	for (uint32_t i = root + 1; i < end; i++) {
		double *inverse = r->inverse + (i - root) * n;

		for (size_t k = 0; k < n; k += LANES)
			*at(inverse, k) = 1 / (*of(e->points, k) +
					       e->z[i] * *of(e->rests, k));
	}
}

/* 1 / a' of a node. */
static const double *
prior_inverse(const struct aqi_explain *e, uint32_t root, uint32_t node,
	      const struct room *r)
{
	const uint32_t prior = e->priors[node];

	return prior == NONE ? e->ones :
	       r->inverse + (prior - root) * e->n_points;
}

static bool
was_on(const struct aqi_explain *e, uint32_t root, uint32_t node,
       const struct room *r)
{
	const uint32_t prior = e->priors[node];

	return prior == NONE || r->is_on[prior - root];
}

/*
 * G of a child: that of its parent, times g over g'. Whether the sample takes
 * the way is no branch, for none could foresee it.
 */
static void
descend(const struct aqi_explain *e, uint32_t root, uint32_t parent,
	uint32_t child, bool is_taken, const struct room *r)
{
	const size_t n = e->n_points;
	const double *from = r->sums + (parent - root) * n;
	const double *prior = prior_inverse(e, root, child, r);
	const bool was = was_on(e, root, child, r);
	const double on = is_taken;
	double *to = r->sums + (child - root) * n;

	r->is_on[child - root] = was && is_taken;
	if (was)
		for (size_t k = 0; k < n; k += LANES)
			*at(to, k) = *of(from, k) * *of(prior, k) *
				     (on * *of(e->points, k) +
				      e->z[child] * *of(e->rests, k));
	else
		for (size_t k = 0; k < n; k += LANES)
			*at(to, k) = *of(from, k) * e->shares[child];
}

static void
go_down(const struct aqi_explain *e, uint32_t root, uint32_t end,
	const double *x, const struct room *r)
{
	const struct aqi_forest *f = e->forest;

	for (size_t k = 0; k < e->n_points; k++)
		r->sums[k] = 1;
	for (uint32_t i = root; i < end; i++) {
		const struct aqi_forest_node *node = &f->nodes[i];
		bool left;

		if (node->left == 0)
			continue;
		left = aqi_forest_goes_left(f, node, aqi_forest_look(
			f, node->test & AQI_FOREST_VIEW, x));
		descend(e, root, i, node->left, left, r);
		descend(e, root, i, node->left + 1, !left, r);
	}
}

/* What the leaves below a child give to the input that its parent asks. */
static double
contribution(const struct aqi_explain *e, uint32_t root, uint32_t child,
	     const struct room *r)
{
	const size_t n = e->n_points;
	const double *s = r->sums + (child - root) * n;
	const double *inverse = r->inverse + (child - root) * n;
	const double *prior = prior_inverse(e, root, child, r);
	const double on = r->is_on[child - root];
	lanes sum = {0};

	if (!was_on(e, root, child, r))
		return 0;
	for (size_t k = 0; k < n; k += LANES)
		sum += *of(e->weights, k) * *of(s, k) *
		       (on * *of(inverse, k) - *of(prior, k));
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void
go_up(const struct aqi_explain *e, uint32_t root, uint32_t end, double *out,
      const struct room *r)
{
	const struct aqi_forest *f = e->forest;
	const size_t n = e->n_points;

	for (uint32_t i = end; i-- > root;) {
		const uint32_t left = f->nodes[i].left;
		double *s = r->sums + (i - root) * n;
		const double *below;

		if (left == 0) {
			for (size_t k = 0; k < n; k += LANES)
				*at(s, k) *= f->nodes[i].value;
			continue;
		}
		below = r->sums + (left - root) * n;
		for (size_t k = 0; k < n; k += LANES)
			*at(s, k) = *of(below, k) + *of(below, n + k);
		out[input_of(f, i)] += contribution(e, root, left, r) +
				       contribution(e, root, left + 1, r);
	}
}

void
aqi_explain_rows(const struct aqi_explain *e, const double *x, size_t n_rows,
		 double *out, void *room)
{
	const struct aqi_forest *f = e->forest;
	const size_t n_inputs = f->header->n_inputs, width = n_inputs + 1;
	const size_t n_margins = f->header->n_margins;
	const struct room r = lay_out(e, room);

	memset(out, 0, n_rows * n_margins * width * sizeof *out);
	for (size_t i = 0; i < n_rows * n_margins; i++)
		out[i * width + n_inputs] = e->expected[i % n_margins];
	for (uint64_t t = 0; t < f->header->n_trees; t++) {
		const uint32_t root = f->roots[t], end = f->roots[t + 1];
		const size_t target = aqi_forest_target(f, t);

		fill_tree(e, root, end, &r);
		for (size_t i = 0; i < n_rows; i++) {
			go_down(e, root, end, x + i * n_inputs, &r);
			go_up(e, root, end,
			      out + (i * n_margins + target) * width, &r);
		}
	}
}
