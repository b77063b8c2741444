#include "model/trees.h"

#include <stdbool.h>

#include "model/foreign.h"
#include "model/lightgbm.h"
#include "model/onnx.h"
#include "model/xgboost.h"

const char *const aqi_trees_formats[] = {
	"xgboost-json", "xgboost-ubjson", "lightgbm-text", "onnx", NULL
};

/*
 * For so many bytes a thread is started, which takes as long as reading some
 * 50,000. Less of it would help small files little; more would leave threads
 * unused that are there.
 */
#define SHARE_SIZE ((size_t)256 * 1024)

size_t
aqi_trees_shares(const struct aqi_trees_options *options, size_t size)
{
	size_t n = options ? options->n_threads : 1;

	if (n > AQI_TREES_SHARES)
		n = AQI_TREES_SHARES;
	if (n > size / SHARE_SIZE)
		n = size / SHARE_SIZE;
	return n > 0 ? n : 1;
}

/* What is not counted: a program, its stack, texts and names. */
#define OTHER_SIZE ((size_t)8 << 20)

size_t
aqi_trees_memory(size_t size)
{
	return 9 * size + ((size_t)32 << 20) - OTHER_SIZE;
}

/* Its trees have no statistics. */
static enum aqi_status
read_onnx(struct aqi_slice bytes, const struct aqi_trees_options *options,
	  struct aqi_arena *arena, struct aqi_trees *trees,
	  struct aqi_error *err)
{
	(void)options;
	return aqi_onnx_read(bytes, arena, trees, err);
}

/* The first that a file may be is the one that reads it. */
static const struct format {
	const char *name;
	bool (*may_be)(struct aqi_slice bytes);
	enum aqi_status (*read)(struct aqi_slice bytes,
				const struct aqi_trees_options *options,
				struct aqi_arena *arena,
				struct aqi_trees *trees,
				struct aqi_error *err);
} formats[] = {
	{"lightgbm-text", aqi_lightgbm_is_model, aqi_lightgbm_read},
	{"onnx", aqi_onnx_is, read_onnx},
	{"xgboost-ubjson", aqi_xgboost_is_ubjson, aqi_xgboost_read},
	{"xgboost-json", aqi_xgboost_is_json, aqi_xgboost_read},
};

#define N_FORMATS (sizeof formats / sizeof formats[0])

enum aqi_status
aqi_trees_read(struct aqi_slice bytes, const struct aqi_trees_options *options,
	       struct aqi_arena *arena, struct aqi_trees *trees,
	       struct aqi_error *err)
{
	enum aqi_status status;

	*trees = (struct aqi_trees){0};
	for (size_t i = 0; i < N_FORMATS; i++) {
		if (!formats[i].may_be(bytes))
			continue;
		status = formats[i].read(bytes, options, arena, trees, err);
		trees->format = formats[i].name;
		return status;
	}
	return aqi_foreign_refuse(bytes, err);
}

bool
aqi_trees_read_file(const char *path, size_t limit,
		    const struct aqi_trees_options *options,
		    struct aqi_arena *arena, struct aqi_trees *trees)
{
	return options && options->skips_statistics &&
	       aqi_lightgbm_read_file(path, limit, options, arena, trees);
}
