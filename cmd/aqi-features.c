/* aqi-features: base records from the data of a source. */
#include <string.h>

#include "air/base_record.h"
#include "air/features.h"
#include "air/gather.h"
#include "air/guess.h"
#include "air/mapping.h"
#include "cli/cli.h"

struct options {
	struct aqi_cli cli;
	struct aqi_features_options features;
	uint64_t max_held;
	const char *from;	/* NULL: base */
	bool lists_sources, guesses;
};

enum {
	KEY_FROM = 0x200, KEY_GUESS, KEY_KEEP, KEY_LIST_SOURCES,
	KEY_MAX_HELD, KEY_STATION_NAME
};

static const struct argp_option options[] = {
	{"from", KEY_FROM, "NAME|FILE", 0,
	 "map the columns of this source, or as this file says (base)", 0},
	{"guess", KEY_GUESS, 0, 0,
	 "say for each file which source it looks like, and exit", 0},
	{"keep", KEY_KEEP, "COL,...|all", 0,
	 "keep these columns of the source behind a record", 0},
	{"list-sources", KEY_LIST_SOURCES, 0, 0,
	 "list the sources that --from knows by name, and exit", 0},
	{"max-held", KEY_MAX_HELD, "N", 0,
	 "hold at most N records that wait for more rows (1000000)", 0},
	{"station-name", KEY_STATION_NAME, "NAME", 0,
	 "name the station of records that name none", 0},
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
	case KEY_FROM:
		o->from = aqi_cli_name(&o->cli, "--from", arg);
		return 0;
	case KEY_GUESS:
		o->guesses = true;
		return 0;
	case KEY_KEEP:
		o->features.keeps_all = strcmp(arg, "all") == 0;
		o->features.n_keep = 0;
		if (!o->features.keeps_all)
			aqi_cli_list(&o->cli, "--keep", arg, &o->features.keep,
				     &o->features.n_keep);
		return 0;
	case KEY_LIST_SOURCES:
		o->lists_sources = true;
		return 0;
	case KEY_MAX_HELD:
		o->max_held = aqi_cli_count(&o->cli, "--max-held", arg, 1,
					    UINT32_MAX);
		return 0;
	case KEY_STATION_NAME:
		o->features.station_name = aqi_slice_of(arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[FILE...]",
	.doc = "Make base records of the data of an air-quality network.",
	.children = (const struct argp_child[]){
		{&aqi_cli_stream_argp, 0, 0, 1},
		{&aqi_cli_number_argp, 0, 0, 1},
		{0}
	},
};

/*
 * A line for each file. One that no source reads makes the status 1, one that
 * cannot be read is reported and the others go on.
 */
static int
guess_sources(struct options *o)
{
	struct aqi_cli *cli = &o->cli;
	struct aqi_guess guesses[AQI_GUESSES_MAX];
	struct aqi_buffer text = {0};
	struct aqi_error err;
	int status = 0, worst = 0;
	size_t n;

	if (cli->n_files == 0)
		aqi_cli_usage(cli, "--guess takes files: name some");
	if (o->from)
		aqi_cli_usage(cli, "--guess looks for the source that --from "
			      "names: drop --from to have it guessed, or "
			      "--guess to have the files converted");
	for (size_t i = 0; i < cli->n_files && !text.failed; i++) {
		if (aqi_guess_file(cli->files[i], &cli->format, guesses, &n,
				   &err) == AQI_OK) {
			aqi_guess_add_line(&text, cli->files[i], guesses, n);
			status = n == 0;
		} else if (err.code == AQI_E_MEMORY) {
			text.failed = true;
		} else {
			status = aqi_cli_fail(cli, &err);
		}
		worst = status > worst ? status : worst;
	}
	if (text.failed) {
		aqi_error_memory(&err);
		status = aqi_cli_fail(cli, &err);
	} else {
		status = aqi_cli_write(cli, text.data, text.size);
	}
	aqi_buffer_free(&text);
	return status > worst ? status : worst;
}

/* A record of each row. */
static int
convert_rows(struct options *o)
{
	struct aqi_features *features = aqi_features_new(&o->features);
	struct aqi_error err;
	struct aqi_step step;
	int status;

	if (!features) {
		aqi_error_memory(&err);
		return aqi_cli_fail(&o->cli, &err);
	}
	step = aqi_features_step(features);
	status = aqi_cli_run(&o->cli, &step, 1);
	aqi_features_free(features);
	return status;
}

/* A record of all rows of a station and time. */
static int
gather_rows(struct options *o)
{
	const struct aqi_gather_options of_gather = {
		.features = o->features,
		.format = &o->cli.format,
		.max_held = o->max_held,
	};
	struct aqi_gather *gather = aqi_gather_new(&of_gather);
	struct aqi_error err;
	struct aqi_step step;
	int status;

	if (!gather) {
		aqi_error_memory(&err);
		return aqi_cli_fail(&o->cli, &err);
	}
	o->cli.merges = true;
	step = aqi_gather_step(gather);
	status = aqi_cli_run(&o->cli, &step, 1);
	aqi_gather_free(gather);
	return status;
}

/*
 * A source has its columns by its own names, in each file: others do not count,
 * unless they are to be written.
 */
static void
set_format(struct options *o, const struct aqi_mapping *mapping)
{
	struct aqi_format *format = &o->cli.format;
	bool keeps_refused = o->cli.rejects && format->out != AQI_SYNTAX_NDJSON;

	aqi_mapping_set_format(mapping, format);
	format->binds_files = true;
	format->drops_extra = !o->features.keeps_all && !keeps_refused;
}

static int
make_records(struct options *o)
{
	struct aqi_mapping *mapping;
	struct aqi_error err;
	int status;

	mapping = aqi_mapping_load(o->from ? o->from : "base", &err);
	if (!mapping)
		return aqi_cli_fail(&o->cli, &err);
	set_format(o, mapping);
	aqi_cli_add_part(&o->cli, "mapping", (struct aqi_slice){
		(const char *)&mapping->sum, sizeof mapping->sum});
	o->features.mapping = mapping;
	o->features.decimals = o->cli.decimals;
	o->cli.converts = true;
	status = mapping->layout.kind == AQI_LAYOUT_WIDE ? convert_rows(o) :
							   gather_rows(o);
	aqi_mapping_free(mapping);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o = {.max_held = 1000000};
	int status;

	aqi_cli_init(&o.cli, "aqi-features");
	o.cli.decimals = 4;
	o.cli.format.numbers = aqi_known_numbers(&o.cli.format.n_numbers);
	aqi_cli_parse(&o.cli, &argp, argc, argv, &o);
	status = o.guesses ? guess_sources(&o) :
		 o.lists_sources ?
			 aqi_cli_write_list(&o.cli, aqi_mapping_list) :
			 make_records(&o);
	aqi_cli_free(&o.cli);
	return status;
}
