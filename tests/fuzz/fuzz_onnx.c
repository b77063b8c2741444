/*
 * ONNX models: whatever loads predicts, and where the trees see the inputs as
 * they come, to the sums of a naive walk over the attributes as they stand.
 */
#include <math.h>

#include "fuzz.h"
#include "model/forest.h"
#include "model/onnx.h"
#include "model/trees.h"

/* The bytes of a message that are left. */
struct message {
	const uint8_t *p, *end;
};

/* A field: its number, and its bytes or what it is. */
struct field {
	uint64_t number, value;
	struct message bytes;
};

static uint64_t
varint(struct message *m)
{
	uint64_t value = 0;

	for (unsigned shift = 0; m->p < m->end; shift += 7) {
		const uint8_t byte = *m->p++;

		value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
		if (byte < 0x80)
			break;
	}
	return value;
}

/* The file was read, so there is no fault in it. */
static bool
next(struct message *m, struct field *f)
{
	uint64_t tag;

	*f = (struct field){0};
	if (m->p >= m->end)
		return false;
	tag = varint(m);
	f->number = tag >> 3;
	switch (tag & 7) {
	case 0:
		f->value = varint(m);
		break;
	case 2:
		f->value = varint(m);
		f->bytes = (struct message){m->p, m->p + f->value};
		m->p += f->value;
		break;
	default:
		memcpy(&f->value, m->p, (tag & 7) == 1 ? 8 : 4);
		m->p += (tag & 7) == 1 ? 8 : 4;
	}
	return true;
}

static bool
is_text(struct message m, const char *text)
{
	const size_t n = strlen(text);

	return (size_t)(m.end - m.p) == n && memcmp(m.p, text, n) == 0;
}

/* The last field of a number. */
static struct field
last(struct message m, uint64_t number)
{
	struct field f, found = {0};

	while (next(&m, &f))
		if (f.number == number)
			found = f;
	return found;
}

/* Field i of a number. */
static bool
nth(struct message m, uint64_t number, size_t i, struct field *f)
{
	while (next(&m, f))
		if (f->number == number && i-- == 0)
			return true;
	return false;
}

/* The node of trees, or an empty message. */
static struct message
find_node(struct message graph)
{
	struct field f;

	for (size_t i = 0; nth(graph, 1, i, &f); i++) {
		const struct message op = last(f.bytes, 4).bytes;

		if (is_text(op, "TreeEnsembleRegressor") ||
		    is_text(op, "TreeEnsembleClassifier"))
			return f.bytes;
	}
	return (struct message){0};
}

static struct message
find_attribute(struct message node, const char *name)
{
	struct field f;

	for (size_t i = 0; nth(node, 5, i, &f); i++)
		if (is_text(last(f.bytes, 1).bytes, name))
			return f.bytes;
	return (struct message){0};
}

/* Element i of an attribute of ints (8), floats (7) or strings (9) that are
 * not packed; false where there is none. */
static bool
element(struct message node, const char *name, uint64_t number, size_t i,
	struct field *f)
{
	return nth(find_attribute(node, name), number, i, f);
}

static int64_t
integer(struct message node, const char *name, size_t i)
{
	struct field f;

	return element(node, name, 8, i, &f) ? (int64_t)f.value : 0;
}

static float
number(struct message node, const char *name, size_t i)
{
	struct field f;
	uint32_t bits;
	float x;

	if (!element(node, name, 7, i, &f))
		return 0;
	bits = (uint32_t)f.value;
	memcpy(&x, &bits, sizeof x);
	return x;
}

static bool
answer(struct message node, size_t i, float x)
{
	const float t = number(node, "nodes_values", i);
	struct field mode;

	if (isnan(x) && integer(node, "nodes_missing_value_tracks_true", i))
		return true;
	if (!element(node, "nodes_modes", 9, i, &mode))
		return false;
	if (is_text(mode.bytes, "BRANCH_LEQ"))
		return x <= t;
	if (is_text(mode.bytes, "BRANCH_LT"))
		return x < t;
	if (is_text(mode.bytes, "BRANCH_GTE"))
		return x >= t;
	if (is_text(mode.bytes, "BRANCH_GT"))
		return x > t;
	return is_text(mode.bytes, "BRANCH_EQ") ? x == t : x != t;
}

/* Where a node of a tree stands. */
static size_t
find_place(struct message node, size_t n, int64_t tree, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (integer(node, "nodes_treeids", i) == tree &&
		    integer(node, "nodes_nodeids", i) == id)
			return i;
	return 0;
}

static size_t
walk(struct message node, size_t n, size_t i, const double *x)
{
	const int64_t tree = integer(node, "nodes_treeids", i);
	struct field mode;

	while (element(node, "nodes_modes", 9, i, &mode) &&
	       !is_text(mode.bytes, "LEAF")) {
		const float input = (float)x[integer(node, "nodes_featureids",
						     i)];

		i = find_place(node, n, tree, integer(
			node, answer(node, i, input) ? "nodes_truenodeids" :
			"nodes_falsenodeids", i));
	}
	return i;
}

/* The sums, in 32 bits, of as many margins as the forest has. */
static void
sum(struct message node, size_t n, const double *x, size_t n_margins,
    float *sums)
{
	const bool is_class = find_attribute(node, "class_ids").p;
	const char *trees = is_class ? "class_treeids" : "target_treeids";
	const char *nodes = is_class ? "class_nodeids" : "target_nodeids";
	const char *ids = is_class ? "class_ids" : "target_ids";
	const char *weights = is_class ? "class_weights" : "target_weights";
	struct field f;

	for (size_t i = 0; i < n; i++) {
		const int64_t tree = integer(node, "nodes_treeids", i);
		size_t leaf;

		if (i > 0 && tree == integer(node, "nodes_treeids", i - 1))
			continue;
		leaf = walk(node, n, i, x);
		for (size_t w = 0; element(node, ids, 8, w, &f); w++)
			if (integer(node, trees, w) == tree &&
			    integer(node, nodes, w) ==
			    integer(node, "nodes_nodeids", leaf) &&
			    f.value < n_margins)
				sums[f.value] += number(node, weights, w);
	}
	for (size_t k = 0; k < n_margins; k++)
		sums[k] += number(node, "base_values", k);
}

/*
 * The node, if the walk knows all of it: small, its input is that of the graph
 * and of 32 bits, nothing is packed or a tensor, and it adds up.
 */
static struct message
find_plain(struct aqi_slice file, const struct aqi_forest_shape *shape,
	   size_t *n)
{
	const struct message model = {(const uint8_t *)file.data,
				      (const uint8_t *)file.data + file.size};
	const struct message graph = last(model, 7).bytes;
	const struct message node = find_node(graph), none = {0};
	struct field input, f;
	size_t n_nodes = 0, n_inputs = 0;

	while (nth(graph, 1, n_nodes, &f))
		n_nodes++;
	while (nth(graph, 11, n_inputs, &f))
		n_inputs++;
	*n = 0;
	while (element(node, "nodes_nodeids", 8, *n, &f))
		++*n;
	if (!node.p || shape->is_wide || n_inputs != 1 || *n > 64 ||
	    shape->link.divisor != 1 || shape->link.offset != 0 ||
	    shape->aggregate != AQI_AGGREGATE_SUM || !nth(node, 1, 0, &input) ||
	    !nth(graph, 11, 0, &f))
		return none;
	f = last(f.bytes, 1);
	if (f.value != input.value ||
	    memcmp(f.bytes.p, input.bytes.p, f.value) != 0)
		return none;
	f = last(last(last(graph, 11).bytes, 2).bytes, 1);
	if (last(f.bytes, 1).value != 1)
		return none;	/* whole numbers lose their fraction */
	for (size_t i = 0; nth(node, 5, i, &f); i++)
		for (size_t k = 7; k <= 8; k++) {
			struct field e;

			for (size_t j = 0; nth(f.bytes, k, j, &e); j++)
				if (e.bytes.p)
					return none;
			if (nth(f.bytes, 5, 0, &e))
				return none;
		}
	return node;
}

/* Three rows that are fixed, then floats of the input's own bytes. */
static void
fill(double *x, size_t n, size_t row, const uint8_t *data, size_t size)
{
	static const double fixed[] = {0, (double)NAN, -3e38};

	for (size_t i = 0; i < n; i++) {
		float value = (float)i;

		if (size >= 4)
			memcpy(&value, data + (i * 4 + row) % (size - 3),
			       sizeof value);
		x[i] = row < 3 ? fixed[row] : (double)value;
	}
}

static void
check_forest(const struct aqi_trees *trees, const uint8_t *data, size_t size)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(trees->forest);
	const size_t n_out = aqi_link_outputs(&shape.link, shape.n_margins);
	double *x = calloc(shape.n_inputs, sizeof *x);
	double *out = calloc(2 * shape.n_margins, sizeof *out);
	float *sums = calloc(shape.n_margins, sizeof *sums);
	struct message node;
	size_t n;

	CHECK(x && out && sums);
	CHECK(trees->n_labels == 0 || trees->n_labels == n_out);
	CHECK(trees->n_names == 0 || trees->n_names == shape.n_inputs);
	node = find_plain(input_slice(data, size), &shape, &n);
	for (size_t row = 0; row < 6; row++) {
		fill(x, shape.n_inputs, row, data, size);
		aqi_forest_predict(trees->forest, x, 1, out);
		memset(sums, 0, shape.n_margins * sizeof *sums);
		if (node.p)
			sum(node, n, x, shape.n_margins, sums);
		for (size_t k = 0; k < shape.n_margins; k++)
			CHECK(isfinite(out[k]) &&
			      (!node.p || out[k] == (double)sums[k]));
		aqi_link_apply(&shape.link, out, shape.n_margins, 1, out);
	}
	free(sums);
	free(out);
	free(x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct aqi_arena arena;
	struct aqi_trees trees;
	struct aqi_error err = {0};

	if (aqi_onnx_read(input_slice(data, size), &arena, &trees, &err) ==
	    AQI_OK) {
		check_forest(&trees, data, size);
		aqi_forest_free(trees.forest);
	} else {
		CHECK((err.code == AQI_E_MODEL || err.code == AQI_E_LIMIT) &&
		      err.reason[0]);
	}
	aqi_arena_clear(&arena);
	return 0;
}
