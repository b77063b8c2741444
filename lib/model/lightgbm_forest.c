#include "model/lightgbm_forest.h"

#include <stdlib.h>

#include "base/pool.h"
#include "model/forest_builder.h"
#include "model/lightgbm_header.h"
#include "model/lightgbm_line.h"
#include "model/lightgbm_tree.h"
#include "model/lightgbm_value.h"
#include "model/lightgbm_window.h"
#include "model/trees.h"

/*
 * A set takes 8 bytes for a category, while 4 bytes of text can stand for 32.
 * So many are allowed as keep the memory below ten times the file's size and
 * some megabytes; LightGBM by default makes one for 5 bytes and more.
 */
#define SPARE_MEMBERS 1048576

/*
 * A tree's bytes against tree_sizes, which counts empty lines behind the tree,
 * in some versions one, in others two.
 */
static enum aqi_status
check_size(struct aqi_slice *sizes, size_t tree, size_t least, size_t most,
	   struct aqi_error *err)
{
	struct aqi_slice value = {NULL, 0};
	char quoted[AQI_QUOTED_SIZE];
	int64_t size;

	if (!sizes->data)
		return AQI_OK;
	aqi_lightgbm_value(sizes, &value);
	if (aqi_lightgbm_whole(value, &size) && size >= 0 &&
	    (uint64_t)size >= least && (uint64_t)size <= most)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "tree %zu: %zu bytes, but tree_sizes has %s",
			     tree, least, aqi_error_quote(quoted, value));
}

static enum aqi_status
read_tree(struct aqi_lightgbm_tree *tree, struct aqi_lightgbm_lines *lines,
	  struct aqi_slice *sizes, struct aqi_forest_builder *builder,
	  struct aqi_error *err)
{
	const size_t start = lines->n_bytes, number = tree->number;
	size_t least;

	if (aqi_lightgbm_tree_read(tree, lines, builder, err) != AQI_OK)
		return AQI_FATAL;
	least = lines->n_bytes - start;
	aqi_lightgbm_lines_skip(lines);
	return check_size(sizes, number, least, lines->n_bytes - start, err);
}

/*
 * Behind the trees: without this line the file may be cut short, and trees that
 * follow it are another model's.
 */
static enum aqi_status
check_end(struct aqi_lightgbm_lines *lines, bool has_sizes,
	  struct aqi_error *err)
{
	if (!lines->line.data)
		return has_sizes ? AQI_OK :
		       aqi_lightgbm_lines_fail(lines, "the file ends without a "
					       "line \"end of trees\"", err);
	if (!aqi_slice_is(lines->line, "end of trees") &&
	    !aqi_slice_is(lines->line, "feature importances:"))
		return aqi_lightgbm_lines_fail(lines, "neither a tree nor the "
					       "end of the trees", err);
	for (; lines->line.data; aqi_lightgbm_lines_next(lines))
		if (aqi_lightgbm_is_tree(lines->line))
			return aqi_lightgbm_lines_fail(lines, "a tree behind "
						       "the end of the trees",
						       err);
	return AQI_OK;
}

/* The trees from one place to another, by one thread. */
struct share {
	const struct aqi_lightgbm_source *source;
	struct aqi_lightgbm_lines lines;	/* at its first tree */
	struct aqi_slice sizes;			/* of that and those behind */
	const char *end;			/* where the next share begins;
						 * NULL: behind the last */
	struct aqi_lightgbm_tree tree;
	struct aqi_forest_builder *builder;
	enum aqi_status status;
};

static enum aqi_status
begin_share(struct share *share, const struct aqi_lightgbm_source *source,
	    size_t n_shares, struct aqi_error *err)
{
	*share = (struct share){
		.source = source,
		.lines = *source->lines,
		.sizes = source->header->sizes,
		.tree = {
			.n_inputs = source->header->n_inputs,
			.n_targets = source->header->n_margins,
			.skips_statistics = source->skips_statistics,
			.has_covers = source->shape->has_covers,
			.has_gains = source->shape->has_gains,
			.n_members_left = source->size / 2 + SPARE_MEMBERS,
		},
		.builder = aqi_forest_builder_new(source->shape, err),
	};
	if (!share->builder)
		return AQI_FATAL;
	return aqi_forest_builder_bound(share->builder,
					source->most / n_shares, 0, err);
}

static void
end_share(struct share *share)
{
	aqi_lightgbm_tree_free(&share->tree);
	aqi_forest_builder_free(share->builder);
}

/* Behind a tree, so that its end is found, the first line of the next, and what
 * may be looked at behind that. */
#define BEHIND_TREE 256

static bool
has_nul(const char *start, const char *end)
{
	return memchr(start, '\0', (size_t)(end - start)) != NULL;
}

/* By a window: have the tree in it. */
static bool
fill(struct share *share)
{
	struct aqi_lightgbm_window *window = share->source->window;
	struct aqi_slice sizes = share->sizes, value;
	int64_t size;

	if (!window)
		return true;
	aqi_lightgbm_value(&sizes, &value);
	return aqi_lightgbm_whole(value, &size) && size >= 0 &&
	       (uint64_t)size <= share->source->size &&
	       aqi_lightgbm_window_fill(window, &share->lines,
					(size_t)size + BEHIND_TREE);
}

/* The trees up to the line behind them, or where the next share begins. */
static enum aqi_status
read_trees(struct share *share, struct aqi_error *err)
{
	const bool has_window = share->source->window != NULL;
	struct aqi_lightgbm_lines *lines = &share->lines;
	const char *start;

	while (lines->line.data && lines->line.data != share->end &&
	       aqi_lightgbm_is_tree(lines->line)) {
		if (!fill(share))
			return AQI_FATAL;
		start = lines->line.data;
		if (read_tree(&share->tree, lines, &share->sizes,
			      share->builder, err) != AQI_OK)
			return AQI_FATAL;
		if (has_window && share->tree.has_odd &&
		    has_nul(start, lines->rest.data))
			return AQI_FATAL;
	}
	return AQI_OK;
}

/* Of the share that has come to the last tree: are they as many as is said, and
 * is that the end? */
static enum aqi_status
check_all(struct share *share, struct aqi_error *err)
{
	const struct aqi_lightgbm_header *header = share->source->header;
	const size_t n = share->tree.number;
	const size_t n_sizes = aqi_lightgbm_count(share->sizes);

	if (n_sizes > 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "tree_sizes: %zu sizes for %zu trees",
				     n + n_sizes, n);
	if (n == 0)
		return aqi_error_set(err, AQI_E_MODEL, "no trees");
	if (n % header->n_margins != 0)
		return aqi_error_set(err, AQI_E_MODEL,
				     "%zu trees: not the same number for each "
				     "of %zu classes", n, header->n_margins);
	return check_end(&share->lines, header->sizes.data != NULL, err);
}

/* Does a tree begin there? */
static bool
begins_tree(struct aqi_slice bytes, size_t at)
{
	return at > 0 && at < bytes.size && bytes.data[at - 1] == '\n' &&
	       aqi_lightgbm_is_tree((struct aqi_slice){bytes.data + at,
						       bytes.size - at});
}

/* The leaves of a tree, as its second line says; 0: it does not. */
static size_t
count_leaves(struct aqi_slice bytes, size_t at)
{
	static const char key[] = "num_leaves=";
	struct aqi_slice text = {bytes.data + at, bytes.size - at};
	struct aqi_lightgbm_lines lines;
	int64_t n;

	aqi_lightgbm_lines_open(&lines, text);
	aqi_lightgbm_lines_next(&lines);
	if (lines.line.size < sizeof key ||
	    memcmp(lines.line.data, key, sizeof key - 1) != 0)
		return 0;
	text = (struct aqi_slice){lines.line.data + sizeof key - 1,
				  lines.line.size - sizeof key + 1};
	return aqi_lightgbm_whole(text, &n) && n > 0 &&
	       n <= AQI_LIGHTGBM_MAX_LEAVES ? (size_t)n : 0;
}

/* Trees that follow one another, and their nodes. */
struct tally {
	size_t n_trees, n_nodes;
	struct aqi_slice sizes;		/* of those behind */
	size_t first, at;		/* from where to where in the file */
};

/* Of those whose first lines are in memory. false: their sizes are not told, or
 * not right. */
static bool
tally_trees(const struct share *share, struct tally *tally)
{
	const struct aqi_lightgbm_source *source = share->source;
	const struct aqi_slice bytes = source->bytes;
	struct aqi_slice value;
	size_t n;
	int64_t size;

	*tally = (struct tally){.sizes = share->sizes};
	if (!share->lines.line.data)
		return false;
	tally->first = (size_t)(share->lines.line.data - bytes.data);
	tally->at = tally->first;
	while (!source->window || tally->at + BEHIND_TREE <= bytes.size) {
		if (!aqi_lightgbm_value(&tally->sizes, &value))
			break;
		n = begins_tree(bytes, tally->at) ?
		    count_leaves(bytes, tally->at) : 0;
		if (n == 0 || !aqi_lightgbm_whole(value, &size) || size < 0 ||
		    (uint64_t)size > source->size - tally->at)
			return false;
		tally->at += (size_t)size;
		tally->n_trees++;
		tally->n_nodes += 2 * n - 1;
	}
	return tally->n_trees > 0;
}

/*
 * Tell the builder what is to come, where the sizes of trees are told, too, and
 * the file is long enough for it: a leaf takes two bytes at least. Of trees
 * that are not in memory yet, it is expected that they are as those that are,
 * and a fourth more: what is too much is not written to.
 */
static void
expect_trees(struct share *share)
{
	const size_t size = share->source->size;
	struct tally tally;
	size_t n_more;

	if (!tally_trees(share, &tally) || tally.n_nodes > size)
		return;
	n_more = aqi_lightgbm_count(tally.sizes);
	if (n_more > 0)
		tally.n_nodes += (size_t)((double)tally.n_nodes * 1.25 *
					  (double)(size - tally.at) /
					  (double)(tally.at - tally.first));
	aqi_forest_builder_expect(share->builder, tally.n_trees + n_more,
				  tally.n_nodes);
}

/* By a window: have what stands behind the trees in it. */
static bool
fill_rest(struct share *share)
{
	struct aqi_lightgbm_lines *lines = &share->lines;
	struct aqi_lightgbm_window *window = share->source->window;

	if (!window)
		return true;
	return lines->line.data &&
	       aqi_lightgbm_window_fill_all(window, lines) &&
	       !has_nul(lines->line.data, lines->rest.data + lines->rest.size);
}

/* From the first tree to the line behind the last. */
static struct aqi_slice
part_of(const struct share *share)
{
	const struct aqi_slice bytes = share->source->bytes;
	const char *start = share->source->lines->line.data;
	const char *end = share->lines.line.data ? share->lines.line.data :
						   bytes.data + bytes.size;

	return (struct aqi_slice){start, (size_t)(end - start)};
}

/* By this thread alone. */
static struct aqi_forest *
read_alone(const struct aqi_lightgbm_source *source,
	   struct aqi_slice *looked_at, struct aqi_error *err)
{
	struct aqi_forest *forest = NULL;
	enum aqi_status status;
	struct share share;

	if (begin_share(&share, source, 1, err) == AQI_OK) {
		expect_trees(&share);
		status = read_trees(&share, err);
		if (status == AQI_OK && share.tree.number > 0 &&
		    !share.tree.has_odd && !source->window)
			*looked_at = part_of(&share);
		if (status == AQI_OK && fill_rest(&share) &&
		    check_all(&share, err) == AQI_OK)
			forest = aqi_forest_builder_finish(share.builder, err);
	}
	end_share(&share);
	return forest;
}

/*
 * Where shares of about the same size begin, as the sizes of the trees tell.
 *
 * Returns how many shares there are; 1 where the sizes are not right.
 */
static size_t
find_cuts(struct share *shares, const struct aqi_lightgbm_source *source)
{
	const struct aqi_slice bytes = source->bytes;
	struct aqi_slice sizes = source->header->sizes, value;
	size_t at = source->lines->line.data ?
		    (size_t)(source->lines->line.data - bytes.data) : 0;
	const size_t size = (bytes.size - at) / source->n_shares;
	const size_t start = at;
	size_t n = 1;
	int64_t tree_size;

	for (size_t t = 0; n < source->n_shares; t++) {
		if (at - start >= n * size) {
			if (!begins_tree(bytes, at))
				return 1;
			shares[n - 1].end = bytes.data + at;
			shares[n].sizes = sizes;
			shares[n].tree.number = t;
			aqi_lightgbm_lines_open(&shares[n++].lines,
				(struct aqi_slice){bytes.data + at,
						   bytes.size - at});
		}
		if (!aqi_lightgbm_value(&sizes, &value))
			break;
		if (!aqi_lightgbm_whole(value, &tree_size) || tree_size < 0 ||
		    (uint64_t)tree_size > bytes.size - at)
			return 1;
		at += (size_t)tree_size;
	}
	return n;
}

static void
run(void *self)
{
	struct share *share = self;

	share->status = read_trees(share, NULL);
}

/* Has each come to where the next has begun, and the last to the end, with no
 * more categories than one thread may have? */
static bool
are_whole(struct share *shares, size_t n)
{
	const size_t most = shares[0].source->size / 2 + SPARE_MEMBERS;
	size_t n_members = 0;

	for (size_t i = 0; i < n; i++) {
		if (shares[i].status != AQI_OK ||
		    (shares[i].end &&
		     shares[i].lines.line.data != shares[i].end))
			return false;
		n_members += most - shares[i].tree.n_members_left;
	}
	return n_members <= most && check_all(&shares[n - 1], NULL) == AQI_OK;
}

/* By several threads; NULL where something is wrong, whatever it is. */
static struct aqi_forest *
read_shared(const struct aqi_lightgbm_source *source)
{
	struct share *shares = calloc(source->n_shares, sizeof *shares);
	struct aqi_forest_builder *builders[AQI_TREES_SHARES];
	struct aqi_job jobs[AQI_TREES_SHARES] = {{0}};
	struct aqi_forest *forest = NULL;
	enum aqi_status status = shares ? AQI_OK : AQI_FATAL;
	size_t n;

	for (size_t i = 0; i < source->n_shares && status == AQI_OK; i++) {
		status = begin_share(&shares[i], source, source->n_shares,
				     NULL);
		builders[i] = shares[i].builder;
		jobs[i] = (struct aqi_job){.run = run, .self = &shares[i]};
	}
	n = status == AQI_OK ? find_cuts(shares, source) : 1;
	if (n > 1) {
		aqi_pool_share(jobs, n);
		if (are_whole(shares, n))
			forest = aqi_forest_builder_join(builders, n, NULL);
	}
	for (size_t i = 0; shares && i < source->n_shares; i++)
		end_share(&shares[i]);
	free(shares);
	return forest;
}

struct aqi_forest *
aqi_lightgbm_forest_read(const struct aqi_lightgbm_source *source,
			 struct aqi_slice *looked_at, struct aqi_error *err)
{
	struct aqi_forest *forest = NULL;

	if (source->n_shares > 1)
		forest = read_shared(source);
	return forest ? forest : read_alone(source, looked_at, err);
}
