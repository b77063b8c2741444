/*
 * fault.h: system calls of a unit test, one of which fails when it says so.
 *
 * They stand before those of the C library. A close that fails has closed.
 */
#ifndef AQI_TESTS_FAULT_H
#define AQI_TESTS_FAULT_H

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The call to fail, after so many of them that do not; NULL: none. */
static struct {
	const char *call;
	int error, after;
} fault;

static bool
fails(const char *call)
{
	if (!fault.call || strcmp(call, fault.call) != 0 || fault.after-- > 0)
		return false;
	fault.call = NULL;
	errno = fault.error;
	return true;
}

/* The C library's own. A cast of what dlsym returns is not ISO C. */
#define FIND(real, name)						\
	void *found = dlsym(RTLD_NEXT, name);				\
									\
	memcpy(&(real), &found, sizeof found)

#define FAULT(type, name, parameters, arguments)			\
	type								\
	name parameters							\
	{								\
		__typeof__(&name) real;					\
		FIND(real, #name);					\
									\
		return fails(#name) ? (type)-1 : real arguments;	\
	}

FAULT(int, fsync, (int fd), (fd))
FAULT(int, fstat, (int fd, struct stat *st), (fd, st))
FAULT(int, stat, (const char *path, struct stat *st), (path, st))
FAULT(int, flock, (int fd, int operation), (fd, operation))
FAULT(int, ftruncate, (int fd, off_t size), (fd, size))
FAULT(int, rename, (const char *from, const char *to), (from, to))
FAULT(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence))
FAULT(ssize_t, pread, (int fd, void *data, size_t size, off_t at),
      (fd, data, size, at))
FAULT(ssize_t, write, (int fd, const void *data, size_t size),
      (fd, data, size))

int
close(int fd)
{
	__typeof__(&close) real;
	FIND(real, "close");
	int failed = real(fd);

	return fails("close") ? -1 : failed;
}

#endif
