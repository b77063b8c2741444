/*
 * A forest's prediction against a naive walk over the nodes that it was made
 * of. Every input makes one: its bytes are a kind of forest, then nodes, then
 * rows. The block passes the door, and every way to evaluate it that is for
 * such a forest gives the same; what inputs contribute adds up to it.
 */
#include <math.h>

#include "fuzz.h"
#include "model/engine.h"
#include "model/explain.h"
#include "model/forest.h"
#include "model/forest_builder.h"

#define MAX_TREES 8
#define MAX_NODES 127
#define MAX_MARGINS 3
#define SET_ROOM 4
#define N_INPUTS 5
#define N_ROWS 16

struct tree {
	struct aqi_tree_node nodes[MAX_NODES];
	double sets[MAX_NODES][SET_ROOM];
	struct aqi_tree_term terms[MAX_NODES][2];
	size_t n, target;
};

/* What the forest has, by the first bytes; none of it for zeros. */
struct kind {
	bool is_wide, has_rules, has_sets, has_functions, has_covers;
	size_t n_margins;
	enum aqi_aggregate aggregate;
	double bases[MAX_MARGINS];
};

struct bytes {
	const uint8_t *data;
	size_t size;
};

static unsigned
take(struct bytes *in)
{
	return input_byte(&in->data, &in->size);
}

/* Numbers where comparisons turn, so that rows meet thresholds; or any bits. */
static double
take_number(struct bytes *in)
{
	static const float few[] = {
		0, -0.0f, 1, -1, 0.5f, 1.5f, 0x1p-149f, -0x1p-149f, 0x1p-126f,
		3e38f, -3e38f, 16777216, 1e-35f, -0.5f, 1e-20f, 7
	};
	const unsigned kind = take(in);
	uint64_t bits = 0;
	float narrow;
	double x;

	if (kind < 192)
		return (double)few[kind % 16];
	for (int i = 0; i < (kind & 1 ? 8 : 4); i++)
		bits = bits << 8 | take(in);
	memcpy(&x, &bits, sizeof x);
	memcpy(&narrow, &(uint32_t){(uint32_t)bits}, sizeof narrow);
	return kind & 1 ? x : (double)narrow;
}

static double
take_finite(struct bytes *in, const struct kind *kind, double most)
{
	double x = take_number(in);

	if (!kind->is_wide)
		x = (double)(float)x;
	return isfinite(x) && fabs(x) <= most ? x : 2;
}

static void
take_function(struct tree *tree, size_t at, struct bytes *in,
	      const struct kind *kind)
{
	struct aqi_tree_node *node = &tree->nodes[at];
	const unsigned byte = take(in);

	node->is_linear = true;
	node->constant = take_finite(in, kind, 1e36);
	node->terms = tree->terms[at];
	node->n_terms = byte % 3;
	for (size_t i = 0; i < node->n_terms; i++) {
		tree->terms[at][i].coefficient = take_finite(in, kind, 1e36);
		tree->terms[at][i].input = (byte >> (3 * i + 1)) % N_INPUTS;
	}
}

static void
take_set(struct tree *tree, size_t at, struct bytes *in,
	 const struct kind *kind)
{
	struct aqi_tree_node *node = &tree->nodes[at];

	node->has_set = true;
	node->set = tree->sets[at];
	node->n_set = take(in) % (SET_ROOM + 1);
	for (size_t i = 0; i < node->n_set; i++)
		tree->sets[at][i] = take_finite(in, kind, (double)INFINITY);
}

/* A node and all below it, at the end of the array; where it is. The sides are
 * made in either order, so that files of both are met. */
static int64_t
grow(struct tree *tree, struct bytes *in, const struct kind *kind, int depth)
{
	const size_t at = tree->n++;
	const unsigned byte = take(in);
	struct aqi_tree_node *node = &tree->nodes[at];

	*node = (struct aqi_tree_node){
		.is_leaf = byte % 3 == 0 || depth == 6 || in->size == 0,
		.default_left = byte & 64,
		.input = byte % N_INPUTS,
	};
	node->value = take_finite(in, kind,
				  node->is_leaf ? 1e36 : (double)INFINITY);
	if (kind->has_functions && node->is_leaf && (byte & 32))
		take_function(tree, at, in, kind);
	node->cover = (float)(kind->has_covers ? take(in) : 0);
	if (node->is_leaf)
		return (int64_t)at;
	if (kind->has_rules)
		node->rule = (enum aqi_view_rule)(take(in) %
						  (AQI_VIEW_LAST + 1));
	if (kind->has_sets && (byte & 32))
		take_set(tree, at, in, kind);
	if (byte & 128) {
		node->left = grow(tree, in, kind, depth + 1);
		node->right = grow(tree, in, kind, depth + 1);
	} else {
		node->right = grow(tree, in, kind, depth + 1);
		node->left = grow(tree, in, kind, depth + 1);
	}
	return (int64_t)at;
}

static double
cut(const struct kind *kind, double x)
{
	return kind->is_wide ? x : (double)(float)x;
}

static double
see(const struct kind *kind, enum aqi_view_rule rule, double x)
{
	x = cut(kind, x);
	if (rule == AQI_VIEW_MISSING_IS_ZERO && isnan(x))
		return 0;
	if (rule == AQI_VIEW_ZERO_IS_MISSING && x >= -(double)1e-35f &&
	    x <= (double)1e-35f)
		return (double)NAN;
	if (rule == AQI_VIEW_CATEGORY && x < 0)
		return -1;
	if (rule == AQI_VIEW_CATEGORY || rule == AQI_VIEW_WHOLE)
		return x < 0 ? ceil(x) : floor(x);
	return x;
}

static bool
goes_left(const struct kind *kind, const struct aqi_tree_node *node,
	  const double *x)
{
	const double value = see(kind, node->rule, x[node->input]);

	if (isnan(value))
		return node->default_left;
	for (size_t i = 0; i < node->n_set; i++)
		if (node->set[i] == value)
			return true;
	return !node->has_set && value < node->value;
}

static size_t
walk(const struct kind *kind, const struct tree *tree, const double *x)
{
	size_t i = 0;

	while (!tree->nodes[i].is_leaf)
		i = (size_t)(goes_left(kind, &tree->nodes[i], x) ?
			     tree->nodes[i].left : tree->nodes[i].right);
	return i;
}

static double
leaf_of(const struct kind *kind, const struct aqi_tree_node *leaf,
	const double *x)
{
	double y = leaf->constant;

	for (size_t i = 0; i < leaf->n_terms; i++)
		if (isnan(x[leaf->terms[i].input]))
			return leaf->value;
	for (size_t i = 0; i < leaf->n_terms; i++)
		y += leaf->terms[i].coefficient *
		     cut(kind, x[leaf->terms[i].input]);
	return leaf->is_linear ? y : leaf->value;
}

static double
join(const struct kind *kind, double sum, double leaf)
{
	switch (kind->aggregate) {
	case AQI_AGGREGATE_MIN:
		return fmin(sum, leaf);
	case AQI_AGGREGATE_MAX:
		return fmax(sum, leaf);
	default:
		return kind->is_wide ? sum + leaf :
		       (double)((float)sum + (float)leaf);
	}
}

/* To the bit, but for the sign of a least zero, and NaN of two infinities. */
static bool
is_same(const struct kind *kind, const double *a, const double *b)
{
	for (size_t k = 0; k < kind->n_margins; k++)
		if (memcmp(&a[k], &b[k], sizeof *a) != 0 &&
		    !(isnan(a[k]) && isnan(b[k])) &&
		    (kind->aggregate == AQI_AGGREGATE_SUM || a[k] != b[k]))
			return false;
	return true;
}

static void
check_row(const struct aqi_forest *forest, const struct kind *kind,
	  const struct tree *trees, const double *x, const double *margins)
{
	const size_t n_trees = aqi_forest_trees(forest);
	double sums[MAX_MARGINS];
	uint32_t leaves[MAX_TREES];

	memcpy(sums, kind->bases, sizeof sums);
	aqi_forest_leaves(forest, x, leaves);
	for (size_t t = 0; t < n_trees; t++) {
		const size_t leaf = walk(kind, &trees[t], x);
		double *sum = &sums[trees[t].target];

		CHECK(leaves[t] == leaf);
		*sum = join(kind, *sum,
			    leaf_of(kind, &trees[t].nodes[leaf], x));
	}
	CHECK(is_same(kind, sums, margins));
}

/* The best way for one row, and the best for many. */
static void
check_engine(const struct aqi_forest *forest, const struct kind *kind,
	     const double *x, const double *margins)
{
	static const size_t sizes[] = {1, 4096};
	double ours[N_ROWS * MAX_MARGINS];
	struct aqi_error err;
	struct aqi_engine *engine = aqi_engine_new(forest, NULL, &err);

	CHECK(engine);
	for (int i = 0; i < 2; i++) {
		CHECK(aqi_engine_prepare(engine, sizes[i], &err) == AQI_OK);
		aqi_engine_predict(engine, x, N_ROWS, ours);
		for (size_t r = 0; r < N_ROWS; r++)
			CHECK(is_same(kind, ours + r * kind->n_margins,
				      margins + r * kind->n_margins));
	}
	aqi_engine_free(engine);
}

/* No sum of a margin is larger, whatever the way. */
static double
most_of(const struct kind *kind, const struct tree *trees, size_t n_trees,
	size_t margin)
{
	double sum = fabs(kind->bases[margin]);

	for (size_t t = 0; t < n_trees; t++) {
		double most = 0;

		for (size_t i = 0; i < trees[t].n; i++)
			if (trees[t].nodes[i].is_leaf)
				most = fmax(most,
					    fabs(trees[t].nodes[i].value));
		sum += trees[t].target == margin ? most : 0;
	}
	return sum;
}

/* Contributions and the expected value are the margin. */
static void
check_explained(const struct aqi_forest *forest, const struct kind *kind,
		const struct tree *trees, const double *x,
		const double *margins)
{
	double out[N_ROWS * MAX_MARGINS][N_INPUTS + 1];
	struct aqi_error err = {0};
	struct aqi_explain *explain = aqi_explain_new(forest, &err);
	void *room = malloc(explain ? aqi_explain_room(explain) : 1);

	CHECK(room);
	CHECK(explain || (err.code == AQI_E_MODEL && err.reason[0]));
	if (explain)
		aqi_explain_rows(explain, x, N_ROWS, out[0], room);
	for (size_t i = 0; explain && i < N_ROWS * kind->n_margins; i++) {
		const double most = most_of(kind, trees,
					    aqi_forest_trees(forest),
					    i % kind->n_margins);
		double sum = 0;

		for (size_t k = 0; k <= N_INPUTS; k++)
			sum += out[i][k];
		CHECK(fabs(sum - margins[i]) <=
		      (kind->is_wide ? 1e-12 : 1e-5) * most);
	}
	free(room);
	aqi_explain_free(explain);
}

static void
check_rows(const struct aqi_forest *forest, const struct kind *kind,
	   const struct tree *trees, struct bytes *in)
{
	double x[N_ROWS][N_INPUTS], margins[N_ROWS * MAX_MARGINS];
	double again[N_ROWS * MAX_MARGINS];
	struct aqi_error err;
	struct aqi_forest *copy = aqi_forest_copy(aqi_forest_bytes(forest),
						  &err);

	CHECK(copy);
	for (int r = 0; r < N_ROWS; r++)
		for (int i = 0; i < N_INPUTS; i++)
			x[r][i] = take_number(in);
	aqi_forest_predict(forest, x[0], N_ROWS, margins);
	aqi_forest_predict(copy, x[0], N_ROWS, again);
	for (size_t r = 0; r < N_ROWS; r++) {
		CHECK(is_same(kind, margins + r * kind->n_margins,
			      again + r * kind->n_margins));
		check_row(forest, kind, trees, x[r],
			  margins + r * kind->n_margins);
	}
	check_engine(forest, kind, x[0], margins);
	check_explained(forest, kind, trees, x[0], margins);
	aqi_forest_free(copy);
}

static struct kind
take_kind(struct bytes *in)
{
	const unsigned flags = take(in), more = take(in);
	struct kind kind = {
		.is_wide = flags & 1, .has_rules = flags & 2,
		.has_sets = flags & 4, .has_functions = flags & 8,
		.has_covers = more & 64,
		.n_margins = 1 + more % MAX_MARGINS,
		.aggregate = flags >> 4 & 3,
	};

	if (kind.aggregate > AQI_AGGREGATE_LAST)
		kind.aggregate = AQI_AGGREGATE_SUM;
	for (size_t k = 0; k < kind.n_margins; k++)
		kind.bases[k] = take_finite(in, &kind, 1e36);
	return kind;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tree trees[MAX_TREES];
	struct bytes in = {data, size};
	const size_t n_trees = take(&in) % MAX_TREES + 1;
	const struct kind kind = take_kind(&in);
	const struct aqi_forest_shape shape = {
		.is_wide = kind.is_wide, .has_covers = kind.has_covers,
		.aggregate = kind.aggregate,
		.n_inputs = N_INPUTS, .n_margins = kind.n_margins,
		.bases = kind.bases, .link = AQI_LINK_PLAIN,
	};
	struct aqi_error err;
	struct aqi_forest_builder *builder = aqi_forest_builder_new(&shape,
								    &err);
	struct aqi_forest *forest;

	CHECK(builder);
	for (size_t t = 0; t < n_trees; t++) {
		trees[t].n = 0;
		trees[t].target = take(&in) % kind.n_margins;
		grow(&trees[t], &in, &kind, 0);
		CHECK(aqi_forest_builder_add(builder, &(struct aqi_tree){
			.nodes = trees[t].nodes, .n_nodes = trees[t].n,
			.target = trees[t].target,
		}, &err) == AQI_OK);
	}
	forest = aqi_forest_builder_finish(builder, &err);
	CHECK(forest);
	check_rows(forest, &kind, trees, &in);
	aqi_forest_free(forest);
	aqi_forest_builder_free(builder);
	return 0;
}
