#include "model/lightgbm_halves.h"

#include <stdatomic.h>
#include <string.h>

#include "base/pool.h"
#include "model/lightgbm_header.h"
#include "model/lightgbm_share.h"
#include "model/lightgbm_window.h"

/* The first lines of a tree, and the byte before them. Of longer ones a count
 * may be cut short: then there are other nodes than it says, which no builder
 * of a half takes. */
#define LOOKED_AT 80

/* Of the second half one tree of so many is looked at: that takes a sixth of
 * the time of reading a tree, and nothing else is done meanwhile. */
#define LOOKED_AT_ONE_OF 8

/* What a builder keeps for itself, and more. */
#define SPARE_NODES 64

/* Trees, as far as they have been looked at. */
struct sample {
	size_t n_nodes, n_bytes;
};

/* Where the second half begins, and what is before and in all. */
struct middle {
	size_t at;			/* in the file; 0: not known yet */
	size_t n_before, n_trees;
	struct sample before, behind;
	struct aqi_slice sizes;		/* of the trees from there on */
	size_t end;			/* of the trees in the file */
};

/* The leaves of the tree there; 0: none begins there, or it is no plain one. */
static size_t
look(const struct aqi_lightgbm_source *source, size_t at)
{
	static const char none[] = "\nnum_cat=0\n";
	char text[LOOKED_AT];
	const struct aqi_slice bytes = {text, sizeof text};
	size_t n;

	if (at == 0 || !aqi_lightgbm_window_look(source->window, at - 1, text,
						 sizeof text))
		return 0;
	n = aqi_lightgbm_count_leaves(bytes, 1);
	return n > 1 && memmem(text, sizeof text, none, sizeof none - 1) ?
		       n : 0;
}

/* Of the next tree, if it is one that is looked at. */
static bool
add_look(const struct aqi_lightgbm_source *source, struct middle *m, size_t at,
	 size_t size)
{
	struct sample *sample = m->at == 0 ? &m->before : &m->behind;
	size_t n;

	if (m->at != 0 && (m->n_trees - m->n_before) % LOOKED_AT_ONE_OF != 0)
		return true;
	n = look(source, at);
	sample->n_nodes += n > 0 ? 2 * n - 1 : 0;
	sample->n_bytes += size;
	return n > 0;
}

/*
 * Look at each tree of the first half, as where its nodes end the others begin,
 * and at some of the second. Thereby it is nearly always known before two
 * threads have begun whether they can read it.
 */
static bool
find_middle(const struct aqi_lightgbm_source *source, struct middle *m)
{
	const size_t first = (size_t)(source->lines->line.data -
				      source->bytes.data);
	struct aqi_slice sizes = source->header->sizes;
	enum aqi_status status;
	size_t at = first, size;

	*m = (struct middle){0};
	for (;; m->n_trees++) {
		if (m->at == 0 && at - first >= (source->size - first) / 2) {
			m->at = at;
			m->n_before = m->n_trees;
			m->sizes = sizes;
		}
		status = aqi_lightgbm_next_size(&sizes, source->size - at,
						&size);
		if (status == AQI_END)
			break;
		if (status != AQI_OK || !add_look(source, m, at, size))
			return false;
		at += size;
	}
	m->end = at;
	return m->n_before > 0 && m->n_before < m->n_trees &&
	       m->behind.n_bytes > 0 && source->size - at <= AQI_LIGHTGBM_TAIL;
}

/* The nodes of all trees, at most: those that were not looked at as those that
 * were, and a fourth more, which is not written to if it is too much. */
static size_t
expect_nodes(const struct middle *m)
{
	const double a_byte = (double)m->behind.n_nodes /
			      (double)m->behind.n_bytes;

	return m->before.n_nodes + SPARE_NODES +
	       (size_t)(1.25 * a_byte * (double)(m->end - m->at));
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
	       shares[0].tree.number == middle->n_before &&
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
	atomic_bool gives_up = false;
	struct aqi_job jobs[] = {
		{.run = aqi_lightgbm_share_run, .self = &shares[0]},
		{.run = aqi_lightgbm_share_run, .self = &shares[1]},
	};

	if (!aqi_lightgbm_window_open_behind(&window, source->window,
					     middle->at, &behind.bytes))
		return NULL;
	aqi_lightgbm_lines_open(&lines, behind.bytes);
	behind.window = &window;
	behind.lines = &lines;
	aqi_lightgbm_share_set(&shares[1], &behind, shares[1].builder);
	shares[1].sizes = middle->sizes;
	shares[1].tree.number = middle->n_before;
	shares[0].end = middle->n_before;
	shares[0].gives_up = shares[1].gives_up = &gives_up;
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

	/* A tree may say that it has more leaves than there are bytes. */
	if (!find_middle(source, &middle) ||
	    expect_nodes(&middle) > source->size)
		return NULL;
	if (aqi_lightgbm_share_begin(&shares[0], source, 1, NULL) == AQI_OK) {
		aqi_forest_builder_expect(shares[0].builder, middle.n_trees,
					  expect_nodes(&middle));
		shares[1].builder = aqi_forest_builder_halve(
			shares[0].builder, middle.n_before,
			middle.before.n_nodes);
	}
	if (shares[1].builder)
		forest = read_both(source, &middle, shares);
	aqi_lightgbm_share_end(&shares[1]);
	aqi_lightgbm_share_end(&shares[0]);
	return forest;
}
