#include "model/lightgbm_set.h"

#include "model/forest_builder.h"
#include "model/lightgbm_tree.h"
#include "model/lightgbm_value.h"

/* Where each set begins, as a number of words; here still in `first`. */
static enum aqi_status
read_boundaries(struct aqi_lightgbm_tree *tree, size_t n_words,
		struct aqi_error *err)
{
	struct aqi_slice text = tree->texts[AQI_LIGHTGBM_CAT_BOUNDARIES], value;
	const size_t n = aqi_lightgbm_count(text);
	int64_t before = 0, boundary = 0;

	if (n != tree->n_sets + 1)
		return aqi_lightgbm_tree_fail(tree, AQI_LIGHTGBM_CAT_BOUNDARIES,
					      err, "%zu values for %zu sets "
					      "and the end", n, tree->n_sets);
	for (size_t i = 0; i < n; i++) {
		aqi_lightgbm_value(&text, &value);
		if (!aqi_lightgbm_whole(value, &boundary) ||
		    boundary < before || (i == 0 && boundary != 0))
			return aqi_lightgbm_tree_fail(tree,
				AQI_LIGHTGBM_CAT_BOUNDARIES, err,
				"value %zu is not a whole number from %lld", i,
				(long long)before);
		if (i > 0)
			tree->sets[i - 1].n = (size_t)(boundary - before);
		before = boundary;
	}
	if ((uint64_t)boundary == n_words)
		return AQI_OK;
	return aqi_lightgbm_tree_fail(tree, AQI_LIGHTGBM_CAT_THRESHOLD, err,
				      "%zu words, cat_boundaries has %lld",
				      n_words, (long long)boundary);
}

/* The members of one word. */
static enum aqi_status
add_members(struct aqi_lightgbm_tree *tree, uint32_t word, size_t first,
	    size_t *n_members, struct aqi_error *err)
{
	const size_t n = (size_t)__builtin_popcount(word);
	double *room;

	if (n == 0)
		return AQI_OK;
	if (n > tree->n_members_left)
		return aqi_error_set(err, AQI_E_LIMIT, "tree %zu: too many "
				     "categories in the sets for a file of "
				     "this size", tree->number);
	tree->n_members_left -= n;
	room = aqi_lightgbm_tree_room(tree->members, *n_members + n,
				      sizeof *room, &tree->n_members_room);
	if (!room)
		return aqi_error_memory(err);
	tree->members = room;
	for (; word != 0; word &= word - 1)
		room[(*n_members)++] = (double)(first + (size_t)
						__builtin_ctz(word));
	return AQI_OK;
}

/* From words to members, set by set. */
static enum aqi_status
read_words(struct aqi_lightgbm_tree *tree, struct aqi_error *err)
{
	struct aqi_slice text = tree->texts[AQI_LIGHTGBM_CAT_THRESHOLD], value;
	char quoted[AQI_QUOTED_SIZE];
	size_t n_members = 0;
	int64_t word;

	for (size_t s = 0; s < tree->n_sets; s++) {
		struct aqi_lightgbm_set *set = &tree->sets[s];
		const size_t n_words = set->n;

		set->first = n_members;
		for (size_t i = 0; i < n_words; i++) {
			aqi_lightgbm_value(&text, &value);
			if (!aqi_lightgbm_whole(value, &word) || word < 0 ||
			    word > UINT32_MAX)
				return aqi_lightgbm_tree_fail(tree,
					AQI_LIGHTGBM_CAT_THRESHOLD, err,
					"%s is no 32-bit word",
					aqi_error_quote(quoted, value));
			if (add_members(tree, (uint32_t)word, 32 * i,
					&n_members, err) != AQI_OK)
				return AQI_FATAL;
		}
		set->n = n_members - set->first;
		set->is_used = false;
	}
	return AQI_OK;
}

enum aqi_status
aqi_lightgbm_sets_read(struct aqi_lightgbm_tree *tree, size_t n_sets,
		       struct aqi_error *err)
{
	struct aqi_lightgbm_set *room;

	tree->n_sets = n_sets;
	if (n_sets == 0)
		return AQI_OK;
	room = aqi_lightgbm_tree_room(tree->sets, n_sets, sizeof *room,
				      &tree->n_sets_room);
	if (!room)
		return aqi_error_memory(err);
	tree->sets = room;
	if (read_boundaries(tree, aqi_lightgbm_count(
			tree->texts[AQI_LIGHTGBM_CAT_THRESHOLD]), err))
		return AQI_FATAL;
	return read_words(tree, err);
}

const char *
aqi_lightgbm_set_use(const struct aqi_lightgbm_tree *tree,
		     struct aqi_tree_node *node)
{
	struct aqi_lightgbm_set *set;

	/* Written so that what is no number of a set fails, however odd. */
	if (!(node->value >= 0 && node->value < (double)tree->n_sets) ||
	    node->value != (double)(size_t)node->value)
		return "has a threshold that is the number of no set";
	set = &tree->sets[(size_t)node->value];
	if (set->is_used)
		return "has the set of another node";
	set->is_used = true;
	node->rule = AQI_VIEW_WHOLE;
	node->has_set = true;
	node->set = set->n > 0 ? tree->members + set->first : NULL;
	node->n_set = set->n;
	return NULL;
}
