#include "model/forest_block.h"

#include <math.h>
#include <stdlib.h>

#include "plant.h"
#include "small_forest.h"

/* The block. */

/* As the source has it, written a second time. */
static void
seal(char *block, size_t size)
{
	const size_t start = sizeof(struct aqi_block_seal);
	uint64_t sum[4] = {1, 2, 3, 4}, word;

	for (size_t i = start; i + 8 <= size; i += 8) {
		uint64_t *s = &sum[(i - start) / 8 % 4];

		memcpy(&word, block + i, 8);
		*s = (*s ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		*s ^= *s >> 32;
	}
	for (int k = 1; k < 4; k++)
		sum[0] = (sum[0] ^ sum[k]) * UINT64_C(0x9e3779b97f4a7c15);
	sum[0] ^= sum[0] >> 32;
	memcpy(block + offsetof(struct aqi_block_seal, checksum), sum, 8);
}

/* Set a 32-bit word of a copy, seal it, and adopt it. */
static struct aqi_forest *
tamper(struct aqi_slice block, size_t at, uint32_t word, struct aqi_error *err)
{
	char *copy = malloc(block.size);
	struct aqi_forest *f;

	memcpy(copy, block.data, block.size);
	memcpy(copy + at, &word, sizeof word);
	seal(copy, block.size);
	f = aqi_forest_copy((struct aqi_slice){copy, block.size}, err);
	free(copy);
	return f;
}

static void
test_block(void)
{
	struct aqi_forest *f = make_small(), *again = make_small(), *copy;
	struct aqi_slice block = aqi_forest_bytes(f);
	struct aqi_error err;

	ok(aqi_slice_equal(block, aqi_forest_bytes(again)) &&
	   (uintptr_t)block.data % AQI_BLOCK_ALIGN == 0 &&
	   aqi_forest_is_block(block), "the same model gives the same bytes");
	aqi_forest_free(again);
	again = aqi_forest_adopt(block, &err);
	ok(again && aqi_forest_bytes(again).data == block.data &&
	   predict(again, 2, 0, 6) == 97, "a block is used in place");
	aqi_forest_free(again);
	copy = aqi_forest_copy(block, &err);
	ok(copy && aqi_forest_bytes(copy).data != block.data &&
	   aqi_slice_equal(aqi_forest_bytes(copy), block), "or copied");
	aqi_forest_free(f);
	ok(copy && predict(copy, 2, 0, 6) == 97, "and then owes it nothing");
	aqi_forest_free(copy);
	ok(!aqi_forest_is_block((struct aqi_slice){"AQITREE", 7}),
	   "seven bytes are no block");
	aqi_forest_free(NULL);
	aqi_forest_builder_free(NULL);
}

static void
test_cuts(const struct aqi_slice block)
{
	struct aqi_error err;
	struct aqi_forest *f;
	size_t n_refused = 0;
	char *longer = calloc(1, block.size + 64);

	for (size_t n = 0; n < block.size; n++) {
		f = aqi_forest_copy((struct aqi_slice){block.data, n}, &err);
		n_refused += !f && err.code == AQI_E_MODEL;
		aqi_forest_free(f);
	}
	ok(n_refused == block.size, "a block cut at any byte is refused");
	memcpy(longer, block.data, block.size);
	f = aqi_forest_copy((struct aqi_slice){longer, block.size + 64}, &err);
	ok(says(f, &err, "the compiled forest is cut short, or has bytes "
		"behind it"),
	   "a block with bytes behind it is refused");
	free(longer);
}

/* Finite margins, but for leaves that are functions. */
static bool
predicts(const struct aqi_forest *f, int pattern)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(f);
	double *x = malloc(shape.n_inputs * sizeof *x);
	const size_t n_out = aqi_link_outputs(&shape.link, shape.n_margins);
	double *y = malloc(shape.n_margins * sizeof *y);
	double *out = malloc(n_out * sizeof *out);
	uint32_t *leaves = malloc((aqi_forest_trees(f) + 1) * sizeof *leaves);
	bool finite = true;

	for (size_t i = 0; i < shape.n_inputs; i++)
		x[i] = pattern >> i % 3 & 1 ? missing : (double)(i + 1) * 1.5;
	aqi_forest_predict(f, x, 1, y);
	aqi_forest_leaves(f, x, leaves);
	for (size_t k = 0; k < shape.n_margins && !f->linears; k++)
		finite = finite && isfinite(y[k]);
	aqi_link_apply(&shape.link, y, shape.n_margins, 1, out);
	free(out);
	free(x);
	free(y);
	free(leaves);
	return finite;
}

/* Refused, or else as good as any. */
static bool
is_harmless(struct aqi_forest *f)
{
	bool is_good = true;

	for (int i = 0; f && i < 8; i++)
		is_good = is_good && predicts(f, i);
	aqi_forest_free(f);
	return is_good;
}

static void
test_flips(const struct aqi_slice block)
{
	char *copy = malloc(block.size);
	const struct aqi_slice changed = {copy, block.size};
	size_t n_refused = 0, n_harmless = 0, n = 0;
	struct aqi_error err;
	struct aqi_forest *f;

	for (size_t i = 0; i < block.size; i++) {
		for (int bit = 0; bit <= 8; bit++, n++) {
			memcpy(copy, block.data, block.size);
			copy[i] ^= (char)(bit < 8 ? 1 << bit : 0xff);
			f = aqi_forest_copy(changed, &err);
			n_refused += !f;
			aqi_forest_free(f);
			seal(copy, block.size);
			n_harmless +=
				is_harmless(aqi_forest_copy(changed, &err));
		}
	}
	ok(n_refused == n, "any bit flipped is found by the checksum");
	ok(n_harmless == n, "with a checksum to match, it can do no harm");
	free(copy);
}

#define HEAD(field) offsetof(struct aqi_forest_header, field)

static void
test_door(void)
{
	struct aqi_forest *f = make_small();
	const struct aqi_slice block = aqi_forest_bytes(f);
	char *odd = aligned_alloc(AQI_BLOCK_ALIGN,
				  block.size + AQI_BLOCK_ALIGN);
	/* Where the arrays are, for 3 inputs, 2 trees, 2 views, 6 nodes. */
	const size_t bases = 192, views = 256, targets = 320, roots = 384,
		     nodes = 448, node = sizeof(struct aqi_forest_node);
	const char *no_count = "is damaged: a count is out of range";
	const char *no_fit = "is damaged: its parts do not fill it";
	const char *no_header = "is damaged: the header";
	const char *no_tree = "is damaged: a tree is not one";
	const struct {
		size_t at;
		uint32_t word;
		const char *reason;
	} changes[] = {
		{0, 0, "is not there"},
		{8, 1, "is of another version: compile it again"},
		{12, 0x04030201, "is for the other byte order: compile it "
				 "again here"},
		{16, 64, "is cut short, or has bytes behind it"},
		{HEAD(flags), 8, no_header},
		{HEAD(aggregate), 3, no_header},
		{HEAD(link.kind), AQI_LINK_LAST + 1, no_header},
		{HEAD(link.is_wide), 2, no_header},
		{HEAD(link.slope) + 4, 0x7ff00000, no_header},
		{HEAD(link.divisor) + 4, 0x80000000, no_header},
		{HEAD(n_inputs), 0, no_count},
		{HEAD(n_inputs), 65536, no_count},
		{HEAD(n_inputs) + 4, 1, no_count},
		{HEAD(n_margins), 0, no_count},
		{HEAD(n_margins), 1025, no_count},
		{HEAD(n_trees), 2000000, no_count},
		{HEAD(n_nodes) + 4, 1, no_count},
		{HEAD(n_views), 7, no_count},
		{HEAD(n_nodes), 6 + 64, no_fit},
		{HEAD(n_trees), 1, no_tree},
		{HEAD(reserved), 1, no_header},
		{bases + 4, 0x7ff80000, no_tree},
		{bases + 4, 0x47e00000, no_tree},
		{views, 3, no_tree},
		{views + 4, AQI_VIEW_LAST + 1, no_tree},
		{targets, 1, no_tree},
		{roots, 1, no_tree},
		{roots + 4, 0, no_tree},
		{roots + 4, 7, no_tree},
		{roots + 8, 5, no_tree},
		{nodes + 4, 0x7ff80000, no_tree},
		{nodes + 4, 0x47e00000, no_tree},
		{nodes + node + 8, 1, no_tree},
		{nodes + node + 8, 0, no_tree},
		{nodes + node + 12, 2, no_tree},
		{nodes + node + 12, AQI_FOREST_HAS_SET, no_tree},
		{nodes + 5 * node + 8, 6, no_tree},
	};
	char reason[100], *sealed;
	struct aqi_error err;

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		snprintf(reason, sizeof reason, "the compiled forest %s",
			 changes[i].reason);
		ok(says(tamper(block, changes[i].at, changes[i].word, &err),
			&err, reason), "word at %zu: %s", changes[i].at,
		   changes[i].reason);
	}
	memcpy(odd + 8, block.data, block.size);
	ok(says(aqi_forest_adopt((struct aqi_slice){odd + 8, block.size}, &err),
		&err, "the compiled forest is at an odd place in memory"),
	   "a block must be aligned");
	ok(says(aqi_forest_copy((struct aqi_slice){block.data, 100}, &err),
		&err, "the compiled forest is cut short, or has bytes behind "
		"it"), "a header cut short");
	sealed = aqi_block_new(&aqi_forest_block_kind, AQI_BLOCK_ALIGN);
	aqi_block_finish(sealed);
	ok(says(aqi_forest_adopt((struct aqi_slice){sealed, AQI_BLOCK_ALIGN},
				 &err),
		&err, "the compiled forest is cut short"),
	   "a seal that holds, of less than a header");
	free(sealed);
	memcpy(odd, block.data, block.size);
	odd[block.size - 1] = 1;
	ok(says(aqi_forest_adopt((struct aqi_slice){odd, block.size}, &err),
		&err, "the compiled forest is damaged: the checksum is wrong"),
	   "a wrong checksum");
	free(odd);
	aqi_forest_free(f);
}

static struct aqi_forest *
make_any(void)
{
	static struct plant_room room;
	const struct plan plan = {
		.depth = 3, .n_inputs = 3, .rare = 100, .n_margins = 2,
		.is_wide = true, .has_rules = true, .has_sets = true,
		.has_functions = true,
	};
	const struct aqi_forest_shape shape = {
		.is_wide = true, .has_covers = true, .has_gains = true,
		.n_inputs = 3, .n_margins = 2, .bases = (double[]){1, 2},
		.link = AQI_LINK_PLAIN,
	};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, NULL);
	struct aqi_tree tree = {.nodes = room.nodes};
	struct aqi_forest *forest;

	tree.n_nodes = grow(&room, &plan);
	add_tree(b, &tree);
	add_repeats(b, &room, &tree, &plan);
	forest = aqi_forest_builder_finish(b, NULL);
	aqi_forest_builder_free(b);
	return forest;
}

/* The first node of a forest that has a set, or has none; or the end. */
static uint32_t
find_split(const struct aqi_forest *f, bool has_set)
{
	uint32_t i = 0;

	while (i < f->header->n_nodes &&
	       (f->nodes[i].left == 0 ||
		!(f->nodes[i].test & AQI_FOREST_HAS_SET) == has_set))
		i++;
	return i;
}

/* One that has every array, and something in each. */
static struct aqi_forest *
make_rich(void)
{
	struct aqi_forest *f = make_any();

	while (find_split(f, true) == f->header->n_nodes ||
	       find_split(f, false) == f->header->n_nodes ||
	       f->header->n_sets < 2 || f->sets[1] < 2 ||
	       f->header->n_terms < 1) {
		aqi_forest_free(f);
		f = make_any();
	}
	return f;
}

/* Of a double, the part that makes it infinite, or as negative as it was
 * positive. */
#define HIGH(place) ((const char *)&(place) + 4)
#define PLACE(place) ((const char *)&(place))

static void
test_arrays(void)
{
	struct aqi_forest *f = make_rich();
	const struct aqi_slice block = aqi_forest_bytes(f);
	const struct aqi_forest_header *h = f->header;
	const uint32_t set = find_split(f, true), plain_one =
		find_split(f, false), infinity = 0x7ff00000;
	const struct {
		const char *at;
		uint32_t word;
		const char *what;
	} changes[] = {
		{HIGH(f->bases[1]), infinity, "a base"},
		{PLACE(f->views[h->n_views - 1].input), 3, "a view's input"},
		{PLACE(f->views[0].rule), 9, "a rule"},
		{PLACE(f->targets[0]), 2, "a target"},
		{PLACE(f->targets[0]), AQI_FOREST_REPEATS,
		 "the first tree repeats none"},
		{PLACE(f->roots[1]), 0, "a root"},
		{PLACE(f->roots[1]), f->roots[1] + 2, "a root further on"},
		{PLACE(f->roots[2]), (uint32_t)h->n_nodes + 1, "the end"},
		{PLACE(f->nodes[plain_one].test), (uint32_t)h->n_views,
		 "a view"},
		{PLACE(f->nodes[f->roots[1]].test), f->nodes[0].test ^
		 AQI_FOREST_DEFAULT_LEFT, "the way of a tree that repeats"},
		{HIGH(f->nodes[plain_one].value), infinity, "a threshold"},
		{HIGH(f->nodes[set].value), 0xbff00000, "a set below none"},
		{HIGH(f->nodes[set].value), 0x40f00000, "a set too far"},
		{HIGH(f->nodes[set].value), 0x3fe00000, "half a set"},
		{PLACE(f->covers[0]), 0x7fc00000, "a cover that is none"},
		{PLACE(f->covers[0]), 0xbf800000, "a cover below 0"},
		{PLACE(f->covers[h->n_nodes - 1]), 0x7f800000,
		 "an infinite cover"},
		{PLACE(f->gains[h->n_nodes - 1]), 0x7f800000, "a gain"},
		{PLACE(f->sets[0]), 1, "the first set's start"},
		{PLACE(f->sets[1]), (uint32_t)h->n_members + 1, "a set's end"},
		{PLACE(f->sets[h->n_sets]), (uint32_t)h->n_members - 1,
		 "the last set's end"},
		{HIGH(f->members[0]), infinity, "a member"},
		{HIGH(f->members[0]), 0x7fe00000, "the order of members"},
		{HIGH(f->constants[0]), infinity, "a constant"},
		{PLACE(f->firsts[0]), 1, "the first function's start"},
		{PLACE(f->firsts[1]), (uint32_t)h->n_terms + 1,
		 "a function's end"},
		{PLACE(f->firsts[h->n_linear]), (uint32_t)h->n_terms - 1,
		 "the last function's end"},
		{HIGH(f->terms[0].coefficient), infinity, "a coefficient"},
		{PLACE(f->terms[0].input), 3, "a term's input"},
		{HIGH(f->terms[0].input), 1, "a term's input beyond 32 bits"},
		{PLACE(f->linears[0]), (uint32_t)h->n_linear + 1,
		 "a function's number"},
	};
	struct aqi_error err;

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		ok(says(tamper(block, (size_t)(changes[i].at - block.data),
			       changes[i].word, &err), &err,
			"the compiled forest is damaged: a tree is not one"),
		   "found: %s", changes[i].what);
	aqi_forest_free(f);
}

/* A forest like most, of which the door first looks at all nodes at once. */
static void
test_plain(void)
{
	struct aqi_forest *f = make_small();
	const struct aqi_slice block = aqi_forest_bytes(f);
	const struct aqi_forest_node *split = f->nodes;
	const struct {
		const char *at;
		uint32_t word;
		const char *what;
	} changes[] = {
		{HIGH(split[1].value), 0x7ff00000, "an infinite threshold"},
		{HIGH(split[1].value), 0xfff80000, "a threshold that is none"},
		{PLACE(split[1].test), (uint32_t)f->header->n_views,
		 "a view behind the last"},
		{PLACE(split[1].test), AQI_FOREST_HAS_SET,
		 "a set where there is none"},
		{PLACE(split[1].left), 0, "a split that is a leaf"},
		{PLACE(split[1].left), 1, "a split that leads to itself"},
		{PLACE(split[2].left), 4, "a leaf that is a split"},
		{HIGH(split[2].value), 0x7ff00000, "an infinite leaf"},
		{HIGH(split[2].value), 0xc7f00000, "a leaf too large"},
	};
	struct aqi_forest *great;
	struct aqi_error err;

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		ok(says(tamper(block, (size_t)(changes[i].at - block.data),
			       changes[i].word, &err), &err,
			"the compiled forest is damaged: a tree is not one"),
		   "of a plain forest, found: %s", changes[i].what);
	great = tamper(block, (size_t)(HIGH(split[1].value) - block.data),
		       0x47e00000, &err);
	ok(great && predict(great, 2e38f, 0, 6) == predict(f, 2, 0, 6) &&
	   predict(great, 1e38f, 0, 6) == predict(f, 1, 0, 6),
	   "a threshold may be greater than a sum may");
	aqi_forest_free(great);
	aqi_forest_free(f);
}

static void
test_damage(void)
{
	struct aqi_forest *forests[] = {make_small(), make_rich()};

	for (int i = 0; i < 2; i++) {
		test_cuts(aqi_forest_bytes(forests[i]));
		test_flips(aqi_forest_bytes(forests[i]));
		aqi_forest_free(forests[i]);
	}
}

int
main(void)
{
	start_random();
	test_block();
	test_door();
	test_arrays();
	test_plain();
	test_damage();
	return done();
}
