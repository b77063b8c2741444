#include "model/lightgbm.h"

#include <stdio.h>

#include "model/forest.h"
#include "model/lightgbm_forest.h"
#include "model/lightgbm_header.h"
#include "model/lightgbm_line.h"
#include "model/lightgbm_scan.h"
#include "model/lightgbm_value.h"
#include "model/lightgbm_window.h"
#include "model/names.h"
#include "model/trees.h"
#include "record/utf8.h"

bool
aqi_lightgbm_is_model(struct aqi_slice bytes)
{
	return bytes.size >= 5 && memcmp(bytes.data, "tree", 4) == 0 &&
	       (bytes.data[4] == '\n' ||
		(bytes.size >= 6 && bytes.data[4] == '\r' &&
		 bytes.data[5] == '\n'));
}

/* Column_0 Column_1 ...: what LightGBM calls inputs without names. */
static bool
are_given(struct aqi_slice names)
{
	struct aqi_slice name;
	char usual[32];

	for (size_t i = 0; aqi_lightgbm_value(&names, &name); i++) {
		snprintf(usual, sizeof usual, "Column_%zu", i);
		if (!aqi_slice_is(name, usual))
			return true;
	}
	return false;
}

static enum aqi_status
check_twice(const struct aqi_slice *names, size_t n, struct aqi_error *err)
{
	struct aqi_slice twice;
	char quoted[AQI_QUOTED_SIZE];

	if (aqi_names_find_twice(names, n, &twice, err) != AQI_OK)
		return AQI_FATAL;
	return !twice.data ? AQI_OK :
	       aqi_error_set(err, AQI_E_MODEL,
			     "feature_names: %s is there twice",
			     aqi_error_quote(quoted, twice));
}

static enum aqi_status
read_names(const struct aqi_lightgbm_header *header, struct aqi_arena *arena,
	   struct aqi_trees *trees, struct aqi_error *err)
{
	struct aqi_slice names = header->names, name;

	if (aqi_utf8_check(names) != names.size)
		return aqi_error_set(err, AQI_E_MODEL,
				     "feature_names: not UTF-8");
	if (!are_given(names))
		return AQI_OK;
	trees->names = aqi_arena_array(arena, header->n_inputs,
				       sizeof *trees->names);
	names = aqi_arena_copy(arena, names);
	if (!trees->names || !names.data)
		return aqi_error_memory(err);
	for (size_t i = 0; aqi_lightgbm_value(&names, &name); i++)
		trees->names[i] = name;
	trees->n_names = header->n_inputs;
	return check_twice(trees->names, trees->n_names, err);
}

static enum aqi_status
read_texts(const struct aqi_lightgbm_header *header, struct aqi_arena *arena,
	   struct aqi_trees *trees, struct aqi_error *err)
{
	if (read_names(header, arena, trees, err) != AQI_OK)
		return AQI_FATAL;
	trees->writer = aqi_arena_copy(arena, header->version);
	if (!trees->writer.data)
		return aqi_error_memory(err);
	if (header->objective.size == 0)
		return AQI_OK;
	if (aqi_utf8_check(header->objective) != header->objective.size)
		return aqi_error_set(err, AQI_E_MODEL, "objective: not UTF-8");
	trees->objective = aqi_arena_copy(arena, header->objective);
	return trees->objective.data ? AQI_OK : aqi_error_memory(err);
}

/*
 * Of a random forest the average is taken, before the objective's function. Up
 * to version 2.2.2, whose files are v2 as well as later ones, that function was
 * applied to each leaf in training, and not to the average. Which of the two a
 * file is, its leaves tell where they are probabilities, and else nothing does.
 */
static enum aqi_status
make_average(struct aqi_slice bytes, const struct aqi_lightgbm_header *header,
	     struct aqi_link *link, struct aqi_error *err)
{
	const size_t n = aqi_lightgbm_scan_trees(bytes) / header->n_margins;

	/* Without trees any will do, until they are found missing. */
	link->divisor = n > 0 ? (double)n : 1;
	if (!aqi_slice_is(header->version, "v2") ||
	    link->kind == AQI_LINK_IDENTITY)
		return AQI_OK;
	if (link->kind != AQI_LINK_LOGISTIC && link->kind != AQI_LINK_SOFTMAX)
		return aqi_error_set(err, AQI_E_MODEL,
				     "average_output: of a file of version v2 "
				     "with this objective nothing tells "
				     "whether the leaves are outputs already");
	if (aqi_lightgbm_scan_is_probable(bytes)) {
		link->kind = AQI_LINK_IDENTITY;
		link->slope = 1;
	}
	return AQI_OK;
}

static enum aqi_status
read_model(const struct aqi_lightgbm_lines *lines,
	   const struct aqi_lightgbm_header *header, struct aqi_slice bytes,
	   const struct aqi_trees_options *options, struct aqi_slice *looked_at,
	   struct aqi_trees *trees, struct aqi_error *err)
{
	const bool skips_statistics = options && options->skips_statistics;
	struct aqi_forest_shape shape = {
		.is_wide = true,
		.has_covers = !skips_statistics &&
			      aqi_lightgbm_scan_has(bytes, "internal_count"),
		.has_gains = !skips_statistics &&
			     aqi_lightgbm_scan_has(bytes, "split_gain"),
		.n_inputs = header->n_inputs,
		.n_margins = header->n_margins,
		.link = header->link,
	};
	const struct aqi_lightgbm_source source = {
		.bytes = bytes, .size = bytes.size, .lines = lines,
		.header = header, .shape = &shape,
		.skips_statistics = skips_statistics,
		/* One thread writes plain trees where they are to be, and is
		 * done before several have joined theirs. */
		.n_shares = skips_statistics ? 1 :
			    aqi_trees_shares(options, bytes.size),
		.most = aqi_trees_memory(bytes.size),
	};

	if (header->is_average &&
	    make_average(bytes, header, &shape.link, err) != AQI_OK)
		return AQI_FATAL;
	trees->forest = aqi_lightgbm_forest_read(&source, looked_at, err);
	return trees->forest ? AQI_OK : AQI_FATAL;
}

/* The first NUL, but for a part that holds none. */
static const char *
find_nul(struct aqi_slice bytes, struct aqi_slice part)
{
	const char *behind = bytes.data + bytes.size, *nul;

	if (!part.data)
		return memchr(bytes.data, '\0', bytes.size);
	nul = memchr(bytes.data, '\0', (size_t)(part.data - bytes.data));
	part.data += part.size;
	return nul ? nul :
	       memchr(part.data, '\0', (size_t)(behind - part.data));
}

static enum aqi_status
read_all(struct aqi_slice bytes, const struct aqi_trees_options *options,
	 struct aqi_slice *looked_at, struct aqi_arena *arena,
	 struct aqi_trees *trees, struct aqi_error *err)
{
	struct aqi_lightgbm_header header;
	struct aqi_lightgbm_lines lines;

	aqi_lightgbm_lines_open(&lines, bytes);
	if (aqi_lightgbm_header_read(&lines, &header, err) != AQI_OK ||
	    read_texts(&header, arena, trees, err) != AQI_OK)
		return AQI_FATAL;
	return read_model(&lines, &header, bytes, options, looked_at, trees,
			  err);
}

/* A NUL is what is said first of a file, but looked for last, as most of the
 * file is then known to have none. */
enum aqi_status
aqi_lightgbm_read(struct aqi_slice bytes,
		  const struct aqi_trees_options *options,
		  struct aqi_arena *arena, struct aqi_trees *trees,
		  struct aqi_error *err)
{
	struct aqi_slice looked_at = {NULL, 0};
	enum aqi_status status;
	const char *nul;

	*trees = (struct aqi_trees){.format = "lightgbm-text"};
	status = read_all(bytes, options, &looked_at, arena, trees, err);
	nul = find_nul(bytes, looked_at);
	if (!nul)
		return status;
	aqi_forest_free(trees->forest);
	*trees = (struct aqi_trees){.format = "lightgbm-text"};
	return aqi_error_set(err, AQI_E_MODEL, "byte %zu: a NUL byte",
			     (size_t)(nul - bytes.data));
}

/* Of 1.2 MB, two threads take as long as one, and of less longer. */
#define LEAST_SHARED ((size_t)2 << 20)

/* All but the check for a NUL before the trees. */
static bool
read_window(struct aqi_lightgbm_window *window, struct aqi_slice piece,
	    size_t n_shares, struct aqi_arena *arena, struct aqi_trees *trees)
{
	struct aqi_lightgbm_header header;
	struct aqi_lightgbm_lines lines;
	struct aqi_forest_shape shape = {.is_wide = true};
	const struct aqi_lightgbm_source source = {
		.bytes = piece, .window = window, .size = window->size,
		.lines = &lines, .header = &header, .shape = &shape,
		.skips_statistics = true, .n_shares = n_shares,
		.most = aqi_trees_memory(window->size),
	};

	aqi_lightgbm_lines_open(&lines, piece);
	if (aqi_lightgbm_header_read(&lines, &header, NULL) != AQI_OK ||
	    header.is_average || !header.sizes.data || !lines.line.data ||
	    read_texts(&header, arena, trees, NULL) != AQI_OK ||
	    memchr(piece.data, '\0', (size_t)(lines.line.data - piece.data)))
		return false;
	/* Of the header no more is needed, and the piece will be gone. */
	header.sizes = aqi_arena_copy(arena, header.sizes);
	shape.n_inputs = header.n_inputs;
	shape.n_margins = header.n_margins;
	shape.link = header.link;
	trees->forest = header.sizes.data ?
		aqi_lightgbm_forest_read(&source, NULL, NULL) : NULL;
	return trees->forest != NULL;
}

bool
aqi_lightgbm_read_file(const char *path, size_t limit,
		       const struct aqi_trees_options *options,
		       struct aqi_arena *arena, struct aqi_trees *trees)
{
	struct aqi_lightgbm_window window;
	struct aqi_slice piece;
	bool is_read = false;

	*trees = (struct aqi_trees){.format = "lightgbm-text"};
	if (!aqi_lightgbm_window_open(&window, path, limit, &piece))
		return false;
	if (options->n_threads > 1 && window.size >= LEAST_SHARED) {
		is_read = read_window(&window, piece, 2, arena, trees);
		if (!is_read &&
		    !aqi_lightgbm_window_rewind(&window, &piece))
			piece.size = 0;
	}
	if (!is_read && piece.size > 0) {
		*trees = (struct aqi_trees){.format = "lightgbm-text"};
		is_read = read_window(&window, piece, 1, arena, trees);
	}
	aqi_lightgbm_window_close(&window);
	return is_read;
}
