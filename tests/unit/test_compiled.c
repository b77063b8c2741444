#include "model/compiled.h"

#include <math.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "model/block.h"
#include "model/bundle.h"
#include "model/compiled_block.h"
#include "model/forest.h"
#include "model/forest_builder.h"
#include "tap.h"

#define N_INPUTS 3
#define N_LABELS 2

/* A model of two margins that has something of everything: sets, covers,
 * labels, and functions, unless it is to predict nothing but finite numbers. */
static bool is_bounded;
static struct aqi_slice inputs[N_INPUTS], units[N_INPUTS], labels[N_LABELS];

static const double members[] = {1, 4, 9};
static const struct aqi_tree_term terms[] = {{0.5, 0}, {-2, 2}};

static struct aqi_forest *
make_forest(void)
{
	static const double bases[] = {0.5, -1};
	const struct aqi_forest_shape shape = {
		.is_wide = true, .has_covers = true, .has_gains = true,
		.n_inputs = N_INPUTS, .n_margins = N_LABELS, .bases = bases,
		.link = AQI_LINK_PLAIN,
	};
	const struct aqi_tree_node first[] = {
		{.value = 1.5, .input = 0, .left = 1, .right = 2, .cover = 9,
		 .gain = 3, .default_left = true},
		{.is_leaf = true, .value = 10, .cover = 4},
		{.input = 1, .has_set = true, .set = members, .n_set = 3,
		 .rule = AQI_VIEW_CATEGORY, .left = 3, .right = 4, .cover = 5},
		{.is_leaf = true, .value = -3.5, .cover = 2},
		{.is_leaf = true, .value = 7, .cover = 3,
		 .is_linear = !is_bounded, .constant = 2, .terms = terms,
		 .n_terms = is_bounded ? 0 : 2},
	};
	const struct aqi_tree_node second[] = {
		{.value = -2, .input = 2, .left = 1, .right = 2,
		 .rule = AQI_VIEW_ZERO_IS_MISSING},
		{.is_leaf = true, .value = 100}, {.is_leaf = true, .value = 1},
	};
	struct aqi_error err = {0};
	struct aqi_forest_builder *b = aqi_forest_builder_new(&shape, &err);
	struct aqi_forest *forest = NULL;

	if (!aqi_forest_builder_add(b, &(struct aqi_tree){
			.nodes = first, .n_nodes = 5}, &err) &&
	    !aqi_forest_builder_add(b, &(struct aqi_tree){
			.nodes = second, .n_nodes = 3, .target = 1}, &err))
		forest = aqi_forest_builder_finish(b, &err);
	if (!forest)
		note("%s", err.reason);
	aqi_forest_builder_free(b);
	return forest;
}

static struct aqi_model
make_model(struct aqi_forest *forest)
{
	static const char *const names[] = {"pm25", "o3", "depth"};

	for (int i = 0; i < N_INPUTS; i++) {
		inputs[i] = aqi_slice_of(names[i]);
		units[i] = aqi_slice_of(i == 0 ? "ug/m3" : "");
	}
	labels[0] = aqi_slice_of("low");
	labels[1] = aqi_slice_of("high");
	return (struct aqi_model){
		.name = aqi_slice_of("small"), .version = aqi_slice_of("1.2"),
		.description = aqi_slice_of("d\xc3\xa9j\xc3\xa0 vu"),
		.licence = aqi_slice_of("CC0-1.0"),
		.standard = aqi_slice_of("us-epa"),
		.revision = aqi_slice_of("2024"), .target = aqi_slice_of("aqi"),
		.lead_from_hours = 1, .lead_to_hours = 24,
		.inputs = inputs, .units = units, .n_inputs = N_INPUTS,
		.has_names = true, .min_inputs = 2, .allows_missing = true,
		.format = "lightgbm-text",
		.objective = aqi_slice_of("multiclass"),
		.writer = aqi_slice_of("v4"), .labels = labels,
		.n_labels = N_LABELS, .transform = AQI_TRANSFORM_SQUARE,
		.forest = forest, .manifest = aqi_slice_of("{}"),
		.trees_file = aqi_slice_of("model.txt"),
		.trees_sha256 = aqi_slice_of(""),
	};
}

/* The file of that model, or of what `change` makes of it. */
static struct aqi_slice
make_file(void (*change)(struct aqi_model *))
{
	struct aqi_forest *forest = make_forest();
	struct aqi_model model = make_model(forest);
	struct aqi_buffer file = {0};
	struct aqi_error err;
	struct aqi_slice copy;
	char *bytes;

	if (change)
		change(&model);
	if (aqi_compiled_make(&model, &file, &err) != AQI_OK)
		note("%s", err.reason);
	aqi_forest_free(forest);
	bytes = aqi_block_alloc(file.size);
	memcpy(bytes, file.data, file.size);
	copy = (struct aqi_slice){bytes, file.size};
	aqi_buffer_free(&file);
	return copy;
}

static void
forget(struct aqi_model *model)
{
	aqi_forest_free(model->owned);
	aqi_arena_free(&model->arena);
}

/* Do both lists have the same texts? */
static bool
same(const struct aqi_slice *a, const struct aqi_slice *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!aqi_slice_equal(a[i], b[i]))
			return false;
	return true;
}

static void
test_good(void)
{
	struct aqi_forest *forest = make_forest();
	struct aqi_model from = make_model(forest), to = {0};
	struct aqi_slice file = make_file(NULL);
	struct aqi_buffer again = {0};
	struct aqi_error err;
	bool right = true;

	ok(aqi_compiled_is_begun(file) &&
	   !aqi_compiled_is_begun((struct aqi_slice){file.data, 7}) &&
	   !aqi_compiled_is_begun(aqi_forest_bytes(forest)),
	   "a file is known by its first eight bytes");
	if (!ok(aqi_compiled_adopt(file, &to, &err) == AQI_OK,
		"a file is used in place")) {
		note("%s", err.reason);
		return;
	}
	for (size_t i = 0; i < AQI_COMPILED_TEXTS; i++)
		right = right && aqi_slice_equal(*aqi_compiled_text(i, &from),
						 *aqi_compiled_text(i, &to));
	ok(right && strcmp(to.format, "lightgbm-text") == 0 &&
	   to.n_inputs == N_INPUTS && to.n_labels == N_LABELS &&
	   to.has_names && same(inputs, to.inputs, N_INPUTS) &&
	   same(units, to.units, N_INPUTS) && same(labels, to.labels, N_LABELS),
	   "its texts are those of the model");
	ok(to.lead_from_hours == 1 && to.lead_to_hours == 24 &&
	   to.min_inputs == 2 && to.allows_missing &&
	   to.transform == AQI_TRANSFORM_SQUARE, "and so are its numbers");
	ok(aqi_slice_equal(aqi_forest_bytes(forest),
			   aqi_forest_bytes(to.forest)) &&
	   aqi_forest_bytes(to.forest).data > file.data &&
	   aqi_forest_bytes(to.forest).data < file.data + file.size,
	   "and its forest, where it is in the file");
	ok(aqi_compiled_make(&to, &again, &err) == AQI_OK &&
	   aqi_slice_equal(file, aqi_buffer_slice(&again)),
	   "compiled once more, it is the same file");
	aqi_buffer_free(&again);
	forget(&to);
	aqi_forest_free(forest);
	free((char *)file.data);
}

static void
make_bare(struct aqi_model *model)
{
	model->manifest = model->trees_file = aqi_slice_of("");
	model->has_names = false;
	model->format = "";
	model->n_labels = 0;
}

static void
test_bare(void)
{
	struct aqi_slice file = make_file(make_bare);
	struct aqi_model to = {0};
	struct aqi_error err;

	ok(aqi_compiled_adopt(file, &to, &err) == AQI_OK && !to.has_names &&
	   to.n_inputs == N_INPUTS && !to.inputs && to.manifest.size == 0 &&
	   to.n_labels == 0 && strcmp(to.format, "") == 0,
	   "a bare model may name nothing");
	forget(&to);
	free((char *)file.data);
}

/* Refused with that reason, or any if NULL? */
static bool
is_refused(struct aqi_slice file, const char *reason)
{
	struct aqi_model to = {0};
	struct aqi_error err = {0};
	bool right = aqi_compiled_adopt(file, &to, &err) == AQI_FATAL &&
		     err.code == AQI_E_MODEL &&
		     (!reason || strcmp(err.reason, reason) == 0);

	if (!right && reason)
		note("%s", err.code ? err.reason : "it was adopted");
	forget(&to);
	return right;
}

/* Refused, or as good as any: it predicts, and what is bounded stays finite. */
static bool
is_harmless(struct aqi_slice file)
{
	const double x[] = {1, 4, 0, 2, 3, -5, NAN, NAN, NAN, 2, -1, 1e-36};
	struct aqi_model to = {0};
	struct aqi_error err = {0};
	double y[4 * 16];
	bool finite = true;

	if (aqi_compiled_adopt(file, &to, &err) == AQI_OK) {
		struct aqi_forest_shape shape = aqi_forest_shape(to.forest);

		if (shape.n_inputs == N_INPUTS && shape.n_margins <= 16) {
			aqi_forest_predict(to.forest, x, 4, y);
			for (size_t i = 0; i < 4 * shape.n_margins; i++)
				finite = finite && isfinite(y[i]);
		}
	}
	forget(&to);
	return finite || !is_bounded;
}

static void
test_cuts(struct aqi_slice file)
{
	char *copy = aqi_block_alloc(file.size + AQI_BLOCK_ALIGN);
	size_t n_refused = 0;

	memset(copy, 0, file.size + AQI_BLOCK_ALIGN);
	memcpy(copy, file.data, file.size);
	for (size_t n = 0; n < file.size; n++)
		n_refused += is_refused((struct aqi_slice){copy, n}, NULL);
	ok(n_refused == file.size, "a file cut at any byte is refused");
	ok(is_refused((struct aqi_slice){copy, file.size + AQI_BLOCK_ALIGN},
		      "the compiled model is cut short, or has bytes behind "
		      "it"), "and so is one with a block of zeros behind it");
	free(copy);
}

static struct aqi_compiled_header *
header(char *file)
{
	return (void *)file;
}

static struct aqi_compiled_part *
part(char *file)
{
	struct aqi_compiled_arrays arrays;

	aqi_compiled_lay_out(header(file), file, &arrays);
	return (struct aqi_compiled_part *)arrays.parts;
}

/* Make all checksums fit again, whatever was done to the rest. */
static void
repair(char *copy, struct aqi_slice file)
{
	const struct aqi_block_seal *was = (const void *)file.data;
	struct aqi_block_seal *forest = (void *)(copy + was->size);

	if (forest->size == file.size - was->size) {
		aqi_block_finish((char *)forest);
		((struct aqi_compiled_part *)(void *)
			 (copy + sizeof(struct aqi_compiled_header)))->checksum
			= forest->checksum;
	}
	if (header(copy)->seal.size == was->size)
		aqi_block_finish(copy);
}

static void
test_flips(struct aqi_slice file)
{
	char *copy = aqi_block_alloc(file.size);
	const struct aqi_slice changed = {copy, file.size};
	size_t n_refused = 0, n_harmless = 0, n = 0;

	for (size_t i = 0; i < file.size; i++) {
		for (int bit = 0; bit <= 8; bit++, n++) {
			memcpy(copy, file.data, file.size);
			copy[i] ^= (char)(bit < 8 ? 1 << bit : 0xff);
			n_refused += is_refused(changed, NULL);
			repair(copy, file);
			n_harmless += is_harmless(changed);
		}
	}
	ok(n_refused == n, "any bit flipped is found by a checksum");
	ok(n_harmless == n, "with checksums to match, it %s",
	   is_bounded ? "predicts finite numbers" : "can do no harm");
	free(copy);
}

static void
version(char *f)
{
	header(f)->seal.version++;
}

static void
order(char *f)
{
	header(f)->seal.byte_order = 0x04030201;
}

static void
file_size(char *f)
{
	header(f)->file_size += 64;
}

static void
no_parts(char *f)
{
	header(f)->n_parts = 0;
}

static void
more_parts(char *f)
{
	header(f)->n_parts = UINT64_MAX;
}

static void
no_inputs(char *f)
{
	header(f)->n_inputs = 0;
}

static void
more_texts(char *f)
{
	header(f)->n_texts++;
}

static void
more_names(char *f)
{
	header(f)->n_names += UINT64_C(1) << 63;
}

static void
fewer_names(char *f)
{
	header(f)->n_names--;
	header(f)->n_texts -= 2;
}

static void
text_size(char *f)
{
	header(f)->text_size += 64;
}

static void
flags(char *f)
{
	header(f)->flags |= 8;
}

static void
transform(char *f)
{
	header(f)->transform = AQI_TRANSFORM_LAST + 1;
}

static void
lead(char *f)
{
	header(f)->lead_from_hours = 25;
}

static void
least(char *f)
{
	header(f)->min_inputs = N_INPUTS + 1;
}

static void
reserved(char *f)
{
	header(f)->reserved[sizeof header(f)->reserved - 1] = 1;
}

static void
part_kind(char *f)
{
	part(f)->kind = AQI_PART_LAYOUT;
}

static void
part_reserved(char *f)
{
	part(f)->reserved = 1;
}

static void
part_overlaps(char *f)
{
	part(f)->offset = 0;
}

static void
part_beyond(char *f)
{
	part(f)->offset = header(f)->file_size;
}

static void
part_wraps(char *f)
{
	part(f)->offset = UINT64_MAX - 63;
}

static void
part_shorter(char *f)
{
	part(f)->size -= 64;
}

static void
part_longer(char *f)
{
	part(f)->size += 64;
}

static void
part_odd(char *f)
{
	part(f)->size += 1;
}

static void
part_tiny(char *f)
{
	part(f)->size = 0;
}

static void
part_other(char *f)
{
	part(f)->checksum ^= 1;
}

static uint32_t *
ends(char *f)
{
	struct aqi_compiled_arrays arrays;

	aqi_compiled_lay_out(header(f), f, &arrays);
	return (uint32_t *)arrays.ends;
}

static char *
text_bytes(char *f)
{
	struct aqi_compiled_arrays arrays;

	aqi_compiled_lay_out(header(f), f, &arrays);
	return (char *)arrays.bytes;
}

static void
end_before(char *f)
{
	ends(f)[1] = 0;
}

static void
end_beyond(char *f)
{
	ends(f)[3] = UINT32_MAX;
}

static void
end_early(char *f)
{
	ends(f)[header(f)->n_texts - 1]--;
}

static void
no_text(char *f)
{
	text_bytes(f)[0] = '\xff';
}

static void
nul(char *f)
{
	text_bytes(f)[0] = '\0';
}

static void
no_name(char *f)
{
	ends(f)[0] = 0;
}

static void
no_manifest(char *f)
{
	ends(f)[6] = ends(f)[7];
}

static void
not_bundle(char *f)
{
	header(f)->flags &= ~AQI_COMPILED_BUNDLE;
}

static void
no_format(char *f)
{
	text_bytes(f)[ends(f)[AQI_COMPILED_TEXTS - 1]] = 'L';
}

static void
same_name(char *f)
{
	uint32_t *e = ends(f) + AQI_COMPILED_TEXTS + 1;

	memcpy(text_bytes(f) + e[0], "pm25", 4);
	e[1] = e[0] + 4;
}

static void
empty_name(char *f)
{
	uint32_t *e = ends(f) + AQI_COMPILED_TEXTS + 1;

	e[1] = e[0];
}

static void
other_shape(char *f)
{
	header(f)->n_labels--;
	header(f)->n_texts--;
	ends(f)[header(f)->n_texts - 1] = (uint32_t)header(f)->text_size;
}

#define MODEL "the compiled model "
#define DAMAGED MODEL "is damaged: "

static const struct {
	void (*change)(char *file);
	const char *name, *reason;
} faults[] = {
	{version, "version", MODEL "is of another version: compile it again"},
	{order, "byte order",
	 MODEL "is for the other byte order: compile it again here"},
	{file_size, "size of the file",
	 MODEL "is cut short, or has bytes behind it"},
	{no_parts, "no part", DAMAGED "a count is out of range"},
	{more_parts, "too many parts", DAMAGED "a count is out of range"},
	{no_inputs, "no input", DAMAGED "a count is out of range"},
	{more_texts, "one text more", DAMAGED "there are more texts, or fewer"},
	{more_names, "names that wrap", DAMAGED "the header"},
	{fewer_names, "one name fewer", DAMAGED "the header"},
	{text_size, "more text", DAMAGED "its parts do not fill it"},
	{flags, "flags", DAMAGED "the header"},
	{transform, "transform", DAMAGED "the header"},
	{lead, "hours ahead", DAMAGED "the header"},
	{least, "least inputs", DAMAGED "the header"},
	{reserved, "reserved bytes", DAMAGED "the header"},
	{part_kind, "a first part that is no forest",
	 DAMAGED "a part is not where it should be"},
	{part_reserved, "reserved bytes of a part",
	 DAMAGED "a part is not where it should be"},
	{part_overlaps, "a part that overlaps",
	 DAMAGED "a part is not where it should be"},
	{part_beyond, "a part behind the end",
	 DAMAGED "a part is not where it should be"},
	{part_wraps, "a part that wraps",
	 DAMAGED "a part is not where it should be"},
	{part_shorter, "a part too short",
	 DAMAGED "a part is not where it should be"},
	{part_longer, "a part too long",
	 DAMAGED "a part is not where it should be"},
	{part_odd, "a part of an odd size",
	 DAMAGED "a part is not where it should be"},
	{part_tiny, "a part without a seal",
	 DAMAGED "a part is not where it should be"},
	{part_other, "a part of another file",
	 DAMAGED "a part is not where it should be"},
	{end_before, "a text that ends before it begins",
	 DAMAGED "a text is not one"},
	{end_beyond, "a text behind the end", DAMAGED "a text is not one"},
	{end_early, "bytes behind the last text", DAMAGED "a text is not one"},
	{no_text, "no UTF-8", DAMAGED "a text is not one"},
	{nul, "a NUL", DAMAGED "a text is not one"},
	{no_name, "no name", DAMAGED "a name is not one"},
	{no_manifest, "a bundle without a manifest",
	 DAMAGED "a name is not one"},
	{not_bundle, "a manifest without a bundle",
	 DAMAGED "a name is not one"},
	{no_format, "no format", DAMAGED "no such format of trees"},
	{same_name, "an input twice", DAMAGED "a name is not one"},
	{empty_name, "an input without a name", DAMAGED "a name is not one"},
	{other_shape, "a label too few",
	 DAMAGED "its forest is of another shape"},
};

static void
test_door(struct aqi_slice file)
{
	char *copy = aqi_block_alloc(file.size + AQI_BLOCK_ALIGN);

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		memcpy(copy, file.data, file.size);
		faults[i].change(copy);
		aqi_block_finish(copy);
		ok(is_refused((struct aqi_slice){copy, file.size},
			      faults[i].reason), "refused: %s", faults[i].name);
	}
	memcpy(copy + 8, file.data, file.size);
	ok(is_refused((struct aqi_slice){copy + 8, file.size},
		      MODEL "is at an odd place in memory"),
	   "a file must be aligned");
	memcpy(copy, file.data, file.size);
	copy[file.size - 1] ^= 1;
	ok(is_refused((struct aqi_slice){copy, file.size}, "the compiled "
		      "forest is damaged: the checksum is wrong"),
	   "the forest has a door of its own");
	ok(is_refused((struct aqi_slice){copy, 20}, MODEL "is cut short"),
	   "a seal cut short");
	free(copy);
}

/* A seal that fits, and nothing behind it. */
static void
test_short(void)
{
	char *block = aqi_block_new(&aqi_compiled_block_kind, 64);

	aqi_block_finish(block);
	ok(is_refused((struct aqi_slice){block, 64}, MODEL "is cut short"),
	   "a block without room for the header");
	free(block);
}

static void
test_limit(void)
{
#if SIZE_MAX == UINT32_MAX
	skip("the texts have a limit", "no text is so long here");
#else
	struct aqi_forest *forest = make_forest();
	struct aqi_model model = make_model(forest);
	struct aqi_buffer file = {0};
	struct aqi_error err = {0};

	/* Never read: the sizes are added up first. */
	model.manifest.size = (size_t)1 << 32;
	ok(aqi_compiled_make(&model, &file, &err) == AQI_FATAL &&
	   err.code == AQI_E_LIMIT && strcmp(err.reason, "the texts of the "
		"model are above the limit of 4 GiB") == 0,
	   "the texts have a limit");
	aqi_buffer_free(&file);
	aqi_forest_free(forest);
#endif
}

int
main(void)
{
	struct aqi_slice file = make_file(NULL);

	test_good();
	test_bare();
	test_door(file);
	test_short();
	test_cuts(file);
	test_flips(file);
	free((char *)file.data);
	is_bounded = true;
	file = make_file(NULL);
	test_flips(file);
	free((char *)file.data);
	test_limit();
	return done();
}
