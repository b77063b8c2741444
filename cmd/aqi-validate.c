/* aqi-validate: check records against a schema. */

#include <stdlib.h>

#include "air/base_record.h"
#include "air/quality.h"
#include "air/schema.h"
#include "air/summary.h"
#include "cli/cli.h"

enum {
	KEY_FLAG = 0x200,
	KEY_PRINT_SCHEMA,
	KEY_SCHEMA,
	KEY_SUMMARY
};

enum summary { NO_SUMMARY, TEXT_SUMMARY, JSON_SUMMARY };

struct options {
	struct aqi_cli cli;
	const char *schema;
	bool flag;
	bool print_schema;
	enum summary summary;
};

static const struct argp_option options[] = {
	{"flag", KEY_FLAG, 0, 0,
	 "write all records, with columns valid and reasons added", 0},
	{"print-schema", KEY_PRINT_SCHEMA, 0, 0,
	 "print the schema and exit", 0},
	{"schema", KEY_SCHEMA, "NAME|FILE", 0,
	 "check against this schema: api, observed, or a file (api)", 0},
	{"summary", KEY_SUMMARY, "text|json", OPTION_ARG_OPTIONAL,
	 "write a summary of each field instead of the records", 0},
	{0}
};

static enum summary
summary_form(const struct aqi_cli *cli, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];

	if (!text || strcmp(text, "text") == 0)
		return TEXT_SUMMARY;
	if (strcmp(text, "json") != 0)
		aqi_cli_usage(cli, "--summary takes text or json, not %s",
			      aqi_error_quote(quoted, aqi_slice_of(text)));
	return JSON_SUMMARY;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case KEY_FLAG:
		o->flag = true;
		return 0;
	case KEY_PRINT_SCHEMA:
		o->print_schema = true;
		return 0;
	case KEY_SCHEMA:
		o->schema = aqi_cli_name(&o->cli, "--schema", arg);
		return 0;
	case KEY_SUMMARY:
		o->summary = summary_form(&o->cli, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[FILE...]",
	.doc = "Check records against a schema and pass the good ones on.",
	.children = (const struct argp_child[]){
		{&aqi_cli_stream_argp, 0, 0, 1}, {0}
	},
};

/* The run, and what is left to write when the records are not. */
static int
check_records(struct options *o, struct aqi_quality *quality)
{
	const struct aqi_step step = aqi_quality_step(quality);
	struct aqi_buffer text = {0};
	struct aqi_error err;
	int status, write_status;

	o->cli.hides_records = o->summary != NO_SUMMARY;
	status = aqi_cli_run(&o->cli, &step, 1);
	if (o->summary == NO_SUMMARY || status > 1)
		return status;
	aqi_summary_print(aqi_quality_summary(quality), &o->cli.counts,
			  o->schema, o->summary == JSON_SUMMARY, &text);
	if (text.failed) {
		aqi_error_memory(&err);
		write_status = aqi_cli_fail(&o->cli, &err);
	} else {
		write_status = aqi_cli_write(&o->cli, text.data, text.size);
	}
	aqi_buffer_free(&text);
	return write_status ? write_status : status;
}

static int
validate(struct options *o)
{
	const struct aqi_quality_options check = {
		.flags = o->flag, .sums = o->summary != NO_SUMMARY
	};
	struct aqi_error err;
	struct aqi_schema *schema = aqi_schema_load(o->schema, &err);
	struct aqi_quality *quality = NULL;
	int status;

	if (!schema)
		return aqi_cli_fail(&o->cli, &err);
	aqi_cli_add_part(&o->cli, "schema", schema->text);
	if (o->print_schema) {
		status = aqi_cli_write(&o->cli, schema->text.data,
				       schema->text.size);
	} else if ((quality = aqi_quality_new(schema, &check))) {
		status = check_records(o, quality);
	} else {
		aqi_error_memory(&err);
		status = aqi_cli_fail(&o->cli, &err);
	}
	aqi_quality_free(quality);
	aqi_schema_free(schema);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o = {.schema = "api"};
	int status;

	aqi_cli_init(&o.cli, "aqi-validate");
	o.cli.format.numbers = aqi_known_numbers(&o.cli.format.n_numbers);
	aqi_cli_parse(&o.cli, &argp, argc, argv, &o);
	if (o.flag && o.summary != NO_SUMMARY)
		aqi_cli_usage(&o.cli, "--flag writes records and --summary "
			      "none: choose one");
	status = validate(&o);
	aqi_cli_free(&o.cli);
	return status;
}
