/* What aqi-model info writes for machines. Keys stay what they are. */
#include <inttypes.h>

#include "base/buffer.h"
#include "model/bundle.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/survey.h"
#include "model_command.h"

static void
add_text(struct aqi_buffer *out, const char *key, struct aqi_slice text)
{
	aqi_buffer_add_format(out, ",\"%s\":", key);
	if (text.size == 0)
		aqi_buffer_add_text(out, "null");
	else
		model_add_string(out, text);
}

static void
add_count(struct aqi_buffer *out, const char *key, size_t n)
{
	aqi_buffer_add_format(out, ",\"%s\":%zu", key, n);
}

/* Hours ahead; both are 0 where nobody says. */
static void
add_lead(const struct aqi_model *model, struct aqi_buffer *out)
{
	if (model->lead_to_hours == 0) {
		add_text(out, "lead_from_hours", (struct aqi_slice){0});
		add_text(out, "lead_to_hours", (struct aqi_slice){0});
		return;
	}
	add_count(out, "lead_from_hours", model->lead_from_hours);
	add_count(out, "lead_to_hours", model->lead_to_hours);
}

static void
add_flag(struct aqi_buffer *out, const char *key, bool value)
{
	aqi_buffer_add_format(out, ",\"%s\":%s", key, value ? "true" : "false");
}

static void
add_about(const struct aqi_model *model, struct aqi_buffer *out)
{
	aqi_buffer_add_text(out, "{\"name\":");
	model_add_string(out, model->name);
	add_text(out, "path", model->path);
	add_text(out, "version", model->version);
	add_text(out, "description", model->description);
	add_text(out, "target", model->target);
	add_text(out, "standard", model->standard);
	add_text(out, "revision", model->revision);
	add_text(out, "licence", model->licence);
	add_lead(model, out);
	add_text(out, "format", aqi_slice_of(model->format));
	add_text(out, "writer", model->writer);
	add_text(out, "trees_file", model->trees_file);
	add_text(out, "sha256", model->trees_sha256);
	add_text(out, "objective", model->objective);
}

static void
add_outputs(const struct aqi_model *model, struct aqi_buffer *out)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(model->forest);

	add_text(out, "link", aqi_slice_of(aqi_link_name(&shape.link)));
	add_text(out, "transform",
		 aqi_slice_of(model->transform == AQI_TRANSFORM_SQUARE ?
			      "square" : "none"));
	add_count(out, "bits", shape.is_wide ? 64 : 32);
	add_count(out, "outputs", aqi_model_outputs(model));
	aqi_buffer_add_text(out, ",\"labels\":[");
	for (size_t k = 0; k < model->n_labels; k++) {
		if (k > 0)
			aqi_buffer_add_byte(out, ',');
		model_add_string(out, model->labels[k]);
	}
	aqi_buffer_add_text(out, "],\"bases\":[");
	for (size_t k = 0; k < shape.n_margins; k++) {
		if (k > 0)
			aqi_buffer_add_byte(out, ',');
		model_add_number(out, shape.is_wide, shape.bases[k]);
	}
	aqi_buffer_add_byte(out, ']');
}

static void
add_shape(const struct aqi_model *model, const struct aqi_survey *survey,
	  struct aqi_buffer *out)
{
	add_count(out, "trees", survey->n_trees);
	add_count(out, "depth", survey->depth);
	add_count(out, "nodes", survey->n_nodes);
	add_count(out, "leaves", survey->n_leaves);
	add_count(out, "linear_leaves", survey->n_linear);
	add_count(out, "splits", survey->n_splits);
	add_count(out, "distinct_splits", survey->n_distinct);
	add_count(out, "category_splits", survey->n_sets);
	add_flag(out, "allows_missing", model->allows_missing);
	add_count(out, "min_inputs", model->min_inputs);
	add_flag(out, "has_names", model->has_names);
	add_flag(out, "has_calibration", model->has_calibration);
}

/* The way for n_rows at once, and behind a colon the reason. */
static void
add_way(struct aqi_model *model, size_t n_rows, struct aqi_buffer *out)
{
	struct aqi_buffer text = {0};
	const char *colon;
	size_t n;

	aqi_engine_describe(model->engine, n_rows, &text);
	colon = text.size ? memchr(text.data, ':', text.size) : NULL;
	n = colon ? (size_t)(colon - text.data) : text.size;
	aqi_buffer_add_format(out, "{\"rows\":%zu,\"way\":", n_rows);
	model_add_string(out, (struct aqi_slice){text.data, n});
	aqi_buffer_add_text(out, ",\"why\":");
	n = colon ? n + 2 : n;
	model_add_string(out, (struct aqi_slice){text.data + n, text.size - n});
	aqi_buffer_add_byte(out, '}');
	out->failed |= text.failed;
	aqi_buffer_free(&text);
}

static void
add_engine(struct aqi_model *model, const struct aqi_survey *survey,
	   struct aqi_buffer *out)
{
	aqi_buffer_add_text(out, ",\"engine\":[");
	for (size_t i = 0; i < MODEL_N_ROWS; i++) {
		if (i > 0)
			aqi_buffer_add_byte(out, ',');
		add_way(model, model_rows[i], out);
	}
	aqi_buffer_add_byte(out, ']');
	add_count(out, "memory_bytes", survey->memory);
	add_count(out, "layout_bytes", aqi_engine_memory(model->engine));
	aqi_buffer_add_format(out, ",\"checksum\":\"%016" PRIx64 "\"",
			      survey->checksum);
}

static void
add_weight(struct aqi_buffer *out, const char *key, bool is_told, double sum,
	   double total)
{
	aqi_buffer_add_format(out, ",\"%s\":", key);
	if (is_told)
		model_add_number(out, true, sum);
	else
		aqi_buffer_add_text(out, "null");
	aqi_buffer_add_format(out, ",\"%s_share\":", key);
	if (is_told)
		model_add_number(out, true, total != 0 ? sum / total : 0);
	else
		aqi_buffer_add_text(out, "null");
}

static void
add_input(const struct aqi_model *model, const struct aqi_survey *survey,
	  const struct aqi_survey_input *input, struct aqi_buffer *out)
{
	aqi_buffer_add_text(out, "{\"name\":");
	model_add_string(out, model->inputs[input->input]);
	add_count(out, "place", input->input);
	add_text(out, "unit", model->units[input->input]);
	add_weight(out, "splits", true, (double)input->n_splits,
		   (double)survey->n_splits);
	add_weight(out, "terms", true, (double)input->n_terms,
		   (double)survey->n_terms);
	add_weight(out, "gain", survey->has_gains, input->gain, survey->gain);
	add_weight(out, "cover", survey->has_covers, input->cover,
		   survey->cover);
	aqi_buffer_add_byte(out, '}');
}

void
model_info_json(struct aqi_model *model, const struct aqi_survey *survey,
		struct aqi_buffer *out)
{
	add_about(model, out);
	add_outputs(model, out);
	add_shape(model, survey, out);
	add_engine(model, survey, out);
	aqi_buffer_add_text(out, ",\"inputs\":[");
	for (size_t i = 0; i < survey->n_inputs; i++) {
		if (i > 0)
			aqi_buffer_add_byte(out, ',');
		add_input(model, survey, &survey->inputs[i], out);
	}
	aqi_buffer_add_text(out, "]}\n");
}
