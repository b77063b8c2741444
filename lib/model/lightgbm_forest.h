/*
 * lightgbm_forest.h: the trees of a LightGBM text model, read by one thread or
 * several.
 *
 * Where the header tells the size of each tree, several threads read from cuts
 * that follow from it, if trees do begin there: each with a builder of its own.
 * What they make is what one makes, to the byte. Where anything is wrong, one
 * thread reads the trees once more, and tells what it is.
 */
#ifndef AQI_MODEL_LIGHTGBM_FOREST_H
#define AQI_MODEL_LIGHTGBM_FOREST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_forest;
struct aqi_forest_shape;
struct aqi_lightgbm_header;
struct aqi_lightgbm_lines;
struct aqi_lightgbm_window;

struct aqi_lightgbm_source {
	struct aqi_slice bytes;		/* of the file, or its first piece */
	struct aqi_lightgbm_window *window;	/* of the rest; or NULL */
	size_t size;			/* of the file */
	const struct aqi_lightgbm_lines *lines;	/* at the first tree */
	const struct aqi_lightgbm_header *header;
	const struct aqi_forest_shape *shape;
	bool skips_statistics;
	size_t n_shares;		/* threads, at most */
	size_t most;			/* bytes that trees may take */
};

/*
 * With a window, sizes of trees are told, and it is read by one thread or by
 * two (lightgbm_halves.h); what is said of a fault is of no account then.
 *
 * The forest of these trees, and what stands behind them is looked at, too.
 * Fails as model/lightgbm.h says.
 *
 * looked_at  out, where it is known: a part of the file that holds no NUL; not
 *            with a window, where that is a fault
 */
struct aqi_forest *
aqi_lightgbm_forest_read(const struct aqi_lightgbm_source *source,
			 struct aqi_slice *looked_at,
			 struct aqi_error *err) AQI_MUST_CHECK;

#endif
