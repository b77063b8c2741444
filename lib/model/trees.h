/*
 * trees.h: what a tree file holds, whichever library wrote it.
 *
 * Read are XGBoost's JSON and UBJSON (model/xgboost.h), LightGBM's text
 * (model/lightgbm.h) and ONNX (model/onnx.h). What a file is, its first bytes
 * tell, not its name. Anything else is refused by what it is, with what to do
 * (model/foreign.h).
 */
#ifndef AQI_MODEL_TREES_H
#define AQI_MODEL_TREES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct aqi_forest;

/* What aqi_trees.format may be, and a manifest calls it; NULL at the end. */
extern const char *const aqi_trees_formats[];

struct aqi_trees {
	struct aqi_forest *forest;	/* the caller's: aqi_forest_free */
	const char *format;		/* "xgboost-json", ...; static */
	struct aqi_slice objective;	/* as the file says it; may be empty */
	struct aqi_slice writer;	/* "3.4.1", "v4"; may be empty */
	struct aqi_slice *names;	/* (n_names,) of the inputs */
	size_t n_names;			/* n_inputs, or 0: it names none */
	struct aqi_slice *labels;	/* (n_labels,) of the classes */
	size_t n_labels;		/* its outputs, or 0: they have none */
};

/* How a file is read. Zeros: all of it. */
struct aqi_trees_options {
	/*
	 * A prediction needs no statistics of training: how many samples a node
	 * had, what a split gained. They are half of a file. Passed over, they
	 * are not in the forest, and need not be as they should.
	 */
	bool skips_statistics;
	size_t n_threads;	/* at most; 0 is 1. What is read, and what is
				 * told of a fault, do not depend on it */
};

/* More threads are not taken; a file has them by its size. */
#define AQI_TREES_SHARES 16

/* Among how many threads a file of that size is shared. */
size_t aqi_trees_shares(const struct aqi_trees_options *options, size_t size);

/*
 * How many bytes may be taken while a file of that size is read, its own aside.
 * With these and what a program takes itself, that is ten times the file and
 * 32 MB, whatever is in it; what needs more is refused (AQI_E_LIMIT). What the
 * libraries write of trees takes less than half of it.
 */
size_t aqi_trees_memory(size_t size);

/*
 * Read a model. Texts are put in arena; the bytes are not needed later.
 *
 * options  may be NULL
 *
 * Fails with AQI_E_MODEL: "tree T node N: reason", "byte B: reason" (from 0)
 * where the format itself is broken, or the key that is wrong; AQI_E_LIMIT;
 * AQI_E_MEMORY. trees->forest is NULL then.
 */
enum aqi_status aqi_trees_read(struct aqi_slice bytes,
			       const struct aqi_trees_options *options,
			       struct aqi_arena *arena,
			       struct aqi_trees *trees,
			       struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Read a model from a file of at most `limit` bytes, where there is a quicker
 * way than to have all of it in memory: of large regular files of LightGBM, if
 * statistics are passed over. What it makes is what the other makes of the
 * bytes. false: there is none, or anything is wrong, which the other then
 * tells.
 */
bool aqi_trees_read_file(const char *path, size_t limit,
			 const struct aqi_trees_options *options,
			 struct aqi_arena *arena, struct aqi_trees *trees);

#endif
