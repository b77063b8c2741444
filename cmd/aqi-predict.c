/* aqi-predict: apply a model: index, category, confidence. */
#include "air/base_record.h"
#include "air/quality.h"
#include "air/schema.h"
#include "base/buffer.h"
#include "cli/cli.h"
#include "model/bundle.h"
#include "model/forest.h"
#include "model/locate.h"
#include "model/predictor.h"

enum {
	KEY_ENGINE = 0x200, KEY_EXPLAIN, KEY_INPUTS, KEY_LIST_MODELS, KEY_SCHEMA
};

/* Columns for more inputs than this nobody reads. */
#define MOST_EXPLAINED 1000

struct options {
	struct aqi_cli cli;
	struct aqi_model_options model;
	const char *schema;	/* NULL: types alone are checked */
	size_t n_explained;
	bool lists_models;
};

static const struct argp_option options[] = {
	{"engine", KEY_ENGINE, "NAME", 0,
	 "evaluate the trees in this way, whatever the number of rows", 0},
	{"explain", KEY_EXPLAIN, "N", 0,
	 "add what the N inputs that count most contribute", 0},
	{"inputs", KEY_INPUTS, "NAME,...", 0,
	 "name the inputs of a bare tree file, in its order", 0},
	{"list-models", KEY_LIST_MODELS, 0, 0,
	 "list the models that --model knows by name, and exit", 0},
	{"model", 'm', "NAME|PATH", 0,
	 "use this bundle, tree file or compiled model (production)", 0},
	{"schema", KEY_SCHEMA, "NAME|FILE", 0,
	 "refuse records that are not valid by this schema", 0},
	{0}
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->child_inputs[1] = &o->cli;
		return 0;
	case 'm':
		o->model.name = aqi_cli_name(&o->cli, "--model", arg);
		return 0;
	case KEY_ENGINE:
		o->model.engine = aqi_cli_name(&o->cli, "--engine", arg);
		return 0;
	case KEY_EXPLAIN:
		o->n_explained = aqi_cli_count(&o->cli, "--explain", arg, 1,
					       MOST_EXPLAINED);
		return 0;
	case KEY_INPUTS:
		aqi_cli_list(&o->cli, "--inputs", arg, &o->model.inputs,
			     &o->model.n_inputs);
		return 0;
	case KEY_LIST_MODELS:
		o->lists_models = true;
		return 0;
	case KEY_SCHEMA:
		o->schema = aqi_cli_name(&o->cli, "--schema", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[FILE...]",
	.doc = "Predict an air quality index from each record, with its "
	       "category and the confidence in it.",
	.children = (const struct argp_child[]){
		{&aqi_cli_stream_argp, 0, 0, 1},
		{&aqi_cli_number_argp, 0, 0, 1},
		{0}
	},
};

/* The steps of a run: the schema's, if one is asked for, and the model's. */
struct work {
	struct aqi_schema *schema;
	struct aqi_quality *quality;
	struct aqi_model *model;
	struct aqi_predictor *predictor;
	struct aqi_step steps[2];
	size_t n_steps;
};

static bool
load_schema(struct work *work, const char *name, struct aqi_error *err)
{
	work->schema = aqi_schema_load(name, err);
	if (!work->schema)
		return false;
	work->quality = aqi_quality_new(work->schema, NULL);
	if (!work->quality) {
		aqi_error_memory(err);
		return false;
	}
	work->steps[work->n_steps++] = aqi_quality_step(work->quality);
	return true;
}

static bool
load(struct work *work, struct options *o, struct aqi_error *err)
{
	const struct aqi_predictor_options predict = {
		.decimals = o->cli.decimals,
		.n_explained = o->n_explained,
	};

	if (o->schema && !load_schema(work, o->schema, err))
		return false;
	/* A checkpoint knows a model by all that it says. */
	o->model.skips_statistics = o->n_explained == 0 && !o->cli.checkpoint;
	o->model.n_threads = o->cli.n_jobs;
	work->model = aqi_model_load(&o->model, err);
	if (!work->model)
		return false;
	aqi_cli_add_part(&o->cli, "manifest", work->model->manifest);
	aqi_cli_add_part(&o->cli, "model",
			 aqi_forest_bytes(work->model->forest));
	if (work->schema)
		aqi_cli_add_part(&o->cli, "schema", work->schema->text);
	work->predictor = aqi_predictor_new(work->model, &predict, err);
	if (!work->predictor) {
		aqi_error_at(err, work->model->path.size > 0 ?
			     work->model->path.data : "production", 0, 0);
		return false;
	}
	work->steps[work->n_steps++] = aqi_predictor_step(work->predictor);
	return true;
}

static void
unload(struct work *work)
{
	aqi_predictor_free(work->predictor);
	aqi_model_free(work->model);
	aqi_quality_free(work->quality);
	aqi_schema_free(work->schema);
}

static int
predict(struct options *o)
{
	struct work work = {0};
	struct aqi_error err;
	int status;

	if (load(&work, o, &err))
		status = aqi_cli_run(&o->cli, work.steps, work.n_steps);
	else
		status = aqi_cli_fail(&o->cli, &err);
	unload(&work);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o = {0};
	int status;

	aqi_cli_init(&o.cli, "aqi-predict");
	o.cli.format.numbers = aqi_known_numbers(&o.cli.format.n_numbers);
	o.cli.predicts = true;
	aqi_cli_parse(&o.cli, &argp, argc, argv, &o);
	status = o.lists_models ?
			 aqi_cli_write_list(&o.cli, aqi_locate_list) :
			 predict(&o);
	aqi_cli_free(&o.cli);
	return status;
}
