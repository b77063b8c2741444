/* pipes.h: pipes, and what they hold. */
#ifndef AQI_TESTS_PIPES_H
#define AQI_TESTS_PIPES_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

/* A pipe of the usual capacity; false where it cannot hold more. */
static bool
open_pipe(int fds[2])
{
#ifdef F_SETPIPE_SZ
	if (pipe(fds) != 0)
		abort();
	return fcntl(fds[1], F_SETPIPE_SZ, (int)AQI_PIPE_WIDE) > 0 &&
	       fcntl(fds[1], F_SETPIPE_SZ, (int)AQI_PIPE_USUAL) > 0;
#else
	if (pipe(fds) != 0)
		abort();
	return false;
#endif
}

static bool
is_wide(int fd)
{
#ifdef F_GETPIPE_SZ
	return fcntl(fd, F_GETPIPE_SZ) >= (int)AQI_PIPE_WIDE;
#else
	(void)fd;
	return false;
#endif
}

static void
close_pipe(const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

#endif
