#undef _FORTIFY_SOURCE	/* whose declarations fault.h could not replace */
#include "record/sink.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/buffer.h"
#include "base/file.h"
#include "fault.h"
#include "pipes.h"
#include "tap.h"

static char folder[] = "/tmp/aqi-sink.XXXXXX";
static char path[100], other[100], partial[110];

static bool
write_text(struct aqi_sink *sink, const char *text)
{
	return aqi_sink_write(sink, text, strlen(text), NULL, 0, NULL, NULL) ==
	       AQI_OK;
}

static bool
holds(const char *file, const char *text)
{
	struct aqi_buffer bytes;
	bool same;

	if (aqi_file_load(file, 1000, AQI_E_IO, &bytes, NULL) != AQI_OK)
		return text == NULL;
	same = text && aqi_slice_is((struct aqi_slice){bytes.data, bytes.size},
				    text);
	aqi_buffer_free(&bytes);
	return same;
}

static mode_t
mode_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
test_all_or_nothing(void)
{
	struct aqi_error err;
	struct aqi_sink *sink = aqi_sink_open(path, NULL, &err);
	char temporary[200] = "";

	snprintf(temporary, sizeof temporary, "%s", aqi_sink_temporary(sink));
	ok(write_text(sink, "one\n") && holds(path, NULL) &&
	   holds(temporary, "one\n"), "before the end the file is not there");
	ok(aqi_sink_close(sink, &err) == AQI_OK && holds(path, "one\n") &&
	   holds(temporary, NULL), "then it is, and nothing else");
	ok(mode_of(path) == 0644, "a new file has the mode of umask");

	chmod(path, 0600);
	sink = aqi_sink_open(path, NULL, &err);
	ok(write_text(sink, "two\n") && holds(path, "one\n"),
	   "an old file stands until the end");
	snprintf(temporary, sizeof temporary, "%s", aqi_sink_temporary(sink));
	aqi_sink_discard(sink);
	ok(holds(path, "one\n") && holds(temporary, NULL),
	   "what is given up leaves the old one");
	sink = aqi_sink_open(path, NULL, &err);
	ok(write_text(sink, "three\n") &&
	   aqi_sink_close(sink, &err) == AQI_OK && holds(path, "three\n") &&
	   mode_of(path) == 0600, "the new one has the old one's mode");
	aqi_sink_discard(NULL);
}

static void
test_links(void)
{
	struct aqi_error err;
	struct aqi_sink *sink;
	struct stat st;

	if (symlink(path, other) != 0)
		note("no symbolic link");
	sink = aqi_sink_open(other, NULL, &err);
	ok(write_text(sink, "four\n") &&
	   aqi_sink_close(sink, &err) == AQI_OK && holds(path, "four\n") &&
	   lstat(other, &st) == 0 && S_ISLNK(st.st_mode),
	   "a symbolic link stays, and what it names is replaced");
	unlink(other);
}

static void
test_direct(void)
{
	struct aqi_error err;
	struct aqi_sink *sink = aqi_sink_open("/dev/null", NULL, &err);

	ok(sink && !aqi_sink_temporary(sink) && write_text(sink, "x") &&
	   aqi_sink_close(sink, &err) == AQI_OK, "a device is written to");
	sink = aqi_sink_open("/nonexistent/x", NULL, &err);
	ok(!sink && err.code == AQI_E_IO &&
	   strcmp(err.file, "/nonexistent/x") == 0 &&
	   strcmp(err.reason, "cannot open for writing: No such file or "
		  "directory") == 0, "a folder that is not there is named");
	sink = aqi_sink_open("/dev/fd/77", NULL, &err);
	ok(!sink && strcmp(err.reason, "cannot open for writing: Bad file "
			   "descriptor") == 0,
	   "a descriptor that is not open is none");
	sink = aqi_sink_open(folder, NULL, &err);
	ok(!sink && strcmp(err.reason, "cannot open for writing: Is a "
			   "directory") == 0, "a folder is no file");
}

/* To a descriptor with a limit: what is written whole, stays. */
static void
test_cut_back(void)
{
	static const size_t ends[] = {4, 8, 8, 12, 16};
	struct aqi_error err = {0};
	char name[32];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct aqi_sink *sink;
	size_t n = 99;

	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	sink = aqi_sink_open(name, NULL, &err);
	ok(sink && aqi_sink_write(sink, "one\ntwo\nsix\nten\n", 16, ends, 5, &n,
				  &err) == AQI_OK && n == 5,
	   "the records that are written are counted");
	ok(aqi_sink_close(sink, &err) == AQI_OK &&
	   holds(path, "one\ntwo\nsix\nten\n"), "and stand in the file");
	close(fd);
	sink = aqi_sink_open("/dev/full", NULL, &err);
	ok(sink && aqi_sink_write(sink, "one\n", 4, ends, 1, &n, &err) ==
		   AQI_FATAL && n == 0 && err.code == AQI_E_IO &&
	   strcmp(err.reason, "cannot write: No space left on device") == 0 &&
	   strcmp(err.file, "/dev/full") == 0, "a full device is an error");
	aqi_sink_discard(sink);
}

enum step { OPEN, RESUME, WRITE, MARK, CLOSE };

/* Where did a file of "new\n" in place of "old\n" fail, and with what words?
 * NULL: nowhere. The fault comes at the step that the case names. */
static const char *
replace_with_fault(bool is_partial, enum step at, struct aqi_error *err)
{
	const char *call = fault.call;
	struct aqi_mark mark = {0};
	struct aqi_sink *sink;
	enum aqi_status status = AQI_OK;

	fault.call = at == OPEN ? call : NULL;
	sink = is_partial ? aqi_sink_open_partial(path, NULL, NULL, err) :
			    aqi_sink_open(path, NULL, err);
	if (!sink)
		return err->reason;
	if (at == RESUME) {
		if (aqi_sink_mark(sink, &mark, err) != AQI_OK)
			return "no mark";
		aqi_sink_keep(sink);
		aqi_sink_discard(sink);
		fault.call = call;
		sink = aqi_sink_open_partial(path, &mark, NULL, err);
		if (!sink)
			return err->reason;
	}
	if (at == WRITE)
		fault.call = call;
	status = aqi_sink_write(sink, "new\n", 4, NULL, 0, NULL, err);
	if (at == MARK)
		fault.call = call;
	if (status == AQI_OK)
		status = aqi_sink_mark(sink, &mark, err);
	if (status != AQI_OK) {
		aqi_sink_discard(sink);
		return err->reason;
	}
	if (at == CLOSE)
		fault.call = call;
	return aqi_sink_close(sink, err) == AQI_OK ? NULL : err->reason;
}

/* Each call that can fail: the words, and what stands in the file then. */
static void
test_faults(void)
{
#define LOCKED "cannot lock, as another run may write to it: "
#define CHANGED "its .partial file is not what it was when the checkpoint " \
	"was written; without that a run begins anew"
	static const struct {
		const char *call;
		int error, after;
		bool is_partial;
		enum step at;
		const char *reason;
	} cases[] = {
		{"flock", EWOULDBLOCK, 0, true, OPEN,
		 LOCKED "Resource temporarily unavailable"},
		{"fstat", EIO, 0, true, OPEN, LOCKED "Input/output error"},
		/* The first asks what kind of file it is. */
		{"stat", ENOENT, 1, true, OPEN,
		 LOCKED "No such file or directory"},
		{"ftruncate", EIO, 0, true, OPEN,
		 "cannot write: Input/output error"},
		{"lseek", EIO, 0, true, OPEN,
		 "cannot write: Input/output error"},
		{"pread", EIO, 0, true, RESUME, CHANGED},
		{"write", ENOSPC, 0, true, WRITE,
		 "cannot write: No space left on device"},
		{"write", EDQUOT, 0, false, WRITE,
		 "cannot write: Disk quota exceeded"},
		{"write", EINTR, 0, false, WRITE, NULL},
		{"write", EAGAIN, 0, false, WRITE, NULL},
		{"fsync", EIO, 0, false, MARK,
		 "cannot write: Input/output error"},
		{"fsync", EINTR, 0, false, MARK, NULL},
		{"pread", EIO, 0, true, MARK,
		 "cannot read: Input/output error"},
		{"fsync", ENOSPC, 0, false, CLOSE,
		 "cannot write: No space left on device"},
		{"close", EIO, 0, false, CLOSE,
		 "cannot write: Input/output error"},
		{"close", EINTR, 0, true, CLOSE, NULL},
		{"rename", EACCES, 0, false, CLOSE,
		 "cannot rename the temporary file: Permission denied"},
		{"rename", EXDEV, 0, true, CLOSE,
		 "cannot rename the temporary file: Invalid cross-device "
		 "link"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_error err = {0};
		const char *reason;
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		bool is_as_wanted = fd >= 0 && write(fd, "old\n", 4) == 4;

		close(fd);
		fault.call = cases[i].call;
		fault.error = cases[i].error;
		fault.after = cases[i].after;
		reason = replace_with_fault(cases[i].is_partial, cases[i].at,
					    &err);
		is_as_wanted &= !fault.call && !reason == !cases[i].reason &&
				(!reason ||
				 strcmp(reason, cases[i].reason) == 0) &&
				holds(path, reason ? "old\n" : "new\n");
		if (!is_as_wanted)
			note("%s", reason ? reason : "no error");
		ok(is_as_wanted, "%s of a %s file with error %d leaves it %s",
		   cases[i].call, cases[i].is_partial ? "partial" : "named",
		   cases[i].error, cases[i].reason ? "old" : "new");
		fault.call = NULL;
		unlink(partial);
	}
}

/* A file that may not grow: the begun record is taken back, if that can be. */
static void
test_take_back(void)
{
	static const struct { const char *call, *left; } cases[] = {
		{NULL, "one\n"}, {"ftruncate", "one\ntw"},
		{"fstat", "one\ntw"}, {"lseek", "one\ntw"},
	};
	static const size_t ends[] = {4, 8};
	struct rlimit old, limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = (struct rlimit){6, old.rlim_max};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aqi_error err = {0};
		struct aqi_sink *sink = aqi_sink_open(path, NULL, &err);
		enum aqi_status status;
		size_t n = 99;

		fault.call = cases[i].call;
		fault.error = EIO;
		fault.after = 0;
		setrlimit(RLIMIT_FSIZE, &limit);
		status = aqi_sink_write(sink, "one\ntwo\n", 8, ends, 2, &n,
					&err);
		setrlimit(RLIMIT_FSIZE, &old);
		ok(status == AQI_FATAL && n == 1 && !fault.call &&
		   strcmp(err.reason, "cannot write: File too large") == 0 &&
		   holds(aqi_sink_temporary(sink), cases[i].left),
		   "a begun record %s%s", cases[i].call ? "stays without " :
		   "is taken back", cases[i].call ? cases[i].call : "");
		fault.call = NULL;
		aqi_sink_discard(sink);
	}
}

/* A partial file that another run would go on with. */
static void
test_partial(void)
{
	struct aqi_error err = {0};
	struct aqi_mark mark;
	struct aqi_sink *sink = aqi_sink_open_partial(path, NULL, NULL, &err);
	int fd;

	ok(write_text(sink, "one\n") &&
	   aqi_sink_mark(sink, &mark, &err) == AQI_OK && mark.size == 4,
	   "a mark is where the output ends");
	aqi_sink_keep(sink);
	ok(write_text(sink, "two\n") && holds(partial, "one\ntwo\n"),
	   "it may grow beyond");
	fault.call = "fsync";
	fault.error = EIO;
	fault.after = 0;
	ok(aqi_sink_close(sink, &err) == AQI_FATAL && !fault.call &&
	   holds(partial, "one\ntwo\n"), "what is kept stays, whatever fails");
	sink = aqi_sink_open_partial(path, &mark, NULL, &err);
	ok(sink && holds(partial, "one\n"), "another run cuts it back");
	aqi_sink_discard(sink);
	fd = open(partial, O_WRONLY);
	ok(write(fd, "ONE\n", 4) == 4 &&
	   !aqi_sink_open_partial(path, &mark, NULL, &err) &&
	   err.code == AQI_E_MODEL && strcmp(err.reason, CHANGED) == 0,
	   "but not where its bytes are others");
	close(fd);
	unlink(partial);
	ok(!aqi_sink_open_partial(path, &mark, NULL, &err) &&
	   err.code == AQI_E_MODEL && strcmp(err.reason, "its .partial file is "
		"gone; without the checkpoint a run begins anew") == 0,
	   "nor where it is gone");
	sink = aqi_sink_open_partial("/dev/null", &mark, NULL, &err);
	ok(write_text(sink, "two\n") &&
	   aqi_sink_mark(sink, &mark, &err) == AQI_OK && mark.size == 8,
	   "to a stream, the bytes of all runs are counted");
	aqi_sink_discard(sink);
	ok(!aqi_sink_open_partial("/dev/fd/77", &mark, NULL, &err) &&
	   strcmp(err.reason, "cannot open for writing: Bad file descriptor") ==
		   0, "a stream that is none is told");
	ok(mkdir(partial, 0777) == 0 &&
	   !aqi_sink_open_partial(path, NULL, NULL, &err) &&
	   err.code == AQI_E_IO && strcmp(err.reason, "cannot open for "
		"writing: Is a directory") == 0 &&
	   !aqi_sink_open_partial(path, &mark, NULL, &err) &&
	   strcmp(err.reason, "cannot open for writing: Is a directory") == 0,
	   "a partial file that is a folder is no file");
	rmdir(partial);
	ok(!aqi_sink_open_partial("/nonexistent/x", NULL, NULL, &err) &&
	   strcmp(err.reason, "cannot open for writing: No such file or "
		  "directory") == 0, "so is a folder that is none");
}

/* The file's name fits, that of the temporary one does not. */
static void
test_long_name(void)
{
	struct aqi_error err = {0};
	char name[300];
	int n = snprintf(name, sizeof name, "%s/", folder);

	memset(name + n, 'n', 250);
	name[n + 250] = '\0';
	ok(!aqi_sink_open(name, NULL, &err) && strcmp(err.reason,
		"cannot open for writing: File name too long") == 0,
	   "a name that leaves no room is told");
}

static volatile sig_atomic_t stop;
static char calls[20];
static size_t n_calls;

static void
note_call(char call)
{
	if (n_calls < sizeof calls - 1)
		calls[n_calls++] = call;
}

static void enter(void) { note_call('<'); }
static void leave(void) { note_call('>'); }
static void made(const char *name) { note_call(name ? '+' : '?'); }
static void gone(const char *name) { note_call(name ? '-' : '?'); }

/* What a signal asks for: no further than the record's end. */
static void
test_guard(void)
{
	static const struct aqi_sink_guard guard = {enter, leave, made, gone,
						    &stop};
	struct aqi_error err = {0};
	struct aqi_sink *sink = aqi_sink_open(path, &guard, &err);
	size_t n = 99;

	ok(aqi_sink_write(sink, "one\n", 4, NULL, 0, NULL, &err) == AQI_OK &&
	   holds(aqi_sink_temporary(sink), "one\n"),
	   "a guard that says nothing changes nothing");
	stop = SIGTERM;
	ok(aqi_sink_write(sink, "two\n", 4, (size_t[]){4}, 1, &n, &err) ==
		   AQI_OK && n == 0 &&
	   holds(aqi_sink_temporary(sink), "one\n"),
	   "behind a signal no record is begun");
	aqi_sink_discard(sink);
	ok(strcmp(calls, "+<><>-") == 0, "the guard is told of all: %s",
	   calls);
	memset(calls, 0, sizeof calls);
	n_calls = 0;
	stop = 0;
	sink = aqi_sink_open_partial(path, NULL, &guard, &err);
	aqi_sink_keep(sink);
	aqi_sink_keep(sink);
	ok(strcmp(calls, "+-") == 0, "a file that stays is forgotten once");
	aqi_sink_unkeep(sink);
	aqi_sink_discard(sink);
	ok(strcmp(calls, "+-+-") == 0 && access(partial, F_OK) != 0,
	   "and goes after all where no checkpoint names it");
}

static void
test_streams(void)
{
	static const struct { const char *name; bool is_stream; } cases[] = {
		{NULL, true}, {"-", true}, {"/dev/stdout", true},
		{"/dev/stderr", true}, {"/dev/null", true}, {"/tmp", true},
		{"/dev/fd/", true}, {"/dev/fd/9", true}, {"/dev/fd/99999", true},
		{"/dev/fd/999999", false}, {"/dev/fd/9x", false},
		{"/dev/fd9", false}, {"/nonexistent/x", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ok(aqi_sink_is_stream(cases[i].name) == cases[i].is_stream,
		   "%s is %s", cases[i].name ? cases[i].name : "no name",
		   cases[i].is_stream ? "written to directly" : "a file");
}

/* Is it done, are two one, is the input the output: no, where the system does
 * not tell. */
static void
test_same(void)
{
	static const char *const calls_of_done[] = {"fstat", "pread"};
	struct aqi_error err = {0};
	struct aqi_mark mark;
	struct aqi_sink *sink = aqi_sink_open_partial(path, NULL, NULL, &err);
	struct aqi_sink *a, *b, *null;
	char name[32];
	int fd;

	ok(write_text(sink, "done\n") &&
	   aqi_sink_mark(sink, &mark, &err) == AQI_OK &&
	   !aqi_sink_is_done(path, &mark) &&
	   aqi_sink_close(sink, &err) == AQI_OK &&
	   aqi_sink_is_done(path, &mark), "an output is done when it has its "
	   "name");
	for (size_t i = 0; i < 2; i++) {
		fault.call = calls_of_done[i];
		fault.after = 0;
		ok(!aqi_sink_is_done(path, &mark) && !fault.call,
		   "it is not where %s fails", calls_of_done[i]);
	}
	mark.sum++;
	ok(!aqi_sink_is_done(path, &mark), "nor where its bytes are others");
	mark.size++;
	ok(!aqi_sink_is_done(path, &mark), "nor where its size is another");

	fd = open(path, O_RDWR);
	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	a = aqi_sink_open(name, NULL, &err);
	b = aqi_sink_open("/dev/stderr", NULL, &err);
	null = aqi_sink_open("/dev/null", NULL, &err);
	ok(aqi_sink_is_same(a, a) && !aqi_sink_is_same(a, null) &&
	   !aqi_sink_is_same(null, a), "a descriptor is the same as itself");
	for (int after = 0; after < 2; after++) {
		fault.call = "fstat";
		fault.after = after;
		ok(!aqi_sink_is_same(a, a) && !fault.call,
		   "but not where fstat %d fails", after + 1);
	}
	ok(aqi_sink_appends_to(a, path) && !aqi_sink_appends_to(null, path) &&
	   !aqi_sink_appends_to(a, "/nonexistent/x") &&
	   !aqi_sink_appends_to(a, folder),
	   "an input that is the output is found");
	fault.call = "fstat";
	fault.after = 0;
	ok(!aqi_sink_appends_to(a, path) && !fault.call,
	   "not where fstat fails");
	ok(ftruncate(fd, 0) == 0 && !aqi_sink_appends_to(a, path),
	   "nor where it is empty");
	aqi_sink_discard(a);
	aqi_sink_discard(b);
	aqi_sink_discard(null);
	close(fd);
}

static void
test_pipe(void)
{
	static const char text[AQI_PIPE_USUAL];
	const char *const sentence =
		"a pipe is widened when much is written at once, not before";
	struct aqi_error err;
	struct aqi_sink *sink;
	char name[32];
	int fds[2];
	bool was_wide;

	if (!open_pipe(fds)) {
		skip(sentence, "pipes cannot be made wider here");
		close_pipe(fds);
		return;
	}
	snprintf(name, sizeof name, "/dev/fd/%d", fds[1]);
	sink = aqi_sink_open(name, NULL, &err);
	if (!sink || !write_text(sink, "a record\n"))
		abort();
	was_wide = is_wide(fds[0]);
	/* It would wait for ever if the pipe were not. */
	ok(aqi_sink_write(sink, text, sizeof text, NULL, 0, NULL, &err) ==
	   AQI_OK && !was_wide && is_wide(fds[0]), "%s", sentence);
	ok(aqi_sink_close(sink, &err) == AQI_OK, "it is closed like others");
	close_pipe(fds);
}

int
main(void)
{
	umask(022);
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/file", folder);
	snprintf(other, sizeof other, "%s/link", folder);
	snprintf(partial, sizeof partial, "%s.partial", path);
	test_all_or_nothing();
	test_links();
	test_direct();
	test_pipe();
	test_cut_back();
	test_faults();
	test_take_back();
	test_partial();
	test_long_name();
	test_guard();
	test_streams();
	test_same();
	unlink(path);
	rmdir(folder);
	return done();
}
