#include "model/lightgbm_header.h"

#include <stdio.h>

#include "model/forest.h"
#include "model/lightgbm_line.h"
#include "model/lightgbm_objective.h"
#include "model/lightgbm_value.h"

enum {
	VERSION, NUM_CLASS, NUM_TREE, LABEL_INDEX, MAX_FEATURE, OBJECTIVE,
	NAMES, INFOS, SIZES, N_KEYS
};

static const char *const keys[N_KEYS] = {
	[VERSION] = "version",
	[NUM_CLASS] = "num_class",
	[NUM_TREE] = "num_tree_per_iteration",
	[LABEL_INDEX] = "label_index",
	[MAX_FEATURE] = "max_feature_idx",
	[OBJECTIVE] = "objective",
	[NAMES] = "feature_names",
	[INFOS] = "feature_infos",
	[SIZES] = "tree_sizes",
};

enum aqi_status
aqi_lightgbm_next_size(struct aqi_slice *sizes, size_t most, size_t *size)
{
	struct aqi_slice value;
	int64_t n;

	if (!aqi_lightgbm_value(sizes, &value))
		return AQI_END;
	if (!aqi_lightgbm_whole(value, &n) || n < 0 || (uint64_t)n > most)
		return AQI_REJECT;
	*size = (size_t)n;
	return AQI_OK;
}

bool
aqi_lightgbm_is_tree(struct aqi_slice line)
{
	return line.size >= 5 && memcmp(line.data, "Tree=", 5) == 0;
}

/* Texts from the lines before the first tree. */
static enum aqi_status
take_lines(struct aqi_lightgbm_lines *lines, struct aqi_slice *texts,
	   bool *is_average, struct aqi_error *err)
{
	struct aqi_lightgbm_keys found = {keys, N_KEYS, texts, 0};
	const char *twice;

	for (;;) {
		aqi_lightgbm_lines_next(lines);
		if (!lines->line.data || aqi_lightgbm_is_tree(lines->line))
			return AQI_OK;
		if (aqi_slice_is(lines->line, "end of trees"))
			return AQI_OK;
		*is_average |= aqi_slice_is(lines->line, "average_output");
		twice = aqi_lightgbm_keys_take(&found, lines->line);
		if (twice)
			return aqi_error_set(err, AQI_E_MODEL,
					     "%s is there twice", twice);
	}
}

static enum aqi_status
check_there(const struct aqi_slice *texts, struct aqi_error *err)
{
	static const int needed[] = {VERSION, NUM_CLASS, MAX_FEATURE, NAMES};

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (!texts[needed[i]].data)
			return aqi_error_set(err, AQI_E_MODEL, "no line %s",
					     keys[needed[i]]);
	return AQI_OK;
}

static enum aqi_status
check_version(struct aqi_slice version, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_slice_is(version, "v2") || aqi_slice_is(version, "v3") ||
	    aqi_slice_is(version, "v4"))
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "version %s cannot be read; v2, v3 and v4 can",
			     aqi_error_quote(quoted, version));
}

/* A whole number from `least`. */
static enum aqi_status
read_count(const struct aqi_slice *texts, int key, int64_t least, size_t *n,
	   struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];
	int64_t value;

	if (!aqi_lightgbm_whole(texts[key], &value) || value < least)
		return aqi_error_set(err, AQI_E_MODEL,
				     "%s: %s is not a whole number from %d",
				     keys[key],
				     aqi_error_quote(quoted, texts[key]),
				     (int)least);
	*n = (size_t)value;
	return AQI_OK;
}

/* Names and ranges: one for each feature. */
static enum aqi_status
check_count(const struct aqi_slice *texts, int key, size_t n_inputs,
	    struct aqi_error *err)
{
	const size_t n = aqi_lightgbm_count(texts[key]);

	if (!texts[key].data || n == n_inputs)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "%s: %zu values for %zu features", keys[key], n,
			     n_inputs);
}

static enum aqi_status
read_counts(const struct aqi_slice *texts, struct aqi_lightgbm_header *header,
	    struct aqi_error *err)
{
	size_t n_trees;

	if (read_count(texts, NUM_CLASS, 1, &header->n_margins, err) ||
	    read_count(texts, MAX_FEATURE, 0, &header->n_inputs, err))
		return AQI_FATAL;
	header->n_inputs++;
	if (!texts[NUM_TREE].data)
		return AQI_OK;
	if (read_count(texts, NUM_TREE, 1, &n_trees, err) != AQI_OK)
		return AQI_FATAL;
	if (n_trees == header->n_margins)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "num_tree_per_iteration: %zu, but num_class is "
			     "%zu", n_trees, header->n_margins);
}

enum aqi_status
aqi_lightgbm_header_read(struct aqi_lightgbm_lines *lines,
			 struct aqi_lightgbm_header *header,
			 struct aqi_error *err)
{
	struct aqi_slice texts[N_KEYS] = {{0}};

	*header = (struct aqi_lightgbm_header){0};
	if (take_lines(lines, texts, &header->is_average, err) != AQI_OK ||
	    check_there(texts, err) != AQI_OK ||
	    check_version(texts[VERSION], err) != AQI_OK ||
	    read_counts(texts, header, err) != AQI_OK ||
	    check_count(texts, NAMES, header->n_inputs, err) != AQI_OK ||
	    check_count(texts, INFOS, header->n_inputs, err) != AQI_OK)
		return AQI_FATAL;
	header->version = texts[VERSION];
	header->objective = texts[OBJECTIVE];
	header->names = texts[NAMES];
	header->sizes = texts[SIZES];
	return aqi_lightgbm_objective_read(header->objective,
					   header->n_margins, &header->link,
					   err);
}
