/* aqi-model prune, quantize: a smaller model, and what that costs. */
#include "base/arena.h"
#include "base/buffer.h"
#include "cli/claims.h"
#include "model/bundle.h"
#include "model/comparison.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/measure.h"
#include "model/shrink.h"
#include "model_command.h"

enum { KEY_CUTS = 0x200, KEY_LEAF_STEP, KEY_RECORDS, KEY_TOLERANCE, KEY_TREES };

struct options {
	struct aqi_cli *cli;
	const char *command;
	struct aqi_model_options model;
	struct aqi_shrink_options shrink;
	const char *records;
	const char *output;
	bool has_work;		/* something is to be dropped */
};

#define OUTPUT                                                                 \
	{"output", 'o', "FILE", 0, "write the compiled model to FILE", 0}
#define RECORDS                                                                \
	{"records", KEY_RECORDS, "FILE", 0,                                    \
	 "tell what it costs on the records of FILE", 0}

static const struct argp_option prune_options[] = {
	OUTPUT,
	RECORDS,
	{"tolerance", KEY_TOLERANCE, "X", 0,
	 "make one leaf of those below a split that differ by X at most", 0},
	{"trees", KEY_TREES, "N", 0, "keep the first N trees", 0},
	{0}
};

static const struct argp_option quantize_options[] = {
	{"cuts", KEY_CUTS, "N", 0,
	 "leave at most N different thresholds to an input", 0},
	{"leaf-step", KEY_LEAF_STEP, "X", 0,
	 "make leaves multiples of X", 0},
	OUTPUT,
	RECORDS,
	{0}
};

static void
take_model(struct options *o, const char *arg)
{
	if (o->model.name)
		aqi_cli_usage(o->cli, "%s takes one model; see aqi-model %s "
			      "--help", o->command, o->command);
	o->model.name = aqi_cli_name(o->cli, o->command, arg);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = o->cli;
		state->child_inputs[1] = o->cli;
		return 0;
	case KEY_CUTS:
		o->shrink.n_cuts = aqi_cli_count(o->cli, "--cuts", arg, 1,
						 1000000);
		break;
	case KEY_LEAF_STEP:
		o->shrink.leaf_step = aqi_cli_number(o->cli, "--leaf-step",
						     arg, 1e-30, 1e30);
		break;
	case KEY_TOLERANCE:
		o->shrink.tolerance = aqi_cli_number(o->cli, "--tolerance",
						     arg, 0, 1e30);
		break;
	case KEY_TREES:
		o->shrink.n_trees = aqi_cli_count(o->cli, "--trees", arg, 1,
						  AQI_FOREST_MAX_TREES);
		break;
	case KEY_RECORDS:
		o->records = aqi_cli_name(o->cli, "--records", arg);
		return 0;
	case 'o':
		o->output = aqi_cli_name(o->cli, "--output", arg);
		return 0;
	case ARGP_KEY_ARG:
		take_model(o, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	o->has_work = true;
	return 0;
}

#define CHILDREN                                                               \
	(const struct argp_child[]){                                           \
		{&aqi_cli_base_argp, 0, 0, 1},                                 \
		{&aqi_cli_reading_argp, 0, "Of --records:", 2}, {0}            \
	}

static const struct argp prune_argp = {
	.options = prune_options,
	.parser = parse_option,
	.args_doc = "[MODEL]",
	.doc = "Write a model with fewer trees and leaves, and say what it "
	       "costs.",
	.children = CHILDREN,
};

static const struct argp quantize_argp = {
	.options = quantize_options,
	.parser = parse_option,
	.args_doc = "[MODEL]",
	.doc = "Write a model of coarser numbers, and say what it costs.",
	.children = CHILDREN,
};

/* What there is of a model that a user may want less of. */
static enum aqi_status
describe(const struct aqi_model *model, size_t file_size,
	 const struct aqi_model *old, size_t old_size, struct aqi_buffer *out,
	 struct aqi_error *err)
{
	struct aqi_measure before, after;

	if (aqi_measure_take(old->forest, &before, err) != AQI_OK ||
	    aqi_measure_take(model->forest, &after, err) != AQI_OK)
		return AQI_FATAL;
	aqi_buffer_add_format(out, "trees %zu, were %zu\n",
			      aqi_forest_source_trees(model->forest),
			      aqi_forest_source_trees(old->forest));
	aqi_buffer_add_format(out, "nodes %zu, were %zu\n", after.n_nodes,
			      before.n_nodes);
	aqi_buffer_add_format(out, "distinct splits %zu, were %zu\n",
			      after.n_distinct, before.n_distinct);
	aqi_buffer_add_format(out, "bytes %zu, were %zu\n", file_size,
			      old_size);
	return AQI_OK;
}

/* Run both over the records; *status, out, is that of the run. */
static enum aqi_status
compare(struct options *o, const struct aqi_model *model,
	const struct aqi_model *old, struct aqi_buffer *out, int *status,
	struct aqi_error *err)
{
	struct aqi_comparison *comparison =
		aqi_comparison_new(old, model, err);
	const size_t n_outputs = aqi_model_outputs(old);
	struct aqi_distance d;
	struct aqi_step step;

	if (!comparison)
		return AQI_FATAL;
	o->cli->files = &o->records;
	o->cli->n_files = 1;
	o->cli->hides_records = true;
	step = aqi_comparison_step(comparison);
	*status = aqi_cli_run(o->cli, &step, 1);
	d = aqi_comparison_distance(comparison);
	aqi_comparison_free(comparison);
	aqi_buffer_add_format(out, "records %llu\n",
			      (unsigned long long)d.n_rows);
	if (d.n_rows > 0)
		aqi_buffer_add_format(out, "mean error %.6g\nlargest error "
				      "%.6g\n", d.sum / (double)d.n_rows /
				      (double)n_outputs, d.largest);
	if (d.n_rows > 0 && n_outputs == 1)
		aqi_buffer_add_format(out, "other category %llu\n",
				      (unsigned long long)d.n_moved);
	return AQI_OK;
}

/* The model may be written over itself, but not over records. */
static enum aqi_status
check_files(const struct options *o, struct aqi_arena *arena,
	    struct aqi_error *err)
{
	return aqi_claims_compare(
		&(struct aqi_claim){"--output", o->output}, 1,
		&(struct aqi_claim){"--records", o->records}, 1, arena, err);
}

/* Write the model, if it is to be, then what is to be said of it. */
static int
write_both(struct options *o, const struct aqi_buffer *file,
	   const struct aqi_buffer *text)
{
	int status = 0;

	o->cli->output = o->output;
	if (o->output)
		status = aqi_cli_write(o->cli, file->data, file->size);
	o->cli->output = NULL;
	return status ? status :
			aqi_cli_write(o->cli, text->data, text->size);
}

static int
write_smaller(struct options *o, const struct aqi_model *model,
	      const struct aqi_model *old)
{
	struct aqi_buffer file = {0}, old_file = {0}, text = {0};
	struct aqi_error err;
	int status = 0;

	if (model_compiled(model, &file, &err) != AQI_OK ||
	    model_compiled(old, &old_file, &err) != AQI_OK ||
	    describe(model, file.size, old, old_file.size, &text, &err) ||
	    (o->records && compare(o, model, old, &text, &status, &err))) {
		status = aqi_cli_fail(o->cli, &err);
	} else if (text.failed) {
		aqi_error_memory(&err);
		status = aqi_cli_fail(o->cli, &err);
	} else if (status <= 1) {
		const int written = write_both(o, &file, &text);

		status = written ? written : status;
	}
	aqi_buffer_free(&text);
	aqi_buffer_free(&old_file);
	aqi_buffer_free(&file);
	return status;
}

/* A model that differs in its forest alone, which it borrows. */
static int
with_forest(struct options *o, const struct aqi_model *old,
	    const struct aqi_forest *forest)
{
	struct aqi_model model = *old;
	struct aqi_error err;
	int status;

	model.forest = forest;
	model.engine = aqi_engine_new(forest, NULL, &err);
	if (!model.engine)
		return aqi_cli_fail(o->cli, &err);
	status = write_smaller(o, &model, old);
	aqi_engine_free(model.engine);
	return status;
}

static int
make_smaller(struct options *o)
{
	struct aqi_error err;
	struct aqi_model *model = aqi_model_load(&o->model, &err);
	struct aqi_forest *forest;
	int status;

	if (!model)
		return aqi_cli_fail(o->cli, &err);
	forest = aqi_shrink(model->forest, &o->shrink, &err);
	if (forest)
		status = with_forest(o, model, forest);
	else
		status = aqi_cli_fail(o->cli, &err);
	aqi_forest_free(forest);
	aqi_model_free(model);
	return status;
}

static int
shrink(struct options *o)
{
	struct aqi_arena arena = {0};
	struct aqi_error err;
	int status;

	status = check_files(o, &arena, &err) == AQI_OK ?
		 make_smaller(o) : aqi_cli_fail(o->cli, &err);
	aqi_arena_free(&arena);
	return status;
}

int
model_prune(struct aqi_cli *cli, int argc, char **argv)
{
	struct options o = {.cli = cli, .command = "prune",
			    .model = {.takes_any = true}};

	aqi_cli_parse(cli, &prune_argp, argc, argv, &o);
	if (!o.has_work)
		aqi_cli_usage(cli, "prune takes --trees, --tolerance, or both");
	return shrink(&o);
}

int
model_quantize(struct aqi_cli *cli, int argc, char **argv)
{
	struct options o = {.cli = cli, .command = "quantize",
			    .model = {.takes_any = true}};

	aqi_cli_parse(cli, &quantize_argp, argc, argv, &o);
	if (!o.has_work)
		aqi_cli_usage(cli, "quantize takes --leaf-step, --cuts, or "
			      "both");
	return shrink(&o);
}
