/*
 * Models of any kind, written as text: whatever loads has as many lines as
 * nodes, as JSON each an object that ends in its line, and the survey counts
 * what the lines say.
 */
#include <stdbool.h>

#include "base/buffer.h"
#include "fuzz.h"
#include "model/bundle.h"
#include "model/forest.h"
#include "model/outline.h"
#include "model/survey.h"
#include "model/trees.h"
#include "record/utf8.h"

/* Nodes below this, for the time: some forests are of the largest size. */
#define MOST_NODES 2000

struct counts {
	size_t n_lines, n_splits, n_leaves;
};

/* What stands first tells: "tree 0   leaf 1: ..."; in JSON no other text can
 * hold the quotes of the key. */
static bool
is_leaf(struct aqi_slice line, bool as_json)
{
	const char *p = line.data;

	if (as_json)
		return memmem(p, line.size, "\"id\":\"leaf ", 11);
	p += 5 + strspn(p + 5, "0123456789");
	p += strspn(p, " ");
	return memcmp(p, "leaf ", 5) == 0;
}

static void
count_line(struct aqi_slice line, bool as_json, struct counts *counts)
{
	CHECK(aqi_utf8_check(line) == line.size);
	CHECK(!memchr(line.data, 0x1b, line.size));
	if (as_json)
		CHECK(line.data[0] == '{' && line.data[line.size - 1] == '}');
	counts->n_lines++;
	if (is_leaf(line, as_json))
		counts->n_leaves++;
	else
		counts->n_splits++;
}

static struct counts
outline(const struct aqi_model *model, bool as_json)
{
	struct aqi_outline o = {.model = model, .as_json = as_json};
	struct aqi_buffer out = {0};
	struct aqi_error err;
	struct counts counts = {0};
	const char *end, *at;

	while (aqi_outline_next(&o, &out, &err) == AQI_OK) {
		CHECK(out.size > 0 && out.data[out.size - 1] == '\n');
		for (at = out.data; at < out.data + out.size; at = end + 1) {
			end = memchr(at, '\n',
				     (size_t)(out.data + out.size - at));
			count_line((struct aqi_slice){at, (size_t)(end - at)},
				   as_json, &counts);
		}
		aqi_buffer_clear(&out);
	}
	aqi_buffer_free(&out);
	return counts;
}

static void
check(struct aqi_model *model)
{
	struct aqi_survey survey;
	struct aqi_error err;
	struct counts text = outline(model, false);
	struct counts json = outline(model, true);

	CHECK(memcmp(&text, &json, sizeof text) == 0);
	CHECK(text.n_lines == aqi_forest_nodes(model->forest));
	CHECK(aqi_survey_take(model->forest, &survey, &err) == AQI_OK);
	/* Trees that repeat have lines, but count once. */
	CHECK(survey.n_splits <= text.n_splits &&
	      survey.n_leaves <= text.n_leaves &&
	      survey.n_splits + survey.n_leaves == survey.n_nodes &&
	      survey.n_trees == aqi_forest_source_trees(model->forest));
	for (size_t i = 1; i < survey.n_inputs; i++)
		CHECK(!(survey.inputs[i].gain > survey.inputs[i - 1].gain));
	aqi_survey_free(&survey);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aqi_model model = {0};
	struct aqi_trees trees;
	struct aqi_error err;
	size_t n;

	if (aqi_trees_read(input_slice(data, size), NULL, &model.arena, &trees,
			   &err) == AQI_OK) {
		model.forest = trees.forest;
		model.format = trees.format;
		n = aqi_forest_shape(trees.forest).n_inputs;
		model.inputs = aqi_arena_array(&model.arena, n,
					       sizeof *model.inputs);
		for (size_t i = 0; i < n; i++)
			model.inputs[i] = trees.n_names ? trees.names[i] :
					  aqi_slice_of("\033f");
		if (aqi_forest_nodes(trees.forest) < MOST_NODES)
			check(&model);
		aqi_forest_free(trees.forest);
	}
	aqi_arena_free(&model.arena);
	return 0;
}
