#include "model/bundle.h"

#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

#include "base/file.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "model/block.h"
#include "model/compiled.h"
#include "model/engine.h"
#include "model/forest.h"
#include "model/locate.h"
#include "model/manifest.h"
#include "model/naming.h"
#include "model/trees.h"

#define DEFAULT_MODEL "production"
/* As JSON in memory, it may take fifty times as much. */
#define MAX_MANIFEST ((size_t)512 << 10)
#define MAX_TREES ((size_t)1 << 30)

/* Say in which file of a bundle the error is. */
static enum aqi_status
in_file(struct aqi_error *err, const struct aqi_location *location,
	struct aqi_slice file)
{
	struct aqi_error inner;
	const char *folder = location->was_searched ? location->path : "";
	const char *slash = location->was_searched ? "/" : "";

	if (!err || err->code != AQI_E_MODEL)
		return AQI_FATAL;
	inner = *err;
	return aqi_error_set(err, AQI_E_MODEL, "%.120s%s%.*s: %.180s", folder,
			     slash, (int)(file.size < 60 ? file.size : 60),
			     file.data, inner.reason);
}

/* The path of a file in a bundle's folder, terminated. */
static char *
join(struct aqi_model *model, const char *folder, struct aqi_slice file)
{
	size_t n = strlen(folder);
	char *path = aqi_arena_alloc(&model->arena, n + file.size + 2);

	if (!path)
		return NULL;
	memcpy(path, folder, n);
	path[n] = '/';
	memcpy(path + n + 1, file.data, file.size);
	path[n + 1 + file.size] = '\0';
	return path;
}

static enum aqi_status
load_manifest(struct aqi_model *model, const char *folder,
	      struct aqi_error *err)
{
	struct aqi_buffer text;
	char *path = join(model, folder, aqi_slice_of("manifest.json"));
	enum aqi_status status;

	if (!path)
		return aqi_error_memory(err);
	if (aqi_file_load(path, MAX_MANIFEST, AQI_E_MODEL, &text, err))
		return AQI_FATAL;
	status = aqi_manifest_read(aqi_buffer_slice(&text), model, err);
	aqi_buffer_free(&text);
	return status;
}

static struct aqi_trees_options
how_to_read(const struct aqi_model_options *options)
{
	return (struct aqi_trees_options){
		.skips_statistics = options->skips_statistics,
		.n_threads = options->n_threads ? options->n_threads :
			     aqi_pool_processors(),
	};
}

static enum aqi_status
load_trees(struct aqi_model *model, const char *path,
	   const struct aqi_model_options *options, struct aqi_slice bytes,
	   struct aqi_trees *trees, struct aqi_error *err)
{
	const struct aqi_trees_options how = how_to_read(options);
	enum aqi_status status =
		aqi_trees_read(bytes, &how, &model->arena, trees, err);

	model->forest = model->owned = trees->forest;
	model->trees_path = path;
	return status;
}

/* What the trees' file says besides; texts are in the model's arena already. */
static void
take_texts(struct aqi_model *model, const struct aqi_trees *trees)
{
	model->format = trees->format ? trees->format : "";
	if (trees->objective.data)
		model->objective = trees->objective;
	if (trees->writer.data)
		model->writer = trees->writer;
	model->labels = trees->labels;
	model->n_labels = trees->n_labels;
}

/* The trees' file of a bundle, which is read and compared at the same time. */
struct trees_file {
	struct aqi_model *model;
	const struct aqi_model_options *options;
	const char *path;
	struct aqi_slice bytes;
	struct aqi_trees *trees;
	struct aqi_error *err;
	enum aqi_status status;
	char hash[AQI_SHA256_SIZE];
};

static void
hash_file(void *self)
{
	struct trees_file *file = self;

	aqi_sha256(file->bytes, file->hash);
}

static void
read_file(void *self)
{
	struct trees_file *file = self;

	file->status = load_trees(file->model, file->path, file->options,
				  file->bytes, file->trees, file->err);
}

/*
 * From so many bytes on by another thread, where there may be some. It takes
 * 0.6 ms for a million of them, or 5 where the processor has no steps of it:
 * less than that, and an idle processor is not worth looking for.
 */
#define HASH_ALONE ((size_t)4 << 20)

static void
hash_and_read(struct trees_file *file)
{
	struct aqi_job jobs[] = {
		{.run = read_file, .self = file},
		{.run = hash_file, .self = file},
	};

	if (file->options->n_threads != 1 && file->bytes.size > HASH_ALONE) {
		aqi_pool_share(jobs, 2);
		return;
	}
	hash_file(file);
	read_file(file);
}

/* The trees must be those that the manifest was written for: that comes first,
 * whatever else is wrong with them. */
static enum aqi_status
load_file_of(struct trees_file *file)
{
	const struct aqi_slice wanted = file->model->trees_sha256;

	if (wanted.size == 0) {
		read_file(file);
		return file->status;
	}
	hash_and_read(file);
	if (strncasecmp(file->hash, wanted.data, wanted.size) == 0)
		return file->status;
	return aqi_error_set(file->err, AQI_E_MODEL, "the sha256 is %s, but "
			     "%.*s in the manifest", file->hash,
			     (int)wanted.size, wanted.data);
}

static enum aqi_status
check_format(const struct aqi_model *model, const struct aqi_trees *trees,
	     struct aqi_error *err)
{
	if (strcmp(trees->format, model->format) == 0)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL, "the format is %s, but %s in "
			     "the manifest", trees->format, model->format);
}

static enum aqi_status
load_folder(struct aqi_model *model, const struct aqi_location *location,
	    const struct aqi_model_options *options, struct aqi_error *err)
{
	struct aqi_trees trees = {0};
	struct aqi_buffer file;
	enum aqi_status status;
	char *path;

	if (load_manifest(model, location->path, err) != AQI_OK)
		return in_file(err, location, aqi_slice_of("manifest.json"));
	path = join(model, location->path, model->trees_file);
	if (!path)
		return aqi_error_memory(err);
	status = aqi_file_load(path, MAX_TREES, AQI_E_MODEL, &file, err);
	if (status == AQI_OK)
		status = load_file_of(&(struct trees_file){
			.model = model, .options = options, .path = path,
			.bytes = aqi_buffer_slice(&file), .trees = &trees,
			.err = err,
		});
	aqi_buffer_free(&file);
	if (status != AQI_OK || check_format(model, &trees, err) != AQI_OK ||
	    aqi_naming_check(model, &trees, err) != AQI_OK)
		return in_file(err, location, model->trees_file);
	take_texts(model, &trees);
	model->has_names = true;
	model->path = aqi_slice_of(location->path);
	return AQI_OK;
}

static enum aqi_status
load_builtin(struct aqi_model *model, const struct aqi_location *location,
	     struct aqi_error *err)
{
	const struct aqi_slice file =
		aqi_locate_builtin(aqi_slice_of(location->path));

	if (!file.data)
		return aqi_error_set(err, AQI_E_MODEL,
				     "not compiled into this program");
	return aqi_compiled_adopt(file, model, err);
}

/* The file's name without its folder and ending. */
static struct aqi_slice
stem(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot;

	path = slash ? slash + 1 : path;
	dot = strrchr(path, '.');
	if (dot && dot > path)
		return (struct aqi_slice){path, (size_t)(dot - path)};
	return aqi_slice_of(path);
}

/*
 * The trees of a bundle by themselves would load, and predict something else
 * than the bundle: the manifest beside them may name a transform. That it
 * cannot be read is no fault here, unless memory ran out: it might name them.
 */
static enum aqi_status
refuse_part(struct aqi_model *model, const char *path, struct aqi_error *err)
{
	const char *slash = strrchr(path, '/');
	struct aqi_slice folder = slash ?
		(struct aqi_slice){path, (size_t)(slash - path)} :
		aqi_slice_of(".");
	struct aqi_model bundle = {0};
	struct aqi_error why = {0};
	char *copy = aqi_arena_alloc(&model->arena, folder.size + 1);
	bool names_it;

	if (!copy)
		return aqi_error_memory(err);
	memcpy(copy, folder.data, folder.size);
	copy[folder.size] = '\0';
	names_it = load_manifest(&bundle, copy, &why) == AQI_OK &&
		   aqi_slice_is(bundle.trees_file, slash ? slash + 1 : path);
	aqi_arena_free(&bundle.arena);
	if (why.code == AQI_E_MEMORY)
		return aqi_error_memory(err);
	if (names_it)
		return aqi_error_set(err, AQI_E_MODEL, "these are the trees of "
				     "a bundle, whose manifest.json says how "
				     "to use them; give the folder");
	return AQI_OK;
}

static enum aqi_status
check_bare(struct aqi_model *model, const struct aqi_location *location,
	   const struct aqi_model_options *options, struct aqi_error *err)
{
	return options->inputs || options->takes_any ? AQI_OK :
	       refuse_part(model, location->path, err);
}

static enum aqi_status
finish_bare(struct aqi_model *model, const struct aqi_location *location,
	    const struct aqi_model_options *options,
	    const struct aqi_trees *trees, struct aqi_error *err)
{
	take_texts(model, trees);
	model->name = stem(location->path);
	model->allows_missing = true;
	return aqi_naming_take(model, trees, options, err);
}

static enum aqi_status
load_bare(struct aqi_model *model, const struct aqi_location *location,
	  const struct aqi_model_options *options, struct aqi_slice bytes,
	  struct aqi_error *err)
{
	struct aqi_trees trees;

	if (check_bare(model, location, options, err) != AQI_OK ||
	    load_trees(model, location->path, options, bytes, &trees, err))
		return AQI_FATAL;
	return finish_bare(model, location, options, &trees, err);
}

/* The same where the file need not be in memory as a whole: it has been read
 * by then. */
static enum aqi_status
take_bare(struct aqi_model *model, const struct aqi_location *location,
	  const struct aqi_model_options *options,
	  const struct aqi_trees *trees, struct aqi_error *err)
{
	model->forest = model->owned = trees->forest;
	model->trees_path = location->path;
	if (check_bare(model, location, options, err) != AQI_OK)
		return AQI_FATAL;
	return finish_bare(model, location, options, trees, err);
}

static enum aqi_status
refuse_names(struct aqi_error *err)
{
	return aqi_error_set(err, AQI_E_USAGE,
			     "--inputs is for a tree file by itself; this is "
			     "a bundle, whose manifest names them");
}

/* Take over the bytes of a compiled file, or a copy at a place they can be. */
static enum aqi_status
take_bytes(struct aqi_model *model, struct aqi_buffer *file,
	   struct aqi_error *err)
{
	if ((uintptr_t)file->data % AQI_BLOCK_ALIGN != 0) {
		model->bytes = aqi_block_alloc(file->size);
		if (!model->bytes)
			return aqi_error_memory(err);
		memcpy(model->bytes, file->data, file->size);
		return AQI_OK;
	}
	model->bytes = file->data;
	*file = (struct aqi_buffer){.size = file->size};
	return AQI_OK;
}

static enum aqi_status
load_compiled(struct aqi_model *model, const struct aqi_model_options *options,
	      struct aqi_buffer *file, struct aqi_error *err)
{
	struct aqi_trees trees = {0};

	if (take_bytes(model, file, err) != AQI_OK ||
	    aqi_compiled_adopt((struct aqi_slice){model->bytes, file->size},
			       model, err) != AQI_OK)
		return AQI_FATAL;
	if (model->manifest.size > 0)
		return options->inputs ? refuse_names(err) : AQI_OK;
	if (model->has_names) {
		trees.names = model->inputs;
		trees.n_names = model->n_inputs;
	}
	return aqi_naming_take(model, &trees, options, err);
}

static enum aqi_status
load_file(struct aqi_model *model, const struct aqi_location *location,
	  const struct aqi_model_options *options, struct aqi_error *err)
{
	const struct aqi_trees_options how = how_to_read(options);
	struct aqi_trees trees;
	struct aqi_buffer file;
	enum aqi_status status;

	model->path = aqi_slice_of(location->path);
	if (aqi_trees_read_file(location->path, MAX_TREES, &how, &model->arena,
				&trees))
		return take_bare(model, location, options, &trees, err);
	if (aqi_file_load(location->path, MAX_TREES, AQI_E_MODEL, &file, err))
		return AQI_FATAL;
	if (aqi_compiled_is_begun(aqi_buffer_slice(&file)))
		status = load_compiled(model, options, &file, err);
	else
		status = load_bare(model, location, options,
				   aqi_buffer_slice(&file), err);
	aqi_buffer_free(&file);
	return status;
}

static enum aqi_status
load_at(struct aqi_model *model, const struct aqi_location *location,
	const struct aqi_model_options *options, struct aqi_error *err)
{
	if (location->place == AQI_PLACE_FILE)
		return load_file(model, location, options, err);
	if (options->inputs)
		return refuse_names(err);
	if (location->place == AQI_PLACE_FOLDER)
		return load_folder(model, location, options, err);
	return load_builtin(model, location, err);
}

/* A prediction is one number, and not the number of a class. */
static enum aqi_status
check_output(const struct aqi_model *model, struct aqi_error *err)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(model->forest);
	const size_t n = shape.link.kind == AQI_LINK_ARGMAX ? shape.n_margins :
			 aqi_model_outputs(model);

	if (n == 1 && shape.link.kind != AQI_LINK_ARGMAX)
		return AQI_OK;
	return aqi_error_set(err, AQI_E_MODEL,
			     "%zu outputs; a prediction is one: see "
			     "aqi-model eval for all of them", n);
}

/* The model asked for; NULL: the one of this program. */
static const char *
asked_for(const struct aqi_model_options *options)
{
	const char *name = options->name;

	if (!name || !*name)
		name = getenv("AQI_MODEL");
	if (!name || !*name)
		name = getenv("MODEL_PATH");
	return name && *name ? name : NULL;
}

static enum aqi_status
locate(const char *name, const struct aqi_model_options *options,
       struct aqi_arena *arena, struct aqi_location *location,
       struct aqi_error *err)
{
	if (!name) {
		*location = (struct aqi_location){
			.place = AQI_PLACE_BUILTIN, .path = DEFAULT_MODEL
		};
		return AQI_OK;
	}
	if (options->is_path)
		return aqi_locate_path(name, arena, location, err);
	return aqi_locate(name, arena, location, err);
}

/* One of which nothing is known yet. */
static struct aqi_model *
new_model(struct aqi_error *err)
{
	struct aqi_model *model = calloc(1, sizeof *model);

	if (!model) {
		aqi_error_memory(err);
		return NULL;
	}
	model->version = model->description = model->licence =
		model->revision = model->target = model->objective =
		model->writer = aqi_slice_of("");
	model->standard = aqi_slice_of("us-epa");
	model->format = "";
	return model;
}

static enum aqi_status
start_engine(struct aqi_model *model, const char *name, struct aqi_error *err)
{
	const struct aqi_engine_options options = {.name = name};

	model->engine = aqi_engine_new(model->forest, &options, err);
	if (!model->engine)
		return AQI_FATAL;
	/* One of a kind that is not known here is made anew when it is due. */
	for (size_t i = 0; i < model->n_layouts; i++)
		if (aqi_engine_adopt(model->engine, model->layouts[i], NULL))
			continue;
	return AQI_OK;
}

struct aqi_model *
aqi_model_load(const struct aqi_model_options *options, struct aqi_error *err)
{
	static const struct aqi_model_options none = {0};
	struct aqi_model *model = new_model(err);
	struct aqi_location location;
	const char *name;

	if (!model)
		return NULL;
	if (!options)
		options = &none;
	name = asked_for(options);
	if (locate(name, options, &model->arena, &location, err) == AQI_OK &&
	    load_at(model, &location, options, err) == AQI_OK &&
	    (options->takes_any || check_output(model, err) == AQI_OK) &&
	    start_engine(model, options->engine, err) == AQI_OK)
		return model;
	aqi_error_at(err, name ? name : DEFAULT_MODEL, 0, 0);
	aqi_model_free(model);
	return NULL;
}

/* Below zero a square would rise again; the target's root is never there. */
static void
square(bool is_wide, double *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = y[i] <= 0 ? 0 : is_wide ? y[i] * y[i] :
		       (double)((float)y[i] * (float)y[i]);
}

/* A link may be applied in place, and most models have one margin. */
static void
finish(const struct aqi_model *model, const double *margin, size_t n_rows,
       double *out)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(model->forest);

	aqi_link_apply(&shape.link, margin, shape.n_margins, n_rows, out);
	if (model->transform == AQI_TRANSFORM_SQUARE)
		square(shape.is_wide, out,
		       n_rows * aqi_link_outputs(&shape.link,
						 shape.n_margins));
}

void
aqi_model_predict(const struct aqi_model *model, const double *x,
		  size_t n_rows, double *y)
{
	aqi_engine_predict(model->engine, x, n_rows, y);
	finish(model, y, n_rows, y);
}

size_t
aqi_model_outputs(const struct aqi_model *model)
{
	const struct aqi_forest_shape shape = aqi_forest_shape(model->forest);

	return aqi_link_outputs(&shape.link, shape.n_margins);
}

void
aqi_model_evaluate(const struct aqi_model *model, const double *x,
		   size_t n_rows, double *margin, double *out)
{
	aqi_engine_predict(model->engine, x, n_rows, margin);
	finish(model, margin, n_rows, out);
}

void
aqi_model_free(struct aqi_model *model)
{
	if (!model)
		return;
	aqi_engine_free(model->engine);
	aqi_forest_free(model->owned);
	free(model->bytes);
	aqi_arena_free(&model->arena);
	free(model);
}
