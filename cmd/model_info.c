/* aqi-model info: what a model is. */
#include "base/buffer.h"
#include "model/bundle.h"
#include "model/engine.h"
#include "model/survey.h"
#include "model_command.h"

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "[MODEL...]",
	.doc = "Say what models are: trees, splits, inputs and their weight, "
	       "outputs, and how they are evaluated.",
	.children = (const struct argp_child[]){
		{&model_text_argp, 0, 0, 0}, {0}
	},
};

static enum aqi_status
describe(const struct model_text *text, struct aqi_model *model,
	 struct aqi_buffer *out, struct aqi_error *err)
{
	struct aqi_survey survey;

	for (size_t i = 0; i < MODEL_N_ROWS; i++)
		if (aqi_engine_prepare(model->engine, model_rows[i], err) !=
		    AQI_OK)
			return AQI_FATAL;
	if (aqi_survey_take(model->forest, &survey, err) != AQI_OK)
		return AQI_FATAL;
	if (text->as_json)
		model_info_json(model, &survey, out);
	else
		model_info_text(model, &survey, out);
	aqi_survey_free(&survey);
	return out->failed ? aqi_error_memory(err) : AQI_OK;
}

/* Between two texts is an empty line. */
static enum aqi_status
add_model(const struct model_text *text, const char *name,
	  struct aqi_buffer *out, struct aqi_error *err)
{
	struct aqi_model *model = model_load(name, err);
	enum aqi_status status;

	if (!model)
		return AQI_FATAL;
	if (out->size > 0 && !text->as_json)
		aqi_buffer_add_byte(out, '\n');
	status = describe(text, model, out, err);
	aqi_model_free(model);
	return status;
}

int
model_info(struct aqi_cli *cli, int argc, char **argv)
{
	struct model_text text = {.cli = cli};
	struct aqi_buffer out = {0};
	enum aqi_status status = AQI_OK;
	struct aqi_error err;
	int exit_status;

	aqi_cli_parse(cli, &argp, argc, argv, &text);
	if (cli->n_files == 0)
		status = add_model(&text, NULL, &out, &err);
	for (size_t i = 0; status == AQI_OK && i < cli->n_files; i++)
		status = add_model(&text, aqi_cli_name(cli, "info",
						       cli->files[i]),
				   &out, &err);
	exit_status = status == AQI_OK ?
		aqi_cli_write(cli, out.data, out.size) :
		aqi_cli_fail(cli, &err);
	aqi_buffer_free(&out);
	return exit_status;
}
