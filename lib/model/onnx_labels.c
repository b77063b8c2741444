#include "model/onnx_labels.h"

#include <stdio.h>

#include "model/forest.h"
#include "model/onnx_node.h"
#include "model/trees.h"
#include "record/utf8.h"

/* The next label; not copied yet. */
static struct aqi_slice
next_label(struct aqi_onnx_column *integers, struct aqi_onnx_column *texts,
	   char text[24])
{
	if (texts->n > 0)
		return aqi_onnx_column_text(texts);
	snprintf(text, 24, "%lld",
		 (long long)aqi_onnx_column_integer(integers));
	return aqi_slice_of(text);
}

enum aqi_status
aqi_onnx_labels_read(const struct aqi_onnx_node *node,
		     const struct aqi_onnx_column *integers,
		     const struct aqi_onnx_column *texts,
		     struct aqi_arena *arena, struct aqi_trees *trees,
		     struct aqi_error *err)
{
	struct aqi_onnx_column numbers = *integers, words = *texts;
	const size_t n = numbers.n + words.n;
	char text[24];

	if ((numbers.n > 0) == (words.n > 0))
		return aqi_onnx_node_fail(node, err, "classlabels_int64s and "
					  "classlabels_strings: one of them "
					  "must be there");
	if (n > AQI_FOREST_MAX_MARGINS)
		return aqi_onnx_node_fail(node, err, "%zu classes; up to %d "
					  "are supported", n,
					  AQI_FOREST_MAX_MARGINS);
	trees->labels = aqi_arena_array(arena, n, sizeof *trees->labels);
	if (!trees->labels)
		return aqi_error_memory(err);
	for (size_t i = 0; i < n; i++) {
		const struct aqi_slice label = next_label(&numbers, &words,
							  text);

		if (aqi_utf8_check(label) != label.size)
			return aqi_onnx_node_fail(node, err, "a label is not "
						  "UTF-8");
		trees->labels[i] = aqi_arena_copy(arena, label);
		if (!trees->labels[i].data)
			return aqi_error_memory(err);
	}
	trees->n_labels = n;
	return AQI_OK;
}
