/*
 * cli.h: what all programs have in common: options, messages, exit status.
 *
 * A program's main reads as: options, load, wire, run. Its argp has the shared
 * options (cli/options.h) as children, to whose input it points in
 * ARGP_KEY_INIT. This layer alone prints and exits.
 */
#ifndef AQI_CLI_CLI_H
#define AQI_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cli/options.h"
#include "cli/report.h"
#include "record/checkpoint.h"
#include "record/format.h"
#include "record/pipe.h"
#include "record/step.h"

/* More threads than processors gain nothing, and each takes some MB. */
#define AQI_CLI_MAX_JOBS 1024

/* At most so many parts that a program loads: a model and a schema. */
#define AQI_CLI_PARTS 4

/* Plain data, filled by aqi_cli_init and the options. */
struct aqi_cli {
	struct aqi_format format;
	struct aqi_report report;
	const char *const *files;	/* (n_files,) in order; none: stdin */
	size_t n_files;
	const char *const *words;	/* (n_words,) of the options */
	size_t n_words;
	const char *checkpoint;		/* file; NULL: none */
	uint64_t checkpoint_every;	/* records; 0: by the clock */
	struct aqi_checkpoint_part parts[AQI_CLI_PARTS];	/* (n_parts,) */
	size_t n_parts;
	const char *output;		/* -o; NULL: standard output */
	const char *rejects;		/* for refused records; NULL: none */
	uint64_t max_errors;		/* 0: no limit */
	size_t n_jobs;			/* threads; 0: one a processor */
	uint64_t allowed_count;		/* --allow-refused N */
	double allowed_percent;		/* --allow-refused P% */
	int decimals;			/* of new numbers, or AQI_SHORTEST */
	const char *libcrypto;		/* its version; NULL: not used */
	const char *command;		/* for --help, of a program that has
					 * some; NULL: of the program */
	bool stats;
	bool hides_records;		/* not written: a summary is */
	bool merges;			/* the count of merged applies */
	bool predicts;			/* the count of unpredicted applies */
	bool converts;			/* the count of blanked applies */
	struct aqi_counts counts;	/* of the run, when it is over */
	struct aqi_arena lists;		/* what comma lists became */
};

/*
 * Ready for the options: defaults, the program's name, standard descriptors
 * that are open. Call first thing in main.
 */
void aqi_cli_init(struct aqi_cli *cli, const char *program);

/*
 * Read the command line. Prints help or version and exits 0, or says in one
 * line what is wrong and exits 2.
 */
void aqi_cli_parse(struct aqi_cli *cli, const struct argp *argp, int argc,
		   char **argv, void *input);

/* Say what is wrong on the command line, and exit 2. */
void aqi_cli_usage(const struct aqi_cli *cli, const char *format, ...)
	AQI_PRINTF(2, 3) __attribute__((noreturn));

/* Option values; each ends the program with a clause when it is none. */
const char *aqi_cli_name(const struct aqi_cli *cli, const char *option,
			 const char *text);
uint64_t aqi_cli_count(const struct aqi_cli *cli, const char *option,
		       const char *text, uint64_t least, uint64_t most);
double aqi_cli_number(const struct aqi_cli *cli, const char *option,
		      const char *text, double least, double most);

/* Seconds, with a fraction or not, up to a day; in milliseconds. */
uint64_t aqi_cli_ms(const struct aqi_cli *cli, const char *option,
		    const char *text, uint64_t least);

/*
 * Split a comma list in CSV's own quoting. *items, out, is (*n,), borrowed
 * from cli; an empty name and one that stands twice are refused.
 */
void aqi_cli_list(struct aqi_cli *cli, const char *option,
		  const char *text, const struct aqi_slice **items, size_t *n);

/*
 * Name what was loaded for the run and its bytes, so that a checkpoint of a run
 * with other ones is known. name is borrowed. Call it behind aqi_cli_parse.
 */
void aqi_cli_add_part(struct aqi_cli *cli, const char *name,
		      struct aqi_slice bytes);

/* Report an error and give its exit status, for failures before a run. */
int aqi_cli_fail(struct aqi_cli *cli, const struct aqi_error *err);

/*
 * Run the records through the steps: open, run, report, close. Returns the
 * exit status. Free nothing that the steps need before.
 */
int aqi_cli_run(struct aqi_cli *cli, const struct aqi_step *steps,
		size_t n_steps);

/* Give up what the options took. */
void aqi_cli_free(struct aqi_cli *cli);

/*
 * Open a file to write to, NULL for standard output, whose temporary a signal
 * removes; two at a time. aqi_cli_close makes it final, or gives it up.
 */
struct aqi_sink *aqi_cli_open(const char *path, struct aqi_error *err);
enum aqi_status aqi_cli_close(struct aqi_sink *sink, bool commit,
			      struct aqi_error *err) AQI_MUST_CHECK;

/* Have signals remove the temporaries from now on, as aqi_cli_open does: for
 * who lays a handler of its own before this one. */
void aqi_cli_watch_signals(void);

/*
 * Write a text to the output of the run (-o, or standard output) as one whole;
 * returns the exit status.
 */
int aqi_cli_write(struct aqi_cli *cli, const char *text, size_t size);

/* The same of a list that a noun adds to a text, or its error. */
struct aqi_buffer;
typedef enum aqi_status aqi_cli_list_fn(struct aqi_buffer *text,
					struct aqi_error *err);
int aqi_cli_write_list(struct aqi_cli *cli, aqi_cli_list_fn *list);

#endif
