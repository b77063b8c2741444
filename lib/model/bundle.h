/*
 * bundle.h: a model with all that is known about it.
 *
 * A bundle is a folder with manifest.json and the tree file it names. A tree
 * file by itself, a bare model, works too: its manifest is made up from what
 * it says, missing inputs are allowed and none is required. Either can be
 * compiled (model/compiled.h) into a file of its own, and is the same then, but
 * loaded in no time. The bundles of the project are compiled into the programs.
 *
 * manifest.json is an object: name, version, description, licence, standard,
 * revision, target (strings), lead_time_hours {from, to}, trees {file, format,
 * sha256}, output_transform ("none", "square"), inputs [{name, unit}, ...],
 * missing ("allow", "refuse"), min_inputs. Needed are name, trees, inputs and
 * missing; other keys are for other tools, which find them in `manifest`. The
 * format of the trees is one of model/trees.h, and must be what they are; where
 * there is a sha256, it must be that of their file.
 */
#ifndef AQI_MODEL_BUNDLE_H
#define AQI_MODEL_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "model/engine.h"

struct aqi_forest;

/* From the linked margin to the prediction. */
enum aqi_transform {
	AQI_TRANSFORM_NONE,
	AQI_TRANSFORM_SQUARE,	/* y * y, and 0 for y below 0 */
	AQI_TRANSFORM_LAST = AQI_TRANSFORM_SQUARE
};

/* Immutable after load; many threads may use it at once. */
struct aqi_model {
	struct aqi_slice name;
	struct aqi_slice version, description, licence;	/* may be empty */
	struct aqi_slice standard;	/* "us-epa" unless told */
	struct aqi_slice revision;	/* of the standard; may be empty */
	struct aqi_slice target;	/* what is predicted; may be empty */
	size_t lead_from_hours, lead_to_hours;	/* ahead; both 0: unknown */

	struct aqi_slice *inputs;	/* (n_inputs,) names, in order */
	struct aqi_slice *units;	/* (n_inputs,) may be empty */
	size_t n_inputs;
	bool has_names;			/* false: nobody named the inputs */
	size_t min_inputs;		/* fewer present: no prediction */
	bool allows_missing;

	const char *format;		/* of the trees: model/trees.h; "": a
					 * compiled model, which does not say */
	struct aqi_slice objective, writer;	/* may be empty */
	struct aqi_slice *labels;	/* (n_labels,) of classes, one an output
					 * each; n_labels 0: it has none */
	size_t n_labels;

	enum aqi_transform transform;
	const struct aqi_forest *forest;
	struct aqi_engine *engine;	/* what evaluates it */

	bool has_calibration;		/* its manifest has one */
	struct aqi_slice manifest;	/* its text; empty for a bare model */
	struct aqi_slice trees_file;	/* in the folder; may be empty */
	struct aqi_slice trees_sha256;	/* 64 hex digits; may be empty */
	struct aqi_slice path;		/* folder or file; empty: built in */
	const char *trees_path;		/* of their file; NULL: built in */

	struct aqi_slice layouts[AQI_ENGINE_LAYOUTS];	/* (n_layouts,) of a */
	size_t n_layouts;		/* compiled model, adopted by engine */
	struct aqi_forest *owned;
	void *bytes;			/* of a compiled file; else NULL */
	struct aqi_arena arena;
};

struct aqi_model_options {
	/*
	 * Which model; NULL or empty: $AQI_MODEL, else $MODEL_PATH, else
	 * "production". A name with a slash or a file ending is a path. A bare
	 * one is looked up in $AQI_MODELS_DIR, $XDG_DATA_HOME/aqi/models
	 * (~/.local/share/aqi/models), ../share/aqi/models as seen from the
	 * program's folder, and among those compiled in; never in the current
	 * folder.
	 */
	const char *name;
	bool is_path;		/* name is a path, whatever it looks like */
	const struct aqi_slice *inputs;	/* names for a bare model, or NULL */
	size_t n_inputs;
	const char *engine;	/* the way to evaluate it, or NULL: as in
				 * model/engine.h */
	/*
	 * To be looked at, rather than to predict an index: it may have several
	 * outputs, inputs that nobody names ("f0", "f1", ... then), and be the
	 * trees of a bundle without the rest of it.
	 */
	bool takes_any;
	/*
	 * To predict only: of a tree file, what training has left about its
	 * nodes is passed over, as model/trees.h says. Such a model cannot
	 * explain, and its block is another.
	 */
	bool skips_statistics;
	size_t n_threads;	/* to read a large tree file; 0: one a
				 * processor */
};

/*
 * Find and load a model. options may be NULL. Fails with AQI_E_MODEL (the
 * message says where it looked, or what is wrong in which file), AQI_E_USAGE
 * (inputs given that do not fit, or needed and not given), AQI_E_MEMORY;
 * err->file is the name asked for. aqi_model_free gives it up.
 *
 * Reads the environment; nothing but the files of the model is opened.
 */
struct aqi_model *aqi_model_load(const struct aqi_model_options *options,
				 struct aqi_error *err) AQI_MUST_CHECK;

/*
 * Predict n_rows samples.
 *
 * x  (n_rows, n_inputs) row-major; NaN means missing
 * y  (n_rows,), out: on the scale of the model's standard
 *
 * Cannot fail and does not allocate. y is finite, but for three cases in which
 * it is infinite: an exponential link or a square that the width of the model
 * does not hold, and leaves that are functions of an input beyond measure. Many
 * rows at a time are predicted faster once aqi_engine_prepare was asked.
 */
void aqi_model_predict(const struct aqi_model *model, const double *x,
		       size_t n_rows, double *y);

/* How many outputs a sample has: 1 unless options.takes_any allowed more. */
size_t aqi_model_outputs(const struct aqi_model *model);

/*
 * All that a model says of n_rows samples, as aqi_model_predict does.
 *
 * x       (n_rows, n_inputs)
 * margin  (n_rows, margins of the forest), out: the sums of the trees
 * out     (n_rows, aqi_model_outputs), out: linked and transformed
 */
void aqi_model_evaluate(const struct aqi_model *model, const double *x,
			size_t n_rows, double *margin, double *out);

void aqi_model_free(struct aqi_model *model);

#endif
