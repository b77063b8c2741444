#include "model/xgboost_forest.h"

#include <stdlib.h>

#include "base/pool.h"
#include "model/forest_builder.h"
#include "model/xgboost_tree.h"

/* Cuts. */

/* Where trees begin that are to be read by another thread: false, and no cuts,
 * where something is not as it should be. */
static bool
find_cuts(struct aqi_reading *r, size_t n_shares,
	  struct aqi_xgboost_trees *trees)
{
	const char *start = r->document.at;
	const size_t size = (size_t)(r->document.end - start) / n_shares;
	enum aqi_status status = aqi_document_enter(&r->document,
						    AQI_VALUE_ARRAY, NULL);

	for (size_t t = 0; status == AQI_OK; t++) {
		const struct aqi_document before = r->document;

		status = aqi_document_next(&r->document, NULL, NULL);
		if (status != AQI_OK)
			break;
		if (trees->n_cuts + 1 < n_shares &&
		    (size_t)(before.at - start) >= (trees->n_cuts + 1) * size)
			trees->cuts[trees->n_cuts++] =
				(struct aqi_xgboost_cut){before, t};
		status = aqi_document_pass(&r->document, NULL);
	}
	if (status != AQI_END)
		trees->n_cuts = 0;
	return status == AQI_END;
}

enum aqi_status
aqi_xgboost_trees_pass(struct aqi_reading *r, size_t n_shares,
		       struct aqi_xgboost_trees *trees)
{
	trees->at = *r;
	if (n_shares > 1 && find_cuts(r, n_shares, trees))
		return AQI_OK;
	*r = trees->at;
	return aqi_document_pass(&r->document, r->err);
}

/* Trees. */

/* Those from one place to another, by one thread. */
struct share {
	const struct aqi_xgboost_trees *trees;
	size_t n_margins;
	struct aqi_reading at;	/* before tree `first` */
	size_t first, end;	/* of n_trees that there must be */
	struct aqi_xgboost_tree tree;
	struct aqi_forest_builder *builder;
	struct aqi_buffer text;
	enum aqi_status status;
};

static enum aqi_status
read_tree(struct share *share, size_t t)
{
	const struct aqi_xgboost_trees *trees = share->trees;
	const int32_t target = trees->targets[t];
	struct aqi_reading *r = &share->at;
	enum aqi_status status;

	if (target < 0 || (uint32_t)target >= share->n_margins)
		return aqi_error_set(r->err, AQI_E_MODEL, "tree_info: tree %zu "
				     "is for output %d among %zu", t, target,
				     share->n_margins);
	r->in_tree = true;
	r->tree = t;
	status = aqi_xgboost_tree_read(r, &share->tree, (size_t)target,
				       share->n_margins, trees->weights ?
				       trees->weights[t] : 1, share->builder);
	r->in_tree = false;
	return status;
}

/* The trees up to the last of the share; to the end of the array, too, where
 * that is the last of all. AQI_END: there is no use to go on. */
static enum aqi_status
read_share(struct share *share)
{
	const size_t n_trees = share->trees->n_trees;
	struct aqi_reading *r = &share->at;
	enum aqi_status status = AQI_OK;
	size_t t = share->first;

	while (status == AQI_OK && (t < share->end || t == n_trees)) {
		status = aqi_document_next(&r->document, NULL, r->err);
		if (status != AQI_OK)
			break;
		if (t == n_trees)
			return aqi_error_set(r->err, AQI_E_MODEL, "num_trees: "
					     "%zu, but more trees are there",
					     n_trees);
		status = read_tree(share, t++);
		if (status == AQI_END)
			return AQI_END;
	}
	if (status != AQI_END || t == n_trees)
		return status == AQI_FATAL ? AQI_FATAL : AQI_OK;
	return aqi_error_set(r->err, AQI_E_MODEL, "num_trees: %zu, but %zu "
			     "trees are there", n_trees, t);
}

/* One of so many, which share the memory that there may be. */
static enum aqi_status
begin_share(struct share *share, const struct aqi_xgboost_trees *trees,
	    const struct aqi_forest_shape *shape, size_t n_shares,
	    struct aqi_error *err)
{
	*share = (struct share){
		.trees = trees, .n_margins = shape->n_margins,
		.at = trees->at, .end = trees->n_trees,
		.tree = {.skips_statistics = trees->skips_statistics,
			 .needs_covers = shape->has_covers,
			 .needs_gains = shape->has_gains,
			 .most = trees->most / n_shares},
		.builder = aqi_forest_builder_new(shape, err),
	};
	share->at.err = err;
	return share->builder ? AQI_OK : AQI_FATAL;
}

static void
end_share(struct share *share)
{
	aqi_xgboost_tree_free(&share->tree);
	aqi_forest_builder_free(share->builder);
	aqi_buffer_free(&share->text);
}

/* Which statistics of the shape some tree has no use of. */
struct useless {
	bool covers, gains;
};

static bool
note_useless(const struct share *share, struct useless *useless)
{
	useless->covers |= share->tree.needs_covers && share->tree.bad_covers;
	useless->gains |= share->tree.needs_gains && share->tree.bad_gains;
	return useless->covers || useless->gains;
}

/* By this thread alone. */
static struct aqi_forest *
read_alone(const struct aqi_xgboost_trees *trees,
	   const struct aqi_forest_shape *shape, struct useless *useless,
	   struct aqi_error *err)
{
	struct aqi_forest *forest = NULL;
	enum aqi_status status;
	struct share share;

	status = begin_share(&share, trees, shape, 1, err);
	if (status == AQI_OK)
		status = aqi_document_enter(&share.at.document, AQI_VALUE_ARRAY,
					    err);
	if (status == AQI_REJECT)
		aqi_member_fail(&share.at, "trees", "not an array");
	if (status == AQI_OK)
		status = read_share(&share);
	if (!note_useless(&share, useless) && status == AQI_OK)
		forest = aqi_forest_builder_finish(share.builder, err);
	end_share(&share);
	return forest;
}

static void
run(void *self)
{
	struct share *share = self;

	share->status = read_share(share);
}

/* One that begins at a cut, or the first; it ends at the next cut. */
static enum aqi_status
begin_cut(struct share *share, const struct aqi_xgboost_trees *trees, size_t i,
	  const struct aqi_forest_shape *shape)
{
	enum aqi_status status = begin_share(share, trees, shape,
					     trees->n_cuts + 1, NULL);

	if (status == AQI_OK && i == 0)
		status = aqi_document_enter(&share->at.document,
					    AQI_VALUE_ARRAY, NULL);
	if (i > 0) {
		share->first = trees->cuts[i - 1].tree;
		share->at.document = trees->cuts[i - 1].document;
	}
	if (i < trees->n_cuts)
		share->end = trees->cuts[i].tree;
	share->at.document.text = &share->text;
	return share->end <= trees->n_trees ? status : AQI_FATAL;
}

/* Has each come to where the next has begun? */
static bool
are_whole(const struct share *shares, size_t n,
	  const struct aqi_xgboost_trees *trees)
{
	for (size_t i = 0; i < n; i++)
		if (shares[i].status != AQI_OK ||
		    (i + 1 < n && shares[i].at.document.at !=
				  trees->cuts[i].document.at))
			return false;
	return true;
}

/* By several threads; NULL where something is wrong, whatever it is. */
static struct aqi_forest *
read_shared(const struct aqi_xgboost_trees *trees,
	    const struct aqi_forest_shape *shape, struct useless *useless)
{
	struct aqi_forest_builder *builders[AQI_TREES_SHARES];
	struct aqi_job jobs[AQI_TREES_SHARES] = {{0}};
	const size_t n = trees->n_cuts + 1;
	struct share *shares = calloc(n, sizeof *shares);
	enum aqi_status status = shares ? AQI_OK : AQI_FATAL;
	struct aqi_forest *forest = NULL;
	bool is_useless = false;

	for (size_t i = 0; i < n && status == AQI_OK; i++) {
		status = begin_cut(&shares[i], trees, i, shape);
		builders[i] = shares[i].builder;
		jobs[i] = (struct aqi_job){.run = run, .self = &shares[i]};
	}
	if (status == AQI_OK) {
		aqi_pool_share(jobs, n);
		for (size_t i = 0; i < n; i++)
			is_useless |= note_useless(&shares[i], useless);
		if (!is_useless && are_whole(shares, n, trees))
			forest = aqi_forest_builder_join(builders, n, NULL);
	}
	for (size_t i = 0; shares && i < n; i++)
		end_share(&shares[i]);
	free(shares);
	return forest;
}

static struct aqi_forest *
read_once(const struct aqi_xgboost_trees *trees,
	  const struct aqi_forest_shape *shape, struct useless *useless,
	  struct aqi_error *err)
{
	struct aqi_forest *forest = NULL;

	*useless = (struct useless){0};
	if (trees->n_cuts > 0)
		forest = read_shared(trees, shape, useless);
	if (forest || useless->covers || useless->gains)
		return forest;
	return read_alone(trees, shape, useless, err);
}

/* That some statistics are of no use is most often known by the first tree, and
 * perhaps by the last; then once more without. */
struct aqi_forest *
aqi_xgboost_forest_read(const struct aqi_xgboost_trees *trees,
			struct aqi_forest_shape *shape, struct aqi_error *err)
{
	struct aqi_forest *forest;
	struct useless useless;

	shape->has_covers = shape->has_gains =
		trees->n_trees > 0 && !trees->skips_statistics;
	do {
		forest = read_once(trees, shape, &useless, err);
		shape->has_covers &= !useless.covers;
		shape->has_gains &= !useless.gains;
	} while (useless.covers || useless.gains);
	return forest;
}
