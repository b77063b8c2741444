#include "model/lightgbm_share.h"

#include "model/lightgbm_header.h"
#include "model/lightgbm_value.h"
#include "model/lightgbm_window.h"

/*
 * A set takes 8 bytes for a category, while 4 bytes of text can stand for 32.
 * So many are allowed as keep the memory below ten times the file's size and
 * some megabytes; LightGBM by default makes one for 5 bytes and more.
 */
#define SPARE_MEMBERS 1048576

size_t
aqi_lightgbm_most_members(const struct aqi_lightgbm_source *source)
{
	return source->size / 2 + SPARE_MEMBERS;
}

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

void
aqi_lightgbm_share_set(struct aqi_lightgbm_share *share,
		       const struct aqi_lightgbm_source *source,
		       struct aqi_forest_builder *builder)
{
	*share = (struct aqi_lightgbm_share){
		.source = source,
		.lines = *source->lines,
		.sizes = source->header->sizes,
		.end = SIZE_MAX,
		.tree = {
			.n_inputs = source->header->n_inputs,
			.n_targets = source->header->n_margins,
			.skips_statistics = source->skips_statistics,
			.has_covers = source->shape->has_covers,
			.has_gains = source->shape->has_gains,
			.n_members_left = aqi_lightgbm_most_members(source),
		},
		.builder = builder,
	};
}

enum aqi_status
aqi_lightgbm_share_begin(struct aqi_lightgbm_share *share,
			 const struct aqi_lightgbm_source *source,
			 size_t n_shares, struct aqi_error *err)
{
	aqi_lightgbm_share_set(share, source,
			       aqi_forest_builder_new(source->shape, err));
	if (!share->builder)
		return AQI_FATAL;
	return aqi_forest_builder_bound(share->builder,
					source->most / n_shares, 0, err);
}

void
aqi_lightgbm_share_end(struct aqi_lightgbm_share *share)
{
	aqi_lightgbm_tree_free(&share->tree);
	aqi_forest_builder_free(share->builder);
}

static bool
has_nul(const char *start, const char *end)
{
	return memchr(start, '\0', (size_t)(end - start)) != NULL;
}

/* By a window: have the tree in it. */
static bool
fill(struct aqi_lightgbm_share *share)
{
	struct aqi_lightgbm_window *window = share->source->window;
	struct aqi_slice sizes = share->sizes;
	size_t size;

	if (!window)
		return true;
	return aqi_lightgbm_next_size(&sizes, share->source->size, &size) ==
		       AQI_OK &&
	       aqi_lightgbm_window_fill(window, &share->lines,
					size + AQI_LIGHTGBM_BEHIND_TREE);
}

enum aqi_status
aqi_lightgbm_share_read(struct aqi_lightgbm_share *share,
			struct aqi_error *err)
{
	const bool has_window = share->source->window != NULL;
	struct aqi_lightgbm_lines *lines = &share->lines;
	const char *start;

	while (lines->line.data && share->tree.number != share->end &&
	       aqi_lightgbm_is_tree(lines->line)) {
		if ((share->gives_up && *share->gives_up) || !fill(share))
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

enum aqi_status
aqi_lightgbm_share_check(struct aqi_lightgbm_share *share,
			 struct aqi_error *err)
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

void
aqi_lightgbm_share_run(void *self)
{
	struct aqi_lightgbm_share *share = self;

	share->status = aqi_lightgbm_share_read(share, NULL);
	if (share->status != AQI_OK && share->gives_up)
		*share->gives_up = true;
}

bool
aqi_lightgbm_begins_tree(struct aqi_slice bytes, size_t at)
{
	return at > 0 && at < bytes.size && bytes.data[at - 1] == '\n' &&
	       aqi_lightgbm_is_tree((struct aqi_slice){bytes.data + at,
						       bytes.size - at});
}

size_t
aqi_lightgbm_count_leaves(struct aqi_slice bytes, size_t at)
{
	static const char key[] = "num_leaves=";
	struct aqi_slice text = {bytes.data + at, bytes.size - at};
	struct aqi_lightgbm_lines lines;
	int64_t n;

	if (!aqi_lightgbm_begins_tree(bytes, at))
		return 0;
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

bool
aqi_lightgbm_share_fill_rest(struct aqi_lightgbm_share *share)
{
	struct aqi_lightgbm_lines *lines = &share->lines;
	struct aqi_lightgbm_window *window = share->source->window;

	if (!window)
		return true;
	return lines->line.data &&
	       aqi_lightgbm_window_fill_all(window, lines) &&
	       !has_nul(lines->line.data, lines->rest.data + lines->rest.size);
}
