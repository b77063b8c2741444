#include "model/lightgbm_window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/lightgbm.h"
#include "model/lightgbm_line.h"

/*
 * Larger ones do not stay in the cache with what is made of them; smaller ones
 * ask the system more often. The system copies fast from and to whole pages, so
 * that each piece begins at one.
 */
#define PIECE ((size_t)128 << 10)
#define PAGE 4096

/* Smaller files are in the cache anyway. */
#define LEAST ((size_t)512 << 10)

/* n bytes of a file from there on, all of them. */
static bool
read_bytes(int fd, size_t from, char *to, size_t n)
{
	while (n > 0) {
		const ssize_t got = pread(fd, to, n, (off_t)from);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		from += (size_t)got;
		to += got;
		n -= (size_t)got;
	}
	return true;
}

/* The next n bytes, all of them. */
static bool
read_piece(struct aqi_lightgbm_window *w, char *to, size_t n)
{
	const size_t from = w->size - w->n_left;
	char more;

	w->n_left -= n;
	/* Is that the end? */
	return read_bytes(w->fd, from, to, n) &&
	       (w->n_left > 0 || pread(w->fd, &more, 1, (off_t)w->size) == 0);
}

/* A regular file of a size that is worth it? */
static bool
is_large(const struct stat *st, size_t limit)
{
	return S_ISREG(st->st_mode) && st->st_size >= (off_t)LEAST &&
	       (uint64_t)st->st_size <= limit;
}

/* Every large model comes by here, so that no more than its beginning is read
 * of one that is of another kind. */
static bool
is_model(int fd)
{
	char begun[8];
	const ssize_t got = pread(fd, begun, sizeof begun, 0);

	return got > 0 &&
	       aqi_lightgbm_is_model((struct aqi_slice){begun, (size_t)got});
}

/* Others are not opened: a pipe can be only once. */
static int
open_large(const char *path, size_t limit, size_t *size)
{
	struct stat st;
	int fd;

	if (stat(path, &st) != 0 || !is_large(&st, limit))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && is_large(&st, limit) && is_model(fd)) {
		*size = (size_t)st.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

bool
aqi_lightgbm_window_open(struct aqi_lightgbm_window *w, const char *path,
			 size_t limit, struct aqi_slice *piece)
{
	*w = (struct aqi_lightgbm_window){0};
	w->fd = open_large(path, limit, &w->size);
	if (w->fd >= 0) {
		w->n_left = w->size;
		w->bytes = aligned_alloc(PAGE, 2 * PIECE);
		if (w->bytes && aqi_lightgbm_window_rewind(w, piece))
			return true;
	}
	aqi_lightgbm_window_close(w);
	return false;
}

bool
aqi_lightgbm_window_rewind(struct aqi_lightgbm_window *w,
			   struct aqi_slice *piece)
{
	w->n_left = w->size;
	*piece = (struct aqi_slice){w->bytes + PIECE, PIECE};
	return read_piece(w, w->bytes + PIECE, PIECE);
}

bool
aqi_lightgbm_window_open_behind(struct aqi_lightgbm_window *w,
				const struct aqi_lightgbm_window *other,
				size_t at, struct aqi_slice *piece)
{
	const size_t from = at / PAGE * PAGE;
	size_t n;

	*w = (struct aqi_lightgbm_window){
		.fd = fcntl(other->fd, F_DUPFD_CLOEXEC, 0),
		.size = other->size, .n_left = other->size - from,
		.bytes = aligned_alloc(PAGE, 2 * PIECE),
	};
	n = w->n_left < PIECE ? w->n_left : PIECE;
	if (w->fd >= 0 && w->bytes && read_piece(w, w->bytes + PIECE, n)) {
		*piece = (struct aqi_slice){w->bytes + PIECE + (at - from),
					    n - (at - from)};
		return true;
	}
	aqi_lightgbm_window_close(w);
	return false;
}

bool
aqi_lightgbm_window_look(const struct aqi_lightgbm_window *w, size_t at,
			 char *to, size_t n)
{
	return at <= w->size && n <= w->size - at &&
	       read_bytes(w->fd, at, to, n);
}

bool
aqi_lightgbm_window_fill(struct aqi_lightgbm_window *w,
			 struct aqi_lightgbm_lines *lines, size_t n)
{
	const char *from = lines->line.data;
	const size_t n_kept = (size_t)(lines->rest.data - from) +
			      lines->rest.size;
	const size_t n_more = w->n_left < PIECE ? w->n_left : PIECE;
	char *to = w->bytes + PIECE - n_kept;

	if (n_kept >= n || w->n_left == 0)
		return true;
	if (n_kept > PIECE || (n > n_kept + n_more && n_more < w->n_left))
		return false;
	memmove(to, from, n_kept);
	lines->line.data = to;
	lines->rest.data = to + (lines->rest.data - from);
	lines->rest.size += n_more;
	return read_piece(w, w->bytes + PIECE, n_more);
}

bool
aqi_lightgbm_window_fill_all(struct aqi_lightgbm_window *w,
			     struct aqi_lightgbm_lines *lines)
{
	return w->n_left <= PIECE &&
	       aqi_lightgbm_window_fill(w, lines, SIZE_MAX);
}

void
aqi_lightgbm_window_close(struct aqi_lightgbm_window *w)
{
	free(w->bytes);
	if (w->fd >= 0)
		close(w->fd);
	*w = (struct aqi_lightgbm_window){.fd = -1};
}
