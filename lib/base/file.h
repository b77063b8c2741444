/* file.h: a whole small file in memory, and what else files have in common. */
#ifndef AQI_BASE_FILE_H
#define AQI_BASE_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/*
 * Is what a user calls a thing the path of a file, rather than one of the
 * names we know? It is when it has a slash, or this ending.
 */
bool aqi_file_is_path(const char *name, const char *ending);

struct stat;

/* As stat(2); "-" is standard input. false: see errno. */
bool aqi_file_stat(const char *name, struct stat *st);

/*
 * Read a regular file (or a pipe) of at most `limit` bytes to the end. The
 * bytes are the caller's, to be given up with aqi_buffer_free. Those of a
 * regular file that does not grow meanwhile begin at a multiple of
 * AQI_FILE_ALIGN. Fails with `code` when the file cannot be opened, read, is a
 * directory, or is larger.
 */
#define AQI_FILE_ALIGN 64
enum aqi_status aqi_file_load(const char *path, size_t limit,
			      enum aqi_code code, struct aqi_buffer *bytes,
			      struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Have a pipe hold AQI_PIPE_WIDE bytes, as far as the system lets us, so that
 * neither side waits while the other works on a chunk; nothing is done to what
 * is no pipe. For one that is read or written by AQI_PIPE_USUAL bytes at once:
 * data comes fast then. A slow one need not, and what all the pipes of a user
 * may hold is limited (see pipe(7)).
 */
#define AQI_PIPE_USUAL ((size_t)64 * 1024)
#define AQI_PIPE_WIDE ((size_t)1024 * 1024)
void aqi_file_widen_pipe(int fd);

/* Have what was written to a descriptor reach the disk; false: see errno. */
bool aqi_file_sync(int fd);

/* The same for the entry of a file in its folder, as far as that can be had. */
void aqi_file_sync_folder(const char *path);

/*
 * The file that a path means: of a symbolic link, what it leads to, be it
 * there or not; of a file that is not there yet, its folder made absolute. To
 * be given up with free(); NULL on error, see errno.
 */
char *aqi_file_target(const char *path);

#endif
