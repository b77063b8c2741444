/*
 * Model files whose parsed form is edited by chance: a value of a document, a word
 * of a line, a number of a block becomes another, is moved, doubled or dropped.
 * What comes of it is refused with a reason, or predicts finite sums, and the
 * same sums where it is read in haste. AQI_INPUTS edits a format; AQI_SEED
 * repeats them.
 */
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "draw.h"
#include "model/block.h"
#include "model/forest.h"
#include "model/trees.h"
#include "onnx_models.h"
#include "quick.h"
#include "tap.h"
#include "ubjson.h"

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

/* What was made of the files of a format, which are of no use as a test where
 * all are refused, or none. */
struct tally {
	uint64_t n, n_read, n_harmless;
	uint64_t n_differ;	/* read in haste they are others */
};

/* Finite sums, of samples with and without values. */
static bool
predicts(const struct aqi_forest *forest)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(forest);
	double *x = malloc(shape.n_inputs * sizeof *x);
	double *y = malloc(shape.n_margins * sizeof *y);
	bool is_finite = true;

	for (int sample = 0; sample < 3; sample++) {
		for (size_t i = 0; i < shape.n_inputs; i++)
			x[i] = sample == 0 ? (double)NAN :
				(double)draw(-40, 40) / 4;
		aqi_forest_predict(forest, x, 1, y);
		for (size_t k = 0; k < shape.n_margins; k++)
			is_finite &= isfinite(y[k]) || forest->linears;
	}
	free(y);
	free(x);
	return is_finite;
}

static void
count(struct tally *tally, struct aqi_forest *forest,
      const struct aqi_error *err)
{
	tally->n++;
	tally->n_read += forest != NULL;
	tally->n_harmless += forest ? predicts(forest) : err->reason[0] != '\0';
	aqi_forest_free(forest);
}

/* A file of any format; from memory as long as it is, for the sanitizers. */
static void
read_file(struct tally *tally, struct aqi_slice bytes)
{
	char *copy = malloc(bytes.size + !bytes.size);
	struct aqi_arena arena = {0};
	struct aqi_error err = {0};
	struct aqi_trees trees;

	memcpy(copy, bytes.data, bytes.size);
	bytes.data = copy;
	if (aqi_trees_read(bytes, NULL, &arena, &trees, &err) == AQI_OK)
		tally->n_differ += !is_quick_same(aqi_trees_read, bytes,
						  trees.forest);
	count(tally, trees.forest, &err);
	aqi_arena_free(&arena);
	free(copy);
}

static void
tell(const struct tally *tally, const char *format)
{
	ok(tally->n_harmless == tally->n && tally->n_differ == 0,
	   "%s: whatever is edited, it is refused, or predicts", format);
	ok(tally->n_read * 20 > tally->n &&
	   (tally->n - tally->n_read) * 20 > tally->n,
	   "and of %llu edits a twentieth at least comes to either",
	   (unsigned long long)tally->n);
	note("%llu read, %llu harmless, %llu others in haste",
	     (unsigned long long)tally->n_read,
	     (unsigned long long)tally->n_harmless,
	     (unsigned long long)tally->n_differ);
}

/* The files that fuzzing begins with. */
static struct aqi_slice *
read_seeds(const char *format, size_t *n)
{
	static struct aqi_slice seeds[64];
	char path[300];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof path, "tests/fuzz/seeds/%s", format);
	folder = opendir(path);
	for (*n = 0; folder && (entry = readdir(folder)) &&
	     *n < COUNT(seeds);) {
		FILE *file;
		struct aqi_buffer text = {0};
		size_t got;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "tests/fuzz/seeds/%s/%s", format,
			 entry->d_name);
		file = fopen(path, "rb");
		while ((got = fread(aqi_buffer_room(&text, 4096), 1, 4096,
				    file)) > 0)
			text.size += got;
		fclose(file);
		seeds[(*n)++] = aqi_buffer_slice(&text);
	}
	if (folder)
		closedir(folder);
	return seeds;
}

/* A value of a document: the key or the index of it in what holds it. */
struct place {
	json_t *holder;
	const char *key;
	size_t index;
};

static json_t *
value_at(struct place place)
{
	return place.key ? json_object_get(place.holder, place.key) :
			   json_array_get(place.holder, place.index);
}

static struct place
draw_child(json_t *holder)
{
	struct place place = {.holder = holder};
	const size_t n = json_is_object(holder) ? json_object_size(holder) :
						  json_array_size(holder);
	void *member;

	place.index = (size_t)draw(0, (int)n - 1);
	if (json_is_object(holder)) {
		member = json_object_iter(holder);
		for (size_t i = 0; i < place.index; i++)
			member = json_object_iter_next(holder, member);
		place.key = json_object_iter_key(member);
	}
	return place;
}

static bool
has_children(const json_t *value)
{
	return json_object_size(value) + json_array_size(value) > 0;
}

/* Mostly far down, where the trees are. */
static struct place
draw_place(json_t *root)
{
	struct place place = draw_child(root);
	json_t *value;

	while (has_children(value = value_at(place)) && draw(0, 9) > 0)
		place = draw_child(value);
	return place;
}

/* What a number or a text of one is near to, and what readers break at. */
static json_t *
draw_value(const json_t *old)
{
	static const double numbers[] = {
		0, -0.0, 1, -1, 2, 3, 7, 0.5, 1e-45, 16777217, 65536, 1e9,
		2147483647, 2147483648, -2147483648.0, 4294967295, 0x1p53, 1e17,
		3.5e38, -3.4e38, 1e308
	};
	static const char *const texts[] = {
		"", "0", "1", "-1", "2", "5E-1", "1e9", "1e999", "nan", "[1E0]",
		"[", "4294967296", "99999999999999999999", "x", "gbtree", "dart",
		"binary:logistic", "multi:softprob"
	};
	double x = numbers[draw(0, COUNT(numbers) - 1)];
	char text[40];

	if (json_is_number(old) && draw(0, 1))
		x = json_number_value(old) + draw(-2, 2);
	if (json_is_string(old) && draw(0, 1)) {
		snprintf(text, sizeof text, "%lld",
			 (long long)atoi(json_string_value(old)) + draw(-1, 1));
		return json_string(text);
	}
	switch (json_is_number(old) && draw(0, 3) ? 0 : draw(0, 6)) {
	case 0: case 1:
		return x == floor(x) && fabs(x) < 0x1p62 ?
			json_integer((json_int_t)x) : json_real(x);
	case 2: case 3:
		return json_string(texts[draw(0, COUNT(texts) - 1)]);
	case 4:
		return json_array();
	case 5:
		return json_object();
	}
	return draw(0, 1) ? json_null() : json_boolean(draw(0, 1));
}

static void
put_at(struct place place, json_t *value)
{
	if (place.key)
		json_object_set_new(place.holder, place.key, value);
	else
		json_array_set_new(place.holder, place.index, value);
}

static void
edit_document(json_t *root)
{
	const struct place place = draw_place(root);
	json_t *old = value_at(place);

	switch (draw(0, 7)) {
	case 0:
		if (place.key)
			json_object_del(place.holder, place.key);
		else
			json_array_remove(place.holder, place.index);
		break;
	case 1:
		if (!place.key)
			json_array_insert_new(place.holder, place.index,
					      json_deep_copy(old));
		break;
	case 2:
		put_at(place, json_deep_copy(value_at(draw_place(root))));
		break;
	case 3:
		while (json_array_size(old) > 0 && draw(0, 2) > 0)
			json_array_remove(old, json_array_size(old) - 1);
		break;
	default:
		put_at(place, draw_value(old));
	}
}

static void
test_documents(uint64_t n)
{
	struct tally json = {0}, ubjson = {0};
	struct aqi_buffer bytes = {0};
	size_t n_seeds;
	struct aqi_slice *seeds = read_seeds("xgboost", &n_seeds);

	for (uint64_t i = 0; n_seeds > 0 && i < n;) {
		const struct aqi_slice seed = seeds[draw(0, (int)n_seeds - 1)];
		json_t *root = json_loadb(seed.data, seed.size, 0, NULL);
		char *text;

		/* Some of the seeds are blocks. */
		if (!root)
			continue;
		for (int k = draw(1, 3); k > 0 && has_children(root); k--)
			edit_document(root);
		text = json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY);
		read_file(&json, aqi_slice_of(text));
		aqi_buffer_clear(&bytes);
		ubjson_write(&bytes, root);
		read_file(&ubjson, aqi_buffer_slice(&bytes));
		free(text);
		json_decref(root);
		i++;
	}
	aqi_buffer_free(&bytes);
	for (size_t i = 0; i < n_seeds; i++)
		free((char *)seeds[i].data);
	tell(&json, "XGBoost's JSON");
	tell(&ubjson, "XGBoost's UBJSON");
}

/* A text of lines of words, which is edited word by word. */
struct words {
	struct aqi_buffer text;
	const char *between;	/* what stands between words, but line ends */
};

static bool
is_between(const struct words *w, size_t i)
{
	const char c = w->text.data[i];

	return c == '\n' || strchr(w->between, c);
}

/* A word, or a line with its end: from where to where. */
static void
draw_part(const struct words *w, bool is_line, size_t *begin, size_t *end)
{
	size_t i = (size_t)draw(0, (int)w->text.size - 1);

	*begin = *end = i;
	while (*begin > 0 && !(is_line ? w->text.data[*begin - 1] == '\n' :
					 is_between(w, *begin - 1)))
		(*begin)--;
	while (*end < w->text.size && !(is_line ? w->text.data[*end] == '\n' :
						  is_between(w, *end)))
		(*end)++;
	*end += is_line && *end < w->text.size;
}

static void
replace(struct words *w, size_t begin, size_t end, const char *by, size_t n)
{
	struct aqi_buffer out = {0};

	aqi_buffer_add(&out, w->text.data, begin);
	aqi_buffer_add(&out, by, n);
	aqi_buffer_add(&out, w->text.data + end, w->text.size - end);
	aqi_buffer_free(&w->text);
	w->text = out;
}

static void
edit_words(struct words *w)
{
	static const char *const hostile[] = {
		"", "0", "1", "-1", "-2", "2", "3", "9", "0.5", "-0", "1e308",
		"-1e308", "1e999", "nan", "inf", "-inf", "2147483648",
		"-2147483649", "4294967296", "99999999999999999999", "x", "0 0"
	};
	const bool is_line = draw(0, 7) == 0;
	size_t begin, end, from, to;
	char *copy;
	const char *by;

	draw_part(w, is_line, &begin, &end);
	draw_part(w, is_line, &from, &to);
	switch (draw(0, 5)) {
	case 0:
		replace(w, begin, end, "", 0);
		break;
	case 1:
		replace(w, begin, begin, w->between, !is_line);
		/* fallthrough */
	case 2:
		copy = strndup(w->text.data + from, to - from);
		replace(w, begin, is_line ? begin : end, copy, strlen(copy));
		free(copy);
		break;
	default:
		by = hostile[draw(0, COUNT(hostile) - 1)];
		replace(w, begin, is_line ? begin : end, by, strlen(by));
	}
}

/* A text, edited once to three times. */
static struct words
edited(struct aqi_slice text, const char *between)
{
	struct words w = {.between = between};

	aqi_buffer_add_slice(&w.text, text);
	for (int k = draw(1, 3); k > 0 && w.text.size > 0; k--)
		edit_words(&w);
	return w;
}

static void
test_lightgbm(uint64_t n)
{
	struct tally tally = {0};
	size_t n_seeds;
	struct aqi_slice *seeds = read_seeds("lightgbm", &n_seeds);

	for (uint64_t i = 0; n_seeds > 0 && i < n; i++) {
		struct words w = edited(seeds[draw(0, (int)n_seeds - 1)],
					" =");

		read_file(&tally, aqi_buffer_slice(&w.text));
		aqi_buffer_free(&w.text);
	}
	for (size_t i = 0; i < n_seeds; i++)
		free((char *)seeds[i].data);
	tell(&tally, "LightGBM's text");
}

static void
test_onnx(uint64_t n)
{
	static const char *const texts[] = {
		onnx_regressor, onnx_classifier, onnx_binary, onnx_branches
	};
	struct tally tally = {0};

	for (uint64_t i = 0; i < n; i++) {
		struct words w = edited(aqi_slice_of(
			texts[draw(0, COUNT(texts) - 1)]), " ");
		struct aqi_buffer bytes;

		aqi_buffer_add_byte(&w.text, '\0');
		bytes = onnx_from_text(w.text.data);
		read_file(&tally, aqi_buffer_slice(&bytes));
		aqi_buffer_free(&bytes);
		aqi_buffer_free(&w.text);
	}
	tell(&tally, "ONNX");
}

static void
edit_block(char *block, size_t size)
{
	static const uint32_t hostile[] = {
		0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x7f800000,
		0x7fc00000, 0x7f7fffff, 0x7ff00000, 64, 65536
	};
	const size_t n = size / 4, head = sizeof(struct aqi_block_seal) / 4;
	uint32_t *words = (void *)block;
	uint32_t *at = words + draw((int)head, (int)n - 1);

	switch (draw(0, 2)) {
	case 0:
		*at = hostile[draw(0, COUNT(hostile) - 1)];
		break;
	case 1:
		*at = words[draw((int)head, (int)n - 1)];
		break;
	default:
		*at += (uint32_t)draw(-2, 2);
	}
}

/* Of a forest, with a seal that fits what was made of it. */
static void
test_blocks(uint64_t n)
{
	struct tally tally = {0};
	struct aqi_error err = {0};
	struct aqi_trees trees;
	struct aqi_slice block;
	char *copy;

	if (read_text(onnx_classifier, &trees, &err) != AQI_OK)
		abort();
	block = aqi_forest_bytes(trees.forest);
	copy = aqi_block_alloc(block.size);
	for (uint64_t i = 0; i < n; i++) {
		memcpy(copy, block.data, block.size);
		for (int k = draw(1, 3); k > 0; k--)
			edit_block(copy, block.size);
		aqi_block_finish(copy);
		err = (struct aqi_error){0};
		count(&tally, aqi_forest_copy(
			(struct aqi_slice){copy, block.size}, &err), &err);
	}
	free(copy);
	aqi_forest_free(trees.forest);
	tell(&tally, "compiled forests");
}

int
main(void)
{
	const char *given = getenv("AQI_SEED"), *wanted = getenv("AQI_INPUTS");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 2024;
	const uint64_t n = wanted ? strtoull(wanted, NULL, 10) : 2000;

	note("AQI_SEED=%llu", (unsigned long long)seed);
	random_state = aqi_random_new(seed, 0);
	test_documents(n);
	test_lightgbm(n);
	test_onnx(n);
	test_blocks(n);
	aqi_arena_free(&onnx_arena);
	return done();
}
