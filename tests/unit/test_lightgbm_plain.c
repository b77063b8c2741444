/*
 * Trees of LightGBM as it writes them, read at once, beside strtod and beside
 * the way that reads any tree. AQI_INPUTS numbers are made up.
 */
#include "model/lightgbm_plain.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/processor.h"
#include "draw.h"
#include "edit.h"
#include "model/forest.h"
#include "model/forest_builder.h"
#include "model/lightgbm.h"
#include "model/lightgbm_line.h"
#include "quick.h"
#include "tap.h"

enum { MOST_LEAVES = 300, MOST_CHARACTERS = 80, SPARE = 64 };

/* Numbers. */

/* Digits, a dot and digits, about as many as are taken at once or one more. */
static void
draw_any(char *text)
{
	size_t n = 0;

	if (draw(0, 1))
		text[n++] = '-';
	n += draw_digits(text + n, draw(1, draw(0, 3) ? 3 : 25));
	if (draw(0, 15)) {
		text[n++] = '.';
		n += draw_digits(text + n, draw(1, 25));
	}
	if (draw(0, 15) == 0)
		n += (size_t)sprintf(text + n, "e%d", draw(-30, 30));
	text[n] = '\0';
}

/* As LightGBM writes them. */
static void
draw_usual(char *text)
{
	double x = aqi_random_normal(&random_state);

	for (int i = draw(0, 5); i > 0; i--)
		x *= draw(0, 2) ? 10 : 0.1;
	sprintf(text, "%.17g", x);
}

/* Digits before a tie between two doubles, which takes many to tell. */
static void
draw_tie(char *text)
{
	const uint64_t odd = (UINT64_C(1) << 53) + 1 +
			     2 * aqi_random_below(&random_state, 1000000);
	const int shift = draw(0, 9);

	sprintf(text, "%s%llu.%d", draw(0, 1) ? "-" : "",
		(unsigned long long)odd >> shift, draw(0, 1) ? 5 : 25);
}

static void
draw_number(char *text)
{
	switch (draw(0, 7)) {
	case 0: draw_any(text); break;
	case 1: draw_tie(text); break;
	default: draw_usual(text);
	}
}

/* Trees. */

struct tree {
	size_t n_leaves;
	char numbers[2 * MOST_LEAVES][MOST_CHARACTERS];
	int32_t inputs[MOST_LEAVES], rules[MOST_LEAVES];
	int32_t lefts[MOST_LEAVES], rights[MOST_LEAVES];
};

/* Mostly of few digits. */
static int32_t
draw_integer(void)
{
	static const int most[] = {9, 9, 99, 99, 999, 9999, 99999, 99999999};

	return draw(-most[draw(0, 7)], most[draw(0, 7)]);
}

static void
draw_tree(struct tree *tree)
{
	const int most_rule = draw(9, 10);	/* lines of one digit each, too */

	tree->n_leaves = (size_t)draw(2, draw(0, 3) ? 40 : MOST_LEAVES);
	for (size_t i = 0; i < 2 * tree->n_leaves - 1; i++)
		draw_number(tree->numbers[i]);
	for (size_t i = 0; i < tree->n_leaves - 1; i++) {
		tree->inputs[i] = draw_integer();
		tree->rules[i] = draw(0, most_rule);
		tree->lefts[i] = draw_integer();
		tree->rights[i] = draw_integer();
	}
}

static void
add_integers(struct aqi_buffer *out, const char *key, const int32_t *x,
	     size_t n)
{
	aqi_buffer_add_format(out, "%s=", key);
	for (size_t i = 0; i < n; i++)
		aqi_buffer_add_format(out, i > 0 ? " %d" : "%d", x[i]);
	aqi_buffer_add_text(out, "\n");
}

static void
add_numbers(struct aqi_buffer *out, const char *key,
	    char numbers[][MOST_CHARACTERS], size_t n)
{
	aqi_buffer_add_format(out, "%s=", key);
	for (size_t i = 0; i < n; i++)
		aqi_buffer_add_format(out, i > 0 ? " %s" : "%s", numbers[i]);
	aqi_buffer_add_text(out, "\n");
}

static void
write_tree(struct aqi_buffer *out, struct tree *tree)
{
	const size_t n = tree->n_leaves - 1;

	aqi_buffer_clear(out);
	aqi_buffer_add_format(out, "Tree=7\nnum_leaves=%zu\nnum_cat=0\n",
			      n + 1);
	add_integers(out, "split_feature", tree->inputs, n);
	add_numbers(out, "split_gain", tree->numbers, n);
	add_numbers(out, "threshold", tree->numbers, n);
	add_integers(out, "decision_type", tree->rules, n);
	add_integers(out, "left_child", tree->lefts, n);
	add_integers(out, "right_child", tree->rights, n);
	add_numbers(out, "leaf_value", tree->numbers + n, n + 1);
	add_numbers(out, "internal_value", tree->numbers, n);
	aqi_buffer_add_format(out, "is_linear=0\nshrinkage=0.1\n\n");
}

/* A tree's text in memory of its own, so that a sanitizer sees what is read
 * outside of it. */
struct text {
	char *start, *end;
};

static struct text
copy_text(struct aqi_slice text)
{
	char *copy = malloc(text.size + SPARE);

	memcpy(copy, text.data, text.size);
	memset(copy + text.size, 'x', SPARE);
	return (struct text){copy, copy + text.size};
}

static size_t
count_wrong(const struct aqi_lightgbm_plain *read, struct tree *tree)
{
	const size_t n = tree->n_leaves - 1;
	size_t n_wrong = 0;

	for (size_t i = 0; i < 2 * n + 1; i++) {
		const double x = strtod(tree->numbers[i], NULL);

		if (memcmp(&x, &read->values[i], sizeof x) == 0)
			continue;
		note("%s: %.17g", tree->numbers[i], read->values[i]);
		n_wrong++;
	}
#define SAME(columns) \
	(memcmp(read->columns, tree->columns, n * sizeof *tree->columns) == 0)
	return n_wrong + !SAME(inputs) + !SAME(rules) + !SAME(lefts) +
	       !SAME(rights);
#undef SAME
}

static void
test_columns(const char *name, aqi_lightgbm_plain_fn *read, uint64_t n)
{
	static struct aqi_buffer buffer;
	static struct tree tree;
	struct aqi_lightgbm_plain plain = {0};
	size_t n_wrong = 0;

	for (uint64_t done = 0; done < n && n_wrong < 10;
	     done += 2 * tree.n_leaves - 1) {
		struct text text;
		const char *behind;

		draw_tree(&tree);
		write_tree(&buffer, &tree);
		text = copy_text(aqi_buffer_slice(&buffer));
		behind = read(&plain, 7, text.start, text.end);
		n_wrong += behind == text.end - 1 ?
			   count_wrong(&plain, &tree) : 1;
		free(text.start);
	}
	ok(n_wrong == 0, "%s: %llu numbers of trees are strtod's to the bit, "
	   "and whole numbers are right", name, (unsigned long long)n);
	aqi_lightgbm_plain_free(&plain);
}

/* What is not as LightGBM writes it. */

static const char usual[] =
	"Tree=7\n"
	"num_leaves=4\n"
	"num_cat=0\n"
	"split_feature=0 1 10\n"
	"split_gain=12.5 -inf 1\n"
	"threshold=1.5 -0.25 1.0000000180025095e-35\n"
	"decision_type=2 8 10\n"
	"left_child=1 -1 -2\n"
	"right_child=2 -3 -4\n"
	"leaf_value=0.25 -1.5 3 0.125\n"
	"leaf_weight=1 2 3 4\n"
	"leaf_count=4 5 6 7\n"
	"internal_value=0 0.5 1\n"
	"internal_weight=9 nan 1\n"
	"internal_count=15 9 1\n"
	"is_linear=0\n"
	"shrinkage=1\n"
	"\n";

static const struct {
	const char *from, *to;
} same[] = {
	{"num_cat=0\n", ""},
	{"is_linear=0\n", ""},
	{"split_gain=12.5 -inf 1\n", ""},
	{"leaf_weight=1 2 3 4\n", ""},
	{"internal_weight=9 nan 1\n", ""},
	{"leaf_weight=1 2 3 4\n", "leaf_weight= a  b cd  efg \n"},
	{"0.25 -1.5", "0.250 -1.50"},
	{"0.25 -1.5", "0.25 -15e-1"},
	{"=0 1 10", "=00 00001 10"},
	{"=2 8 10", "=2 8 4"}, {"=2 8 10", "=2 8 04"},
}, refused[] = {
	{"Tree=7", "Tree=8"},
	{"Tree=7", "Tree=-7"},
	{"Tree=7", "Tree="},
	{"Tree=7", "tree=7"},
	{"num_leaves=4", "num_leaves=1"},
	{"num_leaves=4", "num_leaves=5"},
	{"num_leaves=4", "num_leaves=131073"},
	{"num_leaves=4", "num_leaves=4 4"},
	{"num_cat=0", "num_cat=1"},
	{"is_linear=0", "is_linear=1"},
	{"=0 1 10", "=0 1 10 "}, {"=0 1 10", "= 0 1 10"},
	{"=0 1 10", "=0  1 10"}, {"=0 1 10", "=0 1 "},
	{"=0 1 10", "=0 1"}, {"=0 1 10", "=0 1 10 11"}, {"=0 1 10", "="},
	{"=0 1 10", "=0 1 x"}, {"=0 1 10", "=0 - 10"}, {"=0 1 10", "=0 1- 1"},
	{"=0 1 10", "=0 1\t10"}, {"=0 1 10", "=0 1 1\r"},
	{"=0 1 10", "=0 1 \xb1"}, {"=0 1 10", "=0 1 4294967296"},
	{"=0 1 10", "=0 1 1.0"}, {"=0 1 10", "=0 :1 10"},
	{"=2 8 10", "=2 8"}, {"=2 8 10", "=2 8 4 4"}, {"=2 8 10", "=2 8 4 "},
	{"=2 8 10", "=2 8 44 4"}, {"=2 8 10", "="},
	{"-1.5 3", "-1.5  3"}, {"-1.5 3", "--1.5 3"}, {"-1.5 3", "-1..5 3"},
	{"-1.5 3", "-1.5.5 3"}, {"-1.5 3", "-1,5 3"}, {"-1.5 3", "- 3"},
	{"-1.5 3", "+1.5 3"}, {"-1.5 3", "1.5f 3"}, {"-1.5 3", "1.5e 3"},
	{"-1.5 3", "nan 3"}, {"-1.5 3", "inf 3"}, {"-1.5 3", "1e999 3"},
	{"-1.5 3", "1.\xb1 3"},
	{"=1 2 3 4", "=1 2 3"}, {"=1 2 3 4", "=1 2 3 4 5"},
	{"=1 2 3 4", "=1 2 3\t4"},
	{"threshold=", "thresholds="},
	{"leaf_weight=1 2 3 4\nleaf_count=4 5 6 7\n",
	 "leaf_count=4 5 6 7\nleaf_weight=1 2 3 4\n"},
	{"leaf_count=4 5 6 7\n", "leaf_count=4 5 6 7\nleaf_count=4 5 6 7\n"},
	{"shrinkage=1\n", "shrinkage=1\nother=1\n"},
	{"shrinkage=1\n", "shrinkage=1\r\n"},
};

static bool
is_read(aqi_lightgbm_plain_fn *read, struct aqi_slice tree)
{
	struct aqi_lightgbm_plain plain = {0};
	struct text text = copy_text(tree);
	const char *behind = read(&plain, 7, text.start, text.end);
	const bool is_whole = behind && behind == text.end - 1;

	free(text.start);
	aqi_lightgbm_plain_free(&plain);
	return is_whole;
}

static int
size_of_line(const char *text)
{
	return (int)strcspn(text, "\t\r\n");
}

static void
test_others(const char *name, aqi_lightgbm_plain_fn *read)
{
	const size_t size = strlen(usual);
	size_t n_refused = 0;

	ok(is_read(read, aqi_slice_of(usual)), "%s: a tree is read", name);
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		ok(is_read(read, edit_text(usual, same[i].from, same[i].to)),
		   "%s: and otherwise (%zu), with \"%.*s\"", name, i,
		   size_of_line(same[i].to), same[i].to);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		ok(!is_read(read, edit_text(usual, refused[i].from,
					    refused[i].to)),
		   "%s: another (%zu), with \"%.*s\", is left", name, i,
		   size_of_line(refused[i].to), refused[i].to);
	for (size_t i = 0; i < size; i++)
		n_refused += !is_read(read, (struct aqi_slice){usual, i});
	ok(n_refused == size, "%s: a tree that is cut short is left", name);
}

/* Decisions of one digit, four of which are taken at once: whatever stands in
 * place of a digit or of a space. */
static void
test_decisions(const char *name, aqi_lightgbm_plain_fn *read)
{
	static const char others[] = "\t\r\n -/:x\xb2";	/* and NUL */
	static struct aqi_buffer buffer;
	static struct tree tree;
	size_t n = 0, n_read = 0, n_refused = 0;

	for (int most = 2; most <= 10; most++) {
		char *line, byte;

		draw_tree(&tree);
		tree.n_leaves = (size_t)most;
		memset(tree.rules, 0, sizeof tree.rules);
		write_tree(&buffer, &tree);
		n_read += is_read(read, aqi_buffer_slice(&buffer));
		line = memmem(buffer.data, buffer.size, "type=", 5);
		line += strlen("type=");
		for (size_t i = 0; i < 2 * tree.n_leaves - 2; i++, n++) {
			byte = line[i];
			do
				line[i] = others[draw(0, sizeof others - 1)];
			while (line[i] == byte);
			n_refused += !is_read(read, aqi_buffer_slice(&buffer));
			line[i] = byte;
		}
	}
	ok(n_read == 9 && n_refused == n, "%s: trees with another byte among "
	   "decisions are left, %zu of %zu", name, n_refused, n);
}

/* Models. */

static const char model[] =
	"tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\n"
	"label_index=0\nmax_feature_idx=2\nobjective=regression\n"
	"feature_names=a b c\nfeature_infos=none none none\n"
	"tree_sizes=246 246\n"
	"\n"
	"Tree=0\nnum_leaves=4\nnum_cat=0\nsplit_feature=0 2 1\n"
	"split_gain=1 2 3\nthreshold=1.5 -0.25 7\ndecision_type=2 8 4\n"
	"left_child=1 -1 -2\nright_child=2 -3 -4\n"
	"leaf_value=0.25 -1.5 3 0.125\nleaf_weight=1 2 3 4\n"
	"internal_value=0 0.5 1\nis_linear=0\nshrinkage=1\n\n\n"
	"Tree=1\nnum_leaves=4\nnum_cat=0\nsplit_feature=0 2 1\n"
	"split_gain=1 2 3\nthreshold=0 -0 1.5\ndecision_type=2 10 6\n"
	"left_child=-1 2 -3\nright_child=1 -2 -4\n"
	"leaf_value=-2.5 0.0625 1e-05 9\nleaf_weight=1 2 3 4\n"
	"internal_value=0 0.5 1\nis_linear=0\nshrinkage=1\n\n\n"
	"end of trees\n\nfeature_importances:\na=2\nb=2\nc=2\n\n"
	"parameters:\n[boosting: gbdt]\nend of parameters\n";

/* The same, each line with an end for which no tree is plain. */
static struct aqi_slice
with_crlf(struct aqi_slice text, char *room)
{
	size_t n = 0;

	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\n')
			room[n++] = '\r';
		room[n++] = text.data[i];
	}
	return (struct aqi_slice){room, n};
}

static struct aqi_arena arena;

static struct aqi_forest *
read_quickly(struct aqi_slice text, struct aqi_error *err)
{
	const struct aqi_trees_options quick = {.skips_statistics = true};
	struct aqi_trees trees;

	*err = (struct aqi_error){0};
	aqi_arena_clear(&arena);
	if (aqi_lightgbm_read(text, &quick, &arena, &trees, err) != AQI_OK)
		return NULL;
	return trees.forest;
}

/* The same forest, or the same reason; bytes are counted otherwise. */
static bool
agree(struct aqi_slice text)
{
	static char room[2 * sizeof model];
	struct aqi_error err, crlf_err;
	struct aqi_forest *f = read_quickly(text, &err);
	struct aqi_forest *crlf = read_quickly(with_crlf(text, room),
					       &crlf_err);
	const bool is_byte = strncmp(err.reason, "byte ", 5) == 0;
	const bool same_forest = f && crlf && differ_in_statistics(f, crlf);
	const bool same_reason = !f && !crlf && err.code == crlf_err.code &&
		(is_byte ? strncmp(crlf_err.reason, "byte ", 5) == 0 :
			   strcmp(err.reason, crlf_err.reason) == 0);

	if (!same_forest && !same_reason)
		note("%s / %s", f ? "read" : err.reason,
		     crlf ? "read" : crlf_err.reason);
	aqi_forest_free(f);
	aqi_forest_free(crlf);
	return same_forest || same_reason;
}

static void
test_models(void)
{
	static const char bytes[] = "0159 .-e\nx=\xb1";	/* and NUL */
	const size_t size = strlen(model);
	char copy[sizeof model];
	size_t n = 0, n_agreed = 0;
	struct aqi_trees trees;
	struct aqi_error err;

	if (ok(aqi_lightgbm_read(aqi_slice_of(model), NULL, &arena, &trees,
				 &err) == AQI_OK,
	       "a model of such trees is read"))
		ok(is_quick_same(aqi_lightgbm_read, aqi_slice_of(model),
				 trees.forest),
		   "in haste, it is the same but for its statistics");
	else
		note("%s", err.reason);
	aqi_forest_free(trees.forest);
	ok(agree(aqi_slice_of(model)),
	   "its forest is that of the way that reads any tree");
	for (size_t i = 0; i < size; i++)
		for (size_t k = 0; k < sizeof bytes; k++, n++) {
			memcpy(copy, model, sizeof model);
			copy[i] = bytes[k];
			n_agreed += agree((struct aqi_slice){copy, size});
		}
	ok(n_agreed == n, "%zu models with one byte changed are read, or "
	   "refused with the words, of that way", n);
	for (size_t i = 0; i < size; i++)
		n_agreed += agree((struct aqi_slice){model, i});
	ok(n_agreed == n + size, "and so are those that are cut short");
}

/* Trees with nothing but empty lines behind them: so many that the last is
 * plain, too. */
static void
test_empty_lines(void)
{
	const size_t n = (size_t)(strstr(model, "end of trees") - model);
	struct aqi_error err;
	struct aqi_forest *whole = read_quickly(aqi_slice_of(model), &err), *f;
	char text[sizeof model];

	memset(text, '\n', sizeof text);
	memcpy(text, model, n);
	f = read_quickly((struct aqi_slice){text, n + 80}, &err);
	ok(whole && f && differ_in_statistics(whole, f),
	   "a model that ends with empty lines is read");
	aqi_forest_free(f);
	text[n + 79] = '\0';
	f = read_quickly((struct aqi_slice){text, n + 80}, &err);
	ok(!f && strstr(err.reason, "a NUL byte"), "but not with a NUL there");
	aqi_forest_free(f);
	aqi_forest_free(whole);
}

/* It is this way that reads them. */
static void
test_take(void)
{
	const struct aqi_forest_shape shape = {
		.is_wide = true, .n_inputs = 11, .n_margins = 1,
		.link = {.is_wide = true, .divisor = 1},
	};
	struct aqi_forest_builder *builder = aqi_forest_builder_new(&shape,
								    NULL);
	struct text text = copy_text(aqi_slice_of(usual));
	const size_t size = strlen(usual);
	struct aqi_lightgbm_plain plain = {0};
	struct aqi_lightgbm_lines lines;

	aqi_lightgbm_lines_open(&lines, (struct aqi_slice){text.start,
							   size + SPARE});
	ok(builder && aqi_lightgbm_plain_take(&plain, &lines, 7, 0, builder) &&
	   lines.line.size == 0 && lines.line.data == text.end - 1 &&
	   lines.rest.data == text.end && lines.rest.size == SPARE &&
	   lines.n_bytes == size - 1,
	   "a tree is taken up to the empty line behind it");
	aqi_lightgbm_lines_open(&lines, (struct aqi_slice){text.start,
							   size + SPARE - 2});
	ok(!aqi_lightgbm_plain_take(&plain, &lines, 7, 0, builder) &&
	   lines.line.data == text.start,
	   "one whose end is less than 64 bytes before the file's is left");
	aqi_lightgbm_plain_free(&plain);
	aqi_forest_builder_free(builder);
	free(text.start);
}

int
main(void)
{
	static const struct {
		enum aqi_level level;
		const char *name;
		aqi_lightgbm_plain_fn *read;
	} ways[] = {
		{AQI_PORTABLE, "portable", aqi_lightgbm_plain_portable},
		{AQI_AVX2, "avx2", aqi_lightgbm_plain_avx2},
	};
	const char *given = getenv("AQI_SEED"), *wanted = getenv("AQI_INPUTS");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 2017;
	const uint64_t n = wanted ? strtoull(wanted, NULL, 10) : 300000;

	note("AQI_SEED=%llu", (unsigned long long)seed);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (aqi_processor_level() < ways[i].level) {
			skip(ways[i].name,
			     "the processor has no such vectors");
			continue;
		}
		random_state = aqi_random_new(seed, 0);
		test_columns(ways[i].name, ways[i].read, n);
		test_others(ways[i].name, ways[i].read);
		test_decisions(ways[i].name, ways[i].read);
	}
	test_take();
	test_models();
	test_empty_lines();
	aqi_arena_free(&arena);
	return done();
}
