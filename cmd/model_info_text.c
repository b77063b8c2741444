/* What aqi-model info writes for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "model/bundle.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/survey.h"
#include "model_command.h"
#include "record/utf8.h"

/* The beginning of a line, up to its column of values. */
static void
begin(struct aqi_buffer *out, const char *title)
{
	aqi_buffer_add_format(out, "%-11s ", title);
}

/* A line with a foreign text, unless there is none. */
static void
add_line(struct aqi_buffer *out, const char *title, struct aqi_slice text)
{
	if (text.size == 0)
		return;
	begin(out, title);
	aqi_utf8_show(text, out);
	aqi_buffer_add_byte(out, '\n');
}

static void
add_after(struct aqi_buffer *out, const char *before, struct aqi_slice text)
{
	if (text.size == 0)
		return;
	aqi_buffer_add_text(out, before);
	aqi_utf8_show(text, out);
}

static void
add_about(const struct aqi_model *model, struct aqi_buffer *out)
{
	begin(out, "model");
	aqi_utf8_show(model->name, out);
	add_after(out, ", version ", model->version);
	if (model->path.size == 0)
		aqi_buffer_add_text(out, ", built in");
	add_after(out, ", ", model->path);
	aqi_buffer_add_byte(out, '\n');
	add_line(out, "about", model->description);
	add_line(out, "predicts", model->target);
	if (model->lead_to_hours > 0)
		aqi_buffer_add_format(out, "%-11s %zu to %zu hours\n",
				      "ahead", model->lead_from_hours,
				      model->lead_to_hours);
	add_line(out, "licence", model->licence);
	begin(out, "format");
	aqi_buffer_add_text(out, model->format[0] ? model->format :
			    "compiled");
	add_after(out, ", of ", model->trees_file);
	add_after(out, strcmp(model->format, "onnx") == 0 ? ", written by " :
		  ", written by version ", model->writer);
	aqi_buffer_add_byte(out, '\n');
	add_line(out, "sha256", model->trees_sha256);
}

static void
add_outputs(const struct aqi_model *model, struct aqi_buffer *out)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(model->forest);

	add_line(out, "objective", model->objective);
	aqi_buffer_add_format(out, "%-11s %zu, of %zu sum%s in %d bits; link: "
			      "%s%s\n", "outputs", aqi_model_outputs(model),
			      shape.n_margins, shape.n_margins == 1 ? "" : "s",
			      shape.is_wide ? 64 : 32,
			      aqi_link_name(&shape.link),
			      model->transform == AQI_TRANSFORM_SQUARE ?
			      ", then the square" : "");
	for (size_t k = 0; k < model->n_labels; k++) {
		aqi_buffer_add_format(out, "%-11s %zu is ", "class", k);
		aqi_utf8_show(model->labels[k], out);
		aqi_buffer_add_byte(out, '\n');
	}
	for (size_t k = 0; k < shape.n_margins; k++) {
		aqi_buffer_add_format(out, "%-11s %zu from ", "sum", k);
		model_add_number(out, shape.is_wide, shape.bases[k]);
		aqi_buffer_add_byte(out, '\n');
	}
}

static void
add_shape(const struct aqi_model *model, const struct aqi_survey *survey,
	  struct aqi_buffer *out)
{
	aqi_buffer_add_format(out, "%-11s %zu; %s", "inputs", model->n_inputs,
			      model->allows_missing ? "they may be missing" :
			      "none may be missing");
	if (model->min_inputs > 0 && model->allows_missing)
		aqi_buffer_add_format(out, ", but for %zu",
				      model->min_inputs);
	if (!model->has_names)
		aqi_buffer_add_text(out, "; nobody names them");
	aqi_buffer_add_format(out, "\n%-11s %zu, of depth %u or less\n",
			      "trees", survey->n_trees, survey->depth);
	aqi_buffer_add_format(out, "%-11s %zu, %zu distinct", "splits",
			      survey->n_splits, survey->n_distinct);
	if (survey->n_sets > 0)
		aqi_buffer_add_format(out, ", %zu by categories",
				      survey->n_sets);
	aqi_buffer_add_format(out, "\n%-11s %zu", "leaves", survey->n_leaves);
	if (survey->n_linear > 0)
		aqi_buffer_add_format(out, ", %zu are linear functions",
				      survey->n_linear);
	aqi_buffer_add_byte(out, '\n');
}

static void
add_engine(struct aqi_model *model, const struct aqi_survey *survey,
	   struct aqi_buffer *out)
{
	for (size_t i = 0; i < MODEL_N_ROWS; i++) {
		aqi_buffer_add_format(out, "%-11s %zu row%s: ",
				      i ? "" : "engine", model_rows[i],
				      model_rows[i] == 1 ? "" : "s");
		aqi_engine_describe(model->engine, model_rows[i], out);
		aqi_buffer_add_byte(out, '\n');
	}
	aqi_buffer_add_format(out, "%-11s %zu bytes, and %zu of layouts for "
			      "these\n", "memory", survey->memory,
			      aqi_engine_memory(model->engine));
	aqi_buffer_add_format(out, "%-11s %016" PRIx64 "\n", "checksum",
			      survey->checksum);
}

/* An index alone has a confidence. */
static void
add_confidence(const struct aqi_model *model, struct aqi_buffer *out)
{
	if (aqi_model_outputs(model) != 1)
		return;
	begin(out, "confidence");
	aqi_buffer_add_text(out, model->has_calibration ?
			    "calibrated, but the table is not used yet: " :
			    "not calibrated: ");
	aqi_buffer_add_text(out, "0.85 where 0 <= aqi <= 500, else 0.60, as "
			    "the prediction API has it\n");
}

/* A sum and its share in percent; empty where the trees do not tell it. */
static void
add_weight(struct aqi_buffer *out, bool is_told, double sum, double total)
{
	if (!is_told)
		aqi_buffer_add_format(out, " %12s %7s", "", "");
	else
		aqi_buffer_add_format(out, " %12.6g %6.2f%%", sum,
				      total != 0 ? sum / total * 100 : 0.0);
}

static void
add_input(const struct aqi_model *model, const struct aqi_survey *survey,
	  const struct aqi_survey_input *input, struct aqi_buffer *out)
{
	const struct aqi_slice unit = model->units[input->input];
	size_t width = aqi_utf8_show(model->inputs[input->input], out);

	if (unit.size > 0) {
		aqi_buffer_add_text(out, ", ");
		width += 2 + aqi_utf8_show(unit, out);
	}
	aqi_buffer_add_format(out, "%*s", width < 22 ? 22 - (int)width : 0,
			      "");
	add_weight(out, true, (double)input->n_splits,
		   (double)survey->n_splits);
	if (survey->n_terms > 0)
		add_weight(out, true, (double)input->n_terms,
			   (double)survey->n_terms);
	add_weight(out, survey->has_gains, input->gain, survey->gain);
	add_weight(out, survey->has_covers, input->cover, survey->cover);
	while (out->size > 0 && out->data[out->size - 1] == ' ')
		out->size--;
	aqi_buffer_add_byte(out, '\n');
}

void
model_info_text(struct aqi_model *model, const struct aqi_survey *survey,
		struct aqi_buffer *out)
{
	add_about(model, out);
	add_outputs(model, out);
	add_shape(model, survey, out);
	add_confidence(model, out);
	add_engine(model, survey, out);
	aqi_buffer_add_format(out, "\n%-22s %12s %7s", "input", "splits",
			      "share");
	if (survey->n_terms > 0)
		aqi_buffer_add_format(out, " %12s %7s", "terms", "share");
	/* An empty column stands before the next. */
	if (survey->has_gains || survey->has_covers)
		aqi_buffer_add_format(out, " %12s %7s", "gain", "share");
	if (survey->has_covers)
		aqi_buffer_add_format(out, " %12s %7s", "cover", "share");
	aqi_buffer_add_byte(out, '\n');
	for (size_t i = 0; i < survey->n_inputs; i++)
		add_input(model, survey, &survey->inputs[i], out);
}
