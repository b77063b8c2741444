#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sum.h"
#include "record/csv.h"
#include "record/number.h"

void
aqi_cli_usage(const struct aqi_cli *cli, const char *format, ...)
{
	struct aqi_report report = cli->report;
	struct aqi_error err = {.code = AQI_E_USAGE};
	va_list ap;

	va_start(ap, format);
	vsnprintf(err.reason, sizeof err.reason, format, ap);
	va_end(ap);
	aqi_report_error(&report, &err);
	exit(aqi_error_exit_status(err.code));
}

/*
 * A closed standard descriptor would be handed to the next file opened, and
 * data would end up in it. Open it the wrong way round instead: reading from
 * or writing to it then fails, and is reported, as it should.
 */
static void
open_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			if (open("/dev/null", fd == STDIN_FILENO ?
					 O_WRONLY : O_RDONLY) != fd)
				_exit(4);
}

void
aqi_cli_init(struct aqi_cli *cli, const char *program)
{
	static const struct aqi_slice not_available[] = {{"NA", 2}};

	open_standard_descriptors();
	/* Options are found behind file names too, whatever the environment. */
	unsetenv("POSIXLY_CORRECT");
	unsetenv("ARGP_HELP_FMT");
	/* Too large a file is an error of write(2), like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	*cli = (struct aqi_cli){
		.format = {
			.delimiter = ',',
			.decimal_mark = '.',
			.max_record = AQI_MAX_RECORD,
			.missing = not_available,
			.n_missing = 1,
		},
		.report = {
			.program = program,
			.is_terminal = isatty(STDERR_FILENO) == 1,
		},
		.decimals = 2,
	};
	cli->report.shows_progress = cli->report.is_terminal;
}

/* A variable that is not set makes an empty word: no name was meant. */
const char *
aqi_cli_name(const struct aqi_cli *cli, const char *option, const char *text)
{
	if (!text[0])
		aqi_cli_usage(cli, "%s takes a name, and an empty one was "
			      "given", option);
	return text;
}

uint64_t
aqi_cli_count(const struct aqi_cli *cli, const char *option, const char *text,
	      uint64_t least, uint64_t most)
{
	char quoted[AQI_QUOTED_SIZE], *end;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || n < least ||
	    n > most)
		aqi_cli_usage(cli, "%s takes a whole number from %llu to %llu, "
			      "not %s", option, (unsigned long long)least,
			      (unsigned long long)most,
			      aqi_error_quote(quoted, aqi_slice_of(text)));
	return n;
}

double
aqi_cli_number(const struct aqi_cli *cli, const char *option, const char *text,
	       double least, double most)
{
	char quoted[AQI_QUOTED_SIZE];
	double x;

	if (aqi_number_to_double(aqi_slice_of(text), '.', &x) !=
		    AQI_NUMBER_OK || x < least || x > most)
		aqi_cli_usage(cli, "%s takes a number from %g to %g, not %s",
			      option, least, most,
			      aqi_error_quote(quoted, aqi_slice_of(text)));
	return x;
}

uint64_t
aqi_cli_ms(const struct aqi_cli *cli, const char *option, const char *text,
	   uint64_t least)
{
	char name[40];
	double seconds;

	snprintf(name, sizeof name, "%s SECONDS", option);
	seconds = aqi_cli_number(cli, name, text, (double)least / 1000, 86400);
	/* 0.001 may be a little less than that. */
	return (uint64_t)(seconds * 1000 + 0.5);
}

/* Memory has its own exit status, wherever it runs out. */
static void
out_of_memory(struct aqi_cli *cli)
{
	struct aqi_error err;

	aqi_error_memory(&err);
	exit(aqi_cli_fail(cli, &err));
}

static void
check_list(const struct aqi_cli *cli, const char *option,
	   const struct aqi_slice *items, size_t n)
{
	char quoted[AQI_QUOTED_SIZE];

	if (n > AQI_MAX_COLUMNS)
		aqi_cli_usage(cli, "%s has %zu names; the limit is %d", option,
			      n, AQI_MAX_COLUMNS);
	for (size_t i = 0; i < n; i++) {
		if (items[i].size == 0)
			aqi_cli_usage(cli, "%s has an empty name at place "
				      "%zu; leave it out, with its comma",
				      option, i + 1);
		for (size_t k = 0; k < i; k++)
			if (aqi_slice_equal(items[i], items[k]))
				aqi_cli_usage(cli, "%s has %s twice; "
					      "name it once", option,
					      aqi_error_quote(quoted,
							      items[i]));
	}
}

void
aqi_cli_list(struct aqi_cli *cli, const char *option, const char *text,
	     const struct aqi_slice **items, size_t *n)
{
	struct aqi_csv *csv = aqi_csv_new(',');
	struct aqi_slice *copy;
	struct aqi_error err;
	enum aqi_status status = AQI_FATAL;

	if (csv)
		status = aqi_csv_parse(csv, aqi_slice_of(text), &cli->lists,
				       items, n, &err);
	if (status == AQI_FATAL)
		out_of_memory(cli);
	if (status == AQI_REJECT)
		aqi_cli_usage(cli, "%s takes names separated by commas: %s",
			      option, err.reason);
	copy = aqi_arena_array(&cli->lists, *n, sizeof *copy);
	if (!copy)
		out_of_memory(cli);
	memcpy(copy, *items, *n * sizeof *copy);
	aqi_csv_free(csv);
	check_list(cli, option, copy, *n);
	*items = copy;
}

void
aqi_cli_add_part(struct aqi_cli *cli, const char *name, struct aqi_slice bytes)
{
	if (cli->checkpoint && cli->n_parts < AQI_CLI_PARTS)
		cli->parts[cli->n_parts++] = (struct aqi_checkpoint_part){
			aqi_slice_of(name), aqi_sum(AQI_SUM_START, bytes)};
}

void
aqi_cli_free(struct aqi_cli *cli)
{
	aqi_arena_free(&cli->lists);
}

void
aqi_cli_parse(struct aqi_cli *cli, const struct argp *argp, int argc,
	      char **argv, void *input)
{
	int first, failed;

	/* argp's own messages are of two lines; the ones here are of one. */
	failed = argp_parse(argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP,
			    &first, input);
	if (failed == ENOMEM)
		out_of_memory(cli);
	if (failed)
		aqi_cli_usage(cli, "the command line cannot be read; "
			      "see --help");
	cli->files = (const char *const *)argv + first;
	cli->n_files = (size_t)(argc - first);
	cli->words = (const char *const *)argv + 1;
	cli->n_words = (size_t)(first > 1 ? first - 1 : 0);
	if (cli->n_words && strcmp(argv[first - 1], "--") == 0)
		cli->n_words--;
	if (cli->format.delimiter == cli->format.decimal_mark)
		aqi_cli_usage(cli, "the delimiter and the decimal mark are "
			      "both '%c'; choose a delimiter with -d",
			      cli->format.delimiter);
	if (cli->format.no_header && !cli->format.columns)
		aqi_cli_usage(cli, "--no-header needs the names of the "
			      "columns: --columns NAME,...");
}
