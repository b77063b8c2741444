/* aqi-model dump: the trees of a model as text. */
#include "base/buffer.h"
#include "model/bundle.h"
#include "model/outline.h"
#include "model_command.h"
#include "record/sink.h"

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
	.args_doc = "[MODEL]",
	.doc = "Write the trees of a model, a node a line.",
	.children = (const struct argp_child[]){
		{&model_text_argp, 0, 0, 0}, {0}
	},
};

/* Tree by tree, so that the text of all of them needs no memory. */
static enum aqi_status
write_trees(const struct aqi_model *model, bool as_json, struct aqi_sink *sink,
	    struct aqi_error *err)
{
	struct aqi_outline outline = {.model = model, .as_json = as_json};
	struct aqi_buffer text = {0};
	enum aqi_status status;

	while ((status = aqi_outline_next(&outline, &text, err)) == AQI_OK) {
		status = aqi_sink_write(sink, text.data, text.size, NULL, 0,
					NULL, err);
		if (status != AQI_OK)
			break;
		aqi_buffer_clear(&text);
	}
	aqi_buffer_free(&text);
	return status == AQI_END ? AQI_OK : status;
}

static int
dump(const struct model_text *text, const struct aqi_model *model)
{
	struct aqi_error err;
	struct aqi_sink *sink = aqi_cli_open(text->cli->output, &err);
	bool whole;

	if (!sink)
		return aqi_cli_fail(text->cli, &err);
	whole = write_trees(model, text->as_json, sink, &err) == AQI_OK;
	/* To give up cannot fail, and leaves the reason as it is. */
	if (aqi_cli_close(sink, whole, &err) != AQI_OK || !whole)
		return aqi_cli_fail(text->cli, &err);
	return 0;
}

int
model_dump(struct aqi_cli *cli, int argc, char **argv)
{
	struct model_text text = {.cli = cli};
	struct aqi_model *model;
	struct aqi_error err;
	int status;

	aqi_cli_parse(cli, &argp, argc, argv, &text);
	if (cli->n_files > 1)
		aqi_cli_usage(cli, "dump takes one model");
	model = model_load(cli->n_files ? aqi_cli_name(cli, "dump",
						       cli->files[0]) : NULL,
			   &err);
	if (!model)
		return aqi_cli_fail(cli, &err);
	status = dump(&text, model);
	aqi_model_free(model);
	return status;
}
