/*
 * world.h: standard input in memory, for targets that have it read twice: all
 * at once, and in pieces with pauses between them.
 *
 * It stands in for read(2) and poll(2) while the world is on. A target includes
 * it before all else but its own #undef of _FORTIFY_SOURCE, whose declarations
 * could not be replaced.
 */
#ifndef AQI_TESTS_WORLD_H
#define AQI_TESTS_WORLD_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/slice.h"

static struct {
	bool is_on;
	struct aqi_slice left;		/* to be read */
	uint32_t pieces, state;		/* pieces 0: all at once */
} world;

static inline void
world_begin(struct aqi_slice input, uint32_t pieces)
{
	world.left = input;
	world.pieces = world.state = pieces;
	world.is_on = true;
}

static inline void
world_end(void)
{
	world.is_on = false;
}

/* A number below n, the same ones for the same pieces. */
static inline uint32_t
world_chance(uint32_t n)
{
	world.state = world.state * 1664525 + 1013904223;
	return (world.state >> 16) % n;
}

ssize_t
read(int fd, void *data, size_t size)
{
	size_t n = world.left.size < size ? world.left.size : size;

	if (!world.is_on || fd != STDIN_FILENO)
		return syscall(SYS_read, fd, data, size);
	if (world.pieces && world_chance(16) == 0) {
		errno = world_chance(2) ? EINTR : EAGAIN;
		return -1;
	}
	if (world.pieces && n > world.pieces)
		n = world.pieces;
	if (world.pieces && n > 0)
		n = 1 + world_chance((uint32_t)n);
	if (n > 0)
		memcpy(data, world.left.data, n);
	world.left.data += n;
	world.left.size -= n;
	return (ssize_t)n;
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec wait = {timeout / 1000, timeout % 1000 * 1000000};

	if (!world.is_on)
		return (int)syscall(SYS_ppoll, fds, n,
				    timeout < 0 ? NULL : &wait, NULL, 8);
	return timeout < 0 || !world.pieces || world_chance(3) > 0;
}

#endif
