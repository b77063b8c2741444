#include "model/lightgbm_forest.h"

#include <stdlib.h>

#include "base/pool.h"
#include "model/forest_builder.h"
#include "model/lightgbm_halves.h"
#include "model/lightgbm_header.h"
#include "model/lightgbm_line.h"
#include "model/lightgbm_share.h"
#include "model/lightgbm_value.h"
#include "model/trees.h"

/* Trees that follow one another, and their nodes. */
struct tally {
	size_t n_trees, n_nodes;
	struct aqi_slice sizes;		/* of those behind */
	size_t first, at;		/* from where to where in the file */
};

/* Of those whose first lines are in memory. false: their sizes are not told, or
 * not right. */
static bool
tally_trees(const struct aqi_lightgbm_share *share, struct tally *tally)
{
	const struct aqi_lightgbm_source *source = share->source;
	const struct aqi_slice bytes = source->bytes;
	enum aqi_status status = AQI_OK;
	size_t n, size;

	*tally = (struct tally){.sizes = share->sizes};
	if (!share->lines.line.data)
		return false;
	tally->first = (size_t)(share->lines.line.data - bytes.data);
	tally->at = tally->first;
	while (!source->window ||
	       tally->at + AQI_LIGHTGBM_BEHIND_TREE <= bytes.size) {
		status = aqi_lightgbm_next_size(&tally->sizes,
						source->size - tally->at,
						&size);
		if (status != AQI_OK)
			break;
		n = aqi_lightgbm_count_leaves(bytes, tally->at);
		if (n == 0)
			return false;
		tally->at += size;
		tally->n_trees++;
		tally->n_nodes += 2 * n - 1;
	}
	return status != AQI_REJECT && tally->n_trees > 0;
}

/*
 * Tell the builder what is to come, where the sizes of trees are told, too, and
 * the file is long enough for it: a leaf takes two bytes at least. Of trees
 * that are not in memory yet, it is expected that they are as those that are,
 * and a fourth more: what is too much is not written to.
 */
static void
expect_trees(struct aqi_lightgbm_share *share)
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

/* From the first tree to the line behind the last. */
static struct aqi_slice
part_of(const struct aqi_lightgbm_share *share)
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
	struct aqi_lightgbm_share share;

	if (aqi_lightgbm_share_begin(&share, source, 1, err) == AQI_OK) {
		expect_trees(&share);
		status = aqi_lightgbm_share_read(&share, err);
		if (status == AQI_OK && share.tree.number > 0 &&
		    !share.tree.has_odd && !source->window)
			*looked_at = part_of(&share);
		if (status == AQI_OK && aqi_lightgbm_share_fill_rest(&share) &&
		    aqi_lightgbm_share_check(&share, err) == AQI_OK)
			forest = aqi_forest_builder_finish(share.builder, err);
	}
	aqi_lightgbm_share_end(&share);
	return forest;
}

/*
 * Where shares of about the same size begin, as the sizes of the trees tell.
 *
 * Returns how many shares there are; 1 where the sizes are not right.
 */
static size_t
find_cuts(struct aqi_lightgbm_share *shares,
	  const struct aqi_lightgbm_source *source)
{
	const struct aqi_slice bytes = source->bytes;
	struct aqi_slice sizes = source->header->sizes;
	size_t at = source->lines->line.data ?
		    (size_t)(source->lines->line.data - bytes.data) : 0;
	const size_t size = (bytes.size - at) / source->n_shares;
	const size_t start = at;
	size_t n = 1, tree_size;
	enum aqi_status status;

	for (size_t t = 0; n < source->n_shares; t++) {
		if (at - start >= n * size) {
			if (!aqi_lightgbm_begins_tree(bytes, at))
				return 1;
			shares[n - 1].end = t;
			shares[n].start = bytes.data + at;
			shares[n].sizes = sizes;
			shares[n].tree.number = t;
			aqi_lightgbm_lines_open(&shares[n++].lines,
				(struct aqi_slice){bytes.data + at,
						   bytes.size - at});
		}
		status = aqi_lightgbm_next_size(&sizes, bytes.size - at,
						&tree_size);
		if (status != AQI_OK)
			return status == AQI_END ? n : 1;
		at += tree_size;
	}
	return n;
}

/* Has each come to where the next has begun, and the last to the end, with no
 * more categories than one thread may have? */
static bool
are_whole(struct aqi_lightgbm_share *shares, size_t n)
{
	const size_t most = aqi_lightgbm_most_members(shares[0].source);
	size_t n_members = 0;

	for (size_t i = 0; i < n; i++) {
		if (shares[i].status != AQI_OK ||
		    (i + 1 < n && (shares[i].tree.number != shares[i].end ||
				   shares[i].lines.line.data !=
					   shares[i + 1].start)))
			return false;
		n_members += most - shares[i].tree.n_members_left;
	}
	return n_members <= most &&
	       aqi_lightgbm_share_check(&shares[n - 1], NULL) == AQI_OK;
}

/* By several threads; NULL where something is wrong, whatever it is. */
static struct aqi_forest *
read_shared(const struct aqi_lightgbm_source *source)
{
	struct aqi_lightgbm_share *shares = calloc(source->n_shares,
						   sizeof *shares);
	struct aqi_forest_builder *builders[AQI_TREES_SHARES];
	struct aqi_job jobs[AQI_TREES_SHARES] = {{0}};
	struct aqi_forest *forest = NULL;
	enum aqi_status status = shares ? AQI_OK : AQI_FATAL;
	size_t n;

	for (size_t i = 0; i < source->n_shares && status == AQI_OK; i++) {
		status = aqi_lightgbm_share_begin(&shares[i], source,
						  source->n_shares, NULL);
		builders[i] = shares[i].builder;
		jobs[i] = (struct aqi_job){.run = aqi_lightgbm_share_run,
				   .self = &shares[i]};
	}
	n = status == AQI_OK ? find_cuts(shares, source) : 1;
	if (n > 1) {
		aqi_pool_share(jobs, n);
		if (are_whole(shares, n))
			forest = aqi_forest_builder_join(builders, n, NULL);
	}
	for (size_t i = 0; shares && i < source->n_shares; i++)
		aqi_lightgbm_share_end(&shares[i]);
	free(shares);
	return forest;
}

struct aqi_forest *
aqi_lightgbm_forest_read(const struct aqi_lightgbm_source *source,
			 struct aqi_slice *looked_at, struct aqi_error *err)
{
	struct aqi_forest *forest = NULL;

	if (source->n_shares > 1 && source->window)
		return aqi_lightgbm_halves_read(source);
	if (source->n_shares > 1)
		forest = read_shared(source);
	return forest ? forest : read_alone(source, looked_at, err);
}
