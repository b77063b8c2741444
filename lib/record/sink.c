#include "record/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/signals.h"
#include "base/sum.h"

/* So many last bytes of a partial file are looked at again. */
#define TAIL_SIZE 4096

struct aqi_sink {
	int fd;
	const char *name;	/* for messages */
	char *target;		/* the file to replace; NULL: none */
	char *temporary;
	bool is_regular;
	bool is_fast;		/* more was written at once than a pipe holds */
	bool is_partial;	/* the temporary file has a fixed name */
	bool is_kept;		/* and stays when the run fails */
	uint64_t written;	/* bytes, of all runs */
	const struct aqi_sink_guard *guard;
};

static void
sink_free(struct aqi_sink *sink)
{
	free(sink->target);
	free(sink->temporary);
	free(sink);
}

static enum aqi_status
fail(const struct aqi_sink *sink, struct aqi_error *err, const char *what)
{
	aqi_error_system(err, errno, "%s", what);
	return aqi_error_at(err, sink->name, 0, 0);
}

/* The mode that open(2) would give a new file, or that of the old one. */
static mode_t
wanted_mode(const struct stat *old)
{
	mode_t mask;

	if (old)
		return old->st_mode & 07777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

/* A temporary file and what the guard knows of it go together: signals wait
 * until both are done. */
static bool
make_temporary(struct aqi_sink *sink)
{
	sigset_t before;

	aqi_signals_hold(&before);
	sink->fd = mkostemp(sink->temporary, O_CLOEXEC);
	if (sink->fd >= 0 && sink->guard)
		sink->guard->made(sink->temporary);
	aqi_signals_release(&before);
	return sink->fd >= 0;
}

/* The temporary file gets its name, or goes. */
static bool
end_temporary(struct aqi_sink *sink, bool commit)
{
	int failed, error_number;
	sigset_t before;

	aqi_signals_hold(&before);
	failed = commit ? rename(sink->temporary, sink->target) :
			  unlink(sink->temporary);
	error_number = errno;
	if (commit && failed && !sink->is_kept)
		unlink(sink->temporary);
	if (sink->guard)
		sink->guard->gone(sink->temporary);
	aqi_signals_release(&before);
	errno = error_number;
	return !failed;
}

/* A mark's sum: of the last bytes before its size. */
static bool
sum_tail(int fd, uint64_t size, uint64_t *sum)
{
	char tail[TAIL_SIZE];
	size_t n = size < sizeof tail ? (size_t)size : sizeof tail;

	if (pread(fd, tail, n, (off_t)(size - n)) != (ssize_t)n)
		return false;
	*sum = aqi_sum(AQI_SUM_START, (struct aqi_slice){tail, n});
	return true;
}

/* Is it the open file that has this path? Else errno is as of a lock held. */
static bool
is_still_there(int fd, const char *path)
{
	struct stat of_fd, of_path;

	if (fstat(fd, &of_fd) != 0 || stat(path, &of_path) != 0)
		return false;
	errno = EAGAIN;
	return of_fd.st_dev == of_path.st_dev && of_fd.st_ino == of_path.st_ino;
}

/* A partial file as an earlier run has left it, or a new one. */
static enum aqi_status
enter_partial(struct aqi_sink *sink, const struct aqi_mark *mark,
	      struct aqi_error *err)
{
	uint64_t sum;

	sink->fd = open(sink->temporary, O_RDWR | O_CLOEXEC |
			(mark ? 0 : O_CREAT), wanted_mode(NULL));
	if (sink->fd < 0 && mark && errno == ENOENT) {
		aqi_error_set(err, AQI_E_MODEL, "its .partial file is gone; "
			      "without the checkpoint a run begins anew");
		return aqi_error_at(err, sink->name, 0, 0);
	}
	if (sink->fd < 0)
		return fail(sink, err, "cannot open for writing");
	/* A run that ends just now may have given the file its name. */
	if (flock(sink->fd, LOCK_EX | LOCK_NB) != 0 ||
	    !is_still_there(sink->fd, sink->temporary))
		return fail(sink, err, "cannot lock, as another run "
			    "may write to it");
	if (mark && (!sum_tail(sink->fd, mark->size, &sum) ||
		     sum != mark->sum)) {
		aqi_error_set(err, AQI_E_MODEL, "its .partial file is not what "
			      "it was when the checkpoint was written; without "
			      "that a run begins anew");
		return aqi_error_at(err, sink->name, 0, 0);
	}
	sink->written = mark ? mark->size : 0;
	if (ftruncate(sink->fd, (off_t)sink->written) != 0 ||
	    lseek(sink->fd, (off_t)sink->written, SEEK_SET) < 0)
		return fail(sink, err, "cannot write");
	return AQI_OK;
}

/* The same, and of a new one the guard knows. */
static enum aqi_status
open_partial(struct aqi_sink *sink, const struct aqi_mark *mark,
	     struct aqi_error *err)
{
	enum aqi_status status;
	sigset_t before;

	aqi_signals_hold(&before);
	status = enter_partial(sink, mark, err);
	if (status == AQI_OK && !mark && sink->guard)
		sink->guard->made(sink->temporary);
	aqi_signals_release(&before);
	return status;
}

/* A temporary file beside the target, which may be a symbolic link's end. */
static bool
open_temporary(struct aqi_sink *sink, const char *path, const struct stat *old)
{
	sink->target = aqi_file_target(path);
	if (!sink->target)
		return false;
	if (asprintf(&sink->temporary, "%s.XXXXXX", sink->target) < 0) {
		sink->temporary = NULL;
		return false;
	}
	if (!make_temporary(sink))
		return false;
	sink->is_regular = true;
	/* Where the mode cannot be set, the stricter one of mkostemp stays. */
	(void)!fchmod(sink->fd, wanted_mode(old));
	return true;
}

/*
 * A name for a descriptor that is open already: /dev/stdout, /dev/stderr or
 * /dev/fd/N. It is written to as it stands; opening the name anew would begin
 * again at the start of a file, and a rename would replace that.
 */
static int
named_descriptor(const char *path)
{
	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (strncmp(path, "/dev/fd/", 8) == 0 && path[8] &&
	    strlen(path + 8) < 6 &&
	    strspn(path + 8, "0123456789") == strlen(path + 8))
		return (int)strtol(path + 8, NULL, 10);
	return -1;
}

static bool
open_named(struct aqi_sink *sink, const char *path)
{
	int fd = named_descriptor(path);
	struct stat st;
	bool exists;

	if (fd >= 0) {
		sink->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		sink->is_regular = fstat(sink->fd, &st) == 0 &&
				   S_ISREG(st.st_mode);
		return sink->fd >= 0;
	}
	exists = stat(path, &st) == 0;
	if (!exists || S_ISREG(st.st_mode))
		return open_temporary(sink, path, exists ? &st : NULL);
	sink->fd = open(path, O_WRONLY | O_CLOEXEC);
	return sink->fd >= 0;
}

struct aqi_sink *
aqi_sink_open(const char *path, const struct aqi_sink_guard *guard,
	      struct aqi_error *err)
{
	struct aqi_sink *sink = calloc(1, sizeof *sink);
	struct stat st;

	if (!sink) {
		aqi_error_memory(err);
		return NULL;
	}
	sink->guard = guard;
	if (!path || strcmp(path, "-") == 0) {
		sink->fd = STDOUT_FILENO;
		sink->name = "standard output";
		sink->is_regular = fstat(sink->fd, &st) == 0 &&
				   S_ISREG(st.st_mode);
		return sink;
	}
	sink->name = path;
	if (open_named(sink, path))
		return sink;
	fail(sink, err, "cannot open for writing");
	sink_free(sink);
	return NULL;
}

bool
aqi_sink_is_stream(const char *path)
{
	struct stat st;

	return !path || strcmp(path, "-") == 0 || named_descriptor(path) >= 0 ||
	       (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

struct aqi_sink *
aqi_sink_open_partial(const char *path, const struct aqi_mark *mark,
		      const struct aqi_sink_guard *guard,
		      struct aqi_error *err)
{
	struct aqi_sink *sink;
	struct stat old;

	if (aqi_sink_is_stream(path)) {
		sink = aqi_sink_open(path, guard, err);
		if (sink && mark)
			sink->written = mark->size;
		return sink;
	}
	sink = calloc(1, sizeof *sink);
	if (!sink) {
		aqi_error_memory(err);
		return NULL;
	}
	*sink = (struct aqi_sink){.fd = -1, .guard = guard, .name = path,
				  .is_regular = true, .is_partial = true,
				  .is_kept = mark != NULL};
	sink->target = aqi_file_target(path);
	if (!sink->target) {
		fail(sink, err, "cannot open for writing");
		goto free_sink;
	}
	if (asprintf(&sink->temporary, "%s.partial", sink->target) < 0) {
		sink->temporary = NULL;
		aqi_error_memory(err);
		goto free_sink;
	}
	if (open_partial(sink, mark, err) != AQI_OK)
		goto close_file;
	if (stat(sink->target, &old) == 0)
		(void)!fchmod(sink->fd, old.st_mode & 07777);
	return sink;
close_file:
	if (sink->fd >= 0)
		close(sink->fd);
free_sink:
	sink_free(sink);
	return NULL;
}

void
aqi_sink_keep(struct aqi_sink *sink)
{
	if (sink->is_partial && !sink->is_kept && sink->guard)
		sink->guard->gone(sink->temporary);
	sink->is_kept = sink->is_partial;
}

void
aqi_sink_unkeep(struct aqi_sink *sink)
{
	if (sink->is_kept && sink->guard)
		sink->guard->made(sink->temporary);
	sink->is_kept = false;
}

bool
aqi_sink_is_partial(const struct aqi_sink *sink)
{
	return sink->is_partial;
}

enum aqi_status
aqi_sink_mark(struct aqi_sink *sink, struct aqi_mark *mark,
	      struct aqi_error *err)
{
	*mark = (struct aqi_mark){.size = sink->written};
	/* A pipe cannot be synced, and need not be. */
	if (sink->is_regular && !aqi_file_sync(sink->fd))
		return fail(sink, err, "cannot write");
	if (sink->is_partial && !sum_tail(sink->fd, mark->size, &mark->sum))
		return fail(sink, err, "cannot read");
	return AQI_OK;
}

bool
aqi_sink_is_done(const char *path, const struct aqi_mark *mark)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint64_t sum;
	bool is_done;

	if (fd < 0)
		return false;
	is_done = fstat(fd, &st) == 0 && (uint64_t)st.st_size == mark->size &&
		  sum_tail(fd, mark->size, &sum) && sum == mark->sum;
	close(fd);
	return is_done;
}

const char *
aqi_sink_temporary(const struct aqi_sink *sink)
{
	return sink->temporary;
}

/* Cut a regular file back by n bytes, if it ends where we stand. */
static void
take_back(struct aqi_sink *sink, size_t n)
{
	off_t here = lseek(sink->fd, 0, SEEK_CUR);
	struct stat st;

	if (!sink->is_regular || here < (off_t)n || fstat(sink->fd, &st) != 0 ||
	    st.st_size != here || ftruncate(sink->fd, here - (off_t)n) != 0)
		return;
	lseek(sink->fd, here - (off_t)n, SEEK_SET);
}

static void
wait_for_room(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	poll(&p, 1, -1);
}

/* How far to write when a signal asks for an end: to that of the record in
 * which `done` lies, or no further when it lies between two. */
static size_t
end_of_record(const size_t *ends, size_t n_ends, size_t done, size_t size)
{
	if (done == 0)
		return 0;
	for (size_t i = 0; i < n_ends; i++)
		if (ends[i] >= done)
			return ends[i];
	return size;
}

/* Write to the last byte, or to a record's end if the guard says stop; *done,
 * out, tells how much is written. */
static enum aqi_status
write_all(struct aqi_sink *sink, const char *data, size_t size,
	  const size_t *ends, size_t n_ends, size_t *done,
	  struct aqi_error *err)
{
	ssize_t put;

	for (*done = 0; *done < size; ) {
		if (sink->guard && *sink->guard->stop)
			size = end_of_record(ends, n_ends, *done, size);
		if (*done >= size)
			break;
		put = write(sink->fd, data + *done, size - *done);
		if (put >= 0)
			*done += (size_t)put;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			wait_for_room(sink->fd);
		else if (errno != EINTR)
			return fail(sink, err, "cannot write");
	}
	return AQI_OK;
}

enum aqi_status
aqi_sink_write(struct aqi_sink *sink, const char *data, size_t size,
	       const size_t *ends, size_t n_ends, size_t *n_written,
	       struct aqi_error *err)
{
	size_t done, n = 0;
	enum aqi_status status;

	if (!sink->is_fast && size >= AQI_PIPE_USUAL) {
		sink->is_fast = true;
		aqi_file_widen_pipe(sink->fd);
	}
	if (sink->guard)
		sink->guard->enter();
	status = write_all(sink, data, size, ends, n_ends, &done, err);
	while (n < n_ends && ends[n] <= done)
		n++;
	if (n_written)
		*n_written = n;
	if (status != AQI_OK)
		take_back(sink, done - (n ? ends[n - 1] : 0));
	sink->written += done;
	if (sink->guard)
		sink->guard->leave();
	return status;
}

enum aqi_status
aqi_sink_close(struct aqi_sink *sink, struct aqi_error *err)
{
	enum aqi_status status = AQI_OK;

	if (sink->temporary && !aqi_file_sync(sink->fd))
		status = fail(sink, err, "cannot write");
	if (close(sink->fd) != 0 && status == AQI_OK && errno != EINTR)
		status = fail(sink, err, "cannot write");
	if (sink->temporary && status == AQI_OK) {
		if (end_temporary(sink, true))
			aqi_file_sync_folder(sink->target);
		else
			status = fail(sink, err,
				      "cannot rename the temporary file");
	} else if (sink->temporary && !sink->is_kept) {
		end_temporary(sink, false);
	}
	sink_free(sink);
	return status;
}

void
aqi_sink_discard(struct aqi_sink *sink)
{
	if (!sink)
		return;
	if (sink->fd > STDERR_FILENO)
		close(sink->fd);
	if (sink->temporary && !sink->is_kept)
		end_temporary(sink, false);
	sink_free(sink);
}

bool
aqi_sink_replaces(const struct aqi_sink *sink, const char *path)
{
	char *target = sink->target ? realpath(path, NULL) : NULL;
	bool same = target && strcmp(target, sink->target) == 0;

	free(target);
	return same;
}

bool
aqi_sink_appends_to(const struct aqi_sink *sink, const char *input)
{
	struct stat of_input, of_sink;

	return !sink->target && sink->is_regular &&
	       aqi_file_stat(input, &of_input) &&
	       fstat(sink->fd, &of_sink) == 0 &&
	       of_input.st_dev == of_sink.st_dev &&
	       of_input.st_ino == of_sink.st_ino && of_input.st_size > 0;
}

bool
aqi_sink_is_same(const struct aqi_sink *a, const struct aqi_sink *b)
{
	struct stat of_a, of_b;

	if (a->target || b->target)
		return a->target && b->target &&
		       strcmp(a->target, b->target) == 0;
	return fstat(a->fd, &of_a) == 0 && fstat(b->fd, &of_b) == 0 &&
	       of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}
