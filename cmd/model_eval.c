/* aqi-model eval: what a model says of records. */
#include "base/buffer.h"
#include "model/bundle.h"
#include "model/evaluator.h"
#include "model/forest.h"
#include "model_command.h"

enum { KEY_BY_NAME = 0x200, KEY_ENGINE, KEY_KEEP, KEY_LEAF };

struct options {
	struct aqi_cli *cli;
	struct aqi_model_options model;
	struct aqi_evaluator_options evaluate;
};

static const struct argp_option options[] = {
	{"by-name", KEY_BY_NAME, 0, 0,
	 "bind columns to the model's inputs by name, not by place", 0},
	{"engine", KEY_ENGINE, "NAME", 0,
	 "evaluate in this way, whatever the number of rows", 0},
	{"keep", KEY_KEEP, 0, 0,
	 "pass the columns that come in through, before the new ones", 0},
	{"leaf", KEY_LEAF, 0, 0,
	 "write the leaf of each tree instead, without a header", 0},
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
	case KEY_BY_NAME:
		o->evaluate.by_name = true;
		return 0;
	case KEY_ENGINE:
		o->model.engine = aqi_cli_name(o->cli, "--engine", arg);
		return 0;
	case KEY_KEEP:
		o->evaluate.keeps = true;
		return 0;
	case KEY_LEAF:
		o->evaluate.leaves = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "MODEL [FILE...]",
	.doc = "Write what a model says of each record: the sums of its trees, "
	       "and its outputs.",
	.children = (const struct argp_child[]){
		{&aqi_cli_stream_argp, 0, 0, 1}, {0}
	},
};

/* What the options say together, and the model, which is the first file. */
static void
check_options(struct options *o)
{
	struct aqi_cli *cli = o->cli;

	if (cli->n_files == 0)
		aqi_cli_usage(cli, "eval takes a model and then files; see "
			      "aqi-model eval --help");
	o->model.name = aqi_cli_name(cli, "eval", cli->files[0]);
	o->model.takes_any = true;
	cli->files++;
	cli->n_files--;
	if (o->evaluate.keeps && o->evaluate.leaves)
		aqi_cli_usage(cli, "--leaf writes leaves alone, and does not "
			      "go with --keep");
	cli->format.hides_header = o->evaluate.leaves;
	cli->predicts = !o->evaluate.leaves;
}

static int
evaluate(struct options *o, const struct aqi_model *model)
{
	struct aqi_evaluator *evaluator;
	struct aqi_step step;
	struct aqi_error err;
	int status;

	aqi_cli_add_part(o->cli, "manifest", model->manifest);
	aqi_cli_add_part(o->cli, "model", aqi_forest_bytes(model->forest));
	evaluator = aqi_evaluator_new(model, &o->evaluate, &err);
	if (!evaluator)
		return aqi_cli_fail(o->cli, &err);
	step = aqi_evaluator_step(evaluator);
	status = aqi_cli_run(o->cli, &step, 1);
	aqi_evaluator_free(evaluator);
	return status;
}

int
model_eval(struct aqi_cli *cli, int argc, char **argv)
{
	struct options o = {.cli = cli};
	struct aqi_model *model;
	struct aqi_error err;
	int status;

	aqi_cli_parse(cli, &argp, argc, argv, &o);
	check_options(&o);
	model = aqi_model_load(&o.model, &err);
	if (!model)
		return aqi_cli_fail(cli, &err);
	status = evaluate(&o, model);
	aqi_model_free(model);
	return status;
}
