/* aqi-loadgen: made-up records, good and bad ones, and requests of them. */
#include <string.h>

#include "air/synth.h"
#include "base/buffer.h"
#include "base/duration.h"
#include "cli/cli.h"
#include "loadgen_target.h"
#include "record/sink.h"

static const char *const profiles[] = {
	[AQI_SYNTH_UNIFORM] = "uniform",
	[AQI_SYNTH_REALISTIC] = "realistic",
};

struct options {
	struct aqi_cli cli;
	struct aqi_synth_options synth;
	uint64_t n;		/* 0: without end */
	bool no_header;
	bool has_n;
	const char *realistic;	/* an option that only this profile has */
	const char *of_records;	/* an option that is not for requests */
	struct loadgen_target target;
};

enum {
	KEY_INVALID = 0x200, KEY_LABEL, KEY_NO_HEADER, KEY_PROFILE, KEY_SEED,
	KEY_START, KEY_STATIONS
};

static const struct argp_option options[] = {
	{"count", 'n', "N", 0,
	 "write N records (10), or send N requests; 0: without end", 0},
	{"invalid", KEY_INVALID, "SHARE|P%", 0,
	 "replace a share of the records by edge cases and invalid ones", 0},
	{"label", KEY_LABEL, 0, 0,
	 "begin each record with what to expect of it, and its fault", 0},
	{"no-header", KEY_NO_HEADER, 0, 0, "write CSV without a header line",
	 0},
	{"profile", KEY_PROFILE, "uniform|realistic", 0,
	 "choose how records are made up (uniform)", 0},
	{"seed", KEY_SEED, "N", 0,
	 "make other records with another seed (1)", 0},
	{"start", KEY_START, "TIME", 0,
	 "begin realistic records at TIME (2024-01-01T00:00+00:00)", 0},
	{"stations", KEY_STATIONS, "N", 0,
	 "make realistic records of N stations (5)", 0},
	{0}
};

static enum aqi_synth_profile
read_profile(const struct aqi_cli *cli, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];

	for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
		if (strcmp(text, profiles[i]) == 0)
			return (enum aqi_synth_profile)i;
	aqi_cli_usage(cli, "--profile takes uniform or realistic, not %s",
		      aqi_error_quote(quoted, aqi_slice_of(text)));
}

static double
read_share(const struct aqi_cli *cli, char *text)
{
	size_t n = strlen(text);

	if (n == 0 || text[n - 1] != '%')
		return aqi_cli_number(cli, "--invalid SHARE", text, 0, 1);
	text[n - 1] = '\0';
	return aqi_cli_number(cli, "--invalid P%", text, 0, 100) / 100;
}

static void
read_start(struct options *o, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];

	if (!aqi_time_read(aqi_slice_of(text), &o->synth.start))
		aqi_cli_usage(&o->cli, "--start takes a time such as "
			      "2024-01-01T00:00+00:00, not %s",
			      aqi_error_quote(quoted, aqi_slice_of(text)));
	o->realistic = "--start";
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		state->child_inputs[1] = &o->target;
		return 0;
	case 'n':
		o->n = aqi_cli_count(&o->cli, "-n", arg, 0, UINT64_MAX);
		o->has_n = true;
		return 0;
	case KEY_INVALID:
		o->synth.invalid = read_share(&o->cli, arg);
		return 0;
	case KEY_LABEL:
		o->synth.label = true;
		o->of_records = "--label";
		return 0;
	case KEY_NO_HEADER:
		o->no_header = true;
		o->of_records = "--no-header";
		return 0;
	case KEY_PROFILE:
		o->synth.profile = read_profile(&o->cli, arg);
		return 0;
	case KEY_SEED:
		o->synth.seed = aqi_cli_count(&o->cli, "--seed", arg, 0,
					      UINT64_MAX);
		return 0;
	case KEY_START:
		read_start(o, arg);
		return 0;
	case KEY_STATIONS:
		o->synth.n_stations = aqi_cli_count(&o->cli, "--stations", arg,
						    1, AQI_SYNTH_MAX_STATIONS);
		o->realistic = "--stations";
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "",
	.doc = "Write made-up records of air quality and weather, or send "
	       "requests with them to a prediction API and measure it.",
	.children = (const struct argp_child[]){
		{&aqi_cli_common_argp, 0, 0, 1},
		{&loadgen_target_argp, 0, 0, 0},
		{0}
	},
};

/* What the options say together. */
static void
check_options(struct options *o)
{
	const struct aqi_cli *cli = &o->cli;

	if (cli->n_files > 0)
		aqi_cli_usage(cli, "no file is read; -o writes to one");
	if (o->realistic && o->synth.profile != AQI_SYNTH_REALISTIC)
		aqi_cli_usage(cli, "%s is for --profile realistic",
			      o->realistic);
	o->target.n_requests = o->has_n ? o->n : 0;
	loadgen_target_check(&o->target);
	if (o->target.target) {
		if (cli->format.out != AQI_SYNTAX_AUTO)
			o->of_records = "--output-format";
		if (cli->stats)
			o->of_records = "--stats";
		if (o->of_records)
			aqi_cli_usage(cli, "%s is for records, and does not go "
				      "with --target", o->of_records);
		return;
	}
	if (o->n == 0 && cli->output && strcmp(cli->output, "-") != 0)
		aqi_cli_usage(cli, "-n 0 has no end, but a file must have one "
			      "before it takes its name");
	if (cli->format.out != AQI_SYNTAX_AUTO)
		o->synth.syntax = cli->format.out;
}

/* Records are made and written so many at a time: some 16 KiB of text. */
#define BLOCK 256

static enum aqi_status
write_block(struct aqi_sink *sink, const struct aqi_buffer *text,
	    const size_t *ends, size_t n, struct aqi_counts *counts,
	    struct aqi_error *err)
{
	enum aqi_status status;
	size_t written = 0;

	if (text->failed)
		return aqi_error_memory(err);
	status = aqi_sink_write(sink, text->data, text->size, ends, n,
				&written, err);
	if (status == AQI_OK)
		written = n;
	counts->read += written;
	counts->written += written;
	return status;
}

static enum aqi_status
write_records(struct options *o, struct aqi_synth *synth,
	      struct aqi_sink *sink, struct aqi_error *err)
{
	struct aqi_buffer text = {0};
	struct aqi_counts *counts = &o->cli.counts;
	enum aqi_status status = AQI_OK;
	size_t ends[BLOCK], n;

	if (!o->no_header)
		aqi_synth_header(synth, &text);
	while (status == AQI_OK && (o->n == 0 || counts->written < o->n)) {
		n = BLOCK;
		if (o->n != 0 && o->n - counts->written < n)
			n = o->n - counts->written;
		aqi_synth_next(synth, n, &text, ends);
		status = write_block(sink, &text, ends, n, counts, err);
		aqi_buffer_clear(&text);
	}
	aqi_buffer_free(&text);
	return status;
}

static int
generate(struct options *o, struct aqi_synth *synth)
{
	struct aqi_error err;
	struct aqi_sink *sink = aqi_cli_open(o->cli.output, &err);
	bool whole;

	if (!sink)
		return aqi_cli_fail(&o->cli, &err);
	whole = write_records(o, synth, sink, &err) == AQI_OK;
	/* To give up cannot fail, and leaves the reason as it is. */
	if (aqi_cli_close(sink, whole, &err) != AQI_OK || !whole)
		return aqi_cli_fail(&o->cli, &err);
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = {
		.synth = {
			.seed = 1,
			.syntax = AQI_SYNTAX_CSV,
			.n_stations = 5,
			.start = {.year = 2024, .month = 1, .day = 1,
				  .has_offset = true},
		},
		.n = 10,
		.target = {
			.cli = &o.cli, .synth = &o.synth, .batch_size = 10,
			.timeout_ns = 10 * AQI_SECOND_NS,
		},
	};
	struct aqi_synth *synth;
	struct aqi_error err;
	int exit_status;

	aqi_cli_init(&o.cli, "aqi-loadgen");
	aqi_cli_parse(&o.cli, &argp, argc, argv, &o);
	check_options(&o);
	if (o.target.target)
		return loadgen_target_run(&o.target);
	synth = aqi_synth_new(&o.synth, &err);
	if (!synth)
		return aqi_cli_fail(&o.cli, &err);
	exit_status = generate(&o, synth);
	aqi_synth_free(synth);
	if (o.cli.stats)
		aqi_report_stats(&o.cli.report, &o.cli.counts, false, false,
				 false);
	return exit_status;
}
