/*
 * Runs with threads against the run without: what is written, refused, counted
 * and said is the same for every number of threads and however the input is
 * cut. Over made-up inputs, and the files of AQI_CORPORA; CHUNKINGS says how
 * often each of these is fed, cut otherwise every time; SEED repeats the cuts.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/random.h"
#include "record/layout.h"
#include "record/number.h"
#include "record/pipe.h"
#include "tap.h"

#define PATH_SIZE 1024
#define MAX_FILE ((size_t)64 << 20)

static char in_path[] = "/tmp/aqi-threads-in.XXXXXX";
static char out_path[] = "/tmp/aqi-threads-out.XXXXXX";
static char rejects_path[] = "/tmp/aqi-threads-rej.XXXXXX";
static struct aqi_random rng;
static int nothing, out_fd, rejects_fd;

/* What came of a run, as one text. */
static void
note_refused(void *self, const struct aqi_error *why)
{
	aqi_buffer_add_format(self, "%llu:%zu: %d %s: %.200s\n",
			      (unsigned long long)why->line, why->column,
			      (int)why->code, why->field, why->reason);
}

static void
add_file(struct aqi_buffer *out, const char *path)
{
	struct aqi_buffer bytes;

	if (aqi_file_load(path, MAX_FILE, AQI_E_IO, &bytes, NULL) != AQI_OK)
		abort();
	aqi_buffer_add_format(out, "%zu bytes\n", bytes.size);
	aqi_buffer_add(out, bytes.data, bytes.size);
	aqi_buffer_free(&bytes);
}

/* A step that adds the count of the row's bytes, and refuses some rows. */
static enum aqi_status
bind(void *self, struct aqi_layout *layout, struct aqi_error *err)
{
	return aqi_layout_add(layout, aqi_slice_of("size"), self, err);
}

static enum aqi_status
run(void *self, struct aqi_batch *batch, struct aqi_error *err)
{
	const size_t *added = self;

	(void)err;
	for (size_t i = 0; i < batch->n_rows; i++) {
		if (batch->refused[i])
			continue;
		if (batch->rows[i].size % 13 == 7)
			aqi_batch_refuse(batch, i, AQI_NO_COLUMN, AQI_E_RANGE,
					 "of %zu bytes", batch->rows[i].size);
		else
			aqi_batch_set_number(batch, *added, i,
					     (double)batch->rows[i].size, 0);
	}
	return AQI_OK;
}

/* Who wants to be told after so many records or more, and notes when. */
#define KEPT_EVERY 3000

struct keeper {
	struct aqi_buffer *notes;	/* NULL: no one */
	uint64_t last;
};

static bool
is_due(void *self, uint64_t n_read)
{
	const struct keeper *keeper = self;

	return n_read - keeper->last >= KEPT_EVERY;
}

static enum aqi_status
keep(void *self, const struct aqi_pipe *pipe, const struct aqi_reading *reading,
     struct aqi_error *err)
{
	struct keeper *keeper = self;

	(void)reading;
	(void)err;
	if (!is_due(self, pipe->counts.read))
		return AQI_OK;
	keeper->last = pipe->counts.read;
	aqi_buffer_add_format(keeper->notes, "kept at %llu\n",
			      (unsigned long long)keeper->last);
	return AQI_OK;
}

/* To an open file, from its start: one that is named is synced in the end, which
 * takes most of the time. */
static struct aqi_sink *
open_sink(int fd)
{
	struct aqi_error err;
	struct aqi_sink *sink;
	char name[32];

	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	sink = aqi_sink_open(name, NULL, &err);
	if (!sink || ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return sink;
}

static void
run_kept(const char *file, const struct aqi_format *format, size_t n_threads,
	 uint64_t max_refused, struct keeper *keeper, struct aqi_buffer *result)
{
	size_t added = 0;
	struct aqi_error err = {0};
	const struct aqi_step step = {.self = &added, .bind = bind, .run = run};
	struct aqi_pipe pipe = {
		.reader = aqi_reader_new(&file, 1, format),
		.format = format, .steps = &step, .n_steps = 1,
		.out = open_sink(out_fd),
		.rejects = open_sink(rejects_fd),
		.watcher = {result, note_refused, NULL},
		.keeper = {keeper, keeper->notes ? keep : NULL, is_due},
		.n_threads = n_threads, .is_eager = true,
		.max_refused = max_refused,
	};
	enum aqi_status status = aqi_pipe_run(&pipe, &err);

	aqi_buffer_add_format(result, "%d %s stopped %d read %llu written %llu "
			      "refused %llu\n", (int)status,
			      status == AQI_FATAL ? err.reason : "",
			      pipe.is_stopped,
			      (unsigned long long)pipe.counts.read,
			      (unsigned long long)pipe.counts.written,
			      (unsigned long long)pipe.counts.refused);
	aqi_reader_free(pipe.reader);
	if (aqi_sink_close(pipe.out, &err) != AQI_OK ||
	    aqi_sink_close(pipe.rejects, &err) != AQI_OK)
		abort();
	add_file(result, out_path);
	add_file(result, rejects_path);
}

static void
run_pipe(const char *file, const struct aqi_format *format, size_t n_threads,
	 uint64_t max_refused, struct aqi_buffer *result)
{
	struct keeper none = {0};

	run_kept(file, format, n_threads, max_refused, &none, result);
}

/* Write the text to standard input in pieces, as a process of its own. */
static pid_t
feed(struct aqi_slice text)
{
	int ends[2];
	pid_t child;

	fflush(stdout);
	if (pipe(ends) != 0 || (child = fork()) < 0)
		abort();
	if (child > 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		aqi_random_next(&rng);
		return child;
	}
	close(ends[0]);
	while (text.size > 0) {
		size_t n = 1 + aqi_random_below(&rng, aqi_random_below(&rng, 2)
						      ? 300 : 60000);
		ssize_t written = write(ends[1], text.data,
					n < text.size ? n : text.size);

		if (written <= 0)
			_exit(0);	/* the reader has gone */
		text.data += written;
		text.size -= (size_t)written;
	}
	_exit(0);
}

static void
run_fed(struct aqi_slice text, const struct aqi_format *format,
	size_t n_threads, struct aqi_buffer *result)
{
	pid_t child = feed(text);

	run_pipe("-", format, n_threads, 0, result);
	/* Never closed: a pipe would get its number. */
	dup2(nothing, STDIN_FILENO);
	waitpid(child, NULL, 0);
}

static bool
same(const char *what, struct aqi_buffer *a, struct aqi_buffer *b)
{
	bool is_same = a->size == b->size &&
		       memcmp(a->data, b->data, a->size) == 0;

	if (!is_same)
		note("%s differs: %.100s / %.100s", what, a->data, b->data);
	aqi_buffer_clear(b);
	return is_same;
}

/* How often the text is fed, each time in other pieces. */
static size_t n_chunkings = 1;

/* Of the file's text: with 2 and 7 threads from the file, and with these and
 * none fed. */
static bool
agrees(struct aqi_slice text, enum aqi_syntax syntax, uint64_t max_refused)
{
	static struct aqi_buffer alone, with;
	const struct aqi_format format = {
		.in = syntax, .out = syntax, .delimiter = ',',
		.decimal_mark = '.', .max_record = 4000,
	};
	static const size_t threads[] = {1, 2, 7};
	bool right = true;

	aqi_buffer_clear(&alone);
	run_pipe(in_path, &format, 1, max_refused, &alone);
	aqi_buffer_add_byte(&alone, '\0');
	for (size_t i = 0; i < 3; i++) {
		run_pipe(in_path, &format, threads[i], max_refused, &with);
		aqi_buffer_add_byte(&with, '\0');
		right = same("from a file", &alone, &with) && right;
		for (size_t k = 0; k < n_chunkings && !max_refused; k++) {
			run_fed(text, &format, threads[i], &with);
			aqi_buffer_add_byte(&with, '\0');
			right = same("from a pipe", &alone, &with) && right;
		}
	}
	return right;
}

static void
store(struct aqi_slice text)
{
	FILE *file = fopen(in_path, "wb");

	if (!file || fwrite(text.data, 1, text.size, file) != text.size ||
	    fclose(file) != 0)
		abort();
}

/* A record of CSV, mostly a good one. */
static void
add_csv(struct aqi_buffer *text)
{
	static const char *const odd[] = {
		"\"a,\"\"b\"\"\nc\",2,3", "1,2", "1,2,3,4", "", "\"open", "a\"b,1,2",
		"1,\xff,3", "\"\",,", "1,2,3\r", " , ,",
	};

	if (aqi_random_below(&rng, 20) == 0)
		aqi_buffer_add_text(text, odd[aqi_random_below(&rng,
					sizeof odd / sizeof *odd)]);
	else
		aqi_buffer_add_format(text, "%u,%u.%u,station %u",
				      (unsigned)aqi_random_below(&rng, 1000),
				      (unsigned)aqi_random_below(&rng, 99),
				      (unsigned)aqi_random_below(&rng, 99),
				      (unsigned)aqi_random_below(&rng, 99999));
	aqi_buffer_add_byte(text, '\n');
}

static void
add_json(struct aqi_buffer *text)
{
	static const char *const odd[] = {
		"{\"a\":1}", "{\"b\":[1,{}],\"a\":\"\\u00e9\"}", "nonsense",
		"{\"a\":1,\"x\":2}", "", "{\"a\":", "[1]", "{\"a\":tru}",
	};

	if (aqi_random_below(&rng, 10) == 0)
		aqi_buffer_add_text(text, odd[aqi_random_below(&rng,
					sizeof odd / sizeof *odd)]);
	else
		aqi_buffer_add_format(text, "{\"a\":%u,\"b\":\"%u\"}",
				      (unsigned)aqi_random_below(&rng, 1000),
				      (unsigned)aqi_random_below(&rng, 99999));
	aqi_buffer_add_byte(text, '\n');
}

static void
test_made(enum aqi_syntax syntax, const char *name)
{
	struct aqi_buffer text = {0};
	size_t n_wrong = 0;

	for (int i = 0; i < 25; i++) {
		size_t n = 1 + aqi_random_below(&rng, i % 5 ? 3000 : 60000);

		aqi_buffer_clear(&text);
		if (syntax == AQI_SYNTAX_CSV)
			aqi_buffer_add_text(&text, "a,b,c\n");
		for (size_t k = 0; k < n; k++)
			(syntax == AQI_SYNTAX_CSV ? add_csv : add_json)(&text);
		/* One that is too long, and an end without a line's. */
		for (size_t k = 0; i % 3 == 0 && k < 9000; k++)
			aqi_buffer_add_byte(&text, 'x');
		store((struct aqi_slice){text.data, text.size});
		n_wrong += !agrees((struct aqi_slice){text.data, text.size},
				   syntax, i % 4 == 3 ? 1 + n / 50 : 0);
	}
	aqi_buffer_free(&text);
	ok(n_wrong == 0, "%s is the same with 1, 2 and 7 threads", name);
}

static void
test_keeper(void)
{
	const struct aqi_format format = {
		.in = AQI_SYNTAX_CSV, .out = AQI_SYNTAX_CSV, .delimiter = ',',
		.decimal_mark = '.', .max_record = 4000,
	};
	struct aqi_buffer text = {0}, notes[2] = {{0}}, result = {0};

	aqi_buffer_add_text(&text, "a,b,c\n");
	for (size_t i = 0; i < 90000; i++)
		aqi_buffer_add_text(&text, "1,2.5,some station or other\n");
	store((struct aqi_slice){text.data, text.size});
	for (size_t i = 0; i < 2; i++) {
		struct keeper keeper = {&notes[i], 0};

		run_kept(in_path, &format, i ? 7 : 1, 0, &keeper, &result);
	}
	ok(notes[0].size > 200 &&
	   aqi_slice_equal((struct aqi_slice){notes[0].data, notes[0].size},
			   (struct aqi_slice){notes[1].data, notes[1].size}),
	   "who wants to be told after some records is told as often with "
	   "threads");
	aqi_buffer_free(&notes[0]);
	aqi_buffer_free(&notes[1]);
	aqi_buffer_free(&text);
	aqi_buffer_free(&result);
}

static enum aqi_syntax folder_syntax;
static size_t n_files, n_wrong_files;

static int
visit(const char *path, const struct stat *st, int type, struct FTW *place)
{
	struct aqi_buffer bytes;

	(void)st;
	(void)place;
	if (type != FTW_F || aqi_file_load(path, MAX_FILE, AQI_E_IO, &bytes,
					   NULL) != AQI_OK)
		return 0;
	n_files++;
	store((struct aqi_slice){bytes.data, bytes.size});
	if (!agrees((struct aqi_slice){bytes.data, bytes.size}, folder_syntax,
		    0)) {
		note("%s", path);
		n_wrong_files++;
	}
	aqi_buffer_free(&bytes);
	return 0;
}

static void
test_folder(const char *corpora, const char *name, enum aqi_syntax syntax)
{
	char folder[PATH_SIZE];
	bool is_walked;

	snprintf(folder, sizeof folder, "%s/%s", corpora, name);
	folder_syntax = syntax;
	n_files = n_wrong_files = 0;
	is_walked = nftw(folder, visit, 16, FTW_PHYS) == 0;
	ok(is_walked && n_files > 0 && n_wrong_files == 0,
	   "%zu files of %s are the same with 1, 2 and 7 threads, each fed "
	   "%zu times", n_files, name, n_chunkings);
}

static void
test_corpora(void)
{
	static const struct {
		const char *name;
		enum aqi_syntax syntax;
	} folders[] = {
		{"csv-spectrum", AQI_SYNTAX_CSV},
		{"csv-test-data", AQI_SYNTAX_CSV},
		{"csv-duckdb", AQI_SYNTAX_CSV},
		{"ndjson-duckdb", AQI_SYNTAX_NDJSON},
		{"json-test-suite", AQI_SYNTAX_NDJSON},
	};
	const char *corpora = getenv("AQI_CORPORA");
	const char *chunkings = getenv("CHUNKINGS");

	if (chunkings)
		n_chunkings = strtoul(chunkings, NULL, 10);
	if (!corpora) {
		skip("the corpora with threads", "AQI_CORPORA is not set");
		return;
	}
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		test_folder(corpora, folders[i].name, folders[i].syntax);
}

int
main(void)
{
	const char *seed = getenv("SEED");

	note("SEED=%s", seed ? seed : "1");
	rng = aqi_random_new(seed ? strtoull(seed, NULL, 10) : 1, 0);
	nothing = open("/dev/null", O_RDONLY);
	dup2(nothing, STDIN_FILENO);
	out_fd = mkstemp(out_path);
	rejects_fd = mkstemp(rejects_path);
	if (mkstemp(in_path) < 0 || out_fd < 0 || rejects_fd < 0)
		abort();
	test_made(AQI_SYNTAX_CSV, "CSV");
	test_made(AQI_SYNTAX_NDJSON, "NDJSON");
	test_keeper();
	test_corpora();
	unlink(in_path);
	unlink(out_path);
	unlink(rejects_path);
	return done();
}
