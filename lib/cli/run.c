#include <stdlib.h>

#include "base/pool.h"
#include "cli/cli.h"
#include "cli/guard.h"
#include "cli/resume.h"

int
aqi_cli_fail(struct aqi_cli *cli, const struct aqi_error *err)
{
	aqi_report_error(&cli->report, err);
	return aqi_error_exit_status(err->code);
}

static void
refused(void *self, const struct aqi_error *why)
{
	struct aqi_cli *cli = self;

	aqi_report_refused(&cli->report, why);
}

static void
progress(void *self, const struct aqi_counts *counts, uint64_t bytes_read,
	 uint64_t bytes_total)
{
	struct aqi_cli *cli = self;

	aqi_report_progress(&cli->report, counts, bytes_read, bytes_total);
}

static bool
too_many_refused(const struct aqi_cli *cli)
{
	const struct aqi_counts *counts = &cli->counts;

	if (counts->refused <= cli->allowed_count)
		return false;
	return (double)counts->refused * 100 >
	       cli->allowed_percent * (double)counts->read;
}

/* A file that grows by what is made of it would never be read to its end. */
static bool
check_append(const struct aqi_cli *cli, const struct aqi_sink *sink,
	     struct aqi_error *err)
{
	for (size_t i = 0; sink && i < cli->n_files + !cli->n_files; i++) {
		const char *file = cli->n_files ? cli->files[i] : "-";

		if (!aqi_sink_appends_to(sink, file))
			continue;
		aqi_error_set(err, AQI_E_USAGE, "this input is what is written "
			      "to as well; -o replaces it at the end");
		aqi_error_at(err, file, 0, 0);
		return false;
	}
	return true;
}

/* Run a pipe whose parts are open; the exit status without the closing. */
static int
run_pipe(struct aqi_resume *resume, struct aqi_pipe *pipe, bool *commit)
{
	struct aqi_cli *cli = resume->cli;
	struct aqi_error err;
	enum aqi_status status = aqi_pipe_run(pipe, &err);

	cli->counts = pipe->counts;
	aqi_report_hidden(&cli->report);
	if (status == AQI_OK && !pipe->is_stopped)
		status = aqi_resume_complete(resume, pipe, &err);
	*commit = status == AQI_OK && !pipe->is_stopped;
	if (status != AQI_OK)
		return aqi_cli_fail(cli, &err);
	if (pipe->is_stopped) {
		aqi_error_set(&err, AQI_E_DATA, "stopped at refused record "
			      "%llu (--max-errors)",
			      (unsigned long long)pipe->counts.refused);
		return aqi_cli_fail(cli, &err);
	}
	return too_many_refused(cli) ? 1 : 0;
}

/* An input may be replaced by its good records, but not by its bad ones. */
static bool
check_rejects(const struct aqi_cli *cli, const struct aqi_sink *rejects,
	      struct aqi_error *err)
{
	for (size_t i = 0; rejects && i < cli->n_files; i++) {
		if (!aqi_sink_replaces(rejects, cli->files[i]))
			continue;
		aqi_error_set(err, AQI_E_USAGE, "--rejects would replace this "
			      "input; give it a file of its own");
		aqi_error_at(err, cli->files[i], 0, 0);
		return false;
	}
	return true;
}

/* Where an output goes: to a file that a later run finds, if it is to. */
static struct aqi_sink *
open_output(const struct aqi_resume *resume, const char *path,
	    const struct aqi_mark *mark, struct aqi_error *err)
{
	if (!resume->cli->checkpoint)
		return aqi_cli_open(path, err);
	aqi_cli_watch_signals();
	return aqi_sink_open_partial(path, aqi_resume_mark(resume, mark),
				     &aqi_guard, err);
}

/* What was opened before a failure stays, to be closed. */
static bool
open_outputs(const struct aqi_resume *resume, struct aqi_pipe *pipe,
	     struct aqi_error *err)
{
	const struct aqi_cli *cli = resume->cli;

	if (!cli->hides_records &&
	    !(pipe->out = open_output(resume, cli->output, &resume->old.out,
				      err)))
		return false;
	if (cli->rejects &&
	    !(pipe->rejects = open_output(resume, cli->rejects,
					  &resume->old.rejects, err)))
		return false;
	if (pipe->out && pipe->rejects &&
	    aqi_sink_is_same(pipe->out, pipe->rejects)) {
		aqi_error_set(err, AQI_E_USAGE, "--output and --rejects are "
			      "one file; give each a file of its own");
		return false;
	}
	return check_rejects(cli, pipe->rejects, err) &&
	       check_append(cli, pipe->out, err) &&
	       check_append(cli, pipe->rejects, err);
}

/* Close both, and say what fails; *commit is false then. */
static int
close_outputs(struct aqi_cli *cli, struct aqi_sink *out,
	      struct aqi_sink *rejects, bool *commit, int exit_status)
{
	struct aqi_error err;

	if (aqi_cli_close(rejects, *commit, &err) != AQI_OK) {
		exit_status = aqi_cli_fail(cli, &err);
		*commit = false;
	}
	if (aqi_cli_close(out, *commit, &err) != AQI_OK) {
		exit_status = aqi_cli_fail(cli, &err);
		*commit = false;
	}
	return exit_status;
}

/* An earlier run came to its end, but not to that of naming its outputs. */
static int
finish_earlier(struct aqi_resume *resume)
{
	struct aqi_cli *cli = resume->cli;
	struct aqi_sink *out, *rejects = NULL;
	struct aqi_error err;
	bool is_done, commit = true;
	int exit_status;

	cli->counts = resume->old.counts;
	out = aqi_resume_open_complete(cli->output, &resume->old.out, &is_done,
				       &err);
	if (!out && !is_done)
		return aqi_cli_fail(cli, &err);
	if (cli->rejects)
		rejects = aqi_resume_open_complete(cli->rejects,
						   &resume->old.rejects,
						   &is_done, &err);
	if (cli->rejects && !rejects && !is_done) {
		aqi_sink_discard(out);
		return aqi_cli_fail(cli, &err);
	}
	exit_status = close_outputs(cli, out, rejects, &commit,
				    too_many_refused(cli) ? 1 : 0);
	if (commit)
		aqi_resume_end(resume);
	return exit_status;
}

/* Open, run, close. */
static int
run_anew(struct aqi_resume *resume, struct aqi_pipe *pipe)
{
	struct aqi_cli *cli = resume->cli;
	struct aqi_error err;
	bool commit = false;
	int exit_status;

	pipe->reader = aqi_reader_new(cli->files, cli->n_files, &cli->format);
	if (!pipe->reader) {
		aqi_error_memory(&err);
		return aqi_cli_fail(cli, &err);
	}
	if (open_outputs(resume, pipe, &err) &&
	    aqi_resume_begin(resume, pipe, &err) == AQI_OK)
		exit_status = run_pipe(resume, pipe, &commit);
	else
		exit_status = aqi_cli_fail(cli, &err);
	exit_status = close_outputs(cli, pipe->out, pipe->rejects, &commit,
				    exit_status);
	if (commit)
		aqi_resume_end(resume);
	aqi_reader_free(pipe->reader);
	return exit_status;
}

int
aqi_cli_run(struct aqi_cli *cli, const struct aqi_step *steps, size_t n_steps)
{
	struct aqi_resume resume = {0};
	struct aqi_error err;
	struct aqi_pipe pipe = {
		.format = &cli->format,
		.steps = steps,
		.n_steps = n_steps,
		.max_refused = cli->max_errors,
		.n_threads = cli->n_jobs ? cli->n_jobs : aqi_pool_processors(),
		.watcher = {cli, refused, progress},
	};
	int exit_status;

	if (aqi_resume_load(&resume, cli, steps, n_steps, &err) != AQI_OK) {
		exit_status = aqi_cli_fail(cli, &err);
		goto free_resume;
	}
	exit_status = resume.is_found && resume.old.is_complete ?
			      finish_earlier(&resume) :
			      run_anew(&resume, &pipe);
	if (cli->stats)
		aqi_report_stats(&cli->report, &cli->counts, cli->merges,
				 cli->predicts, cli->converts);
	aqi_report_clear(&cli->report);
free_resume:
	aqi_resume_free(&resume);
	return exit_status;
}

int
aqi_cli_write(struct aqi_cli *cli, const char *text, size_t size)
{
	struct aqi_error err;
	struct aqi_sink *sink = aqi_cli_open(cli->output, &err);
	enum aqi_status status;

	if (!sink)
		return aqi_cli_fail(cli, &err);
	status = aqi_sink_write(sink, text, size, NULL, 0, NULL, &err);
	if (aqi_cli_close(sink, status == AQI_OK,
			  status == AQI_OK ? &err : NULL) != AQI_OK ||
	    status != AQI_OK)
		return aqi_cli_fail(cli, &err);
	return 0;
}

int
aqi_cli_write_list(struct aqi_cli *cli, aqi_cli_list_fn *list)
{
	struct aqi_buffer text = {0};
	struct aqi_error err;
	int status;

	if (list(&text, &err) == AQI_OK)
		status = aqi_cli_write(cli, text.data, text.size);
	else
		status = aqi_cli_fail(cli, &err);
	aqi_buffer_free(&text);
	return status;
}
