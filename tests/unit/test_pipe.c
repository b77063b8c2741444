/* Runs whose steps fail, run out of memory or meet a full disk: which error
 * is told, and what is counted and written by then. */
#include "record/pipe.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "record/layout.h"
#include "tap.h"

enum place {
	NOWHERE, BIND, RUN, IN_ORDER, TAKE, DRAIN, RUN_BEHIND, IN_ORDER_BEHIND,
	KEEP
};

/* What goes wrong there: a failure, or memory of one kind that ran out. */
enum fault { FAILS, NO_ARENA, NO_TEXT, NO_REJECTS };

struct plan {
	enum place at;
	enum fault fault;
	size_t n_taken;		/* rows that are not drained yet */
	const struct aqi_layout *layout;
};

static struct aqi_format format = {
	.delimiter = ',', .decimal_mark = '.', .max_record = AQI_MAX_RECORD,
	.out = AQI_SYNTAX_CSV,
};

static enum aqi_status
pass(const struct plan *plan, enum place at, struct aqi_batch *batch,
     struct aqi_error *err)
{
	if (plan->at != at)
		return AQI_OK;
	if (plan->fault == FAILS)
		return aqi_error_set(err, AQI_E_DATA, "planned");
	batch->arena.failed |= plan->fault == NO_ARENA;
	batch->text.failed |= plan->fault == NO_TEXT;
	batch->rejects.failed |= plan->fault == NO_REJECTS;
	return AQI_OK;
}

static enum aqi_status
bind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	struct plan *plan = self;

	plan->layout = layout;
	return pass(plan, BIND, NULL, err);
}

/* Of the three rows, the second is refused. */
static enum aqi_status
run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	aqi_batch_refuse(batch, 1, AQI_NO_COLUMN, AQI_E_DATA, "bad");
	return pass(self, RUN, batch, err);
}

static enum aqi_status
in_order(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	return pass(self, IN_ORDER, batch, err);
}

static enum aqi_status
take(void *self, struct aqi_batch *batch, size_t row, struct aqi_parts *parts,
     struct aqi_error *err)
{
	struct plan *plan = self;

	if (row == 2 && pass(plan, TAKE, batch, err) != AQI_OK)
		return AQI_FATAL;
	plan->n_taken += parts->n - parts->n_refused;
	return AQI_OK;
}

static enum aqi_status
bind_gathering(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	size_t added;

	aqi_layout_drop_all(layout);
	if (aqi_layout_add(layout, aqi_slice_of("n"), &added, err) != AQI_OK)
		return AQI_FATAL;
	return bind(self, layout, err);
}

static enum aqi_status
drain(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	struct plan *plan = self;
	size_t n = plan->n_taken;

	if (pass(plan, DRAIN, batch, err) != AQI_OK)
		return AQI_FATAL;
	if (n == 0)
		return AQI_END;
	plan->n_taken = 0;
	if (aqi_batch_begin(batch, &format, plan->layout, n, err) != AQI_OK)
		return AQI_FATAL;
	for (size_t i = 0; i < n; i++)
		aqi_batch_set_number(batch, 0, i, (double)(i + 1), 0);
	return AQI_OK;
}

static void
end(void *self)
{
	struct plan *plan = self;

	plan->layout = NULL;
}

static enum aqi_status
bind_behind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	(void)self;
	(void)layout;
	(void)err;
	return AQI_OK;
}

static enum aqi_status
run_behind(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	return pass(self, RUN_BEHIND, batch, err);
}

static enum aqi_status
in_order_behind(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	return pass(self, IN_ORDER_BEHIND, batch, err);
}

static enum aqi_status
keep(void *self, const struct aqi_pipe *pipe, const struct aqi_reading *reading,
     struct aqi_error *err)
{
	struct aqi_batch none = {0};

	(void)pipe;
	(void)reading;
	return pass(self, KEEP, &none, err);
}

static char csv_path[] = "/tmp/aqi-pipe-csv.XXXXXX";
static char json_path[] = "/tmp/aqi-pipe-json.XXXXXX";
static char out_path[] = "/tmp/aqi-pipe-out.XXXXXX";

#define FULL "/dev/full"
#define NULL_FILE "/dev/null"
#define NO_SPACE "cannot write: No space left on device"

static const struct {
	bool gathers, is_json;
	enum place at;
	enum fault fault;
	const char *out, *rejects;	/* NULL: a file; no rejects */
	const char *reason;		/* "memory": by its code; NULL: none */
	uint64_t read, written, refused, merged;
	const char *text;		/* of the file; NULL: no file */
} cases[] = {
	{false, false, NOWHERE, FAILS, NULL, NULL_FILE, NULL, 3, 2, 1, 0,
	 "a\n1\n3\n"},
	{false, false, BIND, FAILS, NULL, NULL, "planned", 0, 0, 0, 0, ""},
	{false, false, RUN, FAILS, NULL, NULL, "planned", 0, 0, 0, 0, "a\n"},
	{false, false, RUN_BEHIND, FAILS, NULL, NULL, "planned", 0, 0, 0, 0,
	 "a\n"},
	{false, false, RUN, NO_ARENA, NULL, NULL, "memory", 0, 0, 0, 0, "a\n"},
	{false, false, RUN, NO_TEXT, NULL, NULL, "memory", 0, 0, 0, 0, "a\n"},
	{false, false, RUN, NO_REJECTS, NULL, NULL_FILE, "memory", 0, 0, 0,
	 0, "a\n"},
	/* What is written by then stays, counted. */
	{false, false, IN_ORDER, FAILS, NULL, NULL, "planned", 3, 2, 1, 0,
	 "a\n1\n3\n"},
	{false, false, KEEP, FAILS, NULL, NULL, "planned", 3, 2, 1, 0,
	 "a\n1\n3\n"},
	{false, false, NOWHERE, FAILS, FULL, NULL, NO_SPACE, 0, 0, 0, 0, NULL},
	{false, false, NOWHERE, FAILS, NULL, FULL, NO_SPACE, 0, 0, 0, 0, "a\n"},

	{true, false, NOWHERE, FAILS, NULL, NULL_FILE, NULL, 3, 2, 1, 0,
	 "n\n1\n2\n"},
	{true, false, BIND, FAILS, NULL, NULL, "planned", 0, 0, 0, 0, ""},
	{true, false, RUN, FAILS, NULL, NULL, "planned", 0, 0, 0, 0, "n\n"},
	{true, false, RUN, NO_ARENA, NULL, NULL, "memory", 0, 0, 0, 0, "n\n"},
	/* What was complete before the row that fails is written. */
	{true, false, TAKE, FAILS, NULL, NULL, "planned", 2, 1, 1, 0, "n\n1\n"},
	{true, false, TAKE, NO_ARENA, NULL, NULL, "memory", 3, 0, 1, 2, "n\n"},
	{true, false, TAKE, NO_REJECTS, NULL, NULL, "memory", 3, 0, 1, 2, "n\n"},
	{true, false, IN_ORDER, FAILS, NULL, NULL, "planned", 3, 0, 1, 2, "n\n"},
	{true, false, DRAIN, FAILS, NULL, NULL, "planned", 3, 0, 1, 2, "n\n"},
	{true, false, RUN_BEHIND, FAILS, NULL, NULL, "planned", 3, 0, 1, 2,
	 "n\n"},
	{true, false, RUN_BEHIND, NO_ARENA, NULL, NULL, "memory", 3, 0, 1, 2,
	 "n\n"},
	{true, false, RUN_BEHIND, NO_TEXT, NULL, NULL, "memory", 3, 0, 1, 2,
	 "n\n"},
	{true, false, IN_ORDER_BEHIND, FAILS, NULL, NULL, "planned", 3, 2, 1, 0,
	 "n\n1\n2\n"},
	{true, false, NOWHERE, FAILS, NULL, FULL, NO_SPACE, 0, 0, 0, 0, "n\n"},

	/* The header of NDJSON as CSV waits for a record that is written. */
	{false, true, NOWHERE, FAILS, NULL, NULL, NULL, 3, 2, 1, 0, "a\n1\n3\n"},
	{false, true, NOWHERE, FAILS, FULL, NULL, NO_SPACE, 1, 0, 1, 0, NULL},
	{true, true, NOWHERE, FAILS, NULL, NULL, NULL, 3, 2, 1, 0, "n\n1\n2\n"},
	{true, true, NOWHERE, FAILS, FULL, NULL, NO_SPACE, 3, 0, 1, 2, NULL},
};

static bool
holds(const char *wanted)
{
	struct aqi_buffer bytes;
	bool same;

	if (aqi_file_load(out_path, 1000, AQI_E_IO, &bytes, NULL) != AQI_OK)
		return false;
	same = aqi_slice_is((struct aqi_slice){bytes.data, bytes.size},
			    wanted);
	if (!same)
		note("%.*s for %s", (int)bytes.size, bytes.data, wanted);
	aqi_buffer_free(&bytes);
	return same;
}

static bool
is_wanted(size_t i, enum aqi_status status, const struct aqi_error *err,
	  const struct aqi_counts *counts)
{
	const char *reason = cases[i].reason;

	if (counts->read != cases[i].read ||
	    counts->written != cases[i].written ||
	    counts->refused != cases[i].refused ||
	    counts->merged != cases[i].merged) {
		note("read %lld, written %lld, refused %lld, merged %lld",
		     (long long)counts->read, (long long)counts->written,
		     (long long)counts->refused, (long long)counts->merged);
		return false;
	}
	if (!reason)
		return status == AQI_OK;
	if (strcmp(reason, "memory") == 0)
		return status == AQI_FATAL && err->code == AQI_E_MEMORY;
	if (status == AQI_FATAL && strcmp(err->reason, reason) == 0)
		return true;
	note("%s", err->reason);
	return false;
}

static void
test_case(size_t i)
{
	const char *const files[] = {cases[i].is_json ? json_path : csv_path};
	const char *out = cases[i].out ? cases[i].out : out_path;
	struct plan plan = {.at = cases[i].at, .fault = cases[i].fault};
	struct aqi_error err = {0};
	const struct aqi_step steps[] = {
		{&plan, cases[i].gathers ? bind_gathering : bind, run, in_order,
		 cases[i].gathers ? take : NULL,
		 cases[i].gathers ? drain : NULL,
		 cases[i].gathers ? end : NULL, false},
		{&plan, bind_behind, run_behind, in_order_behind, NULL, NULL,
		 NULL, false},
	};
	struct aqi_pipe pipe = {
		.reader = aqi_reader_new(files, 1, &format),
		.format = &format, .steps = steps, .n_steps = 2,
		.out = aqi_sink_open(out, NULL, &err),
		.rejects = cases[i].rejects ?
			aqi_sink_open(cases[i].rejects, NULL, &err) : NULL,
		.keeper = {.self = &plan, .keep = keep},
	};
	enum aqi_status status = aqi_pipe_run(&pipe, &err);

	ok(is_wanted(i, status, &err, &pipe.counts), "case %zu ends %s%s", i,
	   cases[i].reason ? "with an error: " : "well",
	   cases[i].reason ? cases[i].reason : "");
	aqi_reader_free(pipe.reader);
	if (pipe.rejects)
		aqi_sink_discard(pipe.rejects);
	ok(aqi_sink_close(pipe.out, &err) == AQI_OK &&
	   (!cases[i].text || holds(cases[i].text)),
	   "what was written before stays");
}

static void
store(char *path, const char *text)
{
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    close(fd) != 0)
		exit(1);
}

int
main(void)
{
	store(csv_path, "a\n1\n2\n3\n");
	store(json_path, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
	store(out_path, "");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		format.in = cases[i].is_json ? AQI_SYNTAX_NDJSON :
					       AQI_SYNTAX_CSV;
		test_case(i);
	}
	unlink(csv_path);
	unlink(json_path);
	unlink(out_path);
	return done();
}
