/*
 * lightgbm_window.h: a file of a LightGBM text model, of which a piece is in
 * memory at a time. Private: for lightgbm.c and those who read its trees.
 *
 * What is read in pieces that stay in the second-level cache is there when its
 * trees are read, and its memory serves for the next: of a file of 10 MB that
 * saves a tenth of the time and as much memory. A tree is in the window as a
 * whole, and so is what stands before the trees, and behind them; a file for
 * which that takes too much is none for this.
 *
 * Nothing is told of what is wrong: who reads a file by a window reads it
 * otherwise then, from its start.
 */
#ifndef AQI_MODEL_LIGHTGBM_WINDOW_H
#define AQI_MODEL_LIGHTGBM_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct aqi_lightgbm_lines;

/* One thread. */
struct aqi_lightgbm_window {
	int fd;
	size_t size;		/* of the file */
	size_t n_left;		/* bytes that are not read yet */
	char *bytes;		/* room for what is left of a piece, and for
				 * the next behind it */
};

/*
 * Open a regular file that begins as such a model does and is large enough to
 * be worth it, up to a limit, and read its first piece. false: it is none,
 * cannot be read, or there is no memory; the window is closed then.
 *
 * piece  out: of the file, until the window is filled again
 */
bool aqi_lightgbm_window_open(struct aqi_lightgbm_window *window,
			      const char *path, size_t limit,
			      struct aqi_slice *piece);

/* So much behind the trees is in the window as a whole, wherever it begins. */
#define AQI_LIGHTGBM_TAIL ((size_t)64 << 10)

/* The first piece once more. */
bool aqi_lightgbm_window_rewind(struct aqi_lightgbm_window *window,
				struct aqi_slice *piece);

/* Another window of a file that is open, from there on, which is in it. Both
 * may be used at once, by a thread each: a file is read by places. */
bool aqi_lightgbm_window_open_behind(struct aqi_lightgbm_window *window,
				     const struct aqi_lightgbm_window *other,
				     size_t at, struct aqi_slice *piece);

/* Copy n bytes of the file from there on, wherever the window is, and whatever
 * others do with it. */
bool aqi_lightgbm_window_look(const struct aqi_lightgbm_window *window,
			      size_t at, char *to, size_t n);

/*
 * Have so many bytes from the line at hand on, or all there are. What was in
 * the window before that line is gone, and the rest of it moved, with the
 * lines. false: they are too many, or cannot be read, or the file has become
 * shorter or longer.
 */
bool aqi_lightgbm_window_fill(struct aqi_lightgbm_window *window,
			      struct aqi_lightgbm_lines *lines, size_t n);

/* The same of all that is left. */
bool aqi_lightgbm_window_fill_all(struct aqi_lightgbm_window *window,
				  struct aqi_lightgbm_lines *lines);

void aqi_lightgbm_window_close(struct aqi_lightgbm_window *window);

#endif
