#include "cli/options.h"

#include <csv.h>
#include <gnu/libc-version.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/version.h"
#include "cli/cli.h"
#include "record/decoder.h"
#include "record/encoding.h"
#include "record/layout.h"

/* Options without a letter. */
enum {
	KEY_FIRST = 0x100,
	KEY_ALLOW_ABSENT = KEY_FIRST,
	KEY_ALLOW_REFUSED,
	KEY_CHECKPOINT,
	KEY_CHECKPOINT_EVERY,
	KEY_COLUMNS,
	KEY_DECIMAL_COMMA,
	KEY_DECIMALS,
	KEY_ENCODING,
	KEY_ERRORS,
	KEY_EXACT,
	KEY_HELP,
	KEY_INFER,
	KEY_KEEP_OLD,
	KEY_MAX_ERRORS,
	KEY_MAX_RECORD,
	KEY_NA,
	KEY_NO_HEADER,
	KEY_NO_PROGRESS,
	KEY_PROGRESS,
	KEY_REJECTS,
	KEY_REQUIRE_NEWLINE,
	KEY_SAFE_CSV,
	KEY_STATS,
	KEY_USAGE,
	KEY_VERSION
};

static const struct argp_option base_options[] = {
	{"errors", KEY_ERRORS, "text|json", 0,
	 "print messages as lines of text, or as a JSON object a line", 0},
	{"help", KEY_HELP, 0, 0, "print this help", -1},
	{"usage", KEY_USAGE, 0, 0, "print a short summary of the options", -1},
	{"version", KEY_VERSION, 0, 0,
	 "print the version and what is built in", -1},
	{0}
};

static const struct argp_option common_options[] = {
	{"output", 'o', "FILE", 0,
	 "write to FILE, all or nothing, instead of standard output", 0},
	{"output-format", 'O', "csv|ndjson", 0,
	 "write this format; unless told, that of the input, or CSV", 0},
	{"stats", KEY_STATS, 0, 0,
	 "print the counts of records to standard error at the end", 0},
	{0}
};

static const struct argp_option reading_options[] = {
	{"allow-absent", KEY_ALLOW_ABSENT, 0, 0,
	 "take a column that is not there as missing in each record", 0},
	{"allow-refused", KEY_ALLOW_REFUSED, "N|P%", 0,
	 "exit with 0 if at most N, or P percent, of the records are refused",
	 0},
	{"columns", KEY_COLUMNS, "NAME,...", 0,
	 "choose the columns, or name them with --no-header", 0},
	{"decimal-comma", KEY_DECIMAL_COMMA, 0, 0,
	 "read and write CSV numbers with a comma as decimal mark", 0},
	{"delimiter", 'd', "CHAR", 0,
	 "separate CSV fields by CHAR; 'tab' is a tab", 0},
	{"encoding", KEY_ENCODING, "NAME", 0,
	 "read text in this encoding, of those of iconv (UTF-8)", 0},
	{"input-format", 'I', "csv|ndjson", 0,
	 "read this format instead of recognising it by the first byte", 0},
	{"jobs", 'j', "N", 0,
	 "work with N threads on large input; unless told, one a processor", 0},
	{"max-errors", KEY_MAX_ERRORS, "N", 0,
	 "stop with status 1 at the N-th refused record", 0},
	{"max-record", KEY_MAX_RECORD, "BYTES", 0,
	 "refuse a record longer than BYTES (1048576)", 0},
	{"na", KEY_NA, "TOKEN,...", 0,
	 "take these texts as missing values (NA)", 0},
	{"no-header", KEY_NO_HEADER, 0, 0,
	 "read and write CSV without a header line; needs --columns", 0},
	{"no-progress", KEY_NO_PROGRESS, 0, 0,
	 "show no progress line, not even on a terminal", 0},
	{"progress", KEY_PROGRESS, 0, 0,
	 "show a progress line even where standard error is no terminal", 0},
	{"rejects", KEY_REJECTS, "FILE", 0,
	 "write refused records to FILE, with a column reason added", 0},
	{"require-newline", KEY_REQUIRE_NEWLINE, 0, 0,
	 "refuse a last record without its newline, which may be torn", 0},
	{0}
};

static const struct argp_option stream_options[] = {
	{"checkpoint", KEY_CHECKPOINT, "FILE", 0,
	 "note in FILE how far the run is, or go on from there", 0},
	{"checkpoint-every", KEY_CHECKPOINT_EVERY, "N", 0,
	 "note it after N records or more, instead of each two seconds", 0},
	{"infer", KEY_INFER, 0, 0,
	 "turn unknown CSV fields that look like numbers into JSON numbers", 0},
	{"keep-old", KEY_KEEP_OLD, 0, 0,
	 "keep a column that would be replaced, as NAME_in", 0},
	{"safe-csv", KEY_SAFE_CSV, 0, 0,
	 "write ' before CSV text that a spreadsheet takes for a formula", 0},
	{0}
};

static const struct argp_option number_options[] = {
	{"decimals", KEY_DECIMALS, "N", 0,
	 "write new numbers with N decimals", 0},
	{"exact", KEY_EXACT, 0, 0,
	 "write new numbers as the shortest text that reads back the same", 0},
	{0}
};

static char
delimiter(const struct aqi_cli *cli, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];

	if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
		return '\t';
	/* Numbers are written without quotes: none of theirs. */
	if (strlen(text) != 1 || strchr("\"\r\n+-", text[0]) ||
	    aqi_ascii_is_alnum(text[0]) || (unsigned char)text[0] >= 0x80)
		aqi_cli_usage(cli, "--delimiter takes one ASCII character, not "
			      "a letter, digit, sign, quote or line end, or "
			      "'tab'; not %s",
			      aqi_error_quote(quoted, aqi_slice_of(text)));
	return text[0];
}

static enum aqi_syntax
syntax(const struct aqi_cli *cli, const char *option, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];

	if (strcmp(text, "csv") == 0)
		return AQI_SYNTAX_CSV;
	if (strcmp(text, "ndjson") != 0)
		aqi_cli_usage(cli, "%s takes csv or ndjson, not %s", option,
			      aqi_error_quote(quoted, aqi_slice_of(text)));
	return AQI_SYNTAX_NDJSON;
}

static const char *
encoding(const struct aqi_cli *cli, const char *name)
{
	char quoted[AQI_QUOTED_SIZE];

	if (!aqi_encoding_is_known(name))
		aqi_cli_usage(cli, "--encoding takes a name that iconv knows, "
			      "such as latin1 or UTF-16 (iconv -l lists them), "
			      "not %s",
			      aqi_error_quote(quoted, aqi_slice_of(name)));
	return aqi_encoding_is_utf8(name) ? NULL : name;
}

static void
allow_refused(struct aqi_cli *cli, char *text)
{
	size_t n = strlen(text);

	if (n && text[n - 1] == '%') {
		text[n - 1] = '\0';
		cli->allowed_percent = aqi_cli_number(cli, "--allow-refused P%",
						      text, 0, 100);
	} else {
		cli->allowed_count = aqi_cli_count(cli, "--allow-refused",
						   text, 0, UINT64_MAX);
	}
}

static void
error_form(struct aqi_cli *cli, const char *text)
{
	char quoted[AQI_QUOTED_SIZE];

	cli->report.as_json = strcmp(text, "json") == 0;
	if (!cli->report.as_json && strcmp(text, "text") != 0)
		aqi_cli_usage(cli, "--errors takes text or json, not %s",
			      aqi_error_quote(quoted, aqi_slice_of(text)));
}

static void
print_version(const struct aqi_cli *cli)
{
	printf("%s %s\nlibcsv %d.%d.%d, jansson %s, glibc %s%s%s%s\n",
	       cli->report.program, AQI_VERSION, CSV_MAJOR, CSV_MINOR,
	       CSV_RELEASE, jansson_version_str(), gnu_get_libc_version(),
	       aqi_decoder_libraries(), cli->libcrypto ? ", libcrypto " : "",
	       cli->libcrypto ? cli->libcrypto : "");
}

/* Help is data when it is asked for: a full disk is an error there too. */
static void
exit_after_print(struct aqi_cli *cli)
{
	struct aqi_error err;

	if (!ferror(stdout) && fclose(stdout) == 0)
		exit(0);
	aqi_error_system(&err, errno, "cannot write");
	aqi_error_at(&err, "standard output", 0, 0);
	exit(aqi_cli_fail(cli, &err));
}

/* What stands first in the usage. argp does not change it. */
static void
print_help(const struct aqi_cli *cli, const struct argp_state *state,
	   unsigned flags)
{
	char name[64];

	snprintf(name, sizeof name, "%s%s%s", cli->report.program,
		 cli->command ? " " : "", cli->command ? cli->command : "");
	argp_help(state->root_argp, stdout, flags, name);
}

/* The long option most like a word, over a parser and its children. */
static const char *
near_option(const struct argp *argp, const char *word)
{
	struct aqi_slice name;
	const char *near;

	for (const struct argp_option *o = argp->options; o && (o->name ||
	     o->key || o->doc); o++) {
		if (!o->name)
			continue;
		name = aqi_slice_of(o->name);
		if (aqi_layout_near(&name, 1, aqi_slice_of(word)))
			return o->name;
	}
	for (const struct argp_child *c = argp->children; c && c->argp; c++)
		if ((near = near_option(c->argp, word)))
			return near;
	return NULL;
}

/* argp has met a word that it cannot use; say which, and what is like it. */
static void
unknown_option(const struct aqi_cli *cli, const struct argp_state *state)
{
	char quoted[AQI_QUOTED_SIZE], word[64];
	const char *text = state->argv[state->next > 1 ? state->next - 1 : 1];
	const char *near;
	size_t n;

	aqi_error_quote(quoted, aqi_slice_of(text));
	if (strncmp(text, "--", 2) != 0)
		aqi_cli_usage(cli, "%s is no option, or lacks its value; "
			      "see --help", quoted);
	n = strcspn(text + 2, "=");
	snprintf(word, sizeof word, "%.*s", (int)n, text + 2);
	near = near_option(state->root_argp, word);
	if (near && strcmp(near, word) != 0)
		aqi_cli_usage(cli, "%s is no option; did you mean --%s? "
			      "see --help", quoted, near);
	if (near)
		aqi_cli_usage(cli, "%s lacks its value, or takes none; "
			      "see --help", quoted);
	aqi_cli_usage(cli, "%s is no option, or short for several; see --help",
		      quoted);
}

static error_t
parse_base(int key, char *arg, struct argp_state *state)
{
	struct aqi_cli *cli = state->input;

	switch (key) {
	case KEY_ERRORS:
		error_form(cli, arg);
		return 0;
	case KEY_HELP:
		print_help(cli, state, ARGP_HELP_USAGE | ARGP_HELP_LONG |
			   ARGP_HELP_DOC);
		exit_after_print(cli);
		return 0;
	case KEY_USAGE:
		print_help(cli, state, ARGP_HELP_USAGE);
		exit_after_print(cli);
		return 0;
	case KEY_VERSION:
		print_version(cli);
		exit_after_print(cli);
		return 0;
	case ARGP_KEY_ERROR:
		unknown_option(cli, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp aqi_cli_base_argp = {
	.options = base_options,
	.parser = parse_base,
};

static error_t
parse_common(int key, char *arg, struct argp_state *state)
{
	struct aqi_cli *cli = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = cli;
		return 0;
	case 'O':
		cli->format.out = syntax(cli, "--output-format", arg);
		return 0;
	case 'o':
		cli->output = aqi_cli_name(cli, "--output", arg);
		return 0;
	case KEY_STATS:
		cli->stats = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp aqi_cli_common_argp = {
	.options = common_options,
	.parser = parse_common,
	.children = (const struct argp_child[]){
		{&aqi_cli_base_argp, 0, 0, 0}, {0}
	},
};

static error_t
parse_reading(int key, char *arg, struct argp_state *state)
{
	struct aqi_cli *cli = state->input;
	struct aqi_format *format = &cli->format;

	switch (key) {
	case 'd':
		format->delimiter = format->in_delimiter =
			delimiter(cli, arg);
		return 0;
	case 'I':
		format->in = syntax(cli, "--input-format", arg);
		return 0;
	case 'j':
		cli->n_jobs = (size_t)aqi_cli_count(cli, "--jobs", arg, 1,
						    AQI_CLI_MAX_JOBS);
		return 0;
	case KEY_ALLOW_ABSENT:
		format->allow_absent = true;
		return 0;
	case KEY_ALLOW_REFUSED:
		allow_refused(cli, arg);
		return 0;
	case KEY_COLUMNS:
		aqi_cli_list(cli, "--columns", arg, &format->columns,
			     &format->n_columns);
		return 0;
	case KEY_DECIMAL_COMMA:
		format->decimal_mark = format->in_decimal_mark = ',';
		return 0;
	case KEY_ENCODING:
		format->encoding = encoding(cli, arg);
		format->has_encoding = true;
		return 0;
	case KEY_MAX_ERRORS:
		cli->max_errors = aqi_cli_count(cli, "--max-errors", arg, 1,
						UINT64_MAX);
		return 0;
	case KEY_MAX_RECORD:
		format->max_record = aqi_cli_count(cli, "--max-record", arg, 1,
						   (uint64_t)1 << 30);
		return 0;
	case KEY_NA:
		aqi_cli_list(cli, "--na", arg, &format->missing,
			     &format->n_missing);
		return 0;
	case KEY_NO_HEADER:
		format->no_header = true;
		return 0;
	case KEY_NO_PROGRESS:
		cli->report.shows_progress = false;
		return 0;
	case KEY_PROGRESS:
		cli->report.shows_progress = true;
		return 0;
	case KEY_REJECTS:
		cli->rejects = aqi_cli_name(cli, "--rejects", arg);
		return 0;
	case KEY_REQUIRE_NEWLINE:
		format->require_newline = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp aqi_cli_reading_argp = {
	.options = reading_options,
	.parser = parse_reading,
};

static error_t
parse_stream(int key, char *arg, struct argp_state *state)
{
	struct aqi_cli *cli = state->input;
	struct aqi_format *format = &cli->format;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = cli;
		state->child_inputs[1] = cli;
		return 0;
	case KEY_CHECKPOINT:
		cli->checkpoint = aqi_cli_name(cli, "--checkpoint", arg);
		return 0;
	case KEY_CHECKPOINT_EVERY:
		cli->checkpoint_every = aqi_cli_count(cli,
			"--checkpoint-every", arg, 1, UINT64_MAX);
		return 0;
	case KEY_INFER:
		format->infer = true;
		return 0;
	case KEY_KEEP_OLD:
		format->keep_old = true;
		return 0;
	case KEY_SAFE_CSV:
		format->safe_csv = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp aqi_cli_stream_argp = {
	.options = stream_options,
	.parser = parse_stream,
	.children = (const struct argp_child[]){
		{&aqi_cli_common_argp, 0, 0, 0},
		{&aqi_cli_reading_argp, 0, 0, 0}, {0}
	},
};

static error_t
parse_number(int key, char *arg, struct argp_state *state)
{
	struct aqi_cli *cli = state->input;

	switch (key) {
	case KEY_DECIMALS:
		cli->decimals = (int)aqi_cli_count(cli, "--decimals", arg, 0,
						   17);
		return 0;
	case KEY_EXACT:
		cli->decimals = AQI_SHORTEST;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp aqi_cli_number_argp = {
	.options = number_options,
	.parser = parse_number,
};
