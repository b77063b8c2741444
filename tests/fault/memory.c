/*
 * memory.c: a program run again and again, each time with another allocation
 * that fails.
 *
 * Preloaded (LD_PRELOAD) under a program, it counts the allocations made after
 * main begins: malloc, calloc, realloc, aligned memory, strdup, mmap, those of
 * libc, libcsv and jansson too. The program's main then runs in one child
 * process after another: first without a fault; then, for n = 1 up to the
 * number of allocations, the n-th fails ("once"); then, for n likewise, the
 * n-th and all behind it ("from"). Of each run is asked:
 *
 *	either all is as without the fault: status, output, messages, files;
 *	or the status is 5, one message more says that memory ran out, what
 *	stands on standard output is the beginning of what would have been,
 *	up to a record's end, and files are what they were;
 *	the counts of --stats add up, and are those of what was written;
 *	no file is left beside the others of the folder;
 *	and when main returns, it has freed as much as without the fault.
 *
 * A line for each run that fails goes to standard error, and a summary to
 * standard output: N allocations, N runs, N harmless, N failed. The status is
 * 0 if none failed. Standard input must be a regular file.
 *
 *	MEMORY_FILES  names of files, separated by blanks, that are written all
 *	              or nothing; they are there before each run
 *	MEMORY_MOST   run at most so many of each kind, chosen at random
 *	MEMORY_SEED   what that random choice begins with
 *	MEMORY_ONCE   no loop: the n-th allocation fails, for a debugger
 *	MEMORY_FROM   the same from the n-th on
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <iconv.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLD "old\n"
#define MAX_FRAMES 24
#define MAX_TOLD 10
#define PATIENCE 20	/* seconds, for a run under a sanitizer */

enum kind { NONE, ONCE, FROM };

static const char *const kind_words[] = {"none", "once", "from"};

/* What a run tells: a page that it shares with the loop. */
static struct run {
	size_t n_calls;
	long live;		/* allocated and not freed */
	bool returned;		/* main did, and was not left by exit */
	bool failed;		/* an allocation did */
	int n_frames;
	void *frames[MAX_FRAMES];	/* who asked for it */
} *run;

/* What this process is to do. */
static bool counts;
static bool caches;		/* libc keeps what it allocates now */
static enum kind kind;
static size_t failing;

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void *(*next_aligned)(size_t, size_t);
static void *(*next_mmap)(void *, size_t, int, int, int, off_t);
static void (*next_free)(void *);
static iconv_t (*next_iconv_open)(const char *, const char *);
static int (*next_iconv_close)(iconv_t);

static void *
next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		_exit(99);
	return function;
}

/* All at the first call: dlsym itself may free, which then comes by here. */
static void
find_next(void)
{
	static bool begun;

	if (begun)
		return;
	begun = true;
	*(void **)&next_free = next("free");
	*(void **)&next_malloc = next("malloc");
	*(void **)&next_calloc = next("calloc");
	*(void **)&next_realloc = next("realloc");
	*(void **)&next_aligned = next("aligned_alloc");
	*(void **)&next_mmap = next("mmap");
	*(void **)&next_iconv_open = next("iconv_open");
	*(void **)&next_iconv_close = next("iconv_close");
}

/* Is this the one? errno is set if so. */
static bool
fails(void)
{
	size_t n;

	if (!counts)
		return false;
	n = ++run->n_calls;
	if (kind == NONE || n < failing || (kind == ONCE && n > failing))
		return false;
	if (!run->failed) {
		run->failed = true;
		counts = false;
		run->n_frames = backtrace(run->frames, MAX_FRAMES);
		counts = true;
	}
	errno = ENOMEM;
	return true;
}

static void *
note(void *memory)
{
	if (counts && !caches && memory)
		run->live++;
	return memory;
}

void *
malloc(size_t size)
{
	find_next();
	return fails() || !next_malloc ? NULL : note(next_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	find_next();
	return fails() || !next_calloc ? NULL : note(next_calloc(n, size));
}

void *
realloc(void *old, size_t size)
{
	void *memory;

	find_next();
	if (fails())
		return NULL;
	memory = next_realloc(old, size);
	if (counts && !caches && memory && !old)
		run->live++;
	return memory;
}

void *
reallocarray(void *old, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, n * size);
}

void
free(void *memory)
{
	find_next();
	if (counts && !caches && memory)
		run->live--;
	if (next_free)
		next_free(memory);
}

void *
aligned_alloc(size_t align, size_t size)
{
	find_next();
	return fails() ? NULL : note(next_aligned(align, size));
}

void *
memalign(size_t align, size_t size)
{
	return aligned_alloc(align, size);
}

int
posix_memalign(void **memory, size_t align, size_t size)
{
	void *got = aligned_alloc(align, size);

	if (!got)
		return ENOMEM;
	*memory = got;
	return 0;
}

/* A sanitizer has its own strdup, which would not come by here. */
char *
strndup(const char *text, size_t n)
{
	size_t size = strnlen(text, n);
	char *copy = malloc(size + 1);

	if (!copy)
		return NULL;
	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *
strdup(const char *text)
{
	return strndup(text, strlen(text));
}

void *
mmap(void *where, size_t size, int prot, int flags, int fd, off_t offset)
{
	find_next();
	return fails() ? MAP_FAILED :
	       next_mmap(where, size, prot, flags, fd, offset);
}

/* What was converted once is kept for later, for how long is iconv's affair. */
iconv_t
iconv_open(const char *to, const char *from)
{
	iconv_t opened;

	find_next();
	caches = true;
	opened = next_iconv_open(to, from);
	caches = false;
	return opened;
}

int
iconv_close(iconv_t opened)
{
	int failed;

	find_next();
	caches = true;
	failed = next_iconv_close(opened);
	caches = false;
	return failed;
}

/* There if a sanitizer looks for leaks: the loop's own are none of a run's. */
__attribute__((weak)) void __lsan_disable(void);
__attribute__((weak)) void __lsan_enable(void);

/* All of a file's bytes. */
struct text {
	char *data;
	size_t size;
};

/* The loop: what it needs of one run after another. */
static struct loop {
	int (*main)(int, char **, char **);
	int argc;
	char **argv, **envp;
	int out, err;		/* memory files in the place of 1 and 2 */
	char *files[8];
	size_t n_files, n_entries;
	struct text base_out, base_err, base_files[8];
	int base_status;
	long base_live;
	bool counts_lines;	/* --stats counts the lines of the output */
	size_t n_calls, n_runs, n_harmless, n_failed;
} loop;

static struct text
text_of(int fd)
{
	struct text text = {0};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return text;
	text.size = (size_t)st.st_size;
	text.data = calloc(text.size + 1, 1);
	if (pread(fd, text.data, text.size, 0) != (ssize_t)text.size)
		_exit(98);
	return text;
}

static struct text
text_of_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct text text = text_of(fd);

	if (fd >= 0)
		close(fd);
	return text;
}

static bool
same(struct text a, struct text b)
{
	return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

static size_t
count_entries(void)
{
	DIR *folder = opendir(".");
	size_t n = 0;

	while (folder && readdir(folder))
		n++;
	if (folder)
		closedir(folder);
	return n;
}

static void
restore_files(void)
{
	for (size_t i = 0; i < loop.n_files; i++) {
		int fd = open(loop.files[i], O_WRONLY | O_CREAT | O_TRUNC, 0644);

		if (write(fd, OLD, strlen(OLD)) < 0)
			_exit(97);
		close(fd);
	}
}

/* What the program does at exit, and a sanitizer, is not its run. */
static void
disarm(void)
{
	counts = false;
}

static void
be_the_run(enum kind of, size_t n)
{
	int status;

	dup2(loop.out, STDOUT_FILENO);
	dup2(loop.err, STDERR_FILENO);
	lseek(STDIN_FILENO, 0, SEEK_SET);
	alarm(PATIENCE);
	atexit(disarm);
	if (__lsan_enable)
		__lsan_enable();
	kind = of;
	failing = n;
	counts = true;
	status = loop.main(loop.argc, loop.argv, loop.envp);
	counts = false;
	run->returned = true;
	exit(status);
}

/* The status of a run, or minus its signal. */
static int
run_once(enum kind of, size_t n)
{
	pid_t pid;
	int status;

	*run = (struct run){0};
	if (ftruncate(loop.out, 0) || ftruncate(loop.err, 0) ||
	    lseek(loop.out, 0, SEEK_SET) || lseek(loop.err, 0, SEEK_SET))
		_exit(96);
	restore_files();
	pid = fork();
	if (pid == 0)
		be_the_run(of, n);
	if (waitpid(pid, &status, 0) != pid)
		_exit(95);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* --stats: do the counts add up, and to the lines of the output? */
static bool
is_counted(struct text out, struct text err, bool by_lines)
{
	unsigned long long got, written, refused, merged = 0;
	char *line = err.data ? strstr(err.data, ": read ") : NULL, *more;
	size_t n_lines = 0;

	if (!line || sscanf(line, ": read %llu written %llu refused %llu", &got,
			    &written, &refused) != 3)
		return true;
	if ((more = strstr(line, " merged ")))
		merged = strtoull(more + 8, NULL, 10);
	for (size_t i = 0; i < out.size; i++)
		n_lines += out.data[i] == '\n';
	if (out.size && out.data[0] != '{')
		n_lines--;
	return got == written + refused + merged &&
	       (!by_lines || n_lines == written);
}

/* Is a line one that says that memory ran out? */
static bool
says_so(const char *line, size_t size)
{
	static const char *const words[] = {
		": memory ran out\n", "\"code\":\"memory\",\"reason\":\"memory ran out\"}\n"
	};
	size_t n;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		n = strlen(words[i]);
		if (size >= n && memcmp(line + size - n, words[i], n) == 0)
			return true;
	}
	return false;
}

/* One such line; before it what is said without a fault; behind it counts. */
static bool
is_told(struct text err)
{
	const char *p = err.data, *end = p + err.size, *line_end;
	size_t n, n_told = 0;

	for (; p < end; p += n) {
		line_end = memchr(p, '\n', (size_t)(end - p));
		if (!line_end)
			return false;
		n = (size_t)(line_end + 1 - p);
		if (says_so(p, n))
			n_told++;
		else if (!memmem(p, n, ": read ", 7) && !(loop.base_err.size &&
			 memmem(loop.base_err.data, loop.base_err.size, p, n)))
			return false;
	}
	return n_told == 1;
}

static bool
files_are(bool old)
{
	static const struct text before = {(char *)OLD, sizeof OLD - 1};
	bool are = true;

	for (size_t i = 0; i < loop.n_files; i++) {
		struct text text = text_of_file(loop.files[i]);

		are &= same(text, old ? before : loop.base_files[i]);
		free(text.data);
	}
	return are;
}

/* What is wrong with a run; NULL: nothing. */
static const char *
verdict(int status, struct text out, struct text err)
{
	bool is_whole = out.size == 0 || out.data[out.size - 1] == '\n';

	if (status != loop.base_status && status != 5)
		return "another status";
	if (count_entries() != loop.n_entries)
		return "a file is left";
	/* A sanitizer looks itself, and not all its memory comes by here. */
	if (run->returned && !__lsan_disable && run->live > loop.base_live)
		return "memory is lost";
	if (!is_counted(out, err, loop.counts_lines))
		return "the counts do not add up";
	if (status == loop.base_status && same(out, loop.base_out) &&
	    same(err, loop.base_err) && files_are(false)) {
		loop.n_harmless += run->failed;
		return NULL;
	}
	if (status != 5)
		return "another output or message, and no word of it";
	if (!is_told(err))
		return "not the message alone";
	if (!is_whole || out.size > loop.base_out.size ||
	    (out.size && memcmp(out.data, loop.base_out.data, out.size)))
		return "not the beginning of the output";
	if (!files_are(true))
		return "a file has changed";
	return NULL;
}

static void
tell(enum kind of, size_t n, const char *wrong, int status, struct text out,
     struct text err)
{
	if (loop.n_failed++ >= MAX_TOLD)
		return;
	fprintf(stderr, "%s %zu: %s; status %d, %zu bytes out, live %ld, said: "
		"%.1000s\n", kind_words[of], n, wrong, status, out.size,
		run->live, err.data);
	backtrace_symbols_fd(run->frames, run->n_frames, STDERR_FILENO);
}

/* Was there a fault for it? */
static bool
judge(enum kind of, size_t n)
{
	int status = run_once(of, n);
	struct text out = text_of(loop.out), err = text_of(loop.err);
	const char *wrong;

	wrong = verdict(status, out, err);
	if (wrong)
		tell(of, n, wrong, status, out, err);
	loop.n_runs += run->failed;
	free(out.data);
	free(err.data);
	return run->failed;
}

/* What the fault-free run is, to which the others are held. */
static void
learn(void)
{
	int status = run_once(NONE, 0);

	loop.base_status = status;
	loop.base_live = run->live;
	loop.n_calls = run->n_calls;
	loop.base_out = text_of(loop.out);
	loop.base_err = text_of(loop.err);
	/* Not of a summary, nor where a line end stands in quotes. */
	loop.counts_lines = is_counted(loop.base_out, loop.base_err, true);
	for (size_t i = 0; i < loop.n_files; i++)
		loop.base_files[i] = text_of_file(loop.files[i]);
	loop.n_entries = count_entries();
}

static size_t
setting(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* All, or one of each of `most` parts of equal size. */
static void
judge_all(enum kind of)
{
	size_t most = setting("MEMORY_MOST");

	if (!most || most >= loop.n_calls) {
		for (size_t n = 1; judge(of, n); n++)
			;
		return;
	}
	srandom((unsigned)setting("MEMORY_SEED"));
	for (size_t i = 0; i < most; i++)
		judge(of, 1 + (i * loop.n_calls +
			       (size_t)random() % loop.n_calls) / most);
}

static int
run_loop(int argc, char **argv, char **envp)
{
	char *files = getenv("MEMORY_FILES");

	if (__lsan_disable)
		__lsan_disable();
	loop.argc = argc;
	loop.argv = argv;
	loop.envp = envp;
	loop.out = memfd_create("out", MFD_CLOEXEC);
	loop.err = memfd_create("err", MFD_CLOEXEC);
	for (char *name = files ? strtok(strdup(files), " ") : NULL; name;
	     name = strtok(NULL, " "))
		loop.files[loop.n_files++] = name;
	backtrace(run->frames, MAX_FRAMES);	/* loads what it needs */
	learn();
	judge_all(ONCE);
	judge_all(FROM);
	printf("%zu allocations, %zu runs, %zu harmless, %zu failed\n",
	       loop.n_calls, loop.n_runs, loop.n_harmless, loop.n_failed);
	return loop.n_failed > 0;
}

static int
other_main(int argc, char **argv, char **envp)
{
	run = mmap(NULL, sizeof *run, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	failing = setting("MEMORY_ONCE");
	if (failing)
		kind = ONCE;
	else if ((failing = setting("MEMORY_FROM")))
		kind = FROM;
	if (!failing)
		return run_loop(argc, argv, envp);
	counts = true;
	atexit(disarm);
	return loop.main(argc, argv, envp);
}

/* libc's own start of main, given another main. */
int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
		  void (*init)(void), void (*fini)(void),
		  void (*rtld_fini)(void), void *stack_end)
{
	int (*start)(int (*)(int, char **, char **), int, char **,
		     void (*)(void), void (*)(void), void (*)(void), void *);

	*(void **)&start = next("__libc_start_main");
	loop.main = main;
	return start(other_main, argc, argv, init, fini, rtld_fini, stack_end);
}
