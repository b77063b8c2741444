/*
 * fault.c: system calls that fail when a test says so.
 *
 * Preloaded (LD_PRELOAD) under a program, it stands before read, write, close,
 * fsync, rename and poll, and does what the environment says:
 *
 *	FAULT_CALL   which call: read, write, close, fsync, rename
 *	FAULT_AT     the n-th of these calls fails, from 1; later ones do not
 *	FAULT_FROM   the n-th fails and so do all behind it
 *	FAULT_EVERY  each k-th fails
 *	FAULT_ERRNO  with which error: ENOSPC, EIO, EDQUOT, EINTR, EAGAIN, EFBIG;
 *	             SHORT: no error, but a count of one byte
 *	FAULT_SIZE   reads move so many bytes at most, each of them
 *	FAULT_FIRST  the first read of standard input moves so many at most
 *	FAULT_SLOW   poll without a wait says that nothing is there, so that each
 *	             read stands alone, as with an input that comes slowly
 *
 * Of reads, those of standard input are counted, so that schemas and models
 * load. Writes to standard error are neither counted nor touched, so that
 * messages come out; close counts where it is about standard output or a file that was
 * written to. A close that fails has closed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHORT (-1)

static const struct {
	const char *name;
	int number;
} errors[] = {
	{"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EDQUOT", EDQUOT},
	{"EINTR", EINTR}, {"EAGAIN", EAGAIN}, {"EFBIG", EFBIG},
	{"SHORT", SHORT},
};

static unsigned char was_written[1024];	/* by descriptor */

static long
setting(const char *name)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 10) : 0;
}

static int
wanted_error(void)
{
	const char *text = getenv("FAULT_ERRNO");

	for (size_t i = 0; text && i < sizeof errors / sizeof *errors; i++)
		if (strcmp(text, errors[i].name) == 0)
			return errors[i].number;
	return EIO;
}

/* Does this call fail? The error, SHORT, or 0. */
static int
fault(const char *call)
{
	static long n;
	const char *wanted = getenv("FAULT_CALL");
	long at = setting("FAULT_AT"), from = setting("FAULT_FROM");
	long every = setting("FAULT_EVERY");

	if (!wanted || strcmp(wanted, call) != 0)
		return 0;
	n++;
	if ((at && n == at) || (from && n >= from) ||
	    (every && n % every == 0))
		return wanted_error();
	return 0;
}

ssize_t
read(int fd, void *data, size_t size)
{
	static ssize_t (*real)(int, void *, size_t);
	static bool begun;
	long most = setting("FAULT_SIZE"), first = setting("FAULT_FIRST");
	int error = fd == STDIN_FILENO ? fault("read") : 0;

	if (!real)
		real = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT,
							       "read");
	if (error > 0) {
		errno = error;
		return -1;
	}
	if (error == SHORT && size > 1)
		size = 1;
	if (first && !begun && fd == STDIN_FILENO && size > (size_t)first)
		size = (size_t)first;
	if (most && size > (size_t)most)
		size = (size_t)most;
	begun |= fd == STDIN_FILENO;
	return real(fd, data, size);
}

ssize_t
write(int fd, const void *data, size_t size)
{
	static ssize_t (*real)(int, const void *, size_t);
	int error = 0;

	if (!real)
		real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT,
								     "write");
	if (fd != STDERR_FILENO) {
		error = fault("write");
		if (fd >= 0 && (size_t)fd < sizeof was_written)
			was_written[fd] = 1;
	}
	if (error > 0) {
		errno = error;
		return -1;
	}
	if (error == SHORT && size > 1)
		size = 1;
	return real(fd, data, size);
}

int
close(int fd)
{
	static int (*real)(int);
	int error = 0;

	if (!real)
		real = (int (*)(int))dlsym(RTLD_NEXT, "close");
	if (fd == STDOUT_FILENO || (fd >= 0 &&
	    (size_t)fd < sizeof was_written && was_written[fd])) {
		error = fault("close");
		if ((size_t)fd < sizeof was_written)
			was_written[fd] = 0;
	}
	if (real(fd) != 0)
		return -1;
	if (error > 0) {
		errno = error;
		return -1;
	}
	return 0;
}

int
fsync(int fd)
{
	static int (*real)(int);
	int error = fault("fsync");

	if (!real)
		real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	if (error > 0) {
		errno = error;
		return -1;
	}
	return real(fd);
}

int
rename(const char *from, const char *to)
{
	static int (*real)(const char *, const char *);
	int error = fault("rename");

	if (!real)
		real = (int (*)(const char *, const char *))dlsym(RTLD_NEXT,
								  "rename");
	if (error > 0) {
		errno = error;
		return -1;
	}
	return real(from, to);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	static int (*real)(struct pollfd *, nfds_t, int);

	if (!real)
		real = (int (*)(struct pollfd *, nfds_t, int))dlsym(RTLD_NEXT,
								    "poll");
	if (timeout == 0 && setting("FAULT_SLOW"))
		return 0;
	return real(fds, n, timeout);
}
