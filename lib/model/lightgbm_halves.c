#include "model/lightgbm_halves.h"

#include "base/pool.h"
#include "model/lightgbm_header.h"
#include "model/lightgbm_share.h"
#include "model/lightgbm_value.h"
#include "model/lightgbm_window.h"

/* The first two lines of a tree, and the byte before them. */
#define LOOKED_AT 64

/* Where the second half begins, and what is before and behind. */
struct middle {
	size_t at;			/* in the file */
	size_t n_trees, n_nodes;	/* before */
	size_t n_more;			/* trees behind */
	struct aqi_slice sizes;		/* of these */
};

/* The leaves of the tree there; 0: none begins there, or it does not tell. */
static size_t
look(const struct aqi_lightgbm_source *source, size_t at)
{
	char text[LOOKED_AT];
	const struct aqi_slice bytes = {text, sizeof text};

	return at > 0 && aqi_lightgbm_window_look(source->window, at - 1, text,
						  sizeof text) &&
	       aqi_lightgbm_begins_tree(bytes, 1) ?
		       aqi_lightgbm_count_leaves(bytes, 1) : 0;
}

static bool
find_middle(const struct aqi_lightgbm_source *source, struct middle *middle)
{
	const size_t first = (size_t)(source->lines->line.data -
				      source->bytes.data);
	struct aqi_slice value;
	int64_t size;
	size_t n;

	*middle = (struct middle){
		.at = first, .sizes = source->header->sizes,
	};
	while (middle->at - first < (source->size - first) / 2) {
		n = look(source, middle->at);
		if (n == 0 || !aqi_lightgbm_value(&middle->sizes, &value) ||
		    !aqi_lightgbm_whole(value, &size) || size < 0 ||
		    (uint64_t)size > source->size - middle->at)
			return false;
		middle->at += (size_t)size;
		middle->n_trees++;
		middle->n_nodes += 2 * n - 1;
	}
	middle->n_more = aqi_lightgbm_count(middle->sizes);
	return middle->n_trees > 0 && middle->n_more > 0 &&
	       middle->n_nodes <= source->size && look(source, middle->at) > 0;
}

/* A builder for the trees behind, whose nodes are expected to be as many for
 * their bytes as those before, and a fourth more; or NULL. */
static struct aqi_forest_builder *
halve(struct aqi_forest_builder *builder, const struct middle *middle,
      const struct aqi_lightgbm_source *source)
{
	const double share = (double)(source->size - middle->at) /
			     (double)middle->at;
	const size_t n_more = (size_t)((double)middle->n_nodes * 1.25 * share);

	aqi_forest_builder_expect(builder, middle->n_trees + middle->n_more,
				  middle->n_nodes + n_more);
	return aqi_forest_builder_halve(builder, middle->n_trees,
					middle->n_nodes);
}

static void
run(void *self)
{
	struct aqi_lightgbm_share *share = self;

	share->status = aqi_lightgbm_share_read(share, NULL);
}

/* Where in the file the line at hand is. */
static size_t
place_of(const struct aqi_lightgbm_share *share)
{
	const struct aqi_lightgbm_window *window = share->source->window;
	const struct aqi_lightgbm_lines *lines = &share->lines;

	return window->size - window->n_left - lines->rest.size -
	       (size_t)(lines->rest.data - lines->line.data);
}

/* Has the first come to where the second began, and that to the end? */
static bool
are_whole(struct aqi_lightgbm_share shares[2], const struct middle *middle)
{
	return shares[0].status == AQI_OK && shares[1].status == AQI_OK &&
	       shares[0].lines.line.data &&
	       shares[0].tree.number == middle->n_trees &&
	       place_of(&shares[0]) == middle->at &&
	       aqi_lightgbm_share_fill_rest(&shares[1]) &&
	       aqi_lightgbm_share_check(&shares[1], NULL) == AQI_OK;
}

/* Both halves, the second with a window of its own. */
static struct aqi_forest *
read_both(const struct aqi_lightgbm_source *source,
	  const struct middle *middle, struct aqi_lightgbm_share shares[2])
{
	struct aqi_lightgbm_window window;
	struct aqi_lightgbm_source behind = *source;
	struct aqi_lightgbm_lines lines;
	struct aqi_forest *forest = NULL;
	struct aqi_job jobs[] = {
		{.run = run, .self = &shares[0]},
		{.run = run, .self = &shares[1]},
	};

	if (!aqi_lightgbm_window_open_behind(&window, source->window,
					     middle->at, &behind.bytes))
		return NULL;
	aqi_lightgbm_lines_open(&lines, behind.bytes);
	behind.window = &window;
	behind.lines = &lines;
	aqi_lightgbm_share_set(&shares[1], &behind, shares[1].builder);
	shares[1].sizes = middle->sizes;
	shares[1].tree.number = middle->n_trees;
	shares[0].end = middle->n_trees;
	aqi_pool_share(jobs, 2);
	if (are_whole(shares, middle) &&
	    aqi_forest_builder_unite(shares[0].builder, shares[1].builder))
		forest = aqi_forest_builder_finish(shares[0].builder, NULL);
	aqi_lightgbm_window_close(&window);
	return forest;
}

struct aqi_forest *
aqi_lightgbm_halves_read(const struct aqi_lightgbm_source *source)
{
	struct aqi_lightgbm_share shares[2] = {{0}};
	struct aqi_forest *forest = NULL;
	struct middle middle;

	if (!find_middle(source, &middle))
		return NULL;
	if (aqi_lightgbm_share_begin(&shares[0], source, 1, NULL) == AQI_OK)
		shares[1].builder = halve(shares[0].builder, &middle, source);
	if (shares[1].builder)
		forest = read_both(source, &middle, shares);
	aqi_lightgbm_share_end(&shares[1]);
	aqi_lightgbm_share_end(&shares[0]);
	return forest;
}
