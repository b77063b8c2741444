#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/large.h"

#define STEP ((size_t)64 * 1024)

bool
aqi_file_is_path(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return strchr(name, '/') ||
	       (n > m && strcmp(name + n - m, ending) == 0);
}

bool
aqi_file_stat(const char *name, struct stat *st)
{
	return (strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, st) :
					 stat(name, st)) == 0;
}

static enum aqi_status
fail(struct aqi_error *err, enum aqi_code code, const char *path,
     const char *what, int error_number)
{
	aqi_error_system(err, error_number, "%s", what);
	if (err && err->code == AQI_E_IO)
		err->code = code;
	return aqi_error_at(err, path, 0, 0);
}

static enum aqi_status
too_large(struct aqi_error *err, enum aqi_code code, const char *path,
	  size_t limit)
{
	aqi_error_set(err, code, "larger than the limit of %zu bytes", limit);
	return aqi_error_at(err, path, 0, 0);
}

/* All of a file that says its size, and a byte to see that there is no more. */
static enum aqi_status
reserve(struct aqi_buffer *bytes, size_t size, struct aqi_error *err)
{
	const size_t capacity = (size / AQI_FILE_ALIGN + 1) * AQI_FILE_ALIGN;

	bytes->data = aqi_large_aligned(AQI_FILE_ALIGN, capacity);
	if (!bytes->data)
		return aqi_error_memory(err);
	bytes->capacity = capacity;
	return AQI_OK;
}

/* A file says its size, so that one too large costs nothing; a pipe does not,
 * and a file may grow meanwhile. */
static enum aqi_status
read_all(int fd, const char *path, size_t limit, enum aqi_code code,
	 struct aqi_buffer *bytes, struct aqi_error *err)
{
	struct stat st;
	size_t n;
	ssize_t got;
	char *room;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if ((uint64_t)st.st_size > limit)
			return too_large(err, code, path, limit);
		if (reserve(bytes, (size_t)st.st_size, err) != AQI_OK)
			return AQI_FATAL;
	}
	for (;;) {
		n = bytes->capacity - bytes->size;
		if (n == 0)
			n = STEP;
		room = aqi_buffer_room(bytes, n);
		if (!room)
			return aqi_error_memory(err);
		got = read(fd, room, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(err, code, path, "cannot read", errno);
		if (got == 0)
			return AQI_OK;
		bytes->size += (size_t)got;
		if (bytes->size > limit)
			return too_large(err, code, path, limit);
	}
}

enum aqi_status
aqi_file_load(const char *path, size_t limit, enum aqi_code code,
	      struct aqi_buffer *bytes, struct aqi_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum aqi_status status;

	*bytes = (struct aqi_buffer){0};
	if (fd < 0)
		return fail(err, code, path, "cannot open", errno);
	status = read_all(fd, path, limit, code, bytes, err);
	close(fd);
	if (status != AQI_OK)
		aqi_buffer_free(bytes);
	return status;
}

bool
aqi_file_sync(int fd)
{
	int failed;

	do
		failed = fsync(fd);
	while (failed && errno == EINTR);
	return !failed;
}

void
aqi_file_widen_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
	int size = fcntl(fd, F_GETPIPE_SZ);

	/* Through pipes of 64 KiB a run gave up its processor five times for
	 * each 128 KiB of CSV, and through these it never did. */
	if (size >= 0 && (size_t)size < AQI_PIPE_WIDE)
		(void)!fcntl(fd, F_SETPIPE_SZ, (int)AQI_PIPE_WIDE);
#else
	(void)fd;
#endif
}

/* A crash could undo a rename that is not on the disk as well. Some file
 * systems cannot sync a folder; the file itself is safe by then. */
void
aqi_file_sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd;

	if (!copy)
		return;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

/* The last part of a path behind the real path of its folder; NULL on error. */
static char *
in_real_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *copy, *folder, *target = NULL;

	/* A slash at the end means a folder, as open(2) has it. */
	if (slash && !slash[1]) {
		errno = EISDIR;
		return NULL;
	}
	copy = strdup(path);
	folder = copy ? realpath(dirname(copy), NULL) : NULL;
	if (folder && asprintf(&target, "%s/%s", folder,
			       slash ? slash + 1 : path) < 0)
		target = NULL;
	free(folder);
	free(copy);
	return target;
}

/* What a symbolic link says, as a path of its own; NULL on error. */
static char *
read_link(const char *path)
{
	char text[PATH_MAX], *copy, *target = NULL;
	ssize_t n = readlink(path, text, sizeof text - 1);

	if (n < 0)
		return NULL;
	text[n] = '\0';
	if (text[0] == '/')
		return strdup(text);
	copy = strdup(path);
	if (copy && asprintf(&target, "%s/%s", dirname(copy), text) < 0)
		target = NULL;
	free(copy);
	return target;
}

char *
aqi_file_target(const char *path)
{
	char *target = realpath(path, NULL), *next;
	struct stat st;

	if (target || errno != ENOENT)
		return target;
	target = in_real_folder(path);
	/* A loop is no ENOENT, so that this comes to an end. */
	while (target && lstat(target, &st) == 0 && S_ISLNK(st.st_mode)) {
		next = read_link(target);
		free(target);
		target = next ? in_real_folder(next) : NULL;
		free(next);
	}
	return target;
}
