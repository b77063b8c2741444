#include "model/forest.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Sums in wider registers (387) would differ from XGBoost's in the last bit. */
_Static_assert(FLT_EVAL_METHOD == 0, "build with -msse2 -mfpmath=sse");

#define VERSION 1
#define BYTE_ORDER_MARK UINT32_C(0x01020304)

static const char magic[8] = {'A', 'Q', 'I', 'T', 'R', 'E', 'E', 'S'};

/*
 * The block: this, then three arrays, each at a multiple of AQI_FOREST_ALIGN,
 * zeros between them:
 *
 *   roots  (n_trees + 1,) uint32  first node of each tree, and the end
 *   nodes  (n_nodes,)     node
 *   ids    (n_nodes,)     uint32  the node's number in the file it is from
 */
struct header {
	char magic[8];
	uint32_t version;
	uint32_t byte_order;
	uint64_t size;		/* of the block, in bytes */
	uint64_t checksum;	/* of all bytes behind this field */
	uint32_t link;
	float base;
	uint64_t n_inputs, n_trees, n_nodes;
	uint64_t roots, nodes, ids;	/* offsets of the arrays */
	char reserved[40];		/* zeros */
};

/*
 * 12 bytes. The child to the right stands at left + 1; 0 marks a leaf, for no
 * node has the root as its child.
 */
struct node {
	float value;		/* threshold, or the leaf's value */
	uint32_t left;
	uint32_t input;		/* and DEFAULT_LEFT */
};

#define DEFAULT_LEFT UINT32_C(0x80000000)
#define CHECKSUM_END (offsetof(struct header, checksum) + sizeof(uint64_t))

_Static_assert(sizeof(struct header) == 128, "the header is two lines");
_Static_assert(sizeof(struct node) == 12, "nodes are packed");

/* A view of the block, and the block itself when it is ours. */
struct aqi_forest {
	const struct header *header;
	const uint32_t *roots;
	const struct node *nodes;
	const uint32_t *ids;
	void *owned;
};

/*
 * Four sums that do not wait for one another: with a single one the checksum
 * would take longer than the check of the nodes. It finds accidents, not
 * forgers; those meet the check of the nodes.
 */
static uint64_t
checksum(const char *bytes, size_t size)
{
	const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t sum[4] = {1, 2, 3, 4}, word[4];

	for (size_t i = CHECKSUM_END; i < size; i += sizeof word) {
		memcpy(word, bytes + i, sizeof word);
		for (int k = 0; k < 4; k++) {
			sum[k] = (sum[k] ^ word[k]) * prime;
			sum[k] ^= sum[k] >> 32;
		}
	}
	for (int k = 1; k < 4; k++)
		sum[0] = (sum[0] ^ sum[k]) * prime;
	return sum[0] ^ sum[0] >> 32;
}

static uint64_t
align(uint64_t offset)
{
	const uint64_t mask = AQI_FOREST_ALIGN - 1;

	return (offset + mask) & ~mask;
}

/* Where the arrays are follows from the counts, which are within limits. */
static void
lay_out(struct header *h)
{
	h->roots = sizeof *h;
	h->nodes = align(h->roots + (h->n_trees + 1) * sizeof(uint32_t));
	h->ids = align(h->nodes + h->n_nodes * sizeof(struct node));
	h->size = align(h->ids + h->n_nodes * sizeof(uint32_t));
}

static bool
fits(const struct aqi_forest_shape *shape, struct aqi_error *err)
{
	if (!isfinite(shape->base))
		aqi_error_set(err, AQI_E_MODEL,
			      "the base margin is not finite");
	else if (shape->n_inputs < 1 ||
		 shape->n_inputs > AQI_FOREST_MAX_INPUTS)
		aqi_error_set(err, AQI_E_MODEL,
			      "%zu inputs; 1 to %d are supported",
			      shape->n_inputs, AQI_FOREST_MAX_INPUTS);
	else
		return true;
	return false;
}

/* Building. */

struct aqi_forest_builder {
	struct aqi_forest_shape shape;
	uint32_t *roots;	/* (n_trees + 1,) of roots_room */
	struct node *nodes;	/* (n_nodes,) of nodes_room */
	uint32_t *ids;		/* (n_nodes,) of nodes_room */
	bool *seen;		/* (nodes_room,) by number in the file */
	size_t n_trees, n_nodes;
	size_t roots_room, nodes_room;
	double largest;		/* the largest sum there can be */
};

struct aqi_forest_builder *
aqi_forest_builder_new(const struct aqi_forest_shape *shape,
		       struct aqi_error *err)
{
	struct aqi_forest_builder *b;

	if (!fits(shape, err))
		return NULL;
	b = calloc(1, sizeof *b);
	if (!b) {
		aqi_error_memory(err);
		return NULL;
	}
	b->shape = *shape;
	b->largest = fabs((double)shape->base);
	return b;
}

static bool
grow(void *array, size_t n, size_t size)
{
	void *old, *grown;

	memcpy(&old, array, sizeof old);
	grown = reallocarray(old, n, size);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof grown);
	return true;
}

/* Room for one more tree of n nodes. */
static enum aqi_status
make_room(struct aqi_forest_builder *b, size_t n, struct aqi_error *err)
{
	size_t trees = b->n_trees + 2, nodes = b->n_nodes + n;

	if (trees > b->roots_room) {
		if (!grow(&b->roots, trees * 2, sizeof *b->roots))
			return aqi_error_memory(err);
		b->roots_room = trees * 2;
	}
	if (nodes > b->nodes_room) {
		if (!grow(&b->nodes, nodes * 2, sizeof *b->nodes) ||
		    !grow(&b->ids, nodes * 2, sizeof *b->ids) ||
		    !grow(&b->seen, nodes * 2, sizeof *b->seen))
			return aqi_error_memory(err);
		b->nodes_room = nodes * 2;
	}
	return AQI_OK;
}

static enum aqi_status
fail_node(const struct aqi_forest_builder *b, size_t node, const char *reason,
	  struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_MODEL, "tree %zu node %zu: %s",
			     b->n_trees, node, reason);
}

/* Give the next place to a child; where in the file it is. */
static enum aqi_status
reach(struct aqi_forest_builder *b, size_t parent, int64_t child,
      size_t n_nodes, size_t *n_reached, struct aqi_error *err)
{
	if (child < 0 || (uint64_t)child >= n_nodes)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: no child %lld "
				     "among %zu nodes", b->n_trees, parent,
				     (long long)child, n_nodes);
	if (b->seen[child])
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: child %lld has a "
				     "parent already, or is the root",
				     b->n_trees, parent, (long long)child);
	b->seen[child] = true;
	b->ids[b->n_nodes + (*n_reached)++] = (uint32_t)child;
	return AQI_OK;
}

static enum aqi_status
check_node(const struct aqi_forest_builder *b, size_t at,
	   const struct aqi_tree_node *node, struct aqi_error *err)
{
	if (!isfinite(node->value))
		return fail_node(b, at, node->is_leaf ?
				 "the leaf's value is not finite" :
				 "the threshold is not finite", err);
	if (!node->is_leaf &&
	    (node->input < 0 || (uint64_t)node->input >= b->shape.n_inputs))
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu node %zu: no input %lld "
				     "among %zu", b->n_trees, at,
				     (long long)node->input,
				     b->shape.n_inputs);
	return AQI_OK;
}

/*
 * Breadth first: ids, as far as they are filled, are the queue. Nothing is
 * visited twice, so this ends whatever the file says, and needs no stack.
 */
static enum aqi_status
walk(struct aqi_forest_builder *b, const struct aqi_tree_node *nodes,
     size_t n_nodes, size_t *n_reached, struct aqi_error *err)
{
	double largest = 0;

	*n_reached = 0;
	memset(b->seen, 0, n_nodes * sizeof *b->seen);
	if (reach(b, 0, 0, n_nodes, n_reached, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < *n_reached; i++) {
		size_t at = b->ids[b->n_nodes + i];
		const struct aqi_tree_node *node = &nodes[at];
		struct node *out = &b->nodes[b->n_nodes + i];

		if (check_node(b, at, node, err) != AQI_OK)
			return AQI_FATAL;
		*out = (struct node){.value = node->value};
		if (node->is_leaf) {
			largest = fmax(largest, fabs((double)node->value));
			continue;
		}
		out->left = (uint32_t)(b->n_nodes + *n_reached);
		out->input = (uint32_t)node->input |
			     (node->default_left ? DEFAULT_LEFT : 0);
		if (reach(b, at, node->left, n_nodes, n_reached, err) ||
		    reach(b, at, node->right, n_nodes, n_reached, err))
			return AQI_FATAL;
	}
	b->largest += largest;
	return AQI_OK;
}

enum aqi_status
aqi_forest_builder_add(struct aqi_forest_builder *b,
		       const struct aqi_tree_node *nodes, size_t n_nodes,
		       size_t n_unused, struct aqi_error *err)
{
	size_t n_reached;

	if (n_nodes == 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu: no nodes", b->n_trees);
	if (b->n_trees >= AQI_FOREST_MAX_TREES ||
	    n_nodes > AQI_FOREST_MAX_NODES - b->n_nodes)
		return aqi_error_set(err, AQI_E_LIMIT,
				     "tree %zu: above the limit of %d trees "
				     "or %zu nodes", b->n_trees,
				     AQI_FOREST_MAX_TREES,
				     AQI_FOREST_MAX_NODES);
	if (make_room(b, n_nodes, err) != AQI_OK ||
	    walk(b, nodes, n_nodes, &n_reached, err) != AQI_OK)
		return AQI_FATAL;
	if (n_nodes - n_reached != n_unused)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree %zu: %zu nodes are not reached "
				     "from the root, %zu are said to be unused",
				     b->n_trees, n_nodes - n_reached,
				     n_unused);
	b->roots[b->n_trees++] = (uint32_t)b->n_nodes;
	b->n_nodes += n_reached;
	return AQI_OK;
}

/*
 * Half of the largest float leaves room for the rounding of each addition,
 * which is below 2^-24 of the sum so far.
 */
static bool
sum_is_bounded(double largest)
{
	return largest < (double)FLT_MAX / 2;
}

static struct aqi_forest *
view(const void *block, void *owned, struct aqi_error *err)
{
	const char *bytes = block;
	const struct header *h = block;
	struct aqi_forest *forest = malloc(sizeof *forest);

	if (!forest) {
		aqi_error_memory(err);
		return NULL;
	}
	*forest = (struct aqi_forest){
		.header = h,
		.roots = (const void *)(bytes + h->roots),
		.nodes = (const void *)(bytes + h->nodes),
		.ids = (const void *)(bytes + h->ids),
		.owned = owned,
	};
	return forest;
}

static char *
make_block(const struct aqi_forest_builder *b)
{
	struct header h = {
		.version = VERSION,
		.byte_order = BYTE_ORDER_MARK,
		.link = (uint32_t)b->shape.link,
		.base = b->shape.base,
		.n_inputs = b->shape.n_inputs,
		.n_trees = b->n_trees,
		.n_nodes = b->n_nodes,
	};
	uint32_t end = (uint32_t)b->n_nodes;
	char *block;

	memcpy(h.magic, magic, sizeof magic);
	lay_out(&h);
	block = aligned_alloc(AQI_FOREST_ALIGN, h.size);
	if (!block)
		return NULL;
	memset(block, 0, h.size);
	if (b->n_trees > 0) {
		memcpy(block + h.roots, b->roots,
		       b->n_trees * sizeof *b->roots);
		memcpy(block + h.nodes, b->nodes,
		       b->n_nodes * sizeof *b->nodes);
		memcpy(block + h.ids, b->ids, b->n_nodes * sizeof *b->ids);
	}
	memcpy(block + h.roots + b->n_trees * sizeof end, &end, sizeof end);
	memcpy(block, &h, sizeof h);
	h.checksum = checksum(block, h.size);
	memcpy(block, &h, sizeof h);
	return block;
}

struct aqi_forest *
aqi_forest_new(struct aqi_forest_builder *b, struct aqi_error *err)
{
	struct aqi_forest *forest;
	char *block;

	if (!sum_is_bounded(b->largest)) {
		aqi_error_set(err, AQI_E_MODEL,
			      "the leaves are too large: their sum can "
			      "exceed a 32-bit float");
		return NULL;
	}
	block = make_block(b);
	if (!block) {
		aqi_error_memory(err);
		return NULL;
	}
	forest = view(block, block, err);
	if (!forest)
		free(block);
	return forest;
}

void
aqi_forest_builder_free(struct aqi_forest_builder *b)
{
	if (!b)
		return;
	free(b->roots);
	free(b->nodes);
	free(b->ids);
	free(b->seen);
	free(b);
}

/* The door. */

static const char *
check_identity(struct aqi_slice block)
{
	struct header h;

	if (!aqi_forest_is_block(block))
		return "not a compiled model";
	if (block.size < sizeof h)
		return "a compiled model cut short";
	memcpy(&h, block.data, sizeof h);
	if (h.byte_order != BYTE_ORDER_MARK)
		return "a compiled model for the other byte order: "
		       "compile it again here";
	if (h.version != VERSION)
		return "a compiled model of another version: compile it again";
	if (h.size != block.size)
		return "a compiled model cut short, or with bytes behind it";
	return NULL;
}

/* Counts first: the layout is computed from them without overflow. */
static const char *
check_header(const struct header *h)
{
	static const char zeros[sizeof h->reserved];
	struct header expected = *h;

	if (h->n_inputs < 1 || h->n_inputs > AQI_FOREST_MAX_INPUTS ||
	    h->n_trees > AQI_FOREST_MAX_TREES ||
	    h->n_nodes > AQI_FOREST_MAX_NODES)
		return "damaged: a count is out of range";
	lay_out(&expected);
	if (expected.size != h->size || expected.roots != h->roots ||
	    expected.nodes != h->nodes || expected.ids != h->ids)
		return "damaged: its parts do not fill it";
	if (h->link > AQI_LINK_LOGISTIC || !isfinite(h->base) ||
	    memcmp(h->reserved, zeros, sizeof zeros) != 0)
		return "damaged: the header";
	return NULL;
}

/*
 * One tree, nodes [start, end): in breadth-first order each inner node's
 * children take the next two places, so that `next` tells which index must
 * stand there. When all places are taken, each node but the root has one
 * parent before it. Returns whether it is so.
 */
static bool
check_tree(const struct aqi_forest *f, uint32_t start, uint32_t end,
	   double *largest)
{
	uint32_t next = start + 1;
	float leaf = 0;

	for (uint32_t i = start; i < end; i++) {
		const struct node *node = &f->nodes[i];

		if (i >= next || !isfinite(node->value))
			return false;
		if (node->left == 0) {
			if (fabsf(node->value) > leaf)
				leaf = fabsf(node->value);
			continue;
		}
		if (node->left != next || end - next < 2 ||
		    (node->input & ~DEFAULT_LEFT) >= f->header->n_inputs)
			return false;
		next += 2;
	}
	*largest += (double)leaf;
	return next == end;
}

static bool
check_trees(const struct aqi_forest *f)
{
	const uint64_t n_trees = f->header->n_trees;
	double largest = fabs((double)f->header->base);

	if (f->roots[0] != 0 || f->roots[n_trees] != f->header->n_nodes)
		return false;
	for (uint64_t t = 0; t < n_trees; t++)
		if (f->roots[t] >= f->roots[t + 1] ||
		    f->roots[t + 1] > f->header->n_nodes ||
		    !check_tree(f, f->roots[t], f->roots[t + 1], &largest))
			return false;
	return sum_is_bounded(largest);
}

struct aqi_forest *
aqi_forest_adopt(struct aqi_slice block, struct aqi_error *err)
{
	const struct header *h = (const void *)block.data;
	const char *fault = check_identity(block);
	struct aqi_forest *forest;

	if (!fault && (uintptr_t)block.data % AQI_FOREST_ALIGN != 0)
		fault = "a compiled model at an odd place in memory";
	if (!fault)
		fault = check_header(h);
	if (!fault && h->checksum != checksum(block.data, block.size))
		fault = "damaged: the checksum is wrong";
	if (fault) {
		aqi_error_set(err, AQI_E_MODEL, "%s", fault);
		return NULL;
	}
	forest = view(h, NULL, err);
	if (forest && !check_trees(forest)) {
		aqi_error_set(err, AQI_E_MODEL, "damaged: a tree is not one");
		aqi_forest_free(forest);
		return NULL;
	}
	return forest;
}

struct aqi_forest *
aqi_forest_copy(struct aqi_slice block, struct aqi_error *err)
{
	struct aqi_forest *forest;
	char *copy = aligned_alloc(AQI_FOREST_ALIGN, align(block.size + 1));

	if (!copy) {
		aqi_error_memory(err);
		return NULL;
	}
	if (block.size > 0)
		memcpy(copy, block.data, block.size);
	forest = aqi_forest_adopt((struct aqi_slice){copy, block.size}, err);
	if (forest)
		forest->owned = copy;
	else
		free(copy);
	return forest;
}

bool
aqi_forest_is_block(struct aqi_slice bytes)
{
	return bytes.size >= sizeof magic &&
	       memcmp(bytes.data, magic, sizeof magic) == 0;
}

void
aqi_forest_free(struct aqi_forest *forest)
{
	if (!forest)
		return;
	free(forest->owned);
	free(forest);
}

/* Use. */

struct aqi_slice
aqi_forest_bytes(const struct aqi_forest *forest)
{
	return (struct aqi_slice){(const char *)forest->header,
				  forest->header->size};
}

struct aqi_forest_shape
aqi_forest_shape(const struct aqi_forest *forest)
{
	return (struct aqi_forest_shape){
		.base = forest->header->base,
		.link = (enum aqi_link)forest->header->link,
		.n_inputs = forest->header->n_inputs,
	};
}

size_t
aqi_forest_trees(const struct aqi_forest *forest)
{
	return forest->header->n_trees;
}

size_t
aqi_forest_nodes(const struct aqi_forest *forest)
{
	return forest->header->n_nodes;
}

static uint32_t
find_leaf(const struct node *nodes, uint32_t root, const float *x)
{
	uint32_t at = root;

	while (nodes[at].left != 0) {
		const struct node *node = &nodes[at];
		float value = x[node->input & ~DEFAULT_LEFT];
		bool goes_left = isnan(value) ?
				 (node->input & DEFAULT_LEFT) != 0 :
				 value < node->value;

		at = node->left + !goes_left;
	}
	return at;
}

void
aqi_forest_predict(const struct aqi_forest *forest, const float *x,
		   size_t n_rows, float *margin)
{
	const size_t n_inputs = forest->header->n_inputs;
	const size_t n_trees = forest->header->n_trees;
	const struct node *nodes = forest->nodes;

	for (size_t i = 0; i < n_rows; i++, x += n_inputs) {
		float sum = forest->header->base;

		for (size_t t = 0; t < n_trees; t++)
			sum += nodes[find_leaf(nodes, forest->roots[t],
					       x)].value;
		margin[i] = sum;
	}
}

void
aqi_forest_leaves(const struct aqi_forest *forest, const float *x,
		  uint32_t *leaf)
{
	for (size_t t = 0; t < forest->header->n_trees; t++)
		leaf[t] = forest->ids[find_leaf(forest->nodes,
						forest->roots[t], x)];
}

/* XGBoost's: far below zero it stops where expf would overflow. */
static float
logistic(float x)
{
	return 1.0f / (1.0f + expf(fminf(-x, 88.7f)));
}

void
aqi_forest_link(const struct aqi_forest *forest, float *y, size_t n)
{
	switch ((enum aqi_link)forest->header->link) {
	case AQI_LINK_IDENTITY:
		return;
	case AQI_LINK_EXP:
		for (size_t i = 0; i < n; i++)
			y[i] = expf(y[i]);
		return;
	case AQI_LINK_LOGISTIC:
		for (size_t i = 0; i < n; i++)
			y[i] = logistic(y[i]);
		return;
	}
}
