#include "model/survey.h"

#include <stdlib.h>

#include "model/forest.h"
#include "model/forest_block.h"
#include "model/measure.h"

static void
add_split(const struct aqi_forest *f, uint32_t node, struct aqi_survey *s)
{
	const uint32_t test = f->nodes[node].test;
	struct aqi_survey_input *input =
		&s->inputs[f->views[test & AQI_FOREST_VIEW].input];

	s->n_splits++;
	s->n_sets += (test & AQI_FOREST_HAS_SET) != 0;
	input->n_splits++;
	if (f->gains)
		input->gain += (double)f->gains[node];
	if (f->covers)
		input->cover += (double)f->covers[node];
}

static void
add_leaf(const struct aqi_forest *f, uint32_t node, struct aqi_survey *s)
{
	const uint32_t number = f->linears ? f->linears[node] : 0;

	s->n_leaves++;
	if (number == 0)
		return;
	s->n_linear++;
	for (uint32_t i = f->firsts[number - 1]; i < f->firsts[number]; i++) {
		s->n_terms++;
		s->inputs[f->terms[i].input].n_terms++;
	}
}

static void
add_tree(const struct aqi_forest *f, uint64_t tree, struct aqi_survey *s)
{
	if (aqi_forest_is_repeat(f, tree))
		return;
	s->n_trees++;
	for (uint32_t i = f->roots[tree]; i < f->roots[tree + 1]; i++) {
		s->n_nodes++;
		if (f->nodes[i].left != 0)
			add_split(f, i, s);
		else
			add_leaf(f, i, s);
	}
}

static int
compare(const void *left, const void *right)
{
	const struct aqi_survey_input *a = left, *b = right;

	if (a->gain != b->gain)
		return a->gain > b->gain ? -1 : 1;
	if (a->n_splits != b->n_splits)
		return a->n_splits > b->n_splits ? -1 : 1;
	if (a->n_terms != b->n_terms)
		return a->n_terms > b->n_terms ? -1 : 1;
	return a->input < b->input ? -1 : 1;
}

enum aqi_status
aqi_survey_take(const struct aqi_forest *forest, struct aqi_survey *survey,
		struct aqi_error *err)
{
	const struct aqi_forest_header *h = forest->header;
	const struct aqi_slice block = aqi_forest_bytes(forest);
	struct aqi_measure measure;

	if (aqi_measure_take(forest, &measure, err) != AQI_OK)
		return AQI_FATAL;
	*survey = (struct aqi_survey){
		.n_distinct = measure.n_distinct,
		.depth = measure.depth,
		.has_gains = forest->gains,
		.has_covers = forest->covers,
		.inputs = calloc(h->n_inputs + 1, sizeof *survey->inputs),
		.n_inputs = h->n_inputs,
		.memory = block.size,
		.checksum = h->seal.checksum,
	};
	if (!survey->inputs)
		return aqi_error_memory(err);
	for (size_t i = 0; i < survey->n_inputs; i++)
		survey->inputs[i].input = i;
	for (uint64_t t = 0; t < h->n_trees; t++)
		add_tree(forest, t, survey);
	for (size_t i = 0; i < survey->n_inputs; i++) {
		survey->gain += survey->inputs[i].gain;
		survey->cover += survey->inputs[i].cover;
	}
	qsort(survey->inputs, survey->n_inputs, sizeof *survey->inputs,
	      compare);
	return AQI_OK;
}

void
aqi_survey_free(struct aqi_survey *survey)
{
	free(survey->inputs);
	survey->inputs = NULL;
}
