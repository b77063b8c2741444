/* aqi-model check: is a model what it says, and does it work here? */
#include "base/buffer.h"
#include "model/audit.h"
#include "model/bundle.h"
#include "model/forest.h"
#include "model_command.h"
#include "record/utf8.h"

struct options {
	struct aqi_cli *cli;
	bool tells;		/* of models that are well, too */
};

static const struct argp_option options[] = {
	{"verbose", 'v', 0, 0, "say what was checked of each model", 0},
	{0}
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = o->cli;
		return 0;
	case 'v':
		o->tells = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[MODEL...]",
	.doc = "Load models in full and say what is wrong with them, or "
	       "nothing.",
	.children = (const struct argp_child[]){
		{&aqi_cli_base_argp, 0, 0, 1}, {0}
	},
};

/* All that can be found out about a model; its line of -v is added. */
static enum aqi_status
check(const struct aqi_model *model, const char *name, struct aqi_buffer *out,
      struct aqi_error *err)
{
	/* That of a folder, and not of what was compiled, where the trees lie
	 * no more. */
	const bool has_checksum = model->trees_path &&
				  model->trees_sha256.size > 0;
	struct aqi_buffer ways = {0};
	const size_t n_trees = aqi_forest_source_trees(model->forest);
	const enum aqi_status status = aqi_audit_ways(model->forest, 1, &ways,
						      err);

	if (status == AQI_OK) {
		aqi_utf8_show(aqi_slice_of(name), out);
		aqi_buffer_add_format(out, ": ok: %zu tree%s; the same bits "
				      "by ", n_trees, n_trees == 1 ? "" : "s");
		aqi_buffer_add(out, ways.data, ways.size);
		aqi_buffer_add_text(out, has_checksum ?
				    "; sha256 as in the manifest\n" : "\n");
	}
	aqi_buffer_free(&ways);
	return status == AQI_OK && out->failed ? aqi_error_memory(err) :
						 status;
}

/* The exit status of one model: 0 when it is well. */
static int
check_one(const struct options *o, const char *name, struct aqi_buffer *out)
{
	struct aqi_error err;
	struct aqi_model *model = model_load(name, &err);
	const char *shown = name ? name : "production";
	enum aqi_status status = AQI_FATAL;

	if (model) {
		status = check(model, shown, out, &err);
		if (status != AQI_OK)
			aqi_error_at(&err, shown, 0, 0);
	}
	aqi_model_free(model);
	return status == AQI_OK ? 0 : aqi_cli_fail(o->cli, &err);
}

/* The worst of all; where memory runs out, the rest would not fare better. */
static int
check_all(const struct options *o, struct aqi_buffer *out)
{
	const struct aqi_cli *cli = o->cli;
	int status, worst = 0;

	if (cli->n_files == 0)
		return check_one(o, NULL, out);
	for (size_t i = 0; i < cli->n_files && worst < 5; i++) {
		status = check_one(o, aqi_cli_name(cli, "check",
						   cli->files[i]), out);
		worst = status > worst ? status : worst;
	}
	return worst;
}

int
model_check(struct aqi_cli *cli, int argc, char **argv)
{
	struct options o = {.cli = cli};
	struct aqi_buffer out = {0};
	int status, worst;

	aqi_cli_parse(cli, &argp, argc, argv, &o);
	worst = check_all(&o, &out);
	if (o.tells && worst < 5) {
		status = aqi_cli_write(cli, out.data, out.size);
		worst = status > worst ? status : worst;
	}
	aqi_buffer_free(&out);
	return worst;
}
