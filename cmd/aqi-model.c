/* aqi-model: look at models, check, evaluate and compile them. */
#include <string.h>

#include "model_command.h"

static const struct command {
	const char *name;
	int (*run)(struct aqi_cli *cli, int argc, char **argv);
} commands[] = {
	{"check", model_check},
	{"compile", model_compile},
	{"dump", model_dump},
	{"eval", model_eval},
	{"info", model_info},
	{"prune", model_prune},
	{"quantize", model_quantize},
};

#define N_COMMANDS (sizeof commands / sizeof commands[0])

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

/* Where no command comes first. */
static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "COMMAND [ARGUMENT...]",
	.doc = "Look at models: bundles, and tree files of XGBoost, "
	       "LightGBM and ONNX.\v"
	       "Commands:\n"
	       "  check [MODEL...]        load models, and say what is wrong\n"
	       "  compile [MODEL]         write one file that loads at once\n"
	       "  dump [MODEL]            write the trees of a model as text\n"
	       "  eval MODEL [FILE...]    say what a model says of records\n"
	       "  info [MODEL...]         say what models are\n"
	       "  prune [MODEL]           write one with fewer trees, leaves\n"
	       "  quantize [MODEL]        write one of coarser numbers\n\n"
	       "COMMAND --help tells of the options of each.",
	.children = (const struct argp_child[]){
		{&aqi_cli_base_argp, 0, 0, 1}, {0}
	},
};

static const struct command *
find_command(const char *word)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(word, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct command *command;
	char quoted[AQI_QUOTED_SIZE];
	struct aqi_cli cli;
	int status;

	aqi_cli_init(&cli, "aqi-model");
	if (argc < 2 || argv[1][0] == '-') {
		aqi_cli_parse(&cli, &argp, argc, argv, &cli);
		aqi_cli_usage(&cli, "a command comes first, such as info; "
			      "see --help");
	}
	command = find_command(argv[1]);
	if (!command)
		aqi_cli_usage(&cli, "%s is no command; see --help",
			      aqi_error_quote(quoted, aqi_slice_of(argv[1])));
	cli.command = command->name;
	status = command->run(&cli, argc - 1, argv + 1);
	aqi_cli_free(&cli);
	return status;
}
