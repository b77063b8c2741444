#include "cli/resume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/version.h"
#include "cli/claims.h"
#include "cli/cli.h"

/* A kill costs the work of so long at most; to sync more often costs more. */
#define INTERVAL_NS (UINT64_C(2) * 1000000000)

/*
 * Options that change no byte of any output, so that a later run may have
 * others. A word of an option, how many words it may take with it; 0: not one
 * of these.
 */
static size_t
idle_words(const char *const *words, size_t n)
{
	static const char *const alone[] = {
		"--stats", "--progress", "--no-progress"
	};
	static const char *const valued[] = {
		"--errors", "--checkpoint", "--checkpoint-every", "--jobs"
	};

	if (strncmp(words[0], "-j", 2) == 0)
		return words[0][2] || n == 1 ? 1 : 2;
	for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
		if (strcmp(words[0], alone[i]) == 0)
			return 1;
	for (size_t i = 0; i < sizeof valued / sizeof *valued; i++) {
		size_t size = strlen(valued[i]);

		if (strncmp(words[0], valued[i], size) != 0)
			continue;
		if (words[0][size] == '=')
			return 1;
		if (words[0][size] == '\0')
			return n > 1 ? 2 : 1;
	}
	return 0;
}

static bool
describe_options(struct aqi_resume *resume)
{
	const struct aqi_cli *cli = resume->cli;
	struct aqi_slice *options = aqi_arena_array(&resume->arena,
						    cli->n_words,
						    sizeof *options);
	size_t n = 0, idle;

	if (!options)
		return false;
	for (size_t i = 0; i < cli->n_words; i += idle ? idle : 1) {
		idle = idle_words(cli->words + i, cli->n_words - i);
		if (!idle)
			options[n++] = aqi_slice_of(cli->words[i]);
	}
	resume->next.options = options;
	resume->next.n_options = n;
	return true;
}

static struct aqi_checkpoint_input
describe_input(const char *name)
{
	struct aqi_checkpoint_input input = {.name = aqi_slice_of(name)};
	struct stat st;

	if (aqi_file_stat(name, &st) && S_ISREG(st.st_mode)) {
		input.size = (uint64_t)st.st_size;
		input.mtime_ns = (uint64_t)st.st_mtim.tv_sec * 1000000000 +
				 (uint64_t)st.st_mtim.tv_nsec;
	}
	return input;
}

static bool
describe_inputs(struct aqi_resume *resume)
{
	const struct aqi_cli *cli = resume->cli;
	size_t n = cli->n_files ? cli->n_files : 1;
	struct aqi_checkpoint_input *inputs =
		aqi_arena_array(&resume->arena, n, sizeof *inputs);

	for (size_t i = 0; inputs && i < n; i++)
		inputs[i] = describe_input(cli->n_files ? cli->files[i] : "-");
	resume->next.inputs = inputs;
	resume->next.n_inputs = n;
	return inputs;
}

/* Everything of a checkpoint that does not change while a run lasts. */
static enum aqi_status
describe(struct aqi_resume *resume, struct aqi_error *err)
{
	struct aqi_cli *cli = resume->cli;
	char program[64];

	snprintf(program, sizeof program, "%s %s", cli->report.program,
		 AQI_VERSION);
	resume->next.program = aqi_arena_copy(&resume->arena,
					      aqi_slice_of(program));
	resume->next.parts = cli->parts;
	resume->next.n_parts = cli->n_parts;
	if (!resume->next.program.data || !describe_options(resume) ||
	    !describe_inputs(resume))
		return aqi_error_memory(err);
	return AQI_OK;
}

/* What to do about a checkpoint of another run. */
#define ANEW "; without it a run begins anew"

/* Of another run: what is there now, and what was then. */
static enum aqi_status
other(struct aqi_error *err, const char *what, struct aqi_slice now,
      struct aqi_slice then)
{
	char a[AQI_QUOTED_SIZE], b[AQI_QUOTED_SIZE];

	return aqi_error_set(err, AQI_E_MODEL, "of a run with another %s: "
			     "%s then, %s now" ANEW, what,
			     then.data ? aqi_error_quote(b, then) : "none",
			     now.data ? aqi_error_quote(a, now) : "none");
}

static struct aqi_slice
option_at(const struct aqi_checkpoint *c, size_t i)
{
	return i < c->n_options ? c->options[i] : (struct aqi_slice){0};
}

static struct aqi_slice
input_at(const struct aqi_checkpoint *c, size_t i)
{
	return i < c->n_inputs ? c->inputs[i].name : (struct aqi_slice){0};
}

static bool
differ(struct aqi_slice a, struct aqi_slice b)
{
	if (!a.data || !b.data)
		return a.data || b.data;
	return !aqi_slice_equal(a, b);
}

static enum aqi_status
compare_inputs(const struct aqi_checkpoint *then,
	       const struct aqi_checkpoint *now, struct aqi_error *err)
{
	char quoted[AQI_QUOTED_SIZE];

	for (size_t i = 0; i < then->n_inputs || i < now->n_inputs; i++)
		if (differ(input_at(then, i), input_at(now, i)))
			return other(err, "input", input_at(now, i),
				     input_at(then, i));
	/* When all is read, the outputs may have replaced an input. */
	for (size_t i = 0; i < now->n_inputs && !then->is_complete; i++)
		if (then->inputs[i].size != now->inputs[i].size ||
		    then->inputs[i].mtime_ns != now->inputs[i].mtime_ns)
			return aqi_error_set(err, AQI_E_MODEL, "the input %s "
				"has changed since" ANEW,
				aqi_error_quote(quoted, now->inputs[i].name));
	return AQI_OK;
}

/* Is the checkpoint of this run? Says what differs first. */
static enum aqi_status
compare(const struct aqi_checkpoint *then, const struct aqi_checkpoint *now,
	struct aqi_error *err)
{
	if (!aqi_slice_equal(then->program, now->program))
		return other(err, "program", now->program, then->program);
	for (size_t i = 0; i < then->n_options || i < now->n_options; i++)
		if (differ(option_at(then, i), option_at(now, i)))
			return other(err, "option", option_at(now, i),
				     option_at(then, i));
	for (size_t i = 0; i < now->n_parts; i++)
		if (i >= then->n_parts ||
		    !aqi_slice_equal(then->parts[i].name, now->parts[i].name) ||
		    then->parts[i].sum != now->parts[i].sum)
			return aqi_error_set(err, AQI_E_MODEL, "the %.*s has "
				"changed since" ANEW,
				(int)now->parts[i].name.size,
				now->parts[i].name.data);
	return compare_inputs(then, now, err);
}

/* Which steps keep what a checkpoint does not hold? */
static enum aqi_status
check_steps(const struct aqi_cli *cli, const struct aqi_step *steps,
	    size_t n_steps, struct aqi_error *err)
{
	if (cli->hides_records)
		return aqi_error_set(err, AQI_E_USAGE, "--checkpoint is for "
				     "records that are written, and a summary "
				     "writes none");
	for (size_t i = 0; i < n_steps; i++)
		if (steps[i].take || steps[i].has_history)
			return aqi_error_set(err, AQI_E_USAGE, "--checkpoint "
				"is for records that stand for themselves; "
				"here one is made of several");
	return AQI_OK;
}

enum aqi_status
aqi_resume_load(struct aqi_resume *resume, struct aqi_cli *cli,
		const struct aqi_step *steps, size_t n_steps,
		struct aqi_error *err)
{
	enum aqi_status status;

	resume->cli = cli;
	if (cli->checkpoint_every && !cli->checkpoint)
		return aqi_error_set(err, AQI_E_USAGE, "--checkpoint-every is "
				     "for --checkpoint");
	if (!cli->checkpoint)
		return AQI_OK;
	if (check_steps(cli, steps, n_steps, err) != AQI_OK ||
	    describe(resume, err) != AQI_OK)
		return AQI_FATAL;
	status = aqi_checkpoint_load(&resume->old, cli->checkpoint, err);
	resume->is_found = status == AQI_OK;
	if (status == AQI_FATAL)
		return AQI_FATAL;
	if (resume->is_found &&
	    compare(&resume->old, &resume->next, err) != AQI_OK)
		return aqi_error_at(err, cli->checkpoint, 0, 0);
	return aqi_claims_check(cli, &resume->arena, err);
}

const struct aqi_mark *
aqi_resume_mark(const struct aqi_resume *resume, const struct aqi_mark *mark)
{
	return resume->is_found ? mark : NULL;
}

/* Once a checkpoint names the partial files, they must stay. */
static void
keep_outputs(const struct aqi_pipe *pipe)
{
	aqi_sink_keep(pipe->out);
	if (pipe->rejects)
		aqi_sink_keep(pipe->rejects);
}

static void
unkeep_outputs(const struct aqi_pipe *pipe)
{
	aqi_sink_unkeep(pipe->out);
	if (pipe->rejects)
		aqi_sink_unkeep(pipe->rejects);
}

/* The checkpoint, and what it speaks of stays, without a signal between. */
static enum aqi_status
save_next(struct aqi_resume *resume, const struct aqi_pipe *pipe,
	  struct aqi_error *err)
{
	enum aqi_status status;
	sigset_t before;

	aqi_signals_hold(&before);
	keep_outputs(pipe);
	status = aqi_checkpoint_save(&resume->next, resume->cli->checkpoint,
				     err);
	if (status == AQI_OK)
		resume->has_saved = true;
	else if (!resume->is_found && !resume->has_saved)
		unkeep_outputs(pipe);
	aqi_signals_release(&before);
	return status;
}

static enum aqi_status
save(struct aqi_resume *resume, const struct aqi_pipe *pipe,
     struct aqi_error *err)
{
	struct aqi_checkpoint *next = &resume->next;

	if (aqi_sink_mark(pipe->out, &next->out, err) != AQI_OK ||
	    (pipe->rejects &&
	     aqi_sink_mark(pipe->rejects, &next->rejects, err) != AQI_OK))
		return AQI_FATAL;
	next->counts = pipe->counts;
	memcpy(next->messages, resume->cli->report.n_of,
	       sizeof next->messages);
	resume->last_ns = aqi_clock_ns();
	resume->last_read = pipe->counts.read;
	return save_next(resume, pipe, err);
}

static bool
is_due(void *self, uint64_t n_read)
{
	const struct aqi_resume *resume = self;
	const uint64_t every = resume->cli->checkpoint_every;

	return every ? n_read - resume->last_read >= every :
		       aqi_clock_ns() - resume->last_ns >= INTERVAL_NS;
}

static enum aqi_status
keep(void *self, const struct aqi_pipe *pipe,
     const struct aqi_reading *reading, struct aqi_error *err)
{
	struct aqi_resume *resume = self;

	if (!is_due(self, pipe->counts.read))
		return AQI_OK;
	if (!aqi_reader_tell(pipe->reader, reading, &resume->next.at))
		return AQI_OK;
	return save(resume, pipe, err);
}

/* Over a stream, some records may come again: say from which one on. */
static void
say_where(struct aqi_resume *resume, const struct aqi_pipe *pipe)
{
	struct aqi_error err;

	if (aqi_sink_is_partial(pipe->out))
		return;
	aqi_error_set(&err, AQI_E_NONE, "goes on behind record %" PRIu64
		      " of the input; later ones may have been written before",
		      pipe->counts.read);
	aqi_report_error(&resume->cli->report, &err);
}

enum aqi_status
aqi_resume_begin(struct aqi_resume *resume, struct aqi_pipe *pipe,
		 struct aqi_error *err)
{
	if (!resume->cli->checkpoint)
		return AQI_OK;
	pipe->keeper = (struct aqi_keeper){resume, keep, is_due};
	resume->last_ns = aqi_clock_ns();
	if (!resume->is_found)
		return AQI_OK;
	pipe->counts = resume->old.counts;
	pipe->has_header = resume->old.out.size > 0;
	pipe->has_rejects_header = resume->old.rejects.size > 0;
	resume->last_read = pipe->counts.read;
	resume->next.at = resume->old.at;
	memcpy(resume->cli->report.n_of, resume->old.messages,
	       sizeof resume->old.messages);
	say_where(resume, pipe);
	return aqi_reader_resume(pipe->reader, &resume->old.at, err);
}

enum aqi_status
aqi_resume_complete(struct aqi_resume *resume, const struct aqi_pipe *pipe,
		    struct aqi_error *err)
{
	if (!resume->cli->checkpoint)
		return AQI_OK;
	resume->next.is_complete = true;
	resume->next.at = (struct aqi_reader_position){
		.source = {.file = resume->next.n_inputs, .line = 1}};
	return save(resume, pipe, err);
}

struct aqi_sink *
aqi_resume_open_complete(const char *path, const struct aqi_mark *mark,
			 bool *is_done, struct aqi_error *err)
{
	struct aqi_sink *sink = aqi_sink_open_partial(path, mark, NULL, err);

	*is_done = !sink && aqi_sink_is_done(path, mark);
	return sink;
}

void
aqi_resume_end(struct aqi_resume *resume)
{
	if (!resume->cli->checkpoint)
		return;
	unlink(resume->cli->checkpoint);
	aqi_file_sync_folder(resume->cli->checkpoint);
}

void
aqi_resume_free(struct aqi_resume *resume)
{
	aqi_arena_free(&resume->old.arena);
	aqi_arena_free(&resume->arena);
}
