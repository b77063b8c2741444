/*
 * Files of LightGBM read in pieces, beside the same bytes read as a whole. The
 * files are made up, of so many trees that there are several pieces.
 */
#undef _FORTIFY_SOURCE	/* whose declarations fault.h could not replace */
#include "model/lightgbm_window.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "draw.h"
#include "fault.h"
#include "model/forest.h"
#include "model/lightgbm.h"
#include "model/lightgbm_forest.h"
#include "model/lightgbm_halves.h"
#include "model/lightgbm_header.h"
#include "model/lightgbm_line.h"
#include "model/trees.h"
#include "tap.h"

enum { MOST_TREES = 1200, LIMIT = 16 << 20 };

static const char path[] = "lightgbm-window.tmp";

/* A model's parts; trees[i] is where tree i begins in `trees`. */
struct parts {
	struct aqi_buffer head, sizes, body, tail;
	size_t trees[MOST_TREES + 1], n_trees;
};

static void
add_number(struct aqi_buffer *out)
{
	char text[32];
	size_t n = draw_digits(text, draw(1, 3));

	text[n++] = '.';
	n += draw_digits(text + n, draw(1, 17));
	if (draw(0, 1))
		aqi_buffer_add_byte(out, '-');
	aqi_buffer_add(out, text, n);
}

static void
add_values(struct aqi_buffer *out, const char *key, size_t n, bool is_number)
{
	aqi_buffer_add_format(out, "%s=", key);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			aqi_buffer_add_byte(out, ' ');
		if (is_number)
			add_number(out);
		else
			aqi_buffer_add_format(out, "%d", draw(0, 2));
	}
	aqi_buffer_add_byte(out, '\n');
}

/* A chain of n leaves: each split has one, and the last has two. */
static void
add_children(struct aqi_buffer *out, size_t n)
{
	aqi_buffer_add_text(out, "left_child=");
	for (size_t i = 0; i + 2 < n; i++)
		aqi_buffer_add_format(out, "%zu ", i + 1);
	aqi_buffer_add_format(out, "-%zu\nright_child=", n);
	for (size_t i = 0; i + 1 < n; i++)
		aqi_buffer_add_format(out, i > 0 ? " -%zu" : "-%zu", i + 1);
	aqi_buffer_add_byte(out, '\n');
}

/* Decisions that are all the same, so that each is one of a plain tree. */
static void
add_decisions(struct aqi_buffer *out, size_t n)
{
	aqi_buffer_add_text(out, "decision_type=2");
	for (size_t i = 1; i < n; i++)
		aqi_buffer_add_text(out, " 2");
	aqi_buffer_add_byte(out, '\n');
}

static void
add_tree(struct parts *parts, size_t n_leaves)
{
	struct aqi_buffer *out = &parts->body;

	parts->trees[parts->n_trees] = out->size;
	aqi_buffer_add_format(out, "Tree=%zu\nnum_leaves=%zu\nnum_cat=0\n",
			      parts->n_trees, n_leaves);
	if (n_leaves == 1) {
		aqi_buffer_add_text(out, "split_feature=\nthreshold=\n"
				    "decision_type=\nleft_child=\n"
				    "right_child=\nleaf_value=0.5\n");
	} else {
		add_values(out, "split_feature", n_leaves - 1, false);
		add_values(out, "split_gain", n_leaves - 1, true);
		add_values(out, "threshold", n_leaves - 1, true);
		add_decisions(out, n_leaves - 1);
		add_children(out, n_leaves);
		add_values(out, "leaf_value", n_leaves, true);
		add_values(out, "leaf_weight", n_leaves, true);
	}
	aqi_buffer_add_text(out, "is_linear=0\nshrinkage=1\n\n\n");
	aqi_buffer_add_format(&parts->sizes, parts->n_trees > 0 ? " %zu" :
			      "%zu", out->size - parts->trees[parts->n_trees]);
	parts->trees[++parts->n_trees] = out->size;
}

static void
begin(struct parts *parts)
{
	aqi_buffer_clear(&parts->head);
	aqi_buffer_clear(&parts->sizes);
	aqi_buffer_clear(&parts->body);
	aqi_buffer_clear(&parts->tail);
	parts->n_trees = 0;
	aqi_buffer_add_text(&parts->head,
			    "tree\nversion=v4\nnum_class=1\n"
			    "num_tree_per_iteration=1\nlabel_index=0\n"
			    "max_feature_idx=2\nobjective=regression\n"
			    "feature_names=a b c\n"
			    "feature_infos=none none none\n");
	aqi_buffer_add_text(&parts->tail, "end of trees\n\n"
			    "feature_importances:\na=2\nb=2\nc=2\n\n"
			    "parameters:\n[boosting: gbdt]\n"
			    "end of parameters\n\npandas_categorical:null\n");
}

/* Trees of up to so many leaves, the first ten of them of up to n_first. */
static void
make_parts(struct parts *parts, size_t n_trees, int n_first, int n_most)
{
	begin(parts);
	for (size_t i = 0; i < n_trees; i++)
		add_tree(parts, (size_t)draw(2, i < 10 ? n_first : n_most));
}

static struct aqi_buffer file;

static void
join(const struct parts *parts)
{
	aqi_buffer_clear(&file);
	aqi_buffer_add_slice(&file, aqi_buffer_slice(&parts->head));
	aqi_buffer_add_text(&file, "tree_sizes=");
	aqi_buffer_add_slice(&file, aqi_buffer_slice(&parts->sizes));
	aqi_buffer_add_text(&file, "\n\n");
	aqi_buffer_add_slice(&file, aqi_buffer_slice(&parts->body));
	aqi_buffer_add_slice(&file, aqi_buffer_slice(&parts->tail));
}

static void
write_file(size_t size)
{
	FILE *out = fopen(path, "wb");

	if (!out || fwrite(file.data, 1, size, out) != size ||
	    fclose(out) != 0) {
		perror(path);
		exit(1);
	}
}

enum verdict { OTHER, SAME, LEFT };

static const struct aqi_trees_options quick = {.skips_statistics = true};

static bool
is_same(const struct aqi_trees *a, const struct aqi_trees *b)
{
	const struct aqi_slice x = aqi_forest_bytes(a->forest);
	const struct aqi_slice y = aqi_forest_bytes(b->forest);

	return x.size == y.size && memcmp(x.data, y.data, x.size) == 0 &&
	       a->n_names == b->n_names &&
	       a->writer.size == b->writer.size &&
	       a->objective.size == b->objective.size &&
	       memcmp(a->objective.data, b->objective.data,
		      a->objective.size) == 0 &&
	       (a->n_names == 0 ||
		(a->names[2].size == b->names[2].size &&
		 memcmp(a->names[2].data, b->names[2].data,
			a->names[2].size) == 0));
}

/* The first bytes of the file in pieces, by one thread or two: as they are read
 * as a whole, or left to that. What is read in pieces only is neither. */
static enum verdict
compare_by(size_t n_threads, size_t size)
{
	const struct aqi_trees_options options = {
		.skips_statistics = true, .n_threads = n_threads,
	};
	struct aqi_arena arena = {0}, whole_arena = {0};
	struct aqi_trees trees, whole;
	enum verdict verdict = LEFT;

	if (aqi_trees_read_file(path, LIMIT, &options, &arena, &trees))
		verdict = aqi_lightgbm_read((struct aqi_slice){file.data, size},
					    &quick, &whole_arena, &whole,
					    NULL) == AQI_OK &&
			  is_same(&trees, &whole) ? SAME : OTHER;
	if (verdict == SAME)
		aqi_forest_free(whole.forest);
	aqi_forest_free(trees.forest);
	aqi_arena_free(&arena);
	aqi_arena_free(&whole_arena);
	return verdict;
}

/* Whether the file is longer when it is read than when it was opened. */
static bool grows;

static void
grow_file(void)
{
	FILE *out = fopen(path, "ab");

	if (!out || fputs("more=1\n", out) < 0 || fclose(out) != 0) {
		perror(path);
		exit(1);
	}
}

/* The trees by two threads, of a file of any size; or NULL. */
static struct aqi_forest *
read_halves(struct aqi_arena *arena)
{
	struct aqi_lightgbm_window window;
	struct aqi_lightgbm_header header;
	struct aqi_lightgbm_lines lines;
	struct aqi_forest_shape shape = {.is_wide = true};
	struct aqi_lightgbm_source source = {
		.window = &window, .lines = &lines, .header = &header,
		.shape = &shape, .skips_statistics = true, .n_shares = 2,
		.most = aqi_trees_memory(file.size),
	};
	struct aqi_forest *forest = NULL;

	if (!aqi_lightgbm_window_open(&window, path, LIMIT, &source.bytes))
		return NULL;
	if (grows)
		grow_file();
	source.size = window.size;
	aqi_lightgbm_lines_open(&lines, source.bytes);
	if (aqi_lightgbm_header_read(&lines, &header, NULL) == AQI_OK &&
	    header.sizes.data && lines.line.data && !header.is_average &&
	    !memchr(source.bytes.data, '\0',
		    (size_t)(lines.line.data - source.bytes.data))) {
		header.sizes = aqi_arena_copy(arena, header.sizes);
		shape.n_inputs = header.n_inputs;
		shape.n_margins = header.n_margins;
		shape.link = header.link;
		forest = aqi_lightgbm_halves_read(&source);
	}
	aqi_lightgbm_window_close(&window);
	return forest;
}

static enum verdict
compare_halves(size_t size)
{
	struct aqi_arena arena = {0};
	struct aqi_trees trees = {.forest = read_halves(&arena)}, whole;
	enum verdict verdict = OTHER;
	struct aqi_slice x, y;

	if (!trees.forest) {
		aqi_arena_free(&arena);
		return LEFT;
	}
	if (aqi_lightgbm_read((struct aqi_slice){file.data, size}, &quick,
			      &arena, &whole, NULL) == AQI_OK) {
		x = aqi_forest_bytes(trees.forest);
		y = aqi_forest_bytes(whole.forest);
		if (x.size == y.size && memcmp(x.data, y.data, x.size) == 0)
			verdict = SAME;
		aqi_forest_free(whole.forest);
	}
	aqi_forest_free(trees.forest);
	aqi_arena_free(&arena);
	return verdict;
}

static enum verdict
compare(size_t size)
{
	enum verdict by_one, by_two;

	write_file(size);
	by_one = compare_by(1, size);
	by_two = compare_by(2, size);
	return by_one == by_two && compare_halves(size) != OTHER ? by_one :
								   OTHER;
}

static void
test_same(struct parts *parts)
{
	make_parts(parts, 600, 60, 60);
	join(parts);
	ok(file.size > 600000 && compare(file.size) == SAME,
	   "a model is read in pieces, and the same as at once");
	ok(compare_halves(file.size) == SAME, "and by two threads");
	ok(!aqi_trees_read_file(path, file.size - 1, &quick, NULL,
				&(struct aqi_trees){0}),
	   "not one above the limit");
	ok(!aqi_trees_read_file(path, LIMIT,
				&(struct aqi_trees_options){0}, NULL,
				&(struct aqi_trees){0}),
	   "nor one whose statistics count");
	ok(!aqi_trees_read_file("/dev/null", LIMIT, &quick, NULL,
				&(struct aqi_trees){0}) &&
	   !aqi_trees_read_file("no such file", LIMIT, &quick, NULL,
				&(struct aqi_trees){0}),
	   "nor what is no file");
	make_parts(parts, 600, 2, 60);
	join(parts);
	ok(compare(file.size) == SAME,
	   "so is one of more nodes than its first trees let expect");
	ok(compare_halves(file.size) == SAME, "by two threads, too");
	make_parts(parts, 600, 60, 40);
	join(parts);
	ok(compare(file.size) == SAME && compare_halves(file.size) == SAME,
	   "and one of fewer");
	for (size_t i = 0; i < 100; i++)
		add_tree(parts, i % 3 == 0 ? 1 : (size_t)draw(2, 60));
	join(parts);
	ok(compare(file.size) == SAME, "and one with trees that are no plain "
	   "ones");
	ok(compare_halves(file.size) == LEFT, "which two threads leave alone");
	make_parts(parts, 8, 800, 800);
	for (size_t i = 0; i < 40; i++)
		add_tree(parts, 900);
	join(parts);
	ok(compare(file.size) == SAME && compare_halves(file.size) == SAME,
	   "and one of large trees");
	make_parts(parts, 1000, 100, 120);
	join(parts);
	ok(file.size > 3000000 && compare(file.size) == SAME &&
	   compare_halves(file.size) == SAME,
	   "and one for which two threads are worth it");
}

/* Of the second half, some trees are looked at before two threads begin: each
 * eighth. The others are found out only when they are read. */
static void
test_sample(struct parts *parts)
{
	size_t n_left = 0, n_same = 0;

	for (size_t turn = 0; turn < 8; turn++) {
		make_parts(parts, 300, 60, 60);
		for (size_t i = 0; i < 320; i++)
			add_tree(parts, i % 8 == turn ? 1 : 40);
		join(parts);
		n_left += compare(file.size) == SAME &&
			  compare_halves(file.size) == LEFT;
		make_parts(parts, 300, 60, 60);
		for (size_t i = 0; i < 320; i++)
			add_tree(parts, i % 8 == turn ? 2 : 40);
		join(parts);
		n_same += compare(file.size) == SAME &&
			  compare_halves(file.size) == SAME;
	}
	ok(n_left == 8, "two threads leave a file whose later trees are no "
	   "plain ones, whether they are looked at or not");
	ok(n_same == 7, "and one of more nodes than those that were looked at "
	   "let expect, but for the one that misleads");
}

/* Wherever a piece ends: pieces begin at multiples of a size, so that it is the
 * head's size that moves the trees. */
static void
test_places(struct parts *parts)
{
	size_t n_same = 0;

	make_parts(parts, 600, 60, 60);
	for (size_t i = 0; i < 400; i++) {
		aqi_buffer_add_text(&parts->head, &"more=1\n"[i % 2]);
		join(parts);
		n_same += compare(file.size) == SAME;
	}
	ok(n_same == 400, "wherever pieces end, it is the same");
}

static void
test_left(struct parts *parts)
{
	size_t n_left = 0, first, middle;
	int n_head;

	make_parts(parts, 500, 60, 60);
	join(parts);
	first = file.size - parts->tail.size - parts->body.size;
	middle = first + parts->trees[300];
	/* All but the sizes of the trees, in which it is no number. */
	n_head = (int)parts->head.size;
	for (size_t i = 0; i < 40; i++)
		n_left += compare(file.size - i * i * 256) == LEFT;
	ok(n_left == 39, "one that is cut short is left, but for the text at "
	   "its end");
	n_left = 0;
	for (size_t i = 0; i < 60; i++) {
		const size_t at = i < 20 ? (size_t)draw(1, n_head) :
				  i < 40 ? middle + (size_t)draw(0, 4000) :
				  file.size - (size_t)draw(1, 80);
		const char was = file.data[at];

		file.data[at] = '\0';
		n_left += compare(file.size) == LEFT;
		file.data[at] = was;
	}
	ok(n_left == 60, "and one with a NUL, wherever it is");
	write_file(file.size);
	grows = true;
	ok(compare_halves(file.size) == LEFT,
	   "and one that grows while two threads read it");
	grows = false;
	memcpy(file.data + middle, "Tree=999", 8);
	ok(compare(file.size) == LEFT, "and one whose trees are not in order");
	make_parts(parts, 500, 60, 60);
	add_tree(parts, 10000);
	join(parts);
	ok(compare(file.size) == LEFT, "and one with a tree above a piece");
	make_parts(parts, 500, 60, 60);
	for (size_t i = 0; i < 60000; i++)
		aqi_buffer_add_text(&parts->tail, "more=1\n");
	join(parts);
	ok(compare(file.size) == LEFT, "and one with as much behind them");
	make_parts(parts, 500, 60, 60);
	while (parts->tail.size < AQI_LIGHTGBM_TAIL)
		aqi_buffer_add_byte(&parts->tail, '\n');
	join(parts);
	ok(compare(file.size) == SAME && compare_halves(file.size) == SAME,
	   "but not one with as much as there may be behind them");
	aqi_buffer_add_byte(&parts->tail, '\n');
	join(parts);
	ok(compare(file.size) == SAME && compare_halves(file.size) == LEFT,
	   "of which two threads leave the next larger one");
	make_parts(parts, 500, 60, 60);
	aqi_buffer_add_text(&parts->sizes, " 700");
	join(parts);
	ok(compare(file.size) == LEFT, "and one of more sizes than trees");
	make_parts(parts, 500, 60, 60);
	parts->sizes.size -= 4;
	join(parts);
	ok(compare(file.size) == LEFT, "and one whose sizes are not right");
	make_parts(parts, 500, 60, 60);
	aqi_buffer_add_text(&parts->head, "average_output\n");
	join(parts);
	ok(compare(file.size) == LEFT, "and one of averages");
}

/* One byte of the trees is another. */
static void
test_changes(struct parts *parts)
{
	static const char bytes[] = "0159 .-e\nx=\xb1";	/* and NUL */
	size_t n_other = 0;

	make_parts(parts, 500, 60, 60);
	join(parts);
	for (int i = 0; i < 300; i++) {
		const size_t at = (size_t)draw(0, (int)file.size - 1);
		const char was = file.data[at];

		file.data[at] = bytes[draw(0, sizeof bytes - 1)];
		n_other += compare(file.size) == OTHER;
		file.data[at] = was;
	}
	ok(n_other == 0, "one with a byte changed is the same, or left");
}

/* The call that fails next, after so many that do not. */
static void
plan(const char *call, int error, int after)
{
	fault.call = call;
	fault.error = error;
	fault.after = after;
}

/* Each read of the file fails in turn: by one thread all of them, by two those
 * before both begin. */
static void
test_faults(struct parts *parts)
{
	int n_left = 0, n = 0, n_halved = 0;
	const int n_before = 3 + 48;

	make_parts(parts, 8, 800, 800);
	for (size_t i = 8; i < 48; i++)
		add_tree(parts, 900);
	join(parts);
	write_file(file.size);
	for (bool has_failed = true; has_failed; n += has_failed) {
		plan("pread", EIO, n);
		n_left += compare_by(1, file.size) == LEFT;
		has_failed = !fault.call;
	}
	ok(n > 20 && n_left == n, "a file of which a read fails is left, "
	   "whichever of %d it is", n);
	for (int i = 0; i < n_before; i++) {
		plan("pread", EIO, i);
		n_halved += compare_halves(file.size) != LEFT || fault.call;
	}
	ok(n_halved == 0, "by two threads, too");
	plan("pread", EINTR, 1);
	ok(compare_by(1, file.size) == SAME && !fault.call,
	   "one that is interrupted is made again");
	fault.call = NULL;
}

/* Files that two threads leave alone are read by one, from the start, which is
 * a read that may fail. */
static void
test_rewind(struct parts *parts)
{
	begin(parts);
	add_tree(parts, 1);
	for (size_t i = 1; i < 1000; i++)
		add_tree(parts, 100);
	join(parts);
	write_file(file.size);
	ok(file.size > 3000000 && compare_by(2, file.size) == SAME,
	   "what two threads leave alone is read by one");
	plan("pread", EIO, 3);
	ok(compare_by(2, file.size) == LEFT && !fault.call,
	   "or left where its start cannot be read once more");
}

/* No descriptor is left for the file, or for its second half. */
static void
test_descriptors(struct parts *parts)
{
	const int next = dup(0);
	struct rlimit limit, most;
	enum verdict verdict[2];

	make_parts(parts, 600, 60, 60);
	join(parts);
	write_file(file.size);
	close(next);
	if (next < 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		abort();
	most = limit;
	for (int i = 0; i < 2; i++) {
		most.rlim_cur = (rlim_t)(next + i);
		setrlimit(RLIMIT_NOFILE, &most);
		verdict[i] = i == 0 ? compare_by(1, file.size) :
				      compare_halves(file.size);
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	ok(verdict[0] == LEFT, "a file that cannot be opened is left");
	ok(verdict[1] == LEFT, "so is one that has no second descriptor");
}

int
main(void)
{
	static struct parts parts;
	const char *given = getenv("AQI_SEED");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 1949;
	char folder[] = "/tmp/aqi-window-XXXXXX";

	if (!mkdtemp(folder) || chdir(folder) != 0) {
		perror(folder);
		return 1;
	}
	note("AQI_SEED=%llu", (unsigned long long)seed);
	random_state = aqi_random_new(seed, 0);
	test_same(&parts);
	test_sample(&parts);
	test_places(&parts);
	test_left(&parts);
	test_changes(&parts);
	test_faults(&parts);
	test_rewind(&parts);
	test_descriptors(&parts);
	unlink(path);
	rmdir(folder);
	aqi_buffer_free(&file);
	aqi_buffer_free(&parts.head);
	aqi_buffer_free(&parts.sizes);
	aqi_buffer_free(&parts.body);
	aqi_buffer_free(&parts.tail);
	return done();
}
