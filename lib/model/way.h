/*
 * way.h: what an engine chooses among. Private.
 *
 * A method is a layout of a forest with all that it takes to make and to keep
 * one; a way is a kernel that evaluates it. Both are rows of tables in ways.c.
 */
#ifndef AQI_MODEL_WAY_H
#define AQI_MODEL_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct aqi_forest;
struct aqi_measure;

/*
 * Where a kernel is named, NULL is the only one there is. One that is asked for
 * is for this processor.
 */
struct aqi_method {
	const char *name;	/* first word of its ways' names */
	const struct aqi_block_kind *kind;	/* NULL: makes no blocks */

	/* Is the kernel for this processor? NULL: they all are. */
	bool (*has_kernel)(const char *kernel);

	/*
	 * Why a forest has no such layout, to follow "which has": "more than
	 * 255 cuts of an input"; NULL: it has one, or the making finds out.
	 */
	const char *(*unfit)(const struct aqi_measure *measure);

	/* *layout, out: NULL when the making finds out that the forest has no
	 * such layout. Fails without memory only. */
	enum aqi_status (*make)(const struct aqi_forest *forest,
				const char *kernel, void **layout,
				struct aqi_error *err);

	/*
	 * A layout upon a block that was made of this forest and is to outlive
	 * it. All of it is checked: what passes predicts finite numbers,
	 * whoever wrote it. NULL: AQI_E_MODEL, AQI_E_MEMORY.
	 */
	void *(*adopt)(struct aqi_slice block, const struct aqi_forest *forest,
		       const char *kernel, struct aqi_error *err);

	/* The block of a layout, borrowed from it; the same for all kernels. */
	struct aqi_slice (*bytes)(const void *layout);

	/* As aqi_forest_predict. */
	void (*predict)(const void *layout, const double *x, size_t n_rows,
			double *margin);

	void (*free)(void *layout);
};

struct aqi_way {
	const char *name;
	const struct aqi_method *method;	/* NULL: the forest itself */
	const char *kernel;

	/*
	 * About how many ns a row costs, of n_rows at once: to compare ways,
	 * fitted to what one machine of 2021 took.
	 */
	double (*cost)(const struct aqi_measure *measure, size_t n_rows);
};

#endif
