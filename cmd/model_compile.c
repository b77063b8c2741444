/* aqi-model compile: a model as one file that is used as it lies. */
#include <unistd.h>

#include "base/buffer.h"
#include "model/bundle.h"
#include "model/compiled.h"
#include "model/engine.h"
#include "model_command.h"

enum { KEY_INPUTS = 0x200 };

#define MANY_ROWS 65536

struct options {
	struct aqi_cli *cli;
	struct aqi_model_options model;
};

static const struct argp_option options[] = {
	{"inputs", KEY_INPUTS, "NAME,...", 0,
	 "name the inputs of a bare tree file, in its order", 0},
	{"output", 'o', "FILE", 0,
	 "write to FILE, all or nothing, instead of standard output", 0},
	{0}
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = o->cli;
		return 0;
	case KEY_INPUTS:
		aqi_cli_list(o->cli, "--inputs", arg, &o->model.inputs,
			     &o->model.n_inputs);
		return 0;
	case 'o':
		o->cli->output = aqi_cli_name(o->cli, "--output", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (o->model.name)
			aqi_cli_usage(o->cli, "compile takes one model; see "
				      "aqi-model compile --help");
		o->model.name = aqi_cli_name(o->cli, "compile", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[MODEL]",
	.doc = "Write a model, with all that is known about it, as one file "
	       "that is loaded in no time.",
	.children = (const struct argp_child[]){
		{&aqi_cli_base_argp, 0, 0, 1}, {0}
	},
};

/* With the layouts for a row at a time, and for as many as one likes. */
enum aqi_status
model_compiled(const struct aqi_model *model, struct aqi_buffer *file,
	       struct aqi_error *err)
{
	if (aqi_engine_prepare(model->engine, 1, err) != AQI_OK ||
	    aqi_engine_prepare(model->engine, MANY_ROWS, err) != AQI_OK)
		return AQI_FATAL;
	return aqi_compiled_make(model, file, err);
}

int
model_compile(struct aqi_cli *cli, int argc, char **argv)
{
	struct options o = {.cli = cli, .model = {.takes_any = true}};
	struct aqi_buffer file = {0};
	struct aqi_model *model;
	struct aqi_error err;
	int status;

	aqi_cli_parse(cli, &argp, argc, argv, &o);
	if (!cli->output && isatty(STDOUT_FILENO) == 1)
		aqi_cli_usage(cli, "a compiled model is no text for a "
			      "terminal: write it to a file with -o");
	model = aqi_model_load(&o.model, &err);
	if (!model)
		return aqi_cli_fail(cli, &err);
	if (model_compiled(model, &file, &err) == AQI_OK)
		status = aqi_cli_write(cli, file.data, file.size);
	else
		status = aqi_cli_fail(cli, &err);
	aqi_buffer_free(&file);
	aqi_model_free(model);
	return status;
}
